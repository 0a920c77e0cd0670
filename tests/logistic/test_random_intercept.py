"""The random-intercept model: its density by hand, its posterior by brute force, and its verdict."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from scipy.optimize import minimize
from scipy.special import expit

import voteshift as vs
from logistic.worlds import votes
from voteshift.logistic.design import build_design
from voteshift.logistic.intercept_results import RandomInterceptResult
from voteshift.logistic.random_intercept import random_intercept_model
from voteshift.logistic.specifications import InterceptPriors, RandomIntercept
from voteshift.logistic.terms import Term, name_terms
from voteshift.posterior.nuts import NUTS

PRIORS = InterceptPriors(effect=1.5, cutpoint=4.0, intercept_sd=2.0)


def encoded(frame, formula="vote ~ x + z"):
    design = build_design(formula, frame, "ordered")
    codes, labels = pd.factorize(design.frame["member"], sort=True)
    return design, np.asarray(codes), tuple(labels)


def log_shares(eta, cuts, y):
    """Return the log probability of every vote, the plain way: differences of distribution functions."""
    bounds = np.concatenate([[-np.inf], cuts, [np.inf]])
    shares = stats.logistic.cdf(bounds[y + 1] - eta) - stats.logistic.cdf(bounds[y] - eta)
    return np.log(np.maximum(shares, 1e-300))


def wider(sd):
    """Return how much larger conditional effects are than marginal ones (Zeger, Liang & Albert 1988)."""
    return np.sqrt(1 + (16 * np.sqrt(3) / (15 * np.pi)) ** 2 * sd**2)


def test_the_density_is_that_of_the_formula():
    """Priors and votes, one by one, at points of no importance."""
    from voteshift.posterior.quiet import quiet

    design, members, labels = encoded(votes(12, seed=3))
    X = (design.X - design.X.mean(axis=0)) / design.X.std(axis=0)
    rng = np.random.default_rng(0)
    with quiet():
        model = random_intercept_model(design, members, labels, PRIORS)
        density = model.compile_fn(
            model.logp(jacobian=False), inputs=model.value_vars, mode="FAST_COMPILE", point_fn=False
        )
        names = [model.values_to_rvs[value].name for value in model.value_vars]
        for _ in range(3):
            slope, z = rng.normal(size=2), rng.normal(size=len(labels))
            low, gap, sd = rng.normal(), rng.uniform(0.2, 3), rng.uniform(0.2, 4)
            coordinates = {
                "slope": slope,
                "threshold": np.array([low, np.log(gap)]),
                "intercept_sd": np.array(np.log(sd)),
                "standard_intercept": z,
            }
            cuts = np.array([low, low + gap])
            by_hand = (
                stats.norm.logpdf(slope, 0, 1.5).sum()
                + stats.norm.logpdf(cuts, 0, 4).sum()
                + stats.halfnorm.logpdf(sd, 0, 2)
                + stats.norm.logpdf(z).sum()
                + log_shares(wider(sd) * (X @ slope) + sd * z[members], wider(sd) * cuts, design.y).sum()
            )
            assert density(*(coordinates[name] for name in names)) == pytest.approx(by_hand, rel=1e-10)


def by_quadrature(design, members, n_draws=5000, seed=0):
    """Draw coefficient, cutpoints and sd from the posterior, the intercepts integrated out; with weights.

    Gauss-Hermite quadrature over each member's intercept, importance sampling from a t about the mode.
    """
    x = (design.X[:, 0] - design.X[:, 0].mean()) / design.X[:, 0].std()
    nodes, weights = np.polynomial.hermite_e.hermegauss(25)
    weights = weights / weights.sum()
    starts = np.flatnonzero(np.diff(members, prepend=-1))

    def log_posterior(at):
        """Of many points at once, shape (n, 4): slope, first cutpoint, log of the gap, log sd."""
        slope, low, log_gap, log_sd = (column[:, None, None] for column in at.T)
        cuts, sd = (low, low + np.exp(log_gap)), np.exp(log_sd)
        eta = wider(sd) * slope * x[:, None] + sd * nodes
        above, below = (wider(sd) * np.where(design.y[:, None] > c, cuts[1], cuts[0]) - eta for c in (0, 1))
        upper = np.where(design.y[:, None] == 2, 1.0, expit(above))
        lower = np.where(design.y[:, None] == 0, 0.0, expit(below))
        ll = np.log(np.maximum(upper - lower, 1e-300))
        by_member = np.exp(np.add.reduceat(ll, starts, axis=1)) @ weights
        prior = stats.norm.logpdf(slope, 0, 1.5) + sum(stats.norm.logpdf(cut, 0, 4) for cut in cuts)
        prior = prior + stats.halfnorm.logpdf(sd, 0, 2) + log_gap + log_sd
        return np.log(np.maximum(by_member, 1e-300)).sum(axis=1) + prior[:, 0, 0]

    mode = minimize(lambda at: -log_posterior(at[None])[0], [0.5, -1.0, 0.0, 0.0], method="BFGS")
    proposal = stats.multivariate_t(mode.x, 2 * mode.hess_inv, df=4, seed=np.random.default_rng(seed))
    drawn = proposal.rvs(n_draws)
    posterior = np.concatenate([log_posterior(part) for part in np.array_split(drawn, 50)])
    log_weights = posterior - proposal.logpdf(drawn)
    weight = np.exp(log_weights - log_weights.max())
    sd, low = np.exp(drawn[:, 3]), drawn[:, 1]
    k, high = wider(sd), low + np.exp(drawn[:, 2])
    coefficient = k * drawn[:, 0] / design.X[:, 0].std()
    shift = design.X[:, 0].mean() * coefficient
    values = np.column_stack([coefficient, k * low + shift, k * high + shift, sd])
    return values, weight / weight.sum()


@pytest.mark.slow
def test_the_posterior_is_that_of_brute_force():
    pytest.importorskip("nutpie")
    frame = votes(40, seed=5).assign(x=lambda d: 3 + 2 * d["x"])  # a scale and a place of its own
    said = []
    found = vs.logit(
        "vote ~ x",
        frame,
        model=RandomIntercept(PRIORS, seed=3, nuts=NUTS(0.8, cores=1), progress=said.append),
    )
    assert found.converged, found.verdict
    assert found.names == ("x", "no|abstain", "abstain|yes", "sd(member)")
    assert said[-1] == "sampling 4 chains of 1000 + 2000 draws with nutpie, seed 3"
    design, members, _ = encoded(frame, "vote ~ x")
    values, weights = by_quadrature(design, members)
    assert 1 / (weights**2).sum() > 1500  # the importance sample is worth that many draws
    mean = weights @ values
    sd = np.sqrt(weights @ (values - mean) ** 2)
    np.testing.assert_allclose((found.params - mean) / sd, 0, atol=0.12)
    np.testing.assert_allclose(found.bse / sd, 1, atol=0.12)
    for column, name in enumerate(found.names):
        order = np.argsort(values[:, column])
        reached = np.cumsum(weights[order])
        ends = values[order, column][np.searchsorted(reached, [0.05, 0.95])]
        np.testing.assert_allclose((found.conf_int().loc[name] - ends) / sd[column], 0, atol=0.25)
    # A member that always votes yes leans further that way than one that always votes no, given x.
    lean = found.intercepts().set_index("member")["estimate"]
    score = frame.assign(score=frame["vote"].map({"no": -1, "abstain": 0, "yes": 1}))
    rest = score.groupby("member")["score"].mean() - 0.3 * score.groupby("member")["x"].first()
    assert lean.corr(rest) > 0.8


@pytest.fixture
def made():
    """A result of draws at hand, in the place of the sampler's; `bad` chains lie apart."""

    def build(*, bad=False, cluster="member"):
        rng = np.random.default_rng(1)
        shift = np.array([0.0, 2.0 if bad else 0.0])[:, None]
        shapes = {"coefficient": (2,), "cutpoint": (2,), "intercept_sd": (), "intercept": (3,)}
        dims = {"coefficient": ["term"], "cutpoint": ["cut"], "intercept_sd": [], "intercept": ["member"]}
        draws = {
            name: (
                ["chain", "draw", *dims[name]],
                rng.normal(size=(2, 1000, *shape)) + shift.reshape(2, 1, *(1,) * len(shape)),
            )
            for name, shape in shapes.items()
        }
        coords = {"term": ["x", "z"], "cut": ["no|abstain", "abstain|yes"], "member": ["AUS", "CHN", "DEU"]}
        settings = {"sampler": "nutpie", "seed": 7, "tune": 1000, "target_accept": 0.8, "seconds_sampling": 1}
        diverging = np.zeros((2, 1000), dtype=bool)
        tree = xr.DataTree.from_dict(
            {
                "posterior": xr.Dataset(draws, coords, settings),
                "sample_stats": xr.Dataset({"diverging": (["chain", "draw"], diverging)}),
            }
        )
        design, *_ = encoded(votes(12))
        return RandomInterceptResult(
            formula="vote ~ x + z",
            cluster=cluster,
            terms=(*name_terms(design, "ordered"), Term(f"sd({cluster})", "sd", constant=True)),
            tree=tree,
            design=design,
            nobs=36,
            n_clusters=3,
            level=0.9,
            priors="wide",
            notes=("conditional effects", "a < b"),
            about="no < abstain < yes",
        )

    return build


