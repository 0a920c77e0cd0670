"""Options, tables and JSON that several commands share."""

import codecs
import json
import shutil
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from voteshift.cli.argument_names import translate_text
from voteshift.cli.numbers import Coverage
from voteshift.cli.reading import reading_arguments, reading_options
from voteshift.errors import UsageError

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
    "print_listing",
    "print_paragraphs",
    "print_warning",
    "warnings_to_stderr",
]

_WIDTH = 100  # width if stdout is not a terminal
_INDENT = "    "

_path_option: Callable[[Any], Any] = click.option(
    "--data",
    type=click.Path(),
    metavar="PATH",
    help="Your own record, a file or a folder. Default: the bundled record of the Human Rights Council.",
)


def data_option(function: Any) -> Any:
    """Add the option of the record, and the options that state how to read it."""
    return _path_option(reading_options(function))


also_option: Callable[[Any], Any] = click.option(
    "--also",
    type=click.Path(),
    metavar="PATH",
    help=(
        "Record of another chamber, in any format of --data. With the votes of this chamber, members "
        "without a seat have positions on the same scale. The explained votes are still the votes of "
        "--data."
    ),
)
json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of tables."
)

level_option: Callable[[Any], Any] = click.option(
    "--level",
    default=0.9,
    show_default=True,
    type=Coverage(),
    help="Coverage of the intervals.",
)

cache_option: Callable[[Any], Any] = click.option(
    "--no-cache",
    "use_cache",
    is_flag=True,
    default=True,
    flag_value=False,
    help="Fit again: neither read nor write the fits stored on disk.",
)


def open_record(path: str | None) -> "RollCalls":
    """Read the record of a command and write the warnings to stderr."""
    if path is None:
        from voteshift.datasets import load_hrc

        stated = reading_arguments()
        if stated:
            raise UsageError(f"{next(iter(stated))}= applies to your own record", remedy="give data=")
        return load_hrc()
    from voteshift.readers import read

    with warnings_to_stderr():
        return read(path, **reading_arguments())


def join_record(record: "RollCalls", path: str | None) -> "RollCalls":
    """Return a record, linked to the record of another chamber if a path is passed."""
    if path is None:
        return record
    from voteshift.joint import link_chambers
    from voteshift.readers import read

    with warnings_to_stderr():
        other = read(path)
    return link_chambers(record, other)


@contextmanager
def warnings_to_stderr() -> Iterator[None]:
    """Write the warnings that a block raises to stderr."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        print_warning(str(warning.message))


def print_warning(text: str) -> None:
    """Write a warning of the library to stderr, with the options of the running command."""
    click.echo(f"voteshift: {translate_text(text)}", err=True)


def console() -> "Console":
    """Return a console on stdout that neither colours numbers nor reads markup in data."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def make_table(columns: Iterable[str], *, text_columns: int = 1, title: str | None = None) -> "Table":
    """Return an empty table: the first columns contain text, the others numbers aligned to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for index, name in enumerate(columns):
        is_text = index < text_columns
        # Nothing is cut: if a line is too narrow, columns of text continue below.
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text, overflow="fold")
    return table


def print_listing(
    name: str,
    columns: Sequence[str],
    rows: Iterable[tuple[str, Sequence[str]]],
    *,
    text_columns: int = 0,
    wrap: bool = False,
) -> None:
    """Print a long list: the name of each thing on a separate line, its cells in columns below.

    Parameters
    ----------
    name : str
        Heading of the names.
    columns : sequence of str
        Headings of the cells.
    rows : iterable of (str, sequence of str)
        Name and cells. Neither is cut.
    text_columns : int
        Number of columns, from the first, that are text and set to the left.
    wrap : bool
        If True, names are broken at the end of the line. Pass False for names that a person copies.
    """
    from rich.cells import cell_len

    listed = [(_plain(text), [_plain(cell) for cell in cells]) for text, cells in rows]
    table = [list(columns), *(cells for _, cells in listed)]
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            blanks = " " * (width - cell_len(cell))
            padded.append(cell + blanks if index < text_columns else blanks + cell)
        return (_INDENT + "  ".join(padded)).rstrip()

    def broken(text: str) -> str:
        return (
            "\n".join(textwrap.wrap(text, _width(), break_long_words=False, break_on_hyphens=False))
            if wrap
            else text
        )

    lines = [click.style(name, bold=True), click.style(line(columns), bold=True), ""]
    for text, cells in listed:
        lines += [broken(text), line(cells)] if text else [line(cells)]
    click.echo("\n".join(lines))


def print_paragraphs(*texts: str) -> None:
    """Print texts, each from a new line, wrapped to the width of the terminal."""
    click.echo(
        "\n".join(
            textwrap.fill(_plain(text), _width(), break_long_words=False, break_on_hyphens=False)
            for text in texts
        )
    )


def _plain(text: str) -> str:
    """Return text on one line, without control characters of a terminal."""
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH


def print_json(value: Any) -> None:
    """Write one JSON document; NaN and infinite numbers raise an error, because JSON cannot represent them.

    JSON is written in UTF-8. If stdout has another encoding, letters are escaped.
    """
    escaped = codecs.lookup(sys.stdout.encoding or "utf-8").name != "utf-8"
    click.echo(json.dumps(value, ensure_ascii=escaped, indent=2, allow_nan=False))
