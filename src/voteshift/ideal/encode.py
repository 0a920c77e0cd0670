"""Roll calls encoded as the arrays of the likelihood, with their labels."""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise
from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, UsageError
from voteshift.likelihood import Design
from voteshift.rollcalls import RollCalls, present_categories
from voteshift.store import (
    Store,
    find_categories,
    find_seated,
    find_voting,
    make_matrix,
    stack_blocks,
    take_part,
)
from voteshift.votes import CATEGORIES

__all__ = [
    "Encoded",
    "Voting",
    "categories_by_item",
    "encode",
    "named",
    "place_of",
    "ranked",
    "static_design",
    "voting",
]

_ROWS = 16


@dataclass(frozen=True, slots=True)
class Encoded:
    """A `Design` with the labels of its rows, columns and categories.

    Attributes
    ----------
    design : Design
        Votes, coded 0 .. K - 1 by the categories of each roll call.
    members : Index
        Ids of the rows: the members with at least one vote.
    rollcalls : Index
        Ids of the columns: the contested roll calls.
    categories : tuple of tuple of str, one per roll call
        The categories that occur, in order. A category that nobody chose has no cutpoint.
    silent : tuple of str
        Members left out because they cast no vote in these roll calls.
    uncontested : tuple of str
        Roll calls left out because all votes cast in them were the same.
    names : tuple of str
        Names of the rows. Empty if the names are unknown.
    """

    design: Design
    members: pd.Index
    rollcalls: pd.Index
    categories: tuple[tuple[str, ...], ...]
    silent: tuple[str, ...]
    uncontested: tuple[str, ...]
    names: tuple[str, ...] = field(default=(), kw_only=True)

    def cutpoint_names(self, column: int) -> tuple[str, ...]:
        """Return the names of the cutpoints of one roll call, such as ``("no|abstain", "abstain|yes")``."""
        present = self.categories[column]
        return tuple(f"{low}|{high}" for low, high in pairwise(present))

    def bridges_between(self, old: str, new: str, *, without: Collection[str] = ()) -> int | None:
        """Return the number of items that bridge the periods of two roll calls.

        Parameters
        ----------
        old, new : str
            Roll calls of the fit.
        without : collection of str
            Ids of roll calls that do not count as bridges.

        Returns
        -------
        int or None
            The smallest number of items that span a gap between the two periods. None in a static model, or
            if both roll calls are in one period.
        """
        del old, new, without
        return None

    def columns(self, rollcalls: list[str]) -> NDArray[np.intp]:
        """Return the columns of some roll calls.

        Raises
        ------
        UsageError
            If a roll call is not among the fitted roll calls.
        """
        columns = self.rollcalls.get_indexer(pd.Index(rollcalls, dtype=object))
        for rollcall, column in zip(rollcalls, columns, strict=True):
            if column < 0:
                raise UsageError(
                    f"roll call {rollcall} is not among the fitted roll calls: it is outside the window, "
                    "or all votes cast in this roll call were the same",
                    id=rollcall,
                    remedy=(
                        "fit a window that includes this roll call; a unanimous roll call cannot be fitted"
                    ),
                )
        return np.asarray(columns, dtype=np.intp)

    def item_table(
        self, discriminations: NDArray[np.float64], cutpoints: NDArray[np.float64]
    ) -> pd.DataFrame:
        """Return one row per roll call and dimension: the parameters of its item.

        Parameters
        ----------
        discriminations : ndarray, shape (n_items, n_dims)
        cutpoints : ndarray, shape (n_items, 2)

        Returns
        -------
        DataFrame
            ``rollcall``, ``dimension``, ``discrimination`` and one column for each named cutpoint. A cutpoint
            that a roll call does not have is NaN.
        """
        rows = []
        for column, rollcall in enumerate(self.rollcalls):
            item = self.design.item[column]
            names = self.cutpoint_names(column)
            named = dict(zip(names, cutpoints[item, : len(names)], strict=True))
            rows += [
                {"rollcall": rollcall, "dimension": dimension, "discrimination": slope, **named}
                for dimension, slope in enumerate(discriminations[item], start=1)
            ]
        return pd.DataFrame(rows)


