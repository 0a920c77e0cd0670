"""Worlds for the comparison of unfolding: every kind is drawn, and the published shares add up."""

import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def script(benchmark_script):
    return benchmark_script("unfolding")


def test_every_kind_is_drawn(script):
    for kind in script.KINDS:
        record, x = script.make_world(kind, 0)
        assert record.votes.shape[0] == len(x) == 47
        assert record.votes.shape[1] >= 140
        assert x.std() == pytest.approx(1.0)
        both_ways = [script.make_world(kind, 0)[0].votes, record.votes]
        np.testing.assert_array_equal(*both_ways)


def test_the_ends_vote_alike_only_where_they_should(script):
    """The share of roll calls on which the votes of both ends are on the same side of those of the middle."""
    shares = {}
    for kind in ("bell", "bell_part", "ggum", "probit", "skewed_cloglog", "plane"):
        record, x = script.make_world(kind, 0)
        votes = np.where(record.votes >= 0, record.votes, np.nan)
        thirds = np.digitize(x, np.quantile(x, [1 / 3, 2 / 3]))
        low, middle, high = (np.nanmean(votes[thirds == third], axis=0) for third in range(3))
        shares[kind] = np.mean((low - middle) * (high - middle) > 0.05)
    assert min(shares["bell"], shares["ggum"]) > 0.3
    assert shares["bell"] > shares["bell_part"] > 0.15
    assert max(shares["probit"], shares["skewed_cloglog"], shares["plane"]) < 0.2


def test_shares_count_gains_of_two_standard_errors(script):
    rows = [
        {"verdict": "undecided", "spearman": 0.98, "monotone": [5.0, 2.0]},
        {"verdict": "monotone", "spearman": 0.9, "monotone": [-5.0, 2.0]},
        {"verdict": "monotone", "spearman": 0.99, "monotone": [0.0, 0.0]},
        {"verdict": "not usable: the fit"},
    ]
    summary = script.summarise({"bell": rows})["bell"]
    assert summary["datasets"] == 4
    assert summary["not_usable"] == 1
    assert summary["above"] == pytest.approx(1 / 3, abs=0.001)
    assert summary["within"] == pytest.approx(1 / 3, abs=0.001)
    assert summary["spearman"] == {"median": 0.98, "lowest": 0.9}


def test_the_published_shares_are_those_of_the_worlds(script, root):
    path = root / "benchmarks" / "unfolding.json"
    published = json.loads(path.read_text(encoding="utf-8"))
    assert list(published["kinds"]) == list(script.KINDS)
    assert script.summarise(published["worlds"]) == published["kinds"]
    assert script.write_results(published) == path.read_text(encoding="utf-8")
    page = (root / "docs" / "posterior.md").read_text(encoding="utf-8")
    for kind, result in published["kinds"].items():
        places = result["spearman"]
        row = f"| `{kind}` | {100 * result['above']:.0f} % | {100 * result['within']:.0f} % |"
        assert row in page
        assert f"| {places['median']:.2f}, {places['lowest']:.2f} |" in page
    total = sum(result["datasets"] for result in published["kinds"].values())
    assert f"draws {total} records" in page
