"""Calibration on history: every resolution's last tally, predicted from roll calls before that day.

    python benchmarks/backtest.py [--which last|before] [--families N] [--out FILE]

For every family with three or more iterations the tally of the target (its last iteration, or the one
before) is predicted for the members that voted in it, from a static fit of the contested roll calls dated
before that day: from three years before the previous iteration on, and from the one before that at least. The
text is taken to be that of the previous iteration. The forecast carries the error of positions and items, the
chance of every vote, member effects on the resolution where two earlier iterations are in the
fit, and item drift: the standard deviation by which items of the same window's resolutions moved from one
iteration to the next, beyond their errors. A member that the fit does not place votes as its group does.
Forecasts that also use state dependence, and means of member effects by seat history, are compared with it.

Three forecasts without a model are compared with it: as many yes as last time; the same share of yes; every
member repeating its last vote on the resolution, new ones voting as their group did last time.
"""

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

import voteshift as vs
from voteshift.likelihood.persistence import previous_votes
from voteshift.resolution.marginal import inflation
from voteshift.resolution.refit import fit_without
from voteshift.shift.account import iterations_of
from voteshift.shift.counterfactual import Counterfactual, latent_of, mix
from voteshift.shift.effect_draws import EffectForm, effect_counterfactual
from voteshift.shift.latent import chances
from voteshift.shift.poisson_multinomial import poisson_binomial

__all__ = ["Forecast", "forecast", "interval", "main", "naive", "summary"]

Floats = NDArray[np.float64]
MODELS = (
    "member effects and drift",
    "member effects",
    "state dependence and drift",
    "seat history, state dependence and drift",
    "drift",
    "positions alone",
)
FORMS = {
    "member effects": EffectForm(state_dependence=False, by_seats=False),
    "state dependence": EffectForm(by_seats=False),
    "seat history, state dependence": EffectForm(),
}
NAIVE = ("same as last time", "same share", "repeat own vote")
COVERAGE = 0.8
_YEARS = 3
_DRAWS = 500


@dataclass(frozen=True)
class Forecast:
    """One tally, seen and predicted.

    `means` and `intervals` are of the yes count, by the names in `MODELS`; `naive` by those in `NAIVE`.
    """

    family: str
    target: str
    yes: int
    n: int
    unseen: int
    omega: float
    sd: float | None
    means: dict[str, float]
    intervals: dict[str, tuple[int, int]]
    naive: dict[str, float]


def interval(chance: Floats, coverage: float = COVERAGE) -> tuple[int, int]:
    """Return the central interval of a count from its distribution."""
    low, high = np.searchsorted(np.cumsum(chance), [(1 - coverage) / 2 + 1e-12, (1 + coverage) / 2 - 1e-12])
    return int(low), int(high)


def naive(votes: NDArray[np.int8], groups: NDArray[np.str_]) -> dict[str, float]:
    """Return the forecasts without a model.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_iterations)
        In order of date, the target last; of the target it is used only who voted.
    groups : ndarray of str, shape (n_members,)
    """
    past, who = votes[:, :-1], votes[:, -1] >= 0
    previous = past[:, -1]
    cast = previous >= 0
    share = float((previous[cast] == 2).mean())
    latest = np.full(len(votes), -1)
    for column in range(past.shape[1]):
        latest = np.where(past[:, column] >= 0, past[:, column], latest)
    repeated = 0.0
    for member in np.flatnonzero(who):
        alike = cast & (groups == groups[member])
        share_of_group = float((previous[alike] == 2).mean()) if alike.any() else share
        repeated += float(latest[member] == 2) if latest[member] >= 0 else share_of_group
    return {
        "same as last time": float((previous == 2).sum()),
        "same share": share * int(who.sum()),
        "repeat own vote": repeated,
    }


