"""The compiled pass over votes with member effects, against quadrature and its own differences."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, log_expit, log_ndtr, logsumexp, ndtr

from voteshift.likelihood.testlets import evaluate_testlets

SD = {"logit": np.array([0.3, 2.0, 9.0]), "probit": np.array([0.2, 1.1, 5.0])}


def problem(
    link: str, *, dates: int = 1, shared: bool = False, dims: int = 1, seed: int = 0
) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    n_members, n_sets, n_versions = 6, 3, 3
    item = np.zeros(n_versions, dtype=int) if shared else np.arange(n_versions)
    cuts = np.sort(rng.normal(0, 1, (n_sets, item.max() + 1, 2)), axis=-1) + np.array([0.0, 0.3])
    return {
        "codes": rng.integers(-1, 3, (n_members, n_sets, n_versions)).astype(np.int8),
        "date": np.arange(n_versions) if dates > 1 else np.zeros(n_versions, dtype=int),
        "item": item,
        "positions": rng.standard_normal((dates, n_members, dims)),
        "slopes": rng.normal(0, 1, (n_sets, item.max() + 1, dims)),
        "cuts": cuts,
        "sd": SD[link],
    }


def by_quadrature(at: dict[str, Any], link: str, which: int) -> float:
    """Log-likelihood of one set of votes, one member after the other."""
    cumulative = expit if link == "logit" else ndtr
    total = 0.0
    for member, votes in enumerate(at["codes"][:, which]):

        def density(z: float, member: int = member, votes: np.ndarray = votes) -> float:
            p = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
            for version, code in enumerate(votes):
                if code >= 0:
                    j = at["item"][version]
                    bounds = [-np.inf, *at["cuts"][which, j], np.inf]
                    eta = at["positions"][at["date"][version], member] @ at["slopes"][which, j]
                    eta += at["sd"][which] * z
                    p *= cumulative(bounds[code + 1] - eta) - cumulative(bounds[code] - eta)
            return float(p)

        total += np.log(quad(density, -9, 9, limit=400, epsabs=1e-13, points=[-3, -1, 0, 1, 3])[0])
    return float(total)


def log_between(lower: np.ndarray, upper: np.ndarray, link: str) -> np.ndarray:
    """Log P(lower < e < upper), in the tail where the difference does not cancel."""
    log_cdf = log_expit if link == "logit" else log_ndtr
    flip = lower > 0
    far, near = log_cdf(np.where(flip, -lower, upper)), log_cdf(np.where(flip, -upper, lower))
    return far + np.log1p(-np.exp(near - far))


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize(("dates", "shared"), [(1, True), (3, False)])
def test_the_value_is_the_integral(link: str, dates: int, shared: bool) -> None:
    at = problem(link, dates=dates, shared=shared)
    found = evaluate_testlets(**at, link=link)  # type: ignore[arg-type]
    brute = [by_quadrature(at, link, which) for which in range(3)]
    assert found.value == pytest.approx(brute, abs=2e-4)


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("shared", [True, False])
def test_derivatives_are_those_of_the_value(link: str, dims: int, shared: bool) -> None:
    at = problem(link, dates=3, shared=shared, dims=dims, seed=1)
    found = evaluate_testlets(**at, link=link)  # type: ignore[arg-type]
    shape = (*at["cuts"].shape[:2], dims + 2)
    point = np.column_stack([np.concatenate([at["slopes"], at["cuts"]], axis=-1).reshape(3, -1), at["sd"]])
    step = 1e-5
    for p in range(point.shape[1]):
        sides = []
        for sign in (1, -1):
            moved = point.copy()
            moved[:, p] += sign * step
            items = moved[:, :-1].reshape(shape)
            there = at | {"slopes": items[..., :dims], "cuts": items[..., dims:], "sd": moved[:, -1]}
            sides.append(evaluate_testlets(**there, link=link))  # type: ignore[arg-type]
        up, down = sides
        assert found.gradient[:, p] == pytest.approx((up.value - down.value) / (2 * step), abs=1e-7)
        bend = (down.gradient - up.gradient) / (2 * step)
        assert np.allclose(found.information[:, p], bend, rtol=1e-6, atol=1e-7)
    assert np.linalg.eigvalsh(found.complete).min() > -1e-9
    assert np.linalg.eigvalsh(found.complete - found.information).min() > -1e-9  # what not knowing z costs


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_items_that_lack_a_category_have_one_cutpoint(link: str) -> None:
    """No abstentions, no no, no yes: what is left out has no derivative, and P of the rest adds up to 1."""
    at = problem(link)
    at["codes"] = np.array([[[0, 1, 0]], [[2, 2, 1]], [[2, 1, 1]]] * 2, dtype=np.int8)
    at["slopes"] = at["slopes"][:1]
    at["cuts"] = np.array([[[0.3, 0.3], [-np.inf, -0.2], [0.4, np.inf]]])
    at["sd"] = np.array([1.5])
    found = evaluate_testlets(**at, link=link)  # type: ignore[arg-type]
    assert found.value[0] == pytest.approx(by_quadrature(at, link, 0), abs=2e-4)
    assert not found.gradient[0, [2, 5, 8]].any()
    assert not found.information[0, [2, 5, 8]].any()
    assert np.isfinite(found.information).all()
    total = 0.0
    for codes in np.ndindex(2, 2, 2):
        votes = np.array([[[(0, 2)[codes[0]], 1 + codes[1], codes[2]]]], dtype=np.int8)
        one = at | {"codes": votes, "positions": at["positions"][:, :1]}
        total += np.exp(evaluate_testlets(**one, link=link).value[0])  # type: ignore[arg-type]
    assert total == pytest.approx(1.0, abs=1e-6)


def test_threads_and_company_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    at = problem("logit")
    at |= {key: np.repeat(at[key], 40, axis=1 if key == "codes" else 0) for key in
           ("codes", "slopes", "cuts", "sd")}  # fmt: skip
    found = []
    for n in (1, 2):
        monkeypatch.setattr("voteshift.likelihood.testlets.core_count", lambda n=n: n)
        found.append(evaluate_testlets(**at))
    one, two = found
    few = evaluate_testlets(**problem("logit"))  # a thread takes few of few sets
    for name in ("value", "gradient", "information", "complete"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
        assert getattr(one, name)[::40].tobytes() == getattr(few, name).tobytes()
    assert len(set(one.value.tolist())) == 3


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_precise_grid_is_the_integral_to_many_digits(link: str) -> None:
    at = problem(link, dates=3)
    found = evaluate_testlets(**at, link=link, precise=True)  # type: ignore[arg-type]
    assert found.value == pytest.approx([by_quadrature(at, link, which) for which in range(3)], abs=1e-6)


@pytest.mark.parametrize("precise", [False, True])
@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_grid_follows_a_large_sigma(link: str, *, precise: bool) -> None:
    """Votes are drawn from the model. With 121 points for every sigma, the test fails."""
    at = problem(link, dates=3, seed=2)
    sd = at["sd"] = np.array([20.0, 100.0, 500.0])
    at["cuts"] = at["cuts"] * sd[:, None, None] / 3
    at["slopes"] = at["slopes"] * sd[:, None, None] / 9
    at["positions"] = at["positions"][:1].repeat(3, axis=0)
    effect = sd * np.random.default_rng(3).standard_normal((6, 3))
    latent = np.einsum("vid,svd->isv", at["positions"], at["slopes"]) + effect[..., None]
    at["codes"] = (latent[..., None] > at["cuts"]).sum(axis=-1).astype(np.int8)
    found = evaluate_testlets(**at, link=link, precise=precise)  # type: ignore[arg-type]
    nodes = np.linspace(-9.0, 9.0, 200_001)
    for which, sd in enumerate(at["sd"]):
        total = 0.0
        for member, votes in enumerate(at["codes"][:, which]):
            log_p = -0.5 * nodes**2 - 0.5 * np.log(2 * np.pi)
            for version in np.flatnonzero(votes >= 0):
                low, high = at["cuts"][which, version]
                eta = at["positions"][version, member] @ at["slopes"][which, version] + sd * nodes
                upper, lower = [high, np.inf][votes[version] // 2], [-np.inf, low, high][votes[version]]
                upper = low if votes[version] == 0 else upper
                log_p += log_between(lower - eta, upper - eta, link)
            total += logsumexp(log_p) + np.log(nodes[1] - nodes[0])
        assert found.value[which] == pytest.approx(total, abs=1e-6 if precise else 1e-3)
