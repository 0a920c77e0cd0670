# ruff: noqa: RUF001 (odd letters on purpose)
"""Command lines with odd values, drawn from the tree of commands that click knows."""

import csv
import io
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Line", "draw_line", "write_small_records"]

_ODD = [
    "", " ", "0", "-1", "1", "2", "0.5", "1.5", "-0.0", "nan", "inf", "-inf", "1e400", "1e-400", "9" * 30,
    "-" + "9" * 30, "1e5", "0x10", "1_000", "١٢", "１", "é", "名前", "👩‍🚀", "a\nb", "\t", "\x1b[31m",
    "\udcff", "x" * 5000, "None", "null", "true", "-", "--", "--nope", "-x", "*", "%s", "{}", "{0}",
    "$HOME", "~", "../..", "/", "/dev/null", "/dev/full", "missing.csv", "folder", ".", "'", '"', "1,2",
    "1;2", "=1+1", "[red]x[/red]", "[/]", "\\", "C:\\x", "a" * 300 + ".csv", "9223372036854775808", "-5",
    "99", "101", "1000000",
]  # fmt: skip
_FORMULAS = [
    "yes ~", "~ year", "yes", "yes ~ nope", "yes ~ C(", "yes ~ {year}", "yes ~ (year+group)**3",
    "yes ~ `a b`", "yes ~ -1", "yes ~ year ~ group", "yes ~ C(member)", "yes ~ 'a'", 'yes ~ {"a"}',
    "yes ~ 1/0", "member ~ 1", "yes ~ year**2000", "yes ~ sponsor", "yes | no ~ 1", "date ~ year",
    "yes ~ np.log(year)", "yes ~ __import__('os')", "yes ~ \u03b1", "yes ~ 0", "yes ~ symbol", "yes ~ gdp",
    "yes ~ years_on_council", "vote ~ lagged_vote",
]  # fmt: skip
_DATES = [
    "2099", "1800", "0000", "2001-02-30", "2001-13", "01/02/2001", "20010131", "2001-1-1",
    "2001-01-31T00:00", "-2001", "99999", "9999-12-31", "2001-", "today", "262144-01-01", "1677-09-20",
    "2262-04-12", "2003", "2004",
]  # fmt: skip
_RECORDS = [
    "one.csv",
    "matrix.csv",
    "unanimous.csv",
    "odd.csv",
    "single.csv",
    "broken.csv",
    "empty.csv",
    "words.csv",
    "missing.csv",
    ".",
    "text.txt",
]
_COLUMNS = [
    "name",
    "year",
    "session",
    "title",
    "date",
    "member",
    "nope",
    "rollcall",
    "subject",
    "family",
    "symbol",
]
_FORMATS = ["table", "undl", "voeten", "kh", "rda", "nope", "LONG", "voteview", "netcdf"]
_GOOD_DATA = ["small.csv", "small.csv", "small.csv", "folder", "states.csv", "odd.csv"]
_GOOD_FAMILIES = ["on-fish", "On fish", "fish", "on-trees"]
_GOOD_IDS = ["1", "2", "3", "A/1", "A/2", "2001", "2002", "2003"]
#: By the name of a parameter: values that are right on most records, and values that are not.
_VALUES: dict[str, tuple[list[str], list[str]]] = {
    "data": (_GOOD_DATA, _RECORDS), "also": (["other.csv", "small.csv"], ["states.csv", *_RECORDS]),
    "since": (["2001", "2001-01", "2000-12-31"], _DATES),
    "until": (["2003", "2003-12", "2004-01-01"], _DATES),
    "formula": (["yes ~ C(group)", "yes ~ year", "no ~ C(rollcall)", "yes ~ 1", "vote ~ C(group)",
                 "abstain ~ year + C(group)", "yes ~ scale(year)"], _FORMULAS),
    "family": (_GOOD_FAMILIES, ["nope", "", "on", "Über Fische", "*", "trees"]),
    "polarity": (["Ada", "Bob"], ["Zoe", "ada", "CHN", "Ada "]),
    "member": (["Ada", "Bob"], ["Zoe", "ada", "CHN", "Ada "]),
    "with": (["Fay", "Gus"], ["Ada", "Zoe", "CHN"]), "without": (["Ada", "Bob"], ["Zoe", "CHN", "Fay"]),
    "council": (_GOOD_IDS, ["all", "nope", "1999", "2001-01-31"]),
    "version": (_GOOD_IDS, ["all", "nope", "1999", "2001-01-31"]),
    "rollcall": (["A/HRC/RES/37/23"], _GOOD_IDS), "by": (["group"], _COLUMNS),
    "cluster": (["member", "rollcall", "group"], _COLUMNS), "periods": (["year", "session"], _COLUMNS),
    "tau": (["0.1", "estimate", "1"], ["0", "1e308", "1e-300", "ESTIMATE", "-1", "nan"]),
    "bridge": (["families", "none"], ["pairs.csv", "broken.csv", "missing.csv", "folder"]),
    "subject": (["fish", "FISH"], [".*", "nope", "("]),
    "covariates": (["covariates.csv"], ["small.csv", "broken.csv", "missing.csv", "folder"]),
    "from": (["table"], [*_FORMATS, "folder", "voteshift"]),
    "to": (["voteshift", "netcdf", "long", "wide", "folder"], _FORMATS), "source": (_GOOD_DATA, _RECORDS),
    "target": (["out.csv", "out.tsv", "out.voteshift", "out.voteshift.gz", "out.nc", "out", "old.csv"],
               ["old folder", "nowhere/out.csv", "out.xlsx", "folder"]),
    "files": (_GOOD_DATA, _RECORDS),
    "out": (["out.html", "out.md", "out"],
            ["old.csv", "old folder", "nowhere/out.html", "out.pdf", "folder"]),
    "seed": (["0", "1", "7"], ["4294967296", "18446744073709551616", "-1", "0.5"]),
    "draws": (["100", "101", "200"], ["99", "1e3"]),
    "lag": (["1", "0"], ["-1", "50", "99999999999999999999"]), "replicates": (["0"], ["999", "1", "998"]),
    "documents": (["documents.csv"], ["small.csv", "broken.csv", "missing.csv", "empty.csv", "folder"]),
    "delta-group": (["0", "0.5"], ["-1", "1e308", "1e-300", "nan", "estimate"]),
    "result": (["result.json"], ["small.csv", "text.txt", "missing.csv", "empty.csv", "folder"]),
    "threads": (["1", "2"], ["0", "100000", "-1"]), "dims": (["1", "2"], ["3", "5", "6"]),
    "code": (["Ja=yes", "6=no", "=absent"], ["Ja=oui", "Ja", "=", "yes=no", "a=b=c", "Ja=yes=no"]),
    "column": (["member=member", "vote=vote"], ["Stimme=vote", "vote=nope", "vote", "=vote", "vote="]),
    "date-format": (["%Y-%m-%d"], ["%d.%m.%Y", "%d", "%", "%Q", "%Y%Y-%m-%d", "2001"]),
    "encoding": (["utf-8", "latin-1"], ["cp1252", "utf-16", "rot13", "idna", "utf-7", "nope", "undefined"]),
    "level": (["0.9", "0.5"], ["0.999999", "1e-9", "0", "1", "90"]), "format": (["html", "md"], ["pdf"]),
}  # fmt: skip
#: Commands that end at once, whatever they are given: they have five seconds.
CHEAP = {"check", "convert", "describe", "families", "tally"}
_FITS = {"explain", "report", "whatif", "fit ideal", "fit logit"}


