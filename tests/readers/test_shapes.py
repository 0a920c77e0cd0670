"""One record in many shapes: each is read as what it is, or refused with what to do; none is read wrongly."""

import gzip
from collections.abc import Callable
from io import BytesIO
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from readers.files import Write
from voteshift.errors import InputError, UsageError
from voteshift.readers import read
from voteshift.readers.findings import DataWarning
from voteshift.rollcalls import RollCalls

MEMBERS = ["Lovelace", "Müller", "Noether", "Curie", "Bohr"]
PARTIES = ["Left", "Right", "Left", "Green", "Right"]
ROLLCALLS = ["r1", "r2", "r3", "r4"]
DATES = ["2001-01-31", "2001-02-28", "2002-03-31", "2002-04-30"]
TITLES = ["On fish", "On water", "On fish", "On sand"]
#: Whom the record holds, and how each voted; a blank is a member without a seat.
TRUTH = pd.DataFrame(
    [
        ["yes", "no", "abstain", "yes"],
        ["no", "no", "yes", "yes"],
        ["yes", "yes", "absent", "no"],
        ["abstain", "yes", "yes", ""],
        ["yes", "no", "", "yes"],
    ],
    index=pd.Index(MEMBERS, name="member"),
    columns=pd.Index(ROLLCALLS, name="rollcall"),
)
WORDS = {
    "words": {},
    "capitals": {"yes": "YES", "no": "NO", "abstain": "Abstain", "absent": "ABSENT"},
    "letters": {"yes": "Y", "no": "N", "abstain": "A", "absent": "X"},
    "speech": {"yes": "In favour", "no": "against", "abstain": "abstention", "absent": "Not voting"},
}
LAYOUTS = ("long", "long with facts", "wide", "wide with parties", "transposed", "transposed with dates")


def spelled(words: str) -> pd.DataFrame:
    """Return the truth in other words for its votes."""
    return TRUTH.replace(WORDS[words])


def laid_out(layout: str, votes: pd.DataFrame) -> pd.DataFrame:
    """Return votes as a table without an index."""
    if layout.startswith("long"):
        rows = [
            {"member": member, "rollcall": rollcall, "vote": votes.loc[member, rollcall]}
            | ({"date": date, "title": title, "party": party} if "facts" in layout else {})
            for rollcall, date, title in zip(ROLLCALLS, DATES, TITLES, strict=True)
            for member, party in zip(MEMBERS, PARTIES, strict=True)
            if votes.loc[member, rollcall]
        ]
        return pd.DataFrame(rows)
    if layout.startswith("wide"):
        table = votes.reset_index().rename_axis(columns=None)
        if "parties" in layout:
            table.insert(1, "party", PARTIES)
        return table
    table = votes.T.reset_index().rename_axis(columns=None)
    if "dates" in layout:
        table.insert(1, "date", DATES)
        table.insert(2, "title", TITLES)
    return table


def csv(table: pd.DataFrame, separator: str = ",") -> str:
    return table.to_csv(sep=separator, index=False)


def excel(table: pd.DataFrame) -> bytes:
    stream = BytesIO()
    table.to_excel(stream, index=False)
    return stream.getvalue()


def parquet(table: pd.DataFrame) -> bytes:
    return table.to_parquet(index=False)


HOLDERS: dict[str, tuple[str, Callable[[pd.DataFrame], str | bytes]]] = {
    "comma": ("v.csv", csv),
    "semicolon": ("v.csv", lambda table: csv(table, ";")),
    "tab": ("v.tsv", lambda table: csv(table, "\t")),
    "bom": ("v.csv", lambda table: b"\xef\xbb\xbf" + csv(table).replace("\n", "\r\n").encode()),
    "gzip": ("v.csv.gz", lambda table: gzip.compress(csv(table).encode())),
    "xlsx": ("v.xlsx", excel),
    "parquet": ("v.parquet", parquet),
}


def assert_true(record: RollCalls) -> None:
    """Raise unless a record is the truth: the same members, roll calls and votes."""
    wide = record.to_wide().replace({"not a member": ""})
    assert sorted(wide.index) == sorted(MEMBERS)
    assert sorted(wide.columns) == sorted(ROLLCALLS)
    assert wide.loc[MEMBERS, ROLLCALLS].to_numpy().tolist() == TRUTH.to_numpy().tolist()


def assert_facts(record: RollCalls, layout: str) -> None:
    """Raise unless a record holds what its layout says besides votes."""
    if "facts" in layout or "parties" in layout:
        assert record.members.loc[MEMBERS, "group"].tolist() == PARTIES
    if "facts" in layout or "dates" in layout:
        assert record.rollcalls.loc[ROLLCALLS, "date"].dt.strftime("%Y-%m-%d").tolist() == DATES
        assert record.rollcalls.loc[ROLLCALLS, "title"].tolist() == TITLES


