"""Linear systems with the information of the dynamic model: block elimination along the periods."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from voteshift.ideal.dynamic.blocks import Blocks

__all__ = ["Factor", "Vector", "factorise"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector in the order of the blocks: deviations, then the border.

    Attributes
    ----------
    chain : ndarray, shape (n_periods, n_members, k)
        Deviations, with one column per right-hand side.
    border : ndarray, shape (n_border, k)
    """

    chain: Floats
    border: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """The information blocks after elimination of the chain of periods.

    Attributes
    ----------
    blocks : Blocks
        The blocks before elimination.
    lower : ndarray, shape (n_periods, n_members, n_members)
        Cholesky factors of the pivots of A.
    border : ndarray, shape (n_periods, n_members, n_border)
        The border B when the elimination reaches each period.
    corner : ndarray, shape (n_border, n_border)
        Cholesky factor of D - B' A^-1 B.
    """

    blocks: Blocks
    lower: Floats
    border: Floats
    corner: Floats

    def log_determinant(self) -> float:
        """Return the log determinant of the information, including eliminated items."""
        roots = np.einsum("jpp->jp", self.blocks.item_roots)[self.blocks.layout.slot < 0]
        pivots = np.einsum("tii->ti", self.lower)
        return 2.0 * float(np.log(pivots).sum() + np.log(np.diag(self.corner)).sum() - np.log(roots).sum())

    def solve(self, right: Vector) -> Vector:
        """Solve for deviations and border, given right-hand sides after elimination of the items."""
        links = self.blocks.links[..., None]
        n_periods = len(self.lower)
        forward = np.array(right.chain, dtype=np.float64)
        border = np.array(right.border, dtype=np.float64)
        for t in range(n_periods):
            if t:
                forward[t] += links[t - 1] * cho_solve((self.lower[t - 1], True), forward[t - 1])
            border -= self.border[t].T @ cho_solve((self.lower[t], True), forward[t])
        border = cho_solve((self.corner, True), border)
        return Vector(self.back(forward, border), border)

    def back(self, forward: Floats, border: Floats) -> Floats:
        """Return deviations by backward substitution, given the border, in the shape of `forward`."""
        result = np.empty_like(forward)
        for t in range(len(self.lower) - 1, -1, -1):
            right = forward[t] - self.border[t] @ border
            if t + 1 < len(self.lower):
                right += self.blocks.links[t][:, None] * result[t + 1]
            result[t] = cho_solve((self.lower[t], True), right)
        return result

    def position_variances(self, accumulation: Floats) -> Floats:
        """Return the variance of each position (deviation plus common path), shape (n_periods, n_members).

        Parameters
        ----------
        accumulation : ndarray, shape (n_periods, n_periods - 1)
            The matrix that converts common steps to the common path.
        """
        n_steps = self.blocks.layout.n_steps
        result = np.empty(self.lower.shape[:2])
        for t, inner, _, reach in self._inverse_blocks():
            along = -reach
            along[:, :n_steps] += accumulation[t, :n_steps]
            spread = solve_triangular(self.corner, along.T, lower=True)
            result[t] = np.diag(inner) + np.sum(spread**2, axis=0)
        return result

    def step_variances(self, membership: Floats) -> Floats:
        """Return the variance of each member's individual step, shape (n_periods - 1, n_members).

        Parameters
        ----------
        membership : ndarray, shape (n_groups, n_members)
            1 for each member of a group, otherwise 0. A member's own step is relative to that of its group.
        """
        result = np.empty(self.blocks.links.shape)
        n_groups, begin = len(membership), self.blocks.layout.group_steps.start
        later, far = np.empty(0), np.empty((0, 0))
        for t, inner, between, reach in self._inverse_blocks():
            variances = np.diag(inner)
            if t + 1 < len(self.lower):
                along = reach - far
                along[:, begin + (t + 1) * n_groups : begin + (t + 2) * n_groups] -= membership.T
                spread = solve_triangular(self.corner, along.T, lower=True)
                result[t] = variances + later - 2.0 * between + np.sum(spread**2, axis=0)
            later, far = variances, reach
        return result

    def _inverse_blocks(self) -> Iterator[tuple[int, Floats, Floats, Floats]]:
        """Yield parts of the inverse of A, from the last period to the first.

        Yields
        ------
        t : int
            The period.
        inner : ndarray, shape (n_members, n_members)
            The block of the period on the diagonal of the inverse.
        between : ndarray, shape (n_members,)
            The diagonal of the block between this period and the next; empty for the last period.
        reach : ndarray, shape (n_members, n_border)
            The inverse times the border B, in this period.
        """
        n_periods, n_members = self.lower.shape[:2]
        inner = np.zeros((n_members, n_members))
        between = np.empty(0)
        reach = np.zeros((n_members, self.blocks.layout.n_border))
        identity = np.eye(n_members)
        for t in range(n_periods - 1, -1, -1):
            inverse = cho_solve((self.lower[t], True), identity)
            right = self.border[t]
            if t + 1 < n_periods:
                link = self.blocks.links[t][:, None]
                carried = inverse * link.T
                right = right + link * reach
                half = carried @ inner
                between = np.diag(half).copy()
                inner = inverse + half @ carried.T
            else:
                inner = inverse
            reach = inverse @ right
            yield t, inner, between, reach

    def draw(self, n_draws: int, rng: np.random.Generator) -> Vector:
        """Draw deviations and border from the normal distribution whose precision is this information."""
        shape = (*self.lower.shape[:2], n_draws)
        noise = rng.standard_normal((self.blocks.layout.n_border, n_draws))
        border = solve_triangular(self.corner, noise, lower=True, trans="T")
        forward = np.empty(shape)
        for t, lower in enumerate(self.lower):
            # cho_solve in `back` turns L e into L^-T e, which has the covariance wanted.
            forward[t] = lower @ rng.standard_normal(shape[1:])
        return Vector(self.back(forward, border), border)


def factorise(blocks: Blocks) -> Factor:
    """Eliminate the chain of periods.

    Raises
    ------
    LinAlgError
        If the information is not positive definite.
    """
    n_periods, n_members = blocks.chain.shape[:2]
    lower = np.empty_like(blocks.chain)
    border = blocks.border.copy()
    corner = blocks.corner.copy()
    identity = np.eye(n_members)
    inverse = np.zeros((n_members, n_members))
    for t in range(n_periods):
        pivot = blocks.chain[t]
        if t:
            link = blocks.links[t - 1]
            before = blocks.layout.active[t - 1]
            pivot = pivot - inverse * np.outer(link, link)
            border[t, :, :before] += link[:, None] * (inverse @ border[t - 1, :, :before])
        lower[t] = cholesky(pivot, lower=True)
        inverse = cho_solve((lower[t], True), identity)
        active = blocks.layout.active[t]
        half = solve_triangular(lower[t], border[t, :, :active], lower=True)
        corner[:active, :active] -= half.T @ half
    return Factor(blocks, lower, border, cholesky(corner, lower=True) if corner.size else corner)
