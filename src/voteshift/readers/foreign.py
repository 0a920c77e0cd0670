"""File types of other programs that voteshift does not read; errors name the type of the file."""

from pathlib import Path
from typing import Final

from voteshift.errors import InputError

__all__ = ["refuse_foreign"]

_AS_CSV: Final = "save the table as CSV in UTF-8"
_KINDS: Final = (
    (b"$FL2", "an SPSS file", _AS_CSV),
    (b"$FL3", "an SPSS file", _AS_CSV),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "save the workbook as .xlsx, or as CSV in UTF-8"),
    (b"%PDF", "a PDF", "copy the table into a CSV file"),
    (b"<!doctype", "a web page", "save the table on the page as a CSV file"),
    (b"<html", "a web page", "save the table on the page as a CSV file"),
    (b"<table", "a web page", "save the table on the page as a CSV file"),
    (b"<?xml", "XML", _AS_CSV),
    (b'{"', "JSON", _AS_CSV),
)


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise an error if a file has a known type that voteshift does not read.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        The first bytes of the file, decompressed.

    Raises
    ------
    InputError
        If voteshift does not read files of this type; the error names the type.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:16].lower()
    for mark, what, remedy in _KINDS:
        if start.startswith(mark.lower()):
            raise InputError(f"the file is {what}, which voteshift cannot read", file=path, remedy=remedy)
