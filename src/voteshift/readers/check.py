"""Check a file: what was read of it, and everything that is wrong with it at once."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from voteshift.errors import InputError, quote
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.plausible import note_copies, note_dates, note_session_seats
from voteshift.readers.reading import load
from voteshift.readers.record import Record, note_totals
from voteshift.readers.seats import note_seats
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote

__all__ = ["Examined", "Finding", "check_file", "examine"]


@dataclass(frozen=True, slots=True)
class Examined:
    """The result of examining a file or folder: what was read, and the findings.

    Parameters
    ----------
    file : str
        The file or folder, as it was asked for.
    format : str or None
        The format it was taken for, as in `voteshift.readers.read`; None where it could not be opened.
    files : tuple of str
        The files that were read: of a folder those it was found to need.
    members, rollcalls : int or None
        How many there are; None where nothing could be read.
    votes : int or None
        Yes, no and abstain among them. Votes that are not understood, or listed again, are not counted.
    seats : int or None
        Pairs of a member and a roll call in which it had a seat: votes, absences and votes not recorded.
    unread : tuple of str
        Columns of a table of votes that mean nothing to voteshift.
    findings : tuple of Finding
        In the order of the lines, first what is about a file as a whole.
    """

    file: str
    format: str | None
    files: tuple[str, ...]
    members: int | None
    rollcalls: int | None
    votes: int | None
    seats: int | None
    unread: tuple[str, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it but the findings, as JSON holds it."""
        return {
            "file": self.file,
            "format": self.format,
            "files": list(self.files),
            "members": self.members,
            "rollcalls": self.rollcalls,
            "votes": self.votes,
            "seats": self.seats,
            "unread": list(self.unread),
        }

    def __str__(self) -> str:
        """One line: what was read, as what, and how much of it."""
        within = [Path(file).name for file in self.files if file != self.file]
        of = f" ({', '.join(within)})" if within else ""
        if self.members is None:
            taken = f"taken for {self.format}, " if self.format else ""
            return f"{self.file}{of}: {taken}not read"
        counts = [(self.members, "member"), (self.rollcalls, "roll call"), (self.votes, "vote")]
        parts = ", ".join(f"{number} {what}{'s' * (number != 1)}" for number, what in counts)
        unread = f"; not read: {', '.join(map(quote, self.unread))}" if self.unread else ""
        seats = f"{self.seats} seat{'s' * (self.seats != 1)}"
        return f"{self.file}{of}: read as {self.format}: {parts} in {seats}{unread}"


def examine(path: str | PathLike[str], *, yardstick: RollCalls | None = None) -> Examined:
    """Read a file or folder of roll calls, and list what is wrong with it.

    Without a yardstick there is an error among the findings if and only if `voteshift.readers.read` refuses
    the file.

    Parameters
    ----------
    path : path
        As in `voteshift.readers.read`.
    yardstick : RollCalls, optional
        One roll call on record, against whose seats, votes and totals the file is held.

    Returns
    -------
    Examined
        Which files were read, as which format, how many members, roll calls, votes and seats they hold, and
        the findings. Findings of one kind are listed up to a limit, the last one saying how many more there
        are. A roll call in which everybody voted alike is not reported.

    Raises
    ------
    UsageError
        If the yardstick does not hold exactly one roll call.
    """
    notes = Notes()
    record: Record | None = None
    try:
        record = load(Path(path), notes)
    except InputError as error:
        notes.findings.append(Finding.of(error, path))
    else:
        note_totals(record, notes)
        note_copies(record, notes)
        note_session_seats(record, notes)
        note_dates(record, notes)
        if yardstick is not None:
            note_seats(record, yardstick, notes)
    files = notes.files or ([Path(path)] if notes.format else [])
    return Examined(
        file=str(path),
        format=notes.format or None,
        files=tuple(map(str, files)),
        members=None if record is None else len(record.members),
        rollcalls=None if record is None else len(record.facts.frame),
        votes=None if record is None else int(np.count_nonzero(record.code >= 0)),
        seats=None if record is None else int(np.count_nonzero(record.code != Vote.NOT_MEMBER)),
        unread=notes.unread,
        findings=tuple(sorted(notes.findings, key=lambda finding: (finding.file, finding.line or 0))),
    )


def check_file(path: str | PathLike[str], *, yardstick: RollCalls | None = None) -> list[Finding]:
    """List what is wrong with a file or folder of roll calls: the findings of `examine`.

    Parameters
    ----------
    path : path
        As in `voteshift.readers.read`.
    yardstick : RollCalls, optional
        As in `examine`.

    Returns
    -------
    list of Finding
        In the order of the lines, first what is about a file as a whole.

    Raises
    ------
    UsageError
        If the yardstick does not hold exactly one roll call.
    """
    return list(examine(path, yardstick=yardstick).findings)
