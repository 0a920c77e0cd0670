"""The picture of identification: one change told in two ways, and what tells them apart."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def pictures(tool_script: Callable[[str], ModuleType]) -> ModuleType:
    return tool_script("pictures")


def test_the_two_stories_are_one_change_and_two_on_another_resolution(pictures: ModuleType) -> None:
    members, moved = pictures.MEMBERS, pictures.MEMBERS + pictures.SHIFT
    cuts, other = pictures.RESOLUTION, pictures.OTHER
    changed = (cuts[0] - pictures.SHIFT, cuts[1] - pictures.SHIFT)
    assert pictures.votes_at(moved, cuts) == pictures.votes_at(members, changed)
    assert pictures.votes_at(moved, cuts) != pictures.votes_at(members, cuts)
    assert pictures.votes_at(moved, other) != pictures.votes_at(members, other)


def test_the_page_names_the_tallies_the_picture_shows(pictures: ModuleType, root: Path) -> None:
    figure = pictures.two_stories()
    text = (root / "docs" / "identification.md").read_text(encoding="utf-8")
    shown = {label.get_text() for ax in figure.axes for label in ax.texts if label.get_text().count("-") == 2}
    assert len(shown) == 4
    assert all(tally in text for tally in shown)


def test_every_picture_of_the_documentation_is_there(root: Path) -> None:
    for name in ("flow", "waterfall", "two_stories"):
        assert (root / "docs" / "img" / f"{name}.png").stat().st_size > 10_000
