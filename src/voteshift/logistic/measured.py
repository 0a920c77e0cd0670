"""Maximum likelihood of a binary model in which one variable, the position, is measured with error.

For member i with position x_i, other traits w_i, votes y_ij, and the estimate m_i and standard error s_i of
the position,

    P(y_ij = 1)  = F(row_j(x_i) b),      F logistic,
    x_i          ~ N(w_i g, t^2),
    u_i          ~ N(x_i, v_i^2),        v_i^2 = s_i^2 / (1 - s_i^2),  u_i = m_i / (1 - s_i^2).

The likelihood of b, g and t integrates over x_i: the structural model of Carroll, Ruppert, Stefanski &
Crainiceanu (2006, Measurement Error in Nonlinear Models, https://doi.org/10.1201/9781420010138, ch. 8). Votes
of a member may depend on each other for other reasons than the position. The objective is therefore a
composite likelihood (Varin, Reid & Firth 2011, https://www.jstor.org/stable/24309261): the density of the
measurement, and the probability of each vote given the measurement, but not given the other votes.

m_i and s_i are the mean and standard deviation of the posterior of an ideal-point model with the prior x_i ~
N(0, 1). A posterior mean is shrunk, and its error is of the Berkson kind: E[x_i | m_i] = m_i. Positions at
their posterior means therefore cause no attenuation in a linear model without other traits. In a logistic
model they still do, because the variance around m_i flattens the curve. With other traits in the model, the
prior is wrong: given w_i, the mean of x_i is not 0 (Mislevy 1991, https://doi.org/10.1007/BF02294457).
Division of the posterior by the prior gives u_i, which has an error of the classical kind with a known
variance. The prior in the second line, which is estimated, replaces N(0, 1).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logsumexp

from voteshift.logistic.likelihoods import Floats

__all__ = ["Measured", "MeasuredSolution", "Readings", "maximise_measured", "read_positions", "replicates"]

#: Nodes of the Gauss-Hermite rule over the position of a member.
_NODES: Final = 21
_LARGEST_SE: Final = 0.995  # a posterior as wide as the prior: the votes have no information on the member
_SMALLEST_SE: Final = 1e-4  # below it the position is known, and division by its variance is not accurate
_SMALLEST_SD: Final = 1e-2  # of the positions, given the other traits
_MOST_ITERATIONS: Final = 100
_MOST_HALVINGS: Final = 30
_TOLERANCE: Final = 1e-8  # norm of the gradient in standard errors
_ROUNDS: Final = 500  # of the EM algorithm for the start


@dataclass(frozen=True, slots=True)
class Readings:
    """Measurements of the positions of members, and nodes of the integral over each position.

    Attributes
    ----------
    traits : ndarray, shape (n_members, k)
        The traits w of the members, the first column constant.
    nodes : ndarray, shape (n_members, n_nodes)
        Positions at which the votes are evaluated.
    log_weights : ndarray, shape (n_members, n_nodes)
        Logarithm of the weight of a node times the density of the measurement u at this position.
    slopes : ndarray, shape (k,)
        The slopes g without the information of the votes.
    sd : float
        The standard deviation t without the information of the votes.
    """

    traits: Floats
    nodes: Floats
    log_weights: Floats
    slopes: Floats
    sd: float


def read_positions(means: Floats, errors: Floats, traits: Floats) -> Readings:
    """Turn posterior means and standard deviations into measurements with nodes.

    Parameters
    ----------
    means, errors : ndarray, shape (n_members,)
        Mean and standard deviation of the posterior of each position under the prior N(0, 1).
    traits : ndarray, shape (n_members, k)
        The traits of the members, the first column constant and no column collinear.
    """
    variances = np.clip(errors, _SMALLEST_SE, _LARGEST_SE) ** 2
    noise = variances / (1 - variances)
    readings = means / (1 - variances)
    spread = 1.0
    centre, width = means, variances
    slopes: Floats = np.zeros(traits.shape[1])
    for _ in range(_ROUNDS):  # EM for u ~ N(w g, t^2 + v^2)
        slopes = np.asarray(np.linalg.lstsq(traits, centre, rcond=None)[0], dtype=np.float64)
        new = max(float(np.mean((centre - traits @ slopes) ** 2 + width)), _SMALLEST_SD**2)
        width = 1 / (1 / noise + 1 / new)
        centre = width * (readings / noise + traits @ slopes / new)
        done = abs(new - spread) < 1e-8
        spread = new
        if done:
            break
    points, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    nodes = centre[:, None] + np.sqrt(width)[:, None] * points
    log_weights = (
        np.log(weights / weights.sum())
        + 0.5 * (points**2 + np.log(width)[:, None])
        - 0.5 * ((readings[:, None] - nodes) ** 2 / noise[:, None] + np.log(noise)[:, None])
    )
    return Readings(traits, nodes, log_weights, slopes, float(np.sqrt(spread)))


@dataclass(frozen=True, slots=True)
class Measured:
    """The data of one fit.

    Attributes
    ----------
    y : ndarray of int, shape (n,)
        The outcome, 0 or 1.
    X : ndarray, shape (n, n_nodes, p)
        The columns of the model for each vote, at the nodes of the position of its member.
    member : ndarray of int, shape (n,)
        The member of each vote, from 0.
    readings : Readings
    """

    y: NDArray[np.intp]
    X: Floats
    member: NDArray[np.intp]
    readings: Readings

    def start(self, coefficients: Floats) -> Floats:
        """Return parameters from coefficients: b, then g and log t, shape (p + k + 1,)."""
        return np.concatenate([coefficients, self.readings.slopes, [np.log(self.readings.sd)]])

    def evaluate(self, params: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the composite log-likelihood of each member with its first and second derivatives.

        Parameters
        ----------
        params : ndarray, shape (P,)
            The coefficients b, the slopes g, and the logarithm of t.

        Returns
        -------
        values : ndarray, shape (n_members,)
        scores : ndarray, shape (n_members, P)
        hessians : ndarray, shape (n_members, P, P)
        """
        p = self.X.shape[2]
        read = self.readings
        b, g, log_sd = params[:p], params[p:-1], params[-1]
        rate = np.exp(-log_sd)
        z = (read.nodes - (read.traits @ g)[:, None]) * rate
        base = read.log_weights - 0.5 * z**2 - log_sd
        prior = np.concatenate(  # scores of g and log t if the position were the node
            [(z * rate)[..., None] * read.traits[:, None, :], (z**2 - 1)[..., None]], axis=2
        )
        eta = self.X @ b
        log_f = base[self.member] + log_expit(np.where(self.y == 1, 1.0, -1.0)[:, None] * eta)
        share, joint = _shares(log_f)
        probability = expit(eta)
        votes = np.concatenate(
            [(self.y[:, None] - probability)[..., None] * self.X, prior[self.member]], axis=2
        )
        scores, hessians = _louis(share, votes)
        rows = (share * probability * (1 - probability))[..., None] * self.X
        hessians[:, :p, :p] -= rows.transpose(0, 2, 1) @ self.X
        hessians[:, p:, p:] += self._prior_hessians(share, z, rate, self.member)

        share, alone = _shares(base)
        scores_alone, hessians_alone = _louis(share, prior)
        hessians_alone += self._prior_hessians(share, z, rate, np.arange(len(z)))
        again = 1.0 - np.bincount(self.member)  # every vote has counted the measurement once
        values = self._sum(joint) + again * alone
        scores, hessians = self._sum(scores), self._sum(hessians)
        scores[:, p:] += again[:, None] * scores_alone
        hessians[:, p:, p:] += again[:, None, None] * hessians_alone
        return values, scores, hessians

    def _prior_hessians(self, share: Floats, z: Floats, rate: float, member: NDArray[np.intp]) -> Floats:
        """Return the means over nodes of the second derivatives of the density of a position."""
        traits, z = self.readings.traits[member], z[member]
        cross = -2 * rate * (share * z).sum(axis=1)[:, None] * traits
        k = traits.shape[1]
        hessians = np.empty((len(share), k + 1, k + 1))
        hessians[:, :k, :k] = -(rate**2) * traits[:, :, None] * traits[:, None, :]
        hessians[:, :k, k] = hessians[:, k, :k] = cross
        hessians[:, k, k] = -2 * (share * z**2).sum(axis=1)
        return hessians

    def log_density(self, params: Floats) -> float:
        """Return the log density of the measurements without the votes."""
        read = self.readings
        z = (read.nodes - (read.traits @ params[self.X.shape[2] : -1])[:, None]) * np.exp(-params[-1])
        return float(_shares(read.log_weights - 0.5 * z**2 - params[-1])[1].sum())

    def _sum(self, values: Floats) -> Floats:
        """Add up values of votes by member."""
        added = np.zeros((len(self.readings.traits), *values.shape[1:]))
        np.add.at(added, self.member, values)
        return added


