"""Marginal fit of the static model in two or more dimensions; see `voteshift.ideal.marginal`.

The position of a member is normal with a covariance matrix, and so are the discriminations and the midpoint
of an item. The gap between cutpoints is kept at its mode. Positions have mean 0 and second moment I, their
covariances included. The prior of an item's discriminations is normal with mean 0 and a covariance matrix,
which is estimated: the principal axes of this matrix are dimensions with a standard deviation each. A
dimension that the votes hardly show has a small one, so that it does not follow single votes.

The likelihood does not change if positions and discriminations are rotated together, and the estimated prior
rotates with them. The fit therefore removes rotations from every step, and its result is rotated afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.learned import MARGINAL_TOLERANCE, Learned, distance_left, learn_sd
from voteshift.ideal.objective import Model, Point, Slope, item_information, log_posterior
from voteshift.ideal.optimise import MapFit, climb, fit_map
from voteshift.ideal.orient import rotated, towards_target
from voteshift.ideal.start import start_at
from voteshift.ideal.starts import highest_mode
from voteshift.likelihood import Design, SpatialSpread

__all__ = [
    "MOST_UNCERTAIN",
    "SpatialMarginal",
    "fit_spatial_marginal",
    "on_reported_scale",
    "search_start",
    "uncertain_share",
]

Floats = NDArray[np.float64]

_ROUNDS = 200
_RENEWAL = 0.7  # share of the new covariances in the damped ones, as in one dimension
_INNER = 0.005  # tolerance of the means for given covariances, as a share of that of the fit
_EARLY = 0.02  # tolerance of the means in the first rounds, while the covariances change most
_FAR, _ROUNDS_EARLY = 0.1, 20  # last move, and number, of these rounds
#: Of discriminations at the start: with 5, the mode of further dimensions follows single votes.
_SEARCH_SD = 2.0
_SEARCH_TOLERANCE = 1e-4  # of the mode at the start
_SEARCH_CELLS = 1_000_000  # about the cells on which modes are compared
_LEAST_VOTES = 30  # of every member among them
MOST_UNCERTAIN = 0.5
"""Share of the second moment of positions from which the uncertainty along an axis needs a caution."""
_LEAST = 0.2  # of the precision without the scale constraint, whose multiplier can be negative


@dataclass(frozen=True, slots=True)
class SpatialMarginal:
    """A marginal fit in several dimensions.

    Attributes
    ----------
    model : Model
        The model with the spread of the approximation and the precision of the prior of discriminations.
    mode : Ascent
        The means, which have covariance I without the covariances of the approximation.
    prior : ndarray, shape (n_dims, n_dims)
        Covariance matrix of the prior of an item's discriminations, on the reported scale.
    midpoint : float
        Standard deviation of the prior of midpoints.
    """

    model: Model
    mode: MapFit
    prior: Floats
    midpoint: float

    @property
    def reported(self) -> Point:
        """The means on the reported scale, where positions have second moment I."""
        return on_reported_scale(self.mode.point, _spread_of(self.model).unit)

    @property
    def learned(self) -> Learned:
        """The prior standard deviations on the reported scale."""
        variances = np.diagonal(self.prior)
        return Learned(
            float(np.sqrt(variances.mean())),
            self.midpoint,
            by_dimension=tuple(np.sqrt(variances).tolist()),
        )

    def second_moment(self) -> Floats:
        """Return the mean over items of the second moment of the discriminations, on the reported scale."""
        spread = _spread_of(self.model)
        return _moments(self.mode.point, spread, spread.unit)[2]

    def oriented(self, turn: Callable[..., tuple[Point, str]]) -> tuple["SpatialMarginal", str]:
        """Return the fit in the reported axes, and a description of the axes in words.

        Parameters
        ----------
        turn : callable
            `orient`, with all arguments but the point and the second moment of the discriminations.
        """
        here = self.reported
        turned, words = turn(here, second_moment=self.second_moment())
        return self.rotated(towards_target(here.positions, turned.positions)), words

    def rotated(self, rotation: Floats) -> "SpatialMarginal":
        """Return the fit in rotated axes.

        Parameters
        ----------
        rotation : ndarray, shape (n_dims, n_dims)
            An orthogonal matrix, by which positions are multiplied from the right.
        """
        spread, precision = _spread_of(self.model), self.model.slope_precision
        if precision is None:
            raise ValueError("the model has no prior of discriminations with axes")
        n_dims = len(rotation)
        wide = np.eye(n_dims + 1)
        wide[:n_dims, :n_dims] = rotation
        turned = SpatialSpread(rotation.T @ spread.positions @ rotation, wide.T @ spread.items @ wide)
        return SpatialMarginal(
            replace(self.model, spread=turned, slope_precision=rotation.T @ precision @ rotation),
            replace(self.mode, point=rotated(self.mode.point, rotation)),
            rotation.T @ self.prior @ rotation,
            self.midpoint,
        )


def uncertain_share(spread: SpatialSpread) -> float:
    """Return the largest share of the second moment of positions along an axis that is uncertainty."""
    return float(1.0 - np.linalg.eigvalsh(spread.unit)[-1] ** -2.0)


def search_start(
    model: Model,
    *,
    n_dims: int,
    n_starts: int,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[Point, tuple[float, ...]]:
    """Return the mode from which a marginal fit starts, and how far other starts ended below it.

    Parameters
    ----------
    model, n_dims, n_starts, progress
        As in `highest_mode`. The modes of a large record are compared on evenly spaced roll calls, and the
        highest is then found on all roll calls.
    """
    limit = min(model.priors.discrimination, _SEARCH_SD)
    whole = replace(model, priors=replace(model.priors, discrimination=limit))
    design = _thinned(model.design)
    mode, falls = highest_mode(
        replace(whole, design=design),
        n_dims=n_dims,
        n_starts=n_starts,
        tolerance=_SEARCH_TOLERANCE,
        progress=progress,
    )
    if design is not model.design:
        start = start_at(model.design, mode.point.positions)
        mode = fit_map(whole, start=start, tolerance=_SEARCH_TOLERANCE, progress=progress)
    return mode.point, falls


def _thinned(design: Design) -> Design:
    """Return evenly spaced roll calls of a large record, if every member has enough votes in them."""
    stride = design.n_cells // _SEARCH_CELLS
    if stride < 2:
        return design
    columns = np.arange(0, design.n_rollcalls, stride)
    votes = design.part(columns)
    if (votes >= 0).sum(axis=1).min() < _LEAST_VOTES:
        return design
    return Design(
        votes,
        design.period[columns],
        np.arange(len(columns), dtype=np.int32),
        design.n_categories[design.item[columns]],
        recorded=design.recorded,
    )


def on_reported_scale(point: Point, unit: Floats) -> Point:
    """Return a point whose positions have covariance I without their uncertainty on the reported scale."""
    return replace(
        point, positions=point.positions @ np.linalg.inv(unit), discriminations=point.discriminations @ unit
    )


def fit_spatial_marginal(
    model: Model,
    start: Point,
    *,
    learn: bool = True,
    tolerance: float = MARGINAL_TOLERANCE,
    progress: Callable[[int, float], None] | None = None,
) -> SpatialMarginal:
    """Maximise the variational objective of a static model in two or more dimensions.

    Parameters
    ----------
    model, start, learn, tolerance, progress
        As in `fit_marginal`.

    Returns
    -------
    SpatialMarginal
        The fit. Its rotation is arbitrary.

    Raises
    ------
    NotUsableError
        If the fit did not converge, and more than half of the second moment of positions along some axis is
        uncertainty. The votes then hardly show this dimension.

    Notes
    -----
    For given covariances, the means are found by the optimiser of the mode. The covariances then follow from
    the expected curvature (Opper & Archambeau 2009, https://doi.org/10.1162/neco.2008.08-07-592, eq. 8 and
    9), and the prior of discriminations from their second moments.
    """
    limits = model.priors
    point = start
    spread = _next_spread(model, point, log_posterior(model, point, information="observed"))
    prior = np.eye(start.positions.shape[1]) * limits.discrimination**2
    midpoint = limits.midpoint
    if learn:
        prior = _first_prior(point, spread, limits.discrimination)
        square = float(np.mean(point.midpoints**2 + spread.items[:, -1, -1]))
        midpoint = min(np.sqrt(square), limits.midpoint)
    moves: list[float] = []
    n_rounds, is_early = 0, True
    seconds, evaluations, iterations = 0.0, 0, 0
    while True:
        unit = spread.unit
        model = replace(
            model,
            spread=spread,
            priors=replace(limits, midpoint=midpoint),
            slope_precision=_symmetric(unit @ np.linalg.inv(prior) @ unit),
        )
        mode = climb(model, point, tolerance=_EARLY if is_early else _INNER * tolerance)
        new = _next_spread(model, mode.point, log_posterior(model, mode.point))
        move = max(_step(point, mode.point, spread), _change(spread.positions[0], new.positions[0]))
        point, before, midpoint_before = mode.point, prior, midpoint
        if learn:
            prior = _next_prior(point, new, prior, limits.discrimination)
            midpoint = learn_sd(point.midpoints, new.items[:, -1, -1], midpoint, most=limits.midpoint)
        moves.append(max(move, 0.5 * _change(before, prior), abs(float(np.log(midpoint / midpoint_before)))))
        norm = max(mode.gradient_norm, distance_left(moves))
        n_rounds += 1
        if is_early and (moves[-1] < _FAR or n_rounds == _ROUNDS_EARLY):
            # Rounds with inexact means do not show the rate of convergence.
            is_early, moves, norm = False, [], np.inf
        seconds, evaluations, iterations = (
            seconds + mode.seconds,
            evaluations + mode.evaluations + 1,
            iterations + mode.iterations,
        )
        if progress is not None:
            progress(n_rounds, norm)
        if norm <= tolerance or n_rounds == _ROUNDS:
            break
        spread = SpatialSpread(
            spread.positions + _RENEWAL * (new.positions - spread.positions),
            spread.items + _RENEWAL * (new.items - spread.items),
        )
    if norm > tolerance and uncertain_share(spread) > MOST_UNCERTAIN:
        n_dims = start.positions.shape[1]
        raise NotUsableError(
            f"the votes do not identify {n_dims} dimensions: along one axis, the uncertainty of positions is "
            "larger than their differences, and the fit did not converge",
            remedy="use fewer dimensions or more roll calls",
        )
    mode = replace(
        mode,
        gradient_norm=norm,
        converged=norm <= tolerance,
        seconds=seconds,
        evaluations=evaluations,
        iterations=iterations,
    )
    return SpatialMarginal(model, mode, before, midpoint_before)


def _spread_of(model: Model) -> SpatialSpread:
    if not isinstance(model.spread, SpatialSpread):
        raise TypeError("the model has no spread in several dimensions")
    return model.spread


def _symmetric(matrices: NDArray[np.floating[Any]]) -> Floats:
    return np.asarray(0.5 * (matrices + np.swapaxes(matrices, -1, -2)), dtype=np.float64)


def _next_spread(model: Model, point: Point, slope: Slope) -> SpatialSpread:
    """Return the covariances that follow from the curvature of the expected log-likelihood."""
    positions = point.positions
    information = slope.evaluation.position_information
    if information is None:
        raise ValueError("the log posterior was evaluated without information=")
    free = information[0] + 1e-12 * np.eye(positions.shape[1])
    # In units of the information, the multiplier of the constraint may not leave less than `_LEAST`.
    values, axes = np.linalg.eigh(free)
    root = axes * np.sqrt(np.maximum(values, 1e-12))[:, None, :]
    inverse = np.linalg.inv(root)
    share, turn = np.linalg.eigh(_symmetric(inverse @ slope.pull @ inverse.transpose(0, 2, 1)))
    across = inverse.transpose(0, 2, 1) @ turn
    covariances = (across / np.maximum(1.0 + share, _LEAST)[:, None, :]) @ across.transpose(0, 2, 1)
    # The constraint holds the mean and the second moment of the positions.
    kept = 1.0 - (1.0 + np.sum(positions**2, axis=1)) / len(positions)
    covariances *= np.maximum(kept, 1.0 / len(positions))[:, None, None]
    n_dims = positions.shape[1]
    blocks = item_information(model, point, slope, observed=False)[:, : n_dims + 1, : n_dims + 1]
    return SpatialSpread(_symmetric(covariances)[None], _symmetric(np.linalg.inv(blocks)))


def _moments(point: Point, spread: SpatialSpread, unit: Floats) -> tuple[Floats, Floats, Floats]:
    """Return means and covariances of discriminations, and their mean second moment, as reported."""
    n_dims = len(unit)
    means = np.asarray(point.discriminations @ unit)
    covariances = np.asarray(unit @ spread.items[:, :n_dims, :n_dims] @ unit)
    return means, covariances, _symmetric(means.T @ means / len(means) + covariances.mean(axis=0))


def _first_prior(point: Point, spread: SpatialSpread, limit: float) -> Floats:
    """Return the second moment of the discriminations, with standard deviations up to the limit."""
    values, axes = np.linalg.eigh(_moments(point, spread, spread.unit)[2])
    return _symmetric((axes * np.minimum(values, limit**2)) @ axes.T)


def _next_prior(point: Point, spread: SpatialSpread, prior: Floats, limit: float) -> Floats:
    """Return an update of the covariance matrix of the prior of discriminations.

    Along each principal axis of the second moment of the discriminations, the standard deviation is updated
    as in one dimension.
    """
    means, covariances, second = _moments(point, spread, spread.unit)
    axes = np.linalg.eigh(second)[1]
    along = means @ axes
    variances = np.einsum("da,jde,ea->ja", axes, covariances, axes)
    present = np.sqrt(np.einsum("da,de,ea->a", axes, prior, axes))
    sds = [
        learn_sd(along[:, axis], variances[:, axis], float(present[axis]), most=limit)
        for axis in range(len(axes))
    ]
    return _symmetric((axes * np.square(sds)) @ axes.T)


def _step(old: Point, new: Point, spread: SpatialSpread) -> float:
    """Return the largest change of a coordinate in standard deviations of the approximation."""
    sds = np.sqrt(np.einsum("idd->id", spread.positions[0]))
    return float(np.abs((new.positions - old.positions) / sds).max())


def _change(old: Floats, new: Floats) -> float:
    """Return the largest change of the log of a variance in any direction."""
    root = np.linalg.inv(np.linalg.cholesky(old))
    ratios = np.linalg.eigvalsh(_symmetric(root @ new @ np.swapaxes(root, -1, -2)))
    return float(np.abs(np.log(np.maximum(ratios, 1e-300))).max())
