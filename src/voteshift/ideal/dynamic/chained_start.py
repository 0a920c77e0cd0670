"""A start of the dynamic fit from separate starts of the periods, whose signs are aligned one by one.

If the members are replaced little by little, the first and the last periods have no member in common, and a
static fit of all periods can give a stretch of periods the wrong sign. A fit that starts there keeps it.
Neighbouring periods do have members in common. Each period is therefore placed by its own votes, and its sign
is that which agrees best with the positions of the same members in the periods before it.
"""

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.start import spectral_start
from voteshift.likelihood import Design

__all__ = ["chained_start"]

Floats = NDArray[np.float64]

_ENOUGH = 40  # roll calls of a window around a period; fewer do not place the members
_MEMORY = 0.5  # weight of the last period in the running position of a member


def chained_start(model: DynamicModel) -> DynamicPoint:
    """Return deviations whose signs agree from period to period, with items at 0.

    Raises
    ------
    NotUsableError
        If no period separates its members.
    """
    design, walk = model.design, model.walk
    n_periods, n_members = walk.seen.shape
    deviations = np.full((n_periods, n_members), np.nan)
    running = np.full(n_members, np.nan)
    for t in range(n_periods):
        members, positions = _place(design, walk.seen, t)
        if not len(members):
            continue
        has_position = np.isfinite(running[members])
        if has_position.any() and positions[has_position] @ running[members[has_position]] < 0:
            positions = -positions
        deviations[t, members] = positions
        blended = (1.0 - _MEMORY) * running[members] + _MEMORY * positions
        running[members] = np.where(has_position, blended, positions)
    if not np.isfinite(deviations).any():
        raise NotUsableError("no period separates its members", remedy="use wider periods")
    scaled, _, _ = walk.standardised(_fill(deviations))
    n_items = design.n_items
    zeros = np.zeros(n_items)
    return DynamicPoint(
        walk,
        scaled,
        np.zeros(n_periods - 1),
        np.zeros((n_items, 1)),
        zeros,
        zeros,
        np.zeros((n_periods, walk.n_groups)),
    )


def _place(design: Design, seen: NDArray[np.bool_], t: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the members of a period and their positions by the votes in a window around it."""
    reach = 0
    while True:
        columns = np.flatnonzero(np.abs(design.period - t) <= reach)
        if len(columns) >= _ENOUGH or reach >= len(seen):
            break
        reach += 1
    codes = design.part(columns)
    members = np.flatnonzero(seen[t] & (codes >= 0).any(axis=1))
    part = np.ascontiguousarray(codes[members])
    item = np.arange(len(columns), dtype=np.int32)
    window = Design(
        part, np.zeros(len(columns), dtype=np.int32), item, design.n_categories[design.item[columns]]
    )
    try:
        return members, spectral_start(window, 1).positions[:, 0]
    except NotUsableError:
        return members[:0], np.zeros(0)


def _fill(deviations: Floats) -> Floats:
    """Fill the periods in which a member did not vote with its nearest position, or with 0."""
    result = deviations.copy()
    periods = np.arange(len(result))
    for member in range(result.shape[1]):
        has_position = np.flatnonzero(np.isfinite(result[:, member]))
        result[:, member] = (
            np.interp(periods, has_position, result[has_position, member]) if len(has_position) else 0.0
        )
    return result
