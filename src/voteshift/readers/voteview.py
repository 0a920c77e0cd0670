"""Roll calls of the United States Congress in the files that Voteview publishes, and Voteview's vote codes.

Lewis, Poole, Rosenthal, Boche, Rudkin and Sonnet, "Voteview: Congressional Roll-Call Votes Database",
voteview.com: ``members``, ``votes`` and ``rollcalls`` as CSV files.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError
from voteshift.readers.facts import facts_of
from voteshift.readers.findings import Notes
from voteshift.readers.layouts import trusting_the_list
from voteshift.readers.listing import Listing, filled
from voteshift.readers.opening import open_table
from voteshift.readers.record import Facts, Record, assemble, counted
from voteshift.readers.table import Column, Table
from voteshift.votes import Vote

__all__ = [
    "CAST_CODES",
    "PARTIES",
    "is_voteview",
    "load_voteview",
    "read_voteview",
    "refuse_beside_voteview",
    "voteview_files",
]

#: The vote for each cast code: paired and announced votes are read as votes, "present" as an abstention.
CAST_CODES: Final = {
    0: Vote.NOT_MEMBER, 1: Vote.YES, 2: Vote.YES, 3: Vote.YES, 4: Vote.NO, 5: Vote.NO, 6: Vote.NO,
    7: Vote.ABSTAIN, 8: Vote.ABSTAIN, 9: Vote.ABSENT,
}  # fmt: skip
_CHAMBERS: Final = {"H": "House", "S": "Senate"}
PARTIES: Final = {"100": "Democrat", "200": "Republican", "328": "Independent"}

_VOTES: Final = ("congress", "chamber", "rollnumber", "icpsr", "cast_code")
_KEY: Final = ("congress", "chamber", "rollnumber")
_FILE: Final = re.compile(
    r"(?:.*_)?(members|votes|rollcalls)\.(?:csv|json)(?:\.gz|\.xz)?", re.ASCII | re.IGNORECASE
)
#: Names in voteshift of columns of roll calls; Voteview's ``session`` is a session of a congress.
_FACTS: Final = {
    "congress": "session", "bill_number": "symbol", "yea_count": "yes", "nay_count": "no",
    "session": "session_of_congress", "vote_desc": "title",
}  # fmt: skip


def is_voteview(table: Table) -> bool:
    """Return True if a table of votes has Voteview's columns."""
    return all(table.find(name) is not None for name in _VOTES)


def refuse_beside_voteview(table: Table) -> None:
    """Raise an error if a file is Voteview's table of members or of roll calls, without votes.

    Raises
    ------
    InputError
        If the file is one of these tables; the error names the table.
    """
    for kind, names in (("members", ("icpsr", "bioname")), ("roll calls", ("rollnumber", "yea_count"))):
        if all(table.find(name) for name in names) and table.find("vote", "cast_code") is None:
            raise InputError(
                f"the file is Voteview's table of {kind}, which contains no votes",
                file=table.file,
                line=table.header,
                remedy="read the table of votes (such as S118_votes.csv), or a folder with all three tables",
            )


