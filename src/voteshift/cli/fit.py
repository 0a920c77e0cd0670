"""`voteshift fit`: models by themselves."""

import warnings
from pathlib import Path
from typing import Any, Literal

import click
import numpy as np
from rich.text import Text

from voteshift.cli.console import (
    also_option,
    console,
    data_option,
    join_record,
    json_option,
    level_option,
    make_table,
    open_record,
    print_json,
)
from voteshift.cli.fit_logit import logit
from voteshift.cli.progress import fit_progress
from voteshift.errors import BridgeWarning, UsageError
from voteshift.files import write_files
from voteshift.ideal import DynamicFit, IdealFit, IdealPoints
from voteshift.ideal.stated import model_words
from voteshift.joint import chambers_in, held_together
from voteshift.posterior.moving_results import DynamicPosterior
from voteshift.posterior.results import PosteriorFit
from voteshift.readers.pairs import read_pairs
from voteshift.rollcalls import RollCalls
from voteshift.shift.naming import record_years
from voteshift.writing import interval, number

__all__ = ["fit"]

Found = IdealFit | DynamicFit | PosteriorFit | DynamicPosterior


@click.group()
def fit() -> None:
    """Fit a model by itself."""


@fit.command()
@click.option("--since", metavar="DATE", help="First roll calls: a day, month or year.")
@click.option("--until", metavar="DATE", help="Last roll calls, included.")
@click.option(
    "--link",
    type=click.Choice(["logit", "probit"]),
    default="logit",
    show_default=True,
    help="Distribution of the noise.",
)
@click.option(
    "--dims", type=click.IntRange(1, 5), default=1, show_default=True, help="Dimensions of the space."
)
@click.option(
    "--periods",
    metavar="NAME",
    help="Let positions move from one to the next: year, session, or a column of the roll calls.",
)
@click.option(
    "--bridge",
    metavar="families|FILE|none",
    help="With --periods: what shares an item: iterations of each repeated resolution, or pairs in a file.",
)
@click.option(
    "--tau",
    metavar="NUMBER|estimate",
    help="With --periods: standard deviation of a member's own step in a year; 0.1 by default, learned with "
    "--method nuts.",
)
@click.option("--polarity", metavar="MEMBER", help="Member on the positive side of the first dimension.")
@click.option(
    "--threads", type=click.IntRange(min=1), help="Threads; all cores by default. No result depends on it."
)
@click.option(
    "--method",
    type=click.Choice(["map", "nuts"]),
    default="map",
    show_default=True,
    help="The mode and its curvature, or draws of the posterior (one dimension).",
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="With --method nuts: its seed."
)
@level_option
@click.option(
    "--accept-parts",
    is_flag=True,
    help="Exit with 0 although too few votes join parts of the record: compare positions within a part only.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write positions.csv, items.csv, fit.json and, with --method nuts, posterior.nc.",
)
@data_option
@also_option
@json_option
@click.pass_context
def ideal(
    ctx: click.Context,
    since: str | None,
    until: str | None,
    link: str,
    dims: int,
    periods: str | None,
    bridge: str | None,
    tau: str | None,
    polarity: str | None,
    threads: int | None,
    method: str,
    seed: int,
    level: float,
    accept_parts: bool,
    out: Path | None,
    data: str | None,
    also: str | None,
    as_json: bool,
) -> None:
    """Fit ideal points to the contested roll calls of a window, by maximum a posteriori or by sampling.

    With --also the window is, where none is given, the years of the first record: the General Assembly's
    beside the bundled one is taken from 2006 on. Exits with 1 if the fit did not converge, or the diagnostics
    of the draws are out of bounds, or too few votes join parts of the record (see --accept-parts).
    """
    record = _window(open_record(data), also, since, until)
    if periods is None and (bridge is not None or tau is not None):
        raise UsageError("--bridge and --tau go with --periods", remedy="say --periods year, for instance")
    pairs = None if bridge in (None, "none", "families") else read_pairs(str(bridge), record.rollcalls.index)
    spec = IdealPoints(
        link="probit" if link == "probit" else "logit",
        dims=dims,
        polarity=polarity,
        level=level,
        threads=threads,
        periods=periods,
        bridge="families" if bridge == "families" else None,
        items=None if pairs is None else pairs.kept,
        tau=_tau("estimate" if tau is None and periods and method == "nuts" else tau),
    )
    with warnings.catch_warnings(record=True) as caught, fit_progress() as progress:
        warnings.simplefilter("always", BridgeWarning)
        found: Found
        if method == "nuts":
            from voteshift.posterior.draws import sample

            found = sample(
                record, spec, seed=seed, progress=lambda line: click.echo(f"fitting: {line}", err=True)
            )
        else:
            found = spec.fit(record, progress=progress)
    for warning in caught:
        click.echo(f"voteshift: {warning.message}", err=True)
    together = held_together(record, found.encoded.rollcalls, found.encoded.members)
    document = _document(found) | {"parts": _parts(found, record)}
    document |= _chambers(found, record, together) if together else {}
    if pairs is not None and pairs.left_out:
        document["left_out"]["pairs"] = [finding.message for finding in pairs.left_out]
        click.echo(f"voteshift: {len(pairs.left_out)} pairs of {bridge} left out", err=True)
        for finding in pairs.left_out:
            click.echo(f"voteshift: line {finding.line}: {finding.message}", err=True)
    if out is not None:
        write_files(
            out,
            {
                "positions.csv": found.tidy().to_csv(index=False),
                "items.csv": found.items().to_csv(index=False),
                "fit.json": document,
            },
        )
        if isinstance(found, (PosteriorFit, DynamicPosterior)):
            found.save(out / "posterior.nc")
    if as_json:
        print_json(document)
    else:
        _print_fit(found)
        if together:
            console().print(Text(f"{together[0].upper()}{together[1:]}."))
    _check_usable(ctx, found, record, accept_parts=accept_parts)


