"""Checks, readers and pictures that installed packages declare as entry points."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from voteshift.errors import UsageError

__all__ = ["installed", "load_extension"]


@cache
def installed(group: str) -> dict[str, EntryPoint]:
    """Return the entry points that installed packages declare in a group, by name.

    Parameters
    ----------
    group : str
        The group, for instance ``voteshift.checks``.
    """
    return {point.name: point for point in entry_points(group=group)}


def load_extension(group: str, name: str) -> Any:
    """Import the object that an installed package declares.

    Parameters
    ----------
    group, name : str
        The group and the name of the entry point.

    Raises
    ------
    UsageError
        If the object cannot be imported. The error names the package.
    """
    point = installed(group)[name]
    try:
        return point.load()
    except Exception as error:  # the code of the package may raise any exception
        package = f"the package {point.dist.name}" if point.dist else "an installed package"
        raise UsageError(
            f"{package} declares {name!r} under {group}, but {point.value} cannot be imported: {error}",
            remedy="update or uninstall the package",
        ) from error
