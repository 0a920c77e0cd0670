"""One pass of a kernel: the design as it reads it, the rows each thread takes, and the order of the sums."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.design import Design
from voteshift.likelihood.reference import Information
from voteshift.likelihood.terms import Link
from voteshift.likelihood.threads import core_count, pool

__all__ = ["Columns", "Sums", "prepare", "run_pass"]

Floats = NDArray[np.float64]

SMALL = 200_000
"""Cells below which handing out work to threads costs more than it saves."""

CELLS_AT_ONCE = 100_000
"""Cells of a mask at a time."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A design as the kernels read it: columns in few runs of equal period, and counts that never change."""

    codes: NDArray[np.int8]
    item: NDArray[np.int32]
    starts: NDArray[np.int64]
    periods: NDArray[np.int64]
    three: NDArray[np.bool_]
    n_middle: Floats
    own_items: bool


_prepared: WeakKeyDictionary[Design, Columns] = WeakKeyDictionary()


def prepare(design: Design) -> Columns:
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
    three = design.n_categories[item] == 3
    n_middle = np.zeros(len(item))
    step = max(1, CELLS_AT_ONCE // max(1, len(item)))
    for row in range(0, len(codes), step):
        n_middle += (codes[row : row + step] == 1).sum(axis=0)
    prepared = Columns(
        codes=codes.view(),
        item=item,
        starts=np.append(starts, len(item)).astype(np.int64),
        periods=period[starts].astype(np.int64),
        three=three,
        n_middle=np.where(three, n_middle, 0.0),
        own_items=bool(len(item) == design.n_items and np.array_equal(item, np.arange(design.n_items))),
    )
    for array in (prepared.codes, prepared.starts, prepared.periods):
        array.flags.writeable = False  # part of the kernels' signatures
    _prepared[design] = prepared
    return prepared


@dataclass(slots=True)
class Sums:
    """What a pass adds up, by column: see `sweep` of the kernels for the rows of the arrays."""

    value: float
    g_positions: Floats
    columns: Floats
    h_positions: Floats | None
    h_columns: Floats | None


@functools.cache
def _kernel(
    link: Link, real: type, n_dims: int, binary: bool, information: Information | None
) -> tuple[Callable[..., Any], int, float]:
    """Return a compiled kernel, its longest chunk and its cutpoint out of reach.

    Numba takes half a second to import, so it is imported where it is first needed.
    """
    from voteshift.likelihood import kernels_logit, kernels_probit
    from voteshift.likelihood.compiling import compiled

    kernels = kernels_logit if link == "logit" else kernels_probit
    function = kernels.kernel_for(n_dims, binary, information)
    kernel = compiled(function, kernels.signature(real, information is not None))
    return kernel, kernels.CHUNK, kernels.FAR


def run_pass(
    columns: Columns,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    link: Link,
    information: Information | None,
    real: type,
    threads: int | None,
) -> Sums:
    """Run the kernel that fits over all rows.

    Parameters
    ----------
    columns : Columns
        The design, prepared.
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Ideal points.
    discriminations, cutpoints : ndarray, shapes (n_columns, n_dims) and (n_columns, 2)
        Parameters of the item of each column.
    link, information, threads
        As in `evaluate`.
    real : type
        Arithmetic on a vote, ``numpy.float64`` or ``numpy.float32``.

    Returns
    -------
    Sums
        The same to the last bit for any number of threads: rows are cut into chunks by their number alone,
        every chunk is summed by itself and the chunks are added in the order of the rows.
    """
    n_rows, n_columns = columns.codes.shape
    n_dims = positions.shape[2]
    binary = not columns.three.any()
    kernel, chunk, far = _kernel(link, real, n_dims, binary, information)
    parameters: tuple[Any, ...] = (
        columns.codes,
        columns.starts,
        columns.periods,
        np.ascontiguousarray(positions, dtype=real),
        np.ascontiguousarray(discriminations.T, dtype=real),
        np.ascontiguousarray(cutpoints[:, 0], dtype=real),
        np.where(columns.three, cutpoints[:, 1], far).astype(real),
        binary,
        information == "expected",
    )
    n_chunks = max(1, -(-n_rows // chunk))
    # Equal chunks, in fours because kernels take up to four rows at a time.
    step = 4 * max(1, -(-n_rows // (4 * n_chunks)))
    n_chunks = max(1, -(-n_rows // step))
    values = np.zeros(n_chunks)
    g_positions = np.zeros(positions.shape)
    h_positions = np.zeros((*positions.shape, n_dims)) if information else None
    widths = (n_dims + 2, n_dims * n_dims + 2 * n_dims + 3)

    def run_rows(first_chunk: int, last_chunk: int, *, spread: bool) -> tuple[Floats, Floats | None]:
        slots = last_chunk - first_chunk if spread else 1
        sums = np.zeros((slots, widths[0], n_columns))
        h_sums = np.zeros((slots, widths[1], n_columns)) if information else None
        rows = first_chunk * step, min(last_chunk * step, n_rows)
        kernel(*parameters, *rows, step, int(spread), values, g_positions, sums, h_positions, h_sums)
        return sums, h_sums

    workers = min(n_chunks, threads or core_count())
    if workers == 1 or columns.codes.size < SMALL:
        sums, h_sums = run_rows(0, n_chunks, spread=False)
        return Sums(
            sum(values.tolist()), g_positions, sums[0], h_positions, None if h_sums is None else h_sums[0]
        )
    total = np.zeros((widths[0], n_columns))
    h_total = np.zeros((widths[1], n_columns)) if information else None
    # Two shares a worker even out what else the machine does; more cost more than they even out.
    bounds = np.linspace(0, n_chunks, min(n_chunks, 2 * workers) + 1).astype(int).tolist()
    shares = pool(workers).map(lambda share: run_rows(share[0], share[1], spread=True), pairwise(bounds))
    for sums, h_sums in shares:
        for slot in range(len(sums)):
            total += sums[slot]
            if h_total is not None and h_sums is not None:
                h_total += h_sums[slot]
    return Sums(sum(values.tolist()), g_positions, total, h_positions, h_total)