def _shares(log_f: Floats) -> tuple[Floats, Floats]:
    """Return the weight of each node given the data, and the log of the integral."""
    values = logsumexp(log_f, axis=1)
    return np.exp(log_f - values[:, None]), values


def _louis(share: Floats, complete: Floats) -> tuple[Floats, Floats]:
    """Return the mean and the variance over nodes of complete scores (Louis 1982)."""
    weighted = share[..., None] * complete
    scores = weighted.sum(axis=1)
    return scores, weighted.transpose(0, 2, 1) @ complete - scores[:, :, None] * scores[:, None, :]


@dataclass(frozen=True, slots=True)
class MeasuredSolution:
    """The result of a search for the maximum.

    Attributes
    ----------
    params : ndarray, shape (P,)
        The coefficients b, the slopes g, and the logarithm of t.
    value : float
        The log-likelihood.
    scores : ndarray, shape (n_members, P)
    hessians : ndarray, shape (n_members, P, P)
    converged : bool
    """

    params: Floats
    value: float
    scores: Floats
    hessians: Floats
    converged: bool


def maximise_measured(problem: Measured, start: Floats) -> MeasuredSolution:
    """Maximise the likelihood by Newton's method, or by the outer product of scores where it is not concave.

    Parameters
    ----------
    problem : Measured
    start : ndarray, shape (P,)
    """
    params = start
    values, scores, hessians = problem.evaluate(params)
    for _ in range(_MOST_ITERATIONS):
        gradient = scores.sum(axis=0)
        curvature = -hessians.sum(axis=0)
        try:
            np.linalg.cholesky(curvature)
        except np.linalg.LinAlgError:
            curvature = scores.T @ scores + 1e-8 * np.eye(len(params))
        step = np.linalg.solve(curvature, gradient)
        norm = float(np.sqrt(max(float(gradient @ step), 0.0)))
        if norm < _TOLERANCE:
            return MeasuredSolution(params, float(values.sum()), scores, hessians, converged=True)
        for _ in range(_MOST_HALVINGS):
            tried = problem.evaluate(params + step)
            if tried[0].sum() > values.sum() - 1e-10 * abs(values.sum()) * (norm < 1e-3):
                break
            step = step / 2
        else:
            break
        params = params + step
        values, scores, hessians = tried
    return MeasuredSolution(params, float(values.sum()), scores, hessians, converged=False)


def replicates(solution: MeasuredSolution, cluster: NDArray[np.intp]) -> Floats:
    """Return the estimates without each cluster, by one Newton step from the maximum, shape (n_clusters, P).

    Parameters
    ----------
    solution : MeasuredSolution
    cluster : ndarray of int, shape (n_members,)
        The cluster of each member, from 0.
    """
    n_clusters, size = int(cluster.max()) + 1, len(solution.params)
    scores = np.zeros((n_clusters, size))
    np.add.at(scores, cluster, solution.scores)
    hessians = np.zeros((n_clusters, size, size))
    np.add.at(hessians, cluster, solution.hessians)
    left = solution.hessians.sum(axis=0) - hessians
    return solution.params + np.linalg.solve(left, scores[..., None])[..., 0]