def static_design(votes: NDArray[np.int8] | Store, present: NDArray[np.bool_]) -> Design:
    """Return the design with one period and a separate item for each roll call.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls), or Store
        Codes 0 to 2; negative codes mean that no vote was cast. Every roll call must be contested.
    present : ndarray of bool, shape (n_rollcalls, 3)
        The categories that occur. They are renumbered 0 .. K - 1 in a copy, unless the codes of the votes can
        be used directly. The codes can be used directly if all roll calls have a no vote, and either no roll
        call has three categories or all roll calls have an abstention.
    """
    n_rollcalls = votes.shape[1]
    three = present.all(axis=1)
    recorded = bool(present[:, 0].all() and (not three.any() or present[:, 1].all()))
    if not recorded:
        votes = ranked(votes, present)
    return Design(
        votes=votes if isinstance(votes, Store) else np.ascontiguousarray(votes),
        period=np.zeros(n_rollcalls, dtype=np.int32),
        item=np.arange(n_rollcalls, dtype=np.int32),
        n_categories=present.sum(axis=1).astype(np.int8),
        recorded=recorded,
    )


def categories_by_item(votes: NDArray[np.int8] | Store, item: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return the categories (no, abstain, yes) that occur in each item, shape (n_items, 3).

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls), or Store
        Codes; negative codes mean that no vote was cast.
    item : ndarray of int, shape (n_rollcalls,)
        Item of each roll call, 0 to n_items - 1.
    """
    present = np.zeros((int(item.max()) + 1, len(CATEGORIES)), dtype=bool)
    categories = find_categories(votes) if isinstance(votes, Store) else present_categories(votes)
    np.logical_or.at(present, item, categories)
    return present


@overload
def ranked(votes: NDArray[np.int8], present: NDArray[np.bool_]) -> NDArray[np.int8]: ...
@overload
def ranked(votes: Store, present: NDArray[np.bool_]) -> Store: ...
def ranked(votes: NDArray[np.int8] | Store, present: NDArray[np.bool_]) -> NDArray[np.int8] | Store:
    """Return the rank of each vote among the categories of its roll call, -1 if no vote was cast.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls), or Store
        Codes; negative codes mean that no vote was cast.
    present : ndarray of bool, shape (n_rollcalls, 3)
        The two or three categories of each roll call.

    Returns
    -------
    ndarray of int8, shape (n_members, n_rollcalls), or Store
        The ranks, as a copy.
    """
    if isinstance(votes, Store):
        blocks = votes.blocks()
        ranks = [block._replace(codes=ranked(block.codes, present[block.columns])) for block in blocks]
        return stack_blocks(votes.shape, ranks)
    three, lowest = present.all(axis=1), present.argmax(axis=1).astype(np.int8)
    codes = np.empty(votes.shape, dtype=np.int8)
    for begin in range(0, len(votes), _ROWS):  # in blocks, so that nothing else has the size of the matrix
        block = votes[begin : begin + _ROWS]
        rank = np.where(three, block, (block > lowest).view(np.int8))
        codes[begin : begin + _ROWS] = np.where(block < 0, np.int8(-1), rank)
    return codes


def named(present: NDArray[np.bool_]) -> tuple[tuple[str, ...], ...]:
    """Return the names of the categories of each roll call, in order.

    Roll calls with the same categories share one tuple.

    Parameters
    ----------
    present : ndarray of bool, shape (n_rollcalls, 3)
        The categories of each roll call.
    """
    kinds, kind_of = np.unique(present, axis=0, return_inverse=True)
    names = [
        tuple(name for name, is_present in zip(CATEGORIES, kind, strict=True) if is_present) for kind in kinds
    ]
    return tuple(names[kind] for kind in kind_of.ravel().tolist())


@dataclass(frozen=True, slots=True)
class Voting:
    """The part of a record to which a model can be fitted.

    Attributes
    ----------
    contested : RollCalls
        The contested roll calls of the record, with all members.
    voted : ndarray of bool, shape (n_members,)
        True for members that voted in at least one contested roll call.
    silent : tuple of str
        Members left out because they had a seat and cast no vote in the contested roll calls.
    uncontested : tuple of str
        Roll calls left out because all votes cast in them were the same.
    """

    contested: RollCalls
    voted: NDArray[np.bool_]
    silent: tuple[str, ...]
    uncontested: tuple[str, ...]

    @property
    def members(self) -> pd.Index:
        """Ids of the members that voted."""
        return self.contested.members.index[self.voted]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the members that voted."""
        return tuple(map(str, self.contested.members["name"][self.voted]))

    def votes(self, order: NDArray[np.intp] | None = None) -> NDArray[np.int8] | Store:
        """Return the votes of the members that voted, in blocks if the record is long.

        Parameters
        ----------
        order : ndarray of int, shape (n_contested,), optional
            Order of the roll calls; that of the record by default.

        Returns
        -------
        ndarray of int8, shape (n_voted, n_contested), or Store
            If all members voted and the order does not change, these are the votes of the record and not a
            copy.
        """
        everyone = bool(self.voted.all())
        if self.contested.store.is_matrix:
            votes = self.contested.votes
            votes = votes if everyone else votes[self.voted]
            return votes if order is None else votes[:, order]
        if everyone and order is None:
            return self.contested.store
        part = take_part(
            self.contested.store, np.flatnonzero(self.voted), slice(None) if order is None else order
        )
        return make_matrix(part) if part.is_matrix else part


