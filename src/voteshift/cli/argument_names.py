"""Translation of argument names in texts of the library into options of the running command.

The library names an argument as ``name=`` or ``name=value`` anywhere in a text, and as ``name is value`` at
the beginning of a text. It names a check that an option runs as ``the check 'name'``. The command line
replaces these names by its options and changes nothing else.
"""

import re
import shlex
from ast import literal_eval
from collections.abc import Mapping
from functools import partial
from typing import Final

import click

from voteshift.errors import VoteshiftError

__all__ = ["name_options", "translate_error", "translate_text"]

#: Arguments of the library whose options have a different name.
_RENAMED: Final = {
    "dynamics": "periods",
    "items": "bridge",
    "n_draws": "draws",
    "n_replicates": "replicates",
    "window": "since",
}
#: Functions of the library that an option calls.
_CALLED: Final = {"link_chambers": "also"}
#: Checks that an option runs.
_RUN: Final = {"sensitivity": "details"}
#: Values that have a separate option.
_OWN_OPTION: Final = {"member_effect='pooled'": "pool_member_effect"}

_VALUE: Final = r"""'[^']*'|"[^"]*"|[A-Z]\w*\([^()]*\)|[+-]?[\d.]+(?:e[+-]?\d+)?|True|False|None|nan|-?inf"""
_VALUE_OR_PAIRS: Final = rf"{_VALUE}|{{[^{{}}]*}}"
_QUOTES: Final = "'\""
_NAMED: Final = re.compile(rf"(?<![\w.'\"=-])(?P<name>[a-z_]\w*)=(?P<value>{_VALUE_OR_PAIRS})?")
_LEADING: Final = re.compile(
    rf"\A(?P<name>[a-z_]\w*)(?=(?: \([^()]*\))? is (?:(?:{_VALUE})(?![\w(])|an? [A-Z]|of type ))"
)
_CALL: Final = re.compile(rf"(?:\b(?:voteshift|vs)\.)?\b(?P<name>{'|'.join(_CALLED)})\b(?:\([^()]*\))?")

_CHECK: Final = re.compile(rf"[Tt]he check '(?P<name>{'|'.join(_RUN)})'")


def name_options(command: click.Command) -> dict[str, click.Parameter]:
    """Return the parameters of a command, with the names of the library's arguments as keys."""
    by_name = {parameter.name: parameter for parameter in command.params if parameter.name}
    renamed = {name: by_name[other] for name, other in _RENAMED.items() if other in by_name}
    return renamed | by_name


def translate_text(text: str, command: click.Command | None = None) -> str:
    """Return a text in which the names of arguments are replaced by options.

    Parameters
    ----------
    text : str
        A text of the library.
    command : click.Command, optional
        The command with the options; by default the running command.

    Returns
    -------
    str
        The text. Unknown names are not changed.
    """
    if command is None:
        context = click.get_current_context(silent=True)
        if context is None:
            return text
        command = context.command
    options = name_options(command)
    text = _CALL.sub(partial(_write_call, options), text)
    text = _CHECK.sub(lambda match: _write_name(options, _RUN[match["name"]], match[0]), text)
    text = _LEADING.sub(lambda match: _write_name(options, match["name"]), text)
    return _NAMED.sub(partial(_write_option, options), text)


def translate_error(error: VoteshiftError, command: click.Command) -> VoteshiftError:
    """Return an error of the same class whose text names the options of a command."""
    return type(error)(
        translate_text(error.message, command),
        file=error.file,
        line=error.line,
        id=error.id,
        remedy=None if error.remedy is None else translate_text(error.remedy, command),
    )


def _write_call(options: Mapping[str, click.Parameter], match: re.Match[str]) -> str:
    return _write_name(options, _CALLED[match["name"]], match[0])


def _write_name(options: Mapping[str, click.Parameter], name: str, otherwise: str | None = None) -> str:
    """Return the option of an argument, or the placeholder of a positional argument."""
    parameter = options.get(name)
    if parameter is None:
        return name if otherwise is None else otherwise
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def _write_option(options: Mapping[str, click.Parameter], match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    if match[0] in _OWN_OPTION and _OWN_OPTION[match[0]] in options:
        return _write_name(options, _OWN_OPTION[match[0]])
    if value is not None and value.endswith(")"):
        inner = [_write_option(options, one) for one in _NAMED.finditer(value) if one["name"] in options]
        return " ".join(inner) or _write_name(options, name, match[0])
    parameter = options.get(name)
    if parameter is None:
        return match[0]
    return _write_name(options, name) if value is None else _write_value(parameter, value)


def _write_value(parameter: click.Parameter, value: str) -> str:
    """Return an option with a Python value written for the command line."""
    if not isinstance(parameter, click.Option):
        return f"{parameter.human_readable_name} {value}"
    if parameter.is_flag:
        turned_off = value == "False" and parameter.secondary_opts
        return (parameter.secondary_opts if turned_off else parameter.opts)[0]
    if value == "None":
        return f"no {parameter.opts[0]}"
    if value.startswith("{"):
        pairs = literal_eval(value)
        return " ".join(f"{parameter.opts[0]} {shlex.quote(f'{key}={pairs[key]}')}" for key in pairs)
    return f"{parameter.opts[0]} {shlex.quote(value.strip(_QUOTES))}"
