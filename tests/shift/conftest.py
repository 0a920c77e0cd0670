"""The explanation that most tests of this folder read, made once."""

import pytest

import voteshift as vs


@pytest.fixture(scope="session")
def why(record: vs.RollCalls) -> vs.Explanation:
    """Return the explanation of the trio, with member effects."""
    return vs.explain(record)
