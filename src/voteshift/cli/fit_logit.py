"""`voteshift fit logit`."""

from typing import Any

import click

from voteshift.cli.command import Command
from voteshift.cli.console import data_option, json_option, level_option, open_record, print_json
from voteshift.errors import UsageError

__all__ = ["logit"]

_MODELS = ("binary", "firth", "ordered", "ordered-probit", "multinomial", "conditional", "random-intercept")


@click.command(
    cls=Command, epilog='Example: voteshift fit logit "yes ~ C(version) * voice + log(gdp_per_head)"'
)
@click.argument("formula")
@click.option(
    "--family",
    metavar="FAMILY",
    help="The resolution whose votes are fitted; by default as in `voteshift explain`.",
)
@click.option(
    "--model", type=click.Choice(_MODELS), default="binary", show_default=True, help="The logistic model."
)
@click.option(
    "--cluster",
    default="member",
    show_default=True,
    help=("Column that defines the clusters: votes in one cluster may depend on each other."),
)
@click.option(
    "--errors",
    type=click.Choice(["CR3", "CR1", "naive"]),
    default="CR3",
    show_default=True,
    help="Standard errors: cluster jackknife (CR3), cluster-robust (CR1), or for independent votes (naive).",
)
@click.option(
    "--covariates",
    metavar="FILE",
    type=click.Path(),
    help="CSV file with a column 'iso3' or 'member', and a column 'year'. Its columns replace bundled "
    "covariates of the same name.",
)
@click.option(
    "--lag",
    type=click.IntRange(0, 100),
    metavar="YEARS",
    help="Years between yearly covariates and the vote; required if --covariates has a column 'year', "
    "otherwise 1 for bundled covariates.",
)
@click.option(
    "--missing",
    type=click.Choice(["raise", "drop"]),
    help=(
        "If a variable is missing in some votes: stop (raise), or leave out these votes and name the "
        "members (drop). The default is drop if the formula uses bundled covariates and there are no "
        "--covariates, otherwise raise."
    ),
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="With --model random-intercept: seed of the draws, 0 by default.",
)
@level_option
@data_option
@json_option
def logit(
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

    FORMULA has the notation of R, for instance "yes ~ C(version) + C(group)". On the left, write 'yes', 'no'
    or 'abstain' to model this vote against all other votes. For ordered and multinomial models, write 'vote'
    on the left. On the right, write columns of the panel: 'version', 'group', 'year',
    'rollcall', 'symbol', 'years_on_council', 'sponsor', 'lagged_vote', bundled covariates ('voice': voice and
    accountability, 'gdp_per_head', 'population'), or columns of --covariates.

    If votes are separated, the model is fitted with Jeffreys' penalty (Firth), and a note reports this. The
    models conditional and random-intercept give every member an intercept. The effects in these two models
    are conditional: do not compare these effects with the effects of the other models. The exit code is 1 if
    a model cannot be fitted, or if the diagnostics of the draws are out of bounds.
    """
    from voteshift.cli.views.fit_logit import logit_document, print_logit, print_sampled, sampled_document
    from voteshift.logistic import RandomIntercept, RandomInterceptResult, panel, read_covariates
    from voteshift.logistic.bundled import BUNDLED_LAG, select_bundled
    from voteshift.logistic.fit import logit as fit_logit

    if model == "random-intercept":
        model = RandomIntercept(
            seed=seed or 0, progress=lambda line: click.echo(f"fitting: {line}", err=True)
        )
    elif seed is not None:
        raise UsageError(f"--seed needs --model random-intercept, not {model}", remedy="leave out --seed")
    table = None if covariates is None else read_covariates(covariates)
    bundled = select_bundled(formula)
    if bundled is not None and lag is None and (table is None or "year" not in table.columns):
        lag = BUNDLED_LAG
    if missing is None:
        missing = "drop" if bundled is not None and table is None else "raise"
    record = open_record(data)
    votes = panel(record, record.family_slug(family), covariates=[table, bundled], lag=lag)
    result = fit_logit(
        formula, votes, model=model, cluster=cluster, errors=errors, missing=missing, level=level
    )
    if isinstance(result, RandomInterceptResult):
        if as_json:
            print_json(sampled_document(result, votes))
        else:
            print_sampled(result, votes)
        if not result.converged:
            click.echo("voteshift: the sampler did not converge; do not use these numbers", err=True)
            click.get_current_context().exit(1)
    elif as_json:
        print_json(logit_document(result, votes, cluster))
    else:
        print_logit(result, votes)
