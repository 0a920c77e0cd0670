"""A sampled fit of positions that move as one netCDF file, and back without loss."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voteshift.packing import Arrays, pack, unpack

if TYPE_CHECKING:
    from voteshift.posterior.moving_results import DynamicPosterior

__all__ = ["FORMAT", "build_moving", "save_moving"]

FORMAT: Final = "voteshift posterior of walks 1"
_ROOMS: Final = ("voteshift.ideal", "voteshift.likelihood")
_GROUP: Final = "start"


def save_moving(fit: "DynamicPosterior", path: Path) -> None:
    """Write a fit to a file: its tree, and the fit the chains started from as a group of its own.

    Parameters
    ----------
    fit : DynamicPosterior
        What to write.
    path : Path
        The file; its folder must exist.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    import xarray as xr

    from voteshift.posterior.storage import write_tree

    arrays: Arrays = {}
    described = pack(fit.start, arrays, _ROOMS)
    # Every array has dimensions of its own, and at least one: netCDF keeps it then as it is.
    kept = {name: np.atleast_1d(array) for name, array in arrays.items()}
    group = xr.Dataset(
        {name: (tuple(f"{name}_{axis}" for axis in range(array.ndim)), array) for name, array in kept.items()}
    )
    tree = fit.tree.copy()
    tree[_GROUP] = xr.DataTree(group)
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    about = {"format": FORMAT, "direction": fit.direction, "start": described, "shapes": shapes}
    tree.attrs["voteshift"] = json.dumps(about)
    write_tree(tree, path)


def build_moving(tree: Any, about: dict[str, Any]) -> "DynamicPosterior":
    """Return the fit that a tree, and what was written about it, are of."""
    from voteshift.posterior.moving_results import DynamicPosterior

    group = tree[_GROUP]
    arrays = {
        name: np.ascontiguousarray(group[name].to_numpy()).reshape(shape)
        for name, shape in about["shapes"].items()
    }
    start = unpack(about["start"], arrays, _ROOMS)
    return DynamicPosterior(start, about["direction"], tree.filter(lambda node: node.name != _GROUP))
