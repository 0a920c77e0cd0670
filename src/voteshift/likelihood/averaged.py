"""The likelihood averaged over normal distributions of positions and items.

This is the expected log-likelihood of a variational approximation, with its derivatives by the means and the
expected curvature. See `voteshift.likelihood.kernels_averaged` for the formulas in one dimension, and
`voteshift.likelihood.kernels_spatial` for those in several.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.core import unpacked
from voteshift.likelihood.design import Design, Evaluation
from voteshift.likelihood.passes import SMALL, Sums, prepare, sum_by_period, sum_segments
from voteshift.likelihood.terms import Link
from voteshift.likelihood.threads import core_count, together

__all__ = ["SpatialSpread", "Spread", "averaged_cross_information", "evaluate_averaged"]

Floats = NDArray[np.float64]

N_NODES: Final = 5
"""Number of Gauss-Hermite nodes for a vote."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """The uncertainty in one dimension over which votes are averaged, if all are independent and normal.

    Attributes
    ----------
    positions : ndarray, shape (n_periods, n_members)
        Variances of the positions.
    items : ndarray, shape (n_items, 3)
        Variance of the discrimination, its covariance with the midpoint of the cutpoints, and variance of the
        midpoint. The gap between the cutpoints is not averaged.
    """

    positions: Floats
    items: Floats

    @property
    def unit(self) -> float:
        """Root mean square of static positions, variances included, if their means have mean square 1."""
        return float(np.sqrt(1.0 + self.positions.mean()))


@dataclass(frozen=True, slots=True, eq=False)
class SpatialSpread:
    """The uncertainty in several dimensions over which votes are averaged, if all are independent and normal.

    Attributes
    ----------
    positions : ndarray, shape (n_periods, n_members, n_dims, n_dims)
        Covariance matrices of the positions.
    items : ndarray, shape (n_items, n_dims + 1, n_dims + 1)
        Covariance matrices of the discriminations and the midpoint of the cutpoints, in this order. The gap
        between the cutpoints is not averaged.
    """

    positions: Floats
    items: Floats

    @property
    def unit(self) -> Floats:
        """Root of the second moment of static positions whose means have covariance I, symmetric."""
        values, axes = np.linalg.eigh(np.eye(self.positions.shape[-1]) + self.positions.mean(axis=(0, 1)))
        return np.asarray((axes * np.sqrt(values)) @ axes.T)


@functools.cache
def quadrature() -> tuple[Floats, Floats]:
    """Return Gauss-Hermite nodes and weights for a standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(N_NODES)
    return nodes, weights / weights.sum()


@functools.cache
def _kernel(link: Link, kind: Literal["sweep", "cross"], *, spatial: bool) -> Callable[..., Any]:
    from voteshift.likelihood import kernels_averaged, kernels_spatial
    from voteshift.likelihood.blocks import (
        averaged_cross_signature,
        averaged_signature,
        spatial_cross_signature,
        spatial_signature,
    )
    from voteshift.likelihood.compiling import compiled

    if spatial:
        signature = spatial_signature() if kind == "sweep" else spatial_cross_signature()  # type: ignore[no-untyped-call]
        return compiled(getattr(kernels_spatial, f"{kind}_{link}"), signature)
    signature = averaged_signature() if kind == "sweep" else averaged_cross_signature()  # type: ignore[no-untyped-call]
    return compiled(getattr(kernels_averaged, f"{kind}_{link}"), signature)


def _arguments(
    positions: Floats, discriminations: Floats, cutpoints: Floats, spread: Spread | SpatialSpread
) -> tuple[Floats, ...]:
    if isinstance(spread, Spread) and positions.shape[2] != 1:
        raise ValueError("a Spread has one dimension; pass a SpatialSpread")
    means = positions[..., 0] if isinstance(spread, Spread) else positions
    parts = means, spread.positions, discriminations, cutpoints, spread.items, *quadrature()
    return tuple(np.ascontiguousarray(part, dtype=np.float64) for part in parts)


