"""Writing of a sampled dynamic fit to one netCDF file without loss."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from voteshift.packing import Arrays, pack
from voteshift.posterior.storage import ROOMS, write_tree

if TYPE_CHECKING:
    from voteshift.posterior.dynamic.results import DynamicPosterior

__all__ = ["FORMAT", "GROUP", "save_dynamic"]

FORMAT: Final = "voteshift dynamic posterior 1"
GROUP: Final = "start"


def save_dynamic(fit: "DynamicPosterior", path: Path) -> None:
    """Write the tree of a fit to a file, and the fit from which the chains started as a separate group.

    Parameters
    ----------
    fit : DynamicPosterior
        The fit to write.
    path : Path
        The file. Its folder must exist.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    import xarray as xr

    arrays: Arrays = {}
    described = pack(fit.start, arrays, ROOMS)
    # Every array gets separate dimensions, at least one, so that netCDF stores it unchanged.
    kept = {name: np.atleast_1d(array) for name, array in arrays.items()}
    group = xr.Dataset(
        {name: (tuple(f"{name}_{axis}" for axis in range(array.ndim)), array) for name, array in kept.items()}
    )
    tree = fit.tree.copy()
    tree[GROUP] = xr.DataTree(group)
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    about = {"format": FORMAT, "direction": fit.direction, "start": described, "shapes": shapes}
    tree.attrs["voteshift"] = json.dumps(about)
    write_tree(tree, path)
