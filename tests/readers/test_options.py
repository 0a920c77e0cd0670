"""Statements of the user about a file: codes, columns, dates and encoding, as arguments and in a file."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from readers.files import Write
from voteshift.cli.app import app
from voteshift.errors import InputError, UsageError, VoteshiftError
from voteshift.readers import check_file, examine, read
from voteshift.readers.options import OPTIONS

LONG = """Abgeordnete;Antrag;Stimme;Datum;Partei
Änne;1;Ja;31.01.2001;A
Bob;1;Nein;31.01.2001;B
Cem;1;Enth.;31.01.2001;B
"""
COLUMNS = {
    "Abgeordnete": "member",
    "Antrag": "rollcall",
    "Stimme": "vote",
    "Datum": "date",
    "Partei": "party",
}
CODES = {"Ja": "yes", "nein": "no", "ENTH.": "abstain"}
STATED = {"codes": CODES, "columns": COLUMNS, "date_format": "%d.%m.%Y", "encoding": "cp1252"}
TOML = """
encoding = "cp1252"
date_format = "%d.%m.%Y"
[codes]
Ja = "yes"
Nein = "no"
"Enth." = "abstain"
[columns]
Abgeordnete = "member"
Antrag = "rollcall"
Stimme = "vote"
Datum = "date"
Partei = "party"
"""


@pytest.fixture
def council(write: Write) -> Path:
    return write("council.csv", LONG.encode("cp1252"))


def refused(path: Path, **stated: object) -> str:
    with pytest.raises(VoteshiftError) as caught:
        read(path, **stated)  # type: ignore[arg-type]
    return str(caught.value)


def check_council(path: Path, **stated: object) -> None:
    record = read(path, **stated)  # type: ignore[arg-type]
    assert record.votes.ravel().tolist() == [2, 0, 1]
    assert record.members.index.tolist() == ["Änne", "Bob", "Cem"]
    assert record.members["group"].tolist() == ["A", "B", "B"]
    assert record.rollcalls["date"].dt.strftime("%Y-%m-%d").tolist() == ["2001-01-31"]


def test_a_foreign_table_is_read_with_four_statements(council: Path) -> None:
    check_council(council, **STATED)


def test_the_same_statements_in_a_file(council: Path, write: Write) -> None:
    settings = write("voteshift.toml", TOML)
    check_council(council)
    examined = examine(council)
    assert set(examined.settings) == set(OPTIONS)
    assert "voteshift.toml states codes 'ja' = 'yes'" in str(examined)
    settings.write_text(TOML.replace("Nein", "Nichts"))
    check_council(council, codes={"Nein": "no"})  # the argument is added
    settings.write_text(TOML.replace('"no"', '"yes"'))
    check_council(council, codes={"Nein": "no"})  # the argument wins
    settings.write_text(TOML.replace('"cp1252"', '"utf-16"'))
    check_council(council, encoding="latin-1")
    settings.write_text(TOML.replace("%d.%m.%Y", "%Y/%m/%d"))
    check_council(council, date_format="%d.%m.%Y")


def test_settings_for_one_file_do_not_disturb_its_neighbour(write: Write) -> None:
    write("voteshift.toml", TOML)
    plain = write("plain.csv", "member,rollcall,vote\na,1,yes\n")
    assert read(plain).votes.tolist() == [[2]]
    assert examine(plain).settings["columns"]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("code = {Ja = 'yes'}", "unknown key 'code' .*the keys are codes, columns, date_format, encoding"),
        ("codes = 'Ja'", "'codes' is not a table of texts"),
        ("columns = ['Ja']", "'columns' is not a table of texts"),
        ("date_format = 2001-01-01", "'date_format' is not a text"),
        ("encoding = true", "'encoding' is not a text"),
        ("codes = {Ja = 1}", "codes= contains 1, which is not text"),
        ("codes = {Ja = 'oui'}", "the code 'Ja' has the meaning 'oui', which is not a vote word"),
        ("encoding = 'nope'", "encoding is 'nope'"),
        ("codes = {", "not TOML"),
        ("x = " + "[" * 5000, "not TOML"),
        (b"\xff\xfe", "not TOML"),
        ("#" * (2 << 20), "larger than 1 MiB"),
    ],
)
def test_a_file_of_settings_that_is_wrong_is_an_error(
    council: Path, write: Write, content: str | bytes, match: str
) -> None:
    write("voteshift.toml", content)
    with pytest.raises(InputError, match=rf"voteshift\.toml: .*{match}") as caught:
        read(council)
    assert caught.value.remedy


def test_unknown_codes_come_with_the_argument_to_paste(council: Path) -> None:
    stated = STATED | {"codes": {}}
    text = refused(council, **stated)
    ready = "codes={'Ja': 'MEANING', 'Nein': 'MEANING', 'Enth.': 'MEANING'}"
    assert ready in text
    findings = check_file(council, **stated)
    assert [ready in finding.remedy for finding in findings] == [True, False, False]
    assert {finding.column for finding in findings} == {"Stimme"}


def test_a_matrix_of_foreign_codes(write: Write) -> None:
    path = write("m.csv", "Rat,party,v1,v2\nAnn,1,1,6\nBob,6,6,\nCem,1,9,1\n")
    text = refused(path)
    assert "columns={'NAME': 'vote'}" in text
    text = refused(path, columns={"Rat": "member"})
    assert "codes={'1': 'MEANING', '6': 'MEANING', '9': 'MEANING'}" in text
    codes = {"1": "yes", "6": "no", "9": "absent"}
    record = read(path, columns={"Rat": "member"}, codes=codes)
    assert record.votes.tolist() == [[2, 0], [0, -3], [-1, 2]]
    assert record.members["group"].tolist() == ["1", "6", "1"]  # attributes are not votes
    blank = read(path, columns={"Rat": "member"}, codes=codes | {"": "absent"})
    assert blank.votes.tolist() == [[2, 0], [0, -1], [-1, 2]]


def test_a_code_replaces_the_word_of_voteshift(write: Write) -> None:
    path = write("v.csv", "member,rollcall,vote\nx,1,A\ny,1,N\n")
    assert "A may be abstain, aye, against or absent" in refused(path)
    assert read(path, codes={"A": "yes"}).votes.tolist() == [[2], [0]]
    blank = write("b.csv", "member,rollcall,vote\nx,1,yes\ny,1,\n")
    assert read(blank, codes={"": "not recorded"}).votes.tolist() == [[2], [-2]]


def test_the_same_statements_hold_for_every_table_of_a_folder(write: Write) -> None:
    folder = write("f/votes.csv", "Rat;Antrag;Stimme\nAnn;1;J\nBob;1;N\n").parent
    write("f/rollcalls.csv", "Antrag;Tag\n1;31.01.2001\n")
    write("f/members.csv", "Rat;Fraktion\nAnn;X\nBob;Y\n")
    columns = {"Rat": "member", "Antrag": "rollcall", "Stimme": "vote", "Tag": "date", "Fraktion": "group"}
    record = read(folder, columns=columns, codes={"J": "yes"}, date_format="%d.%m.%Y")
    assert record.members["group"].tolist() == ["X", "Y"]
    assert record.rollcalls["date"].dt.year.tolist() == [2001]


@pytest.mark.parametrize(
    ("stated", "match"),
    [
        ({"columns": {"Nope": "title"}}, "columns= names 'Nope', which is not a column of the file"),
        ({"columns": {"Stimme": "vot"}}, "the column 'Stimme' gets the unknown name 'vot' .*vote"),
        ({"columns": {"Stimme": "vote", "Datum": "Vote"}}, "two columns get the name 'vote'"),
        ({"codes": {"Ja": "ja"}}, "'Ja' has the meaning 'ja', which is not a vote word"),
        ({"codes": {"Ja": "yes", "JA ": "no"}}, "the code 'JA ' has two meanings, 'yes' and 'no'"),
        ({"codes": {1: "yes"}}, "codes= contains 1, which is not text"),
        ({"codes": "Ja"}, "codes is 'Ja', not a Mapping"),
        ({"date_format": "%d.%m"}, "does not state the year, the month and the day"),
        ({"date_format": "%Y-%m"}, "does not state the year, the month and the day"),
        ({"date_format": "%Q%d%m%Y"}, "does not state the year, the month and the day once each"),
        ({"date_format": "%Y%Y-%m-%d"}, "does not state the year, the month and the day once each"),
        ({"date_format": "%c %Y"}, "does not state the year, the month and the day once each"),
        ({"date_format": "31.1.2001"}, "does not state the year, the month and the day"),
        ({"encoding": "klingon"}, "not an encoding of text that Python knows"),
        ({"encoding": "rot13"}, "not an encoding of text that Python knows"),
        ({"encoding": "a\0b"}, "not an encoding of text that Python knows"),
        ({"encoding": "undefined"}, "not an encoding of text that Python knows"),
    ],
)
def test_a_statement_that_means_nothing_is_an_error(
    council: Path, stated: dict[str, object], match: str
) -> None:
    with pytest.raises(UsageError, match=match) as caught:
        read(council, **{"encoding": "cp1252", "columns": COLUMNS, "codes": CODES, **stated})  # type: ignore[arg-type]
    assert caught.value.remedy


def test_dates_follow_the_form_strictly(council: Path) -> None:
    text = refused(council, **STATED | {"date_format": "%m/%d/%Y"})
    assert "has the value '31.01.2001' in column 'Datum' (write dates in the form '%m/%d/%Y'" in text


@pytest.mark.parametrize("encoding", ["utf-16", "ascii", "utf-7", "cp037", "utf-32"])
def test_a_wrong_encoding_is_an_error_or_no_table(council: Path, encoding: str) -> None:
    with pytest.raises(VoteshiftError) as caught:
        read(council, **STATED | {"encoding": encoding})
    assert caught.value.remedy


@pytest.mark.parametrize("name", OPTIONS)
def test_a_format_with_fixed_codes_takes_no_statements(write: Write, name: str) -> None:
    digits = "".join(("109", " 1234", "41", " 0", "ALABAMA ", "200", "0", "0", "ABLE       "))
    path = write("s.ord", f"{digits}161\n")
    with pytest.raises(UsageError, match=f"{name}= does not apply to the format 'kh'"):
        read(path, **{name: STATED[name]})  # type: ignore[arg-type]


def test_a_column_of_that_name_gives_way_to_the_stated_one(write: Write) -> None:
    path = write("v.csv", "member,place,vote,seat\nAda,1,yes,p\nBob,2,no,q\n")
    record = read(path, columns={"seat": "member", "place": "district"})
    assert record.members.index.tolist() == ["p", "q"]
    assert examine(path, columns={"seat": "member"}).unread == ("member", "place")


# The command line


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words], prog_name="voteshift")
    return result.exit_code, result.output


def options() -> list[str]:
    words = ["--date-format", "%d.%m.%Y", "--encoding", "cp1252"]
    words += [word for name, column in COLUMNS.items() for word in ("--column", f"{name}={column}")]
    return words + [word for code, vote in CODES.items() for word in ("--code", f"{code}={vote}")]


def test_every_command_that_reads_a_file_takes_the_statements(council: Path, tmp_path: Path) -> None:
    assert run("check", council, *options())[0] == 0
    code, text = run("tally", "--data", council, *options(), "--json")
    assert (code, json.loads(text)[0]["yes"]) == (0, 1)
    assert run("convert", council, tmp_path / "out.voteshift", *options())[0] == 0
    assert read(tmp_path / "out.voteshift").votes.ravel().tolist() == [2, 0, 1]
    for words in (["families"], ["describe"], ["fit", "ideal"], ["explain"], ["whatif"], ["report"]):
        assert "--code CODE=VOTE" in run(*words, "--help")[1]
    assert "--code CODE=VOTE" in run("fit", "logit", "--help")[1]


def test_the_command_prints_the_options_to_paste(council: Path) -> None:
    stated = [word for word in options() if word not in {f"{code}={vote}" for code, vote in CODES.items()}]
    stated = [word for word in stated if word != "--code"]
    code, text = run("check", council, *stated)
    assert code == 3
    assert "--code Ja=MEANING --code Nein=MEANING --code Enth.=MEANING, where MEANING is yes" in text
    pasted = ["--code", "Ja=yes", "--code", "Nein=no", "--code", "Enth.=abstain"]
    assert run("check", council, *stated, *pasted)[0] == 0


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--code", "Ja"], "has no equals sign"),
        (["--code", "Ja=yes", "--code", "Ja=no"], "'Ja' is given twice"),
        (["--code", "Ja=oui"], "the code 'Ja' has the meaning 'oui'"),
        (["--encoding", "nope"], "--encoding is 'nope'"),
        (["--date-format", "%d"], "--date-format is '%d'"),
        (["--column", "Nope=vote"], "--column names 'Nope'"),
    ],
)
def test_wrong_options_are_named(council: Path, words: list[str], match: str) -> None:
    code, text = run("tally", "--data", council, "--encoding", "cp1252", *words)
    assert code == 2
    assert match in text


def test_options_without_a_file_are_an_error() -> None:
    code, text = run("tally", "--code", "Ja=yes")
    assert code == 2
    assert "--code applies to your own record (give --data)" in text
