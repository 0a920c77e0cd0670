# ruff: noqa: RUF001 (odd letters on purpose)
"""Damage to grids and bytes: what people, spreadsheets and networks do to files."""

import random
from collections.abc import Callable

from fuzz.texts import Grid

__all__ = ["mutate_bytes", "mutate_grid"]

_ODD_CELLS = [
    "", " ", "maybe", "present", "yes.", "YES!", "oui", "1", "2", "3", "0", "-1", "1.0", "1e3", "9" * 25,
    "NA", "nan", "None", "inf", "-", "?", "#N/A", "=1+1", "+1", "TRUE", "not a member", "yes no", "Y;N",
    "y,n", '"', '""', '"yes"', "'yes'", "ye\ns", "2021-02-30", "2021-13-01", "03/05/2021", "2021",
    "20210323", "2021-03-23T00:00", "21-03-23", "44278", "0000-01-01", "9999-12-31", "2021-3-5",
    "yes\u200b", "ｙｅｓ", "y\u00e9s", "\u202eyes", "\x07", "a\x00b", "x" * 40_000, "<b>yes</b>", "&amp;",
    "${jndi}", "{{7*7}}", "%s", "\\N", "null", "not recorded", "R", "nv", "paired", "half", "12.5", "1_0",
    "٣", "１", "½", "0x1", "١",
]  # fmt: skip
_ODD_HEADS = [
    "", "vote", "Vote", "VOTE ", "votes", "rollcall", "Roll call", "roll_call", "id", "ID", "record",
    "rcid", "member", "iso3", "name", "country", "state", "date", "Date", "title", "yes", "no", "abstain",
    "total", "group", "party", "symbol", "resolution", "draft", "family", "amendment", "reconciled",
    "session", "Unnamed: 0", "x", "Result", "=cmd", "vote.1", "vоte", "vote\u200b", "ｖｏｔｅ", "\x08",
    "chair", "outcome", "note" * 300,
]  # fmt: skip
_DESCRIPTIONS = [
    "state", "State", "name", "party", "group", "country", "incumbent", "Incumbent", "chair", "title",
    "Title", "date", "session", "subject", "family", "symbol", "draft", "amendment", "Amendment",
    "reconciled",
]  # fmt: skip

GridMutation = Callable[[random.Random, Grid], None]


def _place(rng: random.Random, grid: Grid) -> tuple[int, int]:
    row = rng.randrange(len(grid))
    return row, rng.randrange(max(len(grid[row]), 1))


def _drop_column(rng: random.Random, grid: Grid) -> None:
    column = rng.randrange(len(grid[0]))
    for row in grid:
        del row[column : column + 1]


def _double_column(rng: random.Random, grid: Grid) -> None:
    column, place = rng.randrange(len(grid[0])), rng.randrange(len(grid[0]) + 1)
    same = rng.random() < 0.5
    for number, row in enumerate(grid):
        cell = row[column] if column < len(row) else ""
        row.insert(place, cell if same or number else f"{cell}2")


def _move_columns(rng: random.Random, grid: Grid) -> None:
    order = rng.sample(range(len(grid[0])), len(grid[0]))
    grid[:] = [[row[place] if place < len(row) else "" for place in order] for row in grid]


def _rename_column(rng: random.Random, grid: Grid) -> None:
    grid[0][rng.randrange(len(grid[0]))] = rng.choice(_ODD_HEADS)


def _swap_heads(rng: random.Random, grid: Grid) -> None:
    one, other = (rng.randrange(len(grid[0])) for _ in range(2))
    grid[0][one], grid[0][other] = grid[0][other], grid[0][one]


def _drop_row(rng: random.Random, grid: Grid) -> None:
    del grid[rng.randrange(len(grid))]


def _double_row(rng: random.Random, grid: Grid) -> None:
    grid.insert(rng.randrange(1, len(grid) + 1), list(rng.choice(grid)))


def _move_rows(rng: random.Random, grid: Grid) -> None:
    body = grid[1:]
    rng.shuffle(body)
    grid[1:] = body


def _odd_cell(rng: random.Random, grid: Grid) -> None:
    row, column = _place(rng, grid)
    if grid[row]:
        grid[row][column] = rng.choice(_ODD_CELLS)


def _odd_column(rng: random.Random, grid: Grid) -> None:
    """Give a whole column one odd cell, or numbers, or add one."""
    column, cell = rng.randrange(len(grid[0]) + 1), rng.choice(_ODD_CELLS)
    if column == len(grid[0]):
        grid[0].append(rng.choice(_ODD_HEADS))
    for number, row in enumerate(grid[1:]):
        row.extend([""] * (len(grid[0]) - len(row)))
        row[column] = rng.choice([cell, str(number + 1)])


def _swap_cells(rng: random.Random, grid: Grid) -> None:
    row, column = _place(rng, grid)
    other = rng.randrange(max(len(grid[row]), 1))
    if grid[row]:
        grid[row][column], grid[row][other] = grid[row][other], grid[row][column]


def _copy_cell(rng: random.Random, grid: Grid) -> None:
    row, column = _place(rng, grid)
    other = rng.randrange(len(grid))
    if column < min(len(grid[row]), len(grid[other])):
        grid[other][column] = grid[row][column]


