"""A prior of sigma, the size of member effects, from the other resolutions of a fit.

Two or three iterations say little of the standard deviation of a member effect. The other families of the
same fit say how large it commonly is: each family f has sigma_f, and

    log sigma_f ~ N(mu, w^2),

an empirical-Bayes prior in place of the one that `member_effect` declares. Positions are cross-fitted: the
families are dealt into folds, and those of a fold take positions from a fit without any of them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, NotUsableError
from voteshift.ideal.interface import Fit
from voteshift.ideal.objective import Link
from voteshift.resolution.member_effect import family_votes, fit_member_effect, prior_of
from voteshift.resolution.refit import FitBy, Others, fit_without, positions_at
from voteshift.rollcalls import RollCalls
from voteshift.streams import Stream, start_stream

__all__ = ["PooledEffect", "pool", "pool_member_effects"]

Floats = NDArray[np.float64]
_FOLDS: Final = 5
_LEAST: Final = 3  # families below which their spread is unknown
_LITTLE: Final = 1e-3  # precision a family's votes must add to that of the prior to say anything
_NARROWEST: Final = 0.1  # least standard deviation of the pooled prior of log sigma


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """The distribution of log sigma over families.

    Attributes
    ----------
    mean, sd : float
        mu, and the standard deviation with which the log sigma of another family is foretold: w and the
        uncertainty of mu together.
    table : DataFrame, index ``family``
        ``log_sd`` and ``std_error`` of each family's likelihood, in normal approximation.
    left_out : tuple of str
        Families that say nothing of sigma, or could not be placed.
    """

    mean: float
    sd: float
    table: pd.DataFrame
    left_out: tuple[str, ...]

    def sentence(self) -> str:
        """Return the pooled prior in a sentence."""
        return (
            "The prior of the member effect's standard deviation comes from "
            f"{len(self.table)} other families of the fit: about {np.exp(self.mean):.1f}, times or divided "
            f"by {np.exp(self.sd):.1f}."
        )


def pool(log_sd: Floats, std_error: Floats) -> tuple[float, float]:
    """Return mean and predictive standard deviation of log sigma over families.

    Parameters
    ----------
    log_sd, std_error : ndarray, shape (n_families,)
        Estimates and their standard errors, without a prior.

    Returns
    -------
    tuple of float
        mu, and sqrt(w^2 + var(mu)), w^2 by Paule & Mandel (1982, https://doi.org/10.6028/jres.087.022).
    """
    from statsmodels.stats.meta_analysis import combine_effects  # loading it takes a second

    pooled = combine_effects(log_sd, std_error**2, method_re="iterated")
    wide = float(np.sqrt(max(pooled.tau2, 0.0) + pooled.sd_eff_w_re**2))
    return float(pooled.mean_effect_re), max(wide, _NARROWEST)


def pool_member_effects(
    rollcalls: RollCalls, fit: Fit, family: str, *, fit_by: FitBy, seed: int = 0
) -> PooledEffect:
    """Estimate the strength of member effects on the other families of a fit.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    fit : Fit
        A fit at its mode; it is made again without each of five folds of families.
    family : str
        Slug of the resolution in question: it takes no part.
    fit_by : callable
        What fits a specification to roll calls.
    seed : int
        Deals the families into folds.

    Raises
    ------
    NotUsableError
        If fewer than three other families inform sigma.
    """
    of = rollcalls.rollcalls["family"].reindex(fit.rollcall_ids)
    count = of[(of != "") & (of != family)].value_counts()
    names = np.array(sorted(count.index[count > 1]), dtype=object)
    names = names[start_stream(seed, Stream.POOLED_FAMILIES).permutation(len(names))]
    focal = list(of.index[of == family])
    rows, left_out = {}, []
    mode = fit.mode_fit  # positions are held there, sampled or not
    for fold in range(min(_FOLDS, len(names))):
        dealt = names[fold::_FOLDS]
        away = [*focal, *of.index[of.isin(dealt)]]
        try:
            others = fit_without(rollcalls, mode, away, fit_by=fit_by)
        except NotUsableError:
            left_out += list(dealt)
            continue
        for name in dealt:
            estimate = _likelihood(rollcalls, others, list(of.index[of == name]), fit.link, seed)
            if estimate is None:
                left_out.append(str(name))
            else:
                rows[str(name)] = estimate
    if len(rows) < _LEAST:
        raise NotUsableError(
            f"too few other families ({len(rows)}) to estimate the strength of member effects",
            remedy="widen the window, or do not pool member effects",
        )
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["log_sd", "std_error"]).sort_index()
    mean, sd = pool(table["log_sd"].to_numpy(), table["std_error"].to_numpy())
    return PooledEffect(mean, sd, table.rename_axis("family"), tuple(sorted(left_out)))


def _likelihood(
    rollcalls: RollCalls, others: Others, iterations: list[str], link: Link, seed: int
) -> tuple[float, float] | None:
    """Return log sigma of one family and its standard error by the likelihood alone; None where it is silent.

    The posterior under the declared prior is taken for normal, and the prior is taken out of it.
    """
    iterations = list(rollcalls.rollcalls.loc[iterations, "date"].sort_values(kind="stable").index)
    chosen = rollcalls.select(members=others.member_ids, rollcalls=iterations)
    voted = (chosen.votes >= 0).any(axis=1)
    members = list(chosen.members.index[voted])
    try:
        positions, _ = positions_at(rollcalls, others, iterations, members, 1, seed)
        fit = fit_member_effect(family_votes(chosen.votes[voted], link), positions, others.model.priors)
    except (NotUsableError, InputError):
        return None
    centre, width = prior_of(link)
    precision = 1.0 / fit.covariance[-1, -1] - width**-2.0
    if not fit.converged or precision < _LITTLE:
        return None
    mean = (fit.log_sd / fit.covariance[-1, -1] - centre * width**-2.0) / precision
    return float(mean), float(precision**-0.5)
