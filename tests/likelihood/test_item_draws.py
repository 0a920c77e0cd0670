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


def log_likelihood(
    model: ItemModel, positions: np.ndarray, items: np.ndarray, log_sd: float, rho: float
) -> float:
    """The log posterior of one draw on a fine grid, with state dependence rho, in plain NumPy."""
    z = np.linspace(-7, 7, 2001)
    cumulative = expit if model.link == "logit" else ndtr
    stretch = np.sqrt(1 + np.exp(2 * log_sd) / model.noise_sd**2)
    value = (
        -0.5 * ((log_sd - model.log_sd[0]) / model.log_sd[1]) ** 2 - 0.5 * (model.precision * items**2).sum()
    )
    for votes, place in zip(model.codes, positions, strict=True):
        product, before = np.exp(-0.5 * z**2), -1
        for code, j in zip(votes, model.item, strict=True):
            if code >= 0:
                half = 0.5 * np.exp(items[j, -1]) if model.kinds[j].all() else 0.0
                first = items[j, -2] - half if model.kinds[j, 0] else -np.inf
                second = items[j, -2] + half if model.kinds[j, 2] else np.inf
                low, high = (
                    stretch * (cut - place @ items[j, :-2]) - np.exp(log_sd) * z
                    for cut in [-np.inf, first, second, np.inf][code:][:2]
                )
                # On the side where the difference is not that of two numbers near 1.
                middle = low + high > 0
                p = np.where(middle, cumulative(-low) - cumulative(-high), cumulative(high) - cumulative(low))
                product *= rho * (code == before) + (1.0 - rho if before >= 0 else 1.0) * p
                before = code
        with np.errstate(divide="ignore"):  # a step to where a vote is impossible is not taken
            value += np.log(product.sum())
    return float(value)


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize(("sd", "rho"), [(0.5, 0.0), (4.0, 0.0), (90.0, 0.0), (4.0, 0.6), (90.0, 0.9)])
def test_the_steps_are_those_of_plain_loops(link: Link, sd: float, rho: float) -> None:
    """Four versions of three items in two dimensions, with absences. At 90, exp(sigma z) overflows."""
    rng = np.random.default_rng(4)
    item = np.array([0, 1, 2, 0])
    kinds = np.array([[True, True, True], [True, True, True], [False, True, True]])
    n, sweeps, scales = 4, 2, [2.5, 1.2, 0.5, 1.0, 0.5, 0.25]
    positions = rng.standard_normal((9, 2)) + 0.1 / (1 + sd) * rng.standard_normal((n, 1, 9, 2))
    items = 0.5 * rng.standard_normal((3, 4)) + 0.1 / (1 + sd) * rng.standard_normal((n, 3, 4))
    half = np.where(kinds.all(axis=1), 0.5 * np.exp(items[0, :, -1]), 0.0)
    cuts = items[0, :, 2, None] + half[:, None] * [-1, 1]
    cuts[2, 0] = -np.inf
    latent = positions[0, 0] @ items[0, :, :2].T[:, item]
    latent += (sd * rng.standard_normal((9, 1)) + rng.standard_normal((9, 4))) / np.hypot(
        1.0, sd / NOISE[link]
    )
    codes = (latent[..., None] > cuts[item]).sum(axis=-1).astype(np.int8)
    codes[rng.random(codes.shape) < 0.2] = -1
    codes[8] = -1
    model = ItemModel(codes, item, kinds, np.full((3, 4), 0.5), (1.0, 2.0, np.log(200.0)), NOISE[link], link)
    root = np.tile(0.3 * np.eye(4), (1, 3, 1, 1))
    drawn = move_items(
        model, positions, items, np.full(n, np.log(sd)), root, np.zeros(n, dtype=np.intp), n_sweeps=sweeps,
        rng=np.random.default_rng(5), persistence=np.full(n, rho),
    )  # fmt: skip
    stream = np.random.default_rng(5)
    normal = stream.standard_normal((n, sweeps, 4, 3, 4))
    log_uniform = np.log(stream.random((n, sweeps, 4, 3)))
    n_same = 0
    for r in range(n):
        now, log_sd = items[r].copy(), np.log(sd)
        value = log_likelihood(model, positions[r, 0], now, log_sd, rho)
        for sweep, j, step in np.ndindex(sweeps, 4, 3):
            trial, trial_sd = now.copy(), log_sd
            if j == 3:
                trial_sd += scales[3 + step] * normal[r, sweep, j, step, 0]
            else:
                trial[j] += scales[step] * root[0, j] @ normal[r, sweep, j, step]
            if trial_sd > model.log_sd[2]:
                continue
            other = log_likelihood(model, positions[r, 0], trial, trial_sd, rho)
            if log_uniform[r, sweep, j, step] < other - value:
                now, log_sd, value = trial, trial_sd, other
        n_same += np.allclose(drawn.items[r], now) and np.isclose(drawn.log_sd[r], log_sd)
    assert n_same >= n - 1  # a difference of 1e-4 between two sums can decide a step


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
