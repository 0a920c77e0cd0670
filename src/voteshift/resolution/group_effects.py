"""Maximum likelihood for the items of one resolution with member effects and effects of groups on versions.

    P(y_iv <= c) = F(kappa_vc - x_iv . beta_v - c_sigma w_g(i)v - sigma z_i),    z_i ~ N(0, 1), w_gv ~ N(0, s^2).

Members of a group share w_gv on version v. The effect of another group or another version is independent. The
model has a testlet for every member (Bradlow, Wainer & Wang 1999, https://doi.org/10.1007/BF02294533) and one
for every group on every version. As the items, w is on the scale without member effects; c_sigma is
`marginal.inflation`.

Member effects are integrated out on a grid. Group effects are integrated out by the Laplace approximation at
their mode. Given s, the items, sigma and the group effects are at the maximum of the penalised likelihood
(Breslow & Clayton 1993, https://doi.org/10.1080/01621459.1993.10594284). The standard deviation s is at the
maximum of the Laplace approximation: at every step, the fixed point of its derivative given the other
parameters (Wood & Fasiolo 2017, https://doi.org/10.1111/biom.12666).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link
from voteshift.likelihood.testlets import evaluate_testlets
from voteshift.resolution.items import RIDGE, step_lengths
from voteshift.resolution.marginal import NOISE_SD, inflation, unstretched
from voteshift.resolution.replicates import HIGHEST, LOWEST
from voteshift.rollcalls import present_categories

__all__ = ["GroupEffectFits", "GroupVotes", "fit_group_effects"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.intp]
#: Bounds of s in standard deviations of the noise.
NARROWEST, WIDEST = 0.02, 5.0
_STEPS: Final = 30
_TOLERANCE: Final = 2e-3  # bound of the expected increase of the penalised log-likelihood by a further step
_STEADY: Final = 0.1  # largest change of log s at convergence
_SMALL: Final = 0.1  # where s is below this number of standard deviations of the noise, it may still change
_FASTER: Final = 1.5  # power of the factor by which the fixed point changes s^2
_LONGEST: Final = 1.0  # of a step, in log sigma and in log s
_FARTHEST: Final = 2.0  # of a step, in group effects
_AWAY: Final = 0.5  # least step in log sigma where the information matrix is not positive definite


@dataclass(frozen=True, slots=True)
class GroupEffectFits:
    """Items, sigma, group effects and s at the maximum, for every set of votes.

    Attributes
    ----------
    items : ndarray, shape (n_sets, n_items, n_dims + 2)
        Discriminations and cutpoints on the scale without member effects. An item with two categories has its
        only cutpoint first, and 0 second.
    log_sd : ndarray, shape (n_sets,)
        Log of sigma, the standard deviation of the member effect.
    effects : ndarray, shape (n_sets, n_groups, n_versions)
        Modes of the group effects w, on the scale without member effects.
    spread : ndarray, shape (n_sets,)
        Their standard deviation s.
    value : ndarray, shape (n_sets,)
        Laplace approximation of the log-likelihood, without the ridge penalty.
    converged : ndarray of bool, shape (n_sets,)
        True if the search converged.
    """

    items: Floats
    log_sd: Floats
    effects: Floats
    spread: Floats
    value: Floats
    converged: Bools


@dataclass(frozen=True, slots=True)
class _Sums:
    """The log-likelihood of sets of votes and its derivatives: items and log sigma, then group effects."""

    value: Floats
    gradient: Floats
    information: Floats
    complete: Floats
    by_effect: Floats
    effect_information: Floats
    effect_complete: Floats
    across: Floats
    across_complete: Floats


class GroupVotes:
    """The likelihood of many sets of votes on one resolution as a function of items and group effects.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_sets, n_versions)
        0 no, 1 abstain, 2 yes. Negative numbers mean that no vote was cast.
    date, item : ndarray of int, shape (n_versions,)
        Index of the positions at each version, and item of each version.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Fixed positions.
    group : ndarray of int, shape (n_members,)
        Group of each member, from 0 to n_groups - 1.
    link : {"logit", "probit"}
        Distribution of the noise.
    """

    def __init__(
        self,
        codes: NDArray[np.int8],
        date: Places,
        item: Places,
        positions: Floats,
        group: Places,
        link: Link,
    ) -> None:
        n_members, self.n_sets, self.n_versions = codes.shape
        self.n_dims, self.n_items = positions.shape[2], int(item.max()) + 1
        present = present_categories(codes.reshape(n_members, -1))
        present = present.reshape(self.n_sets, self.n_versions, 3)
        self.kinds = np.zeros((self.n_sets, self.n_items, 3), dtype=bool)
        for version, j in enumerate(item):
            self.kinds[:, j] |= present[:, version]
        # If only one category was chosen in an item, its votes are certain and contain no information.
        certain = self.kinds.sum(axis=2) < 2
        codes = np.where(certain[:, item], np.int8(-1), codes)
        self.three = np.asarray(self.kinds.all(axis=2))
        self.date, self.item, self.link = date, item, link
        self.parts = [
            (np.ascontiguousarray(codes[group == g]), np.ascontiguousarray(positions[:, group == g]))
            for g in range(int(group.max()) + 1)
        ]
        self.far = max(1.0, float(np.abs(positions).max()))
        free = np.ones((self.n_sets, self.n_items, self.n_dims + 2), dtype=bool)
        free[certain] = False
        free[..., -1] &= self.three
        self.free = np.column_stack([free.reshape(self.n_sets, -1), np.ones(self.n_sets, dtype=bool)])
        self.bounds = np.log(np.array([LOWEST, HIGHEST]) * NOISE_SD[link])
        # From items and log sigma to the separate items of versions; and from group effects to cutpoints.
        width = self.n_dims + 2
        self.spread_items = np.zeros((self.n_versions * width + 1, self.n_items * width + 1))
        self.spread_items[-1, -1] = 1.0
        self.lower_cuts = np.zeros((self.n_versions * width + 1, self.n_versions))
        for version, j in enumerate(item):
            rows = slice(version * width, (version + 1) * width)
            self.spread_items[rows, j * width : (j + 1) * width] = np.eye(width)
            self.lower_cuts[version * width + self.n_dims : (version + 1) * width, version] = -1.0

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.parts)

    def evaluate(self, items: Floats, log_sd: Floats, effects: Floats, sets: Places) -> _Sums:
        """Evaluate the likelihood of some sets, given the group effects.

        Parameters
        ----------
        items, log_sd, effects
            Parameters of the sets, as in `GroupEffectFits`.
        sets : ndarray of int, shape (n_chosen,)
            Indices of the sets.
        """
        kinds, three = self.kinds[sets][:, self.item], self.three[sets][:, self.item]
        stretch, sd = inflation(log_sd, self.link), np.exp(log_sd)
        n_sets, n_theta, n_versions = len(sets), self.spread_items.shape[1], self.n_versions
        value, gradient = np.zeros(n_sets), np.zeros((n_sets, n_theta))
        information, complete = (np.zeros((n_sets, n_theta, n_theta)) for _ in range(2))
        by_effect = np.zeros((n_sets, self.n_groups, n_versions))
        squares = [np.zeros((n_sets, self.n_groups, n_versions, n_versions)) for _ in range(2)]
        across = [np.zeros((n_sets, self.n_groups, n_theta, n_versions)) for _ in range(2)]
        for g, (codes, positions) in enumerate(self.parts):
            # A group effect lowers the cutpoints of the group.
            own = items[:, self.item]
            own[..., -2] -= effects[:, g]
            own[..., -1] -= np.where(three, effects[:, g], 0.0)
            high = np.where(three, own[..., -1], own[..., -2])
            cuts = np.stack(
                [np.where(kinds[..., 0], own[..., -2], -np.inf), np.where(kinds[..., 2], high, np.inf)], axis=-1
            )
            raw = evaluate_testlets(
                codes[:, sets],
                self.date,
                np.arange(n_versions),
                positions,
                stretch[:, None, None] * own[..., : self.n_dims],
                stretch[:, None, None] * cuts,
                sd,
                link=self.link,
            )
            point = np.column_stack([own.reshape(n_sets, -1), log_sd])
            slope, *bends = unstretched(raw, point, stretch, sd)
            value += raw.value
            gradient += slope @ self.spread_items
            by_effect[:, g] = slope @ self.lower_cuts
            for total, square, cross, bend in zip((information, complete), squares, across, bends, strict=True):
                half = self.spread_items.T @ bend
                total += half @ self.spread_items
                cross[:, g] = half @ self.lower_cuts
                square[:, g] = self.lower_cuts.T @ bend @ self.lower_cuts
        return _Sums(
            value, gradient, information, complete, by_effect, squares[0], squares[1], across[0], across[1]
        )

    def start(self, slopes: Floats, cuts: Floats) -> Floats:
        """Return items for starting values of slopes and cutpoints; see `replicates.fit_replicates`."""
        shape = self.kinds.shape[:2]
        slopes = np.broadcast_to(slopes, (*shape, self.n_dims))
        low, high = np.moveaxis(np.broadcast_to(cuts, (*shape, 2)), -1, 0)
        low, high = np.where(np.isfinite(low), low, high), np.where(np.isfinite(high), high, low)
        only = np.where(self.kinds[..., 0] & self.kinds[..., 2], 0.5 * (low + high), low)
        first = np.where(self.three, low, np.where(self.kinds[..., 0], only, high))
        second = np.where(self.three, np.maximum(high, first + 0.05), 0.0)
        items = np.concatenate([slopes, first[..., None], second[..., None]], axis=-1)
        free = self.free[:, :-1].reshape(items.shape)
        return np.where(free & np.isfinite(items), items, 0.0)


def fit_group_effects(
    votes: GroupVotes, items: Floats, log_sd: Floats, effects: Floats, spread: Floats
) -> GroupEffectFits:
    """Fit items, sigma, group effects and their standard deviation to every set of votes.

    Parameters
    ----------
    votes : GroupVotes
        The votes.
    items, log_sd, effects, spread
        Starting values, as in `GroupEffectFits`.
    """
    n_sets, n_theta = votes.n_sets, votes.spread_items.shape[1]
    theta = np.column_stack([items.reshape(n_sets, -1), log_sd.clip(*votes.bounds)])
    effects, spread = effects.copy(), spread.copy()
    ends = np.array([NARROWEST, WIDEST]) * NOISE_SD[votes.link]
    value = np.full(n_sets, -np.inf)
    converged = np.zeros(n_sets, dtype=bool)
    for _ in range(_STEPS):
        sets = np.flatnonzero(~converged)
        if not len(sets):
            break
        point, effect, sd = theta[sets], effects[sets], spread[sets]
        sums = votes.evaluate(point[:, :-1].reshape(len(sets), *items.shape[1:]), point[:, -1], effect, sets)
        step, move, rise = _newton(votes, sums, point, effect, sd, sets)
        value[sets] = _laplace(sums, effect, sd)
        # The fixed point of the derivative of the Laplace approximation, at the new group effects.
        kept = np.linalg.inv(sums.effect_information + _eye(votes.n_versions) / sd[:, None, None, None] ** 2)
        used = effect[0].size - np.trace(kept, axis1=2, axis2=3).sum(axis=1) / sd**2
        square = ((effect + move) ** 2).sum(axis=(1, 2))
        factor = np.log(np.maximum(square, 1e-12) / (sd**2 * np.maximum(used, 1e-9)))
        factor = np.where(used > 1e-9, 0.5 * _FASTER * factor, 0.0).clip(-_LONGEST, _LONGEST)
        new = (sd * np.exp(factor)).clip(*ends)
        steady = (np.abs(np.log(new / sd)) < _STEADY) | (np.maximum(new, sd) < _SMALL * NOISE_SD[votes.link])
        done = (rise >= 0.0) & (rise < _TOLERANCE) & steady
        converged[sets[done]] = True
        on = sets[~done]
        length = _lengths(votes, point[~done], step[~done], move[~done], on)
        theta[on] += length[:, None] * step[~done]
        theta[on, -1] = theta[on, -1].clip(*votes.bounds)
        effects[on] += length[:, None, None] * move[~done]
        spread[on] = new[~done]
    return GroupEffectFits(
        theta[:, :-1].reshape(items.shape), theta[:, -1], effects, spread, value, converged
    )


def _eye(n: int) -> Floats:
    return np.eye(n)


def _laplace(sums: _Sums, effects: Floats, spread: Floats) -> Floats:
    """Return the log-likelihood with the group effects integrated out by the Laplace approximation."""
    bend = _eye(effects.shape[2]) + spread[:, None, None, None] ** 2 * sums.effect_information
    sign, size = np.linalg.slogdet(bend)
    size = np.where(sign > 0.0, size, 0.0).sum(axis=1)
    total: Floats = sums.value - 0.5 * (effects**2).sum(axis=(1, 2)) / spread**2 - 0.5 * size
    return total


def _newton(
    votes: GroupVotes, sums: _Sums, point: Floats, effects: Floats, spread: Floats, sets: Places
) -> tuple[Floats, Floats, Floats]:
    """Return the Newton step of items and log sigma, that of group effects, and the expected increase."""
    free = votes.free[sets].copy()
    low, high = votes.bounds
    # If sigma is at a bound and the likelihood increases beyond it, sigma is fixed.
    below = (point[:, -1] <= low) & (sums.gradient[:, -1] < 0.0)
    free[:, -1] = ~(below | ((point[:, -1] >= high) & (sums.gradient[:, -1] > 0.0)))
    tight = spread[:, None, None] ** -2.0
    gradient = np.where(free, sums.gradient - 2.0 * RIDGE * point, 0.0)
    by_effect = sums.by_effect - tight * effects
    step, move, rise = _solve(
        free, gradient, by_effect, tight, sums.information, sums.effect_information, sums.across
    )
    astray = ~(rise >= 0.0) | ~np.isfinite(step).all(axis=1)
    if astray.any():
        step[astray], move[astray], rise[astray] = _solve(
            free[astray],
            gradient[astray],
            by_effect[astray],
            tight[astray],
            sums.complete[astray],
            sums.effect_complete[astray],
            sums.across_complete[astray],
        )
        # Where sigma is near 0, the likelihood is nearly flat in its logarithm, and these steps are too short.
        away = np.sign(gradient[astray, -1]) * _AWAY
        step[astray, -1] = np.where(np.abs(step[astray, -1]) < _AWAY, away, step[astray, -1])
        rise[astray] = np.maximum(rise[astray], gradient[astray, -1] * away)
    return step, move, rise


def _solve(
    free: Bools,
    gradient: Floats,
    by_effect: Floats,
    tight: Floats,
    information: Floats,
    effect_information: Floats,
    across: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Solve for the step. Group effects are eliminated first, because groups are independent."""
    eye = np.eye(gradient.shape[1])
    inverse = np.linalg.inv(effect_information + tight[..., None] * _eye(by_effect.shape[2]))
    across = np.where(free[:, None, :, None], across, 0.0)
    shrunk = across @ inverse
    both = free[:, :, None] & free[:, None, :]
    matrix = np.where(both, information + 2.0 * RIDGE * eye, 0.0) + np.where(free, 0.0, 1.0)[:, :, None] * eye
    matrix = matrix - (shrunk @ across.swapaxes(2, 3)).sum(axis=1)
    right = gradient - (shrunk @ by_effect[..., None])[..., 0].sum(axis=1)
    step = np.linalg.solve(matrix, right[..., None])[..., 0]
    rest = by_effect - np.einsum("rgtv,rt->rgv", across, step)
    move = (inverse @ rest[..., None])[..., 0]
    rise = (gradient * step).sum(axis=1) + (by_effect * move).sum(axis=(1, 2))
    return step, move, rise


def _lengths(votes: GroupVotes, point: Floats, step: Floats, move: Floats, sets: Places) -> Floats:
    """Return how much of each step to take, at most 1."""
    shape = (len(sets), *votes.kinds.shape[1:2], votes.n_dims + 2)
    items, change = point[:, :-1].reshape(shape), step[:, :-1].reshape(shape)
    lengths = step_lengths(items, change, votes.three[sets], votes.far).min(axis=1)
    lengths = np.minimum(lengths, 1.0 / np.maximum(np.abs(step[:, -1]) / _LONGEST, 1.0))
    far = np.abs(move).max(axis=(1, 2))
    shortest: Floats = np.minimum(lengths, 1.0 / np.maximum(far / _FARTHEST, 1.0))
    return shortest