_WEIGHTS = {
    "report": 2,
    "explain": 7,
    "bench": 2,
    "fit ideal": 8,
    "fit logit": 12,
    "whatif": 8,
}  # others 12: fits take their time


#: The chance of options that are not drawn for a fifth of the lines.
_CHANCES = {"data": 0.96, "replicates": 0.9, "draws": 0.9}
_CHANCES |= dict.fromkeys(("code", "column", "date-format", "encoding"), 0.04)


@dataclass(frozen=True)
class Line:
    """Arguments, and what may be asked of the outcome."""

    command: str
    arguments: list[str]
    json: bool = False
    seconds: float = 5.0


def _value(rng: random.Random, parameter: dict[str, Any], care: float) -> str:
    """Draw a value: with `care` one that is right, else one that is wrong for this option or for any."""
    careful = rng.random() < care
    if parameter["choices"] and (careful or rng.random() < 0.5):
        slow = {"nuts", "random-intercept"}
        choices = [choice for choice in parameter["choices"] if choice not in slow or rng.random() < 0.005]
        return rng.choice(choices)
    good, bad = _VALUES.get(parameter["name"], (_ODD, _ODD))
    if careful:
        return rng.choice(good)
    return rng.choice(bad) if rng.random() < 0.6 else rng.choice(_ODD)


