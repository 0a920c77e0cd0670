"""Probabilities of the categories, and their derivatives, over plain arrays."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, softmax

__all__ = ["Family", "Floats", "Likelihood"]

Floats = NDArray[np.float64]
Family = Literal["binary", "ordered", "ordered-probit", "multinomial"]
_SQRT_2PI: Final = float(np.sqrt(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A model of K categories given k columns; everything else follows from probabilities and slopes.

    Attributes
    ----------
    family : str
        ``binary``: P(1) = F(x b), F logistic, the parameters b. ``ordered`` and ``ordered-probit``:
        P(y <= c) = F(cut_c - x b), F logistic or normal, the parameters b and then the K - 1 cutpoints, as
        in ``MASS::polr``. ``multinomial``: log P(c) / P(0) = x b_c, the parameters b_1, ..., b_(K-1).
    n_categories : int
        K.
    """

    family: Family
    n_categories: int

    def n_parameters(self, n_columns: int) -> int:
        """Return how many parameters a design of k columns has."""
        if self.family == "multinomial":
            return n_columns * (self.n_categories - 1)
        return n_columns + (self.n_categories - 1 if self.family.startswith("ordered") else 0)

    def predictors(self, params: Floats, X: Floats) -> Floats:
        """Return the linear predictors, offset left out: one a row, or K - 1 of them, shape (n, ...)."""
        if self.family == "binary":
            return (X @ params)[:, None]
        if self.family == "multinomial":
            return X @ params.reshape(self.n_categories - 1, X.shape[1]).T
        return params[X.shape[1] :] - (X @ params[: X.shape[1]])[:, None]

    def probabilities(self, params: Floats, X: Floats, offset: Floats | float = 0.0) -> Floats:
        """Return P, shape (n, K)."""
        n_columns = X.shape[1]
        if self.family == "binary":
            eta = X @ params + offset
            return np.stack([expit(-eta), expit(eta)], axis=1)
        if self.family == "multinomial":
            eta = self.predictors(params, X)
            return softmax(np.concatenate([np.zeros((len(X), 1)), eta], axis=1), axis=1)
        upper = self._cut(params, n_columns) - (X @ params[:n_columns] + offset)[:, None]
        # In the upper tail 1 - F(a) loses its digits: differences are taken on the side where F is small.
        cdf = ndtr if self.family == "ordered-probit" else expit
        low, high = upper[:, :-1], upper[:, 1:]
        return np.where(low > 0, cdf(-low) - cdf(-high), cdf(high) - cdf(low))

    def slopes(self, params: Floats, X: Floats, offset: Floats | float = 0.0) -> Floats:
        """Return dP / d parameters, shape (n, K, p)."""
        n, n_columns = X.shape
        if self.family == "binary":
            eta = X @ params + offset
            rise = (expit(eta) * expit(-eta))[:, None] * X
            return np.stack([-rise, rise], axis=1)
        if self.family == "multinomial":
            P = self.probabilities(params, X)
            others = P[:, 1:]
            # dP_c / d eta_m = P_c (1[c = m] - P_m)
            inner = -P[:, :, None] * others[:, None, :]
            at = np.arange(1, self.n_categories)
            inner[:, at, at - 1] += others
            return (inner[:, :, :, None] * X[:, None, None, :]).reshape(n, self.n_categories, -1)
        bounds = self._cut(params, n_columns) - (X @ params[:n_columns] + offset)[:, None]
        if self.family == "ordered-probit":
            density = np.exp(-0.5 * np.minimum(bounds**2, 1e6)) / _SQRT_2PI
        else:
            density = expit(bounds) * expit(-bounds)
        found = np.zeros((n, self.n_categories, len(params)))
        found[:, :, :n_columns] = -(density[:, 1:] - density[:, :-1])[:, :, None] * X[:, None, :]
        for cut in range(self.n_categories - 1):
            found[:, cut, n_columns + cut] = density[:, cut + 1]
            found[:, cut + 1, n_columns + cut] = -density[:, cut + 1]
        return found

    def _cut(self, params: Floats, n_columns: int) -> Floats:
        return np.concatenate([[-np.inf], params[n_columns:], [np.inf]])

    def constraints(self, y: NDArray[np.intp], X: Floats) -> Floats:
        """Return rows r such that a direction d with r d >= 0 for all, > 0 for some, separates the outcome.

        Along such a direction the likelihood rises for ever, so no finite estimate exists (Albert &
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
        found = []
        for cut in range(self.n_categories - 1):
            # cut_c bounds category c from above and category c + 1 from below.
            for category, sign in ((cut, 1.0), (cut + 1, -1.0)):
                at = y == category
                block = np.zeros((int(at.sum()), n_columns + self.n_categories - 1))
                block[:, :n_columns] = -sign * X[at]
                block[:, n_columns + cut] = sign
                found.append(block)
        return np.concatenate(found)

    def start(self, y: NDArray[np.intp], n_columns: int, weights: Floats) -> Floats:
        """Return where a search begins: no slope, cutpoints at the shares."""
        params = np.zeros(self.n_parameters(n_columns))
        if self.family.startswith("ordered"):
            shares = (
                np.bincount(y, weights=weights, minlength=self.n_categories).cumsum()[:-1] / weights.sum()
            )
            params[n_columns:] = np.log(shares / (1 - shares))
        return params
