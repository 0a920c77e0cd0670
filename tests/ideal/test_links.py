"""Links of your own: checked when they are built, and equal to the built-in links where these are known."""

import pickle
from importlib.metadata import EntryPoint

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.errors import UsageError
from voteshift.ideal import CustomLink
from voteshift.ideal.links import as_link, find_link
from voteshift.likelihood import Design, cross_information, evaluate, evaluate_reference
from voteshift.likelihood.draw import draw_categories
from voteshift.likelihood.terms import category_probabilities, cumulative, log_cumulative, vote_terms

pt = pytest.importorskip("pytensor.tensor")
SHARE = 0.04


def log_logistic(z):
    return -pt.softplus(-z)


def log_contaminated(z):
    return pt.log(SHARE / 2 + (1 - SHARE) * pt.sigmoid(z))


def log_normal(z):
    left, right = pt.minimum(z, 0.0), pt.maximum(z, 0.0)
    tail = pt.log(0.5 * pt.erfcx(-left / np.sqrt(2.0))) - 0.5 * left**2
    return pt.switch(z < 0, tail, pt.log1p(-0.5 * pt.erfc(right / np.sqrt(2.0))))


def log_cauchy(z):
    return pt.log(0.5 + pt.arctan(z) / np.pi)


LOGISTIC, NORMAL = CustomLink("logistic", log_logistic), CustomLink("normal", log_normal)
CONTAMINATED, CAUCHIT = CustomLink("contaminated", log_contaminated), CustomLink("cauchit", log_cauchy)


@pytest.fixture(scope="module")
def record():
    return vs.load_hrc().between("2021-03", "2021-07")


