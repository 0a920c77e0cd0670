"""Dynamic positions over time, against the fit."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift import plots


@pytest.fixture(scope="module")
def moving(record):
    return vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau=0.2)).fit(
        record.between("2018", "2021")
    )


def test_trajectories_are_the_positions_of_the_fit(moving):
    table = plots.trajectories_table(moving, ["USA", "MEX"])
    assert list(dict.fromkeys(table["member"])) == ["USA", "MEX"]
    fitted = moving.tidy().set_index(["member", "period"])
    for row in table.itertuples():
        there = fitted.loc[(row.member, row.period)]
        assert moving.periods[row.time] == row.period
        assert (row.estimate, row.conf_low, row.conf_high) == tuple(
            there[["estimate", "conf_low", "conf_high"]]
        )
        assert row.extrapolated == (row.n_votes < 5)
    assert list(table.loc[table["member"] == "USA", "period"]) == ["2018"]  # it left the Council that year


def test_trajectories_are_those_that_moved_furthest(moving):
    chosen = list(dict.fromkeys(plots.trajectories_table(moving)["member"]))
    seen = moving.tidy()
    seen = seen[~seen["extrapolated"]].groupby("member")["estimate"]
    moved = (seen.last() - seen.first()).abs().sort_values(ascending=False)
    assert len(chosen) == 5
    assert chosen == list(moved.index[:5])


@pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")
def test_trajectories_break_where_a_member_is_away_and_mark_what_is_extrapolated():
    """Four votes in 2001; the first member is away in 2002."""
    simulated = vs.simulate(15, 40, seed=2).rollcalls
    years = np.repeat([2001, 2002, 2003, 2004], [4, 12, 12, 12])
    votes = simulated.votes.copy()
    votes[0, years == 2002] = vs.Vote.NOT_MEMBER
    frame = pd.DataFrame({"date": [f"{year}-05-01" for year in years]}, index=simulated.rollcalls.index)
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(tau=0.2)).fit(vs.RollCalls(votes, simulated.members, frame))
    one, other = simulated.members.index[:2]
    table = plots.trajectories_table(fit, [one, other])
    assert list(table["time"]) == [0, 2, 3, 0, 1, 2, 3]
    assert list(table["extrapolated"]) == [True, False, False, True, False, False, False]
    ax = plots.trajectories(fit, [one, other])
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "#ffffff"]
    assert [list(line.get_xdata()) for line in hollow] == [[0], [0]]
    spans = {line.get_linestyle(): [] for line in ax.lines}
    for line in ax.lines:
        if len(line.get_xdata()) == 2 and line.get_color() == "#0072b2" and line.get_linewidth() > 0.6:
            spans[line.get_linestyle()].append(tuple(line.get_xdata()))
    assert spans[":"] == [(0, 2)]  # away in between
    assert spans["-"] == [(2, 3)]


def test_trajectories_that_cannot_be_drawn_say_why(why, moving):
    with pytest.raises(vs.NotUsableError, match="are constant"):
        plots.trajectories(why)
    with pytest.raises(vs.UsageError, match="'XXX' has no position"):
        plots.trajectories(moving, ["XXX"])
    with pytest.raises(vs.UsageError, match="named twice"):
        plots.trajectories(moving, ["MEX", "MEX"])
    with pytest.raises(vs.UsageError, match="no member to draw"):
        plots.trajectories(moving, [])
    with pytest.raises(vs.UsageError, match="8 members are too many"):
        plots.trajectories(moving, list(dict.fromkeys(moving.tidy()["member"]))[:8])
