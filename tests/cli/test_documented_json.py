"""The blocks of JSON in docs/cli.md have the keys that are there: no more, no fewer."""

import re

import pytest

from cli.documented import blocks, hold

EXPLAIN = "The JSON of `explain`"


def test_what_is_compared():
    hold({"a": {}, "b": [{"c": 0}]}, {"a": {"x": 1}, "b": []})
    for found in ({"a": 1}, {"a": 1, "b": 1, "c": 1}, {"a": 1, "b": {}}):
        with pytest.raises(AssertionError):
            hold({"a": 0, "b": 0}, found)
    with pytest.raises(AssertionError, match=re.escape("$.b[1]")):
        hold({"b": [{"c": 0}]}, {"b": [{"c": 1}, {"d": 1}]})


def test_explain(root, explained):
    hold(blocks(root, EXPLAIN)[0], explained)


def test_explain_with_bridges(root, run):
    whole, more, _, bridges, _, tests = blocks(root, EXPLAIN)
    found = run.json("explain", "--bridge", "families", "--replicates", "0", "--draws", "100", "--tests")
    hold(tests, found["tests"])
    hold(bridges, found["bridges"])
    plain = whole["steps"][0]["model"]
    del plain["switching"], plain["without_member_effect"]
    for step in found["steps"]:
        assert set(step["model"].pop("without_member_effect")) == {
            "membership",
            *list(more)[:2],
            "residual",
            "switchers",
        }
        hold(plain | more, step["model"])


def test_explain_with_documents(root, run, tmp_path):
    path = tmp_path / "documents.csv"
    path.write_text(
        "member,rollcall,kind,stance,source\nJPN,A/HRC/RES/37/23,letter,criticises,archive\n",
        encoding="utf-8",
    )
    found = run.json(
        "explain", "--documents", path, "--replicates", "0", "--draws", "100", "--no-member-effect"
    )
    hold(blocks(root, EXPLAIN)[2]["documents"], found["documents"])
    assert "one had criticised the text of 2018 (Japan)" in found["text"]


def test_whatif(root, run):
    (shown,) = blocks(root, "The JSON of `whatif`")
    hold(shown, run.json("whatif", "--council", "2018", "--version", "2021", "--draws", "100"))
