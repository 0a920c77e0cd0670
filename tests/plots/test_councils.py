"""Every council on every version, against the expected tallies."""

import pytest

import voteshift as vs
from voteshift import plots
from voteshift.votes import CATEGORIES

V18 = "27478"
V20 = "29343"
V21 = "29575"


def test_councils_are_the_expected_tallies_with_the_record_on_the_diagonal(why):
    table = plots.councils_table(why)
    expected = why.expected().set_index(["council", "version", "category"])
    assert len(table) == 9
    for row in table.itertuples():
        for name in CATEGORIES:
            there = expected.loc[(row.council, row.version, name)]
            assert getattr(row, name) == there["estimate"]
            assert getattr(row, f"{name}_low") == there["conf_low"]
            assert getattr(row, f"{name}_high") == there["conf_high"]
    known = table[table["on_record"] != ""].set_index("council")["on_record"]
    assert known.to_dict() == {V18: "28-1-17", V20: "23-16-8", V21: "26-15-6"}
    with pytest.raises(vs.UsageError, match="not 'absent'"):
        plots.councils(why, "absent")
