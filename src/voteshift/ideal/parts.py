"""Parts of a record that too few votes connect, so that their members have no common scale.

Positions are identified up to a shift, a stretch and a reflection. For members and roll calls that votes
connect, the shift, stretch and reflection are the same. Two parts that no vote connects can be shifted,
stretched and reflected separately. The scale of the fit does not show this: the ends of one part do not
correspond to the ends of the other part.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.ideal.encode import Encoded
from voteshift.ideal.objective import AnyLink
from voteshift.likelihood import Design
from voteshift.likelihood.terms import log_probabilities, vote_limits

__all__ = ["Parts", "describe_parts", "divide_members", "find_parts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]

FEWEST_VOTES = 10
"""Smallest number of votes that connect two parts. Fewer votes do not identify shift, stretch and reflection.
"""

_SURE = 4.6  # log of the smallest odds, 100 to 1, of the connecting votes against a mirrored part
_LOOSE = 0.5  # connecting votes per vote of the smaller part; with more votes, two parts count as connected
_DIRECTIONS = 4  # number of directions in which weak connections are searched
_NAMED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The part of every member and every item.

    Attributes
    ----------
    member : ndarray of int, shape (n_members,)
        Part of each member. Part 0 is the largest.
    item : ndarray of int, shape (n_items,)
        Part of each item: the part whose members cast most votes on it.
    joining : int
        Number of votes that members cast on items of another part. It is 0 if the parts share no roll call.
    bridging : ndarray of int
        Rows of the members that cast these votes.
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
    def link(self) -> AnyLink: ...

    def at_mode(self, rollcalls: list[str]) -> Any: ...


def find_parts(fit: _Fit) -> Parts | None:
    """Find the parts of a fit that no vote, or too few votes, connect to one scale.

    Parameters
    ----------
    fit : IdealFit, DynamicFit or draws of either
        The fit.

    Returns
    -------
    Parts or None
        None if all members are on one scale. Parts are the connected components of the graph in which a vote
        connects a member and an item. A connected record is divided in two if fewer than 10 votes connect the
        two sides. A connected record is also divided if the connecting votes fit nearly as well when one side
        is mirrored (odds below 100 to 1). For example, one member that voted on both sides does not identify
        a direction.
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
    """Return the graph of members, then items, in which a vote connects a member and an item."""
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
    """Divide connected members into two sides that few votes connect, relative to the smaller side.

    Parameters
    ----------
    design : Design
        The votes.

    Returns
    -------
    list of ndarray of bool, shape (n_members,)
        At most one division for each of the leading directions of the normalised matrix of members by items
        (Dhillon 2001, https://doi.org/10.1145/502512.502550). The division with the weakest connection is
        first.
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
    """Return the left singular vectors of the normalised votes, without the first.

    Each row and column is divided by the square root of its sum.
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
    """Find the cut of an order of members with the fewest connecting votes per vote of the smaller side.

    An item belongs to the side that cast more votes on it. The votes of the other side are connecting votes.
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
    """Return the two sides of a division as parts, the larger side first."""
    votes = _votes_by_item(design)
    smaller = side if side.sum() * 2 <= len(side) else ~side
    in_smaller, in_larger = votes[smaller].sum(axis=0), votes[~smaller].sum(axis=0)
    item = in_smaller > in_larger
    crossing = votes[:, item].sum(axis=1) * ~smaller + votes[:, ~item].sum(axis=1) * smaller
    return Parts(
        smaller.astype(np.intp), item.astype(np.intp), int(crossing.sum()), np.flatnonzero(crossing > 0)
    )


def _odds_against_mirror(fit: _Fit, parts: Parts) -> float:
    """Return the fall of the log-likelihood of the connecting votes when one part is mirrored.

    The mirrored part is shifted and stretched so that the connecting votes fit best. Shift and stretch do not
    change the likelihood of votes inside the part. The result is the smallest fall over the dimensions.
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
    moves = parts.member[member] == 1  # True if the member is mirrored, False if the roll call is mirrored

    def log_likelihood(moved: Floats) -> float:
        eta = np.einsum("vd,vd->v", moved, slopes)
        return float(log_probabilities(eta, lower, upper, fit.link).sum())

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
    """Return the caution on the parts of a fit."""
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
        joint = f"are connected by only {parts.joining} vote{'s' * (parts.joining > 1)} of {who}"
        if parts.joining >= FEWEST_VOTES:
            joint += ", which do not identify the direction of one part relative to another"
    return (
        f"the members form {len(described)} parts that {joint}: {shown}; direction, location and spread "
        "of one part relative to another are not identified, so compare positions only within a part"
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
