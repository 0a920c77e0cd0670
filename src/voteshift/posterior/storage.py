"""A sampled fit as one netCDF file, and back without loss."""

import json
import warnings
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checksums import NAME, NOT_VERIFIED, add_checksum, verify_checksum
from voteshift.errors import DataWarning, InputError
from voteshift.files import whole_file
from voteshift.ideal.ascent import Ascent
from voteshift.ideal.encode import Encoded, place_of
from voteshift.ideal.objective import Model, Point, Priors
from voteshift.likelihood import Design
from voteshift.netcdf import need_ends, need_whole
from voteshift.posterior.moving_storage import FORMAT, build_moving
from voteshift.votes import CATEGORIES

if TYPE_CHECKING:
    from voteshift.posterior.moving_results import DynamicPosterior
    from voteshift.posterior.results import PosteriorFit

__all__ = ["data_groups", "load_posterior", "save", "write_tree"]

_FORMAT = "voteshift posterior 1"
_ENGINE = "h5netcdf"
_REMEDY = "name a file that save() wrote"


def data_groups(encoded: Encoded) -> dict[str, Any]:
    """Return ArviZ's groups of data: the votes, and what their codes mean."""
    import xarray as xr

    design = encoded.design
    coords = {"member": list(map(str, encoded.members)), "rollcall": list(map(str, encoded.rollcalls))}
    present = np.array([[name in there for name in CATEGORIES] for there in encoded.categories])
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
        What to write.
    path : Path
        The file; its folder must exist.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    import xarray as xr

    point, mode = fit.mode.point, fit.mode
    about = {
        "format": _FORMAT,
        "link": fit.model.link,
        "priors": [fit.model.priors.discrimination, fit.model.priors.midpoint, fit.model.priors.log_gap],
        "threads": fit.model.threads,
        "n_periods": fit.encoded.design.n_periods,
        "direction": fit.direction,
        "level": fit.level,
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
    """Write a tree to a netCDF file with its checksum, whole or not at all."""
    import h5py

    with whole_file(path) as beside:
        tree.to_netcdf(beside, engine=_ENGINE)
        with h5py.File(beside, "r+") as file:
            add_checksum(file)


@checked
def load_posterior(path: str | Path) -> "PosteriorFit | DynamicPosterior":
    """Read a fit that `PosteriorFit.save` or `DynamicPosterior.save` wrote.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    InputError
        If there is no such file, it is damaged, it differs from its checksum, or it is another kind of file.

    Warns
    -----
    DataWarning
        If an earlier version of voteshift wrote the file, without a checksum.
    """
    import h5py
    import xarray as xr

    place = Path(path)
    try:
        need_ends(place, _REMEDY)
        need_whole(place, _REMEDY)
        with h5py.File(place, "r") as file:
            is_verified = verify_checksum(file, place)
        with xr.open_datatree(place, engine=_ENGINE) as lazy:
            tree = lazy.load()
        tree.attrs.pop(NAME, None)
        fit = _build(tree, json.loads(tree.attrs.pop("voteshift")))
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  damage shows itself in whatever stumbles over it
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"is not a posterior saved by voteshift ({reason})", file=place, remedy=_REMEDY
        ) from None
    if not is_verified:
        message, remedy = NOT_VERIFIED
        warnings.warn(f"{place}: {message} ({remedy})", DataWarning, stacklevel=2)
    return fit


def _build(tree: Any, about: dict[str, Any]) -> "PosteriorFit | DynamicPosterior":
    from voteshift.posterior.results import PosteriorFit

    if about["format"] == FORMAT:
        return build_moving(tree, about)
    if about["format"] != _FORMAT:
        raise ValueError(about["format"])
    constant, start = tree["constant_data"], tree["mode"]
    votes = tree["observed_data"]["vote"]
    design = Design(
        np.ascontiguousarray(votes.to_numpy(), dtype=np.int8),
        constant["period_of"].to_numpy().astype(np.int32),
        constant["item_of"].to_numpy().astype(np.int32),
        constant["n_categories"].to_numpy().astype(np.int8),
        about["n_periods"],
    )
    encoded = Encoded(
        design=design,
        members=pd.Index(votes["member"].to_numpy().astype(object)),
        rollcalls=pd.Index(votes["rollcall"].to_numpy().astype(object)),
        categories=tuple(
            tuple(name for name, there in zip(CATEGORIES, row, strict=True) if there)
            for row in constant["category_present"].to_numpy()
        ),
        silent=tuple(about["silent"]),
        uncontested=tuple(about["uncontested"]),
    )
    point = Point(*(start[name].to_numpy() for name in ("position", "discrimination", "midpoint", "log_gap")))
    model = Model(design, Priors(*about["priors"]), about["link"], about["threads"])
    kept = tree.filter(lambda node: node.name != "mode")
    return PosteriorFit(
        encoded, model, Ascent(point=point, **about["mode"]), about["direction"], about["level"], kept
    )
