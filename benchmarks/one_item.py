"""Rejection rate of the test of one item: python benchmarks/one_item.py [--worlds N] [--out FILE].

Worlds of 45 members and two votes on one resolution; a fifth stay away from either. Positions are known with
a standard error of 0.25. Votes repeat themselves by a member effect of standard deviation sigma, on the
latent scale, where the logistic noise has 1.8. Where the resolution changed, its cutpoints moved by 2. Each
test with and without member effects in the model, 199 replicates.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from voteshift.checks.same_item import compare, compare_with_effect

MEMBERS, AWAY, ERROR, REPLICATES = 45, 0.2, 0.25, 199
WORLDS = ((0.0, 0.0), (4.0, 0.0), (8.0, 0.0), (0.0, 2.0), (4.0, 2.0), (8.0, 2.0))
LEVELS = (0.05, 0.1)


def p_values(seed, sigma, moved):
    """P-values of one world, with and without member effects."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(MEMBERS)
    latent = 1.5 * x[:, None] + sigma * rng.standard_normal((MEMBERS, 1))
    latent = latent + rng.logistic(size=(MEMBERS, 2)) - [0.0, moved]
    votes = (latent > -1).astype(np.int8) + (latent > 1)
    votes = np.where(rng.random(votes.shape) < AWAY, -1, votes).astype(np.int8)
    held = (x + ERROR * rng.standard_normal(MEMBERS))[None, :, None]
    drawn = held[None] + ERROR * rng.standard_normal((REPLICATES, 1, MEMBERS, 1))
    tests = [
        test(votes, held, drawn, "logit", np.random.default_rng([seed, 1]))
        for test in (compare_with_effect, compare)
    ]
    return [(1 + (one.null >= one.observed).sum()) / (REPLICATES + 1) for one in tests]


def main(arguments=None):
    """Run the worlds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=400, help="of each kind")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    rows = []
    for sigma, moved in WORLDS:
        p = np.array([p_values(seed, sigma, moved) for seed in range(options.worlds)])
        rejected = {
            name: {str(level): float((p[:, k] <= level).mean()) for level in LEVELS}
            for k, name in enumerate(("member_effect", "plain"))
        }
        rows.append({"sigma": sigma, "moved": moved, "worlds": options.worlds, "rejected": rejected})
        print(f"sigma {sigma:g}, cutpoints moved by {moved:g}: done", file=sys.stderr)
    heads = [f"{name}, at {level:g}" for name in ("with member effects", "without") for level in LEVELS]
    print(f"| member effect of the world | cutpoints moved by | {' | '.join(heads)} |")
    print("|---" * (2 + len(heads)) + "|")
    for row in rows:
        cells = [row["rejected"][name][str(level)] for name in ("member_effect", "plain") for level in LEVELS]
        shares = " | ".join(f"{100 * share:.0f} %" for share in cells)
        print(f"| {row['sigma']:g} | {row['moved']:g} | {shares} |")
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
