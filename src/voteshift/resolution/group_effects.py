"""Maximum likelihood for the items of one resolution with member effects and effects of groups on versions.

    P(y_iv <= c) = F(kappa_vc - x_iv . beta_v - c_sigma w_g(i)v - sigma z_i),
    z_i ~ N(0, 1),    w_gv ~ N(0, s^2).

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

__all__ = [
    "GroupEffectFits",
    "GroupVotes",
    "draw_spreads",
    "fit_group_effects",
    "fit_with_groups",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.intp]
#: Bounds of s in standard deviations of the noise.
NARROWEST, WIDEST = 0.02, 5.0
_CAREFUL: Final = 10  # number of steps after which only half of each step is taken, against cycles
_TOLERANCE: Final = 5e-3  # bound of the expected increase of the penalised log-likelihood by a further step
_STEADY: Final = 0.1  # largest change of log s at convergence
_SMALL: Final = 0.1  # where s is below this number of standard deviations of the noise, it may still change
_FASTER: Final = 1.5  # power of the factor by which the fixed point changes s^2
_LONGEST: Final = 1.0  # of a step, in log sigma and in log s
_FARTHEST: Final = 2.0  # of a step, in group effects
_FEWEST: Final = 2.0  # least degrees of freedom of the draws of s
_AWAY: Final = 1.0  # least step in log sigma where the information matrix is not positive definite


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
    kinds : ndarray of bool, shape (n_sets, n_items, 3)
        True for the categories that were chosen in each item.
    value : ndarray, shape (n_sets,)
        Laplace approximation of the log-likelihood, without the ridge penalty.
    converged : ndarray of bool, shape (n_sets,)
        True if the search converged.
    """

    items: Floats
    log_sd: Floats
    effects: Floats
    spread: Floats
    kinds: Bools
    value: Floats
    converged: Bools

    @property
    def slopes(self) -> Floats:
        """Discriminations on the scale without member effects, shape (n_sets, n_items, n_dims)."""
        return self.items[..., :-2]

    @property
    def cuts(self) -> Floats:
        """Cutpoints no|abstain and abstain|yes; equal or infinite if no member chose a category."""
        second = np.where(self.kinds.all(axis=2), self.items[..., -1], self.items[..., -2])
        low = np.where(self.kinds[..., 0], self.items[..., -2], -np.inf)
        return np.stack([low, np.where(self.kinds[..., 2], second, np.inf)], axis=-1)


