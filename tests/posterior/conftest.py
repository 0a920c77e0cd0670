"""One small sample that the tests share: a model takes seconds to compile."""

import pytest

import voteshift as vs
from voteshift.posterior.results import PosteriorFit
from voteshift.simulation import Simulated


@pytest.fixture(scope="session")
def simulated() -> Simulated:
    """A small council; one member in ten away at each roll call."""
    return vs.simulate(24, 60, seed=5, missing=0.1)


@pytest.fixture(scope="session")
def drawn(simulated, once) -> PosteriorFit:  # type: ignore[no-untyped-def]
    """Draws from its posterior; absence is a choice there, which changes nothing else of a sample."""
    pytest.importorskip("nutpie")
    spec = vs.IdealPoints(polarity="M03")

    def sample() -> PosteriorFit:
        return vs.sample(simulated.rollcalls, spec, absence="hurdle", draws=1000, tune=400, chains=2, seed=1)

    result: PosteriorFit = once("drawn", sample)
    return result
