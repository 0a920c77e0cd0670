"""Options that the commands with a model share."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from voteshift.cli.command import check_text
from voteshift.cli.numbers import Whole
from voteshift.errors import UsageError

if TYPE_CHECKING:
    from voteshift.cli.option_groups import DynamicOptions, SpaceOptions
    from voteshift.ideal import Covariates
    from voteshift.ideal.dynamic.spec import Items
    from voteshift.ideal.spec import IdealPoints

__all__ = [
    "MIN_REPLICATES",
    "MOST_REPLICATES",
    "bridge_option",
    "build_spec",
    "check_link",
    "delta_group_option",
    "documents_option",
    "replicates_option",
    "specify_ideal",
]

#: The minimum of `voteshift.checks.same_item`, which a help page must not load; a test compares the two.
MIN_REPLICATES: Final = 999
#: What each value of `--method` is in a specification; draws start at the mode.
_METHODS: Final[dict[str | None, Literal["mode", "marginal"] | None]] = {
    None: None,
    "map": "mode",
    "marginal": "marginal",
    "nuts": "mode",
}
#: A million take more than ten minutes.
MOST_REPLICATES: Final = 100_000


def check_link(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Validate the name of a link: logit, probit, or a link of an installed package."""
    from voteshift.ideal.links import link_names

    check_text(context, parameter, value)
    if value not in link_names():
        names = ", ".join(map(repr, link_names()))
        raise click.BadParameter(f"{value!r} is not one of {names}.", context, parameter)
    return value


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
delta_group_option: Callable[[Any], Any] = click.option(
    "--delta-group",
    type=float,
    metavar="NUMBER",
    help=(
        "With bridges: prior standard deviation of the step that the members of a regional group have in "
        "common, in a year; 0 for no such step. The default is 0.5 at the mode, and 0 for other methods."
    ),
)
replicates_option: Callable[[Any], Any] = click.option(
    "--replicates",
    default=MIN_REPLICATES,
    show_default=True,
    type=Whole(0, MOST_REPLICATES),
    callback=_replicates,
    help="Bootstrap replicates of the test that the versions have one item: at least 999, or 0 for no test.",
)


documents_option: Callable[[Any], Any] = click.option(
    "--documents",
    type=click.Path(),
    metavar="FILE",
    help=(
        "Table of statements and sponsors with the columns member, rollcall, kind, stance (supports, "
        "criticises or neutral) and source. Also print what members that changed their vote had said."
    ),
)


def build_spec(
    *, polarity: str | None, level: float, bridge: Literal["none", "families"], delta_group: float | None
) -> "IdealPoints":
    """Return the specification that the options ask for: static, or dynamic by year with bridges.

    Raises
    ------
    UsageError
        If `--delta-group` is given without bridges, or is out of range.
    """
    from voteshift.ideal import IdealPoints, RandomWalk

    if bridge == "none" and delta_group is not None:
        raise UsageError("--delta-group needs --bridge", remedy="add --bridge families")
    dynamics = None if bridge == "none" else RandomWalk(bridge=bridge, delta_group=delta_group)
    return IdealPoints(polarity=polarity, dynamics=dynamics, level=level)


def specify_ideal(
    space: "SpaceOptions",
    dynamic: "DynamicOptions",
    *,
    method: str | None,
    level: float,
    items: "Items | None",
    covariates: dict[str, "Covariates | None"],
) -> "IdealPoints":
    """Return the specification that the options of `voteshift fit ideal` ask for.

    Parameters
    ----------
    space, dynamic
        The options. With `--published`, the options of periods replace those of the published model.
    method : str or None
        The option `--method`.
    level : float
        Coverage of the intervals.
    items : iterable of pairs of str or None
        The pairs in the file of `--bridge`.
    covariates : dict of str to Covariates or None
        The covariates of `--positions` and `--item-means`, by argument of `Priors`.

    Raises
    ------
    UsageError
        If two options contradict each other.
    """
    from voteshift.ideal import IdealPoints, Priors, RandomWalk, published
    from voteshift.ideal.links import find_link

    bridge: Literal["families"] | None = "families" if dynamic.bridge == "families" else None
    if space.published is not None:
        spec = published(space.published).spec
        walk = spec.dynamics
        if walk is None and (
            dynamic.periods or dynamic.bridge or dynamic.tau or dynamic.delta_group is not None
        ):
            raise UsageError(
                "--periods, --bridge, --tau and --delta-group need dynamic positions, but the positions of "
                f"{space.published!r} are constant",
                remedy="leave out these options, or choose another published model",
            )
        if walk is not None:
            if dynamic.bridge is not None:
                walk = replace(walk, bridge=bridge, items=items)
            tau = walk.tau if dynamic.tau is None else _tau(dynamic.tau)
            walk = replace(
                walk, periods=dynamic.periods or walk.periods, tau=tau, delta_group=dynamic.delta_group
            )
        priors = replace(spec.priors, positions=covariates["positions"], item_means=covariates["item_means"])
        return replace(
            spec, priors=priors, polarity=space.polarity, level=level, threads=space.threads, dynamics=walk
        )
    if dynamic.periods is None and (
        dynamic.bridge is not None or dynamic.tau is not None or dynamic.delta_group is not None
    ):
        raise UsageError(
            "--bridge, --tau and --delta-group need --periods", remedy="add --periods year, for instance"
        )
    if dynamic.periods is not None and space.dims != 1:
        raise UsageError("--periods needs one dimension", remedy="leave out --dims or --periods")
    walk = None
    if dynamic.periods is not None:
        tau = _tau("estimate" if dynamic.tau is None and method == "nuts" else dynamic.tau)
        walk = RandomWalk(
            dynamic.periods, bridge=bridge, items=items, tau=tau, delta_group=dynamic.delta_group
        )
    return IdealPoints(
        link=find_link(space.link),
        dims=space.dims,
        priors=Priors(positions=covariates["positions"], item_means=covariates["item_means"]),
        polarity=space.polarity,
        level=level,
        threads=space.threads,
        dynamics=walk,
        method=_METHODS[method],
    )


def _tau(text: str | None) -> float | Literal["estimate"] | None:
    if text is None:
        return None  # the method decides
    if text == "estimate":
        return "estimate"
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--tau is {text!r}, but must be a number or 'estimate'") from None
