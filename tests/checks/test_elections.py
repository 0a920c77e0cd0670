import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.elections import Elections, election, elections, served_two_terms
from voteshift.checks.placebo import placebo
from voteshift.joint import COUNCIL, could_stand, link_chambers
from voteshift.shift.effect_draws import EffectForm
from voteshift.shift.models import redraw_effects
from voteshift.shift.parts import StepDraws
from voteshift.shift.shapley import shapley

N, SEATS = 48, 16
NAMES = [f"S{number:02d}" for number in range(N)]
GROUPS = ["north", "south"] * (N // 2)


def votes_of(positions, rng, n_rollcalls):
    slopes = rng.choice([-2.0, 2.0], n_rollcalls)
    latent = positions[:, None] * slopes + rng.logistic(size=(N, n_rollcalls))
    return (latent > -0.7).astype(np.int8) + (latent > 0.7)


@pytest.fixture(scope="module")
def council():
    """Sixteen seats, a quarter of which change hands each year; one resolution comes back in year 4 of 8."""
    rng = np.random.default_rng(3)
    positions = rng.standard_normal(N)
    dates = [f"{2001 + year}-{month:02d}-01" for year in range(8) for month in (3, 9)]
    votes = votes_of(positions, rng, len(dates))
    for column in range(len(dates)):
        year = column // 2
        sits = np.isin(np.arange(N), np.arange(4 * year, 4 * year + SEATS) % N)
        votes[~sits, column] = vs.Vote.NOT_MEMBER
    titles = [f"Text {column}" for column in range(len(dates))]
    titles[2] = titles[8] = "On fish"
    titles[4] = titles[9] = "On birds"
    votes[20, 8] = vs.Vote.ABSENT  # was elected and did not vote
    frame = pd.DataFrame({"date": dates, "title": titles}, index=[f"c{k}" for k in range(len(dates))])
    members = pd.DataFrame({"group": GROUPS}, index=NAMES)
    return vs.RollCalls(votes, members, frame, source=COUNCIL, polarity="S00"), positions


@pytest.fixture(scope="module")
def joint(council):
    rng = np.random.default_rng(4)
    record, positions = council
    votes = votes_of(positions, rng, 60)
    votes[47] = vs.Vote.ABSENT  # a member that never votes has no position
    ids = [f"a{k}" for k in range(60)]
    frame = pd.DataFrame({"date": "2003-12-01", "title": ""}, index=ids)
    # A resolution of the other chamber, in the years of both votes: no placebo of this one's.
    frame.loc[["a0", "a1"], "date"] = ["2002-12-01", "2005-12-01"]
    frame.loc[["a0", "a1"], "title"] = "On trees"
    return link_chambers(record, vs.RollCalls(votes, record.members, frame, source="Assembly"))


@pytest.fixture(scope="module")
def why(joint):
    return vs.explain(joint, "on fish", draws=vs.Draws(200))


@pytest.fixture(scope="module")
def both(why):
    """The election by the model, and without member effects."""
    result = elections(why)
    assert isinstance(result, Elections)
    return result.steps[why.steps[0].ends]


@pytest.fixture(scope="module")
def found(both):
    return both[0]


def test_the_statistic_is_the_membership_part_with_one_mean_of_member_effects(why, both):
    """To the last digit, with member effects and without. Under the null, entrants have no other mean."""
    one_mean = redraw_effects(why.models, why.draws, EffectForm(by_seats=False))
    assert one_mean.member_effect.n_means == 0
    layers = one_mean.split(why.versions, *why.steps[0].ends)
    assert len(both) == 2
    for election_, parts in zip(both, layers, strict=True):
        table = parts.table[parts.table["component"] == "membership"].set_index("category")
        mine = election_.table.set_index("category")
        for name in ("estimate", "conf_low", "conf_high"):
            assert mine[name].tolist() == pytest.approx(table.loc[mine.index, name].tolist(), abs=1e-9)


@pytest.mark.parametrize("apart", [True, False])
def test_scores_add_up_to_the_shapley_value(why, apart):
    """Whatever the factors: over all members, new council less old, the score is the part."""
    from voteshift.checks.elections import membership_scores

    tallies = why.models.main
    draws = StepDraws(tallies, 0, 1, "realised", apart=apart)
    part = shapley(draws.corners, draws.n_factors).parts[0]
    gained = draws.seats[:, 1] - draws.seats[:, 0]
    for code in range(3):
        assert membership_scores(draws, code) @ gained == pytest.approx(part[:, code])


def test_who_stands_and_for_how_many_seats(joint, found):
    """Seats 4..19 in year 1, 16..31 in year 4: 16 to 19 keep theirs, 20 is away, eleven changed hands."""
    assert (found.old, found.new) == ("c2", "c8")
    assert found.seats["seats"].to_dict() == {"north": 5, "south": 6}
    # Who left in the year before after four years, S12 to S15, may not stand; S47 has no position.
    assert found.barred == ("S12", "S13", "S14", "S15")
    assert found.unplaced == ("S47",)
    assert found.seats["stood"].sum() == N - 4 - 1 - 4 - 1
    assert found.chamber == "Assembly"
    assert found.change == {
        name: int((joint.votes[:, 8] == code).sum() - (joint.votes[:, 2] == code).sum())
        for code, name in enumerate(("no", "abstain", "yes"))
    }


def test_a_member_of_no_group_cannot_stand_and_is_named(joint, why, found):
    assert found.ungrouped == ()
    members = joint.members
    members.loc[["S30", "S40"], "group"] = ""  # S30 was elected, S40 might have been
    apart = vs.RollCalls(joint.votes, members, joint.rollcalls)
    draws = StepDraws(why.tallies, 0, 1, "realised", apart=False)
    with_seat = election(apart, draws, why.fit, level=0.9, seed=1)
    assert with_seat.ungrouped == ()
    assert with_seat.seats.loc["no group"].tolist() == [1, 2]
    members.loc["S30", "group"] = "north"
    without = election(vs.RollCalls(joint.votes, members, joint.rollcalls), draws, why.fit, level=0.9, seed=1)
    assert without.ungrouped == ("S40",)
    assert without.seats["stood"].sum() == found.seats["stood"].sum() - 1
    assert "These members have no group and are not candidates: S40." in without.note()


def test_two_terms_are_read_off_the_record(joint, council):
    record, _ = council
    assert served_two_terms(record, "c8") == found_by_hand(record, "c8")
    assert served_two_terms(record, "c3") == ()
    assert served_two_terms(record, "c15") == found_by_hand(record, "c15") != ()


def found_by_hand(record, new):
    """Years of the record: seated in all of the four before, and not in this one."""
    year = record.rollcalls["date"].dt.year.to_numpy()
    this = year[record.rollcalls.index.get_loc(new)]
    sat = {at: (record.votes[:, year == at] != vs.Vote.NOT_MEMBER).any(axis=1) for at in range(2001, 2009)}
    recent = [sat.get(this - back, np.zeros(N, dtype=bool)) for back in range(1, 5)]
    barred = np.logical_and.reduce([*recent, ~sat[this]])
    return tuple(np.array(NAMES)[barred])


def test_elections_at_random_have_the_mean_of_those_who_stood(joint, why):
    """Its mean by hand: every group's seats times the mean score of those who stood, draw by draw."""
    draws = StepDraws(why.tallies, 0, 1, "realised", apart=False)
    members = draws.tallies.members
    votes = {when: draws.votes(when, when)[..., 0] for when in (0, 1)}
    score = 0.5 * (votes[0] + votes[1])
    table = election(joint, draws, why.fit, level=0.9, seed=1).table.set_index("category")
    kept = ["S16", "S17", "S18", "S19"]
    gone = ["S12", "S13", "S14", "S15"]
    stand = [name for name in members if name not in (*kept, *gone, "S20", "S47")]
    share = {
        group: score[:, [members.get_loc(name) for name in stand if GROUPS[NAMES.index(name)] == group]]
        for group in ("north", "south")
    }
    old = (joint.votes[[NAMES.index(name) for name in members], 2] >= 0).astype(float)
    fixed = score[:, members.get_indexer(kept)].sum(axis=1) - score @ old
    seats = {"north": 5, "south": 6}
    expected = fixed + sum(seats[group] * part.mean(axis=1) for group, part in share.items())
    spread = table.loc["no", "random_high"] - table.loc["no", "random_low"]
    assert abs(table.loc["no", "random_mean"] - expected.mean()) < 4 * spread / 3.3 / np.sqrt(9999)


def test_only_the_familys_own_chamber_is_explained(joint, council, why):
    record, _ = council
    alone = vs.explain(record, "on fish", draws=vs.Draws(200))
    assert "trees" in joint.families().index
    assert why.rollcalls.equals(alone.rollcalls)
    for step, own in zip(why.steps, alone.steps, strict=True):
        assert step.account.members.equals(own.account.members)
    for ours, theirs in zip(placebo(why).steps.values(), placebo(alone).steps.values(), strict=True):
        assert ours.table.equals(theirs.table)
    members = set(why.tidy("member").query("layer == 'model'")["member"])
    assert members <= set(NAMES[4:32])
    assert "linked by the" in why.steps[0].model.identified_by
    assert "linked by" not in alone.steps[0].model.identified_by


def test_without_a_joint_fit_it_is_refused(council):
    record, _ = council
    alone = vs.explain(record, "on fish", draws=vs.Draws(200))
    result = elections(alone)
    assert isinstance(result.steps[alone.steps[0].ends], vs.Unavailable)
    assert "link_chambers" in result.text
    with pytest.raises(vs.NotUsableError, match="only members that held a seat"):
        could_stand(record, alone.fit.rollcall_ids, "c8")


def test_the_rule_on_terms_is_that_of_one_council(joint, why, found):
    """What other chambers bar their records do not say: nobody is barred there."""
    frame = joint.rollcalls.replace({"chamber": {COUNCIL: "Another council"}})
    other = vs.RollCalls(joint.votes, joint.members, frame, polarity=joint.polarity)
    result = election(other, why.steps[0].model.draws, why.fit, level=0.9, seed=0, n_elections=99)
    assert vs.load_hrc().source == COUNCIL
    assert found.barred
    assert result.barred == ()
    assert result.seats["stood"].sum() == found.seats["stood"].sum() + len(found.barred)
    assert "two terms" not in result.note()


def test_seed_and_sentence(joint, why, both, found):
    draws = why.steps[0].model.draws
    tables = [election(joint, draws, why.fit, level=0.9, seed=seed).table for seed in (1, 1, 2)]
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])
    said = found.sentence(both[1]) + found.note()
    for part in (
        "11 seats changed hands",
        "Null hypothesis: the members that took a seat",
        "S12, S13, S14, S15, which had served two terms",
    ):
        assert part in said
    assert found.tidy()["old"].tolist() == ["c2"] * 3
