"""Votes in blocks of roll calls and of the members with a seat in them, without the matrix of all members."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blocked", "Piece", "SeatedVotes", "seat_votes"]

Piece = tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.int8]]
"""Roll calls, members (ascending), and their votes, members by roll calls."""

Codes = NDArray[np.int8]


class Blocked(Protocol):
    """Votes that can be gone through in blocks. All other votes are missing."""

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of members and of roll calls."""

    def blocks(self) -> Iterator[Any]:
        """Go through the blocks, each a `Piece`; every roll call is in one block."""


@dataclass(frozen=True, slots=True, eq=False)
class SeatedVotes:
    """Votes in blocks, with the place of every roll call.

    Attributes
    ----------
    shape : tuple of int
        Numbers of members and of roll calls.
    pieces : tuple of Piece
        The blocks. In these roll calls, all other members have no vote.
    block, place : ndarray of int32, shape (n_rollcalls,)
        The block of each roll call, and its column in this block.
    """

    shape: tuple[int, int]
    pieces: tuple[Piece, ...]
    block: NDArray[np.int32] = field(repr=False)
    place: NDArray[np.int32] = field(repr=False)

    def of(self, columns: NDArray[np.integer]) -> Iterator[tuple[NDArray[np.intp], Piece]]:
        """Go through some roll calls by block: their positions in `columns`, and their votes."""
        block = self.block[columns]
        for number in np.unique(block).tolist():
            where = np.flatnonzero(block == number)
            _, rows, codes = self.pieces[number]
            chosen = columns[where]
            yield where, (chosen, rows, codes[:, self.place[chosen]])

    def voting_members(self, columns: NDArray[np.integer]) -> NDArray[np.intp]:
        """Return the members with a vote in at least one of the roll calls, ascending."""
        voted = np.zeros(self.shape[0], dtype=bool)
        for _, (_, rows, codes) in self.of(columns):
            voted[rows] |= codes.max(axis=1, initial=-1) >= 0
        return np.flatnonzero(voted)

    def matrix(
        self, columns: NDArray[np.integer], members: NDArray[np.integer] | None = None
    ) -> NDArray[np.int8]:
        """Return the votes of some members (by default all) in some roll calls, -1 if there is no vote."""
        n_members = self.shape[0] if members is None else len(members)
        result = np.full((n_members, len(columns)), -1, dtype=np.int8)
        target = np.full(self.shape[0], -1, dtype=np.intp)
        target[slice(None) if members is None else members] = np.arange(n_members)
        for where, (_, rows, codes) in self.of(columns):
            to = target[rows]
            kept = to >= 0
            result[np.ix_(to[kept], where)] = codes[kept]
        return result

    def mapped(self, change: Callable[[Codes, NDArray[np.integer]], Codes]) -> "SeatedVotes":
        """Return other codes in the same blocks: a function of the codes and the roll calls of a block."""
        pieces = tuple((columns, rows, change(codes, columns)) for columns, rows, codes in self.pieces)
        return SeatedVotes(self.shape, pieces, self.block, self.place)


def seat_votes(votes: Blocked) -> SeatedVotes:
    """Return votes in blocks with the place of every roll call; the votes are not copied."""
    pieces = tuple((columns, rows, codes) for columns, rows, codes in votes.blocks())
    block, place = np.zeros((2, votes.shape[1]), dtype=np.int32)
    for number, (columns, _, _) in enumerate(pieces):
        block[columns], place[columns] = number, np.arange(len(columns))
    return SeatedVotes(votes.shape, pieces, block, place)
