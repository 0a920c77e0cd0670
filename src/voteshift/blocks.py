"""The choice of the blocks of a store: roll calls with nearly the same members, so that the bytes are few."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voteshift.store import SMALL, Block, Store, stack_blocks, whole_matrix
from voteshift.votes import Vote

__all__ = ["choose_blocks", "store_matrix", "store_seats"]

_ROWS: Final = 16
_FULL: Final = 0.75  # share of seats among the cells from which blocks save too little
_CHUNK: Final = 1 << 22  # cells at a time
_EMPTY: Final = int(Vote.NOT_MEMBER)

_OPEN: Final = 4  # blocks that may still get roll calls: two chambers in turn, before and after an election
_BYTES: Final = 4  # of the position of a member in the list of a block; a cell has one


@dataclass(slots=True, eq=False)
class _Growing:
    """A block that may still get roll calls."""

    has: NDArray[np.bool_]
    height: int
    width: int
    columns: list[int]


def choose_blocks(
    starts: NDArray[np.integer], members: NDArray[np.int32], n_members: int
) -> list[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """Divide roll calls into blocks.

    The roll calls are taken in their order. A run of roll calls with the same members goes into the recent
    block that it enlarges by the fewest bytes, or into a new block if this is smaller. A block has one byte
    for each of its members and roll calls, and four bytes for each of its members.

    Parameters
    ----------
    starts : ndarray of int, shape (n_rollcalls + 1,)
        Where each roll call begins in `members`, and the end.
    members : ndarray of int32
        The members with a seat in each roll call, ascending.
    n_members : int
        Number of all members.

    Returns
    -------
    list of (columns, rows)
        For each block, its roll calls and its members as ndarrays of int32, ascending.
    """
    blocks: list[_Growing] = []
    recent: list[_Growing] = []
    bounds = starts.tolist()
    for first, last in _runs(bounds, members):
        seats, width = members[bounds[first] : bounds[first + 1]], last - first
        best, fewest = None, (_BYTES + width) * len(seats)
        for block in recent:
            extra = len(seats) - int(np.count_nonzero(block.has[seats]))
            height = block.height + extra
            more = height * (block.width + width) - block.height * block.width + _BYTES * extra
            if more <= fewest:
                best, fewest = block, more
        if best is None:
            best = _Growing(np.zeros(n_members, dtype=bool), 0, 0, [])
            blocks.append(best)
        else:
            recent.remove(best)
        recent.insert(0, best)
        del recent[_OPEN:]
        best.has[seats] = True
        best.height = int(np.count_nonzero(best.has))
        best.width += width
        best.columns.extend(range(first, last))
    return [
        (np.array(block.columns, dtype=np.int32), np.flatnonzero(block.has).astype(np.int32))
        for block in blocks
    ]


def _runs(bounds: list[int], members: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Return the first and the last roll call (exclusive) of each run with the same members."""
    n_rollcalls = len(bounds) - 1
    changes = [
        column
        for column in range(1, n_rollcalls)
        if not np.array_equal(
            members[bounds[column - 1] : bounds[column]], members[bounds[column] : bounds[column + 1]]
        )
    ]
    begins = [0, *changes] if n_rollcalls else []
    return list(zip(begins, [*changes, n_rollcalls], strict=False))


def store_matrix(votes: NDArray[Any]) -> Store:
    """Store a matrix of votes.

    Parameters
    ----------
    votes : ndarray, shape (n_members, n_rollcalls)
        Codes of `voteshift.Vote`.

    Returns
    -------
    Store
        If the matrix is small, or if at most a quarter of its cells are NOT_MEMBER, its only block is the
        matrix.
    """
    n_members, n_rollcalls = votes.shape
    if votes.size <= SMALL:
        return whole_matrix(votes)
    seats = np.zeros(n_rollcalls, dtype=np.int64)
    for begin in range(0, n_members, _ROWS):
        seats += (votes[begin : begin + _ROWS] != _EMPTY).sum(axis=0)
    if seats.sum() >= _FULL * votes.size:
        return whole_matrix(votes)
    starts = np.concatenate([[0], np.cumsum(seats)])
    members, codes = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.int8)
    width = max(1, _CHUNK // n_members)
    for begin in range(0, n_rollcalls, width):
        columns = np.ascontiguousarray(votes[:, begin : begin + width].T)
        column, row = np.nonzero(columns != _EMPTY)
        place = slice(starts[begin], starts[min(begin + width, n_rollcalls)])
        members[place], codes[place] = row, columns[column, row]
    return _in_blocks((n_members, n_rollcalls), starts, members, codes)


def store_seats(
    member: NDArray[np.integer],
    rollcall: NDArray[np.integer],
    code: NDArray[np.int8],
    shape: tuple[int, int],
) -> Store:
    """Store a list of seats, without the matrix if most of its cells are empty.

    Parameters
    ----------
    member, rollcall : ndarray of int, shape (n,)
        Positions of the member and of the roll call. Every pair occurs at most once.
    code : ndarray of int8, shape (n,)
        Codes of `voteshift.Vote`.
    shape : tuple of int
        Numbers of members and of roll calls.

    Raises
    ------
    ValueError
        If a pair occurs twice in a list that is stored in blocks.
    """
    n_members, n_rollcalls = shape
    if n_members * n_rollcalls <= SMALL or len(code) >= _FULL * n_members * n_rollcalls:
        votes = np.full(shape, _EMPTY, dtype=np.int8)
        votes[member, rollcall] = code
        return whole_matrix(votes)
    place = np.multiply(rollcall, n_members, dtype=np.int64)
    place += member
    if (place[1:] <= place[:-1]).any():
        order = np.argsort(place, kind="stable")
        member, code, place = member[order], code[order], place[order]
        del order
        if (place[1:] == place[:-1]).any():
            raise ValueError("a member is listed twice in a roll call")
    has_seat = code != _EMPTY
    if not has_seat.all():
        member, code, place = member[has_seat], code[has_seat], place[has_seat]
    starts = np.searchsorted(place, np.arange(n_rollcalls + 1) * n_members)
    del place
    return _in_blocks(shape, starts, member.astype(np.int32, copy=False), code)


def _in_blocks(
    shape: tuple[int, int], starts: NDArray[np.int64], members: NDArray[np.int32], codes: NDArray[np.int8]
) -> Store:
    """Store seats that are sorted by roll call and member; `starts` is where each roll call begins."""
    chosen = choose_blocks(starts, members, shape[0])
    place = np.zeros(shape[0], dtype=np.intp)
    parts = []
    for columns, rows in chosen:
        place[rows] = np.arange(len(rows))
        counts = starts[columns + 1] - starts[columns]
        begins = np.cumsum(counts) - counts
        seats = np.arange(counts.sum()) + np.repeat(starts[columns] - begins, counts)
        part = np.full((len(rows), len(columns)), _EMPTY, dtype=np.int8)
        part[place[members[seats]], np.repeat(np.arange(len(columns)), counts)] = codes[seats]
        parts.append(Block(columns, rows, part))
    return stack_blocks(shape, parts)
