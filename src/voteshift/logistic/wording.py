"""A description in words of the outcome of a model and the direction of its terms."""

from voteshift.logistic.design import Design
from voteshift.logistic.likelihoods import Family
from voteshift.votes import CATEGORIES

__all__ = ["describe_outcome"]


def describe_outcome(design: Design, family: Family) -> str:
    """Return a description of the outcome and of the categories that are compared.

    Parameters
    ----------
    design : Design
    family : str
        See `voteshift.logistic.likelihoods.Likelihood`.

    Returns
    -------
    str
        For instance "yes against all other votes".
    """
    if family == "multinomial":
        base, *others = design.categories
        return f"{' and '.join(others)}, each against {base}"
    if family == "binary":
        return f"{design.outcome} against " + ("all other votes" if design.outcome in CATEGORIES else "0")
    low, *_, high = design.categories
    return f"{' < '.join(design.categories)}: a term above 0 is associated with {high}, below 0 with {low}"
