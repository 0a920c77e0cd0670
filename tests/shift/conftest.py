"""The explanation that most tests of this folder read, made once."""

import pytest

import voteshift as vs


@pytest.fixture(scope="session")
def why(record: vs.RollCalls, once) -> vs.Explanation:  # type: ignore[no-untyped-def]
    """Return the explanation of the trio, with member effects."""
    explanation: vs.Explanation = once("explanation", lambda: vs.explain(record))
    return explanation
