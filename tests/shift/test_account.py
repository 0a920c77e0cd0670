import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import voteshift as vs
from voteshift.shift.account import AddingUpError, account, account_step, path_note

CATEGORIES = ["yes", "no", "abstain", "absent"]
TRIO = "mutually-beneficial-cooperation"
CODES = [int(vote) for vote in vs.Vote]


def record(votes: np.ndarray, dates: list[str] | None = None) -> vs.RollCalls:
    n_members, n_rollcalls = votes.shape
    groups = [("north", "south")[i % 2] for i in range(n_members)]
    members = pd.DataFrame({"name": "x", "group": groups}, index=[f"m{i}" for i in range(n_members)])
    rollcalls = pd.DataFrame(index=[f"r{j}" for j in range(n_rollcalls)])
    if dates:
        rollcalls["date"] = dates
        rollcalls["title"] = "A text that comes back"
    return vs.RollCalls(votes.astype(np.int8), members, rollcalls)


def counts(series: pd.Series) -> dict[str, int]:
    return {name: int(series[name]) for name in CATEGORIES}


def test_from_2018_to_2020() -> None:
    step = account(vs.load_hrc(), TRIO)[0]
    assert (step.stayers, step.left, step.joined) == (22, 25, 25)
    assert counts(step.change) == {"yes": -5, "no": 15, "abstain": -9, "absent": -1}
    assert counts(step.switching) == {"yes": -2, "no": 7, "abstain": -5, "absent": 0}
    assert counts(step.turnover) == {"yes": -3, "no": 8, "abstain": -4, "absent": -1}
    moves = {member: (row["old"], row["new"]) for member, row in step.switchers.iterrows()}
    assert moves == dict.fromkeys("AUS DEU JPN KOR SVK ESP UKR".split(), ("abstain", "no")) | dict.fromkeys(
        ["CHL", "COD"], ("yes", "abstain")
    )


def test_from_2020_to_2021() -> None:
    step = account(vs.load_hrc(), TRIO)[1]
    assert (step.stayers, step.left, step.joined) == (37, 10, 10)
    assert counts(step.change) == {"yes": 3, "no": -1, "abstain": -2, "absent": 0}
    assert not step.switching.any()
    assert counts(step.turnover) == counts(step.change)
    assert step.switchers.empty


def test_first_to_last_is_not_the_sum_of_the_steps() -> None:
    """A state that leaves and returns is a stayer of the long step only if it sat at both its ends."""
    steps = account(vs.load_hrc(), TRIO)
    assert len(steps) == 3
    assert (steps[2].old, steps[2].new) == (steps[0].old, steps[1].new)
    total = steps[0].change + steps[1].change
    assert counts(steps[2].change) == counts(total)
    assert counts(steps[2].switching) != counts(steps[0].switching + steps[1].switching)


def test_the_difference_is_said_in_one_line() -> None:
    said = path_note(account(vs.load_hrc(), TRIO))
    assert "adds up to yes \N{MINUS SIGN}2, no +7, abstain \N{MINUS SIGN}5, absent 0 over the steps" in said
    assert "is yes 0, no +5, abstain \N{MINUS SIGN}5, absent 0 from first to last" in said
    assert "16 members held a seat at the first and the last vote, 12 of them at every vote" in said
    assert "\n" not in said
    dates = ["2018-01-01", "2019-01-01", "2020-01-01"]
    steady = record(np.array([[2, 1, 0], [0, 0, 0]]), dates)
    assert "over the steps and from first to last" in path_note(account(steady, "text that comes back"))
    short = record(np.array([[2, 1], [0, 0]]), dates[:2])
    assert path_note(account(short, "text that comes back")) == ""


@settings(max_examples=40)
@given(votes=hnp.arrays(np.int8, st.tuples(st.integers(2, 12), st.just(2)), elements=st.sampled_from(CODES)))
def test_every_account_adds_up(votes: np.ndarray) -> None:
    votes[0] = vs.Vote.YES  # somebody has a seat
    step = account_step(record(votes), "r0", "r1")
    old, new = votes[:, 0], votes[:, 1]
    sat, sits = old != vs.Vote.NOT_MEMBER, new != vs.Vote.NOT_MEMBER
    once = sat & sits & ((old >= 0) != (new >= 0))
    assert step.stayers == (sat & sits).sum()
    assert step.left == (sat & ~sits).sum()
    assert step.joined == (~sat & sits).sum()
    for name, codes in {"yes": [2], "no": [0], "abstain": [1], "absent": [-1, -2]}.items():
        gained = np.isin(new, codes).astype(int) - np.isin(old, codes).astype(int)
        assert step.change[name] == gained.sum()
        assert step.switching[name] == gained[sat & sits & ~once].sum()
        assert step.attendance[name] == gained[once].sum()
        assert step.turnover[name] == gained[sat ^ sits].sum()
        assert step.members[name].sum() == gained.sum()
        by_group = step.by_group()
        for part in step.parts:
            columns = [column for column in by_group.columns if column == (part, name)]
            assert by_group[columns].to_numpy().sum() == getattr(step, part)[name]
    assert ("attendance" in step.parts) == once.any()
    assert list(step.voted_once.index) == [f"m{i}" for i in np.flatnonzero(once)]
    assert list(step.switchers.index) == [
        f"m{i}" for i in np.flatnonzero(sat & sits & ~once) if max(old[i], -1) != max(new[i], -1)
    ]
    tidy = step.tidy().pivot_table(index="category", columns="component", values="estimate")
    assert (tidy.drop(columns="change").sum(axis=1) == tidy["change"]).all()
    assert step.transitions.to_numpy().sum() == (sat | sits).sum()
    assert step.transitions.loc["yes", "yes"] == ((old == 2) & (new == 2)).sum()


