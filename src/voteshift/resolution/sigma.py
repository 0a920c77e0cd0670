"""The posterior of sigma, the standard deviation of the member effect, with the items integrated out.

The joint mode of items and sigma can be far from the posterior of sigma: the larger sigma is, the narrower
is the range of items that explain the votes, and the mode ignores how narrow it is. Here the items are
integrated out at every value of sigma by a Laplace approximation, as in nested Laplace approximations (Rue,
Martino & Chopin 2009, https://doi.org/10.1111/j.1467-9868.2008.00700.x):

    p(log sigma | votes) ~ p(log sigma) p(votes | items, sigma) p(items) |H|^(-1/2)  at the mode of the items,

where H is the information on the items given sigma. Draws from this approximation are the start of Markov
chains, which move towards the posterior (`voteshift.likelihood.item_draws`).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.newton import Evaluation, continue_within_radius, maximise
from voteshift.resolution.marginal import FamilyVotes, marginal

__all__ = ["SigmaPosterior", "approximate_sigma"]

Floats = NDArray[np.float64]
_DEEPEST: Final = 9.0  # below the maximum of the log density: other nodes are left out
_WIDEST, _FINEST = 0.5, 0.6  # spacing of nodes: of log sigma at first, and in posterior standard deviations
_DENSE: Final = 2001  # points on which the density is interpolated between nodes
_STEPS, _TOLERANCE, _SLACK = 100, 1e-10, 1e-7
_LONGEST: Final = 2.0  # of a step, in every parameter


@dataclass(frozen=True, eq=False)
class SigmaPosterior:
    """Posterior of log sigma on nodes, and the items given sigma at every node.

    Attributes
    ----------
    log_sd : ndarray, shape (n_nodes,)
        Increasing values of log sigma.
    log_density : ndarray, shape (n_nodes,)
        Log of the posterior density of log sigma up to a constant.
    items : ndarray, shape (n_nodes, n_items, n_dims + 2)
        Mode of the items, on the scale without member effects.
    means : ndarray, shape (n_nodes, n_means)
        Mode of the coefficients of the member effect's mean, on the same scale.
    covariance : ndarray, shape (n_nodes, n_parameters, n_parameters)
        Covariance matrix of the items and the means.
    converged : bool
        True if the search for the items converged at every node.
    """

    log_sd: Floats
    log_density: Floats
    items: Floats
    means: Floats
    covariance: Floats
    converged: bool

    @cached_property
    def _distribution(self) -> tuple[Floats, Floats]:
        """Values of log sigma and the distribution function at these values."""
        dense = np.linspace(self.log_sd[0], self.log_sd[-1], _DENSE)
        log_density = self._interpolated(dense)
        density = np.exp(log_density - log_density.max())
        below = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
        return dense, below / below[-1]

    def quantile(self, p: Floats | float) -> Floats:
        """Return quantiles of log sigma."""
        dense, below = self._distribution
        return np.asarray(np.interp(p, below, dense), dtype=np.float64)

    def _interpolated(self, log_sd: Floats) -> Floats:
        """Return the log density at values of log sigma."""
        from scipy.interpolate import PchipInterpolator  # loading it takes longer than most commands

        return np.asarray(PchipInterpolator(self.log_sd, self.log_density)(log_sd))

    @property
    def log_evidence(self) -> float:
        """Log of the likelihood with items and sigma integrated out, up to a constant."""
        dense = np.linspace(self.log_sd[0], self.log_sd[-1], _DENSE)
        density = self._interpolated(dense)
        return float(density.max() + np.log(np.trapezoid(np.exp(density - density.max()), dense)))

    def moments(self) -> tuple[float, float]:
        """Return mean and standard deviation of log sigma."""
        values = self.quantile((np.arange(_DENSE) + 0.5) / _DENSE)
        return float(values.mean()), float(values.std())


def approximate_sigma(
    votes: FamilyVotes,
    positions: Floats,
    precision: Floats,
    log_sd: tuple[float, float],
    start: Floats,
    *,
    mean_precision: Floats | None = None,
    persistence: float = 0.0,
) -> SigmaPosterior:
    """Approximate the posterior of log sigma.

    Parameters
    ----------
    votes : FamilyVotes
        The votes.
    positions : ndarray, shape (n_dates, n_members, n_dims)
        Fixed positions.
    precision : ndarray, shape (n_items * (n_dims + 2),)
        Precision of the normal prior of every item parameter, which has mean 0.
    log_sd : tuple of float
        Mean and standard deviation of the normal prior of log sigma.
    start : ndarray, shape (n_items, n_dims + 2)
        Items from which the first search starts.
    mean_precision : ndarray, shape (n_means,), optional
        Precision of the normal prior of the coefficients of the member effect's mean. No coefficients by
        default.
    persistence : float
        Probability rho that a vote repeats the member's vote before it.

    Raises
    ------
    NotUsableError
        If the information matrix at the end of a search is not positive definite.
    """
    search = _Search(votes, positions, precision, log_sd, start, mean_precision, persistence)
    search.add(log_sd[0] + _WIDEST * np.arange(-2.0, 3.0))
    spacing = _WIDEST
    while (outside := search.outside(spacing)).size:
        search.add(outside)
    while spacing > _FINEST * search.posterior().moments()[1]:
        spacing *= 0.5
        search.add(search.between())
    return search.posterior()


class _Search:
    """The nodes that have been computed."""

    def __init__(
        self,
        votes: FamilyVotes,
        positions: Floats,
        precision: Floats,
        log_sd: tuple[float, float],
        start: Floats,
        mean_precision: Floats | None,
        persistence: float,
    ) -> None:
        self.votes, self.positions, self.start = votes, positions, start
        self.n_means = 0 if mean_precision is None else len(mean_precision)
        self.precision = precision if mean_precision is None else np.append(precision, mean_precision)
        self.mean, self.sd = log_sd
        self.persistence = persistence
        width = start.size + self.n_means
        self.log_sd = np.zeros(0)
        self.integrated = np.zeros(0)  # log-likelihood with items integrated out
        self.point, self.information = np.zeros((0, width)), np.zeros((0, width, width))
        self.converged = np.zeros(0, dtype=bool)

    @property
    def log_density(self) -> Floats:
        """Log posterior density of every node."""
        return self.integrated - 0.5 * ((self.log_sd - self.mean) / self.sd) ** 2

    def add(self, log_sd: Floats) -> None:
        """Compute further nodes, each from the items of the nearest node."""
        start = np.tile(np.append(self.start.ravel(), np.zeros(self.n_means)), (len(log_sd), 1))
        if len(self.log_sd):
            start = self.point[np.abs(log_sd[:, None] - self.log_sd).argmin(axis=1)]
        precision, shape, size = self.precision, self.start.shape, self.start.size

        def evaluate(point: Floats, rows: NDArray[np.intp]) -> Evaluation:
            likelihood = marginal(
                self.votes,
                self.positions,
                point[:, :size].reshape(-1, *shape),
                log_sd[rows],
                means=point[:, size:] if self.n_means else None,
                persistence=self.persistence,
            )
            value = likelihood.value - 0.5 * point**2 @ precision
            return Evaluation(
                value,
                value,
                likelihood.gradient[:, :-1] - precision * point,
                likelihood.information[:, :-1, :-1] + np.diag(precision),
                likelihood.complete[:, :-1, :-1] + np.diag(precision),
            )

        def move(point: Floats, step: Floats, rows: NDArray[np.intp]) -> Floats:  # noqa: ARG001
            return point + np.clip(step, -_LONGEST, _LONGEST)

        maxima = maximise(evaluate, start, move, tolerance=_TOLERANCE, slack=_SLACK, max_steps=_STEPS)
        maxima = continue_within_radius(evaluate, maxima, move, tolerance=_TOLERANCE, max_steps=_STEPS)
        sign, log_determinant = np.linalg.slogdet(maxima.information)
        if (sign <= 0).any():
            raise NotUsableError("the optimiser found no maximum of the likelihood with member effects")
        order = np.argsort(np.append(self.log_sd, log_sd))
        self.log_sd = np.append(self.log_sd, log_sd)[order]
        integrated = maxima.log_likelihood - 0.5 * log_determinant
        self.integrated = np.append(self.integrated, integrated)[order]
        self.point = np.concatenate([self.point, maxima.point])[order]
        self.information = np.concatenate([self.information, maxima.information])[order]
        self.converged = np.append(self.converged, maxima.converged)[order]

    def outside(self, spacing: float) -> Floats:
        """Return the next nodes at either end at which the density is not negligible."""
        floor = self.log_density.max() - _DEEPEST
        ends = [(self.log_sd[0] - spacing, 0), (self.log_sd[-1] + spacing, -1)]
        return np.array([value for value, place in ends if self.log_density[place] > floor])

    def between(self) -> Floats:
        """Return the values halfway between nodes where the density is not negligible."""
        kept = self.log_density > self.log_density.max() - _DEEPEST
        either = kept[1:] | kept[:-1]
        return np.asarray(0.5 * (self.log_sd[1:] + self.log_sd[:-1])[either])

    def posterior(self) -> SigmaPosterior:
        """Return the nodes with the density of each, without the nodes beyond both ends of the posterior."""
        kept = np.flatnonzero(self.log_density > self.log_density.max() - _DEEPEST)
        part = slice(max(kept[0] - 1, 0), kept[-1] + 2)
        return SigmaPosterior(
            self.log_sd[part],
            self.log_density[part],
            self.point[part, : self.start.size].reshape(-1, *self.start.shape),
            self.point[part, self.start.size :],
            np.asarray(np.linalg.inv(self.information[part]), dtype=np.float64),
            bool(self.converged[part].all()),
        )
