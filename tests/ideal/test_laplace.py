import numpy as np
import pytest

from ideal.worlds import ordered_world
from voteshift.errors import NotUsableError
from voteshift.ideal.laplace import laplace
from voteshift.ideal.objective import Model, Point, Priors, log_posterior, standardise
from voteshift.ideal.optimise import fit_map
from voteshift.likelihood import Design

PRIORS = Priors()


def dense_covariance(design: Design, mode: Point) -> np.ndarray:
    """Pseudo-inverse of the numeric Hessian over unconstrained z: neither arrow nor multiplier."""
    size = design.n_members
    live = np.concatenate(
        [np.ones(size + 2 * design.n_items, dtype=bool), np.ones(design.n_items, dtype=bool)]
    )
    live[size:] = np.column_stack(
        [np.ones(design.n_items), np.ones(design.n_items), design.n_categories == 3]
    ).ravel()

    def gradient(flat: np.ndarray) -> np.ndarray:
        raw = Point.from_flat(flat, size, 1)
        point = Point(standardise(raw.positions), raw.discriminations, raw.midpoints, raw.log_gaps)
        slope = log_posterior(Model(design, PRIORS), point).gradient.flat()
        slope[:size] /= raw.positions.std()
        return slope

    flat = mode.flat()
    columns = []
    for index in np.flatnonzero(live):
        step = np.zeros_like(flat)
        step[index] = 1e-5
        columns.append(-(gradient(flat + step) - gradient(flat - step))[live] / 2e-5)
    hessian = np.array(columns)
    return np.linalg.pinv((hessian + hessian.T) / 2, rcond=1e-7, hermitian=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_equals_the_dense_inverse(seed: int) -> None:
    design = ordered_world(seed, 14, 25).design
    mode = fit_map(Model(design, PRIORS)).point
    found = laplace(Model(design, PRIORS), mode)
    dense = dense_covariance(design, mode)
    ours = found.position_root @ found.position_root.T
    assert np.allclose(ours, dense[: design.n_members, : design.n_members], rtol=1e-4, atol=1e-6)


def test_draws_have_the_covariance_of_the_dense_inverse() -> None:
    design = ordered_world(3, 30, 60, missing=0.0).design
    mode = fit_map(Model(design, PRIORS)).point
    found = laplace(Model(design, PRIORS), mode)
    dense = np.sqrt(np.diag(dense_covariance(design, mode)))
    three = int(np.flatnonzero(design.n_categories == 3)[0])
    draws = found.draw(4000, np.array([three]), np.random.default_rng(0))
    before = design.n_members + int(2 * three + (design.n_categories[:three] == 3).sum())
    # The last step of a draw, back to the scale, moves discriminations a little beyond the tangent.
    assert draws.discriminations[:, 0, 0].std() == pytest.approx(dense[before], rel=0.1)
    assert draws.cutpoints[:, 0].mean(axis=1).std() == pytest.approx(dense[before + 1], rel=0.1)
    assert draws.positions[..., 0].std(axis=0) == pytest.approx(dense[: design.n_members], rel=0.15)


def test_every_draw_is_on_the_scale_and_ordered() -> None:
    design = ordered_world(4).design
    found = laplace(Model(design, PRIORS), fit_map(Model(design, PRIORS)).point)
    draws = found.draw(50, np.arange(design.n_rollcalls), np.random.default_rng(1))
    assert np.allclose(draws.positions.mean(axis=1), 0, atol=1e-12)
    assert np.allclose(draws.positions.std(axis=1), 1)
    three = design.n_categories == 3
    assert (draws.cutpoints[:, three, 1] > draws.cutpoints[:, three, 0]).all()


def test_draws_follow_the_seed() -> None:
    design = ordered_world(5).design
    found = laplace(Model(design, PRIORS), fit_map(Model(design, PRIORS)).point)
    first, again, other = (found.draw(5, np.array([0]), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.positions, again.positions)
    assert not np.array_equal(first.positions, other.positions)


def test_a_point_that_is_no_maximum_is_refused() -> None:
    design = ordered_world(6).design
    mode = fit_map(Model(design, PRIORS)).point
    wrong = Point(standardise(-(mode.positions**3)), 4 * mode.discriminations, mode.midpoints, mode.log_gaps)
    with pytest.raises(NotUsableError, match="no maximum at the reported mode"):
        laplace(Model(design, PRIORS), wrong)


def test_intervals_cover_the_truth() -> None:
    """Pooled coverage of 90 % intervals over members of simulated councils, few-vote members included."""
    covered = []
    for seed in range(60):
        world = ordered_world(seed, 40, 80, missing=0.4)
        mode = fit_map(Model(world.design, PRIORS))
        assert mode.converged
        estimate = mode.point.positions[:, 0]
        sign = np.sign(np.corrcoef(estimate, world.positions)[0, 1])
        error = laplace(Model(world.design, PRIORS), mode.point).position_errors()[:, 0]
        covered.append(np.abs(sign * estimate - world.positions) <= 1.6449 * error)
    assert 0.86 <= np.mean(covered) <= 0.94


def test_two_dimensions_leave_out_the_rotation() -> None:
    design = ordered_world(7, 30, 80).design
    model = Model(design, PRIORS)
    mode = fit_map(model, n_dims=2).point
    found = laplace(model, mode)
    assert found.position_root.shape == (60, 60 - 2 - 4)
    turn = (mode.positions @ np.array([[0.0, 1.0], [-1.0, 0.0]])).ravel()
    assert np.allclose(turn @ found.position_root, 0, atol=1e-9)
    draws = found.draw(200, np.arange(3), np.random.default_rng(0))
    assert np.allclose(np.einsum("kia,kib->kab", draws.positions, draws.positions) / 30, np.eye(2), atol=1e-9)


def test_probit_errors_equal_logit_errors_nearly() -> None:
    design = ordered_world(8, 40, 100).design
    errors = []
    for link in ("logit", "probit"):
        model = Model(design, PRIORS, link)  # type: ignore[arg-type]
        errors.append(laplace(model, fit_map(model).point).position_errors())
    assert np.median(errors[0] / errors[1]) == pytest.approx(1, abs=0.15)


def test_items_are_drawn_jointly_with_positions() -> None:
    """Cross-covariance of a discrimination with all positions, beside the dense inverse."""
    design = ordered_world(3, 30, 60, missing=0.0).design
    mode = fit_map(Model(design, PRIORS)).point
    dense = dense_covariance(design, mode)
    three = int(np.flatnonzero(design.n_categories == 3)[0])
    draws = laplace(Model(design, PRIORS), mode).draw(8000, np.array([three]), np.random.default_rng(0))
    at = design.n_members + int(2 * three + (design.n_categories[:three] == 3).sum())
    slopes = draws.discriminations[:, 0, 0] - draws.discriminations[:, 0, 0].mean()
    ours = slopes @ (draws.positions[..., 0] - draws.positions[..., 0].mean(axis=0)) / len(slopes)
    theirs = dense[: design.n_members, at]
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9
    assert ours.std() == pytest.approx(theirs.std(), rel=0.3)
