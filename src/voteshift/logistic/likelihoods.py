"""Probabilities of the categories and their derivatives, computed from arrays."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

__all__ = ["Family", "Floats", "Likelihood"]

Floats = NDArray[np.float64]
Family = Literal["binary", "ordered", "ordered-probit", "multinomial"]
_SQRT_2PI: Final = float(np.sqrt(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A model of the probabilities of K categories, given k columns.

    Attributes
    ----------
    family : str
        ``binary``: P(1) = F(x b), where x is the row of columns, b are the coefficients and F is logistic.
        The parameters are b.

        ``ordered`` and ``ordered-probit``: P(y <= c) = F(cut_c - x b), where F is logistic or normal. The
        parameters are b, then the K - 1 cutpoints, as in ``MASS::polr``.

        ``multinomial``: log P(c) / P(0) = x b_c. The parameters are b_1, ..., b_(K-1).
    n_categories : int
        Number of categories, K.
    """

    family: Family
    n_categories: int

    def n_parameters(self, n_columns: int) -> int:
        """Return the number of parameters of a model with k columns."""
        if self.family == "multinomial":
            return n_columns * (self.n_categories - 1)
        return n_columns + (self.n_categories - 1 if self.family.startswith("ordered") else 0)

    def predictors(self, params: Floats, X: Floats, offset: Floats | float = 0.0) -> Floats:
        """Return the values on the scale of the link function, shape (n, m).

        In a binary model, m is 1, and the value is the logit of category 1. In a model of K categories, m is
        K - 1. In a multinomial model, the values are the log odds against category 0. In an ordered model,
        they are the cutpoints minus the linear predictor.
        """
        if self.family == "multinomial":
            return X @ params.reshape(self.n_categories - 1, X.shape[1]).T
        if self.family == "binary":
            return (X @ params + offset)[:, None]
        return params[X.shape[1] :] - (X @ params[: X.shape[1]] + offset)[:, None]

    def shares(self, eta: Floats) -> Floats:
        """Return the probabilities for values on the scale of the link function, shape (n, K)."""
        if self.family == "binary":
            return np.concatenate([expit(-eta), expit(eta)], axis=1)
        if self.family == "multinomial":
            whole = np.concatenate([np.zeros((len(eta), 1)), eta], axis=1)
            odds = np.exp(whole - whole.max(axis=1, keepdims=True))
            return np.asarray(odds / odds.sum(axis=1, keepdims=True))
        # In the upper tail 1 - F(a) loses precision, so differences are computed on the side where F is
        # small.
        cdf = ndtr if self.family == "ordered-probit" else expit
        edge = np.full((len(eta), 1), np.inf)
        bounds = np.concatenate([-edge, eta, edge], axis=1)
        low, high = bounds[:, :-1], bounds[:, 1:]
        return np.where(low > 0, cdf(-low) - cdf(-high), cdf(high) - cdf(low))

    def share_slopes(self, eta: Floats) -> Floats:
        """Return the derivatives of the probabilities with respect to the predictors, shape (n, K, m)."""
        if self.family == "binary":
            rise = expit(eta) * expit(-eta)
            return np.stack([-rise, rise], axis=1)
        cuts = np.arange(self.n_categories - 1)
        if self.family == "multinomial":
            P = self.shares(eta)
            slopes = -P[:, :, None] * P[:, None, 1:]  # dP_c / d eta_m = P_c (1[c = m] - P_m)
            slopes[:, cuts + 1, cuts] += P[:, 1:]
            return slopes
        if self.family == "ordered-probit":
            density = np.exp(-0.5 * np.minimum(eta**2, 1e6)) / _SQRT_2PI
        else:
            density = expit(eta) * expit(-eta)
        slopes = np.zeros((len(eta), self.n_categories, self.n_categories - 1))
        slopes[:, cuts, cuts] = density
        slopes[:, cuts + 1, cuts] = -density
        return slopes

    def probabilities(self, params: Floats, X: Floats, offset: Floats | float = 0.0) -> Floats:
        """Return the probabilities of the categories, shape (n, K)."""
        return self.shares(self.predictors(params, X, offset))

    def predictor_slopes(self, X: Floats) -> Floats:
        """Return the derivatives of the predictors with respect to the parameters, shape (n, m, p)."""
        if self.family == "binary":
            return X[:, None, :]
        n, k = X.shape
        m = self.n_categories - 1
        slopes = np.zeros((n, m, self.n_parameters(k)))
        cuts = np.arange(m)
        if self.family == "multinomial":
            for number in cuts:
                slopes[:, number, number * k : (number + 1) * k] = X
            return slopes
        slopes[:, :, :k] = -X[:, None, :]
        slopes[:, cuts, k + cuts] = 1.0
        return slopes

    def slopes(self, params: Floats, X: Floats, offset: Floats | float = 0.0) -> Floats:
        """Return the derivatives of the probabilities with respect to the parameters, shape (n, K, p)."""
        return self.share_slopes(self.predictors(params, X, offset)) @ self.predictor_slopes(X)

    def unit_information(self, eta: Floats) -> Floats:
        """Return the expected information matrix of the predictors of each vote, shape (n, m, m)."""
        slopes = self.share_slopes(eta)
        if not self.family.startswith("ordered"):
            return slopes[:, 1:]  # canonical link: the information equals the slopes of the shares
        scaled = slopes / np.sqrt(np.maximum(self.shares(eta), np.finfo(float).tiny))[:, :, None]
        return np.asarray(scaled.transpose(0, 2, 1) @ scaled)

    def constraints(self, y: NDArray[np.intp], X: Floats) -> Floats:
        """Return the rows r of the inequalities that define separation.

        A direction d separates the outcome if r d >= 0 for all rows and r d > 0 for some rows. Along this
        direction the likelihood never decreases and has no maximum, so no finite estimate exists (Albert &
        Anderson 1984, https://doi.org/10.1093/biomet/71.1.1).
        """
        n, n_columns = X.shape
        if self.family == "binary":
            return np.where(y == 1, 1.0, -1.0)[:, None] * X
        rows = np.arange(n)
        if self.family == "multinomial":
            wide = np.zeros((n, self.n_categories, self.n_categories, n_columns))
            for other in range(self.n_categories):
                wide[rows, other, y] += X
                wide[rows, other, other] -= X
            flat = wide[:, :, 1:].reshape(n * self.n_categories, -1)
            return flat[np.repeat(y, self.n_categories) != np.tile(np.arange(self.n_categories), n)]
        blocks = []
        for cut in range(self.n_categories - 1):
            # cut_c bounds category c from above and category c + 1 from below.
            for category, sign in ((cut, 1.0), (cut + 1, -1.0)):
                rows_of_category = y == category
                block = np.zeros((int(rows_of_category.sum()), n_columns + self.n_categories - 1))
                block[:, :n_columns] = -sign * X[rows_of_category]
                block[:, n_columns + cut] = sign
                blocks.append(block)
        return np.concatenate(blocks)

    def in_order(self, params: Floats, n_columns: int, held: int | None = None) -> Floats:
        """Return the parameters with cutpoints in increasing order. The cutpoint `held` keeps its value."""
        if not self.family.startswith("ordered") or (np.diff(params[n_columns:]) > 0).all():
            return params
        cuts = params[n_columns:].copy()
        first = held - n_columns if held is not None and held >= n_columns else 0
        for c in range(first + 1, len(cuts)):
            if cuts[c] <= cuts[c - 1]:
                cuts[c:] += cuts[c - 1] - cuts[c] + 1.0
        for c in range(first - 1, -1, -1):
            if cuts[c] >= cuts[c + 1]:
                cuts[: c + 1] -= cuts[c] - cuts[c + 1] + 1.0
        return np.concatenate([params[:n_columns], cuts])

    def start(self, y: NDArray[np.intp], n_columns: int, weights: Floats) -> Floats:
        """Return the start of a search: slopes of 0, and cutpoints that reproduce the shares."""
        params = np.zeros(self.n_parameters(n_columns))
        if self.family.startswith("ordered"):
            below = np.bincount(y, weights=weights, minlength=self.n_categories).cumsum()[:-1] / weights.sum()
            params[n_columns:] = np.log(below / (1 - below))
        return params