def test_every_row_says_that_it_is_conditional(made):
    found = made()
    table = found.tidy()
    assert list(table.columns) == [
        *("term", "label", "estimand", "estimate", "std_error", "conf_low", "conf_high")
    ]
    assert set(table["estimand"]) == {"conditional"}
    assert table["term"].tolist() == ["x", "z", "no|abstain", "abstain|yes", "sd(member)"]
    x = found.tree["posterior"]["coefficient"].to_numpy()[..., 0].ravel()
    assert found.params["x"] == pytest.approx(x.mean())
    assert found.bse["x"] == pytest.approx(x.std(ddof=1))
    assert found.conf_int(alpha=0.5).loc["x"].tolist() == pytest.approx(np.quantile(x, [0.25, 0.75]).tolist())
    np.testing.assert_allclose(found.conf_int()[[0, 1]], table[["conf_low", "conf_high"]])
    assert found.intercepts()["estimate"].is_monotonic_increasing
    assert set(found.intercepts()["member"]) == {"AUS", "CHN", "DEU"}


def test_the_verdict_stands_wherever_the_numbers_stand(made):
    good, bad = made(), made(bad=True)
    assert good.converged
    assert not bad.converged
    assert "NOT CONVERGED" not in good.verdict
    for text in (repr(bad), bad.summary(), bad._repr_html_()):
        assert "NOT CONVERGED" in text
        assert "do not use these numbers" in text
    assert bad.reached["converged"] is False
    assert (good.reached["seed"], good.reached["chains"], good.reached["draws"]) == (7, 2, 1000)
    assert "a &lt; b" in good._repr_html_()
    assert "- conditional effects" in good.summary()


