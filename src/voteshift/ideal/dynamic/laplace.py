"""Laplace approximation of the dynamic model: standard errors and joint draws of positions.

All results are on the reported scale, on which positions have mean 0 and standard deviation 1 over the
member-periods with a vote. With a common path, one unit of this scale is larger than one unit of the scale of
the random walks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.ideal.dynamic.curvature import Curvature, curvature
from voteshift.ideal.dynamic.factor import Vector
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, dynamic_log_posterior
from voteshift.ideal.dynamic.walk import solve_chains
from voteshift.ideal.edge import carriers, scale_shares
from voteshift.ideal.laplace import JointDraws, Paths, no_maximum
from voteshift.ideal.objective import half_gaps
from voteshift.likelihood import Design

__all__ = ["DynamicLaplace", "Reported", "dynamic_laplace", "reported"]

Floats = NDArray[np.float64]
_CHUNK = 250  # draws at a time: each draw contains every member in every period


@dataclass(frozen=True, slots=True)
class Reported:
    """A point on the reported scale.

    Attributes
    ----------
    positions : ndarray, shape (n_periods, n_members)
    discriminations : ndarray, shape (n_items, 1)
    cutpoints : ndarray, shape (n_items, 2)
    spread : float
        Standard deviation of the positions over the member-periods with a vote, on the scale of the random
        walks. On the scale of the random walks, deviations from the common path have standard deviation 1.
        Positions are divided by this number. Tau and the priors are on the scale before the division.
    """

    positions: Floats
    discriminations: Floats
    cutpoints: Floats
    spread: float


def mean_path(design: Design, path: Floats) -> Floats:
    """Return the mean of the common path over the roll calls of each item."""
    count = np.bincount(design.item, minlength=design.n_items)
    return np.bincount(design.item, path[design.period], design.n_items) / count


def reported_unit(model: DynamicModel, positions: Floats) -> float:
    """Return the root mean square of positions over the member-periods with a vote, variances included."""
    seen = model.walk.seen
    spread = float(positions[seen].std())
    return (
        spread
        if model.spread is None
        else float(np.hypot(spread, np.sqrt(model.spread.positions[seen].mean())))
    )


def reported(model: DynamicModel, point: DynamicPoint) -> Reported:
    """Return a point on the reported scale."""
    design = model.design
    positions = point.positions
    path = point.path
    if model.walk.n_groups:  # without groups, the mean is 0
        mean = positions[model.walk.seen].mean()
        positions, path = positions - mean, path - mean
    spread = reported_unit(model, positions)
    lifted = point.discriminations * mean_path(design, path)[:, None]
    return Reported(
        positions / spread,
        point.discriminations * spread,
        point.cutpoints(design.n_categories) + lifted,
        spread,
    )


@dataclass(frozen=True, slots=True, eq=False)
class DynamicLaplace:
    """Normal approximation at a mode.

    Attributes
    ----------
    model, point : DynamicModel, DynamicPoint
        The model and its mode.
    curvature : Curvature
        The factorised information.
    """

    model: DynamicModel
    point: DynamicPoint
    curvature: Curvature

    def position_errors(self) -> Floats:
        """Return standard errors of the positions, shape (n_periods, n_members).

        If a member determines more than half of the scale, its standard errors are at least the standard
        errors that its votes alone give, with all other parameters held fixed. The static model has the same
        rule.
        """
        walk, factor = self.model.walk, self.curvature.factor
        with threadpool_limits(limits=1, user_api="blas"):
            variance = factor.position_variances(walk.accumulation)
            off = self._positions(self.curvature.solved)
            variance -= np.einsum("tia,ab,tib->ti", off, np.linalg.inv(self.curvature.gram), off)
            # To the reported scale: d(x / sd) = (dx - x g'dx) / sd with g'dx the relative change of the sd.
            positions = self.point.positions
            if walk.n_groups:
                positions = positions - positions[walk.seen].mean()
            spread = reported_unit(self.model, positions)
            load = walk.seen * positions / (walk.seen.sum() * spread**2)
            answer = self._covariances_with(load)
            variance += positions**2 * np.sum(load * answer) - 2.0 * positions * answer
            if walk.n_groups:  # the mean of the positions is uncertain, too: (dx - m'dx - x g'dx) / sd
                even = walk.seen / walk.seen.sum()
                mean = self._covariances_with(even)
                variance += np.sum(even * mean) - 2.0 * mean + 2.0 * positions * np.sum(load * mean)
        members = carriers(scale_shares(self.point.individual, walk.seen))
        if len(members):
            variance[:, members] = np.maximum(variance[:, members], self._own_variances(members))
        return np.sqrt(variance) / spread

    def _covariances_with(self, load: Floats) -> Floats:
        """Return the covariance of each position with a weighted sum of positions, shape like `load`."""
        walk, factor = self.model.walk, self.curvature.factor
        border = np.zeros((factor.blocks.layout.n_border, 1))
        n_steps = factor.blocks.layout.n_steps
        border[:n_steps, 0] = (walk.accumulation.T @ load.sum(axis=1))[:n_steps]
        return self._positions(self.curvature.held(factor.solve(Vector(load[..., None], border))))[..., 0]

    def _own_variances(self, members: NDArray[np.intp]) -> Floats:
        """Return variances of deviations, all other parameters held fixed, shape (n_periods, n_chosen)."""
        walk = self.model.walk
        slope = dynamic_log_posterior(self.model, self.point, information="observed")
        blocks = slope.evaluation.position_information
        if blocks is None:
            raise ValueError(
                "the information matrix was not computed; evaluate the log posterior with "
                "information='observed' or 'expected'"
            )
        information = (walk.diagonal + blocks[..., 0, 0] + slope.pull * walk.seen)[:, members]
        every = np.repeat(np.eye(len(information))[:, None], len(members), axis=1)
        inverse = solve_chains(information, walk.precision[:, members], every)
        return np.asarray(np.einsum("tit->ti", inverse))

    def step_errors(self) -> Floats:
        """Return standard errors of the mean steps of members, those of groups included.

        Returns
        -------
        ndarray, shape (n_periods - 1,)
            On the random-walk scale.
        """
        layout, walk = self.curvature.factor.blocks.layout, self.model.walk
        if not layout.n_steps:
            return np.zeros(len(self.point.steps))
        border = np.eye(layout.n_border)[:, : layout.n_steps]
        border[layout.group_steps] = np.kron(np.eye(layout.n_steps + 1), walk.shares[:, None])[:, 1:]
        chain = np.zeros((*walk.seen.shape, layout.n_steps))
        solution = self.curvature.held(self.curvature.factor.solve(Vector(chain, border)))
        return np.sqrt(np.einsum("bs,bs->s", border, solution.border))

    def group_step_covariance(self) -> Floats:
        """Return the covariance of the steps of groups beyond the common step, by period and then by group.

        Returns
        -------
        ndarray, shape (n_group_steps, n_group_steps)
            On the random-walk scale, with n_group_steps = (n_periods - 1) * n_groups. Levels are left out.
        """
        layout = self.curvature.factor.blocks.layout
        walk = self.model.walk
        steps = np.arange(layout.n_border)[layout.group_steps][walk.n_groups :]
        border = np.eye(layout.n_border)[:, steps]
        chain = np.zeros((*walk.seen.shape, len(steps)))
        solution = self.curvature.held(self.curvature.factor.solve(Vector(chain, border)))
        contrasts = np.kron(np.eye(len(walk.gaps)), walk.contrasts)
        return contrasts @ solution.border[steps] @ contrasts.T

    def draw(self, n_draws: int, columns: NDArray[np.intp], rng: np.random.Generator) -> JointDraws:
        """Draw positions in the periods of some roll calls jointly with the items of these roll calls.

        Parameters
        ----------
        n_draws : int
            Number of draws.
        columns : ndarray of int
            Columns of the design.
        rng : Generator
            Source of randomness.

        Returns
        -------
        JointDraws
            Positions in the period of each roll call, shape (n_draws, n_columns, n_members, 1).
        """
        with threadpool_limits(limits=1, user_api="blas"):
            parts = [
                self._draw(min(_CHUNK, n_draws - begin), columns, rng) for begin in range(0, n_draws, _CHUNK)
            ]
        paths = [part.paths for part in parts if part.paths is not None]
        by_group = [part.groups for part in paths if part.groups is not None]
        return JointDraws(
            np.concatenate([part.positions for part in parts]),
            np.concatenate([part.discriminations for part in parts]),
            np.concatenate([part.cutpoints for part in parts]),
            Paths(
                np.concatenate([part.common for part in paths]),
                groups=np.concatenate(by_group) if by_group else None,
            ),
        )

    def _draw(self, n_draws: int, columns: NDArray[np.intp], rng: np.random.Generator) -> JointDraws:
        design, walk, point = self.model.design, self.model.walk, self.point
        blocks = self.curvature.factor.blocks
        plan = blocks.layout
        move = self.curvature.held(self.curvature.factor.draw(n_draws, rng))
        wanted, first, place = np.unique(design.item[columns], return_index=True, return_inverse=True)
        moved = np.empty((n_draws, len(wanted), 3))
        for slot, item in enumerate(wanted):
            if plan.slot[item] >= 0:
                moved[:, slot] = move.border[plan.border_of(np.array([item]))[0]].T
                continue
            period = design.period[columns[first[slot]]]
            where = int(np.searchsorted(plan.items[period], item))
            root = blocks.item_roots[item]
            seated = move.chain[period, blocks.rows[period]]
            pulled = seated.T @ blocks.cross[period].of_items(where) @ root.T @ root
            moved[:, slot] = rng.standard_normal((n_draws, 3)) @ root - pulled
        items = (point.items()[wanted] + moved)[:, place]
        # Standardise positions and rescale items, so that the linear predictors of the draw do not change.
        raw = point.deviations[..., None] + move.chain
        voted = raw[walk.seen]
        mean = voted.mean(axis=0)
        steps = np.repeat(point.steps[:, None], n_draws, axis=1)
        steps[: plan.n_steps] += move.border[: plan.n_steps]
        path = walk.accumulation @ steps
        positions = (raw - mean) + path[:, None]
        spread = positions[walk.seen].std(axis=0)
        slopes = items[..., 0]
        bases = np.stack([mean_path(design, part)[design.item[columns]] for part in path.T])
        middle = items[..., 1] + slopes * (bases - mean[:, None])
        half = half_gaps(items[..., 2], design.n_categories[design.item[columns]] == 3)
        return JointDraws(
            np.moveaxis(positions[design.period[columns]] / spread, -1, 0)[..., None],
            (slopes * spread[:, None])[..., None],
            np.stack([middle - half, middle + half], axis=-1),
            self._paths(path, move.border[plan.group_steps], design.period[columns], spread),
        )

    def _paths(self, path: Floats, moved: Floats, periods: NDArray[np.int32], spread: Floats) -> Paths:
        """Return the common path and those of members' groups relative to it, on the reported scale."""
        walk, point = self.model.walk, self.point
        common = (path[periods] / spread).T
        if not walk.n_groups:
            return Paths(common, None)
        steps = point.group_steps[..., None] + moved.reshape(*point.group_steps.shape, -1)
        paths = np.cumsum(np.concatenate([np.zeros_like(steps[:1]), steps[1:]]), axis=0)[periods] / spread
        mean = np.einsum("g,tgk->kt", walk.shares, paths)
        by_group = np.einsum("tgk,gi->kti", paths, walk.membership)
        return Paths(common + mean, by_group - mean[..., None])

    def _positions(self, solved: Vector) -> Floats:
        """Return positions (deviations plus common path) of solutions, shape (n_periods, n_members, k)."""
        n_steps = self.curvature.factor.blocks.layout.n_steps
        path = self.model.walk.accumulation[:, :n_steps] @ solved.border[:n_steps]
        return np.asarray(solved.chain + path[:, None])


def dynamic_laplace(model: DynamicModel, point: DynamicPoint) -> DynamicLaplace:
    """Compute the Laplace approximation at a mode of the log posterior.

    Parameters
    ----------
    model : DynamicModel
        The model that was fitted.
    point : DynamicPoint
        The mode. The approximation uses the observed information.

    Raises
    ------
    NotUsableError
        If the mode is not a maximum of the log posterior.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        slope = dynamic_log_posterior(model, point, information="observed")
        try:
            factorised = curvature(model, point, slope, observed=True, pull=slope.pull)
        except np.linalg.LinAlgError:
            raise no_maximum("stronger item priors, a smaller tau or a wider window") from None
    return DynamicLaplace(model, point, factorised)
