from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, multinomial

from voteshift.shift.poisson_multinomial import (
    lead_distribution,
    leave_one_out_leads,
    poisson_binomial,
    poisson_multinomial,
)


def world(n_members, seed, *, draws=()):
    return np.random.default_rng(seed).dirichlet([0.5, 0.5, 0.5], size=(*draws, n_members))


def brute(probabilities):
    """Over all 3^n ways to vote."""
    n = len(probabilities)
    grid = np.zeros((n + 1, n + 1))
    for votes in product(range(3), repeat=n):
        grid[votes.count(2), votes.count(0)] += np.prod(probabilities[np.arange(n), list(votes)])
    return grid


@pytest.mark.parametrize("n_members", range(11))
def test_up_to_ten_members_equal_brute_force(n_members):
    probabilities = world(n_members, n_members)
    assert poisson_multinomial(probabilities) == pytest.approx(brute(probabilities), abs=1e-13)


@given(st.integers(0, 5), st.integers(0, 1000))
def test_small_chambers_equal_brute_force_to_relative_precision(n_members, seed):
    """Dirichlet draws with tiny probabilities: terms are only added, never taken away."""
    probabilities = world(n_members, seed)
    assert poisson_multinomial(probabilities) == pytest.approx(brute(probabilities), rel=1e-12, abs=0)


def test_a_council_equals_simulation_within_four_standard_errors():
    probabilities = world(47, 1)
    n = 200_000
    rng = np.random.default_rng(2)
    cuts = probabilities.cumsum(axis=1)
    yes = no = 0
    for member in range(47):
        uniform = rng.random(n)
        no = no + (uniform < cuts[member, 0])
        yes = yes + (uniform >= cuts[member, 1])
    counts = np.zeros((48, 48))
    np.add.at(counts, (yes, no), 1)
    exact = poisson_multinomial(probabilities)
    error = np.sqrt(exact * (1 - exact) / n)
    often = exact * n >= 25  # where the normal standard error means something
    assert often.sum() > 100
    assert (np.abs(counts / n - exact)[often] < 4 * error[often]).all()
    assert abs(counts[~often].sum() / n - exact[~often].sum()) < 4 * np.sqrt(exact[~often].sum() / n)


def test_equal_members_are_multinomial():
    probabilities = np.tile([0.2, 0.3, 0.5], (12, 1))
    grid = poisson_multinomial(probabilities)
    for yes in range(13):
        for no in range(13 - yes):
            theirs = multinomial.pmf([no, 12 - yes - no, yes], 12, [0.2, 0.3, 0.5])
            assert grid[yes, no] == pytest.approx(theirs, rel=1e-10)
    assert poisson_binomial(np.full(12, 0.5)) == pytest.approx(binom.pmf(range(13), 12, 0.5))


@given(st.integers(0, 12), st.integers(0, 1000))
def test_margins_and_leads_are_those_of_the_joint_distribution(n_members, seed):
    probabilities = world(n_members, seed, draws=(2,))
    grid = poisson_multinomial(probabilities)
    assert grid.sum(axis=(1, 2)) == pytest.approx(1)
    assert poisson_binomial(probabilities[..., 2]) == pytest.approx(grid.sum(axis=2))
    assert poisson_binomial(probabilities[..., 0]) == pytest.approx(grid.sum(axis=1))
    leads = np.zeros((2, 2 * n_members + 1))
    for yes in range(n_members + 1):
        for no in range(n_members + 1):
            leads[:, yes - no + n_members] += grid[:, yes, no]
    assert lead_distribution(probabilities) == pytest.approx(leads)


@given(st.integers(1, 9), st.integers(0, 1000))
def test_leaving_one_out_is_the_distribution_without_it(n_members, seed):
    probabilities = world(n_members, seed, draws=(3,))
    found = leave_one_out_leads(probabilities, (0, 1))
    for member in range(n_members):
        others = lead_distribution(np.delete(probabilities, member, axis=1))
        middle = n_members - 1
        expected = others[:, middle] + (others[:, middle + 1] if n_members > 1 else 0)
        assert found[:, member] == pytest.approx(expected)


def test_a_lead_nobody_can_reach_has_no_probability():
    assert (leave_one_out_leads(world(3, 0), (5,)) == 0).all()


@given(st.permutations(range(7)))
def test_the_order_of_members_has_no_say(order):
    probabilities = world(7, 5)
    assert poisson_multinomial(probabilities[list(order)]) == pytest.approx(
        poisson_multinomial(probabilities)
    )


def test_a_vote_that_is_certain_moves_the_tally_by_one():
    probabilities = world(6, 3)
    certain = np.concatenate([probabilities, [[0.0, 0.0, 1.0]]])
    grid = poisson_multinomial(certain)
    assert (grid[0] == 0).all()
    assert grid[1:, :-1] == pytest.approx(poisson_multinomial(probabilities))
