"""Reading of a matrix of votes: detection of members in rows or columns, and of columns without votes."""

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.columns import (
    MEMBER_ATTRIBUTES,
    MEMBER_GROUPS,
    MEMBER_IDS,
    MEMBER_NAMES,
    OF_MEMBERS,
    OF_ROLLCALLS,
    ROLLCALL_FLAGS,
    ROLLCALL_IDS,
    ROLLCALL_SYMBOLS,
    ROLLCALL_TEXTS,
    side_of,
    squeeze,
    summary_of,
)
from voteshift.errors import InputError, quote
from voteshift.readers.attributes import Description, are_letters, check_description
from voteshift.readers.findings import Finding, Notes
from voteshift.readers.listing import Listing, filled, list_long
from voteshift.readers.names import state_id
from voteshift.readers.options import ReadOptions, suggest_codes
from voteshift.readers.summaries import Summary, check_summary
from voteshift.readers.table import Column, Table
from voteshift.votes import CAST, Vote

__all__ = ["list_votes"]

#: Cells that R writes for a matrix of 0 and 1 or of truth values, and for missing values.
_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.0+)?|NA|TRUE|FALSE", re.ASCII | re.IGNORECASE)
_WHERE_MATRIX: Final = ROLLCALL_IDS[:-1]  # without "id", which may be the id of a member
_ROW_NUMBERS: Final = frozenset(("", "unnamed0", "index", "rownames", "no", "nr", "#", "x"))
_ATTRIBUTES: Final = frozenset(map(squeeze, MEMBER_ATTRIBUTES))
_FACTS: Final = frozenset(
    map(
        squeeze,
        (
            "date",
            *ROLLCALL_SYMBOLS,
            *(name for names in ROLLCALL_TEXTS.values() for name in names),
            *(name for names, _ in ROLLCALL_FLAGS.values() for name in names),
        ),
    )
)
_KNOWN: Final = _ATTRIBUTES | _FACTS | frozenset(CAST)
_NO_FACTS: Final = (
    "; in a folder, write attributes of members to members.csv and attributes of roll calls to rollcalls.csv"
)
_SHOWN: Final = 2  # labels that a message shows


@dataclass(slots=True)
class _Grid:
    """A matrix whose cells are codes of words, -1 for a blank cell."""

    cells: NDArray[np.int32]
    words: list[str]
    rows: NDArray[np.object_]
    heads: NDArray[np.object_]
    lines: NDArray[np.int64]


def list_votes(table: Table, stem: str, notes: Notes) -> Listing:
    """Return the votes in a table, which has one row per vote or is a matrix.

    Parameters
    ----------
    table : Table
        A table with a column ``vote`` has one row per vote. It needs a column of `MEMBER_IDS` or
        `MEMBER_NAMES` and, unless the table is one roll call, a column of `ROLLCALL_IDS`. Any other table is
        a matrix. Its first columns are a column of labels (`MEMBER_IDS`, `MEMBER_NAMES` or `ROLLCALL_IDS`,
        else the first column), and its other columns contain votes. Columns that describe the rows, rows that
        describe the columns, and summaries are recognised by their names. Summaries must agree with the
        votes.
    stem : str
        The id of the roll call if the table is one roll call.
    notes : Notes
        Collects an error for every row without a member or roll call, and a warning for every row or column
        that is left out.

    Raises
    ------
    InputError
        If the table has neither layout. If the table has no column of roll calls and lists most members more
        than once. If the column of roll calls only numbers the rows. If one member stands for several
        persons.
    """
    return list_long(table, stem, notes) if table.find("vote") is not None else _list_matrix(table, notes)


