"""Logistic results as columns of regression tables, in the plug-in format of maketables.

The package maketables recognises any object with these attributes, so voteshift does not import it. It also
recognises a result itself, because a result has the attributes of statsmodels, but then it prints stars for
terms that the data separate.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from voteshift.logistic.results import Estimates

__all__ = ["TableColumn"]

_STATISTICS: Final = {
    "clusters": "Clusters",
    "se_type": "S.E. type",
    "ll": "Log-likelihood",
    "penalty": "Penalty",
    "separated": "Separated terms",
}
_SHOWN: Final = ["N", "clusters", "ll", "penalty", "separated"]


@dataclass(frozen=True, slots=True, eq=False)
class TableColumn:
    """A result as a column of a regression table of maketables.

    A term that the data separate has neither a standard error nor a p-value, and no stars. The
    rows below the coefficients state the number of clusters, the penalty and the number of separated terms.

    Attributes
    ----------
    result : Estimates
        The result.
    """

    result: "Estimates"

    @property
    def __maketables_coef_table__(self) -> pd.DataFrame:
        table = self.result.tidy().set_index("label").rename_axis("Coefficient")
        table["p_value"] = table["p_value"].where(table["std_error"].notna())
        interval = f"ci{100 * self.result.level:g}"
        names = {
            "estimate": "b",
            "std_error": "se",
            "statistic": "t",
            "p_value": "p",
            "conf_low": f"{interval}l",
            "conf_high": f"{interval}u",
        }
        return table[list(names)].rename(columns=names)

    def __maketables_stat__(self, key: str) -> Any:
        """Return a statistic of the model, or None if the model has no such statistic."""
        statistics = {
            "N": self.result.nobs,
            "clusters": self.result.n_clusters,
            "se_type": self.result.errors,
            "ll": self.result.llf,
            "aic": getattr(self.result, "aic", None),
            "bic": getattr(self.result, "bic", None),
            "penalty": "Jeffreys" if getattr(self.result, "penalised", False) else None,
            "separated": len(getattr(self.result, "separated", ())),
        }
        return statistics.get(key)

    @property
    def __maketables_depvar__(self) -> str:
        return self.result.formula.partition("~")[0].strip()

    @property
    def __maketables_stat_labels__(self) -> dict[str, str]:
        return dict(_STATISTICS)

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        return list(_SHOWN)
