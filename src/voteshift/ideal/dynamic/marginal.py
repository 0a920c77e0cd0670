"""Marginal fit of the dynamic model: a normal variational approximation with learned priors.

The posterior is approximated by independent normal distributions: one for the deviations of each member over
all periods, whose precision is tridiagonal, and one for the discrimination and midpoint of each item. The gap
between cutpoints and the common steps are kept at their modes. The approximation maximises

    E[log p(votes | z, items)] + E[log p(z)] + E[log p(items)] + entropy

(Blei, Kucukelbir & McAuliffe 2017, https://doi.org/10.1080/01621459.2017.1285773, eq. 13). A sweep updates
the items, the members, location and scale of every period, and the prior standard deviations.

The joint mode weighs the direction z -> a z, beta -> beta / a of a period neither by the number of positions
nor by the number of items. Here both enter through the entropy, so the scale of the periods does not drift.

Two scales are in use. On the reported scale, positions have mean square 1, their variances included. On the
scale of the sweeps, the means have mean square 1. The prior standard deviations are kept on the reported
scale, and `_unit` is the ratio of the two scales.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.errors import NotUsableError
from voteshift.ideal.ascent import Ascent
from voteshift.ideal.dynamic.blocks import item_blocks
from voteshift.ideal.dynamic.chained_start import chained_start
from voteshift.ideal.dynamic.laplace import dynamic_laplace
from voteshift.ideal.dynamic.objective import (
    DynamicModel,
    DynamicPoint,
    DynamicSlope,
    dynamic_log_posterior,
)
from voteshift.ideal.dynamic.scale import Resistance, Variational, relocated, rescaled
from voteshift.ideal.dynamic.walk import Walk, chain_covariances, solve_chains
from voteshift.ideal.learned import MARGINAL_TOLERANCE, Learned, distance_left, item_covariances, learn_sd
from voteshift.likelihood import Spread

__all__ = ["fit_dynamic_marginal"]

Floats = NDArray[np.float64]

_DAMPING = 0.6  # share of a step that a sweep takes: complete steps oscillate on separated items
_PATIENCE = 10  # sweeps within which moves must become smaller; otherwise the damping becomes stronger
_SLOWER, _STRONGER, _STRONGEST = 0.9, 0.6, 0.05
_LEAST_TAU = 0.01  # where positions hardly change; `estimate_tau` searches down to 0.02
_MOST_UPDATES = 20  # of tau by the joint curvature
_TAU_TOLERANCE = 0.005  # relative change of tau
_LARGEST_MOVE = (0.5, 1.0)  # of a position, and of an item parameter, in one sweep
_LEAST = 0.2  # of the information of the votes, if the multiplier of the scale constraint is negative
_FIRST_VARIANCE = 0.02  # of a position
_FIRST_SD = 1.0  # of discriminations and midpoints
_MOST_SWEEPS = 1000


def fit_dynamic_marginal(
    model: DynamicModel,
    *,
    learn: bool = True,
    learn_tau: bool = False,
    start: DynamicPoint | None = None,
    tolerance: float = MARGINAL_TOLERANCE,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[DynamicModel, Ascent[DynamicPoint], Learned]:
    """Maximise the variational objective of a dynamic model.

    Parameters
    ----------
    model : DynamicModel
        The model.
    learn : bool
        True to estimate the prior standard deviations of discriminations and midpoints, up to those of the
        model. False to fix them.
    learn_tau : bool
        True to estimate one tau for all members, starting from the tau of the model. False to fix tau.
    start : DynamicPoint, optional
        Starting values; `chained_start` by default.
    tolerance : float
        Largest distance from the maximum, in standard deviations of the approximation, at which the fit
        counts as converged. The distance is the last step divided by 1 minus the rate of convergence.
    progress : callable, optional
        Called with the sweep and the distance.

    Returns
    -------
    model : DynamicModel
        The model with the spread of the approximation and the learned priors, on the scale of the sweeps.
    mode : Ascent
        The means, on the scale of the sweeps.
    learned : Learned
        The prior standard deviations, on the reported scale.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        began = time.perf_counter()
        sweeps = _Sweeps(model, chained_start(model) if start is None else start, learn, learn_tau)
        norm, n_sweeps = _converge(sweeps, tolerance, progress, 0)
        settled = not learn_tau
        for _ in range(_MOST_UPDATES if learn_tau else 0):
            change = sweeps.update_tau()
            settled = abs(change) < _TAU_TOLERANCE
            if settled:
                break
            norm, n_sweeps = _converge(sweeps, tolerance, progress, n_sweeps)
        slope = dynamic_log_posterior(sweeps.model, sweeps.point)
        mode = Ascent(
            point=sweeps.point,
            objective=slope.value,
            log_likelihood=slope.log_likelihood,
            gradient_norm=norm,
            converged=norm <= tolerance and settled,
            iterations=n_sweeps,
            evaluations=2 * n_sweeps + 1,
            seconds=time.perf_counter() - began,
            first_stage="float64",
        )
        return sweeps.model, mode, sweeps.learned


