"""A member's lasting leaning on one resolution: fitted, drawn, and put into the votes never cast.

States repeat themselves: given positions alone the model expects far more members to switch than do. A
leaning u_i ~ N(0, sigma^2) of every member, the same on every iteration, lets a vote never cast resemble the
member's own votes on the same resolution. Positions come from all other roll calls, with their uncertainty;
the resolution's own votes place its items and the leanings, and do not move positions.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from voteshift.arguments import check_seed
from voteshift.errors import NotUsableError
from voteshift.ideal.objective import Link, Priors
from voteshift.rollcalls import RollCalls, present_categories
from voteshift.shift.counterfactual import Counterfactual, Latent, mix
from voteshift.shift.noise import quantile
from voteshift.shift.others import Others, positions_at
from voteshift.shift.testlet import FamilyVotes, inflation, marginal
from voteshift.votes import CATEGORIES

__all__ = [
    "LeaningFit",
    "family_votes",
    "fit_leaning",
    "leaning_counterfactual",
    "leaning_latent",
    "prior_of",
]

Floats = NDArray[np.float64]
#: log sigma ~ N(log 3, 1): sigma between 0.4 and 21 with probability 0.95, on the latent scale of
#: the logistic noise, whose standard deviation is 1.8.
PRIOR: Final = (float(np.log(3.0)), 1.0)
_NORMAL_OVER_LOGISTIC: Final = float(np.sqrt(3.0) / np.pi)
_STEPS, _TOLERANCE = 60, 1e-6
_POINTS, _REACH = 65, 4.8  # of the grid a leaning is drawn from, in standard deviations
_CELLS = 4_000_000


@dataclass(frozen=True, eq=False)
class LeaningFit:
    """Items and the standard deviation of the leaning at their mode.

    Attributes
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Of the fit to all other roll calls, at its mode; a single date where they do not move.
    items : ndarray, shape (n_versions, n_dims + 2)
        On the scale without a leaning.
    log_sd : float
        Log of sigma.
    covariance : ndarray, shape (n_parameters, n_parameters)
        Of the items and the log of sigma, positions held.
    converged : bool
        Whether the gradient, in posterior standard deviations, is within tolerance.
    prior : tuple of float
        Mean and standard deviation of log sigma before the votes.
    """

    votes: FamilyVotes
    positions: Floats
    items: Floats
    log_sd: float
    covariance: Floats
    converged: bool
    prior: tuple[float, float]

    @property
    def sd(self) -> float:
        """Sigma, the standard deviation of the leaning, on the latent scale."""
        return float(np.exp(self.log_sd))

    def sd_interval(self, level: float) -> tuple[float, float]:
        """Return the interval of sigma, normal on the log scale."""
        reach = float(quantile(np.array(0.5 + level / 2), "probit") * np.sqrt(self.covariance[-1, -1]))
        return float(np.exp(self.log_sd - reach)), float(np.exp(self.log_sd + reach))


def family_votes(votes: NDArray[np.int8], link: Link, *, item: NDArray[np.intp] | None = None) -> FamilyVotes:
    """List the votes of a matrix members by versions.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_versions)
        Negative is no vote.
    link : {"logit", "probit"}
        Distribution of the noise.
    item : ndarray of int, shape (n_versions,), optional
        Item of each version; its own by default.
    """
    own = np.arange(votes.shape[1]) if item is None else item
    there = present_categories(votes)
    kinds = np.zeros((int(own.max()) + 1, len(CATEGORIES)), dtype=bool)
    np.logical_or.at(kinds, own, there)
    member, version = np.nonzero(votes >= 0)
    return FamilyVotes(member, version, votes[member, version].astype(np.intp), own, kinds, len(votes), link)


def fit_leaning(
    votes: FamilyVotes, positions: Floats, priors: Priors, *, prior: tuple[float, float] | None = None
) -> LeaningFit:
    """Find the mode of items and sigma by damped Newton steps, positions held.

    Parameters
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        One date for all versions, or one for each.
    priors : Priors
        Of the items, on the scale without a leaning.
    prior : tuple of float, optional
        Mean and standard deviation of log sigma beforehand; `PRIOR` by default.

    Raises
    ------
    NotUsableError
        If the curvature at the mode is not that of a maximum.
    """
    n_items, n_dims = len(votes.kinds), positions.shape[-1]
    by_version = np.broadcast_to(positions, (len(votes.item), *positions.shape[1:]))
    known = prior_of(votes.link) if prior is None else prior
    point = np.append(_start(votes, n_dims).ravel(), known[0])
    precision, centre = _prior(votes, n_dims, priors, known)

    def at(point: Floats) -> tuple[float, Floats, Floats]:
        found = marginal(votes, by_version, point[:-1].reshape(n_items, -1), float(point[-1]))
        away = point - centre
        value = found.value - 0.5 * float(precision @ away**2)
        return value, found.by_member.sum(axis=0) - precision * away, found.information + np.diag(precision)

    value, gradient, information = at(point)
    damping, converged = 0.0, False
    for _ in range(_STEPS):
        spread, axes = np.linalg.eigh(information)
        # Where the curvature is not that of a maximum, the step follows the gradient at its size.
        sizes = np.maximum(np.abs(spread), 1e-3) + damping
        along = axes.T @ gradient
        converged = bool(spread.min() > 0 and np.max(np.abs(along) / np.sqrt(sizes)) < _TOLERANCE)
        if converged:
            break
        trial = point + np.clip(axes @ (along / sizes), -2.0, 2.0)
        found = at(trial)
        if found[0] > value - 1e-12:
            point, (value, gradient, information) = trial, found
            damping /= 4.0
        else:
            damping = max(4.0 * damping, 0.1)
    try:
        root = np.linalg.inv(np.linalg.cholesky(information))
    except np.linalg.LinAlgError:
        raise NotUsableError("the leaning has no maximum to approximate") from None
    items = point[:-1].reshape(n_items, -1)
    return LeaningFit(votes, positions, items, float(point[-1]), root.T @ root, converged, known)


def leaning_counterfactual(
    rollcalls: RollCalls,
    base: Counterfactual,
    others: Others,
    *,
    n_draws: int,
    seed: int,
    prior: tuple[float, float] | None = None,
) -> tuple[Counterfactual, LeaningFit]:
    """Draw every vote on every version as `counterfactual` does, with a lasting leaning of every member.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    base : Counterfactual
        The same without leaning: iterations, members and votes are taken from it.
    others : IdealFit, DynamicFit, PosteriorFit or DynamicPosterior
        A fit of all other roll calls.
    n_draws, seed : int
        Draws of the normal approximation or of the posterior, and where the random numbers start.
    prior : tuple of float, optional
        Of log sigma, as in `fit_leaning`.

    Raises
    ------
    NotUsableError
        If a member casts no other vote, or the fit found no maximum.
    """
    with_leaning, fit = leaning_latent(rollcalls, base, others, n_draws=n_draws, seed=seed, prior=prior)
    iterations, present = (
        list(base.rollcalls),
        [tuple(np.array(CATEGORIES)[kinds]) for kinds in fit.votes.kinds],
    )
    return mix(iterations, base.members, base.votes, with_leaning, None, present, base.link, seed), fit


def leaning_latent(
    rollcalls: RollCalls,
    base: Counterfactual,
    others: Others,
    *,
    n_draws: int,
    seed: int,
    wanted: NDArray[np.intp] | None = None,
    prior: tuple[float, float] | None = None,
) -> tuple[Latent, LeaningFit]:
    """Draw positions, items and leanings as `leaning_counterfactual` does.

    Parameters
    ----------
    rollcalls, base, others, n_draws, seed, prior
        As in `leaning_counterfactual`.
    wanted : ndarray of int, optional
        Rows of the members whose leaning is drawn; that of the others is NaN. Everyone by default.

    Raises
    ------
    NotUsableError
        As `leaning_counterfactual`.
    """
    iterations = list(base.rollcalls)
    votes = family_votes(base.votes, base.link)
    mode, positions = positions_at(rollcalls, others, iterations, list(base.members), n_draws, seed)
    fit = fit_leaning(votes, mode, others.model.priors, prior=prior)
    if not fit.converged:
        raise NotUsableError("the fit of the leaning did not converge")
    rng = np.random.default_rng([check_seed(seed), 2])
    items, log_sd = _draw_items(fit, positions, rng)
    cutpoints = votes.cutpoints(items, log_sd)
    slopes = inflation(log_sd, votes.link)[:, None, None] * items[..., :-2]
    rows = np.arange(votes.n_members) if wanted is None else wanted
    leaning = np.full((n_draws, votes.n_members), np.nan)
    z = _draw_z(votes, Latent(positions, slopes, cutpoints), np.exp(log_sd), rows, rng)
    leaning[:, rows] = np.exp(log_sd)[:, None] * z
    return Latent(positions, slopes, cutpoints, leaning, np.exp(log_sd)), fit


def prior_of(link: Link) -> tuple[float, float]:
    """Return mean and standard deviation of log sigma on a link's latent scale; `PRIOR` is logit's."""
    return PRIOR[0] + (0.0 if link == "logit" else float(np.log(_NORMAL_OVER_LOGISTIC))), PRIOR[1]


def _prior(
    votes: FamilyVotes, n_dims: int, priors: Priors, log_sd: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Precision and centre of the normal prior of every parameter."""
    item = np.array([priors.discrimination] * n_dims + [priors.midpoint, priors.log_gap]) ** -2.0
    precision = np.tile(item, (len(votes.kinds), 1))
    precision[~votes.kinds.all(axis=1), -1] = 1.0  # the gap such an item does not have
    centre = np.zeros(precision.size + 1)
    centre[-1] = log_sd[0]
    return np.append(precision.ravel(), log_sd[1] ** -2.0), centre


