import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import voteshift as vs
from voteshift.errors import NotUsableError
from voteshift.ideal.dynamic.constancy import constancy, drift
from voteshift.likelihood.terms import category_probabilities
from voteshift.rollcalls import RollCalls
from voteshift.simulation import Dynamics, Simulated
from voteshift.votes import Vote


def world(seed: int = 0) -> Simulated:
    return vs.simulate(60, 120, seed=seed, missing=0.1, dynamics=Dynamics(n_periods=4, tau=0.1, bridges=8))


def fitted(record: RollCalls) -> vs.DynamicFit:
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(record)
    assert isinstance(fit, vs.DynamicFit)
    return fit


@pytest.fixture(scope="module")
def fit() -> vs.DynamicFit:
    return fitted(world().rollcalls)


def turned(record: RollCalls, family: str, from_year: int) -> RollCalls:
    """The same record with yes and no exchanged in a family's roll calls from a year on."""
    frame = record.rollcalls
    votes = np.array(record.votes)
    changed = ((frame["family"] == family) & (frame["date"].dt.year >= from_year)).to_numpy(bool)
    part = votes[:, changed]
    votes[:, changed] = np.select([part == Vote.NO, part == Vote.YES], [Vote.YES, Vote.NO], part)
    return RollCalls(votes, record.members, frame, source="changed")


def best(fit: vs.DynamicFit, rollcalls: list[str]) -> float:
    """Largest log-likelihood of one item for some roll calls, positions held, by a general optimiser."""
    columns = fit.encoded.rollcalls.get_indexer(pd.Index(rollcalls, dtype=object))
    design = fit.encoded.design

    def loss(theta: np.ndarray) -> float:
        slope, middle, log_gap = theta
        half = 0.5 * np.exp(log_gap)
        total = 0.0
        for column in columns:
            eta = fit.reported.positions[design.period[column]] * slope
            chances = category_probabilities(eta, np.array([middle - half, middle + half]), 3, fit.link)
            voted = np.flatnonzero(design.codes[:, column] >= 0)
            total += float(np.log(chances[voted, design.codes[voted, column]]).sum())
        return -total

    return -float(minimize(loss, [0.1, 0.0, 0.0], method="Nelder-Mead", options={"maxiter": 4000}).fun)


def test_the_statistic_is_the_likelihood_ratio(fit: vs.DynamicFit) -> None:
    table = constancy(fit).tidy()
    full = [
        row
        for row in table.itertuples()
        if row.df == 3
        and all(
            len(fit.encoded.categories[fit.encoded.rollcalls.get_loc(r)]) == 3 for r in (row.old, row.new)
        )
    ]
    for row in full[:4]:
        expected = 2 * (best(fit, [row.old]) + best(fit, [row.new]) - best(fit, [row.old, row.new]))
        assert row.statistic == pytest.approx(expected, abs=2e-3)


def test_constant_items_are_seldom_rejected(fit: vs.DynamicFit) -> None:
    found = constancy(fit)
    assert len(found.table) == 8 * 3
    assert not found.table["rejected"].any()
    assert found.table["p_value"].median() > 0.2
    assert set(found.items.values()) == {f"family resolution-{k}" for k in range(8)}


def test_a_changed_text_is_found_and_split() -> None:
    record = turned(world().rollcalls, "resolution-3", 2002)
    found = constancy(fitted(record))
    rejected = found.table[found.table["rejected"]]
    assert rejected["item"].tolist() == ["family resolution-3"]
    after = record.rollcalls["date"].dt.year >= 2002
    own = record.rollcalls["family"] == "resolution-3"
    late = {found.items[rollcall] for rollcall in record.rollcalls.index[own & after]}
    early = {found.items[rollcall] for rollcall in record.rollcalls.index[own & ~after]}
    assert late == {"family resolution-3, part 2"}
    assert early == {"family resolution-3"}
    again = vs.IdealPoints(dynamics=vs.RandomWalk(items=found.items)).fit(record)
    assert isinstance(again, vs.DynamicFit)
    assert not constancy(again).table["rejected"].any()


def test_an_item_named_after_its_first_roll_call_is_split_like_any_other() -> None:
    record = turned(world().rollcalls, "resolution-3", 2002)
    families = record.rollcalls.query("family != ''").groupby("family").groups.values()
    mapping = {rollcall: ids[0] for ids in families for rollcall in ids}
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(items=mapping)).fit(record)
    assert isinstance(fit, vs.DynamicFit)
    found = constancy(fit)
    assert set(found.items) == set(mapping)
    assert found.table["rejected"].sum() == 1
    assert f"1 of {len(found.table)} pairs are rejected at 0.01" in found._repr_html_()
    again = vs.IdealPoints(dynamics=vs.RandomWalk(items=found.items)).fit(record)
    assert isinstance(again, vs.DynamicFit)
    assert again.encoded.bridges.table["bridges"].sum() == fit.encoded.bridges.table["bridges"].sum() - 1


def test_items_that_stand_still_do_not_drift(fit: vs.DynamicFit) -> None:
    found = drift(fit)
    still = found.table
    tidy = found.tidy()
    assert list(tidy.columns) == ["parameter", "estimate", "conf_low", "conf_high", "n"]
    assert tidy["estimate"].tolist() == still["omega"].tolist()
    assert "90 % likelihood intervals" in found._repr_html_()
    assert list(still.index) == ["discrimination", "midpoint", "log_gap"]
    assert (still["conf_low"] == 0).all()
    assert still.loc["midpoint", "omega"] < 0.3
    moved = world(1).rollcalls
    for family in range(8):
        moved = turned(moved, f"resolution-{family}", 2002)
    jumped = drift(fitted(moved)).table
    assert jumped.loc["discrimination", "conf_low"] > still.loc["discrimination", "conf_high"]


def test_without_a_bridge_there_is_nothing_to_test() -> None:
    record = world().rollcalls
    with pytest.warns(vs.BridgeWarning):
        alone = vs.IdealPoints(dynamics=vs.RandomWalk()).fit(record)
    assert isinstance(alone, vs.DynamicFit)
    with pytest.raises(NotUsableError, match="no bridge to test"):
        constancy(alone)
    with pytest.raises(NotUsableError, match="differences between versions cannot be estimated"):
        drift(alone)
