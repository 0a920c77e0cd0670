"""What a model is of, in words: the outcome, the direction of its terms, the levels left out."""

from voteshift.logistic.design import Design
from voteshift.logistic.likelihoods import Family
from voteshift.votes import CATEGORIES

__all__ = ["in_words"]


def in_words(design: Design, family: Family) -> str:
    """Say what is modelled and what its terms are compared with.

    Parameters
    ----------
    design : Design
    family : str
        See `voteshift.logistic.likelihoods.Likelihood`.

    Returns
    -------
    str
        For instance "yes against all other votes; reference levels: AFRICAN (group)".
    """
    return "; ".join(part for part in (_outcome(design, family), _references(design)) if part)


def _outcome(design: Design, family: Family) -> str:
    if family == "multinomial":
        base, *others = design.categories
        return f"{' and '.join(others)}, each against {base}"
    if family == "binary":
        return f"{design.outcome} against " + ("all other votes" if design.outcome in CATEGORIES else "0")
    low, *_, high = design.categories
    return f"{' < '.join(design.categories)}: a term above 0 goes with {high}, below 0 with {low}"


def _references(design: Design) -> str:
    """Name the level of each factor that has no column of its own."""
    said = []
    for factor, state in design.spec.factor_contrasts.items():
        lacking = [level for level in state.levels if f"{factor}[T.{level}]" not in design.columns]
        variables = [name for name in design.variables if name in design.spec.factor_variables[factor]]
        if len(lacking) == 1 and len(state.levels) > 1 and variables:
            said.append(f"{lacking[0]} ({variables[0]})")
    return f"reference levels: {', '.join(sorted(said))}" if said else ""
