"""`voteshift whatif`."""

from functools import partial
from typing import TYPE_CHECKING

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
from voteshift.cli.progress import fit_progress
from voteshift.errors import NotUsableError

if TYPE_CHECKING:
    from voteshift.ideal.interface import Fit
    from voteshift.resolution.refit import FitBy, Others
    from voteshift.rollcalls import RollCalls

__all__ = ["whatif"]


@click.command(epilog="Example: voteshift whatif --council 2018 --version 2021 --without USA")
@click.option(
    "--council",
    required=True,
    metavar="NAME",
    help="Whose vote: those who voted in this roll call, or 'all' for every member the fit places; with the "
    "General Assembly's record as --also, the whole membership of the United Nations.",
)
@click.option("--version", required=True, metavar="NAME", help="On which text: that of this roll call.")
@click.option(
    "--family",
    metavar="FAMILY",
    help="Where a year given as version is read, by default as in `voteshift explain`; a council's year is "
    "read in the version's family.",
)
@click.option("--with", "with_members", multiple=True, metavar="MEMBER", help="Add a member; repeatable.")
@click.option("--without", multiple=True, metavar="MEMBER", help="Take a member out; repeatable.")
@click.option("--fresh", is_flag=True, help="Cast votes on record on that very version anew, too.")
@click.option(
    "--member-effect/--no-member-effect",
    default=True,
    show_default=True,
    help="Give every member a member effect on the resolution; the answer without is shown beside.",
)
@click.option("--since", metavar="DATE", help="First roll calls of the model's window: a day, month or year.")
@click.option("--until", metavar="DATE", help="Last roll calls of the window, included.")
@click.option(
    "--draws", default=1000, show_default=True, type=click.IntRange(min=100), help="Posterior draws."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the draws.")
@level_option
@cache_option
@data_option
@also_option
@json_option
def whatif(
    council: str,
    version: str,
    family: str | None,
    with_members: tuple[str, ...],
    without: tuple[str, ...],
    fresh: bool,
    member_effect: bool,
    since: str | None,
    until: str | None,
    draws: int,
    seed: int,
    level: float,
    use_cache: bool,
    data: str | None,
    also: str | None,
    as_json: bool,
) -> None:
    """Let the council of one vote decide on the version of another.

    A NAME is a record number, a symbol, or a year in which the family was voted once. Votes on record on that
    very version are kept; the others are predicted by the model. Its window runs from two years before the
    first vote on the resolution to the year of the last.
    """
    from voteshift.cache import cached_fit
    from voteshift.cli.views.whatif import print_whatif, whatif_document
    from voteshift.ideal.spec import IdealPoints
    from voteshift.shift.naming import EVERYONE, model_window, name_council, name_version
    from voteshift.shift.parts import Draws
    from voteshift.shift.whatif import whatif as ask

    record = open_record(data)
    text = name_version(record, version, family)
    source = name_council(record, council, text)
    record = join_record(record, also)
    first, last = model_window(record, *(name for name in (text, source) if name != EVERYONE))
    window = record.between(since or first, until or last)
    with fit_progress() as progress:
        fit_by = partial(cached_fit, progress=progress, use_cache=use_cache)
        fit = fit_by(IdealPoints(level=level), window)
        others = _others(record, fit, text, fit_by) if member_effect else None
    answer = ask(
        record,
        fit,
        council=source,
        version=text,
        with_members=with_members,
        without=without,
        fresh=fresh,
        member_effect=member_effect if others is None else others,
        draws=Draws(draws, seed, level),
    )
    if as_json:
        print_json(whatif_document(answer, record))
    else:
        print_whatif(answer, record)


def _others(record: "RollCalls", fit: "Fit", text: str, fit_by: "FitBy") -> "Others | None":
    """Fit without the resolution; where that cannot be done, the answer says why."""
    from voteshift.resolution.refit import fit_without
    from voteshift.shift.voting import family_in

    iterations = family_in(record, fit, text) if text in fit.rollcall_ids else []
    try:
        return fit_without(record, fit, iterations, fit_by=fit_by) if len(iterations) > 1 else None
    except NotUsableError:
        return None
