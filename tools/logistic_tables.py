"""Write the tables of docs/logistic.md from the files that were measured.

    python tools/logistic_tables.py [--check]

What stands between ``<!-- NAME -->`` and ``<!-- /NAME -->`` is replaced, from logistic_coverage.json,
logistic_conditional.json, position_slopes.json and logistic_trio.json in benchmarks/. With ``--check``
nothing is written, and the exit code is 1 if the page is out of date.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "logistic.md"
METHODS = ("plain Wald", "CR1, t", "CR3, t", "score bootstrap", "Firth, profile", "recommended")
FILES = ("logistic_coverage", "logistic_conditional", "position_slopes", "logistic_trio")
YEARS = {"A/HRC/RES/37/23": "2018", "A/HRC/RES/43/21": "2020", "A/HRC/RES/46/13": "2021"}
Rows = Iterable[Iterable[str]]


def table(head: Iterable[str], rows: Rows, *, text: int = 1) -> str:
    """Return a Markdown table, the first columns text, the others set to the right."""
    names = list(head)
    lines = [names, ["---" if index < text else "---:" for index in range(len(names))], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float, digits: int = 2) -> str:
    """Write a number with a minus sign."""
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def span(row: dict[str, Any], low: str = "conf_low", high: str = "conf_high", digits: int = 2) -> str:
    """Write an interval; a dash where there is none."""
    if row.get(low) is None:
        return "\N{EN DASH}"
    return f"[{number(row[low], digits)}, {number(row[high], digits)}]"


def coverage(measured: dict[str, Any]) -> str:
    """Return coverage by cell; in brackets in how many runs a method has an interval, where not in all."""
    rows = []
    for cell in measured["cells"]:
        row = [number(cell["tie"], 1), number(cell["effect"], 1)]
        for name in METHODS:
            result = cell["methods"][name]
            runs = "" if result["runs"] == cell["runs"] else f" ({result['runs']})"
            row.append(f"{result['coverage']:.1f}{runs}")
        rows.append(row)
    return table(["tie", "effect", *METHODS], rows, text=0)


def conditional(measured: dict[str, Any]) -> str:
    """Return coverage of the random-intercept model by cell, and over all."""

    def share(row: dict[str, Any], level: str) -> str:
        return f"{row['coverage'][level]:.1f} ({row['monte_carlo_error'][level]:.1f})"

    rows = [
        [
            number(row["sd"], 1),
            number(row["effect"], 1),
            str(row["runs"]),
            str(row["usable"]),
            number(row["median_estimate"]),
            share(row, "0.9"),
            share(row, "0.95"),
        ]
        for row in measured["cells"]
    ]
    whole = measured["over_all"]
    rows.append(
        ["all", "", str(whole["runs"]), str(whole["usable"]), "", share(whole, "0.9"), share(whole, "0.95")]
    )
    head = ["sd", "effect", "panels", "usable", "median estimate", "90 % interval", "95 % interval"]
    verdict = "within" if measured["in_the_bar"] else "NOT within"
    return f"{table(head, rows, text=0)}\n\nThese figures are {verdict} the bar."


def positions(measured: dict[str, Any]) -> str:
    """Return bias and coverage of the slopes if positions are estimated, by world, reliability and term."""
    methods = ("true positions", "two steps, mode", "two steps, means", "measurement-error")
    rows = []
    for cell in measured["cells"]:
        for term, results in cell["terms"].items():
            row = [cell["world"], number(cell["reliability"]), str(cell["runs"]), term]
            row += [
                f"{number(results[name]['bias'], 1)} ({results[name]['coverage']:.1f})" for name in methods
            ]
            rows.append([*row, number(results["measurement-error"]["monte_carlo_error"], 1)])
    head = ["positions", "reliability", "datasets", "slope of", *methods, "Monte-Carlo error"]
    return table(head, rows, text=1)


def survives(trio: dict[str, Any]) -> str:
    """Return every model's terms under every method, but for the intercept."""
    rows = []
    for model in trio["survives"]:
        for row in model["terms"]:
            if row["term"] == "Intercept":
                continue
            p = row.get("score_p")
            rows.append(
                [
                    f"`{model['formula']}`",
                    row["label"],
                    number(row["estimate"]),
                    span(row),
                    span(row, "wald_low", "wald_high"),
                    span(row, "firth_low", "firth_high"),
                    "\N{EN DASH}" if p is None else number(p, 3) if p >= 0.001 else "< 0.001",
                    f"{number(row['dropped_low'])} to {number(row['dropped_high'])}",
                ]
            )
    head = ["model", "term", "estimate", "recommended", "plain Wald", "Firth profile", "score p", "drop-one"]
    return table(head, rows, text=2)


def compared(trio: dict[str, Any]) -> str:
    """Return the comparison of models."""
    rows = [
        [
            row["model"],
            number(row["log_score"], 3),
            number(row["behind"], 3),
            number(row["behind_error"], 3),
            number(row["brier"], 3),
            number(row["aic_working"], 1),
            number(row["bic_working"], 1),
        ]
        for row in trio["compare"]["table"]
    ]
    return table(["model", "log score", "behind", "std. error", "Brier", "AIC*", "BIC*"], rows)


def effects(trio: dict[str, Any]) -> str:
    """Return the effects of voice on each category, vote by vote."""
    rows = trio["effects_by_vote"]["rows"]
    lines = []
    for year in YEARS.values():
        by_category = {row["category"]: row for row in rows if row["version"] == year}
        lines.append([year, *_estimates(by_category)])
    return table(["vote", "no", "abstain", "yes"], lines)


def parts(trio: dict[str, Any]) -> str:
    """Return the decomposition of every step."""
    lines = []
    for step in trio["split"]:
        label = f"{YEARS[step['from']]} to {YEARS[step['to']]}"
        for part in ("characteristics", "responses"):
            by_category = {row["category"]: row for row in step["parts"] if row["part"] == part}
            lines.append([label, part, *_estimates(by_category)])
    return table(["step", "part", "no", "abstain", "yes"], lines, text=2)


def _estimates(rows: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{number(rows[word]['estimate'])} {span(rows[word])}" for word in ("no", "abstain", "yes")]


def page(current: str, measured: dict[str, dict[str, Any]]) -> str:
    """Return the page with its tables renewed."""
    trio = measured["logistic_trio"]
    blocks = {
        "coverage": coverage(measured["logistic_coverage"]),
        "conditional": conditional(measured["logistic_conditional"]),
        "positions": positions(measured["position_slopes"]),
        "survives": survives(trio),
        "compare": compared(trio),
        "effects": effects(trio),
        "parts": parts(trio),
    }
    for name, block in blocks.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        current, n = mark.subn(lambda hit, block=block: f"{hit[1]}{block}\n{hit[2]}", current)  # type: ignore[misc]
        if n != 1:
            raise SystemExit(f"{PAGE.name} lacks its marks for {name}")
    return current


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    measured = {
        name: json.loads((ROOT / "benchmarks" / f"{name}.json").read_text(encoding="utf-8")) for name in FILES
    }
    current = PAGE.read_text(encoding="utf-8")
    renewed = page(current, measured)
    if renewed == current:
        return 0
    if "--check" in arguments:
        print(f"{PAGE.name} is out of date: run python tools/logistic_tables.py", file=sys.stderr)
        return 1
    PAGE.write_text(renewed, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
