"""The parts of the default explanation from draws of the posterior and from the normal approximation.

    python benchmarks/sampled_parts.py [--draws posterior.nc]

The window is 2016 to 2021; without a file of draws (``PosteriorFit.save``) four chains of 2,000 are sampled.
For the parts with member effects the record is sampled a second time, without the resolution.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import voteshift as vs
from voteshift.shift.shapley import shapley
from voteshift.votes import CAST, CATEGORIES

__all__ = ["main", "medians", "parts_of"]

Floats = NDArray[np.float64]
WINDOW = ("2016", "2021")
N_DRAWS = 4000


def parts_of(record: vs.RollCalls, fit: Any, level: float = 0.9) -> dict[tuple[str, str, str], Floats]:
    """Return median and ends of every part, shape (3, components, categories), by layer and step."""
    why = vs.explain(record, model=fit, draws=vs.Draws(N_DRAWS))
    return {
        (layer, step.old, step.new): medians(parts, level)
        for step in why.steps
        for layer, parts in (
            ("model", step.layers.get("model")),
            ("model without member effects", step.positions_only),
        )
        if parts is not None
    }


def medians(parts: Any, level: float) -> Floats:
    """Median, lower and upper end over the draws of one step."""
    split = shapley(parts.draws.corners, parts.draws.n_factors).parts
    return np.quantile(split, [0.5, (1 - level) / 2, (1 + level) / 2], axis=1)


def main(arguments: list[str] | None = None) -> int:
    """Print both, step by step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=Path, help="draws of this window, saved before")
    chosen = parser.parse_args(arguments)
    record = vs.load_hrc()
    window = record.between(*WINDOW)
    sampled = vs.sample(window, draws=2000) if chosen.draws is None else vs.load_posterior(chosen.draws)
    mode = vs.IdealPoints().fit(window)
    together = np.corrcoef(sampled.tidy()["estimate"], mode.tidy()["estimate"])[0, 1]
    print(f"{sampled.verdict}; correlation of means and mode {together:.4f}")
    one, other = parts_of(record, sampled), parts_of(record, mode)
    for step, drawn in one.items():
        print(f"{step[0]}, {step[1]} to {step[2]}")
        for row, component in enumerate(("membership", "switching")):
            for name in CAST:
                column = CATEGORIES.index(name)
                here, at_mode = drawn[:, row, column], other[step][:, row, column]
                print(
                    f"  {component:<10} {name:<7}  draws {here[0]:6.1f} [{here[1]:.1f}, {here[2]:.1f}]"
                    f"  mode {at_mode[0]:6.1f} [{at_mode[1]:.1f}, {at_mode[2]:.1f}]"
                )
    far = np.array([np.abs(one[step] - other[step]).reshape(3, -1).max(axis=1) for step in one]).max(axis=0)
    print(f"at most apart: medians {far[0]:.2f}, lower ends {far[1]:.2f}, upper ends {far[2]:.2f} votes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
