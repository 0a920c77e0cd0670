"""A further dimension of a fit: found where it is there, with the derivatives of the likelihood."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import voteshift as vs
from voteshift.ideal.further_dimension import _SLOPE_SD, _Votes, further_dimension
from voteshift.likelihood.terms import vote_terms

Floats = NDArray[np.float64]


class Plane(NamedTuple):
    """A record with two dimensions, its fit in one, and its true positions."""

    record: vs.RollCalls
    fit: vs.IdealFit
    truth: Floats


@pytest.fixture(scope="module")
def plane() -> Plane:
    world = vs.simulate(50, 150, seed=4, dims=2, missing=0.2)
    fit = vs.IdealPoints().fit(world.rollcalls)
    assert isinstance(fit, vs.IdealFit)
    return Plane(world.rollcalls, fit, world.positions)


def explained(target: Floats, by: Floats) -> float:
    """Return the share of the variance of a vector that other vectors explain."""
    terms = np.column_stack([np.ones(len(by)), by])
    rest = target - terms @ np.linalg.lstsq(terms, target, rcond=None)[0]
    return float(1.0 - rest.var() / target.var())


def test_it_is_the_second_axis_where_there_are_two(plane: Plane) -> None:
    place = further_dimension(plane.fit)
    both = vs.IdealPoints(dims=2).fit(plane.record)
    axes = both.at_mode([str(both.rollcall_ids[0])]).positions[0]
    first = plane.fit.at_mode([str(plane.fit.rollcall_ids[0])]).positions[0]
    assert explained(place, axes) > 0.97
    assert explained(place, plane.truth.reshape(50, 2)) > 0.9
    assert explained(place, first) < 1e-9
    assert [place.mean(), place.std()] == pytest.approx([0.0, 1.0], abs=1e-9)


def test_the_third_of_a_plane_is_not_on_it(plane: Plane) -> None:
    both = vs.IdealPoints(dims=2).fit(plane.record)
    axes = both.at_mode([str(both.rollcall_ids[0])]).positions[0]
    assert explained(further_dimension(both), axes) < 1e-9


def test_the_order_of_members_and_roll_calls_does_not_matter(plane: Plane) -> None:
    record = plane.record
    rows, columns = (np.random.default_rng(k).permutation(size) for k, size in enumerate(record.votes.shape))
    members = pd.DataFrame(index=record.members.index[rows])
    rollcalls = pd.DataFrame(index=record.rollcalls.index[columns])
    other = vs.IdealPoints().fit(vs.RollCalls(record.votes[np.ix_(rows, columns)], members, rollcalls))
    assert list(other.member_ids) == list(members.index)
    place, mixed = further_dimension(plane.fit)[rows], further_dimension(other)
    assert np.sign(place @ mixed) * mixed == pytest.approx(place, abs=1e-4)


def test_members_that_move_have_one_too(record: vs.RollCalls) -> None:
    """On the Council's record of four years, still and moving."""
    window = record.between("2018", "2021")
    still = further_dimension(vs.IdealPoints().fit(window))
    moving = further_dimension(vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(window))
    assert abs(np.corrcoef(still, moving)[0, 1]) > 0.95


def test_steps_are_those_of_the_penalised_likelihood(plane: Plane) -> None:
    """Derivatives by finite differences, with the information that the likelihood gives."""
    votes = _Votes(plane.fit)
    rng = np.random.default_rng(2)
    place = rng.standard_normal(votes.n_members)
    items = 0.1 * rng.standard_normal((votes.n_rollcalls, 3))

    def value(items: Floats, place: Floats) -> float:
        eta = votes.eta + (votes.terms * items[votes.column, :-1]).sum(axis=1)
        eta = eta + items[votes.column, -1] * place[votes.member]
        likelihood = vote_terms(eta, votes.lower, votes.upper, votes.link).log_p.sum()
        return float(likelihood - 0.5 * (items**2).sum() / _SLOPE_SD**2 - 0.5 * (place**2).sum())

    def differences(member: int) -> tuple[float, float]:
        step = np.zeros(len(place))
        step[member] = 1e-3
        low, middle, high = (value(items, place + k * step) for k in (-1, 0, 1))
        return (high - low) / 2e-3, (high - 2 * middle + low) / 1e-6

    moved = votes.update_members(items, place) - place
    for member in (0, 7, 33):
        slope, bend = differences(member)
        assert moved[member] == pytest.approx(np.clip(-slope / bend, -1.0, 1.0), rel=1e-3)
    changed = votes.update_items(items, place) - items
    for column in (0, 5):
        gradient, hessian = np.zeros(3), np.zeros((3, 3))
        unit = np.zeros((3, *items.shape))
        unit[range(3), column, range(3)] = 1e-3
        for a in range(3):
            gradient[a] = (value(items + unit[a], place) - value(items - unit[a], place)) / 2e-3
            for b in range(3):
                ends = [
                    value(items + k * unit[a] + m * unit[b], place)
                    for k, m in ((1, 1), (1, -1), (-1, 1), (-1, -1))
                ]
                hessian[a, b] = (ends[0] - ends[1] - ends[2] + ends[3]) / 4e-6
        step = -np.linalg.solve(hessian, gradient)
        assert changed[column] == pytest.approx(step / max(np.abs(step).max(), 1.0), rel=1e-3, abs=1e-5)
