"""`voteshift fit ideal --method nuts`: what it prints and writes, and its exit code."""

import json

import pytest
from click.testing import CliRunner

import voteshift as vs
from voteshift.cli.app import app
from voteshift.posterior import draws as posterior_draws
from voteshift.posterior.diagnose import Diagnostics

GOOD = Diagnostics(1.002, "position[3]", 950.0, 900.0, "midpoint[0]", 0, 2000)
BAD = Diagnostics(1.05, "position[3]", 950.0, 90.0, "midpoint[0]", 3, 2000)


@pytest.fixture
def run(drawn, monkeypatch):
    """Run the command with draws at hand in the place of the sampler."""
    asked = {}

    def at_hand(record, spec, *, seed, progress):
        asked.update(seed=seed, spec=spec)
        progress("sampling")
        return drawn

    monkeypatch.setattr(posterior_draws, "sample", at_hand)

    def command(diagnostics, *options):
        monkeypatch.setitem(drawn.__dict__, "diagnostics", diagnostics)
        return CliRunner().invoke(app, ["fit", "ideal", "--method", "nuts", *options]), asked

    return command


def test_a_usable_sample_is_exit_0_and_one_document(run, drawn):
    result, asked = run(GOOD, "--json", "--seed", "7")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert asked["seed"] == 7
    assert (document["method"], document["converged"]) == ("nuts", True)
    assert (document["rhat"], document["ess"], document["divergences"]) == (1.002, 900.0, 0)
    assert document["level"] == drawn.level
    assert len(document["positions"]) == len(drawn.encoded.members)
    assert set(document["positions"][0]) >= {"member", "period", "estimate", "conf_low", "conf_high"}


def test_draws_of_positions_that_move_learn_tau_unasked(run):
    result, asked = run(GOOD, "--periods", "year", "--bridge", "families")
    assert result.exit_code == 0, result.stderr
    assert asked["spec"].dynamics.tau == "estimate"
    _, asked = run(GOOD)
    assert asked["spec"].dynamics is None


def test_bad_diagnostics_are_exit_1_and_said(run):
    result, _ = run(BAD)
    assert result.exit_code == 1
    assert "NOT CONVERGED" in " ".join(result.stdout.split())
    assert "do not use these numbers" in result.stderr
    assert "R-hat is 1.0500" in " ".join(result.stdout.split())


def test_draws_are_written_beside_the_tables(run, drawn, tmp_path):
    result, _ = run(GOOD, "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.stderr
    assert vs.load_posterior(tmp_path / "out" / "posterior.nc").tree.identical(drawn.tree)


def test_an_explanation_refuses_draws_that_cannot_be_used(run, drawn, simulated, monkeypatch):
    monkeypatch.setitem(drawn.__dict__, "diagnostics", BAD)
    with pytest.raises(vs.NotUsableError, match=r"R-hat 1\.0500"):
        vs.explain(vs.load_hrc(), model=drawn)
