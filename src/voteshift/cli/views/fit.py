"""A fit of ideal points as tables and as a document."""

from typing import Any

import numpy as np
from rich.text import Text

from voteshift.cli.console import console, make_table
from voteshift.ideal import DynamicFit, IdealFit
from voteshift.ideal.stated import model_words
from voteshift.joint import chambers_in
from voteshift.posterior.dynamic.results import DynamicPosterior
from voteshift.posterior.results import PosteriorFit
from voteshift.rollcalls import RollCalls
from voteshift.writing import interval, number

__all__ = ["IdealResult", "chambers_document", "fit_document", "parts_document", "print_fit"]

IdealResult = IdealFit | DynamicFit | PosteriorFit | DynamicPosterior


def chambers_document(found: IdealResult, record: RollCalls, together: str) -> dict[str, Any]:
    """Return the counts of each chamber and the members that link their scales."""
    counts = chambers_in(record, found.rollcall_ids, found.member_ids)
    identification = "" if found.periods is None else found.identified_by
    return {
        "identified_by": "; ".join(filter(None, (identification, together))),
        "chambers": counts.reset_index().to_dict("records"),
    }


def fit_document(found: IdealResult) -> dict[str, Any]:
    """Return the document of `voteshift fit ideal --json`."""
    document = {
        "converged": found.converged,
        **found.reached,
        "link": found.link,
        "dims": found.dims,
        "priors": found.priors,
        "level": found.level,
        "scale": found.scale,
        "direction": found.direction,
        "cautions": list(found.cautions),
        "left_out": {"members": list(found.silent), "rollcalls": list(found.uncontested)},
        "positions": [{"period": None, **_bounded(row)} for row in found.tidy().to_dict("records")],
        "items": [
            {
                "rollcall": row["rollcall"],
                "item": row.get("item", row["rollcall"]),
                "dimension": row["dimension"],
                "discrimination": row["discrimination"],
                "cutpoints": {name: row[name] for name in found.cutpoint_names(row["rollcall"])},
            }
            for row in found.items().to_dict("records")
        ],
    }
    if found.periods is not None:
        document["identified_by"] = found.identified_by
        document["steps"] = found.steps().to_dict("records")
    return document


def _bounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return the end of an interval that lies at infinity as null, which JSON has."""
    ends = {name: None if np.isinf(row[name]) else row[name] for name in ("conf_low", "conf_high")}
    return row | ends


def parts_document(found: IdealResult, record: RollCalls) -> list[dict[str, Any]] | None:
    """Return the members, roll calls and dates of each part; None where all members are joined."""
    if found.parts is None:
        return None
    listed = []
    for members, rollcalls in found.list_parts():
        dates = record.rollcalls.loc[rollcalls, "date"].dropna().sort_values()
        first, last = (str(dates.iloc[end].date()) if len(dates) else None for end in (0, -1))
        listed.append({"members": list(members), "rollcalls": list(rollcalls), "first": first, "last": last})
    return listed


def _print_positions(found: IdealResult) -> None:
    table = make_table(["Member", "Dimension", "Position", f"{100 * found.level:g}% interval", "Votes"])
    for row in found.tidy().sort_values(["dimension", "estimate"]).itertuples():
        around = interval(row.conf_low, row.conf_high, 2)
        table.add_row(row.member, str(row.dimension), number(row.estimate, 2), around, str(row.n_votes))
    console().print(table)


def _print_trajectories(found: IdealResult) -> None:
    """First and last position of every member, and the steps common to all."""
    percent = f"{100 * found.level:g}%"
    columns = [
        "Member",
        "First",
        "Position",
        f"{percent} interval",
        "Last",
        "Position",
        f"{percent} interval",
    ]
    table = make_table([*columns, "Votes"])
    ends = found.tidy().groupby("member", sort=False)
    for member, rows in sorted(ends, key=lambda pair: float(pair[1]["estimate"].iloc[-1])):
        cells = []
        for row in (rows.iloc[0], rows.iloc[-1]):
            around = interval(row["conf_low"], row["conf_high"], 2)
            cells += [str(row["period"]), number(row["estimate"], 2), around]
        table.add_row(str(member), *cells, str(rows["n_votes"].sum()))
    console().print(table)
    steps = make_table(["From", "To", "Common step", f"{percent} interval", "Bridges"], text_columns=2)
    for row in found.steps().itertuples():
        around = interval(row.conf_low, row.conf_high, 2)
        steps.add_row(row[1], row.to, number(row.estimate, 2), around, str(row.bridges))
    console().print(steps)
    console().print(Text(f"Identified by {found.identified_by}."))


def print_fit(found: IdealResult, together: str) -> None:
    """Print a fit as tables and sentences; `together` says what holds two chambers on one scale."""
    out = console()
    if found.periods is not None:
        _print_trajectories(found)
    else:
        _print_positions(found)
    verdict = "converged" if found.converged else "NOT CONVERGED"
    if found.sampled:
        made = found.reached
        how = (
            f"{made['chains']} chains of {made['draws']} draws by {made['sampler']} (seed {made['seed']}, "
            f"{made['seconds']:.0f} s): {verdict}, {found.verdict}. Position: posterior mean"
        )
    else:
        how = (
            f"Log posterior {number(found.mode.objective, 3)} after {found.mode.iterations} iterations and "
            f"{found.mode.seconds:.2f} s: {verdict}, gradient norm {found.mode.gradient_norm:.1e} posterior "
            "standard deviations"
        )
    out.print(
        Text(
            f"{found.n_members} members, {found.n_rollcalls} contested roll calls, {found.link}. "
            f"{how}. Scale: {found.scale}; {found.direction}."
        )
    )
    out.print(Text(f"Model: {model_words(found.link, found.dims, found.priors)}."))
    for what, names in (
        ("unanimous, left out", found.uncontested),
        ("cast no vote here, left out", found.silent),
    ):
        if names:
            out.print(
                Text(f"{what}: {len(names)} ({', '.join(map(str, names[:5]))}{', …' * (len(names) > 5)})")
            )
    for caution in found.cautions:
        out.print(Text(f"Caution: {caution}."))
    if together:
        out.print(Text(f"{together[0].upper()}{together[1:]}."))