def drift(record: vs.RollCalls, fit: vs.IdealFit, seed: int) -> float:
    """Return omega: how far midpoints moved between iterations of one resolution, beyond their errors."""
    frame = record.rollcalls.loc[fit.encoded.rollcalls].sort_values("date", kind="stable")
    full = {
        name
        for name, categories in zip(fit.encoded.rollcalls, fit.encoded.categories, strict=True)
        if len(categories) > 2
    }
    pairs = []
    for family, part in frame[frame.index.isin(full)].groupby("family"):
        if family:
            pairs += list(zip(part.index[:-1], part.index[1:], strict=True))
    if not pairs:
        return 0.0
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    slots = {name: slot for slot, name in enumerate(names)}
    mode = fit.at_mode(names).cutpoints.mean(axis=-1)[0]
    spread = fit.draw(100, names, seed).cutpoints.mean(axis=-1).var(axis=0)
    old, new = ([slots[pair[end]] for pair in pairs] for end in (0, 1))
    moved, noise = mode[new] - mode[old], spread[new] + spread[old]

    def loss(omega: float) -> float:
        return float(np.sum(np.log(noise + omega**2) + moved**2 / (noise + omega**2)))

    return float(minimize_scalar(loss, bounds=(0.0, 10.0), method="bounded").x)


def forecast(
    record: vs.RollCalls, family: str, target: str, *, n_draws: int = _DRAWS, seed: int = 0
) -> Forecast:
    """Predict one tally from what was on record before its day."""
    frame = record.rollcalls
    order = list(iterations_of(record, family).rollcalls.index)
    day = frame.loc[target, "date"]
    earlier = [name for name in order if frame.loc[name, "date"] < day]
    since = frame.loc[earlier[-1], "date"] - pd.DateOffset(years=_YEARS)
    since = min([since, *(frame.loc[name, "date"] for name in earlier[-2:])])
    inside = (frame["date"] < day) & (frame["date"] >= since)
    window = record.select(rollcalls=frame.index[inside]).seated()
    fit = vs.IdealPoints().fit(window)
    fitted = [name for name in earlier if name in fit.encoded.rollcalls]
    if earlier[-1] not in fitted:
        raise vs.NotUsableError(f"the previous iteration {earlier[-1]} was not contested")
    encoded = fit.encoded
    votes = window.select(members=encoded.members, rollcalls=fitted).votes
    everyone = np.ones(len(votes), dtype=bool)
    present = [encoded.categories[column] for column in encoded.rollcalls.get_indexer(fitted)]
    latent = latent_of(fit.draw(n_draws, fitted, seed), present, everyone, moves=False)
    base = mix(fitted, encoded.members, votes, latent, None, present, fit.link, seed)
    omega = drift(window, fit, seed)
    step = omega * np.random.default_rng([seed, 3]).standard_normal(n_draws)
    with_effects, sd = _fit_effects(window, fit, base, n_draws, seed)
    cast = record.select(rollcalls=[target]).votes[:, 0] >= 0
    who = list(record.members.index[cast])
    groups = record.members["group"].fillna("").astype(str)
    votes_on_family = record.select(rollcalls=[*earlier, target]).votes
    latest = previous_votes(votes_on_family)[cast, -1]
    means, intervals = {}, {}
    for name in MODELS:
        tallies = with_effects.get(name.removesuffix(" and drift"), base)
        shift = step if "drift" in name else np.zeros(n_draws)
        yes = _chances(tallies, fit.link, shift)[..., 2]
        council = np.stack([_of(member, yes, tallies.members, groups) for member in who], axis=1)
        if tallies.latent.persistence is not None:
            repeats = np.where(latest >= 0, tallies.latent.persistence[:, None], 0.0)
            council = (1.0 - repeats) * council + repeats * (latest == 2)
        chance = poisson_binomial(council).mean(axis=0)
        means[name] = float(np.arange(len(chance)) @ chance)
        intervals[name] = interval(chance)
    return Forecast(
        family=family,
        target=target,
        yes=int((votes_on_family[:, -1] == 2).sum()),
        n=len(who),
        unseen=sum(member not in encoded.members for member in who),
        omega=omega,
        sd=sd,
        means=means,
        intervals=intervals,
        naive=naive(votes_on_family, groups.to_numpy(str)),
    )


def _fit_effects(
    window: vs.RollCalls, fit: vs.IdealFit, base: Counterfactual, n_draws: int, seed: int
) -> tuple[dict[str, Counterfactual], float | None]:
    """Return draws with every form of member effects, and sigma; nothing if there are no member effects."""
    if len(base.rollcalls) < 2:
        return {}, None
    try:
        # Who votes on this resolution alone has no position without it.
        others = fit_without(window, fit, list(base.rollcalls))
        kept = base.members.isin(others.encoded.members)
        part = replace(base, members=base.members[kept], votes=base.votes[kept])
        drawn = {
            name: effect_counterfactual(window, part, others, n_draws=n_draws, seed=seed, form=form)
            for name, form in FORMS.items()
        }
    except vs.NotUsableError:
        return {}, None
    return {name: tallies for name, (tallies, _) in drawn.items()}, drawn["member effects"][1].sd


