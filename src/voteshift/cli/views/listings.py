"""The listings of families and of tallies, as tables and as documents."""

from typing import Any

import pandas as pd

from voteshift.cli.console import print_listing, print_paragraphs
from voteshift.labels import rollcall_labels
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import PARTS
from voteshift.shift.overview import Overview
from voteshift.votes import CAST, TALLY_COLUMNS

__all__ = ["families_document", "print_families", "print_tallies", "tally_document"]


def print_families(result: Overview) -> None:
    """Print a row for every family, then the totals."""
    rows = []
    for family, votes in result.tallies.groupby("family", sort=False):
        row = result.families.loc[family]
        history = [f"{yes}-{no}-{abstain}" for yes, no, abstain in votes[list(CAST)].to_numpy().tolist()]
        shown = history if len(history) < 4 else [history[0], "…", history[-1]]
        moved = (row[f"moved_{part}"] for part in PARTS)
        cells = [
            str(len(history)),
            *((_day(row[end]) or "")[:4] for end in ("first", "last")),
            *("" if pd.isna(count) else f"{count:g}" for count in moved),
            ", ".join(shown),
        ]
        rows.append((str(family), cells))
    columns = ["Votes", "First", "Last", *(part.capitalize() for part in PARTS), "Yes-no-abstain"]
    print_listing("Family", columns, rows)
    print_paragraphs(
        "",
        "Switching: net number of votes moved, over all steps, by members that voted both times. "
        "Attendance: net number of votes moved by members that held a seat both times and voted once. "
        "Turnover: net number of votes moved by members that left or joined. The net number is half the "
        "sum of the absolute changes.",
        result.sentence(),
        result.note,
        *(
            [f"Families with an undated roll call, and therefore without steps: {', '.join(result.undated)}."]
            if result.undated
            else []
        ),
    )


def families_document(result: Overview) -> list[dict[str, Any]]:
    """Return the document of `voteshift families --json`."""
    steps = dict(iter(result.steps.groupby("family")))
    tallies = dict(iter(result.tallies.groupby("family")))
    labels = rollcall_labels(result.tallies.set_index("rollcall"))
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
                for part in _parts(steps[slug]["voted_once"].sum() if slug in steps else 0)
            },
            "turnover_share": None if pd.isna(row["turnover_share"]) else float(row["turnover_share"]),
        }
        for slug, row in result.families.iterrows()
    ]


def _parts(voted_once: int) -> list[str]:
    """Return the names of the parts of a change; attendance only if a member voted once."""
    return [part for part in PARTS if voted_once or part != "attendance"]


def _step(row: dict[str, Any]) -> dict[str, Any]:
    parts = _parts(row["voted_once"])
    return {
        "from_id": row["old"],
        "to_id": row["new"],
        **{name: int(row[name]) for name in ("stayers", "left", "joined", "switchers")},
        **({"voted_once": int(row["voted_once"])} if row["voted_once"] else {}),
        **{part: {name: int(row[f"{part}_{name}"]) for name in TALLY_COLUMNS} for part in ("change", *parts)},
        "moved": {part: float(row[f"moved_{part}"]) for part in parts},
        "turnover_share": None if pd.isna(row["turnover_share"]) else float(row["turnover_share"]),
    }


def _day(date: pd.Timestamp) -> str | None:
    return None if pd.isna(date) else f"{date:%Y-%m-%d}"


def tally_document(chosen: RollCalls) -> list[dict[str, Any]]:
    """Return the document of `voteshift tally --json`."""
    counts = _counts(chosen)
    labels = rollcall_labels(counts)
    return [
        {
            "id": rollcall,
            "symbol": labels[rollcall],
            "date": _day(row["date"]),
            "title": row["title"],
            **{name: int(row[name]) for name in (*TALLY_COLUMNS, "members")},
        }
        for rollcall, row in counts.to_dict("index").items()
    ]


def print_tallies(chosen: RollCalls) -> None:
    """Print a row for every roll call."""
    columns = ["Roll call", "Symbol", "Date", "Yes", "No", "Abstain", "Absent"]
    rows = (
        (
            row.title,
            [
                row.Index,
                row.symbol,
                _day(row.date) or "",
                *(str(getattr(row, name)) for name in TALLY_COLUMNS),
            ],
        )
        for row in _counts(chosen).itertuples()
    )
    print_listing("Title", columns, rows, text_columns=3, wrap=True)


def _counts(chosen: RollCalls) -> pd.DataFrame:
    return chosen.rollcalls[["symbol", "date", "title"]].join(chosen.tally())
