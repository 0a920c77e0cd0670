"""Sensitivity of the parts of an explanation to the priors, by power-scaling of draws."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Verdict
from voteshift.errors import Unavailable
from voteshift.labels import rollcall_labels
from voteshift.posterior.power_scaling import SENSITIVE, power_sensitivity
from voteshift.shift.explanation import Explanation
from voteshift.shift.shapley import shapley
from voteshift.votes import CAST, CATEGORIES

if TYPE_CHECKING:
    from voteshift.posterior.sampled import Sampled

__all__ = ["PriorSensitivity", "prior_sensitivity"]

_COLUMNS: Final = ["old", "new", "component", "category", "prior", "likelihood", "diagnosis"]


@dataclass(frozen=True, eq=False)
class PriorSensitivity(CheckResult):
    """Change of the parts when the priors, or the votes, weigh a little more or less.

    Attributes
    ----------
    table : DataFrame
        ``old``, ``new``, ``component``, ``category``, ``prior``, ``likelihood`` (see
        `voteshift.posterior.power_scaling.power_sensitivity`; 0.05 or more is sensitive) and ``diagnosis``,
        "" where the priors do not matter. The parts are those estimated without member effects.
    fixed_priors : str
        Which priors are scaled, in words.
    names : Series
        What to call each version.
    without_effects : bool
        Whether the explanation has member effects, which these parts lack.
    """

    table: pd.DataFrame
    fixed_priors: str
    names: pd.Series
    without_effects: bool

    @property
    def verdict(self) -> Verdict:
        """Noted where a part is sensitive, else passed."""
        return "noted" if (self.table["diagnosis"] != "").any() else "passed"

    @property
    def text(self) -> str:
        """The most sensitive part, and every part that depends on the priors."""
        table, names = self.table, self.names
        top = table.loc[table["prior"].idxmax()]
        parts = " of the parts estimated without member effects" if self.without_effects else ""
        text = (
            f"Prior sensitivity{parts} (power scaling of the priors of {self.fixed_priors}): at most "
            f"{top['prior']:.2f}, for {top['component']} in {top['category']}, {names[top['old']]} to "
            f"{names[top['new']]}; a part depends on the priors from {SENSITIVE:g}."
        )
        marked = [
            f"{row.component} in {row.category}, {names[row.old]} to {names[row.new]} ({row.prior:.2f}: "
            f"{row.diagnosis})"
            for row in table[table["diagnosis"] != ""].itertuples()
        ]
        return f"{text} Sensitive: {'; '.join(marked)}." if marked else text

    def tidy(self) -> pd.DataFrame:
        """Return `table`, the sensitivity to the priors as ``estimate``."""
        return self.table.rename(columns={"prior": "estimate"})


@checked
def prior_sensitivity(why: Explanation) -> PriorSensitivity | Unavailable:
    """Measure how far the parts of every step move with the power of the priors and of the votes.

    Parameters
    ----------
    why : Explanation
        One from draws of a posterior.

    Returns
    -------
    PriorSensitivity or Unavailable
        The latter where the draws are those of a normal approximation. The priors are those that are fixed:
        of midpoints and gaps and, where positions move, of the step common to all members; see
        `PosteriorFit.with_log_prior`.
    """
    if why.fit is None or not why.fit.sampled:  # before what samples is loaded: it takes long
        return Unavailable("the draws are not those of a posterior")
    from voteshift.posterior.groups import log_likelihoods

    fit = cast("Sampled", why.fit)
    order = fit.order(why.draws.n, why.draws.seed)
    log_densities = fit.log_priors()[order], log_likelihoods(fit, order)
    codes = [CATEGORIES.index(name) for name in CAST]
    rows = []
    for step in why.steps:
        # The member effect is drawn outside the posterior: the draws it goes with are those of other votes.
        parts = step.positions_only or step.layers.get("model")
        if parts is None or parts.draws is None:
            continue
        split = shapley(parts.draws.corners, parts.draws.n_factors).parts[:, :, codes]
        values = np.moveaxis(split, 1, -1).reshape(-1, why.draws.n)
        prior, likelihood = (power_sensitivity(values, density) for density in log_densities)
        names = [(part, name) for part in parts.draws.components for name in CAST]
        rows += [
            (step.old, step.new, *name, one, other, _diagnose(one, other))
            for name, one, other in zip(names, prior.tolist(), likelihood.tolist(), strict=True)
        ]
    if not rows:
        return Unavailable("no step has a model")
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return PriorSensitivity(table, fit.fixed_priors, rollcall_labels(why.rollcalls), why.has_effect)


def _diagnose(prior: float, likelihood: float) -> str:
    """Return what the two numbers mean by Kallioinen et al.; "" where the priors do not matter."""
    if prior < SENSITIVE:
        return ""
    return "prior and votes disagree" if likelihood >= SENSITIVE else "the votes add little to the prior"
