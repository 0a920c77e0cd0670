"""The coverage of quantities of chambers: the figures that are quoted, and the worlds they come from."""

import json
import warnings

import numpy as np
import pytest

import voteshift as vs


@pytest.fixture
def chambers(benchmark_script):
    return benchmark_script("chambers")


def test_the_stored_figures_show_what_a_model_without_steps_of_groups_misses(root):
    stored = json.loads((root / "benchmarks" / "chambers.json").read_text(encoding="utf-8"))
    for method in ("mode", "marginal"):
        # What the page says about groups that drift apart: without steps of groups their movement is missed.
        assert stored["groups drift apart"]["coverage"][method]["group_distance: movement"]["coverage"] < 0.8


def test_the_true_parts_add_up_and_worlds_are_what_they_say(chambers):
    still = chambers.Chamber(2, "movement", 0.0)
    assert still.seated.all()
    turned = chambers.Chamber(0, "both", 0.0)
    assert (turned.seated.sum(axis=1) == chambers.SEATS).all()
    assert not turned.seated.all()
    for name, groups in chambers.STATISTICS.items():
        parts = chambers.true_parts(name, groups, turned.positions, turned.seated, turned.groups)
        assert parts["replacement"] + parts["movement"] == pytest.approx(parts["change"], abs=1e-12)
        parts = chambers.true_parts(name, groups, still.positions, still.seated, still.groups)
        assert parts["replacement"] == 0
    drifting = chambers.Chamber(2, "movement", 0.3)
    side = np.where(drifting.groups == "A", 1.0, -1.0)
    moved = (drifting.positions[-1] - drifting.positions[0]) @ side / len(side)
    assert moved > (still.positions[-1] - still.positions[0]) @ side / len(side)


ROWS = {
    "contrasts of two members": "contrasts",
    "ranks": "ranks",
    "medians": "medians",
    "spread": "spread",
    "change of the median: replacement": "median: replacement",
    "change of the median: movement": "median: movement",
    "change of a group distance: replacement": "group_distance: replacement",
    "change of a group distance: movement": "group_distance: movement",
    "change of the spread: replacement": "spread: replacement",
    "change of the spread: movement": "spread: movement",
}


def test_the_page_quotes_the_stored_figures(root):
    stored = json.loads((root / "benchmarks" / "chambers.json").read_text(encoding="utf-8"))
    page = (root / "docs" / "quantities.md").read_text(encoding="utf-8")
    for words, name in ROWS.items():
        cells = [
            f"{100 * stored[drift]['coverage'][method][name]['coverage']:.1f}"
            for drift in ("independent steps", "groups drift apart")
            for method in ("mode", "marginal", "mode with steps of groups")
        ]
        assert f"| {words} | {' | '.join(cells)} |" in page
    for drift in ("independent steps", "groups drift apart"):
        assert f"{stored[drift]['worlds']} chambers" in page.replace("\n", " ")


def test_a_world_is_checked_with_every_method(chambers):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        result = chambers.simulate_world(1, "independent steps")
    for method in chambers.METHODS:
        assert set(ROWS.values()) <= set(result[method])
        assert all(0 <= share <= 1 for share in result[method].values())
