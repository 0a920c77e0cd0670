"""Small fits of every kind."""

import warnings

import numpy as np
import pytest

import voteshift as vs
from posterior.stand_in import stand_in
from voteshift.simulation import Dynamics


@pytest.fixture(scope="package")
def chamber():
    """A small record with periods and turnover, two groups, and members without a group."""
    world = vs.simulate(
        24, 120, seats=15, term=2, seed=4, categories=2, dynamics=Dynamics(4, tau=0.2, bridges=6)
    )
    record = world.rollcalls
    groups = np.where(np.arange(24) % 3 == 0, "left", "right").astype(object)
    groups[[5, 11]] = ""
    members = record.members.assign(group=groups)
    return vs.RollCalls(record.votes, members, record.rollcalls, polarity=record.polarity)


@pytest.fixture(scope="package")
def static(chamber):
    return vs.IdealPoints().fit(chamber)


@pytest.fixture(scope="package")
def moving(chamber):
    return vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(chamber)


@pytest.fixture(scope="package")
def unbridged(chamber):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        return vs.IdealPoints(dynamics=vs.RandomWalk()).fit(chamber)


@pytest.fixture(scope="package")
def every_fit(chamber, static, moving):
    walk = vs.RandomWalk(bridge="families")
    return {
        "mode": static,
        "marginal": vs.IdealPoints(method="marginal").fit(chamber),
        "sampled": stand_in(chamber, 400),
        "dynamic": moving,
        "dynamic marginal": vs.IdealPoints(method="marginal", dynamics=walk).fit(chamber),
    }
