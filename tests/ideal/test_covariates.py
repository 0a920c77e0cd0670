"""Positions on covariates: slopes in simulated worlds, invariances, errors."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.ideal import Covariates, Priors, RandomWalk
from voteshift.ideal.covariates import Regression
from voteshift.ideal.slopes import draw_predictors

N_MEMBERS = 60


def draw_world(seed: int, *, ordered: bool = False, n_rollcalls: int = 80) -> vs.RollCalls:
    """Draw a record whose positions depend on a skewed trait, with residuals in two camps."""
    rng = np.random.default_rng(seed)
    trait = rng.gamma(2.0, 1.0, N_MEMBERS)
    x = 0.6 * trait + 0.6 * np.where(rng.random(N_MEMBERS) < 0.5, -1.0, 1.0)
    x = (x - x.mean()) / x.std()
    slope = rng.choice([-1.0, 1.0], n_rollcalls) * rng.uniform(0.5, 2.0, n_rollcalls)
    latent = slope * (x[:, None] - rng.uniform(-1.5, 1.5, n_rollcalls))
    latent += rng.logistic(size=latent.shape)
    words = np.where(latent > 0, "yes", "no").astype(object)
    if ordered:
        words[(latent > 0) & (latent < 0.7)] = "abstain"
    members = [f"M{i:02d}" for i in range(N_MEMBERS)]
    record = vs.RollCalls.from_wide(
        pd.DataFrame(words, index=members, columns=[f"R{j}" for j in range(n_rollcalls)])
    )
    traits = {"trait": trait, "camp": np.where(x > 0, "left", "right"), "truth": x, "same": 1.0}
    members_table = record.members.assign(
        **{name: pd.Series(values, members) for name, values in traits.items()}
    )
    return vs.RollCalls(record.votes, members_table, record.rollcalls)


def fit(record: vs.RollCalls, positions: Any, **spec: Any) -> vs.IdealFit:
    result = vs.IdealPoints(method="marginal", priors=Priors(positions=positions), **spec).fit(record)
    assert isinstance(result, vs.IdealFit)
    assert result.converged
    return result


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return draw_world(1)


@pytest.fixture(scope="module")
def fitted(record: vs.RollCalls) -> vs.IdealFit:
    return fit(record, "~ trait", polarity="M00")


@pytest.mark.slow
def test_slopes_are_those_of_the_true_positions(record: vs.RollCalls) -> None:
    """With few roll calls, the regression of estimated positions is biased towards 0; the slope is not."""
    ratios = []
    for seed in range(12):
        world = draw_world(seed, n_rollcalls=10, ordered=bool(seed % 2))
        truth, trait = world.members["truth"].to_numpy(float), world.members["trait"].to_numpy(float)
        exact = np.polyfit(trait, truth, 1)[0]
        result = fit(world, "~ trait")
        sign = np.sign(np.corrcoef(truth, result.tidy()["estimate"])[0, 1])
        plain = vs.IdealPoints(method="marginal").fit(world).tidy()["estimate"].to_numpy()
        two_steps = abs(np.polyfit(trait, plain, 1)[0])
        ratios.append([sign * result.slopes.tidy()["estimate"][0] / exact, two_steps / exact])
    joint, two_steps = np.mean(ratios, axis=0)
    assert abs(joint - 1) < 0.1
    assert two_steps < 0.85


def test_the_slope_is_the_regression_of_the_means_and_its_error_is_larger(fitted: vs.IdealFit) -> None:
    trait = fitted.model.regression
    assert trait is not None
    row = fitted.slopes.tidy().iloc[0]
    x = fitted.reported.positions[:, 0]
    expected = trait.slopes(x)[0]
    np.testing.assert_allclose(row["estimate"], expected)
    naive = fitted.slopes.residual_sd * np.sqrt(trait.unscaled_covariance[0, 0])
    assert row["std_error"] > naive


def test_drawn_predictors_are_the_posterior_given_positions() -> None:
    """For known positions: Student-t slopes around least squares, computed here from the normal equations."""
    rng = np.random.default_rng(5)
    n_members, n_draws = 40, 20_000
    W = rng.standard_normal((n_members, 2))
    x = 0.4 + W @ [0.8, -0.3] + rng.normal(0, 0.5, n_members)
    basis, root = np.linalg.qr(W - W.mean(axis=0))
    regression = Regression("~ a + b", ("a", "b"), basis, root)
    predictors, sds = draw_predictors(regression, np.tile(x, (n_draws, 1)), rng)
    X = np.column_stack([np.ones(n_members), W])
    fitted = X @ np.linalg.lstsq(X, x, rcond=None)[0]
    df = n_members - 3
    variance = ((x - fitted) ** 2).sum() / df
    assert regression.df == df
    assert predictors.mean(axis=0) == pytest.approx(fitted, abs=0.01)
    hat = np.einsum("ij,jk,ik->i", X, np.linalg.inv(X.T @ X), X) - 1 / n_members
    assert predictors.var(axis=0) == pytest.approx(variance * df / (df - 2) * hat, rel=0.06)
    assert (sds**-2).mean() == pytest.approx(1 / variance, rel=0.02)


def test_the_gradient_is_that_of_the_log_posterior(fitted: vs.IdealFit) -> None:
    from voteshift.ideal.objective import log_posterior

    point, model = fitted.mode.point, fitted.model
    rng = np.random.default_rng(0)
    step = point.like(1e-5 * rng.standard_normal(len(point.flat())))
    start = point.moved(point.like(rng.standard_normal(len(point.flat()))), 0.1)
    ahead, behind = start.moved(step, 1.0), start.moved(step, -1.0)
    change = log_posterior(model, ahead).value - log_posterior(model, behind).value
    slope = log_posterior(model, start).gradient.flat() @ (ahead.flat() - behind.flat())
    np.testing.assert_allclose(change, slope, rtol=1e-4)


def test_rescaling_a_covariate_rescales_its_slope(record: vs.RollCalls, fitted: vs.IdealFit) -> None:
    members = record.members.assign(trait=7.0 - 10.0 * record.members["trait"])
    other = fit(vs.RollCalls(record.votes, members, record.rollcalls), "~ trait", polarity="M00")
    columns = ["estimate", "std_error"]
    one, two = fitted.slopes.tidy()[columns].to_numpy()[0], other.slopes.tidy()[columns].to_numpy()[0]
    np.testing.assert_allclose(two, one * [-0.1, 0.1], rtol=1e-6)
    np.testing.assert_allclose(other.reported.positions, fitted.reported.positions, atol=1e-6)


def test_the_order_of_members_does_not_matter(record: vs.RollCalls, fitted: vs.IdealFit) -> None:
    turned = record.select(members=list(record.members.index[::-1]))
    order = np.arange(N_MEMBERS)[::-1]
    turned = vs.RollCalls(record.votes[order], record.members.iloc[order], record.rollcalls)
    other = fit(turned, "~ trait", polarity="M00").slopes.tidy()
    np.testing.assert_allclose(
        other[["estimate", "std_error"]].to_numpy(float),
        fitted.slopes.tidy()[["estimate", "std_error"]].to_numpy(float),
        rtol=1e-3,
    )


def test_the_base_of_a_category_does_not_change_positions(record: vs.RollCalls) -> None:
    one = fit(record, "~ C(camp) + trait")
    two = fit(record, "~ C(camp, Treatment('right')) + trait")
    np.testing.assert_allclose(one.reported.positions, two.reported.positions, atol=1e-6)
    assert len(one.slopes.tidy()) == 2


def test_without_covariates_the_fit_is_the_plain_fit(record: vs.RollCalls) -> None:
    plain = vs.IdealPoints(method="marginal").fit(record)
    assert isinstance(plain, vs.IdealFit)
    pd.testing.assert_frame_equal(fit(record, None).tidy(), plain.tidy())
    with pytest.raises(UsageError, match="no covariates"):
        plain.slopes  # noqa: B018


def test_a_table_gives_covariates_and_missing_values_are_named(record: vs.RollCalls) -> None:
    table = pd.DataFrame({"member": record.members.index, "wealth": record.members["trait"].to_numpy()})
    table.loc[3, "wealth"] = np.nan
    table = table.drop(index=5)
    with pytest.raises(InputError, match="missing values of wealth for 2 of 60 members: M03, M05"):
        fit(record, Covariates("~ wealth", table))
    result = fit(record, Covariates("~ wealth", table, missing="drop"))
    assert result.slopes.left_out == ("M03", "M05")
    assert result.n_members == 58
    assert any("2 members left out" in caution for caution in result.cautions)


def test_numbers_are_averaged_over_the_years_of_the_roll_calls() -> None:
    record = vs.load_hrc().between("2018", "2019")
    table = pd.DataFrame(
        [
            {"iso3": member, "year": year, "wealth": k + year}
            for k, member in enumerate(record.members.index)
            for year in (2017, 2018, 2019)
        ]
    )
    once = table[table["year"] == 2018].drop(columns="year")
    one, two = (fit(record, Covariates("~ wealth", frame)).slopes.tidy() for frame in (table, once))
    np.testing.assert_allclose(one["estimate"], two["estimate"])


@pytest.mark.parametrize(
    ("positions", "error", "words"),
    [
        ("~ same", NotUsableError, "collinear"),
        ("~ trait + I(2 * trait)", NotUsableError, "collinear"),
        ("~ nothing", UsageError, "nothing"),
        ("~ 1", UsageError, "no covariate"),
        ("trait", UsageError, "formula of covariates"),
        (3, UsageError, "type int"),
    ],
)
def test_errors(record: vs.RollCalls, positions: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        fit(record, positions)


def test_refused_models(record: vs.RollCalls) -> None:
    priors = Priors(positions="~ trait")
    with pytest.raises(UsageError, match="biased towards 0 at the joint mode"):
        vs.IdealPoints(priors=priors, method="mode").fit(record)
    with pytest.raises(UsageError, match="constant positions in one dimension"):
        vs.IdealPoints(priors=priors, dims=2)
    with pytest.raises(UsageError, match="constant positions in one dimension"):
        vs.IdealPoints(priors=priors, dynamics=RandomWalk())


def test_a_fit_is_read_as_it_was_written(fitted: vs.IdealFit, tmp_path: Any) -> None:
    fitted.save(tmp_path / "fit.npz")
    pd.testing.assert_frame_equal(vs.ideal.load_fit(tmp_path / "fit.npz").slopes.tidy(), fitted.slopes.tidy())
