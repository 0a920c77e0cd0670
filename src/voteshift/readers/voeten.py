"""Voeten's record of the General Assembly, from the R package unvotes or from Dataverse.

There are two layouts. The first layout has the columns ``iso2`` and ``country``, and votes in words. The
second layout has the column ``ccode`` (the number in the Correlates of War state system), and the votes 1
yes, 2 abstain, 3 no, 8 absent, 9 not a member.

Erik Voeten, "Data and Analyses of Voting in the UN General Assembly", Harvard Dataverse, hdl:1902.1/12379.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from voteshift.errors import quote
from voteshift.readers.described import facts_beside_votes, facts_of_table
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.layouts import serbia_apart, trusting_the_list
from voteshift.readers.listing import Listing, filled, first_rows
from voteshift.readers.names import nearest_names, state_id, states
from voteshift.readers.record import Facts, Record, assemble
from voteshift.readers.table import Column, Table
from voteshift.votes import Vote

__all__ = ["is_voeten", "read_voeten"]

_DIGITS: Final = {"1": "yes", "2": "abstain", "3": "no", "8": "absent", "9": "not a member"}
_CODES: Final = "votes are 1 yes, 2 abstain, 3 no, 8 absent, 9 not a member"
_ISSUES: Final = {
    "me": "Palestinian conflict",
    "nu": "Nuclear weapons and nuclear material",
    "di": "Arms control and disarmament",
    "hr": "Human rights",
    "co": "Colonialism",
    "ec": "Economic development",
}
#: The column of two-letter codes: its former and its present name in unvotes.
_TWO_LETTERS: Final = ("iso2", "country_code")
_YUGOSLAVIA, _SERBIA = "YUG", "SRB"
_FIRST_SESSION_OF_SERBIA: Final = 55  # first session in which the state admitted on 1 November 2000 voted
#: The name is also one of today's Germany, which the record lists as "Germany".
_POLARITY: Final = "USA"
_WEST_GERMANY: Final = "Federal Republic of Germany"


def is_voeten(table: Table) -> bool:
    """Return True if a table of votes has one of Voeten's two layouts."""
    return bool(table.find("rcid") and table.find("vote") and table.find("ccode", *_TWO_LETTERS))


def read_voeten(votes: Table, rollcalls: Table | None, issues: Table | None, notes: Notes) -> Record:
    """Read the General Assembly's record.

    Parameters
    ----------
    votes : Table
        One row per state and roll call: ``rcid``, ``vote``, and ``ccode``, or ``iso2`` (or
        ``country_code``) with ``country``.
    rollcalls : Table, optional
        One row per roll call: ``rcid``, ``session``, ``date``, ``unres``, ``short``, ``amend``. Without this
        table, `votes` must have the columns that describe roll calls.
    issues : Table, optional
        ``rcid`` and ``issue``: the subjects of a roll call.
    notes : Notes
        Collects errors and warnings.

    Returns
    -------
    Record
        States by their ISO3 codes. Former states are separate members: Czechoslovakia CSK, the German
        Democratic Republic DDR, the Federal Republic of Germany before unification GFR, the two Yemens YAR
        and YMD, Yugoslavia (to 1992) YUG, Zanzibar ZAN, the Republic of China TWN; ISO 3166-3 codes if they
        exist, else the codes of the Correlates of War project.

    Notes
    -----
    The layout with ``iso2`` lists only votes that were cast. A state that cast a vote in a session is assumed
    to have a seat in all roll calls of that session. The state has no seat before its first vote. If the last
    vote of a state is before the last session, the state has no seat after this vote. A seat without a listed
    vote is NOT_RECORDED, because the file does not show whether the state was absent.
    """
    votes = _without_na(votes, ("vote", "country", "rcid", "ccode", *_TWO_LETTERS))
    rollcalls = rollcalls if rollcalls is None else _without_na(rollcalls, ("rcid",))
    described = rollcalls if rollcalls is not None else votes
    described.need(
        "the session",
        "session",
        otherwise=", or read a folder of votes.csv and rollcalls.csv (un_votes and un_roll_calls of unvotes)",
    )
    listing = _listing(votes, notes)
    facts = (
        facts_of_table(described, notes)
        if rollcalls is not None
        else facts_beside_votes(votes, listing, notes)
    )
    facts = _with_subjects(facts, described, issues)
    sessions = pd.to_numeric(facts.frame["session"], errors="coerce").reindex(listing.rollcalls)
    listing = serbia_apart(listing, sessions.to_numpy(float) >= _FIRST_SESSION_OF_SERBIA)
    record = assemble(listing, facts, None, notes)
    polarity = _POLARITY if _POLARITY in record.members.index else None
    record = replace(record, source="UN General Assembly", polarity=polarity)
    record = trusting_the_list(record, notes)
    return record if votes.find("ccode") else _with_seats(record)


def _without_na(table: Table, kept: tuple[str, ...]) -> Table:
    """Replace NA, R's missing value, by blanks, except in columns in which NA may mean Namibia."""
    columns = []
    for name, column in zip(table.names, table.columns, strict=True):
        missing = np.flatnonzero(column.labels == "NA")
        if not len(missing) or name.lower() in kept:
            columns.append(column)
            continue
        blank = np.flatnonzero(column.labels == "")
        to = int((blank if len(blank) else missing)[0])
        labels = column.labels.copy()
        labels[to] = ""
        codes = np.where(column.codes == missing[0], to, column.codes).astype(np.int32)
        columns.append(Column(codes, labels))
    return replace(table, columns=tuple(columns))


