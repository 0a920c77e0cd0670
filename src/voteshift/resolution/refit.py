"""Positions from all other roll calls: the same model, fitted without one resolution."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import BridgeWarning, InputError, NotUsableError
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.interface import Fit, check_converged
from voteshift.ideal.respecify import specification_of, votes_of
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.joint import namesakes
from voteshift.rollcalls import RollCalls

if TYPE_CHECKING:  # what samples takes longer to load than the rest together
    from voteshift.posterior.dynamic.results import DynamicPosterior
    from voteshift.posterior.results import PosteriorFit

__all__ = ["FitBy", "Others", "fit_without", "positions_at", "refit"]

Floats = NDArray[np.float64]
#: What fits a specification to roll calls: `IdealPoints.fit`, or `cached_fit`.
FitBy = Callable[..., IdealFit | DynamicFit]
#: A fit without one resolution, by the method of the fit with it.
Others: TypeAlias = "IdealFit | DynamicFit | PosteriorFit | DynamicPosterior"


def fit_without(
    rollcalls: RollCalls,
    fit: Fit,
    iterations: list[str],
    *,
    fit_by: FitBy = IdealPoints.fit,
) -> Others:
    """Fit the same model to the same roll calls without the iterations of one resolution, in any chamber.

    Parameters
    ----------
    rollcalls : RollCalls
        The record, with the iterations.
    fit : Fit
        A fit. The votes are taken from it as it saw them. One that was sampled is sampled again, with the
        settings and the seed it has: minutes.
    iterations : list of str
        What to leave out.
    fit_by : callable
        What fits a specification to roll calls at its mode: `IdealPoints.fit`, or `cached_fit`.

    Raises
    ------
    NotUsableError
        If the others are too few, or their fit did not converge.
    """
    without = namesakes(rollcalls, iterations)
    others: Others
    try:
        if fit.sampled:
            others = _sampled_again(rollcalls, fit, without)
        else:
            others = refit(rollcalls, fit, without, fit_by=fit_by)
    except InputError as error:
        raise NotUsableError(f"without this resolution, {error}") from None
    check_converged(others, "the fit without this resolution")
    return others


def _sampled_again(rollcalls: RollCalls, fit: Fit, without: list[str]) -> "PosteriorFit | DynamicPosterior":
    """Sample the model of a sampled fit again, of its own votes without some roll calls."""
    from voteshift.posterior.draws import sample_again

    spec = specification_of(fit.mode_fit, without)
    if spec.dynamics is not None:
        spec = replace(spec, dynamics=replace(spec.dynamics, tau="estimate"))  # draws learn tau
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BridgeWarning)
        return sample_again(
            cast("PosteriorFit | DynamicPosterior", fit), votes_of(fit, rollcalls, without), spec
        )


def refit(
    rollcalls: RollCalls,
    fit: Fit,
    without: list[str],
    *,
    items: Mapping[str, str] | None = None,
    fit_by: FitBy = IdealPoints.fit,
) -> IdealFit | DynamicFit:
    """Fit the model of a fit to its own votes again, without some roll calls or with other bridges.

    Parameters
    ----------
    rollcalls, fit, fit_by
        As in `fit_without`.
    without : list of str
        Roll calls to leave out.
    items : mapping of str to str, optional
        Roll calls that share an item, in place of those of the fit.

    Raises
    ------
    InputError
        If nothing is left to fit.
    NotUsableError
        If the fit is not one at its mode.
    """
    kept = votes_of(fit, rollcalls, without)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BridgeWarning)  # said of the fit itself
        return fit_by(specification_of(fit, without, items=items), kept)


def positions_at(
    rollcalls: RollCalls, others: Fit, iterations: list[str], members: list[str], n_draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Return positions at the dates of iterations that the fit does not hold.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    others : Fit
        From `fit_without`.
    iterations, members : list of str
        Whose positions, and when.
    n_draws, seed : int
        Draws of the normal approximation or of the posterior, and where the random numbers start.

    Returns
    -------
    centre : ndarray, shape (n_dates, n_members, n_dims)
        The mode; of a sampled fit the mean of these draws, which the mode need not resemble. A single date
        where positions do not move.
    draws : ndarray, shape (n_draws, n_dates, n_members, n_dims)

    Raises
    ------
    NotUsableError
        If a member casts no other vote.
    """
    rows = others.member_ids.get_indexer(members)
    if (rows < 0).any():
        who = ", ".join(name for name, row in zip(members, rows, strict=True) if row < 0)
        raise NotUsableError(f"{who} cast no vote outside this resolution", remedy="widen the window")
    # A roll call of the fit stands for that of an iteration: any where positions hold, else of its period.
    stand = [str(others.rollcall_ids[0])]
    if others.period_name is not None:
        frame = rollcalls.rollcalls
        period = frame["date"].dt.year if others.period_name == "year" else frame[others.period_name]
        fitted = period.reindex(others.rollcall_ids)
        alone = [rollcall for rollcall in iterations if not (fitted == period[rollcall]).any()]
        if alone:
            raise NotUsableError(
                f"no other roll call lies in the period of {', '.join(alone)}", remedy="take longer periods"
            )
        stand = [str((fitted == period[rollcall]).idxmax()) for rollcall in iterations]
    names = list(dict.fromkeys(stand))
    back = [names.index(name) for name in stand]
    draws = others.draw(n_draws, names, seed).positions
    centre = draws.mean(axis=0) if others.sampled else others.at_mode(names).positions[0]
    if centre.ndim == 2:
        centre, draws = centre[None], draws[:, None]
    return centre[back][:, rows], draws[:, back][:, :, rows]