def _chances(tallies: Counterfactual, link: str, step: Floats) -> Floats:
    """Probabilities on the last version without state dependence, its cutpoints moved by a step."""
    latent, last = tallies.latent, len(tallies.rollcalls) - 1
    if latent.effect_sd is not None:
        step = step * inflation(np.log(latent.effect_sd), link)
    return chances(replace(latent, cutpoints=latent.cutpoints + step[:, None, None]), last, last, link)


def _of(member: str, yes: Floats, placed: pd.Index, groups: pd.Series) -> Floats:
    """P(yes) of a member in every draw if it repeats no vote; of one never seen, the mean of its group."""
    row = placed.get_indexer([member])[0]
    if row >= 0:
        return yes[:, row]
    alike = (groups.reindex(placed) == groups[member]).to_numpy()
    return (yes[:, alike] if alike.any() else yes).mean(axis=1)


def families(record: vs.RollCalls) -> list[str]:
    """Return the families with three or more iterations."""
    listed = record.families()
    return [str(name) for name, row in listed.iterrows() if len(row["rollcalls"]) > 2]


def summary(forecasts: list[Forecast], *, seed: int = 0) -> dict[str, dict[str, float]]:
    """Return error and coverage by forecast, and paired differences with 90% bootstrap intervals."""
    yes = np.array([one.yes for one in forecasts], dtype=float)
    errors = {name: np.abs(np.array([one.means[name] for one in forecasts]) - yes) for name in MODELS}
    errors |= {name: np.abs(np.array([one.naive[name] for one in forecasts]) - yes) for name in NAIVE}
    rows = {}
    rng = np.random.default_rng(seed)
    chosen = rng.integers(len(forecasts), size=(2000, len(forecasts)))
    for name, error in errors.items():
        rows[name] = {"mae": float(error.mean())}
        if name in MODELS:
            ends = np.array([one.intervals[name] for one in forecasts])
            rows[name]["coverage"] = float(((ends[:, 0] <= yes) & (yes <= ends[:, 1])).mean())
            rows[name]["width"] = float((ends[:, 1] - ends[:, 0]).mean())
        if name != MODELS[0]:
            gain = errors[MODELS[0]] - error
            low, high = np.quantile(gain[chosen].mean(axis=1), [0.05, 0.95])
            rows[name] |= {"difference": float(gain.mean()), "low": float(low), "high": float(high)}
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Run the back-test and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--which", choices=["last", "before"], default="last")
    parser.add_argument("--families", type=int, default=None, help="only the first N families")
    parser.add_argument("--out", type=Path, default=None)
    asked = parser.parse_args(arguments)
    record = vs.load_hrc()
    forecasts, failed = [], {}
    for family in families(record)[: asked.families]:
        target = list(iterations_of(record, family).rollcalls.index)[-1 if asked.which == "last" else -2]
        try:
            forecasts.append(forecast(record, family, target))
        except vs.VoteshiftError as error:
            failed[family] = str(error)
        print(family, file=sys.stderr)
    document = {
        "which": asked.which,
        "voteshift": vs.__version__,
        "families": len(forecasts),
        "failed": failed,
        "summary": summary(forecasts),
        "forecasts": [vars(one) for one in forecasts],
    }
    if asked.out is not None:
        asked.out.write_text(json.dumps(document, indent=1), encoding="utf-8")
    print(f"{len(forecasts)} families, {asked.which} iteration; left out: {failed or 'none'}")
    print("| forecast | mean absolute error | 80% intervals cover | width | paired difference (90%) |")
    print("|---|---|---|---|---|")
    for name, row in document["summary"].items():
        cover = f"{100 * row['coverage']:.0f}% | {row['width']:.1f}" if "coverage" in row else " | "
        paired = f"{row['difference']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]" if "low" in row else ""
        print(f"| {name} | {row['mae']:.2f} | {cover} | {paired} |")


if __name__ == "__main__":
    main()
