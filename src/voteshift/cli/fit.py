"""`voteshift fit`: models by themselves."""

from pathlib import Path
from typing import Any

import click
from rich.text import Text

from voteshift.cli.console import (
    console,
    data_option,
    json_option,
    level_option,
    make_table,
    open_record,
    print_json,
)
from voteshift.cli.files import write_files
from voteshift.cli.progress import fit_progress
from voteshift.ideal import IdealFit, IdealPoints

__all__ = ["fit"]


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
@click.option("--polarity", metavar="MEMBER", help="Member on the positive side of the first dimension.")
@click.option(
    "--threads", type=click.IntRange(min=1), help="Threads; all cores by default. No result depends on it."
)
@level_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write positions.csv, items.csv and fit.json.",
)
@data_option
@json_option
@click.pass_context
def ideal(
    ctx: click.Context,
    since: str | None,
    until: str | None,
    link: str,
    dims: int,
    polarity: str | None,
    threads: int | None,
    level: float,
    out: Path | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Fit static ideal points to the contested roll calls of a window, by maximum a posteriori.

    Exits with 1 if the fit did not converge.
    """
    record = open_record(data).between(since, until)
    spec = IdealPoints(
        link="probit" if link == "probit" else "logit",
        dims=dims,
        polarity=polarity,
        level=level,
        threads=threads,
    )
    with fit_progress() as progress:
        found = spec.fit(record, progress=progress)
    document = _document(found)
    if out is not None:
        write_files(
            out,
            {
                "positions.csv": found.tidy().to_csv(index=False),
                "items.csv": found.items().to_csv(index=False),
                "fit.json": document,
            },
        )
    if as_json:
        print_json(document)
    else:
        _print_fit(found)
    if not found.converged:
        click.echo("voteshift: the fit did not converge; do not use these numbers", err=True)
        ctx.exit(1)


def _document(found: IdealFit) -> dict[str, Any]:
    names = [found.encoded.cutpoint_names(column) for column in range(len(found.encoded.rollcalls))]
    cutpoints = dict(zip(found.encoded.rollcalls, names, strict=True))
    return {
        "converged": found.converged,
        "objective": found.mode.objective,
        "log_likelihood": found.mode.log_likelihood,
        "gradient_norm": found.mode.gradient_norm,
        "iterations": found.mode.iterations,
        "seconds": found.mode.seconds,
        "first_stage": found.mode.first_stage,
        "link": found.model.link,
        "dims": found.mode.point.positions.shape[1],
        "method": "map",
        "level": found.level,
        "scale": "positions have mean 0 and standard deviation 1 over the members of the fit",
        "direction": found.direction,
        "cautions": list(found.cautions),
        "left_out": {"members": list(found.encoded.silent), "rollcalls": list(found.encoded.uncontested)},
        "positions": [{"period": None, **row} for row in found.tidy().to_dict("records")],
        "items": [
            {
                "rollcall": row["rollcall"],
                "item": row["rollcall"],
                "dimension": row["dimension"],
                "discrimination": row["discrimination"],
                "cutpoints": {name: row[name] for name in cutpoints[row["rollcall"]]},
            }
            for row in found.items().to_dict("records")
        ],
    }


def _print_fit(found: IdealFit) -> None:
    out = console()
    design = found.encoded.design
    table = make_table(["Member", "Dimension", "Position", f"{100 * found.level:g}% interval", "Votes"])
    for row in found.tidy().sort_values(["dimension", "estimate"]).itertuples():
        interval = f"[{row.conf_low:.2f}, {row.conf_high:.2f}]"
        table.add_row(row.member, str(row.dimension), f"{row.estimate:.2f}", interval, str(row.n_votes))
    out.print(table)
    verdict = "converged" if found.converged else "NOT CONVERGED"
    out.print(
        Text(
            f"{design.n_members} members, {design.n_rollcalls} contested roll calls, {found.model.link}. "
            f"Log posterior {found.mode.objective:.3f} after {found.mode.iterations} iterations and "
            f"{found.mode.seconds:.2f} s: {verdict}, gradient norm {found.mode.gradient_norm:.1e} posterior "
            f"standard deviations. Scale: positions have mean 0 and standard deviation 1; {found.direction}."
        )
    )
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
