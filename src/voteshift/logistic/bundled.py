"""The bundled covariates that a formula names."""

import re

import pandas as pd

from voteshift.datasets import load_covariates

__all__ = ["BUNDLED_LAG", "select_bundled"]

#: Years between a bundled value and the vote, if no lag is given: the value was not affected by the vote.
BUNDLED_LAG = 1


def select_bundled(formula: str) -> pd.DataFrame | None:
    """Return the bundled covariates that a formula names; None if it names none of them.

    Parameters
    ----------
    formula : str
        A formula, for instance ``"yes ~ C(version) * voice"``. A word of the formula that is the name of a
        bundled covariate counts as this covariate.

    Returns
    -------
    DataFrame or None
        The columns ``member`` and ``year`` of `voteshift.datasets.load_covariates`, and the columns that the
        formula names.
    """
    table = load_covariates()
    words = set(re.findall(r"\w+", formula))
    named = [name for name in table.columns if name in words and name not in ("member", "year")]
    return table[["member", "year", *named]] if named else None
