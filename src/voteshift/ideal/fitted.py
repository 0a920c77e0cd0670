"""Properties, cautions and descriptions that fitted ideal-point models share."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.ideal.ascent import Ascent, reached
from voteshift.ideal.edge import carriers
from voteshift.ideal.fitted_votes import FEW_VOTERS, FittedVotes
from voteshift.ideal.learned import Learned
from voteshift.ideal.methods import Marginal
from voteshift.ideal.objective import AnyLink, Priors
from voteshift.ideal.parts import Parts, describe_parts, find_parts
from voteshift.ideal.stated import Prior, item_priors
from voteshift.ideal.storage import save_fit
from voteshift.tables import Tabled
from voteshift.writing import number

if TYPE_CHECKING:  # which imports this module
    from voteshift.ideal.spec import IdealPoints

__all__ = ["FEW_VOTES", "AtMode", "Still", "caution_of_limits", "normal_interval"]

Floats = NDArray[np.float64]

FEW_ROLLCALLS = 20
STEP_COLUMNS = (
    "from",
    "to",
    "bridges",
    "years",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "prior_sd",
)
"""Columns of the steps from period to period that are common to all members."""
FEW_VOTES = 5
"""With fewer votes than this, the votes of a member hardly determine its position."""
_AT_LIMIT = 0.999


def caution_of_limits(learned: dict[str, float], limits: Priors, share: float) -> list[str]:
    """Return a caution if estimated prior standard deviations are close to their limits.

    Parameters
    ----------
    learned : dict of str to float
        Estimates by parameter: discriminations, midpoints.
    limits : Priors
        Upper limits.
    share : float
        Share of its limit from which an estimate counts as close.
    """
    limit_of = {"discriminations": limits.discrimination, "midpoints": limits.midpoint}
    reached = [f"{name} ({limit_of[name]:g})" for name, sd in learned.items() if sd >= share * limit_of[name]]
    if not reached:
        return []
    return [
        f"the estimated prior standard deviation is at its upper limit for {' and '.join(reached)}: the "
        "votes alone suggest a larger value"
    ]


def normal_interval(
    estimate: Floats, error: Floats, level: float, *, open_side: Floats | None = None
) -> dict[str, Floats]:
    """Return the columns ``estimate``, ``std_error``, ``conf_low`` and ``conf_high`` of a normal interval.

    Parameters
    ----------
    estimate, error : ndarray, shape (n,)
        Estimates and their standard errors.
    level : float
        Coverage.
    open_side : ndarray, shape (n,), optional
        -1 if the interval has no lower end, 1 if it has no upper end, and 0 if it has both ends. An interval
        with only one end is a one-sided interval of the same coverage.
    """
    reach = float(ndtri(0.5 + level / 2)) * error
    low, high = estimate - reach, estimate + reach
    if open_side is not None:
        inner = float(ndtri(level)) * error
        low = np.where(open_side < 0, -np.inf, np.where(open_side > 0, estimate - inner, low))
        high = np.where(open_side > 0, np.inf, np.where(open_side < 0, estimate + inner, high))
    return {"estimate": estimate, "std_error": error, "conf_low": low, "conf_high": high}


class _Labelled(FittedVotes, Tabled):
    """A fit of votes with labels. A subclass is a frozen dataclass with these fields."""

    model: Any
    spec: "IdealPoints"

    def _title(self) -> str:
        return repr(self)

    def _said(self) -> list[str]:
        fit: Any = self  # fields that the subclasses add
        scale = f"Scale: {fit.scale}; {fit.direction}. Intervals cover {100 * fit.level:g}%."
        over_time = [] if fit.periods is None else [fit.scale_over_time()]
        return [scale, *over_time, *(f"Caution: {caution}." for caution in fit.cautions)]

    @property
    def _coverage(self) -> float:
        return self.level

    def _for_paper(self) -> pd.DataFrame:
        """Return the positions with the labels of members."""
        table = self.tidy()
        return table.assign(member=table["member"].map(self.member_labels))

    @property
    def link(self) -> AnyLink:
        """Distribution of the noise."""
        link: AnyLink = self.model.link
        return link

    @property
    def level(self) -> float:
        """Coverage of the intervals."""
        return self.spec.level

    @property
    def prior_sds(self) -> Priors:
        """Prior standard deviations of the items, on the reported scale."""
        priors: Priors = self.model.priors
        return priors

    @cached_property
    def parts(self) -> Parts | None:
        """The parts that too few votes connect; None if all members are on one scale. See `find_parts`."""
        fit: Any = self  # fields that the subclasses add
        return find_parts(fit)

    def _caution_of_parts(self) -> list[str]:
        """Return the cautions on comparing positions of different parts."""
        return [] if self.parts is None else [describe_parts(self.encoded, self.parts)]


class AtMode(_Labelled):
    """A fit at the mode of the posterior, with its convergence."""

    mode: Ascent[Any]
    learned: Learned | None

    @property
    def prior_sds(self) -> Priors:
        """Prior standard deviations of the items, on the reported scale; a marginal fit learns them."""
        priors: Priors = self.model.priors
        if self.learned is None:
            return priors
        return replace(priors, discrimination=self.learned.discrimination, midpoint=self.learned.midpoint)

    @property
    def sampled(self) -> bool:
        """False: the estimates are a mode or means of an approximation, not draws from the posterior."""
        return False

    @property
    def mode_fit(self) -> Self:
        """The fit itself, because it is a fit at the mode."""
        return self

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors of the items by parameter, as plain data."""
        gaps = bool((self.encoded.design.n_categories == 3).any())
        by_dimension = () if self.learned is None else self.learned.by_dimension
        return item_priors(self.prior_sds, gaps=gaps, by_dimension=by_dimension)

    @property
    def converged(self) -> bool:
        """True if the gradient norm at the reported point is at most the tolerance."""
        return self.mode.converged

    @property
    def verdict(self) -> str:
        """The gradient norm at the reported point, or the distance of a marginal fit, in words."""
        name = "gradient norm" if self.learned is None else "distance to the maximum"
        return f"{name} {self.mode.gradient_norm:.1e} posterior sd"

    @property
    def reached(self) -> dict[str, Any]:
        """Method, value and cost of the estimates, as plain data."""
        result = reached(self.mode)
        return result if self.learned is None else {**result, "method": "marginal"}

    def save(self, path: str | Path) -> None:
        """Write the fit to one file, for instance "fit.npz", which `voteshift.ideal.load_fit` reads.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        fit: Any = self
        save_fit(fit, path)

    def _cautions_of_method(self) -> list[str]:
        """Return the cautions on what a marginal fit leaves out or does not identify."""
        if self.learned is None:
            return []
        cautions = []
        if self._voters < FEW_VOTERS:
            cautions.append(
                f"few members vote on each roll call (median {self._voters:g}), so the intervals of a "
                "marginal fit are too narrow; draws of the posterior do not assume that it is normal"
            )
        cautions += self._caution_of_unanimity()
        widest = max(self.learned.by_dimension, default=self.learned.discrimination)
        learned = {"discriminations": widest, "midpoints": self.learned.midpoint}
        return cautions + (caution_of_limits(learned, self.spec.priors, _AT_LIMIT) if self._learns else [])

    @property
    def _learns(self) -> bool:
        """True if the prior standard deviations were estimated."""
        return isinstance(self.spec.method, Marginal) and self.spec.method.learn

    def _caution_of_edge(self, shares: Floats, sides: Floats) -> list[str]:
        """Return a caution for each member that determines the scale of the fit."""
        is_open = (
            "is at the edge of the scale: its votes do not limit its distance from 0, so its interval is "
            "one-sided"
        )
        is_bounded = (
            "is far from all other members and determines the scale of the fit: its standard error uses only "
            "its own votes"
        )
        return [
            f"{self.encoded.members[member]} {is_open if sides[member].any() else is_bounded}"
            for member in carriers(shares)
        ]

    def _described(self, *more: str) -> str:
        """Describe the size of the fit and its convergence in one line."""
        design = self.encoded.design
        size = ", ".join([f"{design.n_members} members", f"{design.n_rollcalls} roll calls", *more])
        verdict = "converged" if self.converged else "NOT CONVERGED"
        value = "log posterior" if self.learned is None else "expected log posterior"
        return (
            f"<{type(self).__name__}: {size}, {value} {number(self.mode.objective, 3)}, {verdict} "
            f"({self.verdict})>"
        )


class Still(_Labelled):
    """A fit of a static model."""

    @property
    def periods(self) -> None:
        """None: positions are constant."""
        return

    @property
    def bridged(self) -> bool:
        """False: a static model has no periods to bridge."""
        return False

    @property
    def identified_by(self) -> str:
        """The assumption that identifies the change of the resolution, in words."""
        return "one position per member, held constant"

    def steps(self) -> pd.DataFrame:
        """Return a table without rows, because a model without periods has no steps between periods.

        Returns
        -------
        DataFrame
            The columns of `DynamicFit.steps`.
        """
        return pd.DataFrame(columns=STEP_COLUMNS)

    @property
    def n_votes(self) -> NDArray[np.int64]:
        """Votes cast, shape (n_members,)."""
        return self.encoded.design.count_votes().sum(axis=0)

    def extrapolated(self, rollcalls: list[str]) -> NDArray[np.bool_]:
        """Return True for each member that cast fewer than 5 votes, shape (n_rollcalls, n_members)."""
        return np.repeat((self.n_votes < FEW_VOTES)[None], len(self.encoded.columns(rollcalls)), axis=0)

    def _placed_by_few(self, so: str) -> list[str]:
        """Return the cautions on unconnected parts, on few roll calls and on few votes of a member.

        `so` is the consequence of few roll calls, in words.
        """
        cautions = self._caution_of_parts()
        n_rollcalls = len(self.encoded.rollcalls)
        if n_rollcalls < FEW_ROLLCALLS:
            cautions.append(f"only {n_rollcalls} contested roll calls determine the positions: {so}")
        few = self.encoded.members[self.n_votes < FEW_VOTES]
        if len(few):
            cautions.append(
                f"members with fewer than {FEW_VOTES} votes, whose positions are uncertain:  "
                f"{', '.join(map(str, few))}"
            )
        return cautions
