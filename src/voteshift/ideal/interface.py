"""What an explanation asks of a fit, whatever model and method are behind it."""

from collections.abc import Collection
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.encode import Encoded
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.objective import Link
from voteshift.ideal.parts import Parts, describe_parts
from voteshift.ideal.stated import Prior

__all__ = ["Fit", "check_converged"]


class Fit(Protocol):
    """A fitted ideal-point model."""

    @property
    def encoded(self) -> Encoded:
        """The votes fitted and their labels."""

    @property
    def sampled(self) -> bool:
        """True where the answer is draws of the posterior, False where it is the mode."""

    @property
    def mode_fit(self) -> "Fit":
        """The fit at the mode: of draws, the one the chains started from; else the fit itself."""

    @property
    def member_ids(self) -> pd.Index:
        """Ids of the members that were fitted."""

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
        """Return the number of bridges over the least bridged gap between the periods of two roll calls."""

    def list_parts(self) -> list[tuple[pd.Index, pd.Index]]:
        """Return the ids of members and roll calls of every part that too few votes join."""

    @property
    def link(self) -> Link:
        """Distribution of the noise."""

    @property
    def level(self) -> float:
        """Coverage of the intervals."""

    @property
    def direction(self) -> str:
        """What makes the positive end positive, in words."""

    @property
    def converged(self) -> bool:
        """Whether the answer may be used."""

    @property
    def verdict(self) -> str:
        """How good the answer is, in words: "gradient norm 3e-07 posterior sd", for instance."""

    @property
    def reached(self) -> dict[str, Any]:
        """How the answer was reached, as plain data: ``method``, and what that method reports of itself."""

    @property
    def scale(self) -> str:
        """What fixes location and scale of the positions, in words."""

    @property
    def dims(self) -> int:
        """Number of dimensions."""

    @property
    def parts(self) -> Parts | None:
        """The parts that too few votes join; None where all members stand on one scale."""

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must be said beside the numbers."""

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors of the items by parameter, as plain data; `model_words` writes them."""

    @property
    def periods(self) -> tuple[str, ...] | None:
        """Labels of the periods; None where positions do not move."""

    @property
    def bridged(self) -> bool:
        """Whether bridges span every gap between periods: then movement and change can be told apart."""

    @property
    def identified_by(self) -> str:
        """What tells the movement of members from the change of what is voted on."""

    def tidy(self) -> pd.DataFrame:
        """Return positions with their intervals."""

    def items(self) -> pd.DataFrame:
        """Return the parameters of the roll calls."""

    def steps(self) -> pd.DataFrame:
        """Return the steps from period to period that are common to all members."""

    def at_mode(self, rollcalls: list[str]) -> JointDraws:
        """Return the best single value of positions and of the items of some roll calls."""

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> JointDraws:
        """Draw positions and the items of some roll calls jointly."""

    def extrapolated(self, rollcalls: list[str]) -> NDArray[np.bool_]:
        """Return whether each member cast too few votes in the period of each roll call."""


def check_converged(fit: Fit, what: str = "the fit") -> None:
    """Refuse a fit that did not converge, or whose members do not stand on one scale.

    Parameters
    ----------
    fit : Fit
        What is to be used.
    what : str
        How it is called.

    Raises
    ------
    NotUsableError
        With its verdict, and what may help.
    """
    if not fit.converged:
        raise NotUsableError(
            f"{what} did not converge ({fit.verdict})",
            remedy="sample more draws" if fit.sampled else "choose another window",
        )
    if fit.parts is not None:
        raise NotUsableError(
            f"{what} has no common scale: {describe_parts(fit.encoded, fit.parts)}",
            remedy="select the members and roll calls of one part, or a window whose votes join the parts",
        )
