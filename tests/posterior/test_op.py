"""The likelihood as the sampler sees it: one number and one gradient, whichever way it is computed."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from numba import njit

from ideal.worlds import ordered_world
from voteshift.likelihood import Design, evaluate
from voteshift.posterior import native
from voteshift.posterior.op import LogLikelihood, log_likelihood
from voteshift.posterior.quiet import quiet

AT_MOST = 1e-8


def mixed(n_members: int, n_periods: int = 1) -> Design:
    """Votes on items with two and three categories; some roll calls share an item."""
    design = ordered_world(seed=3, n_members=n_members, n_rollcalls=24, binary=0.4).design
    item, kinds = design.item.copy(), design.n_categories
    same = np.flatnonzero(kinds == 3)
    item[same[1]] = item[same[0]]
    period = (np.arange(design.n_rollcalls) % n_periods).astype(np.int32)
    return Design(design.codes, period, item, kinds, n_periods)


def at_random(design: Design, n_dims: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return (
        rng.standard_normal((design.n_periods, design.n_members, n_dims)),
        2.0 * rng.standard_normal((design.n_items, n_dims)),
        np.cumsum(0.2 + rng.random((design.n_items, 2)), axis=1) - 0.5,
    )


def compiled(design: Design, n_dims: int, link: str, backend: str, mode: str) -> pytensor.compile.Function:
    with quiet():
        positions, slopes, cuts = pt.dtensor3(), pt.dmatrix(), pt.dmatrix()
        slopes_in = pt.specify_shape(slopes, (design.n_items, n_dims))
        value = log_likelihood(design, positions, slopes_in, cuts, link=link, backend=backend)
        gradients = pytensor.grad(value, [positions, slopes, cuts])
        return pytensor.function([positions, slopes, cuts], [value, *gradients], mode=mode)


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("backend", ["compiled", "graph"])
@pytest.mark.parametrize(("n_members", "n_periods", "n_dims"), [(20, 1, 1), (130, 3, 2)])
def test_value_and_gradient_are_those_of_the_core(link, backend, n_members, n_periods, n_dims):
    """130 members are more than a chunk of the kernel; three periods alternate."""
    design = mixed(n_members, n_periods)
    function = compiled(design, n_dims, link, backend, "FAST_COMPILE")
    for seed in range(2):
        at = at_random(design, n_dims, seed)
        expected = evaluate(design, *at, link=link)
        value, *gradients = function(*at)
        assert abs(value - expected.value) < AT_MOST * abs(expected.value)
        for found, wanted in zip(
            gradients, (expected.positions, expected.discriminations, expected.cutpoints), strict=True
        ):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=AT_MOST * np.abs(wanted).max())


def test_the_numba_back_end_gives_the_same(tmp_path):
    design = mixed(70)
    at = at_random(design, 1)
    expected = evaluate(design, *at)
    value, *gradients = compiled(design, 1, "logit", "compiled", "NUMBA")(*at)
    assert abs(value - expected.value) < AT_MOST * abs(expected.value)
    np.testing.assert_allclose(gradients[0], expected.positions, atol=AT_MOST)
    np.testing.assert_allclose(gradients[2], expected.cutpoints, atol=AT_MOST)


def test_binary_items_take_the_kernel_for_them():
    design = ordered_world(seed=1, n_members=70, n_rollcalls=30, binary=1.0).design
    at = at_random(design, 1)
    function = native.driver("logit", 1, binary=True)
    found = function(*native.votes_of(design), *at)
    expected = evaluate(design, *at)
    assert found[0] == pytest.approx(expected.value, rel=1e-12)
    np.testing.assert_allclose(found[3], expected.cutpoints, rtol=1e-10, atol=1e-12)


def test_cutpoints_that_do_not_increase_are_impossible_not_an_error():
    design = mixed(20)
    positions, slopes, cuts = at_random(design, 1)
    three = np.flatnonzero(design.n_categories == 3)
    cuts[three[2], 1] = cuts[three[2], 0]
    found = native.driver("logit", 1, binary=False)(*native.votes_of(design), positions, slopes, cuts)
    assert found[0] == -np.inf
    assert all(not gradient.any() for gradient in found[1:])


def test_a_changed_kernel_is_another_key(monkeypatch, tmp_path):
    """What is kept on disk under the old key is not served for the new source."""
    from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key

    op = LogLikelihood("logit", 1, binary=True)
    _, before = numba_funcify_and_cache_key(op)
    assert numba_funcify_and_cache_key(LogLikelihood("logit", 1, binary=True))[1] == before
    assert numba_funcify_and_cache_key(LogLikelihood("logit", 2, binary=True))[1] != before
    changed = tmp_path / "kernels_logit.py"
    changed.write_text("# changed")
    monkeypatch.setattr(native, "SOURCES", (*native.SOURCES, changed))
    assert numba_funcify_and_cache_key(op)[1] != before


def test_a_changed_kernel_is_compiled_anew(monkeypatch, tmp_path):
    """And it is the key that sees to it: under an unchanged one the old code is served from the disk."""
    monkeypatch.setattr("pytensor.link.numba.cache.NUMBA_CACHE_PATH", tmp_path)
    design = mixed(20)
    here = at_random(design, 1)

    def use_kernel(number):
        """Put a kernel that returns a number in the place of the real one, which takes seconds to compile."""

        @njit
        def constant(codes, bounds, item, three, n_middle, sizes, positions, slopes, cuts):
            return np.asarray(number), positions, slopes, cuts

        monkeypatch.setattr("voteshift.posterior.op.driver", lambda *_, **__: constant)

    def value():
        with quiet():
            return float(pytensor.function([], log_likelihood(design, *here), mode="NUMBA")())

    use_kernel(1.0)
    assert value() == 1.0
    use_kernel(2.0)
    assert value() == 1.0
    source = tmp_path / "kernels_logit.py"
    source.write_text("# another kernel")
    monkeypatch.setattr(native, "SOURCES", (*native.SOURCES, source))
    assert value() == 2.0


def test_options_are_checked():
    design = mixed(20)
    with pytest.raises(ValueError, match="backend"):
        log_likelihood(design, *at_random(design, 1), backend="fast")
    with pytest.raises(ValueError, match="link"):
        log_likelihood(design, *at_random(design, 1), link="cloglog")
