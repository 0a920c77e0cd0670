"""A description of roll calls as tables and as a document."""

from typing import Any

import pandas as pd
from rich.text import Text

from voteshift.cli.console import console, make_table
from voteshift.descriptives import closeness, mean_cohesion, similarity
from voteshift.errors import UsageError, did_you_mean
from voteshift.labels import rollcall_labels
from voteshift.rollcalls import RollCalls
from voteshift.votes import CAST
from voteshift.writing import number

__all__ = ["describe_document", "print_description"]

_SHOWN = 10  # rows of a table for people
_MEASURES = ("agreement", "s", "pi", "kappa")


def describe_document(chosen: RollCalls, by: str, members: tuple[str, ...]) -> dict[str, Any]:
    """Return cohesion, similarity and the most contested roll calls, as plain numbers."""
    close = closeness(chosen).rename_axis("id").reset_index()
    close["date"] = [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in close["date"]]
    close["flip"] = close["flip"].astype("Int64")
    return {
        "rollcalls": len(chosen.rollcalls),
        "by": by,
        "cohesion": [_plain(row) for row in mean_cohesion(chosen, by).reset_index().to_dict("records")],
        "similarity": [_pair(row) for row in similarity(chosen, by=by).tidy().to_dict("records")],
        "members": [row for name in members for row in _beside(chosen, name)],
        "contested": [_plain(row) for row in close.to_dict("records")],
    }


def _beside(chosen: RollCalls, name: str) -> list[dict[str, Any]]:
    """Return the comparison of one member with all others, in decreasing order of S."""
    if name not in chosen.members.index:
        remedy = did_you_mean(name, chosen.members.index)
        raise UsageError(f"no member has the id {name!r}", id=name, remedy=remedy)
    pairs = similarity(chosen).tidy()
    pairs = pairs[(pairs["one"] == name) | (pairs["other"] == name)].copy()
    pairs["other"] = pairs["other"].where(pairs["one"] == name, pairs["one"])
    pairs["one"] = name
    return [_pair(row) for row in pairs.sort_values("s", ascending=False, kind="stable").to_dict("records")]


def _pair(row: dict[Any, Any]) -> dict[str, Any]:
    return _plain(
        {"one": row["one"], "other": row["other"], "pairs": row["n"]} | {m: row[m] for m in _MEASURES}
    )


def _plain(row: Any) -> dict[str, Any]:
    """Return plain numbers; a number that cannot be computed is None."""
    return {
        str(name): None if pd.isna(value) else (value.item() if hasattr(value, "item") else value)
        for name, value in dict(row).items()
    }


def print_description(document: dict[str, Any]) -> None:
    """Print a description as tables."""
    out = console()
    out.print(Text(f"{document['rollcalls']} roll calls", style="bold"))
    table = make_table(["Cohesion by " + document["by"], "Roll calls", "Agreement", "Yes or no", "Rice"])
    for row in document["cohesion"]:
        counts = str(row["rollcalls"]), str(row["sided"])
        table.add_row(row["group"], counts[0], _number(row["agreement"]), counts[1], _number(row["rice"]))
    out.print(table)
    out.print(
        Text(
            "The columns contain means over the roll calls in which at least two members of the group voted. "
            "Agreement: 1 if all votes were the same, 0 if yes, no and abstain are equally frequent. Rice: "
            "|yes - no| / (yes + no), over the roll calls with at least one yes or no vote in the group."
        )
    )
    _print_pairs("Groups, over pairs of members", document["similarity"])
    for name in dict.fromkeys(row["one"] for row in document["members"]):
        rows = [row for row in document["members"] if row["one"] == name]
        if len(rows) > 2 * _SHOWN:
            rest = f", {len(rows) - 2 * _SHOWN} not shown"
            rows = [*rows[:_SHOWN], *rows[-_SHOWN:]]
        else:
            rest = ""
        _print_pairs(f"{name} and others, most similar first{rest}", rows)
    out.print(
        Text(
            "Equal: share of pairs of votes that are the same. S: 1 - 2 times the mean distance of votes; "
            "abstain is halfway between no and yes. Pi, kappa: share of equal votes corrected for chance."
            ""
        )
    )
    labels = rollcall_labels(pd.DataFrame(document["contested"]).set_index("id"))
    table = make_table(
        ["Most contested", "Roll call", "Date", "Yes-no-abstain", "To flip", "Agreement"], text_columns=3
    )
    for row in document["contested"][:_SHOWN]:
        tally = "-".join(str(row[name]) for name in CAST)
        flip = "" if row["flip"] is None else str(row["flip"])
        table.add_row(
            row["title"],
            labels[row["id"]],
            row["date"] or "",
            tally,
            flip,
            _number(row["agreement"]),
        )
    out.print(table)
    out.print(
        Text("To flip: smallest number of members that would reverse the outcome by changing their vote.")
    )


def _print_pairs(title: str, rows: list[dict[str, Any]]) -> None:
    table = make_table([title, "", "Pairs", "Equal", "S", "Pi", "Kappa"], text_columns=2)
    for row in rows:
        table.add_row(
            row["one"], row["other"], str(row["pairs"]), *(_number(row[name]) for name in _MEASURES)
        )
    console().print(table)


def _number(value: float | None) -> str:
    return "" if value is None else number(value, 2)
