"""A single vote against mpmath, tails and thin categories included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likelihood.exact import exact_terms
from voteshift.likelihood.terms import VoteTerms, category_probabilities, log_probabilities, vote_terms

TOP = {"logit": 40.0, "probit": 30.0}
WIDTHS = (1e-9, 1e-6, 1e-3, 0.05, 0.5, 1.0, 2.5, 4.1, 6.0, 9.0, 40.0)
TINY = np.finfo(np.float64).tiny


def worst_errors(votes, link):
    """Relative error of every field over votes given as (eta, lower, upper), in multiples of 1e-12."""
    got = vote_terms(*np.array(votes).T, link)
    want = VoteTerms(*np.array([exact_terms(*vote, link) for vote in votes]).T)
    return {
        name: np.max(np.abs(a - b) / np.maximum(np.abs(b), TINY)) / 1e-12
        for name, a, b in zip(VoteTerms._fields, got, want, strict=True)
    }


@pytest.mark.parametrize("link", TOP)
def test_log_p_and_gradient_are_right_to_1e_12_everywhere(link):
    votes = []
    for eta in np.linspace(-TOP[link], TOP[link], 13):
        for cut in (0.0, 0.37, -1.3):
            votes += [(eta, -np.inf, cut), (eta, cut, np.inf)]
            votes += [(eta, cut, cut + width) for width in WIDTHS]
    errors = worst_errors(votes, link)
    assert max(errors.values()) < 1.0, errors


@pytest.mark.parametrize("link", TOP)
@pytest.mark.parametrize("closed", [False, True])
def test_log_probabilities_are_those_of_the_terms(link, closed):
    eta, width = np.meshgrid(np.linspace(-TOP[link], TOP[link], 41), WIDTHS)
    lower = np.full(eta.shape, -0.4)
    upper = lower + width if closed else np.full(eta.shape, np.inf)
    lower[::2] = lower[::2] if closed else -np.inf
    upper[::2] = upper[::2] if closed else 0.3
    np.testing.assert_array_equal(
        log_probabilities(eta, lower, upper, link), vote_terms(eta, lower, upper, link).log_p
    )


@given(
    link=st.sampled_from(["logit", "probit"]),
    where=st.floats(-1.0, 1.0),
    cut=st.floats(-5.0, 5.0),
    width=st.sampled_from(["below", "above"]) | st.floats(-9.0, 1.5),
)
def test_any_vote_is_right(link, where, cut, width):
    eta = where * TOP[link]
    if isinstance(width, str):
        vote = (eta, -np.inf, cut) if width == "below" else (eta, cut, np.inf)
    else:
        vote = (eta, cut, cut + 10.0**width)
        # Near the middle of the interval the derivative by eta passes through 0 and the rounding of the
        # cutpoints themselves is all that is left of it.
        if abs(0.5 * (vote[1] + vote[2]) - eta) < 1e-3:
            return
    errors = worst_errors([vote], link)
    assert max(errors.values()) < 1.0, errors


@pytest.mark.parametrize("link", TOP)
def test_the_far_tails_stay_finite(link):
    eta = np.array([-1e4, -500.0, -60.0, 60.0, 500.0, 1e4])
    for lower, upper in ((-np.inf, 0.0), (0.0, np.inf), (0.0, 1e-9), (0.0, 1.0), (-20.0, 20.0)):
        for name, term in vote_terms(eta, lower, upper, link)._asdict().items():
            assert np.isfinite(term).all(), (name, lower, upper)


@pytest.mark.parametrize("link", TOP)
@pytest.mark.parametrize("kinds", [2, 3])
def test_category_probabilities_add_up(link, kinds):
    p = category_probabilities(np.linspace(-6, 6, 25), np.array([-0.4, 0.3]), kinds, link)
    assert p.shape == (25, kinds)
    np.testing.assert_allclose(p.sum(axis=-1), 1.0, rtol=1e-13)


def test_what_belongs_to_an_infinite_cutpoint_is_zero():
    for link in TOP:
        ends = vote_terms(np.array([0.3, 0.3]), np.array([-np.inf, 0.1]), np.array([0.1, np.inf]), link)
        for name, term in ends._asdict().items():
            if "lower" in name:
                assert term[0] == 0.0, (link, name)
            if "upper" in name:
                assert term[1] == 0.0, (link, name)
