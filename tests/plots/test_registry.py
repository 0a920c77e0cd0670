"""Pictures that a user registers."""

import pytest

import voteshift as vs
from voteshift.plots import registry
from voteshift.plots.registry import register_plot, registered_plots


@pytest.fixture(autouse=True)
def emptied(monkeypatch):
    """Take out again what a test registers."""
    monkeypatch.setattr(registry, "_REGISTERED", {})


def draw(why):
    """Draw nothing.

    And say no more.
    """


def test_the_first_line_of_the_docstring_is_the_caption():
    register_plot("nothing", draw)
    (plot,) = registered_plots()
    assert (plot.name, plot.draw, plot.caption) == ("nothing", draw, "Draw nothing.")


def test_a_name_that_is_taken_or_none_and_a_picture_without_a_caption_are_refused():
    register_plot("nothing", draw)
    with pytest.raises(vs.UsageError, match="a picture with the name 'nothing' already exists"):
        register_plot("nothing", draw)
    with pytest.raises(vs.UsageError, match="not a valid name"):
        register_plot("no name", draw)
    with pytest.raises(vs.UsageError, match="has no caption"):
        register_plot("mute", lambda _: None)
    assert len(registered_plots()) == 1
