"""Tables that programs store: files of Stata, and JSON arrays of objects."""

import json
import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from voteshift.budget import TABLE_CELLS
from voteshift.errors import InputError, escape_text, quote
from voteshift.readers.sheets import cell_text
from voteshift.readers.table import Column, Table, header_of, without_blank_rows
from voteshift.readers.text import read_whole

__all__ = ["is_json", "is_stata", "json_names", "read_json", "read_stata", "table_of"]

_DTA: Final = b"<stata_dta>"
_OLD_DTA: Final = (113, 114, 115)  # versions of Stata's format before the tags
_JSON: Final = re.compile(rb"\s*\[\s*\{")
_KEY: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:')
_AS_CSV: Final = "save the table as CSV in UTF-8"


def is_stata(head: bytes) -> bool:
    """Return True if the first bytes of a file show a file of Stata."""
    return head.startswith(_DTA) or (
        len(head) > 3 and head[0] in _OLD_DTA and head[1] in (1, 2) and head[2:4] == b"\x01\x00"
    )


def is_json(head: bytes) -> bool:
    """Return True if the first bytes of a file show a JSON array of objects."""
    return _JSON.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def json_names(head: bytes) -> set[str]:
    """Return the keys of the first object of a JSON array, in lower case."""
    first = head.decode("utf-8", "replace").partition("}")[0]
    return {name.lower() for name in _KEY.findall(first)}


def read_stata(path: Path) -> Table:
    """Read a file of Stata as a table of text; cells with a value label have the label.

    Raises
    ------
    InputError
        If the file is damaged or too large.
    """
    content = read_whole(path, _AS_CSV)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pd.read_stata(BytesIO(content), convert_categoricals=True, preserve_dtypes=True)
    except Exception as error:  # noqa: BLE001  a damaged file may raise any exception
        raise _damaged("Stata file", error, path) from None
    return table_of(frame, path)


def read_json(path: Path) -> Table:
    """Read a JSON array of objects, whose values are texts, numbers, truth values or null, as a table.

    Raises
    ------
    InputError
        If the file is not JSON, or a value is a list or an object.
    """
    try:
        records = json.loads(read_whole(path, _AS_CSV).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _damaged("JSON file", error, path) from None
    names: dict[str, None] = {}
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise InputError(f"entry {number} of the array is not an object", file=path, remedy=_AS_CSV)
        for name, value in record.items():
            if isinstance(value, list | dict):
                raise InputError(
                    f"{quote(name)} in entry {number} of the array is a list or an object",
                    file=path,
                    remedy="write an array of objects whose values are texts, numbers, true, false or null",
                )
        names.update(dict.fromkeys(record))
    columns = {name: [record.get(name) for record in records] for name in names}
    return table_of(pd.DataFrame(columns, dtype=object), path)


def table_of(frame: pd.DataFrame, path: Path, index: str | None = None) -> Table:
    """Return a data frame as a table of text: dates as days, missing cells as blanks.

    Parameters
    ----------
    frame : DataFrame
        The data frame.
    path : Path
        The file.
    index : str, optional
        The name of a first column with the index of the data frame. By default, the index is left out.

    Raises
    ------
    InputError
        If the table is too large, has no rows, or a column has no name.
    """
    if len(frame) * (len(frame.columns) + 1) > TABLE_CELLS.limit(path.stat().st_size):
        raise InputError("the table has too many cells for a file of this size", file=path, remedy=_AS_CSV)
    columns = {} if index is None else {index: _column(pd.Series(frame.index))}
    columns |= {str(name): _column(frame[name]) for name in frame.columns}
    names = header_of(list(columns), path, 1)
    table = Table(path, names, tuple(columns.values()), np.arange(len(frame), dtype=np.int64) + 1)
    table = without_blank_rows(table)
    if not len(table):
        raise InputError("the table has no rows", file=path, remedy="add rows of votes")
    return table


def _column(cells: "pd.Series[Any]") -> Column:
    codes, values = pd.factorize(cells, use_na_sentinel=True)
    texts = np.array([*(cell_text(_plain(value)).strip() for value in values), ""], dtype=object)
    same, labels = pd.factorize(texts)
    first, present = pd.factorize(same[codes])  # the code of a missing cell is -1, the blank at the end
    return Column(first.astype(np.int32), np.asarray(labels, dtype=object)[present])


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    return value.item() if isinstance(value, np.generic) else value


def _damaged(what: str, error: BaseException, path: Path) -> InputError:
    reason = escape_text(str(error) or type(error).__name__)[:200]
    return InputError(f"the {what} cannot be read: {reason}", file=path, remedy=_AS_CSV)
