"""Roll calls in text files of Poole and Rosenthal (KH, ``.ord``): one line per member, one digit per vote.

Columns of a line: 1-3 congress, 4-8 ICPSR number, 9-10 state, 11-12 district, 13-20 name of the state,
21-23 party, 24 occupancy, 25 means of gaining the seat, 26-36 name, from 37 the votes in Voteview's codes.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.budget import COLUMNS
from voteshift.errors import InputError
from voteshift.readers.text import read_lines
from voteshift.readers.voteview import CAST_CODES, PARTIES
from voteshift.rollcalls import RollCalls

__all__ = ["read_kh", "sniff_kh"]

_HEAD: Final = 36
_LINE: Final = re.compile(r"[ \d]{3}[ \d]{4}\d[ \d]{4}.{8}[ \d]{3}.{13}\d+\s*", re.ASCII)
_REMEDY: Final = (
    "download the file again; each line has 36 columns about the member, then one digit per roll call"
)
_CODES: Final = np.array([int(CAST_CODES[digit]) for digit in range(10)], dtype=np.int8)


def sniff_kh(first_line: str) -> bool:
    """Return True if a line has the KH format."""
    return _LINE.fullmatch(first_line) is not None


def read_kh(path: Path) -> RollCalls:
    """Read a KH file; ids are ICPSR numbers for members, congress and position (``109-1``) for roll calls.

    Raises
    ------
    InputError
        If a line does not have the KH format, or differs from the first line in length or congress, or if a
        member has two lines.
    """
    ids: dict[str, int] = {}
    rows: list[tuple[str, str, str]] = []
    votes: list[NDArray[np.int8]] = []
    congress = ""
    for number, text in enumerate(read_lines(path), 1):
        line = text.rstrip()
        if not line:
            continue
        if len(line) > _HEAD + COLUMNS:
            raise InputError(
                f"the line has {len(line) - _HEAD} votes; a file has at most {COLUMNS} roll calls",
                file=path,
                line=number,
                remedy=_REMEDY,
            )
        if not sniff_kh(line):
            raise InputError("the line is not in the KH format", file=path, line=number, remedy=_REMEDY)
        digits = np.frombuffer(line[_HEAD:].encode("ascii"), dtype=np.uint8) - ord("0")
        if not line.isascii() and line[_HEAD - 1].isdigit():
            raise InputError(
                "the name has letters of two bytes and too few spaces, so the first votes are in the "
                "columns of the name",
                file=path,
                line=number,
                remedy=(
                    "add one space after the name for each letter with an accent, or write the name "
                    "without accents"
                ),
            )
        if congress and line[:3].strip() != congress:
            raise InputError(
                f"the line belongs to congress {line[:3].strip()}, but the first line to congress {congress}",
                file=path,
                line=number,
                remedy="write each congress to a separate file, since the roll calls differ",
            )
        congress = line[:3].strip()
        member = line[3:8].strip()
        if votes and len(digits) != len(votes[0]):
            raise InputError(
                f"the line has {len(digits)} votes, but the first line has {len(votes[0])}",
                file=path,
                line=number,
                remedy=_REMEDY,
            )
        if member in ids:
            raise InputError(
                f"member {member} has another row on line {ids[member]}",
                file=path,
                line=number,
                id=member,
                remedy="keep one row for each member",
            )
        ids[member] = number
        party = line[20:23].strip()
        rows.append((line[25:_HEAD].strip(), PARTIES.get(party, party), line[12:20].strip()))
        votes.append(_CODES[digits])
    if not votes:
        raise InputError("the file is empty", file=path, remedy=_REMEDY)
    members = pd.DataFrame(rows, index=list(ids), columns=["name", "group", "state"])
    labels = [f"{congress}-{k}" for k in range(1, len(votes[0]) + 1)]
    frame = pd.DataFrame({"session": congress}, index=labels)
    return RollCalls(np.array(votes, dtype=np.int8), members, frame, source=path.name)
