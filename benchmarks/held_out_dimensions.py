"""Is one dimension enough? Log scores of held-out votes in one, two and three dimensions.

    python benchmarks/held_out_dimensions.py council
    python benchmarks/held_out_dimensions.py senate --votes votes.csv.xz   # the 109th Senate

Five folds of single votes; every specification predicts the same votes. The prior standard deviation of
discriminations is 2, because with the default of 5 the mode of further dimensions follows single votes: with
--discrimination 5 the third dimension predicts worse than the second. The votes of the Senate are not
bundled; see two_dimensions.py.
"""

import argparse
import json
from pathlib import Path

import voteshift as vs
from two_dimensions import read_senate
from voteshift.posterior.comparison import compare_held_out
from voteshift.posterior.held_out import k_fold

__all__ = ["main", "measure"]


def measure(record: vs.RollCalls, discrimination: float, *, folds: int, seed: int) -> list[dict[str, object]]:
    """Return a row for each number of dimensions."""
    priors = vs.Priors(discrimination=discrimination)
    held = {
        str(dims): k_fold(record, vs.IdealPoints(dims=dims, priors=priors), k=folds, seed=seed)
        for dims in (1, 2, 3)
    }
    table = compare_held_out(held).tidy().rename(columns={"specification": "dimensions"})
    rows: list[dict[str, object]] = json.loads(table.round(4).to_json(orient="records"))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Held-out votes in one, two and three dimensions")
    parser.add_argument("record", choices=["council", "senate"])
    parser.add_argument("--votes", type=Path, help="votes of the Senate")
    parser.add_argument("--discrimination", type=float, default=2.0)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.record == "senate" and asked.votes is None:
        parser.error("--votes is required for the Senate")
    record = vs.load_hrc() if asked.record == "council" else read_senate(asked.votes)
    for row in measure(record, asked.discrimination, folds=asked.folds, seed=asked.seed):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
