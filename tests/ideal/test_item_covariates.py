"""Items on covariates of roll calls: closed forms, simulated worlds, invariances, errors."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag

import voteshift as vs
from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.ideal import Covariates, Priors
from voteshift.ideal.item_covariates import ItemRegression
from voteshift.ideal.laplace import _information, _tangent
from voteshift.ideal.objective import log_posterior

N_MEMBERS, N_ROLLCALLS = 40, 120


def draw_world(seed: int, n_rollcalls: int = N_ROLLCALLS) -> vs.RollCalls:
    """Draw a record in which urgent roll calls divide members more; residuals are uniform."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1.7, 1.7, N_MEMBERS))
    x = (x - x.mean()) / x.std()
    urgent, pages = rng.random(n_rollcalls) < 0.5, rng.gamma(2.0, 1.0, n_rollcalls)
    slopes = 0.6 + 0.9 * urgent + rng.uniform(-1.2, 1.2, n_rollcalls)
    midpoints = -0.4 + 0.3 * pages + rng.uniform(-1.0, 1.0, n_rollcalls)
    latent = np.outer(x, slopes) - midpoints + rng.logistic(size=(N_MEMBERS, n_rollcalls))
    words = np.where(latent > 0, "yes", "no").astype(object)
    words[rng.random(words.shape) < 0.1] = "absent"
    members = [f"M{i:02d}" for i in range(N_MEMBERS)]
    columns = [f"R{j:03d}" for j in range(n_rollcalls)]
    record = vs.RollCalls.from_wide(pd.DataFrame(words, index=members, columns=columns))
    frame = record.rollcalls.assign(
        urgent=pd.Series(urgent, columns),
        pages=pd.Series(pages, columns),
        yes=(words == "yes").sum(axis=0),
        sponsor=pd.Series(np.where(rng.random(n_rollcalls) < 0.4, "north", "south"), columns),
        same=1.0,
    )
    return vs.RollCalls(record.votes, record.members, frame, polarity="M39")


def fit(record: vs.RollCalls, items: Any, **spec: Any) -> vs.IdealFit:
    result = vs.IdealPoints(priors=Priors(item_means=items), **spec).fit(record)
    assert isinstance(result, vs.IdealFit)
    assert result.converged
    return result


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return draw_world(1)


@pytest.fixture(scope="module")
def fitted(record: vs.RollCalls) -> vs.IdealFit:
    return fit(record, "~ urgent + pages")


def test_a_step_of_normal_items_is_generalised_least_squares() -> None:
    """With y_j ~ N(theta_j, V_j) and theta_j ~ N(X g, D^-1), one step reaches the maximum of p(g | y)."""
    rng = np.random.default_rng(2)
    n_items, sds = 30, np.array([1.3, 0.6])
    matrix = np.column_stack([np.ones(n_items), rng.normal(size=n_items)])
    y = rng.normal(size=(n_items, 2)) + matrix @ rng.normal(size=(2, 2))
    roots = rng.normal(size=(n_items, 2, 2))
    noise = roots @ roots.transpose(0, 2, 1) + 0.1 * np.eye(2)
    plain = ItemRegression.of("~ x", ("Intercept", "x"), matrix)
    start = replace(plain, coefficients=rng.normal(size=(2, 2)))
    prior = np.diag(sds**2)
    gains = prior @ np.linalg.inv(noise + prior)
    means = start.means + np.einsum("jab,jb->ja", gains, y - start.means)
    covariance = prior - gains @ prior
    spread = np.stack([covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]], axis=1)
    found = start.update(means, spread, sds)
    design = np.einsum("jt,ab->jabt", matrix, np.eye(2)).reshape(n_items, 2, 4)
    weights = np.linalg.inv(noise + prior)
    from_terms = np.linalg.inv(start.to_terms)
    by_prior = np.kron(np.diag((2.5 * sds) ** -2.0), from_terms.T @ from_terms)
    information = np.einsum("jpa,jpq,jqb->ab", design, weights, design) + by_prior
    want = np.linalg.solve(information, np.einsum("jpa,jpq,jq->a", design, weights, y))
    np.testing.assert_allclose(found.regression.slopes.ravel(), want, rtol=1e-9)
    to_terms = np.kron(np.eye(2), start.to_terms)
    by_basis = np.linalg.inv(start.information(sds, covariance))
    np.testing.assert_allclose(to_terms @ by_basis @ to_terms.T, np.linalg.inv(information), rtol=1e-9)
    # The moments of the items, integrated over the slopes, against the joint normal distribution of all.
    joint = np.zeros((4 + 2 * n_items, 4 + 2 * n_items))
    for j in range(n_items):
        place = slice(4 + 2 * j, 6 + 2 * j)
        joint[place, place] = np.linalg.inv(noise[j]) + np.linalg.inv(prior)
        joint[:4, place] = -design[j].T @ np.linalg.inv(prior)
        joint[place, :4] = joint[:4, place].T
        joint[:4, :4] += design[j].T @ np.linalg.inv(prior) @ design[j]
    joint[:4, :4] += by_prior
    whole = np.linalg.inv(joint)
    for j in (0, 7):
        place = slice(4 + 2 * j, 6 + 2 * j)
        block = whole[place, place]
        np.testing.assert_allclose(found.covariances[j], block[[0, 0, 1], [0, 1, 1]], rtol=1e-8)
        minus = np.hstack([-design[j], np.eye(2)])
        rows = np.r_[0:4, place]
        within = minus @ whole[np.ix_(rows, rows)] @ minus.T
        np.testing.assert_allclose(found.residual_variances[j], np.diag(within), rtol=1e-8)


