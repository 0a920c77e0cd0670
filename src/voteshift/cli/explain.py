"""`voteshift explain`."""

import warnings
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Literal

import click

from voteshift.cli.console import (
    also_option,
    cache_option,
    data_option,
    join_record,
    json_option,
    level_option,
    open_record,
    print_json,
)
from voteshift.cli.model_options import bridge_option, replicates_option
from voteshift.cli.progress import fit_progress
from voteshift.errors import BridgeWarning, UsageError

__all__ = ["explain"]

_EVERY = 10


def _told() -> Callable[[str], None]:
    """Say on stderr what is left out, one line for every tenth fit."""
    fits = count(1)

    def tell(name: str) -> None:
        number = next(fits)
        if number % _EVERY == 1:
            click.echo(f"voteshift: fit {number}, without {name}", err=True)

    return tell


@click.command(epilog="Example: voteshift explain defamation --bridge families")
@click.argument("family", required=False)
@click.option("--since", metavar="DATE", help="First roll calls of the model's window: a day, month or year.")
@click.option("--until", metavar="DATE", help="Last roll calls of the window, included.")
@click.option("--polarity", metavar="MEMBER", help="Member on the positive side of the scale.")
@bridge_option
@click.option(
    "--leave-out",
    is_flag=True,
    help="With --bridge: also fit without one family and one subject at a time (about a minute).",
)
@click.option(
    "--leaning/--no-leaning",
    default=True,
    show_default=True,
    help="Give every member a lasting leaning on the resolution; the parts without are shown beside.",
)
@click.option(
    "--pool-leaning",
    is_flag=True,
    help="Estimate from the other families of the fit how strong leanings commonly are, before this family's "
    "own votes.",
)
@click.option(
    "--estimand",
    default="realised",
    show_default=True,
    type=click.Choice(["realised", "expected"]),
    help="Split the votes cast, or the tallies the model expected.",
)
@replicates_option
@click.option(
    "--draws", default=2000, show_default=True, type=click.IntRange(min=100), help="Posterior draws."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the draws.")
@click.option(
    "--method",
    type=click.Choice(["map", "nuts"]),
    default="map",
    show_default=True,
    help="Normal approximation at the mode, or draws of the posterior (minutes).",
)
@click.option(
    "--tests",
    is_flag=True,
    help="Also test those who voted both times, exactly: McNemar, Stuart-Maxwell, Bowker, with their nulls.",
)
@level_option
@cache_option
@data_option
@also_option
@json_option
def explain(
    family: str | None,
    since: str | None,
    until: str | None,
    polarity: str | None,
    bridge: Literal["none", "families"],
    leave_out: bool,
    leaning: bool,
    pool_leaning: bool,
    estimand: Literal["realised", "expected"],
    replicates: int,
    draws: int,
    seed: int,
    method: str,
    tests: bool,
    level: float,
    use_cache: bool,
    data: str | None,
    also: str | None,
    as_json: bool,
) -> None:
    """Explain why the outcome of FAMILY moved: the exact account, then the model.

    FAMILY is a slug, a title, or words of a title (`voteshift families` lists them); by default
    mutually-beneficial-cooperation, or the only family of your own record. The model's window runs from two
    years before the first vote to the year of the last.
    """
    from voteshift.cache import cached_fit
    from voteshift.cli.explain_views import as_document, print_explanation
    from voteshift.shift.explain import explain as explain_family

    if leave_out and bridge == "none":
        raise UsageError("--leave-out leaves out bridges", remedy="add --bridge families")
    if pool_leaning and not leaning:
        raise UsageError("--pool-leaning and --no-leaning exclude each other", remedy="leave one of them out")
    record = open_record(data)
    slug = record.family_slug(family)
    record = join_record(record, also)
    if method == "nuts":
        click.echo("voteshift: sampling the posterior, which takes minutes", err=True)
    with warnings.catch_warnings(record=True) as caught, fit_progress() as progress:
        warnings.simplefilter("always", BridgeWarning)
        why = explain_family(
            record,
            slug,
            since=since,
            until=until,
            polarity=polarity,
            bridge=None if bridge == "none" else bridge,
            leaning="pooled" if leaning and pool_leaning else leaning,
            estimand=estimand,
            n_replicates=replicates,
            n_draws=draws,
            seed=seed,
            level=level,
            method="nuts" if method == "nuts" else "map",
            fit_by=partial(cached_fit, use_cache=use_cache),
            leave_out=leave_out,
            progress=progress,
            leaving=_told() if leave_out else None,
        )
    for warning in caught:
        click.echo(f"voteshift: {warning.message}", err=True)
    paired = None
    if tests:
        from voteshift.shift.paired import paired_tests  # brings statsmodels

        paired = paired_tests(record, slug, level=level)
    if as_json:
        print_json(as_document(why, paired))
    else:
        print_explanation(why, paired)
