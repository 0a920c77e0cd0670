"""Voting data of the UN Digital Library: one row per vote, or one row per resolution and a column per state.

Dag Hammarskjöld Library, "General Assembly Voting Data" and "Security Council Voting Data", United Nations,
digitallibrary.un.org/record/4060887 and later releases. Some columns have two names in different releases
(``agenda`` and ``agenda_title``, ``description`` and ``title``); both names are read. Y, N, A, X are yes, no,
abstention and non-voting. Some descriptions of the files write NV instead of X.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from voteshift.readers.described import facts_beside_votes, facts_of_table
from voteshift.readers.findings import Notes
from voteshift.readers.layouts import SERBIA_SINCE, serbia_apart, trusting_the_list, under_our_names
from voteshift.readers.listing import Listing, first_rows
from voteshift.readers.matrix import list_votes
from voteshift.readers.names import state_id
from voteshift.readers.record import Facts, Record, assemble
from voteshift.readers.table import Table

__all__ = ["is_undl", "read_undl"]

_OURS: Final = {
    "undl_id": "rollcall",
    "ms_code": "member",
    "ms_name": "name",
    "ms_vote": "vote",
    "title": "title",
    "description": "title",
    "subjects": "subject",
    "total_yes": "yes",
    "total_no": "no",
    "total_abstentions": "abstain",
}
_OF_RESOLUTIONS: Final = {
    "rollcall", "date", "session", "resolution", "draft", "committee_report", "meeting", "title", "agenda",
    "agenda_title", "subject", "modality", "vote_note", "yes", "no", "abstain", "total_non_voting",
    "total_ms", "undl_link", "description", "resolution_code", "permanent_member",
}  # fmt: skip


def is_undl(table: Table) -> bool:
    """Return True if a table has the columns of the UN Digital Library."""
    return table.find("undl_id") is not None and table.find("ms_vote", "total_yes") is not None


def read_undl(table: Table, notes: Notes) -> Record:
    """Read the table; the ids of roll calls are the record numbers of the library.

    Parameters
    ----------
    table : Table
        The table, in one of the two layouts.
    notes : Notes
        Collects errors and warnings. Totals that differ from the votes listed are a warning, because the
        library publishes both the totals and the votes.
    """
    read = _long if table.find("ms_vote") else _wide
    record = under_our_names(table, _OURS, notes, lambda renamed: read(renamed, notes))
    polarity = "USA" if "USA" in record.members.index else None
    return trusting_the_list(replace(record, polarity=polarity), notes)


def _long(table: Table, notes: Notes) -> Record:
    listing = list_votes(table, "", notes)
    facts = facts_beside_votes(table, listing, notes)
    return assemble(_of_states(listing, facts), facts, None, notes)


def _wide(table: Table, notes: Notes) -> Record:
    of_states = [name not in _OF_RESOLUTIONS or name == "rollcall" for name in map(str.lower, table.names)]
    order = sorted(np.flatnonzero(of_states), key=lambda index: table.names[index] != "rollcall")
    matrix = replace(
        table,
        names=tuple(table.names[index] for index in order),
        columns=tuple(table.columns[index] for index in order),
    )
    rest = np.flatnonzero([name in _OF_RESOLUTIONS for name in map(str.lower, table.names)])
    described = replace(
        table,
        names=tuple(table.names[index] for index in rest),
        columns=tuple(table.columns[index] for index in rest),
    )
    listing = list_votes(matrix, "", notes)
    facts = facts_of_table(described, notes)
    return assemble(_of_states(listing, facts), facts, None, notes)


def _of_states(listing: Listing, facts: Facts) -> Listing:
    """Use one code per state, even if the file has two (SUN and RUS), and make Serbia a separate member."""
    ids = np.array([state_id(label) or label for label in listing.members], dtype=object)
    position, members = pd.factorize(ids)
    names = None if listing.names is None else listing.names[first_rows(position, len(members))]
    listing = replace(listing, member=position[listing.member], members=members, names=names)
    if "date" not in facts.frame.columns:
        return listing
    since = facts.frame["date"] >= pd.Timestamp(SERBIA_SINCE)
    return serbia_apart(listing, since.reindex(listing.rollcalls, fill_value=False).to_numpy(bool))
