"""One bridging family, one subject at a time: on a small council, where it is quick."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.leave_one_out import LeaveOut, leave_out, left_out_parts
from voteshift.shift.parts import ModelParts


@pytest.fixture(scope="module")
def council() -> vs.RollCalls:
    """Twenty-five members, two years; three families that keep their items, one that changes its own."""
    rng = np.random.default_rng(11)
    x = rng.standard_normal(25)
    titles = [f"On birds {k}" for k in range(12)] + ["On fish", "On trees", "On stones", "On rivers"]
    rows, votes = [], []
    for year in (2001, 2002):
        item = np.random.default_rng(5)  # the same items in both years
        for title in titles:
            slope, cut = item.normal(0, 1.5), item.normal(0, 0.7)
            shift = 1.5 if (title == "On fish" and year == 2002) else 0.0
            latent = slope * x + rng.logistic(size=25)
            votes.append((latent > cut - 0.8 + shift).astype(int) + (latent > cut + 0.8 + shift))
            name = f"{title} of {year}" if "birds" in title else title
            subject = "BIRDS" if "birds" in title else ""
            rows.append({"date": f"{year}-05-01", "title": name, "subject": subject})
    ids = [f"r{k:02d}" for k in range(len(rows))]
    members = pd.DataFrame(index=[f"M{i:02d}" for i in range(25)])
    return vs.RollCalls(np.array(votes, dtype=np.int8).T, members, pd.DataFrame(rows, index=ids))


@pytest.fixture(scope="module")
def found(council: vs.RollCalls) -> LeaveOut:
    return leave_out(council, "fish", n_draws=100)


def test_each_family_and_subject_is_left_out_once(found: LeaveOut) -> None:
    left = found.table[["kind", "left_out"]].drop_duplicates()
    assert left["kind"].tolist().count("family") == 3
    assert left["kind"].tolist().count("none") == 1
    assert left.loc[left["kind"] == "subject", "left_out"].tolist() == ["BIRDS"]
    assert found.why_not == {}


def test_ranges_hold_the_whole_and_name_their_ends(found: LeaveOut) -> None:
    ranges = found.ranges()
    assert set(ranges["component"]) == {"membership", "positions", "resolution"}
    assert (ranges["lowest"] <= ranges["estimate"]).all()
    assert (ranges["estimate"] <= ranges["highest"]).all()
    table = found.table.set_index(["left_out", "component", "category"])["estimate"]
    for row in ranges.itertuples():
        assert table[row.without_lowest, row.component, row.category] == row.lowest
        assert row.sign_changes == (row.lowest <= -0.1 and row.highest >= 0.1)
    assert (ranges["lowest"] < ranges["highest"]).any()


def test_under_every_choice_the_parts_add_up(found: LeaveOut) -> None:
    total = found.table.groupby(["category", "left_out"])["estimate"].sum()
    for _, sums in total.groupby("category"):
        assert np.allclose(sums, sums.iloc[0])


def test_a_change_of_sign_is_said(found: LeaveOut) -> None:
    said = found.sentence("r12", "r28")
    assert "at a time (4 fits)" in said
    turned = found.table.copy()
    turned.loc[(turned["left_out"] == "trees") & (turned["component"] == "positions"), "estimate"] = 30.0
    turned.loc[(turned["left_out"] == "") & (turned["component"] == "positions"), "estimate"] = -1.0
    other = LeaveOut(found.family, turned, {}, 0.9, 0, 100)
    assert "The sign of positions is not the same" in other.sentence("r12", "r28")


def test_leaving_out_a_family_is_fitting_a_record_without_it(council: vs.RollCalls) -> None:
    """Without a member effect, from scratch."""
    found = leave_out(council, "fish", n_draws=100, member_effect=False)
    kept = council.rollcalls.index[council.rollcalls["family"] != "trees"]
    alone = vs.explain(
        council.select(rollcalls=kept),
        "fish",
        model=vs.IdealPoints(periods="year", bridge="families"),
        draws=vs.Draws(100),
        member_effect=False,
    ).tidy()
    alone = alone[(alone["layer"] == "model") & (alone["component"] != "residual")]
    table = found.table[found.table["left_out"] == "trees"]
    assert table["estimate"].to_numpy() == pytest.approx(alone["estimate"].to_numpy(), abs=0.021)
    assert len(table) == 9


def test_an_explanation_carries_the_range_into_its_sentence(
    council: vs.RollCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voteshift.checks.sign_changes._LEAST", 0.005)  # the parts of this council are small
    told: list[str] = []
    why = vs.explain(
        council, "fish", model=vs.IdealPoints(periods="year", bridge="families"), draws=vs.Draws(100)
    )
    assert told == ["nothing", "rivers", "stones", "trees", "BIRDS"]
    step = why.steps[0]
    assert isinstance(why.left_out, LeaveOut)
    assert isinstance(step.model, ModelParts)
    # With nothing left out, the same draws: the parts of the explanation itself.
    whole = step.model.table.set_index(["component", "category"])["estimate"]
    ranges = step.ranges.set_index(["component", "category"])["estimate"]  # type: ignore[union-attr]
    assert np.allclose(ranges, whole[ranges.index], rtol=0, atol=1e-9)
    assert why.left_out.simulation_error >= step.model.simulation_error > 0
    told_so = f"simulation error of an estimate at most {why.left_out.simulation_error:.2f}"
    assert told_so in why.left_out.sentence(step.old, step.new)
    assert step.ranges is not None
    assert step.ranges["sign_changes"].any()
    for change in step.sign_changes:
        assert f"{change.component} ({change.category})" in step.sentence
        values = [value for _, value in change.found]
        assert min(values) < 0 < max(values)
    assert step.sign_changes
    assert "The sign depends on which bridges are held" in step.sentence


def test_not_asked_for_it_is_not_run(council: vs.RollCalls) -> None:
    why = vs.explain(
        council, "fish", model=vs.IdealPoints(periods="year", bridge="families"), draws=vs.Draws(100)
    )
    assert why.left_out is None
    assert why.steps[0].ranges is None


def test_without_bridges_there_is_nothing_to_leave_out(council: vs.RollCalls) -> None:
    alone = council.rollcalls.index[~council.rollcalls["family"].isin(["trees", "stones", "rivers"])]
    with pytest.warns(vs.BridgeWarning), pytest.raises(vs.NotUsableError, match="nothing to leave out"):
        leave_out(council.select(rollcalls=alone), "fish", n_draws=100)


@pytest.mark.nightly
def test_the_ends_of_the_trio_move_with_the_seed_by_the_simulation_error_at_most() -> None:
    """Two seeds, 2,000 draws each.

    ``python -m pytest -m nightly tests/shift/test_leave_out.py``, some minutes
    """
    record = vs.load_hrc()
    why = vs.explain(record, model=vs.IdealPoints(periods="year", bridge="families"))
    assert why.fit is not None
    assert why.tallies is not None
    found = [
        left_out_parts(
            record,
            why.fit,
            why.tallies,
            family=why.family,
            member_effect=True,
            n_draws=2000,
            seed=seed,
            level=0.9,
        )
        for seed in (0, 1)
    ]
    ends = [one.ranges()[["lowest", "highest"]].to_numpy() for one in found]
    error = max(one.simulation_error for one in found)
    assert error < 0.06
    assert np.abs(ends[0] - ends[1]).max() < 3 * np.sqrt(2) * error
