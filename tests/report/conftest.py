"""Reports to read: the bundled trio, and a small record whose every word is hostile."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.report.build import REPORT_CHECKS

HOSTILE = (
    "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{ 7*7 }}{% raw %} $x^2$ --> ]]>"
)


@pytest.fixture(scope="session")
def made(trio):
    """The report of the trio."""
    return vs.make_report(trio)


@pytest.fixture(scope="session")
def hostile():
    """A record in which titles, symbols, ids, names and groups would all like to be markup."""
    simulated = vs.simulate(24, 30, seed=3).rollcalls
    votes = simulated.votes.copy()
    votes[0, 4], votes[1, 14] = vs.Vote.NOT_MEMBER, vs.Vote.ABSENT
    members = pd.DataFrame(
        {"group": ["<b>north|south</b>" if number % 2 else "*_`x`" for number in range(24)]},
        index=pd.Index([f"<{number}&" for number in range(24)]),
    )
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2001-01-31", periods=30, freq="90D"),
            "title": [HOSTILE if number in (4, 14, 24) else f"t{number}" for number in range(30)],
            "symbol": [f"<i>{number}</i>$" for number in range(30)],
        },
        index=pd.Index([f"'\"><script>{number}" for number in range(30)]),
    )
    assert np.isin(votes, list(vs.Vote)).all()
    return vs.RollCalls(votes, members, frame, source="<script>source</script>")


@pytest.fixture(scope="session")
def attacked(hostile):
    """The report of the hostile record."""
    return report_on(hostile)


def report_on(record, seed=0, checks=tuple(name for name in REPORT_CHECKS if name != "same_item")):
    """The report without the test that the versions are one item."""
    why = vs.explain(record, HOSTILE, draws=vs.Draws(100, seed=seed))
    return vs.make_report(vs.findings(why, checks), command="voteshift report '<script>'")
