"""The same explanation under other choices."""

import sys
from dataclasses import replace
from itertools import islice

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.sensitivity import sensitivity
from voteshift.joint import link_chambers
from voteshift.posterior import draws as posterior_draws
from voteshift.shift.answer import Range, describe_change
from voteshift.shift.effect_draws import EffectForm
from voteshift.shift.models import redraw_effects
from voteshift.shift.parts import ModelParts
from voteshift.simulation import Dynamics
from voteshift.votes import CATEGORIES

TRIO = "mutually-beneficial-cooperation"
V18, V20, V21 = "27478", "29343", "29575"


@pytest.fixture(scope="module")
def why(trio):
    return trio


@pytest.fixture(scope="module")
def found(why):
    return sensitivity(why, n_draws=200)


def test_the_first_choice_is_the_explanation_itself(found, why):
    table = found.table[found.table["variant"] == "as reported"]
    for step in why.steps:
        assert isinstance(step.model, ModelParts)
        told = step.model.table[step.model.table["component"] != "residual"]
        here = table[(table["old"] == step.old) & (table["new"] == step.new)]
        columns = ["component", "category", "estimate", "conf_low", "conf_high"]
        assert here[columns].reset_index(drop=True).equals(told[columns].reset_index(drop=True))


def test_under_every_choice_the_parts_add_up_to_the_same_change(found, why):
    assert (found.variants["why_not"] == "").all()
    assert len(found.variants) == 14
    for step in why.steps:
        for _, part in found.table[
            (found.table["old"] == step.old) & (found.table["new"] == step.new)
        ].groupby("variant"):
            total = part.groupby("category")["estimate"].sum()
            for name in CATEGORIES:
                assert total[name] == pytest.approx(step.account.change[name], abs=1e-9)


def test_other_choices_answer_the_question_of_the_explanation():
    """Beside an explanation of the expected tallies they split these too, and say what was not expected."""
    simulated = vs.simulate(20, 12, seed=2).rollcalls
    frame = simulated.rollcalls.assign(
        title=["peace" if number in (3, 9) else f"t{number}" for number in range(12)],
        date=pd.date_range("2001-01-31", periods=12, freq="30D"),
    )
    record = vs.RollCalls(simulated.votes, simulated.members, frame.drop(columns="family", errors="ignore"))
    why = vs.explain(record, "peace", draws=vs.Draws(100), estimand="expected")
    found = sensitivity(why, n_draws=100)
    answered = found.variants.index[found.variants["why_not"] == ""]
    assert len(answered) > 5
    for name in answered:
        parts = found.table[found.table["variant"] == name]
        rest = parts.loc[parts["component"] == "residual", "estimate"]
        assert rest.abs().max() > 0.01, name
        for category, estimates in parts.groupby("category")["estimate"]:
            assert estimates.sum() == pytest.approx(why.steps[0].account.change[category], abs=1e-9)


def test_choices_are_what_they_say(found, record):
    variants = found.variants
    contested = record.contested().rollcalls
    assert variants.loc["whole record", "rollcalls"] == len(contested)
    window = contested[(contested["date"].dt.year >= 2016) & (contested["date"].dt.year <= 2021)]
    assert variants.loc["as reported", "rollcalls"] == len(window)
    assert variants.loc["no amendments", "rollcalls"] == (~window["amendment"].astype(bool)).sum()
    assert variants.loc["2018 to 2021", "rollcalls"] == (window["date"].dt.year >= 2018).sum()
    assert variants.loc["abstentions as no", "rollcalls"] == variants.loc["as reported", "rollcalls"]
    assert variants.loc["abstentions dropped", "rollcalls"] < variants.loc["as reported", "rollcalls"]
    estimates = found.table.groupby("variant")["estimate"].apply(tuple)
    assert len(set(estimates)) == len(variants)


def test_forms_of_member_effects_are_choices(found, why):
    """Without state dependence the parts are those of a model in which no vote repeats another vote."""
    models = redraw_effects(why.models, vs.Draws(200), EffectForm(state_dependence=False))
    assert models.main.latent.persistence is None
    parts = models.split_main(why.versions, V18, V20).table
    here = found.table[(found.table["variant"] == "no state dependence") & (found.table["new"] == V20)]
    assert here["estimate"].tolist()[:6] == parts["estimate"].tolist()[:6]
    one_mean = redraw_effects(why.models, vs.Draws(200), EffectForm(by_seats=False))
    assert one_mean.main.latent.positions.shape[-1] == 1
    assert why.models.main.latent.positions.shape[-1] == 3
    assert one_mean.main.latent.persistence is not None


def test_dependence_on_seat_history_is_stated(found):
    table = found.table.copy()
    moved = (table["variant"] == "one mean of member effects") & (table["old"] == V20)
    moved &= (table["component"] == "membership") & (table["category"] == "no")
    table.loc[moved, "estimate"] += 5.0
    text = replace(found, table=table).text
    assert "Caution, 2020 to 2021: the parts depend on the means of member effects by seat" in text


