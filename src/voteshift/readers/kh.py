"""Roll calls in the flat files of Poole and Rosenthal (KH, ``.ord``): a line per member, a digit per vote.

Columns of a line: 1-3 congress, 4-8 ICPSR number, 9-10 state, 11-12 district, 13-20 name of the state,
21-23 party, 24 occupancy, 25 how the seat was won, 26-36 name, from 37 on the votes in Voteview's codes.
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
    "fetch the file again; each line holds 36 columns on the member, then one digit per roll call"
)
_CODES: Final = np.array([int(CAST_CODES[digit]) for digit in range(10)], dtype=np.int8)


def sniff_kh(first_line: str) -> bool:
    """Return whether a line is one of a member and its votes."""
    return _LINE.fullmatch(first_line) is not None


def read_kh(path: Path) -> RollCalls:
    """Read a KH file; members by ICPSR number, roll calls by congress and position (``109-1``).

    Raises
    ------
    InputError
        If a line is not as described, is longer or shorter than the first, of another congress, or lists a
        member again.
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
                f"the line holds {len(line) - _HEAD} votes; a file holds at most {COLUMNS} roll calls",
                file=path,
                line=number,
                remedy=_REMEDY,
            )
        if not sniff_kh(line):
            raise InputError("the line is not in the KH format", file=path, line=number, remedy=_REMEDY)
        digits = np.frombuffer(line[_HEAD:].encode("ascii"), dtype=np.uint8) - ord("0")
        if not line.isascii() and line[_HEAD - 1].isdigit():
            raise InputError(
                "the name is padded by bytes, so the first votes stand in the columns of the name",
                file=path,
                line=number,
                remedy="add a space for each letter that takes two bytes, or write the name without accents",
            )
        if congress and line[:3].strip() != congress:
            raise InputError(
                f"the line belongs to congress {line[:3].strip()}, the first line to congress {congress}",
                file=path,
                line=number,
                remedy="put each congress into a separate file: their roll calls differ",
            )
        congress = line[:3].strip()
        member = line[3:8].strip()
        if votes and len(digits) != len(votes[0]):
            raise InputError(
                f"the line holds {len(digits)} votes, the first holds {len(votes[0])}",
                file=path,
                line=number,
                remedy=_REMEDY,
            )
        if member in ids:
            raise InputError(
                f"member {member} already has line {ids[member]}",
                file=path,
                line=number,
                id=member,
                remedy="keep one line for each member",
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
