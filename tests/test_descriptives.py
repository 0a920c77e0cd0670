from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from statsmodels.stats.inter_rater import cohens_kappa

import voteshift as vs
from voteshift.descriptives import (
    agreement_index,
    closeness,
    cohesion,
    crossings,
    mean_cohesion,
    rice_index,
    similarity,
    similarity_of,
    votes_to_flip,
)

CODES = [int(vote) for vote in vs.Vote]
FAR = {
    "absolute": lambda a, b: abs(a - b) / 2,
    "squared": lambda a, b: (a - b) ** 2 / 4,
    "nominal": lambda a, b: float(a != b),
}
matrices = hnp.arrays(
    np.int8, st.tuples(st.integers(2, 6), st.integers(1, 8)), elements=st.sampled_from(CODES)
)
counts = st.integers(0, 9)


def chamber(votes):
    members = pd.DataFrame({"group": [("north", "south", "")[i % 3] for i in range(len(votes))]})
    members.index = [f"m{i}" for i in range(len(votes))]
    return vs.RollCalls(votes, members, pd.DataFrame(index=[f"r{j}" for j in range(votes.shape[1])]))


@pytest.mark.parametrize(
    ("tally", "rice", "agreement"),
    [
        ((10, 0, 0), 1, 1),
        ((5, 5, 0), 0, 0.25),
        ((4, 4, 4), 0, 0),
        ((8, 2, 0), 0.6, 0.7),  # (8 - 2/2) / 10
        ((6, 2, 4), 0.5, 0.25),  # (6 - 6/2) / 12
        ((0, 0, 7), np.nan, 1),
        ((0, 0, 0), np.nan, np.nan),
        ((28, 1, 17), 27 / 29, (28 - 9) / 46),  # the resolution of 2018
    ],
)
def test_indices_by_hand(tally, rice, agreement):
    yes, no, abstain = (np.array(count) for count in tally)
    assert float(rice_index(yes, no)) == pytest.approx(rice, nan_ok=True)
    assert float(agreement_index(yes, no, abstain)) == pytest.approx(agreement, nan_ok=True)


@given(counts, counts, counts)
def test_indices_are_between_0_and_1_and_blind_to_the_side(yes, no, abstain):
    here = float(agreement_index(yes, no, abstain))
    if yes + no + abstain:
        assert 0 <= here <= 1
        assert (here == 1) == (max(yes, no, abstain) == yes + no + abstain)
        assert here == pytest.approx(float(agreement_index(no, abstain, yes)))
        assert here == pytest.approx(float(agreement_index(3 * yes, 3 * no, 3 * abstain)))
    if yes + no:
        assert 0 <= float(rice_index(yes, no)) <= 1
        assert rice_index(yes, no) == rice_index(no, yes)
        # With nobody abstaining the two say the same: AI = (1 + 3 Rice) / 4.
        assert float(agreement_index(yes, no, 0)) == pytest.approx((1 + 3 * float(rice_index(yes, no))) / 4)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_votes_to_flip_is_the_fewest_there_can_be(yes, no, abstain):
    """Over all ways in which members can change."""
    adopted = yes > no
    fewest = np.nan
    moves = product(
        [(a, b) for a in range(yes + 1) for b in range(yes + 1 - a)],
        [(a, b) for a in range(no + 1) for b in range(no + 1 - a)],
        [(a, b) for a in range(abstain + 1) for b in range(abstain + 1 - a)],
    )
    for (yes_no, yes_abstain), (no_yes, no_abstain), (abstain_yes, abstain_no) in moves:
        new_yes = yes - yes_no - yes_abstain + no_yes + abstain_yes
        new_no = no - no_yes - no_abstain + yes_no + abstain_no
        if (new_yes > new_no) != adopted:
            changed = yes_no + yes_abstain + no_yes + no_abstain + abstain_yes + abstain_no
            fewest = changed if np.isnan(fewest) else min(fewest, changed)
    assert float(votes_to_flip(yes, no, abstain)) == pytest.approx(fewest, nan_ok=True)


