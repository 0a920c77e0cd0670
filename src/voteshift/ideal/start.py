"""Where a fit starts: the leading direction of the double-centred matrix of votes."""

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Point, standardise
from voteshift.likelihood import Design

__all__ = ["random_start", "spectral_start"]

Floats = NDArray[np.float64]
_TILE = 2048
_POWER_STEPS = 12


def spectral_start(design: Design, n_dims: int = 1) -> Point:
    """Start from the leading left singular vectors of the centred votes, found by power steps.

    Categories are scored 0 .. K - 1, centred by roll call over the votes cast and then over members; a
    missing vote counts as the roll call's mean. Tiles of columns are converted one at a time, so no copy
    of the matrix is made.

    Parameters
    ----------
    design : Design
        The votes.
    n_dims : int
        Number of dimensions.

    Returns
    -------
    Point
        Standardised positions; items at discrimination 0 and the cutpoints of their tallies.
    """
    n_members = design.n_members
    # The starting basis is fixed, so that a fit is a function of the data alone.
    basis = np.random.default_rng(0).standard_normal((n_members, n_dims))
    for _ in range(_POWER_STEPS):
        basis -= basis.mean(axis=0)
        basis, _ = np.linalg.qr(basis)
        image = np.zeros_like(basis)
        for begin in range(0, design.n_rollcalls, _TILE):
            tile = _centred(design.codes[:, begin : begin + _TILE])
            image += tile @ (tile.T @ basis)
        basis = image
    return Point(standardise(basis), *_marginal_items(design, n_dims))


def random_start(design: Design, seed: int, n_dims: int = 1) -> Point:
    """Start from random positions, to see whether the answer depends on the start."""
    positions = np.random.default_rng(seed).standard_normal((design.n_members, n_dims))
    return Point(standardise(positions), *_marginal_items(design, n_dims))


def _centred(codes: NDArray[np.int8]) -> NDArray[np.float32]:
    cast = codes >= 0
    scores = np.where(cast, codes, np.int8(0)).astype(np.float32)
    scores -= scores.sum(axis=0) / np.maximum(cast.sum(axis=0), 1)
    scores *= cast
    return scores


def _marginal_items(design: Design, n_dims: int) -> tuple[Floats, Floats, Floats]:
    """Items that predict each roll call's tally for everybody."""
    counts = np.zeros((design.n_items, 3))
    for code in range(3):
        np.add.at(counts[:, code], design.item, (design.codes == code).sum(axis=0))
    total = counts.sum(axis=1) + 1.0
    first = (counts[:, 0] + 0.5) / total
    second = (counts[:, 0] + counts[:, 1] + 0.5) / total
    three = design.n_categories == 3
    first_cut = np.log(first / (1.0 - first))
    second_cut = np.where(three, np.log(second / np.where(three, 1.0 - second, 1.0)), first_cut)
    gaps = np.where(three, second_cut - first_cut, 1.0)
    return np.zeros((design.n_items, n_dims)), 0.5 * (first_cut + second_cut), np.log(gaps)
