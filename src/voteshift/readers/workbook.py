"""Reading of Excel workbooks row by row, and errors for archives that are not Excel workbooks."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from voteshift.budget import SHEET_CELLS, WORKBOOK
from voteshift.errors import InputError, escape_text, quote
from voteshift.readers.findings import Notes

__all__ = ["rows_of"]

_MOST_ROWS, _MOST_COLUMNS = 1 << 20, 1 << 14  # of a sheet, in Excel itself
_LISTED: Final = 8  # names that a message lists
_AS_CSV: Final = "save the table as CSV in UTF-8"
#: Features of a sheet, and the XML that marks them, with or without a prefix.
_MARKS: Final = {
    "formulas": (b"<f>", b"<f ", b":f>", b":f "),
    "merged cells": (b"<mergeCell ", b":mergeCell "),
}
#: Other archives: a file inside that identifies the type, a description of the type, the remedy.
_OTHERS: Final = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)", "save the table as .xlsx, or as CSV in UTF-8"),
    ("word/document.xml", "a Word document", "copy the table into a CSV file"),
    ("content.xml", "an OpenDocument file (.ods, .odt)", "save the table as .xlsx, or as CSV in UTF-8"),
    ("Index/Document.iwa", "a Numbers or Pages document", "export the table as CSV in UTF-8"),
)


def rows_of(path: Path, notes: Notes) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the sheet of votes in a workbook.

    The sheet of votes is the sheet ``votes``, else the first sheet that is not hidden. Empty sheets are
    skipped.

    Parameters
    ----------
    path : Path
        The workbook.
    notes : Notes
        Collects a warning that names the other sheets with cells, which are not read. Collects another
        warning if the workbook has merged cells.

    Raises
    ------
    InputError
        If the file is another type of archive, is too large after decompression, or does not contain a sheet
        that it lists. If only hidden sheets contain cells. If a formula in the sheet has no stored result:
        the program that saved the workbook did not compute the result, and a blank cell would mean a member
        without a seat.
    """
    marks = _looked_into(path)
    if "merged cells" in marks:
        notes.warning(
            "the workbook has merged cells: only the first of the merged cells is read, and the other "
            "cells are blank",
            path,
            remedy="unmerge the cells and fill in each cell",
        )
    from openpyxl.reader.excel import ExcelReader

    with path.open("rb") as file:  # a path would be judged by its suffix
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.read()
        book = reader.wb
        try:
            _refuse_lost_sheets([sheet.name for sheet in reader.parser.sheets], book.sheetnames, path)
            filled = [k for k, sheet in enumerate(book.worksheets) if _holds_anything(sheet, path)]
            if not filled:
                return
            filled.sort(key=lambda k: _rank(book.worksheets[k]))
            best = filled[0]
            if all(_rank(book.worksheets[best])):
                raise InputError(
                    f"only the hidden sheet {quote(str(book.worksheets[best].title))} has cells with values",
                    file=path,
                    remedy="unhide the sheet and save the workbook, or name the sheet 'votes'",
                )
            _note_others([str(book.worksheets[k].title) for k in filled], path, notes)
            rows = _rows(book.worksheets[best], path)
            yield from _computed(rows, path, best) if "formulas" in marks else rows
        finally:
            book.close()


def _refuse_lost_sheets(listed: list[str], present: list[str], path: Path) -> None:
    """Raise an error if a workbook lists a sheet that is missing: another sheet would be read instead."""
    lost = list((Counter(listed) - Counter(present)).elements())
    if lost:
        raise InputError(
            f"the workbook is damaged: it lists the sheet {quote(lost[0])}, which is not in the file",
            file=path,
            remedy="download the workbook again, or open and save the workbook in a spreadsheet program",
        )


