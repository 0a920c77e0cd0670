"""Laplace approximation of the posterior, from an information matrix with an arrow shape.

The information matrix has an arrow shape: a block for every member, a block for every item, and a block for
every vote of a member on an item. After elimination of the items, the Schur complement of the positions is

    S = A - sum_j B_j C_j^{-1} B_j',

where A is the block of the positions, C_j the block of item j, and B_j the block of positions with item j. S
is the information on the positions with no parameter held fixed. The Lagrange multiplier of the constraint
(mean 0, covariance I) adds curvature to A. Draws are made in the tangent space of the constraint, without the
directions that only shift, scale or rotate the space.

With covariates of roll calls, the coefficients of items have a normal prior with precision P. Let D be the
prior precision of an item and X_j the matrix from coefficients to its prior mean. After elimination of the
items, coefficients have the information G = P + sum_j X_j' (D - D C_j^{-1} D) X_j, and the block of positions
and coefficients is K = sum_j B_j C_j^{-1} D X_j. Eliminating the coefficients subtracts K G^{-1} K' from S.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, block_diag, cholesky, solve_triangular
from scipy.linalg.blas import dsyrk

from voteshift.errors import NotUsableError
from voteshift.ideal.edge import carriers, scale_shares
from voteshift.ideal.item_covariates import ItemRegression
from voteshift.ideal.links import need_standard
from voteshift.ideal.objective import (
    Model,
    Point,
    Slope,
    gap_jacobian,
    half_gaps,
    item_information,
    log_posterior,
    standardise,
)
from voteshift.likelihood import averaged_cross_information, cross_information, integrated_information
from voteshift.likelihood.reference import cross_information_reference

__all__ = ["JointDraws", "KnownPositions", "Laplace", "Paths", "laplace", "no_maximum"]

Floats = NDArray[np.float64]
_TILE = 256
_FEW_VOTERS = 200  # median of a roll call, above which the posterior of an item is close to normal
_MOST_DIMS = 3  # in which items are integrated out: nodes multiply with each dimension
_FEW_CELLS = 4096  # number of votes up to which NumPy is faster than loading the compiled kernel


@dataclass(frozen=True, slots=True)
class Paths:
    """The parts of dynamic positions that members share, at the dates of some roll calls.

    Only differences between dates have a meaning. The own path of a member is its position minus both parts.

    Attributes
    ----------
    common : ndarray, shape (n_draws, n_chosen)
        The path common to all members.
    groups : ndarray, shape (n_draws, n_chosen, n_members), or None
        The sum of the steps of each member's group; 0 for a member without a group. None if groups have no
        step.
    """

    common: Floats
    groups: Floats | None = None


@dataclass(frozen=True, slots=True)
class JointDraws:
    """Joint draws of positions and of some items.

    Attributes
    ----------
    positions : ndarray, shape (n_draws, n_members, n_dims)
        Positions, standardised within every draw.
    discriminations : ndarray, shape (n_draws, n_chosen, n_dims)
    cutpoints : ndarray, shape (n_draws, n_chosen, 2)
    paths : Paths or None
        The parts of the positions that members share; None if positions are constant or were sampled.
    """

    positions: Floats
    discriminations: Floats
    cutpoints: Floats
    paths: Paths | None = None


@dataclass(frozen=True, slots=True)
class KnownPositions:
    """Normal distribution of the coefficients of items given the positions, and of the items given both.

    Attributes
    ----------
    shift : ndarray, shape (2 * n_terms, n_members)
        Change of the mean of the coefficients with the positions.
    root : ndarray, shape (2 * n_terms, 2 * n_terms)
        A matrix L such that L L' is the covariance of the coefficients given the positions.
    response : ndarray, shape (n_items, 3, 2 * n_terms)
        Change of the mean of (discrimination, midpoint, log gap) of an item with the coefficients.
    """

    shift: Floats
    root: Floats
    response: Floats


@dataclass(frozen=True, slots=True)
class Laplace:
    """Normal approximation at a mode.

    Attributes
    ----------
    model, point : Model, Point
        The model and its mode.
    position_root : ndarray, shape (n_members * n_dims, rank)
        A matrix R such that R R' is the covariance of the positions.
    item_roots : ndarray, shape (n_items, n_dims + 2, n_dims + 2)
        Inverse Cholesky factors R of the item blocks: R' R is the covariance of an item given the positions.
    item_slopes : KnownPositions or None
        Coefficients of the items on covariates given the positions; None without covariates.
    """

    model: Model
    point: Point
    position_root: Floats
    item_roots: Floats
    item_slopes: KnownPositions | None = None

    def position_errors(self, transform: Floats | None = None) -> Floats:
        """Return standard errors of the positions, shape (n_members, n_dims).

        With `transform`, a matrix of shape (n_dims, n_dims), these are the standard errors of the positions
        multiplied by this matrix from the right.

        If a member determines more than half of the scale, the constraint hardly lets this member move. Its
        standard error is then at least the standard error that its votes alone give, with all other
        parameters held fixed.
        """
        root = self.position_root
        if transform is not None:
            n_dims = len(transform)
            root = np.einsum("idr,de->ier", root.reshape(-1, n_dims, root.shape[1]), transform)
            root = root.reshape(self.position_root.shape)
        result = np.sqrt(np.sum(root**2, axis=1)).reshape(self.point.positions.shape)
        members = carriers(scale_shares(self.point.positions))
        if len(members):
            slope = log_posterior(self.model, self.point, information="observed")
            blocks = slope.evaluation.position_information
            if blocks is None:
                raise ValueError(
                    "the information matrix was not computed; evaluate the log posterior with "
                    "information='observed' or 'expected'"
                )
            inverse = np.linalg.inv(blocks[0, members] + slope.pull)
            if transform is not None:
                inverse = transform.T @ inverse @ transform
            result[members] = np.maximum(result[members], np.sqrt(np.einsum("idd->id", inverse)))
        return result

    def slope_covariance(self) -> Floats:
        """Return the covariance of the coefficients of `ItemRegression`, shape (2 * n_terms, 2 * n_terms).

        Raises
        ------
        ValueError
            If the model has no covariates of items.
        """
        item_slopes = self.item_slopes
        if item_slopes is None:
            raise ValueError("the model has no covariates of items")
        by_positions = item_slopes.shift @ self.position_root
        return np.asarray(item_slopes.root @ item_slopes.root.T + by_positions @ by_positions.T)

    def draw(self, n_draws: int, columns: NDArray[np.intp], rng: np.random.Generator) -> JointDraws:
        """Draw positions and the items of some roll calls jointly.

        Parameters
        ----------
        n_draws : int
            Number of draws.
        columns : ndarray of int
            Columns of the design whose items are drawn. Each roll call must have a separate item.
        rng : Generator
            Source of randomness.
        """
        design = self.model.design
        n_members, n_dims = self.point.positions.shape
        shifts = rng.standard_normal((n_draws, self.position_root.shape[1])) @ self.position_root.T
        moved = self.point.positions + shifts.reshape(n_draws, n_members, n_dims)
        items = np.empty((n_draws, len(columns), n_dims + 2))
        item_slopes, coefficients = self.item_slopes, np.zeros((n_draws, 0))
        if item_slopes is not None:
            coefficients = shifts @ item_slopes.shift.T
            coefficients += rng.standard_normal((n_draws, len(item_slopes.root))) @ item_slopes.root.T
        for slot, column in enumerate(columns):
            item = design.item[column]
            cross = _cross(self.model, self.point, slice(column, column + 1))[:, 0]
            root = self.item_roots[item]
            pulled = shifts @ cross @ root.T @ root
            noise = rng.standard_normal((n_draws, n_dims + 2)) @ root
            items[:, slot] = self.point.items()[item] - pulled + noise
            if item_slopes is not None:
                items[:, slot] += coefficients @ item_slopes.response[item].T
        positions = standardise(moved)
        # Rescale discriminations with positions, so that the linear predictors of the draw do not change.
        centred = moved - moved.mean(axis=1, keepdims=True)
        mixing = np.einsum("kia,kib->kab", positions, centred) / n_members
        slopes = np.einsum("kab,kjb->kja", mixing, items[..., :n_dims])
        half = half_gaps(items[..., n_dims + 1], design.n_categories[design.item[columns]] == 3)
        middle = items[..., n_dims]
        return JointDraws(positions, slopes, np.stack([middle - half, middle + half], axis=-1))


def laplace(model: Model, point: Point) -> Laplace:
    """Compute the Laplace approximation at a mode of the log posterior.

    Parameters
    ----------
    model : Model
        As in the fit.
    point : Point
        The mode. Observed information is used.

    Raises
    ------
    NotUsableError
        If the mode is not a maximum of the log posterior.
    """
    slope = log_posterior(model, point, information="observed")
    items = item_information(model, point, slope, observed=True)
    try:
        item_roots = np.linalg.inv(np.linalg.cholesky(items))
        schur = _information(model, point, slope, item_roots)
        if model.regression is not None:
            schur += model.regression.precision_matrix()
        item_slopes = None
        if model.items is not None:
            item_slopes = _know_positions(model, model.items, point, item_roots)
            shift = solve_triangular(item_slopes.root, item_slopes.shift, lower=False)
            schur -= shift.T @ shift
        tangent = _tangent(point.positions)
        lower = cholesky(tangent.T @ schur @ tangent, lower=True)
    except (LinAlgError, np.linalg.LinAlgError):
        raise no_maximum("stronger item priors or a wider window") from None
    root = solve_triangular(lower, tangent.T, lower=True).T
    return Laplace(model, point, root, item_roots, item_slopes)


def _information(model: Model, point: Point, slope: Slope, item_roots: Floats) -> Floats:
    """Return the information on the positions after elimination of the items.

    A marginal fit with few voters, in up to three dimensions, integrates the items out. Otherwise they are
    treated as normal.
    """
    design = model.design
    n_members, n_dims = point.positions.shape
    blocks = slope.evaluation.position_information
    if blocks is None:
        raise ValueError(
            "the information matrix was not computed; evaluate the log posterior with "
            "information='observed' or 'expected'"
        )
    few = model.spread is not None and np.median(design.count_voters()) <= _FEW_VOTERS
    if few and n_dims <= _MOST_DIMS:
        means = np.zeros((design.n_items, n_dims + 2))
        means[:, [0, n_dims]] = model.item_means
        (schur,) = integrated_information(
            design,
            point.positions[None],
            point.items(),
            item_roots,
            model.item_precision(n_dims),
            columns=[np.arange(design.n_rollcalls)],
            rows=[np.arange(n_members)],
            prior_means=means,
            link=need_standard(model.link, "marginal fits"),
        )
        return schur + np.kron(np.eye(n_members), slope.pull)
    whitening = gap_jacobian(design, point) @ item_roots.transpose(0, 2, 1)
    schur = np.asfortranarray(block_diag(*(blocks[0] + slope.pull)))
    for begin in range(0, design.n_rollcalls, _TILE):
        columns = slice(begin, min(begin + _TILE, design.n_rollcalls))
        white = _whitened(model, point, columns, whitening[design.item[columns]])
        # The product of a matrix with its transpose takes half the work, and is subtracted in place.
        schur = dsyrk(-1.0, white.T, beta=1.0, c=schur, trans=1, lower=1, overwrite_c=1)
    return np.tril(schur) + np.tril(schur, -1).T


def _know_positions(
    model: Model, regression: ItemRegression, point: Point, item_roots: Floats
) -> KnownPositions:
    """Return the distribution of the coefficients of items given the positions."""
    covariances = np.einsum("jab,jac->jbc", item_roots, item_roots)
    sds = np.array([model.priors.discrimination, model.priors.midpoint])
    response = covariances[:, :, :2] @ regression.loads(sds)
    information = regression.information(sds, covariances[:, :2, :2])
    block = np.zeros((len(point.positions), len(information)))
    for begin in range(0, model.design.n_rollcalls, _TILE):
        columns = slice(begin, min(begin + _TILE, model.design.n_rollcalls))
        cross = _cross(model, point, columns)
        block += np.einsum("ijq,jqk->ik", cross, response[model.design.item[columns]])
    lower = cholesky(information, lower=True)
    root = solve_triangular(lower, np.eye(len(lower)), lower=True).T
    return KnownPositions(-root @ (root.T @ block.T), root, response)


def no_maximum(remedy: str) -> NotUsableError:
    """Return the error for an information matrix that is not positive definite."""
    return NotUsableError(
        "the log posterior has no maximum at the reported mode, so standard errors cannot be computed",
        remedy=f"use {remedy}",
    )


def _whitened(model: Model, point: Point, columns: slice, whitening: Floats) -> Floats:
    """Return the mixed information of some roll calls, times the root of the covariance of each item.

    Parameters
    ----------
    columns : slice
        Roll calls.
    whitening : ndarray, shape (n_columns, n_dims + 2, n_dims + 2)
        Matrix of each roll call, which multiplies the mixed information of its cutpoints.

    Returns
    -------
    ndarray, shape (n_members * n_dims, n_parameters * n_columns)
        The matrix times its transpose is subtracted when these items are eliminated. If no item has three
        categories, the column of the second cutpoint is left out.
    """
    design = model.design
    raw = _raw_cross(model, point, columns)
    n_members, n_columns, n_dims, _ = raw.shape
    width = n_dims + int(design.n_categories[design.item[columns]].max()) - 1
    white = np.zeros((n_members, n_dims, width, n_columns))
    # A loop over the few parameters of an item: einsum, over the last axis, is an order slower.
    for one in range(width):
        for other in range(width):
            if whitening[:, one, other].any():
                white[:, :, other] += raw[..., one].transpose(0, 2, 1) * whitening[:, one, other]
    return white.reshape(n_members * n_dims, -1)


def _cross(model: Model, point: Point, columns: slice) -> Floats:
    """Return the mixed information of positions and item parameters. Rows are members by dimensions."""
    design = model.design
    jacobian = gap_jacobian(design, point)[design.item[columns]]
    cross = np.einsum("ijdp,jpq->idjq", _raw_cross(model, point, columns), jacobian)
    return cross.reshape(-1, *cross.shape[2:])


def _raw_cross(model: Model, point: Point, columns: slice) -> Floats:
    """Return the mixed information of positions, discriminations and cutpoints, vote by vote."""
    design = model.design
    arguments = point.positions[None], point.discriminations, point.cutpoints(design.n_categories)
    if model.spread is not None:
        return averaged_cross_information(
            design, *arguments, model.spread, columns=columns, link=need_standard(model.link, "marginal fits")
        )
    few = design.n_members * len(design.item[columns]) <= _FEW_CELLS
    function = cross_information_reference if few else cross_information
    return function(design, *arguments, columns=columns, link=model.link)


def _tangent(positions: Floats) -> Floats:
    """Return an orthonormal basis of the tangent space, without shift, scaling and rotation."""
    n_members, n_dims = positions.shape
    gauge = np.column_stack([np.ones(n_members), positions])
    fixed = np.kron(gauge, np.eye(n_dims))
    basis, _ = np.linalg.qr(fixed, mode="complete")
    return basis[:, fixed.shape[1] :]
