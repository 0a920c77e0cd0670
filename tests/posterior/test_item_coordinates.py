"""Coordinates of items: residuals of regressions, in posterior or in prior standard deviations."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.ideal.results import IdealFit
from voteshift.posterior.item_coordinates import ItemCoordinates, item_coordinates
from voteshift.posterior.pins import static_fit

PRIORS = vs.Priors(4.0, 3.0, 1.5)


@pytest.fixture(scope="module", params=[1, 2])
def fit(request: pytest.FixtureRequest) -> IdealFit:
    record = vs.simulate(12, 40, seed=5, missing=0.1, dims=request.param).rollcalls
    return static_fit(record, vs.IdealPoints(dims=request.param, priors=PRIORS))


def test_coordinates_of_normal_items_are_uncorrelated(fit: IdealFit) -> None:
    """With much information, every item's coordinates have the covariance I but for the log gap."""
    roots = fit.laplace.item_roots
    found = item_coordinates(fit)
    rng = np.random.default_rng(1)
    item, n = 7, 20_000
    items = rng.standard_normal((n, roots.shape[1])) @ roots[item]
    width = roots.shape[1]
    alone = ItemCoordinates(
        np.repeat(found.slopes[[item]], n, axis=0), np.repeat(found.information[[item]], n, axis=0)
    )
    sds = np.full(width - 1, 1e6)  # a flat prior
    raw = alone.of(items, sds)
    assert np.abs(np.corrcoef(raw.T) - np.eye(width)).max() < 0.03
    conditional = 1.0 / np.sqrt(np.einsum("aa->a", np.linalg.inv(roots[item].T @ roots[item])))
    assert raw[:, -1].std() == pytest.approx(conditional[-1], rel=0.03)


def test_information_is_the_conditional_precision_without_the_prior(fit: IdealFit) -> None:
    roots = fit.laplace.item_roots
    covariance = np.einsum("jab,jac->jbc", roots, roots)
    found = item_coordinates(fit)
    n_dims = roots.shape[1] - 2
    for k, prior in enumerate([4.0] * n_dims + [3.0]):
        block = np.linalg.inv(covariance[:, : k + 1, : k + 1])[:, k, k]
        np.testing.assert_allclose(found.information[:, k], np.maximum(block - prior**-2, 0.0), atol=1e-9)
    assert (np.triu(found.slopes) == 0).all()


def test_without_information_coordinates_are_in_prior_sds(fit: IdealFit) -> None:
    found = item_coordinates(fit)
    blind = ItemCoordinates(found.slopes, np.zeros_like(found.information))
    sds = np.linspace(0.5, 2.0, found.information.shape[1])
    items = np.random.default_rng(2).standard_normal((len(found.slopes), len(sds) + 1))
    np.testing.assert_allclose(blind.of(items, sds)[:, :-1], items[:, :-1] / sds)
