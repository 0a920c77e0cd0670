"""`voteshift whatif`."""

from functools import partial
from typing import TYPE_CHECKING

import click

from voteshift.cli.command import Command
from voteshift.cli.console import (
    also_option,
    cache_option,
    data_option,
    json_option,
    level_option,
    print_json,
)
from voteshift.cli.numbers import draws_option, seed_option
from voteshift.cli.option_groups import DrawOptions, RecordOptions, WindowOptions, group_options
from voteshift.cli.progress import fit_progress
from voteshift.errors import NotUsableError

if TYPE_CHECKING:
    from voteshift.ideal.interface import Fit
    from voteshift.resolution.refit import FitBy, Others
    from voteshift.rollcalls import RollCalls

__all__ = ["whatif"]


@click.command(cls=Command, epilog="Example: voteshift whatif --council 2018 --version 2021 --without USA")
@click.option(
    "--council",
    required=True,
    metavar="NAME",
    help="Roll call whose voting members vote, or 'all' for every member with a position in the fit. With "
    "the General Assembly's record as --also, 'all' is the whole United Nations.",
)
@click.option("--version", required=True, metavar="NAME", help="Roll call whose version is voted on.")
@click.option(
    "--family",
    metavar="FAMILY",
    help=(
        "Family of the vote, if --version is a year; the default is the default of `voteshift explain`. "
        "If --council is a year, the vote belongs to the family of the version."
    ),
)
@click.option("--with", "with_members", multiple=True, metavar="MEMBER", help="Add a member; repeatable.")
@click.option("--without", multiple=True, metavar="MEMBER", help="Remove a member; repeatable.")
@click.option("--fresh", is_flag=True, help="Also predict the votes that are on record for this version.")
@click.option(
    "--member-effect/--no-member-effect",
    default=True,
    show_default=True,
    help=(
        "Estimate a lasting tendency of every member on this resolution (a member effect). The answer "
        "without the member effect is printed as well."
    ),
)
@click.option("--since", metavar="DATE", help="Start of the model's window: a day, month or year.")
@click.option("--until", metavar="DATE", help="End of the model's window, included.")
@draws_option(1000)
@seed_option
@level_option
@cache_option
@data_option
@also_option
@json_option
@group_options(window=WindowOptions, draws=DrawOptions, source=RecordOptions)
def whatif(
    *,
    council: str,
    version: str,
    family: str | None,
    with_members: tuple[str, ...],
    without: tuple[str, ...],
    fresh: bool,
    member_effect: bool,
    window: WindowOptions,
    draws: DrawOptions,
    use_cache: bool,
    source: RecordOptions,
    as_json: bool,
) -> None:
    """Predict the vote of one council on the version of another vote.

    NAME is a record number, a symbol, or a year with one vote on the family. Votes on record for this version
    are kept, and the model predicts the other votes. The model is fitted to the roll calls from two years
    before the first vote on the resolution to the year of the last vote.
    """
    from voteshift.cache import cached_fit
    from voteshift.cli.views.whatif import print_whatif, whatif_document
    from voteshift.ideal.spec import IdealPoints
    from voteshift.shift.naming import EVERYONE, model_window, name_council, name_version
    from voteshift.shift.whatif import whatif as ask

    record = source.open()
    text = name_version(record, version, family)
    seats = name_council(record, council, text)
    record = source.link(record)
    first, last = model_window(record, *(name for name in (text, seats) if name != EVERYONE))
    chosen = record.between(window.since or first, window.until or last)
    with fit_progress(explains=True) as progress:
        fit_by = partial(cached_fit, progress=progress, use_cache=use_cache)
        fit = fit_by(IdealPoints(level=draws.level), chosen)
        others = _others(record, fit, text, fit_by) if member_effect else None
    answer = ask(
        record,
        fit,
        council=seats,
        version=text,
        with_members=with_members,
        without=without,
        fresh=fresh,
        member_effect=member_effect if others is None else others,
        draws=draws.build(),
    )
    if as_json:
        print_json(whatif_document(answer, record))
    else:
        print_whatif(answer, record)


def _others(record: "RollCalls", fit: "Fit", text: str, fit_by: "FitBy") -> "Others | None":
    """Return the fit without the resolution, or None if that fit is not usable."""
    from voteshift.resolution.refit import fit_without
    from voteshift.shift.voting import family_in

    iterations = family_in(record, fit, text) if text in fit.rollcall_ids else []
    try:
        return fit_without(record, fit, iterations, fit_by=fit_by) if len(iterations) > 1 else None
    except NotUsableError:
        return None
