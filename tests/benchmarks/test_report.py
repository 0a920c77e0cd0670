"""What the page on performance shows is what the published file holds."""

import json
import xml.etree.ElementTree as ET

import pytest


@pytest.fixture
def published(root):
    return json.loads((root / "benchmarks" / "published.json").read_text(encoding="utf-8"))


def test_the_page_shows_the_published_file(root, benchmark_script, published):
    report = benchmark_script("report")
    page = (root / "docs" / "performance.md").read_text(encoding="utf-8")
    assert report.put(page, report.render(published)) == page


def test_the_published_file_is_a_full_run(published):
    assert published["sets"] == ["S", "M", "L", "ORD"]
    assert published["repeats"] >= 5
    assert not published["quick"]
    assert {case["package"] for case in published["peers"]} == {"pscl", "MCMCpack"}
    assert all(case["converged"] and case["gradient_norm"] <= 1e-6 for case in published["fits"])


def test_the_figure_is_drawn(benchmark_script, published, tmp_path):
    path = tmp_path / "figure.svg"
    benchmark_script("report").draw(published, path)
    words = "".join(ET.parse(path).getroot().itertext())  # noqa: S314  # our own file
    assert words is not None
    assert path.stat().st_size > 5_000


def test_what_was_skipped_and_what_did_not_converge_is_said(benchmark_script, published):
    report = benchmark_script("report")
    published["skipped"] = ["pscl: not here"]
    published["starts"][0]["converged"] = False
    tables = report.render(published)
    assert "Skipped: pscl: not here." in tables
    assert "NOT CONVERGED" in tables


def test_peers_and_real_records_are_shown_where_they_were_timed(benchmark_script, published):
    report = benchmark_script("report")
    published["em"] = [
        {
            "package": "emIRT", "version": "0.0.14", "dataset": "M", "threads": 1, "runs": 1,
            "iterations": 70, "pearson": 0.978, "seconds": 2.7, "low": 2.7, "high": 2.7,
            "fit_seconds": 0.05, "fit_gradient_norm": 3e-7, "fit_pearson": 0.99908, "ratio": 54.0,
        }
    ]  # fmt: skip
    published["real"] = [
        {
            "dataset": "HRC", "link": "logit", "members": 126, "rollcalls": 907, "votes": 42039,
            "seconds": 0.038, "low": 0.037, "high": 0.039, "gradient_norm": 2.4e-7, "iterations": 35,
        }
    ]  # fmt: skip
    lines = [[cell.strip() for cell in line.split("|")] for line in report.render(published).splitlines()]
    peer = next(line for line in lines if line[1:3] == ["emIRT 0.0.14", "M"])
    assert peer[3:7] == ["2.700 s", "once", "70", "0.97800"]
    assert peer[-2] == "54 x"
    real = next(line for line in lines if line[1:3] == ["HRC", "126 x 907"])
    assert real[3:6] == ["42,039", "logit", "38.0 ms"]
