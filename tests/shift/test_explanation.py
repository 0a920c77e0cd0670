"""The tables of an explanation, and the models it fits again."""

import pandas as pd
import pytest

import voteshift as vs
from shift.trio import V18, V20, V21, modelled


def test_tidy_has_every_number(why: vs.Explanation) -> None:
    table = why.tidy()
    assert len(table) == 3 * (3 * 4 + 2 * 3 * 3)
    model = table[table["layer"] != "account"]
    assert (model["conf_low"] <= model["estimate"]).all()
    assert (model["estimate"] <= model["conf_high"]).all()


def test_repr_tells_the_story(why: vs.Explanation) -> None:
    assert repr(why) == "<Explanation of mutually-beneficial-cooperation: 28-1-17 -> 23-16-8 -> 26-15-6>"


def test_expected_tallies_lie_inside_their_intervals(why: vs.Explanation) -> None:
    cells = why.expected()
    assert (cells["conf_low"] < cells["conf_high"]).all()
    inside = (cells["conf_low"] <= cells["estimate"]) & (cells["estimate"] <= cells["conf_high"])
    assert inside.all()


def test_fitting_again_takes_one_choice_at_a_time(record: vs.RollCalls, why: vs.Explanation) -> None:
    with pytest.raises(vs.UsageError, match="only one of without="):
        why.refit(without=["27479"], items={"a": "b"})
    same = why.refit(model=vs.IdealPoints()).split_main(why.versions, V18, V20)
    pd.testing.assert_frame_equal(same.table, modelled(why.steps[0]).table)
    gone = [rollcall for rollcall in why.fit.rollcall_ids if rollcall not in (V18, V20, V21)][:50]  # type: ignore[union-attr]
    fewer = why.refit(without=gone)
    assert not set(gone) & set(fewer.fit.rollcall_ids)
    assert fewer.main.noise.shape[0] == why.draws.n


@pytest.mark.parametrize("family", ["unilateral-coercive-measures", "right-food", "question-death-penalty"])
def test_the_parts_of_members_and_groups_add_up(record: vs.RollCalls, family: str) -> None:
    found = vs.explain(record, family, draws=vs.Draws(100))
    whole = found.tidy()
    keys = ["old", "new", "layer", "component", "category"]
    parts = whole[~whole["component"].isin(["change", "residual"])].set_index(keys)["estimate"].sort_index()
    for level in ("group", "member"):
        total = found.tidy(level).groupby(keys)["estimate"].sum().sort_index()  # type: ignore[arg-type]
        assert total.to_numpy() == pytest.approx(parts[total.index].to_numpy(), abs=1e-5)
    assert set(found.tidy("member")["status"]) <= {"stayer", "left", "joined", "neither"}
