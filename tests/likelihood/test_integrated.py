"""Curvature with the items integrated out, against second differences of integrals on a fine grid."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import logsumexp

from voteshift.likelihood import Design, integrated, integrated_information
from voteshift.likelihood.terms import Link, vote_limits, vote_terms

Floats = NDArray[np.float64]
SDS = np.array([1.5, 0.8, 0.7])
PRECISION = np.diag(SDS**-2.0)
N_MEMBERS = 5


def small_chamber(n_categories: int) -> tuple[Design, Floats, list[NDArray[np.intp]]]:
    """Five members, two periods; the first item has two roll calls, some votes are missing."""
    rng = np.random.default_rng(n_categories)
    votes = rng.integers(0, n_categories, (N_MEMBERS, 6)).astype(np.int8)
    votes[[0, 3, 4], [1, 2, 5]] = -1
    votes[1, :2] = n_categories - 1, -1  # one vote on the item with two roll calls
    item, period = np.array([1, 1, 0, 2, 3, 4]), np.array([0, 0, 0, 1, 1, 1])
    kinds = np.full(5, n_categories, dtype=np.int8)
    design = Design(votes, period.astype(np.int32), item.astype(np.int32), kinds, 2)
    columns = [np.array([0, 1, 2]), np.array([3, 5])]  # roll call 4 is not integrated
    return design, rng.normal(size=(2, N_MEMBERS)), columns


def log_integral(design: Design, columns: NDArray[np.intp], x: Floats, link: Link) -> float:
    """Sum the log integrals of the items of one period, on a grid of midpoints."""
    three = design.n_categories[0] == 3
    grid = [sd * np.linspace(-5.0, 5.0, 31) for sd in SDS[: 2 + three]]
    b, m, g = np.meshgrid(*grid, *([] if three else [[0.0]]), indexing="ij")
    prior = -0.5 * ((b / SDS[0]) ** 2 + (m / SDS[1]) ** 2 + (g / SDS[2]) ** 2)
    cuts = np.stack([m - 0.5 * np.exp(g), m + 0.5 * np.exp(g)], axis=-1) if three else np.stack([m, m], -1)
    total = 0.0
    for item in np.unique(design.item[columns]):
        value = prior.copy()
        for column in columns[design.item[columns] == item]:
            for member in np.flatnonzero(design.votes[:, column] >= 0):
                codes = np.full(b.size, design.votes[member, column])
                kinds = np.full(b.size, design.n_categories[item])
                lower, upper = vote_limits(cuts.reshape(-1, 2), codes, kinds)
                value += vote_terms(x[member] * b.ravel(), lower, upper, link).log_p.reshape(b.shape)
        total += float(logsumexp(value))
    return total


def second_differences(design: Design, columns: NDArray[np.intp], x: Floats, link: Link) -> Floats:
    h = 0.02
    steps = h * np.eye(len(x))

    def at(move: Floats) -> float:
        return log_integral(design, columns, x + move, link)

    matrix = np.zeros((len(x), len(x)))
    for i, a in enumerate(steps):
        for k, b in enumerate(steps[: i + 1]):
            matrix[i, k] = matrix[k, i] = -(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / (4 * h * h)
    return matrix


def gaussian_items(design: Design, seed: int = 1) -> tuple[Floats, Floats]:
    """Return centres and widths that are only roughly those of the items."""
    rng = np.random.default_rng(seed)
    centres = 0.3 * rng.normal(size=(design.n_items, 3))
    roots = np.tile(np.diag([1.2, 0.6, 0.5]), (design.n_items, 1, 1))
    roots[:, 1, 0] = 0.2
    return centres, roots


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("n_categories", [2, 3])
def test_curvature_is_that_of_the_integral(
    link: Link, n_categories: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quadrature is exact with many nodes, wherever they are centred."""
    monkeypatch.setattr(integrated, "_N_NODES", 31)
    monkeypatch.setattr(integrated, "_N_GAPS", 31)
    monkeypatch.setattr(integrated, "_rule", integrated._rule.__wrapped__)
    design, x, columns = small_chamber(n_categories)
    period = 0 if n_categories == 3 else 1
    rows = [np.arange(N_MEMBERS)] * 2
    blocks = integrated_information(
        design, x[..., None], *gaussian_items(design), PRECISION, columns=columns, rows=rows, link=link
    )
    want = second_differences(design, columns[period], x[period], link)
    np.testing.assert_allclose(blocks[period], want, atol=2e-3 * np.abs(want).max())


def test_rows_are_those_asked_for_and_threads_change_no_bit() -> None:
    design, x, columns = small_chamber(3)
    items = gaussian_items(design)
    every = [np.arange(N_MEMBERS)] * 2
    some = [np.array([0, 2, 3]), np.array([1, 4])]
    whole = integrated_information(
        design, x[..., None], *items, PRECISION, columns=columns, rows=every, threads=1
    )
    twice = integrated_information(
        design, x[..., None], *items, PRECISION, columns=columns, rows=every, threads=2
    )
    for one, other in zip(whole, twice, strict=True):
        assert np.array_equal(one, other)
        np.testing.assert_allclose(one, one.T, atol=1e-12)
        assert np.abs(one).max() > 0.01
    absent = Design(design.votes.copy(), design.period, design.item, design.n_categories, 2)
    absent.votes[[1, 4], :3] = -1
    (block, _) = integrated_information(absent, x[..., None], *items, PRECISION, columns=columns, rows=some)
    (full, _) = integrated_information(absent, x[..., None], *items, PRECISION, columns=columns, rows=every)
    np.testing.assert_allclose(block, full[np.ix_(some[0], some[0])], atol=1e-12)
    assert not full[[1, 4]].any()


