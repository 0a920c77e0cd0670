"""Fits with member effects and effects of groups on versions, against sums over dense grids."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from voteshift.resolution import group_effects, likelihood_ratio
from voteshift.resolution.group_effects import (
    GroupEffectFits,
    GroupVotes,
    draw_spreads,
    fit_group_effects,
    fit_with_groups,
)
from voteshift.resolution.likelihood_ratio import compare_with_effect, compare_with_groups
from voteshift.resolution.marginal import inflation

N_MEMBERS, N_VERSIONS = 24, 2
GROUP = np.repeat([0, 1, 2], 8)
DATE = np.zeros(N_VERSIONS, dtype=np.intp)


def draw_votes(
    seed: int, shock_sd: float, changed: float = 0.0, group: np.ndarray = GROUP
) -> tuple[np.ndarray, np.ndarray]:
    """Positions, shape (1, n_members, 1), and votes on two versions by members of three groups."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(len(group))
    shocks = shock_sd * rng.standard_normal((3, N_VERSIONS))[group]
    latent = 1.5 * x[:, None] + shocks + 1.5 * rng.standard_normal((len(group), 1))
    latent = latent + rng.logistic(size=(len(group), N_VERSIONS)) - [0.0, changed]
    votes = (latent > -1).astype(np.int8) + (latent > 1)
    votes[rng.random(votes.shape) < 0.1] = -1
    return x[None, :, None], votes.astype(np.int8)


def fit(
    votes: np.ndarray, held: np.ndarray, group: np.ndarray = GROUP
) -> tuple[GroupEffectFits, GroupEffectFits]:
    """Fits with one item and with separate items, from plain starting values."""
    n_groups = int(group.max()) + 1
    start = (
        np.full((1, 1, 1), 1.0),
        np.array([[[-1.0, 1.0]]]),
        np.zeros(1),
        np.zeros((1, n_groups, votes.shape[1])),
        np.ones(1),
    )
    date = np.zeros(votes.shape[1], dtype=np.intp)
    return fit_with_groups(votes[:, None], date, held, group, "logit", start, max_steps=200)


def log_likelihood(
    votes: np.ndarray, held: np.ndarray, found: GroupEffectFits, effects: np.ndarray, members: np.ndarray
) -> float:
    """Log-likelihood of some members given the effects of their group, member effects on a dense grid."""
    sd = float(np.exp(found.log_sd[0]))
    stretch = float(inflation(found.log_sd[0], "logit"))
    z = np.linspace(-6, 6, 81)
    log_weight = -0.5 * z**2 - logsumexp(-0.5 * z**2)
    total = np.zeros((len(members), len(z)))
    for version in range(votes.shape[1]):
        item = min(version, found.slopes.shape[1] - 1)
        eta = stretch * (held[0, members, 0] * found.slopes[0, item, 0] + effects[version])
        low, high = (expit(stretch * cut - eta[:, None] - sd * z) for cut in found.cuts[0, item])
        chance = np.stack([low, high - low, 1 - high])
        cast = votes[members, version]
        for row in np.flatnonzero(cast >= 0):
            total[row] += np.log(np.maximum(chance[cast[row], row], 1e-300))
    return float(logsumexp(total + log_weight, axis=1).sum())


@pytest.mark.parametrize(("size", "error"), [(8, 0.5), (48, 0.03)])
def test_the_laplace_approximation_is_near_the_integral_over_group_effects(size: int, error: float) -> None:
    """Group effects of two versions on a grid of 15 x 15 points around the mode, for both hypotheses.

    The error falls with the number of members of a group.
    """
    group = np.repeat([0, 1, 2], size)
    held, votes = draw_votes(3, 1.2, group=group)
    grid, near = np.linspace(-5.0, 5.0, 15), 0.05
    for found in fit(votes, held, group):
        assert found.converged.all()
        s = found.spread[0]
        assert s > 0.3
        total = 0.0
        for g in range(3):
            members = np.flatnonzero(group == g)

            def log_joint(effects: np.ndarray, found=found, members=members, s=s) -> float:  # type: ignore[no-untyped-def]
                prior = -0.5 * (effects / s) ** 2 - np.log(s * np.sqrt(2.0 * np.pi))
                return log_likelihood(votes, held, found, effects, members) + float(prior.sum())

            mode = found.effects[0, g]
            steps = near * np.eye(2)
            bends = [log_joint(mode + e) - 2.0 * log_joint(mode) + log_joint(mode - e) for e in steps]
            width = near / np.sqrt(-np.array(bends))
            terms = [log_joint(mode + width * np.array(pair)) for pair in product(grid, repeat=2)]
            total += float(logsumexp(terms) + np.log(width * (grid[1] - grid[0])).sum())
        assert found.value[0] == pytest.approx(total, abs=error)


