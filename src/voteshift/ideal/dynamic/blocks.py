"""The information of the dynamic model as a few dense blocks, and nothing of the size of its square.

Ordered by period, the deviations of all members form a chain: a dense block per period, diagonal blocks
between neighbours (the walks). An item voted on in one period only is eliminated into the block of that
period. The common steps and the items that bridge periods stay as a border:

    [ A  B ]      A block tridiagonal (periods), B and D the border.
    [ B' D ]
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, DynamicSlope
from voteshift.ideal.objective import half_gaps
from voteshift.likelihood import Design, cross_information

__all__ = ["Blocks", "Layout", "information_blocks", "item_blocks", "layout"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
_ITEM = 3  # parameters of an item
_STIFF = 20.0  # times the pull inwards: curvature added along what the constraint forbids


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The items that are eliminated and those that stay in the border.

    Attributes
    ----------
    columns : tuple of slice
        Roll calls of each period; they must be sorted by period.
    items : tuple of ndarray of int
        Items voted on in each period.
    slot : ndarray of int, shape (n_items,)
        Rank of an item among those that bridge periods, ordered by first period; -1 where it is eliminated.
    n_steps : int
        Border columns of the common steps; 0 where there are none.
    n_guard : int
        Border columns after these that keep the matrix positive definite, see `_guard`; mostly 0.
    active : tuple of int
        Border columns that are not 0 down to each period.
    """

    columns: tuple[slice, ...]
    items: tuple[Ints, ...]
    slot: Ints
    n_steps: int
    n_guard: int
    active: tuple[int, ...]

    @property
    def n_border(self) -> int:
        """Number of border columns."""
        return self.n_steps + self.n_guard + _ITEM * int((self.slot >= 0).sum())

    @property
    def bridging(self) -> Ints:
        """Items in the border."""
        return np.flatnonzero(self.slot >= 0)

    def border_of(self, items: Ints) -> Ints:
        """Return the border columns of bridging items, shape (n_items, 3)."""
        return self.n_steps + self.n_guard + _ITEM * self.slot[items][:, None] + np.arange(_ITEM)


def layout(design: Design, *, with_steps: bool, guarded: bool = False) -> Layout:
    """Find the layout of a design whose roll calls are sorted by period."""
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
    n_guard = 2 * design.n_periods if guarded else 0
    begun = np.searchsorted(first[bridging], np.arange(design.n_periods), side="right")
    active = tuple(int(n_steps + n_guard + _ITEM * count) for count in begun)
    return Layout(columns, items, slot, n_steps, n_guard, active)


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The information at a point.

    Attributes
    ----------
    layout : Layout
        Which columns are which.
    chain : ndarray, shape (n_periods, n_members, n_members)
        Diagonal blocks of A.
    links : ndarray, shape (n_periods - 1, n_members)
        Minus the diagonals of its other blocks.
    border : ndarray, shape (n_periods, n_members, n_border)
        B.
    corner : ndarray, shape (n_border, n_border)
        D.
    cross : tuple of ndarray, each of shape (n_members, n_items of the period, 3)
        Information between deviations of a period and the items voted on.
    item_roots : ndarray, shape (n_items, 3, 3)
        Inverse Cholesky factors R of the items' own blocks: R' R is an item's covariance given the rest.
    """

    layout: Layout
    chain: Floats
    links: Floats
    border: Floats
    corner: Floats
    cross: tuple[Floats, ...]
    item_roots: Floats


def _jacobian(model: DynamicModel, point: DynamicPoint, shifts: Floats) -> Floats:
    """Differentiate a roll call's parameters by those of its item and the shift."""
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
    """Return information plus prior precision of each item, and what each roll call adds.

    Parameters
    ----------
    slope : DynamicSlope
        The log posterior at `point`, with its information.
    observed : bool
        Whether that is the observed information.

    Returns
    -------
    items : ndarray, shape (n_items, 3, 3)
        In (discrimination, midpoint, log gap); the row of the log gap is that of an identity matrix where
        an item has two categories.
    rollcalls : ndarray, shape (n_rollcalls, 4, 4)
        In the same and the shift, without priors.
    """
    design, priors = model.design, model.priors
    raw = slope.evaluation.item_information
    if raw is None:
        raise ValueError("the slope carries no information blocks")
    jacobian = _jacobian(model, point, slope.shifts)
    rollcalls = jacobian.transpose(0, 2, 1) @ raw @ jacobian
    if observed:
        score = slope.evaluation.cutpoints
        half = jacobian[:, 2, 2]
        rollcalls[:, 2, 2] -= half * (score[:, 1] - score[:, 0])
        rollcalls[:, 0, 3] += score.sum(axis=1)
        rollcalls[:, 3, 0] += score.sum(axis=1)
    items = np.zeros((design.n_items, _ITEM, _ITEM))
    np.add.at(items, design.item, rollcalls[:, :_ITEM, :_ITEM])
    items += np.diag(np.array([priors.discrimination, priors.midpoint, priors.log_gap]) ** -2.0)
    items[design.n_categories == 2, 2, 2] = 1.0
    return items, rollcalls


