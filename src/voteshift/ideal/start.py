"""Starting values: the leading directions of the double-centred matrix of votes, or random positions."""

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.objective import Point, standardise
from voteshift.likelihood import Design

__all__ = ["random_start", "spectral_start", "start_at"]

Floats = NDArray[np.float64]
_CELLS = 500_000  # number of columns that suffices for the leading directions
_POWER_STEPS = 8
_ROWS = 16  # columns at a time, because a uint8 counts up to 255 votes


def spectral_start(design: Design, n_dims: int = 1) -> Point:
    """Return a start at the leading left singular vectors of the centred votes, from power iterations.

    Categories are scored 0 .. K - 1. Scores are centred by roll call over the votes cast, and then over
    members. A missing vote counts as the mean of its roll call. If the matrix is large, only evenly spaced
    roll calls are used.

    Parameters
    ----------
    design : Design
        The votes.
    n_dims : int
        Number of dimensions.

    Returns
    -------
    Point
        Standardised positions. Items have discrimination 0 and cutpoints that predict the tallies.

    Raises
    ------
    NotUsableError
        If the votes do not identify `n_dims` dimensions.
    """
    n_columns = max(1, _CELLS // design.n_members)
    stride = -(-design.n_rollcalls // n_columns)
    scores = _centred(design.part(slice(None, None, stride)))
    # The starting basis is fixed, so that a fit is a function of the data alone.
    basis = np.random.default_rng(0).standard_normal((design.n_members, n_dims)).astype(np.float32)
    for _ in range(_POWER_STEPS):
        basis -= basis.mean(axis=0)
        basis, _ = np.linalg.qr(basis)
        basis = scores @ (scores.T @ basis)
    return Point(standardise(basis.astype(np.float64)), *_marginal_items(design, n_dims))


def random_start(design: Design, seed: int, n_dims: int = 1) -> Point:
    """Return a start at random positions, to check whether the fit depends on the start."""
    return start_at(design, np.random.default_rng(seed).standard_normal((design.n_members, n_dims)))


def start_at(design: Design, positions: Floats) -> Point:
    """Return a start at positions of shape (n_members, n_dims), with items as in `spectral_start`."""
    return Point(standardise(positions), *_marginal_items(design, positions.shape[1]))


def _centred(codes: NDArray[np.int8]) -> NDArray[np.float32]:
    cast = codes >= 0
    scores = np.where(cast, codes, np.int8(0)).astype(np.float32)
    scores -= scores.sum(axis=0) / np.maximum(cast.sum(axis=0), 1)
    scores *= cast
    return scores


def _marginal_items(design: Design, n_dims: int) -> tuple[Floats, Floats, Floats]:
    """Return items that predict the tally of each roll call for every member."""
    by_column = np.zeros((3, design.n_rollcalls), dtype=np.int64)
    binary = design.n_categories.max() == 2
    for columns, _, votes in design.pieces():
        for begin in range(0, len(votes), _ROWS):  # in blocks: no mask of the size of the matrix
            block = votes[begin : begin + _ROWS]
            masks = (block == 0, block > 0) if binary else (block == 0, block == 1, block == 2)
            for code, mask in enumerate(masks):
                by_column[code, columns] += np.add.reduce(mask, axis=0, dtype=np.uint8)
    # Half a vote for every category keeps the cutpoints finite and different.
    three = design.n_categories == 3
    counts = np.stack([np.bincount(design.item, row, design.n_items) + 0.5 for row in by_column])
    counts[2] *= three
    first, second = np.cumsum(counts, axis=0)[:2] / counts.sum(axis=0)
    first_cut = np.log(first / (1.0 - first))
    second_cut = np.where(three, np.log(second / np.where(three, 1.0 - second, 1.0)), first_cut)
    gaps = np.where(three, second_cut - first_cut, 1.0)
    return np.zeros((design.n_items, n_dims)), 0.5 * (first_cut + second_cut), np.log(gaps)
