"""Rows of families: one below the other, each with its name."""

from matplotlib.figure import Figure

from voteshift.plots.rows import family_canvas, name_rows


def test_rows_are_named_from_the_top_and_one_is_bold() -> None:
    ax = Figure().subplots()
    name_rows(ax, ["first", "second", "third"], "second")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second", "third"]
    assert [label.get_fontweight() for label in ax.get_yticklabels()] == ["normal", "bold", "normal"]
    bottom, top = ax.get_ylim()
    assert top < 0
    assert bottom > 2


def test_new_axes_grow_with_the_rows_and_axes_given_are_kept() -> None:
    low, high = (family_canvas(None, rows, 1.0).figure.get_size_inches()[1] for rows in (10, 100))
    assert low < high
    ax = Figure().subplots()
    assert family_canvas(ax, 10, 1.0) is ax
