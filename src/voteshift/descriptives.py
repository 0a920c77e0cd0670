"""Descriptive statistics of roll calls: cohesion of groups, similarity of members, closeness of votes.

These functions use no model. They do not count absences.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import UsageError, quote
from voteshift.notebook import Shown
from voteshift.rollcalls import RollCalls
from voteshift.votes import CAST, CATEGORIES, TALLY_COLUMNS

__all__ = [
    "Distance",
    "Similarity",
    "agreement_index",
    "closeness",
    "cohesion",
    "crossings",
    "mean_cohesion",
    "rice_index",
    "similarity",
    "similarity_of",
    "votes_to_flip",
]

Floats = NDArray[np.float64]
Distance = Literal["absolute", "squared", "nominal"]

_K: Final = len(CATEGORIES)
_MOST: Final = 1 << 53  # largest number of votes: larger whole numbers are not exact
_CODES: Final = np.arange(_K)
#: Between no 0, abstain 1 and yes 2, on a scale where no and yes are 1 apart.
_DISTANCES: Final[dict[str, Floats]] = {
    "absolute": np.abs(np.subtract.outer(_CODES, _CODES)) / 2,
    "squared": np.abs(np.subtract.outer(_CODES, _CODES)) ** 2 / 4,
    "nominal": np.not_equal.outer(_CODES, _CODES).astype(float),
}


def _counts(**values: object) -> list[NDArray[np.int64]]:
    """Return counts as arrays of whole numbers, broadcast to one shape.

    Raises
    ------
    UsageError
        If a count is negative or not a number, or the shapes differ.
    """
    remedy = "give whole numbers of votes, 0 or more"
    counts = []
    for name, value in values.items():
        try:
            array = np.asarray(value)
            # Nullable integers of pandas are objects to NumPy.
            numbers = array.astype(np.float64, casting="unsafe" if array.dtype == object else "same_kind")
        except (TypeError, ValueError):
            raise UsageError(f"{name} contains a value that is not a number", remedy=remedy) from None
        wrong = numbers[~(numbers >= 0) | (numbers != np.floor(numbers)) | (numbers > _MOST)]
        if wrong.size:
            raise UsageError(
                f"{name} contains {wrong.flat[0]:g}, which is not a number of votes", remedy=remedy
            )
        counts.append(numbers.astype(np.int64))
    try:
        return list(np.broadcast_arrays(*counts))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(values, counts, strict=True))
        raise UsageError(f"the shapes differ: {shapes}", remedy="give arrays of one shape") from None


def rice_index(yes: NDArray[np.int64], no: NDArray[np.int64]) -> Floats:
    """Return the Rice index of cohesion, |yes - no| / (yes + no).

    Parameters
    ----------
    yes, no : ndarray of int
        Counts, of any shape. Abstentions are not counted, as in the definition of Rice (1925),
        https://doi.org/10.2307/2142407.

    Returns
    -------
    ndarray
        1 if all members that voted yes or no voted the same, 0 if there are as many yes as no votes, NaN if
        no member voted yes or no.
    """
    yes, no = _counts(yes=yes, no=no)
    return _ratio(np.abs(yes - no), yes + no)


def agreement_index(yes: NDArray[np.int64], no: NDArray[np.int64], abstain: NDArray[np.int64]) -> Floats:
    """Return the agreement index, (max - (total - max) / 2) / total.

    Parameters
    ----------
    yes, no, abstain : ndarray of int
        Counts, of any shape; max is the largest of the three (Hix, Noury & Roland 2005,
        https://doi.org/10.1017/S0007123405000128).

    Returns
    -------
    ndarray
        1 if all votes are the same, 0 if the three counts are equal, NaN if nobody voted.
    """
    counts = np.stack(_counts(yes=yes, no=no, abstain=abstain))
    total, largest = counts.sum(axis=0), counts.max(axis=0)
    return _ratio(largest - 0.5 * (total - largest), total)


def votes_to_flip(yes: NDArray[np.int64], no: NDArray[np.int64], abstain: NDArray[np.int64]) -> Floats:
    """Return the smallest number of members that would have to change their vote to reverse the outcome.

    Parameters
    ----------
    yes, no, abstain : ndarray of int
        Counts, of any shape. A resolution is adopted if there are more yes than no votes.

    Returns
    -------
    ndarray
        Let L = yes - no. If the resolution was adopted, L / 2 members, rounded up, would have to change from
        yes to no. If it was rejected, -L / 2 members, rounded down, plus one would have to change from no to
        yes. If all votes were abstentions, one member would have to change to yes. NaN if nobody voted.
    """
    yes, no, abstain = _counts(yes=yes, no=no, abstain=abstain)
    lead = yes - no
    crossing = np.where(lead > 0, -(-lead // 2), -lead // 2 + 1)
    return np.where(yes + no + abstain > 0, crossing.astype(float), np.nan)


@checked
def closeness(rollcalls: RollCalls) -> pd.DataFrame:
    """List roll calls in order of closeness, and in order of disagreement within equal closeness.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.

    Returns
    -------
    DataFrame, index ``rollcall``
        ``symbol``, ``date``, ``title``, ``yes``, ``no``, ``abstain``, ``absent``.
        ``adopted``: more yes than no votes.
        ``flip``: the smallest number of members that could have reversed the outcome.
        ``agreement`` and ``rice``: the two indices over all members that voted.
        The closest outcome comes first. Within equal ``flip``, the lowest agreement comes first.
    """
    counts = rollcalls.tally()[list(TALLY_COLUMNS)]
    yes, no, abstain = (counts[name].to_numpy() for name in CAST)
    table = rollcalls.rollcalls[["symbol", "date", "title"]].join(counts)
    table["adopted"] = yes > no
    table["flip"] = votes_to_flip(yes, no, abstain)
    table["agreement"] = agreement_index(yes, no, abstain)
    table["rice"] = rice_index(yes, no)
    return table.sort_values(["flip", "agreement"], kind="stable")


@checked
def cohesion(rollcalls: RollCalls, by: str = "group") -> pd.DataFrame:
    """Compute the cohesion of every group in every roll call.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    by : str
        Column of `RollCalls.members` with the group of each member. If groups change, "group" is the group
        on the day of the roll call.

    Returns
    -------
    DataFrame
        ``group``, ``rollcall``, ``yes``, ``no``, ``abstain``, ``voted``, ``rice``, ``agreement``. There is
        one row per group and roll call in which at least two members of the group voted. The cohesion of one
        vote would always be 1.

    Raises
    ------
    UsageError
        If there is no such column.
    """
    names, counts = _group_counts(rollcalls, by)  # (groups, rollcalls, 3)
    no, abstain, yes = (counts[..., code].astype(np.int64) for code in range(_K))
    group, column = np.nonzero(counts.sum(axis=-1) >= 2)
    return pd.DataFrame(
        {
            "group": np.array(names, dtype=object)[group],
            "rollcall": rollcalls.rollcalls.index.to_numpy()[column],
            "yes": yes[group, column],
            "no": no[group, column],
            "abstain": abstain[group, column],
            "voted": (yes + no + abstain)[group, column],
            "rice": rice_index(yes, no)[group, column],
            "agreement": agreement_index(yes, no, abstain)[group, column],
        }
    )


@checked
def mean_cohesion(rollcalls: RollCalls, by: str = "group") -> pd.DataFrame:
    """Compute the mean cohesion of every group over roll calls, with equal weights.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    by : str
        Column of `RollCalls.members` with the group of each member. If groups change, "group" is the group
        on the day of the roll call.

    Returns
    -------
    DataFrame, index ``group``
        ``rollcalls``: the number of roll calls in which at least two members of the group voted.
        ``agreement``: the mean agreement index over these roll calls.
        ``sided``: the number of these roll calls in which at least one member of the group voted yes or no.
        ``rice``: the mean Rice index over the roll calls counted in ``sided``; NaN if there are none.
        A group has no row if two of its members never voted in the same roll call.

    Raises
    ------
    UsageError
        If there is no such column.
    """
    each = cohesion(rollcalls, by).groupby("group", sort=True)
    return pd.DataFrame(
        {
            "rollcalls": each.size(),
            "agreement": each["agreement"].mean(),
            "sided": each["rice"].count(),
            "rice": each["rice"].mean(),
        }
    )


@dataclass(frozen=True, slots=True)
class Similarity(Shown):
    """Agreement between members or groups.

    Attributes
    ----------
    names : tuple of str
        Names of the rows and columns of every matrix.
    n : ndarray of int, shape (n_names, n_names)
        Number of pairs of votes compared. Between groups, this is the number of pairs of members, summed over
        the roll calls. No member is compared with itself.
    agreement : ndarray, shape (n_names, n_names)
        Share of pairs of votes that are the same.
    s : ndarray
        1 - 2 times the mean distance, between -1 and 1, with equal weights of roll calls (Signorino & Ritter
        1999, https://doi.org/10.1111/0020-8833.00113).
    pi, kappa : ndarray
        1 minus the mean distance divided by the distance expected by chance. For ``pi`` the expected distance
        is computed from the pooled shares of no, abstain and yes of both units (Scott 1955,
        https://doi.org/10.1086/266577). For ``kappa`` the expected distance is computed from the separate
        shares of each unit (Cohen 1960, https://doi.org/10.1177/001316446002000104). Häge (2011),
        https://doi.org/10.1093/pan/mpr023, applies both coefficients to votes. NaN if the expected distance
        is 0.
    distance : str
        The distance between no, abstain and yes.
    """

    names: tuple[str, ...]
    n: NDArray[np.int64]
    agreement: Floats
    s: Floats
    pi: Floats
    kappa: Floats
    distance: Distance

    def frame(self, measure: Literal["n", "agreement", "s", "pi", "kappa"]) -> pd.DataFrame:
        """Return one measure as a labelled matrix."""
        return pd.DataFrame(getattr(self, measure), index=list(self.names), columns=list(self.names))

    def tidy(self) -> pd.DataFrame:
        """Return one row per pair. A group is also paired with itself.

        Returns
        -------
        DataFrame
            ``one``, ``other``, ``n``, ``agreement``, ``s``, ``pi``, ``kappa``. A pair with n = 0 has no row.
        """
        one, other = np.nonzero(np.triu(self.n > 0))
        names = np.array(self.names, dtype=object)
        measures = {name: getattr(self, name)[one, other] for name in ("n", "agreement", "s", "pi", "kappa")}
        return pd.DataFrame({"one": names[one], "other": names[other], **measures})


@checked
def similarity(rollcalls: RollCalls, *, by: str | None = None, distance: Distance = "absolute") -> Similarity:
    """Compute the similarity of the votes of members, or of groups of members.

    Parameters
    ----------
    rollcalls : RollCalls
        The record. Members are compared over the roll calls in which both voted.
    by : str, optional
        Column of `RollCalls.members`. If given, the groups in this column are compared, over all pairs of
        their members.
    distance : {"absolute", "squared", "nominal"}
        Distance between votes. The distance between no and yes is always 1. The distance between an
        abstention and any other vote is 0.5 for "absolute", 0.25 for "squared" and 1 for "nominal".

    Raises
    ------
    UsageError
        If there is no such column or distance.
    """
    if distance not in _DISTANCES:
        raise UsageError(f"unknown distance {quote(distance)}", remedy=f"choose from {', '.join(_DISTANCES)}")
    if by is None:
        names = tuple(map(str, rollcalls.members.index))
        cast = np.stack([rollcalls.votes == code for code in range(_K)], axis=-1).astype(float)
        pairs = crossings(cast)
        pairs[np.arange(len(names)), np.arange(len(names))] = 0  # nobody is compared with itself
    else:
        names, counts = _group_counts(rollcalls, by)
        pairs = crossings(counts)
        same = np.arange(len(names))
        pairs[same, same] -= np.eye(_K) * counts.sum(axis=1)[:, None, :]
        pairs[same, same] /= 2  # of two members of one group, each is the one and the other
    return similarity_of(names, pairs, distance)


def crossings(counts: Floats) -> Floats:
    """Count pairs of votes.

    Parameters
    ----------
    counts : ndarray, shape (n, n_rollcalls, 3)
        Numbers of no, abstain and yes votes of each unit in each roll call.

    Returns
    -------
    ndarray, shape (n, n, 3, 3)
        Element ``[i, j, a, b]`` is the number of pairs of a vote a of unit i and a vote b of unit j in the
        same roll call.
    """
    n = len(counts)
    pairs = np.empty((n, n, _K, _K))
    for a in range(_K):
        for b in range(_K):
            pairs[:, :, a, b] = counts[:, :, a] @ counts[:, :, b].T
    return pairs


def similarity_of(names: tuple[str, ...], pairs: Floats, distance: Distance) -> Similarity:
    """Compute similarity from numbers of pairs of votes.

    Parameters
    ----------
    names : tuple of str
        Names of the units.
    pairs : ndarray, shape (n, n, 3, 3)
        The result of `crossings`.
    distance : {"absolute", "squared", "nominal"}
        Distance between no, abstain and yes.
    """
    far = _DISTANCES[distance]
    n = pairs.sum(axis=(-2, -1))
    rows, columns = _ratio(pairs.sum(axis=-1), n[..., None]), _ratio(pairs.sum(axis=-2), n[..., None])
    pooled = 0.5 * (rows + columns)
    observed = _ratio(np.einsum("ijab,ab->ij", pairs, far), n)
    by_chance = {
        "pi": np.einsum("ija,ijb,ab->ij", pooled, pooled, far),
        "kappa": np.einsum("ija,ijb,ab->ij", rows, columns, far),
    }
    return Similarity(
        names=names,
        n=n.astype(np.int64),
        agreement=_ratio(np.einsum("ijaa->ij", pairs), n),
        s=1 - 2 * observed,
        pi=1 - _ratio(observed, by_chance["pi"]),
        kappa=1 - _ratio(observed, by_chance["kappa"]),
        distance=distance,
    )


def _group_counts(rollcalls: RollCalls, by: str) -> tuple[tuple[str, ...], Floats]:
    """Return the groups, and their numbers of no, abstain and yes votes in each roll call."""
    members = rollcalls.members
    if by not in members.columns:
        raise UsageError(
            f"members have no column {quote(by)}", remedy=f"choose from {', '.join(members.columns)}"
        )
    if by == "group" and len(rollcalls.groups):
        return _count_by_day(rollcalls)
    labels = members[by].fillna("").astype(str).to_numpy(str)
    names = tuple(sorted(set(labels.tolist()) - {""}))
    belongs = (
        np.stack([labels == name for name in names]).astype(float) if names else np.zeros((0, len(labels)))
    )
    return names, np.stack([belongs @ (rollcalls.votes == code) for code in range(_K)], axis=-1)


def _count_by_day(rollcalls: RollCalls) -> tuple[tuple[str, ...], Floats]:
    """Return the counts of `_group_counts` by the group of each member on the day of the roll call."""
    every, codes = rollcalls.group_codes()
    counts = np.zeros((len(every), rollcalls.votes.shape[1], _K))
    column = np.arange(rollcalls.votes.shape[1])
    for votes, group in zip(rollcalls.votes, codes, strict=True):
        cast = votes >= 0
        counts[group[cast], column[cast], votes[cast]] += 1
    kept = [index for index, name in enumerate(every) if name]
    return tuple(every[index] for index in kept), counts[kept]


def _ratio(numerator: NDArray[np.generic], denominator: NDArray[np.generic]) -> Floats:
    """Divide two arrays; the ratio is NaN if the denominator is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
