"""Comparison of a list of votes with the seats of a recorded roll call."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from voteshift.errors import UsageError
from voteshift.readers.findings import Notes
from voteshift.readers.record import Record
from voteshift.rollcalls import RollCalls
from voteshift.store import dense_part
from voteshift.votes import CAST, Vote

__all__ = ["note_seats"]


def note_seats(record: Record, yardstick: RollCalls, notes: Notes) -> None:
    """Compare the seats, votes and totals of a file with a recorded roll call.

    Parameters
    ----------
    record : Record
        The record in the file. If it has several roll calls, the roll call with the id or symbol of
        `yardstick` is compared.
    yardstick : RollCalls
        A record with one roll call, which is assumed to be correct.
    notes : Notes
        Collects an error for every member in the file that had no seat, for every member with a recorded vote
        that is missing in the file, for every vote that differs, and for totals that differ. Collects a
        warning for every member that is absent or not recorded in the yardstick and missing in the file,
        because a list of votes need not contain these members.

    Raises
    ------
    UsageError
        If `yardstick` does not contain exactly one roll call.
    """
    n_rollcalls = len(yardstick.rollcalls)
    if n_rollcalls != 1:
        raise UsageError(
            f"yardstick= must contain exactly one roll call, but contains {n_rollcalls}",
            remedy="select one roll call by its id, with RollCalls.select",
        )
    seats = yardstick.seated()
    column = _same_rollcall(record, seats, notes)
    if column is None:
        return
    listed, on_record = _listed(record, column), _on_record(seats)
    _note_membership(listed, on_record, _title(seats), record.file, notes)
    for member, ballot in listed.items():
        recorded = on_record.get(member, ballot)
        if ballot.vote != recorded.vote and not (ballot.away and recorded.away):
            message = (
                f"the vote of {ballot} is {ballot.vote.word} in the file, but {recorded.vote.word} on record"
            )
            remedy = f"correct the vote in the file, or the record of {_title(seats)}"
            notes.error(message, record.file, ballot.line, id=member, remedy=remedy)
    _note_totals_on_record(record, column, seats, notes)


@dataclass(frozen=True, slots=True)
class _Ballot:
    """One member's entry in a list of votes."""

    member: str
    name: str
    vote: Vote
    line: int | None = None

    @property
    def away(self) -> bool:
        """Return True for a vote absent or not recorded, which a list of votes does not distinguish."""
        return self.vote in (Vote.ABSENT, Vote.NOT_RECORDED)

    def __str__(self) -> str:
        return f"{self.member} ({self.name})" if self.name not in ("", self.member) else self.member


def _listed(record: Record, column: int) -> dict[str, _Ballot]:
    if record.store is not None:
        votes = dense_part(record.store, slice(None), slice(column, column + 1))[:, 0]
        seated = np.flatnonzero(votes != Vote.NOT_MEMBER)
        return {
            str(member): _Ballot(str(member), record.printed.get(str(member), ""), Vote(int(votes[row])), 0)
            for row, member in zip(seated, record.members.index[seated], strict=True)
        }
    rows = np.flatnonzero((record.rollcall == column) & (record.code != Vote.NOT_MEMBER)).tolist()
    ids = [str(member) for member in record.members.index[record.member[rows]]]
    return {
        member: _Ballot(
            member, record.printed.get(member, ""), Vote(int(record.code[row])), int(record.lines[row])
        )
        for member, row in zip(ids, rows, strict=True)
    }


def _on_record(seats: RollCalls) -> dict[str, _Ballot]:
    rows = zip(seats.members.index, seats.members["name"], seats.votes[:, 0].tolist(), strict=True)
    return {member: _Ballot(member, name, Vote(code)) for member, name, code in rows}


def _note_membership(
    listed: dict[str, _Ballot], on_record: dict[str, _Ballot], title: str, file: Path, notes: Notes
) -> None:
    unseated = [ballot for member, ballot in listed.items() if member not in on_record]
    lacking = [ballot for member, ballot in on_record.items() if member not in listed]
    voted = [ballot for ballot in lacking if not ballot.away]
    swap = ""
    if len(unseated) == len(voted) == 1 and unseated[0].vote == voted[0].vote:
        swap = (
            f"if the name is wrong, replace {unseated[0]} by {voted[0]}, "
            f"whose vote on record is also {voted[0].vote.word}"
        )
    for ballot in unseated:
        does = f"is listed as {ballot.vote.word}" if ballot.away else "is listed with a vote"
        remedy = swap or "remove the row, or correct the name of the member"
        message = f"{ballot} {does}, but had no seat in {title}"
        notes.error(message, file, ballot.line, id=ballot.member, remedy=remedy)
    for ballot in lacking:
        message = f"{ballot} had a seat in {title}, but is not listed"
        if ballot.away:
            notes.warning(f"{message}; the vote on record is {ballot.vote.word}", file, id=ballot.member)
        else:
            remedy = swap or f"add the vote of this member; the vote on record is {ballot.vote.word}"
            notes.error(message, file, id=ballot.member, remedy=remedy)


def _same_rollcall(record: Record, seats: RollCalls, notes: Notes) -> int | None:
    frame = record.facts.frame
    if len(frame) == 1:
        return 0
    names = {str(seats.rollcalls.index[0]), _title(seats)}
    symbols = frame["symbol"] if "symbol" in frame.columns else pd.Series("", index=frame.index)
    hits = [
        k for k, labels in enumerate(zip(frame.index, symbols, strict=True)) if names.intersection(labels)
    ]
    if len(hits) == 1:
        return hits[0]
    notes.error(
        f"the file has {len(frame)} roll calls, and {len(hits)} of these roll calls have the id or symbol "
        f"{_title(seats)}",
        record.file,
        remedy="check a file that contains only this roll call",
    )
    return None


def _note_totals_on_record(record: Record, column: int, seats: RollCalls, notes: Notes) -> None:
    if not set(CAST) <= set(seats.rollcalls.columns) or seats.rollcalls[list(CAST)].isna().any(axis=None):
        return
    declared = [int(seats.rollcalls[name].iloc[0]) for name in CAST]
    listed = [int(counts[column]) for counts in record.counts().values()]
    if listed != declared:
        declaration, listing = ("-".join(map(str, totals)) for totals in (declared, listed))
        message = f"{_title(seats)} declares {declaration} (yes-no-abstain), but the file lists {listing}"
        notes.error(message, record.file, id=str(seats.rollcalls.index[0]), remedy="correct the votes")


def _title(rollcalls: RollCalls) -> str:
    return str(rollcalls.rollcalls["symbol"].iloc[0] or rollcalls.rollcalls.index[0])
