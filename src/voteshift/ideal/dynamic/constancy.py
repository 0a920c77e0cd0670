"""Tests of bridges: every pair of successive roll calls of a shared item, with positions held fixed.

A bridge assumes that two roll calls share an item. The tests fix positions at the estimates of the fit and
estimate only items: one item for both roll calls, or a separate item for each. The result is a screening, not
a test to publish, for three reasons. The reference distribution is only approximately chi-square. The
positions were estimated with the bridge. Members that repeat past votes make the votes on a changed text
similar.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc

from voteshift.arguments import checked
from voteshift.errors import NotUsableError
from voteshift.ideal.dynamic.blocks import item_blocks
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, dynamic_log_posterior
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.encode import categories_by_item, ranked
from voteshift.ideal.newton import Evaluation, concave, maximise
from voteshift.ideal.objective import AnyLink, Priors
from voteshift.likelihood import Design
from voteshift.likelihood.terms import category_probabilities
from voteshift.multiple_tests import holm
from voteshift.notebook import Shown
from voteshift.votes import CATEGORIES

__all__ = ["Constancy", "Drift", "constancy", "drift"]

Floats = NDArray[np.float64]
_RIDGE = 100.0  # standard deviation of a weak normal prior (precision 1e-4)
_STEPS = 300
_LONGEST = 1.0
_TOLERANCE = 1e-20  # of the log-likelihood; the statistic is then exact to 1e-10
_BRIDGE = "fit with RandomWalk(bridge='families') or RandomWalk(items=...)"
_PARAMETERS = ("discrimination", "midpoint", "log_gap")


@dataclass(frozen=True, slots=True)
class Constancy(Shown):
    """Likelihood ratio tests of one item against two items, for successive roll calls of every shared item.

    Attributes
    ----------
    table : DataFrame
        ``item``, ``old``, ``new`` (roll calls), ``statistic`` (twice the difference of log-likelihoods),
        ``df``, ``p_value`` (chi-square), ``p_holm`` and ``rejected``.
    level : float
        Size of the test (alpha): a pair is rejected if ``p_holm`` is below this value.
    items : dict of str to str
        The shared items, split at every rejected pair. Pass them as ``RandomWalk(items=...)``.
    """

    table: pd.DataFrame
    level: float
    items: dict[str, str]

    def tidy(self) -> pd.DataFrame:
        """Return the table."""
        return self.table.copy()

    def _title(self) -> str:
        return "Tests that the roll calls of every bridge share one item"

    def _said(self) -> tuple[str, ...]:
        n_rejected = int(self.table["rejected"].sum())
        return (
            f"{n_rejected} of {len(self.table)} pairs are rejected at {self.level:g} after Holm's "
            "adjustment, with positions held fixed. This is a screening, not a test to publish.",
        )


@dataclass(frozen=True, slots=True)
class Drift(Shown):
    """The difference in item parameters between successive versions of a resolution.

    Attributes
    ----------
    table : DataFrame, index ``parameter``
        ``omega`` (standard deviation of the difference between two successive versions), ``conf_low``,
        ``conf_high`` and ``n`` (number of pairs of versions). The log-likelihood in the 90 % interval is
        within 1.35 of its maximum.
    """

    table: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Return ``parameter``, ``estimate`` (omega), ``conf_low``, ``conf_high`` and ``n``."""
        return self.table.rename(columns={"omega": "estimate"}).reset_index()

    def _title(self) -> str:
        return "Difference in item parameters between successive versions: standard deviation"

    def _said(self) -> tuple[str, ...]:
        return ("Positions are fixed at the estimates of the fit. Intervals are 90 % likelihood intervals.",)


def _neighbours(fit: DynamicFit) -> list[tuple[str, int, int]]:
    """Return the columns of every pair of successive roll calls of a shared item."""
    columns: dict[str, list[int]] = {}
    for column, item in enumerate(fit.encoded.items):
        columns.setdefault(item, []).append(column)
    return [(item, one, other) for item, of_item in columns.items() for one, other in pairwise(of_item)]


def _as_cast(fit: DynamicFit) -> NDArray[np.int8]:
    """Return votes with the codes of the record: 0 no, 1 abstain, 2 yes, -1 no vote."""
    codes = fit.encoded.design.codes
    votes = np.full(codes.shape, -1, dtype=np.int8)
    for column, present in enumerate(fit.encoded.categories):
        for rank, name in enumerate(present):
            votes[codes[:, column] == rank, column] = CATEGORIES.index(name)
    return votes


