"""Unfolding in one dimension: roll calls on which both ends of the scale vote together against the middle.

    P(y_ij <= m) = F(kappa_jm - b_j x_i - c_j x_i^2),    x_i ~ N(0, 1),    F logistic

With c = 0 this is the monotone model. With c, the curve of roll call j turns at the position -b_j / (2 c_j).
If it turns in the middle of the scale, members at both ends vote alike. Models with such curves are the
graded unfolding model (Roberts, Donoghue & Laughlin 2000, https://doi.org/10.1177/01466216000241001), which
Duck-Mayr & Montgomery (2023) apply to votes, and probit unfolding (Lei & Rodriguez 2024). The quadratic form
here is simpler: it has one more coefficient than the monotone model.

Positions are integrated out on a grid by the EM algorithm (Bock & Aitkin 1981,
https://doi.org/10.1007/BF02293801). The prior standard deviations of slopes and curvatures are estimated. If
the votes do not need curvatures, that of curvatures is 0, and the fit is the monotone model.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, logsumexp, ndtri
from scipy.stats import rankdata

from voteshift.errors import InputError, UsageError
from voteshift.ideal.anderson import Anderson
from voteshift.ideal.curve_items import (
    LINE,
    MIDDLE,
    PLANE,
    Updated,
    Values,
    evaluate_items,
    expected_logs,
    is_monotone,
    log_prior,
    mean_probabilities,
    rescale_items,
    terms_of,
    update_items,
    update_monotone_items,
    variances_at,
)

__all__ = ["Shape", "Unfolding", "unfold"]

Floats = NDArray[np.float64]
Shape = Literal["straight", "monotone", "unfolding", "plane"]
_SLOPE_SD: Final = 2.0  # starting value of the prior standard deviation of b
#: Prior standard deviations of c, of which the best is chosen. With 0, all curves are straight.
_CURVATURE_SDS: Final = (0.0, 0.15, 0.5, 1.5)
#: The same for a plane, as shares of the prior standard deviation of b.
_SECOND_SHARES: Final = (0.0, 0.2, 0.5, 1.0)
_LEAST_SD, _MOST_SD = 0.02, 10.0  # of b
_WIDTH: Final = 0.5  # standard deviation of positions around their starting values
_FIRST: Final = 4  # updates of the items from the starting values of positions
#: Steps of the EM algorithm from all starts, from the best two, and from the best one.
_STAGES: Final = ((16, 4), (4, 15), (1, 400))
_FEWEST: Final = 3  # members
_ROUNDING: Final = 1e-9
_SLACK: Final = 0.1  # fall of the log posterior that an extrapolation may cause


@dataclass(frozen=True, slots=True, eq=False)
class Unfolding:
    """A fit of one shape of curves to the votes.

    Attributes
    ----------
    shape : {"straight", "monotone", "unfolding", "plane"}
        Restriction of the curves.
    positions : ndarray, shape (n_members, n_dims)
        Posterior means of the positions, on a scale with prior N(0, 1). There are two dimensions with
        ``"plane"`` and one otherwise. The direction is arbitrary.
    slopes, curvatures : ndarray, shape (n_rollcalls,)
        The coefficients b and c, in logits. Positive numbers point to yes. With ``"plane"``, c is the slope
        on the second dimension.
    cutpoints : ndarray, shape (n_rollcalls, 2)
        Cutpoints between the categories that occur in the roll call, in their order; the second is infinite
        if two categories occur.
    probabilities : ndarray, shape (n_members, n_rollcalls, 3)
        Probability of no, abstain and yes, averaged over the posterior of position and item. It is 0 for a
        category that does not occur in the roll call.
    slope_sd, curvature_sd : float
        Estimated prior standard deviations of b and c. If `curvature_sd` is 0, the votes do not need
        curvatures and all curves are straight.
    evidence : float
        Approximate log marginal likelihood of the votes, with positions and items integrated out, up to a
        constant that is the same for all shapes of the same votes.
    distance : float
        Estimated distance of the parameters from the fixed point of the EM algorithm: largest element, in
        logits.
    converged : bool
        True if `distance` is at most the tolerance.
    iterations : int
        Number of EM steps from the best start.
    """

    shape: Shape
    positions: Floats
    slopes: Floats
    curvatures: Floats
    cutpoints: Floats
    probabilities: Floats
    slope_sd: float
    curvature_sd: float
    evidence: float
    distance: float
    converged: bool
    iterations: int

    @property
    def turning_points(self) -> Floats:
        """Position at which each curve turns, shape (n_rollcalls,); infinite if it does not turn."""
        if self.shape == "plane":
            return np.full(len(self.slopes), np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            points = -self.slopes / (2.0 * self.curvatures)
        return np.where(self.curvatures == 0.0, np.inf, points)

    @property
    def turns_in_middle(self) -> NDArray[np.bool_]:
        """True for roll calls whose curve turns in the middle 80 % of positions, shape (n_rollcalls,)."""
        return np.asarray(np.abs(self.turning_points) < MIDDLE)


def unfold(
    votes: NDArray[np.int8],
    *,
    shape: Shape = "unfolding",
    tolerance: float = 0.001,
    max_iterations: int = 400,
) -> Unfolding:
    """Fit positions in one dimension and a curve for every roll call.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls)
        0 no, 1 abstain, 2 yes; negative for no vote. At least two categories occur in every roll call.
    shape : {"straight", "monotone", "unfolding", "plane"}
        ``"straight"``: all curvatures are 0, the monotone model. ``"monotone"``: curves can bend, but they do
        not turn in the middle 80 % of positions. ``"unfolding"``: curves can turn anywhere. ``"plane"``: the
        monotone model in two dimensions.
    tolerance : float
        Largest estimated distance from the fixed point of the EM algorithm, in logits, at which the fit
        counts as converged.
    max_iterations : int
        Maximum number of EM steps from the best start.

    Returns
    -------
    Unfolding
        Check `converged`: a fit that did not converge is returned too.

    Raises
    ------
    UsageError
        If an argument is out of range.
    InputError
        If there are fewer than three members or two roll calls, or if only one category occurs in a roll
        call.

    Notes
    -----
    If ends vote together, a fit can put both ends in the same place. There are therefore four starts: the
    first and second principal component of the votes, their sum and their difference, each with four
    prior standard deviations of curvatures, from 0 to 1.5. The best one by the evidence continues: the log
    marginal likelihood, in which items are integrated out by the Laplace approximation (MacKay 1992). A plane
    starts from both components. The grid has a spacing of 0.12 on the line and of 0.3 in the plane, so
    positions that the votes determine much more exactly are approximate.
    """
    if shape not in get_args(Shape):
        raise UsageError(f"shape is {shape!r}", remedy="pass 'straight', 'monotone', 'unfolding' or 'plane'")
    if not tolerance > 0.0 or max_iterations < 1:
        raise UsageError(
            f"tolerance is {tolerance} and max_iterations is {max_iterations}",
            remedy="pass positive numbers",
        )
    record = _Record(votes)
    choices = {"straight": (0.0,), "plane": _SECOND_SHARES}.get(shape, _CURVATURE_SDS)
    climbs = [_Climb(record, shape, start, choice) for start in record.starts(shape) for choice in choices]
    for number, steps in _STAGES:
        climbs = sorted(climbs, key=lambda climb: -climb.evidence)[:number]
        for climb in climbs:
            climb.run(min(steps, max_iterations), tolerance)
    return climbs[0].result(tolerance)


class _Record:
    """The votes as ranks of the categories that occur in each roll call."""

    def __init__(self, votes: NDArray[np.int8]) -> None:
        if votes.ndim != 2 or len(votes) < _FEWEST or votes.shape[1] < 2:
            raise InputError(
                f"the votes have the shape {votes.shape}, but unfolding needs at least three members and two "
                "roll calls",
                remedy="pass an array with a row for each member and a column for each roll call",
            )
        if votes.max() > 2:
            raise InputError(
                f"the votes contain the code {votes.max()}",
                remedy="use 0 for no, 1 for abstain and 2 for yes",
            )
        present = np.stack([(votes == code).any(axis=0) for code in range(3)], axis=1)
        alone = np.flatnonzero(present.sum(axis=1) < 2)
        if len(alone):
            raise InputError(
                f"only one category occurs in the roll call in column {alone[0]}",
                remedy="leave out unanimous roll calls, for instance with RollCalls.contested()",
            )
        self.ranks = np.where(present, present.cumsum(axis=1) - 1, -1)
        self.two = present.sum(axis=1) == 2
        ranked = self.ranks[np.arange(votes.shape[1]), np.maximum(votes, 0)]
        self.rank = np.where(votes >= 0, ranked, -1)
        marks = self.rank[:, :, None] == np.arange(3)
        self.shares = marks.mean(axis=0) / marks.any(axis=2).mean(axis=0)[:, None]
        #: Shape (n_members, 3 * n_rollcalls): 1.0 for the rank of each vote.
        self.marks = marks.reshape(len(votes), -1).astype(np.float64)

    def starts(self, shape: Shape) -> list[Floats]:
        """Return starting values of the positions: normal scores of directions of the standardised votes.

        Each has the shape (n_members, n_dims).
        """
        seen = self.rank >= 0
        ranks = np.where(seen, self.rank, np.nan)
        standard = np.nan_to_num((ranks - np.nanmean(ranks, axis=0)) / np.nanstd(ranks, axis=0))
        standard /= np.sqrt(np.maximum(seen.sum(axis=1, keepdims=True), 1))
        axes = np.linalg.svd(standard, full_matrices=False)[0][:, :2]
        first, second = axes[:, 0], axes[:, 1]
        lines = np.column_stack([first, second, first + second, first - second])
        scores = ndtri((rankdata(lines, axis=0) - 0.5) / len(lines))
        return [scores[:, :2]] if shape == "plane" else [scores[:, [line]] for line in range(4)]


class _Expected(NamedTuple):
    """Items, values and variances at the nodes, the posterior of positions and the log-likelihood."""

    items: Floats
    values: Values
    variances: Floats
    weights: Floats
    log_likelihood: float


class _Climb:
    """The EM algorithm from one start.

    The expectation takes the uncertainty of items into account (a variational approximation). Otherwise a
    member at an end, where few votes determine the curves, would move far out to positions at which the
    curves fit its votes alone. After every expectation the positions are standardised, and the items follow.
    """

    def __init__(self, record: _Record, shape: Shape, start: Floats, choice: float) -> None:
        self.record, self.shape, self.start, self.choice = record, shape, start, choice
        self.sds = self._sds(_SLOPE_SD)
        self.straight = choice == 0.0
        self.grid = PLANE if shape == "plane" else LINE
        self.terms = terms_of(self.grid.nodes)
        cuts = logit(np.cumsum(record.shares, axis=1)[:, :2].clip(0.02, 0.98))
        cuts[:, 1] = np.where(record.two, np.inf, np.maximum(cuts[:, 1], cuts[:, 0] + 0.1))
        items: Floats = np.column_stack([cuts, np.zeros((len(cuts), 2))])
        self.free = np.isfinite(items)
        self.free[:, 3] = not self.straight
        near = -0.5 * (((start[:, None] - self.grid.nodes) / _WIDTH) ** 2).sum(axis=2)
        counts = self._counts(np.exp(near - logsumexp(near, axis=1, keepdims=True)))
        for _ in range(_FIRST):
            updated = self._update(counts, items, evaluate_items(items, self.terms), self.terms)
            items = updated.items
        self.now = self._expect(items, updated.covariances)
        self.anderson = Anderson(int(self.free.sum()) + 1)
        self.distances = [np.inf, np.inf]
        self.iterations, self.evidence = 0, -np.inf

    @property
    def distance(self) -> float:
        """The larger one of the last two distances from the fixed point."""
        return max(self.distances[-2:])

    def run(self, steps: int, tolerance: float) -> None:
        """Take EM steps until the fit has converged."""
        if self.distance <= tolerance:
            return
        for _ in range(steps):
            self.iterations += 1
            items, terms = self._standardised(self.now)
            updated = self._update(self._counts(self.now.weights), items, self.now.values, terms)
            integrated = 0.5 * float((updated.log_det + updated.determined).sum())
            self.evidence = self._height(self.now, self.sds) + integrated
            sds = self._learn(updated)
            here = np.append(self.now.items[self.free], np.log(self.sds[0]))
            image = np.append(updated.items[self.free], np.log(sds[0]))
            proposal = self.anderson.propose(here, image)
            # Covariances are those of the step before, so the distance must be small twice without a jump.
            self.distances.append(proposal.distance)
            near = proposal.distance <= tolerance
            if self.distance <= tolerance:
                return
            if near or not (proposal.extrapolated and self._jump(proposal.point, sds, updated.covariances)):
                self.now, self.sds = self._expect(updated.items, updated.covariances), sds

    def _jump(self, point: Floats, sds: Floats, covariances: Floats) -> bool:
        """Move to a point if it is valid and not worse than the present one for the new `sds`."""
        items = self.now.items.copy()
        items[self.free] = point[:-1]
        if not (items[:, 1] > items[:, 0]).all():
            return False
        if self.shape == "monotone" and not is_monotone(items).all():
            return False
        expected = self._expect(items, covariances)
        if self._height(expected, sds) < self._height(self.now, sds) - _SLACK:
            return False
        self.now = expected
        self.sds = self._sds(np.exp(point[-1]))
        return True

    def _height(self, expected: _Expected, sds: Floats) -> float:
        """Return the log posterior of standardised items without constants of the slopes' prior."""
        items, free = self._standardised(expected)[0], sds > 0.0
        constants = len(items) * float(np.log(sds[free]).sum())
        inner = np.column_stack([items[:, :2], items[:, 2:][:, free]])
        return expected.log_likelihood + float(log_prior(inner, sds[free]).sum()) - constants

    def _expect(self, items: Floats, covariances: Floats) -> _Expected:
        """Compute the posterior of positions, given items and their uncertainty."""
        values = evaluate_items(items, self.terms)
        variances = variances_at(covariances, self.terms)
        by_mark = expected_logs(values, variances).transpose(0, 2, 1).reshape(-1, len(self.terms))
        joint = self.record.marks @ by_mark + self.grid.log_mass
        total = logsumexp(joint, axis=1, keepdims=True)
        return _Expected(items, values, variances, np.exp(joint - total), float(total.sum()))

    def _standardised(self, expected: _Expected) -> tuple[Floats, Floats]:
        """Return items and terms for positions with mean 0 and covariance 1 over the posterior of members.

        The linear predictors at the nodes of the grid stay the same.
        """
        share = expected.weights.mean(axis=0)
        centre = share @ self.grid.nodes
        rest = self.grid.nodes - centre
        values, vectors = np.linalg.eigh((rest * share[:, None]).T @ rest)
        root = np.sqrt(np.maximum(values, _ROUNDING))
        scale, inverse = (vectors * root) @ vectors.T, (vectors / root) @ vectors.T
        if self.shape == "plane":
            axes = self._axes(expected.items[:, 2:] @ scale, expected.weights @ (rest @ inverse))
            scale, inverse = scale @ axes, inverse @ axes
        return rescale_items(expected.items, centre, scale), terms_of(rest @ inverse)

    def _axes(self, slopes: Floats, positions: Floats) -> Floats:
        """Return a rotation of the plane, so that the iteration does not turn it slowly or without end."""
        if self.choice < 1.0:  # the principal axes of the slopes
            axes = np.linalg.eigh(slopes.T @ slopes)[1][:, ::-1]
            return np.asarray(axes * np.where(np.diag(axes) < 0.0, -1.0, 1.0))
        left, _, right = np.linalg.svd(positions.T @ self.start)  # the prior has no axes: those of the start
        return np.asarray(left @ right)

    def _counts(self, weights: Floats) -> Floats:
        """Return the expected number of votes of every rank at every node."""
        return (self.record.marks.T @ weights).reshape(-1, 3, len(self.terms)).transpose(0, 2, 1)

    def _update(self, counts: Floats, items: Floats, values: Values, terms: Floats) -> Updated:
        if self.shape == "monotone" and not self.straight:
            return update_monotone_items(counts, items, values, self.sds, terms)
        return update_items(counts, items, values, self.sds, terms, straight=self.straight)

    def _learn(self, updated: Updated) -> Floats:
        """Return the prior standard deviations, with that of b from the slopes and their variances.

        The update of MacKay (1992, https://doi.org/10.1162/neco.1992.4.3.415) has the same fixed point as
        that of the EM algorithm and takes fewer steps.
        """
        shares = np.array([1.0, self.choice]) if self.shape == "plane" else np.array([1.0, 0.0])
        used = shares > 0.0
        variances = np.einsum("jaa->ja", updated.covariances)[:, 2:][:, used]
        effective = (1.0 - variances / self.sds[used] ** 2).sum()
        square = ((updated.items[:, 2:][:, used] / shares[used]) ** 2).sum()
        return self._sds(np.sqrt(square / max(float(effective), _ROUNDING)))

    def _sds(self, slope_sd: float) -> Floats:
        """Return the prior standard deviations of b and c."""
        slope_sd = float(np.clip(slope_sd, _LEAST_SD, _MOST_SD))
        return np.array([slope_sd, self.choice * (slope_sd if self.shape == "plane" else 1.0)])

    def result(self, tolerance: float) -> Unfolding:
        """Return the fit."""
        chances = mean_probabilities(self.now.items, self.now.variances, self.terms)
        ranked = np.einsum("iq,jqm->ijm", self.now.weights, chances, optimize=True)
        ranked = np.concatenate([ranked, np.zeros((*ranked.shape[:2], 1))], axis=2)
        columns = np.arange(len(self.now.items))[:, None]
        return Unfolding(
            self.shape,
            self.now.weights @ self.grid.nodes,
            self.now.items[:, 2].copy(),
            self.now.items[:, 3].copy(),
            self.now.items[:, :2].copy(),
            ranked[:, columns, self.record.ranks],
            float(self.sds[0]),
            float(self.sds[1]),
            self.evidence,
            self.distance,
            self.distance <= tolerance,
            self.iterations,
        )
