"""`voteshift check`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from voteshift.cli.argument_names import translate_text
from voteshift.cli.command import Command
from voteshift.cli.console import console, json_option, print_json
from voteshift.cli.reading import reading_arguments, reading_options

if TYPE_CHECKING:
    from voteshift.readers import Examined

__all__ = ["check"]


@click.command(cls=Command, epilog="Example: voteshift check votes.csv --rollcall A/HRC/RES/37/23")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--rollcall",
    metavar="SYMBOL",
    help="Compare the file with the seats and votes of this roll call on record: a symbol or an id.",
)
@reading_options
@json_option
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...], rollcall: str | None, as_json: bool) -> None:
    """Check files of roll calls: structure, vote words, duplicates, totals, seats, copied votes, dates.

    Prints the format of each file, the numbers of members, roll calls and votes, and then all errors and
    warnings.

    With --rollcall the file is compared with the seats, votes and totals of a roll call on record.

    The exit code is 3 if there is an error, and 0 if there are only warnings.
    """
    from voteshift.readers import examine

    yardstick = None
    if rollcall is not None:
        from voteshift.datasets import load_hrc

        record = load_hrc(include_unreconciled=True)
        yardstick = record.select(rollcalls=[record.rollcall_id(rollcall)])
    examined = [examine(file, yardstick=yardstick, **reading_arguments()) for file in files]
    findings = [finding for one in examined for finding in one.findings]
    if as_json:
        print_json(
            {
                "files": [one.to_dict() for one in examined],
                "findings": [finding.to_dict() for finding in findings],
            }
        )
    else:
        _print(examined)
    if any(finding.severity == "error" for finding in findings):
        ctx.exit(3)


def _print(examined: "list[Examined]") -> None:
    from rich.text import Text

    out = console()
    errors = warnings = 0
    for one in examined:
        out.print(Text(f"{one}."), soft_wrap=True)
        for finding in one.findings:
            place = ":".join(str(part) for part in (finding.file, finding.line) if part is not None)
            place += f" (column {finding.column})" if finding.column else ""
            remedy = f" ({translate_text(finding.remedy)})" if finding.remedy else ""
            out.print(Text(f"{place}: {finding.severity}: {finding.message}{remedy}"), soft_wrap=True)
        errors += sum(finding.severity == "error" for finding in one.findings)
        warnings += sum(finding.severity == "warning" for finding in one.findings)
    out.print(
        Text(f"{_some(len(examined), 'file')}: {_some(errors, 'error')}, {_some(warnings, 'warning')}.")
    )


def _some(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
