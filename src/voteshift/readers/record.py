"""A record as read from files, with the line of every vote, before it becomes a `RollCalls`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.blocks import store_seats
from voteshift.budget import COLUMNS, SEATS
from voteshift.door import numbers
from voteshift.errors import InputError, quote
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.listing import Listing, first_rows
from voteshift.readers.members import identify, member_frame
from voteshift.readers.options import suggest_codes
from voteshift.readers.table import Column
from voteshift.rollcalls import RollCalls
from voteshift.spells import find_spells
from voteshift.store import Store, count_votes, list_seats
from voteshift.votes import CAST, Vote

__all__ = ["Facts", "Record", "assemble", "counted", "note_totals"]

_NAMED: Final = 10  # ids that a message lists
_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d*)?", re.ASCII)
_NO_CODE: Final = np.iinfo(np.int8).min
#: Values in the columns of a roll call without a description; the text is empty in other columns.
_BLANKS: Final = {"date": pd.NaT, "amendment": False, "reconciled": True} | dict.fromkeys(CAST, pd.NA)


@dataclass(frozen=True, slots=True)
class Facts:
    """Descriptions of roll calls, and the lines of these descriptions.

    Parameters
    ----------
    file : Path
        The file.
    frame : DataFrame, index roll call
        The descriptions, as `voteshift.readers.facts.facts_of` returns them.
    lines : ndarray of int64, shape (n_rollcalls,)
        The line of the description of each roll call.
    """

    file: Path
    frame: pd.DataFrame
    lines: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Record:
    """Votes whose words and pairs are valid: n rows of (member, roll call, code).

    Parameters
    ----------
    file : Path
        The file of the votes.
    members : DataFrame, index id
        All members, with or without votes.
    printed : dict of str
        The name of a member in the file, by id, for members whose name in the file differs from the id.
    facts : Facts
        All roll calls, with or without votes.
    member, rollcall : ndarray of int, shape (n,)
        For each vote, the positions in `members` and in the frame of `facts`.
    code : ndarray of int8, shape (n,)
        Codes of `voteshift.Vote`.
    lines : ndarray of int64, shape (n,)
        The line of each vote in the file; 0 for a seat that is not listed but derived from other votes.
    source : str, optional
        The name of the record; by default the name of the file.
    polarity : str, optional
        The member on the positive side of the scale.
    groups : DataFrame, optional
        The spells of members whose group changes, as in `RollCalls`.
    store : Store, optional
        All votes of a record that was read in blocks. `member`, `rollcall`, `code` and `lines` are then
        empty.
    """

    file: Path
    members: pd.DataFrame
    printed: dict[str, str]
    facts: Facts
    member: NDArray[np.intp]
    rollcall: NDArray[np.intp]
    code: NDArray[np.int8]
    lines: NDArray[np.int64]
    source: str | None = None
    polarity: str | None = None
    groups: pd.DataFrame | None = None
    store: Store | None = None

    @classmethod
    def of(cls, rollcalls: RollCalls, file: Path) -> "Record":
        """Return a `RollCalls` as a record without line numbers."""
        in_blocks = not rollcalls.store.is_matrix
        none = np.zeros(0, dtype=np.intp)
        member, rollcall, code = (
            (none, none, none.astype(np.int8)) if in_blocks else list_seats(rollcalls.store, by_member=True)
        )
        frame = rollcalls.rollcalls
        return cls(
            file=file,
            members=rollcalls.members,
            groups=rollcalls.groups,
            printed={},
            facts=Facts(file, frame, np.zeros(len(frame), dtype=np.int64)),
            member=member,
            rollcall=rollcall,
            code=code,
            lines=np.zeros(len(member), dtype=np.int64),
            source=rollcalls.source,
            polarity=rollcalls.polarity,
            store=rollcalls.store if in_blocks else None,
        )

    @property
    def all_codes(self) -> NDArray[np.int8]:
        """The codes of all votes, in any order, with or without cells of members without a seat."""
        return self.code if self.store is None else self.store.codes

    def counts(self) -> dict[str, NDArray[np.intp]]:
        """Return the numbers of yes, no and abstain votes in each roll call."""
        n = len(self.facts.frame)
        if self.store is not None:
            counts = count_votes(self.store)
            return {name: counts[Vote[name.upper()]] for name in CAST}
        return {
            name: np.bincount(self.rollcall[self.code == Vote[name.upper()]], minlength=n) for name in CAST
        }

    def to_rollcalls(self, source: str) -> RollCalls:
        """Return the record as a `RollCalls`; a member not listed in a roll call has no seat there."""
        shape = len(self.members), len(self.facts.frame)
        store = self.store
        return RollCalls(
            store_seats(self.member, self.rollcall, self.code, shape) if store is None else store,
            self.members,
            self.facts.frame,
            polarity=self.polarity,
            source=source if self.source is None else self.source,
            groups=self.groups,
        )


def assemble(listing: Listing, facts: Facts, members: pd.DataFrame | None, notes: Notes) -> Record:
    """Combine votes, roll calls and members into a record.

    Parameters
    ----------
    listing : Listing
        The votes as listed.
    facts : Facts
        The descriptions of the roll calls.
    members : DataFrame, optional
        The descriptions of the members. By default, the names and regional groups of states.
    notes : Notes
        Collects an error for every unknown vote word and for every member that is listed twice in a roll
        call; these votes are left out. Collects a warning for roll calls with votes but without a row in the
        table of roll calls, for members with votes but without a row in the table of members, and for roll
        calls without votes. If no table lists the members, collects a warning for members without votes. All
        these roll calls and members are in the record.
    """
    if len(listing.members) and not len(listing.lines):
        raise InputError("no cell contains a vote", file=listing.file, remedy="fill in the votes")
    where = listing.lines[first_rows(listing.member, len(listing.members))]
    ids = identify(listing.members, where, listing.file, notes, listing.names)
    names = listing.members if listing.names is None else listing.names
    if members is None:
        _note_seatless(ids, listing, notes)
    position, voters = pd.factorize(ids)
    name_of = dict(zip(voters, names[first_rows(position, len(voters))], strict=True))
    listed = members is None
    members = _all_members(name_of, members, listing, notes)
    if listing.groups is not None:
        groups = pd.Series(listing.groups[first_rows(position, len(voters))], index=voters)
        groups = groups.reindex(members.index, fill_value="")
        # A table of members has priority over the table of votes.
        first, second = (groups, members["group"]) if listed else (members["group"], groups)
        members["group"] = first.where(first != "", second)
    if listing.attributes is not None:
        members = _with_attributes(members, listing, position, voters, notes)
    facts = _all_rollcalls(facts, listing, notes)
    spells = None
    if listing.changing is not None:
        spells, members = _with_spells(members, listing, position, voters, facts, notes)

    _refuse_too_many_seats(listing.file, len(members), len(facts.frame))
    member = members.index.get_indexer(pd.Index(voters, dtype=object))[position][listing.member]
    rollcall = facts.frame.index.get_indexer(pd.Index(listing.rollcalls, dtype=object))[listing.rollcall]
    code = _codes(listing, notes)
    pair = member * np.int64(len(facts.frame)) + rollcall
    again = _repeated(pair, len(members) * len(facts.frame))
    _note_duplicates(np.flatnonzero(again), pair, ids, listing, notes)
    del pair
    valid = ~again & (code != _NO_CODE)
    sound = slice(None) if valid.all() else valid  # copies of all arrays would double the memory
    return Record(
        file=listing.file,
        members=members,
        printed={member: name for member, name in name_of.items() if name != member},
        facts=facts,
        member=member[sound],
        rollcall=rollcall[sound],
        code=code[sound],
        lines=listing.lines[sound],
        groups=spells,
    )


def _with_spells(
    members: pd.DataFrame,
    listing: Listing,
    position: NDArray[np.intp],
    voters: NDArray[np.object_],
    facts: Facts,
    notes: Notes,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the spells of members whose group changes, and the members with their last group.

    Members whose spells are unknown have no group, after a warning; all other members keep theirs.
    """
    group: Column = listing.changing  # type: ignore[assignment]  # the caller checks
    days = facts.frame.get("date", pd.Series(pd.NaT, index=facts.frame.index))
    day = days.reindex(listing.rollcalls).to_numpy("datetime64[s]")
    spells = find_spells(voters, group.labels, (position[listing.member], group.codes, listing.rollcall), day)
    for names, why, remedy in (
        (spells.undated, "a vote of these members has no date", "write the date of each roll call"),
        (
            [member for member, _ in spells.contradictory],
            "they have two groups on one day",
            "write one group for each member and day",
        ),
    ):
        if names:
            notes.warning(
                f"the groups of {counted(names, 'member')} change and are not read, because {why}",
                listing.file,
                int(listing.lines[np.argmax(voters[position[listing.member]] == names[0])]),
                id=names[0],
                remedy=remedy,
            )
    last = dict(zip(spells.table["member"], spells.table["group"], strict=True))
    last |= dict.fromkeys(spells.unknown, "")
    changed = members["group"].copy()
    for member, name in last.items():
        changed[member] = name
    return spells.table, members.assign(group=changed)


