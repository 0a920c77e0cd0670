"""Draws of a space in common axes, against a search over all rotations and reflections."""

import numpy as np
import pytest

from voteshift.ideal.objective import standardise
from voteshift.posterior.alignment import align_draws, compare_chains, invariants

N_MEMBERS, N_ITEMS = 12, 9


def turn(angle, mirrored=False):
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]]) @ np.diag([1.0, -1.0 if mirrored else 1.0])


@pytest.fixture(scope="module")
def space():
    """Draws around one space, every draw in axes of its own."""
    rng = np.random.default_rng(0)
    centre = standardise(rng.standard_normal((N_MEMBERS, 2)))
    slopes = rng.standard_normal((N_ITEMS, 2)) * [3.0, 1.0]
    positions = standardise(centre + 0.1 * rng.standard_normal((3, 40, N_MEMBERS, 2)))
    discriminations = slopes + 0.2 * rng.standard_normal((3, 40, N_ITEMS, 2))
    turns = np.array([[turn(a, a > np.pi) for a in row] for row in rng.uniform(0, 2 * np.pi, (3, 40))])
    return centre, positions @ turns, discriminations @ turns


def test_draws_in_any_axes_become_one_space(space):
    centre, positions, discriminations = space
    aligned = align_draws(positions, discriminations, centre)
    assert aligned.positions.std(axis=(0, 1)).max() < 0.2  # without alignment, 0.5 and more
    assert np.abs(aligned.positions.mean(axis=(0, 1)) - centre).max() < 0.15
    np.testing.assert_allclose(
        aligned.positions @ np.swapaxes(aligned.discriminations, -1, -2),
        positions @ np.swapaxes(discriminations, -1, -2),
        atol=1e-12,
    )


def test_every_rotation_is_the_best_of_all_rotations_and_reflections(space):
    centre, positions, discriminations = space
    aligned = align_draws(positions, discriminations, centre).positions
    mean = aligned.mean(axis=(0, 1))
    angles = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    every = np.array([turn(angle, mirrored) for angle in angles for mirrored in (False, True)])
    for chain, draw in ((0, 0), (1, 7), (2, 39)):
        best = min(((positions[chain, draw] @ every - mean) ** 2).sum(axis=(1, 2)))
        found = ((aligned[chain, draw] - mean) ** 2).sum()
        assert found <= best + 1e-8
        assert found == pytest.approx(best, abs=1e-3)


def test_axes_are_those_of_the_target(space):
    centre, positions, discriminations = space
    quarter = turn(np.pi / 2)
    one = align_draws(positions, discriminations, centre)
    other = align_draws(positions, discriminations, centre @ quarter)
    np.testing.assert_allclose(other.positions, one.positions @ quarter, atol=1e-8)


def test_invariants_are_the_same_in_all_axes(space):
    centre, positions, discriminations = space
    aligned = align_draws(positions, discriminations, centre)
    found = invariants(aligned.positions, aligned.discriminations)
    half = turn(2.0, mirrored=True)
    turned = invariants(aligned.positions @ turn(np.pi), aligned.discriminations @ turn(np.pi))
    np.testing.assert_allclose(
        np.sort(turned["distance"], axis=2), np.sort(found["distance"], axis=2), atol=1e-12
    )
    same = invariants(aligned.positions, aligned.discriminations @ half)
    for name in ("discrimination_length", "cutting_angle"):
        np.testing.assert_allclose(same[name], found[name], atol=1e-12)


def test_invariants_by_hand():
    positions = np.array([[0.0, 0.0], [3.0, 4.0], [-1.0, 1.0]])[None, None]
    discriminations = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, -1.0]])[None, None]
    found = invariants(positions, discriminations)
    # Members at an end: the third (least on the first axis), the first (least on the second), the second.
    assert found["distance"][0, 0] == pytest.approx([5.0, np.sqrt(2.0), 5.0, 5.0, np.sqrt(2.0), 5.0])
    assert found["discrimination_length"][0, 0] == pytest.approx([2.0, np.sqrt(2.0), 1.0])
    assert found["cutting_angle"][0, 0] == pytest.approx([np.sqrt(0.5), 0.0])


def test_chains_of_one_space_need_no_words_and_others_are_named(space):
    centre, positions, discriminations = space
    aligned = align_draws(positions, discriminations, centre).positions
    values = np.array([[-10.0], [-20.0], [-30.0]])
    assert compare_chains(aligned, values) == ()
    strange = aligned.copy()
    strange[1, :, :, 1] = np.random.default_rng(3).standard_normal(N_MEMBERS)
    found = compare_chains(strange, values)
    assert len(found) == 2
    assert found[0].startswith("chains 1 and 2 sampled different parts of the posterior")
    assert "on dimension 2" in found[0]
    assert "-10.0 and -20.0" in found[0]
    strange[1, :, :, 1] = np.nan
    assert len(compare_chains(strange, values)) == 2
