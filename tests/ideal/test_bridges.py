import numpy as np
import pandas as pd
import pytest

from voteshift.errors import UsageError
from voteshift.ideal.bridges import checked_items, count_bridges, family_items, paired_items

KNOWN = pd.Index(list("abcdefg"))


def test_pairs_join_in_chains_and_many_to_one() -> None:
    items = paired_items([("a", "c"), ("e", "c"), ("f", "b")], KNOWN)
    assert items["a"] == items["c"] == items["e"] == "text of a"
    assert items["b"] == items["f"] == "text of b"
    assert set(items) == set("abcef")


def test_a_pair_of_strangers_is_refused() -> None:
    with pytest.raises(UsageError, match="roll call z, which is not in the record"):
        paired_items([("a", "z")], KNOWN)
    with pytest.raises(UsageError, match="items= names roll call z"):
        checked_items({"z": "one"}, KNOWN)


@pytest.mark.parametrize("wrong", [["abc"], [("a", "b", "c")], "families", [3]])
def test_what_is_no_pair_is_named(wrong: object) -> None:
    with pytest.raises(UsageError, match="not a pair of roll calls"):
        paired_items(wrong, KNOWN)  # type: ignore[arg-type]


def test_a_roll_call_joins_no_item_unasked() -> None:
    """An item called by the id of a roll call that has no entry would take that one in."""
    with pytest.raises(
        UsageError, match="the item 'c' in items= has the id of a roll call that is not mapped to this item"
    ):
        checked_items({"a": "c", "b": "c"}, KNOWN)
    assert checked_items({"a": "c", "c": "c"}, KNOWN) == {"a": "c", "c": "c"}


def test_families_share_an_item_but_the_one_apart() -> None:
    frame = pd.DataFrame({"family": ["x", "x", "y", "y", "", "lone"]}, index=list("abcdef"))
    assert family_items(frame, ["y"]) == {"a": "family x", "b": "family x"}
    with pytest.raises(UsageError, match="apart= names 'z'"):
        family_items(frame, ["z"])


def test_bridges_are_counted_over_every_gap() -> None:
    period = np.array([0, 0, 1, 1, 2, 3], dtype=np.int32)
    item = np.array([0, 1, 0, 2, 1, 3], dtype=np.int32)
    found = count_bridges(period, item, ("a", "b", "c", "d"))
    assert found.table["bridges"].tolist() == [2, 1, 0]
    assert found.open_gaps == [("c", "d")]
