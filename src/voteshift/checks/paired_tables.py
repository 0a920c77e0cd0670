"""Exact tests of paired three-category votes, on plain 3 x 3 tables of counts.

Every member that voted both times is a pair (old, new). All tests here condition on two quantities: the
number of members on the diagonal (no change) and, for each two categories i < j, the number of members that
changed between i and j in either direction, ``m_ij = n_ij + n_ji``. Under the null, old and new are
exchangeable within a member (symmetry: a change from i to j is as likely as a change from j to i). Each n_ij
is then an independent Binomial(m_ij, 1/2), for all values of the other parameters. The whole reference
distribution is enumerated. A p-value is the probability of a statistic at least as large as the observed
statistic. Statistics are compared as integers.

The null hypothesis of Stuart and Maxwell, equal margins, is weaker than symmetry and has no parameter-free
distribution. The exact version is a permutation test, which compares the statistic with its distribution
under symmetry (Hothorn, Hornik, van de Wiel & Zeileis 2006, https://doi.org/10.1198/000313006X118430).

These tests assume that members change independently. `sign_flip` assumes it of groups only: the direction of
all changes of a group is reversed or kept together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, gammaln

__all__ = [
    "FLIPPED",
    "ExactTest",
    "FlippedTest",
    "bowker",
    "mcnemar",
    "pair_totals",
    "sign_flip",
    "stratified",
    "stuart_maxwell",
]

Table = NDArray[np.int64]

_PAIRS: Final = ((0, 1), (0, 2), (1, 2))
_TIE: Final = 1e-9  # sums over strata closer than this count as equal
_LARGEST: Final = 2_000_000  # tables that are still enumerated: 375 changers and more


@dataclass(frozen=True, slots=True)
class ExactTest:
    """An exact test.

    Attributes
    ----------
    statistic : float
        Value of the test statistic.
    df : int
        Degrees of freedom of the statistic in large samples.
    p_value : float
        Exact probability, under the null, of a statistic at least as large; NaN if there are too many tables
        to enumerate.
    """

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True)
class FlippedTest:
    """A test by reversing the direction of change of whole groups.

    Attributes
    ----------
    p_value : float
        Share of the sign vectors with a statistic at least as large; NaN if there are too many tables, or if
        fewer than two groups changed the differences that the statistic uses.
    least : float
        The smallest p-value that is possible with this number of groups; NaN with the p-value.
    n_groups : int
        Groups with a difference between the two directions of change.
    """

    p_value: float
    least: float
    n_groups: int


def pair_totals(table: Table) -> tuple[int, int, int]:
    """Return m_01, m_02, m_12: the number of members that changed between each two categories.

    Parameters
    ----------
    table : ndarray of int, shape (3, 3)
        Members by old (rows) and new (columns) category.
    """
    m01, m02, m12 = (int(table[i, j] + table[j, i]) for i, j in _PAIRS)
    return m01, m02, m12


def mcnemar(table: Table, category: int) -> ExactTest:
    """Test whether members were as likely to enter a category as to leave it.

    Parameters
    ----------
    table : ndarray of int, shape (3, 3)
        Members by old (rows) and new (columns) category.
    category : int
        The category that is compared with the two other categories together.

    Returns
    -------
    ExactTest
        ``statistic`` is the number of members that entered the category. The p-value is two-sided: twice the
        smaller binomial tail, at most 1 (McNemar 1947, https://doi.org/10.1007/BF02295996, in its exact
        conditional form). If no member entered or left the category, p is 1.
    """
    entered = int(table[:, category].sum() - table[category, category])
    left = int(table[category].sum() - table[category, category])
    smaller = min(entered, left)
    return ExactTest(float(entered), 1, min(1.0, 2 * float(bdtr(smaller, entered + left, 0.5))))


def bowker(table: Table) -> ExactTest:
    """Test symmetry: between each two categories, both directions of change are equally likely.

    Parameters
    ----------
    table : ndarray of int, shape (3, 3)
        Members by old (rows) and new (columns) category.

    Returns
    -------
    ExactTest
        ``statistic`` is the sum of (n_ij - n_ji)^2 / (n_ij + n_ji) over the pairs of categories between which
        a member changed (Bowker 1948, https://doi.org/10.1080/01621459.1948.10483284). ``df`` is the number
        of these pairs.
    """
    totals = pair_totals(table)
    crossed = [m for m in totals if m]
    product = int(np.prod(crossed, dtype=np.int64))
    weights = np.diag([product // m if m else 0 for m in totals])
    return _test(table, _Form(weights, product, len(crossed)))


def stuart_maxwell(table: Table) -> ExactTest:
    """Test equal margins: for every category, entering and leaving are equally likely.

    Parameters
    ----------
    table : ndarray of int, shape (3, 3)
        Members by old (rows) and new (columns) category.

    Returns
    -------
    ExactTest
        ``statistic`` is d' V^- d, where d is the difference of the margins and V the covariance of d under
        the null (Stuart 1955, https://doi.org/10.1093/biomet/42.3-4.412; Maxwell 1970,
        https://doi.org/10.1192/bjp.116.535.651). V^- is a generalised inverse if no member entered or left a
        category. ``df`` is the rank of V.
    """
    return _test(table, _margins(pair_totals(table)))


def stratified(tables: Iterable[Table]) -> ExactTest:
    """Test equal margins within every stratum at once.

    Pooling d and V over strata would give the statistic without strata, because exchanges are within members.
    The statistics of the strata are therefore added: groups that changed in opposite directions do not
    cancel.

    Parameters
    ----------
    tables : iterable of ndarray of int, shape (3, 3)
        One table per stratum.

    Returns
    -------
    ExactTest
        ``statistic`` is the sum of the Stuart-Maxwell statistics, and ``df`` the sum of their ranks. Under
        the conditioning the strata are independent, so the distribution of the sum is the convolution of the
        distributions of the strata.
    """
    tables = list(tables)
    forms = [_margins(pair_totals(table)) for table in tables]
    seen = sum(form.of(table) / form.scale for form, table in zip(forms, tables, strict=True))
    df = sum(form.df for form in forms)
    values, weights = np.zeros(1), np.ones(1)
    for form, table in zip(forms, tables, strict=True):
        exact = _distribution(pair_totals(table), form)
        stratum = None if exact is None else _merge(exact[0] / form.scale, exact[1])
        if stratum is None or len(values) * len(stratum[0]) > _LARGEST:
            return ExactTest(seen, df, float("nan"))
        values, weights = _merge(
            np.add.outer(values, stratum[0]).ravel(), np.multiply.outer(weights, stratum[1]).ravel()
        )
    return ExactTest(seen, df, min(1.0, float(weights[values >= seen - _TIE].sum())))


#: The statistics that change with the signs of groups. A sum of statistics of groups does not.
FLIPPED: Final = ("mcnemar_no", "mcnemar_yes", "bowker", "stuart_maxwell")


def sign_flip(tables: Iterable[Table], statistic: str) -> FlippedTest:
    """Test as McNemar, Bowker or Stuart and Maxwell, if the members of a group change together.

    Parameters
    ----------
    tables : iterable of ndarray of int, shape (3, 3)
        One table per group: members by old (rows) and new (columns) category.
    statistic : str
        A name in `FLIPPED`.

    Returns
    -------
    FlippedTest
        Under the null, the old and the new votes of a group are exchangeable as a whole, and groups are
        independent. The differences D_ij = n_ij - n_ji of each group then have either sign with probability
        1/2. All sign vectors are enumerated (Canay, Romano & Shaikh 2017, https://doi.org/10.3982/ECTA13081).
        With G groups, no p-value is below 2^(1 - G), because the statistics do not change if all signs do.
    """
    tables = [np.asarray(table) for table in tables]
    total: Table = np.sum(tables, axis=0)
    if statistic == "bowker":
        totals = pair_totals(total)
        product = int(np.prod([m for m in totals if m], dtype=np.int64))
        weights = np.diag([product // m if m else 0 for m in totals])
    elif statistic == "stuart_maxwell":
        weights = _margins(pair_totals(total)).weights
    else:
        entered = {"mcnemar_no": [-1, -1, 0], "mcnemar_yes": [0, 1, 1]}[statistic]
        weights = np.outer(entered, entered)
    differences = [_differences(table) for table in tables]
    moved = [d for d in differences if (weights @ d).any()]
    if len(moved) < 2:
        return FlippedTest(float("nan"), float("nan"), len(moved))
    sums: Table = np.zeros((1, len(_PAIRS)), dtype=np.int64)
    chances: NDArray[np.float64] = np.ones(1)
    for difference in moved:
        both = np.concatenate([sums + difference, sums - difference])
        sums, place = np.unique(both, axis=0, return_inverse=True)
        chances = np.bincount(place.ravel(), np.tile(0.5 * chances, 2), minlength=len(sums)).astype(float)
        if len(sums) > _LARGEST // 10:
            return FlippedTest(float("nan"), float("nan"), len(moved))
    values = np.einsum("ki,ij,kj->k", sums, weights, sums)
    seen = np.sum(moved, axis=0)
    p_value = float(chances[values >= seen @ weights @ seen].sum())
    return FlippedTest(min(1.0, p_value), 2.0 ** (1 - len(moved)), len(moved))


@dataclass(frozen=True, slots=True)
class _Form:
    """A statistic D' Q D / scale, with D_ij = n_ij - n_ji; Q and scale are fixed by the conditioning."""

    weights: Table
    scale: int
    df: int

    def of(self, table: Table) -> int:
        differences = _differences(table)
        return int(differences @ self.weights @ differences)


def _differences(table: Table) -> NDArray[np.int64]:
    """Return n_ij - n_ji of every pair of categories."""
    return np.array([int(table[i, j]) - int(table[j, i]) for i, j in _PAIRS])


def _margins(totals: tuple[int, int, int]) -> _Form:
    """Return Stuart-Maxwell's statistic for three categories.

    V is the Laplacian of a graph whose edges are the m_ij, and the statistic is (m12 d0^2 + m02 d1^2 +
    m01 d2^2) / (m01 m02 + m01 m12 + m02 m12) (Fleiss & Everitt 1971, British Journal of Mathematical and
    Statistical Psychology 24, 117-123). If members changed between only two categories, the statistic is
    McNemar's D_ij^2 / m_ij.
    """
    m01, m02, m12 = totals
    scale = m01 * m02 + m01 * m12 + m02 * m12
    if not scale:
        total = sum(totals)
        return _Form(np.eye(3, dtype=np.int64), max(total, 1), int(total > 0))
    margins = np.array([[1, 1, 0], [-1, 0, 1], [0, -1, -1]])  # d of (D01, D02, D12)
    return _Form(margins.T @ np.diag([m12, m02, m01]) @ margins, scale, 2)


def _distribution(totals: tuple[int, int, int], form: _Form) -> tuple[Table, NDArray[np.float64]] | None:
    """Return the numerator and probability of every table with these totals; None if too many tables."""
    if np.prod([m + 1 for m in totals], dtype=float) > _LARGEST:
        return None
    grids = np.meshgrid(*(np.arange(-m, m + 1, 2) for m in totals), indexing="ij")
    differences = np.stack(grids).reshape(3, -1)
    chances = [_fair(m) for m in totals]
    weights = np.einsum("a,b,c->abc", *chances).ravel()
    return np.sum(differences * (form.weights @ differences), axis=0), weights


def _fair(n: int) -> NDArray[np.float64]:
    """Return the probabilities of 0, ..., n heads in n tosses of a fair coin."""
    heads = np.arange(n + 1)
    return np.exp(gammaln(n + 1) - gammaln(heads + 1) - gammaln(n - heads + 1) - n * np.log(2))


def _test(table: Table, form: _Form) -> ExactTest:
    seen = form.of(table)
    exact = _distribution(pair_totals(table), form)
    p_value = float("nan") if exact is None else min(1.0, float(exact[1][exact[0] >= seen].sum()))
    return ExactTest(seen / form.scale, form.df, p_value)


def _merge(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Merge equal values and add their weights."""
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    begins = np.flatnonzero(np.diff(values, prepend=-np.inf) > _TIE)
    return values[begins], np.add.reduceat(weights, begins)