def test_the_picture_leaves_out_what_is_no_coefficient(made):
    ax = made().plot()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["x", "z"]
    assert ax.get_xlabel().startswith("conditional coefficient")


@pytest.mark.parametrize(
    ("formula", "options", "error", "says"),
    [
        ("yes ~ x", {}, vs.UsageError, "does not contain votes"),
        ("vote ~ x + I(2 * x)", {}, vs.NotUsableError, "collinear"),
        ("vote ~ nothing", {}, vs.UsageError, "not a column"),
        ("vote ~ x", {"weights": "z"}, vs.UsageError, "does not allow weights, offset"),
        ("vote ~ x", {"errors": "CR1"}, vs.UsageError, "it has one kind of standard error"),
        ("vote ~ x", {"penalised": True}, vs.UsageError, "or penalised"),
        ("vote ~ x", {"cluster": "row"}, vs.NotUsableError, "every row has only one vote"),
    ],
)
def test_what_cannot_be_sampled_is_said(formula, options, error, says):
    frame = votes(12).assign(row=lambda d: np.arange(len(d)))
    with pytest.raises(error, match=says):
        vs.logit(formula, frame, **{"model": "random-intercept", **options})


def test_a_prior_needs_a_standard_deviation():
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(vs.UsageError, match="standard deviation of"):
            InterceptPriors(effect=wrong)


@pytest.mark.nightly
def test_the_other_sampler_agrees():
    """Some minutes: python -m pytest -m nightly -n 0 tests/logistic/test_random_intercept.py."""
    frame = votes(40, seed=5)
    one, other = (
        vs.logit("vote ~ x", frame, model=RandomIntercept(seed=3, nuts=NUTS(0.8, sampler)))
        for sampler in ("nutpie", "pymc")
    )
    assert one.converged
    assert other.converged
    assert (one.reached["sampler"], other.reached["sampler"]) == ("nutpie", "pymc")
    np.testing.assert_allclose((one.params - other.params) / one.bse, 0, atol=0.15)
    np.testing.assert_allclose(one.bse / other.bse, 1, atol=0.15)
