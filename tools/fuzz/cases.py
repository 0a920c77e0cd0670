"""One input: its files, how they came about, and what must come of them."""

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

from fuzz.expected import Expected, MustRefuse, Unsure, record_document
from fuzz.layouts import lay_out_folder, lay_out_long, lay_out_matrix
from fuzz.mutations import mutate_bytes, mutate_grid
from fuzz.own import draw_own, mutate_own, parse_own, write_own
from fuzz.records import Record, draw_record
from fuzz.tables import has_controls, interpret_folder, interpret_table
from fuzz.texts import Dialect, Grid, draw_dialect, parse_text, write_text
from fuzz.traps import draw_trap
from fuzz.workbooks import damage_workbook, draw_sheets, grid_of, spoil_sheets, write_workbook

__all__ = ["LAYOUTS", "Case", "draw_case"]


@dataclass(frozen=True)
class Case:
    """Files to be read, the first of the names being given to the reader."""

    layout: str
    name: str
    files: dict[str, bytes]
    expected: Expected
    changes: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        """Write the files into an empty folder; return the path to be read."""
        for name, data in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder / self.name


def _expect_grid(grid: Grid, stem: str, plain: bool) -> Expected:
    record, sure = interpret_table(grid, stem)
    return Expected(record_document(record), plain=plain and sure)


def _expect_text(data: bytes, dialect: Dialect, stem: str, plain: bool) -> Expected:
    try:
        grid = parse_text(data, dialect.separator, dialect.encoding)
        if dialect.first_line:
            del grid[:1]
        return _expect_grid(grid, stem, plain)
    except MustRefuse as reason:
        return Expected(reason=str(reason))
    except Unsure as reason:
        return Expected(reason=str(reason), unsure=True)


def _file_name(rng: random.Random, dialect: Dialect) -> tuple[str, str]:
    stem = rng.choice(["votes", "votes", "my votes", "vötes", "-x", "2018", "votes (1)"])
    packed = dialect.packed if dialect.packed in {"gz", "xz"} and rng.random() < 0.7 else ""
    return stem, f"{stem}{dialect.suffix}{f'.{packed}' if packed else ''}"


def _draw_table(rng: random.Random, layout: str) -> Case:
    record = draw_record(rng)
    grid = (
        lay_out_long(rng, record)
        if layout == "long"
        else lay_out_matrix(rng, record, transposed=layout == "transposed")
    )
    damage = rng.random()
    changes = mutate_grid(rng, grid) if 0.3 < damage < 0.8 else []
    dialect = draw_dialect(rng, plain=damage < 0.25 or damage > 0.8)
    if not grid or not grid[0]:
        grid = [[""]]
    data = write_text(rng, grid, dialect)
    if damage > 0.85:
        data, change = mutate_bytes(rng, data)
        changes.append(change)
    stem, name = _file_name(rng, dialect)
    plain = not changes and dialect.documented
    expected = _called(_expect_text(data, dialect, stem, plain), stem, name)
    odd = [key for key, value in vars(dialect).items() if value != getattr(Dialect(), key)]
    return Case(
        layout, name, {name: data}, expected, [*changes, *(f"{key}={getattr(dialect, key)!r}" for key in odd)]
    )


def _draw_folder(rng: random.Random) -> Case:
    record = draw_record(rng)
    grids = lay_out_folder(rng, record)
    damage, changes = rng.random(), []
    if 0.3 < damage < 0.8:
        table = rng.choice(sorted(grids))
        changes = [f"{table}: {change}" for change in mutate_grid(rng, grids[table])]
        if rng.random() < 0.05:
            del grids[table]
            changes.append(f"{table}: removed")
    files, parsed = {}, {}
    reason: Exception | None = None
    for table, grid in grids.items():
        dialect = draw_dialect(rng, plain=True)
        data = write_text(rng, grid if grid and grid[0] else [[""]], dialect)
        if damage > 0.9 and rng.random() < 0.5:
            data, change = mutate_bytes(rng, data)
            changes.append(f"{table}: {change}")
        files[f"record/{table}.csv{f'.{dialect.packed}' if dialect.packed else ''}"] = data
        try:
            parsed[table] = parse_text(data, dialect.separator)
            if dialect.separator != "," and all(len(row) < 2 for row in parsed[table][:1]):
                raise Unsure("a header of one cell, which does not show the separator")
        except (MustRefuse, Unsure) as error:
            reason = reason or error
    return Case("folder", "record", files, _expect_folder(parsed, reason, not changes), changes)