def information_blocks(
    model: DynamicModel, point: DynamicPoint, slope: DynamicSlope, *, observed: bool, pull: float
) -> Blocks:
    """Build the blocks of information plus prior precision.

    Parameters
    ----------
    model : DynamicModel
        What is maximised.
    point : DynamicPoint
        Where.
    slope : DynamicSlope
        The log posterior there, with the information asked for.
    observed : bool
        Whether that information is the observed one; the expected otherwise.
    pull : float
        Curvature the scale constraint adds to every deviation seen.

    Raises
    ------
    LinAlgError
        If an item's block is not positive definite.
    """
    design, walk = model.design, model.walk
    by_deviation = slope.evaluation.position_information
    if by_deviation is None:
        raise ValueError("the slope carries no information blocks")
    plan = layout(design, with_steps=walk.delta > 0, guarded=pull < 0)
    n_periods, n_members = walk.seen.shape
    steps = slice(0, plan.n_steps)
    information, rollcalls = item_blocks(model, point, slope, observed=observed)
    roots = np.linalg.inv(np.linalg.cholesky(information))
    jacobian = _jacobian(model, point, slope.shifts)
    chain = np.zeros((n_periods, n_members, n_members))
    border = np.zeros((n_periods, n_members, plan.n_border))
    prior = walk.diagonal + pull * walk.seen
    cross = []
    for t, columns in enumerate(plan.columns):
        between = _cross(model, point, columns, observed=observed) @ jacobian[columns]
        items = plan.items[t]
        by_item = np.zeros((len(items), n_members, _ITEM))
        np.add.at(by_item, np.searchsorted(items, design.item[columns]), between[..., :_ITEM])
        cross.append(np.ascontiguousarray(by_item.transpose(1, 0, 2)))
        local = plan.slot[items] < 0
        spread = np.einsum("jrp,jqp->rjq", by_item[local], roots[items[local]]).reshape(n_members, -1)
        chain[t] = -spread @ spread.T
        chain[t][np.diag_indices(n_members)] += by_deviation[t, :, 0, 0] + prior[t]
        border[t][:, plan.border_of(items[~local]).ravel()] = (
            by_item[~local].transpose(1, 0, 2).reshape(n_members, -1)
        )
        if plan.n_steps:
            border[t, :, steps] = between[..., _ITEM].T @ model.leverage[columns]
    corner = np.zeros((plan.n_border, plan.n_border))
    places = plan.border_of(plan.bridging)
    corner[places[:, :, None], places[:, None, :]] = information[plan.bridging]
    if plan.n_steps:
        corner[steps, steps] = model.leverage.T @ (rollcalls[:, 3, 3, None] * model.leverage)
        corner[steps, steps][np.diag_indices(plan.n_steps)] += walk.step_precision
        mixed = np.zeros((design.n_items, _ITEM, plan.n_steps))
        np.add.at(mixed, design.item, rollcalls[:, :_ITEM, 3, None] * model.leverage[:, None, :])
        corner[places, steps] = mixed[plan.bridging]
        corner[steps, plan.n_steps :] = corner[plan.n_steps :, steps].T
    if plan.n_guard:
        normals = (walk.seen.astype(float), walk.seen * point.deviations)
        _guard(plan, normals, -_STIFF * pull / walk.seen.sum(), chain, border, corner)
    return Blocks(plan, chain, walk.precision, border, corner, tuple(cross), roots)


def _guard(
    plan: Layout,
    normals: tuple[Floats, Floats],
    weight: float,
    chain: Floats,
    border: Floats,
    corner: Floats,
) -> None:
    """Add curvature along the mean and the scale of the deviations, which the constraint forbids anyway.

    Where the scale pulls inwards, moving or stretching all deviations together can look like a way up. A
    rank-one term k w w' along a normal w stops this and would fill the chain; but

        k w w' = k T sum_t w_t w_t' - V V',    V_tr = sqrt(k T) (1[t = r] - 1 / T) w_t,

    of which the first is a block per period and the second what eliminating T border columns subtracts.
    """
    n_periods = len(chain)
    contrast = np.sqrt(weight * n_periods) * (np.eye(n_periods) - 1.0 / n_periods)
    for rank, normal in enumerate(normals):
        begin = plan.n_steps + rank * n_periods
        place = slice(begin, begin + n_periods)
        for t, part in enumerate(normal):
            chain[t] += weight * n_periods * np.outer(part, part)
            border[t, :, place] = part[:, None] * contrast[t]
        corner[place, place] = np.eye(n_periods)


def _cross(model: DynamicModel, point: DynamicPoint, columns: slice, *, observed: bool) -> Floats:
    """Information between roll calls' (discrimination, cutpoints) and deviations, roll calls first."""
    design = model.design
    shifts = model.leverage @ point.steps
    slopes = point.discriminations[design.item]
    cuts = point.cutpoints(design.n_categories)[design.item] - slopes * shifts[:, None]
    raw = cross_information(
        model.by_rollcall,
        point.deviations[..., None],
        slopes,
        cuts,
        columns=columns,
        link=model.link,
        information="observed" if observed else "expected",
    )
    return raw[:, :, 0].transpose(1, 0, 2)
