"""Records laid out as grids of cells: one row per vote, a matrix either way round, a folder of tables."""

import random

from fuzz.records import STATES, WORDS, Record, Value
from fuzz.texts import Grid

__all__ = ["lay_out_folder", "lay_out_long", "lay_out_matrix"]

_CAPITALS = [str, str, str, str.upper, str.title]


def _head(rng: random.Random, name: str) -> str:
    """Write the name of a column as a spreadsheet might: capitals, spaces."""
    name = rng.choice(_CAPITALS)(name)
    if rng.random() < 0.1:
        name = {"rollcall": "roll call", "rollcalls": "roll calls"}.get(name.lower(), name)
    return name


def _spelling(rng: random.Random, member: str) -> str:
    if member in STATES and rng.random() < 0.4:
        name = rng.choice(STATES[member])
        return name.upper() if rng.random() < 0.2 else name
    return member


def _word(rng: random.Random, letter: str, simple: bool) -> str:
    word = WORDS[letter][0] if simple else rng.choice(WORDS[letter])
    return word if simple else rng.choice([str, str, str.upper, str.title])(word)


def fact_cell(rng: random.Random, value: Value) -> str:
    """Write a fact about a roll call into a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return rng.choice(["yes", "Yes"] if value else ["no", "NO"])
    return str(value)


def _seats(record: Record) -> list[tuple[str, str, str]]:
    return [
        (member, rollcall, letter)
        for column, rollcall in enumerate(record.rollcalls)
        for member, row in zip(record.members, record.votes, strict=True)
        if (letter := row[column]) != "."
    ]


def _fact_names(record: Record) -> list[str]:
    return list(next(iter(record.facts.values()), {}))


def lay_out_long(rng: random.Random, record: Record, *, facts: bool = True) -> Grid:
    """Lay a record out with one row per vote."""
    states = set(record.members) <= set(STATES)
    member = (
        rng.choice(["member", "iso3", "country", "state", "name_as_printed"])
        if states
        else rng.choice(["member", "member", "name"])
    )
    rollcall = rng.choice(["rollcall", "rollcall", "record", "rcid"])
    names = _fact_names(record) if facts else []
    seats = _seats(record)
    if rng.random() < 0.2:
        rng.shuffle(seats)
    elif rng.random() < 0.3:
        seats.sort(key=lambda seat: record.members.index(seat[0]))
    simple = rng.random() < 0.5
    cells = {id_: [fact_cell(rng, record.facts[id_][name]) for name in names] for id_ in record.rollcalls}
    columns = [member, rollcall, "vote", *names]
    spell = states and rng.random() < 0.5
    grid = [
        [_spelling(rng, who) if spell else who, what, _word(rng, letter, simple), *cells[what]]
        for who, what, letter in seats
    ]
    if record.groups and facts:
        columns.append(rng.choice(["group", "regional_group", "party"]))
        for row, (who, _, _) in zip(grid, seats, strict=True):
            row.append(record.groups[who])
    if rng.random() < 0.15:
        columns.append("remark")
        for number, row in enumerate(grid):
            row.append(f"remark {number}")
    grid = [[_head(rng, name) for name in columns], *grid]
    if rng.random() < 0.3:
        order = rng.sample(range(len(columns)), len(columns))
        grid = [[row[place] for place in order] for row in grid]
    return grid


def lay_out_matrix(rng: random.Random, record: Record, *, transposed: bool = False) -> Grid:
    """Lay a record out as a matrix: members in the first column, or roll calls where it is called so."""
    simple = rng.random() < 0.5
    states = set(record.members) <= set(STATES)
    spell = states and rng.random() < 0.5
    labels = [_spelling(rng, member) if spell else member for member in record.members]
    cells = [["" if letter == "." else _word(rng, letter, simple) for letter in row] for row in record.votes]
    if transposed:
        head = [_head(rng, rng.choice(["rollcall", "record", "rcid"])), *labels]
        return [head, *([id_, *(row[k] for row in cells)] for k, id_ in enumerate(record.rollcalls))]
    first = _head(
        rng, rng.choice(["member", "member", "iso3" if states else "member", "country" if states else "name"])
    )
    return [[first, *record.rollcalls], *([label, *row] for label, row in zip(labels, cells, strict=True))]


def lay_out_folder(rng: random.Random, record: Record) -> dict[str, Grid]:
    """Lay a record out as the tables of a folder, by their names without suffix."""
    names = _fact_names(record)
    matrix = rng.random() < 0.3
    grids = {"votes": lay_out_matrix(rng, record) if matrix else lay_out_long(rng, record, facts=False)}
    carried = ["note"] if rng.random() < 0.3 else []
    head = [rng.choice(["rollcall", "record", "rcid"]), *names, *carried]
    order = list(record.rollcalls)
    if rng.random() < 0.3:
        rng.shuffle(order)
    grids["rollcalls"] = [
        head,
        *(
            [
                id_,
                *(fact_cell(rng, record.facts[id_][name]) for name in names),
                *(f"note {id_}" for _ in carried),
            ]
            for id_ in order
        ),
    ]
    if record.groups or rng.random() < 0.3:
        states = set(record.members) <= set(STATES)
        members = list(record.members)
        if rng.random() < 0.3:
            rng.shuffle(members)
        table = "states" if states and rng.random() < 0.5 else "members"
        columns = ["iso3" if states else "member", "name", *(["group"] if record.groups else [])]
        rows = [[id_, f"Name of {id_}", *([record.groups[id_]] if record.groups else [])] for id_ in members]
        grids[table] = [columns, *rows]
    return grids
