"""The prior of dynamic positions: a common path, steps of groups, and a random walk of each member.

With x_it the position of member i in period t, and gap_t the time between periods,

    x_it = c_t + z_it,    z_it - z_i,t-1 ~ N(g_kt, tau_i^2 gap_t),    z_i0 ~ N(g_k0, 1),
                          c_t  - c_t-1   ~ N(0, delta^2 gap_t),
                          g_kt           ~ N(0, delta_group^2 gap_t),  g_k0 ~ N(0, 1),

where k is the group of member i, so that the step common to all members, delta_t = c_t - c_t-1, and the step
common to the members of a group, g_kt, are separate parameters. With independent random walks alone, the
prior would fix the mean change of positions near zero: the prior standard deviation of the mean change of n
members would be only tau / sqrt(n).

The deviations z contain the steps of groups, so the likelihood does not depend on the steps of groups. They
enter through the prior of the deviations only. The level of a group, g_k0, is its first step. Without it,
members that join a group far from the mean would be expected near the mean, and the path of the group would
move outwards to them.

The deviations z define the scale: without the paths of groups, they have mean 0 and standard deviation 1 over
the member-periods in which a vote was cast. The path of a group is the sum of its steps; its mean over the
member-periods of the group is 0. If x defined the scale, an unidentified common step could grow without limit
and determine the scale. If the paths of groups were part of the scale, a group that moves away from the other
members would compress their positions. The priors of the discriminations of all roll calls would then resist
its movement. For the same reason, the prior of a member that joins late is N(g_k0, 1 + variance of its
walk) around the path, not around a fixed point.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError

__all__ = ["Walk", "chain_covariances", "solve_chains"]

Floats = NDArray[np.float64]


def _no_groups() -> NDArray[np.intp]:
    return np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Prior of the deviations, of the common path and of the steps of groups.

    Attributes
    ----------
    seen : ndarray of bool, shape (n_periods, n_members)
        Member-periods with a vote. The scale is defined over these member-periods.
    gaps : ndarray, shape (n_periods - 1,)
        Time from each period to the next.
    tau : ndarray, shape (n_members,)
        Standard deviation of a member's individual step, per square root of a unit of time.
    delta : float
        Prior standard deviation of the common step, in the same unit. If delta is 0, there is no common step.
    start : float
        Prior standard deviation of the deviations in the first period.
    groups : ndarray of int, shape (n_members,)
        Group of each member, from 0; -1 for a member without a group. Without groups, the array may be empty.
    delta_group : float
        Prior standard deviation of the step of a group, per square root of a unit of time. If it is 0, groups
        have no step.
    """

    seen: NDArray[np.bool_]
    gaps: Floats
    tau: Floats
    delta: float
    start: float = 1.0
    groups: NDArray[np.intp] = field(default_factory=_no_groups)
    delta_group: float = 0.0

    @property
    def precision(self) -> Floats:
        """Prior precision of each member's individual steps, shape (n_periods - 1, n_members)."""
        return 1.0 / (self.gaps[:, None] * self.tau**2)

    @property
    def increment_precision(self) -> Floats:
        """Prior precision of first deviations and individual steps, shape (n_periods, n_members)."""
        return np.vstack([np.full((1, self.seen.shape[1]), self.start**-2), self.precision])

    @property
    def diagonal(self) -> Floats:
        """Diagonal of the prior precision of the deviations, shape (n_periods, n_members)."""
        result = self.increment_precision
        result[:-1] += self.precision
        return result

    @property
    def n_groups(self) -> int:
        """Number of groups with a step."""
        return int(self.groups.max(initial=-1)) + 1 if self.delta_group > 0 else 0

    @property
    def membership(self) -> Floats:
        """1 for each member of a group, otherwise 0; shape (n_groups, n_members)."""
        if not self.n_groups:
            return np.zeros((0, self.seen.shape[1]))
        return (np.arange(self.n_groups)[:, None] == self.groups).astype(np.float64)

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Members without a group, shape (n_members,)."""
        return np.asarray(self.groups < 0) if self.n_groups else np.ones(self.seen.shape[1], dtype=np.bool_)

    @property
    def shares(self) -> Floats:
        """Share of each group among all members, shape (n_groups,); 0 without common steps.

        The mean of the steps of groups over all members, weighted by these shares, is reported as a part of
        the common step. The priors of the items are relative to the common path, so they would otherwise
        divide a movement of all members between the common step and the steps of groups.
        """
        return self.membership.sum(axis=1) / self.seen.shape[1] * (self.delta > 0)

    @property
    def contrasts(self) -> Floats:
        """The matrix from steps of groups to steps relative to their mean, shape (n_groups, n_groups)."""
        return np.eye(self.n_groups) - self.shares

    @property
    def group_prior(self) -> Floats:
        """Prior precision of the steps of groups, shape (n_periods, 1); 0 without groups."""
        if not self.n_groups:
            return np.zeros((len(self.seen), 1))
        steps = 1.0 / (self.gaps * self.delta_group**2)
        return np.concatenate([[self.start**-2], steps])[:, None]

    @property
    def group_precision(self) -> Floats:
        """Precision of the steps of groups, given the deviations, shape (n_periods, n_groups)."""
        return self.increment_precision @ self.membership.T + self.group_prior

    @property
    def group_accumulation(self) -> Floats:
        """The matrices from the steps of groups to their paths, shape (n_groups, n_periods, n_periods).

        Each path has mean 0 over the member-periods with a vote of the group. Levels are not in the paths.
        """
        sums = np.tri(len(self.seen))
        sums[:, 0] = 0.0
        counts = self.membership @ self.seen.T
        weights = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
        return np.asarray(sums - (weights @ sums)[:, None])

    def group_paths(self, group_steps: Floats) -> Floats:
        """Return the path of each member's group: the sum of its steps, with mean 0 over its member-periods.

        Parameters
        ----------
        group_steps : ndarray, shape (n_periods, n_groups)
            Levels in the first row, then the steps of each gap.

        Returns
        -------
        ndarray, shape (n_periods, n_members)
            0 for members without a group. Without groups, all values are 0.
        """
        if not self.n_groups:
            return np.zeros(self.seen.shape)
        return np.einsum("gts,sg->tg", self.group_accumulation, group_steps) @ self.membership

    def individual(self, deviations: Floats, group_steps: Floats) -> Floats:
        """Return the deviations without the paths of groups, shape (n_periods, n_members)."""
        return deviations - self.group_paths(group_steps) if self.n_groups else deviations

    def sum_by_group(self, values: Floats) -> Floats:
        """Apply the transpose of `group_paths` to values of member-periods.

        Parameters
        ----------
        values : ndarray, shape (n_periods, n_members)

        Returns
        -------
        ndarray, shape (n_periods, n_groups)
        """
        return np.einsum("gts,tg->sg", self.group_accumulation, values @ self.membership.T)

    def flow(self, deviations: Floats, group_steps: Floats | None = None) -> Floats:
        """Return first deviations and steps of members less those of their groups, times prior precision.

        Parameters
        ----------
        deviations : ndarray, shape (n_periods, n_members)
        group_steps : ndarray, shape (n_periods, n_groups), optional

        Returns
        -------
        ndarray, shape (n_periods, n_members)
        """
        increments = np.diff(deviations, axis=0, prepend=0.0)
        if self.n_groups and group_steps is not None:
            increments -= group_steps @ self.membership
        return self.increment_precision * increments

    def group_means(self, deviations: Floats) -> Floats:
        """Return the mode of the steps of groups, given the deviations, shape (n_periods, n_groups)."""
        return np.asarray(self.flow(deviations) @ self.membership.T / self.group_precision)

    def pulled(self, deviations: Floats, group_steps: Floats | None = None) -> Floats:
        """Return minus the gradient of the log prior by the deviations, shape (n_periods, n_members).

        Without groups, this is the prior precision times the deviations.
        """
        flow = self.flow(deviations, group_steps)
        result = flow.copy()
        result[:-1] -= flow[1:]
        return result

    @property
    def step_precision(self) -> Floats:
        """Prior precision of the common steps, shape (n_periods - 1,)."""
        return 1.0 / (self.gaps * self.delta**2)

    @property
    def accumulation(self) -> Floats:
        """The matrix that converts common steps to the common path, shape (n_periods, n_periods - 1).

        The path has mean 0 over the member-periods with a vote.
        """
        n_periods = len(self.seen)
        sums = np.tri(n_periods, n_periods - 1, -1)
        weight = self.seen.sum(axis=1) / self.seen.sum()
        return np.asarray(sums - weight @ sums)

    def rescaled(self, factor: float) -> "Walk":
        """Return the same prior for deviations that are multiplied by a factor."""
        return replace(
            self,
            tau=self.tau * factor,
            delta=self.delta * factor,
            start=self.start * factor,
            delta_group=self.delta_group * factor,
        )

    def standardised(self, deviations: Floats) -> tuple[Floats, float, float]:
        """Return standardised deviations, and the mean and standard deviation before standardisation."""
        voted = deviations[self.seen]
        mean, spread = float(voted.mean()), float(voted.std())
        if not spread > 0:
            raise NotUsableError(
                "the votes do not distinguish the members: all estimated positions are equal",
                remedy="widen the window",
            )
        return (deviations - mean) / spread, mean, spread


def solve_chains(diagonal: Floats, steps: Floats, vectors: Floats) -> Floats:
    """Solve one symmetric tridiagonal system per member, all members at once.

    Parameters
    ----------
    diagonal : ndarray, shape (n_periods, n_members)
        Diagonal of each matrix.
    steps : ndarray, shape (n_periods - 1, n_members)
        Minus the off-diagonal of each matrix.
    vectors : ndarray, shape (n_periods, n_members, ...)
        Right-hand sides.

    Returns
    -------
    ndarray, like `vectors`

    Notes
    -----
    Gaussian elimination without pivoting (Thomas algorithm). It is stable if the matrices are positive
    definite.
    """
    n_periods = len(diagonal)
    tail = (1,) * (vectors.ndim - 2)
    pivots = np.empty_like(diagonal)
    result = np.array(vectors, dtype=np.float64)
    pivots[0] = diagonal[0]
    for t in range(1, n_periods):
        ratio = steps[t - 1] / pivots[t - 1]
        pivots[t] = diagonal[t] - ratio * steps[t - 1]
        result[t] += ratio.reshape(-1, *tail) * result[t - 1]
    result[-1] /= pivots[-1].reshape(-1, *tail)
    for t in range(n_periods - 2, -1, -1):
        result[t] = (result[t] + steps[t].reshape(-1, *tail) * result[t + 1]) / pivots[t].reshape(-1, *tail)
    return result


def chain_covariances(diagonal: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """Return the diagonal and the off-diagonal of the inverse of one tridiagonal matrix per member.

    Parameters
    ----------
    diagonal, steps
        As in `solve_chains`.

    Returns
    -------
    variances : ndarray, shape (n_periods, n_members)
    covariances : ndarray, shape (n_periods - 1, n_members)
        Covariances of successive periods.
    """
    n_periods = len(diagonal)
    pivots = np.empty_like(diagonal)
    pivots[0] = diagonal[0]
    for t in range(1, n_periods):
        pivots[t] = diagonal[t] - steps[t - 1] ** 2 / pivots[t - 1]
    variances, covariances = np.empty_like(diagonal), np.empty_like(steps)
    variances[-1] = 1.0 / pivots[-1]
    for t in range(n_periods - 2, -1, -1):
        ratio = steps[t] / pivots[t]
        covariances[t] = ratio * variances[t + 1]
        variances[t] = 1.0 / pivots[t] + ratio**2 * variances[t + 1]
    return variances, covariances
