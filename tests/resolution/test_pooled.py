"""Sigma pooled over families, on worlds where it is known."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.resolution.pooled import pool, pool_member_effects

NOISE = np.pi**2 / 3


def world(mu, w, seed, *, families=14, each=3, singles=50, n_members=50):
    """Families with sigma_f lognormal, and other roll calls that place the members; log sigmas beside."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n_members)
    columns, family, log_sds = [], [], []
    for f in range(families + singles):
        log_sd = mu + w * rng.standard_normal() if f < families else -np.inf
        log_sds.append(log_sd)
        stretch = np.sqrt(1 + np.exp(2 * log_sd) / NOISE)
        lean = np.exp(log_sd) * rng.standard_normal(n_members)
        slope, middle, gap = rng.choice([-1, 1]) * rng.uniform(1, 3), rng.normal(), rng.uniform(0.5, 1.5)
        for _ in range(each if f < families else 1):
            latent = stretch * slope * x + lean + rng.logistic(size=n_members)
            cuts = stretch * np.array([middle - gap, middle + gap])
            columns.append((latent[:, None] > cuts).sum(axis=1))
            family.append(f"f{f}" if f < families else "")
    frame = pd.DataFrame(
        {"date": pd.date_range("2001-01-01", periods=len(family), freq="10D"), "family": family, "title": ""},
        index=[f"r{number}" for number in range(len(family))],
    )
    members = pd.DataFrame(index=[f"m{number}" for number in range(n_members)])
    votes = np.array(columns, dtype=np.int8).T
    return vs.RollCalls(votes, members, frame), np.array(log_sds[:families])


@pytest.mark.parametrize(("mu", "w"), [(np.log(2.5), 0.0), (np.log(4.0), 0.6)])
def test_the_truth_is_found_over_families(mu, w):
    record, log_sds = world(mu, w, seed=1)
    fit = vs.IdealPoints().fit(record)
    found = pool_member_effects(record, fit, "f0", fit_by=vs.IdealPoints.fit)
    assert "f0" not in found.table.index
    assert len(found.table) + len(found.left_out) == 13
    truth = pd.Series(log_sds, index=[f"f{f}" for f in range(len(log_sds))])[found.table.index]
    assert found.mean == pytest.approx(truth.mean(), abs=0.3)
    assert found.sd < 0.35 if w == 0 else 0.3 < found.sd < 0.9
    away = (found.table["log_sd"] - truth) / found.table["std_error"]
    assert (away.abs() < 3).all()
    assert away.pow(2).mean() < 2


def test_an_explanation_takes_its_prior_from_the_others():
    """With two iterations of its own a family borrows: nearer to the truth, and surer of it."""
    record, log_sds = world(np.log(2.5), 0.0, seed=3, each=2)
    fit = vs.IdealPoints().fit(record)
    alone, pooled = (
        vs.explain(record, "f0", model=fit, draws=vs.Draws(200), member_effect=how)
        for how in (True, "pooled")
    )
    assert alone.models.pooled is None
    assert pooled.member_effect.prior == (pooled.models.pooled.mean, pooled.models.pooled.sd)
    assert pooled.models.pooled.sentence().startswith("The prior of the member effect's standard deviation")

    def width(why):
        return np.log(why.member_effect.sd_interval(0.9)[1] / why.member_effect.sd_interval(0.9)[0])

    assert width(pooled) < width(alone)
    assert abs(pooled.member_effect.log_sd - log_sds[0]) < 0.5


def test_pooling_is_that_of_paule_and_mandel():
    """By hand: the generalised Q is its degrees of freedom at the between-family variance."""
    log_sd, error = np.array([0.2, 1.4, 0.9, 2.1]), np.array([0.3, 0.2, 0.4, 0.3])
    mean, sd = pool(log_sd, error)
    low, high = 0.0, 10.0
    for _ in range(200):
        tau2 = (low + high) / 2
        weights = 1 / (error**2 + tau2)
        centre = weights @ log_sd / weights.sum()
        low, high = (tau2, high) if weights @ (log_sd - centre) ** 2 > len(error) - 1 else (low, tau2)
    assert mean == pytest.approx(centre, abs=1e-3)
    assert sd == pytest.approx(np.sqrt(tau2 + 1 / weights.sum()), abs=1e-2)


def test_too_few_families_are_not_pooled():
    record, _ = world(np.log(2.5), 0.0, seed=1, families=3, singles=30)
    fit = vs.IdealPoints().fit(record)
    with pytest.raises(vs.NotUsableError, match="too few other families"):
        pool_member_effects(record, fit, "f0", fit_by=vs.IdealPoints.fit)
    why = vs.explain(record, "f0", model=fit, draws=vs.Draws(100), member_effect="pooled")
    assert "too few other families" in str(why.member_effect)
