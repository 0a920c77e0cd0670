"""Check a file: everything that is wrong with it at once, instead of the first error alone."""

from os import PathLike
from pathlib import Path

from voteshift.errors import InputError
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.plausible import note_copies, note_dates, note_session_seats
from voteshift.readers.reading import load
from voteshift.readers.record import note_totals
from voteshift.readers.seats import note_seats
from voteshift.rollcalls import RollCalls

__all__ = ["Finding", "check_file"]


def check_file(path: str | PathLike[str], *, yardstick: RollCalls | None = None) -> list[Finding]:
    """List what is wrong with a file or folder of roll calls.

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
    list of Finding
        In the order of the lines, first what is about a file as a whole. Findings of one kind are listed
        up to a limit, the last one saying how many more there are. A roll call in which everybody voted
        alike is no finding.

    Raises
    ------
    UsageError
        If the yardstick does not hold exactly one roll call.
    """
    notes = Notes()
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
    return sorted(notes.findings, key=lambda finding: (finding.file, finding.line or 0))
