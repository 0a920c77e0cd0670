"""Additional ArviZ groups of a sampled fit: log-likelihood, log prior and posterior predictive."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.ideal.encode import place_of
from voteshift.posterior.predictive import (
    blocks,
    cast_cells,
    linear_predictors,
    log_probabilities,
    new_votes,
)
from voteshift.ranges import check_seed
from voteshift.votes import CATEGORIES

if TYPE_CHECKING:
    from voteshift.posterior.sampled import Sampled

__all__ = ["log_likelihood_group", "log_likelihoods", "log_prior_group", "posterior_predictive_group"]

Floats = NDArray[np.float64]
_LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)
_GIB = 2**30


def log_likelihoods(fit: "Sampled", chosen: NDArray[np.intp]) -> Floats:
    """Return the log-likelihood of all votes in each selected draw, shape (n_draws,)."""
    design = fit.encoded.design
    names = list(map(str, fit.encoded.rollcalls))
    member, column = cast_cells(design.codes)
    codes, kinds = design.codes[member, column], design.n_categories[design.item[column]]
    totals = np.empty(len(chosen))
    for block in blocks(len(chosen), len(member)):
        draws = fit.picked(chosen[block], names)
        eta = linear_predictors(draws, member, column)
        totals[block] = log_probabilities(codes, kinds, eta, draws.cutpoints[:, column], fit.link).sum(axis=1)
    return totals


def log_likelihood_group(fit: "Sampled", largest: float) -> Any:
    """Return the log-probability of every vote in every draw; see `Sampled.with_log_likelihood`."""
    import xarray as xr

    design = fit.encoded.design
    names = list(map(str, fit.encoded.rollcalls))
    member, column = cast_cells(design.codes)
    _check_size("log-likelihood", fit.n_draws, len(member), 8, largest)
    codes, kinds = design.codes[member, column], design.n_categories[design.item[column]]
    values = np.empty((fit.n_draws, len(member)))
    for block in blocks(fit.n_draws, len(member)):
        draws = fit.picked(block, names)
        eta = linear_predictors(draws, member, column)
        values[block] = log_probabilities(codes, kinds, eta, draws.cutpoints[:, column], fit.link)
    return xr.Dataset(
        {"vote": (("chain", "draw", "cast"), values.reshape(*_shape(fit), -1))},
        {**_sampled(fit), **_cast(fit, member, column)},
    )


def log_prior_group(fit: "Sampled") -> Any:
    """Return the log density of the fixed priors; see `Sampled.with_log_prior`."""
    import xarray as xr

    priors, posterior = fit.model.priors, fit.tree["posterior"]
    fixed: dict[str, float | Floats] = {"log_gap": priors.log_gap}
    if "midpoint_sd" not in posterior:  # draws of a version that fixed it
        fixed["midpoint"] = priors.midpoint
    if "common_step" in posterior:
        walk = fit.model.walk
        fixed["common_step"] = walk.delta * np.sqrt(walk.gaps)
    return xr.Dataset(
        {
            name: -0.5 * (posterior[name] / sd) ** 2 - np.log(sd) - _LOG_SQRT_2PI
            for name, sd in fixed.items()
            if name in posterior
        }
    )


def posterior_predictive_group(fit: "Sampled", votes: bool, seed: int, largest: float) -> Any:
    """Return simulated tallies and optionally votes; see `Sampled.with_posterior_predictive`."""
    import xarray as xr

    encoded, design = fit.encoded, fit.encoded.design
    names = list(map(str, encoded.rollcalls))
    member, column = cast_cells(design.codes)
    _check_size("posterior predictive", fit.n_draws, 12 * len(names) + len(member) * votes, 1, largest)
    kinds = design.n_categories[design.item[column]]
    places = place_of(encoded)[column]
    starts = np.searchsorted(column, np.arange(len(names)))
    rng = np.random.default_rng(check_seed(seed))
    tallies = np.empty((fit.n_draws, len(names), len(CATEGORIES)), dtype=np.int32)
    kept = np.empty((fit.n_draws, len(member)) if votes else (0, 0), dtype=np.int8)
    for block in blocks(fit.n_draws, len(member)):
        draws = fit.picked(block, names)
        eta = linear_predictors(draws, member, column)
        drawn = new_votes(kinds, eta, draws.cutpoints[:, column], fit.link, rng)
        named = places[np.arange(len(member)), drawn]
        for code in range(len(CATEGORIES)):
            tallies[block, :, code] = np.add.reduceat((named == code).astype(np.int32), starts, axis=1)
        if votes:
            kept[block] = drawn
    shape = _shape(fit)
    data = {"tally": (("chain", "draw", "rollcall", "category"), tallies.reshape(*shape, *tallies.shape[1:]))}
    coords = {**_sampled(fit), "category": list(CATEGORIES)}
    group = xr.Dataset(data, {**coords, "rollcall": names}, {"seed": seed})
    if not votes:
        return group
    # Votes and tallies both have roll calls as a coordinate; these coordinates need different names.
    cast = {f"cast_{name}": value for name, value in _cast(fit, member, column).items()}
    return group.assign(vote=(("chain", "draw", "cast"), kept.reshape(*shape, -1))).assign_coords(cast)


def _shape(fit: "Sampled") -> tuple[int, int]:
    sizes = fit.tree["posterior"].sizes
    return int(sizes["chain"]), int(sizes["draw"])


def _sampled(fit: "Sampled") -> dict[str, Any]:
    return {name: fit.tree["posterior"][name].to_numpy() for name in ("chain", "draw")}


def _cast(fit: "Sampled", member: NDArray[np.intp], column: NDArray[np.intp]) -> dict[str, Any]:
    return {
        "member": ("cast", fit.encoded.members.to_numpy(object)[member]),
        "rollcall": ("cast", fit.encoded.rollcalls.to_numpy(object)[column]),
    }


def _check_size(what: str, n_draws: int, n_values: int, width: int, largest: float) -> None:
    size = n_draws * n_values * width / _GIB
    if size > largest:
        raise UsageError(
            f"the {what} of {n_draws} draws takes {size:.1f} GiB, but only {largest:g} GiB are allowed",
            remedy=f"pass largest={np.ceil(size):.0f} if there is enough memory, or sample fewer draws",
        )
