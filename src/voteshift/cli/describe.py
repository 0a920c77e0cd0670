"""`voteshift describe`."""

import click

from voteshift.cli.command import Command
from voteshift.cli.console import data_option, json_option, open_record, print_json
from voteshift.errors import UsageError

__all__ = ["describe"]


@click.command(cls=Command, epilog="Example: voteshift describe --since 2021 --member DEU")
@click.argument("family", required=False)
@click.option("--since", metavar="DATE", help="First day, month or year.")
@click.option("--until", metavar="DATE", help="Last day, month or year, included.")
@click.option("--subject", metavar="TEXT", help="Only roll calls whose subject contains TEXT.")
@click.option(
    "--by",
    default="group",
    show_default=True,
    metavar="COLUMN",
    help="Column of the table of members that defines the groups.",
)
@click.option(
    "--member",
    "members",
    multiple=True,
    metavar="MEMBER",
    help="Compare this member with all others; repeatable.",
)
@data_option
@json_option
def describe(
    family: str | None,
    since: str | None,
    until: str | None,
    subject: str | None,
    by: str,
    members: tuple[str, ...],
    data: str | None,
    as_json: bool,
) -> None:
    """Describe roll calls, or the versions of one FAMILY: cohesion, similarity, close votes.

    Uses no model. Prints the cohesion of groups (Rice index and agreement index). Prints the similarity of
    groups, and of a member with all others (share of equal votes, S, Scott's pi, Cohen's kappa). Prints the
    most contested roll calls, with the smallest number of members that could have reversed the outcome.
    """
    from voteshift.cli.views.describe import describe_document, print_description

    chosen = open_record(data).select(subject=subject, family=family).between(since, until)
    if not len(chosen.rollcalls):
        raise UsageError(
            "no roll call matches FAMILY, --subject, --since and --until",
            remedy="leave out one of these four conditions",
        )
    document = describe_document(chosen, by, members)
    if as_json:
        print_json(document)
    else:
        print_description(document)
