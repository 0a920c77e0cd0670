"""Positions beside the posterior means of the packages of R, stored with their versions.

Made by ``benchmarks/peers.py``. voteshift reports the mode of a posterior, the packages its mean: where a
member's votes fix its position the two agree, at the ends of the scale of a small body they need not.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import voteshift as vs

HERE = Path(__file__).parent
PACKAGES = ("pscl", "mcmcpack")


def stored(package, record):
    return json.loads((HERE / f"{package}_{record}.json").read_text(encoding="utf-8"))


def table(reference):
    return pd.DataFrame.from_dict(reference["positions"], orient="index", columns=["mean", "sd"])


def correlation(one, other):
    return abs(float(np.corrcoef(one, other)[0, 1]))


@pytest.fixture
def council(benchmark_script):
    return benchmark_script("peers").binary_record()


@pytest.mark.parametrize("record", ["hrc", "s109"])
@pytest.mark.parametrize("package", PACKAGES)
def test_a_reference_says_what_made_it_and_how_well_its_chains_agree(package, record):
    found = stored(package, record)
    assert found["package"].lower() == package
    assert found["version"]
    assert found["r"].startswith("4.")
    assert len(found["seeds"]) == 2
    assert found["correlation_between_chains"] > 0.995
    assert np.isfinite(table(found).to_numpy()).all()


def test_the_packages_agree_with_each_other():
    for record in ("hrc", "s109"):
        one, other = (table(stored(package, record)) for package in PACKAGES)
        assert correlation(one["mean"], other["mean"].loc[one.index]) > 0.999


def test_abstentions_join_the_noes_and_absence_stays_absence(council, record):
    window = record.between("2016", "2021")
    window = window.select(members=council.members.index, rollcalls=council.rollcalls.index)
    assert set(np.unique(council.votes)) <= {-3, -2, -1, 0, 2}
    assert ((council.votes == 0) == ((window.votes == 0) | (window.votes == 1))).all()
    assert (council.votes[council.votes < 0] == window.votes[council.votes < 0]).all()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_mode_orders_the_council_as_posterior_means_do(benchmark_script, council, package):
    found = benchmark_script("peers").compare(council, stored(package, "hrc"))
    assert found["gradient_norm"] <= 1e-6
    assert found["members"] == len(stored(package, "hrc")["positions"])
    assert found["spearman"] > 0.998
    # Mode against mean: the ends of the scale are long in the means and shorter in the mode.
    assert found["pearson"] > 0.98


@pytest.mark.parametrize("package", PACKAGES)
def test_posterior_means_of_our_own_likelihood_are_the_packages(benchmark_script, council, package):
    """Like against like: a Hamiltonian chain on the log posterior that the fit maximises."""
    fit = vs.IdealPoints(link="probit", threads=1).fit(council)
    draws, accepted = benchmark_script("mean_or_mode").sample(fit.model, fit.mode.point, 700, 3)
    means = table(stored(package, "hrc"))["mean"].loc[fit.encoded.members]
    assert accepted > 0.5
    assert correlation(draws.mean(axis=0), means) > 0.99


@pytest.mark.parametrize("package", ["pscl", "MCMCpack"])
def test_the_senate_is_placed_as_by_the_packages(benchmark_script, package, tmp_path):
    """Its votes come with pscl and are not ours to carry: this wants R."""
    peers = benchmark_script("peers")
    if "pscl" not in peers.find_peers():
        pytest.skip("Rscript with the package pscl is not installed")
    found = peers.compare(peers.senate(tmp_path / "votes.csv"), stored(package.lower(), "s109"))
    assert found["members"] == 102
    assert found["pearson"] > 0.99


def means_of_sample(votes):
    """Posterior means of the likelihood the packages have, by the sampler."""
    fit = vs.sample(votes, vs.IdealPoints(link="probit"), chains=2, draws=1000, seed=1)
    assert fit.diagnostics.divergences == 0
    return fit.tidy().set_index("member")["estimate"]


@pytest.mark.nightly
def test_sampled_means_of_the_council_are_the_packages(council):
    """pytest -m nightly tests/references/test_peers.py"""
    pytest.importorskip("nutpie")
    ours = means_of_sample(council)
    for package in PACKAGES:
        assert correlation(ours, table(stored(package, "hrc"))["mean"].loc[ours.index]) > 0.99


@pytest.mark.nightly
def test_sampled_means_of_the_senate_are_the_packages(benchmark_script, tmp_path):
    """pytest -m nightly tests/references/test_peers.py, with R and pscl"""
    pytest.importorskip("nutpie")
    peers = benchmark_script("peers")
    if "pscl" not in peers.find_peers():
        pytest.skip("Rscript with the package pscl is not installed")
    ours = means_of_sample(peers.senate(tmp_path / "votes.csv"))
    for package in PACKAGES:
        assert correlation(ours, table(stored(package, "s109"))["mean"].loc[ours.index]) > 0.99
