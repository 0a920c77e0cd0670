"""`voteshift fit logit`: the contract of its JSON, its tables, its exit codes."""

import pytest

import voteshift as vs

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
    for row in fitted["terms"]:
        assert row.keys() == {
            *("term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
        }
        assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert fitted["left_out"] == [{"member": "TUN", "rollcall": "27478", "vote": "absent"}]


def test_it_prints_what_python_computes(fitted, record):
    found = vs.logit(FORMULA, vs.panel(record, "mutually-beneficial-cooperation"))
    assert fitted["terms"] == found.tidy().to_dict("records")
    assert fitted["effects"] == found.effects().tidy().to_dict("records")
    assert fitted["llf"] == found.llf


def test_the_tables_say_what_was_done(run):
    text = " ".join(run("fit", "logit", FORMULA).stdout.split())
    assert "firth: 140 votes, 77 clusters" in text
    assert "the votes are separated" in text
    assert "cluster jackknife (CR3) over 77 clusters of member" in text
    assert "left out: TUN" in text


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


def test_covariates_of_ones_own(run, table):
    file = table("iso3,size\nCHN,1\nUSA,2\n", "c.csv")
    line = run.error("fit", "logit", "yes ~ size", "--covariates", file, code=3)
    assert "size missing in" in line
    found = run.json("fit", "logit", "yes ~ C(group)", "--covariates", file)
    assert {row["column"] for row in found["unmatched"]} == {"size"}
    run.error("fit", "logit", "yes ~ size", "--covariates", file, "--lag", "1", code=2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["yes ~ nothing"], 2),
        (["yes ~ ("], 2),
        (["yes ~ C(group)", "--family", "no such thing"], 2),
        (["yes ~ C(group)", "--covariates", "none.csv"], 3),
        (["yes ~ C(group) + C(symbol) + C(rollcall)"], 1),
        (["yes ~ C(rollcall)", "--model", "conditional"], 1),
        (["yes ~ C(rollcall) + C(group)", "--errors", "naive"], 1),
        (["yes ~ C(group)", "--data", "none.csv"], 3),
    ],
)
def test_what_cannot_be_fitted_ends_in_one_line(run, arguments, code):
    run.error("fit", "logit", *arguments, code=code)
