"""A fitted dynamic model, with labels."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.ascent import Ascent
from voteshift.ideal.dynamic.encode import MovingEncoded
from voteshift.ideal.dynamic.laplace import MovingLaplace, Reported, moving_laplace, reported
from voteshift.ideal.dynamic.objective import MovingModel, Paths
from voteshift.ideal.dynamic.tau import TauEstimate
from voteshift.ideal.edge import carriers, open_sides, scale_shares
from voteshift.ideal.fitted import FEW_VOTES, AtMode, normal_interval
from voteshift.ideal.laplace import JointDraws
from voteshift.ranges import MOST_DRAWS, check_count, check_seed

__all__ = ["DynamicFit"]

_NAMED_GAPS = 5


@dataclass(frozen=True, eq=False)
class DynamicFit(AtMode):
    """Ideal points that move from period to period, at the mode of the posterior.

    Attributes
    ----------
    encoded : MovingEncoded
        The votes fitted and their labels.
    model : MovingModel
        What was maximised.
    mode : Ascent
        Parameters and how they were reached.
    direction : str
        What makes the positive end positive, in words.
    level : float
        Coverage of the intervals.
    bridged_by : str
        Where shared items come from, in words; empty where there are none.
    tau : TauEstimate, float or dict of str to float
        How far members move on their own, a year: estimated, fixed, or fixed by group. In standard deviations
        of positions about the common path.
    """

    encoded: MovingEncoded
    model: MovingModel
    mode: Ascent[Paths]
    direction: str
    level: float
    bridged_by: str
    tau: TauEstimate | float | dict[str, float]

    @property
    def scale(self) -> str:
        """What fixes location and scale of the positions, in words."""
        return "positions have mean 0 and standard deviation 1 over the member-periods with a vote"

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return 1

    @property
    def periods(self) -> tuple[str, ...]:
        """Labels of the periods."""
        return self.encoded.periods.labels

    @cached_property
    def laplace(self) -> MovingLaplace:
        """The normal approximation at the mode, taken once.

        Raises
        ------
        NotUsableError
            If the mode is not a maximum.
        """
        return moving_laplace(self.model, self.mode.point)

    @cached_property
    def reported(self) -> Reported:
        """Parameters on the scale that is reported."""
        return reported(self.model, self.mode.point)

    @cached_property
    def n_votes(self) -> NDArray[np.int64]:
        """Votes cast, shape (n_periods, n_members)."""
        cast = self.encoded.design.codes >= 0
        period = self.encoded.design.period
        return np.stack([cast[:, period == t].sum(axis=1) for t in range(len(self.periods))])

    def tidy(self) -> pd.DataFrame:
        """Return one row per member and period in which it voted.

        Returns
        -------
        DataFrame
            ``member``, ``period``, ``dimension`` (1), ``estimate``, ``std_error``, ``conf_low``,
            ``conf_high``, ``n_votes``, and ``extrapolated``: fewer than 5 votes, so that the position leans
            on other periods. Positions have mean 0 and standard deviation 1 over these rows; intervals are
            normal, from the full curvature (items and common path not held fixed). Where a member carries
            more than half of the scale and its votes set no outer bound, they are one-sided.
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
        """Side on which the votes of a member that carries the scale set no bound; see `open_sides`."""
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
        """Share of each member in the scale."""
        return scale_shares(self.mode.point.deviations, self.model.walk.seen)

    def steps(self) -> pd.DataFrame:
        """Return the step common to all members over each gap, and what holds it.

        Returns
        -------
        DataFrame
            ``from``, ``to``, ``years``, ``estimate``, ``std_error``, ``conf_low``, ``conf_high`` (in standard
            deviations of positions about the common path), ``prior_sd`` and ``bridges`` (items that span the
            gap). Without bridges the interval is that of the prior.
        """
        walk = self.model.walk
        interval = normal_interval(self.mode.point.steps, self.laplace.step_errors(), self.level)
        return self.encoded.bridges.table.assign(
            years=walk.gaps,
            **interval,
            prior_sd=walk.delta * np.sqrt(walk.gaps),
        )

    def items(self) -> pd.DataFrame:
        """Return one row per roll call.

        Returns
        -------
        DataFrame
            ``rollcall``, ``item`` (shared by the roll calls of a bridge), ``dimension``, ``discrimination``
            and the named cutpoints, NaN where an item has none.
        """
        table = self.encoded.item_table(self.reported.discriminations, self.reported.cutpoints)
        table.insert(1, "item", np.array(self.encoded.items, dtype=object))
        return table

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the mode as a single draw: positions in the periods of some roll calls, and their items."""
        found, design = self.reported, self.encoded.design
        columns = self.encoded.columns(rollcalls)
        items = design.item[columns]
        return JointDraws(
            found.positions[design.period[columns]][None, ..., None],
            found.discriminations[items][None],
            found.cutpoints[items][None],
        )

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> JointDraws:
        """Draw positions in the periods of some roll calls, and their items, from the normal approximation.

        Parameters
        ----------
        n_draws, seed : int
            How many, and where the random numbers start.
        rollcalls : list of str
            Roll calls of the fit.

        Returns
        -------
        JointDraws
            Positions of shape (n_draws, n_rollcalls, n_members, 1).
        """
        check_count("n_draws", n_draws, most=MOST_DRAWS)
        rng = np.random.default_rng(check_seed(seed))
        return self.laplace.draw(n_draws, self.encoded.columns(rollcalls), rng)

    def extrapolated(self, rollcalls: list[str]) -> NDArray[np.bool_]:
        """Return whether each member cast fewer than 5 votes in the period of each roll call.

        Returns
        -------
        ndarray of bool, shape (n_rollcalls, n_members)
        """
        return self.n_votes[self.encoded.design.period[self.encoded.columns(rollcalls)]] < FEW_VOTES

    @property
    def bridged(self) -> bool:
        """Whether bridges span every gap between periods, so that movement and change can be told apart."""
        return not self.encoded.bridges.open_gaps

    @property
    def identified_by(self) -> str:
        """What tells the movement of members from the change of what is voted on."""
        table = self.encoded.bridges.table
        walk = self.model.walk
        if isinstance(self.tau, dict):
            own = "fixed by group: " + ", ".join(f"{name} {value:g}" for name, value in self.tau.items())
        elif isinstance(self.tau, float):
            own = f"fixed at {self.tau:g}"
        else:
            own = f"estimated as {self.tau.tau:.2g} [{self.tau.low:.2g}, {self.tau.high:.2g}]"
        common = (
            f"a step common to all members, free with prior standard deviation {walk.delta:g} a year"
            if walk.delta > 0
            else "no step common to all members, which is declared and not estimated (delta = 0)"
        )
        said = (
            f"random walks of members by {self.encoded.periods.name} (tau {own} a year, in standard "
            f"deviations of positions) and {common}"
        )
        if not self.bridged_by:
            return f"{said}; no roll calls are held to be the same item in two periods"
        fewest = table["bridges"].min()
        return (
            f"{said}; {self.bridged_by} held to be one item each: at least {fewest} of them span each gap "
            "between periods"
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must be said beside the numbers."""
        said = []
        gaps = self.encoded.bridges.open_gaps
        if gaps:
            named = ", ".join(f"{one} to {other}" for one, other in gaps[:_NAMED_GAPS])
            more = f" and {len(gaps) - _NAMED_GAPS} more" if len(gaps) > _NAMED_GAPS else ""
            said.append(
                f"no bridge spans {named}{more}: nothing may be compared across such a gap but where members "
                "stand among each other"
            )
        said += self._caution_of_parts()
        said += self._caution_of_edge(self._shares, self._open_sides)
        seen = self.model.walk.seen
        few = int((seen & (self.n_votes < FEW_VOTES)).sum())
        if few:
            said.append(f"{few} of {int(seen.sum())} member-periods rest on fewer than {FEW_VOTES} votes")
        return tuple(said)

    def __repr__(self) -> str:
        """Say what was fitted and whether it converged."""
        return self._described(f"{len(self.periods)} periods")
