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
    """Change of the parts of an explanation if the priors or the votes get slightly more or less weight.

    Attributes
    ----------
    table : DataFrame
        ``old``, ``new``, ``component``, ``category``, ``prior``, ``likelihood`` and ``diagnosis``. ``prior``
        and ``likelihood`` are the sensitivity of the part to the priors and to the votes (see
        `voteshift.posterior.power_scaling.power_sensitivity`). A part depends on the priors if ``prior`` is
        0.05 or more; otherwise ``diagnosis`` is empty.
    fixed_priors : str
        The parameters whose priors are scaled, for instance "gaps". Only priors with fixed
        parameters are scaled.
    names : Series
        The name of each version.
    without_effects : bool
        True if the explanation has member effects, but the parts in this table were estimated without them.
    """

    table: pd.DataFrame
    fixed_priors: str
    names: pd.Series
    without_effects: bool

    @property
    def verdict(self) -> Verdict:
        """Noted if a part is sensitive, otherwise passed."""
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
            f"{names[top['new']]}. A part depends on the priors if this number is {SENSITIVE:g} or more."
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
    """Measure how much the parts of every step change with the power of the priors and of the votes.

    Parameters
    ----------
    why : Explanation
        An explanation from draws of a posterior.

    Returns
    -------
    PriorSensitivity or Unavailable
        `Unavailable` if the draws come from a normal approximation, or if the model has no fixed prior. Only
        fixed priors are scaled: the priors of gaps and, if positions are dynamic, of the step common to all
        members. See `PosteriorFit.with_log_prior`.
    """
    if why.fit is None or not why.fit.sampled:  # before the sampling modules are loaded, which takes long
        return Unavailable(
            "this check needs draws of a posterior, but the draws come from a normal approximation"
        )
    from voteshift.posterior.groups import log_likelihoods

    fit = cast("Sampled", why.fit)
    if not fit.fixed_priors:
        return Unavailable(
            "this check needs a prior with a fixed standard deviation, but those of discriminations and "
            "midpoints are estimated"
        )
    order = fit.order(why.draws.n, why.draws.seed)
    log_densities = fit.log_priors()[order], log_likelihoods(fit, order)
    codes = [CATEGORIES.index(name) for name in CAST]
    rows = []
    for step in why.steps:
        # The member effect is drawn outside the posterior, with draws from a fit of other votes.
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
    """Return the diagnosis of Kallioinen et al. for the two numbers; "" if the priors do not matter."""
    if prior < SENSITIVE:
        return ""
    return "prior and votes disagree" if likelihood >= SENSITIVE else "the votes add little to the prior"
