"""Draws from a model: nutpie where it is installed, PyMC's own sampler otherwise."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import UsageError
from voteshift.posterior.coordinates import Start
from voteshift.posterior.quiet import quiet

__all__ = ["Chains", "Sampler", "flat_start", "run_sampler"]

Floats = NDArray[np.float64]
Sampler = Literal["nutpie", "pymc"]

STATISTICS = {
    "diverging": ("diverging",),
    "energy": ("energy",),
    "lp": ("logp", "lp"),
    "n_steps": ("n_steps",),
    "step_size": ("step_size",),
    "acceptance_rate": ("mean_tree_accept", "acceptance_rate"),
}
"""Names of ArviZ's schema, and what the samplers call them."""


@dataclass(frozen=True, slots=True)
class Chains:
    """What a sampler returned.

    Attributes
    ----------
    draws : dict of str to ndarray, shape (n_chains, n_draws, ...)
        By variable.
    statistics : dict of str to ndarray, shape (n_chains, n_draws)
        Divergences, energy, log density, leapfrog steps, step size and acceptance rate.
    sampler : {"nutpie", "pymc"}
        Which sampler ran.
    compiling, sampling : float
        Seconds.
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
    cores: int,
    seed: int,
    target_accept: float,
    sampler: Sampler | None = None,
    progress: Callable[[str], None] | None = None,
) -> Chains:
    """Sample a `pymc.Model` by the No-U-Turn sampler (Hoffman & Gelman 2014).

    Parameters
    ----------
    model : pymc.Model
        What to sample.
    names : list of str
        Variables to keep.
    start : callable
        Draws where a chain starts, from a generator: coordinates of the sampler by name of the free variable.
    draws, tune : int
        Draws of each chain kept, and those before them in which the sampler learns the scales.
    chains, cores : int
        How many chains, and how many of them at a time.
    seed : int
        Where the random numbers start.
    target_accept : float
        Acceptance rate the step size is adapted to.
    sampler : {"nutpie", "pymc"}, optional
        By default nutpie where it is installed.
    progress : callable, optional
        Called with a line on what is being done.

    Raises
    ------
    UsageError
        If the sampler asked for is not known or not installed.
    """
    if sampler is not None and sampler not in get_args(Sampler):
        raise UsageError(f"the sampler is nutpie or pymc, not {sampler!r}")
    installed = find_spec("nutpie") is not None
    if sampler == "nutpie" and not installed:
        raise UsageError("nutpie is not installed", remedy="pip install 'voteshift[nuts]', or sampler='pymc'")
    chosen: Sampler = sampler or ("nutpie" if installed else "pymc")
    say = progress or (lambda _: None)
    run = _nutpie if chosen == "nutpie" else _pymc
    with quiet():
        found, compiling, sampling = run(
            model, names, start, draws, tune, chains, cores, seed, target_accept, say
        )  # fmt: skip
    posterior, statistics = found["posterior"], found["sample_stats"]
    kept = {}
    for name, theirs in STATISTICS.items():
        for their in theirs:
            if their in statistics:
                kept[name] = np.asarray(statistics[their])
    return Chains({name: np.asarray(posterior[name]) for name in names}, kept, chosen, compiling, sampling)


def _nutpie(
    model: Any, names: list[str], start: Start, draws: int, tune: int, chains: int, cores: int, seed: int,
    target_accept: float, say: Callable[[str], None],
) -> tuple[Any, float, float]:  # fmt: skip
    import nutpie

    began = time.perf_counter()
    say("compiling the model")
    compiled = nutpie.compile_pymc_model(model, backend="numba", gradient_backend="pytensor", var_names=names)
    compiled = replace(compiled, initial_point_func=flat_start(model, start))
    ready = time.perf_counter()
    say(f"sampling {chains} chains of {tune} + {draws} draws with nutpie, seed {seed}")
    found = nutpie.sample(
        compiled,
        draws=draws,
        tune=tune,
        chains=chains,
        cores=cores,
        seed=seed,
        target_accept=target_accept,
        save_warmup=False,
        progress_bar=False,
    )
    return found, ready - began, time.perf_counter() - ready


def _pymc(
    model: Any, names: list[str], start: Start, draws: int, tune: int, chains: int, cores: int, seed: int,
    target_accept: float, say: Callable[[str], None],
) -> tuple[Any, float, float]:  # fmt: skip
    import pymc as pm

    began = time.perf_counter()
    say(f"sampling {chains} chains of {tune} + {draws} draws with PyMC, seed {seed}")
    found = pm.sample(
        model=model,
        draws=draws,
        tune=tune,
        chains=chains,
        cores=cores,
        random_seed=seed,
        nuts_sampler="pymc",
        init="adapt_diag",
        initvals=_values(model, [start(rng) for rng in np.random.default_rng(seed).spawn(chains)]),
        target_accept=target_accept,
        var_names=names,
        compile_kwargs={"mode": "NUMBA"},
        progressbar=False,
        compute_convergence_checks=False,
    )
    # Compilation is part of what pm.sample does and is not timed apart.
    return found, float("nan"), time.perf_counter() - began


def flat_start(model: Any, start: Start) -> Callable[[Any], Floats]:
    """Return the function nutpie asks for: from the seed of a chain to all coordinates in one vector."""
    free = [model.values_to_rvs[value].name for value in model.value_vars]

    def initial(seed: Any) -> Floats:
        here = start(np.random.default_rng(seed))
        return np.concatenate([np.ravel(here[name]) for name in free])

    return initial


def _values(model: Any, starts: list[dict[str, Floats]]) -> list[dict[str, Floats]]:
    """Return starts as values of the variables, which PyMC asks for."""
    import pytensor

    free = [model.values_to_rvs[value].name for value in model.value_vars]
    values = model.replace_rvs_by_values([model[name] for name in free])
    function = pytensor.function(model.value_vars, values, mode="FAST_COMPILE", on_unused_input="ignore")
    return [dict(zip(free, function(*(start[name] for name in free)), strict=True)) for start in starts]
