"""Linked chambers: two records on one scale, joined by the members they share.

A member is assumed to have one position in all chambers. The members that vote in both chambers therefore
link the two scales. Members that vote in one chamber only have positions on the same scale.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import InputError, NotUsableError
from voteshift.rollcalls import RollCalls
from voteshift.store import find_seated

__all__ = [
    "COUNCIL",
    "chambers_in",
    "could_stand",
    "held_together",
    "is_hrc",
    "link_chambers",
    "namesakes",
    "of_chamber",
    "twin_family",
    "wider_membership",
]

#: The name of the bundled record as a source and as a linked chamber.
COUNCIL: Final = "UN Human Rights Council"
_CHAMBER: Final = "chamber"
_NAMES: Final = ("the first record", "the second record")
_NEAR: Final = 3.0  # years before and after a date in which a seat counts as membership
_LINK: Final = 2  # smallest number of members that links location and spread of two scales


@checked
def link_chambers(rollcalls: RollCalls, also: RollCalls) -> RollCalls:
    """Join the record of another chamber to a record on the members they share.

    Parameters
    ----------
    rollcalls : RollCalls
        The record of the chamber that is studied. Ids of its roll calls and slugs of its families do not
        change.
    also : RollCalls
        The other record. If an id or slug occurs in both records, the name of the other record and a colon
        are written before the id or slug.

    Returns
    -------
    RollCalls
        The joined record, see `RollCalls.concat`. Each chamber is named by the source of its record.

    Raises
    ------
    InputError
        If the records share no member, or an attribute of a member differs between them.
    """
    if not rollcalls.members.index.isin(also.members.index).any():
        raise InputError(
            f"{_name(rollcalls, 0)} and {_name(also, 1)} share no member, so their scales cannot be linked",
            remedy="give each member the same id in both records; for states, use ISO 3166-1 alpha-3 codes",
        )
    first, second = _name(rollcalls, 0), _name(also, 1)
    if first == second:
        first, second = (f"{name} ({number})" for number, name in enumerate((first, second), start=1))
    return RollCalls.concat([rollcalls, also], chambers=(first, second), main=first)


def _name(rollcalls: RollCalls, index: int) -> str:
    return rollcalls.source or _NAMES[index]


def is_hrc(rollcalls: RollCalls, rollcall: str) -> bool:
    """Return True if a roll call belongs to the bundled record.

    Parameters
    ----------
    rollcalls : RollCalls
        The record, or the result of `link_chambers`.
    rollcall : str
        Id of a roll call.
    """
    frame = rollcalls.rollcalls
    chamber = frame.loc[rollcall, _CHAMBER] if _CHAMBER in frame.columns else rollcalls.source
    return bool(chamber == COUNCIL)


def of_chamber(rollcalls: RollCalls, rollcall: str) -> RollCalls:
    """Return the roll calls of a roll call's chamber, or all roll calls if no chambers are linked."""
    frame = rollcalls.rollcalls
    if _CHAMBER not in frame.columns:
        return rollcalls
    return rollcalls.select(rollcalls=frame.index[frame[_CHAMBER] == frame.loc[rollcall, _CHAMBER]])


def twin_family(rollcalls: RollCalls, slug: str) -> tuple[str, ...]:
    """Return a family and the families of other chambers with the same slug."""
    slugs = set(rollcalls.rollcalls["family"])
    return (slug, *sorted(other for other in slugs if other.endswith(f":{slug}")))


def namesakes(rollcalls: RollCalls, iterations: list[str]) -> list[str]:
    """Return the versions of a resolution, and the roll calls on it in other chambers.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    iterations : list of str
        Ids of the versions, all of one chamber.

    Returns
    -------
    list of str
        The same ids, then the ids of other chambers. Nothing is added if no chambers are linked.
    """
    frame = rollcalls.rollcalls
    if _CHAMBER not in frame.columns:
        return iterations
    versions = frame.loc[iterations]
    slugs = {slug.rpartition(":")[2] for slug in versions["family"] if slug}
    families = [name for slug in slugs for name in twin_family(rollcalls, slug)]
    elsewhere = frame["family"].isin(families) & ~frame[_CHAMBER].isin(versions[_CHAMBER])
    return [*iterations, *frame.index[elsewhere]]


def chambers_in(rollcalls: RollCalls, fitted: pd.Index, members: pd.Index) -> pd.DataFrame:
    """Count the roll calls and members of each chamber in a fit.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fitted, members : Index
        Ids of the roll calls and members of the fit.

    Returns
    -------
    DataFrame, index ``chamber``
        ``rollcalls``, and ``members`` that voted in at least one of these roll calls. Empty if no chambers
        are linked.
    """
    frame = rollcalls.rollcalls
    if _CHAMBER not in frame.columns:
        return pd.DataFrame(columns=["rollcalls", "members"])
    cast = _cast(rollcalls, fitted, members)
    rows = {name: (columns.shape[1], int(columns.any(axis=1).sum())) for name, columns in cast.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["rollcalls", "members"]).rename_axis(
        _CHAMBER
    )