def evaluate_averaged(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    spread: Spread | SpatialSpread,
    *,
    link: Link = "logit",
    threads: int | None = None,
) -> Evaluation:
    """Average log-likelihood, gradient and information over the uncertainty of the parameters.

    Parameters
    ----------
    design : Design
        Votes, periods and items.
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Means of the positions.
    discriminations, cutpoints : ndarray, shapes (n_items, n_dims) and (n_items, 2)
        Means of the discriminations, and the cutpoints around the mean of the midpoint.
    spread : Spread or SpatialSpread
        Variances and covariances.
    link : {"logit", "probit"}
        Distribution of the noise.
    threads : int, optional
        Number of threads, all cores by default. The result is the same to the last bit for any number of
        threads.

    Returns
    -------
    Evaluation
        Expected log-likelihood by quadrature, its exact derivatives by the means, and the expectation of
        minus the second derivatives. Those are the natural gradient of the variances (Opper & Archambeau
        2009, https://doi.org/10.1162/neco.2008.08-07-592, eq. 8 and 9).

    Notes
    -----
    With the probit link, the relative error of the curvature by each cutpoint is about 1e-15 divided by the
    squared distance between the cutpoints.
    """
    columns = prepare(design)
    (n_rows, n_columns), n_dims = columns.codes.shape, positions.shape[2]
    n_units = len(columns.bounds) * columns.n_segments
    values = np.empty(n_units)
    g_positions = np.empty((len(columns.bounds), n_rows, n_dims))
    h_positions = np.empty((len(columns.bounds), n_rows, n_dims, n_dims))
    sums, h_sums = (
        np.empty((columns.n_segments, rows, n_columns))
        for rows in (n_dims + 2, n_dims * n_dims + 2 * n_dims + 3)
    )
    arguments = _arguments(
        columns.of_blocks(positions, np.float64),
        discriminations,
        cutpoints,
        replace(spread, positions=columns.of_blocks(spread.positions, np.float64)),
    )
    run = functools.partial(
        _kernel(link, "sweep", spatial=isinstance(spread, SpatialSpread)),
        np.zeros(2, dtype=np.int64),
        columns.codes,
        columns.bounds,
        columns.item,
        columns.three,
        columns.n_middle,
        *arguments,
        columns.binary,
        columns.step,
        columns.segment_rows,
        values,
        g_positions,
        sums,
        h_positions,
        h_sums,
    )
    together(run, min(n_units, threads or core_count()) if columns.codes.size >= SMALL else 1)
    total = Sums(
        sum(values.tolist()),
        sum_by_period(columns, g_positions, *positions.shape[:2]),
        sum_segments(sums),
        sum_by_period(columns, h_positions, *positions.shape[:2]),
        sum_segments(h_sums),
    )
    return unpacked(total, columns, design, "float64")


def averaged_cross_information(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    spread: Spread | SpatialSpread,
    *,
    columns: slice | NDArray[np.intp] = slice(None),
    members: NDArray[np.intp] | None = None,
    link: Link = "logit",
    with_score: bool = True,
) -> Floats:
    """Average minus the mixed second derivatives between positions and items, vote by vote.

    Parameters
    ----------
    design, positions, discriminations, cutpoints, spread, link
        As in `evaluate_averaged`.
    columns : slice or ndarray of int
        The roll calls to evaluate.
    members : ndarray of int, optional
        The members to evaluate; all by default.
    with_score : bool
        True for the observed information. Without the score, which arises because eta is a product, the
        information of all parameters is positive semidefinite at any point.

    Returns
    -------
    ndarray, shape (n_members, n_columns, n_dims, n_dims + 2)
        As in `cross_information`.
    """
    item, codes = design.item[columns], design.part(columns, members)
    if members is not None:
        positions = positions[:, members]
        spread = replace(spread, positions=spread.positions[:, members])
    three = (design.n_categories == 3)[item]
    n_dims = positions.shape[2]
    out = np.empty((*codes.shape, n_dims, n_dims + 2))
    arguments = _arguments(positions, discriminations, cutpoints, spread)
    constant = np.ascontiguousarray(item), three
    flags = not three.any(), float(with_score)
    if isinstance(spread, Spread):
        period = np.ascontiguousarray(design.period[columns])
        _kernel(link, "cross", spatial=False)(codes, period, *constant, *arguments, *flags, out)
        return out
    if len(positions) != 1:
        raise ValueError("positions in several dimensions are constant")
    means, variances, *others = arguments
    _kernel(link, "cross", spatial=True)(codes, *constant, means[0], variances[0], *others, *flags, out)
    return out
