"""Cutpoints of a category that no member chose, against numerical integration."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, ndtr
from scipy.stats import norm

from voteshift.shift.counterfactual import with_cutpoints
from voteshift.shift.latent import Latent
from voteshift.shift.missing_category import (
    Distance,
    absent_categories,
    distance_between_cutpoints,
    fill_cutpoints,
)

EVERY = ("no", "abstain", "yes")
DISTANCE = Distance(0.3, 0.7)


def test_a_category_is_available_if_another_version_has_it() -> None:
    assert absent_categories([EVERY, ("abstain", "yes"), ("no", "yes"), ("no", "abstain")]) == {
        1: 0,
        2: 1,
        3: 2,
    }
    assert absent_categories([("no", "yes"), ("no", "yes")]) == {}
    assert absent_categories([EVERY, EVERY]) == {}


@pytest.mark.parametrize("rho", [0.0, 0.8])
@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("absent", ["no", "abstain", "yes"])
def test_the_mean_cutpoints_are_those_of_the_posterior(absent: str, link: str, rho: float) -> None:
    """Every second vote repeats an earlier vote with probability rho."""
    rng = np.random.default_rng(1)
    x, slope, cut = rng.standard_normal(9), -1.5, 0.4
    present = tuple(name for name in EVERY if name != absent)
    codes = rng.choice([EVERY.index(name) for name in present], 9).astype(np.int8)
    cumulative = expit if link == "logit" else ndtr

    def cuts(distance: float) -> tuple[float, float]:
        gap = abs(slope) * distance
        if absent == "abstain":
            return cut - gap / 2, cut + gap / 2
        return (cut - gap, cut) if absent == "no" else (cut, cut + gap)

    def weight(log: float) -> float:
        below = np.concatenate([[-np.inf], cuts(np.exp(log)), [np.inf]])
        chances = cumulative(below[codes + 1] - slope * x) - cumulative(below[codes] - slope * x)
        chances = np.where(np.arange(9) % 2, rho + (1.0 - rho) * chances, chances)
        return float(norm.pdf(log, *DISTANCE) * np.prod(chances))

    total = quad(weight, -3, 4, limit=200)[0]
    expected = [quad(lambda log, k=k: weight(log) * cuts(np.exp(log))[k], -3, 4)[0] / total for k in (0, 1)]
    n = 4000
    missing = {"no": (-np.inf, cut), "yes": (cut, np.inf), "abstain": (cut, cut)}[absent]
    filled = fill_cutpoints(
        np.tile([[missing, (-1.0, 1.0)]], (n, 1, 1)).astype(float),
        np.tile((slope * x)[None, :, None], (n, 1, 2)),
        np.column_stack([codes, np.zeros(9, dtype=np.int8)]),
        [present, EVERY],
        np.repeat((np.arange(n)[:, None] + 0.5) / n, 2, axis=1),
        slopes=np.full((n, 2), slope),
        distance=DISTANCE,
        link=link,  # type: ignore[arg-type]
        repeats=np.tile(rho * (np.arange(9) % 2)[None, :, None], (n, 1, 2)),
    )
    np.testing.assert_allclose(filled[:, 0].mean(axis=0), expected, rtol=0.02)
    assert (filled[:, 1] == [-1.0, 1.0]).all()


def test_the_distance_is_that_of_the_roll_calls_with_three_categories() -> None:
    rng = np.random.default_rng(2)
    slopes = rng.uniform(1, 3, 4001) * rng.choice([-1, 1], 4001)
    gaps = np.abs(slopes) * np.exp(0.3 + 0.7 * rng.standard_normal(4001))
    gaps[::5] = np.nan
    found = distance_between_cutpoints(slopes, gaps)
    assert found is not None
    np.testing.assert_allclose(found, DISTANCE, atol=0.05)
    assert distance_between_cutpoints(slopes[:10], gaps[:10]) is None


def test_repeated_votes_say_nothing_about_a_cutpoint() -> None:
    """All votes on the second version repeat the first, so the distance keeps its distribution."""
    n, members = 4000, 40
    votes = np.array([[1, 1]] * members + [[0, -1]], dtype=np.int8)
    latent = Latent(
        np.zeros((n, 2, members + 1, 1)),
        np.full((n, 2, 1), 1.5),
        np.tile([[-1.0, 1.0], [-np.inf, 0.0]], (n, 1, 1)),
        persistence=np.full(n, 1.0 - 1e-9),
    )
    uniform = np.random.default_rng(1).random((n, 2))
    present = [EVERY, ("abstain", "yes")]
    gaps = []
    for one in (latent, replace(latent, persistence=None)):
        cuts = with_cutpoints(one, votes, present, uniform, DISTANCE, "logit").cutpoints[:, 1]
        gaps.append(np.log((cuts[:, 1] - cuts[:, 0]) / 1.5))
    assert gaps[0].mean() == pytest.approx(DISTANCE.median, abs=0.05)
    assert gaps[0].std() == pytest.approx(DISTANCE.sd, abs=0.05)
    assert gaps[1].mean() > DISTANCE.median + 0.3
