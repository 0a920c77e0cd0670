"""`voteshift families` and `voteshift tally`."""

import click
import pandas as pd

from voteshift.cli.console import console, data_option, json_option, make_table, open_record, print_json
from voteshift.votes import TALLY_COLUMNS

__all__ = ["families", "tally"]


@click.command()
@data_option
@json_option
def families(data: str | None, as_json: bool) -> None:
    """List the resolutions that came back, with their tallies over time.

    A family is two or more votes (not on amendments) under one title, at most one a session.
    """
    record = open_record(data)
    found = record.families()
    if as_json:
        print_json(
            [
                {
                    "slug": slug,
                    "title": row["title"],
                    "rollcalls": list(row["rollcalls"]),
                    "first": _day(row["first"]),
                    "last": _day(row["last"]),
                }
                for slug, row in found.iterrows()
            ]
        )
        return
    counts = record.tally()
    table = make_table(["Family", "Yes-no-abstain", "Votes", "First", "Last"])
    for slug, row in found.iterrows():
        history = [f"{r.yes}-{r.no}-{r.abstain}" for r in counts.loc[list(row["rollcalls"])].itertuples()]
        shown = history if len(history) < 4 else [history[0], "…", history[-1]]
        table.add_row(
            str(slug),
            ", ".join(shown),
            str(len(history)),
            *((_day(row[end]) or "")[:4] for end in ("first", "last")),
        )
    console().print(table)


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
    if as_json:
        print_json(
            [
                {
                    "id": rollcall,
                    "symbol": row["symbol"],
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
