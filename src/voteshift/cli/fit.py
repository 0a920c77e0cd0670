"""`voteshift fit`: ideal points, and logistic models."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voteshift.cli.command import Group
from voteshift.cli.console import (
    also_option,
    data_option,
    json_option,
    level_option,
    print_json,
    print_warning,
)
from voteshift.cli.fit_logit import logit
from voteshift.cli.model_options import check_link, delta_group_option, specify_ideal
from voteshift.cli.numbers import LARGEST_SEED, MOST_THREADS, Whole
from voteshift.cli.option_groups import (
    CovariateOptions,
    DynamicOptions,
    RecordOptions,
    SamplingOptions,
    SpaceOptions,
    WindowOptions,
    group_options,
)
from voteshift.cli.progress import fit_progress
from voteshift.errors import BridgeWarning, UsageError

if TYPE_CHECKING:
    from voteshift.rollcalls import RollCalls

__all__ = ["fit"]


@click.group(cls=Group, epilog="Example: voteshift fit ideal --since 2016 --until 2021")
def fit() -> None:
    """Fit an ideal-point model or a logistic model."""


@fit.command(epilog="Example: voteshift fit ideal --since 2016 --until 2021 --periods year")
@click.option("--since", metavar="DATE", help="Start of the window: a day, month or year.")
@click.option("--until", metavar="DATE", help="End of the window, included.")
@click.option(
    "--published",
    metavar="NAME",
    help="A published model: martin-quinn-2002, clinton-jackman-rivers-2004, imai-lo-olmsted-2016 or "
    "bailey-strezhnev-voeten-2017. It sets --link, --dims, --method and the priors.",
)
@click.option(
    "--link",
    metavar="NAME",
    callback=check_link,
    default="logit",
    show_default=True,
    help="Distribution of the noise: logit, probit, or the name of a link of an installed package.",
)
@click.option("--dims", type=click.IntRange(1, 5), default=1, show_default=True, help="Number of dimensions.")
@click.option(
    "--periods",
    metavar="NAME",
    help="Dynamic positions. NAME is 'year', 'session', or a column of the roll calls with periods. If roll "
    "calls have no dates, it is a column of integers, such as 'term'.",
)
@click.option(
    "--bridge",
    metavar="families|FILE|none",
    help="With --periods: roll calls that share an item. These are the versions of each repeated "
    "resolution, or the pairs in FILE.",
)
@click.option(
    "--tau",
    metavar="NUMBER|estimate",
    help=(
        "With --periods: standard deviation of the individual step of a member in a year, or in one "
        "period if roll calls have no dates. The default is 0.1 with --method map; the other methods "
        "estimate it."
    ),
)
@delta_group_option
@click.option(
    "--polarity", metavar="MEMBER", help="Member on the positive side of the first dimension: id or name."
)
@click.option(
    "--threads",
    type=Whole(1, MOST_THREADS),
    help="Number of threads; default: all cores. Results do not depend on this number.",
)
@click.option(
    "--method",
    type=click.Choice(["map", "marginal", "nuts"]),
    help="map: posterior mode and its curvature. marginal: a normal approximation to the posterior, with "
    "estimated priors. nuts: draws of the posterior (one or two dimensions). The default is "
    "marginal with --periods but without --bridge families, with --positions and with --item-means; "
    "otherwise map.",
)
@click.option(
    "--positions",
    metavar="FORMULA",
    help="Covariates of members on which the mean of positions depends, such "
    "as '~ voice + C(group)'. Columns are those of the members, of --covariates, and the bundled voice, "
    "gdp_per_head and population.",
)
@click.option(
    "--item-means",
    metavar="FORMULA",
    help="Covariates of roll calls on which the means of discriminations and midpoints depend, such as "
    "'~ amendment'. Columns are those of the roll calls of the record.",
)
@click.option(
    "--covariates",
    type=click.Path(),
    metavar="FILE",
    help="With --positions: table with a column member or iso3, and a column year if values differ by year; "
    "it replaces the bundled table. Numbers are averaged over the years of the window.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=Whole(0, LARGEST_SEED),
    help="With --method nuts: seed of the draws.",
)
@level_option
@click.option(
    "--accept-parts",
    is_flag=True,
    help="Exit with 0 even if too few votes connect parts of the record. Positions are then comparable "
    "within a part only.",
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
@group_options(
    window=WindowOptions,
    space=SpaceOptions,
    dynamic=DynamicOptions,
    traits=CovariateOptions,
    sampling=SamplingOptions,
    source=RecordOptions,
)
def ideal(
    ctx: click.Context,
    *,
    window: WindowOptions,
    space: SpaceOptions,
    dynamic: DynamicOptions,
    traits: CovariateOptions,
    sampling: SamplingOptions,
    level: float,
    accept_parts: bool,
    out: Path | None,
    source: RecordOptions,
    as_json: bool,
) -> None:
    """Fit ideal points to the contested roll calls of a window, by the method of --method.

    With --also the default window is the years of the first record. With the bundled record, the window
    starts in 2006. The exit code is 1 if the fit did not converge, if the diagnostics of the draws are out of
    bounds, or if too few votes connect parts of the record (see --accept-parts).
    """
    from voteshift.cli.views.fit import (
        IdealResult,
        chambers_document,
        fit_document,
        parts_document,
        print_fit,
        print_published,
        published_document,
    )
    from voteshift.files import write_files
    from voteshift.ideal import published
    from voteshift.joint import held_together
    from voteshift.readers.pairs import read_pairs
    from voteshift.writers.tables import table_text

    record = _choose_window(source, window)
    if space.published is not None:
        _refuse_parts_of_published(ctx)
    bridge = dynamic.bridge
    pairs = None if bridge in (None, "none", "families") else read_pairs(str(bridge), record.rollcalls.index)
    items = None if pairs is None else pairs.kept
    spec = specify_ideal(
        space, dynamic, method=sampling.method, level=level, items=items, covariates=traits.build()
    )
    with warnings.catch_warnings(record=True) as caught, fit_progress() as progress:
        warnings.simplefilter("always", BridgeWarning)
        result: IdealResult
        posterior = None
        if sampling.method == "nuts":
            from voteshift.posterior.draws import sample

            result = posterior = sample(
                record,
                spec.with_ids(record),
                seed=sampling.seed,
                progress=lambda line: click.echo(f"fitting: {line}", err=True),
            )
        else:
            result = spec.fit(record, progress=progress)
    for warning in caught:
        print_warning(str(warning.message))
    together = held_together(record, result.rollcall_ids, result.member_ids)
    document = fit_document(result) | {"parts": parts_document(result, record)}
    model = None if space.published is None else published(space.published)
    if model is not None:
        document |= {"published": published_document(model)}
    document |= chambers_document(result, record, together) if together else {}
    if pairs is not None and pairs.left_out:
        document["left_out"]["pairs"] = [finding.message for finding in pairs.left_out]
        click.echo(f"voteshift: {len(pairs.left_out)} pairs of {bridge} were left out", err=True)
        for finding in pairs.left_out:
            click.echo(f"voteshift: line {finding.line}: {finding.message}", err=True)
    if out is not None:
        write_files(
            out,
            {
                "positions.csv": table_text(result.tidy()),
                "items.csv": table_text(result.items()),
                "fit.json": document,
            },
        )
        if posterior is not None:
            posterior.save(out / "posterior.nc")
    if as_json:
        print_json(document)
    else:
        print_fit(result, together)
        if model is not None:
            print_published(model)
    _check_usable(ctx, result.converged, document["parts"], accept_parts=accept_parts)


def _check_usable(
    ctx: click.Context, converged: bool, parts: list[dict[str, Any]] | None, *, accept_parts: bool
) -> None:
    """Exit with 1 if the printed numbers must not be used."""
    if not converged:
        click.echo("voteshift: the fit did not converge; do not use these numbers", err=True)
        ctx.exit(1)
    if parts is None:
        return
    for rank, part in enumerate(parts, start=1):
        click.echo(
            f"voteshift: part {rank}: {len(part['members'])} members, {len(part['rollcalls'])} roll calls, "
            f"{part['first'] or 'undated'} to {part['last'] or 'undated'}",
            err=True,
        )
    if not accept_parts:
        click.echo(
            "voteshift: too few votes connect parts of this record, so positions of different parts are not "
            "comparable (fit each part separately, or add --accept-parts to exit with 0)",
            err=True,
        )
        ctx.exit(1)


def _choose_window(source: RecordOptions, window: WindowOptions) -> "RollCalls":
    """Return the roll calls to fit; with another chamber, by default only the years of the first record."""
    record = source.open()
    since, until = window.ends
    if source.also is not None:
        from voteshift.shift.naming import record_years

        first, last = record_years(record)
        since, until = since or first, until or last
    return source.link(record).between(since, until)


def _refuse_parts_of_published(ctx: click.Context) -> None:
    """Raise an error for options that a published model sets."""
    for name in ("link", "dims", "method"):
        if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            raise UsageError(
                f"--{name} cannot be combined with --published, which sets it",
                remedy=f"leave out --{name} or --published; in Python, change the specification of "
                "voteshift.ideal.published",
            )


fit.add_command(logit)
