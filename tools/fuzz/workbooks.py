"""Excel workbooks written part by part, and what must be read of them."""

import datetime
import io
import random
import re
import zipfile
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from fuzz.expected import MustRefuse, Unsure
from fuzz.texts import Grid

__all__ = ["Cell", "Sheet", "damage_workbook", "draw_sheets", "grid_of", "write_workbook"]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_EPOCH = datetime.date(1899, 12, 30)


@dataclass(frozen=True)
class Cell:
    """A cell: its kind (text, number, date, formula, error, bool) and what it shows."""

    kind: str
    text: str


@dataclass
class Sheet:
    """A sheet of a workbook."""

    name: str
    rows: list[list[Cell]]
    hidden: bool = False
    merges: list[str] = field(default_factory=list)


def _typed(rng: random.Random, text: str, numbers: bool) -> Cell:
    if numbers and re.fullmatch(r"0|[1-9][0-9]{0,8}", text):
        return Cell("number", text)
    if numbers and re.fullmatch(r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]", text) and _is_day(text):
        return Cell("date", text)
    if text and rng.random() < 0.01:
        return Cell("formula", text)
    return Cell("text", text)


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def draw_sheets(rng: random.Random, grid: Grid) -> list[Sheet]:
    """Put a grid on one sheet of a workbook, with others that must not be read."""
    numbers = rng.random() < 0.5
    votes = Sheet("Sheet1", [[_typed(rng, cell, numbers) for cell in row] for row in grid])
    sheets = [votes]
    other = Sheet(
        "Notes", [[Cell("text", "member"), Cell("text", "vote")], [Cell("text", "Zoe"), Cell("text", "yes")]]
    )
    form = rng.choice(["one", "one", "after", "called", "hidden", "empty"])
    if form == "after":
        sheets.append(other)
    elif form == "called":
        votes.name = rng.choice(["votes", "Votes"])
        sheets.insert(0, other)
    elif form == "hidden":
        other.hidden = True
        sheets.insert(0, other)
    elif form == "empty":
        sheets.append(Sheet("Sheet2", []))
    return sheets


def spoil_sheets(rng: random.Random, sheets: list[Sheet]) -> str:
    """Do to the sheet of votes what people do in spreadsheets; return what."""
    sheet = next(sheet for sheet in sheets if sheet.name.casefold() in {"votes", "sheet1"})
    rows = [row for row in sheet.rows if row]
    if not rows:
        return "nothing"
    row = rng.choice(rows)
    place = rng.randrange(len(row))
    kind = rng.choice(["no result", "error", "bool", "merge", "number", "formula"])
    if kind == "merge":
        height = min(2, len(sheet.rows))
        sheet.merges.append(f"A1:{_letters(0)}{height}")
    elif kind == "number":
        row[place] = Cell("number", rng.choice(["1.5", "1e300", "-3", "0.1", "12345678901234567890"]))
    else:
        text = row[place].text
        row[place] = Cell(
            kind, {"error": rng.choice(["#N/A", "#REF!"]), "bool": rng.choice("01")}.get(kind, text)
        )
    return kind


def grid_of(sheets: list[Sheet]) -> Grid:
    """Return the grid that must be read: of the sheet called votes, else of the first that is not hidden."""
    filled = [sheet for sheet in sheets if any(cell.text.strip() for row in sheet.rows for cell in row)]
    shown = [sheet for sheet in filled if not sheet.hidden]
    called = [sheet for sheet in filled if sheet.name.casefold() == "votes"]
    if not (called or shown):
        raise MustRefuse("no sheet that is not hidden")
    sheet = (called or shown)[0]
    if sheet.merges:
        raise Unsure("merged cells")
    for row in sheet.rows:
        for cell in row:
            if cell.kind == "no result":
                raise MustRefuse("a formula without a result")
            if cell.kind in {"error", "bool"} or (cell.kind == "number" and not cell.text.isdecimal()):
                raise Unsure(f"a cell that is {cell.kind}")
            if len(cell.text) > 32_000:
                raise Unsure("a cell longer than Excel's")
    return [[cell.text for cell in row] for row in sheet.rows]


def _letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _cell_xml(cell: Cell, reference: str, shared: list[str] | None) -> str:  # noqa: PLR0911
    if cell.kind == "number":
        return f'<c r="{reference}"><v>{cell.text}</v></c>'
    if cell.kind == "date":
        days = (datetime.date.fromisoformat(cell.text) - _EPOCH).days
        return f'<c r="{reference}" s="1"><v>{days}</v></c>'
    if cell.kind == "error":
        return f'<c r="{reference}" t="e"><v>{cell.text}</v></c>'
    if cell.kind == "bool":
        return f'<c r="{reference}" t="b"><v>{cell.text}</v></c>'
    if cell.kind == "formula":
        return f'<c r="{reference}" t="str"><f>B1</f><v>{escape(cell.text)}</v></c>'
    if cell.kind == "no result":
        return f'<c r="{reference}"><f>SUM(A1:A2)</f></c>'
    if not cell.text:
        return ""
    if shared is not None:
        shared.append(cell.text)
        return f'<c r="{reference}" t="s"><v>{len(shared) - 1}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(cell.text)}</t></is></c>'


