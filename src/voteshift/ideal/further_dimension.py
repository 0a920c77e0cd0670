"""A further dimension of a fitted space: the direction in which the residuals of members vary most.

Positions and items of the fit are held, and every vote gets one more term:

    P(y_ij <= c) = F(kappa_jc - x_i . beta_j - d_j(x_i) - gamma_j z_i),    z_i ~ N(0, 1).

The item's correction d_j is linear in the position, so that the new dimension does not take up errors of the
item. The posterior mode is found by alternating Newton steps: d and gamma of all items, then z of all
members. If the votes have a second dimension, z agrees closely with the second axis of a fit in two
dimensions. Unlike that fit, z takes a fraction of a second, and it exists for dynamic and sampled fits too.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.interface import Fit
from voteshift.likelihood.terms import vote_limits, vote_terms

__all__ = ["further_dimension"]

Floats = NDArray[np.float64]
_POWER_STEPS: Final = 20  # power iterations of the start
_STEPS: Final = 20  # alternations at most: a direction that is only noise may still turn
_TOLERANCE: Final = 1e-3  # largest change of a position at convergence
_LONGEST: Final = 1.0  # of a step in any parameter
_LEAST_INFORMATION: Final = 1e-6  # of a vote
_FARTHEST: Final = 5.0  # of a standardised residual at the start
_SLOPE_SD: Final = 2.5  # prior standard deviation of gamma and of the coefficients of d


def further_dimension(fit: Fit) -> Floats:
    """Return the positions of members on the strongest further dimension of the votes of a fit.

    Parameters
    ----------
    fit : Fit
        A fit in any number of dimensions, with constant or dynamic positions.

    Returns
    -------
    ndarray, shape (n_members,)
        Mean 0 and standard deviation 1 over the members of the fit, uncorrelated with their mean position on
        each dimension of the fit. The sign is arbitrary. The votes need not support a further dimension: in
        a record with as many dimensions as the fit, these positions are noise.
    """
    votes = _Votes(fit)
    place = votes.start()
    items = np.zeros((votes.n_rollcalls, votes.terms.shape[1] + 1))
    for _ in range(_STEPS):
        before = place
        items = votes.update_items(items, place)
        place = votes.update_members(items, place)
        place = votes.standardise(place)
        if np.abs(place - before).max() < _TOLERANCE:
            break
    return place


class _Votes:
    """The votes of a fit as a list, with the linear predictor of the fit.

    Attributes
    ----------
    member, column : ndarray of int, shape (n_votes,)
        Row of the member and column of the roll call of every vote.
    terms : ndarray, shape (n_votes, n_dims + 1)
        1, and the position of the member at the date of the roll call.
    eta, lower, upper : ndarray, shape (n_votes,)
        Linear predictor of the fit, and the cutpoints around the vote.
    mean_terms : ndarray, shape (n_members, n_dims + 1)
        Mean of `terms` over the votes of each member.
    """

    def __init__(self, fit: Fit) -> None:
        """List the votes of a fit."""
        design = fit.encoded.design
        mode = fit.at_mode([str(rollcall) for rollcall in fit.rollcall_ids])
        self.column, self.member = np.nonzero(design.codes.T >= 0)
        positions = mode.positions[0]
        of_votes = positions[self.column, self.member] if positions.ndim == 3 else positions[self.member]
        self.terms = np.column_stack([np.ones(len(of_votes)), of_votes])
        self.eta = (of_votes * mode.discriminations[0][self.column]).sum(axis=1)
        kinds = design.n_categories[design.item[self.column]]
        codes = design.codes[self.member, self.column]
        self.lower, self.upper = vote_limits(mode.cutpoints[0][self.column], codes, kinds)
        self.n_members, self.n_rollcalls = design.codes.shape
        self.link = fit.link
        n_votes = np.maximum(np.bincount(self.member, minlength=self.n_members), 1)
        self.mean_terms = np.column_stack([self._by_member(term) for term in self.terms.T]) / n_votes[:, None]

    def start(self) -> Floats:
        """Return the leading direction of the residuals in units of their standard deviation."""
        score, information = self._derivatives(np.zeros(len(self.eta)))
        residual = np.zeros((self.n_members, self.n_rollcalls))
        residual[self.member, self.column] = score / np.sqrt(information)
        residual = residual.clip(-_FARTHEST, _FARTHEST)
        alone = (residual**2).sum(axis=1)
        # From the member with the largest residuals, so that the result does not depend on the order of rows.
        place = self.standardise(residual @ residual[alone.argmax()])
        for _ in range(_POWER_STEPS):
            place = self.standardise(residual @ (residual.T @ place) - alone * place)
        return place

    def standardise(self, place: Floats) -> Floats:
        """Return positions with mean 0 and standard deviation 1, uncorrelated with the mean positions."""
        rest: Floats = place - self.mean_terms @ np.linalg.lstsq(self.mean_terms, place, rcond=None)[0]
        return np.asarray(rest / max(float(rest.std()), 1e-12))

    def update_items(self, items: Floats, place: Floats) -> Floats:
        """Take a Newton step in the corrections and the slope of every roll call.

        Parameters
        ----------
        items : ndarray, shape (n_rollcalls, n_dims + 2)
            The coefficients of `terms`, and the slope gamma on the further dimension.
        place : ndarray, shape (n_members,)
            Positions on the further dimension.
        """
        score, information = self._derivatives(self._added(items, place))
        terms = np.column_stack([self.terms, place[self.member]])
        width = terms.shape[1]
        gradient, matrix = np.empty((self.n_rollcalls, width)), np.empty((self.n_rollcalls, width, width))
        for row in range(width):
            gradient[:, row] = self._by_rollcall(score * terms[:, row])
            for other in range(row, width):
                cell = self._by_rollcall(information * terms[:, row] * terms[:, other])
                matrix[:, row, other] = matrix[:, other, row] = cell
        gradient -= items / _SLOPE_SD**2
        step = np.linalg.solve(matrix + np.eye(width) / _SLOPE_SD**2, gradient[..., None])[..., 0]
        return items + step / np.maximum(np.abs(step).max(axis=1, keepdims=True) / _LONGEST, 1.0)

    def update_members(self, items: Floats, place: Floats) -> Floats:
        """Take a Newton step in the position of every member on the further dimension."""
        score, information = self._derivatives(self._added(items, place))
        slope = items[self.column, -1]
        gradient = self._by_member(score * slope) - place
        step = gradient / (self._by_member(information * slope**2) + 1.0)
        return place + step.clip(-_LONGEST, _LONGEST)

    def _added(self, items: Floats, place: Floats) -> Floats:
        """Return what items and the further dimension add to the linear predictor of every vote."""
        terms: Floats = (self.terms * items[self.column, :-1]).sum(axis=1)
        return terms + items[self.column, -1] * place[self.member]

    def _derivatives(self, added: Floats) -> tuple[Floats, Floats]:
        """Return first derivative and information of every vote with respect to its linear predictor."""
        terms = vote_terms(self.eta + added, self.lower, self.upper, self.link)
        return terms.by_eta, np.maximum(terms.info_eta, _LEAST_INFORMATION)

    def _by_member(self, values: Floats) -> Floats:
        return np.bincount(self.member, values, self.n_members).astype(np.float64)

    def _by_rollcall(self, values: Floats) -> Floats:
        return np.bincount(self.column, values, self.n_rollcalls).astype(np.float64)
