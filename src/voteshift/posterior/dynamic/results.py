"""Result of sampling the model of dynamic positions."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.ascent import Ascent
from voteshift.ideal.dynamic.encode import DynamicEncoded
from voteshift.ideal.dynamic.laplace import mean_path
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.spread_ratio import shared_ratio
from voteshift.ideal.dynamic.tau import TauEstimate
from voteshift.ideal.fitted import FEW_VOTES
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.parts import Parts
from voteshift.ideal.spec import IdealPoints
from voteshift.ideal.stated import Prior, half_normal
from voteshift.posterior.dynamic.density import WALK_TAU
from voteshift.posterior.labels import draws_interval
from voteshift.posterior.sampled import Sampled
from voteshift.quantities.spread_ratio import Ratios, drawn_ratios

__all__ = ["DYNAMIC_SAMPLED", "DynamicPosterior"]

Floats = NDArray[np.float64]

DYNAMIC_SAMPLED = (
    "position",
    "tau",
    "common_step",
    "discrimination_sd",
    "midpoint_sd",
    "discrimination",
    "midpoint",
    "log_gap",
)
"""Variables that are kept, if the model contains them."""


@dataclass(frozen=True, eq=False)
class DynamicPosterior(Sampled):
    """Dynamic ideal points from draws of the posterior.

    This class has the attributes of `DynamicFit`. `explain(record, model=...)` accepts both classes.

    Attributes
    ----------
    start : DynamicFit
        The fit with a fixed tau, from whose mode the chains started.
    direction : str
        Description of the member or rule that sets the positive side of the scale.
    tree : xarray.DataTree
        The same groups as in `PosteriorFit`, with the additional dimensions ``period`` and ``gap``. The
        variables are on the scale of the random walks: deviations from the common path have standard
        deviation 1. Tau and the priors are on the same scale. The methods return positions and items on the
        scale on which *positions* have standard deviation 1 over the member-periods with a vote.
    """

    start: DynamicFit
    direction: str
    tree: Any
    kept: ClassVar[tuple[str, ...]] = DYNAMIC_SAMPLED

    @property
    def encoded(self) -> DynamicEncoded:  # type: ignore[override]
        """The fitted votes and their labels."""
        return self.start.encoded

    @property
    def mode_fit(self) -> DynamicFit:
        """The fit at the mode from which the chains started."""
        return self.start

    @property
    def model(self) -> DynamicModel:
        """Votes, priors, and the random walk with the fixed tau of `start`."""
        return self.start.model

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors of the items and of the individual step of a member in a year, as plain data."""
        return super().priors | {"raw_tau": half_normal(WALK_TAU)}

    @property
    def mode(self) -> Ascent[DynamicPoint]:  # type: ignore[override]
        """The mode from which the chains started."""
        return self.start.mode

    @property
    def spec(self) -> IdealPoints:  # type: ignore[override]
        """The specification that was sampled: the specification of `start` with ``tau="estimate"``."""
        spec = self.start.spec
        if spec.dynamics is None:
            raise TypeError("the specification of a DynamicFit must have dynamics=")
        return replace(spec, dynamics=replace(spec.dynamics, tau="estimate"))

    @property
    def scale(self) -> str:
        """Description of the constraint on the mean and the scale of the positions."""
        return (
            "in every draw, positions have mean 0 and standard deviation 1 "
            "over the member-periods with a vote"
        )

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return 1

    @property
    def periods(self) -> tuple[str, ...]:
        """Labels of the periods."""
        return self.start.periods

    @property
    def bridged(self) -> bool:
        """True if bridges span every gap between periods.

        With bridges, a movement of members can be distinguished from a change of resolutions.
        """
        return self.start.bridged

    @property
    def tau(self) -> TauEstimate:
        """Mean and interval of tau, the standard deviation of the step of a member in a year."""
        draws = self.flat("tau")
        low, high = np.quantile(draws, [0.5 - self.level / 2, 0.5 + self.level / 2])
        return TauEstimate(float(draws.mean()), float(low), float(high), np.empty((0, 2)))

    @property
    def identified_by(self) -> str:
        """Assumptions that distinguish a movement of members from a change of the resolution, in words."""
        return replace(self.start, tau=self.tau).identified_by

    @cached_property
    def position_sd(self) -> Floats:
        """Standard deviation of positions over member-periods with a vote in each draw, shape (n_draws,)."""
        return np.asarray(self.flat("position")[:, self.model.walk.seen].std(axis=1))

    def path(self) -> Floats:
        """Return the draws of the common path, on the scale of the random walks, (n_draws, n_periods)."""
        walk = self.model.walk
        if not walk.delta > 0:
            return np.zeros((self.n_draws, len(walk.seen)))
        return np.asarray(self.flat("common_step") @ walk.accumulation.T)

    def tidy(self) -> pd.DataFrame:
        """Return one row per member and period in which the member voted.

        Returns
        -------
        DataFrame
            ``member``, ``period``, ``dimension`` (1), ``estimate`` (posterior mean), ``std_error`` (posterior
            standard deviation), ``conf_low`` and ``conf_high`` (posterior quantiles), ``n_votes`` and
            ``extrapolated``. ``extrapolated`` is True if the member cast fewer than 5 votes in the period;
            the position then depends mainly on other periods. In every draw, positions have mean 0 and
            standard deviation 1 over the rows of this table.
        """
        period, member = np.nonzero(self.model.walk.seen)
        order = np.lexsort((period, member))
        period, member = period[order], member[order]
        draws = self.flat("position")[:, period, member] / self.position_sd[:, None]
        n_votes = self.start.n_votes[period, member]
        return pd.DataFrame(
            {
                "member": self.encoded.members.to_numpy()[member],
                "period": np.array(self.periods, dtype=object)[period],
                "dimension": 1,
                **draws_interval(draws, self.level),
                "n_votes": n_votes,
                "extrapolated": n_votes < FEW_VOTES,
            }
        )

    def steps(self) -> pd.DataFrame:
        """Return the common step over each gap, with the same columns as `DynamicFit.steps`."""
        walk = self.model.walk
        draws = np.diff(self.path(), axis=1)
        return self.encoded.bridges.table.assign(
            years=walk.gaps,
            **draws_interval(draws, self.level),
            prior_sd=walk.delta * np.sqrt(walk.gaps),
        )

    def items(self) -> pd.DataFrame:
        """Return the posterior means of the items, with the same rows and columns as `DynamicFit.items`."""
        draws = self.picked(np.arange(self.n_draws), list(map(str, self.encoded.rollcalls)))
        table = self.encoded.item_table(*self._by_item(draws))
        table.insert(1, "item", np.array(self.encoded.items, dtype=object))
        return table

    def _by_item(self, draws: JointDraws) -> tuple[Floats, Floats]:
        """Return the posterior means of discriminations and cutpoints of each item."""
        _, first = np.unique(self.encoded.design.item, return_index=True)
        return draws.discriminations.mean(axis=0)[first], draws.cutpoints.mean(axis=0)[first]

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the mode from which the chains started, as a single draw."""
        return self.start.at_mode(rollcalls)

    def picked(self, chosen: NDArray[np.intp], rollcalls: list[str]) -> JointDraws:
        """Return selected draws of the items of some roll calls and of the positions in the same periods.

        Parameters
        ----------
        chosen : ndarray of int
            Selected draws: row numbers of `flat`.
        rollcalls : list of str
            Selected roll calls, which must be in the fit.

        Returns
        -------
        JointDraws
            Positions of shape (n_draws, n_rollcalls, n_members, 1).
        """
        design = self.encoded.design
        columns = self.encoded.columns(rollcalls)
        items = design.item[columns]
        spread = self.position_sd[chosen]
        slopes = self.flat("discrimination")[chosen][:, items]
        lifted = np.stack([mean_path(design, path)[items] for path in self.path()[chosen]])
        positions = self.flat("position")[chosen] / spread[:, None, None]
        return JointDraws(
            positions[:, design.period[columns], :, None],
            slopes * spread[:, None, None],
            self.cutpoints(chosen)[:, items] + (slopes[..., 0] * lifted)[..., None],
        )

    def log_ratios(self, before: int, after: int) -> Ratios:
        """Compute the log ratios of the spreads of two periods, given by their rows; see `spread_ratio`."""
        design, seen = self.encoded.design, self.model.walk.seen
        positions = [self.flat("position")[:, row, seen[row]] for row in (before, after)]
        slopes = self.flat("discrimination")[..., 0]
        items = [design.item[design.period == row] for row in (before, after)]
        shared = shared_ratio(self.model, self._mean_point, before, after)
        return drawn_ratios((positions[0], positions[1]), (slopes[:, items[0]], slopes[:, items[1]]), shared)

    @property
    def _mean_point(self) -> DynamicPoint:
        """The posterior means, on the scale of the random walks."""
        path, walk = self.path().mean(axis=0), self.model.walk
        point, gaps = self.mode.point, self.mode.point.log_gaps.copy()
        three = self.encoded.design.n_categories == 3
        if three.any():
            gaps[three] = self.flat("log_gap").mean(axis=0)
        return replace(
            point,
            deviations=self.flat("position").mean(axis=0) - path[:, None],
            steps=self.flat("common_step").mean(axis=0) if walk.delta > 0 else point.steps,
            discriminations=self.flat("discrimination").mean(axis=0),
            midpoints=self.flat("midpoint").mean(axis=0),
            log_gaps=gaps,
        )

    def extrapolated(self, rollcalls: list[str]) -> NDArray[np.bool_]:
        """Return True for each member that cast fewer than 5 votes in the period of each roll call."""
        return self.start.extrapolated(rollcalls)

    @property
    def parts(self) -> Parts | None:
        """Parts of the record that too few votes connect, computed at the mode where the chains started."""
        return self.start.parts

    @property
    def cautions(self) -> tuple[str, ...]:
        """Cautions about the estimates."""
        return (
            *(f"do not use these draws: {fault}" for fault in self.diagnostics.faults()),
            *self._caution_of_limits(),
            *self._caution_of_unanimity(),
            *self.start.cautions,
        )

    def save(self, path: str | Path) -> None:
        """Write the specification, the mode and all draws to one netCDF file for `load_posterior`."""
        from voteshift.posterior.dynamic.storage import save_dynamic

        save_dynamic(self, Path(path))

    def __repr__(self) -> str:
        """Return the size of the sample and its diagnostics in one line."""
        verdict = "usable" if self.converged else "NOT USABLE"
        n_members, n_rollcalls = len(self.encoded.members), len(self.encoded.rollcalls)
        return (
            f"<DynamicPosterior: {n_members} members, {n_rollcalls} roll calls, {len(self.periods)} periods, "
            f"{verdict} ({self.verdict})>"
        )
