"""The information matrix of the dynamic model, stored as a few dense blocks.

Sorted by period, the deviations of all members form a chain: a dense block for each period, and diagonal
blocks between successive periods (the random walks). If a record is long, the block of a period omits the
members outside their first and last vote (`voteshift.ideal.dynamic.ends`). An item that occurs in only one
period is eliminated into the block of that period; in a marginal fit, it is integrated out instead. The
common steps, the steps of groups and the items that bridge periods form a border:

    [ A  B ]      A block tridiagonal (periods), B and D the border.
    [ B' D ]
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.cross import Cross, period_blocks
from voteshift.ideal.dynamic.ends import Ends, build_ends, find_rows
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, DynamicSlope, sum_by_item
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.links import need_standard
from voteshift.ideal.objective import half_gaps
from voteshift.likelihood import (
    Design,
    evaluate_averaged,
    integrated_information,
)

__all__ = ["Blocks", "Layout", "constraint_normals", "information_blocks", "item_blocks", "layout"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Normal = tuple[Floats, Floats]  # by deviation, and by border column
_ITEM = 3  # parameters of an item
_STIFF = 20.0  # times the multiplier of the constraint, added along the forbidden directions


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The items that are eliminated and the items that stay in the border.

    Attributes
    ----------
    columns : tuple of slice
        Roll calls of each period; they must be sorted by period.
    items : tuple of ndarray of int
        Items that occur in each period.
    slot : ndarray of int, shape (n_items,)
        Rank of an item among the items that bridge periods, ordered by first period. It is -1 if the item is
        eliminated.
    n_steps : int
        Number of border columns of the common steps; 0 if the model has no common steps.
    n_group_steps : int
        Number of border columns of the steps of groups, by period and then by group; 0 without groups.
    n_guard : int
        Number of additional border columns that keep the matrix positive definite (see `_guard`). Usually 0.
    active : tuple of int
        Number of border columns that are not 0 in the periods up to and including each period.
    """

    columns: tuple[slice, ...]
    items: tuple[Ints, ...]
    slot: Ints
    n_steps: int
    n_group_steps: int
    n_guard: int
    active: tuple[int, ...]

    @property
    def n_shared(self) -> int:
        """Number of border columns before those of the items."""
        return self.n_steps + self.n_group_steps + self.n_guard

    @property
    def group_steps(self) -> slice:
        """Border columns of the steps of groups."""
        return slice(self.n_steps, self.n_steps + self.n_group_steps)

    @property
    def n_border(self) -> int:
        """Number of border columns."""
        return self.n_shared + _ITEM * int((self.slot >= 0).sum())

    @property
    def bridging(self) -> Ints:
        """Items in the border."""
        return np.flatnonzero(self.slot >= 0)

    def border_of(self, items: Ints) -> Ints:
        """Return the border columns of bridging items, shape (n_items, 3)."""
        return self.n_shared + _ITEM * self.slot[items][:, None] + np.arange(_ITEM)


