"""Marginal fit of the static model: a normal variational approximation with learned priors.

The posterior is approximated by independent normal distributions: one for the position of each member and one
for the discrimination and midpoint of each item. The gap between cutpoints is kept at its mode. The
approximation maximises

    E[log p(votes | x, items)] + E[log p(items)] + entropy

(Blei, Kucukelbir & McAuliffe 2017, https://doi.org/10.1080/01621459.2017.1285773, eq. 13) under the
constraint that positions have mean 0 and mean square 1, their variances included. The means are found by the
optimiser of the mode, for given variances. The variances follow from the curvature there (Opper & Archambeau
2009, https://doi.org/10.1162/neco.2008.08-07-592, eq. 8 and 9).

The means of `fit_marginal` have mean square 1 without their variances. Division by the `unit` of the spread
gives the reported scale. Standard errors come from the joint curvature of the expected log-likelihood, which
includes the covariances of positions and items that the approximation leaves out.

With covariates of roll calls, the slopes have a normal prior and are integrated out: the distribution of an
item is conditional on the slopes, and its mean moves with them (`voteshift.ideal.item_covariates`).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.item_covariates import ItemUpdate
from voteshift.ideal.learned import MARGINAL_TOLERANCE, Learned, distance_left, item_covariances, learn_sd
from voteshift.ideal.objective import Model, Point, Slope, item_information, log_posterior
from voteshift.ideal.optimise import MapFit, climb
from voteshift.likelihood import Spread

__all__ = ["fit_marginal"]

Floats = NDArray[np.float64]

_ROUNDS = 200
_RENEWAL = 0.7  # share of the new variances in the damped ones: without damping they can oscillate
# Tolerance of the means for given variances, as a share of that of the fit. With 0.3, moves ended early and
# the distance was understated.
_INNER = 0.01
_LEAST = 0.2  # of the precision without the scale constraint, whose multiplier can be negative


def fit_marginal(
    model: Model,
    start: Point,
    *,
    learn: bool = True,
    tolerance: float = MARGINAL_TOLERANCE,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[Model, MapFit, Learned]:
    """Maximise the variational objective of a static model in one dimension.

    Parameters
    ----------
    model : Model
        The model.
    start : Point
        Starting values, for instance the mode.
    learn : bool
        True to estimate the prior standard deviations of discriminations and midpoints, up to those of the
        model. False to fix them.
    tolerance : float
        Largest distance from the maximum, in standard deviations of the approximation, at which the fit
        counts as converged.
    progress : callable, optional
        Called with the round and the distance.

    Returns
    -------
    model : Model
        The model with the spread of the approximation and the learned priors.
    mode : Ascent
        The means.
    learned : Learned
        The prior standard deviations, on the reported scale.
    """
    limits = Learned(model.priors.discrimination, model.priors.midpoint)
    learned, point, items = limits, start, model.items
    slope = log_posterior(model, point, information="observed")
    spread = _spread(model, point, slope, _update(model, point, slope))
    moves: list[float] = []
    seconds, evaluations, iterations = 0.0, 0, 0
    while True:
        priors = replace(
            model.priors, discrimination=learned.discrimination / spread.unit, midpoint=learned.midpoint
        )
        model = replace(model, spread=spread, priors=priors, items=items)
        mode = climb(model, point, tolerance=_INNER * tolerance)
        slope = log_posterior(model, mode.point)
        update = _update(model, mode.point, slope)
        new = _spread(model, mode.point, slope, update)
        moves.append(
            float(np.abs((mode.point.positions - point.positions)[:, 0] / np.sqrt(spread.positions[0])).max())
        )
        moves[-1] = max(moves[-1], float(np.abs(np.log(new.positions / spread.positions)).max()))
        point = mode.point
        before = learned
        if model.regression is not None:
            residual_sd = model.regression.learned_sd(mode.point.positions[:, 0], new.positions[0])
            moves[-1] = max(moves[-1], abs(float(np.log(residual_sd / model.regression.sd))))
            model = replace(model, regression=replace(model.regression, sd=residual_sd))
        if update is not None:
            items = update.regression
            moves[-1] = max(moves[-1], update.move)
        if learn:
            learned = _learned(model, mode.point, new, limits, update)
        moves[-1] = max(moves[-1], learned.change_from(before))
        norm = max(mode.gradient_norm, distance_left(moves))
        seconds, evaluations, iterations = (
            seconds + mode.seconds,
            evaluations + mode.evaluations + 1,
            iterations + mode.iterations,
        )
        if progress is not None:
            progress(len(moves), norm)
        if norm <= tolerance or len(moves) == _ROUNDS:
            break
        spread = Spread(
            spread.positions + _RENEWAL * (new.positions - spread.positions),
            spread.items + _RENEWAL * (new.items - spread.items),
        )
    mode = replace(
        mode,
        gradient_norm=norm,
        converged=mode.converged and norm <= tolerance,
        seconds=seconds,
        evaluations=evaluations,
        iterations=iterations,
    )
    return model, mode, before


def _spread(model: Model, point: Point, slope: Slope, update: ItemUpdate | None) -> Spread:
    """Return the variances that follow from the curvature of the expected log-likelihood."""
    positions = point.positions[:, 0]
    information = slope.evaluation.position_information
    if information is None:
        raise ValueError("the log posterior was evaluated without information=")
    free = information[0, :, 0, 0]
    precision = free + float(slope.pull[0, 0])
    if model.regression is not None:
        precision = precision + model.regression.precision
    precision = np.maximum(precision, _LEAST * free)
    # The constraint holds the mean and the mean square of the positions.
    share = 1.0 - 1.0 / len(positions) - positions**2 / len(positions)
    items = _item_spread(model, point, slope) if update is None else update.covariances
    return Spread(
        (np.maximum(share, 1.0 / len(positions)) / precision)[None],
        items,
    )


def _item_spread(model: Model, point: Point, slope: Slope) -> Floats:
    """Return the covariances of discriminations and midpoints that follow from the curvature."""
    return item_covariances(item_information(model, point, slope, observed=False))


def _update(model: Model, point: Point, slope: Slope) -> ItemUpdate | None:
    """Return the update of the slopes of items on covariates; None without covariates."""
    if model.items is None:
        return None
    sds = np.array([model.priors.discrimination, model.priors.midpoint])
    means = np.column_stack([point.discriminations[:, 0], point.midpoints])
    return model.items.update(means, _item_spread(model, point, slope), sds)


def _learned(
    model: Model, point: Point, spread: Spread, limits: Learned, update: ItemUpdate | None
) -> Learned:
    """Return updates of the prior standard deviations of discriminations and midpoints.

    With covariates, these are the standard deviations around the linear functions.
    """
    priors, unit = model.priors, spread.unit
    means, variances = np.column_stack([point.discriminations[:, 0], point.midpoints]), spread.items[:, ::2]
    if update is not None:
        means, variances = update.residuals, update.residual_variances
    (slopes, midpoints), (by_slope, by_midpoint) = means.T, variances.T
    return Learned(
        unit * learn_sd(slopes, by_slope, priors.discrimination, most=limits.discrimination / unit),
        learn_sd(midpoints, by_midpoint, priors.midpoint, most=limits.midpoint),
    )
