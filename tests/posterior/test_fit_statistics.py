"""Fit statistics, held to their definitions vote by vote."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.ideal.laplace import JointDraws
from voteshift.likelihood.terms import category_probabilities
from voteshift.posterior.fit_statistics import fit_statistics, from_probabilities, probabilities
from voteshift.posterior.predictive import all_probabilities
from voteshift.simulation import Dynamics


def test_a_case_by_hand():
    """Three members, two roll calls; the third member is away once."""
    codes = np.array([[0, 1], [0, 0], [1, -1]], dtype=np.int8)
    chances = np.zeros((3, 2, 3))
    chances[:, 0] = [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3]]
    chances[:, 1, :2] = [[0.4, 0.6], [0.9, 0.1], [0.5, 0.5]]
    found = from_probabilities(codes, np.array([3, 2], dtype=np.int8), chances, pd.Index(["a", "b"]))
    assert found.table["correct"].tolist() == [2, 2]
    assert found.table["modal"].tolist() == [2, 1]
    assert found.table["pre"].tolist() == [0.0, 1.0]
    assert found.percent_correct == pytest.approx(80.0)
    assert found.percent_modal == pytest.approx(60.0)
    assert found.apre == pytest.approx(0.5)
    assert found.gmp == pytest.approx((0.8 * 0.3 * 0.5 * 0.6 * 0.9) ** (1 / 5))
    first = 0.2**2 + 0.1**2 + 0.1**2
    assert found.table.loc["a", "brier"] == pytest.approx(
        (first + (0.7**2 + 0.6**2 + 0.1**2) + (0.2**2 + 0.5**2 + 0.3**2)) / 3
    )


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_probabilities_are_those_of_the_likelihood(simulated, link):
    fit = vs.IdealPoints(link=link).fit(simulated.rollcalls)
    found = probabilities(fit)
    design, point = fit.encoded.design, fit.mode.point
    cuts = point.cutpoints(design.n_categories)
    for column in range(0, design.n_rollcalls, 7):
        eta = point.positions @ point.discriminations[column]
        kind = int(design.n_categories[column])
        expected = category_probabilities(eta, cuts[column], kind, link)
        np.testing.assert_allclose(found[:, column, :kind], expected, atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_improbable_votes_keep_their_probability(link):
    """A vote of probability 1e-20 is not an impossible one: one of these would take all of gmp to 0."""
    eta, cuts = np.array([-40.0, -9.0, 0.1, 9.0, 40.0]), np.array([-0.4, 0.7])
    draws = JointDraws(eta[None, :, None], np.ones((1, 2, 1)), np.stack([cuts, [0.2, np.inf]])[None])
    found = all_probabilities(draws, np.array([3, 2], dtype=np.int8), link)[0]
    use = slice(1, 4) if link == "probit" else slice(None)
    np.testing.assert_allclose(found[use, 0], category_probabilities(eta[use], cuts, 3, link), rtol=1e-9)
    np.testing.assert_allclose(
        found[use, 1, :2], category_probabilities(eta[use], np.array([0.2, 0.2]), 2, link), rtol=1e-9
    )
    assert (found[use, 0] > 0).all()
    assert (found[:, 1, 2] == 0).all()


def test_a_table_holds_every_measure(simulated):
    found = fit_statistics(vs.IdealPoints().fit(simulated.rollcalls))
    table = found.tidy().set_index("measure")["estimate"]
    assert list(table.index) == ["percent_correct", "percent_modal", "apre", "gmp", "brier"]
    assert all(table[name] == getattr(found, name) for name in table.index)
    assert "percent_modal" in found._repr_html_()


def test_the_model_beats_the_guess(simulated, drawn):
    for fit in (drawn, vs.IdealPoints().fit(simulated.rollcalls)):
        found = fit_statistics(fit)
        assert found.percent_correct > found.percent_modal
        assert 0.0 < found.apre < 1.0
        assert found.table["votes"].sum() == (fit.encoded.design.codes >= 0).sum()


def test_positions_that_move_are_taken_at_their_date():
    council = vs.simulate(20, 60, seed=2, dynamics=Dynamics(n_periods=3, tau=0.3)).rollcalls
    with pytest.warns(vs.BridgeWarning):
        fit = vs.IdealPoints(dynamics=vs.RandomWalk(tau=0.3)).fit(council)
    found = fit_statistics(fit)
    assert found.percent_correct > found.percent_modal
