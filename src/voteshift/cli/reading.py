"""Options that state how to read a file: meaning of codes and columns, form of dates, encoding."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import click

__all__ = ["reading_arguments", "reading_options", "reading_words"]

_STATED: Final = "voteshift.reading"  # the key of the arguments in the context of a command


class _Pair(click.ParamType[tuple[str, str]]):
    """Two texts with an equals sign between them; the last equals sign counts."""

    name = "pair"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the two texts."""
        if isinstance(value, tuple):
            return value
        before, sign, after = str(value).rpartition("=")
        if not sign:
            self.fail(f"{value!r} has no equals sign.", param, ctx)
        return before, after


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Store the value of an option in the context, so that commands do not pass it on."""
    if value:
        stated = context.meta.setdefault(_STATED, {})
        stated[str(parameter.name)] = _join(context, parameter, value) if parameter.multiple else value
    return value


def _join(
    context: click.Context, parameter: click.Parameter, pairs: tuple[tuple[str, str], ...]
) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, meaning in pairs:
        if joined.setdefault(name, meaning) != meaning:
            raise click.BadParameter(
                f"{name!r} is given twice: {joined[name]!r} and {meaning!r}.", context, parameter
            )
    return joined


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that state how to read a file; `reading_arguments` returns their values."""
    options = (
        click.option(
            "--code",
            "codes",
            multiple=True,
            type=_Pair(),
            metavar="CODE=VOTE",
            expose_value=False,
            callback=_keep,
            help="Meaning of a code in your file, for instance Ja=yes or 6=no; repeatable.",
        ),
        click.option(
            "--column",
            "columns",
            multiple=True,
            type=_Pair(),
            metavar="NAME=COLUMN",
            expose_value=False,
            callback=_keep,
            help="Meaning of a column in your file, for instance Stimme=vote; repeatable.",
        ),
        click.option(
            "--date-format",
            metavar="FORM",
            expose_value=False,
            callback=_keep,
            help="Form of the dates in your file, for instance %d.%m.%Y. Default: 2021-03-23.",
        ),
        click.option(
            "--encoding",
            metavar="NAME",
            expose_value=False,
            callback=_keep,
            help="Encoding of your text file, for instance cp1252. Default: UTF-8.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def reading_arguments() -> dict[str, Any]:
    """Return the arguments of `voteshift.readers.read` that the running command states."""
    context = click.get_current_context(silent=True)
    return {} if context is None else dict(context.meta.get(_STATED, {}))


def reading_words() -> Iterator[str]:
    """Yield the options with which the running command was called, as words of a command line."""
    for name, value in reading_arguments().items():
        if isinstance(value, dict):
            for pair in value.items():
                yield from (f"--{name.removesuffix('s')}", "=".join(pair))
        else:
            yield from (f"--{name.replace('_', '-')}", value)
