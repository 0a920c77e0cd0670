from itertools import combinations, product

import numpy as np
import pytest

from voteshift.checks.redraw import Tails, draw_elections, redraw


def rng(seed=0):
    return np.random.default_rng(seed)


def every_election(pool, seats):
    """All ways to fill the seats, each once."""
    groups = [
        list(combinations(np.flatnonzero(pool == group), n_seats)) for group, n_seats in enumerate(seats)
    ]
    for chosen in product(*groups):
        elected = np.zeros(len(pool), dtype=bool)
        elected[[member for part in chosen for member in part]] = True
        yield elected


def test_every_set_of_a_group_is_as_likely_and_no_other_occurs():
    pool, seats = np.array([0, 0, 0, 1, 1, 1, 1, -1]), np.array([2, 1])
    drawn = draw_elections(pool, seats, 24_000, rng())
    found, counts = np.unique(drawn, axis=0, return_counts=True)
    every = {tuple(elected) for elected in every_election(pool, seats)}
    assert {tuple(row) for row in found} == every
    assert len(every) == 12
    # Binomial: 24,000 in 12 cells of 2,000 each, standard deviation 43.
    assert np.abs(counts - 2000).max() < 4 * 43


def test_seats_for_nobody_are_refused():
    with pytest.raises(ValueError, match="3 seats for 2"):
        draw_elections(np.array([0, 0]), np.array([3]), 5, rng())


def test_tails_are_those_of_all_elections():
    """By brute force over all elections of a small chamber; Monte Carlo error of 40,000."""
    pool, seats = np.array([0, 0, 0, 0, 1, 1, 1, -1]), np.array([2, 1])
    scores = np.array([[1.0, 0.0, 0.5, 0.5, 0.0, 1.0, 0.5, 1.0]])
    joined = np.array([1, 1, 0, 0, 0, 1, 0, 0], dtype=bool)
    every = np.array([scores[0] @ elected for elected in every_election(pool, seats)])
    mine = scores[0] @ joined
    found = redraw(scores, np.array([-1.5]), joined, draw_elections(pool, seats, 40_000, rng(1)))
    for p_value, exact in ((found.p_more, every >= mine), (found.p_fewer, every <= mine)):
        assert 0.05 < exact.mean() < 1
        assert abs(p_value - exact.mean()) < 4 * 0.5 / np.sqrt(40_000)
    assert found.observed == mine - 1.5
    assert abs(found.random.mean() - (every.mean() - 1.5)) < 4 * every.std() / np.sqrt(40_000)


def test_the_election_itself_is_counted():
    """With one election possible both tails are 1; where the statistic is never reached, 1 / (B + 1)."""
    scores = np.array([[1.0, 1.0, 0.0, 0.0]])
    joined = np.array([True, True, False, False])
    only = redraw(scores, np.zeros(1), joined, np.tile(joined, (99, 1)))
    assert (only.p_more, only.p_fewer, only.p_value) == (1, 1, 1)
    never = redraw(scores, np.zeros(1), joined, np.tile(~joined, (99, 1)))
    assert (never.p_more, never.p_fewer, never.p_value) == (0.01, 1, 0.02)


def test_members_are_compared_within_a_draw():
    """What is uncertain for everybody alike changes no comparison."""
    base = rng(2).random((1, 6))
    joined = np.array([1, 1, 0, 0, 0, 0], dtype=bool)
    elected = draw_elections(np.zeros(6, dtype=int), np.array([2]), 500, rng(3))
    once = redraw(base, np.zeros(1), joined, elected)
    shifted = redraw(base + np.linspace(-3, 3, 7)[:, None], np.zeros(7), joined, elected)
    assert (once.p_more, once.p_fewer) == (shifted.p_more, shifted.p_fewer)
    assert shifted.random[:7] == pytest.approx(once.random[:7] + 2 * np.linspace(-3, 3, 7))


def test_how_often_the_whole_change_is_reached():
    tails = Tails(np.zeros(1), np.array([-3.0, -2.0, 0.0, 2.0]), 1, 1)
    assert tails.as_far_as(2) == 2 / 5
    assert tails.as_far_as(-2) == 3 / 5
    assert tails.as_far_as(-4) == 1 / 5
    assert tails.as_far_as(0) == 1


def test_the_size_is_at_most_what_is_asked_for():
    """Elections that are at random are rejected as often as alpha: 400 worlds with votes known."""
    generator = rng(11)
    pool, seats = np.repeat([0, 1, 2], 12), np.array([4, 3, 5])
    p_values = np.empty((400, 3))
    for world in range(len(p_values)):
        scores = generator.choice([0.0, 0.5, 1.0], p=[0.5, 0.2, 0.3], size=(1, 36))
        joined = draw_elections(pool, seats, 1, generator)[0]
        found = redraw(scores, np.zeros(1), joined, draw_elections(pool, seats, 199, generator))
        p_values[world] = found.p_more, found.p_fewer, found.p_value
    for alpha in (0.05, 0.1, 0.3):
        error = np.sqrt(alpha * (1 - alpha) / len(p_values))
        assert ((p_values <= alpha).mean(axis=0) < alpha + 3 * error).all()
    assert (p_values[:, :2] <= 0.3).mean() > 0.15, "ties make it cautious, not blind"


def test_an_election_that_is_not_at_random_is_found():
    """All seats to those that say no."""
    scores = np.repeat([[1.0, 0.0]], 12, axis=1)[:, :24]
    pool, joined = np.zeros(24, dtype=int), np.tile([True, False], 12)
    joined[10:] = False
    found = redraw(scores, np.zeros(1), joined, draw_elections(pool, np.array([5]), 999, rng(4)))
    assert found.p_more < 0.03
    assert found.p_fewer == 1


def test_the_size_with_votes_that_are_drawn():
    """Votes of those elected on record, all others from the truth: rejected no more often than asked."""
    generator = rng(21)
    chance = np.clip(generator.beta(0.6, 0.8, size=40), 0.02, 0.98)
    pool, seats = np.repeat([0, 1], 20), np.array([6, 5])
    p_values = []
    for _ in range(300):
        new = generator.random(40) < chance
        joined = draw_elections(pool, seats, 1, generator)[0]
        drawn = generator.random((100, 2, 40)) < chance
        drawn[:, 1, joined] = new[joined]
        scores = drawn.mean(axis=1)
        found = redraw(scores, np.zeros(100), joined, draw_elections(pool, seats, 199, generator))
        p_values.append((found.p_more, found.p_fewer))
    for alpha in (0.05, 0.1, 0.3):
        error = np.sqrt(alpha * (1 - alpha) / 300)
        assert ((np.array(p_values) <= alpha).mean(axis=0) < alpha + 3 * error).all()
