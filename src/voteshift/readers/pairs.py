"""Pairs of roll calls that share one item: a file of bridges such as Voeten's ``matches.csv``."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final

from voteshift.arguments import checked
from voteshift.errors import InputError, quote
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.table import Table, read_table

__all__ = ["Pairs", "read_pairs"]

_COLUMNS: Final = (("rcid1", "rcid2"), ("rollcall1", "rollcall2"), ("record1", "record2"), ("id1", "id2"))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of roll calls that are assumed to share one item.

    Parameters
    ----------
    kept : tuple of (str, str)
        The ids of both roll calls of each pair, in the order of the file.
    left_out : tuple of Finding
        One warning for each pair that is left out, because a roll call is not in the record or the pair
        occurs twice. In each warning, ``line`` is the line of the pair, ``id`` is the pair (``"5436 and
        5541"``), and ``message`` is the reason.
    """

    kept: tuple[tuple[str, str], ...]
    left_out: tuple[Finding, ...]


@checked
def read_pairs(path: str | PathLike[str], rollcalls: Iterable[str]) -> Pairs:
    """Read pairs of roll calls on the same, or nearly the same, text.

    Parameters
    ----------
    path : path
        A table with the columns ``rcid1`` and ``rcid2`` (or ``rollcall1`` and ``rollcall2``, ``record1`` and
        ``record2``, ``id1`` and ``id2``), or a table with only two columns. Other columns, such as a row
        number, are not read.
    rollcalls : iterable of str
        Ids of the roll calls of the record, for instance ``record.rollcalls.index``.

    Raises
    ------
    InputError
        If the table does not have these columns, a cell is blank, a roll call is paired with itself, or all
        pairs are left out.
    """
    notes = Notes()
    table = read_table(Path(path), notes)
    ids = frozenset(map(str, rollcalls))
    kept: dict[tuple[str, str], int] = {}
    left_out: list[Finding] = []
    first, second = _columns(table)
    for row, (one, other) in enumerate(zip(table[first], table[second], strict=True)):
        line, pair = table.line(row), f"{one} and {other}"
        if not one or not other or one == other:
            same = one == other != ""
            what = (
                f"the row pairs {quote(one)} with itself" if same else "the row does not name two roll calls"
            )
            remedy = "write the ids of two roll calls, or remove the row"
            notes.error(what, table.file, line, column=second if one else first, remedy=remedy)
            continue
        lacking = [rollcall for rollcall in (one, other) if rollcall not in ids]
        again = kept.get((one, other), kept.get((other, one)))
        if lacking:
            reason = f"roll call {' and '.join(lacking)} {_is(lacking)} not in the record"
        elif again is not None:
            reason = f"the pair is already on line {again}"
        else:
            kept[one, other] = line
            continue
        left_out.append(Finding("warning", f"{pair}: {reason}", str(table.file), line, None, pair))
    if notes.errors:
        raise notes.errors[0].to_error(others=len(notes.errors) - 1)
    if not kept:
        raise InputError(
            f"none of the {len(left_out)} pairs has both roll calls in the record",
            file=table.file,
            remedy=(
                "check that the file uses the ids of the record, and that the window includes the roll calls"
            ),
        )
    return Pairs(tuple(kept), tuple(left_out))


def _columns(table: Table) -> tuple[str, str]:
    for one, other in _COLUMNS:
        first, second = table.find(one), table.find(other)
        if first is not None and second is not None:
            return first, second
    if len(table.names) == 2:
        return table.names[0], table.names[1]
    table.need("the paired roll calls", *_COLUMNS[1], otherwise=", or keep only the two columns of ids")
    raise InputError(
        "two columns of roll-call ids are needed, but only one column has a known name for roll-call ids",
        file=table.file,
        line=table.header,
        remedy="name the columns 'rollcall1' and 'rollcall2'",
    )


def _is(lacking: list[str]) -> str:
    return "is" if len(lacking) == 1 else "are"
