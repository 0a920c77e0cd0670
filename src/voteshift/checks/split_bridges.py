"""What becomes of the parts where bridges that do not hold are split."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voteshift.errors import NotUsableError
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.interface import Fit, check_converged
from voteshift.resolution.refit import FitBy, refit
from voteshift.rollcalls import RollCalls
from voteshift.shift.models import Models, modelled
from voteshift.shift.parts import Estimand

if TYPE_CHECKING:
    from voteshift.ideal.dynamic.constancy import Constancy

__all__ = ["Splitting", "split_bridges"]


@dataclass(frozen=True, eq=False)
class Splitting:
    """The screen of the bridges, and the models with the rejected ones split.

    Attributes
    ----------
    constancy : Constancy
        Every two neighbouring roll calls of a shared item, one item against two.
    models : Models or None
        The models behind the parts after splitting; None where no pair was rejected.
    """

    constancy: "Constancy"
    models: Models | None

    @property
    def rejected(self) -> list[tuple[str, str, str]]:
        """The pairs that are split: item, and the two roll calls."""
        table = self.constancy.table
        return [(str(row.item), str(row.old), str(row.new)) for row in table[table["rejected"]].itertuples()]


def split_bridges(
    rollcalls: RollCalls,
    fit: Fit,
    iterations: list[str],
    *,
    member_effect: bool,
    n_draws: int,
    seed: int,
    level: float,
    estimand: Estimand,
    fit_by: FitBy,
) -> Splitting:
    """Screen the bridges of a fit, and fit again with items split where a pair is rejected.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit with bridges.
    iterations : list of str
        Iterations of the resolution that is explained.
    member_effect, n_draws, seed, level, estimand, fit_by
        As in `explain`.

    Raises
    ------
    NotUsableError
        If there is no bridge, or the fit is not one at its mode or did not converge again.
    """
    from voteshift.ideal.dynamic.constancy import constancy  # brings statsmodels

    if not isinstance(fit, DynamicFit):
        raise NotUsableError(
            "only bridges of a model fitted at its mode are screened", remedy="take the method map"
        )
    screen = constancy(fit)
    if not screen.table["rejected"].any():
        return Splitting(screen, None)
    again = refit(rollcalls, fit, [], items=screen.items, fit_by=fit_by)
    check_converged(again, "the fit with split bridges")
    return Splitting(
        screen,
        modelled(
            rollcalls,
            again,
            iterations,
            member_effect=member_effect,
            n_draws=n_draws,
            seed=seed,
            level=level,
            estimand=estimand,
            fit_by=fit_by,
        ),
    )
