"""`voteshift families`, `voteshift tally`, `voteshift check`."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from voteshift import RollCalls, write
from voteshift.cli.app import app

TRIO = ["27478", "29343", "29575"]


class TestFamilies:
    def test_contract(self, run):
        for row in run.json("families"):
            assert {"slug", "title", "rollcalls", "first", "last"} <= row.keys()
            assert len(row["rollcalls"]) > 1
            assert row["first"] <= row["last"]

    def test_the_trio_is_one(self, run):
        found = {row["slug"]: row for row in run.json("families")}
        trio = found["mutually-beneficial-cooperation"]
        assert trio["rollcalls"] == TRIO
        assert (trio["first"], trio["last"]) == ("2018-03-23", "2021-03-23")

    @pytest.mark.parametrize("columns", ["80", "40", "200"])
    def test_the_table_names_every_slug_on_a_line_of_its_own(self, run, monkeypatch, columns):
        monkeypatch.setenv("COLUMNS", columns)
        lines = run("families").stdout.splitlines()
        for row in run.json("families"):
            assert row["slug"] in lines

    def test_tallies_and_steps_of_the_trio(self, run):
        (trio,) = (row for row in run.json("families") if row["rollcalls"] == TRIO)
        names = ("yes", "no", "abstain", "absent", "members")
        assert [[one[name] for name in names] for one in trio["tallies"]] == [
            [28, 1, 17, 1, 47],
            [23, 16, 8, 0, 47],
            [26, 15, 6, 0, 47],
        ]
        first, second = trio["steps"]
        assert (first["stayers"], first["left"], first["joined"], first["switchers"]) == (22, 25, 25, 9)
        assert first["switching"] == {"yes": -2, "no": 7, "abstain": -5, "absent": 0}
        assert first["turnover"] == {"yes": -3, "no": 8, "abstain": -4, "absent": -1}
        assert (first["moved"], second["moved"]) == (
            {"switching": 7, "turnover": 8},
            {"switching": 0, "turnover": 3},
        )
        assert second["turnover_share"] == 1
        assert trio["turnover_share"] == pytest.approx(11 / 18)
        for step in trio["steps"]:
            for name, count in step["change"].items():
                assert count == step["switching"][name] + step["turnover"][name]

    def test_the_table_ends_with_the_whole(self, run):
        text = " ".join(run("families").stdout.split())
        assert "families, " in text
        assert "Turnover is arithmetic, not an effect of membership" in text


class TestTally:
    keys = ("id", "symbol", "date", "title", "yes", "no", "abstain", "absent", "members")

    def test_contract(self, run):
        found = run.json("tally", "mutually-beneficial-cooperation")
        assert [tuple(row) for row in found] == [self.keys] * 3
        assert [row["id"] for row in found] == TRIO
        assert [[row[name] for name in self.keys[4:]] for row in found] == [
            [28, 1, 17, 1, 47],
            [23, 16, 8, 0, 47],
            [26, 15, 6, 0, 47],
        ]

    def test_without_a_family_everything(self, run, record):
        found = run.json("tally")
        assert [row["id"] for row in found] == list(record.rollcalls.index)
        for row in found:
            assert row["yes"] + row["no"] + row["abstain"] + row["absent"] == row["members"]

    def test_selection(self, run):
        found = run.json("tally", "--since", "2018-03-23", "--until", "2018-03-23", "--subject", "narcotic")
        assert found
        assert {row["date"] for row in found} == {"2018-03-23"}
        assert len(found) < len(run.json("tally", "--since", "2018-03-23", "--until", "2018-03-23"))

    def test_a_vote_without_a_family_is_found_by_its_subject(self, run):
        (row,) = run.json("tally", "--subject", "china")
        assert (row["id"], row["symbol"], row["date"]) == ("51L6", "A/HRC/51/L.6", "2022-10-06")
        assert [row[name] for name in self.keys[4:]] == [17, 19, 11, 0, 47]

    def test_a_selection_may_be_empty(self, run):
        assert run.json("tally", "--since", "2100") == []

    def test_the_table_shows_the_totals(self, run):
        text = " ".join(run("tally", "mutually").stdout.split())
        assert "27478 A/HRC/RES/37/23 2018-03-23 28 1 17 1" in text

    @pytest.mark.parametrize("arguments", [["no-such-family"], ["--since", "23.3.2018"]])
    def test_what_cannot_be_asked_exits_2(self, run, arguments):
        run.error("tally", *arguments, code=2)

    def test_votes_without_dates_have_none(self, run, table):
        (row,) = run.json("tally", "--data", table("member,rollcall,vote\na,r1,yes\nb,r1,no\n"))
        assert row["date"] is None
        assert (row["yes"], row["no"], row["members"]) == (1, 1, 2)


BAD_TABLES = {
    "unknown word": ("member,rollcall,vote\na,r1,yes\nb,r1,perhaps\n", "perhaps", ":3:"),
    "listed twice": ("member,rollcall,vote\na,r1,yes\na,r1,yes\n", "a", ":3:"),
    "missing column": ("member,rollcall\na,r1\n", "vote", ""),
    "wrong total": ("member,rollcall,vote,yes\na,r1,yes,2\nb,r1,no,2\n", "r1", ""),
    "empty": ("", "empty", ""),
    "binary": (b"member,rollcall,vote\n\0\1\2\xff", "binary", ""),
}


class TestBadInput:
    @pytest.mark.parametrize("kind", BAD_TABLES)
    @pytest.mark.parametrize("command", ["tally", "families", "explain"])
    def test_one_line_names_the_file_and_the_fault_and_the_exit_code_is_3(self, run, table, command, kind):
        content, word, line = BAD_TABLES[kind]
        path = table(content)
        text = run.error(command, "--data", path, code=3)
        assert f"{path}{line}" in text
        assert word in text
        assert text.endswith(")"), f"no remedy: {text}"

    @pytest.mark.parametrize("kind", BAD_TABLES)
    def test_check_finds_it(self, run, table, kind):
        content, word, _ = BAD_TABLES[kind]
        path = table(content)
        findings = run.json("check", path, code=3)["findings"]
        errors = [finding for finding in findings if finding["severity"] == "error"]
        assert any(word in finding["message"] or word == finding["id"] for finding in errors)
        assert all(finding["file"] == str(path) for finding in findings)

    @pytest.mark.parametrize("command", ["tally", "families", "explain"])
    def test_a_file_that_is_not_there_exits_3(self, run, tmp_path, command):
        assert "no such file" in run.error(command, "--data", tmp_path / "nothing.csv", code=3)

    def test_a_unanimous_roll_call_is_kept(self, run, table):
        path = table("member,rollcall,vote\na,r1,yes\nb,r1,yes\n")
        assert run.json("tally", "--data", path)[0]["yes"] == 2
        assert run.json("check", path)["findings"] == []


class TestCheck:
    keys = {"severity", "file", "line", "column", "id", "message", "remedy"}  # noqa: RUF012

    def test_the_scanned_board_is_refused(self, run, harvest):
        path = harvest / "seed" / "hrc37_l36_board.csv"
        findings = run.json("check", path, "--rollcall", "A/HRC/RES/37/23", code=3)["findings"]
        assert all(finding.keys() == self.keys for finding in findings)
        errors = [finding for finding in findings if finding["severity"] == "error"]
        assert any("ITA" in finding["message"] and "no seat" in finding["message"] for finding in errors)
        assert any("RWA" in finding["message"] for finding in errors)

    def test_the_press_summary_passes(self, run, harvest):
        path = harvest / "seed" / "hrc37_l36_press.csv"
        findings = run.json("check", path, "--rollcall", "27478")["findings"]
        assert [finding["severity"] for finding in findings] == ["warning"]
        assert "TUN" in findings[0]["message"]

    def test_the_harvest_passes_with_warnings_alone(self, run, harvest):
        findings = run.json("check", harvest / "hrc")["findings"]
        assert {finding["severity"] for finding in findings} == {"warning"}

    def test_it_says_what_it_read(self, run, table):
        good = table("member,r1,r2\na,yes,absent\nb,no,\n", "good.csv")
        nowhere = good.parent / "nowhere.csv"
        read, lost = run.json("check", good, nowhere, code=3)["files"]
        assert read == {
            "file": str(good),
            "format": "table",
            "files": [str(good)],
            "members": 2,
            "rollcalls": 2,
            "votes": 2,
            "seats": 3,
            "unread": [],
            "settings": {},
        }
        assert (lost["format"], lost["members"], lost["votes"]) == (None, None, None)
        first, *_ = run("check", good).stdout.splitlines()
        assert first == f"{good}: read as table: 2 members, 2 roll calls, 2 votes in 3 seats."

    def test_every_file_is_checked(self, run, table):
        good = table("member,rollcall,vote\na,r1,yes\n", "good.csv")
        bad = table("member,rollcall,vote\na,r1,perhaps\n", "bad.csv")
        findings = run.json("check", good, bad, code=3)["findings"]
        assert {finding["file"] for finding in findings} == {str(bad)}
        assert "2 files: 1 error, 0 warnings." in run("check", good, bad, code=3).stdout

    @pytest.mark.parametrize("name", ["A/HRC/RES/99/1", "A/HRC/32/L.54"])
    def test_a_yardstick_that_names_no_one_roll_call_exits_2(self, run, table, name):
        path = table("member,vote\nFRA,yes\n")
        assert name in run.error("check", path, "--rollcall", name, code=2)


def test_families_without_dates_are_listed(tmp_path):
    table = tmp_path / "undated.csv"
    rows = [f"{m},{r},yes,Coming back" for r in ("1", "2") for m in ("A", "B", "C")]
    table.write_text("member,rollcall,vote,title\n" + "\n".join(rows) + "\n")
    found = CliRunner().invoke(app, ["families", "--json", "--data", str(table)])
    assert found.exit_code == 0
    assert json.loads(found.stdout)[0]["first"] is None
    assert CliRunner().invoke(app, ["families", "--data", str(table)]).exit_code == 0


def test_a_family_is_found_in_the_whole_record_before_the_window():
    found = CliRunner().invoke(app, ["tally", "mutually-beneficial-cooperation", "--since", "2021", "--json"])
    assert [row["id"] for row in json.loads(found.stdout)] == ["29575"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A record in our own format that lacks symbols and titles: some of one family, all of another."""
    votes = np.random.default_rng(1).integers(0, 3, (12, 5)).astype(np.int8)
    facts = {
        "date": [f"20{year}-01-01" for year in range(18, 23)],
        "symbol": ["s1", None, float("nan"), None, None],
        "title": ["A thing", None, None, None, None],
        "family": ["x", "x", "x", "y", "y"],
    }
    members = pd.DataFrame({"name": [None] * 12}, index=[f"m{i}" for i in range(12)])
    path = tmp_path_factory.mktemp("bare") / "bare.voteshift"
    write(RollCalls(votes, members, pd.DataFrame(facts, index=["r1", "r2", "r3", "r4", "r5"])), path)
    return path


class TestWithoutSymbolsAndTitles:
    @pytest.mark.parametrize(
        "arguments", [["tally"], ["families"], ["explain", "x"], ["explain", "y"], ["describe"], ["check"]]
    )
    def test_commands_run(self, run, bare, arguments):
        place = [bare] if arguments == ["check"] else ["--data", bare]
        assert "nan" not in run(*arguments, *place).stdout.lower().split()
        assert run.json(*arguments, *place)

    def test_the_id_stands_for_the_symbol_and_the_title_is_blank(self, run, bare):
        rows = run.json("tally", "--data", bare)
        assert [row["symbol"] for row in rows] == ["s1", "r2", "r3", "r4", "r5"]
        assert [row["title"] for row in rows] == ["A thing", "", "", "", ""]
        first, second = run.json("families", "--data", bare)
        assert [one["symbol"] for one in first["tallies"]] == ["s1", "r2", "r3"]
        assert (first["title"], second["title"]) == ("", "")
        found = run.json("explain", "x", "--data", bare)
        assert [row["symbol"] for row in found["rollcalls"]] == ["s1", "r2", "r3"]
        assert [(step["from"], step["to"]) for step in found["steps"]][:2] == [("s1", "r2"), ("r2", "r3")]