def _list_matrix(table: Table, notes: Notes) -> Listing:
    table = _key_first(table, notes)
    for name in table.names:
        if squeeze(name) in _KNOWN:
            table.find(name)  # raises where two columns have this name
    in_rows = _rollcalls_in_rows(table)
    rows = _once(table, notes)
    labels = table.columns[0].take(rows)
    options = notes.options
    _refuse_votes_as_labels(table, labels, options)
    votes, beside = _split_columns(table, rows, in_rows, options)
    if not votes:
        _refuse(table, "no column contains votes")
    grid = _grid(table, rows, labels, votes, options)
    descriptions: dict[str, Column] = {
        name: _taken(table, name, rows) for name in beside if summary_of(name) is None
    }
    summaries = [(name, _taken(table, name, rows).take()) for name in beside if summary_of(name) is not None]
    apart = {
        row: kind
        for row in range(len(labels))
        if (kind := _kind_of_row(grid, row, in_rows, options)) != "votes"
    }
    across = {str(labels[row]): _words_of(grid, row) for row, kind in apart.items() if kind == "said"}
    sums = [(row, _words_of(grid, row)) for row, kind in apart.items() if kind == "summary"]
    kept = np.array([row for row in range(len(labels)) if row not in apart], dtype=np.intp)
    of_rows = {name: column.take(kept) for name, column in descriptions.items()}
    letters = are_letters((grid.words[code] for code in np.unique(grid.cells[kept]) if code >= 0), options)
    for label, cells in of_rows.items():
        check_description(
            Description(label, "column", table.header, cells, not in_rows), letters, table, notes
        )
    line_of = dict(zip(map(str, labels), grid.lines.tolist(), strict=True))
    for label, cells in across.items():
        check_description(Description(label, "row", line_of[label], cells, in_rows), letters, table, notes)
    codes = _codes(grid, options)
    for row, cells in sums:
        check_summary(
            Summary(str(labels[row]), "row", int(grid.lines[row]), cells, grid.heads, not in_rows),
            codes[kept].T,
            table,
            notes,
        )
    for name, cells in summaries:
        check_summary(
            Summary(name, "column", table.header, cells[kept], labels[kept], in_rows),
            codes[kept],
            table,
            notes,
        )
    members, rollcalls = (across, of_rows) if in_rows else (of_rows, across)
    names = next(
        (members.pop(name) for name in list(members) if squeeze(name) in ("name", "nameasprinted")), None
    )
    group = next(
        (name for wanted in MEMBER_GROUPS for name in members if squeeze(name) == squeeze(wanted)), None
    )
    lines = np.full(len(grid.heads), table.header) if not in_rows else grid.lines[kept]
    facts = _facts(table, grid.heads if not in_rows else labels[kept], rollcalls, lines)
    at_row, at_column = np.nonzero(grid.cells[kept] >= 0)
    word, present = pd.factorize(grid.cells[kept][at_row, at_column])
    words = np.array(grid.words, dtype=object)[present] if len(present) else np.array([], dtype=object)
    ids, lines = labels[kept], grid.lines[kept][at_row]
    groups = members.pop(group) if group else None
    if in_rows:
        member, rollcall, member_ids, rollcall_ids = at_column, at_row, grid.heads, ids
    else:
        member, rollcall, member_ids, rollcall_ids = at_row, at_column, ids, grid.heads
    return Listing(
        table.file, member_ids, rollcall_ids, words, member, rollcall, word, lines,
        names=names, groups=groups, attributes=members or None, facts=facts,
    )  # fmt: skip


def _key_first(table: Table, notes: Notes) -> Table:
    """Return the table with the column of labels first, and without a column that numbers the rows."""
    if len(table.names) < 2:
        _refuse(
            table,
            "the table has only one column; the first row must be the header, and commas, tabs or semicolons "
            "must separate the cells",
        )
    first = table.names[0]
    key = table.find(*MEMBER_IDS) or table.find(*_WHERE_MATRIX)
    if key is None:
        key = first
        again = pd.unique(table.columns[0].codes).size < len(table)
        other = table.find("name_as_printed", "name", *OF_MEMBERS)
        if other is not None and (again or _numbers_rows(table)):
            key = other
    if key == first:
        return table
    numbered = _numbers_rows(table)
    if numbered:
        notes.warning(
            f"the first column {quote(first)} numbers the rows, so this column is not read",
            table.file,
            table.header,
            remedy="remove the column",
        )
    elif not first:  # only a column of labels may have no name
        raise InputError(
            "column 1 has no name",
            file=table.file,
            line=table.header,
            remedy="write a name in the header, or remove the column",
        )
    order = [table.names.index(key)]
    order += [
        index for index, name in enumerate(table.names) if name != key and not (numbered and index == 0)
    ]
    return replace(
        table,
        names=tuple(table.names[index] for index in order),
        columns=tuple(table.columns[index] for index in order),
    )


def _numbers_rows(table: Table) -> bool:
    if squeeze(table.names[0]) not in _ROW_NUMBERS:
        return False
    cells = table.columns[0].take().tolist()
    return any(cells == [str(k + begin) for k in range(len(cells))] for begin in (0, 1))


