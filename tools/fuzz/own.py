# ruff: noqa: RUF001 (odd letters on purpose)
"""voteshift's own format, written and parsed from docs/formats.md alone."""

import datetime
import gzip
import json
import random
from typing import Any

from fuzz.expected import MustRefuse, Unsure
from fuzz.records import DEFAULTS, Record
from fuzz.texts import decompress

__all__ = ["check_declared", "draw_own", "mutate_own", "parse_own", "write_own"]

_KINDS = {"text", "object", "bool", "boolean", "int64", "Int64", "float64", "Float64", "datetime64[s]"}
_CODES = {
    "date": "datetime64[s]",
    "amendment": "bool",
    "reconciled": "bool",
    "yes": "Int64",
    "no": "Int64",
    "abstain": "Int64",
}
_SAMPLES: dict[str, list[Any]] = {
    "text": ["", "x", "Ü", "\n", '"', "NA", "\u2028", "\x01", "z" * 500],
    "object": ["x", None, ""],
    "bool": [True, False],
    "boolean": [True, False, None],
    "int64": [0, -1, 2**63 - 1, -(2**63)],
    "Int64": [0, None, 2**53 + 1],
    "float64": [0.1, -0.0, 1e300, 5e-324, "inf", "-inf", None, 1.5],
    "Float64": [0.5, None, 123456.789],
    "datetime64[s]": [
        "2001-01-31T00:00:00",
        None,
        "1970-01-01T00:00:00",
        "1900-02-28T23:59:59",
        "2262-04-12T00:00:00",
    ],
}


def draw_own(rng: random.Random, record: Record) -> dict[str, Any]:
    """Lay a record out as the header and lines of the own format, with columns of every kind."""
    kinds = rng.sample(sorted(_KINDS), rng.choice([0, 0, 1, 3]))
    names = list(next(iter(record.facts.values()), {}))
    if rng.random() < 0.5:
        names += [name for name in DEFAULTS if name not in names and DEFAULTS[name] is not None]
    rollcall_columns = [[name, _CODES.get(name, "text")] for name in names] + [
        [f"extra {kind}", kind] for kind in kinds
    ]
    member_columns = [["name", "text"], ["group", "text"]]
    if rng.random() < 0.2:
        member_columns.append(["born", rng.choice(sorted(_KINDS))])
    members = [
        [
            who,
            f"Name of {who}",
            record.groups.get(who, ""),
            *(rng.choice(_SAMPLES[kind]) for _, kind in member_columns[2:]),
        ]
        for who in record.members
    ]
    rollcalls = []
    for column, id_ in enumerate(record.rollcalls):
        cells = []
        for name in names:
            value = record.facts[id_].get(name, DEFAULTS[name])
            cells.append(f"{value}T00:00:00" if name == "date" and value is not None else value)
        cells += [rng.choice(_SAMPLES[kind]) for kind in kinds]
        rollcalls.append([id_, "".join(row[column] for row in record.votes), *cells])
    header = {
        "format": "voteshift", "version": 1, "source": rng.choice(["", "the council", "votes.csv"]),
        "polarity": rng.choice([None, None, record.members[0]]), "members": len(members),
        "rollcalls": len(rollcalls), "member_columns": member_columns,
        "rollcall_columns": rollcall_columns,
    }  # fmt: skip
    return {"header": header, "members": members, "rollcalls": rollcalls}


def write_own(rng: random.Random, content: dict[str, Any], *, packed: bool | None = None) -> bytes:
    """Write the lines down."""
    ascii_only = rng.random() < 0.3
    lines = [
        json.dumps(part, ensure_ascii=ascii_only)
        for part in (content["header"], *content["members"], *content["rollcalls"])
    ]
    data = ("\n".join(lines) + "\n").encode("utf-8", errors="surrogatepass")
    if packed is None:
        packed = rng.random() < 0.2
    return gzip.compress(data, 1, mtime=0) if packed else data


