from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.resolution.refit import fit_without
from voteshift.shift.account import AddingUpError
from voteshift.shift.counterfactual import counterfactual
from voteshift.shift.effect_draws import EffectForm, effect_counterfactual
from voteshift.shift.poisson_multinomial import lead_distribution
from voteshift.shift.whatif import whatif

TRIO = "mutually-beneficial-cooperation"
IDS = ["27478", "29343", "29575"]
TALLIES = {"27478": (28, 1, 17), "29343": (23, 16, 8), "29575": (26, 15, 6)}


@pytest.fixture(scope="module")
def fit(record):
    return vs.IdealPoints().fit(record.between("2016", "2021"))


@pytest.fixture(scope="module")
def asked(record, fit):
    """Would the 2018 council have passed the 2021 text?"""
    return whatif(record, fit, council="2018", version="A/HRC/RES/46/13", draws=vs.Draws(400))


@pytest.fixture(scope="module", params=["member_effect", "plain"])
def answer(request, asked):
    return asked if request.param == "member_effect" else asked.without_member_effect


@pytest.mark.parametrize("rollcall", IDS)
def test_a_council_on_its_own_version_votes_as_it_did(record, fit, rollcall):
    found = whatif(record, fit, council=rollcall, version=rollcall, draws=vs.Draws(100))
    yes, no, abstain = TALLIES[rollcall]
    assert found.expected == {"yes": yes, "no": no, "abstain": abstain}
    assert found.yes_distribution[yes] == 1
    assert found.p_adopted == 1
    assert (found.reach.recorded, found.reach.predicted) == (yes + no + abstain, 0)
    assert found.tidy().set_index("quantity").loc["no", ["conf_low", "conf_high"]].tolist() == [no, no]


def test_votes_on_record_on_that_version_are_kept(record, answer):
    on_record = record.select(members=answer.members.index, rollcalls=["29575"]).votes[:, 0]
    kept = answer.members["recorded"] != ""
    assert kept.sum() == answer.reach.recorded == 16
    assert ((on_record >= 0) == kept).all()
    for member, row in answer.members[kept].iterrows():
        assert row[row["recorded"]] == 1, member
    assert answer.members.loc[~kept, ["no", "abstain", "yes"]].max(axis=None) < 1


def test_the_distribution_is_one_and_agrees_with_the_joint(answer):
    joint = answer.tally_distribution()
    n = len(answer.members)
    counts = np.arange(n + 1)
    assert joint.sum() == pytest.approx(1)
    assert joint.sum(axis=1) == pytest.approx(answer.yes_distribution)
    assert abs(counts @ answer.yes_distribution - answer.expected["yes"]) < 1e-9
    assert (joint.sum(axis=0) @ counts) == pytest.approx(answer.expected["no"])
    assert np.tril(joint, -1).sum() == pytest.approx(answer.p_adopted)
    assert sum(answer.expected.values()) == pytest.approx(n)


def test_intervals_are_quantiles_of_the_count(answer):
    table = answer.tidy().set_index("quantity")
    below = np.cumsum(answer.yes_distribution)
    low, high = int(table.loc["yes", "conf_low"]), int(table.loc["yes", "conf_high"])
    assert below[low] >= 0.05 > below[low - 1]
    assert below[high] >= 0.95 > below[high - 1]
    counts = np.arange(len(below))
    mean = counts @ answer.yes_distribution
    sd = np.sqrt(counts**2 @ answer.yes_distribution - mean**2)
    assert table.loc["yes", "std_error"] == pytest.approx(sd)
    assert table.loc["adopted", "estimate"] == answer.p_adopted
    assert table.loc["adopted", "std_error"] == pytest.approx(answer.adopted.std() / np.sqrt(400))
    assert table.loc["adopted", ["conf_low", "conf_high"]].isna().all()