def test_the_fit_is_a_maximum_by_the_coefficients(fitted: vs.IdealFit) -> None:
    """At convergence, the residuals of the posterior means are orthogonal to the covariates."""
    model, point = fitted.model, fitted.mode.point
    assert model.items is not None
    residuals = np.column_stack([point.discriminations[:, 0], point.midpoints]) - model.items.means
    sds = np.array([model.priors.discrimination, model.priors.midpoint])
    drawn_back = model.items.coefficients.T / 2.5**2
    scores = (model.items.basis.T @ residuals - drawn_back) / sds
    assert np.abs(scores).max() < 0.05
    other = replace(model.items, coefficients=model.items.coefficients + 0.05)
    moved = np.column_stack([point.discriminations[:, 0], point.midpoints]) - other.means
    assert np.abs(other.basis.T @ (moved / sds)).max() > 1.0
    assert np.abs(model.items.coefficients).max() > 0.1


def test_slopes_follow_the_truth() -> None:
    """Four slopes in eight worlds whose residuals are uniform."""
    covered = []
    for seed in range(1, 9):
        table = fit(draw_world(seed), "~ urgent + pages").item_slopes.tidy().set_index(["parameter", "term"])
        for key, true in {
            ("discrimination", "urgent"): 0.9,
            ("discrimination", "pages"): 0.0,
            ("midpoint", "urgent"): 0.0,
            ("midpoint", "pages"): 0.3,
        }.items():
            row = table.loc[key]
            covered.append(row["conf_low"] <= true <= row["conf_high"])
    assert 0.78 <= np.mean(covered) <= 0.99


def test_slopes_are_those_of_regressions_of_draws(fitted: vs.IdealFit) -> None:
    """Given the midpoints, slopes are normal around least squares: the law of total covariance."""
    approximation, model = fitted.laplace, fitted.model
    assert model.items is not None
    n_terms, basis = len(model.items.terms), model.items.basis
    columns = np.arange(fitted.n_rollcalls)
    drawn = approximation.draw(20_000, columns, np.random.default_rng(4)).cutpoints[..., 0]
    weight = len(basis) + 2.5**-2  # with the prior of the slopes
    want = np.cov((drawn @ basis / weight).T) + np.eye(n_terms) * model.priors.midpoint**2 / weight
    found = approximation.slope_covariance()[n_terms:, n_terms:]
    np.testing.assert_allclose(found, want, atol=0.05 * np.abs(want).max())


def test_positions_include_the_uncertainty_of_slopes(fitted: vs.IdealFit) -> None:
    """The joint information of positions and coefficients, inverted as a whole."""
    model, point, found = fitted.model, fitted.mode.point, fitted.laplace
    slopes = found.item_slopes
    assert slopes is not None
    slope = log_posterior(model, point, information="observed")
    inner = np.linalg.inv(slopes.root @ slopes.root.T)
    cross = -slopes.shift.T @ inner
    whole = np.block([[_information(model, point, slope, found.item_roots), cross], [cross.T, inner]])
    tangent = block_diag(_tangent(point.positions), np.eye(len(inner)))
    covariance = tangent @ np.linalg.inv(tangent.T @ whole @ tangent) @ tangent.T
    n_members = len(point.positions)
    np.testing.assert_allclose(
        found.position_root @ found.position_root.T, covariance[:n_members, :n_members], atol=1e-9
    )
    np.testing.assert_allclose(found.slope_covariance(), covariance[n_members:, n_members:], rtol=1e-6)


