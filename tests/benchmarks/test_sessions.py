"""Positions within sessions of the Assembly beside static fits of the session alone."""

import warnings
from pathlib import Path

import pytest

import voteshift as vs
from voteshift.readers import read_pairs
from voteshift.simulation import Dynamics

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "unga"


def test_a_session_alone_orders_members_alike(benchmark_script):
    world = vs.simulate(40, 300, seed=4, link="probit", dynamics=Dynamics(n_periods=4, tau=0.1, bridges=6))
    frame = world.rollcalls.rollcalls
    record = vs.RollCalls(
        world.rollcalls.votes,
        world.rollcalls.members,
        frame.assign(session=frame["date"].dt.year.astype(str)),
    )
    fit = vs.IdealPoints(link="probit", dynamics=vs.RandomWalk("session", bridge="families")).fit(record)
    table = fit.tidy()
    found = benchmark_script("assembly").within_sessions(record, table)
    assert found["rollcalls"].between(60, 90).all()
    assert found["spearman"].min() > 0.95
    shuffled = table.assign(estimate=table["estimate"].sample(frac=1, random_state=1).to_numpy())
    assert benchmark_script("assembly").within_sessions(record, shuffled)["spearman"].max() < 0.6


@pytest.mark.nightly
@pytest.mark.skipif(not FOLDER.exists(), reason="the General Assembly's record is not here")
def test_the_assembly_is_ordered_as_in_each_session_alone(benchmark_script):
    """`pytest -m nightly tests/benchmarks/test_sessions.py`: half a minute and more."""
    record = vs.read(FOLDER)
    pairs = read_pairs(FOLDER / "matches.csv", record.rollcalls.index)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        fit = vs.IdealPoints(link="probit", dynamics=vs.RandomWalk("session", items=pairs.kept)).fit(record)
    found = benchmark_script("assembly").within_sessions(record, fit.tidy())
    assert found["spearman"].median() >= 0.95
    assert found.loc[found["rollcalls"] >= 40, "spearman"].min() > 0.90
