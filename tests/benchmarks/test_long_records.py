"""A simulated record of which every member sits in a part, and the measurement of a fit."""

import json

import pytest


@pytest.fixture
def long_records(benchmark_script):
    return benchmark_script("long_records")


def test_members_sit_in_successive_periods(long_records):
    record = long_records.simulate(periods=5, seats=10, rollcalls=20, leaving=2)
    assert record.votes.shape == (18, 100)
    seated = (record.votes != long_records.vs.Vote.NOT_MEMBER).reshape(18, 5, 20).all(axis=2)
    assert (seated.sum(axis=0) == 10).all()
    for row in seated:
        terms = row.nonzero()[0]
        assert terms[-1] - terms[0] == len(terms) - 1


def test_fits_of_a_list_of_votes_are_measured(long_records, tmp_path, monkeypatch):
    record = long_records.simulate(periods=3, seats=12, rollcalls=8, leaving=2)
    lines = [
        f"{column // 8 + 1},{column % 8},{member},{vote // 2}"
        for member, row in enumerate(record.votes)
        for column, vote in enumerate(row)
        if vote >= 0
    ]
    path = tmp_path / "votes.csv"
    path.write_text("congress,rollcall,member,vote\n" + "\n".join(lines) + "\n")
    monkeypatch.setattr(
        long_records,
        "measure",
        lambda _, name, *, extra, **rest: getattr(long_records, name)(**rest) if extra else None,
    )
    out = tmp_path / "out.json"
    few = ["--repeats", "1", "--threads", "1", "--kinds", "dynamic", "--before", str(tmp_path)]
    assert long_records.main(["--record", str(path), *few, "--out", str(out)]) == 0
    before, after = json.loads(out.read_text())
    assert (before["code"], after["code"]) == ("before", "after")
    assert before["objective"] == after["objective"]
    assert after["members"] == 16
    assert after["gradient_norm"] <= 1e-6
    assert 0 < after["megabytes_before"] <= after["megabytes"] <= after["errors_megabytes"]
