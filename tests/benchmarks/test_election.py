"""The figures of docs/election.md are those that benchmarks/election.py prints."""

import re

import pytest

import voteshift as vs


@pytest.mark.slow
def test_the_page_shows_what_the_script_prints(root, benchmark_script, record, assembly, capsys):
    script = benchmark_script("election")
    joint = vs.link_chambers(record, assembly)
    result = script.measured("constant", vs.IdealPoints(), joint, 2000, 0)
    page = (root / "docs" / "election.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| constant, 2016 to 2021 \|.*$", page, flags=re.MULTILINE)
    part, elections, higher, p_value, _ = (cell.strip() for cell in row.split("|")[2:7])
    numbers = [float(number) for number in re.findall(r"[+-]?[\d.]+", elections.replace("\u2212", "-"))]
    assert float(part) == pytest.approx(result["no"]["estimate"], abs=0.06)
    expected = [result["no"][f"random_{end}"] for end in ("mean", "low", "high")]
    assert numbers == pytest.approx(expected, abs=0.06)
    assert float(higher.removesuffix(" %")) == pytest.approx(100 * result["no"]["p_more"], abs=1)
    assert float(p_value) == pytest.approx(result["no"]["p_value"], abs=0.02)
    assert result["sentence"] in capsys.readouterr().out
