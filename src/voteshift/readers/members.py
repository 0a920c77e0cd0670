"""Identification of members: states by their ISO3 codes, other members by the label in the file."""

import re
from pathlib import Path
from typing import Final
from unicodedata import normalize

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.columns import MEMBER_GROUPS, MEMBER_IDS, MEMBER_NAMES
from voteshift.errors import quote
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.listing import FILL_IN
from voteshift.readers.names import nearest_names, state_id, states
from voteshift.readers.table import Table

__all__ = ["identify", "member_frame", "member_table"]

_CODE: Final = re.compile(r"[A-Z]{3}")


def identify(
    labels: NDArray[np.object_],
    lines: NDArray[np.int64],
    file: Path,
    notes: Notes,
    names: NDArray[np.object_] | None = None,
) -> NDArray[np.object_]:
    """Return the id of every label: the ISO3 code if the members are states, else the label itself.

    Parameters
    ----------
    labels : ndarray of str, shape (n,)
        Codes or names of members, without repetition.
    lines : ndarray of int64, shape (n,)
        The line of `file` on which each label first occurs.
    file : Path
        The file.
    notes : Notes
        If most labels are states, collects:

        - an error, with the nearest names, for every label that is not a state;
        - a warning instead of the error for a label of three capitals, which is kept unchanged;
        - a warning if the name next to a code is the name of another state.

        Otherwise, collects a warning for two labels that differ only in capitals, spaces or the way accents
        are stored.
    names : ndarray of str, shape (n,), optional
        The name next to each label.
    """
    codes = np.array([_state_of(str(label)) for label in labels], dtype=object)
    is_state = np.array([code is not None for code in codes], dtype=bool)
    if not _are_states(is_state):
        _note_spellings(labels, lines, file, notes)
        return labels

    def complain(position: int) -> Finding:
        label, line = str(labels[position]), int(lines[position])
        if _CODE.fullmatch(label):
            message = (
                f"{label} is not the code of a member state of the United Nations; the code is kept as the id"
            )
            return Finding("warning", message, str(file), line, None, label, "check the code")
        near = nearest_names(label)
        remedy = f"did you mean {' or '.join(near)}?" if near else "write the state's name or ISO3 code"
        message = f"{quote(label)} is not the name or code of a state, but most members are states"
        return Finding("error", message, str(file), line, None, label, remedy)

    notes.each(np.flatnonzero(~is_state), complain)
    if names is not None:
        printed = np.array([state_id(name) for name in names], dtype=object)
        apart = np.flatnonzero(is_state & (printed != None) & (printed != codes))  # noqa: E711  elementwise
        for position in apart:
            notes.warning(
                f"the name {quote(names[position])} and the code {codes[position]} "
                f"({states()[codes[position]].name}) in one row are different states; the code is used",
                file,
                int(lines[position]),
                id=str(codes[position]),
                remedy="correct the name or the code",
            )
    return np.where(is_state, codes, labels)


def _are_states(is_state: NDArray[np.bool_]) -> bool:
    """Return whether the members are states: at least half of the labels are states."""
    return bool(2 * is_state.sum() > len(is_state) - 1)


def _state_of(label: str) -> str | None:
    """Return the code of a state from its label.

    A code is written in capitals or in small letters throughout: "BEN", "ben" and "U.S.A." are codes, but
    "Ben", "bEN" and "Bén" are persons.
    """
    code = state_id(label)
    if code is None or label in (states()[code].name, *states()[code].aliases):
        return code
    letters = "".join(filter(str.isalpha, normalize("NFKC", label)))
    return None if len(letters) == len(code) and letters not in (code, code.lower()) else code


def _note_spellings(labels: NDArray[np.object_], lines: NDArray[np.int64], file: Path, notes: Notes) -> None:
    first: dict[str, int] = {}
    again: list[tuple[int, int]] = []
    for position, label in enumerate(labels):
        before = first.setdefault(" ".join(normalize("NFKC", label).casefold().split()), position)
        if labels[before] != label:
            again.append((before, position))

    def complain(row: int) -> Finding:
        before, position = again[row]
        one, other = quote(labels[before]), quote(labels[position])
        message = (
            f"{one} and {other} are read as two members, but differ only in capitals, spaces or the way "
            "accents are stored"
        )
        remedy = "if both are the same member, use one spelling in the whole file"
        return Finding(
            "warning", message, str(file), int(lines[position]), None, str(labels[position]), remedy
        )

    notes.each(range(len(again)), complain)


def member_frame(ids: NDArray[np.object_], names: NDArray[np.object_] | None) -> pd.DataFrame:
    """Return a frame of members without a table of members: names, and the regional groups of states.

    Parameters
    ----------
    ids : ndarray of str, shape (n,)
        The ids of all members. If the members are persons, a person with the id BEN or AND is not a state.
    names : ndarray of str, shape (n,), optional
        The name next to each id, used for members that are not states.
    """
    is_state = np.array([member in states() for member in ids], dtype=bool)
    matches = [
        states()[id_] if one else None for id_, one in zip(ids, is_state & _are_states(is_state), strict=True)
    ]
    printed = [""] * len(ids) if names is None else names
    return pd.DataFrame(
        {
            "name": [state.name if state else name for state, name in zip(matches, printed, strict=True)],
            "group": [state.group if state else "" for state in matches],
        },
        index=pd.Index(ids, dtype=object),
    )


def member_table(table: Table, notes: Notes) -> pd.DataFrame:
    """Return a table of members as a frame: the ids as index, ``name``, ``group`` and all further columns.

    Parameters
    ----------
    table : Table
        A table with a column of `MEMBER_IDS`, else of `MEMBER_NAMES`. Optional columns are a name, and a
        ``group``, ``regional_group`` or ``party``.
    notes : Notes
        Collects an error for a row without an id, and for a row with the id of an earlier row.

    Raises
    ------
    InputError
        If no column contains the members.
    """
    who = table.need("the members", *MEMBER_IDS, *MEMBER_NAMES)
    filled = np.flatnonzero(table[who] != "")
    ids = identify(table[who][filled], table.lines[filled], table.file, notes)
    for row in np.setdiff1d(np.arange(len(table)), filled):
        notes.error("the row does not name a member", table.file, table.line(row), column=who, remedy=FILL_IN)
    first: dict[str, int] = {}
    for row, member in zip(filled.tolist(), ids, strict=True):
        before = first.setdefault(member, row)
        if before != row:
            notes.error(
                f"{member} has a row on line {table.line(before)} and another row on this line",
                table.file,
                table.line(row),
                id=member,
                remedy="keep one row for each member",
            )
    rows = np.array(list(first.values()), dtype=np.intp)
    frame = member_frame(np.array(list(first), dtype=object), None)
    used = {who}
    for target, names in (("name", MEMBER_NAMES), ("group", MEMBER_GROUPS)):
        if (column := table.find(*names)) is not None:
            frame[target] = table[column][rows]
            used.add(column)
    for column in table.names:
        if column and column not in used:
            frame[column] = table[column][rows]
    return frame
