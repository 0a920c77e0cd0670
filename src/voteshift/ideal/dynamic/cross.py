"""The information between the deviations of a period and the items of that period.

In a record of two chambers, the members of one chamber have no vote on the items of the other. The matrix of
a period then consists of patches, one for each chamber, and zeros, which are not stored.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.links import need_standard
from voteshift.likelihood import Design, averaged_cross_information, cross_information
from voteshift.likelihood.reference import Information

__all__ = ["Cross", "Patch", "PeriodBlocks", "find_patches", "period_blocks"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Places = Ints | slice

_ITEM = 3  # parameters of an item
_FULL = 0.75  # largest share of the matrix for which patches pay
_ALIKE = 1.15  # growth of the cells up to which two sets of roll calls make one patch


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of the matrix.

    Attributes
    ----------
    rows : ndarray of int, shape (n_rows,), or slice
        Rows of the patch in the matrix.
    items : ndarray of int, shape (n_items,), or slice
        Items of the patch in the matrix.
    values : ndarray, shape (n_rows, n_items, 3) or (n_rows, n_items, 2)
        The elements. If all items have two categories, those of the log gap, which are 0, can be left out.
    """

    rows: Ints | slice
    items: Ints | slice
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Cross:
    """The matrix of one period, shape (n_rows, n_items, 3). Elements outside all patches are 0.

    Attributes
    ----------
    shape : tuple of int
        Number of rows, of items, and of parameters of an item.
    patches : tuple of Patch
        No two patches share an item.
    """

    shape: tuple[int, int, int]
    patches: tuple[Patch, ...]

    def of_items(self, items: Ints | slice | NDArray[np.bool_] | int) -> Floats:
        """Return the matrix of some items."""
        if len(self.patches) == 1 and isinstance(self.patches[0].rows, slice):
            return self.patches[0].values[:, items]
        matrix = np.zeros(self.shape)
        for patch in self.patches:
            width = np.arange(patch.values.shape[2])
            matrix[np.ix_(patch.rows, patch.items, width)] = patch.values  # type: ignore[arg-type]  # no slices
        return matrix[:, items]

    def times_items(self, values: Floats, chosen: NDArray[np.bool_]) -> Floats:
        """Return the matrix of the chosen items times values of these items, shape (n_rows,).

        Parameters
        ----------
        values : ndarray, shape (n_items, 3)
            Values of all items of the period.
        chosen : ndarray of bool, shape (n_items,)
            The items. If there are several patches, these are all items.
        """
        if len(self.patches) == 1 and isinstance(self.patches[0].rows, slice):
            matrix = self.patches[0].values
            return np.asarray(
                np.einsum("ijp,jp->i", matrix if chosen.all() else matrix[:, chosen], values[chosen])
            )
        result = np.zeros(self.shape[0])
        for patch in self.patches:
            of_items = values[patch.items, : patch.values.shape[2]]
            result[patch.rows] += np.einsum("ijp,jp->i", patch.values, of_items)
        return result

    def times_rows(self, values: Floats) -> Floats:
        """Return the transposed matrix times values of the rows, shape (n_items, 3)."""
        result = np.zeros(self.shape[1:])
        for patch in self.patches:
            width = patch.values.shape[2]
            result[patch.items, :width] += np.einsum("ijp,i->jp", patch.values, values[patch.rows])
        return result


def find_patches(design: Design, columns: slice, members: Ints) -> list[tuple[Ints, Ints]]:
    """Divide the roll calls of a period by the members that voted in them.

    Parameters
    ----------
    design : Design
        The votes.
    columns : slice
        The roll calls.
    members : ndarray of int, shape (n_rows,)
        The members of the matrix, ascending. All members that voted in the roll calls are among them.

    Returns
    -------
    list of (rows, columns)
        For each patch, its rows (positions in `members`) and its roll calls. Empty if the votes are a matrix,
        or if patches would save too little.
    """
    if design.seated is None:
        return []
    every = np.arange(design.n_rollcalls)[columns]
    patches: list[tuple[NDArray[np.bool_], Ints]] = []
    for _, (chosen, rows, codes) in design.seated.of(every):
        voted = np.zeros(design.n_members, dtype=bool)
        voted[rows] = codes.max(axis=1, initial=-1) >= 0
        size = int(voted.sum()) * len(chosen)
        for place, (others, before) in enumerate(patches):
            both = int((voted | others).sum()) * (len(chosen) + len(before))
            if both <= _ALIKE * (size + int(others.sum()) * len(before)):
                patches[place] = voted | others, np.concatenate([before, chosen])
                break
        else:
            patches.append((voted, chosen.astype(np.intp)))
    if sum(int(voted.sum()) * len(part) for voted, part in patches) > _FULL * len(members) * len(every):
        return []
    return [(np.flatnonzero(voted[members]), np.sort(part)) for voted, part in patches]


@dataclass(frozen=True, slots=True, eq=False)
class PeriodBlocks:
    """The blocks of one period.

    Attributes
    ----------
    cross : Cross
        Information between the deviations and the items.
    chain : ndarray, shape (n_rows, n_rows)
        What the elimination of the items of this period alone adds to the information on the deviations;
        zeros if it is not wanted.
    bridging : ndarray, shape (n_rows, 3 * n_bridging)
        Information between the deviations and the items that bridge periods.
    steps : ndarray, shape (n_rows, n_steps)
        Information between the deviations and the common steps.
    """

    cross: Cross
    chain: Floats
    bridging: Floats
    steps: Floats


