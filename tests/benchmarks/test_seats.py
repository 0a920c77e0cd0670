"""Worlds with seats that are not random and votes that repeat: known parts, and the causes of their names."""

import numpy as np
import pytest


@pytest.fixture
def seats(benchmark_script):
    return benchmark_script("seats")


def test_known_parts_add_up_and_worlds_have_their_causes(seats):
    sources = {dims: seats.worlds.source(dims) for dims in (1, 2)}
    like, repeated = sources[1], {}
    for name, kind in seats.KINDS.items():
        world = seats.make_world(name, 3, sources[kind.dims])
        tally = world.record.tally()
        for old, new in seats.STEPS:
            change = tally.loc[seats.VERSIONS[new]] - tally.loc[seats.VERSIONS[old]]
            total = world.membership[old, new] + world.switching[old, new]
            assert total.tolist() == pytest.approx([change[one] for one in ("no", "abstain", "yes")]), name
        votes = world.record.select(rollcalls=list(seats.VERSIONS[:2])).votes
        both = (votes >= 0).all(axis=1)
        repeated[name] = (votes[both, 0] == votes[both, 1]).mean()
    assert repeated["repeat_85"] > 0.8
    yes = {
        name: np.mean([seats.make_world(name, seed, like).membership[0, 1][2] for seed in range(3)])
        for name in ("base", "later_1", "later_2")
    }
    assert yes["later_2"] < yes["later_1"] - 2.0 < yes["base"] - 4.0


def test_a_world_is_judged_and_summed_up(seats):
    like = seats.worlds.source()
    rows = seats.judge(seats.make_world("repeat_50", 1, like), "repeat_50", n_draws=100, seed=1)
    assert len(rows) == 6 * 2 * 3  # layers, steps, categories
    found = seats.summarise(rows)["worlds"]["repeat_50"]["model"]
    errors = [row["estimate"] - row["truth"] for row in rows if row["layer"] == "model"]
    assert found["datasets"] == 1
    assert found["mean_absolute_error"] == pytest.approx(np.abs(errors).mean())


def test_shocks_move_whole_groups(seats):
    rng = np.random.default_rng(0)
    groups = np.array(["WEOG", "GRULAC", "WEOG", "AFRICAN", "GRULAC"])
    assert not seats._shocks(seats.KINDS["base"], rng, groups).any()
    shocks = seats._shocks(seats.KINDS["blocs_4"], rng, groups)
    np.testing.assert_array_equal(shocks[[0, 1]], shocks[[2, 4]])
    assert len(np.unique(shocks)) == 3 * len(seats.VERSIONS)
    alone = seats._shocks(seats.KINDS["west_6"], rng, groups)
    assert alone[[0, 2]].all()
    assert not alone[[1, 3, 4]].any()
    drawn = [seats._shocks(seats.KINDS["blocs_4"], rng, groups)[0, 0] for _ in range(4000)]
    assert np.std(drawn) == pytest.approx(4.0, rel=0.1)
