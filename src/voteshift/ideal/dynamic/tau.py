"""Estimation of tau, the size of members' individual steps, by Laplace marginal likelihood.

    log p(votes | tau) ~ log p(votes, mode | tau) - log|H| / 2 - log c(tau)

H is the information along the scale constraint (Tierney & Kadane 1986,
https://doi.org/10.1080/01621459.1986.10478240). The factor c is the prior density of the constraint itself.
Under the random walk, the density of "deviations have mean 0 and mean square 1" depends on tau, and only
positions that meet this constraint are fitted. The mean square is a quadratic form of normal variables. Its
density is computed by a saddlepoint approximation (Kuonen 1999, https://doi.org/10.1093/biomet/86.4.929).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.ascent import Ascent
from voteshift.ideal.dynamic.laplace import dynamic_laplace
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.dynamic.optimise import fit_dynamic_map
from voteshift.ideal.dynamic.walk import Walk

__all__ = ["TauEstimate", "estimate_tau", "log_evidence", "log_scale_density"]

Floats = NDArray[np.float64]
_LOWEST, _HIGHEST, _RATIO = 0.02, 1.5, 1.6
_DROP = 1.3527  # half the 90 % point of chi-square with one degree of freedom
_WIDEST = 5.0
_LOOSE = 1e-4  # gradient norm of the intermediate fits: their log marginal likelihood is then correct to 1e-6


@dataclass(frozen=True, slots=True)
class TauEstimate:
    """The estimate of tau by maximum marginal likelihood, with its 90 % interval.

    Attributes
    ----------
    tau, low, high : float
        Estimate and ends of the interval, in standard deviations of positions per square root of a year. In
        the interval, the log marginal likelihood is within 1.35 of its maximum.
    profile : ndarray, shape (n, 2)
        The evaluated values of tau and their log marginal likelihood.
    """

    tau: float
    low: float
    high: float
    profile: Floats


def log_scale_density(walk: Walk) -> float:
    """Return the log prior density of mean 0 and mean square 1 over the member-periods with a vote."""
    n_members = walk.seen.shape[1]
    n_seen = walk.seen.sum()
    diagonal, links = walk.diagonal, walk.precision
    eigenvalues = []
    variance = 0.0
    for member in range(n_members):
        precision = np.diag(diagonal[:, member])
        precision -= np.diag(links[:, member], 1) + np.diag(links[:, member], -1)
        seen = walk.seen[:, member]
        covariance = np.linalg.inv(precision)[np.ix_(seen, seen)]
        eigenvalues.append(np.linalg.eigvalsh(covariance))
        variance += covariance.sum() / n_seen**2
    weights = np.concatenate(eigenvalues) / n_seen

    from scipy.optimize import brentq  # here and below: loading them takes longer than most commands

    def slope(s: float) -> float:
        return float(np.sum(weights / (1.0 - 2.0 * s * weights))) - 1.0

    highest = 0.5 / weights.max()
    lowest = -1.0
    while slope(lowest) > 0:
        lowest *= 4.0
    saddle = brentq(slope, lowest, highest * (1.0 - 1e-12))
    ratio = 1.0 - 2.0 * saddle * weights
    bend = 2.0 * np.sum((weights / ratio) ** 2)
    square = -0.5 * np.sum(np.log(ratio)) - saddle - 0.5 * np.log(2.0 * np.pi * bend)
    return float(square - 0.5 * np.log(2.0 * np.pi * variance))


def log_evidence(model: DynamicModel, mode: Ascent[DynamicPoint]) -> float:
    """Return the log marginal likelihood at a mode, up to a constant that does not depend on tau."""
    walk = model.walk
    curvature = dynamic_laplace(model, mode.point).curvature
    return (
        mode.objective
        + 0.5 * float(np.sum(np.log(walk.precision)))
        - 0.5 * curvature.log_determinant()
        - log_scale_density(walk)
    )


def estimate_tau(model: DynamicModel, *, progress: Callable[[int, float], None] | None = None) -> TauEstimate:
    """Maximise the marginal likelihood over one tau for all members.

    Parameters
    ----------
    model : DynamicModel
        The model. Its value of tau is not used.
    progress : callable, optional
        Called with the number of the fit and its gradient norm.

    Raises
    ------
    NotUsableError
        If the confidence interval of tau reaches 0, or its upper end is more than 5 times its lower end. The
        votes then do not identify tau, and the user must fix tau. Also if the fits did not converge.
    """
    tried: dict[float, float] = {}
    point: DynamicPoint | None = None

    def evidence(log_tau: float) -> float:
        nonlocal point
        walk = replace(model.walk, tau=np.full_like(model.walk.tau, np.exp(log_tau)))
        moved = replace(model, walk=walk)
        start = None if point is None else replace(point, walk=walk)
        mode = fit_dynamic_map(moved, start=start, tolerance=_LOOSE)
        point = mode.point
        if progress is not None:
            progress(len(tried) + 1, mode.gradient_norm)
        try:
            return log_evidence(moved, mode) if mode.converged else -np.inf
        except NotUsableError:
            return -np.inf

    ladder = np.arange(np.log(_LOWEST), np.log(_HIGHEST), np.log(_RATIO))
    for log_tau in ladder[
        ::-1
    ]:  # from large to small tau: each fit starts from positions that vary a little too much
        tried[float(log_tau)] = evidence(float(log_tau))
    best = max(tried, key=lambda key: tried[key])
    for part in (-2, -1, 1, 2):
        log_tau = best + part * np.log(_RATIO) / 3.0
        tried[float(log_tau)] = evidence(float(log_tau))
    log_profile = np.array([[key, value] for key, value in sorted(tried.items()) if np.isfinite(value)])
    if len(log_profile) < 6:
        raise NotUsableError("tau could not be estimated: too few fits converged", remedy="fix tau")
    return _read(log_profile)


def _read(log_profile: Floats) -> TauEstimate:
    """Return the maximum and the interval of a profile of log tau and log marginal likelihood."""
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(log_profile[:, 0], log_profile[:, 1])
    fine = np.linspace(log_profile[0, 0], log_profile[-1, 0], 2001)
    values = spline(fine)
    top = int(values.argmax())
    inside = np.flatnonzero(values >= values[top] - _DROP)
    tau, low, high = np.exp(fine[[top, inside[0], inside[-1]]])
    profile = np.column_stack([np.exp(log_profile[:, 0]), log_profile[:, 1]])
    if inside[0] == 0 or inside[-1] == len(fine) - 1 or high > _WIDEST * low:
        reach = f"runs from {low:.3g} to {high:.3g}"
        if inside[-1] == len(fine) - 1:
            reach = f"has no upper end below {high:.3g}"
        if inside[0] == 0:
            reach = "reaches 0"
        raise NotUsableError(
            f"the votes do not identify tau: its 90 % interval {reach}",
            remedy=(
                "pass a fixed value, for instance tau=0.1, and compare the results with another fixed value"
            ),
        )
    return TauEstimate(float(tau), float(low), float(high), profile)
