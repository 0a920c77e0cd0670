"""Rows and columns of a matrix that summarise its votes, which are compared with the votes and left out."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.columns import OUTCOMES, summary_of
from voteshift.errors import InputError, quote
from voteshift.readers.findings import Notes
from voteshift.readers.table import Table
from voteshift.votes import CAST, Vote

__all__ = ["Summary", "check_summary"]

_NUMBER: Final = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Summary:
    """A row or column that summarises votes.

    Parameters
    ----------
    label : str
        The name of the row or column.
    where : {"row", "column"}
        Whether the summary is a row or a column.
    line : int
        The line of the row; for a column, the line of the header.
    cells : ndarray of str, shape (n,)
        The cells of the summary.
    of : ndarray of str, shape (n,)
        The roll call or the member that each cell summarises.
    of_rollcalls : bool
        Whether the cells summarise roll calls (True) or members (False).
    """

    label: str
    where: str
    line: int
    cells: NDArray[np.object_]
    of: NDArray[np.object_]
    of_rollcalls: bool


def check_summary(summary: Summary, votes: NDArray[np.int8], table: Table, notes: Notes) -> None:
    """Compare a summary with the votes, and add a warning that the summary is left out.

    Parameters
    ----------
    summary : Summary
        The row or column.
    votes : ndarray of int8, shape (n, m)
        The codes of the votes that are summarised, one row for each cell of the summary.
    table : Table
        The table that contains the summary.
    notes : Notes
        Collects the warning.

    Raises
    ------
    InputError
        If the summary contradicts the votes. The summary may then be a member or a roll call, or votes are
        misread.
    """
    counts = {word: (votes == Vote[word.upper()]).sum(axis=1) for word in (*CAST, "absent")}
    cast = counts["yes"] + counts["no"] + counts["abstain"]
    seated = (votes != Vote.NOT_MEMBER).sum(axis=1)
    kind = summary_of(summary.label)
    if kind == "outcome":
        measures = [counts["yes"] > counts["no"]] if summary.of_rollcalls else []
        totals: list[int | None] = [OUTCOMES.get(str(cell).lower()) for cell in summary.cells]
    else:
        measures = (
            [counts[kind]] if kind in counts else [cast, seated, counts["yes"] + counts["no"], counts["yes"]]
        )
        totals = [
            int(match[1]) if (match := _NUMBER.fullmatch(str(cell))) else None for cell in summary.cells
        ]
    filled = np.flatnonzero(summary.cells != "")
    wrong = [
        [row for row in filled.tolist() if totals[row] is None or totals[row] != measure[row]]
        for measure in measures
    ]
    if not all(wrong) or not len(filled):
        notes.warning(
            f"the {summary.where} {quote(summary.label)} summarises the votes and agrees with the votes, "
            f"so this {summary.where} is left out",
            table.file,
            summary.line,
            remedy="remove the summary",
        )
        return
    row = wrong[0][0] if wrong else int(filled[0])
    tally = "-".join(str(counts[word][row]) for word in CAST)
    raise InputError(
        f"the {summary.where} {quote(summary.label)} looks like a summary but contradicts the votes: "
        f"for {quote(summary.of[row])} the summary is {quote(summary.cells[row])}, but the votes are "
        f"{tally} (yes-no-abstain)",
        file=table.file,
        line=summary.line,
        id=summary.label,
        remedy=(
            "remove or correct the summary; if it is not a summary but a member or a roll call, change "
            "its name"
        ),
    )