def _with_attributes(
    members: pd.DataFrame,
    listing: Listing,
    position: NDArray[np.intp],
    voters: NDArray[np.object_],
    notes: Notes,
) -> pd.DataFrame:
    """Add the descriptions of members in a matrix; a different value in the table of members is an error."""
    first = first_rows(position, len(voters))
    for name, cells in (listing.attributes or {}).items():
        attribute = pd.Series(cells[first], index=voters).reindex(members.index).fillna("")
        if name in members.columns and not (attribute == members[name]).all():
            other = members.index[(attribute != members[name]).to_numpy(bool)][0]
            notes.error(
                f"'{name}' of member {other} is {quote(str(attribute[other]))} in the matrix, but "
                f"{quote(str(members[name][other]))} in the table of members",
                listing.file,
                column=name,
                id=str(other),
                remedy="remove this column from the matrix or from the table of members",
            )
        members = members.assign(**{name: attribute})
    return members


def _refuse_too_many_seats(file: Path, n_members: int, n_rollcalls: int) -> None:
    """Raise an error if a matrix is too large for its file, for instance after a wrong column of members."""
    if n_members * n_rollcalls > SEATS.limit(file.stat().st_size) or n_rollcalls > COLUMNS:
        raise InputError(
            f"{n_members} members by {n_rollcalls} roll calls are too many for a file of this size",
            file=file,
            remedy="check which columns contain the members and the roll calls, or split the file",
        )


