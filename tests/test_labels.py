import pandas as pd

from voteshift.labels import rollcall_labels


def test_a_roll_call_without_a_symbol_is_called_by_its_id():
    frame = pd.DataFrame({"symbol": ["A/1", "", None, float("nan"), pd.NA]}, index=["a", "b", "c", "d", "e"])
    assert rollcall_labels(frame).tolist() == ["A/1", "b", "c", "d", "e"]
    assert rollcall_labels(frame.drop(columns="symbol")).tolist() == ["a", "b", "c", "d", "e"]
    assert rollcall_labels(frame.iloc[:0]).tolist() == []
