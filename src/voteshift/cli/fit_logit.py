"""`voteshift fit logit`."""

from math import isfinite
from typing import TYPE_CHECKING, Any

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
from voteshift.writing import NONE, decimals, interval, number, p_cell

if TYPE_CHECKING:
    import pandas as pd

    from voteshift.logistic import Estimates, LogitResult, Panel
    from voteshift.logistic.intercept_results import RandomInterceptResult

__all__ = ["logit"]

_MODELS = ("binary", "firth", "ordered", "ordered-probit", "multinomial", "conditional", "random-intercept")


@click.command()
@click.argument("formula")
@click.option(
    "--family",
    metavar="FAMILY",
    help="The resolution whose votes are fitted; by default as in `voteshift explain`.",
)
@click.option(
    "--model", type=click.Choice(_MODELS), default="binary", show_default=True, help="Which logistic model."
)
@click.option(
    "--cluster", default="member", show_default=True, help="Column whose values tie votes together."
)
@click.option(
    "--errors",
    type=click.Choice(["CR3", "CR1", "naive"]),
    default="CR3",
    show_default=True,
    help="Cluster jackknife, cluster-robust, or taking votes to be independent.",
)
@click.option("--covariates", metavar="FILE", type=click.Path(), help="CSV with iso3 or member, and year.")
@click.option("--lag", type=int, metavar="YEARS", help="How old yearly covariates are; required with them.")
@click.option(
    "--missing",
    type=click.Choice(["raise", "drop"]),
    default="raise",
    show_default=True,
    help="Where a variable is missing: stop, or leave out these votes and name their members.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="With --model random-intercept: its seed, 0 by default."
)
@level_option
@data_option
@json_option
@click.pass_context
def logit(
    ctx: click.Context,
    formula: str,
    family: str | None,
    model: Any,
    cluster: str,
    errors: Any,
    covariates: str | None,
    lag: int | None,
    missing: Any,
    seed: int | None,
    level: float,
    data: str | None,
    as_json: bool,
) -> None:
    """Fit a logistic model of the votes on a resolution.

    FORMULA is in the notation of R, for instance "yes ~ C(rollcall) + C(group)". On the left yes, no or
    abstain (against the rest), or vote for ordered and multinomial models; on the right columns of the panel:
    group, rollcall, symbol, year, years_on_council, sponsor, lagged_vote, and those of --covariates.

    Separated votes are fitted with Jeffreys' penalty (Firth), and the output says so. The models conditional
    and random-intercept give every member an intercept: their effects are conditional, another estimand.
    Exits with 1 if a model cannot be fitted, or the diagnostics of the draws are out of bounds.
    """
    from voteshift.logistic import fit, panel, read_covariates
    from voteshift.logistic.intercept_results import RandomInterceptResult

    table = None if covariates is None else read_covariates(covariates)
    record = open_record(data)
    made = panel(record, record.family_slug(family), covariates=table, lag=lag)
    sampling: dict[str, Any] = {} if seed is None else {"seed": seed}
    if model == "random-intercept":
        sampling["progress"] = lambda line: click.echo(f"fitting: {line}", err=True)
    found = fit.logit(
        formula, made, model=model, cluster=cluster, errors=errors, missing=missing, level=level, **sampling
    )
    if isinstance(found, RandomInterceptResult):
        if as_json:
            print_json(_sampled_document(found, made))
        else:
            _print_sampled(found, made)
        if not found.converged:
            click.echo("voteshift: the draws cannot be used; do not use these numbers", err=True)
            ctx.exit(1)
    elif as_json:
        print_json(_document(found, made, cluster))
    else:
        _print(found, made)


def _sampled_document(found: "RandomInterceptResult", made: "Panel") -> dict[str, Any]:
    terms = found.tidy().to_dict("records")
    return {
        "model": found.model,
        "formula": found.formula,
        "about": found.about,
        "estimand": "conditional",
        "n": found.nobs,
        "n_clusters": found.n_clusters,
        "cluster": found.cluster,
        **found.reached,
        "llf": None,
        "separation": False,
        "level": found.level,
        # A posterior has neither.
        "terms": [{**row, "statistic": None, "p_value": None} for row in terms],
        "intercepts": found.intercepts().to_dict("records"),
        **_of_panel(made, found.notes, found.design.variables),
    }


def _variables(found: "Estimates | LogitResult") -> tuple[str, ...] | None:
    from voteshift.logistic import LogitResult

    return found.design.variables if isinstance(found, LogitResult) else None


