"""A sampled model of positions that move, with labels and a verdict."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.ascent import Ascent
from voteshift.ideal.dynamic.encode import MovingEncoded
from voteshift.ideal.dynamic.laplace import mean_path
from voteshift.ideal.dynamic.objective import MovingModel, Paths
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.tau import TauEstimate
from voteshift.ideal.fitted import FEW_VOTES
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.parts import Parts
from voteshift.ideal.stated import Prior, half_normal
from voteshift.posterior.labels import draws_interval
from voteshift.posterior.moving_model import WALK_TAU
from voteshift.posterior.sampled import Sampled

__all__ = ["MOVING", "DynamicPosterior"]

Floats = NDArray[np.float64]

MOVING = ("position", "tau", "common_step", "discrimination_sd", "discrimination", "midpoint", "log_gap")
"""Variables that are kept; `common_step` where there is one, `log_gap` where an item has three categories."""


@dataclass(frozen=True, eq=False)
class DynamicPosterior(Sampled):
    """Ideal points that move from period to period, from draws of the posterior.

    It answers to what `DynamicFit` answers to, so `explain(record, fit=...)` takes either.

    Attributes
    ----------
    start : DynamicFit
        The fit at a fixed tau whose mode the chains started from.
    direction : str
        What makes the positive end positive, in words.
    tree : xarray.DataTree
        As of `PosteriorFit`, with the dimensions period and gap. Variables are on the scale of the walks, on
        which tau and the priors are stated; what methods return is on the scale where *positions* have
        standard deviation 1 over the member-periods with a vote.
    """

    start: DynamicFit
    direction: str
    tree: Any
    kept: ClassVar[tuple[str, ...]] = MOVING

    @property
    def encoded(self) -> MovingEncoded:  # type: ignore[override]
        """The votes fitted and their labels."""
        return self.start.encoded

    @property
    def mode_fit(self) -> DynamicFit:
        """The fit at the mode the chains started from."""
        return self.start

    @property
    def model(self) -> MovingModel:
        """Votes, priors, and the walk of the start."""
        return self.start.model

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors by parameter, as plain data: of the items, and of a member's own step in a year."""
        return super().priors | {"raw_tau": half_normal(WALK_TAU)}

    @property
    def mode(self) -> Ascent[Paths]:  # type: ignore[override]
        """The mode the chains started from."""
        return self.start.mode

    @property
    def level(self) -> float:  # type: ignore[override]
        """Coverage of the intervals."""
        return self.start.level

    @property
    def scale(self) -> str:
        """What fixes location and scale of the positions, in words."""
        return (
            "in every draw positions have mean 0 and standard deviation 1 over the member-periods with a vote"
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
        """Whether bridges span every gap between periods, so that movement and change can be told apart."""
        return self.start.bridged

    @property
    def tau(self) -> TauEstimate:
        """How far members move on their own, a year: mean and interval, on the scale of the walks."""
        draws = self.flat("tau")
        low, high = np.quantile(draws, [0.5 - self.level / 2, 0.5 + self.level / 2])
        return TauEstimate(float(draws.mean()), float(low), float(high), np.empty((0, 2)))

    @property
    def identified_by(self) -> str:
        """What tells the movement of members from the change of what is voted on."""
        start = self.start
        return DynamicFit(
            start.encoded, start.model, start.mode, start.direction, start.level, start.bridged_by, self.tau
        ).identified_by

    @cached_property
    def spread(self) -> Floats:
        """Standard deviation of the positions seen in every draw, on the scale of the walks, (n_draws,)."""
        return np.asarray(self.flat("position")[:, self.model.walk.seen].std(axis=1))

    def path(self) -> Floats:
        """Return the draws of the common path, on the scale of the walks, shape (n_draws, n_periods)."""
        walk = self.model.walk
        if not walk.delta > 0:
            return np.zeros((self.n_draws, len(walk.seen)))
        return np.asarray(self.flat("common_step") @ walk.accumulation.T)

    def tidy(self) -> pd.DataFrame:
        """Return one row per member and period in which it voted.

        Returns
        -------
        DataFrame
            ``member``, ``period``, ``dimension`` (1), ``estimate`` (posterior mean), ``std_error`` (posterior
            standard deviation), ``conf_low``, ``conf_high`` (quantiles), ``n_votes``, and ``extrapolated``:
            fewer than 5 votes, so that the position leans on other periods. In every draw positions have
            mean 0 and standard deviation 1 over these rows.
        """
        period, member = np.nonzero(self.model.walk.seen)
        order = np.lexsort((period, member))
        period, member = period[order], member[order]
        draws = self.flat("position")[:, period, member] / self.spread[:, None]
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
        """Return the step common to all members over each gap; columns as of `DynamicFit.steps`."""
        walk = self.model.walk
        draws = np.diff(self.path(), axis=1)
        return self.encoded.bridges.table.assign(
            years=walk.gaps,
            **draws_interval(draws, self.level),
            prior_sd=walk.delta * np.sqrt(walk.gaps),
        )

    def items(self) -> pd.DataFrame:
        """Return one row per roll call: posterior means; columns as of `DynamicFit.items`."""
        found = self.picked(np.arange(self.n_draws), list(map(str, self.encoded.rollcalls)))
        table = self.encoded.item_table(*self._by_item(found))
        table.insert(1, "item", np.array(self.encoded.items, dtype=object))
        return table

    def _by_item(self, found: JointDraws) -> tuple[Floats, Floats]:
        """Return posterior means of discriminations and cutpoints, by item."""
        _, first = np.unique(self.encoded.design.item, return_index=True)
        return found.discriminations.mean(axis=0)[first], found.cutpoints.mean(axis=0)[first]

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the mode the chains started from as a single draw."""
        return self.start.at_mode(rollcalls)

    def picked(self, which: NDArray[np.intp], rollcalls: list[str]) -> JointDraws:
        """Return some draws of `flat`: positions in the periods of some roll calls, and their items.

        Parameters
        ----------
        which : ndarray of int
            Their places in `flat`.
        rollcalls : list of str
            Roll calls of the fit.

        Returns
        -------
        JointDraws
            Positions of shape (n_draws, n_rollcalls, n_members, 1).
        """
        design = self.encoded.design
        columns = self.encoded.columns(rollcalls)
        items = design.item[columns]
        spread = self.spread[which]
        slopes = self.flat("discrimination")[which][:, items]
        lifted = np.stack([mean_path(design, path)[items] for path in self.path()[which]])
        positions = self.flat("position")[which] / spread[:, None, None]
        return JointDraws(
            positions[:, design.period[columns], :, None],
            slopes * spread[:, None, None],
            self.cutpoints(which)[:, items] + (slopes[..., 0] * lifted)[..., None],
        )

    def extrapolated(self, rollcalls: list[str]) -> NDArray[np.bool_]:
        """Return whether each member cast fewer than 5 votes in the period of each roll call."""
        return self.start.extrapolated(rollcalls)

    @property
    def parts(self) -> Parts | None:
        """The parts that too few votes join, as of the mode the chains started from."""
        return self.start.parts

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must be said beside the numbers."""
        return (
            *(f"do not use these draws: {fault}" for fault in self.diagnostics.faults()),
            *self.start.cautions,
        )

    def save(self, path: str | Path) -> None:
        """Write everything to one netCDF file, which `load_posterior` reads."""
        from voteshift.posterior.moving_storage import save_moving

        save_moving(self, Path(path))

    def __repr__(self) -> str:
        """Say what was sampled and whether it can be used."""
        verdict = "usable" if self.converged else "NOT USABLE"
        n_members, n_rollcalls = len(self.encoded.members), len(self.encoded.rollcalls)
        return (
            f"<DynamicPosterior: {n_members} members, {n_rollcalls} roll calls, {len(self.periods)} periods, "
            f"{verdict} ({self.verdict})>"
        )
