"""Tables of votes, roll calls and members that HowTheyVote.eu, LegiScan and Open States publish.

HowTheyVote.eu publishes the roll-call votes of the European Parliament: ``member_votes``, ``votes`` and
``members`` (github.com/HowTheyVote/data). LegiScan publishes the roll calls of legislatures of the United
States as ``votes``, ``rollcalls`` and ``people`` (legiscan.com/datasets). Open States publishes roll calls of
the same legislatures as ``…_vote_people``, ``…_votes``, ``…_vote_counts`` (open.pluralpolicy.com/data).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, quote
from voteshift.readers.facts import facts_of
from voteshift.readers.findings import Notes
from voteshift.readers.listing import Listing, filled
from voteshift.readers.opening import find_file, list_folder, need_file, open_table
from voteshift.readers.record import Facts, Record, assemble, counted
from voteshift.readers.table import Column, Table
from voteshift.votes import CAST, Vote

__all__ = ["HEADS", "read_howtheyvote", "read_legiscan", "read_openstates"]

#: For each format, the file of votes in a folder and columns that only this file has.
HEADS: Final = {
    "howtheyvote": (re.compile(r"member_votes\.\w+(\.\w+)?"), {"vote_id", "member_id", "position"}),
    "legiscan": (re.compile(r"votes\.\w+(\.\w+)?"), {"roll_call_id", "people_id"}),
    "openstates": (re.compile(r".*_vote_people\.\w+(\.\w+)?"), {"vote_event_id", "option"}),
}
#: The vote for each word of a source, in lower case.
_POSITIONS: Final = {
    "for": Vote.YES,
    "against": Vote.NO,
    "abstention": Vote.ABSTAIN,
    "did_not_vote": Vote.ABSENT,
}
#: LegiScan does not distinguish an abstention from a member that did not vote.
_LEGISCAN: Final = {"1": Vote.YES, "2": Vote.NO, "3": Vote.NOT_RECORDED, "4": Vote.ABSENT}
_OPTIONS: Final = {
    "yes": Vote.YES,
    "no": Vote.NO,
    "abstain": Vote.ABSTAIN,
    "absent": Vote.ABSENT,
    "excused": Vote.ABSENT,
    "not voting": Vote.ABSENT,
    "paired": Vote.ABSENT,
    "other": Vote.NOT_RECORDED,
}
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d.*", re.ASCII)
_COUNT: Final = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)
#: Totals of seats without a vote, and the votes that they count.
_WITHOUT_VOTE: Final = {"absent": Vote.ABSENT, "not_recorded": Vote.NOT_RECORDED}


@dataclass(frozen=True, slots=True)
class _Source:
    """The columns of a source, by their names in voteshift.

    Parameters
    ----------
    votes : mapping of str to str
        Columns of the table of votes: ``member``, ``rollcall``, ``vote``, and ``group`` if there is one.
    words : mapping of str to Vote
        The vote for each word.
    rollcalls : mapping of str to str
        Columns of the table of roll calls: ``rollcall``, descriptions and totals.
    members : mapping of str to str
        Columns of the table of members: ``member`` and descriptions.
    """

    votes: Mapping[str, str]
    words: Mapping[str, Vote]
    rollcalls: Mapping[str, str]
    members: Mapping[str, str]


_HOWTHEYVOTE: Final = _Source(
    {"member": "member_id", "rollcall": "vote_id", "vote": "position", "group": "group_code"},
    _POSITIONS,
    {
        "rollcall": "id", "date": "timestamp", "title": "display_title", "symbol": "reference",
        "subject": "description", "main": "is_main", "yes": "count_for", "no": "count_against",
        "abstain": "count_abstention", "absent": "count_did_not_vote",
    },
    {"member": "id", "name": "first_name last_name", "country": "country_code", "born": "date_of_birth"},
)  # fmt: skip
_LEGISCAN_SOURCE: Final = _Source(
    {"member": "people_id", "rollcall": "roll_call_id", "vote": "vote"},
    _LEGISCAN,
    {
        "rollcall": "roll_call_id", "date": "date", "title": "description", "bill": "bill_id",
        "chamber": "chamber", "yes": "yea", "no": "nay", "not_recorded": "nv", "absent": "absent",
    },
    {"member": "people_id", "name": "name", "group": "party", "role": "role", "district": "district"},
)  # fmt: skip
_OPENSTATES_SOURCE: Final = _Source(
    {"member": "voter_id", "rollcall": "vote_event_id", "vote": "option"},
    _OPTIONS,
    {
        "rollcall": "id", "date": "start_date", "title": "motion_text", "bill": "bill_id",
        "chamber": "organization_id", "yes": "yes", "no": "no", "abstain": "abstain", "absent": "absent",
        "not_recorded": "not_recorded",
    },
    {"member": "id", "name": "name", "group": "current_party", "district": "current_district"},
)  # fmt: skip


def read_howtheyvote(folder: Path, notes: Notes) -> Record:
    """Read a folder with ``member_votes.csv``, ``votes.csv`` and, optionally, ``members.csv``.

    Parameters
    ----------
    folder : Path
        The folder. Files may be compressed with gzip or xz.
    notes : Notes
        Collects errors and warnings.

    Returns
    -------
    Record
        The group of a member is its political group on the day of the vote. DID_NOT_VOTE is ABSENT. Votes on
        parts and amendments of a text (``is_main`` is false) are amendments. Totals that differ from the
        votes listed are a warning, as in `voteshift.readers.layouts.trusting_the_list`.
    """
    present = list_folder(folder)
    votes = open_table(need_file(folder, present, "member_votes"), notes)
    rollcalls = open_table(need_file(folder, present, "votes"), notes)
    who = find_file(folder, present, "members")
    return _read(_HOWTHEYVOTE, votes, rollcalls, open_table(who, notes) if who else None, notes)


def read_legiscan(folder: Path, notes: Notes) -> Record:
    """Read a folder with ``votes.csv``, ``rollcalls.csv`` and, optionally, ``people.csv`` and ``bills.csv``.

    Parameters
    ----------
    folder : Path
        The folder.
    notes : Notes
        Collects errors and warnings.

    Returns
    -------
    Record
        The vote codes 1 to 4 are yes, no, NOT_RECORDED (NV: not voting or abstaining) and ABSENT. Roll calls
        have a column ``chamber``.
    """
    present = list_folder(folder)
    votes = open_table(need_file(folder, present, "votes"), notes)
    rollcalls = open_table(need_file(folder, present, "rollcalls"), notes)
    who, bills = (find_file(folder, present, name) for name in ("people", "bills"))
    record = _read(_LEGISCAN_SOURCE, votes, rollcalls, open_table(who, notes) if who else None, notes)
    return _with_bills(record, open_table(bills, notes), "bill_id", "bill_number") if bills else record


def read_openstates(folder: Path, notes: Notes) -> Record:
    """Read a folder with the files ``…_vote_people.csv``, ``…_votes.csv`` and ``…_vote_counts.csv``.

    Parameters
    ----------
    folder : Path
        The folder. The files ``…_bills.csv``, ``…_organizations.csv`` and ``…_people.csv`` are optional.
    notes : Notes
        Collects errors and warnings. A vote without the id of the voter belongs to the name of the voter,
        with a warning.

    Returns
    -------
    Record
        "absent", "excused", "not voting" and "paired" are ABSENT; "other" is NOT_RECORDED.
    """
    present = list_folder(folder)
    stems = {name.split(".")[0].removesuffix("_vote_people") for name in present if "_vote_people." in name}
    if len(stems) != 1:
        raise InputError(
            f"the folder has {len(stems)} files that end in _vote_people.csv",
            file=folder,
            remedy="use one folder for each session",
        )
    (stem,) = stems

    def table(name: str) -> Table | None:
        path = find_file(folder, present, f"{stem}_{name}")
        return None if path is None else open_table(path, notes)

    votes = open_table(need_file(folder, present, f"{stem}_vote_people"), notes)
    rollcalls = open_table(need_file(folder, present, f"{stem}_votes"), notes)
    counts, bills, chambers, who = map(table, ("vote_counts", "bills", "organizations", "people"))
    record = _read(
        _OPENSTATES_SOURCE, _with_ids_of_voters(votes, notes), _with_counts(rollcalls, counts), who, notes
    )
    if chambers is not None:
        record = _with_chambers(record, chambers)
    return record if bills is None else _with_bills(record, bills, "id", "identifier")


def _read(source: _Source, votes: Table, rollcalls: Table, members: Table | None, notes: Notes) -> Record:
    facts, declared = _facts(source, rollcalls, notes)
    who = None if members is None else _members(source, members, notes)
    record = assemble(_listing(source, votes, notes), facts, who, notes)
    if who is None:
        names = votes.find("voter_name")
        record = record if names is None else _with_names(record, votes, source, names)
    return _compare_totals(record, declared, rollcalls, notes)


def _listing(source: _Source, votes: Table, notes: Notes) -> Listing:
    columns = {ours: votes.need(f"the {ours}", theirs) for ours, theirs in source.votes.items()}
    rows = _filled_rows(votes, columns, notes)
    parts = {name: _part(votes.column(column), rows) for name, column in columns.items()}
    member, rollcall, word, group = parts["member"], parts["rollcall"], parts["vote"], parts.get("group")
    texts = [source.words.get(str(text).lower()) for text in word.labels]
    words = [str(text) if vote is None else vote.word for text, vote in zip(word.labels, texts, strict=True)]
    return Listing(
        votes.file, member.labels, rollcall.labels, np.array(words, dtype=object),
        member.codes, rollcall.codes, word.codes,  # type: ignore[arg-type]  # half the memory of int64
        votes.lines if rows is None else votes.lines[rows],
        column=columns["vote"],
        codes=f"the votes of this format are {', '.join(source.words)}",
        groups=None if group is None else _first_group(member, group),
        changing=group,
    )  # fmt: skip


def _filled_rows(votes: Table, columns: Mapping[str, str], notes: Notes) -> NDArray[np.intp] | None:
    """Return the rows with a member and a roll call; None for all rows, which need no memory then."""
    if all((votes.column(columns[name]).labels != "").all() for name in ("member", "rollcall")):
        return None
    rows = filled(votes, columns["member"], "member", notes)
    return np.intersect1d(rows, filled(votes, columns["rollcall"], "roll call", notes), assume_unique=True)


def _part(column: Column, rows: NDArray[np.intp] | None) -> Column:
    """Return some rows of a column with the labels that occur in them; all rows are not copied."""
    if rows is None:
        return column
    codes, labels = column.factorize(rows)
    return Column(codes.astype(np.int32), labels)


def _first_group(member: Column, group: Column) -> NDArray[np.object_]:
    first = np.zeros(len(member.labels), dtype=np.int32)
    first[member.codes[::-1]] = group.codes[::-1]
    return group.labels[first]


def _facts(source: _Source, table: Table, notes: Notes) -> tuple[Facts, pd.DataFrame]:
    """Return the descriptions of roll calls, and the declared totals."""
    columns = {ours: name for ours, theirs in source.rollcalls.items() if (name := table.find(theirs))}
    key = table.need("the roll call", source.rollcalls["rollcall"])
    labels = table[key]
    rows = np.flatnonzero(~pd.Series(labels).duplicated().to_numpy() & (labels != ""))
    for row in np.setdiff1d(np.arange(len(table)), rows).tolist():
        named = f"roll call {labels[row]} has another row"
        message = named if labels[row] else "the row does not name a roll call"
        notes.error(message, table.file, table.line(row), id=labels[row] or None, remedy="keep one row")
    ids = labels[rows]
    kept = {ours: _without_time(table.column(name)) for ours, name in columns.items() if ours in _PLAIN}
    described = replace(table, names=tuple(kept), columns=tuple(kept.values()))
    frame = facts_of(described, ids, rows, notes)
    if "main" in columns:
        frame["amendment"] = [cell.lower() in ("false", "0", "no") for cell in table[columns["main"]][rows]]
    for name in ("bill", "chamber"):
        if name in columns:
            frame[name] = table[columns[name]][rows]
    declared = pd.DataFrame(index=frame.index)
    for name in (*CAST, *_WITHOUT_VOTE):
        if name in columns:
            cells = [_COUNT.fullmatch(cell) for cell in table[columns[name]][rows]]
            declared[name] = pd.array([int(cell[1]) if cell else None for cell in cells], dtype="Int64")
            if name in CAST:
                frame[name] = declared[name]
    return Facts(table.file, frame, table.lines[rows]), declared


_PLAIN: Final = ("rollcall", "date", "title", "symbol", "subject")


def _without_time(column: Column) -> Column:
    """Return a column in which days with a time of the day are days."""
    labels = [match[1] if (match := _TIME.fullmatch(str(text))) else str(text) for text in column.labels]
    return Column(column.codes, np.array(labels, dtype=object))


def _members(source: _Source, table: Table, notes: Notes) -> pd.DataFrame:
    key = table.need("the members", source.members["member"])
    ids = table[key]
    rows = np.flatnonzero(~pd.Series(ids).duplicated().to_numpy() & (ids != ""))
    for row in np.setdiff1d(np.arange(len(table)), rows).tolist():
        message = f"member {ids[row]} has another row" if ids[row] else "the row does not name a member"
        notes.error(message, table.file, table.line(row), id=ids[row] or None, remedy="keep one row")
    frame = pd.DataFrame({"name": "", "group": ""}, index=pd.Index(ids[rows], dtype=object))
    for ours, theirs in source.members.items():
        parts = [table[name][rows] for part in theirs.split() if (name := table.find(part)) is not None]
        if parts and ours != "member":
            frame[ours] = [" ".join(filter(None, cells)) for cells in zip(*parts, strict=True)]
    return frame


def _with_names(record: Record, votes: Table, source: _Source, column: str) -> Record:
    ids, names = votes[votes.need("the members", source.votes["member"])], votes[column]
    named = pd.Series(names, index=ids)
    named = named[~named.index.duplicated()]
    return replace(record, members=record.members.assign(name=named.reindex(record.members.index)))


def _compare_totals(record: Record, declared: pd.DataFrame, table: Table, notes: Notes) -> Record:
    """Mark the roll calls in which a declared total differs from the votes listed, with a warning."""
    n = len(record.facts.frame)
    declared = declared.reindex(record.facts.frame.index)
    differs = np.zeros(n, dtype=bool)
    for name in declared.columns:
        vote = _WITHOUT_VOTE.get(str(name)) or Vote[str(name).upper()]
        listed = np.bincount(record.rollcall[record.code == vote], minlength=n)
        differs |= np.asarray((declared[name].array != listed).fillna(False), dtype=bool)
    if not differs.any():
        return record
    where = [str(label) for label in record.facts.frame.index[differs]]
    notes.warning(
        f"the declared totals differ from the votes listed in {counted(where, 'roll call')}; these roll "
        "calls are kept as listed, with 'no' in the column 'reconciled'",
        table.file,
        id=where[0],
        remedy="leave out these roll calls with record.select, or check the official votes",
    )
    frame = record.facts.frame.assign(reconciled=~differs)
    return replace(record, facts=replace(record.facts, frame=frame))


def _with_ids_of_voters(votes: Table, notes: Notes) -> Table:
    """Return the votes with the name of the voter as its id where the source has no id."""
    key, name = votes.need("the members", "voter_id"), votes.need("the names of the members", "voter_name")
    ids, names = votes[key], votes[name]
    blank = np.flatnonzero(ids == "")
    if not len(blank):
        return votes
    unmatched = list(dict.fromkeys(map(str, names[blank])))
    notes.warning(
        f"votes of {counted(unmatched, 'member')} have no 'voter_id'; these members have their name as id",
        votes.file,
        votes.line(int(blank[0])),
        column=key,
        id=unmatched[0],
        remedy="check that none of these members has votes with an id too",
    )
    codes, labels = pd.factorize(np.where(ids == "", names, ids))
    columns = list(votes.columns)
    columns[votes.names.index(key)] = Column(codes.astype(np.int32), np.asarray(labels, dtype=object))
    return replace(votes, columns=tuple(columns))


def _with_counts(rollcalls: Table, counts: Table | None) -> Table:
    """Return the table of roll calls with a column for each declared total."""
    if counts is None:
        return rollcalls
    names = {ours: counts.need(f"the {ours}", ours) for ours in ("vote_event_id", "option", "value")}
    frame = pd.DataFrame({ours: counts[name] for ours, name in names.items()})
    vote = frame["option"].str.lower().map(_OPTIONS)
    ours = {Vote.YES: "yes", Vote.NO: "no", Vote.ABSTAIN: "abstain", Vote.ABSENT: "absent"}
    for word in frame["option"][vote.isna()][:1]:
        raise InputError(
            f"unknown option {quote(word)}",
            file=counts.file,
            line=counts.line(int(vote.isna().to_numpy().argmax())),
            remedy=f"the options of this format are {', '.join(_OPTIONS)}",
        )
    frame["total"] = vote.map(ours).fillna("not_recorded")
    values = pd.to_numeric(frame["value"], errors="coerce")
    sums = values.groupby([frame["vote_event_id"], frame["total"]]).sum(min_count=1)
    keys = rollcalls[rollcalls.need("the roll call", "id")]
    added: list[Column] = []
    totals = sorted(set(frame["total"]))
    for total in totals:
        cells = sums.reindex(pd.MultiIndex.from_product([keys, [total]])).to_numpy(float)
        texts = np.array(["" if np.isnan(cell) else str(int(cell)) for cell in cells], dtype=object)
        codes, labels = pd.factorize(texts)
        added.append(Column(codes.astype(np.int32), np.asarray(labels, dtype=object)))
    kept = [index for index, name in enumerate(rollcalls.names) if name not in totals]
    return replace(
        rollcalls,
        names=(*(rollcalls.names[index] for index in kept), *totals),
        columns=(*(rollcalls.columns[index] for index in kept), *added),
    )


def _with_bills(record: Record, bills: Table, key: str, number: str) -> Record:
    """Return a record with the number and title of the bill of each roll call, from a table of bills."""
    ids = bills[bills.need("the bill", key)]
    frame = record.facts.frame
    for ours, theirs in (("symbol", number), ("subject", "title")):
        column = bills.find(theirs)
        if column is not None and "bill" in frame.columns:
            text_of = dict(zip(ids, bills[column], strict=True))
            frame = frame.assign(**{ours: [text_of.get(bill, "") for bill in frame["bill"]]})
    return replace(record, facts=replace(record.facts, frame=frame))


def _with_chambers(record: Record, organizations: Table) -> Record:
    """Return a record with the kind of chamber of each roll call instead of its id."""
    ids = organizations[organizations.need("the organization", "id")]
    kinds = organizations[organizations.need("the kind of the organization", "classification")]
    name_of = dict(zip(ids, kinds, strict=True))
    frame = record.facts.frame
    if "chamber" in frame.columns:
        frame = frame.assign(chamber=[name_of.get(label, label) for label in frame["chamber"]])
    return replace(record, facts=replace(record.facts, frame=frame))
