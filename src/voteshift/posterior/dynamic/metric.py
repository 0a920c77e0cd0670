"""Coordinates of the sampler in which the posterior is nearly standard normal, from a marginal fit.

The information of the fit, H + W (votes and priors), has the root of `voteshift.ideal.dynamic.factor`. The
coordinates are deviations from the means of the fit, times this root. Hamiltonian Monte Carlo then needs few
and equal steps (Neal 2011, https://arxiv.org/abs/1206.1901, section 4.1).

The prior standard deviations and tau, exp(h) times those of the fit, change the distribution of all other
parameters. To first order in h, the means move by 2 (H + W)^-1 W m h, where m are the means of the parameters
with this prior, and the logs of the standard deviations move by the share of the prior in the information on
each parameter. These moves are part of the coordinates. A parameter that only the prior informs has a share
of 1, which is the non-centred parametrisation; if the votes determine a parameter, its share is 0, which is
the centred one (Papaspiliopoulos, Roberts & Skoeld 2007, https://doi.org/10.1214/088342307000000014).

Coordinates change the speed of a chain, not its stationary distribution.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from threadpoolctl import threadpool_limits

from voteshift.ideal.dynamic.blocks import Layout, item_blocks
from voteshift.ideal.dynamic.curvature import Curvature, curvature
from voteshift.ideal.dynamic.objective import (
    DynamicModel,
    DynamicPoint,
    DynamicSlope,
    dynamic_log_posterior,
)
from voteshift.ideal.dynamic.walk import Walk, chain_covariances
from voteshift.posterior.dynamic.kernels_metric import kernels

__all__ = ["Metric", "Moves", "build_metric"]

Floats = NDArray[np.float64]
_TAU_CHANGE = 0.01  # of log tau, for numerical derivatives
_LEAST_INFORMATION = 1.0  # on the log of a scale


@dataclass(frozen=True, slots=True)
class Moves:
    """Deviations of parameters from the means of the fit, or a gradient by them.

    Attributes
    ----------
    deviations : ndarray, shape (n_periods, n_members)
    steps : ndarray, shape (n_periods - 1,)
        Common steps; 0 if the model has none.
    items : ndarray, shape (n_items, 3)
        Discrimination, midpoint and log gap.
    """

    deviations: Floats
    steps: Floats
    items: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """The influence of the prior standard deviations on the other parameters.

    Attributes
    ----------
    root : ndarray, shape (3, 3)
        Root of the covariance of the logs of the scales: the standard deviations of discriminations and of
        midpoints, and tau.
    means : Moves
        Change of the means by each log scale; the arrays have an additional last axis.
    positions : ndarray, shape (n_periods, n_members)
        Derivative of the log of the standard deviation of a deviation by log tau.
    items : ndarray, shape (n_items, 2)
        Derivatives of the log of the standard deviations of discrimination and midpoint by those of their
        priors.
    """

    root: Floats
    means: Moves
    positions: Floats
    items: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """A linear map from independent coordinates to moves of the parameters.

    Attributes
    ----------
    model, point : DynamicModel, DynamicPoint
        The marginal fit, on the scale of its sweeps.
    scales : Scales
        The influence of the prior standard deviations.
    curvature : Curvature
        The factorised information.
    lower : ndarray, shape (n_periods, n_members, n_members)
        Inverse Cholesky factors of the pivots.
    border : ndarray, shape (n_periods, n_members, n_border)
        The border of the factorised information.
    item, period : ndarray of int, shape (n_local,)
        The items that occur in one period only, and their periods.
    cross : ndarray, shape (n_local, 3, n_members)
        Information between such an item and the members.
    roots : ndarray, shape (n_local, 3, 3)
        Inverse Cholesky factors of the information on such an item given the members.
    free : ndarray, shape (n_periods, n_members, 2)
        Moves of all deviations that the likelihood does not see: a shift and a change of scale.
    mixing : ndarray, shape (2, 2)
        The matrix from the forbidden moves of the constrained fit to the free moves.
    used : ndarray of int, shape (n_coordinates,)
        Places of the coordinates among those of all blocks: an item with two categories has no log gap.
    """

    model: DynamicModel
    point: DynamicPoint
    scales: Scales
    curvature: Curvature
    lower: Floats
    border: Floats
    item: NDArray[np.intp]
    period: NDArray[np.int64]
    cross: Floats
    roots: Floats
    free: Floats
    mixing: Floats
    used: NDArray[np.intp]

    @property
    def n_coordinates(self) -> int:
        """Number of coordinates, those of the scales not included."""
        return len(self.used)

    @property
    def _layout(self) -> Layout:
        return self.curvature.factor.blocks.layout

    def spread(self, coordinates: Floats) -> Moves:
        """Return the moves of the parameters at some coordinates, for the scales of the fit."""
        spread_chain, _, spread_items, _ = kernels()
        factor, layout = self.curvature.factor, self._layout
        chain, border, local = self._split(coordinates)
        if layout.n_border:
            border = solve_triangular(factor.corner, border, lower=True, trans="T", check_finite=False)
        moved = np.empty(chain.shape)
        spread_chain(self.lower, factor.blocks.links, -(self.border @ border), chain, moved)
        off = np.einsum("tia,ti->a", self.curvature.normals, moved)
        back = np.linalg.solve(self.curvature.gram, off)
        held = np.ascontiguousarray(moved - self.curvature.solved.chain @ back)
        border = border - self.curvature.solved.border @ back
        items = np.zeros((self.model.design.n_items, 3))
        of_local = np.empty(local.shape)
        spread_items(self.cross, self.period, self.roots, held, local, of_local)
        items[self.item] = of_local
        bridging = layout.bridging
        items[bridging] = border[layout.border_of(bridging)]
        steps = np.zeros_like(self.point.steps)
        steps[: layout.n_steps] = border[: layout.n_steps]
        return Moves(held + self.free @ (self.mixing @ off), steps, items)

    def gather(self, gradient: Moves) -> Floats:
        """Apply the transpose of `spread`: return the gradient by the coordinates."""
        _, gather_chain, _, gather_items = kernels()
        factor, layout = self.curvature.factor, self._layout
        border = np.zeros(layout.n_border)
        border[: layout.n_steps] = gradient.steps[: layout.n_steps]
        bridging = layout.bridging
        border[layout.border_of(bridging)] = gradient.items[bridging]
        by_held = gradient.deviations.copy()
        local = np.empty((len(self.item), 3))
        gather_items(self.cross, self.period, self.roots, gradient.items[self.item], local, by_held)
        by_back = np.einsum("tia,ti->a", self.curvature.solved.chain, by_held)
        by_back += self.curvature.solved.border.T @ border
        by_off = self.mixing.T @ np.einsum("tia,ti->a", self.free, gradient.deviations)
        by_off -= np.linalg.solve(self.curvature.gram, by_back)
        chain, solved = np.empty(by_held.shape), np.empty(by_held.shape)
        gather_chain(
            self.lower, factor.blocks.links, by_held + self.curvature.normals @ by_off, chain, solved
        )
        border -= np.einsum("tib,ti->b", self.border, solved)
        if layout.n_border:
            border = solve_triangular(factor.corner, border, lower=True, check_finite=False)
        return np.concatenate([chain.ravel(), border, local.ravel()])[self.used]

    def _split(self, coordinates: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the coordinates of the chain, of the border and of the items in one period."""
        n_chain, n_border = self.point.deviations.size, self._layout.n_border
        every = np.zeros(n_chain + n_border + 3 * len(self.item))
        every[self.used] = coordinates
        chain, border, local = np.split(every, [n_chain, n_chain + n_border])
        return chain.reshape(self.point.deviations.shape), border, local.reshape(-1, 3)


