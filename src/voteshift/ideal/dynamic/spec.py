"""The dynamic part of a specification: periods, bridges, groups, and the size of changes of positions."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Final, Literal

from voteshift.errors import UsageError
from voteshift.ideal.bridges import check_pairs
from voteshift.ranges import check_number

__all__ = ["Items", "RandomWalk", "Tau"]

Items = Mapping[str, str] | Iterable[tuple[str, str]]
Tau = float | Mapping[str, float] | Literal["estimate"]
FIXED_TAU: Final = 0.1
"""Standard deviation of a step in a year, if nobody gives one and it is not estimated."""


@dataclass(frozen=True)
class RandomWalk:
    """Positions that change from period to period by Gaussian steps.

        x_it = x_i,t-1 + delta_t + g_kt + e_it,
        e_it ~ N(0, tau^2 years),    delta_t ~ N(0, delta^2 years),    g_kt ~ N(0, delta_group^2 years),

    where e_it is the individual step of a member, delta_t is the step common to all members, g_kt is the step
    common to the members of group k, and years is the time between the two periods. Results report g_kt
    relative to its mean over all members and add the mean to delta_t. The models of Martin &
    Quinn (2002, https://doi.org/10.1093/pan/10.2.134) and Bailey, Strezhnev & Voeten (2017,
    https://doi.org/10.1177/0022002715595700) have neither a common step nor steps of groups. The
    votes distinguish a common step from a change of the roll calls only if roll calls of different periods
    share an item. The sum of the common steps up to a period is called the common path.

    Parameters
    ----------
    periods : str
        "year" (the default), "session", or the name of another column of the roll calls. The time between two
        periods is measured in years. If no roll call has a date, name a column of integers, such as "term" or
        "congress": the unit of time is then one step of these integers, for `tau` and `delta`, too.
    bridge : {"families"}, optional
        With "families", the versions of every repeated resolution share an item.
    items : mapping of str to str, or iterable of pairs of str, optional
        Roll calls that share an item. Pass a mapping from roll call to item, or pairs of roll calls with
        (nearly) the same text. Roll calls that are connected through several pairs share one item. This
        argument replaces `bridge`.
    apart : tuple of str
        Slugs of families whose versions keep separate items with ``bridge="families"``. Include the family
        under study.
    tau : float, mapping of str to float, or "estimate", optional
        Standard deviation of a member's individual step, per square root of a year. Its unit is the standard
        deviation of positions relative to the common path. A number fixes tau. A mapping fixes tau by
        regional group. The value "estimate" estimates tau by marginal likelihood. With None, the default,
        tau is 0.1 at the mode. A marginal fit then estimates tau, and uses 0.1 with a caution if the votes do
        not identify it.
    delta : float
        Prior standard deviation of the common step, in the same unit; 1 by default. With 0, the model has no
        common step.
    groups : mapping of str to str, optional
        Group of each member id, such as "EU". By default the regional groups of the record. Members without a
        group have no group step.
    delta_group : float, optional
        Prior standard deviation of the step of a group, in the same unit. With 0, groups have no step. By
        default 0.5 with `bridge`, `items` or `groups`, if members have groups, and 0 otherwise. A sampled fit
        has no group steps. With 0.5, a step of one standard deviation in a year is at the end of the 95 %
        interval of the prior.

    Raises
    ------
    UsageError
        If an argument is out of range, or both `bridge` and `items` define bridges.
    """

    periods: str = "year"
    _: KW_ONLY
    bridge: Literal["families"] | None = None
    items: Items | None = None
    apart: tuple[str, ...] = ()
    tau: Tau | None = None
    delta: float = 1.0
    groups: Mapping[str, str] | None = None
    delta_group: float | None = None

    def __post_init__(self) -> None:
        """Validate the arguments, and keep a copy of every collection."""
        periods: object = self.periods
        if not isinstance(periods, str) or not periods:
            raise UsageError(
                f"periods is {periods!r}", remedy="give 'year', 'session' or the name of a column"
            )
        bridge: object = self.bridge
        if bridge is not None and not (isinstance(bridge, str) and bridge == "families"):
            raise UsageError(f"bridge is {bridge!r}", remedy="give 'families' or None")
        if self.items is not None and self.bridge is not None:
            raise UsageError(
                "items= and bridge= both define bridges", remedy=("pass only one of the two arguments")
            )
        apart: object = self.apart  # a text is a sequence of texts, too
        if isinstance(apart, str) or not isinstance(apart, Iterable):
            raise UsageError(f"apart is {apart!r}, not a tuple of slugs", remedy=f"write apart=({apart!r},)")
        if self.apart and self.bridge is None:
            raise UsageError(
                "apart= has no effect without bridge='families'", remedy="also pass bridge='families'"
            )
        check_number("delta", self.delta, least=1e-4, most=1e3, what="a standard deviation", or_zero=True)
        if self.delta_group is not None:
            check_number(
                "delta_group",
                self.delta_group,
                least=1e-4,
                most=1e3,
                what="a standard deviation",
                or_zero=True,
            )
        groups: object = self.groups
        if groups is not None:
            if not isinstance(groups, Mapping):
                raise UsageError(
                    f"groups is of type {type(groups).__name__}",
                    remedy="give a mapping from member id to group",
                )
            if self.delta_group == 0:
                raise UsageError(
                    "groups= has no effect with delta_group=0", remedy="leave out one of the two arguments"
                )
            object.__setattr__(self, "groups", {str(member): str(group) for member, group in groups.items()})
        check_tau(self.tau)
        object.__setattr__(self, "apart", tuple(self.apart))
        if isinstance(self.tau, Mapping):
            object.__setattr__(self, "tau", {str(group): float(tau) for group, tau in self.tau.items()})
        if isinstance(self.items, Mapping):
            items = {str(rollcall): str(item) for rollcall, item in self.items.items()}
            object.__setattr__(self, "items", items)
        elif self.items is not None:  # an iterable can be read once only
            object.__setattr__(self, "items", check_pairs(self.items))


def check_tau(tau: object) -> None:
    """Validate tau: None, a number from 1e-4 to 1000, one such number by group, or "estimate".

    Raises
    ------
    UsageError
        If `tau` is not one of these.
    """
    if tau is None:
        return
    if isinstance(tau, str) and tau != "estimate":
        raise UsageError(f"tau is {tau!r}", remedy="give a number, a number for every group, or 'estimate'")
    what = "a standard deviation; for a static model, leave out dynamics="
    values = tau.values() if isinstance(tau, Mapping) else () if isinstance(tau, str) else (tau,)
    for value in values:
        check_number("tau", value, least=1e-4, most=1e3, what=what)
