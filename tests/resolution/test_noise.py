import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from voteshift.resolution.noise import between, cumulative, quantile

LINKS = {"logit": stats.logistic, "probit": stats.norm}


@pytest.mark.parametrize("link", LINKS)
@given(
    ends=st.lists(st.floats(-60, 60), min_size=2, max_size=2, unique=True),
    uniform=st.floats(0, 1, exclude_max=True),
)
def test_noise_lies_between_its_bounds(link: str, ends: list[float], uniform: float) -> None:
    low, high = sorted(ends)
    for lower, upper in ((low, high), (-np.inf, high), (low, np.inf)):
        drawn = between(np.array(lower), np.array(upper), np.array(uniform), link)
        assert lower <= drawn <= upper
        assert np.isfinite(drawn) or uniform == 0


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("bounds", [(-1.0, 0.5), (0.3, np.inf), (4.0, 6.0), (-np.inf, -3.0), (9.0, np.inf)])
def test_noise_has_the_truncated_distribution(link: str, bounds: tuple[float, float]) -> None:
    lower, upper = bounds
    law = LINKS[link]
    drawn = between(np.array(lower), np.array(upper), np.random.default_rng(0).random(4000), link)
    # on the side where the tail is small, so that far out the reference does not cancel either
    if lower > 0:
        top = law.sf(upper)
        share = (law.sf(drawn) - top) / (law.sf(lower) - top)
    else:
        share = (law.cdf(drawn) - law.cdf(lower)) / (law.cdf(upper) - law.cdf(lower))
    assert stats.kstest(share, "uniform").pvalue > 0.01


@pytest.mark.parametrize("link", LINKS)
def test_the_laws_are_those_of_scipy(link: str) -> None:
    z = np.linspace(-5, 5, 11)
    assert cumulative(z, link) == pytest.approx(LINKS[link].cdf(z), rel=1e-12)
    assert quantile(cumulative(z, link), link) == pytest.approx(z, rel=1e-9)
