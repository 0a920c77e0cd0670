"""`voteshift fit logit`: the contract of its JSON, its tables, its exit codes."""

import json
import re

import numpy as np
import pytest

import voteshift as vs
from voteshift.datasets import load_covariates
from voteshift.logistic import intercept_results, random_intercept
from voteshift.posterior.diagnose import Diagnostics
from voteshift.posterior.sampling import Chains

#: Members of the three votes but one.
MOST = sorted(set(vs.panel(vs.load_hrc(), "mutually-beneficial-cooperation").frame["member"]) - {"CHN"})
FORMULA = "yes ~ C(rollcall) + C(group)"


@pytest.fixture(scope="module")
def fitted(run):
    return run.json("fit", "logit", FORMULA)


def test_contract(fitted):
    assert {"model", "n", "n_clusters", "llf", "separation", "level", "terms"} <= fitted.keys()
    assert (fitted["n"], fitted["n_clusters"], fitted["level"]) == (140, 77, 0.9)
    assert fitted["model"] == "firth"  # no Western state ever voted yes
    assert fitted["separation"] is True
    assert fitted["separated"] == {"C(group)[T.WEOG]": -1}
    assert fitted["about"] == "yes against all other votes"
    assert [row["label"] for row in fitted["terms"]][:4] == [
        "intercept",
        "2020 against 2018",
        "2021 against 2018",
        "Asia-Pacific against Africa",
    ]
    bare = [row["term"] for row in fitted["terms"] if row["std_error"] is None]
    assert bare == ["C(group)[T.WEOG]"]
    for row in fitted["terms"]:
        assert row.keys() == {
            *("term", "label", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
        }
        assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert fitted["left_out"] == [{"member": "TUN", "name": "Tunisia", "rollcall": "27478", "vote": "absent"}]


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("yes ~ {np.lib._npyio_impl.os.system('touch ran') or year}", "contains 'and' or 'or'"),
        ("yes ~ {__import__('os').system('touch ran')}", "an attribute"),
        ("yes ~ (year + group + sponsor)**20000", "a power that is not 1 to 10"),
        ("yes ~ {year*10**9**9}", "a computed power"),
        ('yes ~ {"a"}', "the text 'a'"),
        ("yes ~ lag(year)", "which is not allowed in a formula"),
    ],
)
def test_a_formula_runs_no_code_and_no_work_without_end(run, tmp_path, monkeypatch, formula, says):
    monkeypatch.chdir(tmp_path)
    assert says in run.error("fit", "logit", formula, code=2)
    assert not list(tmp_path.iterdir())


def test_it_prints_what_python_computes(fitted, record):
    found = vs.logit(FORMULA, vs.panel(record, "mutually-beneficial-cooperation"))
    rows = found.tidy().astype(object)
    assert fitted["terms"] == rows.where(rows.notna(), None).to_dict("records")
    assert fitted["effects"] == found.effects().tidy().to_dict("records")
    assert fitted["llf"] == found.llf


def test_the_tables_say_what_was_done(run):
    text = " ".join(run("fit", "logit", FORMULA).stdout.split())
    assert f"{FORMULA}: yes against all other votes." in text
    assert "2020 against 2018" in text
    assert "Western Europe and Others against Africa (to \N{MINUS SIGN}infinity)" in text
    assert "[T." not in text
    assert "WEOG" not in text
    assert "firth: 140 votes, 77 clusters, penalised log-likelihood" in text
    assert "sponsor" not in text  # of a column that the formula does not name nothing is said
    assert "the votes are separated" in text
    assert "cluster jackknife (CR3) over 77 clusters of member" in text
    assert "left out: Tunisia" in text


def test_its_numbers_are_written_as_those_of_explain(run, fitted):
    text = run("fit", "logit", FORMULA).stdout
    (line,) = (line for line in text.splitlines() if line.strip().startswith("Western Europe and Others ag"))
    (row,) = (row for row in fitted["terms"] if row["term"] == "C(group)[T.WEOG]")
    ends = [f"\N{MINUS SIGN}{-row[name]:.3f}" for name in ("conf_low", "conf_high")]
    assert row["label"] == "Western Europe and Others against Africa"
    assert line.split()[-6:] == [
        *(f"\N{MINUS SIGN}{-row['estimate']:.3f}", "\N{EN DASH}", "\N{EN DASH}", "<0.001"),
        *(f"[{ends[0]},", f"{ends[1]}]"),
    ]
    assert f"penalised log-likelihood \N{MINUS SIGN}{-fitted['llf']:.3f}." in text
    assert not re.search(r"[\[\s]-\d", text)


