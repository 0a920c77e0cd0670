"""`voteshift report`."""

import pytest


@pytest.fixture
def small(table):
    """Two votes on peace, two on war, by nine members."""
    rows = ["member,rollcall,date,title,vote"]
    patterns = {"p1": "yyyyynnna", "p2": "yyyyannnn", "w1": "yyynnnnaa", "w2": "yynnynnan"}
    words = {"y": "yes", "n": "no", "a": "abstain"}
    for number, (rollcall, votes) in enumerate(patterns.items()):
        title = "peace" if rollcall[0] == "p" else "war"
        rows += [
            f"M{member},{rollcall},200{1 + number % 2}-0{1 + number}-01,{title},{words[vote]}"
            for member, vote in enumerate(votes)
        ]
    return table("\n".join(rows) + "\n")


def test_a_page_is_written_and_told_in_one_line(run, small, tmp_path):
    out = tmp_path / "deep" / "r.html"
    result = run("report", "peace", "--data", small, "--out", out, "--draws", 100)
    assert result.stdout == f"{out}: peace\n"
    text = out.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "voteshift report peace --out report.html --data" in text
    assert "--draws 100 --seed 0 --level 0.9" in text
    assert [path.name for path in out.parent.iterdir()] == ["r.html"]


def test_markdown_and_json(run, small, tmp_path):
    out = tmp_path / "r.txt"
    found = run.json(
        "report", "peace", "--data", small, "--out", out, "--format", "md", "--draws", 100, "--seed", 7
    )
    assert found["file"] == str(out)
    assert (found["format"], found["level"], found["seed"], found["draws"]) == ("md", 0.9, 7, 100)
    assert found["pictures"] == 0
    assert "choices" in found["sections"]
    assert out.read_text(encoding="utf-8").startswith("# peace\n")


def test_what_cannot_be_done_is_one_line_and_leaves_nothing(run, small, tmp_path):
    for arguments, code, words in (
        (["peace", "--out", tmp_path / "r.pdf"], 2, "cannot infer the format"),
        (["cake", "--out", tmp_path / "r.html"], 2, "no family has the slug or title"),
        (["peace", "--out", small / "r.html"], 3, "cannot write"),
    ):
        assert words in run.error("report", *arguments, "--data", small, "--draws", 100, code=code)
    assert [path.name for path in tmp_path.iterdir()] == [small.name]
