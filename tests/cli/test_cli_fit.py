"""`voteshift fit ideal`: the contract of its JSON, its files, its exit codes."""

import csv
import json
import math
import re

import pandas as pd
import pytest

import voteshift as vs
from cli.conftest import said

WINDOW = ("--since", "2018", "--until", "2019")
CUTPOINTS = {("no|abstain", "abstain|yes"), ("no|abstain",), ("abstain|yes",), ("no|yes",)}


@pytest.fixture(scope="module")
def fitted(run):
    return run.json("fit", "ideal", *WINDOW)


def test_contract(fitted):
    keys = {"converged", "objective", "gradient_norm", "iterations", "seconds", "link", "dims", "method"}
    assert keys | {"level", "positions", "items"} <= fitted.keys()
    assert fitted["converged"] is True
    assert (fitted["link"], fitted["dims"], fitted["method"], fitted["level"]) == ("logit", 1, "map", 0.9)
    assert fitted["priors"]["discrimination"] == {"distribution": "normal", "mean": 0, "sd": 5}
    for row in fitted["positions"]:
        assert row.keys() == {
            *("member", "period", "dimension", "estimate", "std_error", "conf_low", "conf_high", "n_votes")
        }
        assert row["period"] is None
        assert row["conf_low"] < row["estimate"] < row["conf_high"]
        assert row["std_error"] > 0
        assert row["n_votes"] > 0
    for row in fitted["items"]:
        assert row.keys() == {"rollcall", "item", "dimension", "discrimination", "cutpoints"}
        assert tuple(row["cutpoints"]) in CUTPOINTS
        values = list(row["cutpoints"].values())
        assert values == sorted(values)


def test_every_contested_roll_call_and_every_member_that_voted_is_there(fitted, record):
    part = record.between("2018", "2019")
    contested = part.contested()
    assert [row["rollcall"] for row in fitted["items"]] == list(contested.rollcalls.index)
    voted = contested.members.index[(contested.votes >= 0).any(axis=1)]
    assert [row["member"] for row in fitted["positions"]] == list(voted)
    unanimous = set(part.rollcalls.index) - set(contested.rollcalls.index)
    assert set(fitted["left_out"]["rollcalls"]) == unanimous


def test_the_scale_is_the_one_it_says(fitted):
    positions = [row["estimate"] for row in fitted["positions"]]
    mean = math.fsum(positions) / len(positions)
    assert abs(mean) < 1e-9
    assert math.fsum((x - mean) ** 2 for x in positions) / len(positions) == pytest.approx(1, abs=1e-9)
    found = {row["member"]: row["estimate"] for row in fitted["positions"]}
    assert min(found["USA"], found["AUS"], found["GBR"]) > 1
    assert max(found["CHN"], found["CUB"], found["VEN"]) < -1


def test_the_sign_follows_the_polarity_member(run, fitted):
    turned = run.json("fit", "ideal", *WINDOW, "--polarity", "CHN")
    for one, other in zip(fitted["positions"], turned["positions"], strict=True):
        assert one["estimate"] == pytest.approx(-other["estimate"], abs=1e-6)


def test_links_and_dimensions(run):
    found = run.json("fit", "ideal", *WINDOW, "--link", "probit", "--dims", "2")
    assert (found["link"], found["dims"]) == ("probit", 2)
    assert {row["dimension"] for row in found["positions"]} == {1, 2}


def test_the_files_hold_what_is_printed(run, tmp_path):
    out = tmp_path / "a" / "b"
    printed = run.json("fit", "ideal", *WINDOW, "--out", out)
    assert sorted(path.name for path in out.iterdir()) == ["fit.json", "items.csv", "positions.csv"]
    assert json.loads((out / "fit.json").read_text(encoding="utf-8")) == printed
    with (out / "positions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["member"] for row in rows] == [row["member"] for row in printed["positions"]]
    assert [float(row["estimate"]) for row in rows] == [row["estimate"] for row in printed["positions"]]


def test_the_table_names_the_scale_and_whether_it_converged(run):
    stdout = run("fit", "ideal", *WINDOW).stdout
    assert re.search(r"\[\N{MINUS SIGN}\d", stdout)
    assert not re.search(r"[\[\s]-\d", stdout)
    text = " ".join(stdout.split())
    assert "converged" in text
    assert "NOT CONVERGED" not in text
    assert "USA is on the positive side" in text
    assert "Model: ordered logit, 1 dimension; priors: discrimination N(0, 5\N{SUPERSCRIPT TWO})" in text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--since", "soon"], 2),
        (["--polarity", "XXX"], 2),
        (["--since", "2100"], 3),
        (["--data", "nothing.csv"], 3),
    ],
)
def test_what_cannot_be_fitted_ends_in_one_line(run, arguments, code):
    run.error("fit", "ideal", *arguments, code=code)


