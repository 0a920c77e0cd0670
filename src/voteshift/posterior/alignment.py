"""Rotation of the draws of a space to common axes, and quantities that do not depend on the axes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Aligned", "align_draws", "compare_chains", "invariants"]

Floats = NDArray[np.float64]

_MOST_ROUNDS: Final = 100
_CLOSE: Final = 1e-10
_ALIKE: Final = 0.9
"""Correlation of the mean positions of two chains from which they describe the same space."""


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """Draws of a space in common axes.

    Attributes
    ----------
    positions : ndarray, shape (n_chains, n_draws, n_members, n_dims)
        Positions.
    discriminations : ndarray, shape (n_chains, n_draws, n_items, n_dims)
        Discriminations, rotated together with the positions.
    """

    positions: Floats
    discriminations: Floats


def align_draws(positions: Floats, discriminations: Floats, target: Floats) -> Aligned:
    """Rotate every draw to the mean of all draws, and the mean to a target.

    Parameters
    ----------
    positions : ndarray, shape (n_chains, n_draws, n_members, n_dims)
        Positions.
    discriminations : ndarray, shape (n_chains, n_draws, n_items, n_dims)
        Discriminations.
    target : ndarray, shape (n_members, n_dims)
        Positions in the axes to report, for instance the mode.

    Notes
    -----
    The rotation or reflection of a draw is the solution of the orthogonal Procrustes problem (Schoenemann
    1966, https://doi.org/10.1007/BF02289451): least squares, no scaling. The mean is computed from the
    rotated draws, and both steps are repeated until the mean is constant (generalised Procrustes analysis,
    Gower 1975, https://doi.org/10.1007/BF02291478). The linear predictors of a draw do not change.
    """
    mean = target
    for _ in range(_MOST_ROUNDS):
        turned = positions @ _rotations(positions, mean)
        last, mean = mean, turned.mean(axis=(0, 1))
        if np.abs(mean - last).max() < _CLOSE:
            break
    rotations = _rotations(positions, mean @ _rotations(mean, target))
    return Aligned(positions @ rotations, discriminations @ rotations)


def _rotations(positions: Floats, target: Floats) -> Floats:
    """Return the rotations nearest to a target, shape (..., n_dims, n_dims)."""
    left, _, right = np.linalg.svd(np.swapaxes(positions, -1, -2) @ target)
    return np.asarray(left @ right)


def invariants(positions: Floats, discriminations: Floats) -> dict[str, Floats]:
    """Return quantities that are the same in all axes.

    Parameters
    ----------
    positions : ndarray, shape (n_chains, n_draws, n_members, n_dims)
        Positions.
    discriminations : ndarray, shape (n_chains, n_draws, n_items, n_dims)
        Discriminations.

    Returns
    -------
    dict of str to ndarray, shape (n_chains, n_draws, ...)
        ``distance``: of every member to the members at the two ends of each axis. ``discrimination_length``:
        length of the discrimination of every item. ``cutting_angle``: cosine of the angle between the cutting
        line of every item and that of the item with the largest discrimination.
    """
    mean = positions.mean(axis=(0, 1))
    ends = np.unique(np.concatenate([mean.argmin(axis=0), mean.argmax(axis=0)]))
    distances = []
    for end in ends:
        others = np.delete(positions, end, axis=2)
        distances.append(np.linalg.norm(others - positions[:, :, end : end + 1], axis=-1))
    lengths = np.linalg.norm(discriminations, axis=-1)
    largest = int(lengths.mean(axis=(0, 1)).argmax())
    unit = discriminations / lengths[..., None]
    cosines = np.einsum("cdjk,cdk->cdj", unit, unit[:, :, largest])
    return {
        "distance": np.concatenate(distances, axis=2),
        "discrimination_length": lengths,
        "cutting_angle": np.delete(cosines, largest, axis=2),
    }


def compare_chains(positions: Floats, total_log_likelihood: Floats) -> tuple[str, ...]:
    """Describe each pair of chains that sampled different parts of the posterior.

    A chain does not move between separate modes of the posterior, or it moves rarely. Two chains that started
    near one mode and moved to different modes have different mean positions.

    Parameters
    ----------
    positions : ndarray, shape (n_chains, n_draws, n_members, n_dims)
        Positions in common axes.
    total_log_likelihood : ndarray, shape (n_chains, n_draws)
        Log-likelihood of the votes.

    Returns
    -------
    tuple of str
        One sentence part for each pair of chains whose mean positions on a dimension correlate below 0.9.
    """
    means, values = positions.mean(axis=1), total_log_likelihood.mean(axis=1)
    n_chains, _, n_dims = means.shape
    return tuple(
        f"chains {one + 1} and {other + 1} sampled different parts of the posterior: their mean positions on "
        f"dimension {dimension + 1} correlate at {alike:.2f}, and their mean log-likelihoods are "
        f"{values[one]:.1f} and {values[other]:.1f}"
        for one in range(n_chains)
        for other in range(one + 1, n_chains)
        for dimension in range(n_dims)
        if not (alike := float(np.corrcoef(means[one, :, dimension], means[other, :, dimension])[0, 1]))
        >= _ALIKE
    )
