"""The harness runs, and what it times is the same number."""

import json

import numpy as np
import pytest

from voteshift.likelihood import evaluate


@pytest.fixture(scope="module")
def harness(benchmark_script):
    return benchmark_script("bench_core")


def test_the_harness_runs_on_s(harness, tmp_path, capsys):
    out = tmp_path / "core.json"
    harness.main(["--sets", "S", "--threads", "1", "--repeats", "5", "--out", str(out)])
    report = json.loads(out.read_text())
    assert report["machine"]["vector_bits"] in (128, 256, 512)
    assert len(report["timings"]) == 8
    for timing in report["timings"]:
        assert timing["low"] <= timing["seconds"] <= timing["high"]
        assert (timing["ratio_to_textbook"] is None) == (timing["case"]["information"] is not None)
    assert "ns/cell" in capsys.readouterr().out


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("name", ["S", "ORD"])
def test_the_textbook_computes_the_same(harness, name, link):
    drawn = harness.bench_set(name)
    value, *gradient = harness.textbook_pass(drawn, link)()
    got = evaluate(drawn.design, *drawn.parameters(link), link=link)
    assert value == pytest.approx(got.value, rel=1e-9)
    cuts = got.cutpoints.T if name == "ORD" else got.cutpoints.T[:1]
    for want, have in zip(gradient, (got.positions[0, :, 0], got.discriminations[:, 0], *cuts), strict=True):
        np.testing.assert_allclose(have, want, rtol=0, atol=1e-8 * np.abs(want).max())
