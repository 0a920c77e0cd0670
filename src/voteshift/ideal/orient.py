"""Sign and rotation of an ideal-point space: chosen by a name or a rule, never by the start values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes

from voteshift.errors import UsageError, did_you_mean
from voteshift.ideal.objective import Point

__all__ = ["check_named", "orient", "principal_axes", "rotated", "towards_target"]

Floats = NDArray[np.float64]


def rotated(point: Point, rotation: Floats) -> Point:
    """Return a point in rotated axes; every eta, and so the likelihood and the priors, stays the same."""
    return replace(
        point, positions=point.positions @ rotation, discriminations=point.discriminations @ rotation
    )


def principal_axes(point: Point) -> Floats:
    """Return the rotation to the axes along which roll calls discriminate most, strongest first."""
    _, axes = np.linalg.eigh(point.discriminations.T @ point.discriminations)
    return np.asarray(axes[:, ::-1])


def towards_target(positions: Floats, target: Floats) -> Floats:
    """Return the rotation or reflection that brings positions nearest to a target.

    Parameters
    ----------
    positions, target : ndarray, shape (n_anchors, n_dims)
        Estimated and wanted coordinates of the anchors.

    Notes
    -----
    Orthogonal Procrustes (Schoenemann 1966, https://doi.org/10.1007/BF02289451): least squares, no scaling.
    """
    return np.asarray(orthogonal_procrustes(positions, target)[0])


def orient(
    point: Point,
    members: pd.Index,
    *,
    polarity: str | None,
    default_polarity: str | None,
    target: Mapping[str, Sequence[float]] | None,
) -> tuple[Point, str]:
    """Rotate a fitted space to the axes reported, and describe them.

    Parameters
    ----------
    point : Point
        The mode in whatever axes the optimiser found it.
    members : Index
        Ids of its rows.
    polarity : str, optional
        The member on the positive side of the first dimension.
    default_polarity : str, optional
        The default of `polarity`, where that member votes.
    target : mapping of member to coordinates, optional
        Anchors towards which the space is rotated; `polarity` is then not used.

    Raises
    ------
    UsageError
        If a named member casts no vote here, or the anchors do not fix the axes.
    """
    check_named(members, polarity, target)
    n_dims = point.positions.shape[1]
    if target is not None:
        wanted = _coordinates(target)
        rows = members.get_indexer(list(target))
        fixed = wanted.ndim == 2 and wanted.shape[1] == n_dims and np.isfinite(wanted).all()
        if not fixed or np.linalg.matrix_rank(wanted) < n_dims:
            raise UsageError(
                "the target does not fix the axes",
                remedy=f"give {n_dims} coordinates each to at least {n_dims} members that are not all in "
                "line with the origin",
            )
        turned = rotated(point, towards_target(point.positions[rows], wanted))
        return turned, f"rotated towards the target given for {', '.join(target)}"
    name = polarity or (default_polarity if default_polarity in members else None)
    axes = principal_axes(point)
    turned = rotated(point, axes)
    signs = np.where(turned.discriminations.mean(axis=0) < 0, -1.0, 1.0)
    words = ["the side that votes yes more often is positive"]
    if name is not None:
        signs[0] = 1.0 if turned.positions[members.get_loc(name), 0] >= 0 else -1.0
        words = [f"{name} is on the positive side"]
        if n_dims > 1:
            words.append("in the other dimensions the side that votes yes more often is positive")
    if n_dims > 1:
        words.insert(0, "axes are those along which roll calls discriminate most")
    return rotated(turned, np.diag(signs)), "; ".join(words)


def _coordinates(target: Mapping[str, Sequence[float]]) -> Floats:
    try:
        return np.array([list(target[name]) for name in target], dtype=float)
    except (TypeError, ValueError):
        raise UsageError(
            "the target does not give every member a list of as many coordinates",
            remedy='for instance target={"USA": (1, 0), "CUB": (-1, 0), "BRA": (0, 1)}',
        ) from None


def check_named(
    members: pd.Index, polarity: str | None, target: Mapping[str, Sequence[float]] | None = None
) -> None:
    """Validate, before a fit, that the members named for sign or rotation cast a vote.

    Parameters
    ----------
    members : Index
        Ids of the members that do.
    polarity, target
        As for `orient`.

    Raises
    ------
    UsageError
        If one is not among them; spellings near it are named.
    """
    for name in [*([] if polarity is None else [polarity]), *(target or ())]:
        if name not in members:
            raise UsageError(
                f"{name!r} casts no vote in this window",
                id=str(name),
                remedy=did_you_mean(str(name), members),
            )
