"""Loyalty by counting votes one by one, and against votes drawn from the fit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import voteshift as vs
from voteshift.likelihood.draw import draw_codes
from voteshift.quantities import loyalty
from voteshift.quantities.loyalty import majority_of_others


def count(record, columns):
    """Return counted votes and votes with the majority of the others, by loops."""
    groups, votes = record.members["group"].tolist(), record.votes.tolist()
    result = {}
    for row, member in enumerate(record.members.index):
        counted = agreed = 0
        mates = [other for other, name in enumerate(groups) if other != row and name == groups[row]]
        for column in columns:
            vote = votes[row][column]
            others = [votes[other][column] for other in mates if votes[other][column] >= 0]
            tally = sorted((others.count(code) for code in range(3)), reverse=True)
            if vote < 0 or not groups[row] or tally[0] == tally[1]:
                continue
            counted += 1
            agreed += others.count(vote) == tally[0]
        if counted:
            result[member] = (counted, agreed)
    return result


@pytest.fixture(scope="module")
def council(record):
    return record.between("2018", "2018-12")


def test_counts_one_by_one(chamber, council):
    for one in (chamber, council):
        table = loyalty(one).tidy().set_index("member")
        wanted = count(one, range(one.votes.shape[1]))
        assert {name: (row["n_votes"], row["n_with"]) for name, row in table.iterrows()} == wanted
        assert (table["loyalty"] == table["n_with"] / table["n_votes"]).all()
        assert table["loyalty"].is_monotonic_increasing


def test_with_a_fit_its_roll_calls_count(chamber, every_fit):
    for fit in every_fit.values():
        columns = chamber.rollcalls.index.get_indexer(fit.rollcall_ids)
        table = loyalty(chamber, fit).tidy().set_index("member")
        wanted = count(chamber, columns)
        assert {name: (row["n_votes"], row["n_with"]) for name, row in table.iterrows()} == wanted
        assert table["expected"].between(0, 1).all()
        assert (table["conf_low"] <= table["expected"]).all()


@pytest.mark.parametrize("kind", ["mode", "dynamic"])
def test_expected_shares_are_those_of_drawn_votes(chamber, every_fit, kind):
    fit = every_fit[kind]
    design, ids = fit.encoded.design, list(map(str, fit.rollcall_ids))
    point = fit.at_mode(ids)
    positions = point.positions[0]
    if kind == "dynamic":
        first = [int(np.argmax(design.period == t)) for t in range(len(fit.periods))]
        positions = positions[first]
    columns = chamber.rollcalls.index.get_indexer(ids)
    members = chamber.members.loc[fit.member_ids]
    votes = chamber.votes[np.ix_(chamber.members.index.get_indexer(fit.member_ids), columns)]
    names = sorted(set(members["group"]) - {""})
    group = np.array([names.index(name) if name else -1 for name in members["group"]])
    majority = majority_of_others(votes, np.repeat(group[:, None], len(ids), axis=1), len(names))
    counted = (votes >= 0) & (majority >= 0)
    rng, shares = np.random.default_rng(0), []
    for _ in range(400):
        drawn = draw_codes(
            positions if kind == "dynamic" else positions[None], point.discriminations[0], point.cutpoints[0],
            design.n_categories[design.item], design.period, link="logit", rng=rng,
        )  # fmt: skip
        named = np.where(drawn == 1, 2, 0)  # a record of no and yes
        shares.append((counted & (named == majority)).sum(axis=1) / np.maximum(counted.sum(axis=1), 1))
    table = loyalty(chamber, fit).tidy().set_index("member")
    kept = counted.any(axis=1)
    order = table.loc[fit.member_ids[kept]]
    mean, sd = np.mean(shares, axis=0)[kept], np.std(shares, axis=0)[kept]
    assert np.abs(order["expected"] - mean).max() < 5 * sd.max() / 400**0.5
    assert order["std_error"].to_numpy() == pytest.approx(sd, rel=0.25, abs=1e-3)


@given(st.integers(0, 2**32 - 1))
def test_ties_and_lone_members_are_not_counted(seed):
    rng = np.random.default_rng(seed)
    votes = rng.integers(-2, 3, (6, 5)).astype(np.int8)
    group = np.repeat(np.array([0, 0, 0, 1, 1, -1])[:, None], 5, axis=1)
    majority = majority_of_others(votes, group, 2)
    assert (majority[5] == -1).all()
    assert np.array_equal(majority[3], np.maximum(votes[4], -1))
    assert np.array_equal(majority[4], np.maximum(votes[3], -1))


def test_groups_that_change_with_the_roll_call():
    votes = np.array([[2, 2], [2, 0], [0, 0]], dtype=np.int8)
    group = np.array([[0, 1], [0, 0], [1, 1]])
    assert majority_of_others(votes, group, 2).tolist() == [[2, 0], [2, -1], [-1, 2]]


def test_sentences_and_uncounted_votes(chamber, static):
    alone, compared = loyalty(chamber), loyalty(chamber, static)
    assert "The least loyal of" in alone.text
    assert "that the model predicts" not in alone.text
    assert "that the model predicts" in compared.text
    table = alone.tidy()
    cast = chamber.votes[(chamber.members["group"] != "").to_numpy()] >= 0
    assert alone.n_ties == cast.sum() - table["n_votes"].sum()
    assert "\\begin{tabular}" in compared.to_latex()


def test_another_record_is_refused(chamber, static):
    votes = chamber.votes.copy()
    votes[votes >= 0] = 2 - votes[votes >= 0]
    frame = chamber.rollcalls.drop(columns=["yes", "no", "abstain"], errors="ignore")
    with pytest.raises(vs.UsageError, match="other votes"):
        loyalty(vs.RollCalls(votes, chamber.members, frame), static)
    with pytest.raises(vs.UsageError, match="no column 'colour'"):
        loyalty(chamber, by="colour")
    with pytest.raises(vs.UsageError, match="give a fit"):
        loyalty(chamber, pd.DataFrame())


def test_the_whole_council(record):
    """Every member of the bundled record, and the arithmetic of totals."""
    result = loyalty(record)
    table = result.tidy()
    assert table["loyalty"].between(0, 1).all()
    assert (table["n_with"] <= table["n_votes"]).all()
    grouped = (record.members["group"].fillna("") != "").to_numpy()
    assert table["n_votes"].sum() + result.n_ties == (record.votes[grouped] >= 0).sum()