def voting(rollcalls: RollCalls) -> Voting:
    """Leave out unanimous roll calls and members without a vote, which do not inform positions.

    Parameters
    ----------
    rollcalls : RollCalls
        Any selection of a record.

    Raises
    ------
    InputError
        If fewer than three members voted or no roll call is contested.
    """
    contested = rollcalls.contested()
    ids, n_rollcalls = contested.members.index, contested.store.shape[1]
    voted = find_voting(contested.store)
    if not n_rollcalls or voted.sum() < 3:
        raise InputError(
            f"{int(voted.sum())} members voted in {n_rollcalls} contested roll calls: too few for a fit",
            remedy="a fit needs at least three members that voted and one roll call that is not unanimous",
        )
    seated = find_seated(contested.store)
    return Voting(
        contested,
        voted,
        tuple(ids[~voted & seated]),
        tuple(rollcalls.rollcalls.index.difference(contested.rollcalls.index, sort=False)),
    )


def place_of(encoded: Encoded) -> NDArray[np.int8]:
    """Return the code of each category (0 no, 1 abstain, 2 yes), shape (n_rollcalls, 3).

    If a roll call has two categories, the third value is -1.
    """
    places = np.full((len(encoded.rollcalls), len(CATEGORIES)), -1, dtype=np.int8)
    for row, names in enumerate(encoded.categories):
        places[row, : len(names)] = [CATEGORIES.index(name) for name in names]
    return places


def encode(rollcalls: RollCalls) -> Encoded:
    """Encode the contested roll calls and the members that voted in them.

    Parameters
    ----------
    rollcalls : RollCalls
        Any selection of a record.

    Raises
    ------
    InputError
        If fewer than three members voted or no roll call is contested.
    """
    part = voting(rollcalls)
    votes = part.votes()
    present = find_categories(votes) if isinstance(votes, Store) else present_categories(votes)
    return Encoded(
        design=static_design(votes, present),
        members=part.members,
        rollcalls=part.contested.rollcalls.index,
        categories=named(present),
        silent=part.silent,
        uncontested=part.uncontested,
        names=part.names,
    )
