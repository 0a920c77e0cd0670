"""The log posterior of the dynamic model, on the scale of `voteshift.ideal.dynamic.walk`.

Member i votes on roll call j with item m in period t. The position of the member is x_it = c_t + z_it: the
common path plus a deviation. The cutpoints of an item are measured relative to the mean of the common path
over the roll calls of the item. Then

    P(y_ij <= k) = F(kappa_mk - beta_m (z_it + s_j)),    s_j = c_t - mean of c over the roll calls of m.

An item of one roll call has s = 0, so its cutpoints do not depend on the path. Only items that bridge periods
identify the common path. A prior cannot replace bridges. Items have the priors of the static model
(`voteshift.ideal.objective`), on cutpoints measured in this way.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.links import need_standard
from voteshift.ideal.objective import AnyLink, Priors, cutpoints_of, half_gaps
from voteshift.likelihood import Design, Evaluation, Spread, evaluate, evaluate_averaged

__all__ = [
    "DynamicModel",
    "DynamicPoint",
    "DynamicSlope",
    "dynamic_log_posterior",
    "evaluate_votes",
    "likelihood_gradient",
    "sum_by_item",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DynamicModel:
    """A log posterior to be maximised: votes in several periods, priors, and the distribution of the noise.

    Attributes
    ----------
    design : Design
        Votes with their periods and items. Roll calls are sorted by period.
    priors : Priors
        Prior standard deviations of the items.
    walk : Walk
        Prior of the positions.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.
    threads : int or None
        Number of threads that evaluate the votes; None for all cores. Results do not depend on this number.
    spread : Spread or None
        The uncertainty of deviations and items over which the log-likelihood is averaged. With None, the
        log-likelihood is that of the parameters themselves.
    """

    design: Design
    priors: Priors
    walk: Walk
    link: AnyLink = "logit"
    threads: int | None = None
    spread: Spread | None = None

    @property
    def by_rollcall(self) -> Design:
        """The same votes with a separate item per roll call, for the evaluation of the likelihood."""
        return self.design.by_rollcall

    @cached_property
    def shares_items(self) -> bool:
        """True if any two roll calls share an item. Otherwise the common path shifts no roll call."""
        return bool((np.bincount(self.design.item) > 1).any())

    @cached_property
    def leverage(self) -> Floats:
        """The matrix from common steps to the shift of each roll call, shape (n_rollcalls, n_periods - 1)."""
        item = self.design.item
        counts = np.bincount(item, minlength=self.design.n_items)
        # The row of a roll call that shares no item is 0. In a long record, these are nearly all rows.
        shared = np.flatnonzero(counts[item] > 1)
        _, place = np.unique(item[shared], return_inverse=True)
        path = self.walk.accumulation[self.design.period[shared]]
        mean = np.zeros((place.max(initial=-1) + 1, path.shape[1]))
        np.add.at(mean, place, path)
        mean /= np.bincount(place)[:, None]
        leverage = np.zeros((len(item), path.shape[1]))
        leverage[shared] = path - mean[place]
        return leverage

    def shifts_of(self, point: "DynamicPoint") -> Floats:
        """Return the shift of each roll call's cutpoints that follows from the common path."""
        if self.walk.delta == 0 or not self.shares_items:
            return np.zeros(self.design.n_rollcalls)
        return np.asarray(self.leverage @ point.steps)

    def votes_at(
        self, point: "DynamicPoint", shifts: Floats
    ) -> tuple[tuple[Design, Floats, Floats, Floats], Spread | None]:
        """Return the arguments of the likelihood with one item per roll call, and the spread of the items."""
        design = self.design
        slopes = point.discriminations[design.item]
        cuts = point.cutpoints(design.n_categories)[design.item] - slopes * shifts[:, None]
        arguments = self.by_rollcall, point.deviations[..., None], slopes, cuts
        return arguments, self.spread_of_rollcalls(shifts)

    def spread_of_rollcalls(self, shifts: Floats) -> Spread | None:
        """Return the spread with the items of `by_rollcall`, whose cutpoints contain the shifts.

        The midpoint of roll call j is that of its item minus discrimination times shift, so the covariance of
        both with the discrimination changes.
        """
        if self.spread is None:
            return None
        slope, both, middle = self.spread.items[self.design.item].T
        moved = np.stack(
            [slope, both - shifts * slope, middle - shifts * (2.0 * both - shifts * slope)], axis=1
        )
        return Spread(self.spread.positions, moved)


