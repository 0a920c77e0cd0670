"""The compiled likelihood: what the kernels are given, and how their columns become items."""

from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.design import Design, Evaluation
from voteshift.likelihood.reference import Information
from voteshift.likelihood.terms import Link

__all__ = ["evaluate"]


Precision = Literal["float64", "float32"]
Floats = NDArray[np.float64]

THIN = 1e-3
"""Cutpoints closer than this are told apart in float64 only."""

ROWS_COUNTED = 256
"""Rows of a mask at a time, so that counting votes takes no memory worth the name."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """A design as the kernels read it: columns in few runs of equal period, and counts that never change."""

    codes: NDArray[np.int8]
    item: NDArray[np.int32]
    starts: NDArray[np.int64]
    periods: NDArray[np.int64]
    three: NDArray[np.bool_]
    n_middle: Floats
    own_items: bool


_prepared: WeakKeyDictionary[Design, _Columns] = WeakKeyDictionary()


def _columns(design: Design) -> _Columns:
    """Prepare a design once; it is immutable, so what is prepared stays right."""
    known = _prepared.get(design)
    if known is not None:
        return known
    codes, item, period = design.codes, design.item, design.period
    starts = np.flatnonzero(np.diff(period, prepend=-1))
    if len(starts) > len(np.unique(period)):
        # A run is a loop of the kernel: periods that alternate would leave it nothing to vectorise over.
        order = np.argsort(period, kind="stable")
        codes, item, period = np.ascontiguousarray(codes[:, order]), item[order], period[order]
        starts = np.flatnonzero(np.diff(period, prepend=-1))
    codes = codes.view()
    codes.flags.writeable = False
    three = design.n_categories[item] == 3
    n_middle = np.zeros(len(item))
    for row in range(0, len(codes), ROWS_COUNTED):
        n_middle += (codes[row : row + ROWS_COUNTED] == 1).sum(axis=0)
    prepared = _Columns(
        codes=codes,
        item=item,
        starts=np.append(starts, len(item)).astype(np.int64),
        periods=period[starts].astype(np.int64),
        three=three,
        n_middle=np.where(three, n_middle, 0.0),
        own_items=bool(len(item) == design.n_items and np.array_equal(item, np.arange(design.n_items))),
    )
    _prepared[design] = prepared
    return prepared


def _check(design: Design, positions: Floats, discriminations: Floats, cutpoints: Floats) -> None:
    """Refuse parameters that do not fit the design: the kernels do not look at bounds."""
    if positions.ndim != 3 or positions.shape[:2] != (design.n_periods, design.n_members):
        raise ValueError("positions must have shape (n_periods, n_members, n_dims)")
    if discriminations.shape != (design.n_items, positions.shape[2]):
        raise ValueError("discriminations must have shape (n_items, n_dims)")
    if cutpoints.shape != (design.n_items, 2):
        raise ValueError("cutpoints must have shape (n_items, 2)")


def _by_item(columns: _Columns, values: Floats, n_items: int) -> Floats:
    """Sum values with columns first over the columns of each item."""
    if columns.own_items:
        return values
    out = np.zeros((n_items, *values.shape[1:]))
    np.add.at(out, columns.item, values)
    return out


def evaluate(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    link: Link = "logit",
    information: Information | None = None,
    precision: Precision = "float64",
    threads: int | None = None,
) -> Evaluation:
    """Evaluate log-likelihood, gradient and information blocks in one compiled pass over the votes.

    Parameters
    ----------
    design : Design
        Votes, periods and items; it is prepared on first use and must not be written to afterwards.
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Ideal points.
    discriminations : ndarray, shape (n_items, n_dims)
        Discriminations beta.
    cutpoints : ndarray, shape (n_items, 2)
        Cutpoints kappa, increasing; the second is not used where an item has two categories.
    link : {"logit", "probit"}
        Distribution of the noise.
    information : {"observed", "expected"}, optional
        Which information to return blocks of; None for none.
    precision : {"float64", "float32"}
        Arithmetic on a vote. Sums over votes are float64 in either.
    threads : int, optional
        Number of threads, all cores by default. The result is the same to the last bit.

    Returns
    -------
    Evaluation
        Value, gradient and blocks.

    Raises
    ------
    ValueError
        If shapes do not fit the design, or the cutpoints of an item with three categories do not increase.
    """
    if link != "logit":
        raise NotImplementedError("the probit link is not compiled yet")
    del threads
    from voteshift.likelihood import kernels_logit as kernels
    from voteshift.likelihood.compiling import compiled

    _check(design, positions, discriminations, cutpoints)
    columns = _columns(design)
    n_dims = positions.shape[2]
    cuts = cutpoints if columns.own_items else cutpoints[columns.item]
    slopes = discriminations if columns.own_items else discriminations[columns.item]
    gap = np.where(columns.three, cuts[:, 1] - cuts[:, 0], np.inf)
    narrowest = gap.min(initial=np.inf)
    if not narrowest > 0:
        raise ValueError("the cutpoints of an item must increase")
    real = np.float64 if precision == "float64" or narrowest < THIN else np.float32
    first = np.ascontiguousarray(cuts[:, 0], dtype=real)
    second = np.where(columns.three, cuts[:, 1], kernels.FAR).astype(real)
    binary = not columns.three.any()

    g_positions = np.zeros(positions.shape)
    by_column = np.zeros((n_dims + 2, design.n_rollcalls))
    h_positions = h_columns = None
    if information is not None:
        h_positions = np.zeros((*positions.shape, n_dims))
        h_columns = np.zeros((n_dims * n_dims + 2 * n_dims + 3, design.n_rollcalls))
    by_dimension = np.ascontiguousarray(slopes.T, dtype=real)
    expected = information == "expected"
    kernel = compiled(kernels.sweep, kernels.sweep_signature(real, information is not None))
    value = kernel(
        columns.codes, np.ascontiguousarray(positions, dtype=real), by_dimension, first, second,
        columns.starts, columns.periods, 0, design.n_members, binary, expected,
        g_positions, by_column, h_positions, h_columns,
    )  # fmt: skip

    # The constant of a middle category, log(1 - exp(k1 - k2)), and its derivatives.
    middle = columns.n_middle
    thin = 1.0 / np.expm1(np.minimum(gap, 700.0))
    value += float(middle @ np.log(-np.expm1(-gap)))
    by_column[n_dims] -= middle * thin
    by_column[n_dims + 1] += middle * thin
    by_column[n_dims + 1, ~columns.three] = 0.0
    gradient = _by_item(columns, by_column.T, design.n_items)
    blocks = None
    if h_columns is not None:
        between = h_columns[-1] * thin if information == "expected" else middle * thin * (1.0 + thin)
        h_columns[-3] += between
        h_columns[-2] += between
        h_columns[-1] = -between
        blocks = _by_item(columns, _item_blocks(h_columns, n_dims, columns.three), design.n_items)
    return Evaluation(
        float(value),
        g_positions,
        np.ascontiguousarray(gradient[:, :n_dims]),
        np.ascontiguousarray(gradient[:, n_dims:]),
        h_positions,
        blocks,
    )


def _item_blocks(h_columns: Floats, n_dims: int, three: NDArray[np.bool_]) -> Floats:
    """Unpack the sums of each column into its symmetric block."""
    square = n_dims * n_dims
    blocks = np.empty((h_columns.shape[1], n_dims + 2, n_dims + 2))
    blocks[:, :n_dims, :n_dims] = h_columns[:square].T.reshape(-1, n_dims, n_dims)
    for cut in range(2):
        border = h_columns[square + cut * n_dims : square + (cut + 1) * n_dims].T
        blocks[:, :n_dims, n_dims + cut] = blocks[:, n_dims + cut, :n_dims] = border
        blocks[:, n_dims + cut, n_dims + cut] = h_columns[-3 + cut]
    blocks[:, n_dims, n_dims + 1] = blocks[:, n_dims + 1, n_dims] = h_columns[-1]
    blocks[~three, n_dims + 1, :] = 0.0
    blocks[~three, :, n_dims + 1] = 0.0
    return blocks
