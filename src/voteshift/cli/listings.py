"""`voteshift families` and `voteshift tally`."""

import click

from voteshift.cli.command import Command
from voteshift.cli.console import data_option, json_option, open_record, print_json

__all__ = ["families", "tally"]


@click.command(cls=Command, epilog="Example: voteshift families --data votes.csv")
@data_option
@json_option
def families(data: str | None, as_json: bool) -> None:
    """List the resolutions that came to a vote more than once, with their tallies and their turnover.

    A family is a set of two or more votes with the same title, at most one in each session, without
    amendments. The JSON document contains every tally and every step.
    """
    from voteshift.cli.views.listings import families_document, print_families
    from voteshift.shift.overview import overview

    result = overview(open_record(data))
    if as_json:
        print_json(families_document(result))
    else:
        print_families(result)


@click.command(cls=Command, epilog="Example: voteshift tally defamation --since 2007")
@click.argument("family", required=False)
@click.option("--since", metavar="DATE", help="First day, month or year.")
@click.option("--until", metavar="DATE", help="Last day, month or year, included.")
@click.option("--subject", metavar="TEXT", help="Only roll calls whose subject contains TEXT.")
@data_option
@json_option
def tally(
    family: str | None,
    since: str | None,
    until: str | None,
    subject: str | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Count the votes of every roll call, or of the versions of one FAMILY."""
    from voteshift.cli.views.listings import print_tallies, tally_document

    chosen = open_record(data).select(subject=subject, family=family).between(since, until)
    if as_json:
        print_json(tally_document(chosen))
    else:
        print_tallies(chosen)
