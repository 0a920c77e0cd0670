"""Several starts: the highest mode is kept, and what the others found is told."""

import math
from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.ideal import Mode, starts
from voteshift.ideal.encode import encode
from voteshift.ideal.objective import Link, Model, Point, Priors
from voteshift.ideal.optimise import fit_map
from voteshift.ideal.start import random_start
from voteshift.ideal.starts import highest_mode
from voteshift.likelihood.design import Design


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.load_hrc().between("2016", "2021")


def test_the_highest_of_several_modes_is_kept(record: vs.RollCalls) -> None:
    """In three dimensions the spectral start of this record leads to a lower mode than others do."""
    model = Model(encode(record).design, Priors(), "probit")
    alone = fit_map(model, n_dims=3)
    mode, falls = highest_mode(model, n_dims=3, n_starts=2, tolerance=1e-6)
    assert alone.converged
    assert mode.objective > alone.objective + 1
    assert falls[0] == pytest.approx(mode.objective - alone.objective, abs=1e-2)
    assert len(falls) == 1
    assert mode.converged
    assert mode.gradient_norm <= 1e-6
    assert mode.iterations > alone.iterations


def test_one_start_is_the_plain_fit(record: vs.RollCalls) -> None:
    model = Model(encode(record).design, Priors())
    mode, falls = highest_mode(model, n_dims=1, n_starts=1, tolerance=1e-6)
    assert falls == ()
    assert np.array_equal(mode.point.flat(), fit_map(model).point.flat())


def test_a_result_says_how_many_starts_ended_at_its_mode(record: vs.RollCalls) -> None:
    line = vs.IdealPoints().fit(record)
    assert isinstance(line, vs.IdealFit)
    assert (line.reached["starts"], line.reached["starts_at_mode"]) == (1, 1)
    space = vs.IdealPoints(dims=3, link="probit", method=Mode(starts=2)).fit(record)
    assert isinstance(space, vs.IdealFit)
    assert (space.reached["starts"], space.reached["starts_at_mode"]) == (2, 1)
    (said,) = [caution for caution in space.cautions if "several modes" in caution]
    assert "1 of 2 starts ended at the highest" in said


def test_starts_that_end_at_no_mode_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """From members in one place there is nowhere to go; that is no mode that lies infinitely lower."""

    def together(design: Design, seed: int, n_dims: int = 1) -> Point:
        at = random_start(design, seed, n_dims)
        return replace(at, positions=np.zeros_like(at.positions))

    monkeypatch.setattr(starts, "random_start", together)
    found = vs.IdealPoints(dims=2, method=Mode(starts=3)).fit(vs.simulate(20, 40, seed=3, dims=2).rollcalls)
    assert isinstance(found, vs.IdealFit)
    assert found.falls == (math.inf, math.inf)
    assert (found.reached["starts"], found.reached["starts_at_mode"]) == (3, 1)
    (said,) = found.cautions
    assert said.startswith("2 of 3 starts did not reach a mode")
    mixed = replace(found, falls=(0.0, 2.5, math.inf))
    several, lost = mixed.cautions
    assert "2 of 4 starts ended at the highest mode found, the next mode is 2.5 lower" in several
    assert lost.startswith("1 of 4 starts did not reach a mode")


@pytest.mark.parametrize("dims", [1, 3])
def test_on_votes_of_the_model_all_starts_agree(dims: int) -> None:
    drawn = vs.simulate(30, 50, seed=3, dims=dims)
    found = vs.IdealPoints(dims=dims, method=Mode(starts=4)).fit(drawn.rollcalls)
    assert isinstance(found, vs.IdealFit)
    assert found.reached["starts_at_mode"] == 4
    assert not found.cautions


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_on_the_line_no_random_start_ends_above_the_spectral_one(record: vs.RollCalls, link: Link) -> None:
    """Seeds 1 and 3 end far below it."""
    model = Model(encode(record).design, Priors(), link)
    mode, falls = highest_mode(model, n_dims=1, n_starts=5, tolerance=1e-6)
    assert fit_map(model).objective == pytest.approx(mode.objective, abs=1e-6)
    assert falls[-1] > 1000


def test_in_more_than_one_dimension_there_are_ten() -> None:
    drawn = vs.simulate(20, 40, seed=3, dims=2)
    found = vs.IdealPoints(dims=2).fit(drawn.rollcalls)
    assert isinstance(found, vs.IdealFit)
    assert found.reached["starts"] == 10


def test_positions_that_move_have_one_start() -> None:
    with pytest.raises(vs.UsageError, match="one start"):
        vs.IdealPoints(method=Mode(starts=2), dynamics=vs.RandomWalk())