def test_held_out_positions_give_another_answer_than_the_joint_fit_and_two_dimensions_are_two(found, record):
    window = record.between("2016", "2021")
    plane = vs.explain(record, TRIO, model=vs.IdealPoints(dims=2).fit(window), draws=vs.Draws(200))
    here = found.table[(found.table["variant"] == "two dimensions") & (found.table["new"] == V20)]
    assert isinstance(plane.steps[0].model, ModelParts)
    told = plane.steps[0].model.table
    assert here["estimate"].to_numpy() == pytest.approx(told["estimate"].to_numpy()[:6], abs=1e-12)


def test_the_spread_is_that_of_the_estimates(found):
    spread = found.spread(V18, V20).set_index(["component", "category"])
    table = found.table[(found.table["old"] == V18) & (found.table["new"] == V20)]
    part = table[(table["component"] == "switching") & (table["category"] == "no")]["estimate"]
    assert spread.loc[("switching", "no"), "lowest"] == part.min()
    assert spread.loc[("switching", "no"), "highest"] == part.max()
    assert spread.loc[("switching", "no"), "variants"] == 14
    assert 13 < part.min() < part.max() < 16


def test_a_choice_without_an_answer_says_why():
    """Held out of the positions, the resolution leaves nothing to place T by."""
    votes = pd.DataFrame(
        {
            "a": ["yes", "yes", "no", "abstain", "no"],
            "b": ["yes", "no", "no", "abstain", "yes"],
            "c": ["yes", "no", "no", "abstain", "absent"],
        },
        index=list("PQRST"),
    )
    frame = pd.DataFrame(
        {
            "date": ["2001-01-01", "2002-01-01", "2001-06-01"],
            "title": ["peace", "peace", "war"],
            "amendment": [False, False, True],
        },
        index=list("abc"),
    )
    record = vs.RollCalls.from_wide(votes, rollcalls=frame)
    found = sensitivity(vs.explain(record, "peace", draws=vs.Draws(100)), n_draws=100)
    assert found.variants.loc["as reported", "rollcalls"] == 3
    assert found.variants.loc["resolution held out", "why_not"] == (
        "T cast no vote outside the held-out roll calls, so no position can be estimated (widen the window)"
    )
    assert set(found.table["variant"]) == set(found.variants.index[found.variants["why_not"] == ""])


def test_absence_is_a_choice_among_others(record, monkeypatch):
    """The modes of the same roll calls in the place of samples; the third finds too few absences."""
    asked = []

    def at_hand(part, spec, *, seed, absence="ignorable", not_recorded="absent", draws=1000):
        assert draws > 2000 or absence == "ignorable", "spreads of absences mix slowly"
        asked.append((absence, not_recorded, seed))
        if not_recorded == "gap":
            raise vs.NotUsableError("45 absences do not tell")
        return spec.fit(part)

    monkeypatch.setattr(posterior_draws, "sample", at_hand)
    why = vs.explain(record, TRIO, draws=vs.Draws(100, seed=3), member_effect=False)
    found = sensitivity(why, n_draws=100, absence=True)
    assert asked == [("ignorable", "absent", 3), ("hurdle", "absent", 3), ("hurdle", "gap", 3)]
    assert list(found.variants.index[-3:]) == [
        "sampled",
        "absence by position",
        "absence by position, gaps apart",
    ]
    assert found.variants["why_not"].iloc[-1] == "45 absences do not tell"
    both = found.table.set_index("variant").loc[["sampled", "absence by position"]]
    assert len(both) == 2 * 3 * 2 * 3


def test_a_record_of_two_chambers_has_its_other_choices_too(monkeypatch):
    """Every roll call of the fit is looked up in the record, not among the iterations alone."""
    council = vs.simulate(24, 50, seed=1, dynamics=Dynamics(n_periods=2, bridges=1)).rollcalls
    other = vs.simulate(24, 40, seed=2).rollcalls
    frame = other.rollcalls.assign(family="", title="")
    joint = link_chambers(
        vs.RollCalls(council.votes, council.members, council.rollcalls, source="Council"),
        vs.RollCalls(other.votes, other.members, frame, source="Assembly"),
    )
    sensitivity_module = sys.modules["voteshift.checks.sensitivity"]  # the function has the name, too
    every = sensitivity_module._choices
    monkeypatch.setattr(sensitivity_module, "_choices", lambda *given: islice(every(*given), 1))
    (slug,) = joint.families().index
    found = sensitivity(vs.explain(joint, slug, draws=vs.Draws(100)), n_draws=100)
    assert found.variants.loc["whole record", "why_not"] == ""
    assert found.variants.loc["whole record", "rollcalls"] == 90
    reported, whole = (
        found.table[found.table["variant"] == name].groupby("category")["estimate"].sum()
        for name in ("as reported", "whole record")
    )
    pd.testing.assert_series_equal(reported, whole)


