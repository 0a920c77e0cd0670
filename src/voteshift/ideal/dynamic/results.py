"""A fitted dynamic model, with labels."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.ascent import Ascent
from voteshift.ideal.dynamic.encode import DynamicEncoded
from voteshift.ideal.dynamic.groups import count_group_bridges
from voteshift.ideal.dynamic.laplace import (
    DynamicLaplace,
    Reported,
    dynamic_laplace,
    reported,
    reported_unit,
)
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.dynamic.spec import FIXED_TAU
from voteshift.ideal.dynamic.spread_ratio import fitted_ratios
from voteshift.ideal.dynamic.tau import TauEstimate
from voteshift.ideal.edge import carriers, open_sides, scale_shares
from voteshift.ideal.fitted import FEW_VOTES, AtMode, normal_interval
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.learned import Learned
from voteshift.quantities.spread_ratio import Ratios
from voteshift.ranges import MOST_DRAWS, check_count
from voteshift.streams import Stream, start_stream

if TYPE_CHECKING:  # which imports this module
    from voteshift.ideal.spec import IdealPoints

__all__ = ["DynamicFit"]

_NAMED_GAPS = 5
_OF_GROUPS = ["group", "estimate", "std_error", "conf_low", "conf_high", "prior_sd", "members", "bridges"]


@dataclass(frozen=True, eq=False)
class DynamicFit(AtMode):
    """Dynamic ideal points at the mode of the posterior, or means of a normal approximation.

    Attributes
    ----------
    encoded : DynamicEncoded
        The fitted votes and their labels.
    model : DynamicModel
        The log posterior that was maximised.
    mode : Ascent
        Parameters at the mode, and the cost of finding it.
    direction : str
        The member or rule that sets the positive side, in words.
    spec : IdealPoints
        The specification that was fitted.
    bridged_by : str
        The source of shared items, in words. Empty if no items are shared.
    tau : TauEstimate, float or dict of str to float
        Standard deviation of a member's individual step in a year: estimated, fixed, or fixed by group. Its
        unit is the standard deviation of positions relative to the common path.
    learned : Learned or None
        The prior standard deviations that a marginal fit learned; None in a fit at the mode.
    groups : tuple of str
        Names of the groups that have steps; empty if groups have no step.
    """

    encoded: DynamicEncoded
    model: DynamicModel
    mode: Ascent[DynamicPoint]
    direction: str
    spec: "IdealPoints"
    bridged_by: str
    tau: TauEstimate | float | dict[str, float]
    learned: Learned | None = field(default=None, kw_only=True)
    groups: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def unit(self) -> float:
        """Unit of tau, delta and common steps on the scale of `mode.point`; 1 in a fit at the mode."""
        return 1.0 if self.learned is None else reported_unit(self.model, self.mode.point.individual)

    @property
    def delta(self) -> float:
        """Prior standard deviation of the common step in a year."""
        return self.model.walk.delta / self.unit

    @property
    def delta_group(self) -> float:
        """Prior standard deviation of the step of a group in a year; 0 if groups have no step."""
        return self.model.walk.delta_group / self.unit

    @property
    def scale(self) -> str:
        """The constraint on location and scale of the positions, in words."""
        included = "" if self.learned is None else ", uncertainty included,"
        return f"positions have mean 0 and standard deviation 1{included} over the member-periods with a vote"

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return 1

    @property
    def periods(self) -> tuple[str, ...]:
        """Labels of the periods."""
        return self.encoded.periods.labels

    @cached_property
    def laplace(self) -> DynamicLaplace:
        """The normal approximation at the mode, computed once.

        Raises
        ------
        NotUsableError
            If the mode is not a maximum.
        """
        return dynamic_laplace(self.model, self.mode.point)

    @cached_property
    def reported(self) -> Reported:
        """The parameters on the reported scale."""
        return reported(self.model, self.mode.point)

    @cached_property
    def n_votes(self) -> NDArray[np.int64]:
        """Votes cast, shape (n_periods, n_members)."""
        return self.encoded.design.count_votes()

    def tidy(self) -> pd.DataFrame:
        """Return one row per member and period in which it voted.

        Returns
        -------
        DataFrame
            ``member``, ``period``, ``dimension`` (1), ``estimate``, ``std_error``, ``conf_low``,
            ``conf_high``, ``n_votes`` and ``extrapolated``. The column ``extrapolated`` is True if the member
            cast fewer than 5 votes in the period, so that its position depends on other periods. Positions
            have mean 0 and standard deviation 1 over these rows. Intervals are normal and use the full
            curvature, so items and the common path are not held fixed. If a member determines more than half
            of the scale and its votes do not limit its distance from 0, its intervals are one-sided.
        """
        period, member = np.nonzero(self.model.walk.seen)
        order = np.lexsort((period, member))
        period, member = period[order], member[order]
        estimate = self.reported.positions[period, member]
        error = self.laplace.position_errors()[period, member]
        n_votes = self.n_votes[period, member]
        return pd.DataFrame(
            {
                "member": self.encoded.members.to_numpy()[member],
                "period": np.array(self.periods, dtype=object)[period],
                "dimension": 1,
                **normal_interval(estimate, error, self.level, open_side=self._open_sides[member, 0]),
                "n_votes": n_votes,
                "extrapolated": n_votes < FEW_VOTES,
            }
        )

    @cached_property
    def _open_sides(self) -> NDArray[np.float64]:
        """Open side of each interval, for members that determine the scale; see `open_sides`."""
        return open_sides(
            self.encoded.design,
            self.link,
            self.reported.positions[..., None],
            self.reported.discriminations,
            self.reported.cutpoints,
            members=carriers(self._shares),
            level=self.level,
        )

    @property
    def _shares(self) -> NDArray[np.float64]:
        """Share of the scale that each member determines."""
        return scale_shares(self.mode.point.individual, self.model.walk.seen)

    def steps(self) -> pd.DataFrame:
        """Return the common step over each gap, and the number of bridges that identify this step.

        Returns
        -------
        DataFrame
            ``from``, ``to``, ``years`` (the time between the two periods; without dates, the difference of
            their numbers), ``estimate``, ``std_error``, ``conf_low``, ``conf_high``, ``prior_sd`` and
            ``bridges`` (the number of items that span the gap). The step includes the mean of the steps of
            groups over all members. The unit of the steps is the standard deviation of positions relative to
            the common path. Without bridges the interval is the interval of the prior.
        """
        walk, point = self.model.walk, self.mode.point
        steps, prior = point.steps, self.delta
        if self.groups:
            steps = steps + point.group_steps[1:] @ walk.shares
            prior = float(np.hypot(prior, self.delta_group * np.linalg.norm(walk.shares)))
        interval = normal_interval(steps / self.unit, self.laplace.step_errors() / self.unit, self.level)
        return self.encoded.bridges.table.assign(
            years=walk.gaps,
            **interval,
            prior_sd=prior * np.sqrt(walk.gaps),
        )

    @cached_property
    def _group_bridges(self) -> NDArray[np.intp]:
        """Number of items that span each gap with votes of each group, shape (n_periods - 1, n_groups)."""
        return count_group_bridges(self.encoded.design, self.model.walk.groups, len(self.groups))

    def group_steps(self) -> pd.DataFrame:
        """Return the step of each group over each gap, and the number of bridges that identify this step.

        Returns
        -------
        DataFrame
            ``from``, ``to``, ``years``, ``group``, ``estimate``, ``std_error``, ``conf_low``, ``conf_high``,
            ``prior_sd``, ``members`` (the number of members of the group) and ``bridges`` (the number of
            items that span the gap and on which members of the group voted before and after the gap). The
            step is the movement of the group in addition to the common step, in the unit of `steps`. Over all
            members, these steps have mean 0. The table is empty if groups have no step. If no item spans the
            gap, the votes compare the groups with each other.
        """
        walk = self.model.walk
        gaps = self.encoded.bridges.table[["from", "to"]].assign(years=walk.gaps)
        rows = gaps.loc[gaps.index.repeat(len(self.groups))].reset_index(drop=True)
        if not self.groups:
            return rows.reindex(columns=[*rows.columns, *_OF_GROUPS])
        variances = np.diag(self.laplace.group_step_covariance())
        steps = self.mode.point.group_steps[1:] @ walk.contrasts.T
        interval = normal_interval(steps.ravel() / self.unit, np.sqrt(variances) / self.unit, self.level)
        prior = self.delta_group * np.sqrt(np.sum(walk.contrasts**2, axis=1))
        return rows.assign(
            group=np.tile(np.array(self.groups, dtype=object), len(gaps)),
            **interval,
            prior_sd=np.outer(np.sqrt(walk.gaps), prior).ravel(),
            members=np.tile(walk.membership.sum(axis=1).astype(int), len(gaps)),
            bridges=self._group_bridges.ravel(),
        )

    def items(self) -> pd.DataFrame:
        """Return one row per roll call.

        Returns
        -------
        DataFrame
            ``rollcall``, ``item`` (shared by the roll calls of a bridge), ``dimension``, ``discrimination``
            and one column for each named cutpoint. A cutpoint that an item does not have is NaN.
        """
        table = self.encoded.item_table(self.reported.discriminations, self.reported.cutpoints)
        table.insert(1, "item", np.array(self.encoded.items, dtype=object))
        return table

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the mode of some roll calls (positions in their periods, and items) as a single draw."""
        values, design = self.reported, self.encoded.design
        columns = self.encoded.columns(rollcalls)
        items = design.item[columns]
        return JointDraws(
            values.positions[design.period[columns]][None, ..., None],
            values.discriminations[items][None],
            values.cutpoints[items][None],
        )

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> JointDraws:
        """Draw the items of some roll calls, and positions in their periods, from the normal approximation.

        Parameters
        ----------
        n_draws, seed : int
            Number of draws, and seed of the random numbers.
        rollcalls : list of str
            Ids of fitted roll calls.

        Returns
        -------
        JointDraws
            Positions of shape (n_draws, n_rollcalls, n_members, 1).
        """
        check_count("n_draws", n_draws, most=MOST_DRAWS)
        rng = start_stream(seed, Stream.FIT)
        return self.laplace.draw(n_draws, self.encoded.columns(rollcalls), rng)

    def extrapolated(self, rollcalls: list[str]) -> NDArray[np.bool_]:
        """Return True for each member that cast fewer than 5 votes in the period of each roll call.

        Returns
        -------
        ndarray of bool, shape (n_rollcalls, n_members)
        """
        return self.n_votes[self.encoded.design.period[self.encoded.columns(rollcalls)]] < FEW_VOTES

    def log_ratios(self, before: int, after: int) -> Ratios:
        """Compute the log ratios of the spreads of two periods, given by their rows; see `spread_ratio`.

        Raises
        ------
        NotUsableError
            If this is a fit at the joint mode.
        """
        if self.learned is None:
            raise NotUsableError(
                "the joint mode of positions and items does not determine how the spreads of different "
                "periods compare",
                remedy='fit with method="marginal", or sample the posterior',
            )
        return fitted_ratios(self.laplace, before, after)

    @property
    def bridged(self) -> bool:
        """True if bridges span every gap between periods.

        With bridges, a change of positions can be distinguished from a change of a resolution.
        """
        return not self.encoded.bridges.open_gaps

    @property
    def identified_by(self) -> str:
        """Assumptions that distinguish a change of positions from a change of the resolution, in words."""
        table, unit = self.encoded.bridges.table, self.encoded.periods.unit
        if isinstance(self.tau, dict):
            tau = "fixed by group: " + ", ".join(f"{name} {value:g}" for name, value in self.tau.items())
        elif isinstance(self.tau, float):
            is_fixed = self.learned is None or self.learned.tau is None
            tau = f"fixed at {self.tau:g}" if is_fixed else f"estimated as {self.tau:.2g}"
        else:
            tau = f"estimated as {self.tau.tau:.2g} [{self.tau.low:.2g}, {self.tau.high:.2g}]"
        common = (
            f"a step common to all members with prior standard deviation {self.delta:g} a {unit}"
            if self.delta > 0
            else "no step common to all members, which is an assumption and not an estimate (delta = 0)"
        )
        common += self._groups_in_words
        walks = (
            f"random walks of positions by {self.encoded.periods.name} (tau {tau} a {unit}, in standard "
            f"deviations of positions) and {common}"
        )
        if not self.bridged_by:
            return f"{walks}; no roll calls of different periods are assumed to share an item"
        fewest = table["bridges"].min()
        return (
            f"{walks}; {self.bridged_by} are assumed to share one item, and at least {fewest} shared items "
            "span each gap between periods"
        )

    @property
    def _groups_in_words(self) -> str:
        """The steps of groups, and the bridges that hold them, as the end of a clause."""
        if not self.groups:
            return ""
        unit = self.encoded.periods.unit
        words = (
            ", and a step common to the members of each group with prior standard deviation "
            f"{self.delta_group:g} a {unit}"
        )
        if not self.bridged_by:
            named = ", ".join(self.groups)
            return f"{words} (groups: {named}; without shared items, relative to each other only)"
        fewest = self._group_bridges.min(axis=0)
        held = ", ".join(f"{name} {count}" for name, count in zip(self.groups, fewest, strict=True))
        return f"{words} (shared items that span each gap with votes of the group, at least: {held})"

    @property
    def cautions(self) -> tuple[str, ...]:
        """Cautions that belong with the estimates."""
        cautions = self.cautions_of_gaps()
        cautions += self._caution_of_parts()
        cautions += self._cautions_of_method()
        cautions += self._caution_of_tau()
        cautions += self._caution_of_edge(self._shares, self._open_sides)
        seen = self.model.walk.seen
        few = int((seen & (self.n_votes < FEW_VOTES)).sum())
        if few:
            cautions.append(
                f"{few} of {int(seen.sum())} positions are based on fewer than {FEW_VOTES} votes "
                "in their period"
            )
        return tuple(cautions)

    def cautions_of_gaps(self) -> list[str]:
        """Return the caution on gaps between periods that no bridge spans, if there are any."""
        gaps = self.encoded.bridges.open_gaps
        if not gaps:
            return []
        named = ", ".join(f"{one} to {other}" for one, other in gaps[:_NAMED_GAPS])
        more = f" and {len(gaps) - _NAMED_GAPS} more" if len(gaps) > _NAMED_GAPS else ""
        return [
            f"no bridge spans {named}{more}: across a gap without a bridge, only positions relative to "
            "other members can be compared"
        ]

    def _caution_of_tau(self) -> list[str]:
        """Return the caution of a tau that was to be estimated by default, and could not be."""
        dynamics = self.spec.dynamics
        is_given = dynamics is None or dynamics.tau is not None
        if is_given or self.learned is None or self.learned.tau is not None:
            return []
        return [
            f"the votes do not identify tau, so it is fixed at {FIXED_TAU:g}: compare the results with "
            "another value of tau="
        ]

    def __repr__(self) -> str:
        """Describe the fit and its convergence in one line."""
        return self._described(f"{len(self.periods)} periods")
