"""Writing of records: one function for all formats."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, Final

from voteshift.arguments import checked
from voteshift.errors import UsageError, quote
from voteshift.rollcalls import RollCalls
from voteshift.writers.dataset import write_netcdf
from voteshift.writers.own import write_own
from voteshift.writers.tables import write_folder, write_long, write_wide
from voteshift.writers.voteview import write_voteview

__all__ = ["WRITERS", "write"]

_TABLES: Final[dict[str, Callable[..., None]]] = {
    "long": write_long,
    "wide": write_wide,
    "folder": write_folder,
    "voteview": write_voteview,
}
#: Formats that can be written, by name.
WRITERS: Final[dict[str, Callable[..., None]]] = {
    "voteshift": write_own,
    **_TABLES,
    "netcdf": write_netcdf,
}
_OF_SUFFIX: Final = {
    ".voteshift": "voteshift",
    ".voteshift.gz": "voteshift",
    ".csv": "long",
    ".tsv": "long",
    ".nc": "netcdf",
}


@checked
def write(
    rollcalls: RollCalls, path: str | PathLike[str], *, format: str | None = None, formulas: bool = False
) -> None:
    """Write a record to a file or folder; an existing file changes only if the new file is complete.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    path : path
        The file or folder to write. An existing file is replaced when the new file is complete. An existing
        folder is not replaced.
    format : {"voteshift", "long", "wide", "folder", "voteview", "netcdf"}, optional
        The format. By default, the format is inferred from the suffix of `path`: ``.voteshift`` or
        ``.voteshift.gz``, ``.csv`` or ``.tsv`` (long), ``.nc`` (netCDF), or no suffix (folder). The formats
        ``voteshift`` and ``netcdf`` store the complete record.
    formulas : bool, default False
        True if cells that begin with ``=``, ``+``, ``-`` or ``@`` stay unchanged in tables. A spreadsheet
        treats these cells as formulas. By default, an apostrophe is written before these cells.

    Raises
    ------
    UsageError
        If the format is unknown, or cannot store the record.
    InputError
        If the file or folder cannot be written.
    """
    target = Path(path)
    name = format_of(target) if format is None else format
    if name not in WRITERS:
        raise UsageError(f"unknown format {quote(name)}", remedy=f"formats are {', '.join(WRITERS)}")
    options: dict[str, Any] = {"formulas": formulas} if name in _TABLES else {}
    WRITERS[name](rollcalls, target, **options)


def format_of(path: Path) -> str:
    """Return the format that is inferred from the name of a file.

    Raises
    ------
    UsageError
        If no format can be inferred from the name.
    """
    name = path.name.lower()
    for suffix, format_name in _OF_SUFFIX.items():
        if name.endswith(suffix):
            return format_name
    if not path.suffix:
        return "folder"
    raise UsageError(
        f"cannot infer the format from the name {quote(path.name)}",
        remedy=f"use one of the suffixes {', '.join(_OF_SUFFIX)}, or pass a format of {', '.join(WRITERS)}",
    )
