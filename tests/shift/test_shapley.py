from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voteshift.shift.shapley import shapley, shapley_values


@given(seed=st.integers(0, 10_000), n_factors=st.integers(1, 4))
def test_parts_add_up_and_lie_between_their_orders(seed: int, n_factors: int) -> None:
    corners = np.random.default_rng(seed).standard_normal((2,) * n_factors + (3, 5))
    found = shapley(corners, n_factors)
    assert np.allclose(found.parts.sum(axis=0), corners[(1,) * n_factors] - corners[(0,) * n_factors])
    assert np.allclose(found.orders.mean(axis=0), found.parts)
    assert np.allclose(found.orders.sum(axis=1), found.parts.sum(axis=0))


def test_two_factors_are_the_average_of_two_orders() -> None:
    corners = np.array([[1.0, 2.0], [4.0, 8.0]])
    found = shapley(corners, 2)
    assert found.parts.tolist() == [0.5 * (3 + 6), 0.5 * (1 + 4)]
    assert sorted(found.orders[:, 0].tolist()) == [3, 6]
    assert sorted(found.orders[:, 1].tolist()) == [1, 4]


def test_three_factors_equal_the_direct_average_over_six_orders() -> None:
    corners = np.random.default_rng(0).standard_normal((2, 2, 2))
    direct = np.zeros(3)
    for order in permutations(range(3)):
        on: set[int] = set()
        for factor in order:
            before = corners[tuple(int(k in on) for k in range(3))]
            on.add(factor)
            direct[factor] += (corners[tuple(int(k in on) for k in range(3))] - before) / 6
    assert shapley(corners, 3).parts == pytest.approx(direct)


def test_a_factor_that_does_nothing_gets_nothing() -> None:
    corners = np.zeros((2, 2))
    corners[1] = 7.0
    assert shapley(corners, 2).parts.tolist() == [7.0, 0.0]


@given(seed=st.integers(0, 10_000), n_factors=st.integers(1, 4))
def test_weights_give_the_same_parts_as_orders(seed: int, n_factors: int) -> None:
    corners = np.random.default_rng(seed).standard_normal((2,) * n_factors + (3, 2))
    assert np.allclose(shapley_values(corners, n_factors), shapley(corners, n_factors).parts)
