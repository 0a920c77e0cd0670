"""`voteshift convert`."""

from pathlib import Path
from typing import Final

import click

from voteshift.cli.command import Command
from voteshift.cli.console import json_option, print_json, warnings_to_stderr
from voteshift.cli.reading import reading_arguments, reading_options

__all__ = ["READABLE", "WRITABLE", "convert"]

#: The formats that come with voteshift, which a help page must not load; a test compares them.
READABLE: Final = (
    "voteshift", "netcdf", "rda", "kh", "voteview", "voeten", "howtheyvote", "legiscan", "openstates", "undl",
    "folder", "table",
)  # fmt: skip
WRITABLE: Final = ("voteshift", "long", "wide", "folder", "voteview", "netcdf")


@click.command(cls=Command, epilog="Example: voteshift convert votes.csv votes.voteshift")
@click.argument("source", type=click.Path(path_type=Path), metavar="IN")
@click.argument("target", type=click.Path(path_type=Path), metavar="OUT")
@click.option(
    "--from",
    "source_format",
    metavar="FORMAT",
    help=f"Format of IN; default: detected from the file. One of {', '.join(READABLE)}.",
)
@click.option(
    "--to",
    "target_format",
    metavar="FORMAT",
    help=f"Format of OUT; default: inferred from its name. One of {', '.join(WRITABLE)}.",
)
@click.option(
    "--formulas",
    is_flag=True,
    help="Do not put an apostrophe in front of text that a spreadsheet would run as a formula.",
)
@reading_options
@json_option
def convert(
    source: Path,
    target: Path,
    source_format: str | None,
    target_format: str | None,
    formulas: bool,
    as_json: bool,
) -> None:
    """Read a record in one format and write it in another.

    OUT is replaced only when the new file is complete. The end of the name OUT determines the format.
    .voteshift and .voteshift.gz: the native format. .csv and .tsv: a table with one row per vote. .nc:
    netCDF. No ending: a folder of tables.
    """
    from voteshift.readers import read
    from voteshift.votes import Vote
    from voteshift.writers.writing import format_of, write

    name = target_format or format_of(target)
    with warnings_to_stderr():
        record = read(source, source_format, **reading_arguments())
    write(record, target, format=name, formulas=formulas)
    n_members, n_rollcalls = record.store.shape
    seats = int((record.store.codes != Vote.NOT_MEMBER).sum())
    if as_json:
        print_json(
            {
                "file": str(target),
                "format": name,
                "members": n_members,
                "rollcalls": n_rollcalls,
                "seats": seats,
            }
        )
    else:
        click.echo(f"{target}: {n_members} members, {n_rollcalls} roll calls, {seats} seats ({name}).")
