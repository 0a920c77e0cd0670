"""What docs/logistic.md prints is what was measured, and what was measured can be measured again."""

import json
import sys

import numpy as np
import pytest

import voteshift as vs
from voteshift.logistic.inference import infer
from voteshift.logistic.separation import is_separated


@pytest.fixture(scope="module")
def simulation(benchmark_script):
    return benchmark_script("logistic_coverage")


@pytest.fixture(scope="module")
def analysis(benchmark_script):
    return benchmark_script("logistic_trio")


@pytest.fixture(scope="module")
def coverage(root):
    return json.loads((root / "benchmarks" / "logistic_coverage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def conditional(root):
    return json.loads((root / "benchmarks" / "logistic_conditional.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def trio(root):
    return json.loads((root / "benchmarks" / "logistic_trio.json").read_text(encoding="utf-8"))


def test_the_tables_of_the_page_are_those_of_the_files(tool_script):
    assert tool_script("logistic_tables").main(["--check"]) == 0


def test_the_prose_has_its_figures_from_the_file(root, trio):
    text = " ".join((root / "docs" / "logistic.md").read_text(encoding="utf-8").split())
    moved = {row["term"]: row for row in trio["moved"]["terms"]}["voice"]["estimate"]
    profile = {row["term"]: row for row in trio["moved"]["profile"]}["voice"]
    assert f"{moved:.2f} on the logit scale per unit of voice" in text
    assert f"profile interval from {profile['conf_low']:.2f} to {profile['conf_high']:.2f}" in text
    assert (trio["moved"]["n"], trio["moved"]["moved"]) == (9, 7)
    p = [row["p_value"] for row in trio["proportional_odds"]]
    assert f"p = {p[0]:.3f} and {p[1]:.3f}; the joint test, p = {p[-1]:.2f}" in text
    assert f"({trio['compare']['n']} votes with all variables)" in text
    assert any("without Peru and Ukraine the votes are separated" in note for note in trio["moved"]["notes"])


def test_what_the_page_calls_surviving_survives(trio):
    """Voice holds 0 in no interval, and no member's loss changes that."""
    models = [model for model in trio["survives"] if "voice" in model["formula"]]
    assert len(models) == 4
    for model in models:
        (row,) = [row for row in model["terms"] if row["term"] == "voice"]
        assert max(row["conf_high"], row["firth_high"], row["dropped_high"]) < 0
        assert "voice" not in {entry["term"] for entry in model["verdict_hangs_on"]}
    gdp = [row for model in trio["survives"] for row in model["terms"] if row["term"] == "log(gdp_per_head)"]
    assert [(row["conf_high"] > 0, row["wald_high"] < 0, row["firth_high"] < 0) for row in gdp] == [
        (True,) * 3
    ]


def test_the_recommended_intervals_cover(coverage):
    """92 to 98 % for effects 0 and 1, at least 90 % at 2.5, wherever it was measured."""
    assert coverage["cells"]
    for cell in coverage["cells"]:
        found = cell["methods"]["recommended"]
        assert found["runs"] == cell["runs"] == 1000
        if cell["effect"] < 2:
            assert 92 <= found["coverage"] <= 98, cell
        else:
            assert found["coverage"] >= 90, cell


def test_conditional_effects_are_held_against_a_bar_of_their_own(conditional, coverage):
    """Figures add up, and what is said of the bar follows from them."""
    assert conditional["estimand"] == "conditional"
    assert conditional["pattern"] == coverage["pattern"]
    n = 0
    for cell in conditional["cells"]:
        assert cell["runs"] == len(cell["each"])
        assert cell["usable"] == sum(run["usable"] for run in cell["each"])
        n += cell["runs"]
        for level in ("0.9", "0.95"):
            held = np.mean([run["usable"] and run[f"held_{level}"] for run in cell["each"]])
            assert cell["coverage"][level] == pytest.approx(100 * held, abs=0.051)
    whole = conditional["over_all"]
    assert whole["runs"] == n
    assert conditional["bands"] == {"0.9": [86.0, 94.0], "0.95": [92.0, 98.0]}
    within = whole["usable"] >= 0.95 * n and all(
        low <= whole["coverage"][level] <= high for level, (low, high) in conditional["bands"].items()
    )
    for cell in conditional["cells"]:
        for level, (low, high) in conditional["bands"].items():
            slack = 200 * np.sqrt(float(level) * (1 - float(level)) / cell["runs"])
            within &= low - slack <= cell["coverage"][level] <= high + slack
    assert conditional["in_the_bar"] == within


def test_the_simulation_has_the_pattern_of_the_three_votes(simulation, record):
    seats = np.bincount([len(seats) for seats in simulation.SEATS])[1:]
    trio = record.select(family="mutually-beneficial-cooperation").seated()
    held = np.bincount((trio.votes != vs.Vote.NOT_MEMBER).sum(axis=1))[1:]
    assert seats.tolist() == held.tolist() == [27, 39, 12]
    per_vote = np.bincount(np.concatenate([np.array(seats) for seats in simulation.SEATS]))
    assert per_vote.sum() == (trio.votes != vs.Vote.NOT_MEMBER).sum()


@pytest.mark.parametrize("effect", [0.0, 6.0])
def test_what_is_measured_as_recommended_is_what_logit_does(simulation, effect):
    """With an effect so large that some panels are separated."""
    names, labels = list("abcd"), [str(at) for at in range(len(simulation.SEATS))]
    apart = 0
    for run in range(3):
        problem, clusters = simulation.draw(0.5, effect, np.random.default_rng([1, run]))
        made = infer(problem, clusters, errors="CR3", penalised=None, names=names, labels=labels)
        apart += is_separated(problem) or bool(made.hanging)
        found = simulation.one_run(0.5, effect, [1, run])["recommended"]
        reach = 1.9912544 * np.sqrt(made.covariance[3, 3])
        assert found[1] == pytest.approx(2 * reach, rel=1e-6)
        assert found[0] == (abs(made.solution.params[3] - effect) <= reach)
    assert apart == 0 or effect > 0


def test_the_marginal_model_of_the_simulation_is_the_logit_fitted(simulation):
    """However tied the votes of a state are, each by itself has the probability of the model."""
    rng = np.random.default_rng(2)
    drawn = [simulation.draw(0.9, 1.0, rng)[0] for _ in range(300)]
    X, y = np.concatenate([one.X for one in drawn]), np.concatenate([one.y for one in drawn])
    p = 1 / (1 + np.exp(-(X @ [0.3, -0.5, -0.3, 1.0])))
    for low, high in ((0, 0.3), (0.3, 0.7), (0.7, 1)):
        inside = (p >= low) & (p < high)
        assert y[inside].mean() == pytest.approx(p[inside].mean(), abs=0.02)


@pytest.fixture(scope="module")
def slopes(root):
    return json.loads((root / "benchmarks" / "position_slopes.json").read_text(encoding="utf-8"))


def test_the_error_of_positions_is_taken_into_account(slopes, root):
    """What the page says of bias and coverage is what was measured."""
    rows = [
        (cell["reliability"], term, results)
        for cell in slopes["cells"]
        for term, results in cell["terms"].items()
    ]
    for reliability, _, results in rows:
        best = results["measurement-error"]
        for name in ("two steps, mode", "two steps, means"):
            if reliability < 0.9:
                assert abs(best["bias"]) < abs(results[name]["bias"])
                assert abs(best["coverage"] - 95) < abs(results[name]["coverage"] - 95)
    text = " ".join((root / "docs" / "logistic.md").read_text(encoding="utf-8").split())
    measured = [results["measurement-error"] for _, _, results in rows]
    unbiased = sum(abs(one["bias"]) <= 2 for one in measured)
    covering = sum(93 <= one["coverage"] <= 97 for one in measured)
    assert f"the bias is at most 2 % in {unbiased} of {len(rows)} rows" in text
    assert f"the coverage is 93 to 97 % in {covering} of {len(rows)} rows" in text


def test_a_dataset_of_the_slopes_is_drawn_as_the_page_says(benchmark_script):
    module = benchmark_script("position_slopes")
    for world in module.WORLDS:
        x, record, panel = module.draw(world, 8, np.random.default_rng(1))
        assert (x.mean(), x.std()) == pytest.approx((0, 1))
        assert record.votes.shape == (module.N_MEMBERS, 8)
        trait = panel["trait"].to_numpy()[::3]
        assert np.corrcoef(x, trait)[0, 1] == pytest.approx(module.TRAIT, abs=0.15)
        p = 1 / (1 + np.exp(-(0.3 + x - 0.5 * trait)))
        first = panel.loc[panel["version"] == "2018", "yes"].to_numpy()
        assert (first - p).mean() == pytest.approx(0, abs=0.08)


@pytest.mark.nightly
def test_slopes_measured_anew_are_those_published(benchmark_script, slopes):
    """Half a minute: 40 datasets of one cell."""
    again = benchmark_script("position_slopes").cell("normal", 8, 40, seed=3)
    (cell,) = [cell for cell in slopes["cells"] if (cell["world"], cell["n_rollcalls"]) == ("normal", 8)]
    assert again["reliability"] == pytest.approx(cell["reliability"], abs=0.03)
    for term, results in cell["terms"].items():
        for name, row in results.items():
            found = again["terms"][term][name]
            assert found["bias"] == pytest.approx(row["bias"], abs=4 * found["monte_carlo_error"])


def test_the_page_can_be_computed_again(analysis, trio):
    panel = analysis.build()
    again = analysis.survives("yes ~ C(version) + voice", panel)
    assert_alike(again, trio["survives"][0])
    assert_alike(analysis.moved(panel), trio["moved"])


def assert_alike(one, other):
    if isinstance(other, dict):
        assert one.keys() == other.keys()
        for key in other:
            assert_alike(one[key], other[key])
    elif isinstance(other, list):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_alike(left, right)
    elif isinstance(other, float):
        assert one == pytest.approx(other, abs=2e-5)
    else:
        assert one == other


@pytest.mark.nightly
def test_a_panel_of_the_conditional_benchmark_is_fitted_as_users_fit_it(benchmark_script, conditional):
    """Two compilations, a minute: the first panel anew, by itself and with what was compiled for another."""
    import nutpie

    module = benchmark_script("logistic_conditional")
    plain, (cell, *_) = nutpie.compile_pymc_model, conditional["cells"]
    seed = [conditional["seed"], int(10 * cell["sd"]), int(10 * cell["effect"]), 0]
    alone = module.one_run(cell["sd"], cell["effect"], seed)
    module.compile_once()
    try:
        module.one_run(3.0, 2.5, [1, 1])
        assert module.one_run(cell["sd"], cell["effect"], seed) == alone
    finally:
        nutpie.compile_pymc_model = plain
    assert alone["estimate"] == pytest.approx(cell["each"][0]["estimate"], abs=0.05)


@pytest.mark.nightly
def test_the_whole_page_can_be_computed_again(analysis, trio, tmp_path, monkeypatch):
    """Half a minute: python -m pytest -m nightly tests/logistic."""
    monkeypatch.setattr(sys, "argv", ["logistic_trio.py", "--out", str(tmp_path / "trio.json")])
    analysis.main()
    again = json.loads((tmp_path / "trio.json").read_text(encoding="utf-8"))
    assert_alike({**again, "versions": None}, {**trio, "versions": None})


@pytest.mark.nightly
@pytest.mark.parametrize(("tie", "effect"), [(0.0, 1.0), (0.5, 2.5), (0.9, 0.0)])
def test_coverage_measured_anew_is_that_published(simulation, coverage, tie, effect):
    """A minute or two a cell: python -m pytest -m nightly tests/logistic -n 0."""
    runs = 200
    found = simulation.cell(tie, effect, runs, seed=1)["methods"]
    (cell,) = [cell for cell in coverage["cells"] if (cell["tie"], cell["effect"]) == (tie, effect)]
    for name in ("plain Wald", "recommended"):
        expected = cell["methods"][name]["coverage"]
        spread = 100 * np.sqrt(0.05 * 0.95 / runs)
        assert found[name]["coverage"] == pytest.approx(expected, abs=4 * spread)
