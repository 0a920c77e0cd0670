"""Newton's method on problems whose maxima are known."""

import numpy as np
import pytest
from scipy.special import expit

from voteshift.ideal import newton
from voteshift.ideal.newton import Evaluation, Maxima, concave, continue_within_radius, maximise

Floats = np.ndarray
Rows = np.ndarray


def whole(point: Floats, step: Floats, rows: Rows) -> Floats:
    """Take the step as it is."""
    return point + step


def climb(evaluate, start, *, tolerance: float = 1e-5, slack: float = 0.0, max_steps: int = 100) -> Maxima:  # type: ignore[no-untyped-def]
    return maximise(evaluate, np.array(start), whole, tolerance=tolerance, slack=slack, max_steps=max_steps)


def double_well(point: Floats, rows: Rows) -> Evaluation:
    """-x^2 / 2 + y^2 / 2 - y^4 / 4: maxima at y = 1 and y = -1, a saddle at y = 0."""
    x, y = point.T
    value = -0.5 * x**2 + 0.5 * y**2 - 0.25 * y**4
    known = np.tile(np.eye(2), (len(point), 1, 1))
    information = known.copy()
    information[:, 1, 1] = 3 * y**2 - 1
    return Evaluation(value, value, -np.column_stack([x, y**3 - y]), information, known)


def test_a_point_without_slope_that_is_no_maximum_is_not_called_one() -> None:
    """From y = 0 every step stays there: the slope is 0, and what a step promises too."""
    found = climb(double_well, [[0.3, 0.0], [0.3, 0.4], [0.3, -2.0]])
    assert found.converged.all()
    assert np.abs(found.point[:, 1]) == pytest.approx(1.0, abs=1e-2)
    assert np.sign(found.point[1:, 1]).tolist() == [1, -1]
    assert found.log_likelihood == pytest.approx(0.25, abs=1e-4)


def narrow(point: Floats, rows: Rows) -> Evaluation:
    """x^2 - 100 x^4 + x^3: half a unit from the saddle at 0 it is lower than there, on both sides."""
    x = point[:, 0]
    value = x**2 - 100 * x**4 + x**3
    gradient = 2 * x - 400 * x**3 + 3 * x**2
    information = (1200 * x**2 - 2 - 6 * x)[:, None, None]
    return Evaluation(value, value, gradient[:, None], information, np.full_like(information, 10.0))


def test_a_step_too_long_to_leave_a_saddle_is_shortened() -> None:
    found = climb(narrow, [[0.0]], slack=1e-9)
    assert found.converged.all()
    assert abs(found.point[0, 0]) == pytest.approx(0.07, abs=0.01)
    assert found.log_likelihood[0] > 0.0


def test_where_the_saddle_cannot_be_left_nothing_has_converged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newton, "_ASIDE", 0.0)
    assert not climb(double_well, [[0.3, 0.0]]).converged.any()


def test_what_a_damped_step_promises_is_not_what_the_information_has_it() -> None:
    """A slope of 0.01 along an axis of information 0.1 is 1e-3 of log-likelihood from the maximum."""
    gradient = np.array([[0.01, 0.0], [0.0, 1e-4], [0.0, 0.0]])
    information = np.array([np.diag([0.1, 1.0]), np.diag([0.1, 1.0]), np.diag([1.0, 0.0])])
    done, away = newton._at_maximum(gradient, information, 1e-5)
    assert done.tolist() == [False, True, False]
    assert np.isnan(away[:2]).all()
    assert np.abs(away[2]) == pytest.approx([0.0, 1.0])


def sharp(point: Floats, rows: Rows) -> Evaluation:
    """-log cosh(x): from beyond 1.09 a full Newton step goes further away each time."""
    value = -np.log(np.cosh(point[:, 0]))
    information = np.cosh(point)[..., None] ** -2
    return Evaluation(value, value + 7.0, -np.tanh(point), information, np.ones_like(information))


def test_a_step_that_goes_down_is_taken_back_and_shortened() -> None:
    found = climb(sharp, [[1.5], [-3.0], [0.1]], tolerance=1e-12)
    assert found.converged.all()
    assert found.point == pytest.approx(0.0, abs=1e-6)
    assert found.log_likelihood == pytest.approx(7.0)
    assert found.information[:, 0, 0] == pytest.approx(1.0)


