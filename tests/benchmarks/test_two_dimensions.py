"""The page shows the figures that the benchmark wrote, and the benchmark reads votes of a congress."""

import json

import pytest

import voteshift as vs


@pytest.mark.parametrize(
    ("record", "name"), [("council", "Human Rights Council"), ("senate", "109th Senate")]
)
def test_the_page_shows_the_stored_figures(root, record, name):
    figures = json.loads((root / "benchmarks" / "two_dimensions.json").read_text(encoding="utf-8"))[record]
    parts = figures["parts"].values()
    rhat = max(part["rhat"] for part in parts)
    effective = min(min(part["bulk"], part["tail"]) for part in parts)
    first, second = figures["correlation_with_mode"]
    row = (
        f"| {name} | {figures['members']} x {figures['rollcalls']} | {figures['draws']:,} | {rhat:.4f} "
        f"| {effective:.0f} | {figures['processor_seconds']:.0f} | {first:.3f}, {second:.3f} |"
    )
    assert row in (root / "docs" / "posterior.md").read_text(encoding="utf-8"), row
    assert figures["divergences"] == 0
    assert figures["separate_chains"] == []


def test_votes_of_one_congress_are_read(benchmark_script, tmp_path):
    table = tmp_path / "votes.csv"
    table.write_text(
        "member,congress,rollcall,vote\n7,109,1,1\n7,109,2,0\n8,109,1,0\n9,109,2,1\n7,108,3,1\n",
        encoding="utf-8",
    )
    record = benchmark_script("two_dimensions").read_senate(table)
    assert list(record.members.index) == ["M7", "M8", "M9"]
    yes, no, absent = int(vs.Vote.YES), int(vs.Vote.NO), int(vs.Vote.ABSENT)
    assert record.votes.tolist() == [[yes, no], [no, absent], [absent, yes]]
