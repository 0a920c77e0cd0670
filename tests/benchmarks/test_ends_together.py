"""Worlds for the check of ends that vote together: drawn and judged, and the published rates add up."""

import json

import pytest


@pytest.fixture(scope="module")
def script(benchmark_script):
    return benchmark_script("ends_together")


def test_a_world_of_each_size_is_drawn(script):
    for kind in script.KINDS:
        record = script.make_world(kind, 0)
        assert record.votes.shape == (150 if kind.endswith("150") else 47, 123)
        assert (record.rollcalls["title"] == "On fish").sum() == 3


def test_ends_that_vote_together_fail_and_others_do_not(script):
    p_value, inside = script.judge("uniform_probit_ends", 0)
    assert p_value <= 0.01
    assert inside
    p_value, _ = script.judge("skewed_cloglog_strong", 0)
    assert p_value > 0.01


def test_a_rate_counts_curves_that_turn_in_the_middle(script):
    rates = script.summarise({"normal_logit_strong": [[0.002, 1.0], [0.002, 0.0], [0.04, 1.0], None]})
    assert rates["normal_logit_strong"] == {
        "ends_together": False,
        "datasets": 4,
        "without_p_value": 1,
        "fails": 0.25,
        "fails_at_05": 0.5,
        "p_at_most_05": 0.75,
    }


def test_the_published_rates_are_those_of_the_p_values(script, root):
    path = root / "benchmarks" / "ends_together.json"
    published = json.loads(path.read_text(encoding="utf-8"))
    assert list(published["kinds"]) == list(script.KINDS)
    assert script.summarise(published["worlds"]) == published["kinds"]
    assert script.write_results(published) == path.read_text(encoding="utf-8")
    page = (root / "docs" / "method.md").read_text(encoding="utf-8")
    for kind, result in published["kinds"].items():
        assert f"| `{kind}` | {100 * result['fails']:.0f} % | {100 * result['fails_at_05']:.0f} % |" in page
    others = [result for result in published["kinds"].values() if not result["ends_together"]]
    wrong = round(sum(result["fails"] * result["datasets"] for result in others))
    assert f"fails in {wrong} of {sum(result['datasets'] for result in others)} datasets" in page