def test_who_decides_is_the_difference_its_own_vote_makes(answer):
    """Yes for certain against no for certain, everybody else as they are."""
    n = len(answer.members)
    for at in (0, n // 2, n - 1):
        adopted = []
        for vote in (2, 0):
            chances = answer.chances.copy()
            chances[:, at] = np.eye(3)[vote]
            adopted.append(lead_distribution(chances)[:, n + 1 :].sum(axis=1).mean())
        assert answer.members["p_decides"].iloc[at] == pytest.approx(adopted[0] - adopted[1])
    assert answer.members["p_decides"].is_monotonic_decreasing


def test_a_fresh_vote_is_what_the_model_expects_of_every_member(record, fit):
    """The same draws as the table of councils by versions, without member effects and with it."""
    tallies = counterfactual(record, fit, IDS, n_draws=200, seed=4)
    others = fit_without(record, fit, IDS)
    with_effects, _ = effect_counterfactual(
        record, tallies, others, n_draws=200, seed=4, form=EffectForm(state_dependence=False, by_seats=False)
    )
    for at, council in enumerate(IDS):
        for version in (0, 2):
            found = whatif(
                record, fit, council=council, version=IDS[version], fresh=True, draws=vs.Draws(200, seed=4)
            )
            assert found.reach.recorded == 0
            for answer, table in ((found.without_member_effect, tallies), (found, with_effects)):
                expected = table.expected.mean(axis=0)[at, version]
                assert list(answer.expected.values()) == pytest.approx(list(expected))


def test_member_effects_make_members_repeat_themselves(record, fit, asked):
    """The certain no of 2021 voted no or abstained in 2018; those who said yes say it again."""
    then = record.select(members=asked.members.index, rollcalls=["27478"]).votes[:, 0]
    predicted = (asked.members["recorded"] == "").to_numpy()
    with_effect = asked.members["yes"].to_numpy()
    plain = asked.without_member_effect.members.loc[asked.members.index, "yes"].to_numpy()
    said_yes = predicted & (then == 2)
    assert with_effect[said_yes].mean() > plain[said_yes].mean()
    low, high = asked.member_effect.sd_interval(0.9)
    assert 1 < low < asked.member_effect.sd < high
    assert any("member effect" in note for note in asked.notes)
    assert not any("standard deviation" in note for note in asked.without_member_effect.notes)


def test_member_effects_take_positions_from_all_other_roll_calls(record, fit, asked):
    asked_for = []

    def fit_by(spec, rollcalls):
        asked_for.append(rollcalls)
        return spec.fit(rollcalls)

    others = fit_without(record, fit, IDS, fit_by=fit_by)
    assert set(asked_for[0].rollcalls.index) == set(fit.rollcall_ids) - set(IDS)
    given = whatif(record, fit, council="2018", version="29575", member_effect=others, draws=vs.Draws(400))
    assert given.expected == asked.expected


def test_where_positions_come_from_is_told(fit, asked):
    n_rollcalls = len(fit.rollcall_ids)
    for answer, n, among in (
        (asked, n_rollcalls - 3, "without"),
        (asked.without_member_effect, n_rollcalls, "with"),
    ):
        said = " ".join(answer.notes)
        assert f"Positions are estimated from {n} contested roll calls" in said
        assert f"{among} the votes on this resolution" in said
        assert "assumed constant over this time" in said
        assert "400 draws of the normal approximation, seed 0. Nothing here is causal." in said


def test_one_iteration_has_no_member_effect(record):
    alone = vs.IdealPoints().fit(record.between("2021", "2021"))
    found = whatif(
        record, alone, council="2021", version="29575", fresh=True, draws=vs.Draws(100), family=TRIO
    )
    assert found.without_member_effect is None
    assert "two versions" in str(found.member_effect)
    assert any("No member effect" in note for note in found.notes)
    quiet = whatif(record, alone, council="2021", version="29575", member_effect=False, draws=vs.Draws(100))
    assert quiet.member_effect is None


def test_simulated_votes_have_the_distribution(answer):
    rng = np.random.default_rng(3)
    cuts = np.cumsum(answer.chances, axis=-1)
    n, rounds = len(answer.chances), 100
    yes = np.concatenate([(rng.random(cuts.shape[:2]) > cuts[..., 1]).sum(axis=1) for _ in range(rounds)])
    share = np.bincount(yes, minlength=len(answer.yes_distribution)) / len(yes)
    chance = answer.yes_distribution
    error = np.sqrt(chance * (1 - chance) / (n * rounds))
    often = chance * n * rounds > 25
    assert often.sum() > 10
    assert (np.abs(share - chance)[often] < 4 * error[often]).all()


def test_members_come_and_go(record, fit):
    plain = whatif(record, fit, council="2020", version="29575", draws=vs.Draws(200))
    changed = whatif(
        record,
        fit,
        council="2020",
        version="29575",
        with_members=["USA"],
        without=["DEU"],
        draws=vs.Draws(200),
    )
    assert len(changed.members) == len(plain.members)
    assert changed.members.loc["USA", "added"]
    assert changed.members["added"].sum() == 1
    assert changed.removed == ("DEU",)
    assert "DEU" not in changed.members.index
    difference = changed.expected["no"] - plain.expected["no"]
    # Germany voted no on that very text.
    assert difference == pytest.approx(changed.members.loc["USA", "no"] - 1)


def test_everyone_the_fit_places_can_be_the_council(record, fit):
    found = whatif(record, fit, council="all", version="2021", family=TRIO, draws=vs.Draws(100))
    assert set(found.members.index) == set(fit.member_ids)
    assert found.reach.years_apart is None
    assert found.reach.recorded == 47


def test_how_far_outside_the_data(record, fit, asked):
    reach = asked.reach
    assert (reach.recorded, reach.predicted) == (16, 30)
    assert reach.years_apart == pytest.approx(3.0, abs=0.01)
    own = fit.items().set_index("rollcall").loc["29575", "discrimination"]
    eta = fit.tidy().set_index("member")["estimate"] * own
    voted = record.select(rollcalls=["29575"]).seated()
    low, high = eta[voted.members.index].min(), eta[voted.members.index].max()
    predicted = asked.members.index[asked.members["recorded"] == ""]
    assert set(reach.beyond) == {who for who in predicted if not low <= eta[who] <= high}
    assert reach.beyond
    dates = record.rollcalls["date"]
    window = record.between("2016", "2021").contested()
    gaps = []
    for member in predicted:
        votes = window.select(members=[member]).votes[0]
        days = (dates[window.rollcalls.index[votes >= 0]] - dates["29575"]).dt.days.abs()
        gaps.append(days.min() / 365.25)
    assert reach.longest_gap == pytest.approx(max(gaps))
    said = reach.sentence()
    for part in ("16 of 46", "30 are predicted", "3.0 years apart", reach.beyond[0]):
        assert part in said


def test_who_was_away_is_named(record, fit):
    found = whatif(record, fit, council="2018", version="2021", family=TRIO, draws=vs.Draws(100))
    assert found.away == ("TUN",)
    added = whatif(
        record, fit, council="2018", version="2021", family=TRIO, with_members=["TUN"], draws=vs.Draws(100)
    )
    assert added.away == ()
    assert len(added.members) == 47


def test_seed_and_draws_arrive(record, fit):
    def once(seed):
        draws = vs.Draws(100, seed=seed)
        return whatif(record, fit, council="2018", version="29575", draws=draws).expected["yes"]

    assert once(1) == once(1) != once(2)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"with_members": ["CHN"]}, "CHN already votes in this council"),
        ({"without": ["BOL"]}, "BOL does not vote in this council"),
        ({"with_members": ["BOL", "BOL"]}, "listed twice"),
        ({"with_members": ["XXX"]}, "XXX cast no vote in the fitted roll calls"),
        ({"member_effect": "pooled"}, "member_effect is 'pooled'"),
    ],
)
def test_what_makes_no_sense_is_refused(record, fit, how, message):
    with pytest.raises(vs.UsageError, match=message):
        whatif(record, fit, council="2018", version="29575", **how)


