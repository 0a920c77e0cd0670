"""The groups of members whose common steps a dynamic model has, and the bridges that hold these steps."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import UsageError, did_you_mean
from voteshift.ideal.dynamic.spec import RandomWalk
from voteshift.likelihood import Design

__all__ = ["choose_group_sd", "count_group_bridges", "find_groups"]

Ints = NDArray[np.intp]
_USUAL = 0.5  # with which a step of one standard deviation in a year is within the 95 % interval of the prior


def choose_group_sd(dynamics: RandomWalk, *, has_steps: bool) -> float:
    """Return the prior standard deviation of the step of a group in a year; 0 if groups have no step.

    Parameters
    ----------
    dynamics : RandomWalk
        The specification.
    has_steps : bool
        False for a sampled fit, which has no steps of groups.

    Raises
    ------
    UsageError
        If the specification asks for steps of groups and the method has none.
    """
    requested = dynamics.groups is not None or (dynamics.delta_group or 0.0) > 0
    if requested and not has_steps:
        name = "groups" if dynamics.delta_group is None else "delta_group"
        raise UsageError(
            f"{name}= asks for steps of groups, which a sampled fit does not have",
            remedy="fit with method='mode' or method='marginal', or pass delta_group=0 without groups=",
        )
    if dynamics.delta_group is not None:
        return float(dynamics.delta_group)
    bridged = dynamics.bridge is not None or dynamics.items is not None
    return _USUAL if requested or (bridged and has_steps) else 0.0


def find_groups(
    dynamics: RandomWalk, group_sd: float, members: pd.Index, described: pd.DataFrame
) -> tuple[Ints, tuple[str, ...]]:
    """Return the group of each fitted member, and the names of the groups.

    Parameters
    ----------
    dynamics : RandomWalk
        The specification. Without `groups`, the groups of the record are used.
    group_sd : float
        Prior standard deviation of the step of a group; 0 if groups have no step.
    members : Index
        Ids of the fitted members.
    described : DataFrame, index member
        The members of the record. The column ``group`` has their regional groups.

    Returns
    -------
    of_member : ndarray of int, shape (n_members,)
        Rank of the group of each member in `names`; -1 for a member without a group. Empty without groups.
    names : tuple of str
        The groups of the fitted members, in alphabetical order.

    Raises
    ------
    UsageError
        If `groups` names a member that is not in the record, or if the specification asks for steps of groups
        and no fitted member has a group.
    """
    if group_sd == 0:
        return np.zeros(0, dtype=np.intp), ()
    if dynamics.groups is None:
        recorded = described["group"] if "group" in described else pd.Series(dtype=object)
        named = recorded.reindex(members).fillna("").astype(str)
    else:
        for member in dynamics.groups:
            if member not in described.index:
                raise UsageError(
                    f"groups= names member {member}, which is not in the record",
                    id=member,
                    remedy=did_you_mean(member, described.index),
                )
        named = pd.Series([dynamics.groups.get(str(member), "") for member in members], dtype=object)
    names = tuple(sorted(set(named) - {""}))
    if not names and dynamics.groups is None and dynamics.delta_group is None:
        return np.zeros(0, dtype=np.intp), ()
    if not names:
        raise UsageError(
            "no fitted member has a group, so delta_group= has no effect",
            remedy="pass groups= a mapping from member id to group, or delta_group=0",
        )
    return pd.Index(names).get_indexer(pd.Index(named)).astype(np.intp), names


def count_group_bridges(design: Design, of_member: Ints, n_groups: int) -> Ints:
    """Count the items that span each gap with votes of each group on both sides of the gap.

    Parameters
    ----------
    design : Design
        The votes, with roll calls sorted by period.
    of_member : ndarray of int, shape (n_members,)
        Group of each member; -1 for none.
    n_groups : int
        Number of groups.

    Returns
    -------
    ndarray of int, shape (n_periods - 1, n_groups)
    """
    result = np.zeros((design.n_periods - 1, n_groups), dtype=np.intp)
    for group in range(n_groups):
        voted = np.zeros(design.n_rollcalls, dtype=bool)
        for columns, rows, votes in design.pieces():
            voted[columns] = (votes[of_member[rows] == group] >= 0).any(axis=0)
        first = np.full(design.n_items, design.n_periods)
        last = np.full(design.n_items, -1)
        np.minimum.at(first, design.item[voted], design.period[voted])
        np.maximum.at(last, design.item[voted], design.period[voted])
        for gap in range(design.n_periods - 1):
            result[gap, group] = np.sum((first <= gap) & (last > gap))
    return result
