"""Conversion of data frames of votes, members and roll calls into the arrays of a record."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.blocks import store_seats
from voteshift.columns import (
    MEMBER_ATTRIBUTES,
    MEMBER_GROUPS,
    MEMBER_IDS,
    MEMBER_NAMES,
    ROLLCALL_FLAGS,
    ROLLCALL_IDS,
    ROLLCALL_SYMBOLS,
    ROLLCALL_TEXTS,
    kind_of_cells,
    squeeze,
    summary_of,
)
from voteshift.door import as_pandas, codes, lookup, read_dates
from voteshift.errors import InputError, quote
from voteshift.spells import find_spells
from voteshift.store import Store
from voteshift.votes import CAST, is_vote

__all__ = ["arrange_long", "long_of_wide"]

#: Attributes of roll calls and members, and the names of their columns, best first.
_OF_ROLLCALL: Final[dict[str, tuple[str, ...]]] = {
    "date": ("date",),
    "symbol": ROLLCALL_SYMBOLS,
    **ROLLCALL_TEXTS,
    **{name: names for name, (names, _) in ROLLCALL_FLAGS.items()},
    **{name: (name,) for name in CAST},
}
_OF_MEMBER: Final[dict[str, tuple[str, ...]]] = {
    "name": ("name", "name_as_printed"),
    "group": MEMBER_GROUPS,
    **{
        name: (name,) for name in MEMBER_ATTRIBUTES if name not in ("name", "name_as_printed", *MEMBER_GROUPS)
    },
}
_TRUTHS: Final = {"yes": True, "true": True, "no": False, "false": False}
_WHAT: Final = {"member": "member", "rollcall": "roll call"}


def arrange_long(
    votes: Any, members: Any, rollcalls: Any
) -> tuple[Store, pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    """Return votes, members, roll calls and spells in groups from a data frame in long form.

    Parameters
    ----------
    votes : data frame
        Columns for the member, the roll call and the vote, and attributes of members and roll calls.
    members, rollcalls : data frame or None
        Attributes of members and of roll calls. If None, the ids of `votes` are used, in the order in which
        they first occur.

    Raises
    ------
    InputError
        If a column or an id is missing, cannot be kept or contradicts another, or a member occurs twice in a
        roll call.
    """
    votes = _plain(as_pandas(votes), "votes")
    names = {
        "member": _find(votes, *MEMBER_IDS, *MEMBER_NAMES),
        "rollcall": _find(votes, *ROLLCALL_IDS),
        "vote": _find(votes, "vote"),
    }
    for what, name in names.items():
        if name is None:
            raise InputError(
                f"column {quote(what)} is missing", remedy="add the columns 'member', 'rollcall' and 'vote'"
            )
    who = _ids(votes[names["member"]], "member")
    rollcall_ids = _ids(votes[names["rollcall"]], "rollcall")
    _refuse_summaries(who.unique(), "member")
    frames = {}
    for what, described, ids in (("member", members, who), ("rollcall", rollcalls, rollcall_ids)):
        frames[what] = (
            pd.DataFrame(index=pd.Index(ids.unique(), dtype=object))
            if described is None
            else _indexed(described, what, votes[names[what]])
        )
    spellings = {"rollcall": _OF_ROLLCALL, "member": _OF_MEMBER}
    used = set(names.values())
    spells = None
    for what, ids in (("rollcall", rollcall_ids), ("member", who)):
        for ours, theirs in spellings[what].items():
            name = next((name for name in [_find(votes, *theirs)] if name not in used), None)
            if name is not None:
                used.add(name)
                column = votes[name]
                if ours == "group" and "date" in frames["rollcall"].columns:
                    spells, column = _spells(column, who, rollcall_ids, frames["rollcall"]["date"])
                frames[what] = _with_column(frames[what], ours, _one_each(column, ids, what), what)
    unknown = [name for name in votes.columns if name not in used]
    if unknown:
        raise InputError(
            f"column {quote(unknown[0])} of the votes has an unknown name, so it cannot be kept",
            remedy="drop the column, or move it to the data frame 'members' or 'rollcalls'",
        )
    row, column = (
        lookup(frames["member"].index, who, "member"),
        lookup(frames["rollcall"].index, rollcall_ids, "roll call"),
    )
    twice = np.flatnonzero(pd.Series(row * len(frames["rollcall"]) + column).duplicated().to_numpy())
    if len(twice):
        member, rollcall = who.iloc[int(twice[0])], rollcall_ids.iloc[int(twice[0])]
        raise InputError(
            f"member {member} is listed twice in roll call {rollcall}",
            id=str(rollcall),
            remedy="keep one row per member and roll call",
        )
    shape = len(frames["member"]), len(frames["rollcall"])
    store = store_seats(row, column, codes(votes[names["vote"]]), shape)
    return store, frames["member"], _with_truths(frames["rollcall"]), spells


def _spells(
    column: "pd.Series[Any]", who: "pd.Series[Any]", rollcall_ids: "pd.Series[Any]", dates: "pd.Series[Any]"
) -> "tuple[pd.DataFrame | None, pd.Series[Any]]":
    """Return the spells of members whose group changes, and the column with their last group in all rows.

    Raises
    ------
    InputError
        If a member has two groups on one day.
    """
    texts = pd.Series(["" if pd.isna(cell) else str(cell) for cell in column], dtype=object)
    member, members = pd.factorize(who)
    group, groups = pd.factorize(texts)
    rollcall, rollcalls = pd.factorize(rollcall_ids)
    days = read_dates(dates).reindex(rollcalls).to_numpy("datetime64[s]")
    votes = (member, group, rollcall)
    spells = find_spells(np.asarray(members, object), np.asarray(groups, object), votes, days)
    for label, day in spells.contradictory[:1]:
        raise InputError(
            f"member {label} has two groups on {day}",
            id=label,
            remedy="write one group for each member and day, or drop the column",
        )
    if not len(spells.table):
        return None, column
    last = dict(zip(spells.table["member"], spells.table["group"], strict=True))  # the latest spell wins
    changed = [last.get(label, cell) for label, cell in zip(who, column, strict=True)]
    return spells.table, pd.Series(changed, name=column.name, dtype=object)


def long_of_wide(votes: Any, members: Any, rollcalls: Any) -> tuple[pd.DataFrame, Any, Any]:
    """Return a matrix of votes as one row per vote, with data frames of members and roll calls.

    Parameters
    ----------
    votes : data frame
        The index contains ids of members. Each column contains the votes of a roll call or an attribute of
        the members.
    members, rollcalls : data frame or None
        Attributes of members and of roll calls.

    Raises
    ------
    InputError
        If the rows are roll calls, an id occurs twice, or a row or column is a summary of the votes. If the
        name of a row or column describes roll calls or members, but its cells are votes.
    """
    votes = _plain(as_pandas(votes, "member"), "votes")
    key = _find(votes, *MEMBER_IDS) or _find(votes, "name", "name_as_printed")
    if _numbered(votes.index) and key is not None:
        votes = votes.set_index(key)
    rows, columns = (squeeze(str(index.name or "")) for index in (votes.index, votes.columns))
    if rows in ROLLCALL_IDS[:-1] or columns in MEMBER_IDS:
        raise InputError(
            "the rows of the data frame are roll calls",
            remedy="transpose the data frame, so that the rows are members: frame.T",
        )
    ids = _ids(votes.index.to_series(), "member")
    _once(ids, "member")
    _refuse_summaries(ids, "member")
    attributes, kept = {}, []
    for name in votes.columns:
        cells = [cell for cell in votes[name].dropna().tolist() if str(cell).strip()]
        words = sum(isinstance(cell, str) and is_vote(cell) for cell in cells)
        if squeeze(str(name)) in _ATTRIBUTES:
            attributes[str(name)] = votes[name]
        elif (kind := summary_of(str(name))) in ("outcome", "total") or (
            cells and not words and (kind is not None or squeeze(str(name)) in _FACTS)
        ):
            raise InputError(
                f"column {quote(name)} is not a roll call: it summarises the votes or describes roll calls",
                id=str(name),
                remedy="drop the column; write attributes of roll calls in the data frame 'rollcalls'",
            )
        else:
            kept.append(name)
    heads = _ids(pd.Series(kept, dtype=object), "rollcall")
    _once(heads, "roll call")
    frame = votes[kept]
    described = (
        pd.DataFrame(index=pd.Index(ids, dtype=object))
        if members is None
        else _indexed(members, "member", ids)
    )
    for ours, theirs in _OF_MEMBER.items():
        name = next((name for name in attributes if squeeze(name) in map(squeeze, theirs)), None)
        if name is not None:
            described = _with_column(
                described, ours, pd.Series(attributes[name].to_numpy(), index=ids), "member"
            )
    words = frame.to_numpy(object)
    _refuse_descriptions(attributes, ids, words)
    blank = frame.isna().to_numpy(bool) | (np.char.strip(words.astype(str)) == "")
    column, row = np.nonzero(~blank.T)
    listed = {
        "member": ids.to_numpy()[row],
        "rollcall": heads.to_numpy(object)[column],
        "vote": pd.Series(words[row, column]).infer_objects(),
    }
    if rollcalls is None:
        rollcalls = pd.DataFrame(index=pd.Index(heads, dtype=object))
    return pd.DataFrame(listed), described, rollcalls


_ATTRIBUTES: Final = frozenset(squeeze(name) for names in _OF_MEMBER.values() for name in names)
_FACTS: Final = frozenset(squeeze(name) for names in _OF_ROLLCALL.values() for name in names)


def _plain(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Check that the column names of a data frame are unique, and that its axes have one level."""
    for axis, index in (("index", frame.index), ("columns", frame.columns)):
        if isinstance(index, pd.MultiIndex):
            raise InputError(
                f"the axis '{axis}' of the data frame of {what} has {index.nlevels} levels",
                remedy="reduce the axis to one level",
            )
    for name in frame.columns[frame.columns.duplicated()][:1]:
        raise InputError(
            f"the data frame of {what} has two columns named {quote(name)}",
            remedy="rename or drop one of the two columns",
        )
    return frame