def _check_usable(ctx: click.Context, found: Found, record: RollCalls, *, accept_parts: bool) -> None:
    """Exit with 1 where the numbers that were printed must not be used as they are."""
    if not found.converged:
        click.echo("voteshift: the fit did not converge; do not use these numbers", err=True)
        ctx.exit(1)
    if found.parts is None:
        return
    for rank, part in enumerate(_parts(found, record) or (), start=1):
        click.echo(
            f"voteshift: part {rank}: {len(part['members'])} members, {len(part['rollcalls'])} roll calls, "
            f"{part['first'] or 'undated'} to {part['last'] or 'undated'}",
            err=True,
        )
    if not accept_parts:
        click.echo(
            "voteshift: too few votes join parts of this record, so positions of different parts may not be "
            "compared (fit one part by itself, or accept this with --accept-parts)",
            err=True,
        )
        ctx.exit(1)


def _parts(found: Found, record: RollCalls) -> list[dict[str, Any]] | None:
    """Return the members, roll calls and dates of each part; None where all members are joined."""
    if found.parts is None:
        return None
    encoded = found.encoded
    listed = []
    for part in range(int(found.parts.member.max()) + 1):
        rollcalls = encoded.rollcalls[found.parts.item[encoded.design.item] == part]
        dates = record.rollcalls.loc[rollcalls, "date"].dropna().sort_values()
        first, last = (str(dates.iloc[end].date()) if len(dates) else None for end in (0, -1))
        members = encoded.members[found.parts.member == part]
        listed.append({"members": list(members), "rollcalls": list(rollcalls), "first": first, "last": last})
    return listed


def _window(record: RollCalls, also: str | None, since: str | None, until: str | None) -> RollCalls:
    """Return the roll calls to fit; beside another record the window is by default the record's own years."""
    if also is not None:
        first, last = record_years(record)
        since, until = since or first, until or last
    return join_record(record, also).between(since, until)


def _chambers(found: Found, record: RollCalls, together: str) -> dict[str, Any]:
    """Say what each chamber brings, and what puts them on one scale."""
    counts = chambers_in(record, found.encoded.rollcalls, found.encoded.members)
    said = found.identified_by if isinstance(found, DynamicFit) else ""
    return {
        "identified_by": "; ".join(filter(None, (said, together))),
        "chambers": counts.reset_index().to_dict("records"),
    }


def _tau(text: str | None) -> float | Literal["estimate"]:
    if text == "estimate":
        return "estimate"
    try:
        return 0.1 if text is None else float(text)
    except ValueError:
        raise UsageError(f"--tau takes a number or 'estimate', not {text!r}") from None


def _document(found: Found) -> dict[str, Any]:
    names = [found.encoded.cutpoint_names(column) for column in range(len(found.encoded.rollcalls))]
    cutpoints = dict(zip(found.encoded.rollcalls, names, strict=True))
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
        "left_out": {"members": list(found.encoded.silent), "rollcalls": list(found.encoded.uncontested)},
        "positions": [{"period": None, **_bounded(row)} for row in found.tidy().to_dict("records")],
        "items": [
            {
                "rollcall": row["rollcall"],
                "item": row.get("item", row["rollcall"]),
                "dimension": row["dimension"],
                "discrimination": row["discrimination"],
                "cutpoints": {name: row[name] for name in cutpoints[row["rollcall"]]},
            }
            for row in found.items().to_dict("records")
        ],
    }
    if isinstance(found, (DynamicFit, DynamicPosterior)):
        document["identified_by"] = found.identified_by
        document["steps"] = found.steps().to_dict("records")
    return document


def _bounded(row: dict[str, Any]) -> dict[str, Any]:
    """Write the end of an interval that lies at infinity as null, which JSON has."""
    ends = {name: None if np.isinf(row[name]) else row[name] for name in ("conf_low", "conf_high")}
    return row | ends


def _print_positions(found: IdealFit | PosteriorFit) -> None:
    table = make_table(["Member", "Dimension", "Position", f"{100 * found.level:g}% interval", "Votes"])
    for row in found.tidy().sort_values(["dimension", "estimate"]).itertuples():
        around = interval(row.conf_low, row.conf_high, 2)
        table.add_row(row.member, str(row.dimension), number(row.estimate, 2), around, str(row.n_votes))
    console().print(table)


def _print_trajectories(found: DynamicFit | DynamicPosterior) -> None:
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


def _print_fit(found: Found) -> None:
    out = console()
    design = found.encoded.design
    if isinstance(found, (DynamicFit, DynamicPosterior)):
        _print_trajectories(found)
    else:
        _print_positions(found)
    verdict = "converged" if found.converged else "NOT CONVERGED"
    if isinstance(found, (PosteriorFit, DynamicPosterior)):
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
            f"{design.n_members} members, {design.n_rollcalls} contested roll calls, {found.link}. "
            f"{how}. Scale: {found.scale}; {found.direction}."
        )
    )
    out.print(Text(f"Model: {model_words(found.link, found.dims, found.priors)}."))
    for what, names in (
        ("unanimous, left out", found.encoded.uncontested),
        ("cast no vote here, left out", found.encoded.silent),
    ):
        if names:
            out.print(
                Text(f"{what}: {len(names)} ({', '.join(map(str, names[:5]))}{', …' * (len(names) > 5)})")
            )
    for caution in found.cautions:
        out.print(Text(f"Caution: {caution}."))


fit.add_command(logit)