def sum_by_item(design: Design, values: Floats) -> Floats:
    """Sum values of roll calls, shape (n_rollcalls, k), over the roll calls of each item."""
    columns = [np.bincount(design.item, column, design.n_items) for column in values.T]
    return np.stack(columns, axis=1)


def _no_steps() -> Floats:
    return np.zeros((0, 0))


@dataclass(frozen=True, slots=True)
class DynamicPoint:
    """Parameters of the dynamic model, in one dimension.

    Attributes
    ----------
    walk : Walk
        The prior, which defines the scale of the parameters.
    deviations : ndarray, shape (n_periods, n_members)
        Position of each member relative to the common path, including member-periods without a vote.
    steps : ndarray, shape (n_periods - 1,)
        Steps of the common path.
    discriminations : ndarray, shape (n_items, 1)
    midpoints, log_gaps : ndarray, shape (n_items,)
        As in the static model, measured relative to the mean of the common path over the roll calls of the
        item.
    group_steps : ndarray, shape (n_periods, n_groups)
        Levels of groups in the first row, then the steps of groups over each gap. They are part of the
        deviations. Without groups, the array is empty.
    """

    walk: Walk
    deviations: Floats
    steps: Floats
    discriminations: Floats
    midpoints: Floats
    log_gaps: Floats
    group_steps: Floats = field(default_factory=_no_steps)

    @property
    def path(self) -> Floats:
        """The common path, shape (n_periods,); mean 0 over the member-periods with a vote."""
        return self.walk.accumulation @ self.steps

    @property
    def individual(self) -> Floats:
        """The deviations without the paths of groups, shape (n_periods, n_members). They define the scale."""
        return self.walk.individual(self.deviations, self.group_steps)

    @property
    def positions(self) -> Floats:
        """Positions, shape (n_periods, n_members)."""
        return self.deviations + self.path[:, None]

    def items(self) -> Floats:
        """Return the item parameters, shape (n_items, 3)."""
        return np.column_stack([self.discriminations, self.midpoints, self.log_gaps])

    def with_items(self, items: Floats) -> "DynamicPoint":
        """Return a point with the same positions and with new items in the form that `items` returns."""
        return DynamicPoint(self.walk, self.deviations, self.steps, *_columns(items), self.group_steps)

    def flat(self) -> Floats:
        """Return all parameters in one vector."""
        parts = [self.deviations.ravel(), self.steps, self.items().ravel(), self.group_steps.ravel()]
        return np.concatenate(parts)

    def like(self, flat: Floats) -> "DynamicPoint":
        """Build a point from a vector that `flat` of a point with the same shapes returned."""
        ends = np.cumsum([self.deviations.size, self.steps.size, 3 * len(self.midpoints)])
        deviations, steps, items, group_steps = np.split(flat, ends)
        return DynamicPoint(
            self.walk,
            deviations.reshape(self.deviations.shape),
            steps,
            *_columns(items.reshape(-1, 3)),
            group_steps.reshape(self.group_steps.shape),
        )

    def cutpoints(self, n_categories: NDArray[np.int8]) -> Floats:
        """Return the cutpoints, shape (n_items, 2). With two categories, the first is the midpoint."""
        return cutpoints_of(self, n_categories)

    def moved(self, step: "DynamicPoint", length: float) -> "DynamicPoint":
        """Return this point plus `length` times a step, standardised to meet the constraint."""
        deviations = self.deviations + length * step.deviations
        group_steps = self.group_steps + length * step.group_steps
        if self.walk.n_groups:
            paths = self.walk.group_paths(group_steps)
            deviations = paths + self.walk.standardised(deviations - paths)[0]
        else:
            deviations, _, _ = self.walk.standardised(deviations)
        return DynamicPoint(
            self.walk,
            deviations,
            self.steps + length * step.steps,
            *_columns(self.items() + length * step.items()),
            group_steps,
        )


def _columns(items: Floats) -> tuple[Floats, Floats, Floats]:
    return items[:, :1], items[:, 1], items[:, 2]


