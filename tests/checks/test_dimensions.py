"""The check of a further dimension: warns where there is one, and says what it means."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.dimensions import Dimensions, dimensions
from voteshift.errors import UsageError


def make_record(along: str, seed: int = 1) -> vs.RollCalls:
    """Simulate a record in two dimensions in which three votes on fish divide members along one of them."""
    world = vs.simulate(60, 120, seed=seed, dims=2)
    x = world.positions.reshape(60, 2)
    rng = np.random.default_rng([seed, 5])
    votes = world.rollcalls.votes.copy()
    direction = {"first": x[:, 0], "second": x[:, 1]}[along]
    latent = 2.5 * direction[:, None] + rng.logistic(size=(60, 3))
    # Most roll calls divide members along the first dimension.
    others = 3.0 * x[:, :1] + 0.6 * rng.standard_normal(80) * x[:, 1:] + rng.logistic(size=(60, 80))
    votes[:, 40:] = (others > -0.5).astype(np.int8) + (others > 0.5)
    columns = [10, 60, 110]
    votes[:, columns] = (latent > -0.6).astype(np.int8) + (latent > 0.6)
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2001-01-31", periods=120, freq="10D"),
            "title": ["On fish" if number in columns else f"Text {number}" for number in range(120)],
        },
        index=[f"r{number:03d}" for number in range(120)],
    )
    members = pd.DataFrame(
        {"name": [f"Member {number}" for number in range(60)]},
        index=[f"M{number:02d}" for number in range(60)],
    )
    return vs.RollCalls(votes, members, frame)


def check(record: vs.RollCalls, dims: int = 1) -> Dimensions:
    why = vs.explain(
        record, "On fish", model=vs.IdealPoints(dims=dims), draws=vs.Draws(100), member_effect=False
    )
    result = dimensions(why, n_replicates=199)
    assert isinstance(result, Dimensions)
    return result


@pytest.fixture(scope="module")
def second() -> Dimensions:
    return check(make_record("second"))


@pytest.fixture(scope="module")
def trio(record: vs.RollCalls) -> vs.Explanation:
    return vs.explain(record, "mutually-beneficial-cooperation", draws=vs.Draws(100), member_effect=False)


def test_a_resolution_on_the_second_dimension_fails_and_two_dimensions_pass(second: Dimensions) -> None:
    assert second.verdict == "failed"
    assert second.p_value == pytest.approx(1 / 200)
    two = check(make_record("second"), dims=2)
    assert two.verdict == "passed"
    assert two.dims == 2
    assert two.failures == {}
    assert "along the third dimension" in two.text


def test_the_positions_are_those_of_the_second_dimension_and_point_to_yes(second: Dimensions) -> None:
    truth = pd.Series(vs.simulate(60, 120, seed=1, dims=2).positions.reshape(60, 2)[:, 1])
    truth.index = pd.Index([f"M{number:02d}" for number in range(60)])
    assert np.corrcoef(second.positions, truth[second.positions.index])[0, 1] > 0.8
    assert second.positions.is_monotonic_increasing
    assert second.estimate > 0.0


def test_the_sentence_says_who_where_and_what_to_do(second: Dimensions) -> None:
    (sentence,) = second.failures.values()
    low, high = second.list_ends(3)
    assert sentence == (
        "Failed check: votes on this resolution also depend on the second dimension of all other votes (p = "
        f"0.005), but the model has one dimension. Members at one end of it ({high[0][0]}, {high[1][0]} and "
        f"{high[2][0]}) vote yes more often, and members at the other end ({low[0][0]}, {low[1][0]} and "
        f"{low[2][0]}) vote yes less often, than the model expects. The parts can be biased and their "
        "intervals too narrow. The check 'sensitivity' shows the parts in two dimensions."
    )
    assert second.text.startswith("Given positions and member effects, the discrimination of this resolution")
    assert low[0][1] == second.positions.iloc[0]
    assert high[0][1] == second.positions.iloc[-1]
    (other,) = replace(second, dims=2).failures.values()
    assert "the third dimension" in other
    assert "the model has two dimensions" in other
    assert other.endswith("Compare the parts with those in three dimensions (model=IdealPoints(dims=3)).")
    assert "the eleventh dimension of" in replace(second, dims=10).text


def test_the_table_has_the_slope_and_every_position(second: Dimensions) -> None:
    table = second.tidy()
    assert table["quantity"].tolist() == ["slope", *["position"] * 60]
    assert table.loc[0, ["estimate", "std_error", "p_value"]].tolist() == [
        second.estimate,
        second.std_error,
        second.p_value,
    ]
    assert table["estimate"].iloc[1:].tolist() == second.positions.tolist()


def test_worlds_with_one_dimension_pass() -> None:
    """Twelve simulated records; two failures at 0.01 have a probability below 0.01."""
    failed = 0
    for seed in range(12):
        world = vs.simulate(40, 60, seed=seed)
        frame = world.rollcalls.rollcalls[["date"]].copy()
        frame["title"] = ["On fish" if number < 2 else f"Text {number}" for number in range(60)]
        record = vs.RollCalls(world.rollcalls.votes, world.rollcalls.members, frame)
        failed += check(record).verdict == "failed"
    assert failed <= 1


def test_the_figures_of_the_council(trio: vs.Explanation) -> None:
    """Reference values of this package, with 499 replicates of seed 0."""
    result = dimensions(trio)
    assert isinstance(result, Dimensions)
    assert result.estimate == pytest.approx(0.93, abs=0.01)
    assert result.std_error == pytest.approx(0.37, abs=0.03)
    assert 0.01 < result.p_value < 0.04
    assert result.verdict == "passed"
    low, high = result.list_ends(2)
    assert [name for name, _ in low + high] == ["United States", "Saudi Arabia", "Bolivia", "Venezuela"]
    assert result.members == "states"
    again, other = dimensions(trio), dimensions(trio, seed=1)
    assert isinstance(again, Dimensions)
    assert isinstance(other, Dimensions)
    assert again.std_error == result.std_error != other.std_error


def test_votes_of_the_resolution_do_not_move_its_further_dimension(trio: vs.Explanation) -> None:
    """Other votes on the versions, the same positions up to their sign."""
    before = dimensions(trio, n_replicates=99)
    record = trio.record
    votes = record.votes.copy()
    columns = record.rollcalls.index.get_indexer(trio.rollcalls.index)
    votes[:, columns] = np.where(votes[:, columns] >= 0, 2 - votes[:, columns], votes[:, columns])
    kept = [name for name in ("date", "symbol", "title", "family") if name in record.rollcalls]
    turned = vs.RollCalls(votes, record.members, record.rollcalls[kept])
    after = dimensions(
        vs.explain(turned, trio.family, window=trio.window, draws=vs.Draws(100), member_effect=False),
        n_replicates=99,
    )
    assert isinstance(before, Dimensions)
    assert isinstance(after, Dimensions)
    one, other = before.positions.sort_index(), after.positions.sort_index()
    assert np.abs(one).to_numpy() == pytest.approx(np.abs(other).to_numpy(), abs=1e-3)


def test_no_model_and_wrong_numbers(trio: vs.Explanation) -> None:
    assert str(dimensions(replace(trio, models=vs.Unavailable("no fit")))) == "no fit"
    with pytest.raises(UsageError, match="n_replicates"):
        dimensions(trio, n_replicates=10)