def period_blocks(
    model: DynamicModel,
    point: DynamicPoint,
    jacobian: Floats,
    columns: slice,
    places: tuple[Ints, NDArray[np.bool_], Ints],
    *,
    roots: Floats | None,
    n_steps: int,
    observed: bool,
) -> PeriodBlocks:
    """Compute the blocks of one period.

    Parameters
    ----------
    model, point
        The model, and the point at which the information is computed.
    jacobian : ndarray, shape (n_rollcalls, 3, 4)
        Derivatives of the parameters of roll calls by item parameters and shifts.
    columns : slice
        The roll calls of the period.
    places : tuple
        The items of the period, ascending; True for items of this period alone; and the members of the
        blocks, ascending.
    roots : ndarray, shape (n_items, 3, 3), or None
        Inverse Cholesky factors of the blocks of all items; None if no item is eliminated.
    n_steps : int
        Number of common steps in the border.
    observed : bool
        True for the observed information, False for the expected information.
    """
    items, local, members = places
    n_rows = len(members)
    alone = bool(local.all()) and len(items) == columns.stop - columns.start
    parts: list[tuple[Ints, Ints]] = find_patches(model.design, columns, members) if alone else []
    chain = np.zeros((n_rows, n_rows))
    steps = np.zeros((n_rows, n_steps))
    # Without a shared item, no step shifts a roll call.
    with_steps = n_steps > 0 and model.shares_items
    if not parts:
        some = None if n_rows == model.walk.seen.shape[1] else members
        by_item, by_shift = _by_item(model, point, jacobian, columns, some, items, observed=observed)
        patch = Patch(slice(None), slice(None), np.ascontiguousarray(by_item.transpose(1, 0, 2)))
        if roots is not None:
            chain = _eliminated(by_item[local], roots[items[local]])
        if with_steps:
            steps = by_shift.T @ model.leverage[columns]
        bridging = by_item[~local].transpose(1, 0, 2).reshape(n_rows, -1)
        return PeriodBlocks(Cross((n_rows, len(items), _ITEM), (patch,)), chain, bridging, steps)
    patches = []
    for rows, chosen in parts:
        here = np.sort(model.design.item[chosen]).astype(np.intp)
        by_item, by_shift = _by_item(model, point, jacobian, chosen, members[rows], here, observed=observed)
        width = _ITEM if (model.design.n_categories[here] == 3).any() else _ITEM - 1
        by_item, place = by_item[..., :width], np.searchsorted(items, here)
        patches.append(Patch(rows, place, np.ascontiguousarray(by_item.transpose(1, 0, 2))))
        if roots is not None:
            chain[np.ix_(rows, rows)] += _eliminated(by_item, roots[here, :width, :width])
        if with_steps:
            steps[rows] += by_shift.T @ model.leverage[chosen]
    cross = Cross((n_rows, len(items), _ITEM), tuple(patches))
    return PeriodBlocks(cross, chain, np.zeros((n_rows, 0)), steps)


def _by_item(
    model: DynamicModel,
    point: DynamicPoint,
    jacobian: Floats,
    columns: Places,
    members: Ints | None,
    items: Ints,
    *,
    observed: bool,
) -> tuple[Floats, Floats]:
    """Return the information between deviations and items, items first, and between deviations and shifts."""
    between = _cross(model, point, columns, members, observed=observed) @ jacobian[columns]
    return _summed_by_item(between[..., :_ITEM], items, model.design.item[columns]), between[..., _ITEM]


def _summed_by_item(values: Floats, items: Ints, item: NDArray[np.int32]) -> Floats:
    """Sum values of roll calls, which are first, over the roll calls of each item."""
    if np.array_equal(items, item):
        return values + 0.0  # as a sum from 0
    result = np.zeros((len(items), *values.shape[1:]))
    np.add.at(result, np.searchsorted(items, item), values)
    return result


def _eliminated(by_item: Floats, roots: Floats) -> Floats:
    """Return what the elimination of normal items adds to the information on the deviations of a period."""
    spread = np.einsum("jrp,jqp->rjq", by_item, roots)
    spread = spread.reshape(len(spread), -1)
    return np.asarray(-spread @ spread.T)


def _cross(
    model: DynamicModel, point: DynamicPoint, columns: Places, members: Ints | None, *, observed: bool
) -> Floats:
    """Return mixed information of the parameters of roll calls and the deviations of some members.

    Parameters are (discrimination, cutpoints). The first axis is the roll call.
    """
    arguments, spread = model.votes_at(point, model.shifts_of(point))
    if spread is not None:
        raw = averaged_cross_information(
            *arguments,
            spread,
            columns=columns,
            members=members,
            link=need_standard(model.link, "marginal fits"),
            with_score=observed,
        )
    else:
        information: Information = "observed" if observed else "expected"
        raw = cross_information(
            *arguments, columns=columns, members=members, link=model.link, information=information
        )
    return raw[:, :, 0].transpose(1, 0, 2)
