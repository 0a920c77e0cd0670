"""Whether parts hang on the priors, from draws; and that it is said with the explanation."""

import numpy as np
import pytest

import voteshift as vs
from posterior.stand_in import stand_in
from voteshift.checks.prior_sensitivity import PriorSensitivity, prior_sensitivity
from voteshift.cli.explain_document import as_document
from voteshift.compose.findings import findings
from voteshift.posterior.results import PosteriorFit


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.load_hrc()


@pytest.fixture(scope="module")
def why(record):
    fit = stand_in(record.between("2017", "2021"))
    return vs.explain(record, model=fit, draws=vs.Draws(1000), member_effect=False)


def test_every_part_has_its_two_numbers(why):
    table = prior_sensitivity(why).table
    assert set(table["component"]) == {"membership", "switching"}
    assert len(table) == len(why.steps) * 2 * 3
    assert np.isfinite(table[["prior", "likelihood"]]).all(axis=None)
    assert (table[["prior", "likelihood"]] >= 0).all(axis=None)
    assert ((table["prior"] < 0.05) == (table["diagnosis"] == "")).all()


def test_parts_sum_to_a_constant_so_two_of_them_agree(why):
    """Membership is the change on record less switching: distributions that are mirror images."""
    table = prior_sensitivity(why).table.set_index(["old", "new", "category", "component"])["prior"].unstack()
    np.testing.assert_allclose(table["membership"], table["switching"], rtol=1e-6)


def test_it_is_said_and_written(why, record):
    result = prior_sensitivity(why)
    assert isinstance(result, PriorSensitivity)
    assert f"{result.table['prior'].max():.2f}" in result.text
    found = findings(why, ("prior_sensitivity",))
    assert len(as_document(found)["prior_sensitivity"]) == len(result.table)
    normal = vs.explain(
        record, model=vs.IdealPoints().fit(record.between("2017", "2021")), draws=vs.Draws(200)
    )
    assert isinstance(prior_sensitivity(normal), vs.Unavailable)
    assert as_document(findings(normal, ("prior_sensitivity",)))["prior_sensitivity"] == []


def test_a_part_that_follows_the_prior_is_marked(why, monkeypatch):
    """Had the draws been those of tight priors, the parts would hang on them."""
    change = why.steps[0].model.draws.corners[1, 0, :, 0] - why.steps[0].model.draws.corners[0, 0, :, 0]
    which = why.fit.order(why.draws.n, why.draws.seed)
    tilted = 0.1 * np.random.default_rng(0).standard_normal(why.fit.n_draws)
    tilted[which] += 3.0 * (change - change.mean())
    monkeypatch.setattr(PosteriorFit, "log_priors", lambda _: tilted)
    table = prior_sensitivity(why).table
    assert (table.loc[table["old"] == why.steps[0].old, "diagnosis"] != "").any()
    assert "Sensitive: " in prior_sensitivity(why).text
