"""The container: votes of members in roll calls, with what is known of both."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.chambers import join_members, join_rollcalls, join_votes
from voteshift.door import (
    CODES,
    complete,
    frozen,
    holding,
    numbers,
    positions,
)
from voteshift.errors import InputError, UsageError, quote
from voteshift.families import find_family
from voteshift.frames import arrange_long, long_of_wide
from voteshift.notebook import html_table
from voteshift.votes import CAST, CATEGORIES, TALLY_COLUMNS, Vote

__all__ = ["RollCalls", "present_categories"]

_ROWS = 16

_WORD_TO_SHOW: Final = {int(vote): vote.word for vote in Vote}
_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)


class _Frame:
    """A field that hands out copies of its frame, so that writing to one leaves the container as it is."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._at = f"_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> "_Frame": ...
    @overload
    def __get__(self, instance: object, owner: type) -> pd.DataFrame: ...
    def __get__(self, instance: object | None, owner: type) -> "pd.DataFrame | _Frame":
        if instance is None:
            raise AttributeError(self._at)  # a field without a default
        frame: pd.DataFrame = instance.__dict__[self._at]
        return frame.copy()

    def __set__(self, instance: object, frame: pd.DataFrame) -> None:
        instance.__dict__[self._at] = frame


@dataclass(frozen=True, eq=False, repr=False)
class RollCalls:
    """Members by roll calls, immutable.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls)
        Codes of `voteshift.Vote`. Kept as a copy that cannot be written to.
    members : DataFrame, index ``member``
        One row per row of `votes`: ``name``, ``group`` (regional group or party) and further columns.
        Ids are ISO 3166-1 alpha-3 codes where the members are states. Reading this attribute or `rollcalls`
        gives a copy: writing to it changes nothing here.
    rollcalls : DataFrame, index ``rollcall``
        One row per column of `votes`: ``date``, ``symbol``, ``title``, ``subject``, ``session``,
        ``amendment``, ``family``; declared totals ``yes``, ``no``, ``abstain`` where there are any; and
        ``reconciled`` (False where the source itself is known to contradict its totals). Ids are unique;
        symbols need not be.
    polarity : str, optional
        The member that marks the positive end of an ideal-point scale by default.
    source : str
        Where the votes come from, for captions.

    Raises
    ------
    InputError
        If shapes, ids or codes do not fit, or the votes listed contradict the totals declared.

    Notes
    -----
    Membership is read off each roll call: a member has a seat in a roll call unless its code there is
    ``NOT_MEMBER``. Members leave and return, so there is no interval of membership.
    """

    votes: NDArray[np.int8]
    members: _Frame = _Frame()
    rollcalls: _Frame = _Frame()
    polarity: str | None = None
    source: str = field(default="")

    def __post_init__(self) -> None:
        """Check at the door, then freeze."""
        votes = np.asarray(self.votes)
        if votes.dtype.kind not in "iuf":
            raise InputError(
                f"votes are {votes.dtype}, not codes", remedy="use the codes of voteshift.Vote, as int8"
            )
        members = complete(self.members, "member")
        rollcalls = complete(self.rollcalls, "rollcall")
        if votes.shape != (len(members), len(rollcalls)):
            raise InputError(
                f"votes have shape {votes.shape}, but there are {len(members)} members and "
                f"{len(rollcalls)} roll calls",
                remedy="give a row for every member and a column for every roll call",
            )
        # In blocks, here and below, so that nothing but the votes has their size.
        blocks = (votes[begin : begin + _ROWS] for begin in range(0, len(votes), _ROWS))
        unknown = {code for block in blocks for code in np.unique(block).tolist()} - CODES
        if unknown:
            raise InputError(f"unknown vote code {min(unknown)}", remedy=f"codes are {sorted(CODES)}")
        object.__setattr__(self, "votes", frozen(votes))
        object.__setattr__(self, "members", members)
        object.__setattr__(self, "rollcalls", rollcalls)
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
                    remedy="correct the list or the total, or mark the roll call reconciled = no",
                )

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild through the door, so that what was copied or pickled is as immutable as the original."""
        return (RollCalls, (self.votes, self.members, self.rollcalls, self.polarity, self.source))

    # Selection

    def select(
        self,
        *,
        members: Iterable[str] | None = None,
        rollcalls: Iterable[str] | None = None,
        subject: str | None = None,
        family: str | None = None,
    ) -> "RollCalls":
        """Return the part that meets every condition given.

        Parameters
        ----------
        members, rollcalls : iterable of str, optional
            Ids to keep, in the order given.
        subject : str, optional
            Keep roll calls whose subject contains this text, whatever its case.
        family : str, optional
            Keep the iterations of one resolution: a slug, a title, or words that name one family.

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
        """Return the roll calls of a stretch of time, both ends included.

        Parameters
        ----------
        since, until : str, optional
            A day, month or year in ISO form; ``until="2021"`` means to the last day of 2021.

        Raises
        ------
        UsageError
            If a date cannot be read, or the end lies before the beginning.
        """
        dates = self.rollcalls["date"]
        keep = np.ones(len(dates), dtype=bool)
        if since is not None:
            keep &= (dates >= _period(since).start_time).to_numpy(bool)
        if until is not None:
            keep &= (dates <= _period(until).end_time).to_numpy(bool)
        if since is not None and until is not None and _period(until).end_time < _period(since).start_time:
            raise UsageError(f"the window ends ({until}) before it begins ({since})", remedy="swap the two")
        return self._take(slice(None), np.flatnonzero(keep))

    def contested(self) -> "RollCalls":
        """Return the roll calls in which not all votes cast were the same."""
        several = present_categories(self.votes).sum(axis=1) > 1
        # A record that is contested throughout is itself: large ones are not copied for nothing.
        return self if several.all() else self._take(slice(None), np.flatnonzero(several))

    def seated(self) -> "RollCalls":
        """Return the members that hold a seat in at least one of the roll calls."""
        return self._take(np.flatnonzero((self.votes != Vote.NOT_MEMBER).any(axis=1)), slice(None))

    def _take(self, rows: "NDArray[np.intp] | slice", columns: "NDArray[np.intp] | slice") -> "RollCalls":
        frame = self.rollcalls.iloc[columns]
        out = np.ones(len(self.members), dtype=bool)
        out[rows] = False
        if (self.votes[out][:, columns] >= 0).any():
            # Totals were declared for all who voted: of a part of them they say nothing.
            frame = frame.drop(columns=[name for name in CAST if name in frame.columns])
        # What was checked as a whole is sound in its parts: they do not pass through the door again.
        part = object.__new__(RollCalls)
        kept = {"polarity": self.polarity, "source": self.source}
        taken = {"votes": frozen(self.votes[rows][:, columns]), "rollcalls": frame} | kept
        for name, value in (taken | {"members": self.members.iloc[rows]}).items():
            object.__setattr__(part, name, value)
        return part

    # Families

    def families(self) -> pd.DataFrame:
        """List the resolutions that came back.

        Returns
        -------
        DataFrame, index ``family`` (the slug)
            ``title`` (the latest), ``rollcalls`` (ids in date order), ``first`` and ``last`` date.
        """
        return self._families.copy()

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
        """Return the slug of the family meant, if any is named; see `voteshift.families.find_family`."""
        table = self._families
        return find_family(query, table.index, table["title"])

    def rollcall_id(self, name: str) -> str:
        """Return the id of the one roll call a person means.

        Parameters
        ----------
        name : str
            An id, or a symbol.

        Raises
        ------
        UsageError
            If no roll call answers to it, or several share the symbol.
        """
        if name in self.rollcalls.index:
            return name
        ids = list(self.rollcalls.index[(self.rollcalls["symbol"] == name).to_numpy(bool)])
        if not ids:
            raise UsageError(
                f"no roll call has the symbol or id {quote(name)}",
                id=name,
                remedy="`voteshift tally` lists them",
            )
        if len(ids) > 1:
            raise UsageError(
                f"{len(ids)} roll calls share the symbol {name}: {', '.join(ids)}",
                id=name,
                remedy="give an id",
            )
        return str(ids[0])

    # Views

    def tally(self) -> pd.DataFrame:
        """Count each roll call: ``yes``, ``no``, ``abstain``, ``absent``, ``members``.

        ``absent`` counts members with a seat and no vote: away, or no position recorded.
        """
        counts = {word: (self.votes == code).sum(axis=0) for code, word in _WORD_TO_SHOW.items()}
        counts["absent"] = counts["absent"] + counts.pop("not recorded")
        frame = pd.DataFrame(counts, index=self.rollcalls.index)[list(TALLY_COLUMNS)]
        frame["members"] = (self.votes != Vote.NOT_MEMBER).sum(axis=0)
        return frame

    def to_long(self) -> pd.DataFrame:
        """Return one row per seat and roll call: ``member``, ``rollcall``, ``vote`` (a word)."""
        column, row = np.nonzero((self.votes != Vote.NOT_MEMBER).T)
        return pd.DataFrame(
            {
                "member": self.members.index.to_numpy()[row],
                "rollcall": self.rollcalls.index.to_numpy()[column],
                "vote": [_WORD_TO_SHOW[code] for code in self.votes[row, column].tolist()],
            }
        )

    def to_wide(self) -> pd.DataFrame:
        """Return the matrix as a frame of words, members by roll calls."""
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
        """Build from one row per member and roll call.

        Parameters
        ----------
        votes : DataFrame
            Columns ``member``, ``rollcall`` and ``vote`` (words, or the codes of `voteshift.Vote`), under the
            names that `voteshift.read` knows, and what it reads besides: ``date``, ``title``, ``party`` and
            the like, the same in all rows of a roll call or member. A pair that is not listed is a member
            without a seat in that roll call. This and the next two may be frames of polars, PyArrow or
            whatever else narwhals knows.
        members, rollcalls : DataFrame, optional
            What is known of either, by ids in a column ``member`` or ``rollcall``, or in the index; every
            id in `votes` must be there. Without them, ids in the order they first occur.
        polarity, source
            As in the class.

        Raises
        ------
        InputError
            If a column is missing or cannot be kept, a word unknown, a pair listed twice or an id not in
            its frame; or if the votes are numbers that may be codes of another kind.
        """
        matrix, members, rollcalls = arrange_long(votes, members, rollcalls)
        return cls(matrix, members, rollcalls, polarity=polarity, source=source)

    @classmethod
    def from_wide(cls, votes: pd.DataFrame, **details: Any) -> "RollCalls":
        """Build from a frame of words or codes, members by roll calls; a blank is a member without a seat.

        Parameters
        ----------
        votes : DataFrame
            Index of member ids (a column ``member`` or ``name``, or the first column, of a frame without an
            index), columns of roll-call ids. Columns such as ``party`` say something of members.
        **known
            ``members``, ``rollcalls``, ``polarity`` and ``source`` as in `from_long`.

        Raises
        ------
        InputError
            As in `from_long`.
        """
        listed, members, rollcalls = long_of_wide(
            votes, details.pop("members", None), details.pop("rollcalls", None)
        )
        return cls.from_long(listed, members=members, rollcalls=rollcalls, **details)

    @classmethod
    def concat(
        cls, parts: "Iterable[RollCalls]", *, chambers: Sequence[str], main: str | None = None
    ) -> "RollCalls":
        """Join the records of several chambers on the members they share.

        Parameters
        ----------
        parts : iterable of RollCalls
            The records.
        chambers : sequence of str
            A name for each of them.
        main : str, optional
            The chamber whose ids and slugs stay as they are: the one that is studied.

        Returns
        -------
        RollCalls
            All members, in the order in which they first occur, by the roll calls of all parts, one part
            after the other. A member without a seat in a chamber is NOT_MEMBER there. The frame of roll
            calls gets a column ``chamber``; ids, and slugs of families, that occur in two chambers are
            preceded by the chamber's name and a colon. The polarity member is kept where all parts that
            name one agree.

        Raises
        ------
        UsageError
            If names of chambers lack, are given twice, `main` is none, or a part has chambers already.
        InputError
            If two parts say different things of one member.
        """
        records = list(parts)
        rollcalls = join_rollcalls([part.rollcalls for part in records], chambers, main)
        members = join_members([part.members for part in records], chambers)
        votes = join_votes(
            [part.votes for part in records], [part.members.index for part in records], members.index
        )
        named = {part.polarity for part in records if part.polarity is not None}
        polarity = named.pop() if len(named) == 1 else None
        source = " and ".join(dict.fromkeys(part.source for part in records if part.source))
        return cls(votes, members, rollcalls, polarity=polarity, source=source)

    def _repr_html_(self) -> str:
        """Show the roll calls, latest first, in a notebook."""
        frame = self.rollcalls[["date", "symbol", "title"]].join(self.tally())
        latest = frame.sort_values("date", ascending=False, kind="stable").rename_axis("id")
        return html_table(repr(self), latest, ["Latest first."], most=10, rest="`rollcalls`")

    def __repr__(self) -> str:
        """Return the numbers of members, roll calls and votes, and the dates, on one line."""
        n_members, n_rollcalls = self.votes.shape
        dates = self.rollcalls["date"].dropna()
        span = f", {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}" if len(dates) else ""
        cast = int((self.votes >= 0).sum())
        name = f" of {self.source}" if self.source else ""
        return f"<RollCalls{name}: {n_members} members x {n_rollcalls} roll calls, {cast} votes{span}>"


def present_categories(votes: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which of no, abstain and yes occur in each roll call.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls)
        Codes; negative codes mean that no vote was cast.

    Returns
    -------
    ndarray of bool, shape (n_rollcalls, 3)
        Members are done in blocks, so that no mask has the size of the matrix.
    """
    present = np.zeros((len(CATEGORIES), votes.shape[1]), dtype=bool)
    for begin in range(0, len(votes), _ROWS):
        for code in range(len(CATEGORIES)):
            present[code] |= (votes[begin : begin + _ROWS] == code).any(axis=0)
    return present.T


def _period(text: object) -> pd.Period:
    written = str(text)
    try:
        if _DATE.fullmatch(written):
            return pd.Period(written)
    except ValueError:
        pass
    raise UsageError(f"{quote(written)} is not a date", remedy="write a year, month or day, as 2021-03-23")
