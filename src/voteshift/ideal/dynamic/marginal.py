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
from voteshift.ideal.anderson import Anderson
from voteshift.ideal.ascent import Ascent
from voteshift.ideal.dynamic.blocks import item_blocks
from voteshift.ideal.dynamic.chained_start import chained_start
from voteshift.ideal.dynamic.coordinates import State, Units
from voteshift.ideal.dynamic.laplace import dynamic_laplace
from voteshift.ideal.dynamic.objective import (
    DynamicModel,
    DynamicPoint,
    DynamicSlope,
    dynamic_log_posterior,
)
from voteshift.ideal.dynamic.scale import Resistance, Variational, relocated, rescaled
from voteshift.ideal.dynamic.walk import Walk, chain_covariances, solve_chains
from voteshift.ideal.learned import MARGINAL_TOLERANCE, Learned, inverse_pairs, learn_sd
from voteshift.likelihood import Spread

__all__ = ["UnidentifiedTauError", "fit_dynamic_marginal"]

Floats = NDArray[np.float64]

_DAMPING = 0.8  # share of a step that a sweep takes: complete steps oscillate on separated items
_GROWTH = 2.0  # of the residual, at most, by an extrapolated step
_NEAR = 1.0  # largest step of a sweep after which moves are extrapolated: far away they can run off
_ROUGH = 0.05  # tolerance before the joint curvature is used
_LEAST_TAU = 0.01  # where positions hardly change; `estimate_tau` searches down to 0.02
_PATIENCE = 15  # sweeps in turn at the lowest tau: tau can be there on the way to the maximum
_MOST_UPDATES = 20  # of the joint curvature, if tau is estimated
_TAU_TOLERANCE = 0.005  # relative change of tau
_LARGEST_MOVE = (0.5, 1.0)  # of a position, and of an item parameter, in one sweep
_LEAST = 0.2  # of the information of the votes, if the multiplier of the scale constraint is negative
_FIRST_VARIANCE = 0.02  # of a position
_FIRST_SD = 1.0  # of discriminations and midpoints
_MOST_SWEEPS = 1000


class UnidentifiedTauError(NotUsableError):
    """Tau was to be estimated, but its estimate goes to 0."""


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
        counts as converged. It is estimated from the last moves and the changes of the residual by them (see
        `voteshift.ideal.anderson`).
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
        settled = not learn_tau
        iteration = _Iteration(sweeps, progress)
        iteration.converge(max(tolerance, _ROUGH) if learn_tau else tolerance)
        for _ in range(_MOST_UPDATES if learn_tau else 0):
            before = sweeps.inflate()
            iteration.converge(tolerance)
            settled = sweeps.learned.change_from(before) < _TAU_TOLERANCE
            if settled or iteration.norm > tolerance:
                break
        slope = dynamic_log_posterior(sweeps.model, sweeps.point)
        mode = Ascent(
            point=sweeps.point,
            objective=slope.value,
            log_likelihood=slope.log_likelihood,
            gradient_norm=iteration.norm,
            converged=iteration.norm <= tolerance and settled,
            iterations=iteration.n_sweeps,
            evaluations=2 * iteration.n_sweeps + 1,
            seconds=time.perf_counter() - began,
            first_stage="float64",
        )
        return sweeps.model, mode, sweeps.learned