def _find(frame: pd.DataFrame, *names: str) -> Any:
    """Return the first of `names` that is a column, ignoring case and separators of words."""
    printed: dict[str, Any] = {}
    for name in frame.columns:
        if isinstance(name, str):
            printed.setdefault(squeeze(name), name)
    return next((printed[squeeze(name)] for name in names if squeeze(name) in printed), None)


def _numbered(index: pd.Index) -> bool:
    """Return True if an index is the default index of pandas."""
    return isinstance(index, pd.RangeIndex) and index.name is None and (index.start, index.step) == (0, 1)


def _ids(column: pd.Series, what: str) -> "pd.Series[Any]":
    """Return ids as text.

    Raises
    ------
    InputError
        If an id is missing, is neither text nor a whole number, or is the same as another id except for its
        type.
    """
    if column.dtype != object and len(column):  # one type: each different id is checked once
        place, labels = pd.factorize(column)
        if (place >= 0).all() and len(labels) < len(column):
            with suppress(InputError):  # the check of all rows names the row
                return pd.Series(_ids(pd.Series(labels), what).to_numpy()[place], dtype=object)
    texts: dict[str, Any] = {}
    ids = []
    for row, label in enumerate(column.tolist()):
        text = _id(label)
        if text is None:
            missing = label is None or label is pd.NaT or label != label  # noqa: PLR0124
            printed = "no id of a" if missing else f"{quote(label)} as the id of a"
            raise InputError(
                f"row {row} has {printed} {what}",
                remedy="write the id as text or as a whole number, or drop the row",
            )
        other = texts.setdefault(text, label)
        if other is not label and (type(other) is not type(label) or other != label):
            raise InputError(
                f"{_WHAT[what]} ids {quote(other)} and {quote(label)} are the same text in two types",
                id=text,
                remedy="write the id in the same type in every row",
            )
        ids.append(text)
    return pd.Series(ids, dtype=object)