def _of_panel(made: "Panel", notes: tuple[str, ...], variables: tuple[str, ...] | None) -> dict[str, Any]:
    return {
        "notes": [*_said(made, variables), *notes],
        "left_out": made.left_out.to_dict("records"),
        "unmatched": made.unmatched.to_dict("records"),
    }


def _document(found: "Estimates | LogitResult", made: "Panel", cluster: str) -> dict[str, Any]:
    from voteshift.logistic import LogitResult

    document: dict[str, Any] = {
        "model": found.model,
        "formula": found.formula,
        "about": found.about,
        "n": found.nobs,
        "n_clusters": found.n_clusters,
        "cluster": cluster,
        "errors": found.errors,
        "llf": found.llf,
        "separation": isinstance(found, LogitResult) and found.separation,
        "level": found.level,
        "terms": _plain(found.tidy()),
        **_of_panel(made, found.notes, _variables(found)),
    }
    if isinstance(found, LogitResult):
        document["penalised"] = found.penalised
        document["separated"] = found.separated
        document["effects"] = _plain(found.effects().tidy())
    return document


def _plain(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the rows; what has no number, or an infinite one, is null."""
    rows: list[dict[str, Any]] = table.to_dict("records")
    return [
        {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in row.items()
        }
        for row in rows
    ]


def _print(found: "Estimates | LogitResult", made: "Panel") -> None:
    from voteshift.logistic import LogitResult

    out = console()
    covers = f"{100 * found.level:g}% interval"
    out.print(Text(f"{found.formula}: {found.about}.", style="bold"))
    table = make_table(["Term", "Estimate", "Std. error", found.statistic_name, "p", covers])
    for row in found.tidy().itertuples():
        bare = isfinite(row.std_error)  # a term that the data separate has no standard error
        digits = decimals(row.estimate, row.conf_low, row.conf_high)
        table.add_row(
            row.term,
            number(row.estimate, digits),
            number(row.std_error, digits) if bare else NONE,
            number(row.statistic, 2) if bare else NONE,
            p_cell(row.p_value),
            interval(row.conf_low, row.conf_high, digits),
        )
    out.print(table)
    if isinstance(found, LogitResult):
        effects = make_table(["Average effect on", "of", "Change", "Estimate", covers], text_columns=3)
        for row in found.effects().tidy().itertuples():
            digits = decimals(row.estimate, row.conf_low, row.conf_high)
            effects.add_row(
                row.category,
                row.variable,
                "slope, per 1" if row.contrast == "slope" else row.contrast,
                number(row.estimate, digits),
                interval(row.conf_low, row.conf_high, digits),
            )
        out.print(effects)
    out.print(
        Text(
            f"{found.model}: {found.nobs} votes, {found.n_clusters} clusters, "
            f"{found.likelihood_name} {number(found.llf, 3)}. Standard errors: {found.errors}."
        )
    )
    _print_notes(made, found.notes, _variables(found))


def _print_sampled(found: "RandomInterceptResult", made: "Panel") -> None:
    out = console()
    out.print(Text(f"{found.formula}: {found.about}.", style="bold"))
    table = make_table(["Term, conditional", "Mean", "Std. dev.", f"{100 * found.level:g}% interval"])
    for row in found.tidy().itertuples():
        digits = decimals(row.estimate, row.conf_low, row.conf_high)
        estimate, error = number(row.estimate, digits), number(row.std_error, digits)
        table.add_row(row.term, estimate, error, interval(row.conf_low, row.conf_high, digits))
    out.print(table)
    reached = found.reached
    out.print(
        Text(
            f"{found.model}: {found.nobs} votes, {found.n_clusters} intercepts by {found.cluster}, "
            f"{reached['chains']} chains of {reached['draws']} draws by {reached['sampler']} "
            f"(seed {reached['seed']}, {reached['seconds']:.0f} s): {found.verdict}."
        )
    )
    _print_notes(made, found.notes, found.design.variables)


def _said(made: "Panel", variables: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return what the panel says of the variables fitted."""
    return made.notes if variables is None else made.notes_on(variables)


def _print_notes(made: "Panel", notes: tuple[str, ...], variables: tuple[str, ...] | None) -> None:
    out = console()
    for note in (*_said(made, variables), *notes):
        out.print(Text(f"Note: {note}."))
    if len(made.left_out):
        who = ", ".join(sorted(set(made.left_out["member"])))
        out.print(Text(f"Seats without a vote, left out: {who}."))
