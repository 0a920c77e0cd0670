"""How far float32 arithmetic may be off, and when it is not used."""

import numpy as np
import pytest

from likelihood.draws import NAMES, draw
from voteshift.likelihood import evaluate
from voteshift.likelihood.reference import _cells


def largest_contributions(design, at, link):
    """Return the sum of absolute contributions to each element of the gradient, largest over elements."""
    terms, met = _cells(design, *at, slice(None), link, "observed")
    slopes = at[1][design.item]
    by_position = np.abs(terms.by_eta) @ np.abs(slopes)
    by_slope = np.einsum("ij,ijd->jd", np.abs(terms.by_eta), np.abs(met))
    by_cut = np.abs(np.stack([terms.by_first, terms.by_second])).sum(axis=1)
    return max(by_position.max(), by_slope.max(), by_cut.max())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scale", [0.3, 1.0, 5.0, 20.0])
@pytest.mark.parametrize(("link", "kinds"), [("logit", 2), ("logit", 3), ("logit", "mixed"), ("probit", 2)])
@pytest.mark.parametrize("n_dims", [1, 2])
def test_float32_stays_within_its_bound(seed, scale, link, kinds, n_dims):
    design, (positions, slopes, cuts) = draw(seed, 150, 300, n_dims=n_dims, kinds=kinds)
    at = scale * positions, slopes, cuts
    single, double = (evaluate(design, *at, link=link, precision=p) for p in ("float32", "float64"))
    assert (single.precision, double.precision) == ("float32", "float64")
    bound = 1e-5 * largest_contributions(design, at, link)
    worst = max(np.abs(getattr(single, name) - getattr(double, name)).max() for name in NAMES[:3])
    assert 0.0 < worst <= bound
    assert single.value == pytest.approx(double.value, rel=1e-6)


@pytest.mark.parametrize(("link", "kinds", "gap"), [("probit", 3, (0, 1)), ("logit", 3, (-3.5, -3.1))])
def test_what_float32_cannot_do_takes_float64(link, kinds, gap):
    design, at = draw(0, kinds=kinds, gap=gap)
    single, double = (evaluate(design, *at, link=link, precision=p) for p in ("float32", "float64"))
    assert single.precision == "float64"
    np.testing.assert_array_equal(single.cutpoints, double.cutpoints)


@pytest.mark.parametrize("information", ["observed", "expected"])
@pytest.mark.parametrize(("link", "kinds"), [("logit", 2), ("logit", 3), ("probit", 2)])
def test_information_in_float32_is_good_enough_to_precondition(information, link, kinds):
    design, at = draw(0, 150, 300, kinds=kinds)
    single, double = (
        evaluate(design, *at, link=link, information=information, precision=p) for p in ("float32", "float64")
    )
    for name in NAMES[3:]:
        want = getattr(double, name)
        np.testing.assert_allclose(getattr(single, name), want, rtol=0, atol=1e-5 * np.abs(want).max())