def _listing(votes: Table, notes: Notes) -> Listing:
    vote, key = votes.need("the votes", "vote"), votes.need("the roll call", "rcid")
    rows = filled(votes, key, "roll call", notes)
    rollcall, rollcalls = votes.column(key).factorize(rows)
    if (number := votes.find("ccode")) is not None:
        member, labels = votes.column(number).factorize(rows)
        by_number = {state.cow: code for code, state in states().items() if state.cow}
        by_number[states()[_SERBIA].cow] = _YUGOSLAVIA  # one number for both; the session separates them
        ids = [by_number.get(label, "") for label in labels]
        column, remedy = number, "write the number of the state in the Correlates of War state system"
    else:
        two, name = votes.need("the state", *_TWO_LETTERS), votes.need("the state", "country")
        first, codes = votes.column(two).factorize(rows)
        second, names = votes.column(name).factorize(rows)
        member, pairs = pd.factorize(first * np.int64(len(names)) + second)
        labels = np.array([names[pair % len(names)] for pair in pairs], dtype=object)
        by_two = {state.iso2: code for code, state in states().items() if state.iso2}
        ids = [
            by_two.get(codes[pair // len(names)]) or _by_name(names[pair % len(names)]) or ""
            for pair in pairs
        ]
        column, remedy = name, "write the name of the state"
    where = votes.lines[rows[first_rows(member, len(labels))]]

    def complain(position: int) -> Finding:
        label = str(labels[position])
        near = nearest_names(label)
        what = f"did you mean {' or '.join(near)}?" if near else remedy
        message = f"{quote(label)} is not a present or former member state of the United Nations"
        return Finding("error", message, str(votes.file), int(where[position]), column, label or None, what)

    notes.each([position for position, code in enumerate(ids) if not code], complain)
    ids = [code or str(label) for code, label in zip(ids, labels, strict=True)]
    again, members = pd.factorize(np.array(ids, dtype=object))
    word, words = votes.column(vote).factorize(rows)
    if number is not None:
        words = np.array([_DIGITS.get(digit, digit) for digit in words], dtype=object)
    return Listing(
        file=votes.file,
        members=members,
        rollcalls=rollcalls,
        words=words,
        member=again[member],
        rollcall=rollcall,
        word=word,
        lines=votes.lines[rows],
        rows=rows,
        column=vote,
        codes=_CODES if number is not None else None,
    )


def _by_name(name: str) -> str | None:
    return "GFR" if name == _WEST_GERMANY else state_id(name)


def _with_subjects(facts: Facts, described: Table, issues: Table | None) -> Facts:
    """Add the subjects of each roll call, from a table of subjects or from columns of 1 and 0."""
    if "subject" in facts.frame.columns:
        return facts
    frame = facts.frame.copy()
    subjects: dict[str, list[str]] = {}
    if issues is not None:
        key, topic = issues.need("the roll call", "rcid"), issues.need("the subject", "issue")
        for rollcall, issue in zip(issues[key], issues[topic], strict=True):
            subjects.setdefault(rollcall, []).append(_ISSUES.get(issue, issue))
    flags = [(column, words) for name, words in _ISSUES.items() if (column := described.find(name))]
    if flags and issues is None:
        key = described.need("the roll call", "rcid")
        for column, words in flags:
            for rollcall in pd.unique(described[key][described[column] == "1"]):
                subjects.setdefault(rollcall, []).append(words)
    frame["subject"] = [" - ".join(subjects.get(str(rollcall), [])) for rollcall in frame.index]
    return replace(facts, frame=frame)


def _with_seats(record: Record) -> Record:
    """Add a row NOT_RECORDED for every seat without a listed vote; `read_voeten` describes the seats."""
    if not len(record.code):
        return record
    shape = (len(record.members), len(record.facts.frame))
    voted = np.zeros(shape, dtype=bool)
    voted[record.member, record.rollcall] = True
    session, sessions = pd.factorize(record.facts.frame["session"])
    sat = np.zeros((shape[0], len(sessions)), dtype=bool)
    sat[record.member, session[record.rollcall]] = True
    seated = sat[:, session] & ~voted
    dates = record.facts.frame.get("date", pd.Series(pd.NaT, index=record.facts.frame.index))
    when = dates.rank(method="dense", na_option="top").to_numpy(np.int32)
    first = np.full(shape[0], np.iinfo(np.int32).max, dtype=np.int32)
    last = np.zeros(shape[0], dtype=np.int32)
    np.minimum.at(first, record.member, when[record.rollcall])
    np.maximum.at(last, record.member, when[record.rollcall])
    final = session[int(np.argmax(when))]
    last[sat[:, final]] = np.iinfo(np.int32).max
    seated &= (when >= first[:, None]) & (when <= last[:, None])
    member, rollcall = np.nonzero(seated)
    return replace(
        record,
        member=np.concatenate([record.member, member]),
        rollcall=np.concatenate([record.rollcall, rollcall]),
        code=np.concatenate([record.code, np.full(len(member), Vote.NOT_RECORDED, dtype=np.int8)]),
        lines=np.concatenate([record.lines, np.zeros(len(member), dtype=np.int64)]),
    )