@pytest.mark.parametrize(
    ("formula", "model", "term"),
    [
        ("vote ~ years_on_council", "ordered", "no|abstain"),
        ("vote ~ years_on_council", "multinomial", "no: Intercept"),
    ],
)
def test_models(run, formula, model, term):
    found = run.json("fit", "logit", formula, "--model", model, "--errors", "CR1")
    assert found["model"] == model
    assert term in [row["term"] for row in found["terms"]]
    assert {row["category"] for row in found["effects"]} == {"no", "abstain", "yes"}


@pytest.fixture
def drawing(monkeypatch):
    """Put some draws in the place of the sampler's, and a verdict as wanted; return what was asked for."""

    def prepare(*, divergences=0):
        asked = {}
        verdict = Diagnostics(1.001, "intercept_sd", 900.0, 800.0, "intercept_sd", divergences, 200)

        def sampled(model, names, *_, **options):
            asked.update(options)
            options["progress"]("sampling")
            sizes = {name: len(values) for name, values in model.coords.items()}
            shapes = {name: [sizes[dim] for dim in model.named_vars_to_dims.get(name, ())] for name in names}
            rng = np.random.default_rng(1)
            draws = {name: rng.normal(size=(2, 100, *shape)) for name, shape in shapes.items()}
            return Chains(draws, {"diverging": np.zeros((2, 100), dtype=bool)}, "nutpie", 1.0, 2.0)

        monkeypatch.setattr(random_intercept, "run_sampler", sampled)
        monkeypatch.setattr(intercept_results, "diagnose", lambda *_: verdict)
        return asked

    return prepare


RANDOM = ("fit", "logit", "vote ~ C(symbol) + years_on_council", "--model", "random-intercept")


def test_random_intercepts_are_conditional_and_usable_or_not(run, drawing):
    asked = drawing()
    found = run.json(*RANDOM, "--seed", "5")
    assert asked["seed"] == found["seed"] == 5
    assert {"model", "n", "n_clusters", "llf", "separation", "level", "terms"} <= found.keys()
    assert (found["model"], found["estimand"], found["converged"]) == (
        "random-intercept",
        "conditional",
        True,
    )
    assert found["terms"][-1]["term"] == "sd(member)"
    assert {row["estimand"] for row in found["terms"]} == {"conditional"}
    assert {row["p_value"] for row in found["terms"]} == {None}
    assert len(found["intercepts"]) == found["n_clusters"] == 77
    assert any(note.startswith("effects are conditional") for note in found["notes"])
    assert any("more than one vote" in note for note in found["notes"])
    text = " ".join(run(*RANDOM).stdout.split())
    assert "Term, conditional" in text
    assert "R-hat 1.0010, 800 effective draws of 200, 0 divergences" in text


def test_draws_that_cannot_be_used_are_exit_1(run, drawing):
    drawing(divergences=3)
    result = run(*RANDOM, "--json", code=1)
    assert json.loads(result.stdout)["converged"] is False
    assert "do not use these numbers" in result.stderr
    text = " ".join(run(*RANDOM, code=1).stdout.split())
    assert "NOT CONVERGED: R-hat 1.0010" in text


def test_covariates_of_ones_own(run, table):
    file = table("iso3,size\nCHN,1\nUSA,2\n", "c.csv")
    line = run.error("fit", "logit", "yes ~ size", "--covariates", file, code=3)
    assert "missing values of size in" in line
    found = run.json("fit", "logit", "yes ~ C(group)", "--covariates", file)
    assert {row["column"] for row in found["unmatched"]} == {"size"}
    assert found["notes"][0].startswith("the votes are separated")  # size is no part of the model
    some = table("iso3,size\n" + "".join(f"{m},{k % 7}\n" for k, m in enumerate(MOST)), "some.csv")
    text = " ".join(
        run("fit", "logit", "yes ~ size", "--covariates", some, "--missing", "drop").stdout.split()
    )
    assert "size is missing in 2 of 140 votes, no row for the member: China" in text
    assert "yes ~ size: yes against all other votes." in text
    run.error("fit", "logit", "yes ~ size", "--covariates", file, "--lag", "1", code=2)
    yearly = table("iso3,year,size\nCHN,2017,1\nUSA,2017,2\n", "y.csv")
    assert "lag" in run.error("fit", "logit", "yes ~ size", "--covariates", yearly, code=2)
    line = run.error("fit", "logit", "yes ~ size", "--covariates", yearly, "--lag", "9", code=3)
    assert "contain none of the years that the votes need: 2009, 2011, 2012" in line
    other = table("country,size\nCHN,1\n", "o.csv")
    line = run.error("fit", "logit", "yes ~ size", "--covariates", other, code=3)
    assert "name this column 'member' or 'iso3'; columns: country, size" in line


