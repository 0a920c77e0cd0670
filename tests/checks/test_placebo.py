import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import voteshift as vs
from voteshift.checks.placebo import compare_families, relabelling_p

TRIO = "mutually-beneficial-cooperation"
STEPS = {  # switches, stayers; switches, pairs, families elsewhere; rank
    ("27478", "29343"): ((9, 22), (27, 305), 14, 1),
    ("29343", "29575"): ((0, 37), (27, 480), 13, 13),
    ("27478", "29575"): ((5, 16), (18, 160), 10, 1),
}
CODES = [int(vote) for vote in vs.Vote]


def make(votes: np.ndarray, families: list[str], dates: list[str]) -> vs.RollCalls:
    members = pd.DataFrame({"name": "x"}, index=[f"m{i}" for i in range(len(votes))])
    frame = pd.DataFrame({"family": families, "title": families, "date": dates})
    frame.index = pd.Index([f"r{j}" for j in range(len(frame))])
    return vs.RollCalls(votes.astype(np.int8), members, frame)


@pytest.mark.parametrize("ends", STEPS)
def test_the_trio_beside_the_same_members_elsewhere(record: vs.RollCalls, ends: tuple[str, str]) -> None:
    here, elsewhere, n_families, rank = STEPS[ends]
    found = compare_families(record, TRIO, *ends)
    assert found.here == here
    assert found.elsewhere == elsewhere
    assert found.n_families == n_families
    assert found.rank == rank


def test_direction_and_p_values_of_the_trio(record: vs.RollCalls) -> None:
    found = compare_families(record, TRIO, "27478", "29343")
    assert found.table.loc[TRIO, "net"] == -9  # seven from abstain to no, two from yes to abstain
    assert found.p_more == pytest.approx(1 / 15)
    assert found.p_fewer == 1
    assert found.p_net == pytest.approx(1 / 15)
    assert compare_families(record, TRIO, "29343", "29575").p_fewer == pytest.approx(
        2 / 14
    )  # Nicaragua: nobody too


def test_the_rule_by_hand() -> None:
    """Last vote of the first year, first of the second; those who sat for the step and voted in both."""
    votes = np.array(
        [  # f: old new; g: 2018a 2018b 2020a 2020b; h: 2018 only; k: 2018 2020
            [2, 0, 2, 2, 1, 2, 0, -3, -3],
            [1, 1, 0, 1, 1, 0, 0, -3, -3],
            [2, -1, 0, 0, 2, 0, 0, -3, -3],  # sat both times, away once: a stayer, but not on f itself
            [2, -3, 2, 0, 2, 0, 0, 2, 0],  # left: not a stayer anywhere
            [0, 0, 2, -2, 1, 2, 0, -3, -1],
        ]
    )
    families = ["f", "f", "g", "g", "g", "g", "h", "k", "k"]
    years = [2018, 2020, 2018, 2018, 2020, 2020, 2018, 2018, 2020]
    days = [1, 1, 1, 2, 1, 2, 1, 1, 1]
    dates = [f"{year}-01-0{day}" for year, day in zip(years, days, strict=True)]
    found = compare_families(make(votes, families, dates), "f", "r0", "r1")
    assert list(found.table.index) == ["f", "g"]
    assert found.left_out == ("k",)
    assert found.table.loc["f", ["old", "new", "stayers", "switches", "net"]].tolist() == [
        "r0",
        "r1",
        3,
        1,
        -2,
    ]
    assert found.table.loc["g", ["old", "new", "stayers", "switches", "net"]].tolist() == [
        "r3",
        "r4",
        3,
        2,
        1,
    ]
    assert found.rank == 2
    assert found.members["move"].to_dict() == {"m0": -2, "m1": 0, "m4": 0}
    assert found.members["elsewhere"].to_dict() == {"m0": 1, "m1": 1, "m4": 0}
    assert found.members["switches"].to_dict() == {"m0": 1, "m1": 0, "m4": 0}


@settings(max_examples=40)
@given(
    votes=hnp.arrays(np.int8, st.tuples(st.integers(2, 8), st.just(6)), elements=st.sampled_from(CODES)),
)
def test_counts_are_those_of_a_loop(votes: np.ndarray) -> None:
    votes[0] = vs.Vote.YES  # somebody voted in all of them
    dates = ["2018-01-01", "2020-01-01"] * 3
    found = compare_families(make(votes, ["f", "f", "g", "g", "h", "h"], dates), "f", "r0", "r1")
    for at, name in enumerate("fgh"):
        n = switches = net = 0
        for row in votes:
            old, new = (int(code) for code in row[2 * at : 2 * at + 2])
            if row[0] != -3 and row[1] != -3 and old >= 0 and new >= 0:
                n, switches, net = n + 1, switches + (old != new), net + new - old
        assert found.table.loc[name, ["stayers", "switches", "net"]].tolist() == [n, switches, net]
    assert found.tidy()["switches"].sum() == found.here[0] + found.elsewhere[0]
    assert found.members["switches"].sum() <= found.elsewhere[0]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_the_p_value_is_uniform_under_relabelling(values: list[int]) -> None:
    """Over all choices of the unit in question, P(p <= a) <= a: the definition of a valid p-value."""
    statistics = np.array(values, dtype=float)
    p = [relabelling_p(statistics[i], np.delete(statistics, i)) for i in range(len(values))]
    for level in p:
        assert np.mean(np.array(p) <= level) <= level + 1e-12
    assert relabelling_p(9.0, statistics) == 1 / (len(values) + 1)


def test_a_family_alone_says_so() -> None:
    votes = np.array([[2, 0], [1, 1], [0, 2]])
    found = compare_families(make(votes, ["f", "f"], ["2018-01-01", "2020-01-01"]), "f", "r0", "r1")
    assert (found.n_families, found.rank, found.p_more) == (0, 1, 1.0)
    assert "No other family" in found.sentence()


def test_what_is_no_step_is_refused(record: vs.RollCalls) -> None:
    with pytest.raises(vs.UsageError, match="is not before"):
        compare_families(record, TRIO, "29343", "27478")
    with pytest.raises(vs.UsageError, match="no roll call has"):
        compare_families(record, TRIO, "27478", "27479")
    votes = np.array([[2, 0, -3, -3], [-3, -3, 1, 2], [1, 2, -3, -3]])
    dates = ["2018-01-01", "2018-06-01", "2019-01-01", "2020-01-01"]
    apart = make(votes, ["f"] * 4, dates)
    with pytest.raises(vs.NotUsableError, match="are both in 2018"):
        compare_families(apart, "f", "r0", "r1")
    with pytest.raises(vs.NotUsableError, match="no member voted in both"):
        compare_families(apart, "f", "r1", "r2")


def test_the_sentence_says_the_figures(record: vs.RollCalls) -> None:
    said = compare_families(record, TRIO, "A/HRC/RES/37/23", "A/HRC/RES/43/21").sentence()
    for part in ("9 of 22", "27 times in 305", "14 other families", "ranks 1 of 15", "0.07"):
        assert part in said
