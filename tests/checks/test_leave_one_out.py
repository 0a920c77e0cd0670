"""One bridging family, one subject at a time: on a small council, where it is quick."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.leave_one_out import LeaveOut, leave_one_out
from voteshift.checks.sign_changes import SignChanges, sign_changes
from voteshift.compose.findings import Findings
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


def bridged(council: vs.RollCalls, **options: bool) -> vs.Explanation:
    model = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families"))
    return vs.explain(council, "fish", model=model, draws=vs.Draws(100), **options)


@pytest.fixture(scope="module")
def why(council: vs.RollCalls) -> vs.Explanation:
    return bridged(council)


@pytest.fixture(scope="module")
def found(why: vs.Explanation) -> LeaveOut:
    result = leave_one_out(why)
    assert isinstance(result, LeaveOut)
    return result


def test_each_family_and_subject_is_left_out_once(found: LeaveOut) -> None:
    left = found.table[["kind", "left_out"]].drop_duplicates()
    assert left["kind"].tolist().count("family") == 3
    assert left["kind"].tolist().count("none") == 1
    assert left.loc[left["kind"] == "subject", "left_out"].tolist() == ["BIRDS"]
    assert found.impossible == {}


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
    other = LeaveOut(found.family, turned, {}, found.draws)
    assert "The sign of positions differs between these fits" in other.sentence("r12", "r28")


def test_leaving_out_a_family_is_fitting_a_record_without_it(council: vs.RollCalls) -> None:
    """Without a member effect, from scratch."""
    found = leave_one_out(bridged(council, member_effect=False))
    assert isinstance(found, LeaveOut)
    kept = council.rollcalls.index[council.rollcalls["family"] != "trees"]
    alone = vs.explain(
        council.select(rollcalls=kept),
        "fish",
        model=vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")),
        draws=vs.Draws(100),
        member_effect=False,
    ).tidy()
    alone = alone[(alone["layer"] == "model") & (alone["component"] != "residual")]
    table = found.table[found.table["left_out"] == "trees"]
    assert table["estimate"].to_numpy() == pytest.approx(alone["estimate"].to_numpy(), abs=0.021)
    assert len(table) == 9


def test_with_nothing_left_out_the_parts_are_those_of_the_explanation(why: vs.Explanation) -> None:
    told: list[str] = []
    found = leave_one_out(why, progress=told.append)
    assert told == ["nothing", "rivers", "stones", "trees", "BIRDS"]
    step = why.steps[0]
    assert isinstance(found, LeaveOut)
    assert isinstance(step.model, ModelParts)
    whole = step.model.table.set_index(["component", "category"])["estimate"]
    ranges = found.ranges_of(step.ends).set_index(["component", "category"])["estimate"]
    assert np.allclose(ranges, whole[ranges.index], rtol=0, atol=1e-9)
    assert found.simulation_error >= step.model.simulation_error > 0
    assert f"at most {found.simulation_error:.2f}" in found.sentence(step.old, step.new)
    assert found.verdict == "noted"
    assert "3 families, and 1 subjects" in found.text


def test_a_sign_that_depends_on_what_is_left_out_fails(
    why: vs.Explanation, found: LeaveOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voteshift.checks.signs._LEAST", 0.005)  # the parts of this council are small
    signs = sign_changes(why, leave_one_out=found)
    assert isinstance(signs, SignChanges)
    assert signs.verdict == "failed"
    step = why.steps[0]
    text = signs.failures[step.ends]
    assert "the sign of a part depends on which resolutions are assumed constant" in text
    assert signs.steps[step.ends]
    for change in signs.steps[step.ends]:
        assert f"{change.component} ({change.category})" in text
        values = [value for _, value in change.estimates]
        assert min(values) < 0 < max(values)
    results: dict[str, object] = {"sign_changes": signs}
    assert text in Findings(why, results).paragraphs[0].cautions  # type: ignore[arg-type]


def test_without_bridges_there_is_nothing_to_leave_out(council: vs.RollCalls) -> None:
    alone = council.rollcalls.index[~council.rollcalls["family"].isin(["trees", "stones", "rivers"])]
    with pytest.warns(vs.BridgeWarning):
        why = bridged(council.select(rollcalls=alone))
    result = leave_one_out(why)
    assert not result
    assert "there is nothing to leave out" in str(result)


def test_a_static_explanation_has_nothing_to_leave_out(council: vs.RollCalls) -> None:
    result = leave_one_out(vs.explain(council, "fish", draws=vs.Draws(100)))
    assert isinstance(result, vs.Unavailable)


@pytest.mark.nightly
def test_the_ends_of_the_trio_move_with_the_seed_by_the_simulation_error_at_most() -> None:
    """Two seeds, 2,000 draws each.

    ``python -m pytest -m nightly tests/checks/test_leave_one_out.py``, some minutes
    """
    record = vs.load_hrc()
    model = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families"))
    found = [leave_one_out(vs.explain(record, model=model, draws=vs.Draws(seed=seed))) for seed in (0, 1)]
    ends = [one.ranges()[["lowest", "highest"]].to_numpy() for one in found]
    error = max(one.simulation_error for one in found)
    assert error < 0.06
    assert np.abs(ends[0] - ends[1]).max() < 3 * np.sqrt(2) * error