def note_totals(record: Record, notes: Notes) -> None:
    """Compare the votes listed with the declared totals, and add the differences to `notes`.

    A difference is an error. If the column ``reconciled`` of a roll call is "no", there is a warning instead,
    even if its totals do not differ.
    """
    frame, counts = record.facts.frame, record.counts()
    n = len(frame)
    unknown = pd.Series(pd.NA, index=frame.index, dtype="Float64")
    declared = {name: numbers(frame.get(name, unknown)).array for name in CAST}
    differs = [np.asarray((declared[name] != counts[name]).fillna(False), bool) for name in CAST]
    marked = ~np.asarray(frame.get("reconciled", np.ones(n)), dtype=bool)
    wrong = np.logical_or.reduce(differs)
    for where in np.flatnonzero(wrong | marked):
        rollcall = str(frame.index[where])
        declares = "-".join(
            "?" if pd.isna(declared[name][where]) else f"{declared[name][where]:g}" for name in CAST
        )
        listed = "-".join(str(counts[name][where]) for name in CAST)
        but = "but" if wrong[where] else "and"
        message = f"roll call {rollcall} declares {declares} (yes-no-abstain) {but} lists {listed}"
        line = int(record.facts.lines[where]) or None
        if marked[where]:
            message += "; the column 'reconciled' of this roll call is 'no'"
            remedy = "check the official list of votes; until then, leave this roll call out of the analysis"
            notes.warning(message, record.facts.file, line, id=rollcall, remedy=remedy)
        else:
            remedy = (
                "correct the votes or the totals, or write 'no' in the column 'reconciled' of this roll call"
            )
            if sorted(declares.split("-")) == sorted(listed.split("-")):
                remedy = (
                    "the declared and the listed numbers are the same in another order: check whether "
                    f"columns are swapped; {remedy}"
                )
            notes.error(message, record.facts.file, line, id=rollcall, remedy=remedy)


