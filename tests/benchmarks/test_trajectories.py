"""The page shows the figures that the benchmark wrote."""

import json


def test_the_page_shows_the_stored_figures(root):
    found = json.loads((root / "benchmarks" / "trajectories.json").read_text(encoding="utf-8"))["cases"]
    page = (root / "docs" / "dynamic.md").read_text(encoding="utf-8")
    for name, case in found.items():
        row = (
            f"| {name} | {case['correlation_min']:.3f}, {case['correlation_median']:.3f} "
            f"| {100 * case['coverage']:.1f} % | {case['step']:.3f} |"
        )
        assert row in page, row
