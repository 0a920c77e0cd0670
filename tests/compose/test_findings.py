"""An explanation and its checks as one answer."""

import voteshift as vs
from voteshift.checks.registry import check_names


def test_the_text_is_the_paragraphs_of_consecutive_steps(found: vs.Findings) -> None:
    paragraphs = found.text.split("\n\n")
    assert len(paragraphs) == 3  # two steps, then what the split assumes
    for paragraph, text in zip(found.paragraphs, paragraphs[:2], strict=False):
        assert text.startswith(f"{paragraph.heading}: ")
        assert all(sentence in text for sentence in (*paragraph.sentences, *paragraph.cautions))
    assert paragraphs[2] == " ".join(found.assumptions)


def test_a_result_is_none_where_the_check_was_not_run_or_is_unavailable(
    found: vs.Findings, without_model: vs.Findings
) -> None:
    assert set(found.results) <= set(check_names())
    assert found.result("placebo") is found.results["placebo"]
    assert found.result("leave_one_out") is None
    assert isinstance(without_model.results["expected_switchers"], vs.Unavailable)
    assert without_model.result("expected_switchers") is None


def test_tallies_and_names_are_those_of_the_record(found: vs.Findings, chamber: vs.RollCalls) -> None:
    tally = chamber.tally().loc["r14"]
    assert found.tally("r14") == f"{tally['yes']}-{tally['no']}-{tally['abstain']}"
    assert found.labels["r14"] == "r14"
    step = found.why.steps[0]
    assert found.between(step) == f"{found.short[step.old]} to {found.short[step.new]}"
    assert found.main_category(step) in ("yes", "no", "abstain")


def test_of_three_steps_all_are_told(found: vs.Findings) -> None:
    assert found.shown == (0, 1, 2)
    assert found.chosen == ""


def test_verdicts_stand_in_the_representation(without_model: vs.Findings) -> None:
    assert "expected_switchers unavailable" in repr(without_model)
