"""What the sentences of a quantity say about its identification."""

from types import SimpleNamespace

from voteshift.quantities.results import identification


def source(*, group_steps: bool, open_gaps: tuple[tuple[str, str], ...] = ()) -> SimpleNamespace:
    return SimpleNamespace(identified_by="shared items", open_gaps=open_gaps, group_steps=group_steps)


def test_the_limits_of_a_model_with_and_without_steps_of_groups_are_stated() -> None:
    without, with_steps = (" ".join(identification(source(group_steps=of))) for of in (False, True))
    assert without.startswith("Comparisons over periods assume shared items.")
    assert "members of a group share is estimated too small" in without
    assert "estimated too small" not in with_steps


def test_open_gaps_are_named() -> None:
    gaps = tuple((f"{year}", f"{year + 1}") for year in range(2001, 2006))
    text = " ".join(identification(source(group_steps=True, open_gaps=gaps)))
    assert "2001 to 2002, 2002 to 2003 and 2003 to 2004 and across 2 further gaps" in text
