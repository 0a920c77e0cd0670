"""The interface of a fit that an explanation uses, for every model and method of estimation."""

from collections.abc import Collection
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.encode import Encoded
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.objective import AnyLink
from voteshift.ideal.parts import Parts, describe_parts
from voteshift.ideal.stated import Prior

__all__ = ["Fit", "check_converged"]


class Fit(Protocol):
    """A fitted ideal-point model."""

    @property
    def encoded(self) -> Encoded:
        """The fitted votes and their labels."""

    @property
    def sampled(self) -> bool:
        """True if the estimates are draws from the posterior, False if they are the mode."""

    @property
    def mode_fit(self) -> "Fit":
        """The fit at the mode. For draws, this is the fit at which the chains started."""

    @property
    def member_ids(self) -> pd.Index:
        """Ids of the members that were fitted."""

    @property
    def member_labels(self) -> dict[str, str]:
        """Label of each member by id: the id, and the name if the id is a number."""

    @property
    def rollcall_ids(self) -> pd.Index:
        """Ids of the roll calls that were fitted."""

    @property
    def n_members(self) -> int:
        """Number of members that were fitted."""

    @property
    def n_rollcalls(self) -> int:
        """Number of roll calls that were fitted."""

    @property
    def silent(self) -> tuple[str, ...]:
        """Ids of the members that were left out: they cast no vote in the fitted roll calls."""

    @property
    def uncontested(self) -> tuple[str, ...]:
        """Ids of the roll calls that were left out: all votes cast in them were the same."""

    @property
    def votes(self) -> NDArray[np.int8]:
        """Votes that were fitted: 0 no, 1 abstain, 2 yes, -1 none; shape (n_members, n_rollcalls)."""

    @property
    def period_name(self) -> str | None:
        """The variable that divides roll calls into periods: "year" or a column; None without periods."""

    def categories_of(self, rollcall: str) -> tuple[str, ...]:
        """Return the categories that occur in a roll call."""

    def cutpoint_names(self, rollcall: str) -> tuple[str, ...]:
        """Return the names of the cutpoints of a roll call."""

    def bridges_between(self, old: str, new: str, *, without: Collection[str] = ()) -> int | None:
        """Return the smallest number of bridges that span a gap between the periods of two roll calls."""

    def list_parts(self) -> list[tuple[pd.Index, pd.Index]]:
        """Return the ids of members and roll calls of each part, if too few votes connect the parts."""

    @property
    def spec(self) -> Any:
        """The specification that was fitted, an `IdealPoints`."""

    @property
    def link(self) -> AnyLink:
        """Distribution of the noise."""

    @property
    def level(self) -> float:
        """Coverage of the intervals."""

    @property
    def direction(self) -> str:
        """The member or rule that sets the positive side, in words."""

    @property
    def converged(self) -> bool:
        """True if the estimates may be used."""

    @property
    def verdict(self) -> str:
        """The convergence measure in words: "gradient norm 3e-07 posterior sd", for instance."""

    @property
    def reached(self) -> dict[str, Any]:
        """The estimation as plain data: ``method``, and the values that this method reports."""

    @property
    def scale(self) -> str:
        """The constraint on location and scale of the positions, in words."""

    @property
    def dims(self) -> int:
        """Number of dimensions."""

    @property
    def parts(self) -> Parts | None:
        """The parts that too few votes connect; None if all members are on one scale."""

    @property
    def cautions(self) -> tuple[str, ...]:
        """Cautions that belong with the estimates."""

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors of the items by parameter, as plain data; `model_words` writes them."""

    @property
    def periods(self) -> tuple[str, ...] | None:
        """Labels of the periods; None in a static model."""

    @property
    def bridged(self) -> bool:
        """True if bridges span every gap between periods.

        With bridges, a change of positions can be distinguished from a change of a resolution.
        """

    @property
    def identified_by(self) -> str:
        """Assumptions that distinguish a change of positions from a change of the resolution, in words."""

    def tidy(self) -> pd.DataFrame:
        """Return positions with their intervals."""

    def items(self) -> pd.DataFrame:
        """Return the parameters of the roll calls."""

    def steps(self) -> pd.DataFrame:
        """Return the steps from period to period that are common to all members."""

    def group_steps(self) -> pd.DataFrame:
        """Return the steps from period to period that the members of a group have in common."""

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return point estimates of positions and of the items of some roll calls, as a single draw."""

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> JointDraws:
        """Draw positions and the items of some roll calls jointly."""

    def extrapolated(self, rollcalls: list[str]) -> NDArray[np.bool_]:
        """Return True for each member that cast too few votes in the period of each roll call."""


def check_converged(fit: Fit, what: str = "the fit") -> None:
    """Validate that a fit converged and that its members are on one scale.

    Parameters
    ----------
    fit : Fit
        The fit.
    what : str
        The name of the fit in the error message.

    Raises
    ------
    NotUsableError
        If the fit did not converge, or its members are not on one scale.
    """
    if not fit.converged:
        raise NotUsableError(
            f"{what} did not converge ({fit.verdict})",
            remedy="sample more draws" if fit.sampled else "choose another window",
        )
    if fit.parts is not None:
        raise NotUsableError(
            f"{what} has no common scale: {describe_parts(fit.encoded, fit.parts)}",
            remedy="select the members and roll calls of one part, or choose a window in which more votes "
            "connect the parts",
        )
