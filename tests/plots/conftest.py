"""Explanations to draw: the bundled trio, a long family, and an assembly of 193."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs


@pytest.fixture(scope="session")
def why(trio):
    """Explanation of the three votes on mutually beneficial cooperation."""
    return trio


@pytest.fixture(scope="session")
def long(record):
    """Explanation of a family of fourteen votes."""
    return vs.explain(record, "unilateral-coercive-measures", draws=vs.Draws(200))


@pytest.fixture(scope="session")
def assembly():
    """An assembly of 193 with long names for groups, some of whom join, leave or stay away."""
    simulated = vs.simulate(193, 60, seed=7, missing=0.05).rollcalls
    votes = simulated.votes.copy()
    votes[:9, 20] = votes[5:30, 40] = vs.Vote.NOT_MEMBER
    ids = [f"M{number:02d}"[-3:] if number < 100 else f"{number}" for number in range(193)]
    groups = ["Africa", "Asia and the Pacific", "Eastern Europe", "Latin America and the Caribbean", "West"]
    members = pd.DataFrame(
        {"name": ids, "group": [groups[number % 5] for number in range(193)]}, index=pd.Index(ids)
    )
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2001-01-31", periods=60, freq="180D"),
            "symbol": [f"A/RES/{60 + number}/{100 + number}" for number in range(60)],
            "title": ["A question that returns" if number in (0, 20, 40) else "" for number in range(60)],
        },
        index=pd.Index([f"r{number}" for number in range(60)]),
    )
    assert (np.unique(votes) >= -3).all()
    return vs.RollCalls(votes, members, frame)


@pytest.fixture(scope="session")
def many(assembly):
    """Explanation of the assembly's repeated question."""
    return vs.explain(assembly, "a question that returns", draws=vs.Draws(200))
