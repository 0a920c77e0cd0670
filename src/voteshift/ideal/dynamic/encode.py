"""From roll calls, periods and bridges to the arrays of the dynamic model."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from voteshift.errors import InputError, UsageError
from voteshift.ideal.bridges import BridgeCount, count_bridges
from voteshift.ideal.encode import Encoded
from voteshift.ideal.periods import Periods, find_periods
from voteshift.likelihood import Design
from voteshift.rollcalls import RollCalls
from voteshift.votes import CATEGORIES, Vote

__all__ = ["MovingEncoded", "encode_moving"]


@dataclass(frozen=True, slots=True)
class MovingEncoded(Encoded):
    """An `Encoded` with periods and shared items; its roll calls are in the order of their periods.

    Attributes
    ----------
    periods : Periods
        Of the columns.
    items : tuple of str, one per roll call
        The item of each; a roll call of its own has its own id.
    bridges : BridgeCount
        Items that span each gap between periods.
    """

    periods: Periods
    items: tuple[str, ...]
    bridges: BridgeCount

    def bridges_between(self, old: str, new: str, *, without: Collection[str] = ()) -> int | None:
        """Return how many items span the least spanned gap between the periods of two roll calls.

        Parameters
        ----------
        old, new : str
            Roll calls of the fit.
        without : collection of str
            Roll calls that are not to count.
        """
        columns = self.rollcalls.get_indexer(pd.Index([old, new], dtype=object))
        if (columns < 0).any():
            raise UsageError(f"{old} or {new} is not in the fit")
        first, last = sorted(self.design.period[columns].tolist())
        if first == last:
            return None
        count = self.bridges
        if without:
            kept = ~self.rollcalls.isin(without)
            count = count_bridges(self.design.period[kept], self.design.item[kept], self.periods.labels)
        return int(count.table["bridges"].iloc[first:last].min())


def encode_moving(rollcalls: RollCalls, *, periods: str, items: Mapping[str, str]) -> MovingEncoded:
    """Encode the contested roll calls and the members that voted in them, by period and item.

    Parameters
    ----------
    rollcalls : RollCalls
        Any selection of a record.
    periods : str
        See `find_periods`.
    items : mapping of str to str
        Item of each roll call that shares one; the others have items of their own.

    Raises
    ------
    InputError
        If fewer than three members voted, no roll call is contested, or the periods cannot be found.
    """
    contested = rollcalls.contested()
    cast = contested.votes >= 0
    voted = cast.any(axis=1)
    if not contested.votes.shape[1] or voted.sum() < 3:
        size = contested.votes.shape[1]
        raise InputError(
            f"{int(voted.sum())} members voted in {size} contested roll calls: nothing to fit",
            remedy="a fit takes three members that voted and one roll call that was not unanimous",
        )
    found = find_periods(contested.rollcalls, periods)
    order = np.argsort(found.of_rollcall, kind="stable")
    kept = contested.rollcalls.index[order]
    votes = contested.votes[voted][:, order]
    names = [items.get(str(rollcall), str(rollcall)) for rollcall in kept]
    item, _ = pd.factorize(pd.Index(names, dtype=object))
    n_items = int(item.max()) + 1
    present = np.zeros((n_items, len(CATEGORIES)), dtype=bool)
    for code in range(len(CATEGORIES)):
        np.logical_or.at(present[:, code], item, (votes == code).any(axis=0))
    # A category nobody chose in any roll call of an item has no cutpoint.
    rank = np.cumsum(present, axis=1)[item] - 1
    codes = np.full(votes.shape, -1, dtype=np.int8)
    for code in range(len(CATEGORIES)):
        codes = np.where(votes == code, rank[:, code].astype(np.int8), codes)
    in_order = Periods(found.name, found.labels, found.of_rollcall[order], found.times)
    period = in_order.of_rollcall.astype(np.int32)
    design = Design(
        np.ascontiguousarray(codes),
        period,
        item.astype(np.int32),
        present.sum(axis=1).astype(np.int8),
        len(found.labels),
    )
    seated = np.array([(row != Vote.NOT_MEMBER).any() for row in contested.votes])
    return MovingEncoded(
        design=design,
        members=contested.members.index[voted],
        rollcalls=kept,
        categories=tuple(
            tuple(name for name, there in zip(CATEGORIES, present[slot], strict=True) if there)
            for slot in item
        ),
        silent=tuple(contested.members.index[~voted & seated]),
        uncontested=tuple(rollcalls.rollcalls.index.difference(kept, sort=False)),
        periods=in_order,
        items=tuple(names),
        bridges=count_bridges(period, design.item, found.labels),
    )