def _cast(rollcalls: RollCalls, fitted: pd.Index, members: pd.Index) -> dict[str, "np.ndarray"]:
    """Return for each chamber the votes of members in the fitted roll calls, as True and False."""
    chosen = rollcalls.select(rollcalls=fitted, members=members)
    names = chosen.rollcalls[_CHAMBER]
    return {str(name): chosen.votes[:, (names == name).to_numpy()] >= 0 for name in names.unique()}


def held_together(rollcalls: RollCalls, fitted: pd.Index, members: pd.Index) -> str:
    """Describe the link between the chambers of a fit, or return "" if there is one chamber.

    Parameters
    ----------
    rollcalls, fitted, members
        As in `chambers_in`.

    Raises
    ------
    NotUsableError
        If fewer than two voting members link a chamber to the others, directly or through a third chamber.
        Only the prior then determines location and spread of the positions in this chamber.
    """
    table = chambers_in(rollcalls, fitted, members)
    if len(table) < 2:
        return ""
    voted = {name: np.any(cast, axis=1) for name, cast in _cast(rollcalls, fitted, members).items()}
    alone = _not_linked(voted)
    if alone:
        raise NotUsableError(
            f"fewer than two members of the fit voted in {alone} and in another chamber, so the scale of "
            "this chamber cannot be linked",
            remedy=(
                "choose a window in which more members vote in both chambers, or fit each chamber separately"
            ),
        )
    several = int((np.sum(list(voted.values()), axis=0) > 1).sum())
    where = "both" if len(table) == 2 else "more than one of them"
    counted = ", ".join(
        f"{name} with {row['rollcalls']} contested roll calls of {row['members']} members"
        for name, row in table.iterrows()
    )
    return (
        f"chambers on one scale ({counted}), linked by the {several} members that voted in {where} "
        f"and are assumed to have the same position in {'both' if len(table) == 2 else 'each'}"
    )


def _not_linked(voted: dict[str, NDArray[np.bool_]]) -> str:
    """Return a chamber without a chain of shared members to the first chamber, or "" if all are linked."""
    first, *rest = voted
    linked = {first}
    while True:
        near = [name for name in rest if any((voted[name] & voted[one]).sum() >= _LINK for one in linked)]
        if linked >= {first, *near}:
            return next((name for name in rest if name not in linked), "")
        linked.update(near)


def wider_membership(rollcalls: RollCalls, rollcall: str) -> pd.Index:
    """Return the members of the other chambers at the date of a roll call.

    Parameters
    ----------
    rollcalls : RollCalls
        The result of `link_chambers`.
    rollcall : str
        Id of a roll call.

    Returns
    -------
    Index
        Members with a seat in another chamber close to the date of the roll call. The function takes the roll
        call of that chamber nearest to the date, and all roll calls of that chamber within three years of it.
        Empty if no chambers are linked. This rule distinguishes members that cast no vote for some time from
        states that no longer exist.

    Raises
    ------
    InputError
        If the roll call has no date.
    """
    frame = rollcalls.rollcalls
    if _CHAMBER not in frame.columns:
        return rollcalls.members.index[:0]
    date = frame.loc[rollcall, "date"]
    if pd.isna(date):
        raise InputError(
            f"roll call {rollcall} has no date", id=rollcall, remedy=("add the date of the roll call")
        )
    seated = np.zeros(len(rollcalls.members), dtype=bool)
    for name in frame[_CHAMBER].unique():
        if name == frame.loc[rollcall, _CHAMBER]:
            continue
        in_chamber = (frame[_CHAMBER] == name) & frame["date"].notna()
        if not in_chamber.any():
            continue
        away = (frame.loc[in_chamber, "date"] - date).abs()
        nearest = frame.loc[away.idxmin(), "date"]
        near = in_chamber & ((frame["date"] - nearest).abs().dt.days <= _NEAR * 365.25)
        seated |= find_seated(rollcalls.store, near.to_numpy(bool))
    return rollcalls.members.index[seated]


def could_stand(rollcalls: RollCalls, fitted: pd.Index, rollcall: str) -> pd.Index:
    """Return the members with a position in a fit that could have been elected to a seat.

    Parameters
    ----------
    rollcalls : RollCalls
        The result of `link_chambers`.
    fitted : Index
        Roll calls of the fit.
    rollcall : str
        Id of the vote after the election.

    Raises
    ------
    NotUsableError
        If the fit contains roll calls of one chamber only, so that only elected members have positions.
    """
    frame = rollcalls.rollcalls
    if _CHAMBER not in frame.columns or frame.loc[fitted, _CHAMBER].nunique() < 2:
        raise NotUsableError(
            "random elections need positions of members that held no seat, but the fit contains only "
            "members that held a seat",
            remedy=(
                "add the record of the electing chamber, the General Assembly: link_chambers(council, "
                "assembly)"
            )
            if is_hrc(rollcalls, rollcall)
            else "add the record of a wider chamber, from which these seats are filled: "
            "link_chambers(record, wider)",
        )
    return wider_membership(rollcalls, rollcall)
