"""The compiled likelihood against the plain one."""

import numpy as np
import pytest

from voteshift.likelihood import Design, evaluate, evaluate_reference


@pytest.mark.parametrize("information", [None, "observed", "expected"])
def test_a_mixed_design_agrees_with_the_reference(information):
    rng = np.random.default_rng(5)
    item = rng.integers(0, 20, 40).astype(np.int32)
    kinds = rng.integers(2, 4, 20).astype(np.int8)
    codes = (rng.random((70, 40)) * kinds[item]).astype(np.int8)
    codes[rng.random(codes.shape) < 0.2] = -1
    design = Design(codes, rng.integers(0, 3, 40).astype(np.int32), item, kinds, 3)
    cuts = np.sort(rng.normal(size=(20, 2)), axis=1) + np.array([0.0, 0.1])
    at = rng.normal(size=(3, 70, 2)), rng.normal(size=(20, 2)), cuts
    got = evaluate(design, *at, information=information)
    want = evaluate_reference(design, *at, information=information)
    assert got.value == pytest.approx(want.value, rel=1e-10), information
    for name in ("positions", "discriminations", "cutpoints"):
        np.testing.assert_allclose(getattr(got, name), getattr(want, name), rtol=1e-9, atol=1e-9)