def layout(design: Design, *, with_steps: bool, n_groups: int = 0, guarded: bool = False) -> Layout:
    """Return the layout of a design whose roll calls are sorted by period."""
    if np.any(np.diff(design.period) < 0):
        raise ValueError("roll calls must be sorted by period")
    ends = np.searchsorted(design.period, np.arange(design.n_periods + 1))
    columns = tuple(slice(int(ends[t]), int(ends[t + 1])) for t in range(design.n_periods))
    items = tuple(np.unique(design.item[part]).astype(np.intp) for part in columns)
    first = np.full(design.n_items, design.n_periods)
    last = np.full(design.n_items, -1)
    np.minimum.at(first, design.item, design.period)
    np.maximum.at(last, design.item, design.period)
    bridging = np.flatnonzero(first < last)
    bridging = bridging[np.argsort(first[bridging], kind="stable")]
    slot = np.full(design.n_items, -1, dtype=np.intp)
    slot[bridging] = np.arange(len(bridging))
    n_steps = design.n_periods - 1 if with_steps else 0
    n_group_steps = n_groups * design.n_periods
    n_guard = 2 * (design.n_periods + (n_groups > 0)) if guarded else 0
    n_shared = n_steps + n_group_steps + n_guard
    begun = np.searchsorted(first[bridging], np.arange(design.n_periods), side="right")
    active = tuple(int(n_shared + _ITEM * count) for count in begun)
    return Layout(columns, items, slot, n_steps, n_group_steps, n_guard, active)


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The information matrix [[A, B], [B', D]] at a point, in blocks.

    Block A contains the deviations of members, by period. Block D contains the border: the parameters that
    several periods share.

    Attributes
    ----------
    layout : Layout
        The meaning of rows and columns.
    rows : tuple of ndarray of int, one per period
        Members in the block of each period.
    ends : Ends
        The deviations in no block, which are eliminated into the blocks.
    chain : tuple of ndarray, each of shape (n_rows, n_rows)
        Diagonal blocks of A, one per period.
    links : ndarray, shape (n_periods - 1, n_members)
        Minus the diagonals of the blocks of A between successive periods.
    border : tuple of ndarray, each of shape (n_rows, n_border)
        Block B, by period.
    corner : ndarray, shape (n_border, n_border)
        Block D.
    cross : tuple of Cross, one per period
        Information between the deviations of a period and the items of that period.
    item_roots : ndarray, shape (n_items, 3, 3)
        Inverse Cholesky factors R of the blocks of the items: R' R is the covariance of an item given all
        other parameters.
    """

    layout: Layout
    rows: tuple[Ints, ...]
    ends: Ends
    chain: tuple[Floats, ...]
    links: Floats
    border: tuple[Floats, ...]
    corner: Floats
    cross: tuple[Cross, ...]
    item_roots: Floats


def _jacobian(model: DynamicModel, point: DynamicPoint, shifts: Floats) -> Floats:
    """Return the derivatives of the parameters of roll calls with respect to item parameters and shifts."""
    design = model.design
    three = design.n_categories == 3
    half = half_gaps(point.log_gaps, three)[design.item]
    slopes = point.discriminations[design.item, 0]
    result = np.zeros((design.n_rollcalls, 3, _ITEM + 1))
    result[:, 0, 0] = 1.0
    for cut, side in ((1, -1.0), (2, 1.0)):
        exists = 1.0 if cut == 1 else three[design.item]
        result[:, cut, 0] = -shifts * exists
        result[:, cut, 1] = exists
        result[:, cut, 2] = side * half
        result[:, cut, 3] = -slopes * exists
    return result


def item_blocks(
    model: DynamicModel, point: DynamicPoint, slope: DynamicSlope, *, observed: bool
) -> tuple[Floats, Floats]:
    """Return information plus prior precision of each item, and the contribution of each roll call.

    Parameters
    ----------
    slope : DynamicSlope
        The log posterior at `point`, with its information.
    observed : bool
        True if the information in `slope` is observed, False if it is expected.

    Returns
    -------
    items : ndarray, shape (n_items, 3, 3)
        Blocks of (discrimination, midpoint, log gap). If an item has two categories, the row of the log gap
        is the row of an identity matrix.
    rollcalls : ndarray, shape (n_rollcalls, 4, 4)
        Blocks of these parameters and the shift, without priors.
    """
    design, priors = model.design, model.priors
    raw = slope.evaluation.item_information
    if raw is None:
        raise ValueError(
            "the information matrix was not computed; evaluate the log posterior with "
            "information='observed' or 'expected'"
        )
    jacobian = _jacobian(model, point, slope.shifts)
    rollcalls = jacobian.transpose(0, 2, 1) @ raw @ jacobian
    if observed:
        score = slope.evaluation.cutpoints
        half = jacobian[:, 2, 2]
        rollcalls[:, 2, 2] -= half * (score[:, 1] - score[:, 0])
        rollcalls[:, 0, 3] += score.sum(axis=1)
        rollcalls[:, 3, 0] += score.sum(axis=1)
    parts = rollcalls[:, :_ITEM, :_ITEM].reshape(design.n_rollcalls, -1)
    items = sum_by_item(design, parts).reshape(design.n_items, _ITEM, _ITEM)
    items += np.diag(np.array([priors.discrimination, priors.midpoint, priors.log_gap]) ** -2.0)
    items[design.n_categories == 2, 2, 2] = 1.0
    return items, rollcalls


def information_blocks(
    model: DynamicModel,
    point: DynamicPoint,
    slope: DynamicSlope,
    *,
    observed: bool,
    pull: float,
    rows: tuple[Ints, ...] | None = None,
) -> Blocks:
    """Build the blocks of information plus prior precision.

    Parameters
    ----------
    model : DynamicModel
        The model.
    point : DynamicPoint
        The point at which the information is computed.
    slope : DynamicSlope
        The log posterior at `point`, with its information.
    observed : bool
        True if the information in `slope` is observed, False if it is expected.
    pull : float
        Curvature that the scale constraint adds to every deviation in a member-period with a vote.
    rows : tuple of ndarray of int, one per period
        Members in the block of each period; `find_rows` of the walk by default.

    Raises
    ------
    LinAlgError
        If the block of an item is not positive definite.
    """
    design, walk = model.design, model.walk
    by_deviation = slope.evaluation.position_information
    if by_deviation is None:
        raise ValueError(
            "the information matrix was not computed; evaluate the log posterior with "
            "information='observed' or 'expected'"
        )
    plan = layout(design, with_steps=walk.delta > 0, n_groups=walk.n_groups, guarded=pull < 0)
    steps = slice(0, plan.n_steps)
    information, rollcalls = item_blocks(model, point, slope, observed=observed)
    roots = np.linalg.inv(np.linalg.cholesky(information))
    jacobian = _jacobian(model, point, slope.shifts)
    rows = find_rows(walk) if rows is None else rows
    prior = walk.diagonal + pull * walk.seen
    by_vote, integrated = by_deviation[..., 0, 0], None
    if model.spread is not None and observed:
        by_vote, integrated = _integrated(model, point, slope.shifts, plan, rows, roots)
    ends = build_ends(rows, by_vote + prior, walk.precision)
    chain = []
    border = [np.zeros((len(members), plan.n_border)) for members in rows]
    cross = []
    for t, columns in enumerate(plan.columns):
        members, items = rows[t], plan.items[t]
        local = plan.slot[items] < 0
        part = period_blocks(
            model,
            point,
            jacobian,
            columns,
            (items, local, members),
            roots=roots if integrated is None else None,
            n_steps=plan.n_steps,
            observed=observed,
        )
        chain.append(part.chain if integrated is None else integrated[t])
        chain[t][np.diag_indices(len(members))] += ends.pivots[t, members]
        border[t][:, plan.border_of(items[~local]).ravel()] = part.bridging
        if model.shares_items:
            border[t][:, steps] = part.steps
        cross.append(part.cross)
    corner = np.zeros((plan.n_border, plan.n_border))
    places = plan.border_of(plan.bridging)
    corner[places[:, :, None], places[:, None, :]] = information[plan.bridging]
    if plan.n_steps:
        if model.shares_items:
            corner[steps, steps] = model.leverage.T @ (rollcalls[:, 3, 3, None] * model.leverage)
        corner[steps, steps][np.diag_indices(plan.n_steps)] += walk.step_precision
        bridges = np.flatnonzero(plan.slot[design.item] >= 0)
        mixed = np.zeros((len(plan.bridging), _ITEM, plan.n_steps))
        moved = rollcalls[bridges, :_ITEM, 3, None] * model.leverage[bridges, None, :]
        np.add.at(mixed, np.searchsorted(plan.bridging, design.item[bridges]), moved)
        corner[places, steps] = mixed
        corner[steps, plan.n_steps :] = corner[plan.n_steps :, steps].T
    if plan.n_group_steps:
        _add_groups(plan, walk, pull, border, corner)
    if plan.n_guard:
        weight = -_STIFF * pull / walk.seen.sum()
        _guard(plan, rows, constraint_normals(plan, point), weight, chain, border, corner)
    return Blocks(plan, rows, ends, tuple(chain), walk.precision, tuple(border), corner, tuple(cross), roots)


def _integrated(
    model: DynamicModel,
    point: DynamicPoint,
    shifts: Floats,
    plan: Layout,
    rows: tuple[Ints, ...],
    roots: Floats,
) -> tuple[Floats, list[Floats]]:
    """Return the information of a marginal fit on the deviations.

    Returns
    -------
    by_vote : ndarray, shape (n_periods, n_members)
        The diagonal from the roll calls of items that bridge periods, the items held fixed.
    blocks : list of ndarray, each of shape (n_rows, n_rows)
        The rest, by period: the items of the period alone are integrated out.
    """
    design, priors = model.design, model.priors
    link = need_standard(model.link, "marginal fits")
    local = plan.slot[design.item] < 0
    blocks = integrated_information(
        design,
        point.deviations[..., None],
        point.items(),
        roots,
        np.diag(np.array([priors.discrimination, priors.midpoint, priors.log_gap]) ** -2.0),
        columns=[np.flatnonzero(local[part]) + part.start for part in plan.columns],
        rows=rows,
        link=link,
        threads=model.threads,
    )
    by_vote = np.zeros_like(point.deviations)
    bridging = np.flatnonzero(~local)
    (whole, positions, slopes, cuts), spread = model.votes_at(point, shifts)
    if len(bridging) and spread is not None:
        votes = whole.part(bridging)
        kinds = whole.n_categories[bridging]
        numbers = np.arange(len(bridging), dtype=np.int32)
        part = Design(votes, whole.period[bridging], numbers, kinds, whole.n_periods)
        seen = replace(spread, items=spread.items[bridging])
        some = evaluate_averaged(
            part, positions, slopes[bridging], cuts[bridging], seen, link=link, threads=model.threads
        )
        if some.position_information is not None:
            by_vote = some.position_information[..., 0, 0]
    return by_vote, blocks


def constraint_normals(plan: Layout, point: DynamicPoint) -> tuple[Normal, Normal]:
    """Return the gradients of the mean and of half the mean square of the deviations without group paths.

    They are not divided by the number of member-periods. The second part of each is that of the border.
    """
    walk = point.walk
    return _normal(plan, walk, walk.seen.astype(float)), _normal(plan, walk, walk.seen * point.individual)


def _normal(plan: Layout, walk: Walk, chain: Floats) -> Normal:
    border = np.zeros(plan.n_border)
    if plan.n_group_steps:
        border[plan.group_steps] = -walk.sum_by_group(chain).ravel()
    return chain, border


def _add_groups(plan: Layout, walk: Walk, pull: float, border: list[Floats], corner: Floats) -> None:
    """Add the prior precision of the steps of groups, and that between them and the deviations.

    The steps of groups enter the prior of the members' steps, sum_ti p_ti (z_it - z_i,t-1 - g_kt)^2 / 2 with
    z_i,-1 = 0, and the scale constraint, whose curvature `pull` is that of the deviations without the paths
    of groups.
    """
    by_member = walk.increment_precision[:, None, :] * walk.membership
    for t, between in enumerate(by_member):
        begin = plan.n_steps + t * walk.n_groups
        place = slice(begin, begin + walk.n_groups)
        border[t][:, place] = -between.T
        if t:
            border[t - 1][:, place] = between.T
    paths = walk.group_accumulation
    held = pull * walk.seen[:, :, None] * walk.membership.T  # by period, member and group
    along = np.einsum("tig,gts->tisg", held, paths).reshape(*walk.seen.shape, -1)
    for part, by_step in zip(border, along, strict=True):
        part[:, plan.group_steps] -= by_step
    both = np.einsum("tg,gts,gtr->sgr", held.sum(axis=1), paths, paths)
    for group in range(walk.n_groups):
        columns = np.arange(plan.n_steps + group, plan.n_steps + plan.n_group_steps, walk.n_groups)
        corner[columns[:, None], columns] = both[:, group]
    places = np.arange(plan.n_steps, plan.n_steps + plan.n_group_steps)
    corner[places, places] += walk.group_precision.ravel()


def _guard(
    plan: Layout,
    rows: tuple[Ints, ...],
    normals: tuple[Normal, Normal],
    weight: float,
    chain: list[Floats],
    border: list[Floats],
    corner: Floats,
) -> None:
    """Add curvature along the mean and the scale of the deviations, which the constraint forbids.

    If the curvature of the scale constraint is negative, a shift or stretch of all deviations can seem to
    raise the log posterior. A rank-one term k w w' along a normal w prevents this, but would make the whole
    chain dense. The term is therefore written as

        k w w' = k T sum_t w_t w_t' - V V',    V_tr = sqrt(k T) (1[t = r] - 1 / T) w_t,

    The first part is a block for each period. The second part is subtracted by the elimination of T border
    columns. With groups, the border of w is one more part, after the periods.
    """
    n_periods = len(chain)
    n_parts = n_periods + (plan.n_group_steps > 0)
    contrast = np.sqrt(weight * n_parts) * (np.eye(n_parts) - 1.0 / n_parts)
    for rank, (normal, shared) in enumerate(normals):
        begin = plan.n_steps + plan.n_group_steps + rank * n_parts
        place = slice(begin, begin + n_parts)
        for t, members in enumerate(rows):
            part = normal[t, members]
            chain[t] += weight * n_parts * np.outer(part, part)
            border[t][:, place] = part[:, None] * contrast[t]
        corner[place, place] = np.eye(n_parts)
        if plan.n_group_steps:
            corner += weight * n_parts * np.outer(shared, shared)
            corner[:, place] += shared[:, None] * contrast[-1]
            corner[place] += contrast[-1][:, None] * shared
