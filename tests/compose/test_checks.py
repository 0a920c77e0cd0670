"""A section for every check that was run, and for none that was not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
import pytest

import voteshift as vs
from compose.reading import sentences, tables
from voteshift.checks import registry
from voteshift.checks.result import CheckResult
from voteshift.compose.checks import check_sections, everywhere, other_choices


@dataclass(frozen=True)
class Counted(CheckResult):
    """The number of versions."""

    n: int

    @property
    def text(self) -> str:
        return f"There are {self.n} versions."

    def tidy(self) -> pd.DataFrame:
        return pd.DataFrame({"estimate": [self.n]})


@pytest.fixture
def registered() -> Iterator[str]:
    registry.register_check("count_versions", lambda why: Counted(len(why.rollcalls)))
    yield "count_versions"
    del registry._REGISTERED["count_versions"]


def test_every_check_that_was_run_has_its_section(found: vs.Findings) -> None:
    assert [section.name for section in check_sections(found)] == ["elsewhere", "switchers", "tests"]


def test_a_check_without_a_result_says_why(without_model: vs.Findings) -> None:
    by_name = {section.name: section for section in check_sections(without_model)}
    (line,) = sentences(by_name["switchers"])
    assert str(without_model.results["expected_switchers"]) in line


def test_a_registered_check_has_a_section_with_its_text_and_table(
    found: vs.Findings, registered: str
) -> None:
    more = vs.findings(found.why, [registered])
    (section,) = check_sections(more)
    assert sentences(section) == ["Noted. There are 3 versions."]
    assert tables(section)[0].rows == (("3",),)
    lost = replace(more, results={registered: vs.Unavailable("no reason")})
    assert sentences(check_sections(lost)[0]) == ["Not available: no reason."]


def test_every_resolution_stands_beside_this_one(found: vs.Findings) -> None:
    assert any("This resolution: over" in line for line in sentences(everywhere(found)))


def test_other_choices_are_shown_where_they_were_made(found: vs.Findings) -> None:
    assert other_choices(found).blocks == ()
