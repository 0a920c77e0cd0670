"""The normal approximation behind the explanation, held against a long run of Hamiltonian Monte Carlo."""

import numpy as np
import pytest
from scipy.special import expit

import voteshift as vs
from voteshift.ideal.objective import Model, Point, item_information, log_posterior, standardise
from voteshift.shift.shapley import shapley

pytestmark = pytest.mark.nightly

TRIO = ["27478", "29343", "29575"]
N_DRAWS, N_WARMUP, N_LEAPFROG = 5000, 1000, 20


class Posterior:
    """Negative log posterior over whitened z (positions are z standardised, z itself N(0, 1)) and items."""

    def __init__(self, model: Model, mode: Point) -> None:
        self.model, self.mode = model, mode
        slope = log_posterior(model, mode, information="expected")
        blocks = slope.evaluation.position_information
        assert blocks is not None
        self.scale = (blocks[0, :, 0, 0] + 1) ** -0.5
        items = item_information(model, mode, slope, observed=False)
        self.roots = np.linalg.cholesky(np.linalg.inv(items))
        self.n_members = model.design.n_members
        self.binary = model.design.n_categories == 2

    def unpack(self, whitened: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        raw = self.mode.positions[:, 0] + self.scale * whitened[: self.n_members]
        items = np.einsum("jab,jb->ja", self.roots, whitened[self.n_members :].reshape(-1, 3))
        return raw, items + self.mode.items()

    def __call__(self, whitened: np.ndarray) -> tuple[float, np.ndarray]:
        raw, items = self.unpack(whitened)
        slope = log_posterior(self.model, Point.from_items(standardise(raw[:, None]), items))
        by_item = slope.gradient.items()
        by_item[self.binary, 2] -= items[self.binary, 2]  # the gap a binary item does not have
        value = slope.value - 0.5 * raw @ raw - 0.5 * np.sum(items[self.binary, 2] ** 2)
        by_raw = (slope.gradient.positions[:, 0] / raw.std() - raw) * self.scale
        by_item = np.einsum("jab,ja->jb", self.roots, by_item)
        return -value, -np.concatenate([by_raw, by_item.ravel()])


def sample(posterior: Posterior, rng: np.random.Generator) -> np.ndarray:
    """Return draws of whitened parameters."""
    here = 0.3 * rng.standard_normal(posterior.n_members + posterior.mode.items().size)
    energy, slope = posterior(here)
    draws, accepted = [], 0
    for iteration in range(N_WARMUP + N_DRAWS):
        step = 0.05 if iteration < N_WARMUP // 2 else 0.09 * rng.uniform(0.8, 1.2)
        momentum = rng.standard_normal(len(here))
        start = energy + 0.5 * momentum @ momentum
        there, new_slope, new_energy = here, slope, energy
        momentum = momentum - 0.5 * step * new_slope
        for leap in range(N_LEAPFROG):
            there = there + step * momentum
            new_energy, new_slope = posterior(there)
            momentum = momentum - step * new_slope * (0.5 if leap == N_LEAPFROG - 1 else 1.0)
        if np.log(rng.random()) < start - new_energy - 0.5 * momentum @ momentum:
            here, energy, slope = there, new_energy, new_slope
            accepted += 1
        if iteration >= N_WARMUP:
            draws.append(here)
    assert accepted / (N_WARMUP + N_DRAWS) > 0.8
    return np.array(draws)


def test_parts_agree_with_sampling() -> None:
    """Means within 0.5 votes and interval ends within 1.5, for every part of every step."""
    record = vs.load_hrc()
    fit = vs.IdealPoints().fit(record.between("2016", "2021"))
    posterior = Posterior(fit.model, fit.mode.point)
    rng = np.random.default_rng(0)
    draws = sample(posterior, rng)
    columns = fit.rollcall_ids.get_indexer(TRIO)
    votes = record.select(members=fit.member_ids, rollcalls=TRIO).votes
    council = (votes >= 0).astype(int)
    tallies = np.empty((len(draws), 3, 3, 3))
    positions = np.empty((len(draws), posterior.n_members))
    for index, draw in enumerate(draws):
        raw, items = posterior.unpack(draw)
        positions[index] = standardise(raw[:, None])[:, 0]
        half = 0.5 * np.exp(items[columns, 2])
        cuts = np.stack([items[columns, 1] - half, items[columns, 1] + half], axis=1)
        below = expit(cuts - (positions[index][:, None] * items[columns, 0])[..., None])
        drawn = (rng.random((*council.shape, 1)) > below).sum(axis=-1)
        settled = np.where(votes >= 0, votes, drawn)
        for code in range(3):
            tallies[index, :, :, code] = council.T @ (settled == code)
    assert np.corrcoef(positions.mean(axis=0), fit.mode.point.positions[:, 0])[0, 1] > 0.995
    why = vs.explain(record, model=fit, member_effect=False)
    for step in why.steps:
        ends = [TRIO.index(step.old), TRIO.index(step.new)]
        corners = tallies[:, ends][:, :, ends]
        parts = shapley(np.moveaxis(corners, 0, 2), 2).parts
        table = step.model.table.set_index(["component", "category"])  # type: ignore[union-attr]
        for part, values in zip(("membership", "switching"), parts, strict=True):
            for code, name in enumerate(("no", "abstain", "yes")):
                row = table.loc[(part, name)]
                low, high = np.quantile(values[:, code], [0.05, 0.95])
                assert abs(values[:, code].mean() - row["estimate"]) < 0.5
                assert abs(low - row["conf_low"]) <= 1.5
                assert abs(high - row["conf_high"]) <= 1.5
