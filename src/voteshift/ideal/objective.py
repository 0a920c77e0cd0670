"""The log posterior of a static ideal-point model, on the reported scale.

Positions x are constrained to mean 0 and covariance I over the members of the fit. A prior N(0, 1) on
positions is then a constant. Items have normal priors on this scale:

- discriminations beta ~ N(0, sd_discrimination^2) in every dimension,
- midpoint of the cutpoints ~ N(0, sd_midpoint^2), which is the cutpoint if an item has two categories,
- log gap between two cutpoints ~ N(0, sd_log_gap^2).

The prior is on midpoint and gap, not on lower cutpoint and gap, so that it does not depend on the direction
of the votes: if yes and no are exchanged, the fit is mirrored and does not change otherwise.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.covariates import Covariates, Regression, as_covariates
from voteshift.ideal.item_covariates import ItemRegression
from voteshift.ideal.links import need_standard
from voteshift.likelihood import Design, Evaluation, SpatialSpread, Spread, evaluate, evaluate_averaged
from voteshift.likelihood.terms import AnyLink, Link
from voteshift.ranges import check_number

__all__ = [
    "AnyLink",
    "Link",
    "Model",
    "Point",
    "Priors",
    "Slope",
    "cutpoints_of",
    "gap_jacobian",
    "half_gaps",
    "item_information",
    "log_posterior",
    "standardise",
]

Floats = NDArray[np.float64]
Precision = Literal["float32", "float64"]


@dataclass(frozen=True, slots=True)
class Priors:
    """Prior standard deviations of the items, on the scale where positions have standard deviation 1.

    Attributes
    ----------
    discrimination : float
        Default 5, which is also the default of pscl::ideal, 1 / sqrt(0.04). With this prior, a member one
        standard deviation from the mean is rarely more than ten logits (two prior standard deviations) from
        the middle.
    midpoint : float
        Default 5.
    log_gap : float
        Default 2. With this prior, the gap between the cutpoints is between 1/50 and 50 logits with
        probability 0.95.
    positions : str or Covariates, optional
        A formula of covariates on which the mean of positions depends, for instance
        ``"~ log(gdp_per_head) + C(group)"``. With None, the default, all positions have the same prior. The
        slopes and the standard deviation of the residuals are estimated together with the positions, by a
        marginal fit or by sampling; see `Covariates` and `IdealFit.slopes`.
    item_means : str or Covariates, optional
        A formula of covariates of roll calls on which the means of discriminations and midpoints depend, for
        instance ``"~ amendment + C(sponsor_group)"``. With None, the default, these means are 0. With a
        formula, `discrimination` and `midpoint` are limits of the standard deviations of the residuals. The
        slopes are estimated by a marginal fit or by sampling; see `Covariates` and `IdealFit.item_slopes`.

    Raises
    ------
    UsageError
        If a standard deviation is not a number from 1e-6 to 1e6, or `positions` or `item_means` is not a
        formula.
    """

    discrimination: float = 5.0
    midpoint: float = 5.0
    log_gap: float = 2.0
    positions: Covariates | str | None = None
    item_means: Covariates | str | None = None

    def __post_init__(self) -> None:
        """Validate the standard deviations."""
        for name in ("discrimination", "midpoint", "log_gap"):
            check_number(name, getattr(self, name), least=1e-6, most=1e6, what="a prior standard deviation")
        for name in ("positions", "item_means"):
            object.__setattr__(self, name, as_covariates(getattr(self, name), name))

    @property
    def covariates(self) -> Covariates | None:
        """The covariates of positions; None without a formula."""
        return as_covariates(self.positions)

    @property
    def item_covariates(self) -> Covariates | None:
        """The covariates of items; None without a formula."""
        return as_covariates(self.item_means)


class Items(Protocol):
    """The item parameters of a point."""

    @property
    def midpoints(self) -> Floats:
        """Midpoints of the cutpoints, shape (n_items,)."""

    @property
    def log_gaps(self) -> Floats:
        """Logs of the gaps between cutpoints, shape (n_items,)."""


def half_gaps(log_gaps: Floats, three: NDArray[np.bool_]) -> Floats:
    """Return half the gap between the two cutpoints of an item, or 0 if an item has one cutpoint.

    Parameters
    ----------
    log_gaps : ndarray, shape (..., n_items)
    three : ndarray of bool, shape (n_items,)
        True if an item has three categories.

    Returns
    -------
    ndarray, shape (..., n_items)
        exp(log gap) / 2. This is also the derivative of the second cutpoint with respect to the log gap. The
        derivative of the first cutpoint has the opposite sign.
    """
    return np.where(three, 0.5 * np.exp(log_gaps), 0.0)


def cutpoints_of(items: Items, n_categories: NDArray[np.int8]) -> Floats:
    """Return the cutpoints, shape (n_items, 2). With two categories, the first is the midpoint.

    Raises
    ------
    NotUsableError
        If the two cutpoints of an item with three categories are numerically equal. If nobody chose the
        middle category, only the prior of the log gap keeps the cutpoints different.
    """
    three = n_categories == 3
    half = half_gaps(items.log_gaps, three)
    cuts = np.stack([items.midpoints - half, items.midpoints + half], axis=1)
    if (cuts[three, 0] == cuts[three, 1]).any():
        raise NotUsableError(
            "the two cutpoints of a roll call became equal",
            remedy="use a stronger prior of the log gap, or leave out a middle category that nobody chose",
        )
    return cuts


@dataclass(frozen=True, slots=True)
class Model:
    """A log posterior to be maximised: votes, priors, and the distribution of the noise.

    Attributes
    ----------
    design : Design
        Votes, with one period.
    priors : Priors
        Prior standard deviations of the items.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.
    threads : int or None
        Number of threads that evaluate the votes; None for all cores. Results do not depend on this number.
    spread : Spread or None
        The uncertainty of positions and items over which the log-likelihood is averaged. With None, the
        log-likelihood is that of the parameters themselves.
    regression : Regression or None
        The prior of positions given covariates. With None, the prior of positions is constant.
    items : ItemRegression or None
        The prior means of discriminations and midpoints given covariates. With None, these means are 0.
    slope_precision : ndarray, shape (n_dims, n_dims), or None
        Precision matrix of the prior of an item's discriminations. With None, the discriminations are
        independent with the standard deviation in `priors`.
    """

    design: Design
    priors: Priors
    link: AnyLink = "logit"
    threads: int | None = None
    spread: Spread | SpatialSpread | None = None
    regression: Regression | None = None
    items: ItemRegression | None = None
    slope_precision: Floats | None = None

    def item_precision(self, n_dims: int) -> Floats:
        """Return the prior precision of discriminations, midpoint and log gap, (n_dims + 2, n_dims + 2)."""
        priors = self.priors
        sds = np.array([priors.discrimination] * n_dims + [priors.midpoint, priors.log_gap])
        precision = np.diag(sds**-2.0)
        if self.slope_precision is not None:
            precision[:n_dims, :n_dims] = self.slope_precision
        return precision

    @property
    def item_means(self) -> Floats:
        """Prior means of discrimination and midpoint, shape (n_items, 2)."""
        return np.zeros((self.design.n_items, 2)) if self.items is None else self.items.means


@dataclass(frozen=True, slots=True)
class Point:
    """Parameters of the static model.

    Attributes
    ----------
    positions : ndarray, shape (n_members, n_dims)
    discriminations : ndarray, shape (n_items, n_dims)
    midpoints : ndarray, shape (n_items,)
    log_gaps : ndarray, shape (n_items,)
        0 and not used if an item has two categories.
    """

    positions: Floats
    discriminations: Floats
    midpoints: Floats
    log_gaps: Floats

    def cutpoints(self, n_categories: NDArray[np.int8]) -> Floats:
        """Return the cutpoints, shape (n_items, 2). With two categories, the first is the midpoint."""
        return cutpoints_of(self, n_categories)

    def moved(self, step: "Point", length: float) -> "Point":
        """Return this point plus `length` times a step, standardised to meet the constraint."""
        return Point(
            standardise(self.positions + length * step.positions),
            self.discriminations + length * step.discriminations,
            self.midpoints + length * step.midpoints,
            self.log_gaps + length * step.log_gaps,
        )

    def flat(self) -> Floats:
        """Return all parameters in one vector."""
        return np.concatenate([self.positions.ravel(), self.items().ravel()])

    def items(self) -> Floats:
        """Return the item parameters, shape (n_items, n_dims + 2)."""
        return np.column_stack([self.discriminations, self.midpoints, self.log_gaps])

    def like(self, flat: Floats) -> "Point":
        """Build a point from a vector that `flat` of a point with the same shapes returned."""
        return Point.from_flat(flat, *self.positions.shape)

    @classmethod
    def from_flat(cls, flat: Floats, n_members: int, n_dims: int) -> "Point":
        """Build a point from a vector that `flat` returned."""
        positions = flat[: n_members * n_dims].reshape(n_members, n_dims)
        return cls.from_items(positions, flat[n_members * n_dims :].reshape(-1, n_dims + 2))

    @classmethod
    def from_items(cls, positions: Floats, items: Floats) -> "Point":
        """Build a point from positions and the array that `items` returns."""
        n_dims = positions.shape[1]
        return cls(positions, items[:, :n_dims], items[:, n_dims], items[:, n_dims + 1])


@dataclass(frozen=True, slots=True)
class Slope:
    """Log posterior at a point.

    Attributes
    ----------
    value : float
        Log-likelihood plus log priors, without the priors' normalising constants.
    log_likelihood : float
        Log-likelihood of the votes.
    gradient : Point
        Gradient along the constraint for positions, and unconstrained gradient for items.
    pull : ndarray, shape (n_dims, n_dims)
        Lagrange multiplier of the scale constraint: the curvature that the constraint adds to every position.
    evaluation : Evaluation
        Result of the likelihood, with the requested information.
    """

    value: float
    log_likelihood: float
    gradient: Point
    pull: Floats
    evaluation: Evaluation


def standardise(positions: Floats) -> Floats:
    """Return positions with mean 0 and covariance I (divisor n), by symmetric whitening.

    Parameters
    ----------
    positions : ndarray, shape (..., n_members, n_dims)
        One set of positions, or draws. Each draw is standardised separately.

    Raises
    ------
    NotUsableError
        If the positions do not span their dimensions.
    """
    centred = positions - positions.mean(axis=-2, keepdims=True)
    spread, axes = np.linalg.eigh(np.swapaxes(centred, -1, -2) @ centred / centred.shape[-2])
    if not spread.min() > 0:
        n_dims = positions.shape[-1]
        raise NotUsableError(
            f"the votes do not identify {n_dims} dimension{'' if n_dims == 1 else 's'}",
            remedy="use fewer dimensions or more roll calls",
        )
    return centred @ (axes / np.sqrt(spread)[..., None, :]) @ np.swapaxes(axes, -1, -2)


def log_posterior(
    model: Model,
    point: Point,
    *,
    information: Literal["observed", "expected"] | None = None,
    precision: Precision = "float64",
) -> Slope:
    """Evaluate the log posterior and its gradient.

    Parameters
    ----------
    model : Model
        The model.
    point : Point
        Parameters, with standardised positions.
    information : {"observed", "expected"}, optional
        Also return this information matrix of the likelihood.
    precision : {"float64", "float32"}
        Precision of the terms of single votes. Sums are always float64.

    Notes
    -----
    If the model has a spread, value and gradient are expectations over it, `information` and `precision` are
    not used, and the blocks are expectations of the observed information, in float64.
    """
    design, priors = model.design, model.priors
    arguments = point.positions[None], point.discriminations, point.cutpoints(design.n_categories)
    if model.spread is None:
        likelihood = evaluate(
            design,
            *arguments,
            link=model.link,
            information=information,
            precision=precision,
            threads=model.threads,
        )
    else:
        likelihood = evaluate_averaged(
            design,
            *arguments,
            model.spread,
            link=need_standard(model.link, "marginal fits"),
            threads=model.threads,
        )
    three = design.n_categories == 3
    half = half_gaps(point.log_gaps, three)
    by_first, by_second = likelihood.cutpoints[:, 0], likelihood.cutpoints[:, 1]
    means = model.item_means
    slopes = point.discriminations - means[:, :1]
    if model.slope_precision is None:
        slopes = slopes / priors.discrimination
        by_slopes = slopes / priors.discrimination
    else:
        root = np.linalg.cholesky(model.slope_precision)
        slopes = slopes @ root
        by_slopes = slopes @ root.T
    scaled = (
        slopes,
        (point.midpoints - means[:, 1]) / priors.midpoint,
        np.where(three, point.log_gaps / priors.log_gap, 0.0),
    )
    raw, penalty = likelihood.positions[0], 0.0
    if model.regression is not None:
        residuals = model.regression.residuals(point.positions[:, 0]) / model.regression.sd
        raw = raw - (residuals / model.regression.sd)[:, None]
        penalty = 0.5 * float(residuals @ residuals)
    pull = raw.T @ point.positions / len(raw)
    pull = 0.5 * (pull + pull.T)
    gradient = Point(
        raw - raw.mean(axis=0) - point.positions @ pull,
        likelihood.discriminations - by_slopes,
        by_first + by_second - scaled[1] / priors.midpoint,
        half * (by_second - by_first) - scaled[2] / priors.log_gap,
    )
    value = likelihood.value - 0.5 * sum(float(np.sum(part**2)) for part in scaled) - penalty
    return Slope(value, likelihood.value, gradient, pull, likelihood)


def item_information(model: Model, point: Point, slope: Slope, *, observed: bool) -> Floats:
    """Return information plus prior precision of each item in (discriminations, midpoint, log gap).

    Parameters
    ----------
    slope : Slope
        The result of `log_posterior` at `point`, with its information.
    observed : bool
        If True, add the second derivative of the cutpoints by the log gap, for the observed information.

    Returns
    -------
    ndarray, shape (n_items, n_dims + 2, n_dims + 2)
        If an item has two categories, the row of the log gap is the row of an identity matrix.
    """
    design = model.design
    blocks = slope.evaluation.item_information
    if blocks is None:
        raise ValueError(
            "the information matrix was not computed; evaluate the log posterior with "
            "information='observed' or 'expected'"
        )
    n_dims = point.discriminations.shape[1]
    three = design.n_categories == 3
    result = blocks.copy()
    if three.any():  # without a gap, the coordinates are the coordinates of the likelihood
        jacobian = gap_jacobian(design, point)
        result = jacobian.transpose(0, 2, 1) @ blocks @ jacobian
    if observed:
        score = slope.evaluation.cutpoints
        half = half_gaps(point.log_gaps, three)
        result[:, n_dims + 1, n_dims + 1] -= half * (score[:, 1] - score[:, 0])
    result += model.item_precision(n_dims)
    result[~three, n_dims + 1, n_dims + 1] = 1.0
    return result


def gap_jacobian(design: Design, point: Point) -> Floats:
    """Return d (discriminations, first cut, second cut) / d (discriminations, midpoint, log gap)."""
    n_dims = point.discriminations.shape[1]
    three = design.n_categories == 3
    half = half_gaps(point.log_gaps, three)
    jacobian = np.zeros((design.n_items, n_dims + 2, n_dims + 2))
    jacobian[:, range(n_dims), range(n_dims)] = 1.0
    jacobian[:, n_dims, n_dims] = 1.0
    jacobian[:, n_dims + 1, n_dims] = np.where(three, 1.0, 0.0)
    jacobian[:, n_dims, n_dims + 1] = -half
    jacobian[:, n_dims + 1, n_dims + 1] = half
    return jacobian
