"""A sentence where the parts depend on the means of member effects by seat history."""

import pandas as pd

from voteshift.checks.seat_notes import seat_notes


def parts(no: float) -> pd.DataFrame:
    """Return the parts of two steps; only the membership part of no of the first step varies."""
    rows = [
        (old, new, component, category, estimate, estimate - 1.0, estimate + 1.0)
        for old, new, first in (("a", "b", no), ("b", "c", 0.5))
        for component, category, estimate in (
            ("membership", "yes", 0.2),
            ("membership", "no", first),
            ("switching", "no", 4.0 - 2.0 * first),
        )
    ]
    columns = ["old", "new", "component", "category", "estimate", "conf_low", "conf_high"]
    return pd.DataFrame(rows, columns=columns)


def test_a_difference_of_more_than_a_vote_is_stated() -> None:
    assert seat_notes(parts(1.5), parts(0.51)) == {}
    found = seat_notes(parts(1.5), parts(0.4))
    assert list(found) == [("a", "b")]
    assert "no +0.4 [\N{MINUS SIGN}0.6, +1.4] instead of +1.5 [+0.5, +2.5]" in found["a", "b"]
    assert "yes" not in found["a", "b"]


def test_without_these_means_there_is_no_sentence() -> None:
    assert seat_notes(parts(1.5), parts(1.5)[:0]) == {}
