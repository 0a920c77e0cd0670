"""The container: votes of members in roll calls, with what is known of both."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, UsageError
from voteshift.families import assign_families, find_family
from voteshift.votes import TALLY_COLUMNS, Vote, parse_vote

__all__ = ["RollCalls"]

_CODES: Final = frozenset(int(vote) for vote in Vote)
_WORD_TO_SHOW: Final = {int(vote): vote.word for vote in Vote}
_MEMBER_COLUMNS: Final = ("name", "group")
_ROLLCALL_COLUMNS: Final = ("date", "symbol", "title", "subject", "session", "amendment", "family")


@dataclass(frozen=True, eq=False, repr=False)
class RollCalls:
    """Members by roll calls, immutable.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_members, n_rollcalls)
        Codes of `voteshift.Vote`. The array is copied where it is writable, and frozen.
    members : DataFrame, index ``member``
        One row per row of `votes`: ``name``, ``group`` (regional group or party) and whatever else is known.
        Ids are ISO 3166-1 alpha-3 codes where the members are states.
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
    members: pd.DataFrame
    rollcalls: pd.DataFrame
    polarity: str | None = None
    source: str = field(default="")

    def __post_init__(self) -> None:
        """Check at the door, then freeze."""
        votes = np.ascontiguousarray(self.votes, dtype=np.int8)
        if votes is self.votes and votes.flags.writeable:
            votes = votes.copy()
        if votes.shape != (len(self.members), len(self.rollcalls)):
            raise InputError(
                f"votes have shape {votes.shape}, but there are {len(self.members)} members and "
                f"{len(self.rollcalls)} roll calls"
            )
        for frame, what in ((self.members, "member"), (self.rollcalls, "rollcall")):
            repeated = frame.index[frame.index.duplicated()]
            if len(repeated):
                raise InputError(f"{what} id {repeated[0]!r} occurs twice", id=str(repeated[0]))
        unknown = set(np.unique(votes).tolist()) - _CODES
        if unknown:
            raise InputError(f"unknown vote code {min(unknown)}", remedy=f"codes are {sorted(_CODES)}")
        votes.flags.writeable = False
        object.__setattr__(self, "votes", votes)
        object.__setattr__(self, "members", _complete(self.members, "member", _MEMBER_COLUMNS))
        object.__setattr__(self, "rollcalls", _complete(self.rollcalls, "rollcall", _ROLLCALL_COLUMNS))
        self._check_totals()

    def _check_totals(self) -> None:
        if not {"yes", "no", "abstain"} <= set(self.rollcalls.columns):
            return
        trusted = self.rollcalls.get("reconciled", pd.Series(True, index=self.rollcalls.index)).astype(bool)
        listed = self.tally()
        for name in ("yes", "no", "abstain"):
            declared = pd.to_numeric(self.rollcalls[name]).astype("Float64")
            wrong = trusted & declared.notna() & (declared != listed[name])
            if wrong.any():
                which = wrong.idxmax()
                raise InputError(
                    f"roll call {which} declares {int(declared[which])} {name} but lists "
                    f"{int(listed.loc[which, name])}",
                    id=str(which),
                    remedy="correct the list or the total, or mark the roll call reconciled = no",
                )

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
        rows = _positions(self.members.index, members, "member")
        columns = _positions(self.rollcalls.index, rollcalls, "roll call")
        frame = self.rollcalls.iloc[columns]
        if subject is not None:
            hit = frame["subject"].fillna("").str.contains(subject, case=False, regex=False).to_numpy(bool)
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
            If a date cannot be read.
        """
        dates = self.rollcalls["date"]
        keep = np.ones(len(dates), dtype=bool)
        if since is not None:
            keep &= (dates >= _period(since).start_time).to_numpy(bool)
        if until is not None:
            keep &= (dates <= _period(until).end_time).to_numpy(bool)
        return self._take(slice(None), np.flatnonzero(keep))

    def contested(self) -> "RollCalls":
        """Return the roll calls in which not all votes cast were the same."""
        cast = self.votes >= 0
        highest = np.where(cast, self.votes, np.int8(-1)).max(axis=0, initial=-1)
        lowest = np.where(cast, self.votes, np.int8(9)).min(axis=0, initial=9)
        return self._take(slice(None), np.flatnonzero(highest > lowest))

    def seated(self) -> "RollCalls":
        """Return the members that hold a seat in at least one of the roll calls."""
        return self._take(np.flatnonzero((self.votes != Vote.NOT_MEMBER).any(axis=1)), slice(None))

    def _take(self, rows: "NDArray[np.intp] | slice", columns: "NDArray[np.intp] | slice") -> "RollCalls":
        return replace(
            self,
            votes=self.votes[rows][:, columns],
            members=self.members.iloc[rows],
            rollcalls=self.rollcalls.iloc[columns],
        )

    # Families

    def families(self) -> pd.DataFrame:
        """List the resolutions that came back: index slug; ``title``, ``rollcalls`` (ids in date order), ``first``, ``last``."""
        frame = self.rollcalls[self.rollcalls["family"] != ""].sort_values("date", kind="stable")
        rows = {
            slug: {
                "title": part["title"].iloc[-1],
                "rollcalls": tuple(part.index),
                "first": part["date"].iloc[0],
                "last": part["date"].iloc[-1],
            }
            for slug, part in frame.groupby("family", sort=True)
            if len(part) > 1
        }
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["title", "rollcalls", "first", "last"])
        return table.rename_axis("family")

    def family_slug(self, query: str) -> str:
        """Return the slug of the family a person means; see `voteshift.families.find_family`."""
        table = self.families()
        return find_family(query, table.index, table["title"])

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
        """Return one row per member with a seat and roll call: ``member``, ``rollcall``, ``vote`` (a word)."""
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
        words = np.array([_WORD_TO_SHOW[code] for code in range(min(_CODES), max(_CODES) + 1)], dtype=object)
        return pd.DataFrame(
            words[self.votes.astype(np.intp) - min(_CODES)],
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
            Columns ``member``, ``rollcall`` and ``vote`` (words, or the codes of `voteshift.Vote`). A pair
            that is not listed is a member without a seat in that roll call.
        members, rollcalls : DataFrame, optional
            What is known of either, indexed by id; every id in `votes` must be there. Without them, ids in
            the order they first occur.
        polarity, source
            As in the class.

        Raises
        ------
        InputError
            If a column is missing, a word unknown, a pair listed twice or an id not in its frame.
        """
        missing = [name for name in ("member", "rollcall", "vote") if name not in votes.columns]
        if missing:
            raise InputError(f"column {missing[0]!r} is missing", remedy="needed: member, rollcall, vote")
        members = pd.DataFrame(index=pd.Index(votes["member"].unique())) if members is None else members
        rollcalls = pd.DataFrame(index=pd.Index(votes["rollcall"].unique())) if rollcalls is None else rollcalls
        row = _lookup(members.index, votes["member"], "member")
        column = _lookup(rollcalls.index, votes["rollcall"], "roll call")
        pair = row * len(rollcalls) + column
        twice = np.flatnonzero(pd.Series(pair).duplicated().to_numpy())
        if len(twice):
            again = votes.iloc[int(twice[0])]
            raise InputError(
                f"member {again['member']} is listed twice in roll call {again['rollcall']}",
                id=str(again["rollcall"]),
                remedy="keep one row per member and roll call",
            )
        matrix = np.full((len(members), len(rollcalls)), Vote.NOT_MEMBER, dtype=np.int8)
        matrix[row, column] = _codes(votes["vote"])
        return cls(matrix, members, rollcalls, polarity=polarity, source=source)

    @classmethod
    def from_wide(cls, votes: pd.DataFrame, **known: Any) -> "RollCalls":
        """Build from a frame of words or codes, members by roll calls; a blank is a member without a seat.

        Parameters
        ----------
        votes : DataFrame
            Index of member ids, columns of roll-call ids.
        **known
            ``members``, ``rollcalls``, ``polarity`` and ``source`` as in `from_long`.

        Raises
        ------
        InputError
            As in `from_long`.
        """
        for labels, what in ((votes.index, "member"), (votes.columns, "roll call")):
            if labels.has_duplicates:
                raise InputError(f"{what} id {labels[labels.duplicated()][0]!r} occurs twice")
        stacked = votes.rename_axis(index="member", columns="rollcall").stack().rename("vote").reset_index()
        stacked = stacked[stacked["vote"].notna() & (stacked["vote"].astype(str).str.strip() != "")]
        known.setdefault("members", pd.DataFrame(index=votes.index))
        known.setdefault("rollcalls", pd.DataFrame(index=votes.columns))
        return cls.from_long(stacked, **known)

    def __repr__(self) -> str:
        """Say how many, of what, when."""
        n_members, n_rollcalls = self.votes.shape
        dates = self.rollcalls["date"].dropna()
        span = f", {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}" if len(dates) else ""
        cast = int((self.votes >= 0).sum())
        name = f" of {self.source}" if self.source else ""
        return f"<RollCalls{name}: {n_members} members x {n_rollcalls} roll calls, {cast} votes{span}>"