def _converge(
    sweeps: "_Sweeps", tolerance: float, progress: Callable[[int, float], None] | None, n_before: int
) -> tuple[float, int]:
    """Sweep until the fit has converged; return the distance to the maximum and the number of sweeps."""
    moves: list[float] = []
    norm = np.inf
    sweeps.damping = _DAMPING
    while len(moves) < _MOST_SWEEPS and not norm <= tolerance:
        largest_step, move = sweeps.sweep()
        moves.append(move)
        last, previous = moves[-_PATIENCE:], moves[-2 * _PATIENCE : -_PATIENCE]
        if len(moves) % _PATIENCE == 0 and max(last) > _SLOWER * max(previous, default=np.inf):
            sweeps.damping = max(sweeps.damping * _STRONGER, _STRONGEST)
        norm = max(largest_step, distance_left(moves))
        if progress is not None:
            progress(n_before + len(moves), norm)
    return norm, n_before + len(moves)


class _Sweeps:
    """The variational approximation during the sweeps.

    `base` is the model on the reported scale; `model` and `point` are on the scale of the sweeps.
    """

    def __init__(self, base: DynamicModel, start: DynamicPoint, learn: bool, learn_tau: bool) -> None:
        design = base.design
        self.base = base
        self.learn, self.learn_tau = learn, learn_tau
        self.damping = _DAMPING
        tau = float(base.walk.tau[0]) if learn_tau else None
        limits = base.priors
        first_sd = _FIRST_SD if learn else np.inf
        self.learned = Learned(min(first_sd, limits.discrimination), min(first_sd, limits.midpoint), tau)
        self.point = start
        self.lags = np.zeros_like(base.walk.precision)
        self.blocks: Floats | None = None
        self.information: Floats | None = None
        first, last = np.full(design.n_items, base.walk.seen.shape[0]), np.full(design.n_items, -1)
        np.minimum.at(first, design.item, design.period)
        np.maximum.at(last, design.item, design.period)
        self.home = np.where(first == last, first, -1)
        self.model = base
        self._set(Spread(np.full(base.walk.seen.shape, _FIRST_VARIANCE), np.zeros((design.n_items, 3))))

    def _set(self, spread: Spread) -> None:
        """Set the spread, and the priors on the scale of the sweeps."""
        base, learned = self.base, self.learned
        unit = _unit(base.walk, spread)
        tau = base.walk.tau if learned.tau is None else np.full_like(base.walk.tau, learned.tau)
        walk = replace(base.walk, tau=tau).rescaled(unit)
        priors = replace(base.priors, discrimination=learned.discrimination / unit, midpoint=learned.midpoint)
        self.model = replace(base, walk=walk, priors=priors, spread=spread)
        self.point = replace(self.point, walk=walk)

    def sweep(self) -> tuple[float, float]:
        """Update everything once.

        Returns
        -------
        largest_step : float
            Largest Newton step of an item, member or common step given the others, in standard deviations.
        move : float
            Largest net change of a mean position in standard deviations, or relative change of a prior.
        """
        before = self.point.deviations
        by_item = self._update_items()
        slope = dynamic_log_posterior(self.model, self.point)
        by_member, q = self._update_members(slope)
        resistance = self._resistance(slope)
        priors, walk = self.model.priors, self.model.walk
        steps = self.point.steps if walk.delta > 0 else np.zeros(0)
        q, moved = relocated(q, steps, walk, priors.midpoint, resistance, slope.pull)
        by_step = float(np.abs((moved - steps) / np.sqrt(q.variances.mean())).max(initial=0.0))
        if len(moved):
            self.point = replace(self.point, steps=moved)
        by_member_raw = slope.evaluation.positions[..., 0] - walk.pulled(self.point.deviations)
        shift = float(by_member_raw[walk.seen].mean())
        q = rescaled(q, walk, priors.discrimination, resistance, shift)
        by_prior = self._learn(q)
        self._accept(q)
        change = np.abs(self.point.deviations - before) / np.sqrt(self._spread().positions)
        return max(by_item, by_step, by_member), max(by_prior, float(change[walk.seen].max()))

    def update_tau(self) -> float:
        """Update tau by the joint curvature, and fix it; return the relative change.

        The variances of the sweeps do not include the uncertainty of the items. Tau by them alone is too
        small, by a quarter in simulated courts of nine members.
        """
        walk, old = self.model.walk, self.learned
        if old.tau is None:
            raise ValueError("tau is fixed")
        variances = dynamic_laplace(self.model, self.point).curvature.step_variances()
        gaps = np.sqrt(walk.gaps[:, None])
        steps = np.diff(self.point.deviations, axis=0) / gaps
        tau = learn_sd(steps, variances / gaps**2, float(walk.tau[0])) * old.tau / float(walk.tau[0])
        self.learned = replace(old, tau=tau)
        self.learn_tau = False
        self._set(self._spread())
        return float(np.log(tau / old.tau))

    def _spread(self) -> Spread:
        if self.model.spread is None:
            raise ValueError("the model has no spread")
        return self.model.spread

    def _update_items(self) -> float:
        slope = dynamic_log_posterior(self.model, self.point)
        blocks, _ = item_blocks(self.model, self.point, slope, observed=False)
        self.blocks = blocks if self.blocks is None else self.blocks + self.damping * (blocks - self.blocks)
        covariance = np.linalg.inv(self.blocks)
        step = np.einsum("jab,jb->ja", covariance, slope.gradient.items())
        moved = self.point.items() + self.damping * np.clip(step, -_LARGEST_MOVE[1], _LARGEST_MOVE[1])
        self.point = self.point.with_items(moved)
        items = item_covariances(self.blocks)
        self.model = replace(self.model, spread=Spread(self._spread().positions, items))
        return float(np.abs(step / np.sqrt(np.einsum("jaa->ja", covariance))).max())

    def _update_members(self, slope: DynamicSlope) -> tuple[float, Variational]:
        walk = self.model.walk
        information = slope.evaluation.position_information
        if information is None:
            raise ValueError("the log posterior was evaluated without a spread")
        votes = information[..., 0, 0]
        # The multiplier of the scale can be negative; the votes must still add information.
        precision = np.maximum(votes + slope.pull * walk.seen, _LEAST * votes)
        if self.information is not None:
            precision = self.information + self.damping * (precision - self.information)
        self.information = precision
        diagonal = precision + walk.diagonal
        step = solve_chains(diagonal, walk.precision, slope.gradient.deviations)
        variances, self.lags = chain_covariances(diagonal, walk.precision)
        moved = self.point.deviations + self.damping * np.clip(step, -_LARGEST_MOVE[0], _LARGEST_MOVE[0])
        q = Variational(
            moved,
            variances,
            self.lags,
            self.point.discriminations[:, 0],
            self.point.midpoints,
            self._spread().items,
        )
        return float(np.abs(step / np.sqrt(variances))[walk.seen].max()), q

    def _resistance(self, slope: DynamicSlope) -> Resistance:
        """Return the slope and curvature of the likelihood of bridging items by moves of the periods."""
        design = self.model.design
        walk = self.model.walk
        n_periods = len(walk.seen)
        bridging = np.flatnonzero(self.home[design.item] < 0)
        n_steps = n_periods - 1 if walk.delta > 0 else 0
        moves = np.zeros((len(bridging), n_periods + n_steps))
        moves[np.arange(len(bridging)), design.period[bridging]] = 1.0
        if n_steps and len(bridging):
            moves[:, n_periods:] = self.model.leverage[bridging]
        blocks = slope.evaluation.item_information
        if blocks is None:
            raise ValueError("the log posterior was evaluated without a spread")
        items, period = design.item[bridging], design.period[bridging]
        b = self.point.discriminations[items, 0]
        shifts = slope.shifts[bridging]
        variance, covariance, _ = self._spread().items[items].T
        covariance = covariance - shifts * variance
        by_cuts = slope.evaluation.cutpoints[bridging].sum(axis=1)
        block = blocks[bridging]
        with_cuts = block[:, 0, 1] + block[:, 0, 2]
        by_scale = b * slope.evaluation.discriminations[bridging, 0]
        by_scale -= variance * block[:, 0, 0] + covariance * with_cuts
        cuts = block[:, 1, 1] + block[:, 2, 2] + 2.0 * block[:, 1, 2]

        def total(values: Floats) -> Floats:
            return np.bincount(period, values, n_periods).astype(np.float64)

        by_shift = -b * by_cuts + variance * with_cuts + covariance * cuts
        square = b**2 + variance
        return Resistance(
            self.home, moves, by_shift, square * cuts, total(by_scale), total(square * block[:, 0, 0])
        )

    def _learn(self, q: Variational) -> float:
        """Update the prior standard deviations; return the largest relative change."""
        unit = _unit_of(q, self.model.walk)
        limits, priors, walk, old = self.base.priors, self.model.priors, self.model.walk, self.learned
        discrimination, midpoint = old.discrimination, old.midpoint
        if self.learn:
            discrimination = unit * learn_sd(
                q.slopes, q.items[:, 0], priors.discrimination, most=limits.discrimination / unit
            )
            midpoint = learn_sd(q.midpoints, q.items[:, 2], priors.midpoint, most=limits.midpoint)
        tau = old.tau
        if self.learn_tau:
            gaps = np.sqrt(walk.gaps[:, None])
            variance = (q.variances[1:] + q.variances[:-1] - 2.0 * q.lags) / gaps**2
            tau = learn_sd(np.diff(q.means, axis=0) / gaps, variance, float(walk.tau[0])) / unit
            if tau < _LEAST_TAU:
                raise NotUsableError(
                    "the votes do not identify tau: its estimate goes to 0",
                    remedy="pass a fixed value, for instance tau=0.1, and compare the results with another "
                    "fixed value",
                )
        self.learned = Learned(discrimination, midpoint, tau)
        return self.learned.change_from(old)

    def _accept(self, q: Variational) -> None:
        """Take over the moved distributions, on the scale on which the means have mean square 1."""
        size = float(q.means[self.model.walk.seen].std())
        self.lags = q.lags / size**2
        self.point = replace(
            self.point,
            deviations=q.means / size,
            steps=self.point.steps / size,
            discriminations=(q.slopes * size)[:, None],
            midpoints=q.midpoints,
        )
        self.information = None if self.information is None else self.information * size**2
        if self.blocks is not None:
            scale = np.array([1.0 / size, 1.0, 1.0])
            self.blocks = self.blocks * scale[:, None] * scale
        self._set(Spread(q.variances / size**2, q.items * np.array([size**2, size, 1.0])))


def _unit(walk: Walk, spread: Spread) -> float:
    """Return the root mean square of positions, variances included, on the scale of the sweeps."""
    return float(np.sqrt(1.0 + spread.positions[walk.seen].mean()))


def _unit_of(q: Variational, walk: Walk) -> float:
    """Return the same before the means are put on the scale of the sweeps."""
    return float(np.sqrt(np.mean((q.means**2 + q.variances)[walk.seen])))