@dataclass(frozen=True, slots=True)
class _Sums:
    """The log-likelihood of sets of votes, and its derivatives by items and log sigma and by group effects.

    `information` and `complete` are as in `Testlets`. The `across` matrices have a row for each item
    parameter and log sigma, and a column for each version.
    """

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
    date : ndarray of int, shape (n_versions,)
        Index of the positions at each version.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Fixed positions.
    group : ndarray of int, shape (n_members,)
        Group of each member, from 0 to n_groups - 1; -1 if the member has no group, and so no group effect.
    link : {"logit", "probit"}
        Distribution of the noise.
    one_item : bool
        True if the versions share one item, False if every version has a separate item.
    """

    def __init__(
        self,
        codes: NDArray[np.int8],
        date: Places,
        positions: Floats,
        group: Places,
        link: Link,
        *,
        one_item: bool,
    ) -> None:
        n_members, self.n_sets, self.n_versions = codes.shape
        self.n_dims, self.one_item = positions.shape[2], one_item
        self.item = np.zeros(self.n_versions, dtype=np.intp) if one_item else np.arange(self.n_versions)
        present = present_categories(codes.reshape(n_members, -1))
        present = present.reshape(self.n_sets, self.n_versions, 3)
        self.kinds: Bools = np.asarray(present.any(axis=1, keepdims=True) if one_item else present)
        # If only one category was chosen in an item, its votes are certain and contain no information.
        certain = self.kinds.sum(axis=2) < 2
        codes = np.where(certain[:, self.item], np.int8(-1), codes)
        self.three = np.asarray(self.kinds.all(axis=2))
        self.date, self.link, self.n_groups = date, link, int(group.max()) + 1
        self.parts = [
            (g, np.ascontiguousarray(codes[group == g]), np.ascontiguousarray(positions[:, group == g]))
            for g in np.unique(group)
        ]
        self.far = max(1.0, float(np.abs(positions).max()))
        free = np.ones((*self.kinds.shape[:2], self.n_dims + 2), dtype=bool)
        free[certain] = False
        free[..., -1] &= self.three
        self.free = np.column_stack([free.reshape(self.n_sets, -1), np.ones(self.n_sets, dtype=bool)])
        self.bounds = np.log(np.array([LOWEST, HIGHEST]) * NOISE_SD[link])

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
        n_sets, n_theta, n_versions = len(sets), self.free.shape[1], self.n_versions
        value, gradient = np.zeros(n_sets), np.zeros((n_sets, n_theta))
        by_effect = np.zeros((n_sets, self.n_groups, n_versions))
        matrices = [np.zeros((n_sets, n_theta, n_theta)) for _ in range(2)]
        across = [np.zeros((n_sets, self.n_groups, n_theta, n_versions)) for _ in range(2)]
        squares = [np.zeros((n_sets, self.n_groups, n_versions, n_versions)) for _ in range(2)]
        for g, codes, positions in self.parts:
            # A group effect lowers the cutpoints of the group.
            lowered = items[:, self.item]
            if g >= 0:
                lowered[..., -2] -= effects[:, g]
                lowered[..., -1] -= np.where(three, effects[:, g], 0.0)
            high = np.where(three, lowered[..., -1], lowered[..., -2])
            low = np.where(kinds[..., 0], lowered[..., -2], -np.inf)
            raw = evaluate_testlets(
                codes[:, sets],
                self.date,
                np.arange(n_versions),
                positions,
                stretch[:, None, None] * lowered[..., : self.n_dims],
                stretch[:, None, None] * np.stack([low, np.where(kinds[..., 2], high, np.inf)], axis=-1),
                sd,
                link=self.link,
            )
            point = np.column_stack([lowered.reshape(n_sets, -1), log_sd])
            slope, *bends = unstretched(raw, point, stretch, sd)
            value += raw.value
            gradient += self._add_versions(slope, 1)
            if g >= 0:
                by_effect[:, g] = self._by_effect(slope, 1)
            for matrix, cross, square, bend in zip(matrices, across, squares, bends, strict=True):
                half = self._add_versions(bend, 1)
                np.add(matrix, self._add_versions(half, 2), out=matrix)
                if g >= 0:
                    cross[:, g] = self._by_effect(half, 2)
                    square[:, g] = self._by_effect(self._by_effect(bend, 1), 2)
        return _Sums(
            value,
            gradient,
            matrices[0],
            matrices[1],
            by_effect,
            squares[0],
            squares[1],
            across[0],
            across[1],
        )

    def _add_versions(self, derivative: Floats, axis: int) -> Floats:
        """Return derivatives by the items and log sigma from those by separate items and log sigma."""
        if not self.one_item:
            return derivative
        before, width = (slice(None),) * axis, self.n_dims + 2
        total = derivative[(*before, slice(width))].copy()
        for version in range(1, self.n_versions):
            total += derivative[(*before, slice(version * width, (version + 1) * width))]
        return np.concatenate([total, derivative[(*before, slice(-1, None))]], axis=axis)

    def _by_effect(self, derivative: Floats, axis: int) -> Floats:
        """Return derivatives by the effects of a group from those by separate items and log sigma."""
        before, width = (slice(None),) * axis, self.n_dims + 2
        low, high = (derivative[(*before, slice(width - back, -1, width))] for back in (2, 1))
        return -(low + high)

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
    votes: GroupVotes, items: Floats, log_sd: Floats, effects: Floats, spread: Floats, *, max_steps: int
) -> GroupEffectFits:
    """Fit items, sigma, group effects and their standard deviation to every set of votes.

    Parameters
    ----------
    votes : GroupVotes
        The votes.
    items, log_sd, effects, spread
        Starting values, as in `GroupEffectFits`.
    max_steps : int
        Maximum number of steps.
    """
    n_sets = votes.n_sets
    theta = np.column_stack([items.reshape(n_sets, -1), log_sd.clip(*votes.bounds)])
    effects, spread = effects.copy(), spread.copy()
    ends = np.array([NARROWEST, WIDEST]) * NOISE_SD[votes.link]
    value = np.full(n_sets, -np.inf)
    converged = np.zeros(n_sets, dtype=bool)
    last_change, last_step = np.zeros(n_sets), np.zeros(n_sets)
    for number in range(max_steps):
        sets = np.flatnonzero(~converged)
        if not len(sets):
            break
        point, effect, sd = theta[sets], effects[sets], spread[sets]
        sums = votes.evaluate(point[:, :-1].reshape(len(sets), *items.shape[1:]), point[:, -1], effect, sets)
        step, move, rise = _newton(votes, sums, point, effect, sd, sets)
        value[sets] = _laplace(sums, effect, sd)
        # The fixed point of the derivative of the Laplace approximation, at the new group effects.
        kept = np.linalg.inv(
            sums.effect_information + np.eye(votes.n_versions) / sd[:, None, None, None] ** 2
        )
        used = effect[0].size - np.trace(kept, axis1=2, axis2=3).sum(axis=1) / sd**2
        square = ((effect + move) ** 2).sum(axis=(1, 2))
        change = 0.5 * np.log(np.maximum(square, 1e-12) / (sd**2 * np.maximum(used, 1e-9)))
        change = np.where(used > 1e-9, change, 0.0).clip(-_LONGEST, _LONGEST)
        new = (sd * np.exp(_accelerate(change, last_change[sets], last_step[sets]))).clip(*ends)
        last_change[sets], last_step[sets] = change, np.log(new / sd)
        steady = (np.abs(np.log(new / sd)) < _STEADY) | (np.maximum(new, sd) < _SMALL * NOISE_SD[votes.link])
        done = (rise >= 0.0) & (rise < _TOLERANCE) & steady
        converged[sets[done]] = True
        on = sets[~done]
        length = _lengths(votes, point[~done], step[~done], move[~done], on)
        length *= 1.0 if number < _CAREFUL else 0.5
        theta[on] += length[:, None] * step[~done]
        theta[on, -1] = theta[on, -1].clip(*votes.bounds)
        effects[on] += length[:, None, None] * move[~done]
        spread[on] = new[~done]
    return GroupEffectFits(
        theta[:, :-1].reshape(items.shape), theta[:, -1], effects, spread, votes.kinds, value, converged
    )


def fit_with_groups(
    codes: NDArray[np.int8],
    date: Places,
    positions: Floats,
    group: Places,
    link: Link,
    start: tuple[Floats, Floats, Floats, Floats, Floats],
    *,
    max_steps: int,
) -> tuple[GroupEffectFits, GroupEffectFits]:
    """Fit one shared item, and then separate items, to every set of votes.

    The fits with separate items start from those with one item.

    Parameters
    ----------
    codes, date, positions, group, link
        As in `GroupVotes`.
    start : tuple of ndarray
        Starting values: slopes (n_sets or 1, 1, n_dims), cutpoints (n_sets or 1, 1, 2), log sigma (n_sets,),
        group effects (n_sets, n_groups, n_versions) and s (n_sets,).
    max_steps : int
        Maximum number of steps of each fit.
    """
    slopes, cuts, *rest = start
    votes = GroupVotes(codes, date, positions, group, link, one_item=True)
    one = fit_group_effects(votes, votes.start(slopes, cuts), *rest, max_steps=max_steps)
    votes = GroupVotes(codes, date, positions, group, link, one_item=False)
    # Separate items leave less to the group effects. At the lower bound of sigma the likelihood is flat.
    spread = np.minimum(0.7 * one.spread, 0.4 * NOISE_SD[link])
    log_sd = np.maximum(one.log_sd, np.log(0.5 * NOISE_SD[link]))
    items = votes.start(one.slopes, one.cuts)
    separate = fit_group_effects(votes, items, log_sd, 0.5 * one.effects, spread, max_steps=max_steps)
    return one, separate


def draw_spreads(
    votes: GroupVotes, fits: GroupEffectFits, chosen: int, n_draws: int, rng: np.random.Generator
) -> Floats:
    """Draw s, the standard deviation of group effects, given the votes of one set.

    s^2 is the sum of the squared modes of the group effects, divided by a chi-square variable. Its degrees of
    freedom are the effective number of group effects that the votes show, less the items and sigma that are
    estimated from the same votes (restricted maximum likelihood; Patterson & Thompson 1971,
    https://doi.org/10.1093/biomet/58.3.545), but at least 2. Group effects drawn with these s have the tails
    of a t distribution.

    Parameters
    ----------
    votes : GroupVotes
        The votes to which the model was fitted.
    fits : GroupEffectFits
        The fits.
    chosen : int
        Index of the set.
    n_draws : int
        Number of draws.

    Returns
    -------
    ndarray, shape (n_draws,)
    """
    sets = np.array([chosen])
    items, log_sd, effects = fits.items[sets], fits.log_sd[sets], fits.effects[sets]
    spread = float(fits.spread[chosen])
    sums = votes.evaluate(items, log_sd, effects, sets)
    n_theta, size = sums.gradient.shape[1], effects[0].size
    whole = np.zeros((n_theta + size, n_theta + size))
    whole[:n_theta, :n_theta] = sums.information[0] + 2.0 * RIDGE * np.eye(n_theta)
    for g in range(votes.n_groups):
        block = slice(n_theta + g * votes.n_versions, n_theta + (g + 1) * votes.n_versions)
        whole[block, block] = sums.effect_information[0, g] + np.eye(votes.n_versions) / spread**2
        whole[:n_theta, block], whole[block, :n_theta] = sums.across[0, g], sums.across[0, g].T
    # Sigma is fixed: at a bound, the likelihood has no maximum in it.
    free = np.append(np.append(votes.free[chosen, :-1], False), np.ones(size, dtype=bool))
    variances = np.diag(np.linalg.inv(whole[np.ix_(free, free)]))[-size:]
    df = float(np.clip(size - variances.sum() / spread**2, 1e-6, size))
    scale = min(float((effects**2).sum()) / df, WIDEST**2 * NOISE_SD[votes.link] ** 2)
    drawn = max(df, _FEWEST)
    return np.sqrt(max(scale, spread**2) * drawn / rng.chisquare(drawn, n_draws))


def _accelerate(change: Floats, last_change: Floats, last_step: Floats) -> Floats:
    """Return the step in log s by the secant of two changes of the fixed point, within limits.

    A first step, or a step whose secant is not plausible, is the change times a constant.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (change - last_change) / last_step
    usable = np.isfinite(slope) & (slope > -1.5) & (slope < -0.25)
    step: Floats = np.where(usable, -change / np.where(usable, slope, -1.0), _FASTER * change)
    return step.clip(-_LONGEST, _LONGEST)


def _laplace(sums: _Sums, effects: Floats, spread: Floats) -> Floats:
    """Return the log-likelihood with the group effects integrated out by the Laplace approximation."""
    bend = np.eye(effects.shape[2]) + spread[:, None, None, None] ** 2 * sums.effect_information
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
        # Near sigma = 0 the likelihood is nearly flat in log sigma, and these steps are too short.
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
    inverse = np.linalg.inv(effect_information + tight[..., None] * np.eye(by_effect.shape[2]))
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