def _complete(frame: pd.DataFrame, what: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Copy a frame, name its index, make its ids text and add the columns every part of the package reads."""
    frame = frame.copy()
    frame.index = pd.Index([str(label) for label in frame.index], name=what, dtype=object)
    for name in columns:
        if name in frame.columns or name == "family":
            continue
        frame[name] = pd.NaT if name == "date" else False if name == "amendment" else ""
    if what == "rollcall":
        frame["date"] = _dates(frame["date"])
        if "family" not in frame.columns:
            frame["family"] = assign_families(frame)
    return frame


def _dates(column: pd.Series) -> pd.Series:
    try:
        return pd.to_datetime(column).astype("datetime64[s]")
    except (ValueError, TypeError) as error:
        for label, value in column.items():
            try:
                pd.to_datetime(value)
            except (ValueError, TypeError):
                raise InputError(
                    f"roll call {label} has the date {value!r}", id=str(label), remedy="write dates as 2021-03-23"
                ) from None
        raise InputError("the dates are written in different ways", remedy="write dates as 2021-03-23") from error


def _period(text: str) -> pd.Period:
    try:
        return pd.Period(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a date", remedy="write a year, month or day as 2021-03-23") from None


def _positions(index: pd.Index, wanted: Iterable[str] | None, what: str) -> NDArray[np.intp]:
    if wanted is None:
        return np.arange(len(index))
    names = [str(name) for name in wanted]
    found = index.get_indexer(pd.Index(names, dtype=object))
    for name, where in zip(names, found, strict=True):
        if where < 0:
            raise UsageError(f"no {what} has the id {name!r}", id=name)
    return found


def _lookup(index: pd.Index, wanted: pd.Series, what: str) -> NDArray[np.intp]:
    found = index.get_indexer(pd.Index(wanted))
    unknown = np.flatnonzero(found < 0)
    if len(unknown):
        name = wanted.iloc[int(unknown[0])]
        raise InputError(f"{what} {name!r} votes but is not in the list of {what}s", id=str(name))
    return found


def _codes(column: pd.Series) -> NDArray[np.int8]:
    """Turn words or codes into codes, by the distinct values."""
    known: Mapping[Hashable, int]
    try:
        known = {value: _code(value) for value in column.unique()}
    except (KeyError, ValueError) as error:
        raise InputError(
            f"unknown vote {error.args[0]!r}", remedy="votes are yes, no, abstain, absent, not recorded"
        ) from None
    return column.map(known).to_numpy(np.int8)


def _code(value: object) -> int:
    if isinstance(value, str):
        return int(parse_vote(value))
    if isinstance(value, (int, np.integer, float, np.floating)) and value in _CODES:
        return int(value)
    raise KeyError(value)
