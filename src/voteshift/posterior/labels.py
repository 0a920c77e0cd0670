"""Draws with labels as ArviZ groups, settings of the sampler, and table columns computed from draws."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.posterior.diagnose import Diagnostics
from voteshift.posterior.sampling import Chains

__all__ = ["draws_interval", "item_names", "labelled", "list_coords", "made"]

Floats = NDArray[np.float64]


def labelled(
    chains: Chains,
    dims: Mapping[str, Sequence[str]],
    coords: Mapping[str, Sequence[Any]],
    settings: dict[str, Any],
    **groups: Any,
) -> Any:
    """Return draws as an `xarray.DataTree`.

    Parameters
    ----------
    chains : Chains
        Draws and statistics of the sampler.
    dims : mapping
        Names of the axes of each variable that follow the axes ``chain`` and ``draw``. A variable that is
        not named has none.
    coords : mapping
        Labels of these axes.
    settings : dict
        Settings of the sampler. They become the attributes of ``posterior`` and ``sample_stats``.
    **groups : Dataset
        Additional groups.

    Returns
    -------
    DataTree
        The groups ``posterior`` and ``sample_stats``, and the additional groups.
    """
    import xarray as xr

    n_chains, n_draws = next(iter(chains.draws.values())).shape[:2]
    sampled = {"chain": np.arange(n_chains), "draw": np.arange(n_draws)}
    posterior = {
        name: (("chain", "draw", *dims.get(name, ())), values) for name, values in chains.draws.items()
    }
    used = {dim for names, _ in posterior.values() for dim in names}
    labels = {name: list(values) for name, values in coords.items() if name in used}
    statistics = {name: (("chain", "draw"), values) for name, values in chains.statistics.items()}
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(posterior, {**sampled, **labels}, settings),
            "sample_stats": xr.Dataset(statistics, sampled, settings),
            **groups,
        }
    )


def made(tree: Any, diagnostics: Diagnostics) -> dict[str, Any]:
    """Return the settings of the sampler and the diagnostics of the draws, as plain data."""
    settings, sizes = tree["posterior"].attrs, tree["posterior"].sizes
    return {
        "sampler": str(settings["sampler"]),
        "seed": int(settings["seed"]),
        "chains": int(sizes["chain"]),
        "draws": int(sizes["draw"]),
        "tune": int(settings["tune"]),
        "target_accept": float(settings["target_accept"]),
        "seconds": float(settings["seconds_sampling"]),
        "rhat": diagnostics.rhat if np.isfinite(diagnostics.rhat) else None,
        "ess": diagnostics.ess,
        "divergences": diagnostics.divergences,
    }


def draws_interval(draws: Floats, level: float) -> dict[str, Floats]:
    """Return mean, standard deviation and quantiles of draws, as columns of a table.

    Parameters
    ----------
    draws : ndarray, shape (n_draws, ...)
    level : float
        Coverage of the interval.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``estimate`` (mean), ``std_error`` (standard deviation), ``conf_low`` and ``conf_high`` (quantiles).
    """
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    spread = draws.std(axis=0, ddof=1)
    return {
        "estimate": draws.mean(axis=0).ravel(),
        "std_error": spread.ravel(),
        "conf_low": low.ravel(),
        "conf_high": high.ravel(),
    }


def item_names(item: NDArray[np.int32], called: Iterable[object]) -> list[str]:
    """Name each item after its first roll call.

    Parameters
    ----------
    item : ndarray of int, shape (n_rollcalls,)
        Item number of each roll call. Every number from 0 to the largest one occurs.
    called : iterable, n_rollcalls long
        Name of each roll call, or of its item.
    """
    names: dict[int, str] = {}
    for number, name in zip(item.tolist(), called, strict=True):
        names.setdefault(number, str(name))
    return [names[number] for number in range(len(names))]


def list_coords(
    item: NDArray[np.int32], n_categories: NDArray[np.int8], called: Iterable[object]
) -> dict[str, list[Any]]:
    """Return the labels of items, of the items with three categories, and of the only dimension.

    Parameters
    ----------
    item, called
        As in `item_names`.
    n_categories : ndarray of int, shape (n_items,)
        2 or 3.
    """
    names = item_names(item, called)
    ordered = [name for name, kind in zip(names, n_categories.tolist(), strict=True) if kind == 3]
    return {"item": names, "ordered_item": ordered, "dimension": [1]}
