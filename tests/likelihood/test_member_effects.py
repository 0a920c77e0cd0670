"""Draws of member effects, against the distribution function on a very fine grid."""

import numpy as np
import pytest
from scipy.special import log_expit, log_ndtr, ndtri

from voteshift.likelihood.member_effects import draw_member_effects
from voteshift.likelihood.terms import Link


def log_between(lower: np.ndarray, upper: np.ndarray, link: Link) -> np.ndarray:
    """Log P(lower < e < upper), in the tail where the difference does not cancel."""
    log_cdf = log_expit if link == "logit" else log_ndtr
    flip = lower > 0
    far, near = log_cdf(np.where(flip, -lower, upper)), log_cdf(np.where(flip, -upper, lower))
    return far + np.log1p(-np.exp(near - far))


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("sd", [0.0, 0.4, 3.0, 60.0, 2000.0])
def test_draws_have_the_distribution_function_of_the_posterior(link: Link, sd: float) -> None:
    """One yes, agreement, narrow abstentions, contradicting votes. The bound of the error is 0.005."""
    codes = np.array([[2, -1, -1], [0, 0, 0], [1, 1, -1], [0, 1, 2], [2, 0, 2]], dtype=np.int8)
    n, stretch = 41, np.sqrt(1 + sd**2)
    date = np.zeros(3, dtype=np.intp)
    positions = np.tile(np.linspace(-1, 1, 5)[None, None, :, None], (n, 1, 1, 1))
    slopes = np.tile(np.array([-0.1, -0.2, 0.1])[None, :, None] * stretch, (n, 1, 1))
    cuts = np.tile(np.array([[-0.6, -0.5], [-0.55, 0.4], [-0.7, 1.0]])[None] * stretch, (n, 1, 1))
    uniform = np.tile(np.linspace(0.001, 0.999, n)[:, None], (1, 5))
    drawn = draw_member_effects(codes, date, positions, slopes, cuts, np.full(n, sd), uniform, link=link)
    # The grid contains the maximum; with a large sigma, the density is a narrow peak in some places.
    z = np.unique(np.concatenate([np.linspace(-9, 9, 400_001), *(drawn[:, i] for i in range(5))]))
    for i in range(5):
        log_p = -0.5 * z**2
        for version in np.flatnonzero(codes[i] >= 0):
            bounds = np.array([-np.inf, *cuts[0, version], np.inf])[codes[i, version] + np.arange(2)]
            eta = positions[0, 0, i, 0] * slopes[0, version, 0] + sd * z
            log_p += log_between(bounds[0] - eta, bounds[1] - eta, link)
        p = np.exp(log_p - log_p.max())
        below = np.concatenate([[0.0], np.cumsum(0.5 * (p[1:] + p[:-1]) * np.diff(z))])
        reached = np.interp(drawn[:, i], z, below / below[-1])
        assert reached == pytest.approx(uniform[:, i], abs=3e-3)


def test_a_member_without_a_vote_has_a_standard_normal_effect() -> None:
    codes = np.array([[-1, -1], [2, 0]], dtype=np.int8)
    date = np.zeros(2, dtype=np.intp)
    uniform = np.random.default_rng(0).random((60, 2))
    items = np.zeros((60, 2, 1)), np.tile([-1.0, 1.0], (60, 2, 1))
    drawn = draw_member_effects(
        codes, date, np.zeros((60, 1, 2, 1)), *items, np.ones(60), uniform, link="logit"
    )
    np.testing.assert_array_equal(drawn[:, 0], ndtri(uniform[:, 0]))
    assert not np.isclose(drawn[:, 1], ndtri(uniform[:, 1]), atol=1e-6).all()