class _Iteration:
    """Sweeps with extrapolation.

    `norm` is the estimated distance to the maximum after the last sweep, in standard deviations.
    """

    def __init__(self, sweeps: "_Sweeps", progress: Callable[[int, float], None] | None) -> None:
        self.sweeps, self.progress = sweeps, progress
        self.n_sweeps, self.norm = 0, np.inf
        self._restart()

    def _restart(self) -> Floats:
        """Forget the moves so far; return the present point in new units."""
        self._units = self.sweeps.units()
        point = self._units.vector(self.sweeps.state())
        self._anderson = Anderson(len(point))
        return point

    def converge(self, tolerance: float) -> None:
        """Sweep until the distance to the maximum is at most the tolerance."""
        sweeps, first, last = self.sweeps, self.n_sweeps + 1, self.n_sweeps + _MOST_SWEEPS
        point = self._units.vector(sweeps.state())
        self._anderson.interrupt()
        safe: tuple[State, float] | None = None
        self.norm = np.inf
        while self.n_sweeps < last and not self.norm <= tolerance:
            largest_step = sweeps.sweep()
            self.n_sweeps += 1
            state = sweeps.state()
            image = self._units.vector(state)
            residual = float(np.linalg.norm(image - point))
            if safe is not None and not residual <= _GROWTH * safe[1]:
                sweeps.take(safe[0])
                point, safe = self._restart(), None
            else:
                proposal = self._anderson.propose(point, image)
                self.norm = max(largest_step, proposal.distance)
                extrapolated = proposal.extrapolated and largest_step <= _NEAR
                if self.norm > tolerance and extrapolated:
                    sweeps.take(self._units.state(proposal.point, state))
                point = self._units.vector(sweeps.state())
                safe = (state, residual) if extrapolated and self.n_sweeps > first else None
            if self.progress is not None:
                self.progress(self.n_sweeps, self.norm)
            sweeps.check_tau(_PATIENCE)
        sweeps.check_tau(0)


