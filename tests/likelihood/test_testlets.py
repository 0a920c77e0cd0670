"""The compiled pass over votes with member effects, against quadrature and its own differences."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, ndtr

from voteshift.likelihood.testlets import FINE, evaluate_testlets

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


def test_threads_and_company_change_nothing() -> None:
    at = problem("logit")
    at |= {key: np.repeat(at[key], 40, axis=1 if key == "codes" else 0) for key in
           ("codes", "slopes", "cuts", "sd")}  # fmt: skip
    one, two = (evaluate_testlets(**at, threads=n) for n in (1, 2))
    for name in ("value", "gradient", "information", "complete"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert len(set(one.value.tolist())) == 3


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_fine_grid_is_the_integral_to_many_digits(link: str) -> None:
    at = problem(link, dates=3)
    found = evaluate_testlets(**at, link=link, grid=FINE)  # type: ignore[arg-type]
    assert found.value == pytest.approx([by_quadrature(at, link, which) for which in range(3)], abs=1e-6)
