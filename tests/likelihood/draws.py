"""Random designs and parameters of any shape."""

import numpy as np

from voteshift.likelihood import Design

__all__ = ["NAMES", "assert_close", "draw"]

NAMES = ("positions", "discriminations", "cutpoints", "position_information", "item_information")


def draw(
    seed, n_members=30, n_rollcalls=40, n_dims=1, kinds="mixed", n_periods=1, shared=False, missing=0.2,
    lopsided=0.0, gap=(-2.0, 0.5),
):  # fmt: skip
    """Return a design and parameters.

    `lopsided` is the share of members that vote alike, `gap` the range of log10 of k2 - k1.
    """
    rng = np.random.default_rng(seed)
    n_items = max(1, n_rollcalls // 2) if shared else n_rollcalls
    item = rng.integers(0, n_items, n_rollcalls) if shared else np.arange(n_items)
    of_item = rng.integers(2, 4, n_items) if kinds == "mixed" else np.full(n_items, kinds)
    codes = (rng.random((n_members, n_rollcalls)) * of_item[item]).astype(np.int8)
    codes = np.where(rng.random(codes.shape) < lopsided, codes[:1], codes).astype(np.int8)
    codes[rng.random(codes.shape) < missing] = -rng.integers(1, 4)
    design = Design(
        np.ascontiguousarray(codes),
        rng.integers(0, n_periods, n_rollcalls).astype(np.int32),
        item.astype(np.int32),
        of_item.astype(np.int8),
        n_periods,
    )
    first = rng.normal(size=n_items)
    second = np.where(of_item == 3, first + 10.0 ** rng.uniform(*gap, size=n_items), np.nan)
    positions = rng.normal(size=(n_periods, n_members, n_dims))
    return design, (positions, rng.normal(size=(n_items, n_dims)), np.stack([first, second], axis=1))


def assert_close(got, want, rtol, names=NAMES):
    """Hold arrays together relative to the largest element of each: sums cancel, their terms do not."""
    np.testing.assert_allclose(got.value, want.value, rtol=rtol)
    for name in names:
        a, b = getattr(got, name), getattr(want, name)
        assert (a is None) == (b is None), name
        if a is not None and a.size:
            assert a.shape == b.shape, name
            np.testing.assert_allclose(a, b, rtol=0, atol=rtol * np.abs(b).max() + 1e-150, err_msg=name)
