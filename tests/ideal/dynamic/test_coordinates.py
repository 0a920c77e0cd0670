"""The state of the marginal fit as one vector."""

import numpy as np

from voteshift.ideal.dynamic.coordinates import State, Units
from voteshift.ideal.dynamic.objective import DynamicPoint
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.learned import Learned
from voteshift.likelihood import Spread

N_PERIODS, N_MEMBERS, N_ITEMS = 3, 4, 5


def draw_state(seed: int, *, tau: float | None = 0.2) -> tuple[State, Units]:
    rng = np.random.default_rng(seed)
    seen = np.ones((N_PERIODS, N_MEMBERS), dtype=bool)
    walk = Walk(seen, np.ones(N_PERIODS - 1), np.full(N_MEMBERS, 0.1), 1.0)
    point = DynamicPoint(
        walk,
        rng.normal(size=seen.shape),
        rng.normal(size=N_PERIODS - 1),
        rng.normal(size=(N_ITEMS, 1)),
        rng.normal(size=N_ITEMS),
        rng.normal(size=N_ITEMS),
    )
    roots = rng.normal(size=(N_ITEMS, 2, 2))
    covariances = (roots @ roots.transpose(0, 2, 1))[:, [0, 0, 1], [0, 1, 1]]
    spread = Spread(rng.gamma(2.0, size=seen.shape), covariances)
    units = Units(rng.gamma(2.0, size=seen.shape), 0.3, rng.gamma(2.0, size=(N_ITEMS, 3)))
    return State(point, spread, Learned(2.0, 1.5, tau)), units


def test_a_state_returns_from_its_vector() -> None:
    for tau in (0.2, None):
        state, units = draw_state(1, tau=tau)
        other, _ = draw_state(2, tau=tau)
        again = units.state(units.vector(state), other)
        np.testing.assert_allclose(again.point.flat(), state.point.flat(), rtol=1e-12)
        np.testing.assert_allclose(again.spread.positions, state.spread.positions, rtol=1e-12)
        np.testing.assert_allclose(again.spread.items, state.spread.items, rtol=1e-10)
        np.testing.assert_allclose(again.learned.discrimination, 2.0)
        np.testing.assert_allclose(again.learned.midpoint, 1.5)
        assert (again.learned.tau is None) == (tau is None)


def test_means_are_in_standard_deviations() -> None:
    state, units = draw_state(1)
    moved = State(
        DynamicPoint(
            state.point.walk,
            state.point.deviations + units.positions,
            state.point.steps + units.steps,
            state.point.discriminations + units.items[:, :1],
            state.point.midpoints + units.items[:, 1],
            state.point.log_gaps + units.items[:, 2],
        ),
        state.spread,
        state.learned,
    )
    n_means = state.point.flat().size
    change = units.vector(moved) - units.vector(state)
    np.testing.assert_allclose(change[:n_means], 1.0, rtol=1e-9)
    np.testing.assert_allclose(change[n_means:], 0.0, atol=1e-12)


def test_extrapolations_have_positive_variances() -> None:
    (one, units), (other, _) = draw_state(1), draw_state(2)
    for weight in (-0.5, 0.5, 1.5):
        vector = units.vector(one) + weight * (units.vector(other) - units.vector(one))
        state = units.state(vector, one)
        variance, covariance, middle = state.spread.items.T
        assert (state.spread.positions > 0).all()
        assert (variance > 0).all()
        assert (variance * middle > covariance**2).all()
        assert state.learned.discrimination > 0
