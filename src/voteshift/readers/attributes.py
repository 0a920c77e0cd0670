"""Check that rows and columns of a matrix that describe members or roll calls do not contain votes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.columns import kind_of_cells
from voteshift.errors import InputError, quote
from voteshift.readers.findings import Notes
from voteshift.readers.options import ReadOptions
from voteshift.readers.table import Table

__all__ = ["Description", "are_letters", "check_description"]


@dataclass(frozen=True, slots=True)
class Description:
    """A row or column whose name describes members or roll calls.

    Parameters
    ----------
    label : str
        The name of the row or column.
    where : {"row", "column"}
        Whether the description is a row or a column.
    line : int
        The line of the row; for a column, the line of the header.
    cells : ndarray of str, shape (n,)
        The cells of the row or column.
    of_members : bool
        Whether the name describes members (True) or roll calls (False).
    """

    label: str
    where: str
    line: int
    cells: NDArray[np.object_]
    of_members: bool


def are_letters(words: Iterable[str], options: ReadOptions) -> bool:
    """Return whether all vote words among these words are single letters."""
    return all(len(word) == 1 for word in words if options.is_vote(word))


def check_description(description: Description, letters: bool, table: Table, notes: Notes) -> None:
    """Check that a description does not contain votes.

    Parameters
    ----------
    description : Description
        The row or column.
    letters : bool
        Whether the votes of the matrix are single letters.
    table : Table
        The table that contains the description.
    notes : Notes
        Collects a warning if yes and no describe members, because they could be the votes of a roll call.

    Raises
    ------
    InputError
        If the cells are votes. Then the name may be that of a member or a roll call.
    """
    cells, of_members = [str(cell) for cell in description.cells if cell], description.of_members
    kind = kind_of_cells(description.label, cells, of_members=of_members, letters=letters)
    place = f"the {description.where} {quote(description.label)}"
    what, other = ("members", "roll call") if of_members else ("roll calls", "member")
    if kind == "flags" and of_members:
        notes.warning(
            f"{place} contains yes and no and is read as a description of members, not as a roll call",
            table.file,
            description.line,
            id=description.label,
            remedy="rename it if it is a roll call",
        )
    if kind == "votes":
        raise InputError(
            f"{place} contains votes, but its name describes {what}",
            file=table.file,
            line=description.line,
            id=description.label,
            remedy=f"rename it if it is a {other}; otherwise remove it, or write other values than votes",
        )
