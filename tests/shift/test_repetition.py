"""Votes that were not cast under state dependence, against an enumeration of all votes of three members."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from voteshift.shift.counterfactual import mix
from voteshift.shift.latent import Latent, chances
from voteshift.shift.repetition import chances_given_votes, draw_repeated

VOTES = np.array([[0, -1, 2], [-1, 1, -1], [2, 2, -1], [-1, -1, 0], [2, -1, 2]], dtype=np.int8)


def latent(n: int, rho: float, *, dates: int = 1) -> Latent:
    """Return the same draw n times."""
    rng = np.random.default_rng(1)
    positions = np.tile(rng.standard_normal((1, dates, 5, 1)), (n, 1, 1, 1))
    cuts = np.tile(np.array([[-1.0, 0.5], [-0.5, 1.0], [0.0, 1.5]]), (n, 1, 1))
    effect = np.tile(rng.standard_normal(5), (n, 1))
    slopes = np.tile(np.array([[1.0], [-0.5], [0.8]]), (n, 1, 1))
    return Latent(positions, slopes, cuts, effect, np.ones(n), persistence=np.full(n, rho))


def by_enumeration(one: Latent, rho: float, member: int, version: int) -> np.ndarray:
    """P(vote on one version | other votes of the member), if the member votes on these versions alone."""
    plain = [chances(one, k if one.moves else 0, k, "logit")[0, member] for k in range(3)]
    others = [k for k in range(3) if VOTES[member, k] >= 0 and k != version]
    versions = sorted([*others, version])
    p = np.zeros(3)
    for votes in product(range(3), repeat=len(versions)):
        cast = dict(zip(versions, votes, strict=True))
        if any(cast[k] != VOTES[member, k] for k in others):
            continue
        probability, previous = 1.0, None
        for k in versions:
            drawn = plain[k][cast[k]]
            probability *= drawn if previous is None else rho * (cast[k] == previous) + (1 - rho) * drawn
            previous = cast[k]
        p[cast[version]] += probability
    return p / p.sum()


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("dates", [1, 3])
def test_probabilities_are_those_of_bayes_rule(rho: float, dates: int) -> None:
    one = latent(1, rho, dates=dates)
    for version, member in product(range(3), range(5)):
        eta = one.eta(version, version)
        found = chances_given_votes(one, VOTES, eta, version, "logit")[0, member]
        assert found == pytest.approx(by_enumeration(one, rho, member, version), abs=1e-12)


@pytest.mark.parametrize("dates", [1, 3])
def test_draws_have_these_probabilities(dates: int) -> None:
    n = 40_000
    many = latent(n, 0.6, dates=dates)
    names = ["a", "b", "c"]
    present = [("no", "abstain", "yes")] * 3
    tallies = mix(names, np.arange(5), VOTES, many, None, present, "logit", 5)  # type: ignore[arg-type]
    for version in range(3):
        cast = tallies.cast(version, version)
        for member in range(5):
            share = np.array([(cast[:, member] == code).mean() for code in range(3)])
            if VOTES[member, version] >= 0:
                assert share[VOTES[member, version]] == 1.0
            else:
                assert share == pytest.approx(by_enumeration(many, 0.6, member, version), abs=0.012)


def test_at_other_dates_probabilities_are_the_means_of_draws() -> None:
    """A vote that is repeated later keeps its noise, as a vote on record does, and can follow positions."""
    many = latent(40_000, 0.6, dates=3)
    names, present = ["a", "b", "c"], [("no", "abstain", "yes")] * 3
    tallies = mix(names, np.arange(5), VOTES, many, None, present, "logit", 5)  # type: ignore[arg-type]
    differ = 0
    for date, version in product(range(3), repeat=2):
        cast, expected = tallies.cast(date, version), tallies.chances(date, version)[0]
        assert expected.sum(axis=1) == pytest.approx(1.0)
        for member in np.flatnonzero(VOTES[:, version] < 0):
            share = np.array([(cast[:, member] == code).mean() for code in range(3)])
            assert share == pytest.approx(expected[member], abs=0.012)
            here = tallies.chances(version, version)[0, member]
            differ += np.abs(share - here).max() > 0.05
    assert differ >= 4


def test_a_member_without_another_vote_is_unaffected() -> None:
    """The fourth member voted on the last version alone: on this version nothing is repeated."""
    one = latent(1, 0.7, dates=3)
    eta = one.eta(2, 2)
    found = chances_given_votes(one, VOTES, eta, 2, "logit")[0, 3]
    np.testing.assert_array_equal(found, chances(one, 2, 2, "logit")[0, 3])
    alone = np.full_like(VOTES, -1)
    for version in range(3):
        eta = one.eta(version, version)
        found = chances_given_votes(one, alone, eta, version, "logit")
        np.testing.assert_array_equal(found, chances(one, version, version, "logit"))


def test_a_repeated_vote_on_record_does_not_follow_positions() -> None:
    """The third member votes yes twice: with rho near 1 the second yes stays with every position."""
    names, present = ["a", "b", "c"], [("no", "abstain", "yes")] * 3
    stays = {}
    for rho in (0.0, 0.6, 0.999):
        far = latent(20_000, rho, dates=3)
        far.positions[:, 0, 2] = 6.0
        tallies = mix(names, np.arange(5), VOTES, far, None, present, "logit", 5)  # type: ignore[arg-type]
        assert (tallies.cast(1, 1)[:, 2] == 2).all()
        stays[rho] = (tallies.cast(0, 1)[:, 2] == 2).mean()
    assert stays[0.0] < 0.5 < stays[0.6] < stays[0.999]
    p = chances(latent(1, 0.6, dates=3), 1, 1, "logit")[0, 2, 2]
    kept = 0.6 / (0.6 + 0.4 * p)
    assert stays[0.6] == pytest.approx(kept + (1 - kept) * stays[0.0], abs=0.02)


def test_rho_of_0_changes_no_bit_and_rho_near_1_repeats_every_vote() -> None:
    names, present = ["a", "b", "c"], [("no", "abstain", "yes")] * 3
    zero = latent(500, 0.0)
    without = replace(zero, persistence=None)
    plain, none = (
        mix(names, np.arange(5), VOTES, one, None, present, "logit", 5)  # type: ignore[arg-type]
        for one in (without, zero)
    )
    assert plain.noise.tobytes() == none.noise.tobytes()
    assert plain.realised.tobytes() == none.realised.tobytes()
    always = mix(names, np.arange(5), VOTES, latent(500, 1 - 1e-9), None, present, "logit", 5)  # type: ignore[arg-type]
    assert (always.cast(2, 2)[:, 1] == 1).all()  # after its only vote
    assert (always.cast(0, 0)[:, 1] == 1).all()  # before its only vote
    assert (always.cast(2, 2)[:, 2] == 2).all()
    assert set(np.unique(always.cast(1, 1)[:, 0])) <= {0, 2}  # between a no and a yes


def test_no_vote_on_record_is_marked_as_repeated_if_positions_are_constant() -> None:
    one = latent(50, 0.8)
    noise = np.zeros((50, 5, 3))
    repeated = draw_repeated(VOTES, one, noise, np.full(noise.shape, 0.5), "logit", 0)
    assert (repeated[:, VOTES >= 0] == -1).all()
    assert repeated.max() == 2
