"""Every command of the program."""

import click

from voteshift.cli.app import app


def commands(group, path=()):
    """Every command by its path, those of groups included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None, name
        yield " ".join([*path, name]), found
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


COMMANDS = dict(commands(app))
