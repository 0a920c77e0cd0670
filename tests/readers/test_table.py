import csv
from pathlib import Path

import pytest

from readers.files import Write
from voteshift.errors import InputError
from voteshift.readers.findings import MOST_OF_A_KIND, Notes
from voteshift.readers.table import Table, read_table


def table_of(path: Path) -> Table:
    notes = Notes()
    table = read_table(path, notes)
    assert notes.findings == []
    return table


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "a,b\n1,2\n"),
        ("t.csv", "a;b\r\n1;2\r\n"),
        ("t.csv", "a\tb\r1\t2"),
        ("t.tsv", "a\tb\n1\t2\n"),
        ("t.csv", '"a", b \n"1", 2 \n'),
        ("t.csv", '"a", "b"\n"1",  "2"\n'),
    ],
)
def test_delimiters_line_ends_and_space(write: Write, name: str, content: str) -> None:
    table = table_of(write(name, content))
    assert table.names == ("a", "b")
    assert [column.take().tolist() for column in table.columns] == [["1"], ["2"]]
    assert table.lines.tolist() == [2]


def test_a_tsv_may_hold_more_commas_than_tabs(write: Write) -> None:
    assert table_of(write("t.tsv", "a\tb, c, d\n1\t2\n")).names == ("a", "b, c, d")


@pytest.mark.parametrize("name", ["t.tsv", "t.TSV", "t.tab", "t.tsv.gz"])
@pytest.mark.parametrize(("mark", "called"), [(",", "commas"), (";", "semicolons")])
def test_contents_decide_what_separates_cells(write: Write, name: str, mark: str, called: str) -> None:
    notes = Notes()
    table = read_table(write(name, f"a{mark}b\n1{mark}2\n"), notes)
    assert table.names == ("a", "b")
    (only,) = notes.findings
    assert (only.severity, only.remedy) == ("warning", "rename the file to .csv")
    assert only.message == f"the suffix of the file means tabs, but {called} separate the cells"


def test_a_tab_within_a_cell_does_not_separate_cells(write: Write) -> None:
    notes = Notes()
    assert read_table(write("t.tsv", "a;b\tc\n1;2\n"), notes).names == ("a", "b\tc")
    assert len(notes.warnings) == 1


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("a,r;1;2\nm;1;2,yes\n", ("a", "r;1;2")),  # both split evenly: the comma first
        ("a;b,c\n1;2\n", ("a", "b,c")),  # the comma splits unevenly
        ("a;b;c,d\n1;2\n", ("a", "b", "c,d")),  # neither splits evenly: more cells
        ("a\tb\n" + "1,\t2\n" * 20_000 + "cut", ("a", "b")),  # the last of the rows looked at is cut short
    ],
)
def test_delimiters_that_compete(write: Write, content: str, names: tuple[str, ...]) -> None:
    assert read_table(write("t.csv", content), Notes()).names == names


def test_lines_are_those_of_the_file(write: Write) -> None:
    table = table_of(write("t.csv", '\na,b\n1,"two\nlines"\n\n\n3,4\n"5\r\n",6\n7,8'))
    assert table.header == 2
    assert table.lines.tolist() == [3, 7, 8, 10]
    assert table["b"].tolist() == ["two\nlines", "4", "6", "8"]


def test_lines_hold_over_many_batches(write: Write) -> None:
    rows = [f'{n},"{n}\n"' for n in range(5000)]
    table = table_of(write("t.csv", "a,b\n" + "\n".join(rows)))
    assert table.lines.tolist() == list(range(2, 10_002, 2))
    assert table["b"].tolist() == [str(n) for n in range(5000)]


def test_ragged_rows_are_noted_and_left_out(write: Write) -> None:
    notes = Notes()
    table = read_table(path := write("t.csv", "a,b\n1\n2,3\n4,5,6\n"), notes)
    assert table["a"].tolist() == ["2"]
    assert [(f.severity, f.file, f.line) for f in notes.findings] == [
        ("error", str(path), 2),
        ("error", str(path), 4),
    ]
    assert notes.findings[1].message == "the row has 3 cells, but the header has 2"


