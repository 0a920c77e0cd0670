"""Parts of covariates in simulated chambers: python benchmarks/covariate_parts.py.

    python benchmarks/covariate_parts.py --worlds 100 --out benchmarks/covariate_parts.json

90 members vote on 80 other roll calls, and 60 of them at a time on two versions of a resolution; 24 leave and
24 come in between. The position depends on a skewed covariate (slope .7), and members that come have a higher
covariate than those that leave. Noise and items are not drawn from the priors of the model. Kinds of worlds:

normal      normal residuals
heavy       residuals from a t distribution with 4 degrees of freedom
camps       residuals in two camps
gumbel      the noise of votes has a skewed (Gumbel) distribution, which no symmetric link has
unexplained the covariate has slope 0, and members that come have higher residuals

The true part of the covariates averages the true probabilities of votes over the true residuals. Prints, by
kind: mean true part of membership in yes votes, as a whole and of covariates; mean error; coverage of 90 %
intervals, also of the rest.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

import voteshift as vs
from voteshift.ideal import Covariates, Priors

__all__ = ["KINDS", "check", "main", "make_world", "summarise"]

Floats = NDArray[np.float64]
KINDS = ("normal", "heavy", "camps", "gumbel", "unexplained")
N_MEMBERS, N_SEATS, N_CHANGED, N_OTHERS = 90, 60, 24, 80
SLOPE, RESIDUAL_SD, N_RESIDUALS = 0.7, 0.7, 4000
#: Discrimination and cutpoints (no|abstain, abstain|yes) of the two versions.
VERSIONS = ((1.6, -1.0, -0.2), (2.2, -0.4, 0.7))


def draw_residuals(kind: str, size: int, rng: np.random.Generator) -> Floats:
    """Return residuals with mean 0 and standard deviation `RESIDUAL_SD`."""
    if kind == "heavy":
        raw = rng.standard_t(4, size) / np.sqrt(2)
    elif kind == "camps":
        raw = np.where(rng.random(size) < 0.5, -0.9, 0.9) + rng.normal(0, np.sqrt(1 - 0.81), size)
    else:
        raw = rng.standard_normal(size)
    return RESIDUAL_SD * raw


def probabilities(kind: str, x: Floats, item: tuple[float, float, float]) -> Floats:
    """Return P(no, abstain, yes), shape (..., 3)."""
    slope, low, high = item
    cuts = np.array([low, high]) - slope * x[..., None]
    # Gumbel noise with the mean and the variance of the logistic distribution.
    below = np.exp(-np.exp(-(cuts / np.sqrt(2) + np.euler_gamma))) if kind == "gumbel" else expit(cuts)
    ends = np.ones((*x.shape, 1))
    return np.diff(below, axis=-1, prepend=0 * ends, append=ends)


def draw_votes(kind: str, x: Floats, item: tuple[float, float, float], rng: np.random.Generator) -> Floats:
    """Return a vote of every member: 0 no, 1 abstain, 2 yes."""
    below = probabilities(kind, x, item).cumsum(axis=-1)[..., :2]
    return (rng.random(len(x))[:, None] > below).sum(axis=1)


def membership(chances: Floats, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> float:
    """Return the Shapley value of membership in yes votes; `chances` has the shape (2, n_members)."""
    return float(0.5 * ((new.astype(float) - old) * chances).sum())


def make_world(kind: str, seed: int) -> tuple[vs.RollCalls, pd.DataFrame, dict[str, float]]:
    """Return a record, the covariate, and the true parts of membership in yes votes."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    w = rng.gamma(4.0, 0.5, N_MEMBERS) - 2.0
    residual = draw_residuals(kind, N_MEMBERS, rng)
    slope = 0.0 if kind == "unexplained" else SLOPE
    # Members in the order of covariate plus chance, so that those that come are higher than those that leave.
    leading = residual / RESIDUAL_SD if kind == "unexplained" else w
    order = np.argsort(leading + rng.normal(0, 1.0, N_MEMBERS))
    leave, come = rng.choice(order[:45], N_CHANGED, False), rng.choice(order[45:], N_CHANGED, False)
    stay = rng.choice(np.setdiff1d(order, [*leave, *come]), N_SEATS - N_CHANGED, False)
    old, new = (np.isin(np.arange(N_MEMBERS), [*stay, *who]) for who in (leave, come))
    x = slope * w + residual
    centre, unit = x.mean(), x.std()
    votes = np.full((N_MEMBERS, N_OTHERS + 2), vs.Vote.NOT_MEMBER, dtype=np.int8)
    for column in range(N_OTHERS):
        beta = rng.choice([-1.0, 1.0]) * rng.uniform(0.6, 2.6)
        middle, gap = rng.uniform(-1.5, 1.5), rng.uniform(0.3, 1.2)
        votes[:, column] = draw_votes(kind, x, (beta, beta * middle - gap, beta * middle + gap), rng)
    for version, seated in enumerate((old, new)):
        votes[seated, N_OTHERS + version] = draw_votes(kind, x, VERSIONS[version], rng)[seated]
    whole = np.stack([probabilities(kind, x, item)[:, 2] for item in VERSIONS])
    others = draw_residuals(kind, N_RESIDUALS, rng)
    taken = np.stack(
        [probabilities(kind, slope * w[:, None] + others, item)[..., 2].mean(axis=1) for item in VERSIONS]
    )
    truth = {"positions": membership(whole, old, new), "covariates": membership(taken, old, new)}
    truth["rest"] = truth["positions"] - truth["covariates"]
    ids = [f"m{row:02d}" for row in range(N_MEMBERS)]
    years = [2016 + column % 6 for column in range(N_OTHERS)]
    rollcalls = pd.DataFrame(
        {
            "date": pd.to_datetime([*(f"{year}-06-01" for year in years), "2018-03-01", "2020-03-01"]),
            "title": [*(f"other {column}" for column in range(N_OTHERS)), "fish", "fish"],
            "family": [*(f"other-{column}" for column in range(N_OTHERS)), "fish", "fish"],
        },
        index=pd.Index([f"r{column:03d}" for column in range(N_OTHERS + 2)], name="rollcall"),
    )
    record = vs.RollCalls(
        votes,
        pd.DataFrame(index=pd.Index(ids, name="member")),
        rollcalls,
        polarity=ids[int(((x - centre) / unit).argmax())],
    )
    return record, pd.DataFrame({"member": ids, "trait": w}), truth


