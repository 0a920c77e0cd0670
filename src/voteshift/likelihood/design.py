"""The input of the likelihood: votes as ordered categories, periods and items."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.seated import Blocked, SeatedVotes, seat_votes

__all__ = ["Design", "Evaluation"]


class _Votes:
    """The field `votes` of a design: the matrix, which is built from blocks when it is first read."""

    @overload
    def __get__(self, instance: None, owner: type) -> "_Votes": ...
    @overload
    def __get__(self, instance: object, owner: type) -> NDArray[np.int8]: ...
    def __get__(self, instance: object | None, owner: type) -> "NDArray[np.int8] | _Votes":
        if instance is None:
            raise AttributeError("votes")  # a field without a default
        held = instance.__dict__
        if "_matrix" not in held:
            seated: SeatedVotes = held["seated"]
            held["_matrix"] = seated.matrix(np.arange(seated.shape[1]))
        matrix: NDArray[np.int8] = held["_matrix"]
        return matrix

    def __set__(self, instance: object, votes: NDArray[np.int8] | Blocked | SeatedVotes) -> None:
        held = instance.__dict__
        held["seated"] = None
        if isinstance(votes, np.ndarray):
            held["_matrix"] = votes
        else:
            held["seated"] = votes if isinstance(votes, SeatedVotes) else seat_votes(votes)


@dataclass(frozen=True, eq=False)
class Design:
    """The constant part of an ordered-response likelihood.

    Attributes
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls), C-contiguous
        Category of each vote, 0 to K - 1 in the order of the model. Any negative number means no vote.
        An item with two categories uses 0 and 1, whatever the names of the categories. A design can also be
        built from votes in blocks; the matrix is then built when this attribute is first read.
    period : ndarray of int32, shape (n_rollcalls,)
        Period of each roll call, 0 to n_periods - 1. A static model has one period.
    item : ndarray of int32, shape (n_rollcalls,)
        Item of each roll call, 0 to n_items - 1. Roll calls that share an item are a bridge.
    n_categories : ndarray of int8, shape (n_items,)
        Number K of categories of each item, 2 or 3.
    n_periods : int
        Number of periods.
    recorded : bool
        True if `votes` is the matrix of a record, which is not copied. The codes of no, abstain and yes in
        this matrix are then read directly. If any item has three categories, the codes must be the categories
        of every item. If all items have two categories, 0 is the lower category, and 1 and 2 are both the
        upper category. In this case `codes` is a matrix of zeros and ones.
    """

    votes: _Votes = _Votes()
    period: NDArray[np.int32]  # type: ignore[misc]  # the descriptor is no default
    item: NDArray[np.int32]  # type: ignore[misc]
    n_categories: NDArray[np.int8]  # type: ignore[misc]
    n_periods: int = 1
    recorded: bool = False
    _codes: NDArray[np.int8] | None = field(default=None, init=False, repr=False)
    _by_rollcall: "Design | None" = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check that the arrays match each other."""
        if self.seated is None:
            votes = self.votes
            if votes.dtype != np.int8 or votes.ndim != 2 or not votes.flags.c_contiguous:
                raise ValueError("votes must be a C-contiguous int8 matrix, members by roll calls")
        n_rollcalls = self.n_rollcalls
        if self.period.shape != (n_rollcalls,) or self.item.shape != (n_rollcalls,):
            raise ValueError("period and item must have one entry per roll call")
        if n_rollcalls:
            if self.period.min() < 0 or self.period.max() >= self.n_periods:
                raise ValueError("every period must be between 0 and n_periods - 1")
            if self.item.min() < 0 or self.item.max() >= len(self.n_categories):
                raise ValueError("every item must be between 0 and n_items - 1")
            binary = self.recorded and not (self.n_categories == 3).any()
            for columns, _, codes in self.pieces():
                most = np.int8(3) if binary else self.n_categories[self.item[columns]]
                if len(codes) and np.any(codes.max(axis=0) >= most):
                    raise ValueError("a vote is not among the categories of its item")
        if not np.isin(self.n_categories, (2, 3)).all():
            raise ValueError("an item must have two or three categories")

    @property
    def seated(self) -> SeatedVotes | None:
        """The votes in blocks; None if the design was built from a matrix."""
        seated: SeatedVotes | None = self.__dict__["seated"]
        return seated

    @property
    def codes(self) -> NDArray[np.int8]:
        """Category of each vote, 0 to K - 1, or -1 for no vote; a new matrix if `recorded`."""
        if not self.recorded:
            return self.votes
        if self._codes is None:
            object.__setattr__(self, "_codes", self._clipped(self.votes, slice(None)))
        return self._codes  # type: ignore[return-value]

    def _clipped(self, votes: NDArray[np.int8], columns: Any) -> NDArray[np.int8]:
        clipped: NDArray[np.int8] = np.clip(
            votes, np.int8(-1), (self.n_categories - np.int8(1))[self.item[columns]]
        )
        return clipped

    @property
    def coded(self) -> NDArray[np.int8] | SeatedVotes:
        """The categories of `codes` in the form in which the votes are stored, for another design."""
        if self.seated is None:
            return self.codes
        return self.seated.mapped(self._clipped) if self.recorded else self.seated

    @property
    def by_rollcall(self) -> "Design":
        """The same votes with a separate item per roll call; the same object at every call."""
        if self._by_rollcall is None:
            items = np.arange(self.n_rollcalls, dtype=np.int32)
            kinds = self.n_categories[self.item]
            object.__setattr__(
                self, "_by_rollcall", Design(self.coded, self.period, items, kinds, self.n_periods)
            )
        return self._by_rollcall  # type: ignore[return-value]

    @property
    def n_members(self) -> int:
        """Number of rows of `votes`."""
        return int(self._shape[0])

    @property
    def n_rollcalls(self) -> int:
        """Number of columns of `votes`."""
        return int(self._shape[1])

    @property
    def n_cells(self) -> int:
        """Number of cells of `votes`."""
        return self.n_members * self.n_rollcalls

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.n_categories)

    @property
    def _shape(self) -> tuple[int, ...]:
        return self.votes.shape if self.seated is None else self.seated.shape

    def pieces(self) -> Iterator[tuple[Any, Any, NDArray[np.int8]]]:
        """Go through all votes: indices of roll calls and of members, and the votes."""
        if self.seated is None:
            yield slice(None), slice(None), self.votes
        else:
            yield from self.seated.pieces

    def part(self, columns: Any, members: NDArray[np.integer] | None = None) -> NDArray[np.int8]:
        """Return the votes of some members in some roll calls.

        Parameters
        ----------
        columns : slice or ndarray of int
            The roll calls.
        members : ndarray of int, optional
            The members; all by default.

        Returns
        -------
        ndarray of int8, shape (n_members, n_columns), C-contiguous
        """
        if self.seated is not None:
            return self.seated.matrix(np.arange(self.n_rollcalls)[columns], members)
        votes = self.votes if members is None else self.votes[members]
        return np.ascontiguousarray(votes[:, columns])

    def count_votes(self) -> NDArray[np.int64]:
        """Count the votes of each member in each period, shape (n_periods, n_members)."""
        counts = np.zeros((self.n_periods, self.n_members), dtype=np.int64)
        for columns, rows, votes in self.pieces():
            period = self.period[columns]
            for t in np.unique(period).tolist():
                counts[t, rows] += (votes[:, period == t] >= 0).sum(axis=1)
        return counts

    def count_voters(self) -> NDArray[np.int64]:
        """Count the votes in each roll call, shape (n_rollcalls,)."""
        counts = np.zeros(self.n_rollcalls, dtype=np.int64)
        for columns, _, votes in self.pieces():
            counts[columns] = (votes >= 0).sum(axis=0)
        return counts


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Log-likelihood, gradient and, on request, information blocks at one point.

    Attributes
    ----------
    value : float
        Sum of log P over the votes cast.
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Gradient for the positions.
    discriminations : ndarray, shape (n_items, n_dims)
        Gradient for the discriminations.
    cutpoints : ndarray, shape (n_items, 2)
        Gradient for the cutpoints. The gradient is 0 for the second cutpoint of an item with two categories.
    position_information : ndarray, shape (n_periods, n_members, n_dims, n_dims), or None
        Minus the second derivative with respect to each position, or its expectation for
        ``information="expected"``.
    item_information : ndarray, shape (n_items, n_dims + 2, n_dims + 2), or None
        The same with respect to (discriminations, first cutpoint, second cutpoint) of each item. Rows and
        columns of the second cutpoint are 0 for an item with two categories.
    precision : str
        Arithmetic for the terms of a vote, "float64" or "float32".
    """

    value: float
    positions: NDArray[np.float64]
    discriminations: NDArray[np.float64]
    cutpoints: NDArray[np.float64]
    position_information: NDArray[np.float64] | None = None
    item_information: NDArray[np.float64] | None = None
    precision: str = "float64"