def _rows(sheet: Any, path: Path) -> Iterator[tuple[Any, ...]]:
    # The declared size of a sheet is unreliable. Some programs write A1, so only one cell would be read.
    # Others write the largest size of Excel, so millions of blank cells would be read.
    sheet.reset_dimensions()
    most = SHEET_CELLS.limit(path.stat().st_size)
    cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells += len(row)
        if number > _MOST_ROWS or len(row) > _MOST_COLUMNS or cells > most:
            raise InputError(
                "the sheet is larger than the largest possible table of votes",
                file=path,
                line=number,
                remedy="delete the rows and columns outside the table, or save the table as CSV in UTF-8",
            )
        yield tuple(row)


def _holds_anything(sheet: Any, path: Path) -> bool:
    return any(cell is not None and str(cell).strip() for row in _rows(sheet, path) for cell in row)


def _rank(sheet: Any) -> tuple[bool, bool]:
    return str(sheet.title).strip().lower() != "votes", sheet.sheet_state != "visible"


def _note_others(names: list[str], path: Path, notes: Notes) -> None:
    if len(names) < 2:
        return
    others = ", ".join(map(quote, names[1 : _LISTED + 1])) + ", ..." * (len(names) - 1 > _LISTED)
    notes.warning(
        f"the workbook has {len(names)} sheets; only {quote(names[0])} is read, not {others}",
        path,
        remedy=(
            "to read other sheets, save the sheets as votes.csv and rollcalls.csv in a folder, or as one "
            "table"
        ),
    )


def _computed(rows: Iterator[tuple[Any, ...]], path: Path, index: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows; raise an error if a formula has no stored result."""
    from openpyxl import load_workbook

    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        try:
            for number, (row, written) in enumerate(
                zip(rows, _rows(book.worksheets[index], path), strict=True), 1
            ):
                for column, (cell, formula) in enumerate(zip(row, written, strict=True), 1):
                    if cell is None and formula is not None:
                        raise InputError(
                            f"cell {column} of the row is a formula without a stored result",
                            file=path,
                            line=number,
                            remedy="open and save the workbook in a spreadsheet program, or enter the value",
                        )
                yield row
        finally:
            book.close()


def _looked_into(path: Path) -> set[str]:
    """Raise an error for other archives and too large workbooks; return the `_MARKS` of the workbook."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
            _refuse_others([part.filename for part in parts], path)
            size = sum(part.file_size for part in parts)
            packed = sum(part.compress_size for part in parts)
            if size > WORKBOOK.limit(packed):
                raise InputError(
                    f"the workbook unpacks to {size >> 20} MiB, {size // max(packed, 1)} times the size of "
                    "the file, which is above the limit",
                    file=path,
                    remedy=_AS_CSV,
                )
            sheets = [part.filename for part in parts if part.filename.startswith("xl/worksheets/")]
            return set().union(*(_marks(archive, name) for name in sheets))
    except InputError:
        raise
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        reason = escape_text(str(error))
        raise InputError(
            f"the workbook is damaged: {reason}", file=path, remedy="save the workbook again"
        ) from None


def _refuse_others(names: list[str], path: Path) -> None:
    for mark, what, remedy in _OTHERS:
        if mark in names:
            raise InputError(f"the file is {what}, which voteshift cannot read", file=path, remedy=remedy)
    if not any(name.startswith("xl/") for name in names):
        held = ", ".join(map(quote, names[:_LISTED])) + ", ..." * (len(names) > _LISTED)
        raise InputError(
            "the file is a ZIP archive, which voteshift cannot read; the archive contains "
            f"{held or 'nothing'}",
            file=path,
            remedy="unpack the archive and read the files in it",
        )


def _marks(archive: ZipFile, name: str) -> set[str]:
    """Return the features of `_MARKS` that occur in one file of an archive."""
    marks_held = set()
    with archive.open(name) as part:
        before = b""
        while chunk := part.read(1 << 20):
            text = before + chunk
            marks_held |= {what for what, marks in _MARKS.items() if any(mark in text for mark in marks)}
            before = chunk[-16:]
    return marks_held
