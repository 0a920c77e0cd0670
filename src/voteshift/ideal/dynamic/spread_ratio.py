"""The ratio of the spreads of two periods in a fit; see `voteshift.quantities.spread_ratio`."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voteshift.ideal.dynamic.blocks import item_blocks
from voteshift.ideal.dynamic.factor import Vector
from voteshift.ideal.dynamic.laplace import DynamicLaplace
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, dynamic_log_posterior
from voteshift.ideal.objective import half_gaps
from voteshift.quantities.spread_ratio import LogRatio, Ratios, compare_sizes

__all__ = ["fitted_ratios", "shared_ratio"]

Floats = NDArray[np.float64]
_RIDGE = 1e-8  # of the information of an item, relative to its largest element


def fitted_ratios(laplace: DynamicLaplace, before: int, after: int) -> Ratios:
    """Compute the log ratios of two periods in a marginal fit.

    Parameters
    ----------
    laplace : DynamicLaplace
        The joint curvature at a marginal fit.
    before, after : int
        Rows of the periods.

    Returns
    -------
    Ratios
        The standard error of the ratio of the fit is that of the joint curvature (delta method).
    """
    model, point, curvature = laplace.model, laplace.point, laplace.curvature
    spread = model.spread
    if spread is None:
        raise ValueError("the joint mode does not weigh the scale of the periods")
    load, logs = np.zeros((*model.walk.seen.shape, 1)), []
    for sign, row in ((-1.0, before), (1.0, after)):
        inside = model.walk.seen[row]
        apart = point.positions[row, inside] - point.positions[row, inside].mean()
        load[row, inside, 0] = sign * apart / np.sum(apart**2)
        logs.append(0.5 * np.log(np.mean(apart**2 + spread.positions[row, inside])))
    with threadpool_limits(limits=1, user_api="blas"):
        border = np.zeros((curvature.factor.blocks.layout.n_border, 1))
        solved = curvature.held(curvature.factor.solve(Vector(load, border)))
    ratio = LogRatio(float(logs[1] - logs[0]), float(np.sqrt(np.sum(load * solved.chain))))
    means, variances = point.discriminations[:, 0], spread.items[:, 0]
    squares = means**2 + variances
    of_squares = 2.0 * variances**2 + 4.0 * means**2 * variances  # of a normal variable
    old, new = (model.design.item[model.design.period == row] for row in (before, after))
    sizes = compare_sizes(ratio, (squares[old], of_squares[old]), (squares[new], of_squares[new]))
    shared = shared_ratio(model, point, before, after)
    return Ratios(ratio, sizes, LogRatio(ratio.estimate + shared.estimate, shared.std_error))


def shared_ratio(model: DynamicModel, point: DynamicPoint, before: int, after: int) -> LogRatio:
    """Estimate how much larger the ratio of two spreads is by shared items alone than at a point.

    The deviations of each period may be multiplied by a number and shifted. Items that several periods share
    keep their parameters, which are free. One Newton step with the expected information estimates all of
    them. No prior enters, and items of one period do not matter: their parameters follow.

    Parameters
    ----------
    model, point : DynamicModel, DynamicPoint
        The model and the point.
    before, after : int
        Rows of the periods.

    Returns
    -------
    LogRatio
        The difference of log ratios. The standard error is infinite if shared items do not connect the
        periods.
    """
    model = replace(model, spread=None)
    design, n_periods = model.design, len(model.walk.seen)
    slope = dynamic_log_posterior(model, point, information="expected")
    blocks = item_blocks(model, point, slope, observed=False)[1][:, :3, :3]
    slopes, shifts = point.discriminations[design.item, 0], slope.shifts
    # Directions of a scale and of a shift of all deviations, in the parameters of one roll call.
    moves = np.zeros((design.n_rollcalls, 3, 2))
    moves[:, 0, 0], moves[:, 1, 0], moves[:, 1, 1] = slopes, slopes * shifts, -slopes
    with_item = blocks @ moves
    cuts = slope.evaluation.cutpoints
    half = half_gaps(point.log_gaps, design.n_categories == 3)[design.item]
    by_slope = slope.evaluation.discriminations[:, 0] - shifts * cuts.sum(axis=1)
    score = np.column_stack([by_slope, cuts.sum(axis=1), half * (cuts[:, 1] - cuts[:, 0])])
    information = np.zeros((n_periods, 2, n_periods, 2))
    gradient = np.zeros((n_periods, 2))
    for columns in _shared_items(design.item, design.period):
        rows, place = np.unique(design.period[columns], return_inverse=True)
        crossed, within = np.zeros((len(rows), 3, 2)), np.zeros((len(rows), 2, 2))
        np.add.at(crossed, place, with_item[columns])
        np.add.at(within, place, moves[columns].transpose(0, 2, 1) @ with_item[columns])
        information[rows, :, rows] += within
        np.add.at(gradient, design.period[columns], np.einsum("cas,ca->cs", moves[columns], score[columns]))
        block = blocks[columns].sum(axis=0)
        inverse = np.linalg.inv(block + _RIDGE * block.max() * np.eye(3))
        eased = inverse @ crossed
        removed = np.einsum("pas,qar->pqsr", crossed, eased)
        information[rows[:, None], :, rows[None]] -= removed
        gradient[rows] -= np.einsum("pas,a->ps", eased, score[columns].sum(axis=0))
    kept = np.arange(n_periods) != before
    kept &= np.einsum("psps->p", information) > 0
    if not kept[after]:
        return LogRatio(0.0, np.inf)
    matrix = information[kept][:, :, kept].reshape(2 * kept.sum(), -1)
    wanted = np.zeros((n_periods, 2))
    wanted[after, 0] = 1.0
    target = wanted[kept].ravel()
    try:
        np.linalg.cholesky(matrix)
        solution = np.linalg.solve(matrix, target)
    except np.linalg.LinAlgError:
        return LogRatio(0.0, np.inf)
    return LogRatio(float(solution @ gradient[kept].ravel()), float(np.sqrt(solution @ target)))


def _shared_items(item: NDArray[np.int32], period: NDArray[np.int32]) -> list[NDArray[np.intp]]:
    """Return the columns of each item that has roll calls in several periods."""
    order = np.argsort(item, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(item[order])) + 1)
    return [part for part in parts if len(set(period[part].tolist())) > 1]
