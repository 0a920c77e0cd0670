"""ArviZ's further groups: what they hold, that its functions take them, and that files keep them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

import voteshift as vs
from posterior.stand_in import stand_in
from voteshift.likelihood import evaluate
from voteshift.likelihood.terms import category_probabilities
from voteshift.posterior.groups import log_likelihoods
from voteshift.posterior.predictive import log_probabilities, new_votes
from voteshift.posterior.quiet import quiet
from voteshift.posterior.results import PosteriorFit


@pytest.fixture(scope="module")
def full(drawn) -> PosteriorFit:
    return drawn.with_log_likelihood().with_log_prior().with_posterior_predictive(votes=True, seed=3)


def stats():
    with quiet():
        import arviz_stats
    return arviz_stats


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_log_probabilities_are_those_of_the_categories(link):
    rng = np.random.default_rng(0)
    kinds = rng.integers(2, 4, 300).astype(np.int8)
    codes = (rng.integers(0, 3, 300) % kinds).astype(np.int8)
    eta = rng.normal(0, 2, (4, 300))
    cuts = np.cumsum(rng.random((4, 300, 2)) + 0.01, axis=-1)
    found = log_probabilities(codes, kinds, eta, cuts, link)
    for draw in range(4):
        for vote in range(300):
            chances = category_probabilities(eta[draw, [vote]], cuts[draw, vote], int(kinds[vote]), link)
            assert found[draw, vote] == pytest.approx(np.log(chances[0, codes[vote]]), rel=1e-9)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_log_probabilities_do_not_underflow(link):
    codes, kinds = np.array([0, 1, 2], dtype=np.int8), np.array([3, 3, 3], dtype=np.int8)
    found = log_probabilities(
        codes, kinds, np.array([[36.0, 36.0, -36.0]]), np.broadcast_to([0.0, 1e-9], (1, 3, 2)), link
    )
    assert np.isfinite(found).all()
    assert (found < -30).all()


def test_votes_are_drawn_with_their_probabilities():
    rng = np.random.default_rng(1)
    kinds = np.repeat(np.array([2, 3], dtype=np.int8), 40_000)
    cuts = np.broadcast_to([-0.4, 0.9], (1, 80_000, 2))
    drawn = new_votes(kinds, np.full((1, 80_000), 0.3), cuts, "probit", rng)[0]
    for kind in (2, 3):
        chances = category_probabilities(np.array([0.3]), np.array([-0.4, 0.9]), kind, "probit")[0]
        shares = np.bincount(drawn[kinds == kind], minlength=kind) / 40_000
        np.testing.assert_allclose(shares, chances, atol=0.012)


def test_the_log_likelihood_is_that_of_the_core(full):
    """Vote by vote it adds up to what the kernel returns, in every draw."""
    group = full.tree["log_likelihood"]["vote"]
    design = full.encoded.design
    assert group.dims == ("chain", "draw", "cast")
    totals = group.sum("cast").to_numpy().ravel()
    for draw in (0, 777, 1999):
        at = full.picked(np.array([draw]), list(map(str, full.encoded.rollcalls)))
        expected = evaluate(design, at.positions, at.discriminations[0], at.cutpoints[0]).value
        assert totals[draw] == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(log_likelihoods(full, np.array([3, 1])), totals[[3, 1]])
    one = group.isel(cast=17)
    row = full.encoded.members.get_loc(str(one["member"].item()))
    column = full.encoded.rollcalls.get_loc(str(one["rollcall"].item()))
    assert design.codes[row, column] >= 0


def test_the_log_prior_is_that_of_the_specification(full):
    """Priors with an estimated standard deviation are left out, those of midpoints included."""
    group = full.tree["log_prior"]
    assert list(group.data_vars) == ["log_gap"]
    expected = norm(0, vs.Priors().log_gap).logpdf(full.tree["posterior"]["log_gap"])
    np.testing.assert_allclose(group["log_gap"], expected, rtol=1e-12)
    np.testing.assert_allclose(full.log_priors(), group["log_gap"].sum(axis=-1).to_numpy().ravel())
    assert full.fixed_priors == "gaps"


def test_draws_of_a_version_that_fixed_the_width_of_midpoints(full):
    """Their log prior contains the midpoints."""
    tree = full.tree.copy()
    tree["posterior"] = tree["posterior"].to_dataset().drop_vars("midpoint_sd")
    former = replace(full, tree=tree)
    assert former.fixed_priors == "midpoints and gaps"
    assert former.priors["midpoint"]["sd"] == vs.Priors().midpoint
    expected = norm(0, vs.Priors().midpoint).logpdf(tree["posterior"]["midpoint"])
    np.testing.assert_allclose(former.with_log_prior().tree["log_prior"]["midpoint"], expected, rtol=1e-12)


def test_without_a_fixed_prior_there_is_no_log_prior():
    binary = stand_in(vs.simulate(12, 20, seed=1, categories=2).rollcalls, 20)
    assert binary.fixed_priors == ""
    with pytest.raises(vs.NotUsableError, match="no prior with a fixed standard deviation"):
        binary.with_log_prior()


def test_tallies_drawn_anew_stand_beside_those_on_record(full, simulated):
    found, seen = full.tree["posterior_predictive"]["tally"], full.tree["observed_data"]["tally"]
    tally = simulated.rollcalls.tally().loc[full.encoded.rollcalls]
    np.testing.assert_array_equal(seen.to_numpy(), tally[["no", "abstain", "yes"]])
    # Who voted is not drawn anew.
    assert (found.sum("category") == seen.sum("category")).all()
    low, high = found.quantile([0.025, 0.975], ("chain", "draw")).to_numpy()
    inside = (low <= seen.to_numpy()) & (seen.to_numpy() <= high)
    assert inside.mean() > 0.95
    votes = full.tree["posterior_predictive"]["vote"]
    first = votes["cast_rollcall"].to_numpy() == full.encoded.rollcalls[0]
    top = votes[0, 0].to_numpy()[first] == len(full.encoded.categories[0]) - 1
    assert top.sum() == found[0, 0, 0].sel(category=full.encoded.categories[0][-1])
    again = full.with_posterior_predictive(seed=3).tree["posterior_predictive"]
    assert again["tally"].identical(found)
    assert "vote" not in again


# What it says of votes that weigh heavily is its answer, not an error.
@pytest.mark.filterwarnings("ignore:Estimated shape parameter")
def test_arviz_takes_the_groups(full):
    loo = stats().loo(full.tree, pointwise=True)
    assert loo.n_data_points == (full.encoded.design.codes >= 0).sum()
    in_sample = full.tree["log_likelihood"]["vote"].to_numpy().reshape(2000, -1)
    lppd = np.log(np.exp(in_sample).mean(axis=0)).sum()
    # Two estimates of the effective number of parameters, by leaving out and by WAIC, are of a size.
    by_waic = in_sample.var(axis=0, ddof=1).sum()
    assert lppd - loo.elpd == pytest.approx(by_waic, rel=0.3)
    sense = stats().psense(full.tree, var_names=["position"], group="prior")
    assert float(np.asarray(sense["position"]).max()) < 0.5
    sense = stats().psense(full.tree, var_names=["midpoint"], group="likelihood")
    assert float(np.median(np.asarray(sense["midpoint"]))) > 0.05


def test_files_keep_them_without_loss(full, tmp_path):
    path = tmp_path / "posterior.nc"
    full.save(path)
    back = vs.load_posterior(path)
    assert back.tree.identical(full.tree)
    assert {"log_likelihood", "log_prior", "posterior_predictive"} <= set(back.tree.children)
    assert back.with_log_prior().tree.identical(full.tree)


def test_what_is_too_large_is_refused(drawn):
    with pytest.raises(vs.UsageError, match="GiB"):
        drawn.with_log_likelihood(largest=1e-3)
    with pytest.raises(vs.UsageError, match="GiB"):
        drawn.with_posterior_predictive(votes=True, largest=1e-3)
