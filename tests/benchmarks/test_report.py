"""What the page on performance shows is what the published file holds."""

import json
import xml.etree.ElementTree as ET

import pytest


@pytest.fixture
def published(root):
    return json.loads((root / "benchmarks" / "published.json").read_text(encoding="utf-8"))


def test_the_page_shows_the_published_file(root, script, published):
    report = script("report")
    page = (root / "docs" / "performance.md").read_text(encoding="utf-8")
    assert report.put(page, report.render(published)) == page


def test_the_published_file_is_a_full_run(published):
    assert published["sets"] == ["S", "M", "L", "ORD"]
    assert published["repeats"] >= 5
    assert not published["quick"]
    assert {case["package"] for case in published["peers"]} == {"pscl", "MCMCpack"}
    assert all(case["converged"] and case["gradient_norm"] <= 1e-6 for case in published["fits"])


def test_the_figure_is_drawn(script, published, tmp_path):
    path = tmp_path / "figure.svg"
    script("report").draw(published, path)
    words = "".join(ET.parse(path).getroot().itertext())  # noqa: S314  # our own file
    assert words is not None
    assert path.stat().st_size > 5_000


def test_what_was_skipped_and_what_did_not_converge_is_said(script, published):
    report = script("report")
    published["skipped"] = ["pscl: not here"]
    published["starts"][0]["converged"] = False
    tables = report.render(published)
    assert "Skipped: pscl: not here." in tables
    assert "NOT CONVERGED" in tables
