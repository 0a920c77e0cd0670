"""The log density that the sampler evaluates, in the coordinates of a marginal fit.

It is the density of the model in `voteshift.posterior.dynamic.model`, with the compiled likelihood and
without a graph that would have to be compiled first.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.dynamic.objective import (
    DynamicModel,
    DynamicPoint,
    evaluate_votes,
    likelihood_gradient,
)
from voteshift.ideal.objective import Priors
from voteshift.posterior.dynamic.metric import Metric, Moves

__all__ = ["WALK_TAU", "Density", "Parameters"]

Floats = NDArray[np.float64]

WALK_TAU = 0.5
"""Scale of the half-normal prior of ``raw_tau``, in prior standard deviations of ``raw_start``."""

_NEAR = 0.9  # largest start of a prior standard deviation, as a share of its limit


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters at some coordinates.

    Attributes
    ----------
    point : DynamicPoint
        Items, common steps, and deviations with mean 0 and standard deviation 1 over the member-periods with
        a vote.
    sds : ndarray, shape (2,)
        Standard deviations of the priors of discriminations and midpoints.
    tau : float
        Standard deviation of a member's individual step, per square root of a unit of time, on the scale of
        the deviations.
    """

    point: DynamicPoint
    sds: Floats
    tau: float


@dataclass(frozen=True, slots=True)
class _State:
    """Intermediate values at some coordinates, which value and gradient share."""

    noise: Moves
    widths: Floats  # of the noise of the deviations
    item_widths: Floats
    raw: Floats
    unit: float
    logs: Floats  # of the scales, relative to those of the fit
    slopes: Floats  # of these logs by the coordinates of the scales
    shares: Floats  # of the limits of the prior standard deviations
    parameters: Parameters


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """The log posterior density of a model as a function of independent coordinates.

    Attributes
    ----------
    model : DynamicModel
        Votes, and the prior of the common step. Its priors are the limits of the standard deviations.
    metric : Metric
        The coordinates.
    """

    model: DynamicModel
    metric: Metric

    @property
    def n_coordinates(self) -> int:
        """Number of coordinates: those of the metric, then one for each scale."""
        return self.metric.n_coordinates + len(self.metric.scales.root)

    @property
    def _first_sds(self) -> Floats:
        """Standard deviations of the fit, below their limits."""
        fitted = self.metric.model.priors
        return np.minimum([fitted.discrimination, fitted.midpoint], _NEAR * _limits(self.model.priors))

    def parameters(self, coordinates: Floats) -> Parameters:
        """Return the parameters at some coordinates."""
        return self._state(coordinates).parameters

    def evaluate(self, coordinates: Floats) -> tuple[float, Floats]:
        """Return the log density, up to a constant, and its gradient by the coordinates.

        Outside the range of numbers, for instance if cutpoints become equal, the log density is minus
        infinity and the gradient is 0.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            state = self._state(coordinates)
            finite = all(np.isfinite(part).all() for part in (state.raw, state.parameters.point.items()))
            if finite and state.unit > 0.0:
                try:
                    value, gradient = self._evaluate(state)
                except NotUsableError:  # cutpoints became equal
                    value, gradient = -np.inf, np.zeros(self.n_coordinates)
                if np.isfinite(value) and np.isfinite(gradient).all():
                    return value, gradient
        return -np.inf, np.zeros(self.n_coordinates)

    def _state(self, coordinates: Floats) -> _State:
        metric = self.metric
        scales, fit, walk = metric.scales, metric.point, metric.model.walk
        n = metric.n_coordinates
        noise = metric.spread(coordinates[:n])
        moves = scales.root @ coordinates[n:]
        first, limits = self._first_sds, _limits(self.model.priors)
        # The logit of a standard deviation as a share of its limit, with derivative 1 by the log at first.
        logit = np.log(first / (limits - first)) + moves[:2] * limits / (limits - first)
        shares = 1.0 / (1.0 + np.exp(-logit))
        sds = limits * shares
        slopes = (1.0 - shares) * limits / (limits - first)
        logs, slopes = np.append(np.log(sds / first), moves[2]), np.append(slopes, 1.0)
        widths = np.exp(scales.positions * logs[2])
        tau = float(walk.tau[0] / walk.start * np.exp(logs[2]))
        item_widths = np.ones_like(noise.items)
        item_widths[:, :2] = np.exp(scales.items * logs[:2])
        raw = (fit.deviations + scales.means.deviations @ logs + widths * noise.deviations) / walk.start
        items = fit.items() + scales.means.items @ logs + item_widths * noise.items
        voted = raw[walk.seen]
        unit = float(voted.std())
        point = replace(
            fit,
            walk=self.model.walk,
            deviations=(raw - voted.mean()) / unit,
            steps=fit.steps + scales.means.steps @ logs + noise.steps,
        ).with_items(items)
        parameters = Parameters(point, sds, tau / unit)
        return _State(noise, widths, item_widths, raw, unit, logs, slopes, shares, parameters)

    def _evaluate(self, state: _State) -> tuple[float, Floats]:
        model, metric, scales = self.model, self.metric, self.metric.scales
        walk, parameters = model.walk, state.parameters
        point = parameters.point
        shifts, likelihood = evaluate_votes(model, point)
        by_item, by_step = likelihood_gradient(model, point, shifts, likelihood)
        sds = np.append(parameters.sds, model.priors.log_gap)
        scaled = point.items() / sds
        scaled[model.design.n_categories == 2, 2] = 0.0
        by_item -= scaled / sds
        squares = np.sum(scaled**2, axis=0)
        value = likelihood.value - 0.5 * float(squares.sum())
        if walk.delta > 0:
            back = walk.step_precision * point.steps
            value -= 0.5 * float(point.steps @ back)
            by_step -= back
        by_raw = _through_scale(likelihood.positions[..., 0], point.deviations, walk.seen) / state.unit
        value -= 0.5 * float(np.sum(state.raw[0] ** 2))
        by_raw[0] -= state.raw[0]
        tau = parameters.tau * state.unit
        differences = np.diff(state.raw, axis=0)
        drawn = differences / (walk.gaps[:, None] * tau**2)
        by_raw[1:] -= drawn
        by_raw[:-1] += drawn
        total = float(np.sum(drawn * differences))
        value -= 0.5 * total
        # Normalising constants of the priors, and Jacobians of the widths of the noise.
        jacobian = np.append(
            scales.items.sum(axis=0) - len(scaled), scales.positions.sum() - differences.size
        )
        value += float(jacobian @ state.logs)
        by_log = jacobian + np.append(squares[:2], total)
        by_noise = state.item_widths * by_item
        by_log[:2] += np.sum((by_noise * state.noise.items)[:, :2] * scales.items, axis=0)
        by_deviation = by_raw / metric.model.walk.start
        by_width = state.widths * by_deviation
        by_log[2] += np.sum(by_width * state.noise.deviations * scales.positions)
        means = scales.means
        by_log += np.einsum("tik,ti->k", means.deviations, by_deviation)
        by_log += means.steps.T @ by_step + np.einsum("jak,ja->k", means.items, by_item)
        by_move = by_log * state.slopes
        # Uniform priors of the standard deviations, and the half-normal prior of tau, by these coordinates.
        value += float(np.sum(np.log(state.shares * (1.0 - state.shares))))
        by_move[:2] += (1.0 - 2.0 * state.shares) * state.slopes[:2] / (1.0 - state.shares)
        value += state.logs[2] - 0.5 * (tau / WALK_TAU) ** 2
        by_move[2] += 1.0 - (tau / WALK_TAU) ** 2
        gradient = metric.gather(Moves(by_width, by_step, by_noise))
        return value, np.concatenate([gradient, scales.root.T @ by_move])


def _limits(priors: Priors) -> Floats:
    """Return the upper limits of the standard deviations of discriminations and midpoints."""
    return np.array([priors.discrimination, priors.midpoint])


def _through_scale(gradient: Floats, deviations: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Return the gradient by deviations before they are standardised, times their standard deviation."""
    n_seen = seen.sum()
    shift, scale = gradient.sum() / n_seen, float(np.sum(gradient * deviations)) / n_seen
    return gradient - seen * (shift + scale * deviations)
