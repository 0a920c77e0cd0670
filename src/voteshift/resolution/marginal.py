"""The marginal likelihood of the votes on one resolution: member effects are integrated out.

    P(y_iv <= c) = F(kappa_vc - x_iv . beta_v - sigma z_i),    z_i ~ N(0, 1),

All votes of member i on the versions v of the resolution share z_i. This is a testlet effect (Bradlow, Wainer
& Wang 1999, https://doi.org/10.1007/BF02294533). `evaluate_testlets` integrates over z.

Items are parametrised on the scale without member effects: beta = c b, kappa = c k, with

    c = sqrt(1 + sigma^2 / var(e)).

The parameters b and k and their priors then hardly depend on sigma.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Link, half_gaps
from voteshift.likelihood.testlets import Testlets, evaluate_testlets

__all__ = ["NOISE_SD", "FamilyVotes", "Marginal", "inflation", "marginal", "member_marginal", "unstretched"]

Floats = NDArray[np.float64]
#: Standard deviation of the noise of a single vote.
NOISE_SD: Final = {"logit": float(np.pi / np.sqrt(3.0)), "probit": 1.0}


def inflation(log_sd: Floats | float, link: Link) -> Floats:
    """Return c, the factor by which a member effect with this standard deviation stretches the items."""
    return np.sqrt(1.0 + np.exp(2.0 * np.asarray(log_sd)) / NOISE_SD[link] ** 2)


@dataclass(frozen=True, slots=True)
class FamilyVotes:
    """The votes cast on one resolution, as a list.

    Attributes
    ----------
    member, version, code : ndarray of int, shape (n_votes,)
        Member, version and category of each vote. Categories are 0 no, 1 abstain, 2 yes.
    item : ndarray of int, shape (n_versions,)
        Item of each version. An item belongs to a single version or is shared by several versions.
    kinds : ndarray of bool, shape (n_items, 3)
        True for the categories that were chosen in each item.
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

    @property
    def codes(self) -> NDArray[np.int8]:
        """Votes by member and version, -1 if no vote was cast, shape (n_members, n_versions)."""
        codes = np.full((self.n_members, len(self.item)), -1, dtype=np.int8)
        codes[self.member, self.version] = self.code
        return codes

    def half_gaps(self, log_gaps: Floats) -> Floats:
        """Return half the gap between the cutpoints, or 0 if an item lacks a category."""
        return half_gaps(log_gaps, np.asarray(self.kinds.all(axis=1)))

    def cutpoints(self, items: Floats, log_sd: Floats | float) -> Floats:
        """Return the cutpoints no|abstain and abstain|yes of every item.

        If an item lacks a category, its cutpoints are equal or one of them is infinite.

        Parameters
        ----------
        items : ndarray, shape (..., n_items, n_dims + 2)
            Discriminations, midpoint and log gap on the scale without member effects.
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
    """Marginal log-likelihoods and their derivatives at several points.

    The parameters are the flattened items, followed by the log of sigma. The derivative with respect to a
    parameter that an item does not have is 0.

    Attributes
    ----------
    value : ndarray, shape (n_points,)
        Marginal log-likelihood.
    gradient : ndarray, shape (n_points, n_parameters)
        First derivatives.
    information : ndarray, shape (n_points, n_parameters, n_parameters)
        Second derivatives with the opposite sign.
    complete : ndarray, shape (n_points, n_parameters, n_parameters)
        The expected information if the member effects were known.
    """

    value: Floats
    gradient: Floats
    information: Floats
    complete: Floats


def marginal(
    votes: FamilyVotes,
    positions: Floats,
    items: Floats,
    log_sd: Floats,
    *,
    means: Floats | None = None,
    persistence: float = 0.0,
) -> Marginal:
    """Compute the marginal log-likelihood of the items and of sigma, and its derivatives, at several points.

    Parameters
    ----------
    votes : FamilyVotes
        The votes.
    positions : ndarray, shape (n_dates, n_members, n_dims + n_means)
        Fixed positions at the date of every version, followed by the covariates of the member effect's mean.
        If positions are constant, there is a single date.
    items : ndarray, shape (n_points, n_items, n_dims + 2)
        Discriminations, midpoint and log gap of every item, on the scale without member effects.
    log_sd : ndarray, shape (n_points,)
        Log of sigma.
    means : ndarray, shape (n_points, n_means), optional
        Coefficients of the covariates, on the same scale as the items. None by default.
    persistence : float
        Probability rho that a vote repeats the member's vote before it, as in `evaluate_testlets`.

    Returns
    -------
    Marginal
        The parameters are the flattened items, the means and log sigma.
    """
    codes = np.repeat(votes.codes[:, None], len(log_sd), axis=1)
    return _evaluate(votes, codes, positions, items, log_sd, means, persistence)


def member_marginal(
    votes: FamilyVotes,
    positions: Floats,
    items: Floats,
    log_sd: float,
    *,
    means: Floats | None = None,
    persistence: float = 0.0,
) -> Marginal:
    """Compute the same for every member alone, at one point; the first axis is the member.

    Parameters
    ----------
    votes, positions, persistence
        As in `marginal`.
    items : ndarray, shape (n_items, n_dims + 2)
        Items of the point.
    log_sd : float
        Log of sigma.
    means : ndarray, shape (n_means,), optional
        Coefficients of the covariates of the point.
    """
    n_members = votes.n_members
    alone = np.full((n_members, n_members, len(votes.item)), -1, dtype=np.int8)
    alone[votes.member, votes.member, votes.version] = votes.code
    same = np.broadcast_to(items, (n_members, *items.shape))
    shared = None if means is None else np.broadcast_to(means, (n_members, *means.shape))
    return _evaluate(votes, alone, positions, same, np.full(n_members, log_sd), shared, persistence)


def _evaluate(
    votes: FamilyVotes,
    codes: NDArray[np.int8],
    positions: Floats,
    items: Floats,
    log_sd: Floats,
    means: Floats | None,
    persistence: float,
) -> Marginal:
    """Return value, gradient, information and complete information for each set of votes and its point.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_members, n_sets, n_versions)
        Votes of each set; -1 if no vote was cast. The other parameters are the parameters of `marginal`.
    """
    n_sets, n_versions = codes.shape[1:]
    if means is not None:
        items = with_means(items, means)
    n_items, n_dims = items.shape[1], positions.shape[-1]
    three = np.asarray(votes.kinds.all(axis=1))
    stretch, sd = inflation(log_sd, votes.link), np.exp(log_sd)
    raw = evaluate_testlets(
        codes,
        np.zeros(n_versions, dtype=np.intp) if len(positions) == 1 else np.arange(n_versions),
        votes.item,
        positions,
        stretch[:, None, None] * items[..., :n_dims],
        votes.cutpoints(items, log_sd),
        sd,
        persistence=np.full(n_sets, persistence),
        link=votes.link,
        precise=True,
    )
    half = votes.half_gaps(items[..., -1])
    point = items.copy()
    point[..., -2] = items[..., -2] - half
    point[..., -1] = np.where(three, items[..., -2] + half, 0.0)
    point = np.column_stack([point.reshape(n_sets, -1), log_sd])
    gradient, information, complete = unstretched(raw, point, stretch, sd)
    # Chain rule from cutpoints to midpoints and log gaps. The derivative of the cutpoints with respect to the
    # log gap is half the gap, negative for the first cutpoint.
    first = np.arange(n_items) * (n_dims + 2) + n_dims
    jacobian = np.tile(np.eye(point.shape[1]), (n_sets, 1, 1))
    jacobian[:, first, first + 1] = -half
    jacobian[:, first + 1, first] = np.where(three, 1.0, 0.0)
    jacobian[:, first + 1, first + 1] = half
    information, complete = (jacobian.swapaxes(1, 2) @ part @ jacobian for part in (information, complete))
    information[:, first + 1, first + 1] -= half * (gradient[:, first + 1] - gradient[:, first])
    gradient = np.einsum("rp,rpq->rq", gradient, jacobian)
    if means is not None:
        shared = _sharing(n_items, n_dims, means.shape[-1])
        gradient = gradient @ shared
        information, complete = shared.T @ information @ shared, shared.T @ complete @ shared
    return Marginal(raw.value, gradient, information, complete)


def with_means(items: Floats, means: Floats) -> Floats:
    """Return items whose discriminations are followed by the coefficients of the member effect's mean.

    Parameters
    ----------
    items, means
        As in `marginal`.

    Returns
    -------
    ndarray, shape (n_points, n_items, n_dims + n_means + 2)
        The coefficients are the same in every item.
    """
    shared = np.broadcast_to(means[:, None], (*items.shape[:2], means.shape[-1]))
    return np.concatenate([items[..., :-2], shared, items[..., -2:]], axis=-1)


def _sharing(n_items: int, n_dims: int, n_means: int) -> Floats:
    """Return the derivative of the items of `with_means`, and of log sigma, by the parameters of a point."""
    width = n_dims + 2
    kept = np.delete(np.arange(width), np.arange(n_dims - n_means, n_dims))
    shared = np.zeros((n_items * width + 1, n_items * len(kept) + n_means + 1))
    for item in range(n_items):
        shared[item * width + kept, item * len(kept) + np.arange(len(kept))] = 1.0
        for mean in range(n_means):
            shared[item * width + n_dims - n_means + mean, n_items * len(kept) + mean] = 1.0
    shared[-1, -1] = 1.0
    return shared


def unstretched(raw: Testlets, point: Floats, stretch: Floats, sd: Floats) -> tuple[Floats, Floats, Floats]:
    """Return derivatives with respect to items on the scale without member effects and to log sigma.

    Let c be the stretch and p a parameter of an item on the scale without member effects. The derivative with
    respect to p is c times the derivative with respect to c p. The derivative of sigma with respect to
    log sigma is sigma, and the derivative of c p is c_1 p, where c_1 is dc / d log sigma.

    Parameters
    ----------
    raw : Testlets
        Derivatives with respect to slopes, cutpoints and sigma, for every set.
    point : ndarray, shape (n_sets, n_parameters)
        Slopes and cutpoints on the scale without member effects, followed by log sigma.
    stretch, sd : ndarray, shape (n_sets,)
        The factor c and sigma, for every set.

    Returns
    -------
    gradient, information, complete
        As in `Testlets`.
    """
    c_1 = (stretch**2 - 1.0) / stretch
    c_2 = 2.0 * c_1 - c_1**2 / stretch
    items = point[:, :-1]
    width = point.shape[1]
    jacobian = np.zeros((len(point), width, width))
    jacobian[:, range(width), range(width)] = stretch[:, None]
    jacobian[:, :-1, -1] = c_1[:, None] * items
    jacobian[:, -1, -1] = sd
    gradient = np.einsum("rpq,rp->rq", jacobian, raw.gradient)
    information, complete = (
        jacobian.swapaxes(1, 2) @ part @ jacobian for part in (raw.information, raw.complete)
    )
    slope = raw.gradient[:, :-1]
    information[:, :-1, -1] -= c_1[:, None] * slope
    information[:, -1, :-1] -= c_1[:, None] * slope
    information[:, -1, -1] -= c_2 * (items * slope).sum(axis=1) + sd * raw.gradient[:, -1]
    return gradient, information, complete
