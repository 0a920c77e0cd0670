"""Writing of a record as an xarray Dataset or as a netCDF file."""

import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checksums import add_checksum
from voteshift.errors import InputError
from voteshift.files import whole_file
from voteshift.readers.dataset import LAYOUT
from voteshift.rollcalls import RollCalls
from voteshift.spells import write_spells
from voteshift.votes import Vote
from voteshift.writers.own import kind_of, plain_cells

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["to_dataset", "write_netcdf"]


@checked
def to_dataset(rollcalls: RollCalls) -> "xr.Dataset":
    """Return a record as an xarray Dataset.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.

    Returns
    -------
    Dataset
        The array ``votes`` (int8, the codes of `voteshift.Vote`) has the dimensions ``member`` and
        ``rollcall``. The coordinates are the ids. The attribute ``flag_meanings`` of ``votes`` names the
        codes. Column k of the frame of members is the array ``member_k``; column k of the frame of roll calls
        is the array ``rollcall_k``. The attribute ``long_name`` is the name of the column. Dates are seconds
        since 1970. Text, and columns with missing cells, are stored as JSON. If groups change, the attribute
        ``groups`` contains their spells as JSON. `voteshift.readers.from_dataset`
        returns the same record from the Dataset.
    """
    import xarray as xr

    variables: dict[str, Any] = {}
    attributes: dict[str, Any] = {LAYOUT[0]: LAYOUT[1], "source": rollcalls.source}
    attributes["polarity"] = rollcalls.polarity or ""
    for what, frame in (("member", rollcalls.members), ("rollcall", rollcalls.rollcalls)):
        kinds = [[str(name), kind_of(frame[name])] for name in frame.columns]
        attributes[f"{what}_columns"] = json.dumps(kinds)
        for position, (name, kind) in enumerate(kinds):
            variables[f"{what}_{position}"] = (what, _values(frame[name], kind), {"long_name": name})
    if len(rollcalls.groups):
        attributes["groups"] = json.dumps(write_spells(rollcalls.groups))
    flags = {
        "flag_values": np.array(sorted(Vote), dtype=np.int8),
        "flag_meanings": " ".join(vote.name.lower() for vote in sorted(Vote)),
    }
    variables["votes"] = (("member", "rollcall"), rollcalls.votes, flags)
    coordinates = {
        "member": np.array(rollcalls.members.index, dtype=object),
        "rollcall": np.array(rollcalls.rollcalls.index, dtype=object),
    }
    return xr.Dataset(variables, coordinates, attributes)


def write_netcdf(rollcalls: RollCalls, path: Path) -> None:
    """Write a record as a netCDF file with the arrays that `to_dataset` describes.

    Raises
    ------
    UsageError
        If a column contains values other than text, numbers, truth values and dates.
    InputError
        If the record has no members or no roll calls, or the file cannot be written.
    """
    if 0 in rollcalls.votes.shape:
        raise InputError(
            "a record without members or roll calls cannot be written as netCDF",
            remedy="write the record in voteshift's own format",
        )
    content = _netcdf(to_dataset(rollcalls))
    with whole_file(path) as beside:
        beside.write_bytes(content)


def _netcdf(dataset: "xr.Dataset") -> bytes:
    """Return the bytes of the file, built in memory: HDF5 ends the whole process if a disk is full."""
    import h5netcdf
    import h5py

    stream = BytesIO()
    with h5netcdf.File(stream, "w") as file:
        file.dimensions = {str(name): size for name, size in dataset.sizes.items()}
        for name, array in {**dataset.coords, **dataset.data_vars}.items():
            values, packing = array.to_numpy(), {}
            dtype = h5py.string_dtype() if values.dtype == object else values.dtype
            if name == "votes":
                packing = {"compression": "gzip", "compression_opts": 4}
            variable = file.create_variable(str(name), array.dims, dtype, data=values, **packing)
            variable.attrs.update(array.attrs)
        file.attrs.update(dataset.attrs)
    with h5py.File(stream, "r+") as written:
        add_checksum(written)
    return stream.getvalue()


def _values(column: pd.Series, kind: str) -> "np.ndarray[Any, Any]":
    if kind == "datetime64[s]":
        return column.to_numpy("datetime64[s]").view(np.int64)
    if kind in ("float64", "int64"):
        return column.to_numpy()
    if kind == "bool":
        return column.to_numpy(np.int8)
    return np.array([json.dumps(cell) for cell in plain_cells(column)], dtype=object)