def _note_seatless(ids: NDArray[np.object_], listing: Listing, notes: Notes) -> None:
    """Warn about members of a matrix without any vote: this row may be a remark below the table."""
    seatless = np.setdiff1d(np.arange(len(ids)), listing.member)
    if len(seatless):
        notes.warning(
            f"no roll call lists a seat for {counted(ids[seatless].tolist(), 'member')}",
            listing.file,
            id=str(ids[seatless[0]]),
            remedy="fill in the votes, or remove rows that are not members",
        )


def _repeated(pair: NDArray[np.int64], n_pairs: int) -> NDArray[np.bool_]:
    """Return True for each pair that occurred before; if most pairs occur, counting is the faster method."""
    if n_pairs <= 8 * len(pair) and (np.bincount(pair, minlength=1) < 2).all():
        return np.zeros(len(pair), dtype=bool)
    return pd.Series(pair).duplicated().to_numpy()


def _all_members(
    name_of: Mapping[str, str], table: pd.DataFrame | None, listing: Listing, notes: Notes
) -> pd.DataFrame:
    frame = member_frame(
        np.array(list(name_of), dtype=object), np.array(list(name_of.values()), dtype=object)
    )
    if table is None:
        return frame
    lacking = [member for member in name_of if member not in table.index]
    if not lacking:
        return table
    notes.warning(
        f"the table of members has no row for {counted(lacking, 'member')} in the table of votes",
        listing.file,
        id=lacking[0],
        remedy="add the missing rows to the table of members",
    )
    rest = frame.loc[lacking]
    return pd.concat([table, rest.reindex(columns=table.columns, fill_value="")])


def _all_rollcalls(facts: Facts, listing: Listing, notes: Notes) -> Facts:
    described, voted = facts.frame.index, set(listing.rollcalls[np.unique(listing.rollcall)])
    silent = [rollcall for rollcall in described if rollcall not in voted]
    if silent:
        notes.warning(f"no votes in {counted(silent, 'roll call')}", facts.file, id=silent[0])
    lacking = [rollcall for rollcall in listing.rollcalls if rollcall not in described]
    if not lacking:
        return facts
    lines_of = listing.lines[listing.rollcalls[listing.rollcall] == lacking[0]]
    notes.warning(
        f"votes in {counted(lacking, 'roll call')} without a row in {facts.file.name}: the votes are kept, "
        "but without date, title and totals",
        listing.file,
        int(lines_of[0]) if len(lines_of) else None,  # a roll call of a matrix in which no member voted
        id=lacking[0],
        remedy=f"add a row for the roll call to {facts.file.name}, or remove the votes",
    )
    index = described.append(pd.Index(lacking, dtype=object))
    columns = {
        name: column.reindex(index, fill_value=_BLANKS.get(str(name), ""))
        for name, column in facts.frame.items()
    }
    lines = np.concatenate([facts.lines, np.zeros(len(lacking), dtype=np.int64)])
    return Facts(facts.file, pd.DataFrame(columns, index=index), lines)


