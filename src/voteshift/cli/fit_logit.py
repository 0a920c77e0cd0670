"""`voteshift fit logit`."""

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

if TYPE_CHECKING:
    from voteshift.logistic import Estimates, LogitResult, Panel

__all__ = ["logit"]

_MODELS = ("binary", "firth", "ordered", "ordered-probit", "multinomial", "conditional")
_FAMILY = "mutually-beneficial-cooperation"


@click.command()
@click.argument("formula")
@click.option("--family", default=_FAMILY, show_default=True, help="The resolution whose votes are fitted.")
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
@level_option
@data_option
@json_option
def logit(
    formula: str,
    family: str,
    model: Any,
    cluster: str,
    errors: Any,
    covariates: str | None,
    lag: int | None,
    missing: Any,
    level: float,
    data: str | None,
    as_json: bool,
) -> None:
    """Fit a logistic model of the votes on a resolution.

    FORMULA is in the notation of R, for instance "yes ~ C(rollcall) + C(group)". On the left yes, no or
    abstain (against the rest), or vote for ordered and multinomial models; on the right columns of the panel:
    group, rollcall, symbol, year, years_on_council, sponsor, lagged_vote, and those of --covariates.

    Separated votes are fitted with Jeffreys' penalty (Firth), and the output says so.
    """
    from voteshift.logistic import fit, panel, read_covariates

    table = None if covariates is None else read_covariates(covariates)
    made = panel(open_record(data), family, covariates=table, lag=lag)
    found = fit.logit(
        formula, made, model=model, cluster=cluster, errors=errors, missing=missing, level=level
    )
    if as_json:
        print_json(_document(found, made, cluster))
    else:
        _print(found, made)


def _document(found: "Estimates | LogitResult", made: "Panel", cluster: str) -> dict[str, Any]:
    from voteshift.logistic import LogitResult

    document: dict[str, Any] = {
        "model": found.model,
        "formula": found.formula,
        "n": found.nobs,
        "n_clusters": found.n_clusters,
        "cluster": cluster,
        "errors": found.errors,
        "llf": found.llf,
        "separation": isinstance(found, LogitResult) and found.separation,
        "level": found.level,
        "terms": found.tidy().to_dict("records"),
        "notes": [*made.notes, *found.notes],
        "left_out": made.left_out.to_dict("records"),
        "unmatched": made.unmatched.to_dict("records"),
    }
    if isinstance(found, LogitResult):
        document["penalised"] = found.penalised
        document["separated"] = found.separated
        document["effects"] = found.effects().tidy().to_dict("records")
    return document


def _print(found: "Estimates | LogitResult", made: "Panel") -> None:
    from voteshift.logistic import LogitResult

    out = console()
    interval = f"{100 * found.level:g}% interval"
    table = make_table(["Term", "Estimate", "Std. error", "t", "p", interval])
    for row in found.tidy().itertuples():
        table.add_row(
            row.term,
            f"{row.estimate:.3f}",
            f"{row.std_error:.3f}",
            f"{row.statistic:.2f}",
            f"{row.p_value:.3f}" if row.p_value >= 0.001 else "<0.001",
            f"[{row.conf_low:.3f}, {row.conf_high:.3f}]",
        )
    out.print(table)
    if isinstance(found, LogitResult):
        effects = make_table(["Average effect on", "of", "Change", "Estimate", interval], text_columns=3)
        for row in found.effects().tidy().itertuples():
            effects.add_row(
                row.category,
                row.variable,
                row.contrast,
                f"{row.estimate:.3f}",
                f"[{row.conf_low:.3f}, {row.conf_high:.3f}]",
            )
        out.print(effects)
    out.print(
        Text(
            f"{found.model}: {found.nobs} votes, {found.n_clusters} clusters, "
            f"log-likelihood {found.llf:.3f}. Standard errors: {found.errors}."
        )
    )
    for note in (*made.notes, *found.notes):
        out.print(Text(f"Note: {note}."))
    if len(made.left_out):
        who = ", ".join(sorted(set(made.left_out["member"])))
        out.print(Text(f"Seats without a vote, left out: {who}."))
