"""The ratio of spreads in a fit: against brute force, against draws, and where no ratio is given."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

import voteshift as vs
from ideal.dynamic.worlds import dynamic_world
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.dynamic.objective import DynamicPoint
from voteshift.ideal.dynamic.spread_ratio import fitted_ratios, shared_ratio
from voteshift.simulation import Dynamics


@pytest.fixture(scope="module")
def record():
    return vs.simulate(
        20, 150, seats=14, term=2, seed=5, categories=2, dynamics=Dynamics(5, tau=0.2, bridges=8)
    ).rollcalls


@pytest.fixture(scope="module")
def bridged(record):
    walk = vs.RandomWalk(bridge="families", tau=0.2, delta=0.0)
    return vs.IdealPoints(link="probit", method="marginal", dynamics=walk).fit(record)


def newton_step(model, positions, slopes, midpoints):
    """Return the step and covariance of log scales and shifts of all periods but the first, and of all items.

    The eta of a vote is slope * (scale * position + shift) - midpoint, with binary votes and normal noise.
    """
    design = model.design
    n_periods, n_items = len(positions), design.n_items
    member, column = np.nonzero(design.codes >= 0)
    item, period = design.item[column], design.period[column]
    eta = slopes[item] * positions[period, member] - midpoints[item]
    rows, row = np.zeros((len(eta), 2 * n_periods + 2 * n_items)), np.arange(len(eta))
    rows[row, period] = slopes[item] * positions[period, member]
    rows[row, n_periods + period] = slopes[item]
    rows[row, 2 * n_periods + item] = positions[period, member]
    rows[row, 2 * n_periods + n_items + item] = -1.0
    rows = np.delete(rows, [0, n_periods], axis=1)
    yes = design.codes[member, column] == 1
    density, chance = norm.pdf(eta), norm.cdf(eta)
    score = np.where(yes, density / chance, -density / (1 - chance))
    information = rows.T @ (rows * (density**2 / (chance * (1 - chance)))[:, None])
    covariance = np.linalg.inv(information + 1e-10 * np.eye(len(information)))
    return covariance @ (rows.T @ score), covariance


def binary_world():
    world = dynamic_world(
        3, n_members=15, n_periods=4, each=8, bridges=3, link="probit", drift=0.0, delta=0.0
    )
    design = world.model.design
    votes = np.where(design.codes >= 0, (design.codes > 0).astype(np.int8), -1).astype(np.int8)
    kept = [j for j in range(votes.shape[1]) if len(set(votes[votes[:, j] >= 0, j].tolist())) == 2]
    _, item = np.unique(design.item[kept], return_inverse=True)
    design = type(design)(
        votes=np.ascontiguousarray(votes[:, kept]),
        period=design.period[kept],
        item=item.astype(np.int32),
        n_categories=np.full(item.max() + 1, 2, dtype=np.int8),
        n_periods=world.model.design.n_periods,
    )
    rng = np.random.default_rng(1)
    model = replace(world.model, design=design)
    point = DynamicPoint(
        model.walk,
        model.walk.standardised(world.positions)[0],
        np.zeros(len(world.positions) - 1),
        0.8 + 0.3 * rng.standard_normal((design.n_items, 1)),
        0.3 * rng.standard_normal(design.n_items),
        np.zeros(design.n_items),
        np.zeros((len(world.positions), 0)),
    )
    return model, point


def test_shared_items_alone_are_compared_as_brute_force_does():
    model, point = binary_world()
    n_periods = len(point.deviations)
    step, covariance = newton_step(model, point.deviations, point.discriminations[:, 0], point.midpoints)
    for after in range(1, n_periods):
        ratio = shared_ratio(model, point, 0, after)
        assert ratio.estimate == pytest.approx(step[after - 1], rel=1e-4, abs=1e-6)
        assert ratio.std_error == pytest.approx(np.sqrt(covariance[after - 1, after - 1]), rel=1e-4)


def test_no_prior_enters_the_comparison_by_shared_items():
    model, point = binary_world()
    walk = replace(model.walk, tau=np.full_like(model.walk.tau, 0.01))
    tighter = replace(model, walk=walk, priors=replace(model.priors, discrimination=0.1, midpoint=0.1))
    assert shared_ratio(tighter, point, 0, 3) == shared_ratio(model, point, 0, 3)


def test_items_of_one_period_do_not_compare_periods():
    model, point = binary_world()
    design = model.design
    alone = type(design)(
        votes=design.votes,
        period=design.period,
        item=np.arange(design.n_rollcalls, dtype=np.int32),
        n_categories=np.full(design.n_rollcalls, 2, dtype=np.int8),
        n_periods=design.n_periods,
    )
    items = design.item
    point = replace(
        point,
        discriminations=point.discriminations[items],
        midpoints=point.midpoints[items],
        log_gaps=point.log_gaps[items],
    )
    assert np.isinf(shared_ratio(replace(model, design=alone), point, 0, 3).std_error)


def test_the_interval_of_the_fit_is_that_of_its_joint_draws(bridged):
    drawn = bridged.draw_positions(4000, 1)
    spreads = [drawn.axis(1)[:, row, drawn.present[row]].std(axis=1) for row in (0, -1)]
    logs = np.log(spreads[1] / spreads[0])
    ratio = fitted_ratios(bridged.laplace, 0, len(bridged.periods) - 1).independent
    assert ratio.estimate == pytest.approx(logs.mean(), abs=0.3 * logs.std())
    assert ratio.std_error == pytest.approx(logs.std(), rel=0.15)


def test_a_fit_states_its_scale_over_time(bridged):
    ratio = bridged.spread_ratio()
    table = ratio.tidy()
    assert list(table["assumption"].str.split().str[0]) == ["members", "the", "shared"]
    assert (table["before"] == bridged.periods[0]).all()
    assert (table["after"] == bridged.periods[-1]).all()
    assert table["shared_items"].iloc[0] == bridged.encoded.bridges.table["bridges"].min()
    assert bridged.scale_over_time() == f"{ratio.text[0].upper()}{ratio.text[1:]}."
    assert bridged.scale_over_time() in bridged.summary()
    part = bridged.spread_ratio(bridged.periods[1], bridged.periods[2]).tidy()
    assert set(part["before"]) == {bridged.periods[1]}


def test_where_there_is_no_ratio_the_reason_is_stated(record, bridged):
    static = vs.IdealPoints().fit(record)
    with pytest.raises(UsageError, match="constant"):
        static.spread_ratio()
    first, last = bridged.periods[0], bridged.periods[-1]
    with pytest.raises(UsageError, match="is not after"):
        bridged.spread_ratio(last, first)
    with pytest.raises(UsageError, match="no period 'x'"):
        bridged.spread_ratio("x", last)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        mode = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(record)
        unbridged = vs.IdealPoints(method="marginal", dynamics=vs.RandomWalk(tau=0.2)).fit(record)
    with pytest.raises(NotUsableError, match="joint mode"):
        mode.spread_ratio()
    assert "do not read a change of the spread" in mode.scale_over_time().lower()
    assert not unbridged.spread_ratio().identified
    assert "No item is shared across a gap" not in bridged.scale_over_time()


def test_a_spread_and_its_change_repeat_the_statement(bridged):
    from voteshift.quantities import explain_chamber

    first, last = bridged.periods[0], bridged.periods[-1]
    statement = bridged.scale_over_time()
    assert statement in bridged.spread().text
    assert statement in explain_chamber(bridged, "spread", first, last).text
    assert statement not in explain_chamber(bridged, "median", first, last).text
    assert statement not in bridged.spread(period=first).text
