import warnings

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from long_records import small_blocks
from voteshift.errors import BridgeWarning
from voteshift.ideal.dynamic import ends
from voteshift.ideal.dynamic.blocks import information_blocks
from voteshift.ideal.dynamic.cross import find_patches
from voteshift.ideal.dynamic.curvature import curvature
from voteshift.ideal.dynamic.encode import encode_dynamic
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, dynamic_log_posterior
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.objective import Priors

PERIODS, ROLLCALLS = 5, 20


def two_chambers() -> vs.RollCalls:
    """Two chambers of 40 and 10 seats, of which a quarter changes; three members move to the other."""
    rng = np.random.default_rng(5)
    seats = {"house": np.arange(40), "senate": np.arange(40, 50)}
    n_members = 50
    rows, columns, codes = [], [], []
    position = rng.standard_normal(500)
    column = 0
    for t in range(PERIODS):
        for name, members in seats.items():
            latent = np.outer(position[members], rng.standard_normal(ROLLCALLS) * 2)
            latent += rng.standard_normal(ROLLCALLS) + rng.logistic(size=latent.shape)
            cast = np.where(latent > 0, 2, 0).astype(np.int8)
            cast[rng.random(cast.shape) < 0.05] = -1
            row, place = np.meshgrid(members, column + np.arange(ROLLCALLS), indexing="ij")
            rows.append(row.ravel())
            columns.append(place.ravel())
            codes.append(cast.ravel())
            column += ROLLCALLS
            leaving = len(members) // 4
            seats[name] = np.concatenate([members[leaving:], n_members + np.arange(leaving)])
            n_members += leaving
        if t == 1:
            seats["senate"] = np.concatenate([seats["senate"][3:], seats["house"][-3:]])
            seats["house"] = seats["house"][:-3]
    votes = np.full((n_members, column), vs.Vote.NOT_MEMBER, dtype=np.int8)
    votes[np.concatenate(rows), np.concatenate(columns)] = np.concatenate(codes)
    congress = np.repeat(np.arange(PERIODS) + 1, 2 * ROLLCALLS)
    frame = pd.DataFrame({"congress": congress}, index=[f"r{k}" for k in range(column)])
    return vs.RollCalls(votes, pd.DataFrame(index=[f"m{k}" for k in range(n_members)]), frame)


def models(items: dict[str, str]) -> tuple[DynamicModel, DynamicModel]:
    """The same model of a matrix and of blocks."""
    record = two_chambers()
    dense = encode_dynamic(record, periods="congress", items=items)
    with small_blocks():
        again = vs.RollCalls.from_long(record.to_long(), members=record.members, rollcalls=record.rollcalls)
        blocked = encode_dynamic(again, periods="congress", items=items)
    assert blocked.design.seated is not None
    walk = Walk(dense.design.count_votes() > 0, dense.periods.gaps, np.full(dense.design.n_members, 0.2), 1.0)
    return tuple(  # type: ignore[return-value]
        DynamicModel(encoded.design, Priors(), walk) for encoded in (dense, blocked)
    )


def start(model: DynamicModel) -> DynamicPoint:
    rng = np.random.default_rng(3)
    shape = model.walk.seen.shape
    n = model.design.n_items
    scaled, _, _ = model.walk.standardised(rng.standard_normal(shape))
    steps = 0.1 * rng.standard_normal(shape[0] - 1)
    groups = np.zeros((shape[0], 0))
    middle = rng.standard_normal(n)
    return DynamicPoint(model.walk, scaled, steps, rng.standard_normal((n, 1)), middle, np.zeros(n), groups)


@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("items", [{}, {"r0": "shared", "r45": "shared"}])
def test_patches_give_the_information_of_the_matrix(
    items: dict[str, str], inner: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if inner:
        monkeypatch.setattr(ends, "_LARGE", 0)
    dense, blocked = models(items)
    point = start(dense)
    one, other = (
        information_blocks(
            model,
            point,
            dynamic_log_posterior(model, point, information="expected"),
            observed=False,
            pull=0.0,
        )
        for model in (dense, blocked)
    )
    split = [len(part.patches) for part in other.cross]
    assert [len(part.patches) for part in one.cross] == [1] * PERIODS
    assert split == ([1, 1, 2, 2, 2] if items else [2] * PERIODS)
    for t in range(PERIODS):
        assert np.array_equal(one.cross[t].of_items(slice(None)), other.cross[t].of_items(slice(None)))
        assert np.allclose(one.chain[t], other.chain[t], rtol=1e-12, atol=1e-12)
        assert np.allclose(one.border[t], other.border[t], rtol=1e-12, atol=1e-12)
        matrix, patches = one.cross[t], other.cross[t]
        rng = np.random.default_rng(t)
        by_item, by_row = rng.standard_normal(matrix.shape[1:]), rng.standard_normal(matrix.shape[0])
        every = np.ones(len(by_item), dtype=bool)
        assert np.allclose(matrix.times_items(by_item, every), patches.times_items(by_item, every))
        assert np.allclose(matrix.times_rows(by_row), patches.times_rows(by_row))
    assert np.allclose(one.corner, other.corner, rtol=1e-12, atol=1e-12)


def test_newton_steps_agree() -> None:
    steps = []
    for model in models({}):
        point = start(model)
        slope = dynamic_log_posterior(model, point, information="expected")
        steps.append(curvature(model, point, slope, observed=False, pull=0.0).newton(slope.gradient).flat())
    assert np.allclose(*steps, rtol=1e-9, atol=1e-12)


def test_fits_of_a_matrix_and_of_blocks_agree() -> None:
    record = two_chambers()
    spec = vs.IdealPoints(dynamics=vs.RandomWalk("congress"), method="mode", threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BridgeWarning)
        whole = spec.fit(record)
        with small_blocks():
            long = vs.RollCalls.from_long(
                record.to_long(), members=record.members, rollcalls=record.rollcalls
            )
            blocked = spec.fit(long)
    assert blocked.encoded.design.seated is not None
    assert blocked.converged
    assert np.isclose(whole.mode.objective, blocked.mode.objective, rtol=1e-10)
    assert np.allclose(whole.mode.point.flat(), blocked.mode.point.flat(), atol=1e-4)
    assert np.array_equal(whole.n_votes, blocked.n_votes)


def test_one_chamber_is_one_patch() -> None:
    with small_blocks():
        record = two_chambers()
        columns = [label for t in range(PERIODS) for label in record.rollcalls.index[40 * t : 40 * t + 20]]
        house = record.select(rollcalls=columns).to_long()
        house = vs.RollCalls.from_long(house, rollcalls=record.rollcalls.loc[columns])
        design = encode_dynamic(house, periods="congress", items={}).design
    assert design.seated is not None
    for t in range(PERIODS):
        members = np.flatnonzero(design.count_votes()[t])
        part = np.flatnonzero(design.period == t)
        assert find_patches(design, slice(int(part[0]), int(part[-1]) + 1), members) == []
