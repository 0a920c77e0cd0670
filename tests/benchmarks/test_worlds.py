"""Worlds with a known cause: the parts they know are right, and what is published is what was found."""

import json

import numpy as np
import pytest


@pytest.fixture
def worlds(benchmark_script):
    return benchmark_script("worlds")


@pytest.fixture
def like(worlds):
    return worlds.source()


@pytest.mark.slow
def test_known_parts_add_up_to_what_those_who_sat_voted(worlds, like):
    for kind in (*worlds.STILL, *worlds.MOVING):
        world = worlds.make_world(kind, 3, like)
        tally = world.record.tally()
        change = tally.loc[worlds.NEW] - tally.loc[worlds.OLD]
        total = sum(world.parts.values())
        assert total.tolist() == pytest.approx([change[name] for name in worlds.CATEGORIES]), kind


@pytest.mark.slow
def test_a_world_has_the_cause_it_is_named_after(worlds, like):
    """Over eight worlds: the size of each part, where it is the cause and where it is not."""
    sizes = {}
    for kind in (*worlds.STILL, *worlds.MOVING):
        drawn = [worlds.make_world(kind, seed, like).parts for seed in range(8)]
        sizes[kind] = {part: np.mean([np.abs(parts[part]).mean() for parts in drawn]) for part in drawn[0]}
    assert sizes["turnover"]["membership"] > 1.5 * sizes["resolution"]["membership"]
    assert sizes["resolution"]["switching"] > 2 * sizes["turnover"]["switching"]
    assert sizes["movement"]["positions"] > 2 * sizes["movement"]["resolution"]
    assert sizes["everything"]["resolution"] > 2 * sizes["movement"]["resolution"]


@pytest.mark.slow
def test_every_part_is_judged(worlds, like):
    rows = []
    for seed in range(2):
        rows += worlds.judge(worlds.make_world("mixture", seed, like), "mixture", n_draws=200, seed=seed)
    assert len(rows) == 2 * 2 * 2 * 3
    found = worlds.summarise(rows)
    for parts in found["worlds"]["mixture"].values():
        assert parts["membership"]["datasets"] == 2
        assert 0 <= parts["membership"]["coverage"] <= 1
        assert parts["switching"]["mean_absolute_error"] < 5


def published(root):
    return json.loads((root / "benchmarks" / "worlds.json").read_text(encoding="utf-8"))


def test_what_is_published_reaches_what_it_must(root):
    found = published(root)
    assert found["level"] == 0.9
    assert sum(next(iter(w["model"].values()))["datasets"] for w in found["worlds"].values()) >= 200
    assert 0.86 <= found["pooled"]["model"] <= 0.98
    assert found["worlds"]["habit"]["model"]["membership"]["coverage"] >= 0.85


def test_the_page_shows_the_published_numbers(root):
    page = (root / "docs" / "method.md").read_text(encoding="utf-8")
    found = published(root)
    for name, world in found["worlds"].items():
        cells = [
            f"{100 * world[layer][part]['coverage']:.0f}"
            for part in world["model"]
            for layer in ("model", "model without member effects")
        ]
        datasets = next(iter(world["model"].values()))["datasets"]
        assert f"| {name} | {datasets} | " + " | ".join(cells) in page, name
    pooled = found["pooled"]
    assert f"{100 * pooled['model']:.1f} %" in page
    assert f"{100 * pooled['model without member effects']:.1f} %" in page
    assert found["command"] in page


@pytest.mark.nightly
def test_intervals_cover_the_known_parts(worlds):
    """240 worlds whose positions hold, 60 whose positions move, with other seeds than those published.

    ``python -m pytest -m nightly tests/benchmarks/test_worlds.py``
    """
    rows = [
        row
        for kinds, datasets in ((worlds.STILL, 60), (worlds.MOVING, 30))
        for row in worlds.run(kinds, datasets, n_draws=500, first_seed=1000)
    ]
    found = worlds.summarise(rows)
    assert 0.86 <= found["pooled"]["model"] <= 0.98
    assert found["worlds"]["habit"]["model"]["membership"]["coverage"] >= 0.85
