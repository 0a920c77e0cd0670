"""One pass of a kernel: the prepared design, the units of work, and the order of the sums."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.design import Design
from voteshift.likelihood.reference import Information
from voteshift.likelihood.terms import Link
from voteshift.likelihood.threads import core_count, together

__all__ = [
    "SMALL",
    "THIN",
    "Columns",
    "Sums",
    "prepare",
    "prepare_whole",
    "run_pass",
    "sum_by_period",
    "sum_segments",
]

Floats = NDArray[np.float64]

THIN = 1e-3
"""Closer cutpoints use float64; with the probit link, the reference evaluates their items."""

SMALL = 200_000
"""Cells below which handing out work to threads costs more than it saves."""

UNITS = 8
"""Units of work that suffice: with fewer blocks of columns, rows are cut into segments too."""

LANES = 16
"""Number of columns that divides the width of every block, because incomplete vectors are slow."""

CELLS_AT_ONCE = 100_000
"""Number of cells of a mask at a time."""

FULL = 0.75
"""Largest share of the cells for which a block stores only its own members; else a copy would not pay."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A design prepared for the kernels: columns in blocks of one period each, and constant counts.

    Attributes
    ----------
    codes : ndarray of int8, shape (n_rows, n_columns)
        Votes of the design, with columns sorted by period. If there are several periods, columns without
        votes fill the last vector of each period. The rows of a block are the members in `seats`.
    bounds : ndarray of int64, shape (n_blocks, 4)
        First column, end, index of the positions and number of rows of each block. The index is the period,
        or the block itself if there are `seats`.
    period : ndarray of int64, shape (n_blocks,)
        Period of each block.
    seats : tuple of ndarray of int, one per block, or None
        The members with a vote in each block. With None, the rows are all members.
    item, three, n_middle : ndarray, shape (n_columns,)
        Item of each column, whether the item has three categories, and its number of middle votes.
    binary : bool
        Whether no item has three categories.
    order, firsts, present : ndarray of int64, or None
        Columns sorted by item, the place at which each item begins among them, and the items that have a
        column. None if columns are items.
    segment_rows, step : int
        Numbers of rows of a segment and of a chunk.
    n_segments : int
        Number of segments of rows.
    """

    codes: NDArray[np.int8]
    bounds: NDArray[np.int64]
    period: NDArray[np.int64]
    seats: tuple[NDArray[np.intp], ...] | None
    item: NDArray[np.int32]
    three: NDArray[np.bool_]
    n_middle: Floats
    binary: bool
    order: NDArray[np.intp] | None
    firsts: NDArray[np.intp] | None
    present: NDArray[np.int32] | None
    segment_rows: int
    step: int
    n_segments: int

    def of_blocks(self, values: NDArray[Any], real: type) -> NDArray[Any]:
        """Return values of members by period in the order of the kernels: by block and row with `seats`."""
        if self.seats is None:
            return np.ascontiguousarray(values, dtype=real)
        result = np.zeros((len(self.seats), len(self.codes), *values.shape[2:]), dtype=real)
        for block, (period, members) in enumerate(zip(self.period.tolist(), self.seats, strict=True)):
            result[block, : len(members)] = values[period, members]
        return result

    def by_item(self, values: Floats, n_items: int) -> Floats:
        """Sum values with columns last over the columns of each item."""
        if self.order is None or self.firsts is None:
            return values
        out = np.zeros((*values.shape[:-1], n_items))
        if len(self.firsts):
            out[..., self.present] = np.add.reduceat(values[..., self.order], self.firsts, axis=-1)
        return out


_prepared: WeakKeyDictionary[Design, Columns] = WeakKeyDictionary()


def prepare(design: Design) -> Columns:
    """Prepare a design for the kernels, once for each design because it is immutable.

    If the design is large and many members have no vote in a block, each block stores the members that have.
    """
    columns = _prepared.get(design)
    if columns is None:
        columns = _of_seats(design) if design.seated is not None else None
        columns = _prepared[design] = _seated(prepare_whole(design)) if columns is None else columns
    return columns


def prepare_whole(design: Design) -> Columns:
    """Prepare a design for the kernels, with all members in every block."""
    from voteshift.likelihood.blocks import BLOCK

    bounds, sources = _layout(design.period, BLOCK)
    codes = design.votes
    if sources is not None:
        real = np.flatnonzero(sources >= 0)
        source = sources[real]
        codes = np.full((len(codes), len(sources)), -1, dtype=np.int8)
        for row, votes in enumerate(design.votes):
            codes[row, real] = votes[source]
    return _columns(design, codes, bounds, sources, None)


def _of_seats(design: Design) -> Columns | None:
    """Prepare votes in blocks without the matrix; None if each block would have nearly all members.

    The result is that of `_seated` for the matrix.
    """
    from voteshift.likelihood.blocks import BLOCK

    bounds, sources = _layout(design.period, BLOCK)
    sources_of = np.arange(design.n_rollcalls) if sources is None else sources
    n_cells = design.n_members * len(sources_of)
    places = [np.arange(begin, end)[sources_of[begin:end] >= 0] for begin, end in bounds[:, :2].tolist()]
    if design.seated is None or n_cells < SMALL:
        return None
    seats = tuple(design.seated.voting_members(sources_of[place]) for place in places)
    counts = np.array([len(members) for members in seats])
    if counts @ (bounds[:, 1] - bounds[:, 0]) > FULL * n_cells:
        return None
    codes = np.full((counts.max(), len(sources_of)), -1, dtype=np.int8)
    for place, members in zip(places, seats, strict=True):
        codes[: len(members), place] = design.seated.matrix(sources_of[place], members)
    return _columns(design, codes, bounds, sources, seats)


def _columns(
    design: Design,
    codes: NDArray[np.int8],
    bounds: NDArray[np.int64],
    sources: NDArray[np.intp] | None,
    seats: tuple[NDArray[np.intp], ...] | None,
) -> Columns:
    """Return columns whose votes are arranged, with their items and counts."""
    item = design.item
    order: NDArray[np.intp] | None = None
    firsts: NDArray[np.intp] | None = None
    present: NDArray[np.int32] | None = None
    three = (design.n_categories == 3)[item]
    if sources is not None:
        real = np.flatnonzero(sources >= 0)
        item, three = item[np.maximum(sources, 0)], (sources >= 0) & three[sources]
        order = real[np.argsort(design.item[sources[real]], kind="stable")]
    elif not np.array_equal(item, np.arange(design.n_items)):
        order = np.argsort(item, kind="stable")
    if order is not None:
        firsts = np.flatnonzero(np.diff(item[order], prepend=-1))
        present = item[order][firsts]
    n_middle = np.zeros(len(item))
    if three.any():
        height = max(1, CELLS_AT_ONCE // max(1, len(item)))
        for row in range(0, len(codes), height):
            n_middle += (codes[row : row + height] == 1).sum(axis=0)
    step, segment_rows, n_segments = _segments(len(codes), len(bounds), codes.size)
    places, ends = bounds[:, 2], np.full(len(bounds), len(codes))
    if seats is not None:
        places, ends = np.arange(len(bounds)), np.array([len(members) for members in seats])
    return Columns(
        codes=codes,
        bounds=np.column_stack([bounds[:, :2], places, ends]),
        period=bounds[:, 2],
        seats=seats,
        item=item,
        three=three,
        n_middle=np.where(three, n_middle, 0.0),
        binary=not three.any(),
        order=order,
        firsts=firsts,
        present=present,
        segment_rows=segment_rows,
        step=step,
        n_segments=n_segments,
    )


def _segments(n_rows: int, n_blocks: int, n_cells: int) -> tuple[int, int, int]:
    """Return the numbers of rows of a chunk and of a segment, and the number of segments."""
    from voteshift.likelihood.blocks import CHUNK

    n_chunks = max(1, -(-n_rows // CHUNK))
    # Equal chunks, in fours because kernels take up to four rows at a time.
    step = 4 * max(1, -(-n_rows // (4 * n_chunks)))
    n_chunks = max(1, -(-n_rows // step))
    wanted = min(n_chunks, -(-UNITS // max(1, n_blocks))) if n_cells >= SMALL else 1
    in_segment = -(-n_chunks // wanted)
    return step, in_segment * step, -(-n_chunks // in_segment)


def _seated(columns: Columns) -> Columns:
    """Leave out the rows without a vote in each block, if the design is large and this saves enough."""
    whole = columns.codes
    if whole.size < SMALL:
        return columns
    blocks = columns.bounds[:, :2].tolist()
    seats = tuple(np.flatnonzero(whole[:, begin:end].max(axis=1) >= 0) for begin, end in blocks)
    counts = np.array([len(members) for members in seats])
    if counts @ (columns.bounds[:, 1] - columns.bounds[:, 0]) > FULL * whole.size:
        return columns
    codes = np.full((counts.max(), whole.shape[1]), -1, dtype=np.int8)
    for (begin, end), members in zip(blocks, seats, strict=True):
        codes[: len(members), begin:end] = whole[members, begin:end]
    step, segment_rows, n_segments = _segments(len(codes), len(blocks), codes.size)
    return replace(
        columns,
        codes=codes,
        bounds=np.column_stack([columns.bounds[:, :2], np.arange(len(blocks)), counts]),
        seats=seats,
        step=step,
        segment_rows=segment_rows,
        n_segments=n_segments,
    )


def _layout(period: NDArray[np.int32], block: int) -> tuple[NDArray[np.int64], NDArray[np.intp] | None]:
    """Cut columns into blocks of one period each.

    Returns
    -------
    bounds : ndarray of int64, shape (n_blocks, 3)
        First column, end and period of each block.
    sources : ndarray of int, or None
        The roll call of each column, or -1 for a column without votes. None if columns are roll calls.
        Columns of a period are adjacent. If there are several periods, columns without votes complete the
        last vector of each period.
    """
    bounds = []
    sources: NDArray[np.intp] | None = None
    periods, counts = np.unique(period, return_counts=True)
    if len(periods) > 1:
        sorted_columns = np.split(np.argsort(period, kind="stable"), np.cumsum(counts)[:-1])
        fill = [np.full(-len(columns) % LANES, -1) for columns in sorted_columns]
        sources = np.concatenate([part for pair in zip(sorted_columns, fill, strict=True) for part in pair])
        counts = -(-counts // LANES) * LANES
    begin = 0
    for t, count in zip(periods.tolist(), counts.tolist(), strict=True):
        width = -(-count // (-(-count // block) * LANES)) * LANES
        for first in range(begin, begin + count, width):
            bounds.append((first, min(first + width, begin + count), t))
        begin += count
    return np.array(bounds, dtype=np.int64).reshape(-1, 3), sources


@dataclass(slots=True)
class Sums:
    """Sums of a pass: see `kernels_logit.sweep` for the rows of the arrays with columns last."""

    value: float
    g_positions: Floats
    columns: Floats
    h_positions: Floats | None
    h_columns: Floats | None


@functools.cache
def _kernel(
    link: Link, real: type, line: bool, binary: bool, information: Information | None
) -> Callable[..., Any]:
    """Return a compiled kernel.

    Numba takes half a second to import, so it is imported where it is first needed.
    """
    from voteshift.likelihood import (
        kernels_logit,
        kernels_logit_binary,
        kernels_logit_ordered,
        kernels_probit,
        kernels_probit_binary,
        kernels_probit_ordered,
    )
    from voteshift.likelihood.blocks import signature
    from voteshift.likelihood.compiling import compiled

    kernels: Any = {
        ("logit", True, True): kernels_logit_binary.line_binary,
        ("logit", True, False): kernels_logit_ordered.line_ordered,
        ("probit", True, True): kernels_probit_binary.line_binary,
        ("probit", True, False): kernels_probit_ordered.line_ordered,
        ("logit", False, binary): kernels_logit.sweep,
        ("probit", False, binary): kernels_probit.sweep,
    }
    is_flag = not line or information == "expected"
    of_arguments = signature(real, information is not None, is_flag)  # type: ignore[no-untyped-call]
    return compiled(kernels[link, line, binary], of_arguments)


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
    """Run the kernel for this design, link and information over all votes.

    Parameters
    ----------
    columns : Columns
        The design, prepared.
    positions, discriminations, cutpoints, link, information, threads
        As in `evaluate`.
    real : type
        Arithmetic for the terms of a vote, ``numpy.float64`` or ``numpy.float32``.

    Returns
    -------
    Sums
        The sums are the same to the last bit for any number of threads. The units of work depend on the
        design only. Each unit is summed separately, and the sums of units are added in a fixed order.
    """
    n_dims = positions.shape[2]
    if link == "logit" and columns.binary and information == "expected":
        information = "observed"  # they are the same: one kernel less
    n_rows, n_columns = columns.codes.shape
    n_blocks, n_segments = len(columns.bounds), columns.n_segments
    widths = n_dims + 2, n_dims * n_dims + 2 * n_dims + 3
    values = np.empty(n_blocks * n_segments)
    g_positions = np.empty((n_blocks, n_rows, n_dims))
    sums = np.empty((n_segments, widths[0], n_columns))
    h_positions = np.empty((n_blocks, n_rows, n_dims, n_dims)) if information else None
    h_sums = np.empty((n_segments, widths[1], n_columns)) if information else None
    arguments: tuple[Any, ...] = (
        columns.codes,
        columns.bounds,
        columns.item,
        columns.three,
        columns.n_middle,
        columns.of_blocks(positions, real),
        np.ascontiguousarray(discriminations, dtype=np.float64),
        np.ascontiguousarray(cutpoints, dtype=np.float64),
        columns.binary,
    )
    rest: tuple[Any, ...] = (
        columns.step,
        columns.segment_rows,
        values,
        g_positions,
        sums,
        h_positions,
        h_sums,
    )
    workers = min(len(values), threads or core_count()) if columns.codes.size >= SMALL else 1
    for line in (n_dims == 1, False):
        counter = np.zeros(2, dtype=np.int64)
        kernel = _kernel(link, real, line, columns.binary, information)
        expected = True if information == "expected" else None if line else False
        together(functools.partial(kernel, counter, *arguments, expected, *rest), workers)
        if not counter[1]:
            break
    return Sums(
        sum(values.tolist()),
        sum_by_period(columns, g_positions, *positions.shape[:2]),
        sum_segments(sums),
        None if h_positions is None else sum_by_period(columns, h_positions, *positions.shape[:2]),
        None if h_sums is None else sum_segments(h_sums),
    )


def sum_segments(parts: Floats) -> Floats:
    """Add the sums of the segments."""
    total: Floats = parts[0] if len(parts) == 1 else parts.sum(axis=0)
    return total


def sum_by_period(columns: Columns, parts: Floats, n_periods: int, n_members: int) -> Floats:
    """Sum the contributions of each block to the positions of its period."""
    total = np.zeros((n_periods, n_members, *parts.shape[2:]))
    for block, (period, part) in enumerate(zip(columns.period.tolist(), parts, strict=True)):
        if columns.seats is None:
            total[period] += part
        else:
            members = columns.seats[block]
            total[period, members] += part[: len(members)]
    return total
