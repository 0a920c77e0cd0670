"""Inputs that are small and ask for much: they must be refused, or read, in little time and memory."""

import gzip
import io
import json
import lzma
import random
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

__all__ = ["TRAPS", "draw_trap"]

_HEADER = {
    "format": "voteshift", "version": 1, "source": "", "polarity": None, "members": 1, "rollcalls": 1,
    "member_columns": [], "rollcall_columns": [],
}  # fmt: skip


def _hdf(build: Callable[[h5py.File], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.nc"
        with h5py.File(path, "w") as file:
            build(file)
        return path.read_bytes()


def _wide_header(rng: random.Random) -> bytes:
    names = ",".join(f"r{k}" for k in range(rng.choice([50_000, 400_000])))
    return f"member,{names}\nAda,{'Y,' * names.count(',')}Y\n".encode()


def _sparse_matrix(rng: random.Random) -> bytes:
    """Write members by as many roll calls, each with one cell: rows that end early."""
    count = rng.choice([20_000, 43_000])
    return (
        "member,"
        + ",".join(f"r{k}" for k in range(count))
        + "\n"
        + "".join(f"m{k},Y\n" for k in range(count))
    ).encode()


def _sparse_long(rng: random.Random) -> bytes:
    """Write one vote per member and roll call: few votes, and a matrix of many cells."""
    count = rng.choice([20_000, 60_000])
    return ("member,rollcall,vote\n" + "".join(f"m{k},r{k},Y\n" for k in range(count))).encode()


def _long_cell(rng: random.Random) -> bytes:
    return b"member,rollcall,vote\nAda,1," + b"x" * rng.choice([200_000, 15_000_000]) + b"\n"


def _long_quote(rng: random.Random) -> bytes:  # noqa: ARG001
    return b'member,rollcall,vote\n"Ada,1,yes\n' + b"Ben,1,yes\n" * 400_000


def _quotes(rng: random.Random) -> bytes:  # noqa: ARG001
    return b"member,rollcall,vote\n" + b'"' * 2_000_001 + b",1,yes\n"


def _commas(rng: random.Random) -> bytes:
    return b"member,rollcall,vote\n" + b"," * rng.choice([2_000_000, 14_000_000]) + b"\n"


def _blank_lines(rng: random.Random) -> bytes:
    return b"member,rollcall,vote\n" + rng.choice([b"\n", b"\r", b",,\n"]) * 3_000_000 + b"Ada,1,yes\n"


def _gzip_bomb(rng: random.Random) -> bytes:
    return gzip.compress(
        b"member,rollcall,vote\n" + rng.choice([b"\x00", b"a", b"\n", b","]) * 300_000_000, 9, mtime=0
    )


def _gzip_chain(rng: random.Random) -> bytes:
    data = gzip.compress(b"a" * 50_000_000, 9, mtime=0)
    for _ in range(rng.choice([1, 3])):
        data = gzip.compress(data, 9, mtime=0)
    return data


def _gzip_members(rng: random.Random) -> bytes:  # noqa: ARG001
    return gzip.compress(b"", mtime=0) * 100_000


def _xz_bomb(rng: random.Random) -> bytes:  # noqa: ARG001
    return lzma.compress(b"member,rollcall,vote\n" + b"\n" * 300_000_000, preset=1)


def _zip_bomb(rng: random.Random) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"<workbook>" + b" " * rng.choice([10_000_000, 300_000_000]))
    return data.getvalue()


def _deep_json(rng: random.Random) -> bytes:
    deep = rng.choice(["[", '{"a":']) * 200_000
    return rng.choice([deep, json.dumps(_HEADER) + "\n" + deep]).encode()


def _promised_members(rng: random.Random) -> bytes:
    return (
        json.dumps(_HEADER | {"members": 10 ** rng.choice([9, 12, 18]), "rollcalls": 10**9}) + "\n"
    ).encode()


def _many_kinds(rng: random.Random) -> bytes:  # noqa: ARG001
    columns = [[f"c{k}", "text"] for k in range(300_000)]
    return (json.dumps(_HEADER | {"member_columns": columns}) + '\n["a"]\n["b", "Y"]\n').encode()


def _long_letters(rng: random.Random) -> bytes:
    return (
        json.dumps(_HEADER) + '\n["a"]\n["b", "' + "Y" * rng.choice([1_000_000, 15_000_000]) + '"]\n'
    ).encode()


def _long_number(rng: random.Random) -> bytes:
    return (
        json.dumps(_HEADER)
        .replace('"members": 1', '"members": ' + "9" * rng.choice([5_000, 2_000_000]))
        .encode()
    )


def _ord_line(rng: random.Random) -> bytes:
    """Write a line of an .ord file: fixed columns, then one digit per roll call, for far too long."""
    head = "1180099999 0USA     10000PRESIDENT   "
    return (head + "1" * rng.choice([100_000, 15_000_000]) + "\n").encode()


def _string_length(rng: random.Random) -> bytes:
    size = rng.choice([2**31 - 1, 2**28])

    def build(file: h5py.File) -> None:
        file.attrs["voteshift_layout"] = np.array([1])
        file.create_dataset("votes", (2, 2), "i1")
        file.create_dataset("member", (2,), h5py.h5t.py_create(np.dtype(f"S{size}")), chunks=None)

    return _hdf(build)


def _array_shape(rng: random.Random) -> bytes:
    side = rng.choice([10**6, 10**9])

    def build(file: h5py.File) -> None:
        file.attrs["voteshift_layout"] = np.array([1])
        file.attrs["member_columns"], file.attrs["rollcall_columns"] = "[]", "[]"
        file.attrs["source"], file.attrs["polarity"] = "", ""
        votes = file.create_dataset("votes", (side, side), "i1", chunks=(1000, 1000))
        votes.attrs["flag_values"] = np.arange(-3, 3, dtype="i1")
        votes.attrs["flag_meanings"] = "not_member not_recorded absent no abstain yes"
        for name in ("member", "rollcall"):
            file.create_dataset(name, (side,), h5py.string_dtype(), chunks=(1000,))

    return _hdf(build)


def _outside_link(rng: random.Random) -> bytes:
    def build(file: h5py.File) -> None:
        file.attrs["voteshift_layout"] = np.array([1])
        for name in ("votes", "member", "rollcall"):
            file[name] = h5py.ExternalLink(rng.choice(["/etc/passwd", "f.nc", "/dev/zero"]), f"/{name}")

    return _hdf(build)


def _far_cells(rng: random.Random) -> bytes:
    """Write a sheet whose rows and columns reach to the end and hold nothing."""
    cells = "".join(f'<row r="{k}"><c r="XFD{k}"/></row>' for k in range(1, rng.choice([2_000, 60_000])))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    from fuzz.workbooks import Cell, Sheet, write_workbook

    changes = {
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
    }
    return write_workbook(rng, [Sheet("votes", [[Cell("text", "a")]])], changes)


def _many_sheets(rng: random.Random) -> bytes:
    from fuzz.workbooks import Cell, Sheet, write_workbook

    return write_workbook(rng, [Sheet(f"s{k}", [[Cell("text", "a")]]) for k in range(3000)])


def _noise(rng: random.Random) -> bytes:
    head = rng.choice(
        [
            b"",
            b"PK\x03\x04",
            b"\x89HDF\r\n\x1a\n",
            b"RDX3\n",
            b"RDX2\nX\n",
            b"PAR1",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"%PDF-1.7",
            b"<html>",
        ]
    )
    return head + rng.randbytes(rng.choice([0, 10, 1000, 200_000]))


TRAPS: dict[str, tuple[str, Callable[[random.Random], bytes]]] = {
    "wide header": ("f.csv", _wide_header), "sparse matrix": ("f.csv", _sparse_matrix),
    "sparse long": ("f.csv", _sparse_long), "long cell": ("f.csv", _long_cell),
    "long quote": ("f.csv", _long_quote), "quotes": ("f.csv", _quotes), "commas": ("f.csv", _commas),
    "blank lines": ("f.csv", _blank_lines), "gzip bomb": ("f.csv.gz", _gzip_bomb),
    "gzip chain": ("f.csv.gz", _gzip_chain), "gzip members": ("f.csv.gz", _gzip_members),
    "xz bomb": ("f.csv.xz", _xz_bomb), "zip bomb": ("f.xlsx", _zip_bomb),
    "deep JSON": ("f.voteshift", _deep_json), "promised members": ("f.voteshift", _promised_members),
    "many kinds": ("f.voteshift", _many_kinds), "long letters": ("f.voteshift", _long_letters),
    "long number": ("f.voteshift", _long_number), "ord line": ("f.ord", _ord_line),
    "string length": ("f.nc", _string_length), "array shape": ("f.nc", _array_shape),
    "outside link": ("f.nc", _outside_link), "far cells": ("f.xlsx", _far_cells),
    "many sheets": ("f.xlsx", _many_sheets), "noise": ("f.csv", _noise),
}  # fmt: skip


def draw_trap(rng: random.Random) -> tuple[str, bytes, str, dict[str, object] | None]:
    """Return name and bytes of a trap, its kind, and the record in it where there is one."""
    kind = rng.choice(sorted(TRAPS))
    name, build = TRAPS[kind]
    return name, build(rng), kind, None
