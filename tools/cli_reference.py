"""Write the command-line reference from the program's own help.

    python tools/cli_reference.py [--check]

What stands below the marker in ``docs/cli.md`` is replaced. With ``--check`` nothing is written, and the exit
code is 1 if the page is out of date.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from voteshift.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
MARKER = "<!-- Written by tools/cli_reference.py: everything below. -->"
WIDTH = 80


def sections(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    """Yield the help of a command and of those below it, as a terminal of a fixed width shows it."""
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        **command.context_settings,
    )
    yield f"## `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            subcommand = command.get_command(context, below)
            if subcommand is not None:
                yield from sections(subcommand, below, context)


def page(current: str) -> str:
    """Return the page with its reference renewed."""
    prose, marker, _ = current.partition(MARKER)
    if not marker:
        raise SystemExit(f"{PAGE.name} lacks the line {MARKER}")
    body = "\n".join(sections(app, "voteshift"))
    return f"{prose}{marker}\n\n{body}"


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    current = PAGE.read_text(encoding="utf-8")
    renewed = page(current)
    if renewed == current:
        return 0
    if "--check" in arguments:
        print(f"{PAGE.name} is out of date: run python tools/cli_reference.py", file=sys.stderr)
        return 1
    PAGE.write_text(renewed, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
