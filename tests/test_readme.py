"""Every figure of the README's table of results stands where its command put it."""

import json
import re


def test_figures_of_the_results_are_those_of_the_pages_and_of_the_benchmarks(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (.+?) \| (.+?) \| `.+?` \|$", text, re.MULTILINE))
    method = (root / "docs" / "method.md").read_text(encoding="utf-8")
    speed = (root / "docs" / "performance.md").read_text(encoding="utf-8")

    def answer(question):
        (found,) = [said for asked, said in rows.items() if question in asked]
        return found

    (coverage,) = re.findall(r"(\S+ %) over 210", answer("intervals cover"))
    assert f"it is {coverage} with a leaning" in " ".join(method.split())
    ours, last, own = re.findall(r"\d\.\d\d", answer("last tally"))
    assert f"| leaning and drift | {ours} |" in method
    assert f"| same as last time | {last} |" in method
    assert f"| every member repeats its own vote | {own} |" in method
    (correlation,) = re.findall(r"r = (\S+)", answer("109th Senate"))
    assert f"| pscl 1.5.5 | {correlation} |" in speed
    published = json.loads((root / "benchmarks" / "published.json").read_text(encoding="utf-8"))
    (fit,) = [
        row
        for row in published["fits"]
        if (row["dataset"], row["link"], row["threads"]) == ("L", "logit", 1) and row["converged"]
    ]
    (seconds,) = re.findall(r"(\S+) s,", answer("10,000 roll calls"))
    assert fit["seconds"] < float(seconds) * 1.1
    assert fit["gradient_norm"] <= 1e-6
    assert "14.5 (13.0 to 15.5) to switching" in text.replace("\n", " ").replace("  ", " ")
    (parts,) = re.findall(r"resolution (\S+) \((\S+) to (\S+)\)", answer("positions that move"))
    trio = (root / "tests" / "examples" / "test_examples.py").read_text(encoding="utf-8")
    assert f"resolution  +{parts[0]} [+{parts[1]}, +{parts[2]}]" in trio  # and that test runs it