def write_workbook(rng: random.Random, sheets: list[Sheet], changes: dict[str, str] | None = None) -> bytes:
    """Write a workbook; `changes` puts other text in place of a part, or drops it where it is empty."""
    shared: list[str] | None = [] if rng.random() < 0.5 else None
    parts: dict[str, str] = {}
    listed, relations, types = "", "", ""
    for number, sheet in enumerate(sheets, start=1):
        rows = "".join(
            f'<row r="{k}">'
            + "".join(_cell_xml(cell, f"{_letters(j)}{k}", shared) for j, cell in enumerate(row))
            + "</row>"
            for k, row in enumerate(sheet.rows, start=1)
        )
        merges = "".join(f'<mergeCell ref="{area}"/>' for area in sheet.merges)
        merges = f'<mergeCells count="{len(sheet.merges)}">{merges}</mergeCells>' if merges else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{merges}</worksheet>'
        )
        state = ' state="hidden"' if sheet.hidden else ""
        listed += f'<sheet name={quoteattr(sheet.name)} sheetId="{number}"{state} r:id="rId{number}"/>'
        relations += _relation(number, "worksheet", f"worksheets/sheet{number}.xml")
        types += f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_type("worksheet")}"/>'
    last = len(sheets)
    relations += _relation(last + 1, "styles", "styles.xml")
    types += f'<Override PartName="/xl/styles.xml" ContentType="{_type("styles")}"/>'
    parts["xl/styles.xml"] = _STYLES
    if shared is not None:
        items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
        parts["xl/sharedStrings.xml"] = (
            f'<sst xmlns="{_MAIN}" count="{len(shared)}" uniqueCount="{len(shared)}">{items}</sst>'
        )
        relations += _relation(last + 2, "sharedStrings", "sharedStrings.xml")
        types += f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_type("sharedStrings")}"/>'
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>'
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    )
    parts["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'spreadsheetml.sheet.main+xml"/>{types}</Types>'
    )
    return _zip(parts | (changes or {}))


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def _type(part: str) -> str:
    return f"application/vnd.openxmlformats-officedocument.spreadsheetml.{part}+xml"


_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" xfId="0"/>'
    '<xf numFmtId="14" xfId="0" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)


def _zip(parts: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in sorted(parts):
            if parts[name]:
                text = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + parts[name]
                archive.writestr(
                    zipfile.ZipInfo(name), text.encode("utf-8", errors="replace"), zipfile.ZIP_DEFLATED
                )
    return data.getvalue()


_BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {one} "{f"&{other};" * 10}">' for other, one in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


def _sheet(rows: str, *, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def damage_workbook(rng: random.Random, sheets: list[Sheet]) -> tuple[bytes, str]:
    """Write a workbook that is wrong inside: parts that lie, lack, point nowhere or grow without end."""
    text = '<c r="{0}" t="inlineStr"><is><t>{1}</t></is></c>'
    row = f'<row r="1">{text.format("A1", "member")}{text.format("B1", "vote")}</row>'
    outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    kinds = {
        "far cell": _sheet(row + f'<row r="1048576">{text.format("XFD1048576", "yes")}</row>'),
        "dimension": _sheet(row, before='<dimension ref="A1:XFD1048576"/>'),
        "no such string": _sheet('<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'),
        "entities": _BOMB + _sheet(f'<row r="1">{text.format("A1", "&i;")}</row>'),
        "outside file": outside + _sheet(f'<row r="1">{text.format("A1", "&e;")}</row>'),
        "not xml": "<worksheet><sheetData><row>",
        "missing sheet": "",
        "row zero": _sheet('<row r="0"><c r="A0"><v>1</v></c></row>'),
        "bad reference": _sheet('<row r="x"><c r="??"><v>1</v></c></row>'),
        "bad number": _sheet('<row r="1"><c r="A1"><v>one</v></c></row>'),
        "nested": _sheet("<row>" * 3000 + "</row>" * 3000),
        "date without end": _sheet('<row r="1"><c r="A1" s="1"><v>1e300</v></c></row>'),
        "style that lacks": _sheet('<row r="1"><c r="A1" s="77"><v>1</v></c></row>'),
        "merge all": _sheet(row, after='<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    }
    kind = rng.choice(sorted(kinds))
    return write_workbook(rng, sheets, {"xl/worksheets/sheet1.xml": kinds[kind]}), kind
