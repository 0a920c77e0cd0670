"""Classes of commands and groups: text arguments are validated, and errors are one line."""

from typing import Any, Final, NoReturn

import click

from voteshift.cli.argument_names import translate_error
from voteshift.errors import VoteshiftError

__all__ = ["Command", "Group", "Refusal", "check_text"]

_WHOLE: Final = 1000  # characters of a sentence that is not cut
_LONGEST: Final = 500  # characters of what click writes of a value


class Refusal(click.ClickException):
    """An error that ends the program with one line on stderr and an exit code."""

    exit_code: int  # type: ignore[misc]  # click gives every class of errors one code

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code

    def show(self, file: Any = None) -> None:
        """Write the line."""
        click.echo(f"voteshift: {self.message}", file=file, err=file is None)


class Command(click.Command):
    """A command that validates the encoding of its text arguments and whose errors name its options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments and validate their encoding.

        Text arguments that are not valid text raise an error. Names of files may contain any bytes.
        """
        try:
            rest = super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # the parser leaves it out where a value is missing
            raise
        for parameter in self.params:
            if isinstance(parameter.type, click.types.StringParamType):
                check_text(ctx, parameter, ctx.params.get(str(parameter.name)))
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except VoteshiftError as error:
            raise Refusal(str(translate_error(error, self)), error.exit_code) from error


class Group(click.Group):
    """A group whose help lists every command with the full first sentence of the command's help."""

    command_class = Command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments of the group itself."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            _refuse(error)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that the arguments name."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            _refuse(error)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, command.get_short_help_str(limit=_WHOLE))
            for name, command in commands
            if command is not None
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def check_text(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Validate that the value of an option or argument, or each of its values, is text.

    Raises
    ------
    BadParameter
        If a value contains bytes that are not text in the encoding of the terminal.
    """
    for text in value if isinstance(value, tuple) else (value,):
        if isinstance(text, str) and not _is_text(text):
            raise click.BadParameter(
                f"'{ascii(text)[1:-1]}' is not text in the encoding of the terminal.", context, parameter
            )


def _is_text(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _refuse(error: click.UsageError) -> NoReturn:
    """Raise an error of click on wrong usage as one line."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        raise error  # whose message is the help page
    if isinstance(error, click.exceptions.NoSuchOption):
        name = error.option_name  # which click before 8.4 writes without quotes
        error = click.NoSuchOption(name, f"No such option '{name}'.", error.possibilities, error.ctx)
    text = " ".join(error.format_message().split()).rstrip(".")
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
    text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    page = f"{error.ctx.command_path} --help" if error.ctx is not None else "voteshift --help"
    raise Refusal(f"{text[:1].lower()}{text[1:]} (see {page})", error.exit_code) from error
