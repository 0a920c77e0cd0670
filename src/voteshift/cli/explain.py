"""`voteshift explain`."""

import warnings
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, Literal

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
from voteshift.cli.model_options import bridge_option, build_spec, replicates_option
from voteshift.cli.progress import fit_progress
from voteshift.errors import BridgeWarning, UsageError

__all__ = ["explain"]

_EVERY = 10


def _report_left_out() -> Callable[[str], None]:
    """Return what writes to stderr what is left out, one line for every tenth fit."""
    fits = count(1)

    def report(name: str) -> None:
        number = next(fits)
        if number % _EVERY == 1:
            click.echo(f"voteshift: fit {number}, without {name}", err=True)

    return report


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
    "--member-effect/--no-member-effect",
    default=True,
    show_default=True,
    help="Give every member a member effect on the resolution; the parts without are shown beside.",
)
@click.option(
    "--pool-member-effect",
    is_flag=True,
    help="Estimate from the other families of the fit how strong member effects commonly are.",
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
@click.option(
    "--details",
    is_flag=True,
    help="Print everything behind the answer: the account, the model, the checks and the method.",
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
    member_effect: bool,
    pool_member_effect: bool,
    estimand: Literal["realised", "expected"],
    replicates: int,
    draws: int,
    seed: int,
    method: str,
    tests: bool,
    details: bool,
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
    from voteshift.cli.explain_details import print_details
    from voteshift.cli.explain_document import as_document
    from voteshift.cli.explain_short import print_answer
    from voteshift.compose.findings import findings as compose
    from voteshift.shift.explain import explain as explain_family
    from voteshift.shift.parts import Draws

    if leave_out and bridge == "none":
        raise UsageError("--leave-out leaves out bridges", remedy="add --bridge families")
    if pool_member_effect and not member_effect:
        raise UsageError(
            "--pool-member-effect and --no-member-effect exclude each other", remedy="leave one of them out"
        )
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
            model=build_spec(polarity=polarity, level=level, bridge=bridge),
            window=(since, until),
            member_effect="pooled" if member_effect and pool_member_effect else member_effect,
            draws=Draws(draws, seed, level),
            estimand=estimand,
            fit_by=_choose_fit_by(method, seed, use_cache, progress),
        )
        checks = _choose_checks(replicates=replicates, leave_out=leave_out, tests=tests)
        options: dict[str, dict[str, Any]] = {
            "same_item": {"n_replicates": replicates},
            "leave_one_out": {"progress": _report_left_out()},
        }
        findings = compose(why, checks, options=options)
    for warning in caught:
        click.echo(f"voteshift: {warning.message}", err=True)
    if as_json:
        print_json(as_document(findings))
        return
    print_answer(findings)
    if details or tests or leave_out:
        print_details(findings)


def _choose_fit_by(
    method: str, seed: int, use_cache: bool, progress: Callable[[int, float], None]
) -> Callable[..., Any]:
    """Return what fits the model by the method asked for."""
    if method == "nuts":
        from voteshift.posterior.draws import sample_posterior

        return partial(sample_posterior, seed=seed)
    from voteshift.cache import cached_fit

    return partial(cached_fit, use_cache=use_cache, progress=progress)


def _choose_checks(*, replicates: int, leave_out: bool, tests: bool) -> tuple[str, ...]:
    """Return the names of the checks to run."""
    from voteshift.checks.registry import DEFAULT_CHECKS, registered_checks

    names = [name for name in (*DEFAULT_CHECKS, *registered_checks()) if name != "same_item" or replicates]
    if leave_out:  # whose result the signs take
        names.insert(names.index("sign_changes"), "leave_one_out")
    return (*names, "exact_tests") if tests else tuple(names)
