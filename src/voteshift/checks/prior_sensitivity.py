"""Whether the parts of an explanation hang on the priors: power-scaling of the draws behind them."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from voteshift.posterior.groups import log_likelihoods
from voteshift.posterior.moving_results import DynamicPosterior
from voteshift.posterior.power_scaling import SENSITIVE, power_sensitivity
from voteshift.posterior.results import PosteriorFit
from voteshift.shift.shapley import shapley
from voteshift.votes import CAST, CATEGORIES

if TYPE_CHECKING:
    from voteshift.shift.explanation import Explanation

__all__ = ["prior_sensitivity"]

_COLUMNS = ["old", "new", "component", "category", "prior", "likelihood", "diagnosis"]


def prior_sensitivity(why: "Explanation") -> pd.DataFrame:
    """Measure how far the parts of every step move with the power of the priors and of the votes.

    Parameters
    ----------
    why : Explanation
        One from draws of a posterior.

    Returns
    -------
    DataFrame
        See `Explanation.prior_sensitivity`: of the parts without member effects. Without rows where the draws are
        those of a normal approximation.
    """
    fit = why.fit
    if not isinstance(fit, (PosteriorFit, DynamicPosterior)):
        return pd.DataFrame(columns=_COLUMNS)
    which = fit.order(why.n_draws, why.seed)
    log_densities = fit.log_priors()[which], log_likelihoods(fit, which)
    codes = [CATEGORIES.index(name) for name in CAST]
    rows = []
    for step in why.steps:
        # A member effect is drawn beside the posterior: the draws it goes with are those of other votes.
        parts = step.without_effect or step.modelled.get("model")
        if parts is None or parts.draws is None:
            continue
        split = shapley(parts.draws.corners, parts.draws.n_factors).parts[:, :, codes]
        values = np.moveaxis(split, 1, -1).reshape(-1, why.n_draws)
        prior, likelihood = (power_sensitivity(values, density) for density in log_densities)
        names = [(part, name) for part in parts.draws.components for name in CAST]
        rows += [
            (step.old, step.new, *name, one, other, _diagnosis(one, other))
            for name, one, other in zip(names, prior.tolist(), likelihood.tolist(), strict=True)
        ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _diagnosis(prior: float, likelihood: float) -> str:
    """Read the two numbers as Kallioinen et al. do."""
    if prior < SENSITIVE:
        return ""
    return "prior and votes disagree" if likelihood >= SENSITIVE else "the votes say little beside the prior"