def _start(votes: FamilyVotes, n_dims: int) -> Floats:
    """Items that place nobody: cutpoints at the shares of the categories."""
    counts = np.full(votes.kinds.shape, 0.5)
    np.add.at(counts, (votes.item[votes.version], votes.code), 1.0)
    below = np.cumsum(counts / counts.sum(axis=1, keepdims=True), axis=1)[:, :2]
    cuts = quantile(below, votes.link)
    cuts[~votes.kinds[:, 0]] = cuts[~votes.kinds[:, 0], 1:]
    cuts[~votes.kinds[:, 2]] = cuts[~votes.kinds[:, 2], :1]
    full = votes.kinds.all(axis=1)
    gap = np.where(full, cuts[:, 1] - cuts[:, 0], 1.0)
    return np.column_stack([np.zeros((len(cuts), n_dims)), cuts.mean(axis=1), np.log(gap)])


def _draw_items(fit: LeaningFit, positions: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw items and log sigma with the positions of every draw: the mode moves with them, to first order."""
    votes = fit.votes
    n_versions, n_dates = len(votes.item), len(fit.positions)
    step = 1e-4
    shifts = (positions - fit.positions).reshape(len(positions), n_dates, -1, positions.shape[-1])
    pull = np.zeros((len(positions), fit.items.size + 1))

    def scores(at: Floats) -> Floats:
        by_version = np.broadcast_to(at, (n_versions, *at.shape[1:]))
        return marginal(votes, by_version, fit.items, fit.log_sd).by_member

    for date in range(n_dates):
        for dimension in range(positions.shape[-1]):
            moved = np.zeros_like(fit.positions)
            moved[date, :, dimension] = step
            cross = (scores(fit.positions + moved) - scores(fit.positions - moved)) / (2 * step)
            pull += shifts[:, date, :, dimension] @ cross
    root = np.linalg.cholesky(fit.covariance)
    mode = np.append(fit.items.ravel(), fit.log_sd)
    drawn = mode + pull @ fit.covariance + rng.standard_normal(pull.shape) @ root.T
    return drawn[:, :-1].reshape(-1, *fit.items.shape), drawn[:, -1]


def _draw_z(
    votes: FamilyVotes, latent: Latent, sd: Floats, rows: NDArray[np.intp], rng: np.random.Generator
) -> Floats:
    """Draw members' standardised leanings given their votes, on a grid with straight lines between.

    Returns
    -------
    ndarray, shape (n_draws, n_rows)
        Of the members in `rows`. Random numbers are those of a draw of everyone.
    """
    n_draws = len(sd)
    z = np.linspace(-_REACH, _REACH, _POINTS)
    width = z[1] - z[0]
    uniform = rng.random((n_draws, votes.n_members, 1))[:, rows]
    place = np.full(votes.n_members, -1)
    place[rows] = np.arange(len(rows))
    drawn = np.empty((n_draws, len(rows)))
    chunk = max(1, _CELLS // (len(rows) * _POINTS))
    for begin in range(0, n_draws, chunk):
        part = slice(begin, min(begin + chunk, n_draws))
        log_p = np.tile((-0.5 * z**2).astype(np.float32), (part.stop - begin, len(rows), 1))
        lean = (sd[part, None] * z).astype(np.float32)[:, None]
        for version, code in product(range(len(votes.item)), range(len(CATEGORIES))):
            who = votes.member[(votes.version == version) & (votes.code == code)]
            who = who[place[who] >= 0]
            date = version if latent.moves else 0
            positions, slopes = latent.positions[part, date][:, who], latent.discriminations[part, version]
            eta = np.einsum("kid,kd->ki", positions, slopes)
            bounds = [-np.inf, *latent.cutpoints[part, version].T, np.inf]
            lower, upper = (np.reshape(bounds[code + k], (-1, 1)) - eta for k in (0, 1))
            log_p[:, place[who]] += _log_between(lower, upper, lean, votes.link)
        mass = np.exp(log_p - log_p.max(axis=-1, keepdims=True)).astype(float)
        below = np.cumsum(mass, axis=-1)
        target = uniform[part] * below[..., -1:]
        slot = (below < target).sum(axis=-1, keepdims=True)
        inside = (np.take_along_axis(below, slot, -1) - target) / np.take_along_axis(mass, slot, -1)
        drawn[part] = (z[slot] + width * (0.5 - inside))[..., 0]
    return drawn


def _log_between(lower: Floats, upper: Floats, lean: NDArray[np.float32], link: Link) -> NDArray[np.float32]:
    """Return log P(lower - lean < e < upper - lean) up to a constant, the leaning on a last axis."""
    low, high = lower[..., None].astype(np.float32), upper[..., None].astype(np.float32)
    at_low, at_high = np.isfinite(lower).any(), np.isfinite(upper).any()
    if link == "logit":
        # s(above) s(-below) (1 - exp(lower - upper)), of which the last factor knows no leaning
        total = np.zeros((1, 1, 1), dtype=np.float32)
        if at_high:
            total = total + _log_logistic(high - lean)
        return total + _log_logistic(lean - low) if at_low else total
    if not (at_low and at_high):
        return log_ndtr(high - lean if at_high else lean - low).astype(np.float32)
    below, above = (low - lean).astype(float), (high - lean).astype(float)
    flip = below > 0  # in the tail where it does not cancel
    inside = ndtr(np.where(flip, -below, above)) - ndtr(np.where(flip, -above, below))
    return np.log(np.maximum(inside, 1e-300)).astype(np.float32)


def _log_logistic(z: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.minimum(z, 0.0) - np.log(1.0 + np.exp(-np.abs(z)))
