"""State dependence in the likelihood of votes on one resolution, against an enumeration of all votes."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, ndtr

from voteshift.likelihood.item_draws import ItemModel, move_items
from voteshift.likelihood.persistence import draw_persistent_effects, previous_votes, repeated_votes
from voteshift.likelihood.testlets import evaluate_testlets

NODES = np.linspace(-9.0, 9.0, 4001)
WEIGHTS = np.exp(-0.5 * NODES**2)
WEIGHTS /= WEIGHTS.sum()


def problem(link: str, seed: int = 0) -> dict[str, Any]:
    """Three members and three versions with two dimensions; the sets have different rho."""
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.normal(0, 1, (3, 3, 2)), axis=-1) + np.array([0.0, 0.3])
    return {
        "date": np.arange(3),
        "item": np.arange(3),
        "positions": rng.standard_normal((3, 3, 2)),
        "slopes": rng.normal(0, 1, (3, 3, 2)),
        "cuts": cuts,
        "sd": np.array([0.4, 1.5, 4.0]) * (1.0 if link == "logit" else 0.55),
        "persistence": np.array([0.0, 0.6, 0.95]),
        "link": link,
    }


def by_hand(at: dict[str, Any], codes: np.ndarray, which: int) -> float:
    """Log-likelihood of one set: a vote repeats the vote before it, or is drawn from the model."""
    cumulative = expit if at["link"] == "logit" else ndtr
    rho, total = at["persistence"][which], 0.0
    for member, votes in enumerate(codes):
        density, previous = WEIGHTS.copy(), -1
        for version in np.flatnonzero(votes >= 0):
            eta = at["positions"][version, member] @ at["slopes"][which, version] + at["sd"][which] * NODES
            low, high = at["cuts"][which, version]
            below = cumulative(low - eta), cumulative(high - eta)
            p = (below[0], below[1] - below[0], 1.0 - below[1])[votes[version]]
            density *= p if previous < 0 else rho * (votes[version] == previous) + (1.0 - rho) * p
            previous = votes[version]
        total += np.log(density.sum())
    return float(total)


def test_the_vote_before() -> None:
    codes = np.array([[0, -1, 2, 2], [-2, 1, -3, 1], [-1, -1, -1, -1]], dtype=np.int8)
    assert previous_votes(codes).tolist() == [[-1, 0, 0, 2], [-1, -1, 1, 1], [-1] * 4]
    assert repeated_votes(codes).tolist() == [
        [False, False, False, True],
        [False, False, False, True],
        [False] * 4,
    ]


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_likelihood_is_that_of_the_mixture_and_adds_up_over_all_votes(link: str) -> None:
    at = problem(link)
    sequences = np.array(list(product(range(3), repeat=3)), dtype=np.int8)  # of one member
    for member in range(3):
        codes = np.full((3, 3, 3), -1, dtype=np.int8)
        total = np.zeros(3)
        for votes in sequences:
            codes[member] = votes
            found = evaluate_testlets(codes, **at, precise=True).value
            assert found == pytest.approx([by_hand(at, codes[:, k], k) for k in range(3)], abs=2e-6)
            total += np.exp(found)
        assert total == pytest.approx(1.0, abs=1e-6)


def test_a_version_without_a_vote_is_passed_over() -> None:
    at = problem("logit")
    votes = np.array([[0, -1, 0], [-1, 2, 1], [1, 1, -1]], dtype=np.int8)
    codes = np.repeat(votes[:, None], 3, axis=1)
    found = evaluate_testlets(codes, **at, precise=True).value
    assert found == pytest.approx([by_hand(at, votes, k) for k in range(3)], abs=2e-6)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_derivatives_are_those_of_the_value(link: str) -> None:
    at = problem(link, seed=1)
    votes = np.array([[0, 0, 1], [1, 1, 1], [2, -1, 2]], dtype=np.int8)
    codes = np.repeat(votes[:, None], 3, axis=1)
    found = evaluate_testlets(codes, **at, precise=True)
    point = np.column_stack([np.concatenate([at["slopes"], at["cuts"]], axis=-1).reshape(3, -1), at["sd"]])
    for p in range(point.shape[1]):
        sides = []
        for sign in (1, -1):
            moved = point.copy()
            moved[:, p] += sign * 1e-5
            items = moved[:, :-1].reshape(3, 3, 4)
            there = at | {"slopes": items[..., :2], "cuts": items[..., 2:], "sd": moved[:, -1]}
            sides.append(evaluate_testlets(codes, **there, precise=True))
        up, down = sides
        assert found.gradient[:, p] == pytest.approx((up.value - down.value) / 2e-5, abs=1e-7)
        bend = (down.gradient - up.gradient) / 2e-5
        assert np.allclose(found.information[:, p], bend, rtol=1e-6, atol=1e-7)
    assert np.linalg.eigvalsh(found.complete).min() > -1e-9
    assert np.linalg.eigvalsh(found.complete - found.information).min() > -1e-9


def test_rho_of_0_changes_no_bit() -> None:
    at = problem("logit")
    codes = np.random.default_rng(2).integers(-1, 3, (3, 3, 3)).astype(np.int8)
    at["persistence"] = np.zeros(3)
    zero = evaluate_testlets(codes, **at)
    del at["persistence"]
    for name in ("value", "gradient", "information", "complete"):
        assert getattr(zero, name).tobytes() == getattr(evaluate_testlets(codes, **at), name).tobytes()


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("sd", [0.5, 3.0, 30.0])
def test_member_effects_are_drawn_from_their_posterior(link: str, sd: float) -> None:
    """A repeated no and a later yes, and a member without a vote: two humps, not one."""
    codes = np.array([[0, 0, 2], [-1, -1, -1], [1, 1, 1]], dtype=np.int8)
    n, rho = 20_000, 0.7
    positions = np.zeros((n, 1, 3, 1))
    slopes, cuts = np.zeros((n, 3, 1)), np.tile(np.array([-1.0, 1.0]), (n, 3, 1))
    uniform = np.random.default_rng(4).random((n, 3))
    drawn = draw_persistent_effects(
        codes,
        np.zeros(3, dtype=int),
        positions,
        slopes,
        cuts,
        np.full(n, sd),
        np.full(n, rho),
        uniform,
        link=link,  # type: ignore[arg-type]
    )
    cumulative = expit if link == "logit" else ndtr
    nodes = np.linspace(-6.0, 6.0, 40_001)
    weights = np.exp(-0.5 * nodes**2)
    low, high = cumulative(-1.0 - sd * nodes), cumulative(1.0 - sd * nodes)
    densities = {
        0: weights * low * (rho + (1 - rho) * low) * (1 - rho) * (1 - high),
        1: weights,
        2: weights * (high - low) * (rho + (1 - rho) * (high - low)) ** 2,
    }
    for member, density in densities.items():
        below = np.cumsum(density) / density.sum()
        for q in (0.1, 0.25, 0.5, 0.75, 0.9):
            value = np.interp(q, below, nodes)
            assert (drawn[:, member] <= value).mean() == pytest.approx(q, abs=0.02)


def test_chains_move_towards_the_posterior_under_state_dependence() -> None:
    """One item with a single parameter that moves: the share of draws below its posterior quantiles."""
    rng = np.random.default_rng(6)
    n_members, n, rho = 30, 1500, 0.6
    codes = np.where(rng.random((n_members, 1)) < 0.4, 0, 2).astype(np.int8).repeat(2, axis=1)
    codes[:4, 1] = 2 - codes[:4, 0]
    kinds = np.array([[True, False, True]])
    model = ItemModel(
        codes,
        np.zeros(2, dtype=np.intp),
        kinds,
        np.array([[1.0, 1.0, 1.0]]),
        (0.0, 1e-3, 1.0),
        np.pi / np.sqrt(3),
        "logit",
    )
    root = np.zeros((1, 1, 3, 3))
    root[0, 0, 1, 1] = 0.5
    moved = move_items(
        model,
        np.zeros((n, 1, n_members, 1)),
        np.zeros((n, 1, 3)),
        np.zeros(n),
        root,
        np.zeros(n, dtype=np.intp),
        n_sweeps=12,
        rng=rng,
        persistence=np.full(n, rho),
    )
    middle = np.linspace(-4, 4, 401)
    stretch = np.sqrt(1.0 + 3.0 / np.pi**2)
    log_p = -0.5 * middle**2
    for votes in codes:
        p = expit(stretch * middle[:, None] - NODES)  # of a no
        first, second = (p if code == 0 else 1 - p for code in votes)
        log_p += np.log((WEIGHTS * first * (rho * (votes[0] == votes[1]) + (1 - rho) * second)).sum(axis=1))
    below = np.cumsum(np.exp(log_p - log_p.max()))
    below /= below[-1]
    for q in (0.1, 0.5, 0.9):
        assert (moved.items[:, 0, 1] <= np.interp(q, below, middle)).mean() == pytest.approx(q, abs=0.05)