def test_every_problem_ends_where_it_ends_alone_and_is_left_alone_then() -> None:
    centres = np.array([0.0, 1.0, -2.0])
    asked = []

    def logistic(point: Floats, rows: Rows) -> Evaluation:
        asked.append(rows.tolist())
        p = expit(point[:, 0] - centres[rows])
        return concave((0.5 - p)[:, None], (p * (1 - p))[:, None, None])

    found = climb(logistic, np.zeros((3, 1)), tolerance=1e-10, slack=np.inf)
    assert found.converged.all()
    assert (found.point + found.step)[:, 0] == pytest.approx(centres, abs=1e-9)
    assert asked[:2] == [[0, 1, 2], [1, 2]]
    unfinished = climb(logistic, np.zeros((3, 1)), tolerance=1e-10, slack=np.inf, max_steps=2)
    assert unfinished.converged.tolist() == [True, False, False]


def bent(point: Floats, rows: Rows) -> Evaluation:
    """A slope of 0.0004 on a ridge with curvature 0.006 as far as 0.03, and 0.506 beyond it."""
    x = point[:, 0]
    beyond = np.maximum(x - 0.03, 0.0)
    value = 4e-4 * x - 0.003 * x**2 - 0.25 * beyond**2
    gradient = 4e-4 - 0.006 * x - 0.5 * beyond
    information = np.where(x > 0.03, 0.506, 0.006)[:, None, None]
    return Evaluation(value, value + 1.0, gradient[:, None], information, np.full_like(information, 117.0))


def test_a_search_that_ends_on_a_ridge_is_continued() -> None:
    tolerance = 1e-10
    ended = climb(bent, [[0.0], [0.0304]], tolerance=tolerance, slack=1e-7)
    assert ended.converged.tolist() == [False, True]
    asked = []

    def evaluate(point: Floats, rows: Rows) -> Evaluation:
        asked.append(rows.tolist())
        return bent(point, rows)

    found = continue_within_radius(evaluate, ended, whole, tolerance=tolerance, max_steps=100)
    assert found.converged.all()
    assert found.point[:, 0] == pytest.approx(0.0154 / 0.506, abs=1e-5)
    assert found.point[1] == ended.point[1]
    assert found.log_likelihood[0] == bent(found.point[:1], np.arange(1)).log_likelihood[0]
    assert len(asked) < 20
    assert all(rows == [0] for rows in asked)
    short = continue_within_radius(bent, ended, whole, tolerance=tolerance, max_steps=1)
    assert not short.converged[0]


def test_a_continued_search_leaves_a_saddle() -> None:
    ended = climb(double_well, [[0.3, 0.0], [0.3, 1e-3]], max_steps=1)
    assert not ended.converged.any()
    found = continue_within_radius(double_well, ended, whole, tolerance=1e-10, max_steps=100)
    assert found.converged.all()
    assert np.abs(found.point[:, 1]) == pytest.approx(1.0, abs=1e-4)
    assert found.log_likelihood == pytest.approx(0.25, abs=1e-9)


def test_a_step_within_a_radius_is_the_best_there() -> None:
    """Against every direction and length of a fine grid."""
    rng = np.random.default_rng(3)
    root = rng.standard_normal((40, 2, 2))
    information = root + root.swapaxes(1, 2)  # of either sign
    gradient, radius = rng.standard_normal((40, 2)), rng.uniform(0.05, 2.0, 40)
    steps = newton._steps_within(gradient, information, radius)

    def gain(step: Floats) -> Floats:
        bend = np.einsum("...rp,rpq,...rq->...r", step, information, step)
        return np.einsum("...rp,rp->...r", step, gradient) - 0.5 * bend

    assert (np.sqrt((steps**2).sum(axis=1)) <= radius * (1 + 1e-9)).all()
    angle, share = np.meshgrid(np.linspace(0.0, 2 * np.pi, 721), np.linspace(0.0, 1.0, 101))
    grid = np.stack([share * np.cos(angle), share * np.sin(angle)], axis=-1).reshape(-1, 1, 2)
    assert (gain(steps) >= gain(grid * radius[:, None]).max(axis=0) - 1e-9).all()