def _refuse(table: Table, why: str) -> None:
    matrix = f" if the table has one row per vote; the table cannot be read as a matrix either: {why}"
    table.need("the votes", "vote", otherwise=matrix)


def _once(table: Table, notes: Notes) -> NDArray[np.intp]:
    """Return the rows with a label; if a label occurs twice, only its first row."""
    rows = filled(table, table.names[0], "label", notes)
    labels = table.columns[0].take()
    first = pd.Series(labels[rows]).drop_duplicates()

    def complain(row: int) -> Finding:
        label = str(labels[row])
        first_line = table.line(int(np.argmax(labels == label)))
        message = f"{label} has a row on line {first_line} and another row on this line"
        return Finding(
            "error", message, str(table.file), table.line(row), None, label, "keep one of the two rows"
        )

    notes.each(np.delete(rows, first.index), complain)
    return rows[first.index]


def _refuse_votes_as_labels(table: Table, labels: NDArray[np.object_], options: ReadOptions) -> None:
    """Raise an error if the column of labels contains only votes: the names of the rows are missing."""
    words = [str(label) for label in labels]
    named = table.find(*MEMBER_IDS, *MEMBER_NAMES, *_WHERE_MATRIX) == table.names[0]
    if len(words) > named and all(map(options.is_vote, words)):
        raise InputError(
            f"column {quote(table.names[0])} should contain the names of the rows, but contains votes "
            f"({', '.join(map(quote, words[:_SHOWN]))})",
            file=table.file,
            line=table.header,
            remedy="write the names of members or roll calls into a first column 'member' or 'rollcall'",
        )


def _taken(table: Table, name: str, rows: NDArray[np.intp]) -> Column:
    column = table.column(name)
    return Column(column.codes[rows], column.labels)


def _split_columns(
    table: Table, rows: NDArray[np.intp], in_rows: bool, options: ReadOptions
) -> tuple[list[str], list[str]]:
    """Return the columns of votes, and the columns that describe or summarise the rows."""
    votes, beside = [], []
    n_words = cells = 0
    for name, printed in zip(table.names[1:], table.columns[1:], strict=True):
        column = Column(printed.codes[rows], printed.labels)
        counts = np.bincount(column.codes, minlength=len(column.labels))
        texts = {str(text): int(n) for text, n in zip(column.labels, counts, strict=True) if text and n}
        words = sum(n for text, n in texts.items() if options.is_vote(text))
        key, kind = squeeze(name), summary_of(name)
        if (
            key in (_FACTS if in_rows else _ATTRIBUTES)
            or (in_rows and key in CAST and texts and not words)
            or (kind is not None and texts and (kind in ("outcome", "total") or not words))
        ):
            beside.append(name)
        elif not words and texts:
            numbers = all(_NUMBER.fullmatch(text) for text in texts)
            why = ": numbers and TRUE are not read as votes; write yes and no" if numbers else _NO_FACTS
            _refuse(table, f"column {quote(name)} does not contain votes{why}{_suggestion(texts)}")
        elif key in (_ATTRIBUTES if in_rows else ()) and words:
            _refuse(table, f"column {quote(name)} describes members, but the rows are roll calls")
        else:
            votes.append(name)
            n_words, cells = n_words + words, cells + sum(texts.values())
    if len(rows) and (2 * n_words < cells or (votes and not cells)):
        _refuse(table, "most cells do not contain a vote word")
    return votes, beside


def _grid(
    table: Table,
    rows: NDArray[np.intp],
    labels: NDArray[np.object_],
    votes: list[str],
    options: ReadOptions,
) -> _Grid:
    cells = np.full((len(rows), len(votes)), -1, dtype=np.int32)
    words: dict[str, int] = {}
    by_name = dict(zip(table.names, table.columns, strict=True))  # a search for each would be quadratic
    for position, name in enumerate(votes):
        column = by_name[name]
        code_of = np.array(
            [
                words.setdefault(str(text), len(words)) if text or options.counts_blanks else -1
                for text in column.labels
            ]
        )
        cells[:, position] = code_of[column.codes[rows]]
    return _Grid(cells, list(words), labels, np.array(votes, dtype=object), table.lines[rows])


def _suggestion(texts: dict[str, int]) -> str:
    suggestion = suggest_codes(list(texts))
    return f"; if they are votes, {suggestion}" if suggestion else ""


