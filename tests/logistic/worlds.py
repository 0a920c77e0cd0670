"""Panels with known truth."""

import numpy as np
import pandas as pd
from scipy.stats import logistic, norm

import voteshift as vs


def votes(n_members=60, *, effect=1.0, tie=0.5, seed=0, n_rollcalls=3):
    """Return a panel whose votes follow an ordered logit, tied within members by a Gaussian copula."""
    rng = np.random.default_rng(seed)
    member = np.repeat([f"M{i:03d}" for i in range(n_members)], n_rollcalls)
    rollcall = np.tile([f"R{t}" for t in range(n_rollcalls)], n_members)
    x = np.repeat(rng.standard_normal(n_members), n_rollcalls)
    z = rng.standard_normal(len(x)).round(3)
    group = np.repeat(rng.choice(list("abc"), n_members), n_rollcalls)
    shared = np.repeat(rng.standard_normal(n_members), n_rollcalls)
    own = np.sqrt(tie) * shared + np.sqrt(1 - tie) * rng.standard_normal(len(x))
    latent = effect * x - 0.5 * z + 0.4 * (group == "b") + logistic.ppf(norm.cdf(own))
    vote = np.array(["no", "abstain", "yes"])[np.digitize(latent, [-1.0, 0.2])]
    frame = pd.DataFrame(
        {"member": member, "rollcall": rollcall, "vote": vote, "x": x, "z": z, "group": group}
    )
    for word in ("yes", "no", "abstain"):
        frame[word] = (frame["vote"] == word).astype(int)
    return frame


def record():
    """Return a record of four members and three years, two of them on one resolution."""
    long = pd.DataFrame(
        [
            ("AAA", "1", "yes"),
            ("BBB", "1", "abstain"),
            ("CCC", "1", "absent"),
            ("AAA", "2", "no"),
            ("BBB", "2", "no"),
            ("AAA", "3", "yes"),
            ("BBB", "3", "no"),
            ("DDD", "3", "yes"),
        ],
        columns=["member", "rollcall", "vote"],
    )
    rollcalls = pd.DataFrame(
        {
            "date": ["2018-03-01", "2019-03-01", "2020-03-01"],
            "symbol": ["S/1", "S/2", "S/3"],
            "title": ["On fish", "On birds", "On fish"],
        },
        index=["1", "2", "3"],
    )
    members = pd.DataFrame({"name": list("abcd"), "group": list("xxyy")}, index=["AAA", "BBB", "CCC", "DDD"])
    return vs.RollCalls.from_long(long, members=members, rollcalls=rollcalls)