def mutate_own(rng: random.Random, content: dict[str, Any]) -> str:  # noqa: PLR0912
    """Change the structure in place, once: counts, ids, letters, kinds, cells, keys."""
    header, members, rollcalls = content["header"], content["members"], content["rollcalls"]
    kind = rng.choice(
        [
            "count",
            "drop",
            "double",
            "letters",
            "cell",
            "key",
            "kind",
            "id",
            "column",
            "extra cell",
            "odd line",
            "swap",
            "total",
        ]
    )
    lines = rng.choice([members, rollcalls])
    line = rng.choice(lines)
    odd = [
        None,
        True,
        1,
        1.5,
        10**400,
        -1,
        "x",
        "",
        [],
        [[]],
        {},
        {"a": 1},
        "inf",
        "NaN",
        "2001-02-30T00:00:00",
        "\ud800",
        2**63,
    ]
    if kind == "count":
        header[rng.choice(["members", "rollcalls"])] = rng.choice(
            [0, -1, 1, 10**9, "1", None, 1.0, True, len(members), 2**70]
        )
    elif kind == "drop":
        lines.remove(line)
    elif kind == "double":
        lines.append(line)
        key = "members" if lines is members else "rollcalls"
        header[key] = len(lines) - rng.choice([0, 1])
    elif kind == "letters":
        roll = rng.choice(rollcalls)
        roll[1] = rng.choice(
            [
                roll[1] + "Y",
                roll[1][1:],
                roll[1].lower(),
                "Z" + roll[1][1:],
                "Ｙ" + roll[1][1:],
                5,
                None,
                list(roll[1]),
            ]
        )
    elif kind == "cell":
        line[rng.randrange(len(line))] = rng.choice(odd)
    elif kind == "key":
        key = rng.choice(sorted(header))
        if rng.random() < 0.5:
            del header[key]
        else:
            header[key] = rng.choice(odd)
    elif kind == "kind":
        columns = header[rng.choice(["member_columns", "rollcall_columns"])]
        if columns:
            rng.choice(columns)[1] = rng.choice([*sorted(_KINDS), "complex128", "category", "", None])
    elif kind == "id":
        line[0] = rng.choice([rng.choice(lines)[0], "", " ", 1, None, "\x00", "a\nb"])
    elif kind == "column":
        columns = header[rng.choice(["member_columns", "rollcall_columns"])]
        if columns:
            rng.choice(columns)[0] = rng.choice(
                ["name", "vote", "", "date", "yes", "member", "rollcall", 5, None]
            )
    elif kind == "extra cell":
        line.append("x") if rng.random() < 0.5 else line.pop()
    elif kind == "odd line":
        lines[lines.index(line)] = rng.choice(odd)
    elif kind == "swap" and len(rollcalls) > 1:
        one, other = rng.sample(rollcalls, 2)
        one[1], other[1] = other[1], one[1]
    elif kind == "total":
        for place, (name, _) in enumerate(header["rollcall_columns"]):
            if name in {"yes", "no", "abstain"}:
                roll = rng.choice(rollcalls)
                roll[2 + place] = (roll[2 + place] or 0) + 1
    return kind


def _no_constant(text: str) -> Any:
    raise MustRefuse(f"JSON without {text}")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise Unsure("a key twice in an object")
    return dict(pairs)


def _load(line: str) -> Any:
    try:
        return json.loads(line, parse_constant=_no_constant, object_pairs_hook=_no_doubles)
    except (json.JSONDecodeError, RecursionError) as error:
        raise MustRefuse("a line that is not JSON") from error
    except ValueError as error:  # more digits than Python takes
        raise MustRefuse("a number without end") from error


def parse_own(data: bytes) -> dict[str, object]:
    """Return what a file in the own format holds."""
    data = decompress(data)
    if data.startswith(b"\x1f\x8b"):
        raise Unsure("gzip within gzip")
    if data.startswith(b"\xef\xbb\xbf"):
        raise Unsure("a byte-order mark")
    try:
        text = data.decode("utf-8")
    except UnicodeError as error:
        raise MustRefuse("bytes that are not UTF-8") from error
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if any(not line.strip() for line in lines):
        raise Unsure("blank lines")
    if not lines:
        raise MustRefuse("an empty file")
    header = _load(lines[0])
    if not isinstance(header, dict):
        raise MustRefuse("a header that is not an object")
    if header.get("format") != "voteshift":
        raise Unsure("a header of another format")
    return _parse_body(header, lines[1:])


def _count(header: dict[str, Any], key: str) -> int:
    count = header.get(key)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise MustRefuse(f"{key} is not a count")
    return count


def _parse_body(header: dict[str, Any], lines: list[str]) -> dict[str, object]:
    if header.get("version") != 1 or isinstance(header.get("version"), (bool, float)):
        raise MustRefuse("another version")
    if "source" not in header or "polarity" not in header:
        raise Unsure("a header without source or polarity")
    if not isinstance(header["source"], str) or not isinstance(header["polarity"], str | None):
        raise MustRefuse("source or polarity that is not text")
    if set(header) - {
        "format",
        "version",
        "source",
        "polarity",
        "members",
        "rollcalls",
        "member_columns",
        "rollcall_columns",
    }:
        raise Unsure("keys that are not documented")
    n_members, n_rollcalls = _count(header, "members"), _count(header, "rollcalls")
    if len(lines) != n_members + n_rollcalls:
        raise MustRefuse("more or fewer lines than announced")
    columns = {table: _kinds(header, table) for table in ("member_columns", "rollcall_columns")}
    rows = [_load(line) for line in lines]
    members = _rows(rows[:n_members], columns["member_columns"], 1)
    rollcalls = _rows(rows[n_members:], columns["rollcall_columns"], 2)
    for row in rollcalls:
        if not isinstance(row[1], str) or len(row[1]) != n_members or set(row[1]) - set("YNAXR."):
            raise MustRefuse("letters that do not fit the members")
    if not members or not rollcalls:
        raise Unsure("no members or no roll calls")
    ids = [row[0] for row in members]
    document: dict[str, object] = {
        "members": ids,
        "rollcalls": [row[0] for row in rollcalls],
        "votes": ["".join(row[1][k] for row in rollcalls) for k in range(n_members)],
        "member_columns": _frame(members, columns["member_columns"], 1),
        "rollcall_columns": _frame(rollcalls, columns["rollcall_columns"], 2),
        "polarity": header["polarity"],
        "source": header["source"],
    }
    check_declared(document, dict(columns["rollcall_columns"]))
    return document


