"""A record as an xarray Dataset, and as a netCDF file of one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from voteshift.errors import InputError
from voteshift.readers.findings import one_line
from voteshift.readers.own import KINDS, column_of
from voteshift.rollcalls import RollCalls

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LAYOUT", "from_dataset", "read_netcdf"]

#: The attribute that says which layout a dataset has, and its value.
LAYOUT: Final = ("voteshift_layout", 1)
_MOST_BYTES: Final = 1 << 30
_REMEDY: Final = "write the file again with `voteshift convert`"


def read_netcdf(path: Path) -> RollCalls:
    """Read a netCDF file that `voteshift.write` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        If it is damaged, or is not such a file.
    """
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="h5netcdf", decode_cf=False, cache=False) as dataset:
            return from_dataset(dataset)
    except InputError as error:
        raise InputError(error.message, file=path, id=error.id, remedy=error.remedy) from None
    except Exception as error:  # noqa: BLE001
        reason = one_line(str(error) or type(error).__name__)[:200]
        raise InputError(f"the netCDF file cannot be read: {reason}", file=path, remedy=_REMEDY) from None


def from_dataset(dataset: "xr.Dataset") -> RollCalls:
    """Return the record that `voteshift.writers.to_dataset` made a dataset of.

    Parameters
    ----------
    dataset : Dataset
        With ``votes`` over ``member`` and ``rollcall``, and the frames' columns as ``member_*`` and
        ``rollcall_*``.

    Raises
    ------
    InputError
        If it is of another layout.
    """
    if int(dataset.attrs.get(LAYOUT[0], 0)) != LAYOUT[1] or "votes" not in dataset:
        raise InputError("the dataset is not laid out as a record of votes", remedy=_REMEDY)
    if dataset["votes"].dims != ("member", "rollcall") or dataset.nbytes > _MOST_BYTES:
        raise InputError("the votes are not members by roll calls, or too many", remedy=_REMEDY)
    votes = np.asarray(dataset["votes"].to_numpy())
    if votes.dtype != np.int8:
        raise InputError(f"the votes are of type {votes.dtype}, not int8", remedy=_REMEDY)
    members, rollcalls = _frame(dataset, "member"), _frame(dataset, "rollcall")
    polarity = str(dataset.attrs.get("polarity", "")) or None
    return RollCalls(
        votes, members, rollcalls, polarity=polarity, source=str(dataset.attrs.get("source", ""))
    )


def _frame(dataset: "xr.Dataset", what: str) -> pd.DataFrame:
    kinds = json.loads(str(dataset.attrs.get(f"{what}_columns", "[]")))
    index = pd.Index([_text(label) for label in dataset[what].to_numpy()], dtype=object)
    columns = {
        str(name): _column(dataset[f"{what}_{at}"].to_numpy(), str(kind), index)
        for at, (name, kind) in enumerate(kinds)
    }
    return pd.DataFrame(columns, index=index)


def _column(values: "np.ndarray[Any, Any]", kind: str, index: pd.Index) -> pd.Series:
    if kind not in KINDS:
        raise InputError(f"a column is of kind {kind!r}, which is none", remedy=_REMEDY)
    if kind == "datetime64[s]":
        return pd.Series(values.astype(np.int64).view("datetime64[s]"), index=index)
    if kind in ("bool", "int64", "float64"):
        return pd.Series(values, index=index).astype(kind)
    return column_of([json.loads(_text(value)) for value in values], kind, index)


def _text(value: object) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
