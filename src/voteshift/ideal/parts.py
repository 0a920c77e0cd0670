"""Parts of a record that too few votes join, so that their members have no common scale.

Positions are known up to a shift, a stretch and a reflection. Members and roll calls that votes join share
one such freedom; parts that no vote joins have one each, and the scale of the fit then hides that the ends of
one part do not correspond to the ends of the other.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.ideal.encode import Encoded
from voteshift.ideal.objective import Link
from voteshift.likelihood import Design
from voteshift.likelihood.terms import vote_limits, vote_terms

__all__ = ["Parts", "describe_parts", "divide_members", "find_parts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]

FEWEST_VOTES = 10
"""Votes below which two parts count as not joined: fewer fix no shift, stretch and reflection."""

_SURE = 4.6  # log of the odds, 100 to 1, that the joining votes must give against a mirrored part
_LOOSE = 0.5  # joining votes per vote of the smaller part; a part with more is joined
_DIRECTIONS = 4  # along which weak joints are looked for
_NAMED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Members and items in parts.

    Attributes
    ----------
    member : ndarray of int, shape (n_members,)
        Part of each member; 0 is the largest.
    item : ndarray of int, shape (n_items,)
        Part in which most votes on each item were cast.
    joining : int
        Votes cast in another part than the member's own; 0 where the parts share no roll call.
    bridging : ndarray of int
        Members that cast them.
    """

    member: Ints
    item: Ints
    joining: int
    bridging: Ints


class _Fit(Protocol):
    """The attributes of a fit that `find_parts` reads."""

    @property
    def encoded(self) -> Encoded: ...

    @property
    def link(self) -> Link: ...

    def at_mode(self, rollcalls: list[str]) -> Any: ...


def find_parts(fit: _Fit) -> Parts | None:
    """Find the parts of a fit whose positions no vote, or too few votes, place on one scale.

    Parameters
    ----------
    fit : IdealFit, DynamicFit or draws of either
        The fit.

    Returns
    -------
    Parts or None
        None where all members are joined. Parts are the connected components of members and items, joined
        where a vote was cast. A connected record is divided in two where fewer than 10 votes join the two
        sides, or where the joining votes fit a mirrored side nearly as well (odds below 100 to 1): one member
        that voted on both sides gives one point, and one point fixes no direction.
    """
    design = fit.encoded.design
    apart = _components(design)
    if apart is not None:
        return apart
    for side in divide_members(design):
        parts = _two_parts(design, side)
        if parts.joining < FEWEST_VOTES or _odds_against_mirror(fit, parts) < _SURE:
            return parts
    return None


def _components(design: Design) -> Parts | None:
    from scipy.sparse.csgraph import connected_components  # loading it takes longer than most commands

    n_parts, label = connected_components(_joint_graph(design), directed=False)
    if n_parts == 1:
        return None
    size = np.bincount(label[: design.n_members], minlength=n_parts)
    rank = np.empty(n_parts, dtype=np.intp)
    rank[np.argsort(-size, kind="stable")] = np.arange(n_parts)
    part = rank[label]
    return Parts(part[: design.n_members], part[design.n_members :], 0, np.empty(0, dtype=np.intp))


def _joint_graph(design: Design) -> Any:
    """Return the graph of members, then items, joined where a vote was cast."""
    from scipy.sparse import coo_array

    member, column = np.nonzero(design.votes >= 0)
    size = design.n_members + design.n_items
    ends = (member, design.n_members + design.item[column])
    return coo_array((np.ones(len(member), dtype=np.int8), ends), shape=(size, size)).tocsr()


def _votes_by_item(design: Design) -> NDArray[np.float32]:
    """Count each member's votes on each item, shape (n_members, n_items)."""
    cast = (design.votes >= 0).astype(np.float32)
    if design.n_items == design.n_rollcalls:
        return cast if np.all(np.diff(design.item) > 0) else cast[:, np.argsort(design.item)]
    result = np.zeros((design.n_members, design.n_items), dtype=np.float32)
    for column, item in enumerate(design.item):
        result[:, item] += cast[:, column]
    return result


def divide_members(design: Design) -> list[Mask]:
    """Divide connected members in two where the fewest votes join the sides, relative to the smaller side.

    Parameters
    ----------
    design : Design
        The votes.

    Returns
    -------
    list of ndarray of bool, shape (n_members,)
        At most one division for each of the leading directions of the normalised matrix of members by items
        (Dhillon 2001, https://doi.org/10.1145/502512.502550), loosest first.
    """
    votes = _votes_by_item(design)
    divisions: list[tuple[float, Mask]] = []
    with threadpool_limits(limits=1, user_api="blas"):  # the products are small
        for direction in _leading_directions(votes):
            order = np.argsort(direction, kind="stable")
            ratio, size = _weakest_joint(votes, order)
            if ratio < _LOOSE:
                side = np.zeros(len(votes), dtype=bool)
                side[order[:size]] = True
                divisions.append((ratio, side))
    divisions.sort(key=lambda division: division[0])
    return [side for _, side in divisions]


