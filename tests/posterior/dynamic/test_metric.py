"""The coordinates of the sampler: a root of the covariance of the fit, and its transpose."""

from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.ideal.dynamic.blocks import information_blocks
from voteshift.ideal.dynamic.marginal import fit_dynamic_marginal
from voteshift.ideal.dynamic.objective import dynamic_log_posterior
from voteshift.posterior.dynamic.metric import Metric, Moves, build_metric
from voteshift.posterior.dynamic.pins import fit_start
from voteshift.simulation import Dynamics


@pytest.fixture(scope="module")
def metric() -> Metric:
    """Members who come and go, bridges, a common step, and items with two and with three categories."""
    moving = Dynamics(n_periods=6, tau=0.6, drift=0.2, bridges=4)
    record = vs.simulate(12, 240, seed=3, seats=9, missing=0.05, dynamics=moving).rollcalls
    spec = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate"))
    model, mode, _ = fit_dynamic_marginal(fit_start(record, spec).model, learn_tau=True)
    assert set(model.design.n_categories) == {2, 3}
    return build_metric(model, mode.point)


def matrix_of(metric: Metric) -> np.ndarray:
    """The linear map as a matrix: rows are deviations, steps and items, one after the other."""
    columns = [metric.spread(unit) for unit in np.eye(metric.n_coordinates)]
    return np.stack([flat(one) for one in columns], axis=1)


def flat(moves: Moves) -> np.ndarray:
    return np.concatenate([moves.deviations.ravel(), moves.steps, moves.items.ravel()])


def test_gather_is_the_transpose_of_spread(metric):
    rng = np.random.default_rng(0)
    coordinates = rng.standard_normal(metric.n_coordinates)
    shapes = metric.point.deviations.shape, metric.point.steps.shape, metric.point.items().shape
    gradient = Moves(*(rng.standard_normal(shape) for shape in shapes))
    gradient.items[metric.model.design.n_categories == 2, 2] = 0.0
    inner = flat(metric.spread(coordinates)) @ flat(gradient)
    assert coordinates @ metric.gather(gradient) == pytest.approx(inner, rel=1e-11)


def test_the_map_is_a_root_of_the_covariance_along_the_constraints(metric):
    """Against the dense inverse of the whole information matrix, conditioned on mean and scale."""
    model, point = metric.model, metric.point
    slope = dynamic_log_posterior(model, point)
    blocks = information_blocks(model, point, slope, observed=False, pull=max(slope.pull, 0.0))
    n_periods, n_members = model.walk.seen.shape
    n_chain, layout = n_periods * n_members, blocks.layout
    n_items = model.design.n_items
    n_steps = layout.n_steps
    full = np.zeros((n_chain + n_steps + 3 * n_items,) * 2)
    place = n_chain + n_steps + 3 * np.arange(n_items)[:, None] + np.arange(3)
    border = np.concatenate([n_chain + np.arange(n_steps), place[layout.bridging].ravel()])
    roots = np.linalg.inv(blocks.item_roots)
    for t, items in enumerate(layout.items):
        rows = slice(t * n_members, (t + 1) * n_members)
        local = items[layout.slot[items] < 0]
        by_item = blocks.cross[t].of_items(layout.slot[items] < 0)
        # `chain` holds the block after the items of this period are eliminated.
        eliminated = np.einsum("ijp,jqp->ijq", by_item, blocks.item_roots[local])
        full[rows, rows] = blocks.chain[t] + np.einsum("ijq,kjq->ik", eliminated, eliminated)
        full[rows, border] = blocks.border[t]
        for slot, item in enumerate(local):
            full[rows, place[item]] = by_item[:, slot]
            full[np.ix_(place[item], place[item])] = roots[item] @ roots[item].T
        if t:
            before = slice((t - 1) * n_members, t * n_members)
            full[before, rows] = -np.diag(blocks.links[t - 1])
    full[np.ix_(border, border)] = blocks.corner
    full = np.triu(full) + np.triu(full, 1).T
    covariance = np.linalg.inv(full)
    normals = np.zeros((len(full), 2))
    normals[:n_chain] = metric.curvature.normals.reshape(-1, 2)
    seen = covariance @ normals
    expected = covariance - seen @ np.linalg.solve(normals.T @ seen, seen.T)
    root = matrix_of(metric)
    free = np.zeros((len(full), 2))
    free[:n_chain] = metric.free.reshape(-1, 2)
    # Shift and change of scale are added with the widths of their prior.
    start = model.walk.start
    widths = np.array([start**2 / n_members, 1.0 / (2.0 * n_chain)])
    expected += free @ (widths[:, None] * free.T)
    used = np.concatenate(
        [np.arange(n_chain + n_steps), place[:, :2].ravel(), place[model.design.n_categories == 3, 2]]
    )
    np.testing.assert_allclose((root @ root.T)[np.ix_(used, used)], expected[np.ix_(used, used)], atol=1e-9)


def test_the_means_move_as_a_fit_with_other_priors(metric):
    """The derivative of the mode of the averaged objective by the log of each scale, for fixed variances.

    By Newton's method from the fit, with the information that the coordinates use.
    """
    model, point = metric.model, metric.point
    step = 1e-5
    base = dynamic_log_posterior(model, point).gradient
    priors, walk = model.priors, model.walk
    changed = (
        replace(model, priors=replace(priors, discrimination=priors.discrimination * np.exp(step))),
        replace(model, priors=replace(priors, midpoint=priors.midpoint * np.exp(step))),
        replace(model, walk=replace(walk, tau=walk.tau * np.exp(step))),
    )
    means = metric.scales.means
    for scale, other in enumerate(changed):
        gradient = dynamic_log_posterior(other, replace(point, walk=other.walk)).gradient
        difference = point.like((gradient.flat() - base.flat()) / step)
        moved = metric.curvature.newton(difference)
        np.testing.assert_allclose(means.items[..., scale], moved.items(), rtol=2e-3, atol=1e-6)
        np.testing.assert_allclose(means.deviations[..., scale], moved.deviations, rtol=2e-3, atol=1e-6)


def test_only_the_prior_moves_what_nobody_voted_on(metric):
    """Where a member has no vote, the width of its deviation follows tau; with votes it follows less."""
    seen = metric.model.walk.seen
    shares = metric.scales.positions
    assert (shares[0] >= 0).all()
    assert shares[~seen].mean() > shares[seen].mean()
    assert (shares < 1.0).all()
    assert ((metric.scales.items > 0) & (metric.scales.items < 1)).all()