def build_metric(model: DynamicModel, point: DynamicPoint) -> Metric:
    """Build the coordinates from a marginal fit.

    Parameters
    ----------
    model, point : DynamicModel, DynamicPoint
        The model with its spread and its learned priors, and the means.

    Raises
    ------
    LinAlgError
        If the information is not positive definite.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        slope = dynamic_log_posterior(model, point)
        # Without the score and with a multiplier of at least 0, the information is positive definite.
        pull = max(slope.pull, 0.0)
        n_periods, n_members = model.walk.seen.shape
        every_member = (np.arange(n_members),) * n_periods  # the kernels have one size for all periods
        root = curvature(model, point, slope, observed=False, pull=pull, rows=every_member)
        factor, layout = root.factor, root.factor.blocks.layout
        identity = np.eye(n_members)
        lower = np.ascontiguousarray([solve_triangular(part, identity, lower=True) for part in factor.lower])
        local = [items[layout.slot[items] < 0] for items in layout.items]
        item = np.concatenate(local)
        cross = [
            part.of_items(layout.slot[items] < 0).transpose(1, 2, 0)
            for part, items in zip(factor.blocks.cross, layout.items, strict=True)
        ]
        two = model.design.n_categories == 2
        every = [np.ones((n_periods, n_members), dtype=bool), np.ones(layout.n_border, dtype=bool)]
        exists = np.ones((len(item), 3), dtype=bool)
        exists[two[item], 2] = False
        every[1][layout.border_of(layout.bridging)[two[layout.bridging], 2]] = False
        # The prior alone informs the shift and the scale of all deviations.
        start, n_deviations = model.walk.start, n_periods * n_members
        widths = np.diag([start / np.sqrt(n_members), 1.0 / np.sqrt(2.0 * n_deviations)])
        return Metric(
            model=model,
            point=point,
            scales=_scales(model, point, slope, root, pull),
            curvature=root,
            lower=lower,
            border=np.stack(factor.border),
            item=item,
            period=np.repeat(np.arange(n_periods), [len(items) for items in local]),
            cross=np.ascontiguousarray(np.concatenate(cross)),
            roots=np.ascontiguousarray(factor.blocks.item_roots[item]),
            free=np.stack([np.ones((n_periods, n_members)), point.deviations], axis=-1),
            mixing=widths @ np.linalg.inv(np.linalg.cholesky(root.gram)),
            used=np.flatnonzero(np.concatenate([part.ravel() for part in (*every, exists)])),
        )


def _scales(
    model: DynamicModel, point: DynamicPoint, slope: DynamicSlope, root: Curvature, pull: float
) -> Scales:
    """Return the influence of the prior standard deviations; see the description of this module.

    With C = (H + W)^-1, the information on the log of a scale, the other parameters integrated out, is
    2 m' W m - 4 m' W C W m + 2 trace(C W) - 2 trace(C W C W). The traces use the variances given all other
    items and members.
    """
    priors, walk = model.priors, model.walk
    none, zeros = np.zeros_like(point.deviations), np.zeros_like(point.steps)
    no_items = np.zeros(model.design.n_items)
    by_slope = point.discriminations / priors.discrimination**2
    by_middle = point.midpoints / priors.midpoint**2
    gradients = [
        DynamicPoint(walk, none, zeros, by_slope, no_items, no_items),
        DynamicPoint(walk, none, zeros, np.zeros_like(by_slope), by_middle, no_items),
    ]
    means = [point.discriminations.ravel() @ by_slope.ravel(), point.midpoints @ by_middle]
    blocks, _ = item_blocks(model, point, slope, observed=False)
    variances = np.einsum("jaa->ja", np.linalg.inv(blocks))[:, :2]
    items = variances / np.array([priors.discrimination, priors.midpoint]) ** 2
    traces = list(2.0 * np.sum(items - items**2, axis=0))
    drawn = walk.pulled(point.deviations)
    drawn[0] -= point.deviations[0] / walk.start**2
    gradients.append(DynamicPoint(walk, drawn, zeros, np.zeros_like(by_slope), no_items, no_items))
    means.append(point.deviations.ravel() @ drawn.ravel())
    information = slope.evaluation.position_information
    if information is None:
        raise ValueError("the log posterior was evaluated without a spread")
    votes = information[..., 0, 0] + pull * walk.seen
    (low, low_trace), (high, high_trace) = (
        _with_tau(walk, votes, np.exp(sign * _TAU_CHANGE)) for sign in (-1.0, 1.0)
    )
    positions = 0.5 * np.log(high / low) / (2.0 * _TAU_CHANGE)
    traces.append((low_trace - high_trace) / (2.0 * _TAU_CHANGE))
    solved = [root.newton(gradient) for gradient in gradients]
    crossed = np.array([[one.flat() @ other.flat() for other in solved] for one in gradients])
    eigenvalues, axes = np.linalg.eigh(np.diag(2.0 * np.array(means) + traces) - 2.0 * (crossed + crossed.T))
    return Scales(
        axes / np.sqrt(np.maximum(eigenvalues, _LEAST_INFORMATION)),
        Moves(
            2.0 * np.stack([part.deviations for part in solved], axis=-1),
            2.0 * np.stack([part.steps for part in solved], axis=-1),
            2.0 * np.stack([part.items() for part in solved], axis=-1),
        ),
        positions,
        items,
    )


def _with_tau(walk: Walk, votes: Floats, factor: float) -> tuple[Floats, float]:
    """Return the variances of deviations given all items, and trace(C W) of the steps, with another tau."""
    other = replace(walk, tau=walk.tau * factor)
    variances, lags = chain_covariances(votes + other.diagonal, other.precision)
    return variances, float(np.sum(other.precision * (variances[1:] + variances[:-1] - 2.0 * lags)))
