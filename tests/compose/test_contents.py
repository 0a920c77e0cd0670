"""Cells of a table are text."""

from voteshift.compose.contents import written


def test_cells_are_written_as_they_are() -> None:
    assert written([("yes", 3), (None, 1.5)]) == (("yes", "3"), ("None", "1.5"))
    assert written([]) == ()
