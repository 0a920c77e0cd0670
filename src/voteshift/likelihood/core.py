"""The compiled likelihood: choice of the arithmetic, and sums of columns by item."""

import functools
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.design import Design, Evaluation
from voteshift.likelihood.passes import THIN, Columns, Sums, prepare, run_pass
from voteshift.likelihood.reference import Information, evaluate_reference
from voteshift.likelihood.terms import AnyLink, Link

__all__ = ["Precision", "evaluate", "unpacked"]

Precision = Literal["float64", "float32"]
Floats = NDArray[np.float64]

CERTAIN = 1e-6
"""If the log-likelihood per vote is closer to 0, the reference is used: 1 + t in a kernel rounds it away."""

CELLS_AT_ONCE = 100_000
"""Number of cells that the reference evaluates at once; it stores some dozens of matrices."""


def _check(design: Design, positions: Floats, discriminations: Floats, cutpoints: Floats) -> None:
    """Check that the shapes of the parameters match the design, because the kernels do not check bounds."""
    if positions.ndim != 3 or positions.shape[:2] != (design.n_periods, design.n_members):
        raise ValueError("positions must have shape (n_periods, n_members, n_dims)")
    if discriminations.shape != (design.n_items, positions.shape[2]):
        raise ValueError("discriminations must have shape (n_items, n_dims)")
    if cutpoints.shape != (design.n_items, 2):
        raise ValueError("cutpoints must have shape (n_items, 2)")


def evaluate(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    link: AnyLink = "logit",
    information: Information | None = None,
    precision: Precision = "float64",
    threads: int | None = None,
) -> Evaluation:
    """Evaluate log-likelihood, gradient and information blocks in one compiled pass over the votes.

    Parameters
    ----------
    design : Design
        Votes, periods and items. Do not change its arrays after the first use.
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Ideal points.
    discriminations : ndarray, shape (n_items, n_dims)
        Discriminations beta.
    cutpoints : ndarray, shape (n_items, 2)
        Cutpoints kappa, increasing. The second cutpoint of an item with two categories is not used.
    link : {"logit", "probit"} or Noise
        Distribution of the noise. With a `Noise`, the reference evaluates all votes.
    information : {"observed", "expected"}, optional
        The information whose blocks are returned; None returns no blocks.
    precision : {"float64", "float32"}
        Arithmetic for the terms of a vote. Sums over votes are always float64. With float32, the error of any
        element of the gradient is at most 1e-5 of the largest sum of absolute contributions to an element.
        Three categories with the probit link, and cutpoints closer than 1e-3, always use float64.
    threads : int, optional
        Number of threads, all cores by default. A small problem uses one thread. The result is the same to
        the last bit for any number of threads.

    Returns
    -------
    Evaluation
        Value, gradient, blocks, and the precision used.

    Raises
    ------
    ValueError
        If an option is unknown, shapes do not match the design, or the cutpoints of an item with three
        categories do not increase.
    """
    for name, value, choices in (
        ("link", link, get_args(Link) if isinstance(link, str) else (link,)),
        ("precision", precision, get_args(Precision)),
        ("information", information, (None, *get_args(Information))),
    ):
        if value not in choices:
            raise ValueError(f"{name} must be one of {choices}, not {value!r}")
    _check(design, positions, discriminations, cutpoints)
    point = positions, discriminations, cutpoints
    columns = prepare(design)
    thin = False
    if not columns.binary:
        three = design.n_categories == 3
        if columns.present is not None:
            # An item without a roll call may have any parameters.
            three &= np.bincount(columns.present, minlength=design.n_items) > 0
        gap = (cutpoints[:, 1] - cutpoints[:, 0])[three]
        if not gap.min(initial=np.inf) > 0.0:
            raise ValueError("the cutpoints of an item must increase")
        thin = bool(gap.min(initial=np.inf) < THIN)
    if not isinstance(link, str):
        return _by_reference(design, *point, link, information)
    if link == "probit" and thin:
        is_thin = (design.n_categories == 3) & (cutpoints[:, 1] - cutpoints[:, 0] < THIN)
        of_column = is_thin[design.item]
        wide = _restrict(design, np.flatnonzero(~of_column))
        return _add(
            evaluate(wide, *point, link=link, information=information, precision=precision, threads=threads),
            _by_reference(_restrict(design, np.flatnonzero(of_column)), *point, link, information),
        )
    double = precision == "float64" or thin or (link == "probit" and not columns.binary)
    real = np.float64 if double else np.float32
    sums = run_pass(columns, *point, link=link, information=information, real=real, threads=threads)
    if not sums.value < -CERTAIN * design.n_cells:
        return _by_reference(design, *point, link, information)
    return unpacked(sums, columns, design, "float64" if double else "float32")


