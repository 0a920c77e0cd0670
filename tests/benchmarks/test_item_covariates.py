"""The simulated items with covariates: a world is what it says, and the page quotes the file."""

import json

import numpy as np
import pytest


@pytest.fixture
def items(benchmark_script):
    return benchmark_script("item_covariates")


def test_a_world_is_checked(items):
    record, sd = items.make_world("small", 1)
    assert record.votes.shape == (20, 60)
    assert sd == pytest.approx(1.0)
    table = items.check((record, sd))
    assert len(table) == 4
    assert np.isfinite(table[["estimate", "two_steps", "std_error", "two_steps_error"]].to_numpy()).all()
    summary = items.summarise("small", [table, None])
    assert (summary["worlds"], summary["converged"]) == (2, 1)
    row = summary["midpoint, budget"]
    true = items.truth_of("small")["midpoint"][2]
    assert row["estimate over truth"] == pytest.approx(table["estimate"].iloc[3] / true, abs=1e-3)
    assert row["coverage"] in (0.0, 1.0)


def test_the_page_quotes_the_stored_figures(root, items):
    stored = json.loads((root / "benchmarks" / "item_covariates.json").read_text(encoding="utf-8"))
    page = (root / "docs" / "covariates.md").read_text(encoding="utf-8")
    for kind in items.KINDS:
        assert stored[kind]["worlds"] == 200
        assert stored[kind]["converged"] == (199 if kind == "small" else 200)
        rows = [row for row in stored[kind].values() if isinstance(row, dict)]
        two = [row["two steps over truth"] for row in rows]
        covered = [100 * row["two steps coverage"] for row in rows]
        cells = [
            f"`{kind}`",
            *(f"{row['estimate over truth']:.2f}, {100 * row['coverage']:.0f}" for row in rows),
            f"{min(two):.2f} to {max(two):.2f}, {min(covered):.0f} to {max(covered):.0f}",
        ]
        assert f"| {' | '.join(cells)} |" in page