class _Items(NamedTuple):
    """Items fitted with positions held fixed.

    Attributes
    ----------
    log_likelihood : ndarray, shape (n_items,)
        Log-likelihood without the priors.
    parameters : ndarray, shape (n_items, 3)
        Discrimination, midpoint and log gap.
    n_categories : ndarray of int, shape (n_items,)
    covariance : ndarray, shape (n_items, 3, 3)
    """

    log_likelihood: Floats
    parameters: Floats
    n_categories: NDArray[np.int64]
    covariance: Floats


def _fit_items(
    fit: DynamicFit, votes: NDArray[np.int8], columns: NDArray[np.intp], item: NDArray[np.intp]
) -> _Items:
    """Fit items with positions held fixed.

    Parameters
    ----------
    fit : DynamicFit
        The fit that provides the positions.
    votes : ndarray of int8, shape (n_members, n_rollcalls)
        From `_as_cast`.
    columns, item : ndarray of int, shape (n,)
        Columns of the roll calls, which may repeat, and the item of each: 0, 1, ...
    """
    design = _design_of(fit, votes, columns, item)
    walk = replace(fit.model.walk, delta=0.0, delta_group=0.0)
    model = DynamicModel(design, Priors(_RIDGE, _RIDGE, _RIDGE), walk, fit.model.link)
    point, information = _climb(model, fit.reported.positions)
    return _Items(
        _log_likelihoods(design, point, fit.model.link),
        point.items(),
        design.n_categories.astype(np.int64),
        np.asarray(np.linalg.inv(information), dtype=np.float64),
    )


def _design_of(
    fit: DynamicFit, votes: NDArray[np.int8], columns: NDArray[np.intp], item: NDArray[np.intp]
) -> Design:
    """Return the design of these roll calls and items, coded by the categories that occur in the item."""
    cast = votes[:, columns]
    present = categories_by_item(cast, item)
    period = fit.encoded.design.period[columns]
    order = np.argsort(period, kind="stable")
    return Design(
        np.ascontiguousarray(ranked(cast, present[item])[:, order]),
        period[order],
        item[order].astype(np.int32),
        np.maximum(present.sum(axis=1), 2).astype(np.int8),
        fit.encoded.design.n_periods,
    )


def _climb(model: DynamicModel, positions: Floats) -> tuple[DynamicPoint, Floats]:
    """Fit items by Fisher scoring with positions held fixed; return the items and their information.

    Raises
    ------
    NotUsableError
        If Fisher scoring does not converge.
    """
    n_items = model.design.n_items
    point = DynamicPoint(
        model.walk,
        positions,
        np.zeros(len(model.walk.gaps)),
        np.zeros((n_items, 1)),
        np.zeros(n_items),
        np.zeros(n_items),
    )

    def evaluate(items: Floats, rows: NDArray[np.intp]) -> Evaluation:
        everything = point.items()  # an item does not depend on the others
        everything[rows] = items
        current = point.with_items(everything)
        slope = dynamic_log_posterior(model, current, information="expected")
        blocks, _ = item_blocks(model, current, slope, observed=False)
        return concave(slope.gradient.items()[rows], blocks[rows])

    def move(items: Floats, step: Floats, rows: NDArray[np.intp]) -> Floats:  # noqa: ARG001
        longest = np.abs(step).max(axis=1, keepdims=True)
        return items + step * (_LONGEST / np.maximum(longest, _LONGEST))

    maxima = maximise(evaluate, point.items(), move, tolerance=_TOLERANCE, slack=np.inf, max_steps=_STEPS)
    if not maxima.converged.all():
        raise NotUsableError(
            "the fit of the items of the bridges, with positions held fixed, did not converge"
        )
    return point.with_items(maxima.point), maxima.information


def _log_likelihoods(design: Design, point: DynamicPoint, link: AnyLink) -> Floats:
    """Return the log-likelihood of every item, without the priors, shape (n_items,)."""
    values = np.zeros(design.n_items)
    cuts = point.cutpoints(design.n_categories)
    for column, j in enumerate(design.item.tolist()):
        eta = point.deviations[design.period[column]] * point.discriminations[j, 0]
        chances = category_probabilities(eta, cuts[j], int(design.n_categories[j]), link)
        voted = np.flatnonzero(design.codes[:, column] >= 0)
        values[j] += float(np.log(chances[voted, design.codes[voted, column]]).sum())
    return values


