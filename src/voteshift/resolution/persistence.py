"""The posterior of rho, the state dependence of votes on one resolution.

With probability rho, a member repeats the vote that it cast last on the resolution (Heckman 1981). Otherwise,
and always for its first vote, it votes by the model. Member effects also make the votes of a member alike.
Votes that change in one direction distinguish the two: with member effects, all members close to the
cutpoints follow a change of the item; with state dependence, only the share 1 - rho of them does. So do
first votes, which follow the item, and the order of three or more votes: a member that returns to its first
vote speaks for member effects.

The likelihood is computed on a few values of rho, with sigma and the items integrated out at each value as in
`voteshift.resolution.sigma`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, xlog1py, xlogy

from voteshift.likelihood.persistence import previous_votes, repeated_votes
from voteshift.resolution.marginal import FamilyVotes
from voteshift.resolution.sigma import SigmaPosterior

__all__ = ["PersistencePosterior", "approximate_persistence", "previous_votes", "repeated_votes"]

Floats = NDArray[np.float64]
#: Values of rho. The search starts in the middle and continues while the density is not negligible.
_NODES: Final = (0.0, 0.3, 0.6, 0.8, 0.92, 0.98)
_FIRST: Final = (1, 2, 3)
_CELLS: Final = 2000  # between which the distribution function is interpolated
_DEEPEST: Final = 9.0  # below the maximum of the log density: other nodes are left out


@dataclass(frozen=True, eq=False)
class PersistencePosterior:
    """Posterior of rho on nodes, and the posterior of log sigma and the items at every node.

    Attributes
    ----------
    nodes : ndarray, shape (n_nodes,)
        Increasing values of rho; the single value 0 if rho is not estimated.
    log_likelihood : ndarray, shape (n_nodes,)
        Log of the likelihood at every node, with sigma and the items integrated out.
    sigmas : tuple of SigmaPosterior
        The posterior of log sigma and the items at every node.
    prior : tuple of float, or None
        Parameters of the beta prior; None if rho is not estimated.
    n_changed : int
        Number of votes that differ from the member's vote before them.
    """

    nodes: Floats
    log_likelihood: Floats
    sigmas: tuple[SigmaPosterior, ...]
    prior: tuple[float, float] | None
    n_changed: int

    @property
    def log_density(self) -> Floats:
        """Log posterior density of every node, up to a constant."""
        if self.prior is None:
            return np.zeros(1)
        inside = np.clip(self.nodes, 0.02, 0.98)
        return np.asarray(self.log_likelihood + _log_beta(inside, *self.prior))

    @cached_property
    def _cells(self) -> tuple[Floats, Floats] | None:
        """Edges of cells of rho, and the log density in the middle of every cell; None for a single node."""
        if self.prior is None or len(self.nodes) < 2:
            return None
        from scipy.interpolate import PchipInterpolator  # loading it takes longer than most commands

        edges = np.linspace(self.nodes[0], self.nodes[-1], _CELLS + 1)
        middle = 0.5 * (edges[1:] + edges[:-1])
        # A changed vote has the factor 1 - rho. What remains of the log-likelihood is smooth.
        smooth = self.log_likelihood - self.n_changed * np.log1p(-self.nodes)
        density = PchipInterpolator(self.nodes, smooth)(middle) + self.n_changed * np.log1p(-middle)
        return edges, np.asarray(density + _log_beta(middle, *self.prior))

    @cached_property
    def _distribution(self) -> tuple[Floats, Floats]:
        """Edges of cells of rho and the distribution function at these edges."""
        if self._cells is None:
            return np.full(2, self.nodes[0]), np.array([0.0, 1.0])
        edges, density = self._cells
        below = np.concatenate([[0.0], np.cumsum(np.exp(density - density.max()))])
        return edges, below / below[-1]

    @property
    def log_evidence(self) -> float:
        """Log of the likelihood with rho, sigma and items integrated out, up to a constant."""
        if self._cells is None:
            return float(self.log_likelihood[0])
        edges, density = self._cells
        return float(density.max() + np.log(np.exp(density - density.max()).sum() * (edges[1] - edges[0])))

    def quantile(self, p: Floats | float) -> Floats:
        """Return quantiles of rho."""
        edges, below = self._distribution
        return np.asarray(np.interp(p, below, edges), dtype=np.float64)

    def nearby(self, rho: Floats, uniform: Floats) -> NDArray[np.intp]:
        """Return a node below or above every value of rho, with the weights of a linear interpolation.

        Parameters
        ----------
        rho, uniform : ndarray, shape (n_draws,)
            Values of rho, and uniform random numbers.
        """
        if len(self.nodes) < 2:
            return np.zeros(len(rho), dtype=np.intp)
        lower = np.clip(np.searchsorted(self.nodes, rho, side="right") - 1, 0, len(self.nodes) - 2)
        share = (rho - self.nodes[lower]) / (self.nodes[lower + 1] - self.nodes[lower])
        return np.asarray(lower + (uniform < share), dtype=np.intp)


def _log_beta(rho: Floats, first: float, second: float) -> Floats:
    """Return the log density of a beta distribution, with both parameters."""
    return np.asarray(xlog1py(second - 1.0, -rho) + xlogy(first - 1.0, rho) - betaln(first, second))


def approximate_persistence(
    votes: FamilyVotes, fit_at: Callable[[float], SigmaPosterior], prior: tuple[float, float] | None
) -> PersistencePosterior:
    """Approximate the posterior of rho.

    Parameters
    ----------
    votes : FamilyVotes
        The votes on the resolution.
    fit_at : callable
        Function of rho that returns the posterior of log sigma and the items.
    prior : tuple of float, or None
        Parameters of the beta prior of rho; None if rho is 0. If no member voted twice, rho is 0 too, because
        the votes contain no information on it.
    """
    codes = votes.codes
    previous = previous_votes(codes)
    voted_before = (codes >= 0) & (previous >= 0)
    n_changed = int((voted_before & (codes != previous)).sum())
    if prior is None or not voted_before.any():
        sigma = fit_at(0.0)
        return PersistencePosterior(np.zeros(1), np.array([sigma.log_evidence]), (sigma,), None, n_changed)
    computed = {place: fit_at(_NODES[place]) for place in _FIRST}
    while True:
        places = sorted(computed)
        nodes = np.array([_NODES[place] for place in places])
        sigmas = tuple(computed[place] for place in places)
        log_likelihood = np.array([sigma.log_evidence for sigma in sigmas])
        posterior = PersistencePosterior(nodes, log_likelihood, sigmas, prior, n_changed)
        floor = posterior.log_density.max() - _DEEPEST
        outside = [
            place
            for place, end in ((places[0] - 1, 0), (places[-1] + 1, -1))
            if 0 <= place < len(_NODES) and posterior.log_density[end] > floor
        ]
        if not outside:
            return posterior
        computed |= {place: fit_at(_NODES[place]) for place in outside}
