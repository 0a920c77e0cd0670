"""Options that the commands with a model share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from voteshift.cli.numbers import MOST_DRAWS, Whole

if TYPE_CHECKING:
    from voteshift.ideal.spec import IdealPoints

__all__ = ["MIN_REPLICATES", "bridge_option", "build_spec", "replicates_option"]

#: The minimum of `voteshift.checks.same_item`, which a help page must not load; a test compares the two.
MIN_REPLICATES: Final = 999


def _replicates(context: click.Context, parameter: click.Parameter, value: int) -> int:
    """Validate the number of replicates: 0, or at least `MIN_REPLICATES`."""
    if 0 < value < MIN_REPLICATES:
        raise click.BadParameter(f"{value} is not 0 and is less than {MIN_REPLICATES}", context, parameter)
    return value


bridge_option: Callable[[Any], Any] = click.option(
    "--bridge",
    default="none",
    show_default=True,
    type=click.Choice(["none", "families"]),
    help=(
        "Dynamic positions by year. The versions of every other repeated resolution share an item. The "
        "movement of members and the change of the resolution are then separate parts."
    ),
)
replicates_option: Callable[[Any], Any] = click.option(
    "--replicates",
    default=MIN_REPLICATES,
    show_default=True,
    type=Whole(0, MOST_DRAWS),
    callback=_replicates,
    help="Bootstrap replicates of the test that the versions have one item: at least 999, or 0 for no test.",
)


def build_spec(*, polarity: str | None, level: float, bridge: Literal["none", "families"]) -> "IdealPoints":
    """Return the specification that the options ask for: static, or dynamic by year with bridges."""
    from voteshift.ideal import IdealPoints, RandomWalk

    dynamics = None if bridge == "none" else RandomWalk(bridge=bridge)
    return IdealPoints(polarity=polarity, dynamics=dynamics, level=level)
