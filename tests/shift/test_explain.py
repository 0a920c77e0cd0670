import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from shift.trio import V18, V20, V21, modelled
from voteshift import plots
from voteshift.checks.unlikely_votes import unlikely_votes
from voteshift.ideal.objective import Priors
from voteshift.shift.account import AddingUpError
from voteshift.shift.parts import ModelParts


def expected(why: vs.Explanation) -> pd.Series:
    return why.expected().set_index(["council", "version", "category"])["estimate"]


FEWER = vs.Draws(500)
"""For facts that hold by more than the simulation error of so many draws."""


@pytest.fixture(scope="module")
def reseeded(record: vs.RollCalls) -> vs.Explanation:
    """Return the explanation of the trio from other random numbers."""
    return vs.explain(record, draws=vs.Draws(seed=7))


def check_the_facts(why: vs.Explanation) -> None:
    """What every window and prior says of the trio."""
    cells = expected(why)
    assert 4 <= cells[V18, V18, "yes"] - cells[V18, V20, "yes"] <= 6
    assert 13 <= cells[V18, V20, "no"] - cells[V18, V18, "no"] <= 16
    for version in (V18, V20):
        assert abs(cells[V20, version, "yes"] - cells[V18, version, "yes"]) < 1
    rebound = modelled(why.steps[1]).table.set_index(["component", "category"])
    assert 1 <= rebound.loc[("membership", "yes"), "estimate"] <= 3.5
    fixed = [cells[V21, version, "yes"] - cells[V20, version, "yes"] for version in (V20, V21)]
    assert 1 <= np.mean(fixed) <= 3.5


def test_the_facts_of_the_trio(why: vs.Explanation) -> None:
    check_the_facts(why)


@pytest.mark.parametrize(
    ("since", "until", "priors"),
    [
        ("2018", "2021", Priors()),
        ("2006", "2026", Priors()),
        ("2016", "2021", Priors(discrimination=2.0)),
        ("2016", "2021", Priors(discrimination=10.0, midpoint=10.0)),
    ],
)
def test_the_facts_hold_under_other_windows_and_priors(
    record: vs.RollCalls, since: str, until: str, priors: Priors
) -> None:
    fit = vs.IdealPoints(priors=priors).fit(record.between(since, until))
    check_the_facts(vs.explain(record, model=fit, draws=FEWER))


@pytest.mark.parametrize(
    "dynamics", [None, vs.RandomWalk(bridge="families", apart=("mutually-beneficial-cooperation",))]
)
def test_the_facts_hold_with_marginal_fits(record: vs.RollCalls, dynamics: vs.RandomWalk | None) -> None:
    window = record.between("2016", "2021")
    fit = vs.IdealPoints(method="marginal", dynamics=dynamics).fit(window)
    assert fit.converged
    why = vs.explain(record, model=fit, draws=FEWER)
    cells = expected(why)
    assert 12 <= cells[V18, V20, "no"] - cells[V18, V18, "no"] <= 16
    assert 3 <= cells[V18, V18, "yes"] - cells[V18, V20, "yes"] <= 6
    rebound = modelled(why.steps[1]).table.set_index(["component", "category"])
    assert 1 <= rebound.loc[("membership", "yes"), "estimate"] <= 3.5


def test_the_facts_hold_without_amendments(record: vs.RollCalls) -> None:
    texts = record.rollcalls.index[~record.rollcalls["amendment"].astype(bool)]
    check_the_facts(vs.explain(record.select(rollcalls=texts), draws=FEWER))


def test_parts_sum_to_the_observed_change(why: vs.Explanation) -> None:
    for step in why.steps:
        total = modelled(step).table.groupby("category")["estimate"].sum()
        for name in ("yes", "no", "abstain"):
            assert total[name] == pytest.approx(step.account.change[name], abs=1e-9)


def test_the_residual_is_nothing(why: vs.Explanation) -> None:
    for step in why.steps:
        table = modelled(step).table.set_index("component")
        assert (table.loc["residual", ["estimate", "conf_low", "conf_high"]] == 0).all().all()


def test_what_identifies_the_parts_is_said(why: vs.Explanation) -> None:
    text = modelled(why.steps[0]).identified_by
    assert "21 March 2016 to 17 December 2021" in text
    assert "cannot be distinguished" in text
    assert why.window == ("2016-03-21", "2021-12-17")


def test_same_seed_same_answer(record: vs.RollCalls, why: vs.Explanation, reseeded: vs.Explanation) -> None:
    pd.testing.assert_frame_equal(why.tidy(), vs.explain(record).tidy())
    assert not why.tidy().equals(reseeded.tidy())


