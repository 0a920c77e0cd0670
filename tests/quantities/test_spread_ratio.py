"""The ratio of two spreads: its intervals, its verdict and its words, from plain numbers."""

import numpy as np
import pytest

from voteshift.quantities.spread_ratio import LogRatio, Ratios, compare_periods, compare_sizes, drawn_ratios

UNKNOWN = LogRatio(0.0, np.inf)


def ratio_of(*, shared: LogRatio, shared_items: int = 3):
    return compare_periods(
        Ratios(LogRatio(0.5, 0.01), LogRatio(0.4, 0.02), shared), "1990", "1995", shared_items, 0.9
    )


def test_without_shared_items_nothing_is_identified_however_narrow_the_intervals_are():
    ratio = ratio_of(shared=UNKNOWN, shared_items=0)
    table = ratio.tidy()
    assert (table["conf_low"] > 1).all()
    assert len(table) == 2
    assert not ratio.identified
    assert "no item is shared across a gap" in ratio.text
    # Items that span every gap can still leave the scale free, for instance with discriminations of 0.
    free = ratio_of(shared=UNKNOWN)
    assert not free.identified
    assert len(free.tidy()) == 2
    assert "shared items do not identify" in free.text


@pytest.mark.parametrize(
    ("estimate", "identified", "word"), [(0.4, True, "rose"), (-0.4, True, "fell"), (0.1, False, "do not")]
)
def test_the_interval_by_shared_items_alone_decides(estimate, identified, word):
    ratio = ratio_of(shared=LogRatio(estimate, 0.1))
    assert ratio.identified is identified
    assert word in ratio.text.split("; ")[-1]
    last = ratio.tidy().iloc[-1]
    assert last["assumption"] == "shared items kept their meaning"
    assert last["conf_low"] == pytest.approx(np.exp(estimate - 1.6448536 * 0.1))
    assert ratio.summary().count("interval") == ratio.text.count("interval") == 1
    low, high = (f"{ratio.tidy().iloc[-1][end]:.2f}" for end in ("conf_low", "conf_high"))
    assert f"if shared items kept their meaning (90% interval {low} to {high}); " in ratio.text


@pytest.mark.parametrize(("draw", "n"), [("standard_normal", 40), ("laplace", 800)])
def test_the_standard_error_of_the_size_is_that_of_a_sample_of_roll_calls(draw, n):
    """Squares of a Laplace variable have heavy tails, so the normal approximation needs more roll calls."""
    rng = np.random.default_rng(1)
    slopes = getattr(rng, draw)(size=(2, 3000, n))
    logs = 0.5 * np.log(np.mean(slopes**2, axis=2))
    simulated = float((logs[1] - logs[0]).std())
    none = np.zeros(n)
    ratio = LogRatio(0.3, 0.0)
    squares = np.swapaxes(slopes[:, :500], 0, 1) ** 2
    results = [compare_sizes(ratio, (old, none), (new, none)) for old, new in squares]
    assert np.mean([result.std_error for result in results]) == pytest.approx(simulated, rel=0.05)
    assert np.mean([result.estimate for result in results]) == pytest.approx(0.3, abs=0.02)
    # Votes that say nothing of a discrimination leave its whole variance in the standard error.
    hidden = compare_sizes(ratio, (np.ones(n), np.full(n, 2.0)), (np.ones(n), np.full(n, 2.0)))
    assert hidden.std_error == pytest.approx(np.sqrt(2 * 0.25 * 2.0 / n))


def test_draws_give_the_ratio_of_each_draw():
    rng = np.random.default_rng(2)
    old, slopes = rng.standard_normal((300, 9)), rng.standard_normal((300, 40))
    factor = np.exp(0.2 + 0.1 * rng.standard_normal((300, 1)))
    shared = LogRatio(0.05, 0.2)
    result = drawn_ratios((old, factor * old), (slopes, slopes / factor), shared)
    assert result.independent.estimate == pytest.approx(np.log(factor).mean())
    assert result.independent.std_error == pytest.approx(np.log(factor).std())
    # The product of spread and size is the same in both periods.
    assert result.alike.estimate == pytest.approx(0.0, abs=0.03)
    assert result.shared.estimate == pytest.approx(result.independent.estimate + 0.05)
    assert result.shared.std_error == 0.2