def _kinds(header: dict[str, Any], table: str) -> list[tuple[str, str]]:
    columns = header.get(table)
    if not isinstance(columns, list):
        raise MustRefuse(f"{table} is not a list")
    kinds = []
    for column in columns:
        if not (isinstance(column, list) and len(column) == 2 and isinstance(column[0], str)):
            raise MustRefuse("a column without name and kind")
        if not isinstance(column[1], str) or column[1] not in _KINDS:
            raise MustRefuse("a column of another kind")
        kinds.append((column[0], column[1]))
    if len({name for name, _ in kinds}) < len(kinds):
        raise Unsure("two columns of one name")
    for name, kind in kinds:
        if table == "rollcall_columns" and name in DEFAULTS and kind != _CODES.get(name, "text"):
            raise Unsure("a column of roll calls that is of another kind than it is called")
        if table == "member_columns" and name in {"name", "group"} and kind != "text":
            raise Unsure("names that are not text")
        if name in {"member", "rollcall", "", "vote"}:
            raise Unsure("a column called as the index is")
    return kinds


def _rows(rows: list[Any], kinds: list[tuple[str, str]], lead: int) -> list[list[Any]]:
    for row in rows:
        if not isinstance(row, list) or len(row) != lead + len(kinds):
            raise MustRefuse("a line with more or fewer cells than columns")
        if not isinstance(row[0], str):
            raise MustRefuse("an id that is not text")
        if not row[0].strip() or row[0] != row[0].strip():
            raise Unsure("a blank id")
        for place, (_, kind) in enumerate(kinds, start=lead):
            row[place] = _cell(row[place], kind)
    if len({row[0] for row in rows}) < len(rows):
        raise MustRefuse("an id twice")
    return rows


def _cell(value: Any, kind: str) -> Any:  # noqa: PLR0911
    if kind == "object":
        if isinstance(value, str | None):
            return value
        raise Unsure("an object that is not text")
    if value is None:
        if kind in {"bool", "int64"}:
            raise MustRefuse(f"a missing cell of kind {kind}")
        if kind == "text":
            raise Unsure("a text that is missing")
        return None
    if kind == "text" and isinstance(value, str):
        return value
    if kind in {"bool", "boolean"} and isinstance(value, bool):
        return value
    if (
        kind in {"int64", "Int64"}
        and isinstance(value, int)
        and not isinstance(value, bool)
        and -(2**63) <= value < 2**63
    ):
        return value
    if kind in {"float64", "Float64"}:
        return _float(value)
    if kind == "datetime64[s]" and isinstance(value, str):
        try:
            return datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S").isoformat()
        except ValueError:
            raise Unsure("a date in another form") from None
    raise MustRefuse(f"a cell that is not of kind {kind}")


def _float(value: Any) -> Any:
    if value in ("inf", "-inf"):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MustRefuse("a cell that is not a number")
    if isinstance(value, int) and abs(value) > 2**53:
        raise Unsure("a whole number that no float holds")
    return float(value)


def _frame(rows: list[list[Any]], kinds: list[tuple[str, str]], lead: int) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, (name, _) in enumerate(kinds, start=lead)}


def check_declared(document: dict[str, Any], kinds: dict[str, str]) -> None:
    """Refuse totals that contradict the votes, unless the roll call is marked as not reconciled."""
    columns = document["rollcall_columns"]
    for number in range(len(document["rollcalls"])):
        if "reconciled" in columns and columns["reconciled"][number] is False:
            continue
        for name, letter in (("yes", "Y"), ("no", "N"), ("abstain", "A")):
            total = columns.get(name, {number: None})[number]
            if (
                total is not None
                and kinds.get(name) == "Int64"
                and total != sum(row[number] == letter for row in document["votes"])
            ):
                raise MustRefuse("totals that differ from the votes")
