"""What covariates of positions account for: the integral against draws, regional seats, and sentences."""

from dataclasses import replace

import numpy as np
import pytest

import voteshift as vs
from voteshift.checks.covariate_parts import CovariateParts, covariate_parts, parts_of_covariates
from voteshift.ideal import Covariates, Priors
from voteshift.report.build import make_report
from voteshift.shift.parts import StepDraws
from voteshift.shift.shapley import shapley


@pytest.fixture(scope="module")
def why(benchmark_script) -> vs.Explanation:
    """A simulated chamber whose members that came differ in a covariate from those that left."""
    record, traits, _ = benchmark_script("covariate_parts").make_world("normal", 3)
    priors = Priors(positions=Covariates("~ trait", traits))
    spec = vs.IdealPoints(method="marginal", priors=priors)
    return vs.explain(record, "fish", model=spec, draws=vs.Draws(400), member_effect=False)


@pytest.fixture(scope="module")
def by_group(record) -> vs.Explanation:
    spec = vs.IdealPoints(method="marginal", priors=Priors(positions="~ C(group)"))
    return vs.explain(record, model=spec, member_effect=False)


@pytest.fixture(scope="module")
def found(why) -> CovariateParts:
    result = covariate_parts(why)
    assert isinstance(result, CovariateParts)
    return result


def step_of(why: vs.Explanation, n_draws: int) -> StepDraws:
    """The step of a single draw, repeated."""
    tallies, latent = why.models.tallies, why.models.tallies.latent
    first = {
        name: np.repeat(getattr(latent, name)[:1], n_draws, axis=0)
        for name in ("positions", "discriminations", "cutpoints")
    }
    repeated = replace(
        tallies, latent=replace(latent, **first), noise=np.repeat(tallies.noise[:1], n_draws, axis=0)
    )
    return StepDraws(repeated, 0, 1, "expected", apart=False)


def test_the_integral_is_the_mean_over_drawn_residuals(why):
    n_draws, rng = 4000, np.random.default_rng(1)
    step = step_of(why, n_draws)
    n_members = step.tallies.votes.shape[0]
    predictors = np.broadcast_to(rng.standard_normal(n_members), (n_draws, n_members))
    sds = np.full(n_draws, 0.8)
    exact = parts_of_covariates(step, predictors, sds)[:, 0]
    positions = (predictors + 0.8 * rng.standard_normal((n_draws, n_members)))[:, None, :, None]
    latent = replace(step.tallies.latent, positions=positions)
    drawn = replace(step, tallies=replace(step.tallies, latent=latent))
    parts = shapley(drawn.corners, drawn.n_factors).parts
    error = parts.std(axis=1) / np.sqrt(n_draws)
    assert (np.abs(parts.mean(axis=1) - exact) < 4 * error).all()
    # The residuals matter: members at their predicted positions would vote otherwise.
    without = parts_of_covariates(step, predictors, 0 * sds)[:, 0]
    assert (np.abs(without - exact) > 8 * error).any()


def test_without_residuals_predictors_are_positions(why):
    step = step_of(why, 2)
    positions = step.tallies.latent.positions[:, 0, :, 0]
    same = parts_of_covariates(step, positions, np.zeros(2))
    assert same == pytest.approx(shapley(step.corners, step.n_factors).parts, abs=1e-12)


def test_covariates_and_the_rest_add_up_to_the_expected_part(why, found):
    table = found.tidy().set_index(["source", "component", "category"])["estimate"]
    total = table["covariates"] + table["rest"]
    assert total.to_numpy() == pytest.approx(table["positions"].to_numpy())
    expected = vs.explain(why.record, "fish", model=why.fit, draws=why.draws, member_effect=False)
    expected = expected.models.tallies.expected.mean(axis=0)
    change = np.diagonal(expected, axis1=0, axis2=1)
    assert table["positions"].groupby("category").sum()["yes"] == pytest.approx(change[2, 1] - change[2, 0])


def test_the_covariate_accounts_for_the_planted_part(why, found, benchmark_script):
    """Members that came have higher covariates; with the covariates shuffled, they account for little."""
    _, _, truth = benchmark_script("covariate_parts").make_world("normal", 3)
    table = found.tidy().query("component == 'membership' and category == 'yes'").set_index("source")
    row = table.loc["covariates"]
    assert truth["covariates"] > 3
    assert row["conf_low"] < truth["covariates"] < row["conf_high"]
    record, traits, _ = benchmark_script("covariate_parts").make_world("normal", 3)
    shuffled = traits.assign(trait=np.random.default_rng(0).permutation(traits["trait"]))
    spec = vs.IdealPoints(method="marginal", priors=Priors(positions=Covariates("~ trait", shuffled)))
    other = vs.explain(record, "fish", model=spec, draws=vs.Draws(400), member_effect=False)
    table = covariate_parts(other).tidy().query("component == 'membership' and category == 'yes'")
    assert abs(table.set_index("source").loc["covariates", "estimate"]) < 1.5


def test_regional_groups_with_fixed_seats_account_for_no_change_of_membership(by_group):
    """From 2020 to 2021 every group kept its number of voting members."""
    result = covariate_parts(by_group)
    table = result.tidy()
    table = table[(table["component"] == "membership") & (table["old"] == by_group.steps[1].old)]
    table = table.set_index(["source", "category"])["estimate"]
    assert table["covariates"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert table["positions", "yes"] > 1


def test_it_runs_by_default_and_is_in_the_report(why):
    sentences = "of which covariates"
    assert vs.checks.default_checks(why) == (*vs.checks.DEFAULT_CHECKS, "covariate_parts")
    result = covariate_parts(why)
    assert sentences in result.text
    assert result.verdict == "noted"
    page = make_report(vs.findings(why, ("covariate_parts",))).markdown()
    assert "Covariate parts" in page
    assert sentences in page


def test_models_without_covariates_have_no_such_parts(trio):
    assert "no covariates" in str(covariate_parts(trio))
    assert vs.checks.default_checks(trio) == vs.checks.DEFAULT_CHECKS
