import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import voteshift as vs
from voteshift.shift.counterfactual import counterfactual

TRIO = ["27478", "29343", "29575"]


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.load_hrc()


@pytest.fixture(scope="module")
def fit(record: vs.RollCalls) -> vs.IdealFit:
    return vs.IdealPoints().fit(record.between("2016", "2021"))


def test_real_corners_are_the_record_in_every_draw(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    found = counterfactual(record, fit, TRIO, n_draws=200, seed=3)
    tally = record.tally()
    for index, rollcall in enumerate(TRIO):
        observed = tally.loc[rollcall, ["no", "abstain", "yes"]].to_numpy(int)
        assert (found.realised[:, index, :, index] == observed).all()


def test_every_cell_counts_the_whole_council(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    found = counterfactual(record, fit, TRIO, n_draws=50, seed=0)
    sizes = record.tally().loc[TRIO, ["yes", "no", "abstain"]].sum(axis=1).to_numpy()
    assert (found.realised.sum(axis=-1) == sizes[None, :, None, None]).all()
    assert np.allclose(found.expected.sum(axis=-1), sizes[None, :, None])


def test_expected_tallies_are_sums_of_the_model_s_probabilities(
    record: vs.RollCalls, fit: vs.IdealFit
) -> None:
    """By hand, from the same draws: the 2018 council under the 2020 version."""
    found = counterfactual(record, fit, TRIO, n_draws=20, seed=5)
    draws = fit.draw(20, TRIO, 5)
    voted = record.select(members=fit.member_ids, rollcalls=TRIO[:1]).votes[:, 0] >= 0
    for k in range(20):
        eta = draws.positions[k, voted, 0] * draws.discriminations[k, 1, 0]
        no = expit(draws.cutpoints[k, 1, 0] - eta).sum()
        yes = (1 - expit(draws.cutpoints[k, 1, 1] - eta)).sum()
        assert found.expected[k, 0, 1, 0] == pytest.approx(no)
        assert found.expected[k, 0, 1, 2] == pytest.approx(yes)


def test_votes_never_cast_are_drawn_from_the_model(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    """Realised minus recorded votes has the mean of the probabilities of those without a record."""
    found = counterfactual(record, fit, TRIO, n_draws=4000, seed=1)
    votes = record.select(members=fit.member_ids, rollcalls=TRIO).votes
    new = (votes[:, 0] >= 0) & (votes[:, 1] < 0)
    draws = fit.draw(4000, TRIO, 1)
    eta = draws.positions[:, new, 0] * draws.discriminations[:, 1]
    p_no = expit(draws.cutpoints[:, 1, :1] - eta)
    both = (votes[:, 0] >= 0) & (votes[:, 1] == 0)
    expected = p_no.sum(axis=1).mean() + both.sum()
    assert found.realised[:, 0, 0, 1, 0].mean() == pytest.approx(expected, abs=0.15)


def test_a_category_nobody_chose_is_never_expected(record: vs.RollCalls) -> None:
    family = record.families()
    tally = record.tally()
    for ids in family["rollcalls"]:
        without_no = [rollcall for rollcall in ids if tally.loc[rollcall, "no"] == 0]
        if without_no and len(ids) < 6:
            break
    years = record.rollcalls.loc[list(ids), "date"].dt.year
    fit = vs.IdealPoints().fit(record.between(str(years.min() - 1), str(years.max())))
    found = counterfactual(record, fit, list(ids), n_draws=50, seed=0)
    column = ids.index(without_no[0])
    assert (found.expected[:, :, column, 0] == 0).all()
    assert (found.realised[:, :, :, column, 0] == 0).all()
    assert "no" in found.lacking[without_no[0]]


def test_the_seed_decides(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    first, again, other = (counterfactual(record, fit, TRIO, n_draws=100, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.realised, again.realised)
    assert not np.array_equal(first.realised, other.realised)


def test_versions_that_share_an_item_may_lack_a_category_of_it() -> None:
    """In the middle version no member votes no, so its votes have fewer categories than its item."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal(30)
    columns, rows = [], []
    for year in (2001, 2002, 2003):
        for k in range(10):
            latent = rng.normal(1.5, 0.3) * x + rng.logistic(size=30)
            columns.append((latent > -0.6).astype(int) + (latent > 0.6))
            rows.append({"date": f"{year}-05-01", "title": f"Text {k} of {year}"})
        latent = 1.5 * x + rng.logistic(size=30)
        votes = (latent > -0.6).astype(int) + (latent > 0.6)
        columns.append(np.maximum(votes, 1) if year == 2002 else votes)
        rows.append({"date": f"{year}-06-01", "title": "On fish"})
    ids = [f"r{k:02d}" for k in range(len(rows))]
    members = pd.DataFrame(index=[f"M{i:02d}" for i in range(30)])
    record = vs.RollCalls(np.array(columns, dtype=np.int8).T, members, pd.DataFrame(rows, index=ids))
    versions = [str(rollcall) for rollcall in record.select(family="fish").rollcalls.index]
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(items=dict.fromkeys(versions, "fish"), tau=0.2)).fit(record)
    found = counterfactual(record, fit, versions, n_draws=20, seed=0)
    for index, rollcall in enumerate(versions):
        observed = record.tally().loc[rollcall, ["no", "abstain", "yes"]].to_numpy(int)
        assert (found.realised[:, index, index, index] == observed).all()