ASKED = "yes ~ C(version) * voice + log(gdp_per_head)"


def test_what_kind_of_state_moved_is_answered_without_a_file(run, record):
    found = run.json("fit", "logit", ASKED)
    panel = vs.panel(record, "mutually-beneficial-cooperation", covariates=[load_covariates()], lag=1)
    expected = vs.logit(ASKED, panel, missing="drop")
    assert [row["estimate"] for row in found["terms"]] == expected.estimate.tolist()
    assert [row["label"] for row in found["terms"]][1:3] == ["2020 against 2018", "2021 against 2018"]
    assert found["terms"][1]["term"] == "C(version)[T.2020]"
    assert found["notes"][0] == "covariates have values from 1 year before the vote"
    assert "voice is missing in 2 of 140 votes, blank: DR Congo" in found["notes"]
    assert (
        "7 votes are left out because a variable is missing: DR Congo, Eritrea, Venezuela" in found["notes"]
    )
    assert {row["column"] for row in found["unmatched"]} == {"voice", "gdp_per_head"}
    assert run.json("fit", "logit", ASKED, "--lag", "0")["terms"] != found["terms"]
    line = run.error("fit", "logit", ASKED, "--missing", "raise", code=3)
    assert "missing values of gdp_per_head, voice in 7 of 140 rows" in line


def test_ones_own_covariates_come_before_the_bundled_ones(run, table):
    text = "iso3,voice\n" + "".join(f"{m},{k % 7}\n" for k, m in enumerate([*MOST, "CHN"]))
    mine = table(text, "mine.csv")
    found = run.json("fit", "logit", "yes ~ voice + population", "--covariates", mine)
    notes = " ".join(found["notes"])
    assert "voice: several tables of covariates have this column; the values come from the first" in notes
    assert "covariates have values from 1 year before the vote" in notes  # population of the year before
    alone = run.json("fit", "logit", "yes ~ voice", "--covariates", mine)
    assert "before the vote" not in " ".join(alone["notes"])
    assert found["n"] == alone["n"] == 140
    # A value that is missing in one's own table is not filled in from the bundle.
    few = table("iso3,voice\nCHN,1\nUSA,2\n", "few.csv")
    run.error("fit", "logit", "yes ~ voice", "--covariates", few, code=3)


def test_the_bundle_does_not_touch_other_formulas(run):
    found = run.json("fit", "logit", "yes ~ years_on_council")
    assert found["unmatched"] == []
    assert found["notes"] == []
    run.error("fit", "logit", "yes ~ years_on_council", "--lag", "1", code=2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["yes ~ nothing"], 2),
        (["yes ~ ("], 2),
        (["yes ~ C(group)", "--family", "no such thing"], 2),
        (["yes ~ C(group)", "--covariates", "none.csv"], 3),
        (["yes ~ C(group) + C(symbol) + C(rollcall)"], 1),
        (["yes ~ C(rollcall)", "--model", "conditional"], 1),
        (["yes ~ C(rollcall)", "--model", "conditional", "--errors", "CR1"], 2),
        (["yes ~ C(rollcall)", "--model", "random-intercept"], 2),
        (["yes ~ C(rollcall)", "--seed", "1"], 2),
        (["yes ~ C(rollcall) + C(group)", "--errors", "naive"], 1),
        (["yes ~ C(group)", "--data", "none.csv"], 3),
    ],
)
def test_what_cannot_be_fitted_ends_in_one_line(run, arguments, code):
    run.error("fit", "logit", *arguments, code=code)
