"""Positions that a resolution had no say in."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.ideal.cut import fit_cut
from voteshift.ideal.objective import log_posterior

TRIO = ["27478", "29343", "29575"]


@pytest.fixture(scope="module")
def window(record):
    return record.between("2018", "2021")


@pytest.fixture(scope="module")
def cut(window):
    return fit_cut(vs.IdealPoints(), window, TRIO)


def test_positions_are_those_of_the_other_roll_calls(window, cut):
    others = window.select(rollcalls=[name for name in window.rollcalls.index if name not in TRIO])
    base = vs.IdealPoints().fit(others)
    assert list(cut.encoded.members) == list(base.encoded.members)
    assert (cut.mode.point.positions == base.mode.point.positions).all()
    assert cut.tidy()[["estimate", "std_error"]].equals(base.tidy()[["estimate", "std_error"]])
    same = cut.items().set_index("rollcall").loc[base.encoded.rollcalls]
    assert same.equals(base.items().set_index("rollcall"))
    assert cut.held_out == tuple(TRIO)


def test_items_held_out_are_at_their_own_mode(cut):
    """The posterior of each falls in every direction, positions held."""
    slope = log_posterior(cut.model, cut.mode.point)
    columns = cut.encoded.rollcalls.get_indexer(TRIO)
    assert np.abs(slope.gradient.items()[columns]).max() < 1e-6


def test_held_out_votes_do_not_reach_the_positions(window, cut):
    """Turn every vote of the trio: its items turn, nobody moves."""
    votes = window.votes.copy()
    columns = window.rollcalls.index.get_indexer(TRIO)
    cast = votes[:, columns] >= 0
    votes[:, columns] = np.where(cast, 2 - votes[:, columns], votes[:, columns])
    frame = window.rollcalls.drop(columns=["yes", "no", "abstain"])
    turned = fit_cut(vs.IdealPoints(), vs.RollCalls(votes, window.members, frame, polarity="USA"), TRIO)
    assert (turned.mode.point.positions == cut.mode.point.positions).all()
    one, other = (fit.items().set_index("rollcall").loc[TRIO] for fit in (turned, cut))
    assert one["discrimination"].to_numpy() == pytest.approx(-other["discrimination"].to_numpy(), abs=1e-6)
    assert one["no|abstain"].to_numpy() == pytest.approx(-other["abstain|yes"].to_numpy(), abs=1e-6)


def test_draws_vary_about_the_mode_with_the_errors_reported(cut):
    draws = cut.draw(4000, TRIO, seed=1)
    table = cut.tidy().set_index("member")
    spread = draws.positions[:, :, 0].std(axis=0)
    assert spread == pytest.approx(table["std_error"].to_numpy(), rel=0.12)
    at = cut.at_mode(TRIO)
    error = draws.discriminations.std(axis=0) / np.sqrt(4000)
    assert (np.abs(draws.discriminations.mean(axis=0) - at.discriminations[0]) < 0.3 + 5 * error).all()


def test_a_member_only_the_resolution_knows_is_named(window):
    votes = window.votes.copy()
    keep = window.rollcalls.index.get_indexer(TRIO)
    row = window.members.index.get_loc("USA")
    elsewhere = np.setdiff1d(np.arange(votes.shape[1]), keep)
    votes[row, elsewhere] = vs.Vote.NOT_MEMBER
    frame = window.rollcalls.drop(columns=["yes", "no", "abstain"])
    with pytest.raises(vs.NotUsableError, match="USA cast no vote outside"):
        fit_cut(vs.IdealPoints(), vs.RollCalls(votes, window.members, frame), TRIO)
