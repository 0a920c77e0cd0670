"""Sampling of a log density or of a `pymc.Model` with nutpie or with PyMC's sampler."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.errors import UsageError
from voteshift.posterior.dynamic.density import Density
from voteshift.posterior.nuts import NUTS, Sampler
from voteshift.posterior.quiet import quiet

__all__ = ["Chains", "Start", "choose_sampler", "flat_start", "run_sampler", "sample_density"]

Floats = NDArray[np.float64]
Start = Callable[[np.random.Generator], dict[str, Floats]]

STATISTICS = {
    "diverging": ("diverging",),
    "energy": ("energy",),
    "lp": ("logp", "lp"),
    "n_steps": ("n_steps",),
    "step_size": ("step_size",),
    "acceptance_rate": ("mean_tree_accept", "acceptance_rate"),
}
"""Name of each statistic in ArviZ's schema, with the names of the same statistic in the samplers."""


@dataclass(frozen=True, slots=True)
class Chains:
    """Draws and statistics of the chains of a sampler.

    Attributes
    ----------
    draws : dict of str to ndarray, shape (n_chains, n_draws, ...)
        Draws of each variable.
    statistics : dict of str to ndarray, shape (n_chains, n_draws)
        Divergences, energy, log density, leapfrog steps, step size and acceptance rate.
    sampler : {"nutpie", "pymc"}
        The sampler that was used.
    compiling, sampling : float
        Duration of the compilation and of the sampling, in seconds. NaN if it was not measured.
    """

    draws: dict[str, Floats]
    statistics: dict[str, Floats]
    sampler: Sampler
    compiling: float
    sampling: float


def run_sampler(
    model: Any,
    names: list[str],
    start: Start,
    *,
    draws: int,
    tune: int,
    chains: int,
    seed: int,
    nuts: NUTS,
    progress: Callable[[str], None] | None = None,
) -> Chains:
    """Sample a `pymc.Model` with the No-U-Turn sampler.

    Parameters
    ----------
    model : pymc.Model
        The model to sample.
    names : list of str
        Variables whose draws are kept.
    start : callable
        Function that takes a random generator and returns the starting values of a chain. The starting
        values are coordinates of the sampler, by name of the free variable.
    draws : int
        Number of draws kept in each chain.
    tune : int
        Number of warm-up draws before the kept draws. In the warm-up the sampler adapts its step size and
        the scales of the parameters.
    chains : int
        Number of chains.
    seed : int
        Seed of the random numbers.
    nuts : NUTS
        Settings of the sampler.
    progress : callable, optional
        Function that is called with a description of the current stage of the computation.

    Raises
    ------
    UsageError
        If ``nuts.sampler`` is ``"nutpie"`` and nutpie is not installed.
    """
    chosen = choose_sampler(nuts)
    report = progress or (lambda _: None)
    sample = _sample_nutpie if chosen == "nutpie" else _sample_pymc
    sizes = _sizes(draws, tune, chains, nuts)
    with quiet():
        trace, compiling, sampling = sample(model, names, start, sizes, seed, report)
    return _chains(trace, names, chosen, compiling, sampling)


def _sizes(draws: int, tune: int, chains: int, nuts: NUTS) -> dict[str, Any]:
    return {
        "draws": draws,
        "tune": tune,
        "chains": chains,
        "cores": nuts.count_cores(chains),
        "target_accept": nuts.target_accept,
    }


def _chains(trace: Any, names: Iterable[str], sampler: Sampler, compiling: float, sampling: float) -> Chains:
    """Return the draws of some variables, and the statistics under their names in ArviZ's schema."""
    posterior, statistics = trace["posterior"], trace["sample_stats"]
    kept = {}
    for name, aliases in STATISTICS.items():
        for alias in aliases:
            if alias in statistics:
                kept[name] = np.asarray(statistics[alias])
    draws = {name: np.asarray(posterior[name]) for name in names}
    return Chains(draws, kept, sampler, compiling, sampling)


def choose_sampler(nuts: NUTS) -> Sampler:
    """Return the sampler of the settings; by default nutpie if it is installed, and PyMC's otherwise.

    Raises
    ------
    UsageError
        If ``nuts.sampler`` is ``"nutpie"`` and nutpie is not installed.
    """
    is_installed = find_spec("nutpie") is not None
    if nuts.sampler == "nutpie" and not is_installed:
        raise UsageError(
            "nutpie is not installed", remedy="pip install 'voteshift[nuts]', or pass sampler='pymc'"
        )
    return nuts.sampler or ("nutpie" if is_installed else "pymc")


