"""Reading of a sampled fit from its netCDF file."""

import json
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checksums import NAME, NOT_VERIFIED, verify_checksum
from voteshift.errors import DataWarning, InputError
from voteshift.ideal.ascent import Ascent
from voteshift.ideal.encode import Encoded
from voteshift.ideal.objective import Model, Point
from voteshift.likelihood import Design
from voteshift.netcdf import need_ends, need_whole
from voteshift.packing import unpack
from voteshift.posterior.dynamic.results import DynamicPosterior
from voteshift.posterior.dynamic.storage import FORMAT, GROUP
from voteshift.posterior.former import (
    FORMER_DYNAMIC_FORMAT,
    FORMER_STATIC_FORMAT,
    read_former_spec,
    read_former_start,
    update_classes,
)
from voteshift.posterior.results import PosteriorFit
from voteshift.posterior.storage import ENGINE, ROOMS, STATIC_FORMAT
from voteshift.votes import CATEGORIES

__all__ = ["load_posterior"]

_REMEDY: Final = "choose a file that was written by save()"


@checked
def load_posterior(path: str | Path) -> PosteriorFit | DynamicPosterior:
    """Read a fit that `PosteriorFit.save` or `DynamicPosterior.save` wrote.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    InputError
        If the file does not exist, is damaged, differs from its checksum, or is not a saved posterior.

    Warns
    -----
    DataWarning
        If the file has no checksum, because an earlier version of voteshift wrote it.
    """
    import h5py
    import xarray as xr

    place = Path(path)
    try:
        need_ends(place, _REMEDY)
        need_whole(place, _REMEDY)
        with h5py.File(place, "r") as file:
            is_verified = verify_checksum(file, place)
        with xr.open_datatree(place, engine=ENGINE) as lazy:
            tree = lazy.load()
        tree.attrs.pop(NAME, None)
        fit = _build(tree, json.loads(tree.attrs.pop("voteshift")))
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  a damaged file can raise any error
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"is not a posterior saved by voteshift ({reason})", file=place, remedy=_REMEDY
        ) from None
    if not is_verified:
        message, remedy = NOT_VERIFIED
        warnings.warn(f"{place}: {message} ({remedy})", DataWarning, stacklevel=2)
    return fit


def _build(tree: Any, about: dict[str, Any]) -> PosteriorFit | DynamicPosterior:
    if about["format"] in (FORMAT, FORMER_DYNAMIC_FORMAT):
        return _build_dynamic(tree, about)
    if about["format"] == FORMER_STATIC_FORMAT:
        spec = read_former_spec(about)
    elif about["format"] == STATIC_FORMAT:
        arrays = {name: np.array(values) for name, values in about.get("arrays", {}).items()}
        spec = unpack(update_classes(about["spec"]), arrays, ROOMS)
    else:
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
            tuple(name for name, is_present in zip(CATEGORIES, row, strict=True) if is_present)
            for row in constant["category_present"].to_numpy()
        ),
        silent=tuple(about["silent"]),
        uncontested=tuple(about["uncontested"]),
    )
    point = Point(*(start[name].to_numpy() for name in ("position", "discrimination", "midpoint", "log_gap")))
    model = Model(design, spec.priors, spec.link, spec.threads)
    kept = tree.filter(lambda node: node.name != "mode")
    return PosteriorFit(encoded, model, Ascent(point=point, **about["mode"]), about["direction"], spec, kept)


def _build_dynamic(tree: Any, about: dict[str, Any]) -> DynamicPosterior:
    """Build a dynamic fit from its tree and its description."""
    group = tree[GROUP]
    arrays = {
        name: np.ascontiguousarray(group[name].to_numpy()).reshape(shape)
        for name, shape in about["shapes"].items()
    }
    if about["format"] == FORMER_DYNAMIC_FORMAT:
        start = read_former_start(about["start"], arrays)
    else:
        start = unpack(update_classes(about["start"]), arrays, ROOMS)
    return DynamicPosterior(start, about["direction"], tree.filter(lambda node: node.name != GROUP))
