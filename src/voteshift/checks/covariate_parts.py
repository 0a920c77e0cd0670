"""The share of each part that the covariates of positions account for.

With `Priors(positions="~ ...")` the position of member i is normal with mean a + w_i'b and standard deviation
s. Every expected part is computed twice from the same draws of items, without member effects: with the
position of each member, and with the probabilities of its votes averaged over the positions that its
covariates predict,

    P_i(y) = integral of P(y | a + w_i'b + s z) phi(z) dz.

The second part is what members with these covariates would have contributed. The rest of the part comes from
what positions have beyond the covariates: in the terms of Oaxaca (1973, https://doi.org/10.2307/2525981) and
Blinder (1973, https://doi.org/10.2307/144855), characteristics and the unexplained rest. The residuals are
integrated and not set to 0, because in a nonlinear model votes at the mean position are not mean votes
(Fairlie 2005, https://doi.org/10.3233/JEM-2005-0259).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult
from voteshift.errors import Unavailable
from voteshift.ideal.covariates import encode_covariates
from voteshift.ideal.slopes import draw_predictors
from voteshift.shift.answer import Wording, main_category
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import StepDraws, tails
from voteshift.shift.shapley import shapley
from voteshift.streams import Stream, start_stream
from voteshift.votes import CAST, CATEGORIES
from voteshift.writing import number

__all__ = ["CovariateParts", "covariate_parts", "parts_of_covariates"]

Floats = NDArray[np.float64]
_NODES: Final = 9  # of the integral over residuals


@dataclass(frozen=True, eq=False)
class CovariateParts(CheckResult):
    """Every expected part, and how much of it the covariates of positions account for.

    Attributes
    ----------
    formula : str
        The covariates.
    table : DataFrame
        ``old``, ``new``, ``component``, ``category``; ``source``: "positions" (the whole part), "covariates"
        (what members with these covariates would have contributed) and "rest" (their difference);
        ``estimate``, ``conf_low``, ``conf_high``, in votes.
    main : dict of (str, str) to str
        The category that changed most in each step.
    words : Wording
        The names of members and versions in sentences.
    """

    formula: str
    table: pd.DataFrame
    main: dict[tuple[str, str], str]
    words: Wording

    @property
    def text(self) -> str:
        """The parts of the category that changed most, and those of the covariates, step by step."""
        lines = [
            "Expected parts, without member effects: with the estimated positions of "
            f"{self.words.members}, and averaged over the positions that their covariates ({self.formula}) "
            "predict. The second number is what the covariates account for."
        ]
        return " ".join([*lines, *(self.describe_step(ends) for ends in self.main)])

    def tidy(self) -> pd.DataFrame:
        """Return every part of every step by source: the columns of `table`."""
        return self.table.copy()

    def describe_step(self, ends: tuple[str, str]) -> str:
        """Return the parts of a step in the category that changed most, and what covariates account for."""
        name, names = self.main[ends], self.words.versions
        table = self.table
        step = table[(table["old"] == ends[0]) & (table["new"] == ends[1]) & (table["category"] == name)]
        parts = []
        for component, rows in step.groupby("component", sort=False):
            by_source = rows.set_index("source")
            whole, taken = by_source.loc["positions"], by_source.loc["covariates"]
            parts.append(
                f"{component} {number(whole['estimate'])}, of which covariates {number(taken['estimate'])} "
                f"({100 * self.words.level:g}% interval {number(taken['conf_low'])} to "
                f"{number(taken['conf_high'])})"
            )
        return f"{names[ends[0]]} to {names[ends[1]]}, {name}: {'; '.join(parts)}."


def parts_of_covariates(step: StepDraws, predictors: Floats, sds: Floats) -> Floats:
    """Return the expected parts, averaged over the positions that the covariates of a member predict.

    Parameters
    ----------
    step : StepDraws
        The draws of a step in which positions are constant and have one dimension.
    predictors : ndarray, shape (n_draws, n_members)
        a + w_i'b in every draw.
    sds : ndarray, shape (n_draws,)
        s in every draw.

    Returns
    -------
    ndarray, shape (n_factors, n_draws, 3)
        Shapley values in votes, by Gauss-Hermite quadrature over the residuals. A tally is a sum over
        members, so all members can have the same node.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    tallies, latent = step.tallies, step.tallies.latent
    corners = 0.0
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        positions = (predictors + node * sds[:, None])[:, None, :, None]
        at_node = replace(tallies, latent=replace(latent, positions=positions))
        corners = corners + weight * replace(step, tallies=at_node, estimand="expected").corners
    return shapley(np.asarray(corners), step.n_factors).parts


@checked
def covariate_parts(why: Explanation) -> CovariateParts | Unavailable:
    """Compute how much of each part the covariates of positions account for.

    Parameters
    ----------
    why : Explanation
        An explanation by a model with ``Priors(positions="~ ...")``.

    Returns
    -------
    CovariateParts or Unavailable
        Unavailable if the model has no covariates of positions. The parts of the two sources can differ in
        sign: covariates can predict a change that the positions of the members that came and left do not
        show.

    Notes
    -----
    Given the positions, the slopes are drawn from their posterior under a flat prior, and the residual
    standard deviation from its own. The parts are expected votes, because a vote on record has no position
    that could be replaced; they add up to the expected and not to the observed change.
    """
    fit, models = why.fit, why.models
    if fit is None or isinstance(models, Unavailable):
        return Unavailable("the model has no parts, so there is nothing that covariates could account for")
    if fit.spec.priors.covariates is None:
        return Unavailable("the model has no covariates of positions")
    tallies = models.tallies
    fitted = why.record.select(rollcalls=fit.rollcall_ids)
    regression = encode_covariates(fit.spec.priors.covariates, fitted, fit.member_ids)
    drawn = fit.draw(why.draws.n, list(tallies.rollcalls), why.draws.seed).positions[..., 0]
    predictors, sds = draw_predictors(regression, drawn, start_stream(why.draws.seed, Stream.COVARIATE_PARTS))
    predictors = predictors[:, fit.member_ids.get_indexer(tallies.members)]
    frames, main = [], {}
    for step in why.steps:
        if not isinstance(step.model, Unavailable):
            old, new = (tallies.rollcalls.index(end) for end in step.ends)
            draws = StepDraws(tallies, old, new, "expected", apart=False)
            whole = shapley(draws.corners, draws.n_factors).parts
            taken = parts_of_covariates(draws, predictors, sds)
            main[step.ends] = main_category(step)
            sources = {"positions": whole, "covariates": taken, "rest": whole - taken}
            frames.append(pd.DataFrame(_rows(step.ends, draws.components, sources, why.level)))
    return CovariateParts(
        fit.spec.priors.covariates.formula, pd.concat(frames, ignore_index=True), main, why.words
    )


def _rows(
    ends: tuple[str, str], components: tuple[str, ...], sources: dict[str, Floats], level: float
) -> Iterator[dict[str, object]]:
    for place, component in enumerate(components):
        for name in CAST:
            for source, parts in sources.items():
                values = parts[place, :, CATEGORIES.index(name)]
                low, high = np.quantile(values, tails(level))
                yield {
                    "old": ends[0],
                    "new": ends[1],
                    "component": component,
                    "category": name,
                    "source": source,
                    "estimate": values.mean(),
                    "conf_low": low,
                    "conf_high": high,
                }
