"""Findings on a small simulated chamber, made once."""

import pandas as pd
import pytest

import voteshift as vs

CHECKS = ["placebo", "expected_switchers", "exact_tests", "unlikely_votes"]


@pytest.fixture(scope="session")
def chamber() -> vs.RollCalls:
    """Thirty roll calls of 24 members in two groups; three are on fish, three on birds."""
    simulated = vs.simulate(24, 30, seed=3).rollcalls
    votes = simulated.votes.copy()
    votes[:4, 4] = vs.Vote.NOT_MEMBER
    votes[-4:, 14] = vs.Vote.NOT_MEMBER
    titles = {4: "On fish", 14: "On fish", 24: "On fish", 5: "On birds", 15: "On birds", 25: "On birds"}
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2001-01-31", periods=30, freq="90D"),
            "title": [titles.get(number, f"Text {number}") for number in range(30)],
        },
        index=[f"r{number:02d}" for number in range(30)],
    )
    members = pd.DataFrame(
        {"group": ["north" if number % 2 else "south" for number in range(24)]},
        index=[f"M{number:02d}" for number in range(24)],
    )
    return vs.RollCalls(votes, members, frame, source="a simulation")


@pytest.fixture(scope="session")
def found(chamber: vs.RollCalls) -> vs.Findings:
    """Return the findings on fish."""
    return vs.findings(vs.explain(chamber, "fish", draws=vs.Draws(100)), CHECKS)


@pytest.fixture(scope="session")
def without_model(chamber: vs.RollCalls) -> vs.Findings:
    """Return the findings on fish where the window was not fitted."""
    fit = vs.IdealPoints().fit(chamber.between("2007", "2008"))
    return vs.findings(vs.explain(chamber, "fish", model=fit, draws=vs.Draws(100)), CHECKS)
