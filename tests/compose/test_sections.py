"""All sections of a report, and those behind the answer on the terminal."""

import voteshift as vs
from voteshift.compose.sections import detail_sections, report_sections


def test_a_report_begins_with_the_answer_and_ends_with_its_making(found: vs.Findings) -> None:
    names = [section.name for section in report_sections(found, "voteshift report fish")]
    assert (names[0], names[-1]) == ("story", "making")
    assert len(names) == len(set(names))
    assert all(section.blocks for section in report_sections(found, "voteshift report fish"))


def test_the_details_are_under_four_headings(found: vs.Findings) -> None:
    assert list(detail_sections(found)) == ["Account", "Model", "Checks", "Method"]
