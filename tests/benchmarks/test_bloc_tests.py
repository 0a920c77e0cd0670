"""Worlds in which groups vote as blocs: votes change on two versions only, and the published rates add up."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def blocs(benchmark_script):
    return benchmark_script("bloc_tests")


@pytest.fixture(scope="module")
def truth(blocs):
    return blocs.Truth(blocs.source())


def test_a_world_keeps_seats_and_all_other_votes(blocs, truth):
    record = blocs.make_world("every bloc", 0, truth)
    same = record.rollcalls.index.difference([blocs.OLD, blocs.NEW])
    assert np.array_equal(record.select(rollcalls=same).votes, truth.window.select(rollcalls=same).votes)
    drawn = record.select(rollcalls=[blocs.OLD, blocs.NEW]).votes
    real = truth.window.select(rollcalls=[blocs.OLD, blocs.NEW]).votes
    assert np.array_equal(drawn < 0, real < 0)
    assert (drawn != real).any()


def test_shocks_move_groups_and_only_the_west_in_its_world(blocs, truth):
    """Over 25 worlds: the share of members that voted both times and changed, by group."""
    both = truth.cast.all(axis=1)
    groups = truth.window.members["group"].to_numpy(str)[both]
    changed = {}
    for kind in ("no blocs", "every bloc", "West alone"):
        shares = []
        for seed in range(25):
            votes = blocs.make_world(kind, seed, truth).select(rollcalls=[blocs.OLD, blocs.NEW]).votes[both]
            shares.append(pd.Series(votes[:, 0] != votes[:, 1]).groupby(groups).mean())
        changed[kind] = pd.concat(shares, axis=1).mean(axis=1)
    assert changed["every bloc"]["AFRICAN"] > changed["no blocs"]["AFRICAN"] + 0.1
    assert changed["West alone"]["WEOG"] > changed["no blocs"]["WEOG"] + 0.1
    assert changed["West alone"]["AFRICAN"] == pytest.approx(changed["no blocs"]["AFRICAN"], abs=0.05)


def test_the_published_rates_are_those_of_the_p_values(blocs, root):
    path = root / "benchmarks" / "bloc_tests.json"
    published = json.loads(path.read_text(encoding="utf-8"))
    assert blocs.summarise(published["p_values"]) == published["kinds"]
    assert blocs.write_results(published) == path.read_text(encoding="utf-8")
    page = (root / "docs" / "method.md").read_text(encoding="utf-8")
    for kind, result in published["kinds"].items():
        assert result["datasets"] >= 40
        shares = " | ".join(f"{100 * result['rejected'][name]:.0f} %" for name in blocs.TESTS)
        assert f"| {kind} | {result['shock_sd']:g} | {shares} |" in page
