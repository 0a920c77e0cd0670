"""The likelihood with positions measured with error: against quadrature by hand, and its derivatives."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from voteshift.logistic.measured import (
    Measured,
    Readings,
    maximise_measured,
    read_positions,
    replicates,
)


def world(n_members=40, votes=2, *, noise=0.7, effect=1.0, seed=0):
    """Return the data of a world of the model, with the posterior under the prior N(0, 1)."""
    rng = np.random.default_rng(seed)
    trait = rng.standard_normal(n_members)
    x = 0.5 * trait + np.sqrt(0.75) * rng.standard_normal(n_members)
    noise = noise * rng.uniform(0.5, 1.5, n_members)
    variance = 1 / (1 + 1 / noise**2)
    mean = (x + noise * rng.standard_normal(n_members)) / noise**2 * variance
    readings = read_positions(mean, np.sqrt(variance), np.column_stack([np.ones(n_members), trait]))
    member = np.repeat(np.arange(n_members), votes)
    nodes = readings.nodes[member]
    X = np.stack([np.ones_like(nodes), nodes, np.repeat(trait[member, None], nodes.shape[1], axis=1)], axis=2)
    y = (rng.random(len(member)) < expit(0.2 + effect * x[member] - 0.4 * trait[member])).astype(np.intp)
    return Measured(y, X, member, readings), mean, np.sqrt(variance)


def test_the_likelihood_is_that_of_quadrature_by_hand():
    data, mean, error = world(5)
    trait = data.readings.traits[:, 1]
    params = np.array([0.3, 1.2, -0.2, 0.1, 0.4, np.log(0.8)])
    values, _, _ = data.evaluate(params)
    for i in range(5):
        noise = error[i] ** 2 / (1 - error[i] ** 2)
        u, centre = mean[i] / (1 - error[i] ** 2), 0.1 + 0.4 * trait[i]

        def density(x, centre=centre, u=u, noise=noise):
            return norm.pdf(x, centre, 0.8) * norm.pdf(u, x, np.sqrt(noise)) * np.sqrt(2 * np.pi) ** 2

        alone = quad(density, -12, 12)[0]
        expected = np.log(alone)
        for y in data.y[data.member == i]:

            def joint(x, i=i, y=y, density=density):
                p = expit(0.3 + 1.2 * x - 0.2 * trait[i])
                return density(x) * (p if y else 1 - p)

            expected += np.log(quad(joint, -12, 12)[0] / alone)
        # The weights are those of a normal density up to constants, which no parameter changes.
        assert values[i] - expected == pytest.approx(np.log(1 / np.sqrt(2 * np.pi)), abs=1e-6)


def test_derivatives_are_those_of_differences():
    data, _, _ = world()
    params = data.start(np.array([0.3, 1.2, -0.2])) + 0.1
    _, scores, hessians = data.evaluate(params)
    step = 1e-5 * np.eye(len(params))
    sides = [(data.evaluate(params + one), data.evaluate(params - one)) for one in step]
    by_hand = np.stack([(up[0] - down[0]) / 2e-5 for up, down in sides], axis=1)
    assert np.abs(by_hand - scores).max() < 1e-8
    by_hand = np.stack([(up[1] - down[1]) / 2e-5 for up, down in sides], axis=1)
    assert np.abs(by_hand - hessians).max() < 1e-8


def test_without_error_it_is_the_logit_at_the_positions():
    from statsmodels.api import Logit

    data, mean, _ = world(noise=1e-4)
    solution = maximise_measured(data, data.start(np.zeros(3)))
    trait = data.readings.traits[data.member, 1]
    x = mean[data.member]
    plain = Logit(data.y, np.column_stack([np.ones(len(x)), x, trait])).fit(disp=False)
    assert solution.converged
    assert solution.params[:3] == pytest.approx(plain.params, abs=1e-4)


def test_a_replicate_is_close_to_the_fit_without_the_cluster():
    data, _, _ = world(80, 3)
    solution = maximise_measured(data, data.start(np.zeros(3)))
    steps = replicates(solution, np.arange(80)) - solution.params
    read = data.readings
    for left_out in (3, 40, 79):
        rest, rows = np.arange(80) != left_out, data.member != left_out
        readings = Readings(read.traits[rest], read.nodes[rest], read.log_weights[rest], read.slopes, read.sd)
        member = (np.cumsum(rest) - 1)[data.member[rows]]
        again = maximise_measured(Measured(data.y[rows], data.X[rows], member, readings), solution.params)
        assert steps[left_out] == pytest.approx(again.params - solution.params, rel=0.15, abs=2e-3)


def test_the_slope_of_the_truth_and_not_that_of_the_estimate():
    """Many members: the error of the estimates is large, and the slopes are nevertheless those drawn."""
    data, _, _ = world(6000, 1, noise=1.0, effect=1.5, seed=3)
    solution = maximise_measured(data, data.start(np.zeros(3)))
    reps = replicates(solution, np.arange(6000))
    error = np.sqrt(((reps - solution.params) ** 2).sum(axis=0))
    assert np.abs(solution.params - [0.2, 1.5, -0.4, 0.0, 0.5, np.log(0.75) / 2] < 3.5 * error).all()


def test_a_member_without_information_is_read_as_the_prior():
    readings = read_positions(np.array([0.0, 1.0]), np.array([1.2, 0.3]), np.ones((2, 1)))
    assert np.isfinite(readings.nodes).all()
    assert np.isfinite(readings.log_weights).all()