class _Sweeps:
    """The variational approximation during the sweeps.

    `base` is the model on the reported scale; `model` and `point` are on the scale of the sweeps.
    """

    def __init__(self, base: DynamicModel, start: DynamicPoint, learn: bool, learn_tau: bool) -> None:
        design = base.design
        self.base = base
        self.learn = learn
        tau = float(base.walk.tau[0]) if learn_tau else None
        limits = base.priors
        first_sd = _FIRST_SD if learn else np.inf
        self.learned = Learned(min(first_sd, limits.discrimination), min(first_sd, limits.midpoint), tau)
        self.point = start
        self.n_vanished = 0
        self.inflation: Floats | None = None
        self.step_variances: Floats = np.zeros_like(base.walk.precision)
        self.gap_sds: Floats = np.ones(design.n_items)
        first, last = np.full(design.n_items, base.walk.seen.shape[0]), np.full(design.n_items, -1)
        np.minimum.at(first, design.item, design.period)
        np.maximum.at(last, design.item, design.period)
        self.home = np.where(first == last, first, -1)
        self.model = base
        first_items = np.tile([_FIRST_SD**2, 0.0, _FIRST_SD**2], (design.n_items, 1))
        self._set(Spread(np.full(base.walk.seen.shape, _FIRST_VARIANCE), first_items))

    def _set(self, spread: Spread) -> None:
        """Set the spread, and the priors on the scale of the sweeps."""
        base, learned = self.base, self.learned
        unit = _unit(base.walk, spread)
        tau = base.walk.tau if learned.tau is None else np.full_like(base.walk.tau, learned.tau)
        walk = replace(base.walk, tau=tau).rescaled(unit)
        priors = replace(base.priors, discrimination=learned.discrimination / unit, midpoint=learned.midpoint)
        self.model = replace(base, walk=walk, priors=priors, spread=spread)
        self.point = replace(self.point, walk=walk)

    def sweep(self) -> float:
        """Update everything once.

        Returns
        -------
        float
            Largest Newton step of an item, member or common step given the others, in standard deviations.
        """
        by_item = self._update_items()
        slope = dynamic_log_posterior(self.model, self.point)
        by_member, q = self._update_members(slope)
        resistance = self._resistance(slope, q)
        priors, walk = self.model.priors, self.model.walk
        steps = self.point.steps if walk.delta > 0 else np.zeros(0)
        q, moved = relocated(q, steps, walk, priors.midpoint, resistance, slope.pull)
        by_step = float(np.abs((moved - steps) / np.sqrt(q.variances.mean())).max(initial=0.0))
        if len(moved):
            self.point = replace(self.point, steps=moved)
        prior_pull = walk.pulled(self.point.deviations, self.point.group_steps)
        by_member_raw = slope.evaluation.positions[..., 0] - prior_pull
        shift = float(by_member_raw[walk.seen].mean())
        q = rescaled(q, walk, priors.discrimination, resistance, shift)
        self._learn(q)
        point = replace(
            self.point,
            deviations=q.means,
            discriminations=q.slopes[:, None],
            midpoints=q.midpoints,
            group_steps=q.group_steps,
        )
        self.take(State(point, Spread(q.variances, q.items), self.learned))
        return max(by_item, by_step, by_member)

    def inflate(self) -> Learned:
        """Correct the variances of members' steps by the joint curvature; return the present priors.

        The variances of the sweeps do not include the uncertainty of the items, so tau by them alone is too
        small. The ratio of both variances changes little with tau. Before the first call, tau does not fall
        below its starting value: small variances could take it to 0, from where the ratio cannot raise it.
        """
        curvature = dynamic_laplace(self.model, self.point).curvature
        joint = curvature.step_variances(self.model.walk.membership)
        self.inflation = joint / self.step_variances
        return self.learned

    def check_tau(self, most: int) -> None:
        """Raise an error if more than this number of sweeps in turn reached the lowest tau."""
        if self.n_vanished > most:
            raise UnidentifiedTauError(
                "the votes do not identify tau: its estimate goes to 0",
                remedy="pass a fixed value, for instance tau=0.1, and compare the results with another fixed "
                "value",
            )

    def state(self) -> State:
        """Return the state."""
        return State(self.point, self._spread(), self.learned)

    def units(self) -> Units:
        """Return the standard deviations of the present approximation."""
        spread = self._spread()
        items = np.column_stack([np.sqrt(spread.items[:, [0, 2]]), self.gap_sds])
        return Units(np.sqrt(spread.positions), float(np.sqrt(spread.positions.mean())), items)

    def take(self, state: State) -> None:
        """Take over a state, on the scale on which the means have mean square 1."""
        point, spread, limits = state.point, state.spread, self.base.priors
        size = float(point.individual[self.model.walk.seen].std())
        self.point = replace(
            point,
            deviations=point.deviations / size,
            steps=point.steps / size,
            group_steps=point.group_steps / size,
            discriminations=point.discriminations * size,
        )
        self.learned = replace(
            state.learned,
            discrimination=min(state.learned.discrimination, limits.discrimination),
            midpoint=min(state.learned.midpoint, limits.midpoint),
            tau=None if state.learned.tau is None else max(state.learned.tau, _LEAST_TAU),
        )
        self._set(Spread(spread.positions / size**2, spread.items * np.array([size**2, size, 1.0])))

    def _spread(self) -> Spread:
        if self.model.spread is None:
            raise ValueError("the model has no spread")
        return self.model.spread

    def _update_items(self) -> float:
        slope = dynamic_log_posterior(self.model, self.point)
        blocks, _ = item_blocks(self.model, self.point, slope, observed=False)
        covariance = _inverted(blocks)
        sds = np.sqrt(np.einsum("jaa->ja", covariance))
        self.gap_sds = sds[:, 2]
        step = np.einsum("jab,jb->ja", covariance, slope.gradient.items())
        moved = self.point.items() + _DAMPING * np.clip(step, -_LARGEST_MOVE[1], _LARGEST_MOVE[1])
        self.point = self.point.with_items(moved)
        spread = self._spread()
        old, new = inverse_pairs(spread.items), blocks[:, [0, 0, 1], [0, 1, 1]]
        items = inverse_pairs(old + _DAMPING * (new - old))
        self.model = replace(self.model, spread=Spread(spread.positions, items))
        return float(np.abs(step / sds).max())

    def _update_members(self, slope: DynamicSlope) -> tuple[float, Variational]:
        walk = self.model.walk
        information = slope.evaluation.position_information
        if information is None:
            raise ValueError("the log posterior was evaluated without a spread")
        votes = information[..., 0, 0]
        # The multiplier of the scale can be negative; the votes must still add information.
        diagonal = np.maximum(votes + slope.pull * walk.seen, _LEAST * votes) + walk.diagonal
        step = solve_chains(diagonal, walk.precision, slope.gradient.deviations)
        variances, lags = chain_covariances(diagonal, walk.precision)
        by_member = float(np.abs(step / np.sqrt(variances))[walk.seen].max())
        q = Variational(
            self.point.deviations + _DAMPING * np.clip(step, -_LARGEST_MOVE[0], _LARGEST_MOVE[0]),
            variances,
            lags,
            self.point.discriminations[:, 0],
            self.point.midpoints,
            self._spread().items,
            self.point.group_steps,
        )
        return by_member, q

    def _resistance(self, slope: DynamicSlope, q: Variational) -> Resistance:
        """Return the slope and curvature of the likelihood by moves of the periods and of groups."""
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
        information = slope.evaluation.position_information
        if information is None:
            raise ValueError("the log posterior was evaluated without a spread")
        by_member = information[..., 0, 0]
        # The slope after the update of the members, to first order.
        after = slope.evaluation.positions[..., 0] - by_member * (q.means - self.point.deviations)
        by_group = by_member @ walk.membership.T
        shares = by_group / by_member.sum(axis=1, keepdims=True)
        return Resistance(
            self.home,
            moves,
            by_shift,
            square * cuts,
            total(by_scale),
            total(square * block[:, 0, 0]),
            after @ walk.membership.T,
            by_group,
            shares[period],
        )

    def _learn(self, q: Variational) -> None:
        """Update the prior standard deviations."""
        unit = _unit_of(q, self.model.walk)
        limits, priors, walk, old = self.base.priors, self.model.priors, self.model.walk, self.learned
        discrimination, midpoint = old.discrimination, old.midpoint
        if self.learn:
            discrimination = unit * learn_sd(
                q.slopes, q.items[:, 0], priors.discrimination, most=limits.discrimination / unit
            )
            midpoint = learn_sd(q.midpoints, q.items[:, 2], priors.midpoint, most=limits.midpoint)
        tau = old.tau
        self.step_variances = q.variances[1:] + q.variances[:-1] - 2.0 * q.lags
        if old.tau is not None:
            gaps = np.sqrt(walk.gaps[:, None])
            inflation = 1.0 if self.inflation is None else self.inflation
            variances = inflation * self.step_variances / gaps**2
            own_steps = np.diff(q.means, axis=0) - q.group_steps[1:] @ walk.membership
            tau = learn_sd(own_steps / gaps, variances, float(walk.tau[0])) / unit
            if self.inflation is None:
                tau = max(tau, float(self.base.walk.tau[0]))
            self.n_vanished = self.n_vanished + 1 if tau < _LEAST_TAU else 0
        self.learned = Learned(discrimination, midpoint, tau)


def _unit(walk: Walk, spread: Spread) -> float:
    """Return the root mean square of positions, variances included, on the scale of the sweeps."""
    return float(np.sqrt(1.0 + spread.positions[walk.seen].mean()))


def _unit_of(q: Variational, walk: Walk) -> float:
    """Return the same before the means are put on the scale of the sweeps."""
    individual = walk.individual(q.means, q.group_steps)
    return float(np.sqrt(np.mean((individual**2 + q.variances)[walk.seen])))


def _inverted(blocks: Floats) -> Floats:
    """Invert symmetric matrices of three rows by their cofactors, in a tenth of the time of LAPACK."""
    a, b, c, d, e, f = (blocks[:, row, column] for row, column in zip(*np.triu_indices(3), strict=True))
    first, second, third = d * f - e**2, c * e - b * f, b * e - c * d
    middle = b * c - a * e
    cofactors = [first, second, third, second, a * f - c**2, middle, third, middle, a * d - b**2]
    return np.stack(cofactors, axis=1).reshape(-1, 3, 3) / (a * first + b * second + c * third)[:, None, None]