def draw_line(rng: random.Random, tree: list[dict[str, Any]]) -> Line:
    """Draw a command and options with values: most plain, some odd, now and then all of the line wrong."""
    weights = [_WEIGHTS.get(" ".join(command["path"]), 12) for command in tree]
    command = rng.choices(tree, weights)[0]
    name = " ".join(command["path"])
    care = rng.choice([1.0, 0.9, 0.9, 0.7, 0.3])
    parts: list[list[str]] = []
    names: set[str] = set()
    for parameter in command["parameters"]:
        key = parameter["name"]
        chance = 0.97 if parameter["required"] else _CHANCES.get(key, 0.2)
        times = (
            (rng.choice([1, 1, 1, 2]) if rng.random() < 0.1 or parameter["multiple"] else 1)
            if rng.random() < chance
            else 0
        )
        if key == "json":
            continue
        for _ in range(times):
            names.add(key)
            if parameter["flag"]:
                parts.append([rng.choice(parameter["options"])])
                continue
            value = _value(rng, parameter, care)
            if not parameter["options"]:
                parts.append([value])
            else:
                option = rng.choice(parameter["options"])
                parts.append([f"{option}={value}"] if rng.random() < 0.2 else [option, value])
    # Fits without --data are of the bundled record, and their tests draw a thousand worlds: left to a few.
    if name in _FITS and "data" not in names and rng.random() < 0.98:
        parts.append(["--data", rng.choice(_GOOD_DATA)])
    offered = {parameter["name"] for parameter in command["parameters"]}
    if "replicates" in offered - names and rng.random() < 0.98:
        parts.append(["--replicates", "0"])
    if name == "bench":  # a minute or so where nothing is wrong
        parts.append([rng.choice(["--threads=0", "--threads=x", "--help", "--nope", "extra", "--threads"])])
    if rng.random() < 0.5:
        rng.shuffle(parts)
    arguments = [piece for part in parts for piece in part]
    tricks = rng.random() < 0.06
    if tricks:
        arguments = _trick(rng, arguments)
    as_json = rng.random() < 0.4
    if as_json:
        arguments.insert(0, "--json")
    dashes = any(
        piece in {"--", "-h", "--help"} or (piece.startswith("-") and piece in _ODD) for piece in arguments
    )
    return Line(
        name,
        [*command["path"], *arguments],
        as_json and not tricks and not dashes,
        _seconds(name, arguments, names),
    )


def _trick(rng: random.Random, arguments: list[str]) -> list[str]:
    place = rng.randrange(len(arguments) + 1)
    kind = rng.choice(["unknown", "help", "drop", "double", "end", "extra", "cut"])
    if kind == "drop" and arguments:
        return arguments[: max(place - 1, 0)] + arguments[place:]
    if kind == "double" and arguments:
        return arguments + arguments
    if kind == "cut":
        return arguments[:place]
    piece = {"unknown": "--frobnicate", "help": "--help", "end": "--", "extra": "one more"}.get(kind, "-")
    return [*arguments[:place], piece, *arguments[place:]]


def _seconds(name: str, arguments: list[str], options: set[str]) -> float:
    if name in CHEAP:
        return 5.0
    slow = {"nuts", "random-intercept", "999", "--leave-out", "--pool-member-effect"}
    if (
        slow & set(arguments)
        or "data" not in options
        or any(piece.partition("=")[2] in slow for piece in arguments)
    ):
        return 300.0
    return 60.0