def bounds(rng, n=60):
    eta = rng.normal(0, 3, n)
    lower = rng.normal(0, 2, n)
    upper = lower + np.exp(rng.uniform(np.log(1e-7), 1.5, n))
    lower[: n // 3], upper[-(n // 3) :] = -np.inf, np.inf
    return eta, lower, upper


@pytest.mark.parametrize(("custom", "name"), [(LOGISTIC, "logit"), (NORMAL, "probit")])
def test_terms_equal_those_of_the_built_in_links(custom, name):
    eta, lower, upper = bounds(np.random.default_rng(1))
    found, wanted = vote_terms(eta, lower, upper, custom), vote_terms(eta, lower, upper, name)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-8)
    z = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(log_cumulative(z, custom), log_cumulative(z, name), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("custom", [CONTAMINATED, CAUCHIT])
def test_terms_are_the_derivatives_of_log_p(custom):
    eta, lower, upper = bounds(np.random.default_rng(2))
    upper = np.maximum(upper, lower + 0.05)
    step = 1e-5
    terms = vote_terms(eta, lower, upper, custom)
    p = cumulative(np.where(np.isinf(upper), 0.0, upper - eta), custom)
    p = np.where(np.isinf(upper), 1.0, p) - np.where(
        np.isinf(lower), 0.0, cumulative(np.where(np.isinf(lower), 0.0, lower - eta), custom)
    )
    np.testing.assert_allclose(np.exp(terms.log_p), p, rtol=1e-9)

    def moved(by, at):
        return vote_terms(
            *(array + step * by * (place == at) for place, array in enumerate((eta, lower, upper))), custom
        )

    for at, (score, information) in enumerate(
        [("by_eta", "info_eta"), ("by_lower", "info_lower"), ("by_upper", "info_upper")]
    ):
        up, down = moved(1, at), moved(-1, at)
        np.testing.assert_allclose(
            (up.log_p - down.log_p) / (2 * step), getattr(terms, score), rtol=2e-5, atol=1e-6
        )
        bend = (getattr(up, score) - getattr(down, score)) / (2 * step)
        np.testing.assert_allclose(-bend, getattr(terms, information), rtol=2e-4, atol=2e-5)
    for at, name in ((1, "info_eta_lower"), (2, "info_eta_upper")):
        bend = (moved(1, at).by_eta - moved(-1, at).by_eta) / (2 * step)
        np.testing.assert_allclose(-bend, getattr(terms, name), rtol=2e-4, atol=2e-5)
    bend = (moved(1, 2).by_lower - moved(-1, 2).by_lower) / (2 * step)
    np.testing.assert_allclose(-bend, terms.info_lower_upper, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("eta", [-60.0, 60.0])
def test_a_middle_vote_far_from_its_place_keeps_its_probability(eta):
    # F is near a constant there; the difference of F at the two cutpoints is rounding error.
    terms = vote_terms(np.array([eta]), np.array([-1.0]), np.array([2.0]), CONTAMINATED)
    plain = vote_terms(np.array([eta]), np.array([-1.0]), np.array([2.0]), "logit")
    assert terms.log_p[0] == pytest.approx(plain.log_p[0] + np.log1p(-SHARE), abs=1e-9)
    for name in ("by_eta", "by_lower", "by_upper", "info_lower", "info_lower_upper"):
        np.testing.assert_allclose(getattr(terms, name), getattr(plain, name), rtol=1e-8)


def test_sums_equal_those_of_the_kernel():
    rng = np.random.default_rng(3)
    votes = rng.integers(-1, 3, (9, 7)).astype(np.int8)
    kinds = np.full(7, 3, dtype=np.int8)
    design = Design(votes, np.zeros(7, np.int32), np.arange(7, dtype=np.int32), kinds, 1)
    cuts = np.sort(rng.normal(0, 1, (7, 2)), axis=1) + np.array([0.0, 0.1])
    point = rng.normal(0, 1, (1, 9, 2)), rng.normal(0, 1, (7, 2)), cuts
    for information in ("observed", "expected"):
        one = evaluate(design, *point, link=LOGISTIC, information=information)
        other = evaluate(design, *point, link="logit", information=information)
        for name in ("value", "positions", "discriminations", "cutpoints", "item_information"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-9)
        crossed = [
            cross_information(design, *point, link=link, information=information)
            for link in (LOGISTIC, "logit")
        ]
        np.testing.assert_allclose(*crossed, rtol=1e-9, atol=1e-9)
    other = evaluate_reference(design, *point, link=CONTAMINATED)
    assert evaluate(design, *point, link=CONTAMINATED).value == pytest.approx(other.value)


def test_votes_are_drawn_with_their_probabilities():
    rng = np.random.default_rng(4)
    drawn = draw_categories(np.full(200_000, 0.3), np.float64(-1.0), np.float64(1.2), CONTAMINATED, rng)
    wanted = category_probabilities(np.array([0.3]), np.array([-1.0, 1.2]), 3, CONTAMINATED)[0]
    np.testing.assert_allclose(np.bincount(drawn) / len(drawn), wanted, atol=0.005)
    two = draw_categories(np.full(10_000, 9.0), np.float64(-1.0), np.float64(np.inf), CONTAMINATED, rng)
    assert two.max() == 1


def test_a_fit_equals_the_fit_of_the_built_in_link(record):
    custom = vs.IdealPoints(link=LOGISTIC).fit(record)
    plain = vs.IdealPoints(link="logit").fit(record)
    assert custom.converged
    one, other = custom.tidy(), plain.tidy()
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(one[column], other[column], atol=2e-5)


def test_a_contaminated_fit_is_not_pulled_by_random_votes():
    # Truth: logit votes, of which a share is replaced at random.
    rng = np.random.default_rng(5)
    place = rng.standard_normal(40)
    slope, cut = rng.normal(0, 4, 150), rng.normal(0, 2, 150)
    votes = (place[:, None] * slope - cut + rng.logistic(size=(40, 150)) > 0).astype(int)
    flipped = rng.random(votes.shape) < 2 * SHARE
    votes = np.where(flipped, rng.integers(0, 2, votes.shape), votes)
    codes = np.where(votes == 1, vs.Vote.YES, vs.Vote.NO).astype(np.int8)
    ids = [f"m{i}" for i in range(40)], [f"r{j}" for j in range(150)]
    record = vs.RollCalls(codes, *(pd.DataFrame(index=names) for names in ids))
    contaminated = CustomLink("contaminated", lambda z: pt.log(SHARE + (1 - 2 * SHARE) * pt.sigmoid(z)))
    estimates = {}
    for link in ("logit", contaminated):
        fit = vs.IdealPoints(link=link).fit(record)
        assert fit.converged
        found = fit.tidy().set_index("member")["estimate"].reindex(ids[0])
        size = float(np.median(np.abs(fit.items()["discrimination"])))
        estimates[link] = abs(np.corrcoef(found, place)[0, 1]), size
    assert estimates[contaminated][0] > estimates["logit"][0]
    # Without the share, random votes make roll calls look less divisive.
    true = float(np.median(np.abs(slope)))
    assert abs(estimates[contaminated][1] - true) < abs(estimates["logit"][1] - true)


def test_what_needs_a_built_in_link_says_so(record, tmp_path):
    with pytest.raises(UsageError, match="marginal fits require the logit or probit link"):
        vs.IdealPoints(link=CAUCHIT, method="marginal")
    fit = vs.IdealPoints(link=CONTAMINATED).fit(record)
    with pytest.raises(UsageError, match="saved fits require"):
        fit.save(tmp_path / "fit.npz")
    assert not list(tmp_path.iterdir())
    with pytest.raises(UsageError, match="explanations require"):
        vs.explain(vs.load_hrc(), "mutually-beneficial-cooperation", model=vs.IdealPoints(link=CONTAMINATED))
    assert fit.link is CONTAMINATED


@pytest.mark.parametrize("more", [{"dims": 2}, {"dynamics": vs.RandomWalk("year", bridge="families")}])
def test_two_dimensions_and_dynamic_positions(more):
    record = vs.load_hrc().between("2020-06", "2021-07")
    custom, plain = (vs.IdealPoints(link=link, **more).fit(record) for link in (LOGISTIC, "logit"))
    assert custom.converged
    np.testing.assert_allclose(custom.tidy()["estimate"], plain.tidy()["estimate"], atol=2e-4)


@pytest.mark.parametrize(
    ("log_cdf", "message"),
    [
        (lambda z: pt.log1p(-pt.exp(-pt.exp(z))), "must be symmetric|not finite"),
        (lambda z: pt.log(0.5 + 0.0 * z), "does not increase"),
        (lambda z: pt.log(pt.clip(0.5 + z / 10, 0.0, 1.0)), "not finite"),
        (lambda z: z.nothing(), "fails: "),
        (lambda z: pt.log(pt.sigmoid(z + 1.0)), r"F\(z\) \+ F\(-z\) of the link 'odd' is 1.462 at z = 0"),
    ],
)
def test_a_function_that_is_no_link_is_refused(log_cdf, message):
    with pytest.raises(UsageError, match=message):
        CustomLink("odd", log_cdf)


@pytest.mark.parametrize("name", ["logit", "two words", "", 3])
def test_a_name_that_is_not_valid_is_refused(name):
    with pytest.raises(UsageError, match="is not a valid name of a link"):
        CustomLink(name, log_logistic)


def test_a_link_survives_pickling():
    again = pickle.loads(pickle.dumps(CAUCHIT))  # noqa: S301
    assert again == CAUCHIT
    z = np.array([-1.0, 0.5])
    np.testing.assert_array_equal(again.derivatives(z)[1], CAUCHIT.derivatives(z)[1])


def test_a_link_of_an_installed_package_is_found_by_its_name(monkeypatch, record):
    point = EntryPoint("cauchit", f"{__name__}:CAUCHIT", "voteshift.links")
    other = EntryPoint("text", f"{__name__}:SHARE", "voteshift.links")
    for module in ("ideal.links", "extensions"):
        monkeypatch.setattr(f"voteshift.{module}.installed", lambda _: {"cauchit": point, "text": other})
    assert find_link("cauchit") == CAUCHIT
    assert vs.IdealPoints(link="cauchit").link == CAUCHIT
    with pytest.raises(UsageError, match="is of type float"):
        find_link("text")
    with pytest.raises(UsageError, match="link is 'loglog'"):
        vs.IdealPoints(link="loglog")
    with pytest.raises(UsageError, match="link is of type int"):
        as_link(3)
