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
    """The correlation of the votes with the squared position, where both ends tend to the same vote."""
    for kind, least in (("bell", 0.3), ("ggum", 0.25), ("probit", 0.0)):
        record, x = script.make_world(kind, 0)
        found = []
        for column in record.votes.T:
            cast = column >= 0
            if column[cast].std() > 0:
                found.append(abs(np.corrcoef(column[cast], x[cast] ** 2)[0, 1]))
        assert (np.mean(found) > least) if least else (np.mean(found) < 0.3)


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
