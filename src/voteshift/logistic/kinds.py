"""The account of a step by kind of state, with the parts of the change in shares."""

from typing import Final

import numpy as np
import pandas as pd

from voteshift.errors import InputError, UsageError
from voteshift.logistic.arguments import check_type
from voteshift.logistic.design import columns_of
from voteshift.logistic.panel import Panel
from voteshift.votes import CATEGORIES

__all__ = ["kinds"]

_MOST: Final = 12


def kinds(panel: Panel, by: str, old: str, new: str) -> pd.DataFrame:
    """Split the change between two votes by kind of state, in votes and in shares.

    Parameters
    ----------
    panel : Panel
    by : str
        A column of the panel with at most 12 values, for instance ``"group"`` or a number cut into classes.
    old, new : str
        Ids or symbols of two roll calls of the panel.

    Returns
    -------
    DataFrame
        One row per kind and category.

        - ``kind``: value of the column `by`.
        - ``category``: no, abstain or yes.
        - ``stayers``, ``left``, ``joined``: seats, counted as in the account. Seats that cast a vote in
          neither roll call are not counted.
        - ``switching``, ``attendance``, ``turnover``: parts of the change in votes, which add up to the
          change of the tally.
        - ``characteristics``, ``responses``: parts of the change in shares, which add up to the change of the
        share of votes cast.

    Raises
    ------
    UsageError
        If the column or a roll call is unknown, or the column has too many values.
    InputError
        If the kind of a state is missing.

    Notes
    -----
    The parts in votes are `voteshift.account` by kind. For the parts in shares, let s be the share of a kind
    in the votes cast, and r the share of the category within the kind. Characteristics are (s_new - s_old)
    (r_old + r_new) / 2, and responses are (r_new - r_old) (s_old + s_new) / 2 (Kitagawa 1955,
    https://doi.org/10.1080/01621459.1955.10501299). `decompose` returns the same parts for a model whose only
    variable is the kind. If a kind cast no vote in one of the two roll calls, r of the other roll call is
    used for both. If a state changed its kind, the parts in shares use the kind at the time of each vote. The
    parts in votes use the kind from `old`.
    """
    check_type(panel, Panel, "panel", "give the result of panel()")
    frame = panel.frame
    check_type(by, str, "by", columns_of(frame))
    if by not in frame.columns:
        raise UsageError(f"the panel has no column {by!r}", remedy=columns_of(frame))
    ids = [panel.rollcall_id(name) for name in (old, new)]
    votes = [frame[frame["rollcall"] == name].set_index("member") for name in ids]
    values = pd.concat([part[by] for part in votes])
    if values.isna().any():
        who = ", ".join(sorted(set(values.index[values.isna()])))
        raise InputError(
            f"{by!r} is missing for {who}",
            remedy="fill in the values, or leave these members out of the panel",
        )
    names = sorted(values.astype(str).unique())
    if len(names) > _MOST:
        raise UsageError(
            f"{by!r} has {len(names)} values, which are too many",
            remedy="cut the column into classes with pandas.cut",
        )
    before, after = votes
    away = panel.left_out.groupby("rollcall")["member"].agg(set).to_dict() if len(panel.left_out) else {}
    seated = [set(part.index) | away.get(name, set()) for part, name in zip(votes, ids, strict=True)]
    # Seats without a vote also have a kind if the state voted in the other roll call.
    kind = pd.concat([before[by], after[by][~after.index.isin(before.index)]]).astype(str)
    rows = []
    for name in names:
        members = set(kind.index[kind == name])
        both = members & seated[0] & seated[1]
        twice = both & set(before.index) & set(after.index)
        once = both - twice
        left, joined = (members & seated[0]) - both, (members & seated[1]) - both
        for word in CATEGORIES:
            hits = [set(part.index[part["vote"] == word]) for part in votes]
            shares = [float((part[by].astype(str) == name).mean()) for part in votes]
            rates = [float((part.loc[part[by].astype(str) == name, "vote"] == word).mean()) for part in votes]
            measured = [rate for rate in rates if not np.isnan(rate)]
            rates = [measured[0] if np.isnan(rate) else rate for rate in rates]
            rows.append(
                {
                    "kind": name,
                    "category": word,
                    "stayers": len(both),
                    "left": len(left),
                    "joined": len(joined),
                    "switching": len(twice & hits[1]) - len(twice & hits[0]),
                    "attendance": len(once & hits[1]) - len(once & hits[0]),
                    "turnover": len(joined & hits[1]) - len(left & hits[0]),
                    "characteristics": (shares[1] - shares[0]) * (rates[0] + rates[1]) / 2,
                    "responses": (rates[1] - rates[0]) * (shares[0] + shares[1]) / 2,
                }
            )
    return pd.DataFrame(rows)