def _leading_directions(votes: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return left singular vectors of the normalised votes, but the first.

    Each row and column is divided by the root of its sum.
    """
    from scipy.linalg import eigh

    by_member, by_item = np.sqrt(votes.sum(axis=1)), np.sqrt(votes.sum(axis=0))
    scaled = votes / by_member[:, None] / by_item
    wide = scaled.shape[0] <= scaled.shape[1]
    square = scaled @ scaled.T if wide else scaled.T @ scaled
    size = len(square)
    _, vectors = eigh(square, subset_by_index=(max(0, size - 1 - _DIRECTIONS), size - 1))
    left = vectors if wide else scaled @ vectors
    return [column / by_member for column in left[:, -2::-1].T]


def _weakest_joint(votes: NDArray[np.float32], order: Ints) -> tuple[float, int]:
    """Cut an order of members where the joining votes are fewest relative to the votes of the smaller side.

    An item belongs to the side that cast more votes on it; the votes of the others are joining votes.
    """
    before, after = np.zeros(votes.shape[1]), votes.sum(axis=0, dtype=np.float64)
    total = after.sum()
    best, size = np.inf, 0
    for place, member in enumerate(order[:-2], start=1):
        before += votes[member]
        after -= votes[member]
        first = (before > after).astype(np.float64)
        inside = (float(before @ first), float(after @ (1.0 - first)))
        joining = total - sum(inside)
        if place > 1 and joining < best * min(inside):
            best, size = joining / min(inside), place
    return best, size


def _two_parts(design: Design, side: Mask) -> Parts:
    """Return the two sides of a division as parts, the larger first."""
    votes = _votes_by_item(design)
    smaller = side if side.sum() * 2 <= len(side) else ~side
    in_smaller, in_larger = votes[smaller].sum(axis=0), votes[~smaller].sum(axis=0)
    item = in_smaller > in_larger
    crossing = votes[:, item].sum(axis=1) * ~smaller + votes[:, ~item].sum(axis=1) * smaller
    return Parts(
        smaller.astype(np.intp), item.astype(np.intp), int(crossing.sum()), np.flatnonzero(crossing > 0)
    )


def _odds_against_mirror(fit: _Fit, parts: Parts) -> float:
    """Return the log-likelihood that the joining votes lose when one part is mirrored.

    A mirrored part is shifted and stretched to the best fit of the joining votes, because votes inside the
    part do not change. The result is the smallest loss over the dimensions.
    """
    from scipy.optimize import minimize

    design = fit.encoded.design
    cast = design.votes[parts.bridging] >= 0
    same_part = parts.member[parts.bridging][:, None] == parts.item[design.item]
    row, column = np.nonzero(cast & ~same_part)
    member = parts.bridging[row]
    columns, place = np.unique(column, return_inverse=True)
    draws = fit.at_mode([str(name) for name in fit.encoded.rollcalls[columns]])
    stay = draws.positions.ndim == 3
    positions = draws.positions[0][member] if stay else draws.positions[0][place, member]
    slopes = draws.discriminations[0][place]
    kinds = design.n_categories[design.item[column]]
    lower, upper = vote_limits(draws.cutpoints[0][place], design.codes[member, column], kinds)
    moves = parts.member[member] == 1  # the member is mirrored, else the roll call is

    def log_likelihood(moved: Floats) -> float:
        eta = np.einsum("vd,vd->v", moved, slopes)
        return float(vote_terms(eta, lower, upper, fit.link).log_p.sum())

    here = log_likelihood(positions)
    odds = []
    for dimension in range(positions.shape[1]):

        def loss(change: Floats, dimension: int = dimension) -> float:
            moved = positions.copy()
            old, stretch = positions[:, dimension], np.exp(np.clip(change[1], -3.0, 3.0))
            moved[:, dimension] = np.where(moves, change[0] - stretch * old, (change[0] - old) / stretch)
            return -log_likelihood(moved)

        starts = [np.array([shift, 0.0]) for shift in np.linspace(-4.0, 4.0, 9)]
        result = minimize(loss, min(starts, key=loss), method="Nelder-Mead", options={"fatol": 0.01})
        odds.append(here + float(result.fun))
    return min(odds)


def describe_parts(encoded: Encoded, parts: Parts) -> str:
    """Return the caution that goes with the parts of a fit."""
    names = [str(name) for name in encoded.members]
    described = []
    for part in range(int(parts.member.max()) + 1):
        members = np.flatnonzero(parts.member == part)
        columns = np.flatnonzero(parts.item[encoded.design.item] == part)
        first, last = (str(encoded.rollcalls[column]) for column in (columns[0], columns[-1]))
        described.append(
            f"{len(members)} members ({_some([names[row] for row in members])}; {len(columns)} roll calls, "
            f"{first} to {last})"
        )
    shown = " and ".join(described[:_NAMED]) + (
        f" and {len(described) - _NAMED} more" if len(described) > _NAMED else ""
    )
    if not parts.joining:
        joint = "share no contested roll call"
    else:
        who = _some([names[row] for row in parts.bridging])
        joint = f"are joined by {parts.joining} vote{'s' * (parts.joining > 1)} of {who} alone"
        if parts.joining >= FEWEST_VOTES:
            joint += ", which do not identify the direction of a part"
    return (
        f"the members fall into {len(described)} parts that {joint}: {shown}; direction, location and spread "
        "of one part relative to another are not identified, so compare positions within a part only"
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
