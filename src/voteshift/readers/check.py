"""Check a file: return the numbers of members, roll calls and votes, and all errors and warnings."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from voteshift.arguments import checked
from voteshift.errors import InputError, quote
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.options import SETTINGS, read_options
from voteshift.readers.plausible import note_copies, note_dates, note_session_seats
from voteshift.readers.reading import load
from voteshift.readers.record import Record, note_totals
from voteshift.readers.seats import note_seats
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote

__all__ = ["Examined", "Finding", "check_file", "examine"]


@dataclass(frozen=True, slots=True)
class Examined:
    """The result of examining a file or folder: numbers of members and votes, errors and warnings.

    Parameters
    ----------
    file : str
        The path of the file or folder, as given to `examine`.
    format : str or None
        The format that was detected, as in `voteshift.readers.read`; None if the file could not be opened.
    files : tuple of str
        The files that were read. For a folder, these are the files that its format needs.
    members, rollcalls : int or None
        The numbers of members and of roll calls; None if nothing could be read.
    votes : int or None
        The number of votes yes, no and abstain; None if nothing could be read. Unknown vote words and
        repeated votes are not counted.
    seats : int or None
        The number of pairs of a member and a roll call in which the member had a seat: votes, absences and
        votes not recorded; None if nothing could be read.
    unread : tuple of str
        The columns of a table of votes that voteshift does not read, because their names are unknown.
    settings : dict
        The settings that were read from a file ``voteshift.toml`` in the folder of the file: those of
        ``codes``, ``columns``, ``date_format`` and ``encoding`` that have a value.
    findings : tuple of Finding
        The errors and warnings, in the order of the lines. Findings about a whole file come first.
    """

    file: str
    format: str | None
    files: tuple[str, ...]
    members: int | None
    rollcalls: int | None
    votes: int | None
    seats: int | None
    unread: tuple[str, ...]
    settings: dict[str, Any]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all attributes except the findings, as values that JSON can store."""
        return {
            "file": self.file,
            "format": self.format,
            "files": list(self.files),
            "members": self.members,
            "rollcalls": self.rollcalls,
            "votes": self.votes,
            "seats": self.seats,
            "unread": list(self.unread),
            "settings": self.settings,
        }

    def __str__(self) -> str:
        """Return one line: the file, its format, and the numbers of members, roll calls, votes and seats."""
        within = [Path(file).name for file in self.files if file != self.file]
        of = f" ({', '.join(within)})" if within else ""
        if self.members is None:
            taken = f"detected as {self.format}, " if self.format else ""
            return f"{self.file}{of}: {taken}not read"
        counts = [(self.members, "member"), (self.rollcalls, "roll call"), (self.votes, "vote")]
        parts = ", ".join(f"{number} {what}{'s' * (number != 1)}" for number, what in counts)
        unread = f"; not read: {', '.join(map(quote, self.unread))}" if self.unread else ""
        seats = f"{self.seats} seat{'s' * (self.seats != 1)}"
        stated = ", ".join(f"{name} {_written(value)}" for name, value in self.settings.items())
        settings = f"; {SETTINGS} states {stated}" if stated else ""
        return f"{self.file}{of}: read as {self.format}: {parts} in {seats}{unread}{settings}"


def _written(value: str | dict[str, str]) -> str:
    """Return a setting as text: a mapping as pairs such as 'Ja' = 'yes'."""
    if isinstance(value, str):
        return quote(value)
    return ", ".join(f"{quote(name)} = {quote(meaning)}" for name, meaning in value.items())


@checked
def examine(
    path: str | PathLike[str],
    *,
    yardstick: RollCalls | None = None,
    codes: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    date_format: str | None = None,
    encoding: str | None = None,
) -> Examined:
    """Read a file or folder of roll calls, and list its errors and warnings.

    Without a `yardstick`, the findings include an error if `voteshift.readers.read` raises an error for the
    file, and no error otherwise.

    Parameters
    ----------
    path : path
        As in `voteshift.readers.read`.
    yardstick : RollCalls, optional
        A record with exactly one roll call. The seats, votes and totals of the file are compared with the
        seats, votes and totals of this roll call.
    codes, columns, date_format, encoding
        As in `voteshift.readers.read`.

    Returns
    -------
    Examined
        The files that were read, their format, the numbers of members, roll calls, votes and seats, and the
        findings. Findings of one kind are listed up to a limit; the last listed finding states how many more
        there are. A roll call in which all votes cast are the same is not a finding.

    Raises
    ------
    UsageError
        If `yardstick` does not contain exactly one roll call.
    """
    notes = Notes(options=read_options(codes, columns, date_format, encoding))
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
        votes=None if record is None else int(np.count_nonzero(record.all_codes >= 0)),
        seats=None if record is None else int(np.count_nonzero(record.all_codes != Vote.NOT_MEMBER)),
        unread=notes.unread,
        settings=notes.settings.to_dict(),
        findings=tuple(sorted(notes.findings, key=lambda finding: (finding.file, finding.line or 0))),
    )


def check_file(
    path: str | PathLike[str], *, yardstick: RollCalls | None = None, **options: Any
) -> list[Finding]:
    """List the errors and warnings of a file or folder of roll calls: the findings of `examine`.

    Parameters
    ----------
    path : path
        As in `voteshift.readers.read`.
    yardstick : RollCalls, optional
        As in `examine`.
    **options
        ``codes``, ``columns``, ``date_format`` and ``encoding`` as in `voteshift.readers.read`.

    Returns
    -------
    list of Finding
        The errors and warnings, in the order of the lines. Findings about a whole file come first.

    Raises
    ------
    UsageError
        If `yardstick` does not contain exactly one roll call.
    """
    return list(examine(path, yardstick=yardstick, **options).findings)
