"""Data frames and lists of votes in files of R.

The lists are those of the R package pscl, for instance ``sc9497``: a matrix ``votes`` with ``legis.names``
and ``vote.names``. Such a list is not an object of class ``rollcall`` and does not state what its codes mean.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import InputError
from voteshift.readers.stored import table_of
from voteshift.readers.table import Table
from voteshift.votes import Vote

__all__ = ["r_table"]

_ABOUT_MEMBERS: Final = ("party", "state", "district")


def r_table(objects: Mapping[str, Any], path: Path) -> Table | None:
    """Return the only data frame, or the only list with a matrix 'votes', of an R file as a table.

    Parameters
    ----------
    objects : mapping of str to object
        The objects of the file by their names, as the package rdata converts them.
    path : Path
        The file.

    Returns
    -------
    Table or None
        None if the file has no data frame and no list with a matrix of votes. The first column of a matrix
        contains its row names, and its other columns are roll calls.

    Raises
    ------
    InputError
        If the file has several such objects.
    """
    tables = {name: value for name, value in objects.items() if isinstance(value, pd.DataFrame)}
    lists = {
        name: value
        for name, value in objects.items()
        if isinstance(value, dict) and "votes" in value and np.ndim(value["votes"]) == 2
    }
    if len(tables) + len(lists) > 1:
        raise InputError(
            f"the file contains {len(tables) + len(lists)} data frames or lists of votes: "
            f"{', '.join(map(repr, [*tables, *lists][:8]))}",
            file=path,
            remedy="in R, save only one of these objects",
        )
    for frame in tables.values():
        named = frame.index.dtype == object
        return table_of(_dated(frame), path, "row_names" if named and not _has_members(frame) else None)
    for value in lists.values():
        return table_of(_matrix(value), path, "member")
    return None


def _has_members(frame: pd.DataFrame) -> bool:
    return bool(
        {"member", "iso3", "name", "state", "country", "rcid"} & {str(name).lower() for name in frame}
    )


def _matrix(value: Mapping[str, Any]) -> pd.DataFrame:
    """Return the votes in a list of R with the names of members and votes; NA is a vote not recorded."""
    table = value["votes"]
    cells = np.asarray(table, dtype=object)
    dims = getattr(table, "dims", ())
    labels = []
    for axis, name in enumerate(("legis.names", "vote.names")):
        coordinate = table.coords.get(dims[axis]) if len(dims) == 2 else None
        named = value.get(name) if coordinate is None else coordinate
        plain = [] if named is None else [str(label) for label in np.ravel(np.asarray(named, dtype=object))]
        is_named = len(plain) == cells.shape[axis] == len(set(plain))
        labels.append(plain if is_named else [f"{'mv'[axis]}{k + 1}" for k in range(cells.shape[axis])])
    frame = pd.DataFrame(cells, index=labels[0], columns=labels[1])
    frame = frame.where(frame.notna(), Vote.NOT_RECORDED.word)
    for name in _ABOUT_MEMBERS:
        about = value.get(name)
        if about is not None and np.shape(about) == (len(frame),) and name not in frame.columns:
            frame.insert(0, name, np.asarray(about, dtype=object))
    return frame


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a data frame in which a column 'date' of R's numbers of days since 1970 is a date."""
    for name in frame.columns:
        if str(name).lower() == "date" and frame[name].dtype.kind in "iuf":
            frame = frame.assign(**{str(name): pd.to_datetime(frame[name].astype(float), unit="D")})
    return frame
