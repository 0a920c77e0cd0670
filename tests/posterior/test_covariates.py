"""Slopes of positions on covariates by sampling: against the marginal fit, saved and loaded."""

import pandas as pd
import pytest

import voteshift as vs
from voteshift.datasets import load_covariates
from voteshift.ideal import Covariates, Priors

pytest.importorskip("nutpie")


@pytest.mark.slow
def test_draws_and_the_marginal_fit_agree(tmp_path):
    record = vs.load_hrc().between("2020", "2020")
    covariates = Covariates("~ log(gdp_per_head) + voice", load_covariates(), missing="drop")
    spec = vs.IdealPoints(method="marginal", priors=Priors(positions=covariates))
    marginal = spec.fit(record)
    sampled = vs.sample(record, spec, draws=400, tune=400, chains=2, seed=1)
    one, two = marginal.slopes, sampled.slopes
    near, far = one.tidy().set_index("term"), two.tidy().set_index("term")
    assert (abs(near["estimate"] - far["estimate"]) < 0.5 * far["std_error"]).all()
    assert ((near["std_error"] / far["std_error"]).between(0.75, 1.25)).all()
    assert abs(one.share.estimate - two.share.estimate) < 0.05
    assert two.left_out == one.left_out != ()
    sampled.save(tmp_path / "draws.nc")
    loaded = vs.load_posterior(tmp_path / "draws.nc")
    pd.testing.assert_frame_equal(loaded.slopes.tidy(), two.tidy())
    assert loaded.spec == sampled.spec


@pytest.mark.slow
def test_draws_and_the_marginal_fit_agree_on_items(tmp_path):
    record = vs.load_hrc().between("2020", "2021")
    spec = vs.IdealPoints(priors=Priors(item_means="~ amendment"))
    marginal = spec.fit(record)
    sampled = vs.sample(record, spec, draws=600, tune=600, chains=2, seed=1)
    one, two = marginal.item_slopes, sampled.item_slopes
    near, far = one.tidy().set_index(["parameter", "term"]), two.tidy().set_index(["parameter", "term"])
    assert (abs(near["estimate"] - far["estimate"]) < 0.6 * far["std_error"]).all()
    assert ((near["std_error"] / far["std_error"]).between(0.7, 1.25)).all()
    assert two.residual_sds["midpoint"] == pytest.approx(one.residual_sds["midpoint"], rel=0.2)
    sampled.save(tmp_path / "draws.nc")
    loaded = vs.load_posterior(tmp_path / "draws.nc")
    pd.testing.assert_frame_equal(loaded.item_slopes.tidy(), two.tidy())
    assert loaded.spec == sampled.spec
    assert two.rare == one.rare == ()
    with pytest.raises(vs.UsageError, match="no covariates"):
        sampled.slopes  # noqa: B018
