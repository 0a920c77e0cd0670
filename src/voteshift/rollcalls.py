"""The container of a record: votes, and the attributes of members and roll calls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.blocks import store_matrix
from voteshift.chambers import join_members, join_rollcalls
from voteshift.door import (
    CODES,
    FrameField,
    OptionalFrameField,
    complete,
    holding,
    numbers,
    period,
    positions,
)
from voteshift.errors import InputError, UsageError, quote
from voteshift.families import find_family
from voteshift.frames import arrange_long, long_of_wide
from voteshift.notebook import html_table
from voteshift.spells import complete_spells, group_codes
from voteshift.store import (
    Store,
    VotesField,
    count_votes,
    find_categories,
    find_seated,
    find_voting,
    join_stores,
    list_seats,
    present_categories,
    take_part,
)
from voteshift.votes import CAST, TALLY_COLUMNS, Vote

__all__ = ["RollCalls", "present_categories"]

_ROWS = 16
_CELLS = 1 << 20

_WORD_TO_SHOW: Final = {int(vote): vote.word for vote in Vote}


@dataclass(frozen=True, eq=False, repr=False)
class RollCalls:
    """A record: the votes of members in roll calls. It cannot be changed.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls), or Store
        Codes of `voteshift.Vote`. The record keeps a read-only copy, in blocks if the matrix is large and
        most of its cells are NOT_MEMBER (see `voteshift.store`). The attribute `store` contains these blocks;
        the attribute `votes` is the matrix, which is built when it is first read. If the matrix would take
        more than half of the memory of the machine, reading it raises an error.
    members : DataFrame, index ``member``
        One row per row of `votes`. Columns are ``name``, ``group`` (regional group or party) and any further
        columns. If the members are states, their ids are ISO 3166-1 alpha-3 codes. The attributes `members`
        and `rollcalls` return copies, so changing a copy does not change the record.
    rollcalls : DataFrame, index ``rollcall``
        One row per column of `votes`. Columns are ``date``, ``symbol``, ``title``, ``subject``, ``session``,
        ``amendment`` and ``family``. If the source declares totals, they are in the columns ``yes``, ``no``
        and ``abstain``. ``reconciled`` is False if the votes in the source are known to contradict its
        totals. Ids are unique; several roll calls can have the same symbol.
    polarity : str, optional
        The member on the positive side of an ideal-point scale, by default.
    source : str
        The source of the votes, for captions.
    groups : DataFrame, optional
        The spells of members whose group changes: one row per spell, with the columns ``member``, ``group``,
        ``from`` and ``to`` (the first and the last day). For these members, ``group`` in `members` is the
        last group. By default no group changes.

    Raises
    ------
    InputError
        If shapes do not match, an id is missing or occurs twice, a code is unknown, the votes contradict
        the declared totals, or two spells of a member overlap.

    Notes
    -----
    Every roll call has its own membership: a member has a seat in a roll call unless its code there is
    ``NOT_MEMBER``. Members can leave and return, so a record has no dates of membership.
    """

    votes: VotesField = VotesField()  # noqa: RUF009  a descriptor
    members: FrameField = FrameField()  # noqa: RUF009  a descriptor
    rollcalls: FrameField = FrameField()  # noqa: RUF009  a descriptor
    polarity: str | None = None
    source: str = field(default="")
    groups: OptionalFrameField = OptionalFrameField()  # noqa: RUF009  a descriptor

    def __post_init__(self) -> None:
        """Check the data, then make them read-only."""
        values: Any = self.__dict__.pop("_votes")
        votes = values if isinstance(values, Store) else np.asarray(values)
        if not isinstance(votes, Store) and votes.dtype.kind not in "iuf":
            raise InputError(
                f"votes have the type {votes.dtype}, but must be numbers",
                remedy="use the codes of voteshift.Vote, as int8",
            )
        members = complete(self.members, "member")
        rollcalls = complete(self.rollcalls, "rollcall")
        if votes.shape != (len(members), len(rollcalls)):
            raise InputError(
                f"votes have shape {votes.shape}, but there are {len(members)} members and "
                f"{len(rollcalls)} roll calls",
                remedy="give a row for every member and a column for every roll call",
            )
        # In blocks, here and below, so that no other array has the size of the votes.
        values, step = (votes.codes, _CELLS) if isinstance(votes, Store) else (votes, _ROWS)
        blocks = (values[begin : begin + step] for begin in range(0, len(values), step))
        unknown = {code for block in blocks for code in np.unique(block).tolist()} - CODES
        if unknown:
            raise InputError(f"unknown vote code {min(unknown)}", remedy=f"codes are {sorted(CODES)}")
        self.__dict__["_store"] = votes if isinstance(votes, Store) else store_matrix(votes)
        object.__setattr__(self, "members", members)
        object.__setattr__(self, "rollcalls", rollcalls)
        object.__setattr__(self, "groups", complete_spells(self.groups, members.index))
        self._check_totals(rollcalls)

    def _check_totals(self, rollcalls: pd.DataFrame) -> None:
        if not any(name in rollcalls.columns for name in CAST):
            return
        trusted = rollcalls.get("reconciled", pd.Series(True, index=rollcalls.index))
        listed = self.tally()
        for name in CAST:
            if name not in rollcalls.columns:
                continue
            declared = numbers(rollcalls[name])
            wrong = np.flatnonzero(trusted & declared.notna() & (declared != listed[name]).fillna(False))
            if len(wrong):
                id_ = str(rollcalls.index[wrong[0]])
                raise InputError(
                    f"roll call {id_} declares {declared.iloc[wrong[0]]:g} {name} but lists "
                    f"{listed[name].iloc[wrong[0]]}",
                    id=id_,
                    remedy=(
                        "correct the votes or the total; if the source contradicts its own total, write "
                        "'no' in the column 'reconciled' of this roll call"
                    ),
                )

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild with all checks, so that a copied or unpickled record is read-only too."""
        described = (self.members, self.rollcalls, self.polarity, self.source, self.groups)
        return (RollCalls, (self.store, *described))

    @property
    def store(self) -> Store:
        """The votes in blocks of roll calls with nearly the same members."""
        store: Store = self.__dict__["_store"]
        return store

    # Selection

    def select(
        self,
        *,
        members: Iterable[str] | None = None,
        rollcalls: Iterable[str] | None = None,
        subject: str | None = None,
        family: str | None = None,
    ) -> "RollCalls":
        """Return the members and roll calls that meet all conditions.

        Parameters
        ----------
        members, rollcalls : iterable of str, optional
            Ids to keep, in this order.
        subject : str, optional
            Keep roll calls whose subject contains this text, in upper or lower case.
        family : str, optional
            Keep the versions of one resolution. Pass a slug, a title, or words that occur in the title of one
            family only.

        Raises
        ------
        UsageError
            If an id or family is unknown.
        """
        rows = positions(self.members.index, members, "member")
        columns = positions(self.rollcalls.index, rollcalls, "roll call")
        frame = self.rollcalls.iloc[columns]
        if subject is not None:
            hit = holding(frame["subject"], subject)
            columns, frame = columns[hit], frame[hit]
        if family is not None:
            columns = columns[(frame["family"] == self.family_slug(family)).to_numpy(bool)]
        return self._take(rows, columns)

    def between(self, since: str | None = None, until: str | None = None) -> "RollCalls":
        """Return the roll calls between two dates, both included.

        Parameters
        ----------
        since, until : str, optional
            A day, month or year in ISO form; ``until="2021"`` means to the last day of 2021.

        Raises
        ------
        UsageError
            If a date cannot be read, or `until` is before `since`.
        """
        dates = self.rollcalls["date"]
        keep = np.ones(len(dates), dtype=bool)
        if since is not None:
            keep &= (dates >= period(since).start_time).to_numpy(bool)
        if until is not None:
            keep &= (dates <= period(until).end_time).to_numpy(bool)
        if since is not None and until is not None and period(until).end_time < period(since).start_time:
            raise UsageError(
                f"the end, {until}, is before the beginning, {since}", remedy="swap the two dates"
            )
        return self._take(slice(None), np.flatnonzero(keep))

    def contested(self) -> "RollCalls":
        """Return the roll calls in which not all votes cast were the same."""
        several = find_categories(self.store).sum(axis=1) > 1
        # If all roll calls are contested, the record itself is returned, because copies of large records are
        # costly.
        return self if several.all() else self._take(slice(None), np.flatnonzero(several))

    def seated(self) -> "RollCalls":
        """Return the members that hold a seat in at least one of the roll calls."""
        return self._take(np.flatnonzero(find_seated(self.store)), slice(None))

    def _take(self, rows: "NDArray[np.intp] | slice", columns: "NDArray[np.intp] | slice") -> "RollCalls":
        frame = self.rollcalls.iloc[columns]
        out = np.ones(len(self.members), dtype=bool)
        out[rows] = False
        if out.any() and find_voting(self.store, columns)[out].any():
            # Declared totals refer to all voting members, so they do not apply to a part of the members.
            frame = frame.drop(columns=[name for name in CAST if name in frame.columns])
        # Parts of a checked record are valid, so they are not checked again.
        part = object.__new__(RollCalls)
        members, spells = self.members.iloc[rows], self.groups
        kept = {"polarity": self.polarity, "source": self.source, "members": members, "rollcalls": frame}
        spells = complete_spells(spells[spells["member"].isin(members.index)], members.index)
        for name, value in {**kept, "groups": spells}.items():
            object.__setattr__(part, name, value)
        part.__dict__["_store"] = take_part(self.store, rows, columns)
        return part

    # Families

    def families(self) -> pd.DataFrame:
        """List the resolutions that have several versions.

        Returns
        -------
        DataFrame, index ``family`` (the slug)
            ``title`` of the latest version, ``rollcalls`` (ids in order of date), and the dates of the
            ``first`` and the ``last`` version.
        """
        return self._families.copy()

    @cached_property
    def _single_votes(self) -> dict[str, tuple[str, str]]:
        """Title and symbol or id of the vote, for the slugs of resolutions with one reconciled vote."""
        frame = self.rollcalls[["family", "title", "symbol"]]
        frame = frame[frame["family"].fillna("") != ""]
        alone = frame[~frame["family"].duplicated(keep=False)]
        return {
            str(row.family): (str(row.title), str(row.symbol) if row.symbol else str(row.Index))
            for row in alone.itertuples()
        }

    @cached_property
    def _families(self) -> pd.DataFrame:
        frame = self.rollcalls[["family", "title", "date"]].sort_values("date", kind="stable")
        frame = frame[frame["family"].fillna("") != ""].sort_values("family", kind="stable")
        slugs, starts = np.unique(frame["family"].to_numpy(str), return_index=True)
        titles, dates = frame["title"].tolist(), frame["date"].tolist()
        ends = [*starts.tolist(), len(frame)][1:]
        rows = {
            slug: {
                "title": titles[end - 1],
                "rollcalls": tuple(frame.index[start:end]),
                "first": dates[start],
                "last": dates[end - 1],
            }
            for slug, start, end in zip(slugs.tolist(), starts.tolist(), ends, strict=True)
            if end - start > 1
        }
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["title", "rollcalls", "first", "last"])
        return table.rename_axis("family")

    def family_slug(self, query: str | None = None) -> str:
        """Return the slug of the family that `query` names; see `voteshift.families.find_family`."""
        table = self._families
        return find_family(query, table.index, table["title"], self._single_votes)

    def rollcall_id(self, name: str) -> str:
        """Return the id of the roll call that has this id or symbol.

        Parameters
        ----------
        name : str
            An id, or a symbol.

        Raises
        ------
        UsageError
            If no roll call has this id or symbol, or if several roll calls have the symbol.
        """
        if name in self.rollcalls.index:
            return name
        ids = list(self.rollcalls.index[(self.rollcalls["symbol"] == name).to_numpy(bool)])
        if not ids:
            raise UsageError(
                f"no roll call has the symbol or id {quote(name)}",
                id=name,
                remedy="`voteshift tally` lists all roll calls",
            )
        if len(ids) > 1:
            raise UsageError(
                f"{len(ids)} roll calls share the symbol {name}: {', '.join(ids)}",
                id=name,
                remedy="name one of these ids",
            )
        return str(ids[0])

    # Views

    def group_codes(self) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """Return the group of every member on the day of every roll call.

        Returns
        -------
        names : tuple of str
            The names of the groups, sorted; a member without a group has the name "".
        codes : ndarray of int32, shape (n_members, n_rollcalls)
            The position in `names`; see `voteshift.spells.group_codes`.
        """
        return group_codes(self.members["group"], self.groups, self.rollcalls["date"])

    def tally(self) -> pd.DataFrame:
        """Count the votes of each roll call: ``yes``, ``no``, ``abstain``, ``absent``, ``members``.

        ``absent`` counts members with a seat and without a vote: absent or not recorded.
        """
        counts = {vote.word: count for vote, count in count_votes(self.store).items()}
        counts["absent"] = counts["absent"] + counts.pop("not recorded")
        frame = pd.DataFrame(counts, index=self.rollcalls.index)[list(TALLY_COLUMNS)]
        frame["members"] = len(self.members) - counts["not a member"]
        return frame

    def to_long(self) -> pd.DataFrame:
        """Return one row per seat and roll call: ``member``, ``rollcall``, ``vote`` (a word)."""
        row, column, codes = list_seats(self.store)
        return pd.DataFrame(
            {
                "member": self.members.index.to_numpy()[row],
                "rollcall": self.rollcalls.index.to_numpy()[column],
                "vote": [_WORD_TO_SHOW[code] for code in codes.tolist()],
            }
        )

    def to_wide(self) -> pd.DataFrame:
        """Return the votes as a data frame of words, members by roll calls."""
        words = np.array([_WORD_TO_SHOW[code] for code in range(min(CODES), max(CODES) + 1)], dtype=object)
        return pd.DataFrame(
            words[self.votes.astype(np.intp) - min(CODES)],
            index=self.members.index,
            columns=self.rollcalls.index,
        )

    @classmethod
    def from_long(
        cls,
        votes: pd.DataFrame,
        *,
        members: pd.DataFrame | None = None,
        rollcalls: pd.DataFrame | None = None,
        polarity: str | None = None,
        source: str = "",
    ) -> "RollCalls":
        """Build a record from a data frame with one row per member and roll call.

        Parameters
        ----------
        votes : DataFrame
            Columns ``member``, ``rollcall`` and ``vote``. Votes are words or the codes of `voteshift.Vote`.
            These columns can have any name that `voteshift.read` recognises. Columns such as ``date``,
            ``title`` and ``party`` are attributes: they have the same value in all rows of a roll call or
            member. The group of a member may change: it is the group on the day of the vote, and all rows of
            the member need a date. If no row contains a member and a roll call, the member has no seat in
            that roll call.
            `votes`, `members` and `rollcalls` can be data frames of pandas, polars, PyArrow or any other
            library that narwhals supports.
        members, rollcalls : DataFrame, optional
            Attributes of members and of roll calls. The ids are in a column ``member`` or ``rollcall``, or in
            the index. Every id in `votes` must be among them. By default, the ids in the order in which they
            first occur in `votes`.
        polarity, source
            As in the class.

        Raises
        ------
        InputError
            If a column is missing or cannot be kept, a word is unknown, a member occurs twice in a roll call,
            or an id is not in its data frame. Also if the votes are numbers that may be codes of another
            source.
        """
        store, members, rollcalls, spells = arrange_long(votes, members, rollcalls)
        return cls(store, members, rollcalls, polarity=polarity, source=source, groups=spells)

    @classmethod
    def from_wide(cls, votes: pd.DataFrame, **details: Any) -> "RollCalls":
        """Build a record from a data frame of words or codes, members by roll calls.

        Parameters
        ----------
        votes : DataFrame
            The index contains ids of members, and the columns are named by ids of roll calls. If the data
            frame has no index, the ids of members are in a column ``member`` or ``name``, or in the first
            column. A blank cell means that the member has no seat in that roll call. Columns such as
            ``party`` are attributes of members.
        **details
            ``members``, ``rollcalls``, ``polarity`` and ``source`` as in `from_long`.

        Raises
        ------
        InputError
            As in `from_long`. If votes have the name of a description of members or roll calls.
        """
        listed, members, rollcalls = long_of_wide(
            votes, details.pop("members", None), details.pop("rollcalls", None)
        )
        return cls.from_long(listed, members=members, rollcalls=rollcalls, **details)

    @classmethod
    def concat(
        cls, parts: "Iterable[RollCalls]", *, chambers: Sequence[str], main: str | None = None
    ) -> "RollCalls":
        """Join the records of several chambers. Members with the same id are one member.

        Parameters
        ----------
        parts : iterable of RollCalls
            The records.
        chambers : sequence of str
            A name for each record.
        main : str, optional
            The chamber that is studied. Its ids and slugs do not change.

        Returns
        -------
        RollCalls
            All members, in the order in which they first occur, and the roll calls of all parts, one part
            after the other. A member without a seat in a chamber is NOT_MEMBER in this chamber. The attribute
            `rollcalls` gets a column ``chamber``. If an id or the slug of a family occurs in two chambers,
            the chamber's name and a colon are written before the id or slug, except in `main`. The polarity
            member is kept if all parts with a polarity member have the same polarity member.

        Raises
        ------
        UsageError
            If the name of a chamber is missing or occurs twice, `main` is not one of the names, or a part
            already consists of several chambers.
        InputError
            If an attribute of a member differs between two parts.
        """
        records = list(parts)
        rollcalls = join_rollcalls([part.rollcalls for part in records], chambers, main)
        members = join_members([part.members for part in records], chambers)
        rows = [members.index.get_indexer(part.members.index) for part in records]
        votes = join_stores([part.store for part in records], rows, len(members))
        named = {part.polarity for part in records if part.polarity is not None}
        polarity = named.pop() if len(named) == 1 else None
        source = " and ".join(dict.fromkeys(part.source for part in records if part.source))
        spells = pd.concat([part.groups for part in records], ignore_index=True).drop_duplicates()
        return cls(votes, members, rollcalls, polarity=polarity, source=source, groups=spells)

    def _repr_html_(self) -> str:
        """Show the roll calls, latest first, in a notebook."""
        frame = self.rollcalls[["date", "symbol", "title"]].join(self.tally())
        latest = frame.sort_values("date", ascending=False, kind="stable").rename_axis("id")
        return html_table(repr(self), latest, ["Latest first."], most=10, rest="`rollcalls`")

    def __repr__(self) -> str:
        """Return the numbers of members, roll calls and votes, and the dates, on one line."""
        n_members, n_rollcalls = self.store.shape
        dates = self.rollcalls["date"].dropna()
        span = f", {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}" if len(dates) else ""
        cast = int((self.store.codes >= 0).sum())
        name = f" of {self.source}" if self.source else ""
        return f"<RollCalls{name}: {n_members} members x {n_rollcalls} roll calls, {cast} votes{span}>"
