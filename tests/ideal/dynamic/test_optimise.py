from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from ideal.dynamic.worlds import dynamic_world, random_point
from ideal.worlds import norm_at
from voteshift.ideal.dynamic import ends
from voteshift.ideal.dynamic.laplace import dynamic_laplace
from voteshift.ideal.dynamic.optimise import _Problem, fit_dynamic_map
from voteshift.likelihood import passes


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
@pytest.mark.parametrize("discrimination", [0.1, 0.5])
def test_a_narrow_prior_of_the_discriminations_converges(discrimination: float) -> None:
    """Sweeps that give the spread of the positions to the discriminations run away under such a prior."""
    priors = vs.Priors(discrimination=discrimination)
    found = vs.IdealPoints(priors=priors, dynamics=vs.RandomWalk(), method="mode").fit(vs.load_hrc())
    assert found.converged
    assert found.mode.gradient_norm < 1e-6
    assert np.abs(found.mode.point.discriminations).max() < 10


@pytest.mark.parametrize("seed", range(4))
def test_starts_do_not_matter(seed: int) -> None:
    model = dynamic_world(seed, n_members=25, each=20, n_periods=5, seats=0.7).model
    found = fit_dynamic_map(model)
    other = fit_dynamic_map(model, start=random_point(model, seed))
    assert found.converged
    assert other.converged
    assert other.objective == pytest.approx(found.objective, rel=1e-9)


def test_the_gradient_norm_is_that_of_the_reported_point() -> None:
    model = dynamic_world(1, n_members=20, each=12).model
    found = fit_dynamic_map(model)
    assert found.gradient_norm <= 1e-6
    assert found.gradient_norm == pytest.approx(norm_at(_Problem(model), found.point), rel=1e-6)


def test_never_converged_when_it_is_not() -> None:
    found = fit_dynamic_map(dynamic_world(2, n_members=20, each=12).model, max_iterations=1)
    assert not found.converged
    assert found.gradient_norm > 1e-6


def test_one_and_two_threads_agree_to_the_last_bit() -> None:
    model = dynamic_world(3, n_members=20, each=12).model
    one, two = (fit_dynamic_map(replace(model, threads=threads)) for threads in (1, 2))
    assert one.point.flat().tobytes() == two.point.flat().tobytes()


def test_what_all_members_did_together_is_found_through_bridges() -> None:
    world = dynamic_world(4, n_members=60, n_periods=5, each=40, bridges=15, drift=0.4, tau=0.1)
    point = fit_dynamic_map(world.model).point
    found = point.positions
    error = dynamic_laplace(world.model, point).step_errors() / found.std()
    moved = np.diff(found.mean(axis=1)) / found.std() * np.sign(np.sum(found * world.positions))
    truth = np.diff(world.positions.mean(axis=1))
    assert np.abs((moved - truth) / error).max() < 3.0
    assert error.max() < 0.15 < truth.min()


def test_without_bridges_the_path_stays_where_the_prior_has_it() -> None:
    world = dynamic_world(5, n_members=40, n_periods=4, each=30, bridges=0, drift=0.4)
    assert not fit_dynamic_map(world.model).point.steps.any()


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_seated_blocks_lead_to_the_same_mode(link, monkeypatch):
    """Votes and information in blocks of the members with a seat, against all members in every block."""
    world = {"n_members": 30, "n_periods": 6, "each": 20, "link": link, "seats": 0.3}
    whole = fit_dynamic_map(dynamic_world(5, **world).model, tolerance=1e-9)
    monkeypatch.setattr(passes, "SMALL", 0)
    monkeypatch.setattr(ends, "_LARGE", 0)
    model = dynamic_world(5, **world).model
    assert passes.prepare(model.by_rollcall).seats is not None
    assert sum(map(len, ends.find_rows(model.walk))) < model.walk.seen.size
    short = fit_dynamic_map(model, tolerance=1e-9)
    assert short.objective == pytest.approx(whole.objective, rel=1e-12)
    np.testing.assert_allclose(short.point.flat(), whole.point.flat(), atol=1e-7)
