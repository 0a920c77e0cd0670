"""Names of columns, and words for summaries."""

import pytest

from voteshift.columns import side_of, summary_of


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Result", "outcome"),
        ("MAJORITY", "outcome"),
        ("vote_result", "outcome"),
        ("Total", "total"),
        ("Votes cast", "total"),
        ("Yes", "yes"),
        ("n_yes", "yes"),
        ("Total no", "no"),
        ("total_no", "no"),
        ("Number of abstentions", "abstain"),
        ("Yes votes", "yes"),
        ("Noes", "no"),
        ("Norway", None),
        ("N", None),
        ("Motion 12", None),
        ("Lovelace", None),
    ],
)
def test_what_a_name_sums_up(label: str, kind: str | None) -> None:
    assert summary_of(label) == kind


@pytest.mark.parametrize(
    ("labels", "side"),
    [
        (["m1", "m2"], "member"),
        (["Senator 1", "Senator 2"], "member"),
        (["r1", "r2"], "rollcall"),
        (["Motion 12", "Motion 13"], "rollcall"),
        (["A/HRC/RES/46/1", "A/HRC/RES/46/2"], "rollcall"),
        (["2001-01-31", "2001-02-28"], "rollcall"),
        (["Antrag 1", "Antrag 2"], "rollcall"),
        (["Lovelace", "Hahn"], None),
        (["1", "2"], None),
    ],
)
def test_which_side_labels_are_made_for(labels: list[str], side: str | None) -> None:
    assert side_of(labels) == side
