"""The fit from which sampling starts."""

import pytest

import voteshift as vs
from voteshift.ideal import Marginal, Mode
from voteshift.posterior.pins import start_at_mode


@pytest.mark.parametrize("method", ["marginal", Marginal(learn=False)])
def test_chains_start_at_the_mode_whatever_the_method(method):
    """A marginal fit has other priors and another scale; the sampled model must not take them over."""
    spec = vs.IdealPoints(method=method, priors=vs.Priors(discrimination=3.0))
    assert start_at_mode(spec) == vs.IdealPoints(priors=vs.Priors(discrimination=3.0))
    several = vs.IdealPoints(method=Mode(starts=2))
    assert start_at_mode(several) is several
