"""Linear systems with the information of the dynamic model: block elimination along the periods."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from voteshift.ideal.dynamic.blocks import Blocks

__all__ = ["Factor", "Vector", "factorise"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


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
        The blocks before elimination, without A and B.
    lower : tuple of ndarray, each of shape (n_rows, n_rows)
        Cholesky factors of the pivots of A, one per period.
    border : tuple of ndarray, each of shape (n_rows, n_border)
        The border B when the elimination reaches each period.
    corner : ndarray, shape (n_border, n_border)
        Cholesky factor of D - B' A^-1 B.
    """

    blocks: Blocks
    lower: tuple[Floats, ...]
    border: tuple[Floats, ...]
    corner: Floats

    def log_determinant(self) -> float:
        """Return the log determinant of the information, including eliminated items."""
        roots = np.einsum("jpp->jp", self.blocks.item_roots)[self.blocks.layout.slot < 0]
        pivots = np.concatenate([np.diag(part) for part in self.lower])
        ends = self.blocks.ends
        half = np.log(pivots).sum() + np.log(np.diag(self.corner)).sum() - np.log(roots).sum()
        return 2.0 * float(half) + float(np.log(ends.pivots[ends.outside]).sum())

    def solve(self, right: Vector) -> Vector:
        """Solve for deviations and border, given right-hand sides after elimination of the items."""
        links, rows = self.blocks.links[..., None], self.blocks.rows
        forward = np.array(right.chain, dtype=np.float64)
        border = np.array(right.border, dtype=np.float64)
        self.blocks.ends.fold(forward)
        before = np.zeros_like(forward[0])
        for t, members in enumerate(rows):
            if t:
                forward[t, members] += links[t - 1, members] * before[members]
            before[:] = 0.0
            before[members] = cho_solve((self.lower[t], True), forward[t, members])
            border -= self.border[t].T @ before[members]
        border = cho_solve((self.corner, True), border)
        return Vector(self.back(forward, border), border)

    def back(self, forward: Floats, border: Floats) -> Floats:
        """Return deviations by backward substitution, given the border, in the shape of `forward`."""
        result = np.zeros_like(forward)
        for t in range(len(self.lower) - 1, -1, -1):
            members = self.blocks.rows[t]
            right = forward[t, members] - self.border[t] @ border
            if t + 1 < len(self.lower):
                right += self.blocks.links[t, members][:, None] * result[t + 1, members]
            result[t, members] = cho_solve((self.lower[t], True), right)
        self.blocks.ends.unfold(result, forward)
        return result

    def position_variances(self, accumulation: Floats) -> Floats:
        """Return the variance of each position (deviation plus common path), shape (n_periods, n_members).

        Parameters
        ----------
        accumulation : ndarray, shape (n_periods, n_periods - 1)
            The matrix that converts common steps to the common path.
        """
        n_steps = self.blocks.layout.n_steps
        variances, _, reach = self._inverse()
        for t, along in enumerate(-reach):
            along[:, :n_steps] += accumulation[t, :n_steps]
            spread = solve_triangular(self.corner, along.T, lower=True)
            variances[t] += np.sum(spread**2, axis=0)
        return variances

    def step_variances(self, membership: Floats) -> Floats:
        """Return the variance of each member's individual step, shape (n_periods - 1, n_members).

        Parameters
        ----------
        membership : ndarray, shape (n_groups, n_members)
            1 for each member of a group, otherwise 0. A member's own step is relative to that of its group.
        """
        result = np.empty(self.blocks.links.shape)
        n_groups, begin = len(membership), self.blocks.layout.group_steps.start
        variances, between, reach = self._inverse()
        for t in range(len(result)):
            along = reach[t] - reach[t + 1]
            along[:, begin + (t + 1) * n_groups : begin + (t + 2) * n_groups] -= membership.T
            spread = solve_triangular(self.corner, along.T, lower=True)
            result[t] = variances[t] + variances[t + 1] - 2.0 * between[t] + np.sum(spread**2, axis=0)
        return result

    def _inverse(self) -> tuple[Floats, Floats, Floats]:
        """Return parts of the inverse of A.

        Returns
        -------
        variances : ndarray, shape (n_periods, n_members)
            The diagonal of the inverse.
        between : ndarray, shape (n_periods - 1, n_members)
            The diagonals of its blocks between successive periods.
        reach : ndarray, shape (n_periods, n_members, n_border)
            The inverse times the border B.
        """
        rows, ends = self.blocks.rows, self.blocks.ends
        variances, between = np.zeros(ends.pivots.shape), np.zeros(ends.links.shape)
        reach = np.zeros((*variances.shape, self.blocks.layout.n_border))
        inner = np.empty((0, 0))
        for t in range(len(rows) - 1, -1, -1):
            members = rows[t]
            inverse = cho_solve((self.lower[t], True), np.eye(len(members)))
            right = self.border[t]
            if t + 1 < len(rows):
                link = self.blocks.links[t, members][:, None]
                right = right + link * reach[t + 1, members]
                carried = inverse * link.T
                half = carried @ _square(inner, rows[t + 1], members)
                between[t, members] = np.diag(half)
                inner = inverse + half @ carried.T
            else:
                inner = inverse
            variances[t, members] = np.diag(inner)
            reach[t, members] = inverse @ right
        ends.unfold_variances(variances, between)
        ends.unfold(reach)
        return variances, between, reach

    def draw(self, n_draws: int, rng: np.random.Generator) -> Vector:
        """Draw deviations and border from the normal distribution whose precision is this information."""
        ends = self.blocks.ends
        shape = (*ends.pivots.shape, n_draws)
        noise = rng.standard_normal((self.blocks.layout.n_border, n_draws))
        border = solve_triangular(self.corner, noise, lower=True, trans="T")
        forward = np.empty(shape)
        for t, (lower, members) in enumerate(zip(self.lower, self.blocks.rows, strict=True)):
            # cho_solve in `back` turns L e into L^-T e, which has the covariance wanted.
            noise = rng.standard_normal(shape[1:])
            forward[t] = np.sqrt(ends.pivots[t])[:, None] * noise
            forward[t, members] = lower @ noise[members]
        return Vector(self.back(forward, border), border)


