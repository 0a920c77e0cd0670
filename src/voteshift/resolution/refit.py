"""The same model fitted without one resolution, so that positions come from all other roll calls."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import BridgeWarning, InputError, NotUsableError, UsageError
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.interface import Fit, check_converged
from voteshift.ideal.laplace import Paths
from voteshift.ideal.methods import Marginal
from voteshift.ideal.respecify import specification_of, votes_of
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.joint import namesakes
from voteshift.rollcalls import RollCalls

if TYPE_CHECKING:  # the sampling modules take longer to load than all other modules together
    from voteshift.posterior.dynamic.results import DynamicPosterior
    from voteshift.posterior.results import PosteriorFit

__all__ = ["DrawnPositions", "FitBy", "Others", "check_method", "fit_without", "positions_at", "refit"]

Floats = NDArray[np.float64]
#: Function that fits a specification to roll calls: `IdealPoints.fit` or `cached_fit`.
FitBy = Callable[..., IdealFit | DynamicFit]
#: A fit without one resolution, by the same method (mode or draws) as the original fit.
Others: TypeAlias = "IdealFit | DynamicFit | PosteriorFit | DynamicPosterior"


class DrawnPositions(NamedTuple):
    """Positions at the dates of versions that are not in a fit.

    Attributes
    ----------
    centre : ndarray, shape (n_dates, n_members, n_dims)
        Positions at the mode. For a sampled fit, these are the means of the draws, which can differ from the
        mode. If positions are constant, there is a single date.
    draws : ndarray, shape (n_draws, n_dates, n_members, n_dims)
        Draws of the positions.
    paths : Paths or None
        The parts of the draws that members share; None if positions are constant or were sampled.
    """

    centre: Floats
    draws: Floats
    paths: Paths | None


def check_method(spec: IdealPoints) -> None:
    """Validate that an explanation can use the fits of a specification.

    The items of the resolution are estimated with one prior standard deviation of discriminations, and a
    marginal fit in several dimensions has one for each dimension.

    Raises
    ------
    UsageError
        If the specification asks for a marginal fit in several dimensions.
    """
    if isinstance(spec.method, Marginal) and spec.dims > 1:
        raise UsageError(
            "an explanation does not use a marginal fit in several dimensions",
            remedy="pass a model with method='mode', or with dims=1",
        )


def fit_without(
    rollcalls: RollCalls,
    fit: Fit,
    iterations: list[str],
    *,
    fit_by: FitBy = IdealPoints.fit,
) -> Others:
    """Fit the same model to the same roll calls without the versions of one resolution, in any chamber.

    Parameters
    ----------
    rollcalls : RollCalls
        The record, including the versions of the resolution.
    fit : Fit
        The original fit. The votes of this fit are used, with their coding. If the fit was sampled, the model
        is sampled again with the same settings and seed, which takes minutes.
    iterations : list of str
        Ids of the versions to leave out.
    fit_by : callable
        Function that fits a specification to roll calls at the mode: `IdealPoints.fit` or `cached_fit`.

    Raises
    ------
    UsageError
        If the fit is a marginal fit in several dimensions.
    NotUsableError
        If too few roll calls remain, or the fit to the remaining roll calls did not converge.
    """
    check_method(fit.spec)
    without = namesakes(rollcalls, iterations)
    others: Others
    try:
        if fit.sampled:
            others = _sampled_again(rollcalls, fit, without)
        else:
            others = refit(rollcalls, fit, without, fit_by=fit_by)
    except InputError as error:
        raise NotUsableError(f"the model cannot be fitted without this resolution: {error}") from None
    check_converged(others, "the fit without this resolution")
    return others


def _sampled_again(rollcalls: RollCalls, fit: Fit, without: list[str]) -> "PosteriorFit | DynamicPosterior":
    """Sample the model of a sampled fit again, with the votes of this fit but without some roll calls."""
    from voteshift.posterior.draws import sample_again

    spec = replace(specification_of(fit.mode_fit, without), priors=fit.spec.priors)
    if spec.dynamics is not None:
        spec = replace(spec, dynamics=replace(spec.dynamics, tau="estimate"))  # sampling estimates tau
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
    """Refit the model of an earlier fit to its votes, without some roll calls or with other bridges.

    Parameters
    ----------
    rollcalls, fit, fit_by
        As in `fit_without`.
    without : list of str
        Roll calls to leave out.
    items : mapping of str to str, optional
        Item of each roll call that has the same item as another roll call. This mapping replaces the bridges
        of the fit.

    Raises
    ------
    InputError
        If no contested roll call remains.
    NotUsableError
        If the fit consists of draws: only a fit at the mode can be refitted.
    """
    kept = votes_of(fit, rollcalls, without)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BridgeWarning)  # the original fit has already raised this warning
        return fit_by(specification_of(fit, without, items=items), kept)


def positions_at(
    rollcalls: RollCalls, others: Fit, iterations: list[str], members: list[str], n_draws: int, seed: int
) -> DrawnPositions:
    """Return positions at the dates of versions that are not in the fit.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    others : Fit
        The fit without these versions, from `fit_without`.
    iterations : list of str
        Ids of the versions.
    members : list of str
        Ids of the members.
    n_draws : int
        Number of draws, from the normal approximation or from the posterior.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    DrawnPositions

    Raises
    ------
    NotUsableError
        If a member cast no vote outside the resolution, or if a version is in a period without another roll
        call.
    """
    rows = others.member_ids.get_indexer(members)
    if (rows < 0).any():
        who = ", ".join(name for name, row in zip(members, rows, strict=True) if row < 0)
        raise NotUsableError(
            f"{who} cast no vote outside this resolution", remedy="use a window with more roll calls"
        )
    # Each version takes its positions from a roll call of the fit: from any roll call if positions are
    # constant, and otherwise from a roll call of the same period.
    stand = [str(others.rollcall_ids[0])]
    if others.period_name is not None:
        frame = rollcalls.rollcalls
        period = frame["date"].dt.year if others.period_name == "year" else frame[others.period_name]
        fitted = period.reindex(others.rollcall_ids)
        alone = [rollcall for rollcall in iterations if not (fitted == period[rollcall]).any()]
        if alone:
            raise NotUsableError(
                f"the fit has no roll call in the period of {', '.join(alone)}", remedy="use longer periods"
            )
        stand = [str((fitted == period[rollcall]).idxmax()) for rollcall in iterations]
    names = list(dict.fromkeys(stand))
    back = [names.index(name) for name in stand]
    drawn = others.draw(n_draws, names, seed)
    draws, paths = drawn.positions, drawn.paths
    centre = draws.mean(axis=0) if others.sampled else others.at_mode(names).positions[0]
    if centre.ndim == 2:
        centre, draws = centre[None], draws[:, None]
    if paths is not None:
        by_group = None if paths.groups is None else paths.groups[:, back][:, :, rows]
        paths = Paths(paths.common[:, back], by_group)
    return DrawnPositions(centre[back][:, rows], draws[:, back][:, :, rows], paths)