def test_the_closest_votes_come_first(record):
    year = record.between("2018", "2018")
    table = closeness(year)
    assert table["flip"].is_monotonic_increasing
    assert len(table) == len(year.rollcalls)
    row = table.loc["27478"]
    assert (row["yes"], row["no"], row["abstain"], row["flip"], row["adopted"]) == (28, 1, 17, 14, True)


def test_cohesion_of_regional_groups_in_2018(record):
    found = cohesion(record.select(rollcalls=["27478"])).set_index("group")
    assert found.loc["EEG", ["yes", "no", "abstain", "voted"]].tolist() == [0, 0, 6, 6]
    assert np.isnan(found.loc["EEG", "rice"])
    assert found.loc["EEG", "agreement"] == 1
    assert found.loc["WEOG", "agreement"] == pytest.approx((6 - 0.5) / 7)
    assert found["voted"].sum() == 46


@given(matrices)
@settings(max_examples=40)
def test_cohesion_counts_are_those_of_the_votes(votes):
    found = cohesion(chamber(votes))
    groups = np.array([("north", "south", "")[i % 3] for i in range(len(votes))])
    seen = set()
    for row in found.itertuples():
        cast = votes[groups == row.group, int(row.rollcall[1:])]
        assert (row.no, row.abstain, row.yes) == tuple((cast == code).sum() for code in range(3))
        assert row.voted >= 2
        seen.add((row.group, row.rollcall))
    expected = {
        (group, f"r{j}")
        for group in ("north", "south")
        for j in range(votes.shape[1])
        if (votes[groups == group, j] >= 0).sum() >= 2
    }
    assert seen == expected


def test_mean_cohesion_by_hand():
    """Of a and b: alike, apart, both abstaining, one alone; of the second group one has a vote."""
    votes = pd.DataFrame(
        {
            "r1": ["yes", "yes", "no"],
            "r2": ["yes", "no", ""],
            "r3": ["abstain", "abstain", ""],
            "r4": ["yes", "", ""],
        },
        index=["a", "b", "c"],
    )
    record = vs.RollCalls.from_wide(
        votes, members=pd.DataFrame({"group": ["X", "X", "Z"]}, index=list("abc"))
    )
    (group,) = mean_cohesion(record).reset_index().to_dict("records")
    assert group == {
        "group": "X",
        "rollcalls": 3,
        "agreement": pytest.approx(2.25 / 3),
        "sided": 2,
        "rice": 0.5,
    }


@given(matrices, st.sampled_from(list(FAR)))
@settings(max_examples=40)
def test_similarity_of_members_is_that_of_a_loop(votes, distance):
    found = similarity(chamber(votes), distance=distance)
    for i, j in product(range(len(votes)), repeat=2):
        shared = (votes[i] >= 0) & (votes[j] >= 0) & (i != j)
        assert found.n[i, j] == shared.sum()
        if not shared.any():
            assert np.isnan([found.s[i, j], found.pi[i, j], found.agreement[i, j]]).all()
            continue
        a, b = votes[i, shared].astype(int), votes[j, shared].astype(int)
        far = FAR[distance]
        observed = np.mean([far(x, y) for x, y in zip(a, b, strict=True)])
        assert found.agreement[i, j] == pytest.approx(np.mean(a == b))
        assert found.s[i, j] == pytest.approx(1 - 2 * observed)
        both = np.concatenate([a, b])
        chance = np.mean([far(x, y) for x in both for y in both])
        pi = 1 - observed / chance if chance else np.nan
        assert found.pi[i, j] == pytest.approx(pi, nan_ok=True)
        chance = np.mean([far(x, y) for x in a for y in b])
        kappa = 1 - observed / chance if chance else np.nan
        assert found.kappa[i, j] == pytest.approx(kappa, nan_ok=True)


