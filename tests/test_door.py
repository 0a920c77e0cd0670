import numpy as np
import pandas as pd
import pytest

from voteshift import InputError, RollCalls

VOTES = np.array([[2, 0, 1], [2, 2, 0]], dtype=np.int8)
MISSING = [None, float("nan"), pd.NA, pd.NaT]


def record(*, members=None, rollcalls=None):
    return RollCalls(
        VOTES,
        pd.DataFrame(members, index=["m1", "m2"]),
        pd.DataFrame(rollcalls, index=["r1", "r2", "r3"]),
    )


@pytest.mark.parametrize("name", ["symbol", "title", "subject", "session", "family"])
@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_a_missing_cell_of_a_roll_call_is_a_blank_one(name, missing):
    frame = record(rollcalls={name: ["x", missing, ""]}).rollcalls
    assert frame[name].tolist() == ["x", "", ""]


@pytest.mark.parametrize("name", ["name", "group"])
@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_a_missing_cell_of_a_member_is_a_blank_one(name, missing):
    assert record(members={name: ["x", missing]}).members[name].tolist() == ["x", ""]


@pytest.mark.parametrize("name", ["symbol", "title", "subject", "session", "family"])
def test_a_column_in_which_every_cell_is_missing_is_text(name):
    assert record(rollcalls={name: [float("nan")] * 3}).rollcalls[name].tolist() == [""] * 3


def test_a_number_in_a_column_of_text_is_its_digits():
    frame = record(rollcalls={"session": [46.0, None, 47.0], "symbol": [1, 2, 3]}).rollcalls
    assert frame["session"].tolist() == ["46", "", "47"]
    assert frame["symbol"].tolist() == ["1", "2", "3"]


@pytest.mark.parametrize(("what", "name"), [("member", "group"), ("rollcall", "title")])
def test_two_columns_of_one_name_are_refused(what, name):
    frames = {"member": pd.DataFrame(index=["m1", "m2"]), "rollcall": pd.DataFrame(index=["r1", "r2", "r3"])}
    rows = len(frames[what])
    frames[what] = pd.DataFrame([["x", "y"]] * rows, columns=[name, name], index=frames[what].index)
    with pytest.raises(InputError, match=f"two columns named '{name}'"):
        RollCalls(VOTES, frames["member"], frames["rollcall"])