@pytest.mark.parametrize(("layout", "words", "holder"), [*product(LAYOUTS, WORDS, HOLDERS)])
def test_every_layout_is_read_from_every_file(write: Write, layout: str, words: str, holder: str) -> None:
    name, written = HOLDERS[holder]
    record = read(write(name, written(laid_out(layout, spelled(words)))))
    assert_true(record)
    assert_facts(record, layout)


@pytest.mark.parametrize(("layout", "words"), [*product(LAYOUTS[:4], WORDS)])
def test_every_layout_is_read_from_a_frame(layout: str, words: str) -> None:
    table = laid_out(layout, spelled(words))
    record = (RollCalls.from_long if layout.startswith("long") else RollCalls.from_wide)(table)
    assert_true(record)
    assert_facts(record, layout)


def wide() -> pd.DataFrame:
    return laid_out("wide", TRUTH)


def transposed() -> pd.DataFrame:
    return laid_out("transposed", TRUTH)


def counted(word: str, axis: str = "index") -> list[int]:
    return (word == TRUTH).sum(axis=axis).tolist()


def below(label: str, cells: list[object]) -> pd.DataFrame:
    """Return the matrix with a row below it."""
    return pd.concat([wide(), pd.DataFrame([[label, *cells]], columns=wide().columns)], ignore_index=True)


def beside(table: pd.DataFrame, label: str, cells: list[object], at: int | None = None) -> pd.DataFrame:
    """Return a matrix with a column beside the others."""
    table = table.copy()
    table.insert(len(table.columns) if at is None else at, label, cells)
    return table


CAST = [sum(numbers) for numbers in zip(*map(counted, ("yes", "no", "abstain")), strict=True)]
PASSED = ["yes" if yes > no else "no" for yes, no in zip(counted("yes"), counted("no"), strict=True)]
#: Shapes with summaries that agree with the votes: read, the summaries set aside.
SUMMED = {
    "a row of totals": below("Total", CAST),
    "a row of yes votes": below("Yes", counted("yes")),
    "a row of total no": below("Total No", counted("no")),
    "a row of abstentions": below("Abstentions", counted("abstain")),
    "a row of results": below("Result", PASSED),
    "a row of outcomes": below("OUTCOME", ["adopted" if word == "yes" else "rejected" for word in PASSED]),
    "a row of the majority": below("MAJORITY", PASSED),
    "a column of yes votes": beside(wide(), "n_yes", counted("yes", "columns")),
    "a column of absences": beside(wide(), "Absent", counted("absent", "columns")),
    "a column of results": beside(transposed(), "passed", PASSED),
    "a column of results, first": beside(transposed(), "Result", PASSED, 1),
    "a column of totals": beside(transposed(), "total", CAST),
    "a row of parties in a transposed matrix": pd.concat(
        [pd.DataFrame([["party", *PARTIES]], columns=transposed().columns), transposed()], ignore_index=True
    ),
    "a row of dates": pd.concat([pd.DataFrame([["date", *DATES]], columns=wide().columns), wide()]),
    "a number of each row": beside(wide(), "Unnamed: 0", [0, 1, 2, 3, 4], 0),
    "declared totals": beside(
        beside(beside(transposed(), "yes", counted("yes")), "no", counted("no")),
        "abstain",
        counted("abstain"),
    ),
    "incumbents": beside(wide(), "incumbent", ["yes", "no", "yes", "no", "no"]),
    "states of persons": beside(wide(), "state", ["Texas", "Ohio", "Ohio", "Utah", "Texas"], 1),
    "groups": beside(wide(), "group", PARTIES),
    "a blank name over the members": wide().rename(columns={"member": ""}),
    "members under another name": wide().rename(columns={"member": "Legislator"}),
}


@pytest.mark.parametrize(("shape", "holder"), [*product(SUMMED, ("comma", "semicolon", "xlsx"))])
@pytest.mark.filterwarnings("ignore::voteshift.readers.findings.DataWarning")
def test_what_stands_besides_votes_is_known_by_its_name(write: Write, shape: str, holder: str) -> None:
    name, written = HOLDERS[holder]
    assert_true(read(write(name, written(SUMMED[shape]))))


def test_what_is_set_aside_is_told(write: Write) -> None:
    path = write("v.csv", csv(SUMMED["a row of results"]))
    with pytest.warns(DataWarning, match="the row 'Result' summarises the votes and agrees with the votes"):
        read(path)


