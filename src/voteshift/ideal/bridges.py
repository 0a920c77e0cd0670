"""Bridges: roll calls that share an item, and so place the scales of periods relative to each other.

That two roll calls are one item is a hypothesis, which the user chooses. The family under study should not be
a bridge.
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
        With the column ``family``.
    apart : iterable of str
        Slugs of families whose versions keep separate items: the ones under study.

    Returns
    -------
    dict of str to str
        Item of each roll call that shares one.

    Raises
    ------
    UsageError
        If a slug names no family.
    """
    families = rollcalls["family"]
    apart = set(apart)
    unknown = apart - set(families)
    if unknown:
        raise UsageError(
            f"apart= names {min(unknown)!r}, which is not a family of the record",
            remedy="RollCalls.families lists them",
        )
    counts = families[families != ""].value_counts()
    shared = families.isin(counts.index[counts > 1]) & ~families.isin(apart)
    return {str(rollcall): f"family {slug}" for rollcall, slug in families[shared].items()}


def paired_items(pairs: Iterable[tuple[str, str]], rollcalls: pd.Index) -> dict[str, str]:
    """Return the items that roll calls share which are paired, directly or through others.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Roll calls with (nearly) the same text; chains and many-to-one are fine.
    rollcalls : Index
        Roll calls of the record.

    Returns
    -------
    dict of str to str
        Item of each roll call that is in a pair, named after the first of its roll calls.

    Raises
    ------
    UsageError
        If a pair names a roll call that is not in the record, or is not a pair.
    """
    listed = check_pairs(pairs)
    rank = {str(rollcall): index for index, rollcall in enumerate(rollcalls)}
    for pair in listed:
        for rollcall in pair:
            if rollcall not in rank:
                raise UsageError(
                    f"items= names roll call {rollcall}, which is not in the record",
                    id=rollcall,
                    remedy="leave the pair out; `read_pairs` does so and lists what it left out",
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
    """Return pairs of roll calls as text.

    Raises
    ------
    UsageError
        If they are anything but pairs.
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
        f"items= holds {value!r}, which is not a pair of roll calls",
        remedy="give a mapping of roll calls to items, or pairs of roll calls; bridge='families' bridges all "
        "repeated resolutions",
    )


def checked_items(items: Mapping[str, str], rollcalls: pd.Index) -> dict[str, str]:
    """Validate an explicit mapping of roll calls to items, and return it as text.

    Raises
    ------
    UsageError
        If a key is not a roll call of the record, or an item has the id of a roll call that is not on it.
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
                f"items= names an item {item!r}, which is also the id of a roll call that is not on it",
                id=item,
                remedy=f"map {item} to {item} if the roll call is on the item; else rename the item",
            )
    return named


@dataclass(frozen=True, slots=True)
class BridgeCount:
    """The number of items that span each gap between neighbouring periods.

    Attributes
    ----------
    table : DataFrame
        ``from``, ``to`` (labels of the periods) and ``bridges``.
    """

    table: pd.DataFrame

    @property
    def open_gaps(self) -> list[tuple[str, str]]:
        """Gaps that no item spans: positions may not be compared across them."""
        none = self.table[self.table["bridges"] == 0]
        return list(zip(none["from"], none["to"], strict=True))


def count_bridges(period: NDArray[np.int32], item: NDArray[np.int32], labels: tuple[str, ...]) -> BridgeCount:
    """Count the items with roll calls on both sides of each gap.

    Parameters
    ----------
    period, item : ndarray of int, shape (n_rollcalls,)
        Period and item of each roll call.
    labels : tuple of str
        Periods, in order.
    """
    frame = pd.DataFrame({"item": item, "period": period}).groupby("item")["period"].agg(["min", "max"])
    spans = np.zeros(len(labels), dtype=int)
    np.add.at(spans, frame["min"].to_numpy(), 1)
    np.add.at(spans, frame["max"].to_numpy(), -1)
    return BridgeCount(
        pd.DataFrame({"from": labels[:-1], "to": labels[1:], "bridges": np.cumsum(spans)[:-1]})
    )