def test_a_version_outside_the_fit_is_refused(record, fit):
    with pytest.raises(vs.NotUsableError, match="is not among the fitted roll calls"):
        whatif(record, fit, council="2018", version=str(record.rollcalls.index[0]))


def test_a_fit_of_other_votes_is_refused(record, fit):
    votes = record.votes.copy()
    at = record.rollcalls.index.get_loc("29575")
    votes[record.members.index.get_loc("CHN"), at] = 0
    frame = record.rollcalls.drop(columns=["yes", "no", "abstain"])
    with pytest.raises(vs.UsageError, match="other votes"):
        whatif(vs.RollCalls(votes, record.members, frame), fit, council="2018", version="29575")


def test_probabilities_that_are_none_are_refused(asked):
    broken = asked.chances.copy()
    broken[3, 5] = [0.5, 0.2, 0.2]
    with pytest.raises(AddingUpError, match="add up to 1"):
        replace(asked, chances=broken)


def test_probability_is_said_as_certain_only_where_it_is(record, fit):
    sure = whatif(record, fit, council="2021", version="29575", draws=vs.Draws(100)).sentence()
    assert "1.000" in sure
    nearly = whatif(record, fit, council="2020", version="29575", draws=vs.Draws(100))
    assert 0.9995 < nearly.p_adopted < 1
    assert "above 0.999" in nearly.sentence()


def test_an_undated_record_is_answered(record):
    window = record.between("2021", "2021")
    undated = vs.RollCalls(window.votes, window.members, window.rollcalls.drop(columns=["date", "family"]))
    fit = vs.IdealPoints().fit(undated)
    found = whatif(undated, fit, council="29575", version="29575", member_effect=False, draws=vs.Draws(100))
    assert "members, undated, with the votes on this resolution" in " ".join(found.notes)
