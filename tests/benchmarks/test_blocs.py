"""Blocs that moved: what is published is what was found, and reaches what it must."""

import json

import pytest

PARTS = ("membership", "positions", "resolution")
LAYER = "model"


def category_of(kind):
    """Return the category whose votes change most."""
    return "abstain" if kind.startswith("africa") else "no"


@pytest.fixture
def found(root):
    return json.loads((root / "benchmarks" / "blocs.json").read_text(encoding="utf-8"))


def test_every_part_is_covered_in_every_world(found):
    assert len(found["worlds"]) == 8
    for kind, layers in found["worlds"].items():
        for part in PARTS:
            row = layers[LAYER][part]
            assert row["datasets"] == 40
            assert row["coverage"] >= 0.85, (kind, part)


@pytest.mark.parametrize("kind", ["west_half", "africa_half", "africa_one"])
def test_the_mean_estimate_is_close_to_the_mean_truth(found, kind):
    """Not if the West moves by two prior standard deviations: its movement is underestimated."""
    parts, name = found["worlds"][kind][LAYER], category_of(kind)
    row = parts["positions"][name]
    assert abs(row["truth"]) > 1.4
    assert row["estimate"] == pytest.approx(row["truth"], rel=0.2)
    assert abs(parts["resolution"][name]["estimate"]) < 0.6


def test_the_page_shows_the_stored_figures(root, found):
    page = (root / "docs" / "dynamic.md").read_text(encoding="utf-8")
    for kind, layers in found["worlds"].items():
        name = category_of(kind)
        rows = [layers[LAYER][part][name] for part in PARTS]
        cells = [f"{row['estimate']:.2f} ({row['truth']:.2f}), {row['covered']}" for row in rows]
        assert f"| `{kind}` | {name} | {' | '.join(cells)} |" in page


@pytest.mark.nightly
def test_a_world_is_judged_as_published(benchmark_script):
    """Four seeds: with group steps the movement of a bloc is found, and without them it is not."""
    blocs = benchmark_script("blocs")
    like = benchmark_script("worlds").source()
    estimates = {}
    for delta_group in (0.0, 0.5):
        rows = []
        for seed in range(4):
            world = blocs.make_world("west_one", seed, like)
            model = blocs.specify(delta_group)
            judged = blocs.judge(world, model, n_draws=300, seed=seed, member_effect=False)
            rows += [{"kind": "west_one", **row} for row in judged]
        estimates[delta_group] = blocs.summarise(rows)["west_one"][LAYER]["positions"]["no"]
    assert estimates[0.0]["estimate"] < 0.5 * estimates[0.5]["estimate"]
    assert estimates[0.5]["estimate"] == pytest.approx(estimates[0.5]["truth"], rel=0.4)
