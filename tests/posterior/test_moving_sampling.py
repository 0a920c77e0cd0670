"""Positions that move, sampled.

pytest -m nightly tests/posterior/test_moving_sampling.py
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

import voteshift as vs
from voteshift.ideal.dynamic.objective import MovingModel
from voteshift.ideal.dynamic.optimise import fit_paths
from voteshift.ideal.dynamic.walk import Walk
from voteshift.likelihood import Design
from voteshift.likelihood.draw import draw_codes
from voteshift.posterior.moving_model import StartPin, build_moving_model, moving_start
from voteshift.posterior.quiet import quiet
from voteshift.posterior.sampling import run_sampler

pytestmark = pytest.mark.nightly

N_MEMBERS, N_PERIODS, EACH, BRIDGES = 16, 4, 14, 5


@pytest.fixture(scope="module")
def sampled():
    pytest.importorskip("nutpie")
    council = vs.simulate(20, 100, seed=3, n_periods=4, tau=0.3, drift=0.2, bridges=6)
    spec = vs.IdealPoints(periods="year", bridge="families", tau="estimate")
    return council, vs.sample(council.rollcalls, spec, chains=4, tune=600, draws=1000, seed=1)


def test_a_small_panel_is_sampled_and_the_truth_found(sampled):
    council, found = sampled
    assert found.converged, found.verdict
    table = found.tidy()
    truth = council.positions[..., 0]
    rows = found.encoded.members.get_indexer(table["member"])
    periods = [found.periods.index(name) for name in table["period"]]
    there = truth[periods, rows]
    assert abs(np.corrcoef(there, table["estimate"])[0, 1]) > 0.9
    sign = np.sign(np.corrcoef(there, table["estimate"])[0, 1])
    on_scale = sign * (there - there.mean()) / there.std()
    covered = (table["conf_low"] <= on_scale) & (on_scale <= table["conf_high"])
    assert 0.8 < covered.mean() < 0.98
    low, high = np.quantile(found.flat("tau"), [0.005, 0.995])
    # Simulated steps are 0.3 for starts of standard deviation 1; deviations are put on their own scale.
    deviation = truth - truth.mean(axis=1, keepdims=True)
    assert low < 0.3 / deviation.std() < high


def test_means_stand_nearer_the_mode_than_modes_under_other_priors_to_each_other(sampled):
    """Draws learn how wide discriminations are; in a small panel the mode hangs on the width it is given."""
    council, found = sampled
    learned = vs.Priors(discrimination=float(found.flat("discrimination_sd").mean()))
    modes = [
        vs.IdealPoints(periods="year", bridge="families", tau=found.tau.tau, priors=priors)
        .fit(council.rollcalls)
        .tidy()["estimate"]
        for priors in (vs.Priors(), learned)
    ]
    apart = np.corrcoef(*modes)[0, 1]
    for mode in modes:
        assert np.corrcoef(found.tidy()["estimate"], mode)[0, 1] > apart


def world(seed: int) -> tuple[MovingModel, float]:
    """Parameters and votes drawn from the very prior that is fitted."""
    import pymc as pm

    period = np.repeat(np.arange(N_PERIODS), EACH).astype(np.int32)
    item = np.arange(len(period), dtype=np.int32)
    for slot in range(BRIDGES):  # the first roll calls of every period are the same items
        item[slot::EACH] = slot
    _, item = np.unique(item, return_inverse=True)
    seen = np.ones((N_PERIODS, N_MEMBERS), dtype=bool)
    walk = Walk(seen, np.ones(N_PERIODS - 1), np.full(N_MEMBERS, 0.3), 0.5)
    empty = Design(
        np.zeros((N_MEMBERS, len(period)), dtype=np.int8),
        period,
        item.astype(np.int32),
        np.full(item.max() + 1, 2, dtype=np.int8),
        N_PERIODS,
    )
    model = MovingModel(empty, vs.Priors(3.0, 1.5, 1.0), walk, threads=1)
    with quiet():
        coins = np.random.default_rng(0).integers(0, 2, empty.codes.shape).astype(np.int8)
        mode = fit_paths(replace(model, design=with_votes(empty, coins))).point
        built = build_moving_model(model, mode, names(model), StartPin(0, 1))
        wanted = [built[name] for name in ("deviation", "tau", "common_step", "discrimination", "midpoint")]
        deviation, tau, step, slope, middle = pm.draw(wanted, random_seed=seed)
    shift = model.leverage @ step
    cuts = middle[empty.item] - slope[empty.item, 0] * shift
    codes = draw_codes(
        deviation[..., None], slope[empty.item], np.stack([cuts, cuts], axis=1),
        np.full(len(period), 2, dtype=np.int8), period, link="logit", rng=np.random.default_rng(seed),
    )  # fmt: skip
    return replace(model, design=with_votes(empty, codes)), float(tau)


def with_votes(design: Design, codes: np.ndarray) -> Design:
    return Design(codes, design.period, design.item, design.n_categories, design.n_periods)


def names(model: MovingModel) -> dict[str, list]:
    design = model.design
    return {
        "member": list(range(design.n_members)),
        "period": list(range(design.n_periods)),
        "gap": list(range(design.n_periods - 1)),
        "item": list(range(design.n_items)),
        "ordered_item": [],
        "dimension": [1],
    }


def test_ranks_of_tau_are_uniform():
    """Simulation-based calibration (Talts et al. 2018) of tau on 24 data sets."""
    pytest.importorskip("nutpie")
    ranks = []
    for seed in range(24):
        model, truth = world(seed)
        mode = fit_paths(model).point
        row = int(np.argmax(np.abs(mode.deviations[0])))
        pin = StartPin(row, 1 if mode.deviations[0, row] > 0 else -1)
        with quiet():
            built = build_moving_model(model, mode, names(model), pin)
        found = run_sampler(
            built, ["tau"], moving_start(model, mode, pin), draws=1000, tune=500, chains=2, cores=2,
            seed=seed, target_accept=0.9,
        )  # fmt: skip
        thinned = found.draws["tau"][:, ::10].ravel()
        ranks.append((thinned < truth).mean())
    assert kstest(ranks, "uniform").pvalue > 0.01
    assert abs(np.mean(ranks) - 0.5) < 3 * np.sqrt(1 / 12 / len(ranks))
