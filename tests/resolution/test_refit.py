"""Positions from all other roll calls."""

import numpy as np
import pytest

import voteshift as vs
from shift.trio import V18, V20, V21
from voteshift.resolution.refit import fit_without, positions_at

TRIO = [V18, V20, V21]


def test_positions_come_from_the_other_roll_calls(record: vs.RollCalls) -> None:
    """Turning the focal votes upside down moves the items, not the positions they are fitted with."""
    window = record.between("2016", "2021")
    fit = vs.IdealPoints().fit(window)
    others = fit_without(record, fit, TRIO)
    assert not set(TRIO) & set(others.rollcall_ids)
    assert len(others.rollcall_ids) == len(fit.rollcall_ids) - 3


def test_positions_of_a_date_are_those_of_its_period(record: vs.RollCalls) -> None:
    """Where positions hold there is one date; where they differ by year, one for each version."""
    window = record.between("2018", "2021")
    static = fit_without(record, vs.IdealPoints().fit(window), TRIO)
    members = list(static.member_ids[:5])
    centre, drawn, _ = positions_at(record, static, TRIO, members, 10, 0)
    assert (centre.shape, drawn.shape) == ((1, 5, 1), (10, 1, 5, 1))
    moving = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau=0.2)).fit(window)
    centre, drawn, _ = positions_at(record, fit_without(record, moving, TRIO), TRIO, members, 10, 0)
    assert (centre.shape, drawn.shape) == ((3, 5, 1), (10, 3, 5, 1))
    assert not np.allclose(centre[0], centre[2])


def test_a_member_without_another_vote_has_no_position(record: vs.RollCalls) -> None:
    others = fit_without(record, vs.IdealPoints().fit(record.between("2018", "2021")), TRIO)
    with pytest.raises(vs.NotUsableError, match="XYZ cast no vote outside this resolution"):
        positions_at(record, others, TRIO, ["XYZ", str(others.member_ids[0])], 10, 0)