def test_a_mirrored_axis_mirrors_discriminations_alone(record: vs.RollCalls, fitted: vs.IdealFit) -> None:
    one = fitted.item_slopes.tidy()
    other = fit(record, "~ urgent + pages", polarity="M00").item_slopes.tidy()
    sign = np.where(one["parameter"] == "discrimination", -1.0, 1.0)
    np.testing.assert_allclose(one["estimate"], sign * other["estimate"], atol=2e-3)
    np.testing.assert_allclose(one["std_error"], other["std_error"], rtol=2e-3)


def test_units_and_bases_change_slopes_alone(record: vs.RollCalls, fitted: vs.IdealFit) -> None:
    rescaled = vs.RollCalls(
        record.votes,
        record.members,
        record.rollcalls.assign(pages=10.0 * record.rollcalls["pages"] - 3.0),
        polarity="M39",
    )
    other = fit(rescaled, "~ urgent + pages")
    one, two = (one.item_slopes.tidy().set_index(["parameter", "term"]) for one in (fitted, other))
    for parameter in ("discrimination", "midpoint"):
        key = (parameter, "pages")
        assert two.loc[key, "estimate"] == pytest.approx(one.loc[key, "estimate"] / 10, abs=1e-4)
    np.testing.assert_allclose(
        fitted.tidy()["estimate"].to_numpy(), other.tidy()["estimate"].to_numpy(), atol=1e-3
    )


def test_both_formulas_at_once(record: vs.RollCalls) -> None:
    noise = np.random.default_rng(5).normal(size=N_MEMBERS)
    trait = pd.Series(np.linspace(-1, 1, N_MEMBERS) + noise, record.members.index)
    both = vs.RollCalls(record.votes, record.members.assign(trait=trait), record.rollcalls, polarity="M39")
    spec = vs.IdealPoints(priors=Priors(positions="~ trait", item_means="~ urgent"))
    result = spec.fit(both)
    assert isinstance(result, vs.IdealFit)
    assert result.converged
    assert result.slopes.tidy()["estimate"][0] > 0
    assert len(result.item_slopes.tidy()) == 4


def test_a_table_gives_covariates_and_missing_values_are_named(record: vs.RollCalls) -> None:
    ids = record.rollcalls.index
    table = pd.DataFrame({"rollcall": ids, "cost": np.linspace(0, 1, len(ids))})
    table.loc[[2, 5], "cost"] = np.nan
    with pytest.raises(InputError, match="missing values of cost for 2 of 120 roll calls: R002, R005"):
        fit(record, Covariates("~ cost", table))
    result = fit(record, Covariates("~ cost", table, missing="drop"))
    assert result.item_slopes.left_out == ("R002", "R005")
    assert any("2 roll calls left out" in caution for caution in result.cautions)
    assert "R002" not in result.rollcall_ids


@pytest.mark.parametrize(
    ("items", "error", "words"),
    [
        ("~ nothing", UsageError, "nothing"),
        ("~ same", NotUsableError, "same"),
        ("~ 1", UsageError, "formula of items has no covariate"),
        ("~ yes", UsageError, "'yes', which is computed from the votes"),
        ("urgent", UsageError, "formula of covariates"),
        (3, UsageError, "item_means is of type int"),
        (Covariates("~ x", pd.DataFrame({"x": [1.0]})), InputError, "no column 'rollcall'"),
        (Covariates("~ x", pd.DataFrame({"rollcall": ["?"], "x": [1.0]})), InputError, "in the record"),
        (
            Covariates("~ x", pd.DataFrame({"rollcall": ["R001", "R001"], "x": [1.0, 2.0]})),
            InputError,
            "several rows for R001",
        ),
    ],
)
def test_errors(record: vs.RollCalls, items: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        fit(record, items)


def test_refused_models(record: vs.RollCalls) -> None:
    priors = Priors(item_means="~ urgent")
    with pytest.raises(UsageError, match="item_means= is given, but slopes are biased at the joint mode"):
        vs.IdealPoints(priors=priors, method="mode").fit(record)
    for other in ({"dims": 2}, {"dynamics": vs.RandomWalk()}):
        with pytest.raises(UsageError, match="item_means= requires constant positions in one dimension"):
            vs.IdealPoints(priors=priors, **other)


def test_an_explanation_refuses_covariates_of_items() -> None:
    record = vs.load_hrc()
    model = vs.IdealPoints(priors=Priors(item_means="~ amendment"))
    with pytest.raises(UsageError, match="prior means of items are 0"):
        vs.explain(record, "mutually-beneficial-cooperation", model=model)


def test_the_slope_on_the_only_roll_call_of_a_kind_is_finite() -> None:
    """The Council of 2006 and 2007 voted on one amendment."""
    record = vs.load_hrc().between("2006", "2007")
    result = fit(record, "~ amendment")
    assert len(result.item_slopes.rare) == 1
    assert np.abs(result.item_slopes.tidy()["estimate"]).max() < 40