_SMALL = {
    "1": (
        "2001-01-31",
        "On fish",
        {"Ada": "yes", "Bob": "no", "Cem": "abstain", "Dia": "yes", "Eve": "no", "Fay": "yes"},
    ),
    "2": (
        "2002-01-31",
        "On fish",
        {"Ada": "yes", "Bob": "yes", "Cem": "no", "Dia": "yes", "Eve": "no", "Gus": "yes"},
    ),
    "3": (
        "2003-01-31",
        "On fish",
        {"Ada": "no", "Bob": "yes", "Cem": "no", "Dia": "absent", "Eve": "abstain", "Gus": "yes"},
    ),
    "4": (
        "2001-06-30",
        "On trees",
        {"Ada": "yes", "Bob": "no", "Cem": "no", "Dia": "yes", "Eve": "no", "Fay": "yes"},
    ),
    "5": (
        "2002-06-30",
        "On trees",
        {"Ada": "yes", "Bob": "no", "Cem": "yes", "Dia": "yes", "Eve": "abstain", "Gus": "no"},
    ),
    "6": (
        "2003-06-30",
        "On rain",
        {"Ada": "no", "Bob": "no", "Cem": "yes", "Dia": "yes", "Eve": "yes", "Gus": "no"},
    ),
    "7": (
        "2003-09-30",
        "On snow",
        {"Ada": "yes", "Bob": "abstain", "Cem": "yes", "Dia": "no", "Eve": "yes", "Gus": "no"},
    ),
}


def _table(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _long(names: dict[str, str], **titles: str) -> str:
    groups = {
        "Ada": "East",
        "Bob": "West",
        "Cem": "East",
        "Dia": "East",
        "Eve": "West",
        "Fay": "West",
        "Gus": "West",
    }
    rows = [["member", "rollcall", "vote", "date", "title", "symbol", "subject", "session", "group"]]
    for id_, (date, title, votes) in _SMALL.items():
        rows += [
            [
                names.get(who, who),
                id_,
                vote,
                date,
                titles.get(title.split()[-1], title),
                f"A/{id_}",
                "fish and trees",
                date[:4],
                groups[who],
            ]
            for who, vote in votes.items()
        ]
    return _table(rows)


def write_small_records(folder: Path) -> None:
    """Write the records and tables that the command lines name: small, and some of them wrong."""
    states = dict(
        zip(
            ["Ada", "Bob", "Cem", "Dia", "Eve", "Fay", "Gus"],
            ["CHN", "FRA", "CUB", "BRA", "DEU", "JPN", "USA"],
            strict=True,
        )
    )
    odd = {
        "Ada": "Ädà [red]x[/red]",
        "Bob": "Bob, Jr.\n2nd",
        "Cem": "=Cem",
        "Dia": "李明",
        "Eve": "\u202eEve",
        "Fay": "F" * 200,
    }
    small = _long({})
    head, *rows = small.splitlines(keepends=True)
    files = {
        "small.csv": small,
        "other.csv": _long({}, fish="On ice", trees="On wood", rain="On dew", snow="On hail"),
        "states.csv": _long(states),
        "odd.csv": _long(odd, fish="Über „Fische“ [bold]", trees="", rain="\u202eon", snow="x" * 400),
        "one.csv": "member,rollcall,vote\nAda,1,yes\n",
        "single.csv": head + "".join(rows[:6]),
        "matrix.csv": "member,a,b,c\nAda,Y,N,A\nBob,N,N,Y\nCem,Y,,Y\n",
        "unanimous.csv": "member,rollcall,vote,date,title\n"
        + "".join(f"{m},{r},yes,200{r}-01-01,On fish\n" for r in "123" for m in "AB"),
        "broken.csv": 'member,rollcall,vote\nAda,1,"yes\nBob,1,maybe\n',
        "empty.csv": "",
        "words.csv": "member,rollcall,vote\nAda,1,perhaps\nBob,1,no\nBob,1,no\n",
        "text.txt": "no table at all\n",
        "covariates.csv": _table(
            [
                ["member", "year", "gdp"],
                *([m, str(y), str(len(m) + y % 7)] for m in states for y in range(1999, 2004)),
            ]
        ),
        "documents.csv": "member,rollcall,kind,stance,source\n"
        + "Ada,1,statement,criticises,A/1/PV\nBob,2,sponsor,supports,A/2\nEve,1,statement,neutral,A/3\n",
        "result.json": '{"family": "on-fish", "fit": {"method": "map"}, "bridges": null}\n',
        "pairs.csv": "rollcall,item\n1,fish\n2,fish\n4,trees\n5,trees\n",
        "old.csv": small,
        "folder/votes.csv": _table([line[:3] for line in csv.reader(io.StringIO(small))]),
        "folder/rollcalls.csv": _table(
            [["rollcall", "date", "title"], *([k, d, t] for k, (d, t, _) in _SMALL.items())]
        ),
        "old folder/note.txt": "somebody's own\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