def _square(matrix: Floats, rows: Ints, wanted: Ints) -> Floats:
    """Return a matrix of the members `rows` for the members `wanted`; 0 for members that it does not have."""
    if np.array_equal(rows, wanted):
        return matrix
    place = np.flatnonzero(np.isin(wanted, rows))
    source = np.searchsorted(rows, wanted[place])
    result = np.zeros((len(wanted), len(wanted)))
    result[np.ix_(place, place)] = matrix[np.ix_(source, source)]
    return result


def factorise(blocks: Blocks) -> Factor:
    """Eliminate the chain of periods.

    Raises
    ------
    LinAlgError
        If the information is not positive definite.
    """
    n_members = blocks.links.shape[1]
    lower: list[Floats] = []
    border = [part.copy() for part in blocks.border]
    corner = blocks.corner.copy()
    inverse = np.empty((0, 0))
    for t, members in enumerate(blocks.rows):
        pivot = blocks.chain[t]
        if t:
            link = blocks.links[t - 1, members]
            before, last = blocks.layout.active[t - 1], blocks.rows[t - 1]
            pivot = pivot - _square(inverse, last, members) * np.outer(link, link)
            carried = np.zeros((n_members, before))
            carried[last] = inverse @ border[t - 1][:, :before]
            border[t][:, :before] += link[:, None] * carried[members]
        lower.append(cholesky(pivot, lower=True))
        inverse = cho_solve((lower[t], True), np.eye(len(members)))
        active = blocks.layout.active[t]
        half = solve_triangular(lower[t], border[t][:, :active], lower=True)
        corner[:active, :active] -= half.T @ half
    corner = cholesky(corner, lower=True) if corner.size else corner
    # The blocks that were eliminated are not kept: those of a long record are large.
    kept = replace(blocks, chain=(), border=())
    return Factor(kept, tuple(lower), tuple(border), corner)
