"""The harness runs, and what it writes can be read and rendered."""

import json
import math
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(root, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "results.json"
    command = [sys.executable, "benchmarks/run.py", "--sets", "S", "--quick", "--repeats", "1", "--out", out]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text(encoding="utf-8")), done.stdout


def test_the_machine_the_versions_and_the_threads_are_said(results):
    found, table = results
    assert {"cpu", "vector_bits", "cores", "python", "numpy", "numba"} <= set(found["machine"])
    assert found["threads"] == [1, 2]
    assert found["repeats"] == 1
    assert found["machine"]["cpu"] in table


def test_every_timing_has_a_median_within_its_spread(results):
    found, _ = results
    timings = found["kernels"] + found["kernel_threads"] + found["fits"]
    assert timings
    for case in timings:
        assert 0 < case["low"] <= case["seconds"] <= case["high"], case
    for case in found["growth"]:
        assert 0 < case["ns_low"] <= case["ns"] <= case["ns_high"], case


def test_passes_are_compared_with_the_textbook_in_both_links_and_precisions(results):
    found, _ = results
    cases = {(case["link"], case["precision"]) for case in found["kernels"] if case["ratio_to_textbook"]}
    assert cases == {(link, f"float{bits}") for link in ("logit", "probit") for bits in (32, 64)}


def test_fits_end_at_the_mode_and_no_optimiser_finds_more(results):
    found, _ = results
    assert [case["threads"] for case in found["fits"]] == [1, 2]
    assert found["fits"][0]["objective"] == found["fits"][1]["objective"]  # threads change no bit
    for case in found["fits"]:
        assert case["converged"]
        assert case["gradient_norm"] <= 1e-6
        assert case["spearman"] > 0.99
    assert found["fits"][0]["objective_less_scipy"] > -1e-6
    assert all(case["largest_relative_difference"] < 1e-6 for case in found["starts"])


def test_the_bundled_record_is_fitted_too(results):
    found, table = results
    (case,) = found["real"]
    assert case["converged"]
    assert case["votes"] > 42_000
    assert "| HRC " in table


def test_memory_and_the_price_of_the_first_call_are_measured(results):
    found, _ = results
    for case in found["memory"]:
        assert math.isfinite(case["with_record"])
        assert case["converged"]
    for case in found["start"]:
        for when in ("compiling", "cached"):
            assert 0 < case[when]["second_fit_seconds"] < case[when]["process_seconds"]


def test_what_was_left_out_is_said(results):
    found, table = results
    assert found["peers"] == found["em"] == []
    assert any("packages of R" in said for said in found["skipped"])
    assert any("General Assembly" in said for said in found["skipped"])
    assert "packages of R: a quick run" in table


def test_a_published_median_wants_five_repeats(root):
    command = [sys.executable, "benchmarks/run.py", "--sets", "S", "--repeats", "4"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "at least 5" in done.stderr