WRONG = [PASSED[0], *("no" if word == "yes" else "yes" for word in PASSED[1:])]
#: Shapes that could be two records, or that contradict themselves, and what the refusal says.
DOUBTFUL = {
    "results that differ": (below("Result", WRONG), "looks like a summary"),
    "totals that differ": (below("Total", [99] * 4), "looks like a summary"),
    "a tally in words": (below("Result", ["3-1-1"] * 4), "looks like a summary"),
    "a majority of each member": (beside(wide(), "majority", ["yes"] * 5), "looks like a summary"),
    "results that differ, beside": (beside(transposed(), "passed", WRONG), "looks like a summary"),
    "a roll call called vote": (
        wide().rename(columns={"r2": "Vote"}),
        "columns 'Vote' and 'r1' both contain votes",
    ),
    "a transposed matrix": (transposed().rename(columns={"rollcall": "x"}), "rows look like roll calls"),
    "a transposed matrix of motions": (
        transposed().rename(columns={"rollcall": "Motion"}),
        "rows look like roll",
    ),
    "a column of remarks": (beside(wide(), "remark", ["was ill"] * 5), "does not contain votes"),
    "a column of scores": (beside(wide(), "score", ["0,5", "1,5", "2", "3", "4"]), "does not contain votes"),
    "numbers for votes": (
        wide().map(lambda cell: {"yes": 1, "no": 0, "abstain": 2, "absent": ""}.get(cell, cell)),
        "numbers and TRUE are not read",
    ),
    "letters that may mean two things": (
        wide().replace({"yes": "A", "no": "N", "abstain": "X", "absent": "X"}),
        "with an A and without a Y",
    ),
    "a member twice": (pd.concat([wide(), wide().iloc[:1]]), "and another row on this line"),
    "dates of two kinds": (
        laid_out("long with facts", TRUTH).replace({"date": {"2001-01-31": "31/01/2001"}}),
        "in column 'date'",
    ),
    "a party that changes names": (
        laid_out("long", TRUTH).replace({"vote": {"absent": "away"}}),
        "unknown vote",
    ),
    "a blank vote": (laid_out("long", TRUTH).replace({"vote": {"absent": ""}}), "blank vote of Noether"),
    "a total in a long table": (
        pd.concat(
            [laid_out("long", TRUTH), pd.DataFrame([{"member": "Total", "rollcall": "r1", "vote": "yes"}])]
        ),
        "looks like a summary of the votes, not like a member",
    ),
    "labels that say nothing": (
        pd.DataFrame({"x": ["Fish", "Water"], "Sand": ["yes", "no"], "Wind": ["no", "yes"]}),
        "it is unclear whether the rows or the columns of the table are members",
    ),
}


@pytest.mark.parametrize(("shape", "holder"), [*product(DOUBTFUL, ("comma", "semicolon", "xlsx"))])
def test_what_could_be_two_records_is_refused(write: Write, shape: str, holder: str) -> None:
    name, written = HOLDERS[holder]
    table, says = DOUBTFUL[shape]
    with pytest.raises(InputError, match=says) as caught:
        read(write(name, written(table)))
    assert caught.value.remedy


@pytest.mark.parametrize(("encoding", "layout"), [*product(("utf-16", "utf-16-le", "latin-1"), LAYOUTS)])
def test_other_encodings_are_refused(write: Write, encoding: str, layout: str) -> None:
    with pytest.raises(InputError) as caught:
        read(write("v.csv", csv(laid_out(layout, TRUTH)).encode(encoding)))
    assert caught.value.remedy is not None
    assert caught.value.remedy.startswith("save the table as CSV in UTF-8")
    same = read(write("v.csv", csv(laid_out(layout, TRUTH)).encode(encoding)), encoding=encoding)
    plain = read(write("w.csv", csv(laid_out(layout, TRUTH))))
    assert same.to_wide().equals(plain.to_wide())


# The API


def frames(**changed: object) -> pd.DataFrame:
    return laid_out("long", TRUTH).assign(**changed)


FACTS = pd.DataFrame({"rollcall": ROLLCALLS[::-1], "title": TITLES[::-1], "date": DATES[::-1]})


@pytest.mark.parametrize(
    "facts", [FACTS, FACTS.set_index("rollcall"), FACTS.set_index("rollcall", drop=False)]
)
def test_titles_belong_to_their_ids_whatever_the_order(facts: pd.DataFrame) -> None:
    record = RollCalls.from_long(frames(), rollcalls=facts)
    assert_true(record)
    assert record.rollcalls.loc[ROLLCALLS, "title"].tolist() == TITLES


