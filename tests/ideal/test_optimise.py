from typing import Literal

import numpy as np
import pytest
from scipy.optimize import minimize

from ideal.worlds import norm_at, ordered_world
from voteshift.datasets import load_hrc
from voteshift.errors import NotUsableError
from voteshift.ideal import optimise
from voteshift.ideal.ascent import _line_search
from voteshift.ideal.encode import encode
from voteshift.ideal.objective import Model, Point, Priors, log_posterior, standardise
from voteshift.ideal.optimise import _Static, fit_map
from voteshift.ideal.start import random_start, spectral_start
from voteshift.likelihood import Design

PRIORS = Priors()


@pytest.mark.parametrize("seed", range(5))
def test_converges_where_a_general_optimiser_does(seed: int) -> None:
    design = ordered_world(seed, 25, 40).design
    found = fit_map(Model(design, PRIORS))
    assert found.converged
    assert found.gradient_norm <= 1e-6

    def negative(flat: np.ndarray) -> tuple[float, np.ndarray]:
        """Plain L-BFGS over unconstrained z, positions being z standardised."""
        raw = Point.from_flat(flat, design.n_members, 1)
        scale = raw.positions.std()
        point = Point(standardise(raw.positions), raw.discriminations, raw.midpoints, raw.log_gaps)
        slope = log_posterior(Model(design, PRIORS), point)
        gradient = slope.gradient.flat()
        gradient[: design.n_members] /= scale
        return -slope.value, -gradient

    start = spectral_start(design)
    general = minimize(
        negative,
        start.flat(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-8},
    )
    assert found.objective >= -general.fun - 1e-6


def test_starts_do_not_matter() -> None:
    design = ordered_world(11, 60, 150).design
    reference = fit_map(Model(design, PRIORS))
    for seed in (1, 2):
        other = fit_map(Model(design, PRIORS), start=random_start(design, seed))
        assert other.objective == pytest.approx(reference.objective, rel=1e-6)


def test_order_of_members_and_roll_calls_does_not_matter() -> None:
    design = ordered_world(12, 30, 60).design
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(design.n_members), rng.permutation(design.n_rollcalls)
    shuffled = Design(
        np.ascontiguousarray(design.codes[rows][:, columns]),
        design.period,
        design.item,
        design.n_categories[columns],
    )
    here, there = fit_map(Model(design, PRIORS)), fit_map(Model(shuffled, PRIORS))
    assert there.objective == pytest.approx(here.objective, rel=1e-10)
    match = abs(np.corrcoef(here.point.positions[rows, 0], there.point.positions[:, 0])[0, 1])
    assert match > 1 - 1e-9


def test_never_says_converged_when_it_is_not() -> None:
    design = ordered_world(13, 30, 60).design
    found = fit_map(Model(design, PRIORS), max_iterations=0)
    assert not found.converged
    assert found.gradient_norm > 1e-6
    assert found.gradient_norm == pytest.approx(norm_at(_Static(Model(design, PRIORS)), found.point))


def test_gradient_norm_reads_as_posterior_standard_deviations() -> None:
    """Moving one item by one conditional standard deviation off the mode gives a norm of about one."""
    design = ordered_world(14, 80, 60, binary=1.0).design
    mode = fit_map(Model(design, PRIORS)).point
    slope = log_posterior(Model(design, PRIORS), mode, information="expected")
    assert slope.evaluation.item_information is not None
    sd = (slope.evaluation.item_information[0, 0, 0] + PRIORS.discrimination**-2) ** -0.5
    items = mode.items()
    items[0, 0] += 0.1 * sd
    assert norm_at(_Static(Model(design, PRIORS)), Point.from_items(mode.positions, items)) == pytest.approx(
        0.1, rel=0.1
    )


def test_recovers_the_truth() -> None:
    world = ordered_world(15, 100, 400)
    found = fit_map(Model(world.design, PRIORS))
    assert abs(np.corrcoef(found.point.positions[:, 0], world.positions)[0, 1]) > 0.99


