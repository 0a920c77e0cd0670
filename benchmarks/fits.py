"""Time and end point of whole fits, against those of a general optimiser."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import spearmanr

import voteshift as vs
from kernels import spread
from process import record, votes_of
from voteshift.bench.sets import SETS, bench_set
from voteshift.ideal import IdealPoints
from voteshift.ideal.laplace import laplace
from voteshift.ideal.objective import Model, Point, log_posterior, standardise
from voteshift.ideal.optimise import fit_map
from voteshift.ideal.start import random_start, spectral_start

__all__ = ["fit", "real", "starts"]


def fit(dataset: str, link: Any, threads: int, repeats: int, *, scipy_iterations: int = 0) -> dict[str, Any]:
    """Time `IdealPoints.fit` from the container to the labelled result.

    Parameters
    ----------
    dataset, link, threads, repeats
        What is timed; one fit beforehand compiles or loads the kernels.
    scipy_iterations : int
        Iterations SciPy's L-BFGS-B may take from the same start; 0 leaves it out.
    """
    if dataset not in SETS:
        raise ValueError(f"{dataset} is not a bench set")
    drawn = bench_set(dataset)
    rollcalls = record(votes_of(drawn))
    model = IdealPoints(link=link, threads=threads)
    fit = model.fit(rollcalls)
    seconds = []
    for _ in range(repeats):
        seconds.append(_timed(model, rollcalls))
    errors = []
    for _ in range(2):  # the first loads what it needs
        began = time.perf_counter()
        laplace(fit.model, fit.mode.point)
        errors.append(time.perf_counter() - began)
    position, truth = fit.mode.point.positions[:, 0], drawn.positions[0, :, 0]
    result = {
        "dataset": dataset,
        "link": link,
        "threads": threads,
        **spread(seconds),
        "errors_seconds": errors[-1],
        "gradient_norm": fit.mode.gradient_norm,
        "converged": fit.converged,
        "iterations": fit.mode.iterations,
        "evaluations": fit.mode.evaluations,
        "objective": fit.mode.objective,
        "spearman": abs(float(spearmanr(position, truth)[0])),
        "pearson": abs(float(np.corrcoef(position, truth)[0, 1])),
    }
    if scipy_iterations:
        result["scipy"] = _scipy(fit.model, scipy_iterations)
        result["objective_less_scipy"] = fit.mode.objective - result["scipy"]["objective"]
    return result


def real(name: str, folder: str | None, link: Any, threads: int, repeats: int) -> dict[str, Any]:
    """Time `IdealPoints.fit` on a real record: the bundled one, or a folder that `voteshift.read` knows.

    Nobody knows the truth there, and most cells are of members without a seat or a vote.
    """
    record = vs.load_hrc() if folder is None else vs.read(folder)
    model = IdealPoints(link=link, threads=threads)
    fit = model.fit(record)
    design = fit.encoded.design
    return {
        "dataset": name,
        "link": link,
        "threads": threads,
        "members": design.n_members,
        "rollcalls": design.n_rollcalls,
        "votes": int(sum(np.count_nonzero(row >= 0) for row in design.votes)),
        **spread([_timed(model, record) for _ in range(repeats)]),
        "gradient_norm": fit.mode.gradient_norm,
        "converged": fit.converged,
        "iterations": fit.mode.iterations,
        "objective": fit.mode.objective,
    }


def starts(dataset: str, link: Any, seeds: list[int]) -> dict[str, Any]:
    """Fit from random starts and compare the objectives with that of the spectral start."""
    model = Model(bench_set(dataset).design, vs.Priors(), link, 1)
    usual = fit_map(model)
    others = [fit_map(model, start=random_start(model.design, seed)) for seed in seeds]
    return {
        "dataset": dataset,
        "link": link,
        "objective": usual.objective,
        "largest_relative_difference": max(
            abs(other.objective - usual.objective) / abs(usual.objective) for other in others
        ),
        "converged": all(other.converged for other in others),
        "iterations": [other.iterations for other in others],
    }


def _timed(model: IdealPoints, rollcalls: vs.RollCalls) -> float:
    began = time.perf_counter()
    model.fit(rollcalls)
    return time.perf_counter() - began


def _scipy(model: Model, most: int) -> dict[str, Any]:
    """Run L-BFGS-B to the end; the scale constraint is inside the objective, by standardising."""
    design = model.design
    n_members = design.n_members

    def negative(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        point = Point.from_flat(flat, n_members, 1)
        free = point.positions
        point = Point.from_items(standardise(free), point.items())
        slope = log_posterior(model, point)
        gradient = slope.gradient.flat()
        gradient[:n_members] /= free.std()
        return -slope.value, -gradient

    began = time.perf_counter()
    start = spectral_start(design).flat()
    options: Any = {"maxiter": most, "maxfun": 2 * most, "ftol": 0.0, "gtol": 1e-9, "maxcor": 20}
    optimum = minimize(negative, start, jac=True, method="L-BFGS-B", options=options)
    return {
        "objective": -float(optimum.fun),
        "iterations": int(optimum.nit),
        "seconds": time.perf_counter() - began,
        "largest_gradient": float(np.abs(optimum.jac).max()),
        "message": str(optimum.message),
    }
