"""How far members move on their own: estimated where the votes say, refused where they do not."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.dynamic.tau import TauEstimate, _read
from voteshift.simulation import Dynamics


def profile(centre: float, width: float, points: np.ndarray) -> np.ndarray:
    """A normal log marginal likelihood of log tau, its 90 % interval `width` either way."""
    return np.column_stack([points, -1.3527 * ((points - centre) / width) ** 2])


LADDER = np.arange(np.log(0.02), np.log(1.5), np.log(1.6))


def test_maximum_and_interval_are_read_off_the_profile() -> None:
    found = _read(profile(np.log(0.2), 0.5, LADDER))
    assert found.tau == pytest.approx(0.2, rel=5e-3)
    assert np.log([found.low, found.high]) == pytest.approx(np.log(0.2) + np.array([-0.5, 0.5]), abs=5e-3)


@pytest.mark.parametrize(
    ("centre", "width", "words"),
    [
        (np.log(0.03), 1.0, "reaches 0"),
        (np.log(0.2), 1.2, "runs from 0.06"),
        (np.log(1.0), 0.7, "has no upper end below"),
        (np.log(0.2), 9.0, "reaches 0"),
    ],
)
def test_where_the_votes_do_not_say_it_is_refused(centre: float, width: float, words: str) -> None:
    with pytest.raises(NotUsableError, match=words) as caught:
        _read(profile(centre, width, LADDER))
    assert "pass a fixed value" in str(caught.value)


def test_a_factor_of_five_is_the_most() -> None:
    half = np.log(5.0) / 2
    assert _read(profile(np.log(0.2), 0.98 * half, LADDER)).tau == pytest.approx(0.2, rel=5e-3)
    with pytest.raises(NotUsableError, match="runs from"):
        _read(profile(np.log(0.2), 1.02 * half, LADDER))


def test_a_small_chamber_does_not_say() -> None:
    world = vs.simulate(12, 16, seed=2, dynamics=Dynamics(n_periods=2, tau=0.2, bridges=4))
    with pytest.raises(NotUsableError, match="do not identify tau"):
        vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate")).fit(world.rollcalls)


def test_a_chamber_that_says_is_believed() -> None:
    world = vs.simulate(60, 160, seed=3, dynamics=Dynamics(n_periods=4, tau=0.3, bridges=8))
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau="estimate")).fit(world.rollcalls)
    assert isinstance(fit, vs.DynamicFit)
    assert isinstance(fit.tau, TauEstimate)
    assert fit.tau.low < 0.3 < fit.tau.high
    assert "tau estimated as" in fit.identified_by


def test_a_word_is_no_tau() -> None:
    record = vs.load_hrc().between("2020", "2021")
    for tau in ("guess", {"WEOG": "far"}):
        with pytest.raises(UsageError, match="tau"):
            vs.IdealPoints(dynamics=vs.RandomWalk(tau=tau)).fit(record)  # type: ignore[arg-type]
