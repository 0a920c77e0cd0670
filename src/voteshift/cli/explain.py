"""`voteshift explain`."""

import warnings
from collections.abc import Callable
from itertools import count
from typing import Any, Literal

import click

from voteshift.cli.command import Command
from voteshift.cli.console import (
    also_option,
    cache_option,
    data_option,
    json_option,
    level_option,
    print_json,
    print_warning,
)
from voteshift.cli.model_options import (
    bridge_option,
    build_spec,
    delta_group_option,
    documents_option,
    replicates_option,
)
from voteshift.cli.numbers import draws_option, seed_option
from voteshift.cli.option_groups import (
    CheckOptions,
    DrawOptions,
    EffectOptions,
    FitOptions,
    RecordOptions,
    WindowOptions,
    group_options,
)
from voteshift.cli.progress import fit_progress
from voteshift.errors import BridgeWarning, UsageError

__all__ = ["explain"]

_EVERY = 10


def _report_left_out() -> Callable[[str], None]:
    """Return a function that writes a line to stderr for every tenth fit of --leave-out."""
    fits = count(1)

    def report(name: str) -> None:
        number = next(fits)
        if number % _EVERY == 1:
            click.echo(f"voteshift: fit {number}, without {name}", err=True)

    return report


@click.command(cls=Command, epilog="Example: voteshift explain defamation --bridge families")
@click.argument("family", required=False)
@click.option("--since", metavar="DATE", help="Start of the model's window: a day, month or year.")
@click.option("--until", metavar="DATE", help="End of the model's window, included.")
@click.option("--polarity", metavar="MEMBER", help="Member on the positive side of the scale: id or name.")
@bridge_option
@delta_group_option
@click.option(
    "--leave-out",
    is_flag=True,
    help="With --bridge: also fit without each family and each subject in turn (about a minute).",
)
@click.option(
    "--member-effect/--no-member-effect",
    default=True,
    show_default=True,
    help=(
        "Estimate a lasting tendency of every member on this resolution (a member effect). The parts "
        "estimated without the member effect are printed as well."
    ),
)
@click.option(
    "--pool-member-effect",
    is_flag=True,
    help="Estimate the prior of the size of member effects from the other families of the fit.",
)
@click.option(
    "--estimand",
    default="realised",
    show_default=True,
    type=click.Choice(["realised", "expected"]),
    help="Split the change in the votes cast (realised) or in the tallies that the model expects (expected).",
)
@replicates_option
@draws_option(2000)
@seed_option
@click.option(
    "--method",
    type=click.Choice(["map", "nuts"]),
    default="map",
    show_default=True,
    help="map: normal approximation at the posterior mode. nuts: draws of the posterior, which take minutes.",
)
@click.option(
    "--tests",
    is_flag=True,
    help="Also run exact tests on the members that voted both times: McNemar, Stuart-Maxwell, Bowker.",
)
@click.option(
    "--details",
    is_flag=True,
    help="Also print the account, the model, the checks, the method, and the parts under other choices.",
)
@documents_option
@level_option
@cache_option
@data_option
@also_option
@json_option
@group_options(
    window=WindowOptions,
    fitting=FitOptions,
    effect=EffectOptions,
    draws=DrawOptions,
    checks=CheckOptions,
    source=RecordOptions,
)
def explain(
    *,
    family: str | None,
    window: WindowOptions,
    fitting: FitOptions,
    effect: EffectOptions,
    estimand: Literal["realised", "expected"],
    draws: DrawOptions,
    checks: CheckOptions,
    source: RecordOptions,
    as_json: bool,
) -> None:
    """Explain why the outcome of FAMILY changed: the exact account, then the model.

    FAMILY is a slug, a title, or words of a title; `voteshift families` lists all families. The default is
    mutually-beneficial-cooperation, or the only family of your own record. The model is fitted to the roll
    calls from two years before the first vote on the resolution to the year of the last vote.
    """
    from voteshift.cli.explain_details import print_details
    from voteshift.cli.explain_document import as_document
    from voteshift.cli.explain_short import print_answer
    from voteshift.compose.findings import findings as compose
    from voteshift.shift.explain import explain as explain_family

    if checks.leave_out and fitting.bridge == "none":
        raise UsageError("--leave-out needs --bridge", remedy="add --bridge families")
    member_effect = effect.choose()
    record = source.open()
    slug = record.family_slug(family)
    record = source.link(record)
    if fitting.method == "nuts":
        click.echo("voteshift: sampling the posterior, which takes minutes", err=True)
    with warnings.catch_warnings(record=True) as caught, fit_progress(explains=True) as progress:
        warnings.simplefilter("always", BridgeWarning)
        why = explain_family(
            record,
            slug,
            model=build_spec(
                polarity=fitting.polarity,
                level=draws.level,
                bridge=fitting.bridge,
                delta_group=fitting.delta_group,
            ),
            window=window.ends,
            member_effect=member_effect,
            draws=draws.build(),
            estimand=estimand,
            fit_by=fitting.choose_fit_by(draws.seed, progress),
        )
        options: dict[str, dict[str, Any]] = {
            "same_item": {"n_replicates": checks.replicates},
            "sensitivity": {"window": window.ends, "polarity": fitting.polarity},
            "documents": {"documents": checks.documents},
            "leave_one_out": {"progress": _report_left_out()},
        }
        # Every other choice is a fit, or a sample of the posterior, which takes minutes.
        other_choices = checks.details and not as_json and fitting.method == "map"
        chosen = checks.choose(as_json=as_json, other_choices=other_choices)
        findings = compose(why, chosen, options=options)
    for warning in caught:
        print_warning(str(warning.message))
    if as_json:
        print_json(as_document(findings))
        return
    print_answer(findings)
    if not checks.only_short:
        print_details(findings)