def check(kind: str, seed: int) -> pd.DataFrame:
    """Return estimates and truth of one world, one row per source."""
    record, traits, truth = make_world(kind, seed)
    spec = vs.IdealPoints(method="marginal", priors=Priors(positions=Covariates("~ trait", traits)))
    why = vs.explain(record, "fish", model=spec, draws=vs.Draws(1000, seed), member_effect=False)
    result = vs.checks.covariate_parts(why)
    if isinstance(result, vs.Unavailable):
        raise SystemExit(f"world {kind} {seed}: {result}")
    table = result.tidy().query("component == 'membership' and category == 'yes'").set_index("source")
    return table.assign(truth=pd.Series(truth)).reset_index()


def summarise(tables: list[pd.DataFrame]) -> dict[str, Any]:
    """Return mean truth, mean error and coverage by source."""
    whole = pd.concat(tables)
    covered = (whole["conf_low"] <= whole["truth"]) & (whole["truth"] <= whole["conf_high"])
    whole = whole.assign(covered=covered, error=whole["estimate"] - whole["truth"])
    document: dict[str, Any] = {"worlds": len(tables)}
    for source, part in whole.groupby("source", sort=False):
        document[str(source)] = {
            "truth": round(float(part["truth"].mean()), 2),
            "error": round(float(part["error"].mean()), 2),
            "rms": round(float(np.sqrt((part["error"] ** 2).mean())), 2),
            "coverage": round(float(100 * part["covered"].mean()), 1),
        }
    return document


def main() -> None:
    """Simulate the worlds, explain them and print the measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    document = {}
    for kind in options.kinds:
        document[kind] = summarise([check(kind, seed) for seed in range(1, options.worlds + 1)])
        print(f"{kind}: {json.dumps(document[kind])}", flush=True)
    if options.out:
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