@checked
def constancy(fit: DynamicFit, *, level: float = 0.01) -> Constancy:
    """Test one item against two items for every pair of successive roll calls of a shared item.

    Parameters
    ----------
    fit : DynamicFit
        A fit with bridges. Its positions are held fixed.
    level : float
        Size of the test (alpha): a pair is rejected if ``p_holm`` is below this value.

    Returns
    -------
    Constancy
        The degrees of freedom are the number of parameters of two items minus the number of parameters of one
        item. An item has as many parameters as categories that occur in its votes. The test has three degrees
        of freedom, or fewer if a category does not occur in a roll call.

    Raises
    ------
    NotUsableError
        If no roll calls share an item.
    """
    pairs = _neighbours(fit)
    if not pairs:
        raise NotUsableError("no roll calls share an item, so there is no bridge to test", remedy=_BRIDGE)
    votes = _as_cast(fit)
    one = np.array([first for _, first, _ in pairs])
    other = np.array([second for _, _, second in pairs])
    both = np.concatenate([one, other])
    slot = np.arange(len(pairs))
    pooled = _fit_items(fit, votes, both, np.concatenate([slot, slot]))
    single, place = np.unique(both, return_inverse=True)
    apart = _fit_items(fit, votes, single, np.arange(len(single)))
    first, second = place[: len(pairs)], place[len(pairs) :]
    gain = apart.log_likelihood[first] + apart.log_likelihood[second] - pooled.log_likelihood
    statistic = np.maximum(2.0 * gain, 0.0)
    df = apart.n_categories[first] + apart.n_categories[second] - pooled.n_categories
    p_value = chdtrc(df, statistic)
    p_holm = holm(p_value)
    rejected = p_holm < level
    ids = fit.encoded.rollcalls.to_numpy()
    table = pd.DataFrame(
        {
            "item": [item for item, _, _ in pairs],
            "old": ids[one],
            "new": ids[other],
            "statistic": statistic,
            "df": df,
            "p_value": p_value,
            "p_holm": p_holm,
            "rejected": rejected,
        }
    )
    return Constancy(table, level, _split(fit, dict(zip(other.tolist(), rejected.tolist(), strict=True))))


def _split(fit: DynamicFit, broken: dict[int, bool]) -> dict[str, str]:
    """Return the shared items; after a rejected pair, the later roll calls have an item with a new name."""
    part: dict[str, int] = {}
    items = {}
    shared = Counter(fit.encoded.items)
    for column, item in enumerate(fit.encoded.items):
        rollcall = str(fit.encoded.rollcalls[column])
        if shared[item] > 1:
            part[item] = part.get(item, 1) + int(broken.get(column, False))
            items[rollcall] = item if part[item] == 1 else f"{item}, part {part[item]}"
    return items


@checked
def drift(fit: DynamicFit) -> Drift:
    """Estimate the differences in item parameters between successive versions, with positions held fixed.

    Parameters
    ----------
    fit : DynamicFit
        A fit with bridges. Its positions are held fixed.

    Returns
    -------
    Drift
        The maximum likelihood estimate over all successive pairs. The difference of two item estimates is
        normal. Its variance is omega squared plus the sampling variances of the two estimates. For the
        midpoint and the log gap, only pairs with three categories in both roll calls are used.

    Raises
    ------
    NotUsableError
        If no roll calls share an item.
    """
    pairs = _neighbours(fit)
    if not pairs:
        raise NotUsableError(
            "no roll calls share an item, so differences between versions cannot be estimated", remedy=_BRIDGE
        )
    columns = np.unique([column for _, one, other in pairs for column in (one, other)])
    place = {int(column): slot for slot, column in enumerate(columns)}
    single = _fit_items(fit, _as_cast(fit), columns, np.arange(len(columns)))
    first = np.array([place[one] for _, one, _ in pairs])
    second = np.array([place[other] for _, _, other in pairs])
    three = single.n_categories == len(CATEGORIES)
    both = three[first] & three[second]
    rows = {}
    for k, name in enumerate(_PARAMETERS):
        used = both if name != "discrimination" else np.ones(len(pairs), dtype=bool)
        moved = (single.parameters[second] - single.parameters[first])[used, k]
        noise = (single.covariance[first] + single.covariance[second])[used, k, k]
        rows[name] = (*_deviation(moved, noise), int(used.sum()))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["omega", "conf_low", "conf_high", "n"])
    return Drift(table.rename_axis("parameter"))


def _deviation(moved: Floats, noise: Floats) -> tuple[float, float, float]:
    """Estimate a standard deviation, given the variance of the noise; return estimate and 90 % interval."""
    from scipy.optimize import minimize_scalar  # loading it takes longer than most commands

    def loss(omega: float) -> float:
        variance = noise + omega**2
        return 0.5 * float(np.sum(np.log(variance) + moved**2 / variance))

    largest = 3.0 * float(np.sqrt(np.mean(moved**2))) + 1e-6
    best = minimize_scalar(loss, bounds=(0.0, largest), method="bounded").x
    grid = np.linspace(0.0, 2.0 * largest, 4001)
    inside = grid[np.array([loss(omega) for omega in grid]) <= loss(best) + 1.3527]
    return float(best), float(inside.min()), float(inside.max())
