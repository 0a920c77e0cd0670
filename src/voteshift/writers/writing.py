"""Writing of records: one entry point for all formats."""

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
    """Write a record; the file is whole or is what it was.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    path : path
        Where to. A file that is there is replaced once the new one is whole; a folder is not.
    format : {"voteshift", "long", "wide", "folder", "voteview", "netcdf"}, optional
        By default inferred from the name: ``.voteshift`` or ``.voteshift.gz``, ``.csv`` or ``.tsv`` (long),
        ``.nc`` (netCDF); a name without a suffix is a folder. ``voteshift`` and ``netcdf`` lose nothing.
    formulas : bool, default False
        In tables, whether cells that a spreadsheet takes for formulas (they begin with ``=``, ``+``, ``-``,
        ``@``) stay unchanged. By default an apostrophe precedes them.

    Raises
    ------
    UsageError
        If the format is unknown, or cannot hold what the record does.
    InputError
        If it cannot be written.
    """
    target = Path(path)
    name = format_of(target) if format is None else format
    if name not in WRITERS:
        raise UsageError(f"unknown format {quote(name)}", remedy=f"formats are {', '.join(WRITERS)}")
    options: dict[str, Any] = {"formulas": formulas} if name in _TABLES else {}
    WRITERS[name](rollcalls, target, **options)


def format_of(path: Path) -> str:
    """Return the format that a name stands for.

    Raises
    ------
    UsageError
        If it stands for none.
    """
    name = path.name.lower()
    for suffix, format_name in _OF_SUFFIX.items():
        if name.endswith(suffix):
            return format_name
    if not path.suffix:
        return "folder"
    raise UsageError(
        f"cannot infer the format from the name {quote(path.name)}",
        remedy=f"use a suffix of {', '.join(_OF_SUFFIX)}, or name the format: {', '.join(WRITERS)}",
    )
