"""A sampled model of dynamic positions, with labels and a verdict."""

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
from voteshift.ideal.dynamic.tau import TauEstimate
from voteshift.ideal.fitted import FEW_VOTES
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.parts import Parts
from voteshift.ideal.spec import IdealPoints
from voteshift.ideal.stated import Prior, half_normal
from voteshift.posterior.dynamic.model import WALK_TAU
from voteshift.posterior.labels import draws_interval
from voteshift.posterior.sampled import Sampled

__all__ = ["DYNAMIC_SAMPLED", "DynamicPosterior"]

Floats = NDArray[np.float64]

DYNAMIC_SAMPLED = (
    "position",
    "tau",
    "common_step",
    "discrimination_sd",
    "discrimination",
    "midpoint",
    "log_gap",
)
"""Variables that are kept; `common_step` where there is one, `log_gap` where an item has three categories."""


@dataclass(frozen=True, eq=False)
class DynamicPosterior(Sampled):
    """Dynamic ideal points from draws of the posterior.

    It has the attributes of `DynamicFit`, so `explain(record, model=...)` takes either.

    Attributes
    ----------
    start : DynamicFit
        The fit at a fixed tau whose mode the chains started from.
    direction : str
        The member or rule that sets the positive side, in words.
    tree : xarray.DataTree
        As of `PosteriorFit`, with the dimensions period and gap. Variables are on the scale of the walks, on
        which tau and the priors are stated; what methods return is on the scale where *positions* have
        standard deviation 1 over the member-periods with a vote.
    """

    start: DynamicFit
    direction: str
    tree: Any
    kept: ClassVar[tuple[str, ...]] = DYNAMIC_SAMPLED

    @property
    def encoded(self) -> DynamicEncoded:  # type: ignore[override]
        """The votes fitted and their labels."""
        return self.start.encoded

    @property
    def mode_fit(self) -> DynamicFit:
        """The fit at the mode the chains started from."""
        return self.start

    @property
    def model(self) -> DynamicModel:
        """Votes, priors, and the walk of the start."""
        return self.start.model

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors by parameter, as plain data: of the items, and of a member's own step in a year."""
        return super().priors | {"raw_tau": half_normal(WALK_TAU)}

    @property
    def mode(self) -> Ascent[DynamicPoint]:  # type: ignore[override]
        """The mode the chains started from."""
        return self.start.mode

    @property
    def spec(self) -> IdealPoints:  # type: ignore[override]
        """The specification that was sampled: that of the start, with tau learned."""
        spec = self.start.spec
        if spec.dynamics is None:
            raise TypeError("a dynamic fit has a specification without dynamics")
        return replace(spec, dynamics=replace(spec.dynamics, tau="estimate"))

    @property
    def scale(self) -> str:
        """The constraint on location and scale of the positions, in words."""
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
        """True where bridges span every gap between periods, which separates movement from change."""
        return self.start.bridged

    @property
    def tau(self) -> TauEstimate:
        """Standard deviation of a member's step in a year: mean and interval, on the scale of the walks."""
        draws = self.flat("tau")
        low, high = np.quantile(draws, [0.5 - self.level / 2, 0.5 + self.level / 2])
        return TauEstimate(float(draws.mean()), float(low), float(high), np.empty((0, 2)))

    @property
    def identified_by(self) -> str:
        """The assumptions that separate movement of members from a change of the resolution, in words."""
        return replace(self.start, tau=self.tau).identified_by

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
            fewer than 5 votes, so that the position depends on other periods. In every draw positions have
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
        draws = self.picked(np.arange(self.n_draws), list(map(str, self.encoded.rollcalls)))
        table = self.encoded.item_table(*self._by_item(draws))
        table.insert(1, "item", np.array(self.encoded.items, dtype=object))
        return table

    def _by_item(self, draws: JointDraws) -> tuple[Floats, Floats]:
        """Return posterior means of discriminations and cutpoints, by item."""
        _, first = np.unique(self.encoded.design.item, return_index=True)
        return draws.discriminations.mean(axis=0)[first], draws.cutpoints.mean(axis=0)[first]

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the mode the chains started from as a single draw."""
        return self.start.at_mode(rollcalls)

    def picked(self, chosen: NDArray[np.intp], rollcalls: list[str]) -> JointDraws:
        """Return some draws of `flat`: positions in the periods of some roll calls, and their items.

        Parameters
        ----------
        chosen : ndarray of int
            Rows of `flat`.
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
        spread = self.spread[chosen]
        slopes = self.flat("discrimination")[chosen][:, items]
        lifted = np.stack([mean_path(design, path)[items] for path in self.path()[chosen]])
        positions = self.flat("position")[chosen] / spread[:, None, None]
        return JointDraws(
            positions[:, design.period[columns], :, None],
            slopes * spread[:, None, None],
            self.cutpoints(chosen)[:, items] + (slopes[..., 0] * lifted)[..., None],
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
        """Cautions that belong with the estimates."""
        return (
            *(f"do not use these draws: {fault}" for fault in self.diagnostics.faults()),
            *self.start.cautions,
        )

    def save(self, path: str | Path) -> None:
        """Write everything to one netCDF file, which `load_posterior` reads."""
        from voteshift.posterior.dynamic.storage import save_dynamic

        save_dynamic(self, Path(path))

    def __repr__(self) -> str:
        """Describe the sample and its verdict in one line."""
        verdict = "usable" if self.converged else "NOT USABLE"
        n_members, n_rollcalls = len(self.encoded.members), len(self.encoded.rollcalls)
        return (
            f"<DynamicPosterior: {n_members} members, {n_rollcalls} roll calls, {len(self.periods)} periods, "
            f"{verdict} ({self.verdict})>"
        )
