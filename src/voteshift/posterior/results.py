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
from voteshift.ideal.spec import IdealPoints
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

    It has the attributes of `IdealFit`, so `explain(record, model=...)` takes either.

    Attributes
    ----------
    encoded : Encoded
        The votes fitted and their labels.
    model : Model
        Votes, priors and link.
    mode : MapFit
        The mode the chains started from.
    direction : str
        The member or rule that sets the positive side, in words.
    spec : IdealPoints
        The specification that was sampled.
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
    spec: IdealPoints
    tree: Any
    kept: ClassVar[tuple[str, ...]] = SAMPLED

    @property
    def mode_fit(self) -> IdealFit:
        """The fit at the mode the chains started from."""
        return IdealFit(self.encoded, self.model, self.mode, self.direction, self.spec)

    @property
    def scale(self) -> str:
        """The constraint on location and scale of the positions, in words."""
        return "in every draw positions have mean 0 and standard deviation 1 over the members of the fit"

    @property
    def identified_by(self) -> str:
        """The assumption that identifies a change of the resolution, in words."""
        words = "one position per member, held constant"
        absence = str(self.tree["posterior"].attrs["absence"])
        return words if absence == "ignorable" else f"{words} (absence depends on it: a {absence})"

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

    def picked(self, chosen: NDArray[np.intp], rollcalls: list[str]) -> JointDraws:
        """Return some draws of `flat`: positions and the items of some roll calls.

        Parameters
        ----------
        chosen : ndarray of int
            Rows of `flat`.
        rollcalls : list of str
            Roll calls of the fit.
        """
        items = self.encoded.design.item[self.encoded.columns(rollcalls)]
        return JointDraws(
            self.flat("position")[chosen],
            self.flat("discrimination")[chosen][:, items],
            self.cutpoints(chosen)[:, items],
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """Cautions that belong with the estimates: diagnostics out of bounds, members with few votes."""
        cautions = [f"do not use these draws: {fault}" for fault in self.diagnostics.faults()]
        if self.tree["posterior"].attrs["absence"] != "ignorable":
            cautions.append("log-likelihood and prior sensitivity cover the votes, not the absences")
        return tuple(cautions + self._placed_by_few("the estimates depend on the priors"))

    def save(self, path: str | Path) -> None:
        """Write everything to one netCDF file, which `load_posterior` reads."""
        from voteshift.posterior.storage import save

        save(self, Path(path))

    def __repr__(self) -> str:
        """Describe the sample and its verdict in one line."""
        verdict = "usable" if self.converged else "NOT USABLE"
        n_members, n_rollcalls = len(self.encoded.members), len(self.encoded.rollcalls)
        return f"<PosteriorFit: {n_members} members, {n_rollcalls} roll calls, {verdict} ({self.verdict})>"
