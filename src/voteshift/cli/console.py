"""What the commands share: options, tables, numbers, JSON."""

import json
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from voteshift.rollcalls import RollCalls

__all__ = [
    "also_option",
    "cache_option",
    "console",
    "data_option",
    "join_record",
    "json_option",
    "level_option",
    "make_table",
    "open_record",
    "print_json",
    "warnings_to_stderr",
]

_WIDTH = 100  # where stdout is no terminal

data_option: Callable[[Any], Any] = click.option(
    "--data",
    type=click.Path(),
    metavar="PATH",
    help="Your own record, a file or a folder; the bundled record of the Human Rights Council by default.",
)
also_option: Callable[[Any], Any] = click.option(
    "--also",
    type=click.Path(),
    metavar="PATH",
    help="Another chamber's record, read as --data is: it places members on the same scale, those without a "
    "seat too. The first record stays the one that is explained.",
)
json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of tables."
)

level_option: Callable[[Any], Any] = click.option(
    "--level",
    default=0.9,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Coverage of the intervals.",
)

cache_option: Callable[[Any], Any] = click.option(
    "--no-cache",
    "use_cache",
    is_flag=True,
    default=True,
    flag_value=False,
    help="Fit anew: neither read nor write the fits kept on disk.",
)


def open_record(path: str | None) -> "RollCalls":
    """Load the record a command works on; what reading it has to say goes to stderr."""
    if path is None:
        from voteshift.datasets import load_hrc

        return load_hrc()
    from voteshift.readers import read

    with warnings_to_stderr():
        return read(path)


def join_record(record: "RollCalls", path: str | None) -> "RollCalls":
    """Put the record of another chamber beside the one a command works on, where there is one."""
    if path is None:
        return record
    from voteshift.joint import beside

    return beside(record, open_record(path))


@contextmanager
def warnings_to_stderr() -> Iterator[None]:
    """Say on stderr what warnings a block had to give."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        click.echo(f"voteshift: {warning.message}", err=True)


def console() -> "Console":
    """Return a console on stdout that neither colours numbers nor reads markup in data."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def make_table(columns: Iterable[str], *, text_columns: int = 1, title: str | None = None) -> "Table":
    """Return an empty table: the first columns text, the others numbers set to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for index, name in enumerate(columns):
        is_text = index < text_columns
        # Nothing is ever cut: where a line is too narrow, the first column of text goes on below.
        table.add_column(name, justify="left" if is_text else "right", no_wrap=index > 0, overflow="fold")
    return table


def print_json(value: Any) -> None:
    """Write one JSON document; a number that is none is a programming error, not output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))
