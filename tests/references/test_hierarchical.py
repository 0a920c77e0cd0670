"""Slopes of positions on covariates with those of MCMCpack::MCMCirtHier1d, stored with its versions.

Made by ``benchmarks/hierarchical.py``.
"""

import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def hierarchical(benchmark_script):
    return benchmark_script("hierarchical")


def stored(record):
    return json.loads((HERE / f"mcmcpack_hier1d_{record}.json").read_text(encoding="utf-8"))


def slopes_with_the_same_priors(hierarchical, record, reference):
    votes, covariates = hierarchical.RECORDS[record]()
    spec = hierarchical.fixed(covariates, hierarchical.ITEM_SD * reference["sd_of_positions"])
    return spec.fit(votes).slopes.tidy().set_index("term")


@pytest.mark.parametrize("record", ["hrc", "s109"])
def test_a_reference_says_what_made_it_and_how_well_its_chains_agree(record):
    found = stored(record)
    assert found["function"] == "MCMCirtHier1d"
    assert found["r"].startswith("4.")
    for slope in found["slopes"].values():
        one, other = slope["chains"]
        assert abs(one - other) < 0.2 * slope["sd"]


def test_slopes_of_the_council_are_those_of_the_package(hierarchical):
    """The chains of the package differ from each other by a tenth of a standard deviation here."""
    reference = stored("hrc")
    ours = slopes_with_the_same_priors(hierarchical, "council", reference)
    assert list(ours.index) == list(reference["slopes"])
    for term, slope in reference["slopes"].items():
        assert ours.loc[term, "estimate"] == pytest.approx(slope["mean"], abs=0.25 * slope["sd"])
        assert 0.8 < ours.loc[term, "std_error"] / slope["sd"] < 1.2


def test_the_slope_of_party_in_the_senate_is_that_of_the_package(hierarchical):
    """Within Monte Carlo error; the votes come with pscl, so this needs R."""
    if "pscl" not in hierarchical.peers.find_peers():
        pytest.skip("Rscript with the package pscl is not installed")
    reference = stored("s109")
    ours = slopes_with_the_same_priors(hierarchical, "senate", reference)
    slope = reference["slopes"]["republican"]
    assert abs(ours.loc["republican", "estimate"]) == pytest.approx(
        slope["mean"], abs=3 * slope["monte_carlo_error"]
    )
    assert ours.loc["republican", "std_error"] == pytest.approx(slope["sd"], rel=0.05)
