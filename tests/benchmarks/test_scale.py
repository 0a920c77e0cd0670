"""The simulated chambers whose spread changes: the worlds are what they say, and the page quotes the file."""

import json

import numpy as np
import pytest

from voteshift.writing import NONE


@pytest.fixture
def scale(benchmark_script):
    return benchmark_script("scale")


def test_the_worlds_are_what_they_say(scale):
    worlds = {kind: scale.make_world(kind, 1) for kind in scale.KINDS}
    for world in worlds.values():
        seated = np.isfinite(world.positions)
        assert np.nanmean(world.positions) == pytest.approx(0.0, abs=1e-12)
        assert np.nanstd(world.positions) == pytest.approx(1.0)
        year = world.record.rollcalls["date"].dt.year.to_numpy() - scale.FIRST_YEAR
        assert ((world.record.votes != -3) == seated[year].T).all()
    assert (np.isfinite(worlds["court"].positions).sum(axis=1) == 9).all()
    growing = np.isfinite(worlds["growing"].positions).sum(axis=1)
    assert (growing[0], growing[-1]) == (60, 190)
    families = worlds["shared"].record.rollcalls["family"]
    year = worlds["shared"].record.rollcalls["date"].dt.year
    assert (families.groupby(families).size() <= 2).all()
    assert [families[year == one].duplicated().any() for one in (1960, 1961)] == [False, False]
    old, new = (set(families[year == one]) for one in (1970, 1971))
    assert len(old & new) == scale.REPEATED
    assert not worlds["sharper"].record.rollcalls["family"].duplicated().any()


def test_a_summary_counts_what_a_fit_says(scale):
    result = {
        "positions": 0.9,
        "differences": 0.8,
        "changes over ten years": 0.7,
        "r": 0.98,
        "periods with the wrong sign": 0,
        "spread": [0.95, 1.2],
        "change": 0.3,
        "estimates": [-0.1, 0.2, 0.3],
        "ratio covered": [False, True, True],
        "identified": True,
    }
    wrong = {**result, "estimates": [0.1, 0.2, -0.3], "ratio covered": [False, True, False]}
    summary = scale.summarise([result, wrong, None])
    assert (summary["worlds"], summary["converged"]) == (3, 2)
    assert (summary["identified"], summary["identified with the true sign"]) == (2, 1)
    assert summary["ratio covered"] == [0.0, 1.0, 0.5]
    assert summary["spread over true spread"]["within .9 to 1.1"] == 0.5


@pytest.mark.slow
def test_shared_items_cover_the_change_that_the_fit_misses(scale):
    """Discriminations and positions both change in these six worlds."""
    results = [scale.check(scale.make_world("shared", seed), "marginal", seed) for seed in range(1, 7)]
    covered = np.array([result["ratio covered"] for result in results])
    assert covered[:, 2].sum() >= 4
    assert covered[:, 0].sum() <= 2
    summary = scale.summarise(results)
    assert summary["identified"] == summary["identified with the true sign"]


def test_the_page_quotes_the_stored_figures(root, scale):
    stored = json.loads((root / "benchmarks" / "scale.json").read_text(encoding="utf-8"))
    page = (root / "docs" / "dynamic.md").read_text(encoding="utf-8")
    n_worlds = stored["court"]["marginal"]["worlds"]
    assert f"benchmarks/scale.py --worlds {n_worlds} --first 101 --out benchmarks/scale.json" in page
    for kind in scale.KINDS:
        row = stored[kind]["marginal"]
        assert row["worlds"] == n_worlds
        spread, covered = row["spread over true spread"], row["ratio covered"]
        cells = [
            f"`{kind}`",
            *(f"{100 * row['coverage'][name]:.0f}" for name in scale.COVERED),
            f"{row['r']['median']:.3f}, {row['r']['lowest']:.3f}",
            f"{spread['5 %']:.2f} to {spread['95 %']:.2f}",
            *(f"{100 * share:.0f}" for share in covered),
            *[NONE] * (3 - len(covered)),
        ]
        assert f"| {' | '.join(cells)} |" in page
    shared = stored["shared"]["marginal"]
    right = shared["identified with the true sign"]
    assert f"{shared['identified']} of {n_worlds} worlds, and it is right in {right} of them" in page
    assert not any(stored[kind]["marginal"]["worlds with a period of the wrong sign"] for kind in scale.KINDS)
    modes = [100 * stored[kind]["mode"]["coverage"]["positions"] for kind in scale.KINDS]
    assert f"cover {min(modes):.0f} % to {max(modes):.0f} % of the positions" in page
    medians = [stored[kind]["mode"]["r"]["median"] for kind in scale.KINDS]
    assert f"{min(medians):.2f} to {max(medians):.2f}" in page