@pytest.mark.parametrize("one_item", [True, False])
def test_derivatives_are_those_of_the_value(one_item: bool) -> None:
    held, votes = draw_votes(4, 1.0)
    data = GroupVotes(votes[:, None], DATE, held, GROUP, "logit", one_item=one_item)
    items = data.start(np.full((1, 1, 1), 1.2), np.array([[[-0.8, 0.9]]]))
    point = np.concatenate([items.ravel(), [0.4], np.linspace(-0.5, 0.5, 6)])
    n_items = items.size

    def parts(vector: np.ndarray):  # type: ignore[no-untyped-def]
        return data.evaluate(
            vector[:n_items].reshape(items.shape),
            vector[n_items : n_items + 1],
            vector[n_items + 1 :].reshape(1, 3, 2),
            np.zeros(1, dtype=np.intp),
        )

    def gradient(vector: np.ndarray) -> np.ndarray:
        sums = parts(vector)
        return np.concatenate([sums.gradient[0], sums.by_effect[0].ravel()])

    def value(vector: np.ndarray) -> float:
        return float(parts(vector).value[0])

    steps = 1e-4 * np.eye(len(point))
    numeric = [(value(point + step) - value(point - step)) / 2e-4 for step in steps]
    assert gradient(point) == pytest.approx(numeric, abs=1e-3)
    curvature = -np.array([(gradient(point + step) - gradient(point - step)) / 2e-4 for step in steps])
    sums, width = parts(point), n_items + 1
    assert sums.information[0] == pytest.approx(curvature[:width, :width], abs=5e-3)
    for g in range(3):
        rows = slice(width + 2 * g, width + 2 * g + 2)
        assert sums.effect_information[0, g] == pytest.approx(curvature[rows, rows], abs=5e-3)
        assert sums.across[0, g] == pytest.approx(curvature[:width, rows], abs=5e-3)


def test_the_fit_is_a_maximum_in_items_effects_and_spread() -> None:
    """No parameter, moved by a little, gives a higher penalised likelihood; nor does another s."""
    held, votes = draw_votes(5, 1.2)
    found = fit(votes, held)[0]
    data = GroupVotes(votes[:, None], DATE, held, GROUP, "logit", one_item=True)
    spread = found.spread[0]

    def penalised(items: np.ndarray, log_sd: np.ndarray, effects: np.ndarray) -> float:
        sums = data.evaluate(items, log_sd, effects, np.zeros(1, dtype=np.intp))
        return float(sums.value[0] - 0.5 * (effects**2).sum() / spread**2)

    best = penalised(found.items, found.log_sd, found.effects)
    for sign in (-0.2, 0.2):
        for place in range(3):
            items = found.items.copy()
            items[0, 0, place] += sign
            assert penalised(items, found.log_sd, found.effects) < best + 1e-3
        for g, version in product(range(3), range(2)):
            effects = found.effects.copy()
            effects[0, g, version] += sign
            assert penalised(found.items, found.log_sd, effects) < best + 1e-3


def test_neither_the_order_of_members_nor_the_numbers_of_groups_change_a_fit() -> None:
    held, votes = draw_votes(6, 1.0)
    here = fit(votes, held)
    order = np.random.default_rng(0).permutation(N_MEMBERS)
    renamed = np.array([2, 0, 1])[GROUP]
    for there in (fit(votes[order], held[:, order], GROUP[order]), fit(votes, held, renamed)):
        for one, other in zip(here, there, strict=True):
            assert one.value == pytest.approx(other.value, abs=1e-6)
            assert one.spread == pytest.approx(other.spread, rel=1e-5)


