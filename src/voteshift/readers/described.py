"""Descriptions of roll calls, from columns of the table of votes or from a separate table."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.columns import ROLLCALL_IDS
from voteshift.errors import quote
from voteshift.readers.facts import fact_columns, facts_of
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.listing import FILL_IN, Listing
from voteshift.readers.record import Facts
from voteshift.readers.table import Table

__all__ = ["facts_beside_votes", "facts_of_table"]


def facts_beside_votes(table: Table, listing: Listing, notes: Notes) -> Facts:
    """Read the description of each roll call from its first row; its other rows must have the same values."""
    n = len(listing.rollcalls)
    if listing.facts is not None:
        return facts_of_table(listing.facts, notes)
    if listing.rows is None:
        frame = pd.DataFrame(index=pd.Index(listing.rollcalls, dtype=object))
        return Facts(table.file, frame, np.zeros(n, dtype=np.int64))
    first = np.empty(n, dtype=np.intp)
    first[listing.rollcall[::-1]] = listing.rows[::-1]
    speaker = first[listing.rollcall]
    for column in fact_columns(table):
        cells = table.column(column).codes
        _note_changes(
            np.flatnonzero(cells[listing.rows] != cells[speaker]), column, table, listing, speaker, notes
        )
    frame = facts_of(table, listing.rollcalls, first, notes)
    return Facts(table.file, frame, table.lines[first])


def _note_changes(
    rows: NDArray[np.intp],
    column: str,
    table: Table,
    listing: Listing,
    speaker: NDArray[np.intp],
    notes: Notes,
) -> None:
    def complain(position: int) -> Finding:
        here, before = (
            int(listing.rows[position]) if listing.rows is not None else position,
            int(speaker[position]),
        )
        rollcall = str(listing.rollcalls[listing.rollcall[position]])
        one, other = (quote(table[column][row]) for row in (before, here))
        message = (
            f"'{notes.printed(column)}' of roll call {rollcall} is {one} on line {table.line(before)} "
            f"and {other} on this line"
        )
        remedy = "write the same value in all rows of a roll call"
        return Finding("error", message, str(table.file), table.line(here), column, rollcall, remedy)

    notes.each(rows, complain)


def facts_of_table(table: Table, notes: Notes) -> Facts:
    """Read the description of each roll call from a table with one row per roll call."""
    key = table.need("the roll call", *ROLLCALL_IDS)
    first: dict[str, int] = {}
    for row, rollcall in enumerate(table[key].tolist()):
        before = first.setdefault(rollcall, row)
        if not rollcall:
            notes.error(
                "the row does not name a roll call", table.file, table.line(row), column=key, remedy=FILL_IN
            )
        elif before != row:
            notes.error(
                f"roll call {rollcall} has a row on line {table.line(before)} and another row on this line",
                table.file,
                table.line(row),
                id=rollcall,
                remedy="give each roll call a different id",
            )
    first.pop("", None)
    rows = np.array(list(first.values()), dtype=np.intp)
    frame = facts_of(table, np.array(list(first), dtype=object), rows, notes, extras=True)
    return Facts(table.file, frame, table.lines[rows])