def test_another_seed_says_nearly_the_same(why: vs.Explanation, reseeded: vs.Explanation) -> None:
    assert np.allclose(why.tidy()["estimate"], reseeded.tidy()["estimate"], atol=0.15)


def test_order_of_members_moves_nothing_but_the_draws(record: vs.RollCalls, why: vs.Explanation) -> None:
    turned = vs.explain(record.select(members=record.members.index[::-1]))
    assert np.allclose(why.tidy()["estimate"], turned.tidy()["estimate"], atol=0.15)
    assert np.allclose(expected(why), expected(turned), atol=0.1)


def test_steps_are_consecutive_then_first_to_last(why: vs.Explanation) -> None:
    assert [(step.old, step.new) for step in why.steps] == [(V18, V20), (V20, V21), (V18, V21)]


def test_a_narrow_window_leaves_steps_without_a_model(record: vs.RollCalls) -> None:
    found = vs.explain(record, window=("2019", None), draws=vs.Draws(100))
    assert isinstance(found.steps[0].model, vs.Unavailable)
    assert "outside" in str(found.steps[0].model)
    assert isinstance(found.steps[1].model, ModelParts)
    assert isinstance(found.steps[2].model, vs.Unavailable)


@pytest.mark.parametrize(
    "every", [pytest.param(4, id="fourth"), pytest.param(1, id="one", marks=pytest.mark.nightly)]
)
def test_every_family_of_the_record_is_explained(record: vs.RollCalls, every: int) -> None:
    assert len(record.families()) > 40
    for family in record.families().index[::every]:
        found = vs.explain(record, family, draws=vs.Draws(100), member_effect=False)
        assert found.family == family
        for step in found.steps:
            parts = modelled(step)
            for name, change in parts.observed.items():
                assert change == step.account.change[name]


def test_an_iteration_that_lacks_a_category_is_said(record: vs.RollCalls) -> None:
    tally = record.tally()
    lacking = {
        family: [rollcall for rollcall in row["rollcalls"] if tally.loc[rollcall, "no"] == 0]
        for family, row in record.families().iterrows()
    }
    family, rollcalls = next((family, ids) for family, ids in lacking.items() if ids)
    found = vs.explain(record, family, draws=vs.Draws(100))
    step = next(step for step in found.steps if rollcalls[0] in (step.old, step.new))
    symbol = record.rollcalls.loc[rollcalls[0], "symbol"]
    assert any(f"no in {symbol}" in note for note in modelled(step).notes)


def small_record(votes: list[list[int]]) -> vs.RollCalls:
    matrix = np.array(votes, dtype=np.int8)
    frame = pd.DataFrame(
        {
            "date": [f"20{10 + j}-01-01" for j in range(matrix.shape[1])],
            "title": ["A text that comes back"] * 2 + [f"Other {j}" for j in range(matrix.shape[1] - 2)],
        },
        index=[f"r{j}" for j in range(matrix.shape[1])],
    )
    return vs.RollCalls(matrix, pd.DataFrame(index=[f"m{i}" for i in range(len(matrix))]), frame)


def test_a_unanimous_iteration_stays_in_the_account_and_out_of_the_model() -> None:
    rng = np.random.default_rng(0)
    votes = rng.integers(0, 3, (8, 6))
    votes[:, 0] = 2
    found = vs.explain(small_record(votes.tolist()), "text that comes back", window=(None, "2016"))
    assert isinstance(found.steps[0].model, vs.Unavailable)
    assert "all votes cast in r0 were the same" in str(found.steps[0].model)
    assert found.steps[0].account.change["yes"] == (votes[:, 1] == 2).sum() - 8


def test_nothing_contested_is_an_account_without_a_model() -> None:
    found = vs.explain(small_record([[2, 2], [2, 2], [2, 2]]), "text that comes back")
    assert "too few for a fit" in str(found.steps[0].model)
    assert found.expected().empty
    assert found.why_no_model == str(found.steps[0].model)
    assert "too few for a fit" in str(unlikely_votes(found))
    for draw in (plots.councils, plots.positions, plots.trajectories):
        with pytest.raises(vs.NotUsableError, match="too few for a fit"):
            draw(found)


def test_a_fit_that_did_not_converge_is_refused(record: vs.RollCalls) -> None:
    fit = vs.IdealPoints(tolerance=1e-30).fit(record.between("2020", "2021"))
    assert not fit.converged
    with pytest.raises(vs.NotUsableError, match=r"did not converge \(gradient norm .*another window"):
        vs.explain(record, model=fit)


