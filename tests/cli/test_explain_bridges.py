"""`voteshift explain --bridge families`: three ways, as JSON and for people."""

import re

import numpy as np
import pandas as pd
import pytest

import voteshift as vs

pytestmark = pytest.mark.slow

PARTS = {"membership", "positions", "resolution"}
FEW = ("--draws", "100", "--replicates", "0", "--no-cache")


@pytest.fixture(scope="module")
def bridged(run):
    return run.json("explain", "--bridge", "families", "--no-member-effect", *FEW)


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
        assert "leave_one_out" in step["model"]["three_ways"]["leave_one_out"]["not_run"]
    told = re.sub(
        r"\s+", " ", run("explain", "--bridge", "families", "--no-member-effect", "--details", *FEW).stdout
    )
    assert "The check 'leave_one_out' was not run. This check shows the range of the parts" in told
    assert "after splitting" in told
    assert "112 pairs of successive versions were tested" in told


def test_a_change_of_sign_fails_the_check_and_is_in_the_document(bridged):
    for step in bridged["steps"]:
        changes = step["model"]["three_ways"]["sign_changes"]
        assert ("the sign of a part depends on" in bridged["checks"]["sign_changes"]["text"]) >= bool(changes)
        for change in changes:
            assert min(change["found"].values()) < 0 < max(change["found"].values())


def test_leaving_out_takes_bridges(run):
    assert "--leave-out needs --bridge" in run.error("explain", "--leave-out", code=2)


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


def test_an_open_gap_is_told_in_a_line(run, tmp_path):
    """Trees bridge the first two years; nothing the last two."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal(20)
    titles = [(year, f"On birds {k} of {year}") for year in (2001, 2002, 2003) for k in range(6)]
    titles += [(year, "On fish") for year in (2001, 2002, 2003)] + [(2001, "On trees"), (2002, "On trees")]
    votes = [(1.5 * x + rng.logistic(size=20))[:, None] > [-0.7, 0.7] for _ in titles]
    record = vs.RollCalls(
        np.stack([vote.sum(axis=1) for vote in votes], axis=1).astype(np.int8),
        pd.DataFrame(index=[f"M{i:02d}" for i in range(20)]),
        pd.DataFrame([{"date": f"{year}-05-01", "title": title} for year, title in titles]).rename(str),
    )
    vs.write(record, tmp_path / "record")
    found = run("explain", "fish", "--data", tmp_path / "record", "--bridge", "families", "--details", *FEW)
    assert "voteshift: no bridge spans 2002 to 2003" in found.stderr
    assert "BridgeWarning" not in found.stderr
    assert "No bridge spans the dates of this step" in re.sub(r"\s+", " ", found.stdout)


def test_pairs_that_are_left_out_are_counted_and_listed(run, tmp_path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("rcid1,rcid2\n29343,29575\nstranger,29343\n", encoding="utf-8")
    arguments = ("fit", "ideal", "--since", "2020", "--until", "2021", "--periods", "year", "--bridge", pairs)
    found = run(*arguments)
    assert "1 pairs of" in found.stderr
    assert "line 3: stranger and 29343: roll call stranger is not in the record" in found.stderr
