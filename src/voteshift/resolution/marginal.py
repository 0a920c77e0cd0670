"""The likelihood of one resolution's votes with member effects, integrated out.

    P(y_iv <= c) = F(kappa_vc - x_iv . beta_v - sigma z_i),    z_i ~ N(0, 1),

z shared by all votes of member i on the iterations v of the resolution: a testlet effect (Bradlow, Wainer &
Wang 1999, https://doi.org/10.1007/BF02294533), for repeated resolutions the member's habit. The integral over
z is a sum over an even grid: for a smooth integrand with normal tails that rule converges geometrically
(Trefethen & Weideman 2014, https://doi.org/10.1137/130932132), and unlike a Gauss-Hermite rule of its size it
stays exact when sigma is several times the noise and the likelihood of z is nearly a step.

Items are written on the scale they have without member effects: beta = c b, kappa = c k, with

    c = sqrt(1 + sigma^2 / var(e)),

so that b and k, and what is assumed of them beforehand, hardly depend on sigma.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link, half_gaps
from voteshift.likelihood.terms import VoteTerms, vote_terms

__all__ = ["NOISE_SD", "FamilyVotes", "Marginal", "grid", "inflation", "marginal"]

Floats = NDArray[np.float64]
_NOTHING = 1e-30
_SIZE, _REACH = 121, 6.0  # points, and standard deviations to either side
#: Standard deviation of the noise of a single vote.
NOISE_SD: Final = {"logit": float(np.pi / np.sqrt(3.0)), "probit": 1.0}


def grid() -> tuple[Floats, Floats]:
    """Return points z and weights of the standard normal on an even grid, shape (121,) each."""
    z = np.linspace(-_REACH, _REACH, _SIZE)
    weights = np.exp(-0.5 * z**2)
    return z, weights / weights.sum()


def inflation(log_sd: Floats | float, link: Link) -> Floats:
    """Return c, by which a member effect of this standard deviation stretches the items."""
    return np.sqrt(1.0 + np.exp(2.0 * np.asarray(log_sd)) / NOISE_SD[link] ** 2)


@dataclass(frozen=True, slots=True)
class FamilyVotes:
    """The votes on one resolution, as a flat list of votes cast.

    Attributes
    ----------
    member, version, code : ndarray of int, shape (n_votes,)
        Whose vote, on which iteration: 0 no, 1 abstain, 2 yes.
    item : ndarray of int, shape (n_versions,)
        Item of each version: its own, or one that versions share.
    kinds : ndarray of bool, shape (n_items, 3)
        The categories each item has.
    n_members : int
        Number of members.
    link : {"logit", "probit"}
        Distribution of the noise.
    """

    member: NDArray[np.intp]
    version: NDArray[np.intp]
    code: NDArray[np.intp]
    item: NDArray[np.intp]
    kinds: NDArray[np.bool_]
    n_members: int
    link: Link

    def half_gaps(self, log_gaps: Floats) -> Floats:
        """Return half the gap between the cutpoints; 0 where an item lacks a category."""
        return half_gaps(log_gaps, np.asarray(self.kinds.all(axis=1)))

    def cutpoints(self, items: Floats, log_sd: Floats | float) -> Floats:
        """Return no|abstain and abstain|yes of every item; equal or infinite where a category lacks.

        Parameters
        ----------
        items : ndarray, shape (..., n_items, n_dims + 2)
            Discriminations, midpoint, log gap on the scale without member effects.
        log_sd : ndarray, shape (...)
            Log of sigma.
        """
        stretch = inflation(log_sd, self.link)[..., None]
        half, middle = self.half_gaps(items[..., -1]), items[..., -2]
        first = np.where(self.kinds[:, 0], stretch * (middle - half), -np.inf)
        second = np.where(self.kinds[:, 2], stretch * (middle + half), np.inf)
        return np.stack([first, second], axis=-1)


@dataclass(frozen=True, slots=True)
class Marginal:
    """Log-likelihood with the member effect integrated out, at one point.

    Attributes
    ----------
    value : float
    by_member : ndarray, shape (n_members, n_parameters)
        Gradient of each member's part: by the items, flattened, then by the log of sigma. What an item does
        not have is 0.
    information : ndarray, shape (n_parameters, n_parameters)
        Minus the second derivative, by Louis (1982): information of the votes were z known, less the
        variance of its score.
    """

    value: float
    by_member: Floats
    information: Floats


def marginal(votes: FamilyVotes, positions: Floats, items: Floats, log_sd: float) -> Marginal:
    """Return the log-likelihood of the items and of sigma, and its derivatives.

    Parameters
    ----------
    votes : FamilyVotes
        The votes.
    positions : ndarray, shape (n_versions, n_members, n_dims)
        At the date of every version, held.
    items : ndarray, shape (n_items, n_dims + 2)
        Discriminations, midpoint and log gap of every item, on the scale without member effects.
    log_sd : float
        Log of sigma.
    """
    z, weights = grid()
    which = votes.item[votes.version]
    x = positions[votes.version, votes.member]
    n_votes, n_dims = x.shape
    c = float(inflation(log_sd, votes.link))
    cuts = votes.cutpoints(items, log_sd)
    ends = np.full((len(cuts), 1), np.inf)
    bounds = np.concatenate([-ends, cuts, ends], axis=1)
    lower, upper = bounds[which, votes.code], bounds[which, votes.code + 1]
    base = c * (x * items[which, :n_dims]).sum(axis=1)
    lean = np.exp(log_sd) * z
    terms = vote_terms(base[:, None] + lean, lower[:, None], upper[:, None], votes.link)
    log_p = np.zeros((votes.n_members, len(z)))
    np.add.at(log_p, votes.member, terms.log_p)
    top = log_p.max(axis=1, keepdims=True)
    mass = np.exp(log_p - top) * weights
    total = mass.sum(axis=1, keepdims=True)
    after = mass / total  # of z, given the member's votes
    after[after < _NOTHING] = 0.0  # products of such numbers are not normal ones, and slow
    jacobian, second = _own(votes, items, x, base, lower, upper, c)
    first = np.stack([terms.by_eta, terms.by_lower, terms.by_upper])
    score = np.einsum("avp,avq->vpq", jacobian, first)
    score[:, -1] += terms.by_eta * lean  # eta moves with log sigma by z too, all else at any z alike
    n_parameters = len(votes.kinds) * (n_dims + 2) + 1
    places = np.column_stack(
        [which[:, None] * (n_dims + 2) + np.arange(n_dims + 2), np.full(n_votes, n_parameters - 1)]
    )
    information = np.zeros((n_parameters, n_parameters))
    known = _known(terms, first, jacobian, second, after[votes.member], lean)
    np.add.at(information, (places[:, :, None], places[:, None, :]), known)
    scores = np.zeros((votes.n_members, n_parameters, len(z)))
    np.add.at(scores, (votes.member[:, None], places), score)
    by_member = np.einsum("ipq,iq->ip", scores, after)
    scores *= np.sqrt(after)[:, None]
    weighted = scores.transpose(1, 0, 2).reshape(n_parameters, -1)
    information += by_member.T @ by_member - weighted @ weighted.T
    value = float((top[:, 0] + np.log(total[:, 0])).sum())
    return Marginal(value, by_member, information)


def _own(
    votes: FamilyVotes, items: Floats, x: Floats, base: Floats, lower: Floats, upper: Floats, c: float
) -> tuple[Floats, Floats]:
    """First and second derivatives of (eta, lower, upper) by a vote's own parameters, at z = 0.

    These are discriminations, midpoint, log gap, log of sigma: p of them.

    Returns
    -------
    jacobian : ndarray, shape (3, n_votes, p)
    second : ndarray, shape (3, n_votes, p, p)
    """
    n_votes, n_dims = x.shape
    c_1 = (c**2 - 1.0) / c  # dc / d log sigma, and its derivative
    c_2 = 2.0 * c_1 - c_1**2 / c
    half = c * votes.half_gaps(items[:, -1])[votes.item[votes.version]]
    side_low = np.where(votes.code == 2, half, np.where(votes.code == 1, -half, 0.0))
    side_high = np.where(votes.code == 0, -half, np.where(votes.code == 1, half, 0.0))
    low, high = (np.where(np.isfinite(bound), bound, 0.0) for bound in (lower, upper))
    jacobian = np.zeros((3, n_votes, n_dims + 3))
    second = np.zeros((3, n_votes, n_dims + 3, n_dims + 3))
    jacobian[0, :, :n_dims], jacobian[0, :, -1] = c * x, c_1 / c * base
    second[0, :, :n_dims, -1] = second[0, :, -1, :n_dims] = c_1 * x
    second[0, :, -1, -1] = c_2 / c * base
    for row, side, bound in ((1, side_low, low), (2, side_high, high)):
        jacobian[row, :, n_dims], jacobian[row, :, n_dims + 1] = c, side
        jacobian[row, :, -1] = c_1 / c * bound
        second[row, :, n_dims, -1] = second[row, :, -1, n_dims] = c_1
        second[row, :, n_dims + 1, n_dims + 1] = side
        second[row, :, n_dims + 1, -1] = second[row, :, -1, n_dims + 1] = c_1 / c * side
        second[row, :, -1, -1] = c_2 / c * bound
    return jacobian, second


def _known(
    terms: VoteTerms, first: Floats, jacobian: Floats, second: Floats, after: Floats, lean: Floats
) -> Floats:
    """Return every vote's information on its own parameters were z known, averaged over z given the votes.

    With J + e lean the derivatives of (eta, lower, upper) at z, e that of eta by log sigma, and I the
    information of the vote: E[(J + e lean)' I (J + e lean)] less the slopes times second derivatives.
    """
    rows = (
        (terms.info_eta, terms.info_eta_lower, terms.info_eta_upper),
        (terms.info_eta_lower, terms.info_lower, terms.info_lower_upper),
        (terms.info_eta_upper, terms.info_lower_upper, terms.info_upper),
    )
    bend = np.array([[(cell * after).sum(axis=1) for cell in row] for row in rows])
    member_effect = after * lean
    mixed = np.array([(cell * member_effect).sum(axis=1) for cell in rows[0]])
    known = np.einsum("avp,abv,bvr->vpr", jacobian, bend, jacobian, optimize=True)
    cross = np.einsum("bv,bvr->vr", mixed, jacobian)
    known[:, -1] += cross
    known[:, :, -1] += cross
    known[:, -1, -1] += (terms.info_eta * member_effect * lean).sum(axis=1) - (
        terms.by_eta * member_effect
    ).sum(axis=1)
    slopes = np.einsum("avq,vq->av", first, after)
    known -= np.einsum("av,avpr->vpr", slopes, second)
    return known