@pytest.mark.parametrize("arguments", [["--link", "cloglog"], ["--dims", "0"], ["--threads", "0"]])
def test_options_out_of_range_exit_2(run, arguments):
    message = run.error("fit", "ideal", *arguments, code=2)
    assert arguments[0] in message
    assert "see voteshift fit ideal --help" in message


def test_a_folder_that_cannot_be_made_exits_3(run, table):
    file = table("here already", "taken")
    assert "cannot write the file" in run.error("fit", "ideal", *WINDOW, "--out", file / "x", code=3)


def test_a_fit_that_did_not_converge_exits_1_and_says_so(run, monkeypatch):
    from dataclasses import replace

    from voteshift.ideal import IdealPoints

    whole = IdealPoints.fit

    def short(self, rollcalls, **options):
        found = whole(self, rollcalls, **options)
        return replace(found, mode=replace(found.mode, converged=False))

    monkeypatch.setattr(IdealPoints, "fit", short)
    result = run("fit", "ideal", *WINDOW, "--json", code=1)
    assert json.loads(result.stdout)["converged"] is False
    assert said(result.stderr) == ["voteshift: the fit did not converge; do not use these numbers"]


@pytest.fixture
def senate(tmp_path):
    """A file of Poole and Rosenthal with eight senators, two of them with the same name."""
    names = ["KYL", "NELSON BEN", "NELSON BILL", "FRIST", "SNOWE", "REED", "DODD", "KERRY"]
    side = [2, -1, -1, 2, 1, -2, -2, -2]
    lines = []
    for row, (name, where) in enumerate(zip(names, side, strict=True)):
        votes = "".join(
            "1" if where + (column % 5) - 2 + (row + column) % 3 > 0 else "6" for column in range(40)
        )
        lines.append(f"109{15000 + row:5d}41 0ALABAMA {200:3d}11{name:<11}{votes}\n")
    path = tmp_path / "sen109kh.ord"
    path.write_text("".join(lines), encoding="ascii")
    return path


def test_members_of_a_file_of_poole_and_rosenthal_have_names(run, senate, tmp_path):
    found = run("fit", "ideal", "--data", senate, "--polarity", "KYL").stdout
    assert "KYL (15000)" in found
    assert "KYL (15000) is on the positive side" in " ".join(found.split())
    message = run.error("fit", "ideal", "--data", senate, "--polarity", "Nelson", code=2)
    assert "2 members have the name 'Nelson'" in message
    assert "15001 (NELSON BEN), 15002 (NELSON BILL)" in message


@pytest.fixture
def terms(tmp_path):
    """A folder of roll calls without dates, in terms 3, 4 and 6."""
    simulated = vs.simulate(9, 90, seed=4, categories=2)
    long = simulated.rollcalls.to_long()
    long.to_csv(tmp_path / "votes.csv", index=False)
    ids = simulated.rollcalls.rollcalls.index
    term = [(3, 4, 6)[row % 3] for row in range(len(ids))]
    pd.DataFrame({"rollcall": ids, "term": term}).to_csv(tmp_path / "rollcalls.csv", index=False)
    return tmp_path