def test_members_without_a_group_have_no_group_effect() -> None:
    held, votes = draw_votes(7, 1.0)
    group = np.where(GROUP == 2, -1, GROUP)
    found = fit(votes, held, group)[0]
    assert found.effects.shape == (1, 2, 2)
    data = GroupVotes(votes[:, None], DATE, held, group, "logit", one_item=True)
    sets = np.zeros(1, dtype=np.intp)
    whole = data.evaluate(found.items, found.log_sd, found.effects, sets).value[0]
    alone = np.flatnonzero(group == -1)
    part = log_likelihood(votes, held, found, np.zeros(2), alone)
    grouped = sum(
        log_likelihood(votes, held, found, found.effects[0, g], np.flatnonzero(group == g)) for g in (0, 1)
    )
    assert whole == pytest.approx(part + grouped, abs=1e-3)


def test_draws_of_the_spread_centre_on_its_estimate_and_are_wide() -> None:
    held, votes = draw_votes(3, 1.2)
    found = fit(votes, held)[0]
    data = GroupVotes(votes[:, None], DATE, held, GROUP, "logit", one_item=True)
    drawn = draw_spreads(data, found, 0, 4000, np.random.default_rng(0))
    assert 0.9 < np.median(drawn) / found.spread[0] < 2.0
    assert np.quantile(drawn, 0.95) > 1.4 * np.median(drawn)


def test_the_replicates_draw_group_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits to the replicates find group effects about as large as those of the record.

    Without the effects in the replicates, the median of s would be near its lower bound.
    """
    fits = []

    def keep(*arguments: Any, **named: Any) -> tuple[GroupEffectFits, GroupEffectFits]:
        fits.append(fit_with_groups(*arguments, **named))
        return fits[-1]

    monkeypatch.setattr(likelihood_ratio, "fit_with_groups", keep)
    held, votes = draw_votes(3, 2.0)
    drawn = np.repeat(held[None], 60, axis=0)
    compare_with_groups(votes, held, drawn, GROUP, "logit", np.random.default_rng(0))
    record, replicates = fits
    spread = record[0].spread[record[0].value.argmax()]
    assert spread > 1.0
    assert np.median(replicates[0].spread) > 0.4 * spread
    assert np.quantile(replicates[0].spread, 0.9) > spread


def test_group_effects_explain_votes_that_groups_change_together() -> None:
    """One group of three changes from yes to no, all others keep their votes."""
    rng = np.random.default_rng(1)
    x = 0.3 * rng.standard_normal(N_MEMBERS)
    votes = np.repeat(rng.integers(0, 3, (N_MEMBERS, 1)), 2, axis=1).astype(np.int8)
    votes[GROUP == 0] = [2, 0]
    held = x[None, :, None]
    drawn = np.repeat(held[None], 99, axis=0)
    without = compare_with_effect(votes, held, drawn, "logit", np.random.default_rng(1))
    within = compare_with_groups(votes, held, drawn, GROUP, "logit", np.random.default_rng(2))
    p_without, p_within = ((1 + (one.null >= one.observed).sum()) / 100 for one in (without, within))
    assert p_without < 0.1 < p_within


@pytest.mark.nightly
def test_the_test_with_group_effects_keeps_its_size_and_has_power() -> None:
    """Eighty worlds each: shocks of groups, no shocks, and cutpoints that moved by 4 with shocks.

    ``python -m pytest -m nightly tests/resolution/test_group_effects.py``
    """
    for shock_sd, changed in ((2.0, 0.0), (0.0, 0.0), (1.0, 4.0)):
        p_values = []
        for seed in range(80):
            held, votes = draw_votes(100 + seed, shock_sd, changed)
            drawn = np.repeat(held[None], 199, axis=0)
            found = compare_with_groups(votes, held, drawn, GROUP, "logit", np.random.default_rng([seed, 2]))
            p_values.append((1 + (found.null >= found.observed).sum()) / 200)
        rejected = (np.array(p_values) <= 0.1).sum()
        print(shock_sd, changed, rejected)
        if changed:
            assert rejected >= 30
        else:
            assert rejected <= 16  # binomial(80, 0.1): more with probability 0.002


def test_the_search_reports_sets_that_did_not_converge() -> None:
    held, votes = draw_votes(8, 1.0)
    data = GroupVotes(votes[:, None], DATE, held, GROUP, "logit", one_item=True)
    items = data.start(np.full((1, 1, 1), 1.0), np.array([[[-1.0, 1.0]]]))
    found = fit_group_effects(data, items, np.zeros(1), np.zeros((1, 3, 2)), np.ones(1), max_steps=1)
    assert not found.converged.any()
    assert np.isfinite(found.value).all()
    assert group_effects.NARROWEST < group_effects.WIDEST
