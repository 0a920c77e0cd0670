"""Worlds for the check of dimensions: every kind is drawn, and the published rates add up."""

import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def script(benchmark_script):
    return benchmark_script("dimensions")


def test_a_world_of_each_source_is_drawn_and_judged(script):
    like = script.sources()
    truth = script.bloc_tests.Truth(like[1])
    for kind in ("second", "every bloc", "west_one"):
        record = script.make_record(kind, 0, like, truth)
        assert (record.rollcalls["family"] == script.worlds.FAMILY).sum() >= 2
    p_value = script.judge("second", script.make_record("second", 0, like, truth), 0)
    assert p_value == pytest.approx(0.002)


def test_rates_count_worlds_without_a_p_value_as_no_warning(script):
    rates = script.summarise({"base": [0.5, 0.01, None, 0.02], "second": [0.002]})
    assert rates["base"]["warned"] == 0.25
    assert rates["base"]["without_p_value"] == 1
    assert rates["second"] == {
        "datasets": 1,
        "second_dimension": True,
        "warned": 1.0,
        "without_p_value": 0,
    }


def test_the_published_rates_are_those_of_the_p_values(script, root):
    path = root / "benchmarks" / "dimensions.json"
    published = json.loads(path.read_text(encoding="utf-8"))
    assert list(published["kinds"]) == [name for name in script.KINDS if name in published["p_values"]]
    assert {"base", "second", "every bloc"} <= set(published["kinds"])
    assert script.summarise(published["p_values"]) == published["kinds"]
    assert script.write_results(published) == path.read_text(encoding="utf-8")
    page = (root / "docs" / "method.md").read_text(encoding="utf-8")
    for kind, result in published["kinds"].items():
        assert result["datasets"] >= 40
        p_values = np.array(published["p_values"][kind], dtype=float)
        larger = 100 * (p_values <= 0.05).mean()
        assert f"| `{kind}` | {100 * result['warned']:.0f} % | {larger:.0f} % |" in page
