import numpy as np
import pytest
from scipy.stats import norm

from ideal.dynamic.worlds import dynamic_world, random_point
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint, dynamic_log_posterior
from voteshift.likelihood.terms import category_probabilities


def by_hand(model: DynamicModel, point: DynamicPoint) -> float:
    """The log posterior, vote by vote, from positions and absolute cutpoints."""
    design, walk, priors = model.design, model.walk, model.priors
    path = np.concatenate([[0.0], np.cumsum(point.steps)])  # any level will do
    total = 0.0
    for item in range(design.n_items):
        columns = np.flatnonzero(design.item == item)
        base = path[design.period[columns]].mean()
        slope = point.discriminations[item, 0]
        half = 0.5 * np.exp(point.log_gaps[item]) if design.n_categories[item] == 3 else 0.0
        cuts = np.array([point.midpoints[item] - half, point.midpoints[item] + half]) + slope * base
        for column in columns:
            t = design.period[column]
            for member in np.flatnonzero(design.codes[:, column] >= 0):
                eta = np.array((point.deviations[t, member] + path[t]) * slope)
                chances = category_probabilities(eta, cuts, int(design.n_categories[item]), model.link)
                total += float(np.log(chances[design.codes[member, column]]))
        total -= 0.5 * (slope / priors.discrimination) ** 2
        total -= 0.5 * (point.midpoints[item] / priors.midpoint) ** 2
        if design.n_categories[item] == 3:
            total -= 0.5 * (point.log_gaps[item] / priors.log_gap) ** 2
    total -= 0.5 * np.sum(point.deviations[0] ** 2)
    for t, gap in enumerate(walk.gaps):
        moves = point.deviations[t + 1] - point.deviations[t]
        total -= 0.5 * np.sum(moves**2 / (gap * walk.tau**2))
        if walk.delta > 0:
            total -= 0.5 * point.steps[t] ** 2 / (gap * walk.delta**2)
    return total


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("delta", [1.0, 0.0])
def test_the_log_posterior_is_that_of_its_definition(link: str, delta: float) -> None:
    model = dynamic_world(4, link=link, delta=delta, seats=0.8).model  # type: ignore[arg-type]
    point = random_point(model, 0)
    assert dynamic_log_posterior(model, point).value == pytest.approx(by_hand(model, point), rel=1e-10)


@pytest.mark.parametrize("n_groups", [0, 3])
@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_gradient_is_the_slope_along_the_constraint(link: str, n_groups: int) -> None:
    model = dynamic_world(5, link=link, seats=0.8, n_groups=n_groups).model  # type: ignore[arg-type]
    point = random_point(model, 1)
    gradient = dynamic_log_posterior(model, point).gradient.flat()
    rng = np.random.default_rng(2)
    length = 1e-5
    for _ in range(5):
        step = point.like(rng.standard_normal(gradient.size))
        ahead, behind = point.moved(step, length), point.moved(step, -length)
        rise = dynamic_log_posterior(model, ahead).value - dynamic_log_posterior(model, behind).value
        along = (ahead.flat() - behind.flat()) / (2 * length)
        assert rise / (2 * length) == pytest.approx(gradient @ along, rel=1e-6)


def test_without_bridges_no_vote_sees_the_path() -> None:
    model = dynamic_world(6, bridges=0).model
    point = random_point(model, 2)
    moved = point.like(point.flat())
    moved.steps[:] = 5.0
    one, other = (dynamic_log_posterior(model, at) for at in (point, moved))
    assert one.log_likelihood == other.log_likelihood
    prior = norm(0.0, model.walk.delta * np.sqrt(model.walk.gaps))
    expected = prior.logpdf(moved.steps).sum() - prior.logpdf(point.steps).sum()
    assert other.value - one.value == pytest.approx(expected)


def test_a_bridge_sees_differences_of_the_path_and_not_its_level() -> None:
    model = dynamic_world(7, bridges=2).model
    point = random_point(model, 3)
    moved = point.like(point.flat())
    moved.steps[1] += 0.5
    one, other = (dynamic_log_posterior(model, at).log_likelihood for at in (point, moved))
    assert one != other
