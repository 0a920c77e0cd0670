"""The compact store of a record: blocks of roll calls with nearly the same members.

A long record has many members, of which few have a seat in any roll call. A block contains the votes of some
roll calls and of the members with a seat in at least one of them. The matrix of all members by all roll calls
is not needed to select, count or read votes. A record with few empty cells is one
block, which is this matrix.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.votes import CATEGORIES, Vote

__all__ = [
    "SMALL",
    "Block",
    "Store",
    "VotesField",
    "count_votes",
    "dense_part",
    "find_categories",
    "find_seated",
    "find_voting",
    "frozen",
    "iterate_columns",
    "iterate_rows",
    "join_stores",
    "list_seats",
    "make_matrix",
    "present_categories",
    "stack_blocks",
    "take_part",
    "whole_matrix",
]

Places = NDArray[np.intp] | slice

_ROWS: Final = 16
SMALL: Final = 1 << 20  # cells of a matrix of which a smaller store would save nothing that counts
_CHUNK: Final = 1 << 22  # cells at a time
_MOST: Final = 0.5  # share of the memory of the machine that a matrix may take
_EMPTY: Final = int(Vote.NOT_MEMBER)


class Block(NamedTuple):
    """The votes of some roll calls.

    Attributes
    ----------
    columns : ndarray of int, shape (n_columns,)
        Positions of the roll calls in the record, ascending.
    rows : ndarray of int, shape (n_rows,)
        Positions of the members in the record, ascending. All other members have no seat in these roll calls.
    codes : ndarray of int8, shape (n_rows, n_columns)
        Codes of `voteshift.Vote`.
    """

    columns: NDArray[np.int32]
    rows: NDArray[np.int32]
    codes: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """The votes of a record in blocks. Every roll call is in one block. It cannot be changed.

    Attributes
    ----------
    shape : tuple of int
        Numbers of members and of roll calls.
    columns : ndarray of int32, shape (n_rollcalls,)
        The roll calls, block after block.
    rows : ndarray of int32
        The members of each block, block after block.
    codes : ndarray of int8
        The matrices of the blocks, members by roll calls, one after the other.
    ends : ndarray of int64, shape (n_blocks, 2)
        For each block, where it ends in `rows` and in `columns`.

    Raises
    ------
    ValueError
        If the arrays do not match each other.
    """

    shape: tuple[int, int]
    columns: NDArray[np.int32]
    rows: NDArray[np.int32]
    codes: NDArray[np.int8]
    ends: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check that the arrays match each other."""
        for name, kind in (("columns", np.int32), ("rows", np.int32), ("codes", np.int8), ("ends", np.int64)):
            if getattr(self, name).dtype != kind:
                raise ValueError(f"{name} must have the type {np.dtype(kind)}")
        n_members, n_rollcalls = self.shape
        sizes = np.diff(self.ends, axis=0, prepend=0)
        last = self.ends[-1].tolist() if len(self.ends) else [0, 0]
        if (sizes < 0).any() or last != [len(self.rows), len(self.columns)]:
            raise ValueError("the ends of the blocks do not match their rows and columns")
        if int(sizes[:, 0] @ sizes[:, 1]) != len(self.codes):
            raise ValueError("the codes do not fill the blocks")
        if not np.array_equal(np.sort(self.columns), np.arange(n_rollcalls)):
            raise ValueError("every roll call must be in exactly one block")
        if len(self.rows) and (self.rows.min() < 0 or self.rows.max() >= n_members):
            raise ValueError("a member of a block is not in the record")
        for name, end in (("rows", self.ends[:, 0]), ("columns", self.ends[:, 1])):
            falls = np.flatnonzero(np.diff(getattr(self, name)) <= 0) + 1
            if not np.isin(falls, end).all():
                raise ValueError(f"the {name} of a block must be in ascending order")

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild with all checks, and with arrays that are read-only too."""
        return (_rebuilt, (self.shape, self.columns, self.rows, self.codes, self.ends))

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.ends)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.columns.nbytes + self.rows.nbytes + self.codes.nbytes + self.ends.nbytes

    @property
    def is_matrix(self) -> bool:
        """True if the only block is the matrix of all members by all roll calls."""
        return len(self.ends) == 1 and len(self.rows) == self.shape[0]

    def blocks(self) -> Iterator[Block]:
        """Go through the blocks, without copies."""
        row = column = code = 0
        for row_end, column_end in self.ends.tolist():
            shape = row_end - row, column_end - column
            end = code + shape[0] * shape[1]
            yield Block(
                self.columns[column:column_end],
                self.rows[row:row_end],
                self.codes[code:end].reshape(shape),
            )
            row, column, code = row_end, column_end, end


class VotesField:
    """The field of a record with the matrix of its votes, which is built when it is first read."""

    @overload
    def __get__(self, instance: None, owner: type) -> "VotesField": ...
    @overload
    def __get__(self, instance: object, owner: type) -> NDArray[np.int8]: ...
    def __get__(self, instance: object | None, owner: type) -> "NDArray[np.int8] | VotesField":
        if instance is None:
            raise AttributeError("votes")  # a field without a default
        held = instance.__dict__
        if "_votes" not in held:
            held["_votes"] = make_matrix(held["_store"])
        matrix: NDArray[np.int8] = held["_votes"]
        return matrix

    def __set__(self, instance: object, votes: NDArray[np.int8] | Store) -> None:
        instance.__dict__["_votes"] = votes


# Construction


def frozen(values: NDArray[Any], kind: Any = np.int8) -> NDArray[Any]:
    """Return values in the memory of a `bytes` object, which cannot be made writable."""
    base: Any = values
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, bytes) and values.dtype == kind and values.flags.c_contiguous:
        return values
    return np.frombuffer(values.astype(kind, copy=False).tobytes(), dtype=kind).reshape(values.shape)


def whole_matrix(votes: NDArray[Any]) -> Store:
    """Return a store whose only block is the matrix, which is copied unless it is frozen."""
    matrix = frozen(votes)
    n_members, n_rollcalls = matrix.shape
    return Store(
        (n_members, n_rollcalls),
        frozen(np.arange(n_rollcalls), np.int32),
        frozen(np.arange(n_members), np.int32),
        matrix.reshape(-1),
        frozen(np.array([[n_members, n_rollcalls]]), np.int64),
    )


def stack_blocks(shape: tuple[int, int], blocks: Sequence[Block]) -> Store:
    """Return a store of blocks."""
    sizes = np.array([block.codes.shape for block in blocks], dtype=np.int64).reshape(-1, 2)

    def stacked(name: str, kind: Any) -> NDArray[Any]:
        parts = [np.asarray(getattr(block, name), dtype=kind) for block in blocks]
        return np.frombuffer(b"".join(np.ascontiguousarray(part).data for part in parts if part.size), kind)

    return Store(
        shape,
        stacked("columns", np.int32),
        stacked("rows", np.int32),
        stacked("codes", np.int8),
        frozen(np.cumsum(sizes, axis=0), np.int64),
    )


def _rebuilt(
    shape: tuple[int, int],
    columns: NDArray[np.int32],
    rows: NDArray[np.int32],
    codes: NDArray[np.int8],
    ends: NDArray[np.int64],
) -> Store:
    return Store(
        shape, frozen(columns, np.int32), frozen(rows, np.int32), frozen(codes), frozen(ends, np.int64)
    )


def join_stores(stores: Sequence[Store], rows: Sequence[NDArray[np.intp]], n_members: int) -> Store:
    """Store the roll calls of several records one after the other.

    Parameters
    ----------
    stores : sequence of Store
        The records.
    rows : sequence of ndarray of int, each of shape (n_members of its record,)
        The position of each member of a record among all members.
    n_members : int
        Number of all members.

    Returns
    -------
    Store
        A member without a seat in a record is NOT_MEMBER in its roll calls.
    """
    width = sum(store.shape[1] for store in stores)
    parts, begin = [], 0
    for store, place in zip(stores, rows, strict=True):
        parts += [_moved(block, place[block.rows], block.columns + begin) for block in store.blocks()]
        begin += store.shape[1]
    joint = stack_blocks((n_members, width), parts)
    return whole_matrix(make_matrix(joint)) if n_members * width <= SMALL else joint


def _moved(block: Block, rows: NDArray[Any], columns: NDArray[Any]) -> Block:
    """Return a block with other positions of its members and roll calls; -1 leaves one out."""
    order, across = np.argsort(rows, kind="stable"), np.argsort(columns, kind="stable")
    order, across = order[rows[order] >= 0], across[columns[across] >= 0]
    codes = block.codes
    if not np.array_equal(across, np.arange(codes.shape[1])):
        codes = codes[:, across]
    if not np.array_equal(order, np.arange(len(codes))):
        codes = codes[order]
    return Block(columns[across].astype(np.int32), rows[order].astype(np.int32), codes)


# Selection


def take_part(store: Store, rows: Places, columns: Places) -> Store:
    """Select members and roll calls.

    Parameters
    ----------
    store : Store
        The votes.
    rows, columns : ndarray of int or slice
        Different positions to keep, in the order of the result.

    Returns
    -------
    Store
        The part. A part with few cells is one block.
    """
    if store.is_matrix:
        return whole_matrix(dense_part(store, rows, columns))
    shape = len(_positions(rows, store.shape[0])), len(_positions(columns, store.shape[1]))
    if shape[0] * shape[1] <= SMALL:
        return whole_matrix(dense_part(store, rows, columns))
    row, column = _places(rows, store.shape[0]), _places(columns, store.shape[1])
    parts = [_moved(block, row[block.rows], column[block.columns]) for block in store.blocks()]
    return stack_blocks(shape, [part for part in parts if len(part.columns)])


def dense_part(store: Store, rows: Places, columns: Places) -> NDArray[np.int8]:
    """Return the matrix of some members and roll calls.

    Parameters
    ----------
    store, rows, columns
        As in `take_part`.

    Returns
    -------
    ndarray of int8, shape (n_rows, n_columns)
        Codes of `voteshift.Vote`.
    """
    if store.is_matrix:
        return make_matrix(store)[rows][:, columns]
    row, column = _places(rows, store.shape[0]), _places(columns, store.shape[1])
    matrix = np.full(((row >= 0).sum(), (column >= 0).sum()), _EMPTY, dtype=np.int8)
    for block in store.blocks():
        across = column[block.columns]
        chosen = np.flatnonzero(across >= 0)
        if len(chosen):
            down = row[block.rows]
            kept = np.flatnonzero(down >= 0)
            matrix[np.ix_(down[kept], across[chosen])] = block.codes[np.ix_(kept, chosen)]
    return matrix


def _positions(chosen: Places, n: int) -> NDArray[np.intp]:
    return np.arange(n)[chosen]


def _places(chosen: Places, n: int) -> NDArray[np.intp]:
    """Return the place of each position among the chosen positions, -1 if it is not chosen."""
    positions = _positions(chosen, n)
    places = np.full(n, -1, dtype=np.intp)
    places[positions] = np.arange(len(positions))
    return places


def make_matrix(store: Store) -> NDArray[np.int8]:
    """Return the matrix of all members by all roll calls, read-only.

    Parameters
    ----------
    store : Store
        The votes. If its only block is the matrix, the matrix is not copied.

    Returns
    -------
    ndarray of int8, shape (n_members, n_rollcalls)
        Codes of `voteshift.Vote`.

    Raises
    ------
    UsageError
        If the matrix would take more than half of the memory of the machine.
    """
    if store.is_matrix:
        return store.codes.reshape(store.shape)
    n_members, n_rollcalls = store.shape
    memory = _memory()
    if memory is not None and n_members * n_rollcalls > _MOST * memory:
        raise UsageError(
            f"the matrix of votes would take {n_members * n_rollcalls / 1e9:.1f} GB ({n_members:,} members x "
            f"{n_rollcalls:,} roll calls), more than half of the {memory / 1e9:.1f} GB of this machine",
            remedy=(
                "select roll calls first, with between() or select(), or go through the blocks of the "
                "attribute store"
            ),
        )
    # Filled before it is read-only: a copy would need twice the memory.
    matrix = dense_part(store, slice(None), slice(None))
    matrix.setflags(write=False)
    return matrix


def _memory() -> int | None:
    """Return the memory of the machine in bytes, or None if the system does not state it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


