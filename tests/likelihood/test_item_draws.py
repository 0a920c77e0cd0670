"""Draws of items and sigma, moved by Markov chains to their posterior."""

import numpy as np
import pytest
from scipy.special import expit, ndtr

from voteshift.likelihood.item_draws import ItemModel, move_items
from voteshift.likelihood.terms import Link

NOISE = {"logit": np.pi / np.sqrt(3), "probit": 1.0}


def log_posterior(model: ItemModel, positions: np.ndarray, middle: np.ndarray, log_sd: float) -> np.ndarray:
    """One binary item with slope 0: the log posterior of its midpoints, up to a constant, by brute force."""
    z = np.linspace(-8, 8, 2001)
    weight = np.exp(-0.5 * z**2)
    cumulative = expit if model.link == "logit" else ndtr
    sd = np.exp(log_sd)
    stretch = np.sqrt(1 + sd**2 / model.noise_sd**2)
    p = cumulative(stretch * middle[:, None] - sd * z)
    value = -0.5 * model.precision[0, 1] * middle**2
    for votes in model.codes:
        product = weight * np.where(votes[0] == 0, p, 1 - p) * np.where(votes[1] == 0, p, 1 - p)
        value += np.log(product.sum(axis=1))
    return value - 0.5 * ((log_sd - model.log_sd[0]) / model.log_sd[1]) ** 2


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_chains_reach_the_posterior_from_a_poor_start(link: Link) -> None:
    """Both versions share a binary item, and its slope is held at 0 by its prior. Seven of eight vote yes."""
    codes = np.array([[2, 2], [2, 2], [2, 2], [2, 0], [2, 2], [2, 2], [0, 0], [2, 2]], dtype=np.int8)
    model = ItemModel(
        codes,
        np.zeros(2, dtype=np.intp),
        np.array([[True, False, True]]),
        np.array([[1e6, 0.25, 1.0]]),
        (0.5, 0.6, 3.0),
        NOISE[link],
        link,
    )
    n = 2000
    start = np.tile([0.0, 1.0, 0.0], (n, 1, 1))
    root = np.diag([1e-3, 0.5, 1.0])[None, None]
    positions = np.zeros((n, 1, 8, 1))
    drawn = move_items(
        model,
        positions,
        start,
        np.full(n, 2.0),
        root,
        np.zeros(n, dtype=np.intp),
        n_sweeps=25,
        rng=np.random.default_rng(1),
    )
    middle, log_sd = np.linspace(-4, 2, 121), np.linspace(-2.5, 3.0, 56)
    log_p = np.array([log_posterior(model, positions, middle, value) for value in log_sd])
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    for values, marginal, draws in (
        (middle, p.sum(axis=0), drawn.items[:, 0, 1]),
        (log_sd, p.sum(axis=1), drawn.log_sd),
    ):
        mean = marginal @ values
        sd = np.sqrt(marginal @ (values - mean) ** 2)
        assert draws.mean() == pytest.approx(mean, abs=5 * sd / np.sqrt(n) + 0.01)
        assert draws.std() == pytest.approx(sd, rel=0.06)
    assert 0.2 < drawn.acceptance < 0.9
    assert drawn.items[:, 0, 0].std() == pytest.approx(1e-3, rel=0.1)


def test_no_sweep_leaves_the_draws_as_they_are() -> None:
    model = ItemModel(
        np.array([[0, 1], [2, -1]], dtype=np.int8),
        np.arange(2),
        np.ones((2, 3), dtype=bool),
        np.ones((2, 3)),
        (1.0, 1.0, 4.0),
        NOISE["logit"],
        "logit",
    )
    items = np.random.default_rng(0).standard_normal((5, 2, 3))
    drawn = move_items(
        model,
        np.zeros((5, 2, 2, 1)),
        items,
        np.ones(5),
        np.tile(np.eye(3), (1, 2, 1, 1)),
        np.zeros(5, dtype=np.intp),
        n_sweeps=0,
        rng=np.random.default_rng(0),
    )
    np.testing.assert_array_equal(drawn.items, items)
    np.testing.assert_array_equal(drawn.log_sd, np.ones(5))
