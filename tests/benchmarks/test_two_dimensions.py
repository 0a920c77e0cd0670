"""The page shows the figures that the benchmark wrote, and the benchmark reads votes of a congress."""

import json

import voteshift as vs


def test_the_page_shows_the_stored_figures(root):
    senate = json.loads((root / "benchmarks" / "two_dimensions.json").read_text(encoding="utf-8"))["senate"]
    page = " ".join((root / "docs" / "posterior.md").read_text(encoding="utf-8").split())
    parts = senate["parts"].values()
    rhat = max(part["rhat"] for part in parts)
    effective = min(min(part["bulk"], part["tail"]) for part in parts)
    first, second = senate["correlation_with_mode"]
    for words in (
        f"({senate['members']} members, {senate['rollcalls']} contested roll calls)",
        f"R-hat of at most {rhat:.3f}",
        f"at least {effective:.0f} effective draws",
        f"{senate['processor_seconds']:.0f} seconds of processor time",
        f"at {first:.3f} and {second:.3f}",
    ):
        assert words in page, words
    assert senate["divergences"] == 0
    assert senate["separate_chains"] == []


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
