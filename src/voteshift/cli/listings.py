"""`voteshift families` and `voteshift tally`."""

from typing import Any

import click
import pandas as pd
from rich.text import Text

from voteshift.cli.console import console, data_option, json_option, make_table, open_record, print_json
from voteshift.labels import rollcall_labels
from voteshift.shift.overview import Overview, overview
from voteshift.votes import TALLY_COLUMNS

__all__ = ["families", "tally"]


@click.command()
@data_option
@json_option
def families(data: str | None, as_json: bool) -> None:
    """List the resolutions that came back: their tallies over time, and how much was turnover.

    A family is two or more votes (not on amendments) under one title, at most one a session. The JSON holds
    every tally and every step.
    """
    found = overview(open_record(data))
    if as_json:
        print_json(_families_document(found))
        return
    table = make_table(
        ["Family", "Yes-no-abstain", "Votes", "First", "Last", "Switching", "Turnover"],
    )
    for slug, row in found.families.iterrows():
        votes = found.tallies[found.tallies["family"] == slug]
        history = [f"{r.yes}-{r.no}-{r.abstain}" for r in votes.itertuples()]
        shown = history if len(history) < 4 else [history[0], "…", history[-1]]
        table.add_row(
            str(slug),
            ", ".join(shown),
            str(len(history)),
            *((_day(row[end]) or "")[:4] for end in ("first", "last")),
            *(
                "" if pd.isna(row[name]) else f"{row[name]:g}"
                for name in ("moved_switching", "moved_turnover")
            ),
        )
    out = console()
    out.print(table)
    out.print(
        Text(
            "Switching, Turnover: votes moved, net, over all steps (half the sum of absolute changes), by "
            "those who sat both times and by those who left or joined."
        )
    )
    out.print(Text(found.sentence()))
    out.print(Text(found.note))
    if found.undated:
        out.print(Text(f"Without a date and so without steps: {', '.join(found.undated)}."))


def _families_document(found: Overview) -> list[dict[str, Any]]:
    steps = dict(iter(found.steps.groupby("family")))
    tallies = dict(iter(found.tallies.groupby("family")))
    labels = rollcall_labels(found.tallies.set_index("rollcall"))
    return [
        {
            "slug": slug,
            "title": row["title"],
            "rollcalls": list(row["rollcalls"]),
            "first": _day(row["first"]),
            "last": _day(row["last"]),
            "tallies": [
                {"id": one["rollcall"], "symbol": labels[one["rollcall"]], "date": _day(one["date"])}
                | {name: int(one[name]) for name in (*TALLY_COLUMNS, "members")}
                for one in tallies[slug].to_dict("records")
            ],
            "steps": [_step(one) for one in steps[slug].to_dict("records")] if slug in steps else [],
            "moved": {
                part: None if pd.isna(row[f"moved_{part}"]) else float(row[f"moved_{part}"])
                for part in ("switching", "turnover")
            },
            "turnover_share": None if pd.isna(row["turnover_share"]) else float(row["turnover_share"]),
        }
        for slug, row in found.families.iterrows()
    ]


def _step(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "from_id": row["old"],
        "to_id": row["new"],
        **{name: int(row[name]) for name in ("stayers", "left", "joined", "switchers")},
        **{
            part: {name: int(row[f"{part}_{name}"]) for name in TALLY_COLUMNS}
            for part in ("change", "switching", "turnover")
        },
        "moved": {part: float(row[f"moved_{part}"]) for part in ("switching", "turnover")},
        "turnover_share": None if pd.isna(row["turnover_share"]) else float(row["turnover_share"]),
    }


def _day(date: pd.Timestamp) -> str | None:
    return None if pd.isna(date) else f"{date:%Y-%m-%d}"


@click.command()
@click.argument("family", required=False)
@click.option("--since", metavar="DATE", help="First day, month or year.")
@click.option("--until", metavar="DATE", help="Last day, month or year, included.")
@click.option("--subject", metavar="TEXT", help="Only roll calls whose subject contains this.")
@data_option
@json_option
def tally(
    family: str | None,
    since: str | None,
    until: str | None,
    subject: str | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Count the votes of every roll call, or of the iterations of one FAMILY."""
    chosen = open_record(data).select(subject=subject, family=family).between(since, until)
    counts = chosen.rollcalls[["symbol", "date", "title"]].join(chosen.tally())
    labels = rollcall_labels(counts)
    if as_json:
        print_json(
            [
                {
                    "id": rollcall,
                    "symbol": labels[rollcall],
                    "date": _day(row["date"]),
                    "title": row["title"],
                    **{name: int(row[name]) for name in (*TALLY_COLUMNS, "members")},
                }
                for rollcall, row in counts.iterrows()
            ]
        )
        return
    table = make_table(["Title", "Roll call", "Symbol", "Date", "Yes", "No", "Abstain", "Absent"])
    for rollcall, row in counts.iterrows():
        date = _day(row["date"]) or ""
        table.add_row(
            row["title"], str(rollcall), row["symbol"], date, *(str(row[name]) for name in TALLY_COLUMNS)
        )
    console().print(table)
