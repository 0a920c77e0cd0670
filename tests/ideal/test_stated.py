"""Priors as they are stated."""

import re

import pytest

import voteshift as vs
from voteshift.ideal.stated import half_normal, item_priors, model_words, normal, prior_words
from voteshift.resolution.member_effect import prior_of


def test_priors_are_written_as_in_the_documentation(root):
    text = (root / "docs" / "method.md").read_text(encoding="utf-8")
    stated = item_priors(vs.Priors())
    table = dict(
        re.findall(
            r"^\| (discrimination|midpoint|log of the gap)[^|]* \| (N\([^|]+\)) \|", text, re.MULTILINE
        )
    )
    assert list(table.values()) == [prior_words(prior) for prior in stated.values()]
    assert f"log \u03c3 ~ {prior_words(normal(*prior_of('logit')), log=True)}, so" in text


def test_words_say_what_was_chosen():
    usual = model_words("logit", 1, item_priors(vs.Priors()))
    assert usual == (
        "ordered logit, 1 dimension; priors: discrimination N(0, 5\u00b2), midpoint of the cutpoints "
        "N(0, 5\u00b2), log of the gap between cutpoints N(0, 2\u00b2)"
    )
    other = model_words("probit", 2, item_priors(vs.Priors(2.5, 10, 0.5)))
    assert other.startswith("ordered probit, 2 dimensions; priors: discrimination N(0, 2.5\u00b2)")
    assert "N(0, 10\u00b2)" in other
    assert "N(0, 0.5\u00b2)" in other


def test_two_categories_have_one_cutpoint_and_no_gap():
    binary = vs.simulate(12, 30, seed=1, categories=2)
    fit = vs.IdealPoints(link="probit").fit(binary.rollcalls)
    assert "log_gap" not in fit.priors
    assert model_words(fit.link, fit.dims, fit.priors) == (
        "probit with two categories, 1 dimension; priors: discrimination N(0, 5\u00b2), "
        "cutpoint N(0, 5\u00b2)"
    )


def test_a_spread_that_is_learned_is_no_fixed_one():
    learned = item_priors(vs.Priors(4), learned=True)
    assert prior_words(learned["discrimination"]) == "N(0, s\u00b2) with s uniform between 0 and 4"
    assert prior_words(learned["midpoint"]) == "N(0, s\u00b2) with s uniform between 0 and 5"
    assert prior_words(half_normal(0.5)) == "half-normal (0.5)"


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_a_fit_says_its_own(link, record):
    fit = vs.IdealPoints(link=link, priors=vs.Priors(discrimination=3)).fit(record.between("2018", "2019"))
    assert fit.priors == item_priors(vs.Priors(discrimination=3))
    assert fit.link == link


def test_a_formula_of_items_is_in_the_words():
    stated = item_priors(vs.Priors(item_means="~ amendment + C(sponsor)"))
    assert stated["midpoint"]["mean"] == {"formula": "~ amendment + C(sponsor)"}
    assert prior_words(stated["midpoint"]) == "N(linear in amendment + C(sponsor), 5²)"
    assert prior_words(stated["log_gap"]) == "N(0, 2²)"
