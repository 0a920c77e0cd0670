"""Clusters of roll calls: amendments with their resolution, other roll calls by subject and day.

Half of the roll calls of a council can be amendments, and dozens of amendments can be on one day. Roll calls
are therefore not independent draws.
"""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.families import title_key

__all__ = ["rollcall_clusters"]

_AMENDMENT = re.compile(r"\s*:?\s*(oral )?amendments?\b.*$", re.IGNORECASE)


def rollcall_clusters(rollcalls: pd.DataFrame) -> NDArray[np.intp]:
    """Assign every roll call to a cluster.

    Parameters
    ----------
    rollcalls : DataFrame
        As in `RollCalls.rollcalls`. Amendments and their resolution form a cluster: roll calls of one session
        with the same title, after "...: amendment" is removed from the titles. All other roll calls on one
        subject on one day form a cluster.

    Returns
    -------
    ndarray of int, shape (n_rollcalls,)
        Cluster of each roll call, from 0.
    """
    amends = rollcalls["amendment"].to_numpy(bool)
    bare = [title_key(_AMENDMENT.sub("", str(title))) for title in rollcalls["title"]]
    text = list(zip(rollcalls["session"], bare, strict=True))
    amended = {key for key, is_amendment in zip(text, amends, strict=True) if is_amendment and key[1]}
    days = zip(rollcalls["subject"], rollcalls["date"], rollcalls.index, strict=True)
    keys = [
        ("text", *key) if key in amended else ("day", subject, date) if subject else ("alone", name)
        for key, (subject, date, name) in zip(text, days, strict=True)
    ]
    return np.asarray(pd.factorize(pd.Series(keys, dtype=object))[0], dtype=np.intp)