@dataclass(frozen=True, slots=True)
class DynamicSlope:
    """Log posterior at a point.

    Attributes
    ----------
    value : float
        Log-likelihood plus log priors, without the priors' normalising constants.
    log_likelihood : float
        Log-likelihood of the votes.
    gradient : DynamicPoint
        Gradient along the scale constraint.
    pull : float
        Lagrange multiplier of the scale constraint. The constraint adds it to the diagonal of the information
        matrix, for the deviation of every member-period with a vote.
    shifts : ndarray, shape (n_rollcalls,)
        Change of the cutpoints of each roll call that follows from the common path.
    evaluation : Evaluation
        Log-likelihood of each roll call with its derivatives, and the requested information.
    """

    value: float
    log_likelihood: float
    gradient: DynamicPoint
    pull: float
    shifts: Floats
    evaluation: Evaluation


def evaluate_votes(
    model: DynamicModel, point: DynamicPoint, *, information: Literal["observed", "expected"] | None = None
) -> tuple[Floats, Evaluation]:
    """Evaluate the likelihood.

    Returns
    -------
    shifts : ndarray, shape (n_rollcalls,)
        Change of the cutpoints of each roll call that follows from the common path.
    likelihood : Evaluation
        The result, with one item per roll call.
    """
    shifts = model.shifts_of(point)
    arguments, spread = model.votes_at(point, shifts)
    if spread is None:
        return shifts, evaluate(*arguments, link=model.link, information=information, threads=model.threads)
    return shifts, evaluate_averaged(
        *arguments, spread, link=need_standard(model.link, "marginal fits"), threads=model.threads
    )


def likelihood_gradient(
    model: DynamicModel, point: DynamicPoint, shifts: Floats, likelihood: Evaluation
) -> tuple[Floats, Floats]:
    """Return the gradient of the log-likelihood by items and common steps, from `evaluate_votes`.

    Returns
    -------
    by_item : ndarray, shape (n_items, 3)
    by_step : ndarray, shape (n_periods - 1,)
    """
    design = model.design
    both = likelihood.cutpoints.sum(axis=1)
    half = half_gaps(point.log_gaps, design.n_categories == 3)[design.item]
    by_rollcall = np.column_stack(
        [
            likelihood.discriminations[:, 0] - shifts * both,
            both,
            half * (likelihood.cutpoints[:, 1] - likelihood.cutpoints[:, 0]),
        ]
    )
    by_step = np.zeros_like(point.steps)
    if model.walk.delta > 0 and model.shares_items:
        by_step = -model.leverage.T @ (point.discriminations[design.item, 0] * both)
    return sum_by_item(design, by_rollcall), by_step


def dynamic_log_posterior(
    model: DynamicModel, point: DynamicPoint, *, information: Literal["observed", "expected"] | None = None
) -> DynamicSlope:
    """Evaluate the log posterior and its gradient.

    Parameters
    ----------
    model : DynamicModel
        The model.
    point : DynamicPoint
        Parameters that meet the scale constraint.
    information : {"observed", "expected"}, optional
        Also return this information matrix of the likelihood.
    """
    design, walk, priors = model.design, model.walk, model.priors
    shifts, likelihood = evaluate_votes(model, point, information=information)
    three = design.n_categories == 3
    scale = np.array([priors.discrimination, priors.midpoint, priors.log_gap])
    items = point.items() / scale
    items[~three, 2] = 0.0
    drawn = walk.pulled(point.deviations, point.group_steps)
    value = likelihood.value - 0.5 * float(np.sum(items**2)) - 0.5 * float(np.sum(point.deviations * drawn))
    by_item, by_step = likelihood_gradient(model, point, shifts, likelihood)
    by_item -= items / scale
    if walk.delta > 0:
        back = walk.step_precision * point.steps
        by_step -= back
        value -= 0.5 * float(point.steps @ back)
    by_group = np.zeros_like(point.group_steps)
    if walk.n_groups:
        flow = walk.flow(point.deviations, point.group_steps)
        back = walk.group_prior * point.group_steps
        by_group = flow @ walk.membership.T - back
        value += 0.5 * float(np.sum(flow * (point.group_steps @ walk.membership)))
        value -= 0.5 * float(np.sum(point.group_steps * back))
    by_deviation = likelihood.positions[..., 0] - drawn
    n_seen = walk.seen.sum()
    individual = point.individual
    shift = np.sum(by_deviation[walk.seen]) / n_seen
    pull = float(np.sum((by_deviation * individual)[walk.seen]) / n_seen)
    held = walk.seen * (shift + pull * individual)
    along = by_deviation - held
    if walk.n_groups:
        by_group += walk.sum_by_group(held)
    gradient = DynamicPoint(walk, along, by_step, *_columns(by_item), by_group)
    return DynamicSlope(value, likelihood.value, gradient, pull, shifts, likelihood)
