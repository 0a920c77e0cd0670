"""Maximum likelihood for the items of one resolution and the member effect, for many sets of votes.

The module `items` fits votes that are independent given the positions. This module fits votes that share a
member effect. Items are parametrised on the scale without member effects (see `marginal`). Sigma is
parametrised by its logarithm and restricted to the range from `LOWEST` to `HIGHEST`: if no member changes its
vote, the likelihood increases with sigma without bound.

The optimiser is `newton.maximise`. The complete information matrix is that for known member effects.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.newton import Evaluation, maximise
from voteshift.ideal.objective import Link
from voteshift.likelihood.testlets import evaluate_testlets
from voteshift.resolution.items import RIDGE, step_lengths
from voteshift.resolution.marginal import NOISE_SD, inflation, unstretched
from voteshift.rollcalls import present_categories

__all__ = ["HIGHEST", "LOWEST", "ReplicateFits", "fit_replicates"]

Floats = NDArray[np.float64]
#: Bounds of sigma in standard deviations of the noise. At the upper bound, the latent values of two votes of
#: a member on one item share 0.992 of their variance, given the position of the member.
LOWEST, HIGHEST = 0.05, 11.0
_STEPS: Final = 100
_TOLERANCE: Final = 1e-5  # bound of the expected increase of the log-likelihood by a further step
_SLACK: Final = 1e-4  # decrease of the log-likelihood that is allowed, because the integration grid changes
_LONGEST: Final = 1.0  # of a step, in log sigma


@dataclass(frozen=True, slots=True)
class ReplicateFits:
    """Items and sigma at their maximum, for every set of votes.

    Attributes
    ----------
    slopes : ndarray, shape (n_sets, n_items, n_dims)
        Discriminations on the scale without member effects.
    cuts : ndarray, shape (n_sets, n_items, 2)
        Cutpoints no|abstain and abstain|yes on the scale without member effects. If no member chose a
        category, they are equal or infinite.
    log_sd : ndarray, shape (n_sets,)
        Log of sigma.
    value : ndarray, shape (n_sets,)
        Log-likelihood without the ridge penalty.
    converged : ndarray of bool, shape (n_sets,)
        True if the end point is a maximum. At a maximum the information matrix is positive definite, and a
        further Newton step would increase the penalised log-likelihood by less than 1e-5 (a gradient of some
        thousandths of a standard error). If sigma is at a bound, the information matrix excludes sigma.
    """

    slopes: Floats
    cuts: Floats
    log_sd: Floats
    value: Floats
    converged: NDArray[np.bool_]

    @property
    def n_sets(self) -> int:
        """Number of sets of votes."""
        return len(self.value)

    def latent(self, link: Link) -> tuple[Floats, Floats, float]:
        """Return discriminations, cutpoints and sigma of the first set, on the scale of the votes."""
        stretch = float(inflation(self.log_sd[0], link))
        return stretch * self.slopes[0], stretch * self.cuts[0], float(np.exp(self.log_sd[0]))


def fit_replicates(
    codes: NDArray[np.int8],
    date: NDArray[np.intp],
    item: NDArray[np.intp],
    positions: Floats,
    link: Link,
    start: tuple[Floats, Floats, Floats],
) -> ReplicateFits:
    """Fit items and sigma by maximum likelihood with a small ridge penalty, given fixed positions.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_sets, n_versions)
        0 no, 1 abstain, 2 yes. Negative numbers mean that no vote was cast.
    date : ndarray of int, shape (n_versions,)
        Date of each version: index into `positions`.
    item : ndarray of int, shape (n_versions,)
        Item of each version.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Fixed positions.
    link : {"logit", "probit"}
        Distribution of the noise.
    start : tuple of ndarray
        Starting values: slopes (n_sets or 1, n_items or 1, n_dims) and cutpoints (..., 2), both on the scale
        without member effects, and log sigma (n_sets or 1,).
    """
    problem = _Problem(codes, date, item, positions, link)
    maxima = maximise(
        problem.evaluate,
        problem.start(*start),
        problem.moved,
        tolerance=_TOLERANCE,
        slack=_SLACK,
        max_steps=_STEPS,
    )
    slopes, cuts, log_sd = _split(maxima.point, problem.kinds, problem.n_dims)
    return ReplicateFits(slopes, cuts, log_sd, maxima.log_likelihood, maxima.converged)


class _Problem:
    """The likelihood of every set as a function of the free parameters."""

    def __init__(
        self,
        codes: NDArray[np.int8],
        date: NDArray[np.intp],
        item: NDArray[np.intp],
        positions: Floats,
        link: Link,
    ) -> None:
        n_members, n_sets, n_versions = codes.shape
        present = present_categories(codes.reshape(n_members, -1)).reshape(n_sets, n_versions, 3)
        self.kinds = np.zeros((n_sets, int(item.max()) + 1, 3), dtype=bool)
        for version, j in enumerate(item):
            self.kinds[:, j] |= present[:, version]
        # If only one category was chosen in an item, its votes are certain and contain no information.
        certain = self.kinds.sum(axis=2) < 2
        self.codes = np.where(certain[:, item], np.int8(-1), codes)
        self.three = np.asarray(self.kinds.all(axis=2))
        self.date, self.item, self.positions = date, item, positions
        self.link = link
        self.n_dims = positions.shape[2]
        self.far = max(1.0, float(np.abs(positions).max()))
        free = np.ones((*self.kinds.shape[:2], self.n_dims + 2), dtype=bool)
        free[certain] = False
        free[..., -1] &= self.three
        self.free = np.column_stack([free.reshape(n_sets, -1), np.ones(n_sets, dtype=bool)])
        self.bounds = np.log(np.array([LOWEST, HIGHEST]) * NOISE_SD[link])

    def start(self, slopes: Floats, cuts: Floats, log_sd: Floats) -> Floats:
        """Return the parameter vectors of starting values; an item with two categories has one cutpoint."""
        shape = self.kinds.shape[:2]
        slopes = np.broadcast_to(slopes, (*shape, self.n_dims))
        low, high = np.moveaxis(np.broadcast_to(cuts, (*shape, 2)), -1, 0)
        low, high = np.where(np.isfinite(low), low, high), np.where(np.isfinite(high), high, low)
        only = np.where(self.kinds[..., 0] & self.kinds[..., 2], 0.5 * (low + high), low)
        only = np.where(self.kinds[..., 0], only, high)
        first = np.where(self.three, low, only)
        second = np.where(self.three, np.maximum(high, first + 0.05), 0.0)
        items = np.concatenate([slopes, first[..., None], second[..., None]], axis=-1)
        sd = np.broadcast_to(log_sd, shape[:1]).clip(*self.bounds)
        point = np.column_stack([items.reshape(len(items), -1), sd])
        return np.where(self.free & np.isfinite(point), point, 0.0)

    def moved(self, point: Floats, step: Floats, sets: NDArray[np.intp]) -> Floats:
        """Take steps of limited length, so that cutpoints keep their order and sigma stays within bounds."""
        items = point[:, :-1].reshape(len(step), self.kinds.shape[1], -1)
        lengths = step_lengths(items, step[:, :-1].reshape(items.shape), self.three[sets], self.far)
        length = np.minimum(lengths.min(axis=1), 1.0 / np.maximum(np.abs(step[:, -1]) / _LONGEST, 1.0))
        trial = point + length[:, None] * step
        trial[:, -1] = trial[:, -1].clip(*self.bounds)
        return trial

    def evaluate(self, point: Floats, sets: NDArray[np.intp]) -> Evaluation:
        """Evaluate the likelihood of selected sets at their parameters."""
        slopes, cuts, log_sd = _split(point, self.kinds[sets], self.n_dims)
        stretch = inflation(log_sd, self.link)
        sd = np.exp(log_sd)
        raw = evaluate_testlets(
            self.codes[:, sets],
            self.date,
            self.item,
            self.positions,
            stretch[:, None, None] * slopes,
            stretch[:, None, None] * cuts,
            sd,
            link=self.link,
        )
        gradient, information, complete = unstretched(raw, point, stretch, sd)
        penalty = np.full(point.shape[1], 2.0 * RIDGE)
        free = self.free[sets].copy()
        # If sigma is at a bound and the likelihood increases beyond it, sigma is fixed.
        held = (point[:, -1] <= self.bounds[0]) & (gradient[:, -1] < 0.0)
        free[:, -1] = ~(held | ((point[:, -1] >= self.bounds[1]) & (gradient[:, -1] > 0.0)))
        both = free[:, :, None] & free[:, None, :]
        unit = np.where(free, 0.0, 1.0)[:, :, None] * np.eye(point.shape[1])
        ridge = penalty * np.eye(point.shape[1])
        return Evaluation(
            raw.value - 0.5 * (penalty * point**2).sum(axis=1),
            raw.value,
            np.where(free, gradient - penalty * point, 0.0),
            np.where(both, information + ridge, 0.0) + unit,
            np.where(both, complete + ridge, 0.0) + unit,
        )


def _split(point: Floats, kinds: NDArray[np.bool_], n_dims: int) -> tuple[Floats, Floats, Floats]:
    """Return slopes, cutpoints and log sigma; cutpoints of missing categories are infinite or equal."""
    items = point[:, :-1].reshape(*kinds.shape[:2], n_dims + 2)
    second = np.where(kinds.all(axis=2), items[..., -1], items[..., -2])
    low = np.where(kinds[..., 0], items[..., -2], -np.inf)
    high = np.where(kinds[..., 2], second, np.inf)
    return items[..., :n_dims], np.stack([low, high], axis=-1), point[:, -1]
