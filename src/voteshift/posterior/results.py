"""Result of sampling the static ideal-point model."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.encode import Encoded
from voteshift.ideal.fitted import Still
from voteshift.ideal.item_slopes import ItemSlopes, describe_gaps, no_item_covariates
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.links import link_name
from voteshift.ideal.objective import Model
from voteshift.ideal.optimise import MapFit
from voteshift.ideal.results import IdealFit
from voteshift.ideal.slopes import Share, Slopes, describe_missing, no_covariates
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.absence import ABSENCE
from voteshift.posterior.alignment import compare_chains, invariants
from voteshift.posterior.labels import draws_interval
from voteshift.posterior.sampled import Sampled

__all__ = ["SAMPLED", "PosteriorFit"]

Floats = NDArray[np.float64]

SAMPLED = (
    "position",
    "discrimination_sd",
    "midpoint_sd",
    "discrimination",
    "midpoint",
    "log_gap",
    "total_log_likelihood",
    "standard_slope",
    "slope",
    "residual_sd",
    "standard_item_slope",
    "item_slope",
    *ABSENCE,
)
"""Variables that are kept if the model has them. `log_gap` exists only if an item has three categories, and
`total_log_likelihood` only in two dimensions."""


@dataclass(frozen=True, eq=False)
class PosteriorFit(Still, Sampled):
    """Ideal points from draws of the posterior.

    This class has the attributes of `IdealFit`. `explain(record, model=...)` accepts both classes.

    Attributes
    ----------
    encoded : Encoded
        The fitted votes and their labels.
    model : Model
        Votes, priors and link.
    mode : MapFit
        The posterior mode from which the chains started.
    direction : str
        Description of the member or rule that sets the positive side of the scale.
    spec : IdealPoints
        The specification that was sampled.
    tree : xarray.DataTree
        ArviZ's groups ``posterior``, ``sample_stats``, ``observed_data`` and ``constant_data``. The methods
        `with_log_likelihood`, `with_log_prior` and `with_posterior_predictive` add further groups. The
        dimensions are ``chain``, ``draw``, ``member``, ``dimension``, ``item``, ``ordered_item``,
        ``rollcall``, ``category`` and ``cast``. The dimension ``cast`` has one entry for each vote cast.
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
        """The fit at the posterior mode from which the chains started; it has no covariates."""
        spec = replace(self.spec, priors=replace(self.spec.priors, positions=None, item_means=None))
        return IdealFit(self.encoded, self.model, self.mode, self.direction, spec)

    @property
    def scale(self) -> str:
        """Description of the constraint on the mean and the scale of the positions."""
        if self.dims > 1:
            return (
                "in every draw, positions have mean 0 and covariance I over the members of the fit, and the "
                "axes are rotated to those of the mean of all draws"
            )
        return "in every draw, positions have mean 0 and standard deviation 1 over the members of the fit"

    def _in_any_axes(self) -> dict[str, Floats]:
        """Return draws of distances and angles, which the rotation of the draws does not affect."""
        if self.dims == 1:
            return {}
        posterior = self.tree["posterior"]
        return invariants(posterior["position"].to_numpy(), posterior["discrimination"].to_numpy())

    @property
    def identified_by(self) -> str:
        """Description of the assumption that identifies a change of the resolution."""
        words = "one position per member, held constant"
        absence = str(self.tree["posterior"].attrs["absence"])
        return words if absence == "ignorable" else f"{words} (absence depends on the position: {absence})"

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
            standard deviation), ``conf_low`` and ``conf_high`` (posterior quantiles), and ``n_votes``.
            In every draw, positions have mean 0 and standard deviation 1 over the members of this table. With
            two dimensions, their correlation over these members is 0.
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

    @property
    def slopes(self) -> Slopes:
        """Slopes of positions on the covariates of `Priors.positions`, from the draws.

        Raises
        ------
        UsageError
            If the specification has no covariates.
        """
        covariates = self.spec.priors.covariates
        if covariates is None:
            raise no_covariates()
        table = pd.DataFrame(
            {
                "term": self.tree["posterior"]["term"].to_numpy().astype(str),
                **draws_interval(self.flat("slope"), self.level),
            }
        )
        sds = self.flat("residual_sd")
        linear = np.sum(self.flat("standard_slope") ** 2, axis=1)  # variance over the members
        share = Share.of(linear / (linear + sds**2), self.level)
        return Slopes(
            covariates.formula, table, float(sds.mean()), share, self.without_covariates, self.level
        )

    @property
    def without_covariates(self) -> tuple[str, ...]:
        """Members left out because a covariate of `Priors.positions` is missing."""
        return tuple(json.loads(self.tree["posterior"].attrs.get("without_covariates", "[]")))

    @property
    def item_slopes(self) -> ItemSlopes:
        """Slopes of discriminations and midpoints on the covariates of `Priors.item_means`, from the draws.

        Raises
        ------
        UsageError
            If the specification has no covariates of items.
        """
        covariates = self.spec.priors.item_covariates
        if covariates is None:
            raise no_item_covariates()
        posterior, draws = self.tree["posterior"], self.flat("item_slope")
        parameters, terms = (posterior[name].to_numpy().astype(str) for name in ("parameter", "item_term"))
        table = pd.DataFrame(
            {
                "parameter": np.repeat(parameters, len(terms)),
                "term": np.tile(terms, len(parameters)),
                **draws_interval(draws.reshape(len(draws), -1), self.level),
            }
        )
        sds = {str(name): float(self.flat(f"{name}_sd").mean()) for name in parameters}
        left_out = self.without_item_covariates
        rare = tuple(json.loads(posterior.attrs["rare_rollcalls"]))
        link = link_name(self.link)
        return ItemSlopes(covariates.formula, table, sds, self.direction, left_out, rare, link, self.level)

    @property
    def without_item_covariates(self) -> tuple[str, ...]:
        """Roll calls left out because a covariate of `Priors.item_means` is missing."""
        return tuple(json.loads(self.tree["posterior"].attrs.get("without_item_covariates", "[]")))

    def items(self) -> pd.DataFrame:
        """Return the posterior means of the items, one row per roll call and dimension.

        Returns
        -------
        DataFrame
            ``rollcall``, ``dimension``, ``discrimination`` and one column per cutpoint. The value is NaN if
            a roll call does not have this cutpoint.
        """
        return self.encoded.item_table(
            self.flat("discrimination").mean(axis=0), self.cutpoints().mean(axis=0)
        )

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the posterior mode from which the chains started, as a single draw."""
        point, design = self.mode.point, self.encoded.design
        items = design.item[self.encoded.columns(rollcalls)]
        cuts = point.cutpoints(design.n_categories)[items]
        return JointDraws(point.positions[None], point.discriminations[items][None], cuts[None])

    def picked(self, chosen: NDArray[np.intp], rollcalls: list[str]) -> JointDraws:
        """Return selected draws of the positions and of the items of selected roll calls.

        Parameters
        ----------
        chosen : ndarray of int
            Selected draws: row numbers of `flat`.
        rollcalls : list of str
            Selected roll calls, which must be in the fit.
        """
        items = self.encoded.design.item[self.encoded.columns(rollcalls)]
        return JointDraws(
            self.flat("position")[chosen],
            self.flat("discrimination")[chosen][:, items],
            self.cutpoints(chosen)[:, items],
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """Cautions about the estimates: diagnostics out of bounds, and members with few votes."""
        faults = self.diagnostics.faults()
        if self.dims > 1:
            posterior = self.tree["posterior"]
            faults += compare_chains(
                posterior["position"].to_numpy(), posterior["total_log_likelihood"].to_numpy()
            )
        cautions = [f"do not use these draws: {fault}" for fault in faults]
        if self.tree["posterior"].attrs["absence"] != "ignorable":
            cautions.append("the log-likelihood and the prior sensitivity include votes but not absences")
        cautions += describe_missing(self.without_covariates) + describe_gaps(self.without_item_covariates)
        cautions += [*self._caution_of_limits(), *self._caution_of_unanimity()]
        return tuple(cautions + self._placed_by_few("the estimates depend on the priors"))

    def save(self, path: str | Path) -> None:
        """Write the specification, the mode and all draws to one netCDF file for `load_posterior`."""
        from voteshift.posterior.storage import save

        save(self, Path(path))

    def __repr__(self) -> str:
        """Return the size of the sample and its diagnostics in one line."""
        verdict = "usable" if self.converged else "NOT USABLE"
        n_members, n_rollcalls = len(self.encoded.members), len(self.encoded.rollcalls)
        return f"<PosteriorFit: {n_members} members, {n_rollcalls} roll calls, {verdict} ({self.verdict})>"
