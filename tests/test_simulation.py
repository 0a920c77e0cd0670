import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, ndtr

import voteshift as vs
from voteshift.simulation import Dynamics


def test_the_seed_decides() -> None:
    first, again, other = (vs.simulate(20, 30, seed=seed, missing=0.1) for seed in (1, 1, 2))
    assert np.array_equal(first.rollcalls.votes, again.rollcalls.votes)
    assert np.array_equal(first.positions, again.positions)
    assert not np.array_equal(first.rollcalls.votes, other.rollcalls.votes)
    assert first.seed == 1


@pytest.mark.parametrize(("link", "cumulative"), [("logit", expit), ("probit", ndtr)])
def test_votes_have_the_model_s_probabilities(link: str, cumulative: object) -> None:
    """Over many members, each category is as frequent as its probability, within 4 standard errors."""
    world = vs.simulate(20_000, 4, seed=3, link=link)  # type: ignore[arg-type]
    eta = world.positions[0] @ world.discriminations.T
    below = cumulative(world.cutpoints[None] - eta[..., None])  # type: ignore[operator]
    expected = np.stack([below[..., 0], below[..., 1] - below[..., 0], 1 - below[..., 1]])
    for code in range(3):
        seen = (world.rollcalls.votes == code).mean(axis=0)
        mean = expected[code].mean(axis=0)
        error = np.sqrt((expected[code] * (1 - expected[code])).mean(axis=0) / 20_000)
        assert (np.abs(seen - mean) < 4 * error).all()


def test_two_categories_are_no_and_yes() -> None:
    votes = vs.simulate(30, 40, seed=0, categories=2, missing=0.2).rollcalls.votes
    assert set(np.unique(votes)) == {vs.Vote.NO, vs.Vote.YES, vs.Vote.ABSENT}
    assert (votes == vs.Vote.ABSENT).mean() == pytest.approx(0.2, abs=0.05)


def test_positions_start_standardised_and_drift() -> None:
    world = vs.simulate(400, 50, seed=1, dims=2, dynamics=Dynamics(n_periods=5, tau=0.1, drift=0.5))
    assert np.allclose(world.positions[0].mean(axis=0), 0, atol=1e-12)
    assert np.allclose(world.positions[0].std(axis=0), 1)
    steps = np.diff(world.positions, axis=0)
    assert steps.mean() == pytest.approx(0.5, abs=0.01)
    assert steps.std() == pytest.approx(0.1, abs=0.01)


def test_periods_are_years_in_order() -> None:
    world = vs.simulate(5, 10, seed=1, dynamics=Dynamics(n_periods=3))
    assert world.period.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert world.rollcalls.rollcalls["date"].dt.year.tolist() == [2000 + t for t in world.period]


@settings(max_examples=50)
@given(
    n_members=st.integers(2, 40), share=st.floats(0.1, 1.0), term=st.integers(1, 4), seed=st.integers(0, 999)
)
def test_a_council_is_always_full_and_terms_are_kept(
    n_members: int, share: float, term: int, seed: int
) -> None:
    seats = max(1, int(share * n_members))
    world = vs.simulate(n_members, 8, seed=seed, seats=seats, term=term, dynamics=Dynamics(n_periods=8))
    seated = world.rollcalls.votes != vs.Vote.NOT_MEMBER
    assert (seated.sum(axis=0) == seats).all()
    if seats * 2 <= n_members:  # enough others: nobody sits longer than a term
        for row in seated:
            runs = "".join("1" if sits else "0" for sits in row).split("0")
            assert max(map(len, runs)) <= term


@pytest.mark.parametrize(
    "wrong",
    [
        {"missing": 1.0},
        {"dynamics": Dynamics(100)},
        {"dynamics": Dynamics(4, bridges=6)},
        {"seats": 99},
        {"dims": 0},
        {"dims": 10**6},
        {"categories": 4},
        {"link": "log"},
        {"missing": float("nan")},
    ],
)
def test_numbers_that_do_not_fit_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(vs.UsageError):
        vs.simulate(10, 20, seed=0, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_periods": 1},
        {"n_periods": 2.5},
        {"tau": -1.0},
        {"tau": float("nan")},
        {"drift": float("inf")},
        {"bridges": -1},
    ],
)
def test_dynamics_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(vs.UsageError, match=next(iter(wrong))):
        Dynamics(**{"n_periods": 4} | wrong)  # type: ignore[arg-type]


def test_a_fit_recovers_what_was_simulated() -> None:
    world = vs.simulate(60, 400, seed=4, missing=0.1)
    fit = vs.IdealPoints().fit(world.rollcalls)
    assert abs(np.corrcoef(fit.tidy()["estimate"], world.positions[0, :, 0])[0, 1]) > 0.98