def _words_of(grid: _Grid, row: int) -> NDArray[np.object_]:
    return np.array([*grid.words, ""], dtype=object)[grid.cells[row]]


def _codes(grid: _Grid, options: ReadOptions) -> NDArray[np.int8]:
    """Return the codes of all cells; unknown words become "not a member" here and are reported later."""
    of_word = [options.vote_code(word) for word in grid.words]
    codes = [Vote.NOT_MEMBER if code is None else code for code in of_word]
    return np.array([*codes, Vote.NOT_MEMBER], dtype=np.int8)[grid.cells]


def _kind_of_row(grid: _Grid, row: int, in_rows: bool, options: ReadOptions) -> str:
    """Return the kind of a row: "votes", "summary", or "said" for a description of the columns."""
    label = str(grid.rows[row])
    kind = summary_of(label)
    if squeeze(label) in (_ATTRIBUTES if in_rows else _FACTS):
        return "said"
    if kind is None:
        return "votes"
    texts = [word for word in set(_words_of(grid, row).tolist()) if word]
    words = sum(map(options.is_vote, texts))
    if kind in ("outcome", "total") or (texts and not words):
        return "summary"
    return "votes"


def _facts(
    table: Table,
    ids: NDArray[np.object_],
    descriptions: dict[str, NDArray[np.object_]],
    lines: NDArray[np.int64],
) -> Table | None:
    """Return the descriptions of roll calls in a matrix as a table with a row for each."""
    if not descriptions:
        return None
    columns = []
    for cells in (ids, *descriptions.values()):
        codes, texts = pd.factorize(cells)
        columns.append(Column(codes.astype(np.int32), np.asarray(texts, dtype=object)))
    return Table(
        table.file, ("rollcall", *descriptions), tuple(columns), lines.astype(np.int64), table.header
    )


def _rollcalls_in_rows(table: Table) -> bool:
    """Return True if the rows of a matrix are roll calls, False if they are members.

    Raises
    ------
    InputError
        If the rows look like roll calls and no column has the name of a column of roll calls. If neither
        rows nor columns can be recognised as members.
    """
    first, heads = table.names[0], list(table.names[1:])
    if any(table.find(name) == first for name in _WHERE_MATRIX):
        return True
    if any(
        table.find(name) == first for name in (*MEMBER_IDS, *MEMBER_NAMES[:-1], *OF_MEMBERS, *MEMBER_GROUPS)
    ):
        return False
    labels = [str(label) for label in table.columns[0].labels if label]
    heads = [name for name in heads if summary_of(name) is None]
    why = f"the first column is {quote(first)}" if table.find(*OF_ROLLCALLS) == first else ""
    states = [2 * sum(state_id(name) is not None for name in side) > len(side) for side in (labels, heads)]
    if not why and states[1] and not states[0]:
        why = "the columns are states and the rows are not"
    facts = [name for name in heads if squeeze(name) in _FACTS or squeeze(name) in CAST]
    members = [name for name in heads if squeeze(name) in _ATTRIBUTES]
    rows, columns = side_of(labels), side_of([name for name in heads if name not in (*facts, *members)])
    if not why and not states[0] and not members:
        if rows == "rollcall" and columns != "rollcall":
            why = f"their names look like {quote(labels[0])}"
        elif columns == "member" and rows != "member":
            why = f"the names of the columns look like {quote(heads[0])}"
    if why:
        raise InputError(
            f"the rows look like roll calls: {why}",
            file=table.file,
            line=table.header,
            remedy="name the first column 'rollcall', or 'member' if the rows are members",
        )
    named = table.find("name") == first
    if named or states[0] or members or rows == "member" or columns == "rollcall":
        return False
    raise InputError(
        "it is unclear whether the rows or the columns of the table are members: the first column is "
        f"{quote(first)}, the rows are {_some(labels)}, the columns are {_some(heads)}",
        file=table.file,
        line=table.header,
        remedy=(
            "name the first column 'member' if the rows are members, 'rollcall' if they are roll calls; if "
            "the table has one row per vote, give the names of its columns, for instance "
            "columns={'NAME': 'vote'}"
        ),
    )


def _some(labels: list[str]) -> str:
    return ", ".join(map(quote, labels[:_SHOWN])) + ", ..." * (len(labels) > _SHOWN)