def _change_case(rng: random.Random, grid: Grid) -> None:
    row, column = _place(rng, grid)
    if grid[row]:
        cell = grid[row][column]
        grid[row][column] = rng.choice(
            [cell.upper(), cell.swapcase(), f" {cell}", f"{cell}\u00a0", cell.replace(" ", "  ")]
        )


def _change_count(rng: random.Random, grid: Grid) -> None:
    """Put totals that are off by one, in one row or in all."""
    places = [k for k, head in enumerate(grid[0]) if head.strip().casefold() in {"yes", "no", "abstain"}]
    if places and len(grid) > 1:
        column = rng.choice(places)
        rows = grid[1:] if rng.random() < 0.7 else [rng.choice(grid[1:])]
        for row in rows:
            if column < len(row) and row[column].isdecimal():
                row[column] = str(int(row[column]) + 1)


def _add_totals(rng: random.Random, grid: Grid) -> None:
    """Put a row or a column of summaries at the end."""
    label = rng.choice(["Total", "TOTAL", "Yes", "Result", "MAJORITY", "Sum", "n", "Outcome"])
    kind = rng.choice(["count", "word", "result"])
    cells = {"count": "3", "word": rng.choice(["yes", "no"]), "result": "adopted"}
    if rng.random() < 0.5:
        grid.append([label, *[cells[kind]] * (len(grid[0]) - 1)])
    else:
        grid[0].append(label)
        for row in grid[1:]:
            row.append(cells[kind])


def _add_description(rng: random.Random, grid: Grid) -> None:
    """Put in a row or a column that describes members or roll calls, or that is one with such a name."""
    label = rng.choice(_DESCRIPTIONS)
    words = rng.choice(
        [["yes", "no"], ["yes", "no", "abstain", ""], ["Y", "N"], ["A", "B"], ["On fish", "no"], [""]]
    )
    if rng.random() < 0.5:
        row = [label, *(rng.choice(words) for _ in grid[0][1:])]
        grid.insert(rng.randrange(1, len(grid) + 1), row)
    else:
        place = rng.randrange(1, len(grid[0]) + 1)
        for number, row in enumerate(grid):
            row.insert(place, rng.choice(words) if number else label)


def _transpose(rng: random.Random, grid: Grid) -> None:  # noqa: ARG001
    width = max(len(row) for row in grid)
    grid[:] = [[row[k] if k < len(row) else "" for row in grid] for k in range(width)]


def _ragged(rng: random.Random, grid: Grid) -> None:
    row = rng.choice(grid)
    if row and rng.random() < 0.5:
        del row[-1]
    else:
        row.append(rng.choice(["", "x", "yes"]))


def _insert_row(rng: random.Random, grid: Grid) -> None:
    row = rng.choice(
        [
            ["# a comment"],
            ["#", *[""] * (len(grid[0]) - 1)],
            list(grid[0]),
            ["Source: the council"],
            [""] * len(grid[0]),
        ]
    )
    grid.insert(rng.randrange(len(grid) + 1), row)


_GRID: list[GridMutation] = [
    _drop_column, _double_column, _move_columns, _rename_column, _swap_heads, _drop_row, _double_row,
    _move_rows, _odd_cell, _odd_cell, _odd_cell, _odd_column, _swap_cells, _copy_cell, _change_case,
    _change_count, _add_totals, _add_description, _transpose, _ragged, _insert_row,
]  # fmt: skip


def mutate_grid(rng: random.Random, grid: Grid) -> list[str]:
    """Change a grid in place, once to three times; return the names of the changes."""
    names = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if not grid or not grid[0]:
            break
        mutation = rng.choice(_GRID)
        mutation(rng, grid)
        names.append(mutation.__name__.strip("_"))
    return names


def _truncate(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flip(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]


def _delete(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + data[place + rng.choice([1, 1, 2, 10]) :]


def _insert(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data) + 1)
    piece = rng.choice(
        [
            b'"',
            b"\n",
            b",",
            b";",
            b"\t",
            b"\x00",
            b"\xff",
            b"\xef\xbb\xbf",
            b"'",
            b"\r",
            b"\\",
            b"\x1a",
            b'""',
            b"\xe2\x80\xa8",
        ]
    )
    return data[:place] + piece + data[place:]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    end = start + rng.choice([1, 10, 100])
    return data[:end] + data[start:end] * rng.choice([1, 2, 50]) + data[end:]


def _append(rng: random.Random, data: bytes) -> bytes:
    return data + rng.choice(
        [b"\x00" * 100, b"\n\n\n", data, b"garbage", b"\x1a", bytes(rng.randrange(256) for _ in range(30))]
    )


def mutate_bytes(rng: random.Random, data: bytes) -> tuple[bytes, str]:
    """Return damaged bytes and the name of the damage."""
    if not data:
        return data, "nothing"
    mutation = rng.choice([_truncate, _truncate, _flip, _flip, _delete, _insert, _repeat, _append])
    return mutation(rng, data), mutation.__name__.strip("_")