@settings(max_examples=40)
@given(votes=hnp.arrays(np.int8, st.tuples(st.integers(2, 12), st.just(2)), elements=st.sampled_from(CODES)))
def test_shares_relative_to_stayers_add_up(votes: np.ndarray) -> None:
    votes[0] = vs.Vote.YES
    shares = account_step(record(votes), "r0", "r1").relative_to_stayers()
    assert np.allclose(shares[["stayers", "joined", "left"]].sum(axis=1), shares["change"])


def test_who_comes_or_stays_away_is_a_part_of_its_own() -> None:
    """One stayer switches, one comes, one stays away, one is away twice; one leaves and one joins."""
    yes, no, away, none = vs.Vote.YES, vs.Vote.NO, vs.Vote.ABSENT, vs.Vote.NOT_MEMBER
    votes = [[yes, no], [away, yes], [no, vs.Vote.NOT_RECORDED], [away, away], [yes, none], [none, no]]
    step = account_step(record(np.array(votes)), "r0", "r1")
    assert list(step.parts) == ["switching", "attendance", "turnover"]
    assert counts(step.switching) == {"yes": -1, "no": 1, "abstain": 0, "absent": 0}
    assert counts(step.attendance) == {"yes": 1, "no": -1, "abstain": 0, "absent": 0}
    assert counts(step.turnover) == {"yes": -1, "no": 1, "abstain": 0, "absent": 0}
    assert list(step.switchers.index) == ["m0"]
    assert step.voted_once[["old", "new"]].to_numpy().tolist() == [["absent", "yes"], ["no", "absent"]]
    assert "1 of these members switched and 2 voted once" in step._repr_html_()


def test_where_everybody_who_stayed_came_there_is_no_attendance() -> None:
    for step in account(vs.load_hrc(), TRIO):
        assert list(step.parts) == ["switching", "turnover"]
        assert not step.attendance.any()
        assert "attendance" not in set(step.tidy()["component"]) | set(step.by_group().columns.levels[0])


def test_without_stayers_nothing_is_relative() -> None:
    step = account_step(record(np.array([[2, -3], [-3, 0]])), "r0", "r1")
    assert step.stayers == 0
    assert step.relative_to_stayers()[["stayers", "joined", "left"]].isna().all().all()
    assert step.relative_to_stayers().loc["yes", "change"] == -1


def test_parts_that_do_not_add_up_are_refused() -> None:
    step = account_step(record(np.array([[2, 0], [-3, 0]])), "r0", "r1")
    broken = step.members.copy()
    broken.loc["m0", "no"] = 5
    with pytest.raises(AddingUpError):
        type(step)(step.old, step.new, broken, step.transitions)


def test_order_of_members_does_not_matter() -> None:
    full = vs.load_hrc()
    turned = full.select(members=full.members.index[::-1])
    for here, there in zip(account(full, TRIO), account(turned, TRIO), strict=True):
        assert here.transitions.equals(there.transitions)
        assert here.by_group().equals(there.by_group())


def test_an_iteration_without_a_date_is_an_error() -> None:
    votes = np.array([[2, 0], [0, 0], [1, 2]])
    undated = record(votes, ["2018-01-01", "2019-01-01"])
    frame = undated.rollcalls.copy()
    frame.loc["r1", "date"] = pd.NaT
    with pytest.raises(vs.InputError, match="r1 has no date"):
        account(vs.RollCalls(undated.votes, undated.members, frame), "text that comes back")


def test_a_roll_call_nobody_had_a_seat_in_is_an_error() -> None:
    with pytest.raises(vs.InputError, match=r"no member had a seat in roll call r1 .leave out the roll call"):
        account_step(record(np.array([[2, -3], [0, -3]])), "r0", "r1")
