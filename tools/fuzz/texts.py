"""Tables as text: how one is written, and a parser of its own (RFC 4180, UTF-8, gzip and xz)."""

import gzip
import io
import lzma
import random
import zipfile
import zlib
from dataclasses import dataclass, replace

from fuzz.expected import MustRefuse, Unsure

__all__ = ["Dialect", "Grid", "decompress", "draw_dialect", "parse_text", "write_text"]

Grid = list[list[str]]


@dataclass(frozen=True)
class Dialect:
    """Separator, encoding and other details of a table written as text."""

    separator: str = ","
    line_end: str = "\n"
    encoding: str = "utf-8"
    quoting: str = "minimal"
    blank_rows: int = 0
    blank_columns: int = 0
    blank_between: bool = False
    first_line: str = ""
    final_line_end: bool = True
    packed: str = ""
    suffix: str = ".csv"

    @property
    def documented(self) -> bool:
        """Return whether the documentation promises that such a file is read."""
        return (
            self.encoding in {"utf-8", "utf-8-sig"}
            and self.packed in {"", "gz", "xz"}
            and self.separator in {",", ";", "\t"}
            and not (self.first_line or self.blank_between)
            and self.line_end != "\r"
        )


def draw_dialect(rng: random.Random, *, plain: bool = False) -> Dialect:
    """Draw a dialect; three in four are documented."""
    dialect = Dialect(
        separator=rng.choice([",", ",", ";", "\t"]),
        line_end=rng.choice(["\n", "\r\n"]),
        encoding=rng.choice(["utf-8", "utf-8", "utf-8-sig"]),
        quoting=rng.choice(["minimal", "minimal", "all", "some"]),
        blank_rows=rng.choice([0, 0, 0, 1, 3]),
        blank_columns=rng.choice([0, 0, 0, 1, 3]),
        final_line_end=rng.random() < 0.8,
        packed=rng.choice(["", "", "", "", "gz", "xz"]),
        suffix=rng.choice([".csv", ".csv", ".tsv", ".txt", "", ".CSV", ".dat"]),
    )
    if plain or rng.random() < 0.75:
        return dialect
    return rng.choice(
        [
            replace(
                dialect,
                encoding=rng.choice(["utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "utf-32"]),
            ),
            replace(dialect, separator=rng.choice(["|", ":", " ", ", ", "\x1f"])),
            replace(
                dialect,
                packed=rng.choice(["gz.gz", "zip", "bz2", "xz.gz", "zip.gz", "gz.gz.gz.gz", "zip.zip"]),
            ),
            replace(
                dialect,
                first_line=rng.choice(["# a comment", "sep=;", "Votes of the council", " ", ",,,", "\ufeff"]),
            ),
            replace(dialect, line_end=rng.choice(["\r", "\n\n", "\r\r\n", "\x0b", "\u2028", "\x85"])),
            replace(dialect, blank_between=True),
        ]
    )


def _quote(rng: random.Random, cell: str, dialect: Dialect) -> str:
    special = any(mark in cell for mark in (dialect.separator, '"', "\n", "\r", dialect.line_end))
    if special or dialect.quoting == "all" or (dialect.quoting == "some" and rng.random() < 0.3):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def write_text(rng: random.Random, grid: Grid, dialect: Dialect) -> bytes:
    """Write a grid down in a dialect; a cell the encoding lacks becomes a question mark."""
    width = len(grid[0]) if grid else 0
    rows = [row + [""] * dialect.blank_columns for row in grid]
    if dialect.blank_between and len(rows) > 1:
        rows.insert(rng.randrange(1, len(rows)), [""] * (width + dialect.blank_columns))
    lines = [dialect.separator.join(_quote(rng, cell, dialect) for cell in row) for row in rows]
    lines += [dialect.separator * (width + dialect.blank_columns - 1)] * dialect.blank_rows
    if dialect.first_line:
        lines.insert(0, dialect.first_line)
    text = dialect.line_end.join(lines) + (dialect.line_end if dialect.final_line_end else "")
    data = text.encode(dialect.encoding, errors="replace")
    for packing in dialect.packed.split("."):
        data = _pack(data, packing)
    return data


def _pack(data: bytes, packing: str) -> bytes:
    if packing == "gz":
        return gzip.compress(data, compresslevel=1, mtime=0)
    if packing == "xz":
        return lzma.compress(data, preset=0)
    if packing == "bz2":
        import bz2

        return bz2.compress(data)
    if packing == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("votes.csv"), data)
        return packed.getvalue()
    return data


def decompress(data: bytes) -> bytes:
    """Unpack gzip or xz once; other archives, and damaged ones, must be refused."""
    try:
        if data.startswith(b"\x1f\x8b"):
            return gzip.decompress(data)
        if data.startswith(b"\xfd7zXZ\x00"):
            return lzma.decompress(data)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, MemoryError) as error:
        raise MustRefuse("damaged archive") from error
    return data


def parse_text(data: bytes, separator: str, encoding: str = "utf-8") -> Grid:
    """Split a table into cells; quotes as in RFC 4180, rows end at LF, CR LF or CR."""
    data = decompress(data)
    if data.startswith((b"\x1f\x8b", b"\xfd7zXZ\x00", b"PK\x03\x04", b"BZh")):
        raise Unsure("an archive within an archive, or one that is not documented")
    try:
        text = data.decode("utf-8-sig" if encoding.startswith("utf-8") else encoding)
    except UnicodeError as error:
        raise MustRefuse("bytes that are not text in UTF-8") from error
    if "\x00" in text:
        raise MustRefuse("a zero byte in text")
    return _split(text.removeprefix("\ufeff"), separator)


def _split(text: str, separator: str) -> Grid:
    rows: Grid = []
    row: list[str] = []
    place, length = 0, len(text)
    while place < length:
        quote = place
        while quote < length and text[quote] == " " and not text.startswith(separator, quote):
            quote += 1
        if quote < length and text[quote] == '"':
            place = quote  # a space before a quote is none of the cell
            cell, place = _quoted(text, place)
            if place < length and not text.startswith(separator, place) and text[place] not in "\r\n":
                raise MustRefuse("text after a closing quote")
        else:
            end = place
            while end < length and not text.startswith(separator, end) and text[end] not in "\r\n":
                end += 1
            cell, place = text[place:end], end
        row.append(cell)
        if text.startswith(separator, place):
            place += len(separator)
            if place == length or text[place] in "\r\n":
                row.append("")
        if place >= length or text[place] in "\r\n":
            place += 2 if text.startswith("\r\n", place) else 1
            rows.append(row)
            row = []
    return rows


def _quoted(text: str, place: int) -> tuple[str, int]:
    parts = []
    place += 1
    while True:
        end = text.find('"', place)
        if end < 0:
            raise MustRefuse("a quote that is never closed")
        parts.append(text[place:end])
        if not text.startswith('""', end):
            return "".join(parts), end + 1
        parts.append('"')
        place = end + 2
