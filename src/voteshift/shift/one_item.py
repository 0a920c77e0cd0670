"""Is it one resolution? A likelihood-ratio test that its iterations are one item, by parametric bootstrap.

Positions come from all other roll calls and are held. Under the null the iterations share discriminations
and cutpoints, under the alternative each has its own. The statistic is twice the difference of the
log-likelihoods, without priors. No chi-square is trusted: cells are empty, and positions are estimates. Each
replicate draws positions from their normal approximation, draws the votes of the seats that voted from the
one-item fit with them, and is tested with the positions that the record was tested with.

States that repeat themselves make two iterations look more alike than votes that are independent given
positions would: against those the test accepts too easily. With a leaning, both hypotheses have a lasting
leaning of every member, u_i ~ N(0, sigma^2), sigma fitted under each; replicates draw leanings too.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import check_seed
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.interface import Fit
from voteshift.ideal.objective import Link
from voteshift.ideal.spec import IdealPoints
from voteshift.notebook import Shown
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import iterations_of
from voteshift.shift.exact import holm
from voteshift.shift.leaned import LeanedFits, fit_leaned
from voteshift.shift.noise import quantile
from voteshift.shift.ordered import ItemFits, fit_items, log_likelihoods
from voteshift.shift.others import fit_without, positions_at
from voteshift.shift.testlet import NOISE_SD
from voteshift.writing import p_words

__all__ = [
    "MIN_REPLICATES",
    "Comparison",
    "OneItemTest",
    "compare",
    "compare_leaned",
    "likelihood_ratios",
    "one_item_test",
]

Floats = NDArray[np.float64]
_NULL: Final = {
    leaning: "the iterations have the same discrimination and the same cutpoints, given positions from all "
    f"other roll calls and votes that are independent given positions{' and a lasting leaning' * leaning}"
    for leaning in (False, True)
}
#: Where sigma starts for the record, in standard deviations of the noise: the better of the two ends counts.
_STARTS: Final = (0.5, 4.0)
MIN_REPLICATES: Final = 999


@dataclass(frozen=True, eq=False)
class OneItemTest(Shown):
    """Whether the iterations of a resolution are one item.

    Attributes
    ----------
    table : DataFrame
        One row for all iterations together, then one for each pair: ``rollcalls`` (ids), ``statistic``,
        ``p_value``, ``p_holm`` (over the pairs; NaN for all together), ``null_mean`` and ``null_95`` (mean
        and 95 % quantile of the statistic's bootstrap distribution).
    n_replicates, seed : int
        Of the bootstrap.
    unconverged : int
        Replicates of any row in which a fit stopped short; they count as they stand.
    null : str
        What is tested, in words.
    leaning_sd : float or None
        Of the test with a leaning: sigma on the latent scale, as `LeaningFit.sd` is, with one item for all
        iterations.
    without_leaning : OneItemTest or None
        Of the test with a leaning: the one without.
    no_leaning : str
        Why this is the test without a leaning though one with it was asked for; "" otherwise.
    """

    table: pd.DataFrame
    n_replicates: int
    seed: int
    unconverged: int
    null: str
    leaning_sd: float | None = None
    without_leaning: "OneItemTest | None" = None
    no_leaning: str = ""

    def tidy(self) -> pd.DataFrame:
        """Return the table, the statistic as ``estimate``, with a column ``leaning``; both tests if there."""
        own = self.table.rename(columns={"statistic": "estimate"}).assign(leaning=self.leaning_sd is not None)
        if self.without_leaning is None:
            return own
        return pd.concat([own, self.without_leaning.tidy()], ignore_index=True)

    def _title(self) -> str:
        return "Is it one item?"

    def _said(self) -> tuple[str, ...]:
        return (self.sentence(),)

    def sentence(self, names: pd.Series | None = None) -> str:
        """Say in words what the test found, and what the test without a leaning did.

        Parameters
        ----------
        names : Series of str, optional
            What to call each roll call; its id by default.
        """

        def called(rollcalls: tuple[str, ...]) -> str:
            return " and ".join(rollcalls if names is None else [str(names[r]) for r in rollcalls])

        plain = None if self.without_leaning is None else self.without_leaning.table
        said = []
        for row, (rollcalls, statistic, p_value, p_holm) in enumerate(
            self.table[["rollcalls", "statistic", "p_value", "p_holm"]].itertuples(index=False)
        ):
            column = "p_value" if row == 0 else "p_holm"
            p = p_value if row == 0 else p_holm
            who = f"All {len(rollcalls)} iterations" if row == 0 else called(rollcalls)
            beside = "" if plain is None else f" (without leaning {p_words(plain.iloc[row][column])})"
            said.append(f"{who}: LR {statistic:.1f}, p = {p_words(p)}{beside}")
        listed = f"; pairs, Holm's adjustment: {'; '.join(said[1:])}" if said[1:] else ""
        short = f", {self.unconverged} fits in it stopped short" if self.unconverged else ""
        alone = f" No test with a leaning: {self.no_leaning}." if self.no_leaning else ""
        how = f"bootstrap of {self.n_replicates}{short}; null: {self.null}"
        return f"One item? {said[0]}{listed} ({how}).{alone}"


def one_item_test(
    rollcalls: RollCalls,
    family: str,
    *,
    fit: Fit | None = None,
    since: str | None = None,
    until: str | None = None,
    leaning: bool = True,
    n_replicates: int = MIN_REPLICATES,
    seed: int = 0,
) -> OneItemTest:
    """Test that the iterations of a resolution are one item, all together and each pair.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str
        A slug, a title, or words that name one family.
    fit : Fit, optional
        A fit of the record, which is repeated without the resolution. By default a static model of the
        window.
    since, until : str, optional
        The window; by default from two years before the first iteration to the year of the last.
    leaning : bool
        Let members have a lasting leaning on the resolution in both hypotheses; the test without one is kept
        beside.
    n_replicates : int
        Bootstrap replicates, 999 or more.
    seed : int
        Where the random numbers start.

    Returns
    -------
    OneItemTest
        ``p = (1 + #{LR* >= LR}) / (n_replicates + 1)`` (Davison & Hinkley 1997, section 4.2).

    Raises
    ------
    UsageError
        If no one family answers to the name, or there are too few replicates.
    NotUsableError
        If fewer than two iterations are contested, the other roll calls place too few members, or the items
        of the record have no maximum.
    """
    iterations = iterations_of(rollcalls, rollcalls.family_slug(family))
    if fit is None:
        years = iterations.rollcalls["date"].dt.year
        window = rollcalls.between(since or str(years.min() - 2), until or str(years.max()))
        fit = IdealPoints().fit(window)
    kept = [rollcall for rollcall in iterations.rollcalls.index if rollcall in fit.encoded.rollcalls]
    if len(kept) < 2:
        raise NotUsableError(
            "fewer than two contested iterations lie in the window: nothing to compare",
            remedy="widen the window",
        )
    others = fit_without(rollcalls, fit, kept)
    return likelihood_ratios(rollcalls, others, kept, leaning=leaning, n_replicates=n_replicates, seed=seed)


def likelihood_ratios(
    rollcalls: RollCalls,
    others: Fit,
    iterations: list[str],
    *,
    leaning: bool,
    n_replicates: int,
    seed: int,
    pairs: list[tuple[str, str]] | None = None,
) -> OneItemTest:
    """Test as `one_item_test` does, with positions from a fit of all other roll calls.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    others : Fit
        From `fit_without`.
    iterations : list of str
        Two or more contested roll calls, in date order.
    leaning, n_replicates, seed
        As in `one_item_test`.
    pairs : list of tuple of str, optional
        Which to test besides all together; every pair by default.

    Raises
    ------
    UsageError
        If there are too few replicates.
    NotUsableError
        If the items of the record have no maximum.
    """
    if n_replicates < MIN_REPLICATES:
        raise UsageError(f"the bootstrap takes {MIN_REPLICATES} replicates or more, not {n_replicates}")
    votes = rollcalls.select(rollcalls=iterations).votes
    voted = (votes >= 0).any(axis=1)
    members = list(rollcalls.members.index[voted])
    votes = np.ascontiguousarray(votes[voted])
    held, drawn = positions_at(rollcalls, others, iterations, members, n_replicates, seed)
    groups = [tuple(range(len(iterations)))]
    if len(iterations) > 2:
        wanted = list(combinations(iterations, 2)) if pairs is None else pairs
        groups += [tuple(iterations.index(rollcall) for rollcall in pair) for pair in wanted]
    plain = _tested(votes, held, drawn, others.link, iterations, groups, seed, leaning=False)
    if not leaning:
        return plain
    try:
        leaned = _tested(votes, held, drawn, others.link, iterations, groups, seed, leaning=True)
    except NotUsableError as error:
        return replace(plain, no_leaning=str(error))
    return replace(leaned, without_leaning=plain)


def _tested(
    votes: NDArray[np.int8],
    held: Floats,
    drawn: Floats,
    link: Link,
    iterations: list[str],
    groups: list[tuple[int, ...]],
    seed: int,
    *,
    leaning: bool,
) -> OneItemTest:
    """Test every group of versions; positions as in `compare`, of the date of every version."""
    rows, unconverged, sd = [], 0, None
    for group in groups:
        # Of the versions it is about: a test does not hang on which others are run beside it.
        rng = np.random.default_rng([check_seed(seed), 5 if leaning else 4, *group])
        dates = list(group) if len(held) > 1 else [0]
        test = compare_leaned if leaning else compare
        found = test(np.ascontiguousarray(votes[:, group]), held[dates], drawn[:, dates], link, rng)
        if not found.observed_converged:
            kind = " with a leaning" if leaning else ""
            who = " and ".join(iterations[k] for k in group)
            raise NotUsableError(
                f"the likelihood of the items of {who}{kind} has no maximum that could be found"
            )
        unconverged += found.unconverged
        sd = found.sd if sd is None else sd
        rows.append(
            {
                "rollcalls": tuple(iterations[k] for k in group),
                "statistic": found.observed,
                "p_value": (1 + int((found.null >= found.observed).sum())) / (len(drawn) + 1),
                "p_holm": np.nan,
                "null_mean": float(found.null.mean()),
                "null_95": float(np.quantile(found.null, 0.95)),
            }
        )
    table = pd.DataFrame(rows)
    if len(table) > 1:
        table.loc[1:, "p_holm"] = holm(table["p_value"].to_numpy()[1:])
    elif len(iterations) == 2:
        table["p_holm"] = table["p_value"]
    return OneItemTest(table, len(drawn), seed, unconverged, _NULL[leaning], sd)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The statistic of the record and of its replicates, and which fits converged."""

    observed: float
    null: Floats
    observed_converged: bool
    unconverged: int
    sd: float | None = None


def compare(
    votes: NDArray[np.int8], held: Floats, drawn: Floats, link: Link, rng: np.random.Generator
) -> Comparison:
    """Return the statistic of the record and of the replicates.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_versions)
    held : ndarray, shape (n_dates, n_members, n_dims)
        One date for all versions, or one for each.
    drawn : ndarray, shape (n_replicates, n_dates, n_members, n_dims)
    """
    observed, sure, one = _statistics(votes[:, None], held, link)
    cuts = one.cutpoints[0]
    n_members, n_versions = votes.shape
    eta = np.einsum("rvid,d->riv", drawn, one.discriminations[0])
    noise = quantile(rng.random((len(drawn), n_members, n_versions)), link)
    latent = eta + noise
    codes = (latent > cuts[0]).astype(np.int8) + (latent > cuts[1])
    codes = np.where(votes >= 0, codes, np.int8(-1))
    null, done, _ = _statistics(np.ascontiguousarray(codes.transpose(1, 0, 2)), held, link)
    return Comparison(float(observed[0]), null, bool(sure[0]), int((~done).sum()))


def _statistics(
    codes: NDArray[np.int8], held: Floats, link: Link
) -> tuple[Floats, NDArray[np.bool_], ItemFits]:
    """Return the likelihood ratio of every replicate, whether its fits converged, and the one-item fits.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_replicates, n_versions)
    held : ndarray, shape (n_dates, n_members, n_dims)
    """
    n_members, n_replicates, n_versions = codes.shape
    flat = codes.reshape(n_members, -1)
    replicate = np.repeat(np.arange(n_replicates), n_versions)
    version = np.tile(np.arange(n_versions), n_replicates)
    period = (version if len(held) > 1 else np.zeros_like(version)).astype(np.int32)
    own = fit_items(flat, period, held, np.arange(flat.shape[1]), link)
    one = fit_items(flat, period, held, replicate, link)
    shared = ItemFits(one.discriminations[replicate], one.cutpoints[replicate], one.converged[replicate])
    under_null = log_likelihoods(flat, period, held, shared, link)
    # The ridge may leave a roll call's own item a little below the shared one; the maximum is at least that.
    under_own = np.maximum(log_likelihoods(flat, period, held, own, link), under_null)
    ratio = 2.0 * (under_own - under_null).reshape(n_replicates, n_versions).sum(axis=1)
    done = one.converged & own.converged.reshape(n_replicates, n_versions).all(axis=1)
    return ratio, done, one


def compare_leaned(
    votes: NDArray[np.int8], held: Floats, drawn: Floats, link: Link, rng: np.random.Generator
) -> Comparison:
    """Compare as `compare` does, with a leaning of every member in both hypotheses.

    The likelihood may have more than one maximum in sigma. The fits of the record start from either end and
    the higher one counts; those of a replicate start from the parameters it is drawn from, once: starting
    them three times moves their 95 % quantiles by less than 0.3 % (a nightly test of three resolutions).
    """
    n_members, n_versions = votes.shape
    period = np.arange(n_versions) if len(held) > 1 else np.zeros(n_versions, dtype=np.intp)
    plain = fit_items(votes, period.astype(np.int32), held, np.zeros(n_versions, dtype=np.intp), link)
    tries = [
        _leaned(votes[:, None], period, held, link, (plain.discriminations, plain.cutpoints, at))
        for at in np.log(np.array(_STARTS)[:, None] * NOISE_SD[link])
    ]
    one, own = (max(fits, key=lambda fit: float(fit.value[0])) for fits in zip(*tries, strict=True))
    observed, sure = _ratio(one, own)
    slopes, cuts, sd = one.latent(link)
    eta = np.einsum("rvid,d->riv", drawn, slopes[0])
    latent = eta + sd * rng.standard_normal((len(drawn), n_members, 1))
    latent = latent + quantile(rng.random((len(drawn), n_members, n_versions)), link)
    codes = (latent > cuts[0, 0]).astype(np.int8) + (latent > cuts[0, 1])
    codes = np.where(votes >= 0, codes, np.int8(-1)).transpose(1, 0, 2)
    null, done = _ratio(*_leaned(codes, period, held, link, (one.slopes, one.cuts, one.log_sd)))
    return Comparison(float(observed[0]), null, bool(sure[0]), int((~done).sum()), sd)


def _leaned(
    codes: NDArray[np.int8],
    period: NDArray[np.intp],
    held: Floats,
    link: Link,
    start: tuple[Floats, Floats, Floats],
) -> tuple[LeanedFits, LeanedFits]:
    """Return the fits with one item and with an item each, which the first one starts.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_replicates, n_versions)
    period : ndarray of int, shape (n_versions,)
    held : ndarray, shape (n_dates, n_members, n_dims)
    """
    n_versions = codes.shape[2]
    one = fit_leaned(codes, period, np.zeros(n_versions, dtype=np.intp), held, link, start)
    own = fit_leaned(codes, period, np.arange(n_versions), held, link, (one.slopes, one.cuts, one.log_sd))
    return one, own


def _ratio(one: LeanedFits, own: LeanedFits) -> tuple[Floats, NDArray[np.bool_]]:
    """Return likelihood ratios, and whether both fits converged."""
    # As in `_statistics`: the maximum with an item each is at least that with one.
    return 2.0 * np.maximum(own.value - one.value, 0.0), one.converged & own.converged
