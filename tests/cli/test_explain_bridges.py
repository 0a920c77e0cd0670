"""`voteshift explain --bridge families`: three ways, as JSON and for people."""

import re

import pytest

PARTS = {"membership", "positions", "resolution"}
FEW = ("--draws", "100", "--replicates", "0", "--no-cache")


@pytest.fixture(scope="module")
def bridged(run):
    return run.json("explain", "--bridge", "families", "--no-leaning", *FEW)


def test_the_parts_stand_beside_those_after_splitting(bridged):
    for step in bridged["steps"]:
        model = step["model"]
        assert model.keys() >= PARTS
        split = model["three_ways"]["after_splitting"]
        assert split.keys() >= PARTS
        for part in PARTS:
            for cell in split[part].values():
                assert cell["low"] <= cell["estimate"] <= cell["high"]
        for name in ("yes", "no", "abstain"):
            assert sum(split[part][name]["estimate"] for part in PARTS) == pytest.approx(step["change"][name])


def test_the_bridges_that_are_split_are_listed(bridged):
    screen = bridged["bridges"]
    assert screen["pairs"] == 112
    assert screen["significance"] == 0.01
    assert 0 < len(screen["split"]) < 10
    assert all(row["p_holm"] < 0.01 for row in screen["split"])


def test_what_was_not_run_is_said_with_how_to_run_it(run, bridged):
    for step in bridged["steps"]:
        assert "--leave-out" in step["model"]["three_ways"]["leave_one_out"]["not_run"]
    told = re.sub(r"\s+", " ", run("explain", "--bridge", "families", "--no-leaning", *FEW).stdout)
    assert "Not run: how far the parts range without single families and subjects" in told
    assert "`--leave-out`" in told
    assert "after splitting: positions" in told
    assert "112 pairs of neighbouring iterations screened" in told


def test_a_change_of_sign_is_in_the_sentence_and_in_the_document(bridged):
    for step in bridged["steps"]:
        changes = step["model"]["three_ways"]["sign_changes"]
        assert ("The sign depends on" in step["model"]["sentence"]) == bool(changes)
        for change in changes:
            assert min(change["found"].values()) < 0 < max(change["found"].values())


def test_leaving_out_takes_bridges(run):
    assert "--leave-out leaves out bridges" in run.error("explain", "--leave-out", code=2)


def test_without_bridges_nothing_is_said_of_them(explained):
    assert explained["bridges"] is None
    assert all("three_ways" not in step["model"] for step in explained["steps"])


@pytest.mark.nightly
def test_leaving_out_on_the_record(run):
    """Every family and subject of the record in turn.

    ``python -m pytest -m nightly tests/cli/test_explain_bridges.py``
    """
    found = run.json("explain", "--bridge", "families", "--leave-out", *FEW)
    assert len(found["bridges"]["left_out"]["families"]) == 40
    assert len(found["bridges"]["left_out"]["subjects"]) == 26
    for step in found["steps"]:
        left = step["model"]["three_ways"]["leave_one_out"]
        for part in PARTS:
            for cell in left[part].values():
                assert cell["lowest"] <= cell["estimate"] <= cell["highest"]
        resolution = left["resolution"]["no"]
        if step["change"]["no"] > 10:
            assert resolution["lowest"] > 10
