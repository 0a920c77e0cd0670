"""The part of positions by common, group and individual steps, against brute force."""

from itertools import permutations

import numpy as np
import pytest

import voteshift as vs
from ideal.dynamic.test_groups import bloc_record
from voteshift.shift.movement import split_movement, weigh_members
from voteshift.shift.parts import ModelParts
from voteshift.shift.shapley import shapley

FACTORS = ("membership", "common", "group", "individual", "resolution")
POSITIONS = {"common", "group", "individual"}


def test_the_parts_are_the_means_over_the_orders_that_keep_positions_together() -> None:
    rng = np.random.default_rng(0)
    table = rng.random((2, 2, 2, 2, 4, 6, 3))  # three dates, version, draws, members, categories
    seats = (rng.random((6, 2)) < 0.7).astype(float)

    def tally(state: dict[str, int]) -> np.ndarray:
        votes = table[state["common"], state["group"], state["individual"], state["resolution"]]
        return np.einsum("kic,i->kc", votes, seats[:, state["membership"]])

    expected = {name: np.zeros((4, 3)) for name in POSITIONS}
    orders = [
        order
        for order in permutations(FACTORS)
        if max(order.index(name) for name in POSITIONS) - min(order.index(name) for name in POSITIONS) == 2
    ]
    for order in orders:
        state = dict.fromkeys(FACTORS, 0)
        for name in order:
            before = tally(state)
            state[name] = 1
            if name in POSITIONS:
                expected[name] += (tally(state) - before) / len(orders)
    weight = weigh_members({(0,): seats[:, 0], (1,): seats[:, 1]})
    names, parts = split_movement(
        lambda dates, version: table[dates[0], dates[1], dates[2], version], weight, has_groups=True
    )
    assert names == ("common steps", "group steps", "individual steps")
    np.testing.assert_allclose(parts, [expected[name] for name in ("common", "group", "individual")])
    whole = np.stack(
        [
            np.stack(
                [tally(dict.fromkeys(POSITIONS, p) | {"membership": m, "resolution": v}) for v in (0, 1)]
            )
            for m in (0, 1)
            for p in (0, 1)
        ]
    ).reshape(2, 2, 2, 4, 3)
    np.testing.assert_allclose(parts.sum(axis=0), shapley(whole, 3).parts[1])


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    record, _ = bloc_record(1.0)
    frame = record.rollcalls.copy()
    frame.loc[["r025", "r085"], "family"] = "study"
    return vs.RollCalls(record.votes, record.members, frame)


def explained(record: vs.RollCalls, delta_group: float) -> vs.Explanation:
    dynamics = vs.RandomWalk(bridge="families", delta_group=delta_group)
    return vs.explain(record, "study", model=vs.IdealPoints(dynamics=dynamics), draws=vs.Draws(300))


def test_the_steps_add_up_to_positions_and_the_group_moved(record: vs.RollCalls) -> None:
    why = explained(record, 0.5)
    table = why.movement()
    assert set(table["layer"]) == {"model", "model without member effects"}
    moved = table.groupby(["layer", "category"])["estimate"].sum()
    parts = why.tidy()
    parts = parts[parts["component"] == "positions"].set_index(["layer", "category"])["estimate"]
    np.testing.assert_allclose(moved.sort_index(), parts.sort_index(), atol=1e-9)
    size = table[table["layer"] == "model"].groupby("component")["estimate"].apply(lambda x: x.abs().sum())
    assert size["group steps"] > 2 * size["individual steps"]


def test_without_group_steps_there_are_two_parts(record: vs.RollCalls) -> None:
    table = explained(record, 0.0).movement()
    assert list(table["component"].unique()) == ["common steps", "individual steps"]


def test_without_bridges_there_is_nothing_to_divide(record: vs.RollCalls) -> None:
    why = vs.explain(record, "study", draws=vs.Draws(100), member_effect=False)
    assert why.movement().empty
    (step,) = why.steps
    assert isinstance(step.model, ModelParts)
    assert step.model.movement is None