def _id(label: Any) -> str | None:
    if isinstance(label, str):
        return label.strip() or None
    if isinstance(label, (bool, np.bool_, bytes, complex, tuple, list, dict, set, frozenset, np.ndarray)):
        return None
    if label is None or label is pd.NA or label is pd.NaT:
        return None
    if isinstance(label, (float, np.floating)):
        return str(int(label)) if np.isfinite(label) and float(label).is_integer() else None
    return str(label)


def _once(ids: "pd.Series[Any]", what: str) -> None:
    for label in ids[ids.duplicated()][:1]:
        raise InputError(
            f"{what} id {quote(label)} occurs twice", id=str(label), remedy="use a different id in each row"
        )


def _refuse_summaries(labels: Sequence[Any], what: str) -> None:
    for label in labels:
        if summary_of(str(label)) in ("outcome", "total"):
            raise InputError(
                f"{quote(label)} looks like a summary of the votes, not like a {what}",
                id=str(label),
                remedy="drop these votes; if this is not a summary, rename it",
            )


def _refuse_descriptions(
    attributes: Mapping[str, "pd.Series[Any]"], ids: "pd.Series[Any]", votes: NDArray[np.object_]
) -> None:
    """Raise an error if a column that describes members contains votes, or a row describes roll calls."""
    letters = all(len(word) == 1 for word in set(_texts(votes.ravel())) if is_vote(word))
    for name, column in attributes.items():
        if kind_of_cells(name, _texts(column), of_members=True, letters=letters) == "votes":
            raise InputError(
                f"column {quote(name)} contains votes, but its name describes members",
                id=name,
                remedy="rename it if it is a roll call; otherwise drop it, or write other values than votes",
            )
    for label in ids[[squeeze(label) in _FACTS.difference(CAST) for label in ids]][:1]:
        raise InputError(
            f"row {quote(label)} has a name that describes roll calls, not a member",
            id=str(label),
            remedy="rename it if it is a member; otherwise move it to the data frame 'rollcalls'",
        )


