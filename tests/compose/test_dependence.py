"""The sections on dependence: of the members of a group, and on a further dimension."""

from dataclasses import replace

import pandas as pd
import pytest

import voteshift as vs
from compose.reading import sentences, tables
from voteshift.checks.dimensions import Dimensions
from voteshift.checks.ends_together import EndsTogether
from voteshift.compose.dependence import dimensions_section, ends_section, group_section


@pytest.fixture(scope="module")
def dependent(found: vs.Findings) -> vs.Findings:
    return vs.findings(
        found.why, ["group_dependence", "dimensions"], options={"dimensions": {"n_replicates": 99}}
    )


def test_groups_have_a_row_each(dependent: vs.Findings) -> None:
    section = group_section(dependent)
    (table,) = tables(section)
    assert [row[0] for row in table.rows] == ["north", "south"]


def test_members_at_both_ends_and_the_verdict(dependent: vs.Findings) -> None:
    result = dependent.results["dimensions"]
    assert isinstance(result, Dimensions)
    section = dimensions_section(dependent)
    (table,) = tables(section)
    assert len(table.rows) == 5
    assert [table.rows[0][0], table.rows[0][2]] == [
        result.names[str(result.positions.index[end])] for end in (0, -1)
    ]
    assert any(result.text in line for line in sentences(section))
    failed = replace(result, p_value=0.001)
    worse = replace(dependent, results={"dimensions": failed})
    assert sentences(dimensions_section(worse))[-1] == failed.failures[None]
    assert failed.failures[None] in worse.assumptions
    short = replace(result, positions=pd.Series({"M00": -1.0, "M01": 0.0, "M02": 1.0}))
    assert len(tables(dimensions_section(replace(dependent, results={"dimensions": short})))[0].rows) == 1


def test_a_check_without_a_result_says_why(dependent: vs.Findings) -> None:
    lost = replace(
        dependent,
        results={"dimensions": vs.Unavailable("no reason"), "group_dependence": vs.Unavailable("no groups")},
    )
    assert sentences(dimensions_section(lost)) == ["Not tested: no reason."]
    assert sentences(group_section(lost)) == ["Not tested: no groups."]


def test_the_ends_of_the_scale_have_a_section(dependent):
    result = EndsTogether(-1.2, 0.2, 0.002, 0.1, (-1.1, 1.2), "states", 499, 1)
    section = ends_section(replace(dependent, results={"ends_together": result}))
    texts = [block.text for block in section.blocks]
    assert texts == [result.text, *result.failures.values()]
    missing = ends_section(replace(dependent, results={"ends_together": vs.Unavailable("no reason")}))
    assert [block.text for block in missing.blocks] == ["Not tested: no reason."]
