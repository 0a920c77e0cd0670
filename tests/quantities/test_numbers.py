"""Statistics of draws against loops over draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voteshift.errors import UsageError
from voteshift.quantities import numbers


@pytest.fixture(params=[4, 5, 9])
def positions(request):
    return np.random.default_rng(request.param).standard_normal((50, request.param))


def test_ranks_by_counting(positions):
    ranks = numbers.rank_members(positions)
    for draw, row in zip(positions, ranks, strict=True):
        assert row.tolist() == [1 + sum(other < x for other in draw) for x in draw]


def test_the_median_and_its_holders_by_sorting(positions):
    place = numbers.median_of(positions)
    n = positions.shape[1]
    held = np.zeros(n)
    for draw, value in zip(positions, place.position, strict=True):
        order = sorted(range(n), key=lambda member: draw[member])
        middle = order[(n - 1) // 2 : n // 2 + 1]
        assert value == pytest.approx(np.mean([draw[member] for member in middle]))
        held[middle] += 1
    assert place.share == pytest.approx(held / len(positions))
    assert place.share.sum() == pytest.approx(1 if n % 2 else 2)


def test_without_its_pivots_neither_side_has_enough_votes(positions):
    n = positions.shape[1]
    needed = n // 2 + 2
    low, high = numbers.pivots(positions, needed)
    assert np.all(low.position <= high.position)
    for draw, one, other in zip(positions, low.position, high.position, strict=True):
        assert (draw >= one).sum() == needed
        assert (draw <= other).sum() == needed


def test_simple_majority_has_one_pivot_in_an_odd_chamber():
    positions = np.random.default_rng(0).standard_normal((20, 7))
    low, high = numbers.pivots(positions, numbers.votes_needed(0.5, 7))
    assert np.array_equal(low.position, high.position)
    assert np.array_equal(low.position, numbers.median_of(positions).position)


@pytest.mark.parametrize(
    ("majority", "n", "needed"),
    [(0.5, 100, 51), (0.5, 47, 24), (0.6, 100, 60), (2 / 3, 99, 66), (2 / 3, 47, 32), (60, 100, 60),
     (0.55, 100, 55), (1, 9, 9), (1.0, 9, 9), (np.int64(60), 100, 60), (0.5001, 101, 51)],
)  # fmt: skip
def test_votes_needed(majority, n, needed):
    assert numbers.votes_needed(majority, n) == needed


@pytest.mark.parametrize("majority", [0.49, 0, 50, 101, -1, 1.5, float("nan"), True, "half", None])
def test_a_majority_is_more_than_half(majority):
    with pytest.raises(UsageError, match=r"give a share from 0\.5 to 1"):
        numbers.votes_needed(majority, 100)


def test_group_means_by_hand(positions):
    n = positions.shape[1]
    belongs = np.zeros((3, n), dtype=bool)
    belongs[0, :2] = belongs[1, 2:] = True
    means = numbers.mean_by_group(positions, belongs)
    assert means[:, 0] == pytest.approx(positions[:, :2].mean(axis=1))
    assert means[:, 1] == pytest.approx(positions[:, 2:].mean(axis=1))
    assert np.isnan(means[:, 2]).all()


def test_positions_outside_the_groups_do_not_enter():
    positions = np.array([[1.0, np.nan, 3.0]])
    assert numbers.mean_by_group(positions, np.array([[True, False, True]])) == pytest.approx(2.0)


def test_intervals_are_quantiles():
    draws = np.random.default_rng(1).standard_normal((1001, 2))
    result = numbers.interval(draws, 0.8)
    assert result.conf_low == pytest.approx(np.quantile(draws, 0.1, axis=0))
    assert result.conf_high == pytest.approx(np.quantile(draws, 0.9, axis=0))
    assert result.estimate == pytest.approx(draws.mean(axis=0))


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 0.8, 0.9]))
def test_intervals_of_ranks_are_whole_and_hold_at_least_their_level(seed, level):
    ranks = numbers.rank_members(np.random.default_rng(seed).standard_normal((40, 6)))
    result = numbers.interval_of_ranks(ranks, level)
    inside = (ranks >= result.conf_low) & (ranks <= result.conf_high)
    assert np.all(inside.mean(axis=0) >= level - 1e-12)
    assert set(result.conf_low) | set(result.conf_high) <= set(range(1, 7))


def loop_statistic(name, values, labels):
    """Return a statistic of lists of values and labels."""
    if name == "median":
        return float(np.median([v for v, label in zip(values, labels, strict=True) if label]))
    if name == "spread":
        return float(np.std([v for v, label in zip(values, labels, strict=True) if label]))
    a = np.mean([v for v, label in zip(values, labels, strict=True) if label == "A"])
    return (
        a
        if name == "group_mean"
        else a - np.mean([v for v, label in zip(values, labels, strict=True) if label == "B"])
    )


@given(st.integers(0, 2**32 - 1), st.sampled_from(["median", "spread", "group_mean", "group_distance"]))
def test_parts_of_a_change_by_brute_force(seed, name):
    """Four chambers are built as lists of (position, group) from the members before and after."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, 9))
    seated = [rng.random(9) < 0.7 for _ in range(2)]
    labels = [np.where(rng.random(9) < 0.5, "A", "B") for _ in range(2)]  # members change their group
    for one, label in zip(seated, labels, strict=True):
        one[:2] = True
        label[:2] = "A", "B"
    groups = ("A",) if name == "group_mean" else ("A", "B") if name == "group_distance" else ()
    belongs = tuple(
        np.stack([one & (label == group) for group in groups]) if groups else one[None]
        for one, label in zip(seated, labels, strict=True)
    )
    split = numbers.split_change(name, (x[0][None], x[1][None]), tuple(seated), belongs)

    def chamber(council, moved):
        values, names = [], []
        for member in np.flatnonzero(seated[council]):
            both = seated[0][member] and seated[1][member]
            values.append(x[(1 if moved else 0) if both else council, member])
            names.append(labels[council][member] if groups else "A")
        return loop_statistic(name, values, names)

    corners = {(c, m): chamber(c, m) for c in (0, 1) for m in (False, True)}
    movement = (corners[0, True] - corners[0, False] + corners[1, True] - corners[1, False]) / 2
    replacement = (corners[1, False] - corners[0, False] + corners[1, True] - corners[0, True]) / 2
    assert split.movement[0] == pytest.approx(movement, abs=1e-12)
    assert split.replacement[0] == pytest.approx(replacement, abs=1e-12)
    assert split.change[0] == pytest.approx(corners[1, True] - corners[0, False], abs=1e-12)
    assert split.change[0] == pytest.approx(split.movement[0] + split.replacement[0], abs=1e-9)


def test_a_chamber_without_turnover_only_moves():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((2, 30, 7))
    all_seated = np.ones(7, dtype=bool)
    split = numbers.split_change("median", (x[0], x[1]), (all_seated,) * 2, (all_seated[None],) * 2)
    assert np.array_equal(split.replacement, np.zeros(30))
    still = numbers.split_change("median", (x[0], x[0]), (all_seated,) * 2, (all_seated[None],) * 2)
    assert np.array_equal(still.change, np.zeros(30))
