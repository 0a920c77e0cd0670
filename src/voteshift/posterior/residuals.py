"""Residual correlations of members and cohesion of groups, on record and in votes drawn from a fit."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voteshift.descriptives import agreement_index
from voteshift.ideal.encode import place_of
from voteshift.ideal.interface import Fit
from voteshift.posterior.predictive import (
    all_probabilities,
    blocks,
    cast_cells,
    linear_predictors,
    new_votes,
    some_draws,
)
from voteshift.streams import Stream, start_stream
from voteshift.votes import CATEGORIES

__all__ = ["draw_cohesion", "residual_correlations"]

Floats = NDArray[np.float64]
_COMMON: Final = 20  # smallest number of common roll calls of a pair of members


def residual_correlations(fit: Fit) -> Floats:
    """Return Yen's Q3 of every two members: the correlation of their residuals over common roll calls.

    Parameters
    ----------
    fit : Fit
        A fit. A residual is the vote, as the number of its category in the roll call, minus its expectation
        at the mode.

    Returns
    -------
    ndarray, shape (n_members, n_members)
        NaN for members with fewer than 20 common roll calls, and if the residuals of a member do not vary.
    """
    design, names = fit.encoded.design, list(map(str, fit.encoded.rollcalls))
    kinds = design.n_categories[design.item]
    chances = all_probabilities(fit.at_mode(names), kinds, fit.link)[0]
    cast = design.codes >= 0
    present = cast.astype(float)
    residual = np.where(cast, design.codes - chances @ np.arange(3.0), 0.0)
    common = present @ present.T
    total, square = residual @ present.T, residual**2 @ present.T
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = common * (residual @ residual.T) - total * total.T
        spread = common * square - total**2
        result = covariance / np.sqrt(spread * spread.T)
    usable = (common >= _COMMON) & (np.minimum(spread, spread.T) > 1e-9 * common**2)
    return np.where(usable, result, np.nan)


def draw_cohesion(
    fit: Fit, groups: NDArray[np.object_], n_draws: int, seed: int
) -> dict[str, tuple[float, Floats]]:
    """Compute the cohesion of every group, on record and in votes drawn from the model.

    Parameters
    ----------
    fit : Fit
        A fit. Draws come from its normal approximation or from the posterior.
    groups : ndarray of str, shape (n_members,)
        Group of every member of the fit; "" if the member has no group.
    n_draws, seed : int
        Number and seed of the draws.

    Returns
    -------
    dict of str to tuple
        For every group, the mean agreement index (Hix, Noury & Roland 2005) over the roll calls in which at
        least two of its members voted: the value on record, and the values in the draws, shape (n_draws,).
    """
    encoded, design = fit.encoded, fit.encoded.design
    names = list(map(str, encoded.rollcalls))
    member, column = cast_cells(design.codes)
    places = place_of(encoded)[column]
    every = np.arange(len(member))
    kinds = design.n_categories[design.item[column]]
    draws = fit.draw(n_draws, names, seed)
    rng = start_stream(seed, Stream.GROUP_DEPENDENCE)
    sizes = {group: np.bincount(column[(groups == group)[member]], minlength=len(names)) for group in groups}
    usable = {group: sizes[group] > 1 for group in sorted(set(groups) - {""}) if (sizes[group] > 1).any()}

    def agreement(votes: NDArray[np.int8], group: str) -> Floats:
        among = (groups == group)[member]
        key = column[among][None] + len(names) * np.arange(len(votes))[:, None]
        counts = [
            np.bincount(key[votes[:, among] == code], minlength=len(votes) * len(names))
            for code in range(len(CATEGORIES))
        ]
        no, abstain, yes = (count.reshape(len(votes), -1)[:, usable[group]] for count in counts)
        return np.asarray(agreement_index(yes, no, abstain).mean(axis=1))

    seen = places[every, design.codes[member, column]][None]
    drawn: dict[str, list[Floats]] = {group: [] for group in usable}
    for block in blocks(n_draws, len(member)):
        part = some_draws(draws, block)
        codes = new_votes(
            kinds, linear_predictors(part, member, column), part.cutpoints[:, column], fit.link, rng
        )
        for group, values in drawn.items():
            values.append(agreement(places[every, codes], group))
    return {
        group: (float(agreement(seen, group)[0]), np.concatenate(values)) for group, values in drawn.items()
    }
