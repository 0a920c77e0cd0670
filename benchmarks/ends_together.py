"""How often does the check of ends that vote together fail, in worlds with a known answer?

    python benchmarks/ends_together.py [--datasets 60] [--kinds ...] [--out benchmarks/ends_together.json]

47 members, or 150 in the kinds with "150"; 120 other roll calls and three versions of one resolution; a tenth of
the votes is missing. Other roll calls are monotone. Worlds are named by positions, noise and the slope of the
resolution on the latent scale:

normal, skewed, heavy, blocs   standard normal; exponential; t with 3 degrees of freedom; two blocs
logit, probit, cloglog         noise of the logistic, the normal and the extreme-value distribution
strong, weak, none             slope 3, 1 or 0 on the versions of the resolution; monotone
tendency                       slope 1, and every member has a tendency on all versions (Laplace, sd 3)
ends                           both ends vote no: the utility of yes is a bell curve of the distance to a point
                               from -0.4 to 0.4 (see unfolding.py)
"""

import argparse
import json
import shlex
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import voteshift as vs
from unfolding import draw_noise, draw_positions, cut_latent
from voteshift.checks.ends_together import ALPHA, EndsTogether, ends_together

KINDS = (
    "normal_logit_strong",
    "normal_cloglog_strong",
    "normal_cloglog_weak",
    "skewed_logit_strong",
    "skewed_cloglog_strong",
    "skewed_cloglog_weak",
    "skewed_cloglog_none",
    "heavy_cloglog_strong",
    "blocs_probit_strong",
    "skewed_cloglog_tendency",
    "skewed_cloglog_strong_150",
    "heavy_cloglog_weak_150",
    "uniform_probit_ends",
    "skewed_cloglog_ends",
)
SLOPES = {"strong": 3.0, "weak": 1.0, "none": 0.0, "tendency": 1.0, "ends": 0.0}
N_OTHERS = 120


def make_world(name: str, seed: int) -> vs.RollCalls:
    positions, noise, curve, *rest = name.split("_")
    noise = {"logit": "logistic", "probit": "normal", "cloglog": "extreme"}[noise]
    rng = np.random.default_rng([seed, 43, KINDS.index(name)])
    n = 150 if rest else 47
    x = draw_positions(positions, rng, n)
    others = x[:, None] * rng.normal(0.0, 2.0, N_OTHERS) + draw_noise(noise, rng, (n, N_OTHERS))
    latent = SLOPES[curve] * x[:, None] + draw_noise(noise, rng, (n, 3))
    if curve == "tendency":
        latent += 3.0 * rng.laplace(size=(n, 1)) / np.sqrt(2.0)
    if curve == "ends":
        latent += 4.0 * np.exp(-((x[:, None] - rng.uniform(-0.4, 0.4)) ** 2) / 1.28)
    votes = np.concatenate([cut_latent(others, rng), cut_latent(latent, rng)], axis=1)
    votes[rng.random(votes.shape) < 0.1] = vs.Vote.ABSENT
    columns = votes.shape[1]
    order = rng.permutation(columns)
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2001-01-31", periods=columns, freq="10D"),
            "title": ["On fish" if column >= N_OTHERS else f"Text {column}" for column in order],
        },
        index=[f"r{column:03d}" for column in range(columns)],
    )
    members = pd.DataFrame(index=[f"M{row:03d}" for row in range(n)])
    return vs.RollCalls(votes[:, order], members, frame)


def judge(name: str, seed: int) -> dict[str, Any]:
    record = make_world(name, seed)
    why = vs.explain(record, "On fish", draws=vs.Draws(100, seed=seed), member_effect=False)
    result = ends_together(why)
    if not isinstance(result, EndsTogether):
        return {"p": None, "why": str(result)}
    return {"p": round(result.p_value, 4), "inside": result.turns_in_middle, "turn": round(result.turning_point, 2)}


if __name__ == "__main__":
    n = int(sys.argv[1])
    for kind in sys.argv[2:] or KINDS:
        rows = [judge(kind, seed) for seed in range(n)]
        p = np.array([row["p"] if row["p"] is not None else np.nan for row in rows])
        inside = np.array([row.get("inside", False) for row in rows])
        print(kind, n, "nan", int(np.isnan(p).sum()), "p<=.05", round(float((p <= 0.05).mean()), 3), "p<=.01", round(float((p <= 0.01).mean()), 3),
              "gated .05", round(float(((p <= 0.05) & inside).mean()), 3), "gated .01", round(float(((p <= 0.01) & inside).mean()), 3), [row.get("why") for row in rows if row["p"] is None][:2], flush=True)
