import json

import numpy as np
import pytest
from click.testing import CliRunner

from voteshift.bench import run_cases, textbook
from voteshift.bench.sets import bench_set
from voteshift.cli.app import app
from voteshift.likelihood import evaluate


def test_every_case_is_measured_beside_its_yardstick() -> None:
    cases = list(run_cases(1, ("S",)))
    assert [case.case for case in cases] == ["value_gradient_float32", "value_gradient_float64", "map"]
    for case in cases[:2]:
        assert case.seconds > 0
        assert case.ns_per_vote == pytest.approx(1e9 * case.seconds / bench_set("S").design.codes.size)
        assert case.ratio_to["numpy"] > 0
    assert cases[2].gradient_norm is not None
    assert cases[2].gradient_norm <= 1e-6


@pytest.mark.parametrize("name", ["S", "ORD"])
def test_the_yardstick_computes_the_same(name: str) -> None:
    drawn = bench_set(name)
    positions, slopes, cuts = drawn.parameters("logit")
    flat = drawn.design.codes, positions[0, :, 0], slopes[:, 0]
    ours = evaluate(drawn.design, positions, slopes, cuts)
    if name == "ORD":
        value, by_position, by_slope, *_ = textbook.ordered(*flat, cuts[:, 0], cuts[:, 1])
    else:
        value, by_position, by_slope, _ = textbook.binary_logit(*flat, cuts[:, 0])
    assert ours.value == pytest.approx(value, rel=1e-9)
    assert np.allclose(ours.positions[0, :, 0], by_position, rtol=1e-7, atol=1e-7)
    assert np.allclose(ours.discriminations[:, 0], by_slope, rtol=1e-7, atol=1e-7)


def test_the_command_keeps_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voteshift.bench.run_cases", lambda threads: run_cases(threads, ("S",)))
    found = CliRunner().invoke(app, ["bench", "--json"])
    document = json.loads(found.stdout)
    assert found.exit_code == 0
    assert {"cpu", "vector_bits", "numpy", "numba"} <= set(document["machine"])
    for case in document["cases"]:
        assert {"case", "dataset", "threads", "seconds", "ns_per_vote", "ratio_to"} <= set(case)
    table = CliRunner().invoke(app, ["bench"])
    assert "times NumPy" in table.stdout
