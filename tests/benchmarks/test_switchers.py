"""The totals of expected and observed switchers."""

import pandas as pd
import pytest


def test_totals_and_shares_by_hand(benchmark_script):
    script = benchmark_script("switchers")
    columns = [
        "family",
        "old",
        "new",
        "member_effect",
        "voted",
        "observed",
        "estimate",
        "conf_low",
        "conf_high",
        "state_dependence",
    ]
    rows = [
        ("a", "1", "2", True, 40, 3, 5.0, 4.0, 9.0, True),
        ("a", "1", "2", True, 40, 3, 7.0, 2.0, 12.0, False),
        ("a", "1", "2", False, 40, 3, 9.0, 5.0, 13.0, True),
        ("b", "1", "2", False, 30, 8, 4.0, 1.0, 7.0, True),  # no member effects could be estimated
        ("b", "2", "3", False, 0, 0, 0.0, 0.0, 0.0, True),
    ]
    found = script.summarise(pd.DataFrame(rows, columns=columns))
    assert found["model"]["steps"] == 2
    assert (found["model"]["switchers"], found["model"]["expected"]) == (11, 9.0)
    assert (found["model"]["below"], found["model"]["above"]) == (0.5, 0.5)
    assert (found["no state dependence"]["steps"], found["no state dependence"]["expected"]) == (2, 11.0)
    assert (found["no state dependence"]["below"], found["no state dependence"]["above"]) == (0.0, 0.5)
    assert found["without member effects"]["expected"] == pytest.approx(13.0)
