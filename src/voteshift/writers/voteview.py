"""Writing of three tables with Voteview's columns, for software that reads Voteview's files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from voteshift.files import whole_folder
from voteshift.rollcalls import RollCalls
from voteshift.store import count_votes, iterate_columns, iterate_rows
from voteshift.votes import Vote
from voteshift.writers.tables import guard_of, write_rows

__all__ = ["write_voteview"]

#: Codes for yea, nay, present, not voting and not a member; a vote not recorded becomes not voting.
CAST_CODES: Final = {
    Vote.YES: "1",
    Vote.NO: "6",
    Vote.ABSTAIN: "7",
    Vote.ABSENT: "9",
    Vote.NOT_RECORDED: "9",
    Vote.NOT_MEMBER: "0",
}
_CONGRESS: Final = re.compile(r"\d{1,4}", re.ASCII)


def write_voteview(rollcalls: RollCalls, path: Path, *, formulas: bool = False) -> None:
    """Write a folder with ``members.csv``, ``votes.csv`` and ``rollcalls.csv`` in Voteview's columns.

    Parameters
    ----------
    rollcalls : RollCalls
        The record. The columns of the tables are:

        - ``icpsr``: the id of the member;
        - ``party_code``: the group of the member;
        - ``rollnumber``: the number of the roll call, counted from 1 in the order of the record;
        - ``clerk_rollnumber``: the id of the roll call;
        - ``congress``: the session if it is a number, else 0;
        - ``chamber``: the column ``chamber`` of the roll calls, else ``Assembly``.
    path : Path
        The folder, which must not exist yet.
    formulas : bool, default False
        True if cells that a spreadsheet reads as formulas stay unchanged.

    Notes
    -----
    An abstention is written as 7 (present). ABSENT and NOT_RECORDED are written as 9 (not voting).
    """
    frame, members, guard = rollcalls.rollcalls, rollcalls.members, guard_of(formulas)
    congress = [text if _CONGRESS.fullmatch(text) else "0" for text in map(str, frame["session"])]
    chamber = [str(name) for name in frame["chamber"]] if "chamber" in frame else ["Assembly"] * len(frame)
    dates = ["" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in frame["date"]]
    counts = count_votes(rollcalls.store)
    totals = {"yea": counts[Vote.YES], "nay": counts[Vote.NO]}

    def of_members() -> Iterator[list[str]]:
        votes = iterate_rows(rollcalls.store)
        for member, name, group, row in zip(
            members.index, members["name"], members["group"], votes, strict=True
        ):
            sat = np.flatnonzero(row != Vote.NOT_MEMBER)
            for term in dict.fromkeys((congress[k], chamber[k]) for k in sat.tolist()):
                yield [*term, member, str(name or member), str(group)]

    def of_votes() -> Iterator[list[str]]:
        for column, votes in enumerate(iterate_columns(rollcalls.store)):
            for row in np.flatnonzero(votes != Vote.NOT_MEMBER).tolist():
                code = CAST_CODES[Vote(int(votes[row]))]
                yield [congress[column], chamber[column], str(column + 1), members.index[row], code]

    def of_rollcalls() -> Iterator[list[str]]:
        for column, label in enumerate(frame.index):
            counts = [str(totals["yea"][column]), str(totals["nay"][column])]
            texts = [str(frame["symbol"].iloc[column]), str(frame["title"].iloc[column])]
            place = [congress[column], chamber[column], str(column + 1), dates[column], label]
            yield [*place, *counts, *texts]

    with whole_folder(path) as folder:
        for name, header, rows in (
            ("members", "congress chamber icpsr bioname party_code", of_members()),
            ("votes", "congress chamber rollnumber icpsr cast_code", of_votes()),
            (
                "rollcalls",
                "congress chamber rollnumber date clerk_rollnumber yea_count nay_count bill_number vote_desc",
                of_rollcalls(),
            ),
        ):
            write_rows(folder / f"{name}.csv", header.split(), (list(map(guard, row)) for row in rows))
