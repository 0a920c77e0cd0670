"""Positions from all other roll calls: the same model, fitted without one resolution."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import BridgeWarning, InputError, NotUsableError
from voteshift.ideal.dynamic.encode import DynamicEncoded
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.spec import RandomWalk
from voteshift.ideal.dynamic.tau import TauEstimate
from voteshift.ideal.interface import Fit, check_converged
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.joint import namesakes
from voteshift.rollcalls import RollCalls
from voteshift.votes import CATEGORIES, Vote

if TYPE_CHECKING:  # what samples takes longer to load than the rest together
    from voteshift.posterior.dynamic.results import DynamicPosterior
    from voteshift.posterior.results import PosteriorFit

__all__ = ["FitBy", "Others", "fit_without", "mode_of", "positions_at", "refit"]

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
        if fit.reached["method"] == "nuts":
            others = _sampled_again(rollcalls, fit, without)
        else:
            others = refit(rollcalls, fit, without, fit_by=fit_by)
    except InputError as error:
        raise NotUsableError(f"without this resolution, {error}") from None
    check_converged(others, "the fit without this resolution")
    return others


def mode_of(fit: Fit) -> Fit:
    """Return the fit at its mode: of one that was sampled, where its chains started; else the fit itself."""
    if fit.reached["method"] != "nuts":
        return fit
    from voteshift.posterior.dynamic.results import DynamicPosterior
    from voteshift.posterior.results import PosteriorFit

    if isinstance(fit, DynamicPosterior):
        return fit.start
    if isinstance(fit, PosteriorFit):
        return IdealFit(fit.encoded, fit.model, fit.mode, fit.direction, fit.spec)
    raise NotUsableError("no mode is known of this fit")


def _sampled_again(rollcalls: RollCalls, fit: Fit, without: list[str]) -> "PosteriorFit | DynamicPosterior":
    """Sample the model of a sampled fit again, of its own votes without some roll calls."""
    from voteshift.posterior.draws import sample_again
    from voteshift.posterior.sampled import Sampled

    if not isinstance(fit, Sampled):
        raise NotUsableError("what this fit was drawn with is not known")
    start = mode_of(fit)
    spec = _specification(start, without, None)
    if spec.dynamics is not None:
        spec = replace(spec, dynamics=replace(spec.dynamics, tau="estimate"))  # draws learn tau
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BridgeWarning)
        return sample_again(fit, _votes_of(rollcalls, start, without), spec)


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
    kept = _votes_of(rollcalls, fit, without)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BridgeWarning)  # said of the fit itself
        return fit_by(_specification(fit, without, items), kept)


def _votes_of(rollcalls: RollCalls, fit: Fit, iterations: list[str]) -> RollCalls:
    """Return the votes of a fit, as it saw them, without some iterations."""
    encoded = fit.encoded
    columns = np.flatnonzero(~encoded.rollcalls.isin(iterations))
    codes = encoded.design.codes[:, columns]
    table = np.full((len(columns), len(CATEGORIES)), int(Vote.NOT_MEMBER), dtype=np.int8)
    for row, column in enumerate(columns):
        names = encoded.categories[column]
        table[row, : len(names)] = [CATEGORIES.index(name) for name in names]
    votes = np.where(codes >= 0, table[np.arange(len(columns)), codes], np.int8(Vote.NOT_MEMBER))
    frame, members = pd.DataFrame(index=encoded.rollcalls[columns]), pd.DataFrame(index=encoded.members)
    if isinstance(fit, DynamicFit):  # periods are found again
        wanted = {"date", "session", fit.encoded.periods.name} & set(rollcalls.rollcalls.columns)
        frame = rollcalls.rollcalls.loc[frame.index, sorted(wanted)]
        if "group" in rollcalls.members.columns:  # tau may be theirs
            members = rollcalls.members.loc[encoded.members, ["group"]]
    return RollCalls(votes, members, frame)


def _specification(fit: Fit, without: list[str], items: Mapping[str, str] | None) -> IdealPoints:
    """Return the specification of a fit, with the items its other roll calls share, or with others.

    Without polarity member or target, which may cast no vote here: nothing that comes of it has a direction.
    """
    spec = fit.spec if isinstance(fit, (IdealFit, DynamicFit)) else None
    if spec is None:
        raise NotUsableError("only a model fitted at its mode is fitted again without a resolution")
    spec = replace(spec, polarity=None, target=None)
    if not isinstance(fit, DynamicFit):
        return spec
    by_rollcall = pd.Series(fit.encoded.items, index=fit.encoded.rollcalls)
    shared = (by_rollcall if items is None else pd.Series(items, dtype=object)).drop(without, errors="ignore")
    shared = shared[shared.duplicated(keep=False)]
    dynamics = RandomWalk(
        fit.encoded.periods.name,
        items=shared.to_dict() if len(shared) else None,
        tau=fit.tau.tau if isinstance(fit.tau, TauEstimate) else fit.tau,
        delta=fit.model.walk.delta,
    )
    return replace(spec, dynamics=dynamics)


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
    rows = others.encoded.members.get_indexer(members)
    if (rows < 0).any():
        who = ", ".join(name for name, row in zip(members, rows, strict=True) if row < 0)
        raise NotUsableError(f"votes on this resolution are all that {who} cast", remedy="widen the window")
    # A roll call of the fit stands for that of an iteration: any where positions hold, else of its period.
    stand = [str(others.encoded.rollcalls[0])]
    if isinstance(others.encoded, DynamicEncoded):
        frame, name = rollcalls.rollcalls, others.encoded.periods.name
        period = frame["date"].dt.year if name == "year" else frame[name]
        there = period.reindex(others.encoded.rollcalls)
        alone = [rollcall for rollcall in iterations if not (there == period[rollcall]).any()]
        if alone:
            raise NotUsableError(
                f"no other roll call lies in the period of {', '.join(alone)}", remedy="take longer periods"
            )
        stand = [str((there == period[rollcall]).idxmax()) for rollcall in iterations]
    names = list(dict.fromkeys(stand))
    back = [names.index(name) for name in stand]
    draws = others.draw(n_draws, names, seed).positions
    sampled = others.reached["method"] == "nuts"
    centre = draws.mean(axis=0) if sampled else others.at_mode(names).positions[0]
    if centre.ndim == 2:
        centre, draws = centre[None], draws[:, None]
    return centre[back][:, rows], draws[:, back][:, :, rows]
