"""Workbooks and Parquet files as people and programs make them: read as they look, or refused."""

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from openpyxl import Workbook
from pyarrow import parquet

from voteshift.errors import InputError
from voteshift.readers import check_file, read
from voteshift.readers.findings import DataWarning

VOTES = [["member", "rollcall", "vote"], ["A", 1, "yes"], ["B", 1, "no"], ["B", 2, "abstain"]]
OTHERS = [["member", "rollcall", "vote"], ["C", 7, "yes"], ["D", 7, "yes"]]


def workbook(path: Path, sheets: Mapping[str, list[list[object]]], hidden: str = "") -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("sheets", "hidden", "left_out"),
    [
        ({"Sheet1": [], "2018": VOTES}, "", None),
        ({"Sheet1": [["  "]], "2018": VOTES}, "", None),
        ({"2018": VOTES, "2020": OTHERS}, "", "only '2018' is read, not '2020'"),
        ({"old": OTHERS, "new": VOTES}, "old", "only 'new' is read, not 'old'"),
        ({"README": [["About"]], "Votes ": VOTES}, "", "only 'Votes ' is read, not 'README'"),
    ],
)
def test_sheets_that_are_not_read_are_told(
    tmp_path: Path, sheets: dict[str, list[list[object]]], hidden: str, left_out: str | None
) -> None:
    path = workbook(tmp_path / "v.xlsx", sheets, hidden)
    if left_out is None:
        record = read(path)
        assert check_file(path) == []
    else:
        with pytest.warns(DataWarning, match=re.escape(left_out)):
            record = read(path)
        (only,) = check_file(path)
        assert (only.severity, bool(only.remedy)) == ("warning", True)
    assert record.tally()[["yes", "no", "abstain"]].to_numpy().tolist() == [[1, 1, 0], [0, 0, 1]]


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_parts(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_sheet_changed(path: Path, old: bytes, new: bytes) -> Path:
    parts = parts_of(workbook(path, {"a": VOTES}))
    assert old in parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(old, new)
    return with_parts(path, parts)


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"])
def test_a_workbook_that_lacks_a_sheet_it_lists_is_refused(tmp_path: Path, name: str) -> None:
    """A bit of the archive's directory has changed: the part is there under another name."""
    path = workbook(tmp_path / "v.xlsx", {"Notes": OTHERS, "new": VOTES}, "Notes")
    parts = parts_of(path)
    parts = {(part.replace("sheet", "sheft") if part == name else part): parts[part] for part in parts}
    lost = {"xl/worksheets/sheet1.xml": "Notes", "xl/worksheets/sheet2.xml": "new"}[name]
    with pytest.raises(InputError, match=f"it lists the sheet '{lost}', which is not in the file") as caught:
        read(with_parts(path, parts))
    assert caught.value.remedy


def test_a_hidden_sheet_is_not_read_in_the_place_of_an_empty_one(tmp_path: Path) -> None:
    path = workbook(tmp_path / "v.xlsx", {"Notes": OTHERS, "new": [["  "]]}, "Notes")
    with pytest.raises(InputError, match="only the hidden sheet 'Notes' has cells with values"):
        read(path)
    path = workbook(tmp_path / "w.xlsx", {"votes": VOTES, "new": [["  "]]}, "votes")
    assert read(path).members.index.tolist() == ["A", "B"]


@pytest.mark.parametrize("says", ["A1", "A1:B2", "A1:XFD1048576"])
def test_what_a_sheet_says_of_its_size_is_not_relied_upon(tmp_path: Path, says: str) -> None:
    path = with_sheet_changed(tmp_path / "v.xlsx", b'ref="A1:C4"', f'ref="{says}"'.encode())
    assert read(path).tally()[["yes", "no", "abstain"]].to_numpy().tolist() == [[1, 1, 0], [0, 0, 1]]


def test_rows_that_stand_millions_apart(tmp_path: Path) -> None:
    row = b'<row r="5000000"><c r="A5000000"><v>1</v></c></row></sheetData>'
    path = with_sheet_changed(tmp_path / "v.xlsx", b"</sheetData>", row)
    with pytest.raises(InputError, match=":1048577: the sheet is larger than the largest"):
        read(path)


def test_a_formula_without_a_result_is_no_blank(tmp_path: Path) -> None:
    matrix = [["member", "r1", "r2"], ["A", "yes", '=IF(1=1,"yes","no")'], ["B", "no", "no"]]
    with pytest.raises(InputError, match="cell 3 of the row is a formula without a stored result") as caught:
        read(workbook(tmp_path / "v.xlsx", {"a": matrix}))
    assert caught.value.line == 2


def test_merged_cells_are_told(tmp_path: Path) -> None:
    """On the screen A voted yes twice; in the file the second cell is blank, as of a member with no seat."""
    book = Workbook()
    for row in (["member", "r1", "r2"], ["A", "yes", None], ["B", "no", "no"]):
        book.active.append(row)
    book.active.merge_cells("B2:C2")
    book.save(tmp_path / "v.xlsx")
    with pytest.warns(DataWarning, match="merged cells: only the first of the merged cells is read"):
        assert read(tmp_path / "v.xlsx").to_wide().loc["A"].tolist() == ["yes", "not a member"]


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["mimetype", "content.xml"], "an OpenDocument file"),
        (["[Content_Types].xml", "xl/workbook.bin"], "a binary Excel workbook"),
        (["[Content_Types].xml", "word/document.xml"], "a Word document"),
        (
            ["votes.csv", "rollcalls.csv"],
            "a ZIP archive, which voteshift cannot read; the archive contains 'votes.csv', 'rollcalls.csv'",
        ),
    ],
)
def test_archives_of_another_kind_are_named(tmp_path: Path, names: list[str], what: str) -> None:
    path = tmp_path / "v.ods"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "member,vote\nA,yes\n")
    with pytest.raises(InputError, match=what) as caught:
        read(path)
    assert caught.value.remedy


