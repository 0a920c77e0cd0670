"""Roll calls, periods and bridges encoded as the arrays of the dynamic model."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from voteshift.ideal.bridges import BridgeCount, count_bridges
from voteshift.ideal.encode import Encoded, categories_by_item, named, ranked, voting
from voteshift.ideal.periods import Periods, find_periods
from voteshift.likelihood import Design
from voteshift.rollcalls import RollCalls

__all__ = ["DynamicEncoded", "encode_dynamic"]


@dataclass(frozen=True, slots=True)
class DynamicEncoded(Encoded):
    """Encoded votes with periods and shared items. The roll calls are sorted by period.

    Attributes
    ----------
    periods : Periods
        Periods of the columns.
    items : tuple of str, one per roll call
        Item of each roll call. A roll call that shares no item has its id as item.
    bridges : BridgeCount
        Items that span each gap between periods.
    """

    periods: Periods
    items: tuple[str, ...]
    bridges: BridgeCount

    def bridges_between(self, old: str, new: str, *, without: Collection[str] = ()) -> int | None:
        """Return the smallest number of items that span a gap between the periods of two roll calls.

        Parameters
        ----------
        old, new : str
            Ids of fitted roll calls.
        without : collection of str
            Ids of roll calls that do not count as bridges.

        Raises
        ------
        UsageError
            If `old` or `new` is not among the fitted roll calls.
        """
        first, last = sorted(self.design.period[self.columns([old, new])].tolist())
        if first == last:
            return None
        count = self.bridges
        if without:
            kept = ~self.rollcalls.isin(without)
            count = count_bridges(self.design.period[kept], self.design.item[kept], self.periods.labels)
        return int(count.table["bridges"].iloc[first:last].min())


def encode_dynamic(rollcalls: RollCalls, *, periods: str, items: Mapping[str, str]) -> DynamicEncoded:
    """Encode the contested roll calls and the members that voted in them, by period and item.

    Parameters
    ----------
    rollcalls : RollCalls
        Any selection of a record.
    periods : str
        See `find_periods`.
    items : mapping of str to str
        Item of each roll call that shares an item. Every other roll call has a separate item.

    Raises
    ------
    InputError
        If fewer than three members voted, no roll call is contested, or the roll calls cannot be divided into
        periods.
    """
    voted = voting(rollcalls)
    frame = voted.contested.rollcalls
    unordered = find_periods(frame, periods)
    order = np.argsort(unordered.of_rollcall, kind="stable")
    kept = frame.index[order]
    names = [items.get(str(rollcall), str(rollcall)) for rollcall in kept]
    item = pd.factorize(pd.Index(names, dtype=object))[0].astype(np.int32)
    votes = voted.votes(order)
    # A category nobody chose in any roll call of an item has no cutpoint.
    present = categories_by_item(votes, item)
    in_order = replace(unordered, of_rollcall=unordered.of_rollcall[order])
    period = in_order.of_rollcall.astype(np.int32)
    return DynamicEncoded(
        design=Design(
            ranked(votes, present[item]),
            period,
            item,
            present.sum(axis=1).astype(np.int8),
            len(unordered.labels),
        ),
        members=voted.members,
        rollcalls=kept,
        categories=named(present[item]),
        silent=voted.silent,
        uncontested=voted.uncontested,
        periods=in_order,
        items=tuple(names),
        bridges=count_bridges(period, item, unordered.labels),
        names=voted.names,
    )