@given(hnp.arrays(np.int64, (3, 3), elements=st.integers(0, 9)))
@settings(max_examples=40)
def test_kappa_is_that_of_statsmodels(table):
    if (table.sum(axis=0) > 0).sum() < 2 or (table.sum(axis=1) > 0).sum() < 2:
        return
    for distance, weights in (("nominal", None), ("absolute", "linear"), ("squared", "quadratic")):
        found = similarity_of(("a",), table[None, None].astype(float), distance)
        theirs = cohens_kappa(table, wt=weights, return_results=False)
        assert found.kappa[0, 0] == pytest.approx(theirs)


@given(matrices, st.sampled_from(list(FAR)))
@settings(max_examples=40)
def test_bounds_and_symmetry(votes, distance):
    found = similarity(chamber(votes), distance=distance)
    for measure in ("n", "agreement", "s", "pi", "kappa"):
        matrix = getattr(found, measure)
        np.testing.assert_allclose(matrix, matrix.T)
    known = found.n > 0
    assert ((found.s[known] >= -1) & (found.s[known] <= 1)).all()
    both = known & ~np.isnan(found.pi) & ~np.isnan(found.kappa)
    assert (found.pi[both] <= found.kappa[both] + 1e-12).all(), "pooled shares agree more by chance"
    mirrored = similarity(chamber(np.where(votes >= 0, 2 - votes, votes).astype(np.int8)), distance=distance)
    np.testing.assert_allclose(found.s, mirrored.s)
    np.testing.assert_allclose(found.kappa, mirrored.kappa)


@given(matrices)
@settings(max_examples=30)
def test_similarity_of_groups_is_over_pairs_of_their_members(votes):
    found = similarity(chamber(votes), by="group")
    groups = {
        name: [i for i in range(len(votes)) if i % 3 == at] for at, name in enumerate(["north", "south"])
    }
    assert found.names == tuple(sorted(name for name in groups if groups[name]))
    for one, other in product(range(len(found.names)), repeat=2):
        pairs = [
            (int(votes[i, r]), int(votes[j, r]))
            for i in groups[found.names[one]]
            for j in groups[found.names[other]]
            for r in range(votes.shape[1])
            if (i < j if one == other else True) and votes[i, r] >= 0 and votes[j, r] >= 0
        ]
        assert found.n[one, other] == len(pairs)
        if pairs:
            assert found.agreement[one, other] == pytest.approx(np.mean([a == b for a, b in pairs]))
            assert found.s[one, other] == pytest.approx(1 - np.mean([abs(a - b) for a, b in pairs]))


def test_the_council_as_the_field_knows_it(record):
    """China votes with Cuba and not with Germany; the Western group is the closest."""
    members = similarity(record.between("2016", "2021"))
    s = members.frame("s")
    assert s.loc["CHN", "CUB"] > 0.9
    assert s.loc["CHN", "DEU"] < -0.5
    groups = similarity(record, by="group").frame("s")
    assert np.diag(groups).max() == groups.loc["WEOG", "WEOG"]


def test_tidy_has_each_pair_once(record):
    found = similarity(record.between("2020", "2021"))
    table = found.tidy()
    assert not table.duplicated(["one", "other"]).any()
    assert (table["n"] > 0).all()
    assert (table["one"] != table["other"]).all()
    row = table[(table["one"] == "CHN") & (table["other"] == "CUB")].iloc[0]
    assert row["s"] == found.frame("s").loc["CHN", "CUB"]
    within = similarity(record, by="group").tidy()
    assert (within["one"] == within["other"]).sum() == 5


def test_crossings_count_pairs():
    counts = np.array([[[1, 0, 2]], [[0, 3, 1]]], dtype=float)
    assert crossings(counts)[0, 1].tolist() == [[0, 3, 1], [0, 0, 0], [0, 6, 2]]


def test_what_is_not_there_is_said(record):
    with pytest.raises(vs.UsageError, match="no column 'party'"):
        cohesion(record, by="party")
    with pytest.raises(vs.UsageError, match="unknown distance"):
        similarity(record, distance="euclidean")