def _texts(cells: Iterable[Any]) -> list[str]:
    return [text for cell in cells if isinstance(cell, str) and (text := cell.strip())]


def _indexed(frame: Any, what: str, wanted: "pd.Series[Any]") -> pd.DataFrame:
    """Return a data frame of members or roll calls, indexed by id.

    Raises
    ------
    InputError
        If the ids in a column and in the index differ, or neither contains ids.
    """
    plural = f"{_WHAT[what]}s"
    frame = _plain(as_pandas(frame, what), plural)
    names = MEMBER_IDS if what == "member" else ROLLCALL_IDS
    key = _find(frame, *names)
    if _numbered(frame.index):
        if key is not None:
            frame = frame.set_index(key)
        elif len(frame) and set(wanted.tolist()) != set(range(len(frame))):
            raise InputError(
                f"the data frame of {plural} has no ids: its index is 0 to {len(frame) - 1}",
                remedy=f"add a column named '{what}', or set the ids as its index with frame.set_index",
            )
    elif key is not None and squeeze(key) == what:
        if _ids(frame[key], what).tolist() != _ids(frame.index.to_series(), what).tolist():
            raise InputError(
                f"the data frame of {plural} has ids in its index that differ from column {quote(key)}",
                remedy=f"use the column with frame.set_index({quote(key)}), or drop the column",
            )
        frame = frame.drop(columns=key)
    spellings: Mapping[str, tuple[str, ...]] = _OF_MEMBER if what == "member" else _OF_ROLLCALL
    renamed = {
        name: ours
        for ours, theirs in spellings.items()
        if ours not in frame.columns and (name := _find(frame, *theirs)) is not None
    }
    frame = frame.rename(columns=renamed)
    ids = _ids(frame.index.to_series(), what)
    _once(ids, _WHAT[what])
    return frame.set_axis(pd.Index(ids, dtype=object))


def _one_each(column: "pd.Series[Any]", ids: "pd.Series[Any]", what: str) -> "pd.Series[Any]":
    """Return the value of a column for each id. All rows of an id must have the same value."""
    try:
        cells, _ = pd.factorize(column)
    except TypeError:
        raise InputError(
            f"column {quote(column.name)} contains lists or other containers",
            remedy="write text, numbers, dates or truth values",
        ) from None
    position, labels = pd.factorize(ids)
    first = np.zeros(len(labels), dtype=np.intp)
    first[position[::-1]] = np.arange(len(ids))[::-1]
    differs = np.flatnonzero(cells != cells[first[position]])
    if len(differs):
        row = int(differs[0])
        one, other = column.iloc[int(first[position[row]])], column.iloc[row]
        raise InputError(
            f"'{column.name}' of {_WHAT[what]} {ids.iloc[row]} is {quote(one)} in one row and "
            f"{quote(other)} in another row",
            id=str(ids.iloc[row]),
            remedy="write the same value in every row, or drop the column",
        )
    return pd.Series(column.array[first], index=pd.Index(labels, dtype=object))


def _with_column(frame: pd.DataFrame, name: str, column: "pd.Series[Any]", what: str) -> pd.DataFrame:
    """Add a column to a data frame, or compare it with the column of this name."""
    if name not in frame.columns:
        return frame.assign(**{name: column.reindex(frame.index)})
    for label, cell in column.items():
        if label not in frame.index or pd.isna(cell):
            continue
        before = frame.at[label, name]  # noqa: PD008
        if not (cell == before or str(cell) == str(before) or _same_day(cell, before)):
            raise InputError(
                f"'{name}' of {_WHAT[what]} {label} is {quote(cell)} in the data frame of votes and "
                f"{quote(before)} in the data frame of {_WHAT[what]}s",
                id=str(label),
                remedy="correct one of the two values, or drop the column from the data frame of votes",
            )
    return frame


def _same_day(one: Any, other: Any) -> bool:
    try:
        return bool(pd.Timestamp(one) == pd.Timestamp(other))
    except (ValueError, TypeError):
        return False


def _with_truths(rollcalls: pd.DataFrame) -> pd.DataFrame:
    """Convert the words "yes" and "no" in columns of truth values into True and False."""
    for name in ROLLCALL_FLAGS:
        if name in rollcalls.columns and rollcalls[name].map(lambda cell: isinstance(cell, str)).any():
            cells = [
                _TRUTHS.get(cell.lower(), cell) if isinstance(cell, str) else cell for cell in rollcalls[name]
            ]
            rollcalls = rollcalls.assign(**{name: pd.Series(cells, index=rollcalls.index, dtype=object)})
    return rollcalls