def unpacked(sums: Sums, columns: Columns, design: Design, precision: Precision) -> Evaluation:
    """Sum columns by item and unpack them."""
    n_dims = sums.g_positions.shape[2]
    two = design.n_categories == 2
    gradient = columns.by_item(sums.columns, design.n_items)
    gradient[n_dims + 1, two] = 0.0
    blocks = None
    if sums.h_columns is not None:
        blocks = _item_blocks(columns.by_item(sums.h_columns, design.n_items), n_dims, two)
    return Evaluation(
        sums.value,
        sums.g_positions,
        np.ascontiguousarray(gradient[:n_dims].T),
        np.ascontiguousarray(gradient[n_dims:].T),
        sums.h_positions,
        blocks,
        precision,
    )


def _item_blocks(sums: Floats, n_dims: int, two: NDArray[np.bool_]) -> Floats:
    """Unpack the sums of each item into its symmetric block."""
    square = n_dims * n_dims
    blocks = np.empty((sums.shape[1], n_dims + 2, n_dims + 2))
    blocks[:, :n_dims, :n_dims] = sums[:square].T.reshape(-1, n_dims, n_dims)
    for cut in range(2):
        border = sums[square + cut * n_dims : square + (cut + 1) * n_dims].T
        blocks[:, :n_dims, n_dims + cut] = blocks[:, n_dims + cut, :n_dims] = border
        blocks[:, n_dims + cut, n_dims + cut] = sums[-3 + cut]
    blocks[:, n_dims, n_dims + 1] = blocks[:, n_dims + 1, n_dims] = sums[-1]
    blocks[two, n_dims + 1, :] = 0.0
    blocks[two, :, n_dims + 1] = 0.0
    return blocks


def _restrict(design: Design, columns: NDArray[np.intp]) -> Design:
    """Return the design of some roll calls with all items."""
    return Design(
        design.part(columns),
        design.period[columns],
        design.item[columns],
        design.n_categories,
        design.n_periods,
        design.recorded,
    )


def _add(one: Evaluation, other: Evaluation) -> Evaluation:
    """Add two evaluations of the same parameters on different roll calls."""

    def both(a: Floats | None, b: Floats | None) -> Floats | None:
        return None if a is None or b is None else a + b

    return Evaluation(
        one.value + other.value,
        one.positions + other.positions,
        one.discriminations + other.discriminations,
        one.cutpoints + other.cutpoints,
        both(one.position_information, other.position_information),
        both(one.item_information, other.item_information),
        one.precision,
    )


def _by_reference(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    link: AnyLink,
    information: Information | None,
) -> Evaluation:
    """Evaluate a few columns at a time with the reference, because the kernels are not precise enough."""
    width = max(1, CELLS_AT_ONCE // max(1, design.n_members))
    starts = range(0, max(1, design.n_rollcalls), width)
    blocks = (
        evaluate_reference(
            _restrict(design, np.arange(start, min(start + width, design.n_rollcalls))),
            positions, discriminations, cutpoints, link=link, information=information,
        )
        for start in starts
    )  # fmt: skip
    return functools.reduce(_add, blocks)
