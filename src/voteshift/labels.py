"""The names under which a person reads of roll calls."""

import pandas as pd

__all__ = ["rollcall_labels"]


def rollcall_labels(rollcalls: pd.DataFrame) -> pd.Series:
    """Return the symbol of each roll call, or its id where it has no symbol.

    Parameters
    ----------
    rollcalls : DataFrame, index ``rollcall``
        Roll calls; the column ``symbol`` may be missing, and so may cells of it.

    Returns
    -------
    Series of str, same index

    Examples
    --------
    >>> rollcall_labels(pd.DataFrame({"symbol": ["A/RES/1", None]}, index=["17", "18"])).tolist()
    ['A/RES/1', '18']
    """
    ids = pd.Series([str(label) for label in rollcalls.index], index=rollcalls.index, dtype=object)
    if "symbol" not in rollcalls.columns:
        return ids
    symbols = rollcalls["symbol"].astype(object)
    return symbols.where(symbols.notna() & (symbols != ""), ids).map(str)
