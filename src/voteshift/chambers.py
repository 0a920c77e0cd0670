"""Records of several chambers joined in one record. Members with the same id are one member."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from voteshift.errors import InputError, UsageError, quote

__all__ = ["join_members", "join_rollcalls"]

_CHAMBER: Final = "chamber"
_BLANKS: Final[dict[str, Any]] = {"amendment": False, "reconciled": True}


def join_members(parts: Sequence[pd.DataFrame], chambers: Sequence[str]) -> pd.DataFrame:
    """Return all members of several records, in the order in which they first occur.

    Parameters
    ----------
    parts : sequence of DataFrame, index member
        The members of each record.
    chambers : sequence of str
        The name of each record.

    Raises
    ------
    InputError
        If an attribute of a member differs between two records. Blank cells are not compared.
    """
    ids = list(dict.fromkeys(member for part in parts for member in part.index))
    columns = list(dict.fromkeys(name for part in parts for name in part.columns))
    frame = pd.DataFrame(index=pd.Index(ids, dtype=object))
    for name in columns:
        values: dict[str, tuple[object, str]] = {}
        for part, chamber in zip(parts, chambers, strict=True):
            if name not in part.columns:
                continue
            for member, value in part[name].items():
                if pd.isna(value) or value == "":
                    continue
                before, where = values.setdefault(str(member), (value, chamber))
                if before != value:
                    raise InputError(
                        f"'{name}' of member {member} is {quote(before)} in {where} and {quote(value)} in "
                        f"{chamber}",
                        id=str(member),
                        remedy="correct one of the records, or use different ids for two different members",
                    )
        blank = "" if all(isinstance(value, str) for value, _ in values.values()) else pd.NA
        frame[name] = [values[member][0] if member in values else blank for member in ids]
    return frame


def join_rollcalls(
    parts: Sequence[pd.DataFrame], chambers: Sequence[str], main: str | None = None
) -> pd.DataFrame:
    """Return the roll calls of several records one after the other, with a column ``chamber``.

    Parameters
    ----------
    parts : sequence of DataFrame, index roll call
        The roll calls of each record.
    chambers : sequence of str
        The name of each record.
    main : str, optional
        The chamber whose ids and slugs do not change.

    Returns
    -------
    DataFrame
        If an id or the slug of a family occurs in two chambers, the chamber's name and a colon are written
        before the id or slug, except in `main`. All other ids and slugs do not change. If a record lacks a
        column, its cells are blank.

    Raises
    ------
    UsageError
        If the name of a chamber is empty or occurs twice, `main` is not one of the names, or a record already
        consists of several chambers.
    """
    if len(chambers) != len(parts) or len(set(chambers)) != len(parts) or not all(chambers):
        raise UsageError(
            f"{len(parts)} records need as many different chamber names, but chambers is {list(chambers)}",
            remedy='for instance chambers=("council", "assembly")',
        )
    if main is not None and main not in chambers:
        raise UsageError(f"unknown chamber {quote(main)}", remedy=f"choose from {', '.join(chambers)}")
    for part, chamber in zip(parts, chambers, strict=True):
        if _CHAMBER in part.columns:
            raise UsageError(
                f"the record {chamber} already consists of several chambers",
                remedy="join all records in one call",
            )
    of_id = Counter(label for part in parts for label in part.index)
    of_family = Counter(slug for part in parts for slug in part["family"].unique())
    frames = []
    for part, chamber in zip(parts, chambers, strict=True):
        frame = part.assign(chamber=chamber)
        if chamber != main:
            frame.index = pd.Index(_apart(part.index, of_id, chamber), dtype=object)
            frame["family"] = _apart(part["family"], of_family, chamber)
        frames.append(frame)
    return _stacked(frames)


def _apart(labels: "pd.Index | pd.Series", counts: Counter[str], chamber: str) -> list[str]:
    return [f"{chamber}:{label}" if label and counts[label] > 1 else str(label) for label in labels]


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Stack data frames. If a data frame lacks a column, its cells in this column are blank."""
    index = pd.Index([label for frame in frames for label in frame.index], dtype=object)
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(name for frame in frames for name in frame.columns):
        having = [frame[name] for frame in frames if name in frame.columns]
        texts = all(isinstance(value, str) for column in having for value in column)
        blank = _BLANKS.get(str(name), "" if texts else None)
        values = [
            frame[name] if name in frame.columns else pd.Series([blank] * len(frame), dtype=object)
            for frame in frames
        ]
        if len(having) == len(frames) and len({column.dtype for column in having}) == 1:
            columns[str(name)] = pd.concat(having, ignore_index=True).array
        else:
            cells = [value for column in values for value in column]
            kind = having[0].dtype if len({column.dtype for column in having}) == 1 and not texts else object
            columns[str(name)] = pd.Series(cells, dtype=object).astype(kind).array
    frame = pd.DataFrame(columns)
    frame.index = index
    return frame
