"""Shared steps of the readers of published tables: renaming of columns, wrong totals, and Serbia's seat."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.columns import squeeze
from voteshift.readers.findings import Notes
from voteshift.readers.listing import Listing
from voteshift.readers.record import Record, counted
from voteshift.readers.table import Table
from voteshift.votes import CAST

__all__ = ["rename_columns", "serbia_apart", "trusting_the_list", "under_our_names"]

#: Yugoslavia's seat ended in 1992; the state admitted on 1 November 2000 is Serbia today.
_YUGOSLAVIA, _SERBIA = "YUG", "SRB"
SERBIA_SINCE: Final = "2000-11-01"


def rename_columns(table: Table, notes: Notes) -> Table:
    """Return a table with the names of columns that the user states; `notes` keeps the names in the file."""
    wanted = notes.options.columns
    notes.columns |= {*table.names}
    taken = {name: wanted[name] for name in table.names if name in wanted}
    if not taken:
        return table
    ours = {squeeze(name) for name in taken.values()}
    # A column that has one of these names without being named by the user gets another name first.
    names = [taken.get(name, f"{name} (file)" if squeeze(name) in ours else name) for name in table.names]
    notes.renamed |= {new: old for new, old in zip(names, table.names, strict=True) if new != old}
    return replace(table, names=tuple(names))


def under_our_names(
    table: Table, names: Mapping[str, str], notes: Notes, read: Callable[[Table], Record]
) -> Record:
    """Read a table after renaming its columns; findings use the names in the file.

    Parameters
    ----------
    table : Table
        The table.
    names : mapping of str to str
        The name in voteshift for each name in the file. A column need not exist. If several columns have the
        same name in voteshift, the first one is renamed, and the others keep their names.
    notes : Notes
        Collects the findings of `read`.
    read : callable
        The function that reads the renamed table.
    """
    taken: dict[str, str] = {}
    for theirs, ours in names.items():
        printed = table.find(theirs)
        if printed is not None and ours not in taken.values():
            taken[printed] = ours
    # If a column already has one of the new names with another meaning, this column is renamed first.
    ours_now = set(taken.values())
    columns = [
        taken.get(name, f"{name} (theirs)" if name.lower() in ours_now else name) for name in table.names
    ]
    printed_as = dict(zip(columns, table.names, strict=True))
    before = len(notes.findings)
    try:
        return read(replace(table, names=tuple(columns)))
    finally:
        notes.findings[before:] = [
            replace(finding, column=printed_as.get(finding.column or "", finding.column))
            for finding in notes.findings[before:]
        ]


def trusting_the_list(record: Record, notes: Notes) -> Record:
    """Mark roll calls whose declared totals differ from the votes listed, in published sources."""
    frame, counts = record.facts.frame, record.counts()
    declared = [name for name in CAST if name in frame.columns]
    differs = np.zeros(len(frame), dtype=bool)
    for name in declared:
        totals = pd.array(frame[name], dtype="Int64")
        differs |= np.asarray((totals != counts[name]).fillna(False), dtype=bool)
    if not differs.any():
        return record
    where = [str(label) for label in frame.index[differs]]
    notes.warning(
        f"the declared totals differ from the votes listed in {counted(where, 'roll call')}; these roll "
        "calls are kept as listed, with 'no' in the column 'reconciled'",
        record.facts.file,
        id=where[0],
        remedy="leave out these roll calls with record.select, or check the official votes",
    )
    sound = np.asarray(frame.get("reconciled", np.ones(len(frame))), dtype=bool) & ~differs
    return replace(record, facts=replace(record.facts, frame=frame.assign(reconciled=sound)))


def serbia_apart(listing: Listing, later: NDArray[np.bool_]) -> Listing:
    """Assign the votes cast under Yugoslavia's code since November 2000 to Serbia.

    Parameters
    ----------
    listing : Listing
        The votes, members by ISO3 code.
    later : ndarray of bool, shape (n_rollcalls,)
        True for each of the roll calls on or after 1 November 2000.
    """
    if _YUGOSLAVIA not in listing.members:
        return listing
    yugoslavia = int(np.flatnonzero(listing.members == _YUGOSLAVIA)[0])
    moved = (listing.member == yugoslavia) & later[listing.rollcall]
    if not moved.any():
        return listing
    members, names = listing.members, listing.names
    if _SERBIA not in members:
        members = np.append(members, _SERBIA)
        names = None if names is None else np.append(names, "Serbia")
    member = np.where(moved, int(np.flatnonzero(members == _SERBIA)[0]), listing.member)
    if not (member == yugoslavia).any():  # all votes are Serbia's, so Yugoslavia is removed
        members = np.delete(members, yugoslavia)
        names = None if names is None else np.delete(names, yugoslavia)
        member -= member > yugoslavia
    return replace(listing, member=member, members=members, names=names)