def sample_density(
    density: Density,
    variables: Callable[[Floats], dict[str, Floats]],
    *,
    draws: int,
    tune: int,
    chains: int,
    seed: int,
    nuts: NUTS,
    progress: Callable[[str], None] | None = None,
    preparing: float = 0.0,
) -> Chains:
    """Sample a density in the coordinates of a fit with nutpie.

    A chain starts at a draw from the standard normal distribution, to which the coordinates make the
    posterior similar.

    Parameters
    ----------
    density : Density
        The log density.
    variables : callable
        Function that takes coordinates and returns the variables that are kept.
    draws, tune, chains, seed, nuts, progress
        As in `run_sampler`.
    preparing : float
        Time spent on the fit and its coordinates, in seconds.
    """
    import nutpie
    from nutpie.compiled_pyfunc import from_pyfunc

    n = density.n_coordinates
    shapes = {name: np.shape(value) for name, value in variables(np.zeros(n)).items()}
    model = from_pyfunc(
        n,
        lambda: density.evaluate,
        lambda _one, _two, _chain: variables,
        [np.dtype(np.float64)] * len(shapes),
        list(shapes.values()),
        list(shapes),
        make_initial_point_fn=lambda chain_seed: np.random.default_rng(chain_seed).standard_normal(n),
    )
    sizes = _sizes(draws, tune, chains, nuts)
    if progress is not None:
        progress(f"{_describe(sizes)} with nutpie, seed {seed}")
    began = time.perf_counter()
    with quiet(), threadpool_limits(limits=1, user_api="blas"):
        trace = nutpie.sample(model, **sizes, seed=seed, save_warmup=False, progress_bar=False)
    return _chains(trace, shapes, "nutpie", preparing, time.perf_counter() - began)


def _sample_nutpie(
    model: Any,
    names: list[str],
    start: Start,
    sizes: dict[str, Any],
    seed: int,
    report: Callable[[str], None],
) -> tuple[Any, float, float]:
    import nutpie

    began = time.perf_counter()
    report("compiling the model")
    compiled = nutpie.compile_pymc_model(model, backend="numba", gradient_backend="pytensor", var_names=names)
    compiled = replace(compiled, initial_point_func=flat_start(model, start))
    ready = time.perf_counter()
    report(f"{_describe(sizes)} with nutpie, seed {seed}")
    trace = nutpie.sample(compiled, **sizes, seed=seed, save_warmup=False, progress_bar=False)
    return trace, ready - began, time.perf_counter() - ready


def _sample_pymc(
    model: Any,
    names: list[str],
    start: Start,
    sizes: dict[str, Any],
    seed: int,
    report: Callable[[str], None],
) -> tuple[Any, float, float]:
    import pymc as pm

    began = time.perf_counter()
    report(f"{_describe(sizes)} with PyMC, seed {seed}")
    generators = np.random.default_rng(seed).spawn(sizes["chains"])
    trace = pm.sample(
        model=model,
        **sizes,
        random_seed=seed,
        nuts_sampler="pymc",
        init="adapt_diag",
        initvals=_values(model, [start(rng) for rng in generators]),
        var_names=names,
        compile_kwargs={"mode": "NUMBA"},
        progressbar=False,
        compute_convergence_checks=False,
    )
    # pm.sample includes the compilation, which is not timed separately.
    return trace, float("nan"), time.perf_counter() - began


def _describe(sizes: dict[str, Any]) -> str:
    return f"sampling {sizes['chains']} chains of {sizes['tune']} + {sizes['draws']} draws"


def flat_start(model: Any, start: Start) -> Callable[[Any], Floats]:
    """Return the function that nutpie requires: it maps the seed of a chain to one vector of coordinates."""
    free = [model.values_to_rvs[value].name for value in model.value_vars]

    def initial(seed: Any) -> Floats:
        here = start(np.random.default_rng(seed))
        return np.concatenate([np.ravel(here[name]) for name in free])

    return initial


def _values(model: Any, starts: list[dict[str, Floats]]) -> list[dict[str, Floats]]:
    """Convert starting values from coordinates of the sampler to values of the variables, for PyMC."""
    import pytensor

    free = [model.values_to_rvs[value].name for value in model.value_vars]
    values = model.replace_rvs_by_values([model[name] for name in free])
    function = pytensor.function(model.value_vars, values, mode="FAST_COMPILE", on_unused_input="ignore")
    return [dict(zip(free, function(*(start[name] for name in free)), strict=True)) for start in starts]