def test_parts_that_do_not_add_up_are_refused(why: vs.Explanation) -> None:
    model = modelled(why.steps[0])
    broken = model.table.copy()
    broken.loc[0, "estimate"] += 1e-6
    with pytest.raises(AddingUpError):
        ModelParts(broken, model.observed, model.identified_by, model.notes)


@pytest.mark.parametrize(
    "wrong", [{"level": 0.0}, {"level": 1.0}, {"n": 10}, {"n": 200.5}, {"seed": -1}, {"seed": 0.5}]
)
def test_draws_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(vs.UsageError, match=f"{next(iter(wrong))} is "):
        vs.Draws(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"estimand": "other"}, {"member_effect": "no"}, {"window": ("2030", None)}]
)
def test_arguments_without_sense_are_refused(record: vs.RollCalls, wrong: dict[str, object]) -> None:
    with pytest.raises(vs.UsageError):
        vs.explain(record, **wrong)  # type: ignore[arg-type]


def test_a_fit_has_its_own_window(record: vs.RollCalls) -> None:
    fit = vs.IdealPoints().fit(record.between("2019", "2021"))
    with pytest.raises(vs.UsageError, match="window= has no effect if model= is a fit"):
        vs.explain(record, model=fit, window=("2016", None))


def test_level_reaches_the_fit_and_the_intervals(record: vs.RollCalls, why: vs.Explanation) -> None:
    narrow = vs.explain(record, draws=vs.Draws(500, level=0.5))
    assert narrow.fit is not None
    assert narrow.fit.level == 0.5
    wide, slim = (modelled(found.steps[0]).table for found in (why, narrow))
    assert ((wide["conf_high"] - wide["conf_low"]) >= (slim["conf_high"] - slim["conf_low"])).all()


def test_who_sat_both_times_and_voted_once_is_named(record: vs.RollCalls) -> None:
    found = vs.explain(record, "preparations-durban-review-conference", draws=vs.Draws(100))
    notes = modelled(found.steps[0]).notes
    assert any(
        "held a seat both times and voted once are the part 'attendance': GAB" in note for note in notes
    )


def test_a_fit_of_another_record_is_refused(record: vs.RollCalls) -> None:
    window = record.between("2016", "2021")
    fewer = window.select(members=window.members.index.difference(["CHN", "DEU"]))
    with pytest.raises(vs.UsageError, match="CHN, DEU"):
        vs.explain(record, model=vs.IdealPoints().fit(fewer))
    votes = window.votes.copy()
    column = window.rollcalls.index.get_loc(V20)
    voted = np.flatnonzero(votes[:, column] >= 0)
    votes[voted[0], column] = 2 - votes[voted[0], column] if votes[voted[0], column] != 1 else 2
    frame = window.rollcalls.drop(columns=["yes", "no", "abstain"])
    other = vs.RollCalls(votes, window.members, frame, polarity="USA")
    with pytest.raises(vs.UsageError, match="other votes"):
        vs.explain(record, model=vs.IdealPoints().fit(other))


def test_few_roll_calls_are_cautioned_about() -> None:
    rng = np.random.default_rng(1)
    found = vs.explain(
        small_record(rng.integers(0, 3, (8, 6)).tolist()), "text that comes back", window=(None, "2016")
    )
    assert any("only 6 contested roll calls" in note for note in modelled(found.steps[0]).notes)


def test_an_empty_window_is_a_wrong_request(record: vs.RollCalls) -> None:
    with pytest.raises(vs.UsageError, match="no roll call between"):
        vs.explain(record, window=("2030", "2031"))


def test_families_that_bridge_the_years_tell_positions_from_resolution(record: vs.RollCalls) -> None:
    """2018 to 2020: nearly all of the 15 more no votes are the resolution's; who was not seen is counted."""
    found = vs.explain(
        record, model=vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")), draws=vs.Draws(400)
    )
    model = modelled(found.steps[0])
    assert model.components == ("membership", "positions", "resolution")
    table = model.table.set_index(["component", "category"])
    assert 12 <= table.loc[("resolution", "no"), "estimate"] <= 15
    assert table.loc[("resolution", "no"), "conf_low"] > 8
    assert abs(table.loc[("positions", "no"), "estimate"]) < 2
    assert model.n_members == 71
    assert 25 <= len(model.extrapolated) <= 60
    seen = found.tidy("seen")
    assert set(seen["seen"]) == {"seen", "extrapolated"}
    assert "to this resolution (its text, or states moving on this issue alone)" in found.text
    assert found.steps[0].positions_only is not None
