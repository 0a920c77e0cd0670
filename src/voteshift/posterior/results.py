"""A sampled ideal-point model, with labels and a verdict."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.encode import Encoded
from voteshift.ideal.fitted import Still
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.objective import Model
from voteshift.ideal.optimise import MapFit
from voteshift.ideal.results import IdealFit
from voteshift.posterior.absence import ABSENCE
from voteshift.posterior.labels import draws_interval
from voteshift.posterior.sampled import Sampled

__all__ = ["SAMPLED", "PosteriorFit"]

Floats = NDArray[np.float64]

SAMPLED = ("position", "discrimination_sd", "discrimination", "midpoint", "log_gap", *ABSENCE)
"""Variables that are kept; `log_gap` only where an item has three categories."""


@dataclass(frozen=True, eq=False)
class PosteriorFit(Still, Sampled):
    """Ideal points from draws of the posterior.

    It answers to what `IdealFit` answers to, so `explain(record, fit=...)` takes either.

    Attributes
    ----------
    encoded : Encoded
        The votes fitted and their labels.
    model : Model
        Votes, priors and link.
    mode : MapFit
        The mode the chains started from.
    direction : str
        What makes the positive end positive, in words.
    level : float
        Coverage of the intervals.
    tree : xarray.DataTree
        ArviZ's groups: ``posterior``, ``sample_stats``, ``observed_data``, ``constant_data`` and, where
        asked for, ``log_likelihood``, ``log_prior`` and ``posterior_predictive``. Dimensions are named chain,
        draw, member, dimension, item, ordered_item, rollcall, category and cast (the votes cast, one after
        the other).
    """

    encoded: Encoded
    model: Model
    mode: MapFit
    direction: str
    level: float
    tree: Any
    kept: ClassVar[tuple[str, ...]] = SAMPLED

    @property
    def mode_fit(self) -> IdealFit:
        """The fit at the mode the chains started from."""
        return IdealFit(self.encoded, self.model, self.mode, self.direction, self.level)

    @property
    def scale(self) -> str:
        """What fixes location and scale of the positions, in words."""
        return "in every draw positions have mean 0 and standard deviation 1 over the members of the fit"

    @property
    def identified_by(self) -> str:
        """What tells the movement of members from the change of what is voted on: nothing here."""
        said = "one position per member, held constant"
        absence = str(self.tree["posterior"].attrs["absence"])
        return said if absence == "ignorable" else f"{said} (absence depends on it: a {absence})"

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return int(self.tree["posterior"].sizes["dimension"])

    def tidy(self) -> pd.DataFrame:
        """Return one row per member and dimension.

        Returns
        -------
        DataFrame
            ``member``, ``dimension`` (from 1), ``estimate`` (posterior mean), ``std_error`` (posterior
            standard deviation), ``conf_low``, ``conf_high`` (quantiles) and ``n_votes``. Positions have mean
            0 and standard deviation 1 over these members in every draw.
        """
        draws = self.flat("position")
        n_members, n_dims = draws.shape[1:]
        return pd.DataFrame(
            {
                "member": np.repeat(self.encoded.members.to_numpy(), n_dims),
                "dimension": np.tile(np.arange(1, n_dims + 1), n_members),
                **draws_interval(draws, self.level),
                "n_votes": np.repeat(self.n_votes, n_dims),
            }
        )

    def items(self) -> pd.DataFrame:
        """Return one row per roll call and dimension: posterior means.

        Returns
        -------
        DataFrame
            ``rollcall``, ``dimension``, ``discrimination`` and the named cutpoints, NaN where a roll call
            has none.
        """
        return self.encoded.item_table(
            self.flat("discrimination").mean(axis=0), self.cutpoints().mean(axis=0)
        )

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the mode the chains started from as a single draw."""
        point, design = self.mode.point, self.encoded.design
        items = design.item[self.encoded.columns(rollcalls)]
        cuts = point.cutpoints(design.n_categories)[items]
        return JointDraws(point.positions[None], point.discriminations[items][None], cuts[None])

    def picked(self, which: NDArray[np.intp], rollcalls: list[str]) -> JointDraws:
        """Return some draws of `flat`: positions and the items of some roll calls.

        Parameters
        ----------
        which : ndarray of int
            Their places in `flat`.
        rollcalls : list of str
            Roll calls of the fit.
        """
        items = self.encoded.design.item[self.encoded.columns(rollcalls)]
        return JointDraws(
            self.flat("position")[which],
            self.flat("discrimination")[which][:, items],
            self.cutpoints(which)[:, items],
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must be said beside the numbers: diagnostics out of bounds, and members with few votes."""
        said = [f"do not use these draws: {fault}" for fault in self.diagnostics.faults()]
        if self.tree["posterior"].attrs["absence"] != "ignorable":
            said.append("log-likelihood and prior sensitivity are of the votes, not of the absences")
        return tuple(said + self._placed_by_few("the answer leans on the priors"))

    def save(self, path: str | Path) -> None:
        """Write everything to one netCDF file, which `load_posterior` reads."""
        from voteshift.posterior.storage import save

        save(self, Path(path))

    def __repr__(self) -> str:
        """Say what was sampled and whether it can be used."""
        verdict = "usable" if self.converged else "NOT USABLE"
        n_members, n_rollcalls = len(self.encoded.members), len(self.encoded.rollcalls)
        return f"<PosteriorFit: {n_members} members, {n_rollcalls} roll calls, {verdict} ({self.verdict})>"
