"""Steps of groups: the prior against a dense normal distribution, simulated blocs, and what is refused."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.linalg import block_diag

import voteshift as vs
from ideal.dynamic.worlds import dynamic_world, random_point
from voteshift.errors import UsageError
from voteshift.ideal.dynamic.groups import count_group_bridges
from voteshift.ideal.dynamic.laplace import dynamic_laplace
from voteshift.ideal.dynamic.objective import DynamicPoint, dynamic_log_posterior
from voteshift.ideal.dynamic.optimise import fit_dynamic_map
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.respecify import specification_of
from voteshift.likelihood import Design
from voteshift.posterior.dynamic.pins import fit_start

Floats = NDArray[np.float64]


def walk_with_groups(seed: int = 0) -> Walk:
    rng = np.random.default_rng(seed)
    seen = rng.random((4, 7)) < 0.8
    groups = np.array([0, 1, 0, -1, 1, 1, 0])
    return Walk(
        seen, np.array([1.0, 2.5, 0.5]), rng.uniform(0.1, 0.4, 7), 0.7, groups=groups, delta_group=0.6
    )


def dense_covariance(walk: Walk) -> Floats:
    """Prior covariance of all deviations, member by member, from the definition of the model."""
    n_periods = len(walk.seen)
    sums = np.tri(n_periods, n_periods - 1, -1)
    one = np.ones((n_periods, n_periods))
    blocks = [one + sums @ np.diag(walk.gaps * tau**2) @ sums.T for tau in walk.tau]
    together = one + sums @ np.diag(walk.gaps * walk.delta_group**2) @ sums.T
    same = (walk.groups[:, None] == walk.groups) & (walk.groups >= 0)
    return np.asarray(block_diag(*blocks) + np.kron(same, together))


def prior_value(walk: Walk, deviations: Floats, group_steps: Floats) -> float:
    """Return the log prior of deviations and steps of groups, without constants."""
    model = replace(dynamic_world(3, n_members=7).model, walk=walk)
    plain = replace(random_point(dynamic_world(3, n_members=7).model, 0), walk=walk, deviations=deviations)
    point = replace(plain, group_steps=group_steps)
    still = replace(plain, group_steps=np.zeros_like(group_steps), deviations=np.zeros_like(deviations))
    one, other = (dynamic_log_posterior(model, at) for at in (point, still))
    return (one.value - one.log_likelihood) - (other.value - other.log_likelihood)


def test_the_prior_with_the_steps_of_groups_integrated_out_is_the_dense_normal() -> None:
    walk = walk_with_groups()
    deviations = np.random.default_rng(1).standard_normal(walk.seen.shape)
    flat = deviations.T.ravel()
    expected = -0.5 * flat @ np.linalg.solve(dense_covariance(walk), flat)
    # For a normal distribution, the maximum over the steps of groups is the integral up to a constant.
    assert prior_value(walk, deviations, walk.group_means(deviations)) == pytest.approx(expected, rel=1e-10)


def test_the_steps_of_groups_are_at_their_mode_given_the_deviations() -> None:
    walk = walk_with_groups()
    rng = np.random.default_rng(2)
    deviations = rng.standard_normal(walk.seen.shape)
    best = walk.group_means(deviations)
    highest = prior_value(walk, deviations, best)
    for _ in range(10):
        assert prior_value(walk, deviations, best + 0.1 * rng.standard_normal(best.shape)) < highest


def test_the_scale_does_not_contain_the_paths_of_groups() -> None:
    model = dynamic_world(0, n_groups=3).model
    point = fit_dynamic_map(model).point
    walk = model.walk
    paths = np.zeros(walk.seen.shape)
    for t in range(1, len(paths)):
        for member, group in enumerate(walk.groups):
            paths[t, member] = point.group_steps[1 : t + 1, group].sum() if group >= 0 else 0.0
    for group in range(3):
        members = np.flatnonzero(walk.groups == group)
        paths[:, members] -= paths[:, members][walk.seen[:, members]].mean()
    np.testing.assert_allclose(walk.group_paths(point.group_steps), paths, atol=1e-12)
    individual = (point.deviations - paths)[walk.seen]
    assert abs(individual.mean()) < 1e-12
    assert abs(individual.std() - 1.0) < 1e-12
    values = np.random.default_rng(0).standard_normal(walk.seen.shape)
    steps = np.random.default_rng(1).standard_normal(point.group_steps.shape)
    transposed = np.sum(walk.sum_by_group(values) * steps)
    assert transposed == pytest.approx(np.sum(values * walk.group_paths(steps)))


def test_the_covariance_of_the_steps_of_groups_is_that_of_the_posterior() -> None:
    """Wide votes: without votes the posterior of the steps, given the constraint, would be the prior."""
    model = dynamic_world(0, n_groups=3).model
    point = fit_dynamic_map(model).point
    laplace = dynamic_laplace(model, point)
    found = laplace.group_step_covariance()
    drawn = laplace.curvature.held(laplace.curvature.factor.draw(40_000, np.random.default_rng(0)))
    moves = drawn.border[laplace.curvature.factor.blocks.layout.group_steps][3:]  # without the levels
    shares = np.array([np.mean(model.walk.groups == group) for group in range(3)])
    by_period = moves.reshape(-1, 3, moves.shape[1])
    moves = (by_period - np.einsum("g,tgk->tk", shares, by_period)[:, None]).reshape(moves.shape)
    scale = np.sqrt(np.outer(np.diag(found), np.diag(found)))
    assert np.abs((np.cov(moves) - found) / scale).max() < 0.04


def test_groups_without_a_step_change_nothing() -> None:
    plain = dynamic_world(0).model
    grouped = replace(
        plain, walk=replace(plain.walk, groups=np.zeros(plain.design.n_members, dtype=int), delta_group=0.0)
    )
    one, other = (fit_dynamic_map(model) for model in (plain, grouped))
    assert one.point.flat().tobytes() == other.point.flat().tobytes()
    assert one.objective == other.objective
    assert isinstance(other.point, DynamicPoint)
    assert other.point.group_steps.size == 0


Method = Literal["mode", "marginal"]


def bloc_record(
    size: float,
    *,
    seed: int = 0,
    bridged: bool = True,
    n_members: int = 45,
    moving: tuple[int, ...] = (0,),
    own: float = 0.0,
) -> tuple[vs.RollCalls, list[str]]:
    """Three groups over four years; one or more of them move before the third year.

    Members also move by themselves, by a normal step of standard deviation `own` in a year.
    """
    rng = np.random.default_rng(seed)
    group = np.arange(n_members) % 3
    x = rng.standard_normal(n_members)
    years = np.repeat(np.arange(4), 30)
    paths = x[:, None] + size * (np.isin(group, moving)[:, None] & (years >= 2))
    slopes, cuts = rng.normal(0, 2, 120), rng.normal(0, 1, 120)
    if own:
        paths = paths + np.cumsum(own * rng.standard_normal((n_members, 4)), axis=1)[:, years]
    family = np.array(["" for _ in range(120)], dtype=object)
    for k in range(12 * bridged):
        versions = np.arange(4) * 30 + k
        slopes[versions], cuts[versions] = slopes[k], cuts[k]
        family[versions] = f"family-{k}"
    latent = paths * slopes + rng.logistic(size=paths.shape)
    votes = (latent > cuts - 0.7).astype(np.int8) + (latent > cuts + 0.7)
    frame = pd.DataFrame(
        {"date": [f"{2001 + year}-06-01" for year in years], "family": family},
        index=[f"r{k:03d}" for k in range(120)],
    )
    names = [f"m{i:02d}" for i in range(n_members)]
    members = pd.DataFrame({"group": np.array(["A", "B", "C"])[group]}, index=names)
    return vs.RollCalls(votes, members, frame), names


def fit_blocs(record: vs.RollCalls, method: Method = "mode", **options: object) -> vs.DynamicFit:
    walk = vs.RandomWalk(**{"bridge": "families", "delta_group": 0.5} | options)  # type: ignore[arg-type]
    fit = vs.IdealPoints(dynamics=walk, method=method).fit(record)
    assert isinstance(fit, vs.DynamicFit)
    assert fit.converged
    return fit


@pytest.mark.parametrize("method", ["mode", "marginal"])
def test_a_bloc_that_moved_is_found(method: Method) -> None:
    record, _ = bloc_record(1.0)
    fit = fit_blocs(record, method)
    table = fit.group_steps().set_index(["from", "group"])
    assert len(table) == 9
    moved = table.loc[("2002", "A"), "estimate"] - table.loc[("2002", ["B", "C"]), "estimate"].mean()
    sign = np.sign(moved)
    assert 0.7 < sign * moved * fit.reported.spread < 1.3
    others = table.drop(("2002", "A"))
    assert (sign * others["estimate"]).max() < 0.5 * sign * table.loc[("2002", "A"), "estimate"]
    assert (table["conf_low"] < table["estimate"]).all()
    assert (table["estimate"] < table["conf_high"]).all()
    assert (table["bridges"] == 12).all()
    assert (table["members"] == 15).all()
    assert "A 12, B 12, C 12" in fit.identified_by


@pytest.mark.parametrize("method", ["mode", "marginal"])
def test_a_movement_of_all_members_is_a_common_step(method: Method) -> None:
    """Roll calls stay where they are, so that priors of items on the common path speak against the step."""
    for seed in range(3):
        record, _ = bloc_record(1.6, seed=seed, moving=(0, 1, 2))
        fit = fit_blocs(record, method)
        steps = fit.steps()["estimate"].abs().to_numpy() * fit.reported.spread
        assert steps[1] > 1.2
        assert steps[[0, 2]].max() < 0.15 * steps[1]
        weights = fit.group_steps()["members"].to_numpy().reshape(3, 3)
        groups = fit.group_steps()["estimate"].to_numpy().reshape(3, 3)
        np.testing.assert_allclose((weights * groups).sum(axis=1), 0.0, atol=1e-12)


def test_members_that_join_a_group_far_from_the_mean_do_not_move_it() -> None:
    """Two groups 2.4 standard deviations apart that stay; a third of the seats change hands each year."""
    apart = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        side = np.tile([1.0, -1.0], 40)
        x = 1.2 * side + rng.standard_normal(80)
        years = np.repeat(np.arange(4), 30)
        seated = np.zeros((4, 80), dtype=bool)
        for year in range(4):
            seated[year, 14 * year : 14 * year + 38] = True
        slopes, cuts = rng.normal(0, 1.5, 120), rng.normal(0, 1, 120)
        family = np.array(["" for _ in range(120)], dtype=object)
        for k in range(10):
            versions = np.arange(4) * 30 + k
            slopes[versions], cuts[versions] = slopes[k], cuts[k]
            family[versions] = f"family-{k}"
        votes = np.where(x[:, None] * slopes + rng.logistic(size=(80, 120)) > cuts, 2, 0).astype(np.int8)
        votes[~seated[years].T] = int(vs.Vote.NOT_MEMBER)
        frame = pd.DataFrame(
            {"date": [f"{2001 + year}-06-01" for year in years], "family": family},
            index=[f"r{k:03d}" for k in range(120)],
        )
        members = pd.DataFrame({"group": np.where(side > 0, "A", "B")}, index=[f"m{i}" for i in range(80)])
        fit = fit_blocs(vs.RollCalls(votes, members, frame, polarity="m0"))
        total = fit.group_steps().groupby("group")["estimate"].sum()
        apart.append(
            (total["A"] - total["B"]) * np.sign(fit.draw_positions(1, 0).positions[0, 0, ::2].mean())
        )
    assert abs(np.mean(apart)) < 0.15


def test_without_group_steps_the_same_bloc_is_hardly_seen_to_move() -> None:
    record, names = bloc_record(1.0)
    moves = []
    for delta_group in (0.0, 0.5):
        fit = fit_blocs(record, delta_group=delta_group)
        table = fit.tidy().pivot_table("estimate", "member", "period")
        step = (table["2003"] - table["2002"]).reindex(names).to_numpy()
        moves.append(abs(step[::3].mean() - np.delete(step, np.s_[::3]).mean()))
    assert moves[0] < 0.75 * moves[1]
    assert fit.delta_group == 0.5


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
def test_without_bridges_only_the_steps_relative_to_other_groups_are_known() -> None:
    record, _ = bloc_record(1.0, bridged=False)
    fit = fit_blocs(record, bridge=None)
    contrast, prior = np.array([1.0, -0.5, -0.5]), 0.5**2
    for gap in range(3):
        place = slice(3 * gap, 3 * gap + 3)
        covariance = fit.laplace.group_step_covariance()[place, place]
        assert contrast @ covariance @ contrast < 0.1 * prior * 1.5
    assert (fit.steps()["std_error"] > 0.9 * fit.delta).all()
    assert "relative to each other only" in fit.identified_by
    assert (fit.group_steps()["bridges"] == 0).all()


def test_own_groups_and_members_without_a_group() -> None:
    record, names = bloc_record(1.0)
    groups = dict.fromkeys(names[:30:3], "bloc")
    fit = fit_blocs(record, groups=groups)
    assert fit.groups == ("bloc",)
    assert (fit.model.walk.groups >= 0).sum() == 10
    spec = specification_of(fit)
    assert spec.dynamics is not None
    assert (spec.dynamics.groups, spec.dynamics.delta_group) == (groups, 0.5)


def test_draws_contain_the_paths_of_groups() -> None:
    record, _ = bloc_record(1.0)
    fit = fit_blocs(record)
    drawn = fit.draw(200, ["r000", "r070", "r100"], seed=0)
    assert drawn.paths is not None
    assert drawn.paths.groups is not None
    assert drawn.paths.groups.shape == (200, 3, 45)
    moved = (drawn.paths.groups[:, 1] - drawn.paths.groups[:, 0]).mean(axis=0)
    steps = fit.group_steps().groupby("group")["estimate"].agg(lambda part: part.iloc[:2].sum()).to_numpy()
    np.testing.assert_allclose(moved[:3], steps, atol=0.05)
    np.testing.assert_array_equal(moved[:3], moved[3:6])
    plain = fit_blocs(record, delta_group=0.0).draw(100, ["r000", "r070"], seed=0)
    assert plain.paths is not None
    assert plain.paths.groups is None


def test_bridges_of_a_group_are_items_on_which_it_voted_on_both_sides() -> None:
    design = dynamic_world(2, n_members=6, gone=0.0).model.design
    of_member = np.array([0, 0, 0, 1, 1, -1])
    assert (count_group_bridges(design, of_member, 2) == 2).all()
    codes = design.codes.copy()
    codes[3:5, design.period == 0] = -1
    away = Design(codes, design.period, design.item, design.n_categories, design.n_periods)
    counted = count_group_bridges(away, of_member, 2)
    np.testing.assert_array_equal(counted, [[2, 0], [2, 2], [2, 2]])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delta_group": -1.0}, "delta_group"),
        ({"groups": {"m00": "A"}, "delta_group": 0.0}, "no effect with delta_group=0"),
        ({"groups": [("m00", "A")], "delta_group": 0.5}, "groups is of type list"),
    ],
)
def test_arguments_are_checked(options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        vs.RandomWalk(**options)  # type: ignore[arg-type]


def test_groups_must_be_in_the_record() -> None:
    record, _ = bloc_record(0.0)
    with pytest.raises(UsageError, match="names member XYZ"):
        fit_blocs(record, groups={"XYZ": "A"})
    nameless = vs.RollCalls(record.votes, record.members[[]], record.rollcalls[["date", "family"]])
    with pytest.raises(UsageError, match="no fitted member has a group"):
        fit_blocs(nameless)


def test_a_sampled_fit_has_no_group_steps() -> None:
    record, _ = bloc_record(0.0)
    walk = vs.RandomWalk(bridge="families", delta_group=0.5, tau="estimate")
    with pytest.raises(UsageError, match="a sampled fit does not have"):
        fit_start(record, vs.IdealPoints(dynamics=walk))


def test_a_marginal_fit_with_groups_is_at_a_maximum() -> None:
    """Deviations, items and steps of groups; the gradient by common steps is that of the means alone."""
    record, _ = bloc_record(0.7, moving=(0, 1))
    fit = fit_blocs(record, "marginal")
    model, point = fit.model, fit.mode.point
    gradient = dynamic_log_posterior(model, point).gradient
    assert model.spread is not None
    by_member = gradient.deviations * np.sqrt(model.spread.positions)
    by_group = gradient.group_steps / np.sqrt(model.walk.group_precision)
    by_item = gradient.discriminations[:, 0] * np.sqrt(model.spread.items[:, 0])
    for part in (by_member, by_group, by_item):
        assert np.abs(part).max() < 2e-3
    without = replace(point, group_steps=np.zeros_like(point.group_steps))
    assert np.abs(dynamic_log_posterior(model, without).gradient.group_steps).max() > 1.0
    individual = point.individual[model.walk.seen]
    total = individual**2 + model.spread.positions[model.walk.seen]
    np.testing.assert_allclose([individual.mean(), total.mean()], [0.0, fit.unit**2], atol=1e-8)


def test_tau_is_estimated_from_steps_relative_to_the_group() -> None:
    """A bloc moves by a standard deviation and a half, and members by a fifth."""
    record, _ = bloc_record(1.5, n_members=60, own=0.2)
    with_groups = fit_blocs(record, "marginal", tau="estimate", delta_group=0.5)
    without = fit_blocs(record, "marginal", tau="estimate", delta_group=0.0)
    assert isinstance(with_groups.tau, float)
    assert isinstance(without.tau, float)
    assert 0.14 < with_groups.tau < 0.28
    assert without.tau > 1.6 * with_groups.tau


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
def test_by_default_groups_have_steps_in_bridged_fits() -> None:
    record, _ = bloc_record(0.0)
    assert fit_blocs(record, delta_group=None).delta_group == 0.5
    assert not vs.IdealPoints(dynamics=vs.RandomWalk()).fit(record).groups  # type: ignore[union-attr]
    nameless = vs.RollCalls(record.votes, record.members[[]], record.rollcalls)
    assert fit_blocs(nameless, delta_group=None).groups == ()
    spec = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    assert fit_start(record, spec).groups == ()
    assert fit_blocs(record, "marginal", delta_group=None).delta_group == pytest.approx(0.5)