# Counts


def count_votes(store: Store) -> dict[Vote, NDArray[np.int64]]:
    """Return the number of members with each code, for every roll call."""
    n_members, n_rollcalls = store.shape
    counts = {vote: np.zeros(n_rollcalls, dtype=np.int64) for vote in Vote}
    for block in store.blocks():
        for vote, count in counts.items():
            count[block.columns] = (block.codes == vote).sum(axis=0)
        counts[Vote.NOT_MEMBER][block.columns] += n_members - len(block.rows)
    return counts


def find_categories(store: Store) -> NDArray[np.bool_]:
    """Return True for each of no, abstain and yes that occurs in a roll call, shape (n_rollcalls, 3)."""
    present = np.zeros((store.shape[1], len(CATEGORIES)), dtype=bool)
    for block in store.blocks():
        present[block.columns] = present_categories(block.codes)
    return present


def present_categories(votes: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return True for each of no, abstain and yes that occurs in a roll call.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls)
        Codes; negative codes mean that no vote was cast.

    Returns
    -------
    ndarray of bool, shape (n_rollcalls, 3)
        The function goes through blocks of members, so that no mask is as large as the matrix.
    """
    present = np.zeros((len(CATEGORIES), votes.shape[1]), dtype=bool)
    for begin in range(0, len(votes), _ROWS):
        for code in range(len(CATEGORIES)):
            present[code] |= (votes[begin : begin + _ROWS] == code).any(axis=0)
    return present.T


def find_seated(store: Store, columns: Places | NDArray[np.bool_] = slice(None)) -> NDArray[np.bool_]:
    """Return True for members with a seat in at least one of the roll calls, shape (n_members,)."""
    return _any_above(store, _EMPTY, columns)  # the lowest code


def find_voting(store: Store, columns: Places | NDArray[np.bool_] = slice(None)) -> NDArray[np.bool_]:
    """Return True for members that voted in at least one of the roll calls, shape (n_members,)."""
    return _any_above(store, -1, columns)


def _any_above(store: Store, code: int, columns: Places | NDArray[np.bool_]) -> NDArray[np.bool_]:
    result = np.zeros(store.shape[0], dtype=bool)
    chosen = np.zeros(store.shape[1], dtype=bool)
    chosen[columns] = True
    for block in store.blocks():
        across = chosen[block.columns]
        if not across.any():
            continue
        codes = block.codes if across.all() else block.codes[:, across]
        if codes.size <= SMALL:
            above = (codes > code).any(axis=1)
        else:  # row by row: no mask of the size of the block
            above = np.array([(row > code).any() for row in codes], dtype=bool)
        result[block.rows] |= above
    return result


def iterate_rows(store: Store) -> Iterator[NDArray[np.int8]]:
    """Go through the rows of the matrix, one for each member, without the matrix."""
    height = max(1, _CHUNK // max(1, store.shape[1]))
    for begin in range(0, store.shape[0], height):
        yield from dense_part(store, slice(begin, begin + height), slice(None))


def iterate_columns(store: Store) -> Iterator[NDArray[np.int8]]:
    """Go through the columns of the matrix, one for each roll call, without the matrix."""
    width = max(1, _CHUNK // max(1, store.shape[0]))
    for begin in range(0, store.shape[1], width):
        yield from dense_part(store, slice(None), slice(begin, begin + width)).T


def list_seats(
    store: Store, *, by_member: bool = False
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int8]]:
    """Return all seats.

    Parameters
    ----------
    store : Store
        The votes.
    by_member : bool
        Sort the seats by member and then by roll call, not by roll call and then by member.

    Returns
    -------
    member, rollcall : ndarray of int, shape (n,)
        Positions.
    code : ndarray of int8, shape (n,)
        Codes.
    """
    parts = []
    for block in store.blocks():
        column, row = np.nonzero((block.codes != _EMPTY).T)
        parts.append((block.rows[row], block.columns[column], block.codes[row, column]))
    if not parts:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.int8)
    member, rollcall, code = (np.concatenate(part) for part in zip(*parts, strict=True))
    if by_member or len(parts) > 1:
        order = np.lexsort((rollcall, member) if by_member else (member, rollcall))
        member, rollcall, code = member[order], rollcall[order], code[order]
    return member.astype(np.intp), rollcall.astype(np.intp), code