def _expect_folder(parsed: dict[str, Grid], reason: Exception | None, plain: bool) -> Expected:
    try:
        if reason is not None:
            raise reason
        if not {"votes", "rollcalls"} <= set(parsed):
            raise Unsure("a folder without one of its tables")
        record, carried, sure = interpret_folder(parsed)
    except MustRefuse as error:
        return Expected(reason=str(error))
    except Unsure as error:
        return Expected(reason=str(error), unsure=True)
    document = record_document(record, ordered=False, carried=carried)
    return Expected(document, plain=plain and sure)


def _without_controls(rng: random.Random) -> Record:
    while True:
        record = draw_record(rng)
        texts = [
            *record.members,
            *record.rollcalls,
            *(str(value) for facts in record.facts.values() for value in facts.values()),
        ]
        if not any(has_controls(text) or "\n" in text or "\t" in text for text in texts):
            return record


def _draw_workbook(rng: random.Random) -> Case:
    record = _without_controls(rng)
    grid = rng.choice([lay_out_long, lay_out_long, lay_out_matrix])(rng, record)
    damage = rng.random()
    changes = mutate_grid(rng, grid) if 0.35 < damage < 0.7 else []
    changes = (
        changes
        if not any(has_controls(cell) or "\r" in cell for row in grid for cell in row)
        else [*changes, "controls"]
    )
    sheets = draw_sheets(rng, grid)
    if 0.7 < damage < 0.8:
        changes.append(spoil_sheets(rng, sheets))
    if 0.8 < damage < 0.85:
        data, change = damage_workbook(rng, sheets)
        expected = Expected(reason=change, unsure=True)
        changes.append(change)
    else:
        data = write_workbook(rng, sheets)
        expected = _expect_sheets(sheets, not changes)
    if damage > 0.9:
        data, change = mutate_bytes(rng, data)
        changes.append(change)
        if change == "truncate":
            expected = Expected(reason="a workbook cut short")
        expected = replace(expected, plain=False)
    if "controls" in changes:
        expected = Expected(reason="control characters in XML", unsure=True)
    name = rng.choice(["votes.xlsx", "votes.xlsx", "votes.csv", "votes", "votes.xlsm"])
    return Case("workbook", name, {name: data}, _called(expected, "votes", name), changes)


def _called(expected: Expected, stem: str, name: str) -> Expected:
    """Let a file that names no roll call be called with or without its suffixes, that of its packing too."""
    if expected.document is None or expected.document["rollcalls"] != [stem]:
        return expected
    called = [name, name.removesuffix(".gz").removesuffix(".xz")]
    return replace(expected, document=expected.document | {"called": called})


def _expect_sheets(sheets: list, plain: bool) -> Expected:  # type: ignore[type-arg]
    try:
        return _expect_grid(grid_of(sheets), "votes", plain)
    except MustRefuse as reason:
        return Expected(reason=str(reason))
    except Unsure as reason:
        return Expected(reason=str(reason), unsure=True)


def _draw_own(rng: random.Random) -> Case:
    content = draw_own(rng, draw_record(rng))
    damage, changes = rng.random(), []
    if 0.3 < damage < 0.75:
        changes = [mutate_own(rng, content)]
    data = write_own(rng, content)
    if damage > 0.8:
        data, change = mutate_bytes(rng, data)
        changes.append(change)
    name = rng.choice(["votes.voteshift", "votes.voteshift.gz", "votes.csv", "votes"])
    try:
        expected = Expected(parse_own(data), plain=not changes)
    except MustRefuse as reason:
        expected = Expected(reason=str(reason))
    except Unsure as reason:
        expected = Expected(reason=str(reason), unsure=True)
    return Case("own", name, {name: data}, expected, changes)


def _draw_trap(rng: random.Random) -> Case:
    name, data, kind, document = draw_trap(rng)
    expected = Expected(document, reason=kind, unsure=document is None)
    return Case("trap", name, {name: data}, expected, [kind])


LAYOUTS = {
    "long": 28, "matrix": 16, "transposed": 8, "folder": 16, "workbook": 12, "own": 14, "netcdf": 5,
    "trap": 0.15,
}  # fmt: skip


def draw_case(rng: random.Random, layout: str | None = None) -> Case:
    """Draw an input; of the layout named, or of any. netCDF is drawn as the own format it is made from."""
    if layout is None:
        layout = rng.choices(list(LAYOUTS), list(LAYOUTS.values()))[0]
    if layout == "folder":
        return _draw_folder(rng)
    if layout == "workbook":
        return _draw_workbook(rng)
    if layout == "own":
        return _draw_own(rng)
    if layout == "trap":
        return _draw_trap(rng)
    if layout == "netcdf":
        content = draw_own(rng, draw_record(rng))
        data = write_own(rng, content, packed=False)
        return Case(
            "netcdf", "source.voteshift", {"source.voteshift": data}, Expected(parse_own(data), plain=True)
        )
    return _draw_table(rng, layout)