def test_reported_positions_are_on_the_scale() -> None:
    found = fit_map(Model(ordered_world(16).design, PRIORS))
    assert found.point.positions.mean() == pytest.approx(0, abs=1e-12)
    assert found.point.positions.std() == pytest.approx(1, abs=1e-12)


def test_progress_is_told() -> None:
    calls: list[tuple[int, float]] = []
    fit_map(Model(ordered_world(17).design, PRIORS), progress=lambda *args: calls.append(args))
    assert [call[0] for call in calls] == list(range(1, len(calls) + 1))
    assert calls[-1][1] <= 1e-6


@pytest.mark.parametrize(("link", "n_dims"), [("logit", 2), ("probit", 1), ("probit", 2)])
def test_converges_for_every_link_and_dimension(link: Literal["logit", "probit"], n_dims: int) -> None:
    model = Model(ordered_world(21, 50, 120).design, PRIORS, link)
    found = fit_map(model, n_dims=n_dims)
    assert found.converged
    assert found.gradient_norm == pytest.approx(norm_at(_Static(model), found.point))
    assert log_posterior(model, found.point).value == pytest.approx(found.objective)


def test_two_dimensions_of_the_council_converge() -> None:
    """A hard case: the second dimension of the Council is weak, and blocks alone stall."""
    model = Model(encode(load_hrc().between("2016", "2021")).design, PRIORS)
    assert fit_map(model, n_dims=2).converged


def test_threads_do_not_change_a_bit() -> None:
    design = ordered_world(22, 300, 400).design
    one, two = (fit_map(Model(design, PRIORS, threads=threads)) for threads in (1, 2))
    assert np.array_equal(one.point.positions, two.point.positions)
    assert one.objective == two.objective


def test_the_float32_start_ends_where_float64_does() -> None:
    """Large enough for float32 in the first stage; the end is float64 and as exact."""
    design = ordered_world(23, 400, 1500).design
    assert design.codes.size > optimise._FLOAT32_PAYS
    found = fit_map(Model(design, PRIORS))
    assert found.converged
    assert found.first_stage == "float32"
    exact = fit_map(Model(design, PRIORS), start=found.point)
    assert found.objective == pytest.approx(exact.objective, rel=1e-12)


def test_a_fit_repeats_to_the_last_bit_wherever_memory_lies() -> None:
    """A sum must not depend on the addresses of arrays: LLVM picks between two forms of some loops by them.

    One fit in fifty differed when kernels let it; a hundred and fifty would show it again.
    """
    model = Model(ordered_world(2, 40, 120).design, PRIORS, threads=1)
    found = [fit_map(model, max_iterations=2).point.flat().tobytes() for _ in range(150)]
    assert len(set(found)) == 1


def test_a_middle_that_nobody_chose_has_a_mode_under_the_prior_and_is_refused_without_one() -> None:
    world = ordered_world(3, 40, 60, binary=1.0)
    design = world.design
    three = Design(design.votes * np.int8(2), design.period, design.item, np.full(design.n_items, 3, np.int8))
    found = fit_map(Model(three, PRIORS))
    assert found.converged
    assert (found.point.log_gaps < -1).all()
    with pytest.raises(NotUsableError, match="cutpoints of a roll call became equal"):
        fit_map(Model(three, Priors(1e4, 1e4, 1e4)))


def test_a_far_step_is_shortened_before_the_votes_are_evaluated() -> None:
    """A step that makes both cutpoints of an item equal leads to a point without a likelihood."""
    world = ordered_world(3, 40, 60)
    problem = _Static(Model(world.design, PRIORS))
    point = fit_map(problem.model, max_iterations=1).point
    slope = problem.slope(point, "float64")
    far = slope.gradient.like(1e4 * slope.gradient.flat())
    assert far.log_gaps.min() < -100
    with pytest.raises(NotUsableError, match="became equal"):
        problem.slope(point.moved(far, 1.0), "float64")
    accepted = _line_search(problem, point, slope, far, "float64")
    assert accepted is not None
    assert accepted[1].value > slope.value
