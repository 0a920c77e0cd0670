"""Documents on a resolution: a table of statements and sponsors, one row per member and document."""

from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.errors import InputError, UsageError, quote
from voteshift.readers.findings import Notes
from voteshift.readers.names import state_id
from voteshift.readers.table import Column, Table, read_table
from voteshift.rollcalls import RollCalls

__all__ = ["STANCES", "read_documents"]

#: What a member said about the text of the roll call.
STANCES: Final = ("supports", "criticises", "neutral")
_COLUMNS: Final = {
    "member": "the member",
    "rollcall": "the roll call",
    "kind": "the kind of document",
    "stance": "the stance",
    "source": "the source",
}
#: The name of a data frame in messages; its rows count as lines, from 1.
_FRAME: Final = Path("the data frame")


@checked
def read_documents(source: str | PathLike[str] | pd.DataFrame, rollcalls: RollCalls) -> pd.DataFrame:
    """Read statements and sponsors: what members said about the text of a roll call.

    Parameters
    ----------
    source : path or DataFrame
        A table with the columns ``member`` (id or name), ``rollcall`` (id or symbol), ``kind`` (any text, for
        instance "sponsor" or "explanation of vote"), ``stance`` (supports, criticises or neutral) and
        ``source`` (where the document can be found). The stance is that of the member towards the text, not
        its vote.
    rollcalls : RollCalls
        The record that contains the roll calls.

    Returns
    -------
    DataFrame
        The five columns. ``member`` and ``rollcall`` are ids of the record. A member that the record does not
        contain keeps the text of the table.

    Raises
    ------
    InputError
        If a column is missing, a cell is blank, a stance or a roll call is unknown, or a row occurs twice.
    """
    notes = Notes()
    table = _as_table(source) if isinstance(source, pd.DataFrame) else read_table(Path(source), notes)
    columns = {name: table[table.need(what, name)] for name, what in _COLUMNS.items()}
    frame = pd.DataFrame(columns)
    for name, what in _COLUMNS.items():
        for row in np.flatnonzero(frame[name] == "").tolist():
            notes.error(
                f"{what} is blank", table.file, table.line(row), column=name, remedy="fill in the cell"
            )
    for row in np.flatnonzero(~frame["stance"].isin(("", *STANCES))).tolist():
        notes.error(
            f"stance {quote(frame['stance'].iloc[row])} is unknown",
            table.file,
            table.line(row),
            column="stance",
            remedy=f"write {', '.join(STANCES[:-1])} or {STANCES[-1]}",
        )
    ids = {}
    for name in frame["rollcall"].unique():
        try:
            ids[name] = rollcalls.rollcall_id(name) if name else name
        except UsageError as error:
            row = int((frame["rollcall"] == name).to_numpy().argmax())
            notes.error(
                error.message, table.file, table.line(row), column="rollcall", remedy=error.remedy or ""
            )
    frame["rollcall"] = frame["rollcall"].map(ids)
    frame["member"] = _identify(frame["member"], rollcalls)
    for row in np.flatnonzero(frame.duplicated(["member", "rollcall", "kind", "stance"])).tolist():
        notes.error("the row occurs twice", table.file, table.line(row), remedy="remove one of the two rows")
    if notes.errors:
        raise notes.errors[0].to_error()
    return frame


def _identify(members: pd.Series, rollcalls: RollCalls) -> pd.Series:
    """Return the ids of members given as ids, as names of the record or as names of states."""
    listed = rollcalls.members
    by_name = {str(name).casefold(): str(member) for member, name in listed["name"].items() if name}

    def identify(text: str) -> str:
        if text in listed.index:
            return text
        state = state_id(text)
        return by_name.get(text.casefold()) or (state if state in listed.index else None) or text

    return members.map(identify)


def _as_table(frame: pd.DataFrame) -> Table:
    """Return a data frame as a table of text; blank for missing cells."""
    if frame.empty:
        raise InputError("the data frame of documents has no rows", remedy="pass one row for each document")
    cells = frame.astype(object).where(frame.notna(), "").astype(str)
    columns = []
    for place in range(cells.shape[1]):
        codes, labels = pd.factorize(cells.iloc[:, place].str.strip())
        columns.append(Column(codes.astype(np.int32), np.array(labels, dtype=object)))
    return Table(_FRAME, tuple(map(str, cells.columns)), tuple(columns), np.arange(1, len(cells) + 1))
