"""Bridges: roll calls that share an item, and so connect the scales of different periods.

The user assumes that two roll calls share an item; the votes do not prove it. The family under study should
not be a bridge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError, did_you_mean

__all__ = ["BridgeCount", "check_pairs", "checked_items", "count_bridges", "family_items", "paired_items"]


def family_items(rollcalls: pd.DataFrame, apart: Iterable[str] = ()) -> dict[str, str]:
    """Return the items that the versions of every repeated resolution share.

    Parameters
    ----------
    rollcalls : DataFrame, index rollcall
        Roll calls with the column ``family``.
    apart : iterable of str
        Slugs of families whose versions keep separate items, such as the family under study.

    Returns
    -------
    dict of str to str
        Item of each roll call that shares an item.

    Raises
    ------
    UsageError
        If a slug in `apart` is not a family of the record.
    """
    families = rollcalls["family"]
    apart = set(apart)
    unknown = apart - set(families)
    if unknown:
        raise UsageError(
            f"apart= names {min(unknown)!r}, which is not a family of the record",
            remedy="RollCalls.families lists the families of the record",
        )
    counts = families[families != ""].value_counts()
    shared = families.isin(counts.index[counts > 1]) & ~families.isin(apart)
    return {str(rollcall): f"family {slug}" for rollcall, slug in families[shared].items()}


def paired_items(pairs: Iterable[tuple[str, str]], rollcalls: pd.Index) -> dict[str, str]:
    """Return the items of paired roll calls, which share an item directly or through other pairs.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Pairs of roll calls with (nearly) the same text. A roll call may be in several pairs.
    rollcalls : Index
        Ids of the roll calls of the record.

    Returns
    -------
    dict of str to str
        Item of each roll call that is in a pair. The name of an item contains the id of its first roll call.

    Raises
    ------
    UsageError
        If an entry is not a pair, or names a roll call that is not in the record.
    """
    listed = check_pairs(pairs)
    rank = {str(rollcall): index for index, rollcall in enumerate(rollcalls)}
    for pair in listed:
        for rollcall in pair:
            if rollcall not in rank:
                raise UsageError(
                    f"items= names roll call {rollcall}, which is not in the record",
                    id=rollcall,
                    remedy=(
                        "leave out the pair; `read_pairs` leaves out pairs with unknown roll calls and "
                        "lists these pairs"
                    ),
                )
    if not listed:
        return {}
    from scipy.sparse import coo_array  # loading it takes longer than most commands
    from scipy.sparse.csgraph import connected_components

    rows, columns = np.array([[rank[one], rank[other]] for one, other in listed]).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(rank), len(rank)))
    _, component = connected_components(graph, directed=False)
    names: dict[int, str] = {}
    paired = set(rows.tolist()) | set(columns.tolist())
    items = {}
    for rollcall, index in rank.items():
        if index in paired:
            first = names.setdefault(int(component[index]), rollcall)
            items[rollcall] = f"text of {first}"
    return items


def check_pairs(pairs: object) -> tuple[tuple[str, str], ...]:
    """Validate pairs of roll calls and return their ids as str.

    Raises
    ------
    UsageError
        If an entry is not a pair.
    """
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        raise _not_pairs(pairs)
    listed = []
    for pair in pairs:
        ids = () if isinstance(pair, str) or not isinstance(pair, Iterable) else tuple(map(str, pair))
        if len(ids) != 2:
            raise _not_pairs(pair)
        listed.append((ids[0], ids[1]))
    return tuple(listed)


def _not_pairs(value: object) -> UsageError:
    return UsageError(
        f"items= contains {value!r}, which is not a pair of roll calls",
        remedy="give a mapping from roll calls to items, or pairs of roll calls; to bridge all repeated "
        "resolutions, use bridge='families'",
    )


def checked_items(items: Mapping[str, str], rollcalls: pd.Index) -> dict[str, str]:
    """Validate a mapping from roll calls to items, and return it with keys and values of type str.

    Raises
    ------
    UsageError
        If a key is not a roll call of the record. Also if an item has the id of a roll call that is not
        mapped to this item.
    """
    named = {str(rollcall): str(item) for rollcall, item in items.items()}
    for rollcall in named:
        if rollcall not in rollcalls:
            raise UsageError(
                f"items= names roll call {rollcall}, which is not in the record",
                id=rollcall,
                remedy=did_you_mean(rollcall, rollcalls),
            )
    # A roll call without an entry is an item by itself, with its id as name.
    for item in dict.fromkeys(named.values()):
        if item in rollcalls and named.get(item) != item:
            raise UsageError(
                f"the item {item!r} in items= has the id of a roll call that is not mapped to this item",
                id=item,
                remedy=f"map {item} to {item} if the roll call shares the item; otherwise rename the item",
            )
    return named


@dataclass(frozen=True, slots=True)
class BridgeCount:
    """Number of items with roll calls on both sides of each gap between successive periods.

    Attributes
    ----------
    table : DataFrame
        ``from``, ``to`` (labels of the periods) and ``bridges`` (number of items that span the gap).
    """

    table: pd.DataFrame

    @property
    def open_gaps(self) -> list[tuple[str, str]]:
        """Gaps that no item spans. Across these gaps only relative positions can be compared."""
        none = self.table[self.table["bridges"] == 0]
        return list(zip(none["from"], none["to"], strict=True))


def count_bridges(period: NDArray[np.int32], item: NDArray[np.int32], labels: tuple[str, ...]) -> BridgeCount:
    """Count the items with roll calls on both sides of each gap between periods.

    Parameters
    ----------
    period, item : ndarray of int, shape (n_rollcalls,)
        Period and item of each roll call.
    labels : tuple of str
        Labels of the periods, in order.
    """
    frame = pd.DataFrame({"item": item, "period": period}).groupby("item")["period"].agg(["min", "max"])
    spans = np.zeros(len(labels), dtype=int)
    np.add.at(spans, frame["min"].to_numpy(), 1)
    np.add.at(spans, frame["max"].to_numpy(), -1)
    return BridgeCount(
        pd.DataFrame({"from": labels[:-1], "to": labels[1:], "bridges": np.cumsum(spans)[:-1]})
    )