def voteview_files(files: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the files of members, of votes and of roll calls in a folder."""
    files_of: dict[str, list[str]] = {"members": [], "votes": [], "rollcalls": []}
    for name in files:
        if match := _FILE.fullmatch(name):
            files_of[match[1].lower()].append(name)
    return files_of


def load_voteview(folder: Path, notes: Notes) -> Record:
    """Read a folder with a file of votes such as ``S116_votes.csv``; other files are optional."""
    files_of = voteview_files(tuple(sorted(entry.name for entry in folder.iterdir())))
    for kind, names in files_of.items():
        if len(names) > 1:
            raise InputError(
                f"the folder has {len(names)} files of {kind}: {', '.join(names)}",
                file=folder,
                remedy="use one folder for each congress, or for the files of all congresses",
            )
    if not files_of["votes"]:
        raise InputError(
            "the folder has no file of votes", file=folder, remedy="add a file such as S116_votes.csv"
        )
    tables = {kind: open_table(folder / names[0], notes) for kind, names in files_of.items() if names}
    return read_voteview(tables["votes"], tables.get("members"), tables.get("rollcalls"), notes)


def read_voteview(votes: Table, members: Table | None, rollcalls: Table | None, notes: Notes) -> Record:
    """Read votes of Congress.

    Parameters
    ----------
    votes : Table
        One row per member and roll call: ``congress``, ``chamber``, ``rollnumber``, ``icpsr``, ``cast_code``.
    members : Table, optional
        ``icpsr``, ``bioname``, ``party_code`` and further columns; one row per member, congress and chamber.
    rollcalls : Table, optional
        ``congress``, ``chamber``, ``rollnumber``, ``date``, ``yea_count``, ``nay_count``, ``vote_desc``.
    notes : Notes
        Collects errors and warnings.

    Returns
    -------
    Record
        The ids of members are ICPSR numbers. If all roll calls have dates, the group of a member is its party
        in the congress of the roll call; otherwise its last party, with a warning. The ids of roll calls are
        Voteview's numbers (``RS1090001``: the first roll call of the Senate in the 109th Congress). The codes
        1 to 3 are yes, 4 to 6 no, 7 and 8 (present) abstentions, 9 (not voting) ABSENT, and 0 not a member. A
        member that is not listed has no seat. Voteview's counts leave out paired and announced votes and the
        President's position. These counts are removed, with a warning.
    """
    rows = filled(votes, votes.need("the members", "icpsr"), "member", notes)
    labels, rollcall = _keys(votes, rows, notes)
    member, icpsr = _numbered(votes, "the members", rows)
    word, codes = votes.column(votes.need("the votes", "cast_code")).factorize(rows)
    words = np.array([_word(str(code)) for code in codes], dtype=object)
    listing = Listing(
        votes.file,
        icpsr,
        labels,
        words,
        member,
        rollcall,
        word,
        votes.lines[rows],
        None,
        rows,
        "cast_code",
        codes="cast codes are 0 to 9",
    )
    facts = _facts(listing, votes, rollcalls, notes)
    dated = "date" in facts.frame.columns and bool(facts.frame["date"].notna().all())
    who = None if members is None else _members(members, notes, several=dated)
    if dated and members is not None and who is not None and "group" in who.columns:
        listing = replace(listing, changing=_parties(listing, votes, rows, members, who))
    record = assemble(listing, facts, who, notes)
    cast = np.array([_whole(str(code)) for code in codes], dtype=object)[word]
    of_chamber = ~np.isin(icpsr, _presidents(members))[member]
    return trusting_the_list(_without_other_counts(record, listing, cast, of_chamber, notes), notes)


def _presidents(members: Table | None) -> list[str]:
    if members is None or (chamber := members.find("chamber")) is None:
        return []
    rows = np.flatnonzero(members[chamber] == "President")
    return _numbered(members, "the members", rows)[1].tolist()


def _without_other_counts(
    record: Record,
    listing: Listing,
    cast: NDArray[np.object_],
    of_chamber: NDArray[np.bool_],
    notes: Notes,
) -> Record:
    """Remove Voteview's counts, with a warning, if they leave out votes that Voteview lists.

    Voteview counts only yea (1) and nay (6) in the chamber. Voteview also lists paired and announced votes
    and positions of the President, which are read as votes here.
    """
    frame, listed = record.facts.frame, record.counts()
    if not {"yes", "no"} <= set(frame.columns):
        return record
    position = frame.index.get_indexer(pd.Index(listing.rollcalls, dtype=object))[listing.rollcall]
    differ, explained = np.zeros(len(frame), dtype=bool), np.ones(len(frame), dtype=bool)
    for name, code in (("yes", "1"), ("no", "6")):
        declared = pd.array(frame[name], dtype="Int64")
        plain = np.bincount(position[(cast == code) & of_chamber], minlength=len(frame))
        differ |= np.asarray((declared != listed[name]).fillna(False), dtype=bool)
        explained &= np.asarray((declared == plain).fillna(False), dtype=bool)
    others = differ & explained
    if not others.any():
        return record
    where = [str(label) for label in frame.index[others]]
    notes.warning(
        f"the counts of {counted(where, 'roll call')} leave out paired or announced votes, or the "
        "President's position, which are listed and read as votes; these counts are removed",
        record.facts.file,
        id=where[0],
        remedy="to keep only the votes of the chamber, leave out the President with record.select",
    )
    totals = {name: pd.array(frame[name], dtype="Int64") for name in ("yes", "no")}
    for column in totals.values():
        column[others] = pd.NA
    return replace(record, facts=replace(record.facts, frame=frame.assign(**totals)))


def _keys(table: Table, rows: NDArray[np.intp], notes: Notes) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Return the distinct roll calls in some rows of a table, and the position of each row's roll call."""
    parts = [table.column(table.need("the roll call", name)).factorize(rows) for name in _KEY]
    code = np.zeros(len(rows), dtype=np.int64)
    for codes, labels in parts:
        code = code * max(len(labels), 1) + codes
    position, present = pd.factorize(code)
    begin = np.full(len(present), -1, dtype=np.intp)
    begin[position[::-1]] = np.arange(len(rows))[::-1]
    ids = []
    for row in begin.tolist():
        congress, chamber, number = (str(labels[codes[row]]) for codes, labels in parts)
        if not (congress.isdecimal() and number.isdecimal() and chamber):
            notes.error(
                "the row does not name a roll call: 'congress' and 'rollnumber' must be numbers, and "
                "'chamber' must be House or Senate",
                table.file,
                table.line(int(rows[row])),
                column="rollnumber",
                remedy="correct or remove the row",
            )
        ids.append(f"R{chamber[:1].upper()}{congress.zfill(3)}{number.zfill(4)}")
    distinct, unique = pd.factorize(np.array(ids, dtype=object))
    return np.asarray(unique, dtype=object), distinct[position]


def _numbered(
    table: Table, what: str, rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Return the position of each row in the ICPSR numbers, and the numbers; some downloads write 14226.0."""
    position, labels = table.column(table.need(what, "icpsr")).factorize(rows)
    distinct, icpsr = pd.factorize(np.array([_whole(str(label)) for label in labels], dtype=object))
    return distinct[position], np.asarray(icpsr, dtype=object)


def _whole(number: str) -> str:
    return number.removesuffix(".0")


def _word(code: str) -> str:
    whole = _whole(code)
    return CAST_CODES[int(whole)].word if whole.isdecimal() and int(whole) in CAST_CODES else code


def _parties(
    listing: Listing, votes: Table, rows: NDArray[np.intp], members: Table, who: pd.DataFrame
) -> Column | None:
    """Return the party of the member at each vote, by congress; None if no member changed party."""
    congress = members.find("congress")
    if congress is None:
        return None
    named = members.column(members.need("the party", "party_code")).take()
    icpsr = members.column(members.need("the members", "icpsr")).take()
    party_of = {
        (_whole(str(term)), _whole(str(number))): PARTIES.get(_whole(str(code)), str(code))
        for term, number, code in zip(members[congress], icpsr, named, strict=True)
    }
    term, terms = votes.column(votes.need("the congress", "congress")).factorize(rows)
    pair, present = pd.factorize(listing.member * np.int64(len(terms)) + term)
    last = who["group"].to_dict()
    parties = [
        party_of.get((_whole(str(terms[one % len(terms)])), number), last.get(number, ""))
        for one in present.tolist()
        for number in [str(listing.members[one // len(terms)])]
    ]
    if len({*zip((present // len(terms)).tolist(), parties, strict=True)}) == len(listing.members):
        return None
    code, labels = pd.factorize(np.array(parties, dtype=object))
    return Column(code[pair].astype(np.int32), np.asarray(labels, dtype=object))


def _members(table: Table, notes: Notes, *, several: bool) -> pd.DataFrame:
    """Return one row for each ICPSR number, the last; several parties are a warning unless `several`."""
    position, icpsr = _numbered(table, "the members", np.arange(len(table)))
    last = np.zeros(len(icpsr), dtype=np.intp)
    last[position] = np.arange(len(table))
    frame = pd.DataFrame(index=pd.Index(icpsr, dtype=object))
    for ours, theirs in (("name", "bioname"), ("group", "party_code"), ("state", "state_abbrev")):
        if (column := table.find(theirs)) is not None:
            frame[ours] = table.column(column).take(last)
    if "group" in frame.columns:
        codes = table.column(table.need("the party", "party_code")).codes
        changed = np.unique(position[codes != codes[last][position]])
        if len(changed) and not several:
            notes.warning(
                f"{len(changed)} members are listed with several parties, for example {icpsr[changed[0]]}; "
                "the group of a member is the last party listed",
                table.file,
                id=str(icpsr[changed[0]]),
            )
        frame["group"] = [PARTIES.get(_whole(code), code) for code in frame["group"]]
    return frame


def _facts(listing: Listing, votes: Table, rollcalls: Table | None, notes: Notes) -> Facts:
    if rollcalls is None:
        first = np.zeros(len(listing.rollcalls), dtype=np.intp)
        first[listing.rollcall[::-1]] = np.arange(len(listing.rollcall))[::-1]
        table, ids = votes, listing.rollcalls
        rows = first if listing.rows is None else listing.rows[first]
    else:
        ids, position = _keys(rollcalls, np.arange(len(rollcalls)), notes)
        rows = np.zeros(len(ids), dtype=np.intp)
        rows[position[::-1]] = np.arange(len(rollcalls))[::-1]
        for row in np.flatnonzero(rows[position] != np.arange(len(rollcalls))).tolist():
            label = str(ids[position[row]])
            before = rollcalls.line(int(rows[position[row]]))
            message = f"roll call {label} has a row on line {before} and another row on this line"
            notes.error(
                message, rollcalls.file, rollcalls.line(row), id=label, remedy=("keep one of the two rows")
            )
        table = rollcalls
    names = [_FACTS.get(name.lower(), name) for name in table.names]
    frame = facts_of(replace(table, names=tuple(names)), ids, rows, notes)
    frame["chamber"] = [_CHAMBERS.get(label[1:2], label[1:2]) for label in map(str, ids)]
    return Facts(table.file, frame, table.lines[rows])
