"""`voteshift cite`: the references of the result at hand."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from voteshift.cli.app import app

FIT = {"positions": [], "link": "logit"}


def keys(*arguments):
    result = CliRunner().invoke(app, ["cite", "--json", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return [one["key"] for one in json.loads(result.stdout)]


def test_software_data_and_model_are_cited():
    assert keys() == ["voteshift", "szoszkiewicz2026", "clinton2004"]
    assert keys("--own-data") == ["voteshift", "clinton2004"]


@pytest.mark.parametrize(
    ("document", "cited"),
    [
        (FIT | {"method": "map"}, []),
        (FIT | {"method": "marginal"}, ["imai2016"]),
        (FIT | {"method": "nuts", "steps": [{"bridges": 3}]}, ["hoffman2014", "martin2002", "bailey2017"]),
        (FIT | {"method": "map", "steps": [{"bridges": 0}]}, ["martin2002"]),
        ({"family": "x", "steps": [], "fit": {"method": "map"}, "bridges": None}, ["shapley1953"]),
        (
            {"family": "x", "steps": [], "fit": {"method": "marginal"}, "bridges": {}},
            ["imai2016", "martin2002", "bailey2017", "shapley1953"],
        ),
    ],
)
def test_the_method_of_a_result_is_cited(tmp_path, document, cited):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert keys(path)[3:] == cited


@pytest.mark.parametrize(
    ("formula", "cited"),
    [
        ("yes ~ C(version) * voice", ["voteshift", "szoszkiewicz2026", "kaufmann2011"]),
        ("yes ~ log(gdp_per_head)", ["voteshift", "szoszkiewicz2026"]),
        ("yes ~ C(group)", ["voteshift", "szoszkiewicz2026"]),
    ],
)
def test_a_logistic_model_cites_its_covariates_and_no_ideal_points(tmp_path, formula, cited):
    path = tmp_path / "result.json"
    path.write_text(CliRunner().invoke(app, ["fit", "logit", formula, "--json"]).stdout, encoding="utf-8")
    assert keys(path) == cited


def test_text_and_bibtex_are_printed():
    text = CliRunner().invoke(app, ["cite"]).output
    assert "the software: The voteshift developers" in text
    assert "@article{clinton2004,\n  author = {Clinton, Joshua and Jackman, Simon" in text


ODD = {"positions": [], "link": 1, "steps": [1, "two"], "method": ["nuts"]}
REFUSED = ["[]", "{", '{"positions": []}', "[" * 100_000, "1" * 5000, json.dumps(ODD)]


@pytest.mark.parametrize("content", REFUSED)
def test_a_file_that_is_no_result_is_refused(tmp_path, content):
    path = tmp_path / "result.json"
    path.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["cite", str(path)])
    assert result.exit_code == 3
    assert "fit.json" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_refused(tmp_path):
    result = CliRunner().invoke(app, ["cite", str(tmp_path / "result.json")])
    assert result.exit_code == 3
    assert "result.json: no such file" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_device_is_no_result():
    """It has no end: reading it would fill the memory."""
    result = CliRunner().invoke(app, ["cite", "/dev/full"])
    assert result.exit_code == 3
    assert "not a regular file" in result.stderr
