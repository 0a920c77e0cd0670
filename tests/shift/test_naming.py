"""The names that a person gives a version, and the window of a question."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.shift.naming import model_window, name_iteration

TRIO = "mutually-beneficial-cooperation"
IDS = ["27478", "29343", "29575"]


def test_names_of_iterations(record):
    assert name_iteration(record, "2018", TRIO) == IDS[0]
    assert name_iteration(record, "A/HRC/RES/46/13", None) == IDS[2]
    assert name_iteration(record, "29343", None) == IDS[1]
    with pytest.raises(vs.UsageError, match="alone does not identify"):
        name_iteration(record, "2018", None)
    with pytest.raises(vs.UsageError, match=r"voted on 0 times in 2019.*2018, 2020, 2021"):
        name_iteration(record, "2019", TRIO)
    with pytest.raises(vs.UsageError, match="no roll call"):
        name_iteration(record, "A/HRC/RES/1/1", TRIO)


def test_the_window_of_a_question(record):
    assert model_window(record, IDS[1]) == model_window(record, *IDS) == ("2016", "2021")
    older = str(record.rollcalls.index[record.rollcalls["date"].dt.year == 2012][0])
    assert int(model_window(record, IDS[1], older)[0]) <= 2010
    undated = vs.RollCalls(
        np.array([[2], [0]], dtype=np.int8), pd.DataFrame(index=["a", "b"]), pd.DataFrame(index=["r"])
    )
    with pytest.raises(vs.InputError, match="date"):
        model_window(undated, "r")


def test_two_votes_in_a_year_are_not_guessed_between():
    votes = np.array([[2, 0], [0, 2], [1, 1]], dtype=np.int8)
    frame = pd.DataFrame({"title": "A text that comes back", "date": ["2018-01-01", "2018-09-01"]})
    members = pd.DataFrame(index=["a", "b", "c"])
    with pytest.raises(vs.UsageError, match="voted on 2 times in 2018"):
        name_iteration(vs.RollCalls(votes, members, frame), "2018", "text that comes back")
