"""Writing of a sampled static fit to one netCDF file without loss."""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voteshift.checksums import add_checksum
from voteshift.files import whole_file
from voteshift.ideal.encode import Encoded, place_of
from voteshift.ideal.links import need_standard
from voteshift.packing import Arrays, pack
from voteshift.votes import CATEGORIES

if TYPE_CHECKING:
    from voteshift.posterior.results import PosteriorFit

__all__ = ["ENGINE", "ROOMS", "STATIC_FORMAT", "data_groups", "save", "write_tree"]

STATIC_FORMAT = "voteshift posterior 2"
ROOMS: Final = ("voteshift.ideal", "voteshift.likelihood")
"""Packages whose dataclasses may be stored in a file."""
ENGINE = "h5netcdf"


def data_groups(encoded: Encoded) -> dict[str, Any]:
    """Return ArviZ's groups ``observed_data`` (the votes) and ``constant_data`` (items and categories)."""
    import xarray as xr

    design = encoded.design
    coords = {"member": list(map(str, encoded.members)), "rollcall": list(map(str, encoded.rollcalls))}
    present = np.array([[name in names for name in CATEGORIES] for names in encoded.categories])
    places = place_of(encoded)
    named = np.where(design.codes >= 0, places[np.arange(len(places)), design.codes], -1)
    tally = np.stack([(named == code).sum(axis=0) for code in range(len(CATEGORIES))], axis=1)
    return {
        "observed_data": xr.Dataset(
            {
                "vote": (("member", "rollcall"), design.codes.copy()),
                "tally": (("rollcall", "category"), tally.astype(np.int32)),
            },
            {**coords, "category": list(CATEGORIES)},
        ),
        "constant_data": xr.Dataset(
            {
                "item_of": ("rollcall", design.item.astype(np.int64)),
                "period_of": ("rollcall", design.period.astype(np.int64)),
                "category_present": (("rollcall", "category"), present.astype(np.int8)),
                "n_categories": ("item_number", design.n_categories.astype(np.int64)),
            },
            {"rollcall": coords["rollcall"], "category": list(CATEGORIES)},
        ),
    }


def save(fit: "PosteriorFit", path: Path) -> None:
    """Write a fit to a file.

    Parameters
    ----------
    fit : PosteriorFit
        The fit to write.
    path : Path
        The file. Its folder must exist.

    Raises
    ------
    InputError
        If the file cannot be written.
    UsageError
        If the fit has a link other than logit and probit.
    """
    import xarray as xr

    need_standard(fit.link, "saved fits")
    point, mode = fit.mode.point, fit.mode
    arrays: Arrays = {}
    about = {
        "format": STATIC_FORMAT,
        "spec": pack(fit.spec, arrays, ROOMS),
        "arrays": {name: array.tolist() for name, array in arrays.items()},  # of covariates
        "n_periods": fit.encoded.design.n_periods,
        "direction": fit.direction,
        "silent": list(map(str, fit.encoded.silent)),
        "uncontested": list(map(str, fit.encoded.uncontested)),
        "mode": {field.name: getattr(mode, field.name) for field in fields(mode) if field.name != "point"},
    }  # fmt: skip
    tree = fit.tree.copy()
    tree["mode"] = xr.DataTree(
        xr.Dataset(
            {
                "position": (("row", "axis"), point.positions),
                "discrimination": (("number", "axis"), point.discriminations),
                "midpoint": ("number", point.midpoints),
                "log_gap": ("number", point.log_gaps),
            }
        )
    )
    tree.attrs["voteshift"] = json.dumps(about)
    write_tree(tree, path)


def write_tree(tree: Any, path: Path) -> None:
    """Write a tree and its checksum to a netCDF file; if an error occurs, no incomplete file is left."""
    import h5py

    with whole_file(path) as beside:
        tree.to_netcdf(beside, engine=ENGINE)
        with h5py.File(beside, "r+") as file:
            add_checksum(file)
