"""Items and sigma by maximum likelihood against a general optimiser on the likelihood by quadrature."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, roots_hermitenorm

import voteshift as vs
from voteshift.checks.same_item import OneItemTest, same_item
from voteshift.resolution import likelihood_ratio, replicates
from voteshift.resolution.items import RIDGE
from voteshift.resolution.marginal import NOISE_SD
from voteshift.resolution.replicates import HIGHEST, fit_replicates

NODES, WEIGHTS = roots_hermitenorm(150)


def world(
    seed: int, *, n_members: int = 40, sd: float = 3.0, shift: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Positions, and votes on two versions; of the second the cutpoints are moved by `shift`."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n_members)
    latent = 1.5 * x[:, None] + sd * rng.standard_normal((n_members, 1)) + rng.logistic(size=(n_members, 2))
    latent = latent - [0.0, shift]
    codes = (latent > -1.0).astype(np.int8) + (latent > 1.0)
    codes[rng.random(codes.shape) < 0.2] = -1
    return x, codes.astype(np.int8)


def penalised(point: np.ndarray, x: np.ndarray, codes: np.ndarray, item: np.ndarray) -> tuple[float, float]:
    """Minus the log-likelihood by 150 Gauss-Hermite nodes, with and without the ridge."""
    items, sd = point[:-1].reshape(-1, 3), np.exp(point[-1])
    stretch = np.sqrt(1.0 + sd**2 / NOISE_SD["logit"] ** 2)
    p = np.ones((len(x), len(NODES)))
    for version, j in enumerate(item):
        cuts = [-np.inf, *(stretch * items[j, 1:]), np.inf]
        eta = (stretch * items[j, 0] * x)[:, None] + sd * NODES
        for code in range(3):
            who = codes[:, version] == code
            p[who] *= (expit(cuts[code + 1] - eta) - expit(cuts[code] - eta))[who]
    value = -float(np.log(p @ (WEIGHTS / WEIGHTS.sum())).sum())
    return value + RIDGE * float((point**2).sum()), value


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_maximum_is_the_one_a_general_optimiser_finds(seed: int, shared: bool) -> None:
    x, codes = world(seed)
    item = np.array([0, 0] if shared else [0, 1])
    n_items = item.max() + 1
    start = np.append(np.tile([0.0, -0.5, 0.0], n_items), 0.5)
    width = 3 * n_items

    def ordered(at: np.ndarray) -> np.ndarray:
        """From the log of the gap to the second cutpoint, so that the order is kept."""
        items = at[:width].reshape(-1, 3)
        upper = items[:, 1] + np.exp(items[:, 2])
        return np.append(np.column_stack([items[:, :2], upper]).ravel(), at[-1])

    brute = minimize(
        lambda at: penalised(ordered(at), x, codes, item)[0], start, method="BFGS", options={"gtol": 1e-5}
    )
    found = fit_replicates(
        codes[:, None],
        np.zeros(2, dtype=np.intp),
        item,
        x[None, :, None],
        "logit",
        (np.zeros((1, 1, 1)), np.array([[[-0.5, 0.5]]]), np.array([0.5])),
    )
    assert found.converged.all()
    assert found.value[0] == pytest.approx(-penalised(ordered(brute.x), x, codes, item)[1], abs=1e-3)
    items = np.concatenate([found.slopes[0], found.cuts[0]], axis=1)
    assert np.append(items.ravel(), found.log_sd[0]) == pytest.approx(ordered(brute.x), abs=0.02)


def test_many_sets_are_fitted_as_each_is_alone() -> None:
    worlds = [world(seed) for seed in range(4)]
    x = worlds[0][0]
    codes = np.stack([votes for _, votes in worlds], axis=1)
    start = (np.zeros((1, 1, 1)), np.array([[[-0.5, 0.5]]]), np.array([0.5]))
    arguments = (np.zeros(2, dtype=np.intp), np.arange(2), x[None, :, None], "logit", start)
    together = fit_replicates(codes, *arguments)  # type: ignore[arg-type]
    for k in range(4):
        alone = fit_replicates(codes[:, [k]], *arguments)  # type: ignore[arg-type]
        assert together.value[k] == pytest.approx(alone.value[0], abs=1e-9)


def test_where_nobody_switches_sigma_stays_at_its_bound() -> None:
    x, codes = world(3, sd=0.5)
    codes[:, 1] = codes[:, 0]
    found = fit_replicates(
        codes[:, None],
        np.zeros(2, dtype=np.intp),
        np.zeros(2, dtype=np.intp),
        x[None, :, None],
        "logit",
        (np.zeros((1, 1, 1)), np.array([[[-0.5, 0.5]]]), np.array([0.5])),
    )
    assert found.converged.all()
    assert np.exp(found.log_sd[0]) == pytest.approx(HIGHEST * NOISE_SD["logit"])


def test_items_may_lack_categories_and_be_certain() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, 20, 1))
    codes = rng.integers(0, 3, (20, 4, 2)).astype(np.int8)
    codes[:, 0, 1] = 2  # all yes
    codes[:, 1, 1] = np.where(codes[:, 1, 1] == 1, 2, codes[:, 1, 1])  # no abstentions
    codes[:, 2, 0] = np.maximum(codes[:, 2, 0], 1)  # no no
    codes[:, 3, 0] = np.where(x[0, :, 0] > 0, 2, 0)  # separated
    found = fit_replicates(
        codes,
        np.zeros(2, dtype=np.intp),
        np.arange(2),
        x,
        "logit",
        (np.zeros((1, 1, 1)), np.array([[[-0.5, 0.5]]]), np.array([0.5])),
    )
    assert found.converged.all()
    assert np.isfinite(found.value).all()
    assert (found.value < 0).all()
    assert found.cuts[1, 1, 0] == found.cuts[1, 1, 1]
    assert np.isneginf(found.cuts[2, 0, 0])
    assert not found.slopes[0, 1].any()


def test_every_fit_of_the_record_that_converged_is_at_a_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    """By steps and slopes alone seven of these replicates were said to have converged at saddles."""
    converged = 0

    def watched(codes, date, item, positions, link, start):  # type: ignore[no-untyped-def]
        nonlocal converged
        found = fit_replicates(codes, date, item, positions, link, start)
        problem = replicates._Problem(codes, date, item, positions, link)
        everyone = np.arange(found.n_sets)
        end = problem.evaluate(problem.start(found.slopes, found.cuts, found.log_sd), everyone)
        assert np.linalg.eigvalsh(end.information[found.converged]).min() > 0
        newton = np.linalg.solve(end.information, end.gradient[..., None])[..., 0]
        assert (newton * end.gradient).sum(axis=1)[found.converged].max() < 1.1e-5
        converged += int(found.converged.sum())
        return found

    monkeypatch.setattr(likelihood_ratio, "fit_replicates", watched)
    why = vs.explain(vs.load_hrc(), draws=vs.Draws(100))
    test = same_item(why)
    assert isinstance(test, OneItemTest)
    assert converged + test.unconverged >= 4 * 2 * 999
