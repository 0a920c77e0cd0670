import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from voteshift.ideal.objective import Link
from voteshift.resolution.items import RIDGE, fit_items, log_likelihoods

LAWS = {"logit": stats.logistic, "probit": stats.norm}


def votes(seed: int, n_rollcalls: int = 6, n_members: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1, n_members, 1))
    latent = -1.3 * x[0] + rng.logistic(size=(n_members, n_rollcalls))
    codes = (latent > -0.8).astype(np.int8) + (latent > 0.9)
    codes[rng.random(codes.shape) < 0.2] = -1
    return codes, x


def by_hand(codes: np.ndarray, x: np.ndarray, link: Link) -> tuple[float, np.ndarray]:
    """One item, three categories, by a general optimiser over beta, first cutpoint and log gap."""
    law = LAWS[link]

    def cells(p: np.ndarray) -> np.ndarray:
        ends = np.array([-np.inf, p[1], p[1] + np.exp(p[2]), np.inf])
        eta = p[0] * x
        return np.log(law.cdf(ends[codes + 1] - eta) - law.cdf(ends[codes] - eta))

    def loss(p: np.ndarray) -> float:
        return -cells(p).sum() + RIDGE * (p[0] ** 2 + p[1] ** 2 + (p[1] + np.exp(p[2])) ** 2)

    found = minimize(loss, np.array([-1.0, -1.0, 0.5]), method="BFGS", options={"gtol": 1e-7})
    return cells(found.x).sum(), np.array([found.x[0], found.x[1], found.x[1] + np.exp(found.x[2])])


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_items_are_those_of_a_general_optimiser(link: Link) -> None:
    codes, x = votes(0)
    period = np.zeros(6, dtype=np.int32)
    fits = fit_items(codes, period, x, np.arange(6), link)
    values = log_likelihoods(codes, period, x, fits, link)
    assert fits.converged.all()
    for column in range(6):
        voted = codes[:, column] >= 0
        value, point = by_hand(codes[voted, column].astype(int), x[0, voted, 0], link)
        assert values[column] == pytest.approx(value, abs=1e-5)
        assert [fits.discriminations[column, 0], *fits.cutpoints[column]] == pytest.approx(point, abs=1e-3)


def test_roll_calls_that_share_an_item_are_one_long_roll_call() -> None:
    codes, x = votes(1, n_rollcalls=2)
    shared = fit_items(codes, np.zeros(2, dtype=np.int32), x, np.zeros(2, dtype=np.intp), "logit")
    stacked = fit_items(
        np.concatenate([codes[:, :1], codes[:, 1:]]),
        np.zeros(1, dtype=np.int32),
        np.concatenate([x, x], axis=1),
        np.zeros(1, dtype=np.intp),
        "logit",
    )
    assert shared.discriminations == pytest.approx(stacked.discriminations)
    assert shared.cutpoints == pytest.approx(stacked.cutpoints)


def test_positions_are_those_of_the_period() -> None:
    codes, x = votes(2, n_rollcalls=2)
    both = np.concatenate([x, -x])
    fits = fit_items(codes, np.array([0, 1], dtype=np.int32), both, np.arange(2), "logit")
    still = fit_items(codes, np.zeros(2, dtype=np.int32), x, np.arange(2), "logit")
    assert fits.discriminations[0] == pytest.approx(still.discriminations[0])
    assert fits.discriminations[1] == pytest.approx(-still.discriminations[1])


@pytest.mark.parametrize(
    ("chosen", "cuts"),
    [((0, 2), "same"), ((0, 1), "upper"), ((1, 2), "lower"), ((2,), "both")],
)
def test_a_category_nobody_chose_has_no_cutpoint(chosen: tuple[int, ...], cuts: str) -> None:
    rng = np.random.default_rng(3)
    codes = rng.choice(chosen, (30, 1)).astype(np.int8)
    x = rng.standard_normal((1, 30, 1))
    fits = fit_items(codes, np.zeros(1, dtype=np.int32), x, np.zeros(1, dtype=np.intp), "logit")
    first, second = fits.cutpoints[0]
    assert {
        "same": np.isfinite(first) and first == second,
        "upper": np.isfinite(first) and second == np.inf,
        "lower": first == -np.inf and np.isfinite(second),
        "both": first == -np.inf and second == -np.inf,
    }[cuts]
    value = log_likelihoods(codes, np.zeros(1, dtype=np.int32), x, fits, "logit")[0]
    share = [(codes == code).mean() for code in chosen]
    entropy = 30 * sum(p * np.log(p) for p in share)
    assert entropy - 1e-6 <= value <= 0  # at least as good as an item that places nobody
    assert value > entropy or len(chosen) == 1


def test_separated_votes_have_a_maximum() -> None:
    x = np.linspace(-2, 2, 20)[None, :, None]
    codes = np.repeat([0, 1, 2], [7, 6, 7]).astype(np.int8)[:, None]
    fits = fit_items(codes, np.zeros(1, dtype=np.int32), x, np.zeros(1, dtype=np.intp), "logit")
    value = log_likelihoods(codes, np.zeros(1, dtype=np.int32), x, fits, "logit")[0]
    assert fits.converged.all()
    assert np.isfinite(fits.discriminations).all()
    assert -1.0 < value < 0
