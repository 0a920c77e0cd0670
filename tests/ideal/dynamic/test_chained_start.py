"""A court whose members are replaced one by one: no stretch of its periods has the wrong sign."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr

import voteshift as vs
from voteshift.ideal.dynamic.chained_start import chained_start
from voteshift.ideal.dynamic.objective import DynamicModel
from voteshift.ideal.dynamic.optimise import static_start
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.objective import Priors
from voteshift.likelihood import Design

Floats = NDArray[np.float64]

N_TERMS, N_SEATS = 60, 9
TAU = 0.15


def seat_members(rng: np.random.Generator) -> NDArray[np.bool_]:
    """Fill each seat for 8 to 21 terms at a time; return who sits in which term."""
    occupied = []
    for _ in range(N_SEATS):
        begins = [0]
        ends = int(rng.integers(1, 15))
        while ends < N_TERMS:
            begins.append(ends)
            ends += int(rng.integers(8, 22))
        occupied.append(begins)
    spells = sorted(
        (begin, seat, end)
        for seat, begins in enumerate(occupied)
        for begin, end in zip(begins, [*begins[1:], N_TERMS], strict=True)
    )
    seen = np.zeros((N_TERMS, len(spells)), dtype=bool)
    for member, (begin, _, end) in enumerate(spells):
        seen[begin:end, member] = True
    return seen


@cache
def court(seed: int, each: int = 60) -> tuple[DynamicModel, Floats]:
    """Draw a court and its contested cases; return the model and the true positions."""
    rng = np.random.default_rng(seed)
    seen = seat_members(rng)
    n_members = seen.shape[1]
    steps = TAU * rng.standard_normal(seen.shape)
    walks = np.cumsum(steps, axis=0)
    entry = seen.argmax(axis=0)
    positions = rng.standard_normal(n_members) + walks - walks[entry, np.arange(n_members)]
    period = np.repeat(np.arange(N_TERMS), each)
    slopes, cutpoints = 1.7 * rng.standard_normal(len(period)), 0.8 * rng.standard_normal(len(period))
    chances = ndtr(positions[period].T * slopes - cutpoints)
    codes = (rng.random(chances.shape) < chances).astype(np.int8)
    codes[~seen[period].T] = -1
    contested = (codes == 0).any(axis=0) & (codes == 1).any(axis=0)
    period = period[contested].astype(np.int32)
    items = np.arange(len(period), dtype=np.int32)
    design = Design(
        np.ascontiguousarray(codes[:, contested]), period, items, np.full(len(items), 2, np.int8), N_TERMS
    )
    walk = Walk(seen, np.ones(N_TERMS - 1), np.full(n_members, TAU), 0.0)
    return DynamicModel(design, Priors(), walk, "probit"), positions


def agreement(deviations: Floats, positions: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Correlation with the truth in each period, with the sign that most periods have."""
    correlations = np.array(
        [np.corrcoef(deviations[t][seen[t]], positions[t][seen[t]])[0, 1] for t in range(len(seen))]
    )
    return np.asarray(correlations * np.sign(np.median(correlations)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_period_of_a_court_has_the_wrong_sign(seed: int) -> None:
    model, positions = court(seed)
    seen = model.walk.seen
    assert not (seen[0] & seen[-1]).any()
    right = agreement(chained_start(model).deviations, positions, seen)
    assert right.min() > 0.5
    assert np.median(right) > 0.9


def test_the_static_fit_of_a_court_can_give_a_stretch_of_periods_the_wrong_sign() -> None:
    """The reason for the chained start."""
    model, positions = court(3)
    right = agreement(static_start(model).deviations, positions, model.walk.seen)
    assert (right < 0).sum() > 10


def test_the_start_is_standardised_and_complete() -> None:
    model, _ = court(1)
    start = chained_start(model)
    seen = model.walk.seen
    assert np.isfinite(start.deviations).all()
    assert start.deviations[seen].mean() == pytest.approx(0.0, abs=1e-12)
    assert start.deviations[seen].std() == pytest.approx(1.0)
    assert not start.items().any()
    assert not start.steps.any()
    # A member that is not yet, or no longer, on the court stays where it is placed nearest.
    for member in range(seen.shape[1]):
        first, last = np.flatnonzero(seen[:, member])[[0, -1]]
        assert (start.deviations[:first, member] == start.deviations[first, member]).all()
        assert (start.deviations[last:, member] == start.deviations[last, member]).all()


def test_periods_with_few_roll_calls_are_placed_by_their_neighbours_too() -> None:
    model, positions = court(2, each=8)
    right = agreement(chained_start(model).deviations, positions, model.walk.seen)
    assert right.min() > 0
    assert np.median(right) > 0.8


def test_votes_that_separate_nobody_are_refused() -> None:
    model, _ = court(1)
    design = model.design
    codes = np.where(design.codes >= 0, 0, -1).astype(np.int8)
    same = Design(codes, design.period, design.item, design.n_categories, N_TERMS)
    with pytest.raises(vs.NotUsableError, match=r"no period separates its members .*wider periods"):
        chained_start(DynamicModel(same, model.priors, model.walk, "probit"))
