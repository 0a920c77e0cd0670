"""A prior of sigma, the standard deviation of member effects, from the other resolutions of a fit.

Two or three versions contain little information on the standard deviation of the member effect. The other
families of the same fit show which values are common. Each family f has a sigma_f, with

    log sigma_f ~ N(mu, w^2).

This empirical-Bayes prior replaces the default prior of `member_effect`. Positions are cross-fitted: families
are assigned to folds at random, and the families of a fold use positions from a fit without these families.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, NotUsableError
from voteshift.ideal.interface import Fit
from voteshift.ideal.links import need_standard
from voteshift.ideal.objective import Link
from voteshift.resolution.member_effect import family_votes, fit_member_effect, prior_of
from voteshift.resolution.refit import FitBy, Others, fit_without, positions_at
from voteshift.rollcalls import RollCalls
from voteshift.streams import Stream, start_stream

__all__ = ["PooledEffect", "pool", "pool_member_effects"]

Floats = NDArray[np.float64]
_FOLDS: Final = 5
_LEAST: Final = 3  # smallest number of families from which the distribution of sigma is estimated
_LITTLE: Final = 1e-3  # smallest precision of log sigma that the votes of a used family provide
_NARROWEST: Final = 0.1  # least standard deviation of the pooled prior of log sigma


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """The distribution of log sigma over families.

    Attributes
    ----------
    mean : float
        The mean mu of log sigma.
    sd : float
        The predictive standard deviation of log sigma for another family. It combines w and the uncertainty
        of mu.
    table : DataFrame, index ``family``
        ``log_sd`` and ``std_error``: estimate and standard error of log sigma of each family, from a normal
        approximation of the likelihood.
    left_out : tuple of str
        Families that were left out, because their votes contain no information on sigma or because their
        positions or items could not be estimated.
    """

    mean: float
    sd: float
    table: pd.DataFrame
    left_out: tuple[str, ...]

    def sentence(self) -> str:
        """Return a description of the pooled prior."""
        return (
            f"The prior of the member effect's standard deviation is estimated from {len(self.table)} "
            f"other families of the fit. The median of this prior is {np.exp(self.mean):.1f}, and one "
            f"standard deviation on the log scale is a factor of {np.exp(self.sd):.1f}."
        )


def pool(log_sd: Floats, std_error: Floats) -> tuple[float, float]:
    """Compute mean and predictive standard deviation of log sigma over families.

    Parameters
    ----------
    log_sd, std_error : ndarray, shape (n_families,)
        Estimates of log sigma and their standard errors, without a prior.

    Returns
    -------
    tuple of float
        The mean mu, and the predictive standard deviation sqrt(w^2 + var(mu)). w^2 is estimated by the method
        of Paule & Mandel (1982, https://doi.org/10.6028/jres.087.022).
    """
    from statsmodels.stats.meta_analysis import combine_effects  # loading it takes a second

    pooled = combine_effects(log_sd, std_error**2, method_re="iterated")
    wide = float(np.sqrt(max(pooled.tau2, 0.0) + pooled.sd_eff_w_re**2))
    return float(pooled.mean_effect_re), max(wide, _NARROWEST)


def pool_member_effects(
    rollcalls: RollCalls, fit: Fit, family: str, *, fit_by: FitBy, seed: int = 0
) -> PooledEffect:
    """Estimate the distribution of sigma, the standard deviation of member effects, over other families.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit. For each of at most five folds of families, the model is fitted again at its mode without the
        families of this fold.
    family : str
        Slug of the resolution under study, which is not used.
    fit_by : callable
        Function that fits a specification to roll calls.
    seed : int
        Seed of the random assignment of families to folds.

    Raises
    ------
    NotUsableError
        If fewer than three other families contain information on sigma.
    """
    of = rollcalls.rollcalls["family"].reindex(fit.rollcall_ids)
    count = of[(of != "") & (of != family)].value_counts()
    names = np.array(sorted(count.index[count > 1]), dtype=object)
    names = names[start_stream(seed, Stream.POOLED_FAMILIES).permutation(len(names))]
    focal = list(of.index[of == family])
    rows, left_out = {}, []
    link = need_standard(fit.link, "member effects")
    mode = fit.mode_fit  # positions are fixed at the mode, also if the fit was sampled
    for fold in range(min(_FOLDS, len(names))):
        dealt = names[fold::_FOLDS]
        away = [*focal, *of.index[of.isin(dealt)]]
        try:
            others = fit_without(rollcalls, mode, away, fit_by=fit_by)
        except NotUsableError:
            left_out += list(dealt)
            continue
        for name in dealt:
            estimate = _likelihood(rollcalls, others, list(of.index[of == name]), link, seed)
            if estimate is None:
                left_out.append(str(name))
            else:
                rows[str(name)] = estimate
    if len(rows) < _LEAST:
        raise NotUsableError(
            f"too few other families ({len(rows)}) to estimate the standard deviation of member effects",
            remedy="use a window with more roll calls, or do not pass member_effect='pooled'",
        )
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["log_sd", "std_error"]).sort_index()
    mean, sd = pool(table["log_sd"].to_numpy(), table["std_error"].to_numpy())
    return PooledEffect(mean, sd, table.rename_axis("family"), tuple(sorted(left_out)))


def _likelihood(
    rollcalls: RollCalls, others: Others, iterations: list[str], link: Link, seed: int
) -> tuple[float, float] | None:
    """Return log sigma of one family and its standard error, from the likelihood without the prior.

    The posterior is approximated by a normal distribution, and the contribution of the normal prior is
    subtracted. The result is None if the fit fails or the votes contain no information on sigma.
    """
    iterations = list(rollcalls.rollcalls.loc[iterations, "date"].sort_values(kind="stable").index)
    chosen = rollcalls.select(members=others.member_ids, rollcalls=iterations)
    voted = (chosen.votes >= 0).any(axis=1)
    members = list(chosen.members.index[voted])
    try:
        positions = positions_at(rollcalls, others, iterations, members, 1, seed).centre
        fit = fit_member_effect(family_votes(chosen.votes[voted], link), positions, others.prior_sds)
    except (NotUsableError, InputError):
        return None
    centre, width = prior_of(link)
    mean, sd = fit.sigma.moments()
    precision = sd**-2.0 - width**-2.0
    if not fit.converged or precision < _LITTLE:
        return None
    mean = (mean * sd**-2.0 - centre * width**-2.0) / precision
    return float(mean), float(precision**-0.5)