def test_many_ragged_rows_are_counted(write: Write) -> None:
    notes = Notes()
    read_table(write("t.csv", "a,b\n1,2\n" + "1\n" * 1000), notes)
    assert len(notes.findings) == MOST_OF_A_KIND
    assert notes.findings[-1].message.endswith(f"; and {1000 - MOST_OF_A_KIND} more of this kind")


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("a,b\n", 1, "no rows"),
        ("\na,b\n\n\n", 2, "no rows"),
        ("a,a\n1,2\n", 1, "two columns are named 'a'"),
        ("a,,c\n1,2,3\n", 1, "column 2 has no name"),
        ('a,b\n1,2\n3,"4\n5,6\n', 3, "cannot be split"),
        ('a,b\n1,2\n3,"4"5\n', 3, "cannot be split"),
        ("a,b\n1," + "x" * (csv.field_size_limit() + 1), 2, "cannot be split"),
    ],
)
def test_faulty_tables(write: Write, content: str, line: int, message: str) -> None:
    path = write("t.csv", content)
    with pytest.raises(InputError, match=message) as caught:
        read_table(path, Notes())
    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert caught.value.remedy


def test_columns_are_found_whatever_their_case(write: Write) -> None:
    table = table_of(write("t.csv", "ISO3,Vote,vote2\n1,2,3\n"))
    assert table.find("member", "iso3") == "ISO3"
    assert table.need("votes", "vote") == "Vote"
    assert table.find("nothing") is None


def test_a_lacking_column_says_what_is_there(write: Write) -> None:
    table = table_of(path := write("t.csv", "\nwho,what\n1,2\n"))
    with pytest.raises(InputError, match="the columns are 'who', 'what' ") as caught:
        table.need("who voted", "member", "iso3")
    assert (caught.value.file, caught.value.line) == (str(path), 2)
    assert caught.value.remedy == "name the column 'member' or 'iso3', or give columns={'NAME': 'member'}"


def test_columns_that_differ_in_case_alone(write: Write) -> None:
    table = table_of(write("t.csv", "Vote,vote\n1,2\n"))
    with pytest.raises(InputError, match="have the same name"):
        table.find("vote")


def test_blank_rows_and_columns_of_a_spreadsheet_are_none(write: Write) -> None:
    table = table_of(write("t.csv", ";;\n;;;\na;b;;\n;;;\n1;2; ;\n;;;\n;3;;\n"))
    assert table.names == ("a", "b")
    assert [table["a"].tolist(), table["b"].tolist()] == [["1", ""], ["2", "3"]]
    assert (table.header, table.lines.tolist()) == (3, [5, 7])


def test_a_cell_under_no_name_is_noted(write: Write) -> None:
    notes = Notes()
    table = read_table(path := write("t.csv", "a,b,\n1,2,\n3,4,5\n6,7\n"), notes)
    assert table["a"].tolist() == ["1"]
    assert [(f.file, f.line, f.message) for f in notes.findings] == [
        (str(path), 4, "the row has 2 cells, but the header has 3"),
        (str(path), 3, "the row has a cell to the right of the 2 columns of the header"),
    ]


def test_a_table_of_blanks_has_no_rows(write: Write) -> None:
    with pytest.raises(InputError, match="no rows"):
        read_table(write("t.csv", "a,b\n,\n , \n"), Notes())
    with pytest.raises(InputError, match="empty"):
        read_table(write("u.csv", ",\n , \n"), Notes())


@pytest.mark.parametrize("printed", ["Roll call", "roll_call", "ROLL-CALL", "RollCall"])
def test_columns_are_found_whatever_stands_between_their_words(write: Write, printed: str) -> None:
    assert table_of(write("t.csv", f"member,{printed}\n1,2\n")).find("record", "rollcall") == printed


@pytest.mark.parametrize("other", ["roll call", "Roll_Call", "ROLLCALL"])
def test_two_columns_of_one_name_are_refused_though_one_is_exact(write: Write, other: str) -> None:
    """One of them would be dropped without a word."""
    table = table_of(write("t.csv", f"{other},rollcall,x y\n1,2,3\n"))
    with pytest.raises(InputError, match=f"columns '{other}' and 'rollcall' have the same name"):
        table.find("rollcall")
    assert table.find("xy") == "x y"
