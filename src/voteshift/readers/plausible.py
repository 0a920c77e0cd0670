"""Checks for implausible data: copied votes, seats that change within a session, implausible dates."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.door import numbers
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.record import Record, counted
from voteshift.store import dense_part
from voteshift.votes import CAST, Vote

__all__ = ["note_copies", "note_dates", "note_session_seats"]

_ENOUGH: Final = 3  # roll calls of a session that are needed to compare their seats
_MOST_CELLS: Final = 1 << 28


def note_copies(record: Record, notes: Notes) -> None:
    """Find roll calls that list exactly the same votes but declare different totals: one list is a copy.

    The copy is the roll call whose votes do not add up to its declared totals. A copy is an error, or a
    warning if the column ``reconciled`` of the roll call is "no". Roll calls in which all votes cast are the
    same are not compared.
    """
    frame = record.facts.frame
    votes = _matrix(record)
    if votes is None or not set(CAST) <= set(frame.columns):
        return
    declared = list(zip(*(numbers(frame[name]) for name in CAST), strict=True))
    contested = np.array([len(np.unique(column[column >= 0])) > 1 for column in votes.T], dtype=bool)
    alike: dict[bytes, list[int]] = {}
    for position in np.flatnonzero(contested).tolist():
        if not any(pd.isna(total) for total in declared[position]):
            alike.setdefault(votes[:, position].tobytes(), []).append(position)
    marked = ~_sound(record)
    listed = list(zip(*(counts.tolist() for counts in record.counts().values()), strict=True))
    copies: list[tuple[int, int]] = []
    for group in alike.values():
        fitting = [position for position in group if declared[position] == listed[position]]
        for position in group:
            others = [place for place in fitting or group if declared[place] != declared[position]]
            if declared[position] != listed[position] and others:
                copies.append((others[0], position))

    def complain(row: int) -> Finding:
        original, position = copies[row]
        label, other = frame.index[position], frame.index[original]
        totals, theirs = (
            "-".join(f"{total:g}" for total in declared[place]) for place in (position, original)
        )
        return Finding(
            "warning" if marked[position] else "error",
            f"roll call {label} declares {totals} (yes-no-abstain) but lists the same votes as {other}, "
            f"which declares {theirs}: the votes are a copy",
            str(record.facts.file),
            int(record.facts.lines[position]) or None,
            None,
            str(label),
            "check the official list of votes; until then, write 'no' in the column 'reconciled' of this "
            "roll call",
        )

    notes.each(range(len(copies)), complain)


def note_session_seats(record: Record, notes: Notes) -> None:
    """Find members that only one roll call of a session lists, or that only one roll call omits.

    A roll call is compared only with roll calls whose column ``reconciled`` is not "no". Differences are
    warnings, since members may join and leave within a session.
    """
    frame = record.facts.frame
    votes = _matrix(record)
    if votes is None or "session" not in frame.columns:
        return
    seated, sound = votes != Vote.NOT_MEMBER, _sound(record)
    sessions = frame["session"].fillna("").astype(str).to_numpy()
    oddities: list[tuple[int, str]] = []
    for session in dict.fromkeys(sessions):
        columns = np.flatnonzero(sessions == session)
        trusted = columns[sound[columns]]
        if not session or len(trusted) < _ENOUGH:
            continue
        sat = seated[:, trusted].sum(axis=1)
        for column in columns.tolist():
            counted_in = int(sound[column])
            others = len(trusted) - counted_in
            here = seated[:, column]
            extra, lacking = here & (sat - counted_in * here == 0), ~here & (sat == others)
            for mask, words in (
                (extra, "lists {}, which no other"),
                (lacking, "does not list {}, which every other"),
            ):
                if mask.any():
                    who = counted(list(record.members.index[mask]), "member").removeprefix("member ")
                    oddities.append((column, f"{words.format(who)} roll call of session {session} lists"))

    def complain(row: int) -> Finding:
        column, what = oddities[row]
        label, line = str(frame.index[column]), int(record.facts.lines[column]) or None
        remedy = "correct the list of votes, unless the member joined or left during the session"
        return Finding(
            "warning", f"roll call {label} {what}", str(record.facts.file), line, None, label, remedy
        )

    notes.each(range(len(oddities)), complain)


def note_dates(record: Record, notes: Notes) -> None:
    """Find dates in the future, dates that contradict the order of sessions, and missing dates.

    If all dates are missing, there is no warning.
    """
    frame = record.facts.frame
    if "date" not in frame.columns:
        return
    dates = pd.to_datetime(frame["date"])
    if dates.isna().all():
        return
    when = dates.to_numpy("datetime64[s]").astype(np.int64)
    dated = dates.notna().to_numpy(bool)
    odd: dict[int, str] = dict.fromkeys(np.flatnonzero(~dated).tolist(), "has no date")
    now = int(datetime.now(UTC).timestamp())
    odd |= dict.fromkeys(np.flatnonzero(dated & (when > now + 86_400)).tolist(), "is dated in the future")
    number = pd.to_numeric(frame.get("session", pd.Series("", index=frame.index)), errors="coerce")
    spans = {
        float(session): (int(when[part].min()), int(when[part].max()))
        for session in np.unique(number[dated & number.notna().to_numpy()])
        for part in [(number == session).to_numpy() & dated]
    }
    order = sorted(spans)
    for before, session, after in zip([None, *order], order, [*order[1:], None], strict=False):
        part = np.flatnonzero((number == session).to_numpy() & dated)
        for position in part.tolist():
            if before is not None and when[position] < spans[before][0]:
                odd[position] = f"of session {session:g} is dated before session {before:g} began"
            elif after is not None and when[position] > spans[after][1]:
                odd[position] = f"of session {session:g} is dated after session {after:g} ended"
    rows = sorted(odd)

    def complain(row: int) -> Finding:
        position = rows[row]
        label, line = str(frame.index[position]), int(record.facts.lines[position]) or None
        printed = f" ({dates.iloc[position]:%Y-%m-%d})" if dated[position] else ""
        message = f"roll call {label} {odd[position]}{printed}"
        file, remedy = str(record.facts.file), "correct the date or the session"
        return Finding("warning", message, file, line, "date", label, remedy)

    notes.each(range(len(rows)), complain)


def _matrix(record: Record) -> NDArray[np.int8] | None:
    """Return the votes, members by roll calls, or None if there are too few or too many to compare."""
    shape = (len(record.members), len(record.facts.frame))
    if not shape[0] or shape[1] < 2 or shape[0] * shape[1] > _MOST_CELLS:
        return None
    if record.store is not None:
        return dense_part(record.store, slice(None), slice(None))
    votes = np.full(shape, Vote.NOT_MEMBER, dtype=np.int8)
    votes[record.member, record.rollcall] = record.code
    return votes


def _sound(record: Record) -> NDArray[np.bool_]:
    frame = record.facts.frame
    return np.asarray(frame.get("reconciled", np.ones(len(frame))), dtype=bool)