def _codes(listing: Listing, notes: Notes) -> NDArray[np.int8]:
    """Return the code of each vote word; `_NO_CODE` for a word that is not a vote."""
    of_word = [notes.options.vote_code(str(word)) for word in listing.words]
    letters = {str(word).upper() for word in listing.words}
    stated = "a" in notes.options.codes
    if not stated and "A" in letters and "Y" not in letters and all(len(letter) == 1 for letter in letters):
        raise InputError(
            "the votes are letters, with an A and without a Y, so A may be abstain, aye, against or absent",
            file=listing.file,
            remedy="write the words yes, no, abstain and absent, or give for instance codes={'A': 'abstain'}",
        )
    unknown = [word for word, code in enumerate(of_word) if code is None]
    suggestion = suggest_codes([str(listing.words[word]) for word in unknown if listing.words[word]])

    def complain(word: int) -> Finding:
        rows = np.flatnonzero(listing.word == word)
        row = int(rows[0])
        others = f", and on {len(rows) - 1} other line{'s' * (len(rows) > 2)}" if len(rows) > 1 else ""
        printed = str(listing.words[word])
        member = listing.members[listing.member[row]]
        rollcall = str(listing.rollcalls[listing.rollcall[row]])
        return Finding(
            "error",
            f"unknown vote {quote(printed)} of {member}{others}"
            if printed
            else f"blank vote of {member}{others}",
            str(listing.file),
            int(listing.lines[row]),
            listing.column or rollcall,
            rollcall,
            listing.codes or _remedy(printed, suggestion if word == unknown[0] else ""),
        )

    notes.each(unknown, complain)
    codes = np.array([_NO_CODE if code is None else code for code in of_word], dtype=np.int8)
    return codes[listing.word]


def _remedy(printed: str, suggestion: str) -> str:
    """Return the remedy for a cell that is not a vote word."""
    if not printed:
        return (
            "if the member has a seat, write absent; if the member has no seat, remove the row; if all blank "
            "cells have one meaning, give for instance codes={'': 'absent'}"
        )
    otherwise = f"; or {suggestion}" if suggestion else ""
    if _NUMBER.fullmatch(printed):
        return (
            "numbers are not read as votes, because their meaning differs between sources: write yes, no, "
            f"abstain{otherwise}"
        )
    if printed.upper() in ("NA", "NAN"):
        return (
            "if the member has no seat, leave the cell blank; if the member has a seat, write absent or "
            f"not recorded{otherwise}"
        )
    return f"votes are yes, no, abstain, absent, not recorded; leave out a member without a seat{otherwise}"


def _note_duplicates(
    again: NDArray[np.intp], pair: NDArray[np.int64], ids: NDArray[np.object_], listing: Listing, notes: Notes
) -> None:
    def complain(row: int) -> Finding:
        before = int(np.argmax(pair == pair[row]))
        rollcall, member = str(listing.rollcalls[listing.rollcall[row]]), ids[listing.member[row]]
        words = [str(listing.words[listing.word[place]]) for place in (before, row)]
        votes = f", as {quote(words[0])} and as {quote(words[1])}" if words[0] != words[1] else ""
        return Finding(
            "error",
            f"{member} is listed twice in roll call {rollcall}{votes}, first on line {listing.lines[before]}",
            str(listing.file),
            int(listing.lines[row]),
            listing.column or rollcall,
            rollcall,
            "keep one row per member and roll call",
        )

    notes.each(again, complain)


def counted(ids: Sequence[str], what: str) -> str:
    """Return ``"roll call 51L6"`` or ``"3 roll calls (a, b, c)"``."""
    if len(ids) == 1:
        return f"{what} {ids[0]}"
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{len(ids)} {what}s ({', '.join(map(str, ids[:_NAMED]))}{more})"