FRAME = pd.DataFrame({"r1": ["yes", "no"], "r2": [None, "abstain"]}, index=["A", "B"])


@pytest.mark.parametrize(
    "prepare",
    [
        lambda: FRAME,
        lambda: FRAME.rename_axis("member"),
        lambda: FRAME.rename_axis("member").reset_index(),
        lambda: FRAME.rename_axis("member").reset_index().astype("category"),
        lambda: (
            FRAME.rename_axis("member")
            .reset_index()
            .map(lambda cell: cell.encode() if isinstance(cell, str) else None)
        ),
    ],
)
def test_a_matrix_that_pandas_wrote(tmp_path: Path, prepare: Callable[[], pd.DataFrame]) -> None:
    prepare().to_parquet(tmp_path / "v.parquet")
    record = read(tmp_path / "v.parquet")
    assert record.to_wide().to_dict() == {
        "r1": {"A": "yes", "B": "no"},
        "r2": {"A": "not a member", "B": "abstain"},
    }


def test_a_long_text_in_many_rows_of_parquet_is_one(tmp_path: Path) -> None:
    """A dictionary of one long text: spelled out in every row it would fill any memory."""
    n = 20_000
    title = pa.DictionaryArray.from_arrays(pa.array([0] * n, pa.int32()), ["t" * (1 << 20)])
    table = {
        "member": [f"m{k}" for k in range(n)],
        "rollcall": ["1"] * n,
        "vote": ["yes"] * n,
        "title": title,
    }
    parquet.write_table(pa.table(table), tmp_path / "v.parquet", store_schema=False)
    assert len(read(tmp_path / "v.parquet").rollcalls["title"].iloc[0]) == 1 << 20


def test_cells_that_unpack_to_hundreds_of_megabytes(tmp_path: Path) -> None:
    cell = pa.table({"member": ["a"], "vote": ["y" * (4 << 20)]})
    with parquet.ParquetWriter(tmp_path / "v.parquet", cell.schema, compression="zstd") as writer:
        for _ in range(64):
            writer.write_table(cell)
    with pytest.raises(InputError, match=r"unpacks to 64 rows of 2 cells, 25\d MiB"):
        read(tmp_path / "v.parquet")
