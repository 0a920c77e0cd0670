"""The command group."""

from typing import ClassVar

import click

from voteshift.cli.command import Group

__all__ = ["app"]


class _Commands(Group):
    """A group that imports a command only when the command is called, so that `--help` is fast."""

    modules: ClassVar = {
        "bench": "voteshift.cli.bench",
        "check": "voteshift.cli.check",
        "cite": "voteshift.cli.cite",
        "convert": "voteshift.cli.convert",
        "describe": "voteshift.cli.describe",
        "explain": "voteshift.cli.explain",
        "fit": "voteshift.cli.fit",
        "families": "voteshift.cli.listings",
        "report": "voteshift.cli.report",
        "tally": "voteshift.cli.listings",
        "whatif": "voteshift.cli.whatif",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        from importlib import import_module

        if cmd_name not in self.modules:
            return None
        command: click.Command = getattr(import_module(self.modules[cmd_name]), cmd_name)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: voteshift explain",
)
@click.version_option(package_name="voteshift", prog_name="voteshift")
def app() -> None:
    """Explain why the outcome of a repeated vote changed.

    Exit codes: 0 done, 1 the answer is not usable, 2 wrong usage, 3 bad input, 130 interrupted.
    """
