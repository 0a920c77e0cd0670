"""Labels, scale and errors of a dynamic fit."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.errors import InputError, UsageError
from voteshift.rollcalls import RollCalls

FAMILY = "mutually-beneficial-cooperation"


@pytest.fixture(scope="module")
def council() -> RollCalls:
    return vs.load_hrc().between("2016", "2021")


@pytest.fixture(scope="module")
def fit(council: RollCalls) -> vs.DynamicFit:
    found = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", apart=(FAMILY,))).fit(council)
    assert isinstance(found, vs.DynamicFit)
    return found


def test_positions_are_on_the_scale_that_is_said(fit: vs.DynamicFit) -> None:
    table = fit.tidy()
    assert abs(table["estimate"].mean()) < 1e-9
    assert table["estimate"].std(ddof=0) == pytest.approx(1.0)
    assert "mean 0 and standard deviation 1 over the member-periods with a vote" in fit.scale
    assert table.loc[table["member"] == "USA", "estimate"].mean() > 0
    assert (table["n_votes"] > 0).all()
    assert (table["extrapolated"] == (table["n_votes"] < 5)).all()


def test_the_family_under_study_bridges_nothing(fit: vs.DynamicFit) -> None:
    items = fit.items().set_index("rollcall")["item"]
    trio = fit_rollcalls(fit)
    assert items[trio].nunique() == 3
    assert items.value_counts().max() > 1
    assert FAMILY in fit.identified_by
    assert fit.bridged


def fit_rollcalls(fit: vs.DynamicFit) -> list[str]:
    return list(vs.load_hrc().families().loc[FAMILY, "rollcalls"])


def test_members_without_votes_at_a_date_are_marked(fit: vs.DynamicFit, council: RollCalls) -> None:
    """Of the 47 members of 2020, 25 cast no vote in 2018."""
    trio = fit_rollcalls(fit)
    marked = fit.extrapolated(trio)
    in_2020 = council.select(rollcalls=[trio[1]], members=fit.encoded.members).votes[:, 0] >= 0
    none_in_2018 = fit.n_votes[fit.periods.index("2018")] == 0
    assert in_2020.sum() == 47
    assert (in_2020 & none_in_2018).sum() == 25
    assert marked.shape == (3, len(fit.encoded.members))
    assert (marked[0] >= none_in_2018).all()


def test_draws_are_of_the_positions_at_each_date(fit: vs.DynamicFit) -> None:
    trio = fit_rollcalls(fit)
    draws, mode = fit.draw(600, trio, seed=1), fit.at_mode(trio)
    assert draws.positions.shape == (600, 3, len(fit.encoded.members), 1)
    where = [fit.periods.index(year) for year in ("2018", "2020", "2021")]
    seen = fit.model.walk.seen[where]
    error = fit.laplace.position_errors()[where]
    off = (draws.positions[..., 0].mean(axis=0) - mode.positions[0, ..., 0])[seen] / error[seen]
    assert np.abs(off).max() < 0.35  # 600 draws: 0.04 by chance; the rest is the bend of the scale
    ratio = draws.positions[..., 0].std(axis=0)[seen] / error[seen]
    assert 0.85 < ratio.min() <= ratio.max() < 1.15
    assert (draws.cutpoints[..., 1] > draws.cutpoints[..., 0]).all()
    again = fit.draw(600, trio, seed=1)
    assert again.positions.tobytes() == draws.positions.tobytes()


def test_the_mode_predicts_as_the_model_does(fit: vs.DynamicFit) -> None:
    """On the reported scale the likelihood is that of the mode."""
    from voteshift.likelihood import evaluate

    design, found = fit.encoded.design, fit.reported
    value = evaluate(
        design, found.positions[..., None], found.discriminations, found.cutpoints, link=fit.link
    ).value
    assert value == pytest.approx(fit.mode.log_likelihood, rel=1e-10)


def test_polarity_flips_and_nothing_else(fit: vs.DynamicFit, council: RollCalls) -> None:
    other = vs.IdealPoints(polarity="CHN", dynamics=vs.RandomWalk(bridge="families", apart=(FAMILY,))).fit(
        council
    )
    np.testing.assert_allclose(other.tidy()["estimate"], -fit.tidy()["estimate"], atol=1e-6)
    np.testing.assert_allclose(other.tidy()["std_error"], fit.tidy()["std_error"], rtol=1e-6)


def test_order_of_members_does_not_matter(fit: vs.DynamicFit, council: RollCalls) -> None:
    order = np.random.default_rng(0).permutation(len(council.members))
    shuffled = council.select(members=list(council.members.index[order]))
    other = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", apart=(FAMILY,))).fit(shuffled)
    keys = ["member", "period"]
    one, two = (table.tidy().sort_values(keys, ignore_index=True) for table in (fit, other))
    np.testing.assert_allclose(one["estimate"], two["estimate"], atol=1e-6)


def test_tau_by_group_moves_the_groups_apart(council: RollCalls) -> None:
    groups = sorted(set(council.members["group"]))
    tau = {name: 0.5 if name == "WEOG" else 0.01 for name in groups}
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau=tau, delta_group=0)).fit(council)
    assert isinstance(fit, vs.DynamicFit)
    moved = np.abs(np.diff(fit.mode.point.deviations, axis=0)).mean(axis=0)
    of_group = council.members.loc[fit.encoded.members, "group"].to_numpy()
    assert moved[of_group == "WEOG"].mean() > 5 * moved[of_group != "WEOG"].mean()
    assert "fixed by group" in fit.identified_by
    with pytest.raises(UsageError, match="tau= has no value for the groups"):
        vs.IdealPoints(dynamics=vs.RandomWalk(tau={"WEOG": 0.1})).fit(council)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"items": {"nowhere": "one"}}, "items= names roll call nowhere"),
        ({"items": [("nowhere", "else")]}, "items= names roll call nowhere"),
        ({"bridge": "families", "apart": ("none-such",)}, "apart= names 'none-such'"),
    ],
)
def test_what_names_nothing_is_refused(council: RollCalls, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        vs.IdealPoints(dynamics=vs.RandomWalk(**options)).fit(council)  # type: ignore[arg-type]


def test_a_polarity_member_without_a_vote_is_refused(council: RollCalls) -> None:
    with pytest.raises(UsageError, match="'ATL' casts no vote"):
        vs.IdealPoints(polarity="ATL", dynamics=vs.RandomWalk()).fit(council)


def test_it_remembers_its_specification(fit: vs.DynamicFit) -> None:
    assert fit.spec == vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", apart=(FAMILY,)))
    assert fit.level == 0.9


def test_one_member_or_one_period_is_refused(council: RollCalls) -> None:
    with pytest.raises(InputError, match="too few for a fit"):
        vs.IdealPoints(dynamics=vs.RandomWalk()).fit(council.select(members=["CHN"]))
    with pytest.raises(InputError, match="have the year"):
        vs.IdealPoints(dynamics=vs.RandomWalk()).fit(council.between("2018", "2018"))