def test_a_period_without_roll_calls_adds_nothing() -> None:
    design, x, columns = small_chamber(2)
    rows = [np.arange(N_MEMBERS)] * 2
    columns[1] = np.array([], dtype=np.intp)
    blocks = integrated_information(
        design, x[..., None], *gaussian_items(design), PRECISION, columns=columns, rows=rows
    )
    assert not blocks[1].any()


def test_far_and_narrow_votes_stay_finite() -> None:
    """Middle categories far narrower than the noise, and votes that the centre finds nearly impossible."""
    design, x, columns = small_chamber(3)
    centres, roots = gaussian_items(design)
    centres[:, 2] = [-14.0, -9.0, -4.0, 0.0, 3.0]
    for link in ("logit", "probit"):
        blocks = integrated_information(
            design, 8.0 * x[..., None], centres, roots, PRECISION / np.array([1, 1, 400]),
            columns=columns, rows=[np.arange(N_MEMBERS)] * 2, link=link,
        )  # fmt: skip
        assert all(np.isfinite(block).all() for block in blocks)


def test_curvature_in_the_plane_is_that_of_the_integral(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two dimensions, discriminations correlated by their prior; a grid in place of the quadrature."""
    monkeypatch.setattr(integrated, "_N_NODES", 25)
    monkeypatch.setattr(integrated, "_rule", integrated._rule.__wrapped__)
    design, _, columns = small_chamber(2)
    x = np.random.default_rng(5).normal(size=(2, N_MEMBERS, 2))
    precision = np.diag([0.7, 1.1, 1.5, 1.0])
    precision[0, 1] = precision[1, 0] = 0.3
    centres = 0.3 * np.random.default_rng(6).normal(size=(design.n_items, 4))
    roots = np.tile(np.diag([1.1, 0.9, 0.7, 1.0]), (design.n_items, 1, 1))
    roots[:, 1, 0] = 0.2
    blocks = integrated_information(
        design, x, centres, roots, precision, columns=columns, rows=[np.arange(N_MEMBERS)] * 2
    )
    axes = np.meshgrid(*[np.linspace(-7, 7, 41)] * 2, np.linspace(-5, 5, 41), indexing="ij")
    grid = np.stack([axis.ravel() for axis in axes], axis=1)
    prior = -0.5 * np.einsum("qa,ab,qb->q", grid, precision[:3, :3], grid)

    def value(flat: Floats) -> float:
        total = 0.0
        for item in np.unique(design.item[columns[1]]):
            log_weight = prior.copy()
            for column in columns[1][design.item[columns[1]] == item]:
                for member in np.flatnonzero(design.votes[:, column] >= 0):
                    eta = grid[:, :2] @ flat.reshape(N_MEMBERS, 2)[member] - grid[:, 2]
                    log_weight -= np.logaddexp(0.0, -eta if design.votes[member, column] else eta)
            total += float(logsumexp(log_weight))
        return total

    h, at = 0.02, x[1].ravel()
    steps = h * np.eye(len(at))
    want = np.array(
        [
            [-(value(at + a + b) - value(at + a - b) - value(at + b - a) + value(at - a - b)) for b in steps]
            for a in steps
        ]
    ) / (4 * h * h)
    np.testing.assert_allclose(blocks[1], want, atol=2e-3 * np.abs(want).max())


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_curvature_does_not_depend_on_the_axes(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positions, discriminations and their prior rotated together; with many nodes the rule has no axes."""
    monkeypatch.setattr(integrated, "_N_NODES", 45)
    monkeypatch.setattr(integrated, "_rule", integrated._rule.__wrapped__)
    design, _, columns = small_chamber(2)
    rng = np.random.default_rng(4)
    x, centres = rng.normal(size=(2, N_MEMBERS, 2)), 0.3 * rng.normal(size=(design.n_items, 4))
    roots = 0.8 * np.tile(np.diag([1.2, 1.2, 0.6, 0.5]), (design.n_items, 1, 1))
    rows = [np.arange(N_MEMBERS)] * 2
    sds = np.array([1.5, 0.9, 0.8, 0.7])
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    whole = np.eye(4)
    whole[:2, :2] = turn
    precision = np.diag(sds**-2.0)
    first = integrated_information(
        design, x, centres, roots, precision, columns=columns, rows=rows, link=link
    )
    second = integrated_information(
        design, x @ turn, centres @ whole, roots, whole.T @ precision @ whole,
        columns=columns, rows=rows, link=link,
    )  # fmt: skip
    for one, two in zip(first, second, strict=True):
        members = np.kron(np.eye(N_MEMBERS), turn)
        assert np.abs(one[::2, 1::2]).max() > 0.01
        np.testing.assert_allclose(members.T @ one @ members, two, atol=1e-4 * np.abs(one).max())
