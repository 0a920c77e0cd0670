"""The information of the dynamic model along the constraints on the scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.dynamic.blocks import constraint_normals, information_blocks
from voteshift.ideal.dynamic.factor import Factor, Vector, factorise
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, DynamicSlope

__all__ = ["Curvature", "curvature"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curvature:
    """A factorised information matrix and the directions that the constraints forbid.

    Attributes
    ----------
    factor : Factor
        The factorised information without constraints.
    normals : ndarray, shape (n_periods, n_members, 2)
        Orthonormal directions of the deviations that violate the constraints: their mean and their scale.
    shared_normals : ndarray, shape (n_border, 2)
        The same directions in the border; 0 without steps of groups.
    solved : Vector
        The inverse information times the normals.
    gram : ndarray, shape (2, 2)
        The transposed normals times `solved`.
    """

    factor: Factor
    normals: Floats
    shared_normals: Floats
    solved: Vector
    gram: Floats

    def log_determinant(self) -> float:
        """Return the log determinant of the information along the constraints."""
        return self.factor.log_determinant() + float(np.linalg.slogdet(self.gram)[1])

    def held(self, free: Vector) -> Vector:
        """Condition solutions or draws, one per column, on the constraints."""
        off = np.einsum("tia,tib->ab", self.normals, free.chain)
        if self.factor.blocks.layout.n_group_steps:
            off += self.shared_normals.T @ free.border
        back = np.linalg.solve(self.gram, off)
        return Vector(free.chain - self.solved.chain @ back, free.border - self.solved.border @ back)

    def step_variances(self, membership: Floats) -> Floats:
        """Return variances of the members' individual steps along the constraints.

        Parameters
        ----------
        membership : ndarray, shape (n_groups, n_members)
            As in `Factor.step_variances`.
        """
        off = np.diff(self.solved.chain, axis=0)
        if len(membership):
            steps = self.solved.border[self.factor.blocks.layout.group_steps]
            by_group = steps.reshape(len(off) + 1, len(membership), -1)[1:]
            off -= np.einsum("gi,tga->tia", membership, by_group)
        removed = np.einsum("tia,ab,tib->ti", off, np.linalg.inv(self.gram), off)
        return np.asarray(self.factor.step_variances(membership) - removed)

    def newton(self, gradient: DynamicPoint) -> DynamicPoint:
        """Return the inverse information times a gradient, along the constraints."""
        blocks = self.factor.blocks
        plan = blocks.layout
        by_item = gradient.items()
        eased = _covariance(blocks.item_roots, by_item)
        chain = gradient.deviations.copy()
        border = np.zeros(plan.n_border)
        border[plan.border_of(plan.bridging)] = by_item[plan.bridging]
        border[: plan.n_steps] = gradient.steps[: plan.n_steps]
        border[plan.group_steps] = gradient.group_steps.ravel()
        for t, items in enumerate(plan.items):
            local = plan.slot[items] < 0
            chain[t, blocks.rows[t]] -= blocks.cross[t].times_items(eased[items], local)
        move = self.held(self.factor.solve(Vector(chain[..., None], border[:, None])))
        deviations = move.chain[..., 0]
        steps = np.zeros_like(gradient.steps)
        steps[: plan.n_steps] = move.border[: plan.n_steps, 0]
        pulled = np.zeros_like(by_item)
        for t, items in enumerate(plan.items):
            pulled[items] += blocks.cross[t].times_rows(deviations[t, blocks.rows[t]])
        solution = _covariance(blocks.item_roots, by_item - pulled)
        solution[plan.bridging] = move.border[plan.border_of(plan.bridging), 0]
        group_steps = move.border[plan.group_steps, 0].reshape(gradient.group_steps.shape)
        return DynamicPoint(
            gradient.walk,
            deviations,
            steps,
            solution[:, :1],
            solution[:, 1],
            solution[:, 2],
            group_steps,
        )


def curvature(
    model: DynamicModel,
    point: DynamicPoint,
    slope: DynamicSlope,
    *,
    observed: bool,
    pull: float,
    rows: tuple[NDArray[np.intp], ...] | None = None,
) -> Curvature:
    """Factorise the information at a point.

    Parameters
    ----------
    model : DynamicModel
        The model.
    point : DynamicPoint
        A point that meets the scale constraint.
    slope : DynamicSlope
        The log posterior at `point`, with its information.
    observed : bool
        True if the information in `slope` is the observed information.
    pull : float
        Curvature that the scale constraint adds.
    rows : tuple of ndarray of int, one per period
        As in `information_blocks`.

    Raises
    ------
    LinAlgError
        If the information is not positive definite.
    """
    factor = factorise(information_blocks(model, point, slope, observed=observed, pull=pull, rows=rows))
    layout = factor.blocks.layout
    one, other = constraint_normals(layout, point)
    normals = np.stack([one[0], other[0]], axis=-1)
    size = np.sqrt(np.sum(normals**2, axis=(0, 1)))
    normals /= size
    shared = np.stack([one[1], other[1]], axis=-1) / size
    solved = factor.solve(Vector(normals, shared))
    gram = np.einsum("tia,tib->ab", normals, solved.chain)
    if layout.n_group_steps:
        gram += shared.T @ solved.border
    return Curvature(factor, normals, shared, solved, gram)


def _covariance(roots: Floats, vectors: Floats) -> Floats:
    """Multiply each vector by its covariance R' R."""
    return np.einsum("jqp,jqr,jr->jp", roots, roots, vectors)
