"""A fitted ideal-point model, with labels."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from voteshift.errors import UsageError
from voteshift.ideal.ascent import reached
from voteshift.ideal.encode import Encoded
from voteshift.ideal.laplace import Draws, Laplace, laplace
from voteshift.ideal.objective import Link, Model
from voteshift.ideal.optimise import MapFit

__all__ = ["IdealFit"]

_FEW_ROLLCALLS = 20
_FEW_VOTES = 5


@dataclass(frozen=True, eq=False)
class IdealFit:
    """Ideal points at the mode of the posterior.

    Attributes
    ----------
    encoded : Encoded
        The votes fitted and their labels.
    model : Model
        What was maximised.
    mode : MapFit
        Parameters and how they were reached.
    direction : str
        What makes the positive end positive, in words.
    level : float
        Coverage of the intervals.
    """

    encoded: Encoded
    model: Model
    mode: MapFit
    direction: str
    level: float

    @property
    def converged(self) -> bool:
        """Whether the gradient norm at the reported point is within tolerance."""
        return self.mode.converged

    @property
    def link(self) -> Link:
        """Distribution of the noise."""
        return self.model.link

    @property
    def verdict(self) -> str:
        """How close to the mode, in words."""
        return f"gradient norm {self.mode.gradient_norm:.1e} posterior sd"

    @property
    def reached(self) -> dict[str, Any]:
        """How the mode was reached, as plain data."""
        return reached(self.mode)

    @property
    def scale(self) -> str:
        """What fixes location and scale of the positions, in words."""
        return "positions have mean 0 and standard deviation 1 over the members of the fit"

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return self.mode.point.positions.shape[1]

    @property
    def periods(self) -> None:
        """None: positions do not move."""
        return

    @property
    def bridged(self) -> bool:
        """False: without periods there is nothing to bridge."""
        return False

    @property
    def identified_by(self) -> str:
        """What tells the movement of members from the change of what is voted on: nothing here."""
        return "one position per member, held constant"

    @cached_property
    def laplace(self) -> Laplace:
        """The normal approximation at the mode, taken once.

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
            ``n_votes``. Positions have mean 0 and standard deviation 1 over these members; intervals are
            normal, from the full curvature (items not held fixed).
        """
        positions = self.mode.point.positions
        n_members, n_dims = positions.shape
        error = self.laplace.position_errors().ravel()
        reach = float(ndtri(0.5 + self.level / 2)) * error
        estimate = positions.ravel()
        return pd.DataFrame(
            {
                "member": np.repeat(self.encoded.members.to_numpy(), n_dims),
                "dimension": np.tile(np.arange(1, n_dims + 1), n_members),
                "estimate": estimate,
                "std_error": error,
                "conf_low": estimate - reach,
                "conf_high": estimate + reach,
                "n_votes": np.repeat((self.encoded.design.codes >= 0).sum(axis=1), n_dims),
            }
        )

    def items(self) -> pd.DataFrame:
        """Return one row per roll call and dimension.

        Returns
        -------
        DataFrame
            ``rollcall``, ``dimension``, ``discrimination`` and the named cutpoints, NaN where a roll call
            has none.
        """
        point, design = self.mode.point, self.encoded.design
        cuts = point.cutpoints(design.n_categories)
        rows = []
        for column, rollcall in enumerate(self.encoded.rollcalls):
            item = design.item[column]
            names = self.encoded.cutpoint_names(column)
            named = dict(zip(names, cuts[item, : len(names)], strict=True))
            rows += [
                {"rollcall": rollcall, "dimension": dimension, "discrimination": slope, **named}
                for dimension, slope in enumerate(point.discriminations[item], start=1)
            ]
        return pd.DataFrame(rows)

    def at_mode(self, rollcalls: list[str]) -> Draws:
        """Return the mode as a single draw of positions and the items of some roll calls."""
        point, design = self.mode.point, self.encoded.design
        items = design.item[self._columns(rollcalls)]
        cuts = point.cutpoints(design.n_categories)[items]
        return Draws(point.positions[None], point.discriminations[items][None], cuts[None])

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> Draws:
        """Draw positions and the items of some roll calls from the normal approximation.

        Parameters
        ----------
        n_draws, seed : int
            How many, and where the random numbers start.
        rollcalls : list of str
            Roll calls of the fit.
        """
        return self.laplace.draw(n_draws, self._columns(rollcalls), np.random.default_rng(seed))

    def extrapolated(self, rollcalls: list[str]) -> NDArray[np.bool_]:
        """Return whether each member cast fewer than 5 votes, shape (n_rollcalls, n_members)."""
        n_votes = (self.encoded.design.codes >= 0).sum(axis=1)
        return np.repeat((n_votes < _FEW_VOTES)[None], len(self._columns(rollcalls)), axis=0)

    def _columns(self, rollcalls: list[str]) -> NDArray[np.intp]:
        columns = self.encoded.rollcalls.get_indexer(pd.Index(rollcalls, dtype=object))
        for rollcall, column in zip(rollcalls, columns, strict=True):
            if column < 0:
                raise UsageError(f"roll call {rollcall} is not in the fit", id=rollcall)
        return np.asarray(columns, dtype=np.intp)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must be said beside the numbers: too few roll calls, or too few votes of a member."""
        n_votes = (self.encoded.design.codes >= 0).sum(axis=1)
        said = []
        if len(self.encoded.rollcalls) < _FEW_ROLLCALLS:
            said.append(
                f"only {len(self.encoded.rollcalls)} contested roll calls place the members: the intervals, "
                "from a normal approximation, are too narrow"
            )
        few = self.encoded.members[n_votes < _FEW_VOTES]
        if len(few):
            said.append(f"fewer than {_FEW_VOTES} votes place {', '.join(map(str, few))}")
        return tuple(said)

    def __repr__(self) -> str:
        """Say what was fitted and whether it converged."""
        n_members, n_rollcalls = self.encoded.design.codes.shape
        verdict = "converged" if self.converged else "NOT CONVERGED"
        return (
            f"<IdealFit: {n_members} members, {n_rollcalls} roll calls, "
            f"log posterior {self.mode.objective:.3f}, {verdict} "
            f"({self.verdict})>"
        )
