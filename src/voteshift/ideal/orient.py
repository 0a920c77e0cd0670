"""Sign and rotation of an ideal-point space, which a named member or a rule determines."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes

from voteshift.errors import UsageError, did_you_mean, quote
from voteshift.ideal.objective import Point
from voteshift.labels import member_label

__all__ = [
    "check_named",
    "label_members",
    "orient",
    "principal_axes",
    "resolve_member",
    "rotated",
    "towards_target",
]

Floats = NDArray[np.float64]
_CANDIDATES = 6


def rotated(point: Point, rotation: Floats) -> Point:
    """Return a point in rotated axes. The likelihood and the priors do not change."""
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
        Estimated coordinates and target coordinates of the anchors.

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
    labels: Mapping[str, str] | None = None,
    second_moment: Floats | None = None,
) -> tuple[Point, str]:
    """Rotate a fitted space to the reported axes, and describe the axes in words.

    Parameters
    ----------
    point : Point
        The mode, in the axes of the optimiser.
    members : Index
        Ids of the members, in the order of the rows of `point`.
    polarity : str, optional
        The member on the positive side of the first dimension.
    default_polarity : str, optional
        The default of `polarity`, used if that member casts a vote.
    target : mapping of member to coordinates, optional
        Coordinates of anchors. The space is rotated towards these coordinates, and `polarity` is not used.
    labels : mapping of str to str, optional
        Labels of members in the description; by default their ids.
    second_moment : ndarray, shape (n_dims, n_dims), optional
        Second moment of the discriminations, whose eigenvectors are the axes; by default that of `point`.

    Raises
    ------
    UsageError
        If a named member casts no fitted vote, or the anchors do not determine the axes.
    """
    check_named(members, polarity, target)
    n_dims = point.positions.shape[1]
    if target is not None:
        wanted = _coordinates(target)
        rows = members.get_indexer(list(target))
        fixed = wanted.ndim == 2 and wanted.shape[1] == n_dims and np.isfinite(wanted).all()
        if not fixed or np.linalg.matrix_rank(wanted) < n_dims:
            raise UsageError(
                "target= does not determine the axes",
                remedy=f"give {n_dims} coordinates for each of at least {n_dims} members, and make the "
                "coordinates of the members linearly independent",
            )
        turned = rotated(point, towards_target(point.positions[rows], wanted))
        anchors = ", ".join((labels or {}).get(member, member) for member in target)
        return turned, f"rotated towards the target coordinates of {anchors}"
    name = polarity or (default_polarity if default_polarity in members else None)
    axes = principal_axes(point) if second_moment is None else np.linalg.eigh(second_moment)[1][:, ::-1]
    turned = rotated(point, axes)
    signs = np.where(turned.discriminations.mean(axis=0) < 0, -1.0, 1.0)
    words = ["the side that votes yes more often is positive"]
    if name is not None:
        signs[0] = 1.0 if turned.positions[members.get_loc(name), 0] >= 0 else -1.0
        words = [f"{(labels or {}).get(name, name)} is on the positive side"]
        if n_dims > 1:
            words.append("in the other dimensions the side that votes yes more often is positive")
    if n_dims > 1:
        words.insert(0, "the axes are the directions along which roll calls discriminate most")
    return rotated(turned, np.diag(signs)), "; ".join(words)


def _coordinates(target: Mapping[str, Sequence[float]]) -> Floats:
    try:
        return np.array([list(target[name]) for name in target], dtype=float)
    except (TypeError, ValueError):
        raise UsageError(
            "target= does not give every member a list of the same number of coordinates",
            remedy="give every member as many coordinates, for instance "
            'target={"USA": (1, 0), "CUB": (-1, 0), "BRA": (0, 1)}',
        ) from None


def check_named(
    members: pd.Index, polarity: str | None, target: Mapping[str, Sequence[float]] | None = None
) -> None:
    """Validate, before a fit, that the members named in `polarity` or `target` cast a vote.

    Parameters
    ----------
    members : Index
        Ids of the members that cast a vote.
    polarity, target
        As for `orient`.

    Raises
    ------
    UsageError
        If a named member casts no vote. The remedy lists ids with a similar spelling.
    """
    for name in [*([] if polarity is None else [polarity]), *(target or ())]:
        if name not in members:
            raise UsageError(
                f"{name!r} casts no vote in this window",
                id=str(name),
                remedy=did_you_mean(str(name), members),
            )


def label_members(members: pd.Index, names: Sequence[str]) -> dict[str, str]:
    """Return the label of each member by id; see `member_label`.

    Parameters
    ----------
    members : Index
        Ids of the members.
    names : sequence of str
        Names of the members. Empty if the names are unknown.
    """
    ids = list(map(str, members))
    named = zip(ids, names or [""] * len(ids), strict=True)
    return {member: member_label(member, name) for member, name in named}


def resolve_member(name: str, members: pd.Index, names: Sequence[str]) -> str:
    """Return the id of the member that an id or a name describes.

    Parameters
    ----------
    name : str
        An id, a name, or the first words of a name, such as the surname in "KYL, Jon". Letters may be capital
        or small.
    members : Index
        Ids of the members that cast a vote.
    names : sequence of str
        Names of these members.

    Raises
    ------
    UsageError
        If no member or several members have this name. The remedy lists candidates.
    """
    if name in members or not name.strip():
        check_named(members, name)
        return name
    wanted, folded = name.strip().casefold(), [other.casefold() for other in names]
    rows = [row for row, other in enumerate(folded) if other == wanted] or [
        row
        for row, other in enumerate(folded)
        if other.startswith(wanted) and not other[len(wanted)].isalnum()
    ]
    if len(rows) == 1:
        return str(members[rows[0]])
    if not rows:
        check_named(members.append(pd.Index([other for other in names if other], dtype=object)), name)
    candidates = [f"{members[row]} ({names[row]})" for row in rows]
    more = f" and {len(rows) - _CANDIDATES} more" if len(rows) > _CANDIDATES else ""
    raise UsageError(
        f"{len(rows)} members have the name {quote(name)}",
        id=name,
        remedy=f"pass the id of one member: {', '.join(candidates[:_CANDIDATES])}{more}",
    )