def test_periods_are_a_column_of_integers_if_there_are_no_dates(run, terms):
    found = run.json("fit", "ideal", "--data", terms, "--periods", "term")
    assert {row["period"] for row in found["positions"]} == {"3", "4", "6"}
    assert [row["years"] for row in found["steps"]] == [1.0, 2.0]
    assert "random walks of positions by term (tau" in found["identified_by"]
    assert len(found["scale_over_time"]["ratios"]) > 1  # of a marginal fit, the default without bridges
    at_mode = run.json("fit", "ideal", "--data", terms, "--periods", "term", "--method", "map")
    assert at_mode["scale_over_time"]["ratios"] is None
    assert "joint mode" in at_mode["scale_over_time"]["reason"]
    marginal = ("fit", "ideal", "--data", terms, "--periods", "term", "--method", "marginal", "--tau", "0.1")
    stated = run.json(*marginal)["scale_over_time"]
    assert not stated["identified"]
    assert [row["shared_items"] for row in stated["ratios"]] == [0, 0]
    text = " ".join(run(*marginal).stdout.split())
    assert "Scale over time: The spread of positions in" in text
    message = run.error("fit", "ideal", "--data", terms, "--periods", "year", code=3)
    assert "roll calls have no date" in message
    assert "pass --periods the name of a column of integers, such as 'term'" in message
    path = terms / "rollcalls.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",6\n", ",VI\n"), encoding="utf-8")
    message = run.error("fit", "ideal", "--data", terms, "--periods", "term", code=3)
    assert "is not an integer, so the periods cannot be ordered" in message


def test_a_published_model_by_name(run, terms):
    found = run.json(
        "fit", "ideal", *WINDOW, "--published", "clinton-jackman-rivers-2004", "--polarity", "China"
    )
    assert (found["link"], found["method"]) == ("probit", "marginal")
    assert found["published"]["name"] == "clinton-jackman-rivers-2004"
    assert "10.1017/S0003055404001194" in found["published"]["reference"]
    assert found["direction"] == "CHN is on the positive side"
    text = " ".join(run("fit", "ideal", "--data", terms, "--published", "martin-quinn-2002").stdout.split())
    assert "Published model: Martin, A. D. & Quinn, K. M. (2002)." in text
    assert "by term (tau fixed at 0.158114 a term" in text
    other = ("--published", "martin-quinn-2002", "--periods", "year", "--tau", "0.3", "--bridge", "families")
    steps = run.json("fit", "ideal", *WINDOW, *other)
    assert "by year (tau fixed at 0.3 a year" in steps["identified_by"]
    assert "versions of each repeated resolution" in steps["identified_by"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["martin-quinn"], "choose from martin-quinn-2002, "),
        (["martin-quinn-2002", "--link", "probit"], "--link cannot be combined with --published"),
        (["martin-quinn-2002", "--method", "map"], "--method cannot be combined with --published"),
        (["imai-lo-olmsted-2016", "--dims", "2"], "--dims cannot be combined with --published"),
        (["imai-lo-olmsted-2016", "--tau", "0.1"], "'imai-lo-olmsted-2016' are constant"),
    ],
)
def test_options_that_a_published_model_sets_are_refused(run, options, message):
    assert message in run.error("fit", "ideal", *WINDOW, "--published", *options, code=2)


def test_covariates_of_positions(run):
    formula = "~ voice + log(gdp_per_head)"
    document = run.json("fit", "ideal", *WINDOW, "--method", "marginal", "--positions", formula)
    slopes = document["slopes"]
    assert [row["term"] for row in slopes["terms"]] == ["voice", "log(gdp_per_head)"]
    assert 0 < slopes["explained"]["conf_low"] < slopes["explained"]["conf_high"] < 1
    assert "COD" in slopes["left_out"]
    default = run.json("fit", "ideal", *WINDOW, "--positions", formula)
    assert default["slopes"]["terms"] == slopes["terms"]
    refused = run("fit", "ideal", *WINDOW, "--method", "map", "--positions", formula, code=2)
    assert "--method" in refused.stderr
    refused = run("fit", "ideal", *WINDOW, "--covariates", "traits.csv", code=2)
    assert "--positions" in refused.stderr


def test_covariates_of_items(run):
    document = run.json("fit", "ideal", *WINDOW, "--item-means", "~ amendment")
    slopes = document["item_slopes"]
    rows = {(row["parameter"], row["term"]): row["estimate"] for row in slopes["terms"]}
    assert set(rows) == {
        (name, term) for name in ("discrimination", "midpoint") for term in ("Intercept", "amendment")
    }
    assert rows["midpoint", "amendment"] > 1
    assert slopes["residual_sds"].keys() == {"discrimination", "midpoint"}
    words = run("fit", "ideal", *WINDOW, "--item-means", "~ amendment").stdout
    assert "Slopes of items on covariates of roll calls: ~ amendment" in words
    assert "N(linear in amendment," in words
    refused = run("fit", "ideal", *WINDOW, "--method", "map", "--item-means", "~ amendment", code=2)
    assert "--method" in refused.stderr