NAMED = laid_out("long with facts", TRUTH)
REFUSED: dict[str, tuple[Callable[[], RollCalls], str]] = {
    "no ids": (
        lambda: RollCalls.from_long(frames(), rollcalls=FACTS[["title"]]),
        "has no ids",
    ),
    "two ids": (
        lambda: RollCalls.from_long(frames(), rollcalls=FACTS.set_axis(list("abcd"))),
        "ids in its index that differ",
    ),
    "words and numbers": (lambda: RollCalls.from_long(frames(vote=[1, "yes", 0] * 6)), "words and numbers"),
    "codes of Voeten": (
        lambda: RollCalls.from_long(frames(vote=[1, 2, 8] * 6).query("vote != 8")),
        "include 2 but not 0",
    ),
    "ones and noughts": (lambda: RollCalls.from_long(frames(vote=[1, 0, 0] * 6)), "include 1 but not 2"),
    "ids of two types": (
        lambda: RollCalls.from_long(frames(rollcall=[1, "1", 2] * 6)),
        "ids 1 and '1' are the same text",
    ),
    "ids with a space": (
        lambda: RollCalls.from_long(frames(member=["a", "a ", "b"] * 6)),
        "are the same text",
    ),
    "ids of lists": (
        lambda: RollCalls.from_long(frames(member=[["a"]] * 18)),
        r"has \['a'\] as the id of a member",
    ),
    "votes of lists": (
        lambda: RollCalls.from_long(frames(vote=[["yes"]] * 18)),
        "a list or another container",
    ),
    "two columns of votes": (
        lambda: RollCalls.from_long(pd.concat([frames(), frames()[["vote"]]], axis=1)),
        "two columns named 'vote'",
    ),
    "a column that cannot be kept": (
        lambda: RollCalls.from_long(frames(shoe="brown")),
        "'shoe' .* cannot be kept",
    ),
    "titles that change": (
        lambda: RollCalls.from_long(NAMED.assign(title=[f"t{k}" for k in range(18)])),
        "'title' of roll call r1 is",
    ),
    "titles that contradict": (
        lambda: RollCalls.from_long(NAMED, rollcalls=FACTS.assign(title="On sand")),
        "in the data frame of votes and",
    ),
    "complex totals": (
        lambda: RollCalls.from_long(frames(), rollcalls=FACTS.assign(yes=1 + 2j)),
        r"has \(1\+2j\) in column 'yes'",
    ),
    "a transposed frame": (lambda: RollCalls.from_wide(TRUTH.T), "rows of the data frame are roll calls"),
    "a total in a long frame": (
        lambda: RollCalls.from_long(frames(member=["Total", *["a"] * 17])),
        "looks like a summary",
    ),
    "a row of results": (
        lambda: RollCalls.from_wide(SUMMED["a row of results"].set_index("member")),
        "looks like a summary",
    ),
    "a column of totals": (
        lambda: RollCalls.from_wide(TRUTH.assign(total=3)),
        "column 'total' is not a roll call",
    ),
    "levels": (lambda: RollCalls.from_wide(pd.concat({"x": TRUTH}, axis=1)), "has 2 levels"),
    "truth values": (
        lambda: RollCalls(
            TRUTH.to_numpy() == "yes", pd.DataFrame(index=MEMBERS), pd.DataFrame(index=ROLLCALLS)
        ),
        "votes have the type bool, but must be numbers",
    ),
    "no frame": (lambda: RollCalls.from_wide([[1]]), "is not a data frame"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("shape", REFUSED)
def test_a_frame_that_could_be_two_records_is_refused(shape: str) -> None:
    make, says = REFUSED[shape]
    with pytest.raises((InputError, UsageError), match=says) as caught:
        make()
    assert caught.value.remedy


def test_whole_numbers_are_the_same_ids_in_every_frame() -> None:
    numbered = frames(rollcall=[float(label[1:]) for label in frames()["rollcall"]])
    facts = pd.DataFrame({"rcid": [4, 3, 2, 1], "title": TITLES[::-1], "subject": [44, 33, 22, 11]})
    record = RollCalls.from_long(numbered, rollcalls=facts)
    assert record.rollcalls.loc[["1", "2", "3", "4"], "title"].tolist() == TITLES
    assert len(record.select(subject="33").rollcalls) == 1


def test_a_frame_and_its_file_are_one_record(tmp_path: Path) -> None:
    table = laid_out("long with facts", TRUTH)
    table.to_csv(tmp_path / "v.csv", index=False)
    ours, theirs = RollCalls.from_long(table), read(tmp_path / "v.csv")
    assert (ours.votes == theirs.votes).all()
    names = ["date", "title", "family"]
    pd.testing.assert_frame_equal(ours.rollcalls[names], theirs.rollcalls[names], check_dtype=False)
    assert ours.members["group"].tolist() == theirs.members["group"].tolist()
