"""Three factors: who sits, where members stand, what is voted on."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import voteshift as vs
from shift.fakes import MovingFit, moving_record
from voteshift.shift.account import AddingUpError
from voteshift.shift.counterfactual import Counterfactual, counterfactual
from voteshift.shift.parts import ModelParts, StepDraws, model_parts

PAIR = ["old", "new"]


def made(*, seed: int = 0, **known: object) -> tuple[vs.RollCalls, MovingFit]:
    record, centre, slopes, cuts = moving_record(seed)
    return record, MovingFit(record, centre, slopes, cuts, **known)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def tallies() -> Counterfactual:
    record, fit = made()
    return counterfactual(record, fit, PAIR, n_draws=300, seed=1)  # type: ignore[arg-type]


def split(tallies: Counterfactual, *, apart: bool = True, estimand: str = "realised") -> ModelParts:
    draws = StepDraws(tallies, 0, 1, estimand, apart)  # type: ignore[arg-type]
    return model_parts(draws, level=0.9, identified_by="", notes=(), extrapolated=("M01", "M02", "M03"))


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("seed", range(3))
def test_the_real_corners_are_the_record_in_every_draw(link: str, seed: int) -> None:
    record, fit = made(seed=seed, link=link)
    found = counterfactual(record, fit, PAIR, n_draws=100, seed=seed)  # type: ignore[arg-type]
    tally = record.tally().loc[PAIR, ["no", "abstain", "yes"]].to_numpy()
    for k in (0, 1):
        assert (found.realised[:, k, k, k] == tally[k]).all()
        assert (found.realised[:, k].sum(axis=-1) == tally[k].sum()).all()


def test_the_noise_makes_the_votes_on_record(tallies: Counterfactual) -> None:
    """Without looking at the record: eta of the own date plus the noise falls into the category cast."""
    for version in (0, 1):
        latent = tallies.latent.eta(version, version) + tallies.noise[..., version]
        votes = (latent[..., None] > tallies.latent.cutpoints[:, None, version]).sum(axis=-1)
        voted = tallies.votes[:, version] >= 0
        assert (votes[:, voted] == tallies.votes[voted, version]).all()
        assert 0.1 < (votes[:, ~voted] == 2).mean() < 0.9


def test_a_recorded_vote_follows_the_position_with_its_noise_held() -> None:
    """Against rejection sampling: P(yes with the position of the other date | yes with its own)."""
    record, centre, slopes, cuts = moving_record()
    fit = MovingFit(record, centre, slopes, cuts, spread=0.0)
    found = counterfactual(record, fit, PAIR, n_draws=6000, seed=2)  # type: ignore[arg-type]
    latent = found.latent
    member = int(np.flatnonzero(found.votes[:, 0] == 2)[0])
    noise = np.random.default_rng(3).logistic(size=(6000, 200))
    own, other = (latent.eta(date, 0)[:, member, None] for date in (0, 1))
    cut = latent.cutpoints[:, 0, 1:]
    said_yes = own + noise > cut
    still_yes = ((other + noise > cut) & said_yes).sum() / said_yes.sum()
    assert 0.05 < still_yes < 0.95
    assert (found.cast(1, 0)[:, member] == 2).mean() == pytest.approx(still_yes, abs=0.026)  # 4 x 0.5/sqrt(n)
    assert (found.cast(0, 0)[:, member] == 2).all()


def test_votes_never_cast_follow_the_model(tallies: Counterfactual) -> None:
    away = tallies.votes[:, 1] < 0
    drawn = (tallies.cast(0, 1)[:, away] == 2).mean()
    eta = tallies.latent.eta(0, 1)[:, away]
    assert drawn == pytest.approx((1 - expit(tallies.latent.cutpoints[:, 1, 1:] - eta)).mean(), abs=0.02)


def test_three_parts_equal_the_average_over_six_orders(tallies: Counterfactual) -> None:
    found = split(tallies)
    t = tallies.realised.astype(float)  # draws, council, date, version, category
    direct = np.zeros((3, len(t), 3))
    for order in permutations(range(3)):
        at = [0, 0, 0]
        for factor in order:
            before = t[:, at[0], at[1], at[2]]
            at[factor] = 1
            direct[factor] += (t[:, at[0], at[1], at[2]] - before) / 6
    table = found.table.set_index(["component", "category"])
    for part, name in enumerate(("membership", "positions", "resolution")):
        for code, category in enumerate(("no", "abstain", "yes")):
            row = table.loc[(name, category)]
            values = direct[part][:, code]
            assert row["estimate"] == pytest.approx(values.mean())
            assert [row["conf_low"], row["conf_high"]] == pytest.approx(np.quantile(values, [0.05, 0.95]))
            assert row["order_low"] <= row["estimate"] + 1e-12
            assert row["estimate"] <= row["order_high"] + 1e-12
    assert (table.loc["residual", ["estimate", "conf_low", "conf_high"]] == 0).all().all()


def test_the_simulation_error_is_that_of_the_means(tallies: Counterfactual) -> None:
    """Of 500 halves of the draws the largest spread among the parts: a half has the error times root 2."""
    found = split(tallies)
    assert found.draws is not None
    parts = found.draws.by_member.sum(axis=2)  # factors, draws, categories
    rng = np.random.default_rng(0)
    n_draws = parts.shape[1]
    halves = [parts[:, rng.choice(n_draws, n_draws // 2)].mean(axis=1) for _ in range(500)]
    assert found.simulation_error == pytest.approx(np.std(halves, axis=0).max() / np.sqrt(2), rel=0.15)


def test_without_a_bridge_positions_and_version_are_replaced_together(tallies: Counterfactual) -> None:
    found = split(tallies, apart=False)
    t = tallies.realised.astype(float)
    switching = 0.5 * (t[:, 0, 1, 1] - t[:, 0, 0, 0] + t[:, 1, 1, 1] - t[:, 1, 0, 0])
    table = found.table.set_index(["component", "category"])["estimate"]
    assert found.components == ("membership", "switching")
    assert table["switching", "no"] == pytest.approx(switching[:, 0].mean())


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("estimand", ["realised", "expected"])
def test_members_and_groups_add_up_to_the_parts(tallies: Counterfactual, apart: bool, estimand: str) -> None:
    found = split(tallies, apart=apart, estimand=estimand)
    parts = found.table[found.table["component"] != "residual"].set_index(["component", "category"])[
        "estimate"
    ]
    labels = pd.Series(["a", "b"] * 20, index=[f"M{i:02d}" for i in range(40)])
    for table in (found.members(), found.by(labels)):
        total = table.groupby(["component", "category"])["estimate"].sum()
        assert total[parts.index].to_numpy() == pytest.approx(parts.to_numpy(), abs=1e-6)
    assert set(found.by(labels)["label"]) == {"a", "b"}


def test_only_who_comes_or_goes_carries_membership(tallies: Counterfactual) -> None:
    members = split(tallies).members()
    both = tallies.members[(tallies.votes >= 0).all(axis=1)]
    stayed = members[members["member"].isin(both) & (members["component"] == "membership")]
    assert len(stayed)
    assert (stayed[["estimate", "conf_low", "conf_high"]] == 0).all().all()
    assert members.loc[members["component"] == "membership", "estimate"].abs().max() > 0.3


def attended(tallies: Counterfactual, away: dict[int, int]) -> Counterfactual:
    """The same draws, but members that voted both times were away from one of the two votes."""
    votes = tallies.votes.copy()
    for member, version in away.items():
        assert (votes[member] >= 0).all()
        votes[member, version] = vs.Vote.ABSENT
    return replace(tallies, votes=votes)


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("estimand", ["realised", "expected"])
def test_attendance_takes_its_members_out_of_membership(
    tallies: Counterfactual, apart: bool, estimand: str
) -> None:
    """By brute force over the orders of the factors, from the definition of who attends."""
    both = np.flatnonzero((tallies.votes >= 0).all(axis=1))
    found = attended(tallies, {both[0]: 0, both[1]: 1, both[2]: 0, both[3]: 1, both[4]: 1})
    once = both[:5]
    parts = split(found, apart=apart, estimand=estimand)
    names = ("positions", "resolution") if apart else ("switching",)
    assert parts.components == ("membership", "attendance", *names)
    assert parts.voted_once == tuple(found.members[once])
    draws = parts.draws
    assert draws is not None
    seat = found.votes != vs.Vote.NOT_MEMBER
    came = found.votes >= 0

    def tally(seats: int, attendance: int, *rest: int) -> np.ndarray:
        """Who changed seats attends as on the date of its seat, whatever the date of the attendance."""
        whose = [
            came[i, attendance] if seat[i].all() else seat[i, seats] and came[i, seats]
            for i in range(len(seat))
        ]
        date, version = rest if apart else (rest[0], rest[0])
        total: np.ndarray = draws.votes(date, version)[:, whose].sum(axis=1)
        return total

    n = len(parts.components)
    direct = np.zeros((n, len(found.noise), 3))
    orders = list(permutations(range(n)))
    for order in orders:
        corner = [0] * n
        for factor in order:
            before = tally(*corner)
            corner[factor] = 1
            direct[factor] += (tally(*corner) - before) / len(orders)
    table = parts.table.set_index(["component", "category"])
    for part, values in zip(parts.components, direct, strict=True):
        for code, category in enumerate(("no", "abstain", "yes")):
            assert table.loc[(part, category), "estimate"] == pytest.approx(values[:, code].mean())
    members = parts.members().set_index(["component", "member"])
    one = members.loc["attendance"]
    assert set(one.index[one["estimate"] != 0]) <= set(found.members[once])
    assert (members.loc["membership"].loc[found.members[once], "estimate"] == 0).all()
    total = parts.members().groupby(["component", "category"])["estimate"].sum()
    assert total.to_numpy() == pytest.approx(table.loc[total.index, "estimate"].to_numpy(), abs=1e-6)


def test_the_other_parts_do_not_depend_on_the_split_of_membership(tallies: Counterfactual) -> None:
    """With the same votes but no seats, who voted once is counted as joining or leaving."""
    both = np.flatnonzero((tallies.votes >= 0).all(axis=1))
    apart = attended(tallies, {both[0]: 0, both[1]: 1, both[2]: 1})
    merged = replace(apart, votes=np.where(apart.votes < 0, np.int8(vs.Vote.NOT_MEMBER), apart.votes))
    ours, theirs = (split(each).table.set_index(["component", "category"]) for each in (apart, merged))
    columns = [
        "estimate",
        "conf_low",
        "conf_high",
    ]  # with four factors there are more orders, so a wider range
    for part in ("positions", "resolution"):
        assert np.allclose(ours.loc[part, columns], theirs.loc[part, columns], atol=1e-9)
    both_parts = ours.loc["membership", "estimate"] + ours.loc["attendance", "estimate"]
    assert both_parts.to_numpy() == pytest.approx(theirs.loc["membership", "estimate"].to_numpy())


def test_seen_and_extrapolated_members_add_up_to_positions(tallies: Counterfactual) -> None:
    found = split(tallies)
    seen = found.seen()
    assert set(seen["label"]) == {"seen", "extrapolated"}
    total = seen.groupby("category")["estimate"].sum()
    part = found.table[found.table["component"] == "positions"].set_index("category")["estimate"]
    assert total[part.index].to_numpy() == pytest.approx(part.to_numpy(), abs=1e-6)
    assert split(tallies, apart=False).seen().empty


def test_expected_parts_leave_a_residual_and_still_add_up(tallies: Counterfactual) -> None:
    found = split(tallies, estimand="expected")
    table = found.table.set_index(["component", "category"])["estimate"]
    assert table["residual"].abs().max() > 0.05
    chances = [tallies.chances(k, k) for k in (0, 1)]
    council = tallies.council
    change = [
        chances[1][:, council[:, 1], c].sum(axis=1) - chances[0][:, council[:, 0], c].sum(axis=1)
        for c in range(3)
    ]
    for code, name in enumerate(("no", "abstain", "yes")):
        assert sum(table[part, name] for part in found.components) == pytest.approx(change[code].mean())
        assert table.xs(name, level="category").sum() == pytest.approx(found.observed[name])


def test_positions_that_do_not_move_have_no_part() -> None:
    record, centre, slopes, cuts = moving_record()
    fit = MovingFit(record, np.stack([centre[0]] * 3), slopes, cuts, spread=0.0)
    found = counterfactual(record, fit, PAIR, n_draws=100, seed=0)  # type: ignore[arg-type]
    table = split(found).table.set_index("component")
    assert (table.loc["positions", ["estimate", "conf_low", "conf_high"]] == 0).all().all()


def test_explain_takes_a_fit_that_moves() -> None:
    record, fit = made(few=("M04",))
    why = vs.explain(record, "fish", model=fit, draws=vs.Draws(200))  # type: ignore[arg-type]
    model = why.steps[0].model
    assert isinstance(model, ModelParts)
    assert model.components == ("membership", "positions", "resolution")
    assert "two families that bridge the dates" in model.identified_by
    assert model.extrapolated == ("M04",)
    assert model.n_members == (record.votes[:, :2] >= 0).any(axis=1).sum()
    assert "At least 2 bridges (items assumed constant) span each gap" in " ".join(model.notes)


@pytest.mark.parametrize(("bridges", "why_not"), [(0, "No bridge spans"), (None, "are in one period")])
def test_without_a_bridge_between_the_dates_positions_are_not_told_apart(
    bridges: int | None, why_not: str
) -> None:
    record, fit = made()
    fit.bridges = bridges
    together = vs.explain(record, "fish", model=fit, draws=vs.Draws(200)).steps[0].model  # type: ignore[arg-type]
    assert isinstance(together, ModelParts)
    assert together.components == ("membership", "switching")
    assert why_not in together.identified_by
    assert "cannot be distinguished" in together.identified_by


def test_a_draw_that_misses_the_record_is_refused(tallies: Counterfactual) -> None:
    draws = StepDraws(tallies, 0, 1, "realised", apart=True)
    draws.corners[1, 1, 1, 0, 0] += 1
    with pytest.raises(AddingUpError):
        model_parts(draws, level=0.9, identified_by="", notes=())
