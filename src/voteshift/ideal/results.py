"""A fitted ideal-point model, with labels."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.edge import carriers, open_sides, scale_shares
from voteshift.ideal.encode import Encoded
from voteshift.ideal.fitted import AtMode, Still, normal_interval
from voteshift.ideal.item_slopes import (
    ItemSlopes,
    describe_gaps,
    find_rare,
    no_item_covariates,
    slope_table,
)
from voteshift.ideal.laplace import JointDraws, Laplace, laplace
from voteshift.ideal.learned import Learned
from voteshift.ideal.links import link_name
from voteshift.ideal.objective import Model, Point
from voteshift.ideal.optimise import MapFit
from voteshift.ideal.slopes import Slopes, approximate_slopes, describe_missing, no_covariates
from voteshift.ideal.spatial_marginal import MOST_UNCERTAIN, on_reported_scale, uncertain_share
from voteshift.ideal.starts import SAME_MODE
from voteshift.likelihood import SpatialSpread
from voteshift.ranges import MOST_DRAWS, check_count
from voteshift.streams import Stream, start_stream

if TYPE_CHECKING:  # which imports this module
    from voteshift.ideal.spec import IdealPoints

__all__ = ["IdealFit"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class IdealFit(AtMode, Still):
    """Ideal points at the mode of the posterior, or means of a normal approximation (`method="marginal"`).

    Attributes
    ----------
    encoded : Encoded
        The fitted votes and their labels.
    model : Model
        The log posterior that was maximised.
    mode : MapFit
        Parameters at the mode, and the cost of finding it.
    direction : str
        The member or rule that sets the positive side, in words.
    spec : IdealPoints
        The specification that was fitted.
    falls : tuple of float
        The log posterior of the mode minus the log posterior reached from each other start. See
        `highest_mode`.
    learned : Learned or None
        The prior standard deviations that a marginal fit learned; None in a fit at the mode.
    without_covariates : tuple of str
        Members left out because a covariate of `Priors.positions` is missing.
    without_item_covariates : tuple of str
        Roll calls left out because a covariate of `Priors.item_means` is missing.
    """

    encoded: Encoded
    model: Model
    mode: MapFit
    direction: str
    spec: "IdealPoints"
    falls: tuple[float, ...] = field(default=(), kw_only=True)
    learned: Learned | None = field(default=None, kw_only=True)
    without_covariates: tuple[str, ...] = field(default=(), kw_only=True)
    without_item_covariates: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def unit(self) -> float:
        """Unit of the reported scale on the scale of `mode.point`; 1 in a fit at the mode.

        In a marginal fit, reported positions have mean square 1 with their variances, and the means in
        `mode.point` have mean square 1 without them.
        """
        spread = self.model.spread
        if isinstance(spread, SpatialSpread):
            raise TypeError("in several dimensions the unit is a matrix; see SpatialSpread.unit")
        return 1.0 if spread is None else spread.unit

    @property
    def reported(self) -> Point:
        """The parameters on the reported scale."""
        point, spread = self.mode.point, self.model.spread
        if isinstance(spread, SpatialSpread):
            return on_reported_scale(point, spread.unit)
        unit = self.unit
        return replace(point, positions=point.positions / unit, discriminations=point.discriminations * unit)

    @property
    def scale(self) -> str:
        """The constraint on location and scale of the positions, in words."""
        if self.learned is not None and self.dims > 1:
            return (
                "positions have mean 0, standard deviation 1 and correlation 0, uncertainty included, over "
                "the members of the fit"
            )
        included = "" if self.learned is None else ", uncertainty included,"
        return f"positions have mean 0 and standard deviation 1{included} over the members of the fit"

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return self.mode.point.positions.shape[1]

    @cached_property
    def laplace(self) -> Laplace:
        """The normal approximation at the mode, computed once.

        Raises
        ------
        NotUsableError
            If the mode is not a maximum.
        """
        return laplace(self.model, self.mode.point)

    def tidy(self) -> pd.DataFrame:
        """Return one row per member and dimension.

        Returns
        -------
        DataFrame
            ``member``, ``dimension`` (from 1), ``estimate``, ``std_error``, ``conf_low``, ``conf_high``,
            ``n_votes``. Positions have mean 0 and standard deviation 1 over these members. Intervals are
            normal and use the full curvature, so items are not held fixed. If a member determines more than
            half of the scale and its votes do not limit its distance from 0, its interval is one-sided. The
            outer end of a one-sided interval is infinite.
        """
        positions = self.reported.positions
        n_members, n_dims = positions.shape
        spread = self.model.spread
        if isinstance(spread, SpatialSpread):
            error = self.laplace.position_errors(np.asarray(np.linalg.inv(spread.unit))).ravel()
        else:
            error = self.laplace.position_errors().ravel() / self.unit
        return pd.DataFrame(
            {
                "member": np.repeat(self.encoded.members.to_numpy(), n_dims),
                "dimension": np.tile(np.arange(1, n_dims + 1), n_members),
                **normal_interval(positions.ravel(), error, self.level, open_side=self._open_sides.ravel()),
                "n_votes": np.repeat(self.n_votes, n_dims),
            }
        )

    @cached_property
    def slopes(self) -> Slopes:
        """Slopes of positions on the covariates of `Priors.positions`, with intervals.

        Raises
        ------
        UsageError
            If the specification has no covariates.
        """
        regression = self.model.regression
        if regression is None:
            raise no_covariates()
        table, residual_sd, share = approximate_slopes(
            replace(regression, sd=regression.sd / self.unit),
            self.reported.positions[:, 0],
            self.laplace.position_root / self.unit,
            level=self.level,
        )
        return Slopes(regression.formula, table, residual_sd, share, self.without_covariates, self.level)

    @cached_property
    def item_slopes(self) -> ItemSlopes:
        """Slopes of discriminations and midpoints on the covariates of `Priors.item_means`, with intervals.

        Raises
        ------
        UsageError
            If the specification has no covariates of items.
        """
        regression, priors = self.model.items, self.model.priors
        if regression is None:
            raise no_item_covariates()
        table = slope_table(regression, self.laplace.slope_covariance(), unit=self.unit, level=self.level)
        sds = {"discrimination": priors.discrimination * self.unit, "midpoint": priors.midpoint}
        left_out, rare = self.without_item_covariates, find_rare(regression, self.encoded.rollcalls)
        link = link_name(self.link)
        return ItemSlopes(regression.formula, table, sds, self.direction, left_out, rare, link, self.level)

    def items(self) -> pd.DataFrame:
        """Return one row per roll call and dimension.

        Returns
        -------
        DataFrame
            ``rollcall``, ``dimension``, ``discrimination`` and one column for each named cutpoint. A cutpoint
            that a roll call does not have is NaN.
        """
        point = self.reported
        return self.encoded.item_table(
            point.discriminations, point.cutpoints(self.encoded.design.n_categories)
        )

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the mode as a single draw of positions and the items of some roll calls."""
        point, design = self.reported, self.encoded.design
        items = design.item[self.encoded.columns(rollcalls)]
        cuts = point.cutpoints(design.n_categories)[items]
        return JointDraws(point.positions[None], point.discriminations[items][None], cuts[None])

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> JointDraws:
        """Draw positions and the items of some roll calls from the normal approximation.

        Parameters
        ----------
        n_draws, seed : int
            Number of draws, and seed of the random numbers.
        rollcalls : list of str
            Ids of fitted roll calls.
        """
        check_count("n_draws", n_draws, most=MOST_DRAWS)
        rng = start_stream(seed, Stream.FIT)
        return self.laplace.draw(n_draws, self.encoded.columns(rollcalls), rng)

    @cached_property
    def _open_sides(self) -> Floats:
        """Open side of each interval, for members that determine the scale; see `open_sides`."""
        point, design = self.mode.point, self.encoded.design
        return open_sides(
            design,
            self.link,
            point.positions[None],
            point.discriminations,
            point.cutpoints(design.n_categories),
            members=carriers(scale_shares(point.positions)),
            level=self.level,
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """Cautions that belong with the estimates: few roll calls, few votes of a member, other modes."""
        cautions = self._placed_by_few("the intervals, from a normal approximation, are too narrow")
        cautions += self._caution_of_edge(scale_shares(self.mode.point.positions), self._open_sides)
        cautions += describe_missing(self.without_covariates) + describe_gaps(self.without_item_covariates)
        cautions += self._of_dimensions()
        return (*cautions, *self._cautions_of_method(), *self._of_starts())

    def _of_dimensions(self) -> list[str]:
        """Return the caution on an axis along which positions are mostly uncertain."""
        spread = self.model.spread
        if not isinstance(spread, SpatialSpread) or uncertain_share(spread) <= MOST_UNCERTAIN:
            return []
        return [
            "along one axis, the uncertainty of positions is larger than their differences: the votes hardly "
            f"show {self.dims} dimensions"
        ]

    def _of_starts(self) -> list[str]:
        """Return the cautions on starts that ended below the mode or did not reach a mode."""
        cautions = []
        n_starts, lower = len(self.falls) + 1, [fall for fall in self.falls if SAME_MODE < fall < np.inf]
        if lower:
            cautions.append(
                f"the log posterior has several modes: {self._at_mode} of {n_starts} starts ended at the "
                f"highest mode found, the next mode is {min(lower):.1f} lower, and a higher mode may exist"
            )
        n_lost = np.count_nonzero(np.isinf(self.falls))
        if n_lost:
            cautions.append(
                f"{n_lost} of {n_starts} starts did not reach a mode, because positions or the cutpoints of "
                "a roll call became equal; a higher mode may exist"
            )
        return cautions

    @property
    def _at_mode(self) -> int:
        """The number of starts that ended at the mode."""
        return 1 + sum(fall <= SAME_MODE for fall in self.falls)

    @property
    def reached(self) -> dict[str, Any]:
        """Method, value and cost of the mode, with the number of starts that ended there, as plain data."""
        return {**super().reached, "starts": len(self.falls) + 1, "starts_at_mode": self._at_mode}

    def __repr__(self) -> str:
        """Describe the fit and its convergence in one line."""
        return self._described()
