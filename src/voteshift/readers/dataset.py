"""Reading of a record from an xarray Dataset or from a netCDF file that voteshift wrote."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.checksums import NOT_VERIFIED, verify_checksum
from voteshift.errors import InputError, escape_text, quote
from voteshift.netcdf import need_ends, need_whole
from voteshift.readers.findings import Notes
from voteshift.readers.own import KINDS, column_of
from voteshift.rollcalls import RollCalls
from voteshift.spells import read_spells

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LAYOUT", "from_dataset", "read_netcdf"]

#: The attribute with the version of the layout of a dataset, and its value.
LAYOUT: Final = ("voteshift_layout", 1)
_REMEDY: Final = "write the file again with `voteshift convert`"


def read_netcdf(path: Path, notes: Notes) -> RollCalls:
    """Read a netCDF file that `voteshift.write` wrote.

    Parameters
    ----------
    path : Path
        The file. The file is read as an HDF5 file, array by array. The size of each array is checked before
        reading.
    notes : Notes
        Collects a warning if the file has no checksum, because an earlier version of voteshift wrote the
        file.

    Raises
    ------
    InputError
        If the file is damaged, differs from its checksum, or is not a netCDF file that voteshift wrote.
    """
    import h5py

    try:
        need_ends(path, _REMEDY)
        need_whole(path, _REMEDY)
        with h5py.File(path, "r") as file:

            def get(name: str) -> "np.ndarray[Any, Any]":
                array = file.get(name)
                if not isinstance(array, h5py.Dataset):
                    raise InputError(f"the file has no array '{name}'", remedy=_REMEDY)
                return np.asarray(array[()])

            record = _record(get, dict(file.attrs))
            if not verify_checksum(file, path):
                message, remedy = NOT_VERIFIED
                notes.warning(message, path, remedy=remedy)
            return record
    except InputError as error:
        raise InputError(error.message, file=path, id=error.id, remedy=error.remedy or _REMEDY) from None
    except Exception as error:  # noqa: BLE001  damage may raise any exception
        reason = escape_text(str(error) or type(error).__name__)[:200]
        raise InputError(f"the netCDF file cannot be read: {reason}", file=path, remedy=_REMEDY) from None


def from_dataset(dataset: "xr.Dataset") -> RollCalls:
    """Return the record from a dataset that `voteshift.writers.to_dataset` returned.

    Parameters
    ----------
    dataset : Dataset
        The array ``votes`` with the dimensions ``member`` and ``rollcall``, and the columns of the frames as
        arrays ``member_0``, ``member_1`` and so on, and ``rollcall_0``, ``rollcall_1`` and so on.

    Raises
    ------
    InputError
        If the dataset has another layout.
    """
    if "votes" not in dataset or dataset["votes"].dims != ("member", "rollcall"):
        raise InputError(
            "the dataset has no array 'votes' with the dimensions 'member' and 'rollcall'", remedy=_REMEDY
        )
    return _record(lambda name: np.asarray(dataset[name].to_numpy()), dict(dataset.attrs))


def _record(get: Callable[[str], "np.ndarray[Any, Any]"], attributes: Mapping[Any, Any]) -> RollCalls:
    if str(_number(attributes.get(LAYOUT[0]))) != str(LAYOUT[1]):
        raise InputError("the file does not have the layout of a record of votes", remedy=_REMEDY)
    votes = get("votes")
    if votes.dtype != np.int8 or votes.ndim != 2:
        raise InputError(
            f"the array 'votes' must have 2 dimensions and type int8, but has {votes.ndim} dimensions and "
            f"type {votes.dtype}",
            remedy=_REMEDY,
        )
    members, rollcalls = (_frame(get, attributes, what) for what in ("member", "rollcall"))
    polarity, source = (_text(attributes.get(name, "")) for name in ("polarity", "source"))
    spells = read_spells(json.loads(_text(attributes.get("groups", "[]"))))
    return RollCalls(votes, members, rollcalls, polarity=polarity or None, source=source, groups=spells)


def _number(value: object) -> object:
    return np.asarray(value).ravel()[0] if np.size(np.asarray(value, dtype=object)) else None


def _frame(
    get: Callable[[str], "np.ndarray[Any, Any]"], attributes: Mapping[Any, Any], what: str
) -> pd.DataFrame:
    kinds = json.loads(_text(attributes.get(f"{what}_columns", "[]")))
    index = pd.Index([_text(label) for label in get(what)], dtype=object)
    columns = {
        str(name): _column(get(f"{what}_{position}"), str(kind), index)
        for position, (name, kind) in enumerate(kinds)
    }
    return pd.DataFrame(columns, index=index)


def _column(values: "np.ndarray[Any, Any]", kind: str, index: pd.Index) -> pd.Series:
    if kind not in KINDS:
        raise InputError(f"a column has the unknown kind {quote(kind)}", remedy=_REMEDY)
    if kind == "datetime64[s]":
        return pd.Series(values.astype(np.int64).view("datetime64[s]"), index=index)
    if kind in ("bool", "int64", "float64"):
        return pd.Series(values, index=index).astype(kind)
    return column_of([json.loads(_text(value)) for value in values], kind, index)


def _text(value: object) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
