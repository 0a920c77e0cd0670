"""Files of other programs that are not read: they are detected by their first bytes and named."""

from pathlib import Path
from typing import Final

from voteshift.errors import InputError

__all__ = ["refuse_foreign"]

_AS_CSV: Final = "save the table as CSV in UTF-8"
_KINDS: Final = (
    (b"<stata_dta>", "a Stata file", _AS_CSV),
    (b"$FL2", "an SPSS file", _AS_CSV),
    (b"$FL3", "an SPSS file", _AS_CSV),
    (b"X\n\0\0\0", "one R object saved by saveRDS", "save the rollcall object with save(), or write a CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "save it as .xlsx, or as CSV in UTF-8"),
    (b"%PDF", "a PDF", "copy the table into a CSV file"),
    (b"<!doctype", "a web page", "save the table itself, as CSV"),
    (b"<html", "a web page", "save the table itself, as CSV"),
    (b"<table", "a web page", "save the table itself, as CSV"),
    (b"<?xml", "XML", _AS_CSV),
    (b"[{", "JSON", _AS_CSV),
    (b'{"', "JSON", _AS_CSV),
)


def refuse_foreign(path: Path, head: bytes) -> None:
    """Refuse a file of a known kind that is not read.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first bytes, unpacked.

    Raises
    ------
    InputError
        Saying what the file is.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:16].lower()
    for mark, what, remedy in _KINDS:
        if start.startswith(mark.lower()):
            raise InputError(f"the file is {what}, which is not read", file=path, remedy=remedy)