def test_the_range_over_other_choices_leaves_out_the_explanation_itself(found, why):
    table = found.table[(found.table["old"] == V18) & (found.table["new"] == V20)]
    part = table[(table["component"] == "switching") & (table["category"] == "no")].set_index("variant")
    others = part.drop(index="as reported")["estimate"]
    ranges = found.other_estimates(V18, V20, "no")
    assert set(ranges) == {"membership", "switching"}
    assert ranges["switching"] == Range(others.min(), others.max(), 13)
    text = describe_change(why.steps[0], why.words, ranges)
    assert f"; {others.min():.1f} to {others.max():.1f} over 13 other choices) to states voting" in text
    assert text.count("other choices") == 1
    assert "other choices" not in why.answer.steps[0].change


def test_the_range_stands_in_the_answer_where_the_check_was_run(found, why):
    answer = vs.Findings(why, {"sensitivity": found})
    assert "over 13 other choices" in answer.paragraphs[0].sentences[0]
    assert "over 13 other choices" in answer.text
    assert "other choices" not in vs.Findings(why, {}).text


def test_choices_with_other_parts_are_not_in_the_range(found):
    table = found.table.copy()
    table.loc[(table["variant"] == "two dimensions") & (table["component"] == "switching"), "component"] = "x"
    assert {
        part.choices for part in replace(found, table=table).other_estimates(V18, V20, "no").values()
    } == {12}
    assert found.other_estimates("no", "step", "no") == {}


def bridged() -> vs.RollCalls:
    """Thirty members in three years; fish comes back, six other titles come back every year."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal(30)
    rows, votes = [], []
    back = [f"On trees {name}" for name in "ABCDEF"]
    items = {title: (rng.normal(0, 1.5), rng.normal(0, 0.5)) for title in [*back, "On fish"]}
    for year in (2000, 2001, 2002):
        for title in [*(f"On birds {k} of {year}" for k in range(5)), *back, *["On fish"] * (year > 2000)]:
            slope, cut = items.get(title, (1.2, 0.1))
            latent = slope * x + rng.logistic(size=30)
            votes.append((latent > cut - 0.8).astype(int) + (latent > cut + 0.8))
            rows.append({"date": f"{year}-05-01", "title": title, "amendment": title.endswith("birds 0")})
    ids = [f"r{k:02d}" for k in range(len(rows))]
    groups = {"group": ["A", "B"] * 15}
    members = pd.DataFrame(groups, index=[f"M{i:02d}" for i in range(30)])
    return vs.RollCalls(np.array(votes, dtype=np.int8).T, members, pd.DataFrame(rows, index=ids))


def test_with_bridges_tau_groups_window_and_bridges_are_choices_too(monkeypatch):
    sensitivity_module = sys.modules["voteshift.checks.sensitivity"]
    monkeypatch.setattr(sensitivity_module, "_choices", lambda *_: iter(()))
    asked = []

    def fit_by(spec, rollcalls):
        asked.append((spec.dynamics, list(rollcalls.rollcalls.index)))
        widths.append(spec.priors.discrimination)
        return spec.fit(rollcalls)

    widths = []
    walk = vs.RandomWalk(bridge="families", tau=0.2)
    why = vs.explain(
        bridged(),
        "fish",
        model=vs.IdealPoints(dynamics=walk),
        draws=vs.Draws(100),
        member_effect=False,
        fit_by=fit_by,
        window=("2000", "2002"),
    )
    asked.clear()
    widths.clear()
    found = sensitivity(why, n_draws=100)
    assert widths == [5.0] * 4 + [10.0] + [5.0] * 3
    names = ["tau half as large", "tau twice as large", "no group steps", "group steps twice as wide"]
    names += [
        "item priors twice as wide",
        "2001 to 2002, dynamic",
        "one half of the bridges",
        "the other half of the bridges",
    ]
    assert list(found.variants.index) == ["as reported", *names]
    assert (found.variants["why_not"] == "").all()
    (half, _), (twice, _), (still, _), (wide, _), _, (whole, years), (one, _), (other, _) = asked
    assert (half.tau, twice.tau, whole.tau) == (0.1, 0.4, 0.2)
    assert (still.delta_group, wide.delta_group, whole.delta_group) == (0.0, 1.0, 0.5)
    assert all(name >= "r11" for name in years)  # the roll calls of 2000 come first
    assert not set(one.items.values()) & set(other.items.values())
    assert set(one.items.values()) | set(other.items.values()) == set(half.items.values())
    (step,) = why.steps
    ranges = found.other_estimates(*step.ends, "yes")
    assert set(ranges) == {"membership", "positions", "resolution"}
    assert {part.choices for part in ranges.values()} == {8}
    for name in names:
        table = found.table[(found.table["variant"] == name) & (found.table["category"] == "no")]
        assert table["estimate"].sum() == pytest.approx(step.account.change["no"], abs=1e-9)
