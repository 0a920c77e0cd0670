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

    ours, last, own = re.findall(r"\d\.\d\d", answer("last tally"))
    assert f"| member effects and drift | {ours} |" in method
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
    assert "states voting differently 13.8 (12.0 to 15.5)" in text
    (parts,) = re.findall(r"resolution (\S+) \((\S+) to (\S+)\)", answer("positions that move"))
    trio = (root / "tests" / "examples" / "test_examples.py").read_text(encoding="utf-8")
    assert f"resolution  +{parts[0]} [+{parts[1]}, +{parts[2]}]" in trio  # and that test runs it


def test_coverage_is_that_of_each_part_and_where_states_moved_too(root):
    """Pooled over the worlds that have the part, but for habit; one figure would hide the weaker parts."""

    def read(name):
        return json.loads((root / "benchmarks" / name).read_text(encoding="utf-8"))

    worlds = {
        name: world["model"] for name, world in read("worlds.json")["worlds"].items() if name != "habit"
    }
    said, datasets = [], 0
    for part in ("membership", "switching", "positions", "resolution"):
        rows = [world[part] for world in worlds.values() if part in world]
        n = [row["datasets"] for row in rows]
        cover = sum(row["coverage"] * k for row, k in zip(rows, n, strict=True)) / sum(n)
        said.append(f"{part} {100 * cover:.1f} %")
        datasets = max(datasets, sum(n))
    sentence = ", ".join(said)
    moved = read("causes.json")["moved"]
    held, of = moved["covered"], moved["worlds"]
    short = f"positions in {held['positions']} of {of} datasets, resolution in {held['resolution']} of {of}"
    readme = (root / "README.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| do 90 % intervals cover.*$", readme, re.MULTILINE)
    assert f"{datasets} datasets simulated from the fitted model itself | {sentence} |" in row
    assert f"| the same where states moved and the resolution did not | {short} |" in readme
    pages = [
        " ".join((root / "docs" / f"{page}.md").read_text("utf-8").split()) for page in ("method", "dynamic")
    ]
    assert f"By part, with member effects, coverage is: {sentence}." in pages[0]
    both = f"positions in {held['positions']} and of resolution in {held['resolution']} of {of} datasets"
    assert f"the true value of {both}" in pages[0]
    gained = moved["estimate"]["resolution"] - moved["truth"]["resolution"]
    counts = (
        f"positions in {held['positions']} of {of} simulations and that of resolution in "
        f"{held['resolution']} of {of} simulations"
    )
    assert (
        f"{counts}. With exact coverage, {0.9 * of:.0f} would be expected. On average, the model attributes "
        f"{gained:.1f} of {moved['truth']['positions']:.0f} votes of movement to the resolution" in pages[1]
    )
