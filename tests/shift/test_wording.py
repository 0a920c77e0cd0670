"""What is said beside the numbers, in the words of a reader."""

import numpy as np
import pandas as pd

import voteshift as vs
from shift.trio import V18, V20, V21, modelled
from voteshift.shift.wording import (
    drawn_from,
    identified_by,
    model_words,
    why_unfitted,
    write_span,
)


def test_days_are_written_as_a_person_writes_them(why: vs.Explanation) -> None:
    text = modelled(why.steps[0]).identified_by
    assert "from 21 March 2016 to 17 December 2021" in text
    assert "2016-03-21" not in text
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(why.record.between("2018", "2021"))
    moving = identified_by(fit, ("2018-03-05", "2021-12-17"), (V18, V20), council=True)
    assert "5 March 2018 to 17 December 2021" in moving


def test_draws_are_named_by_what_they_are_of(why: vs.Explanation) -> None:
    assert drawn_from(why.fit) == drawn_from(None) == "normal approximation"


def test_the_prior_of_the_member_effect_stands_where_there_is_one(why: vs.Explanation) -> None:
    assert why.fit is not None
    plain = model_words(why.fit, None)
    assert model_words(why.fit, vs.Unavailable("no reason")) == plain
    assert model_words(why.fit, why.member_effect).startswith(f"{plain}, and for the standard deviation")


def test_a_version_without_a_model_has_a_reason() -> None:
    votes = np.array([[2, 2, vs.Vote.ABSENT], [0, 2, vs.Vote.ABSENT]], dtype=np.int8)
    frame = pd.DataFrame({"date": ["2001-01-01", "2002-01-01", "2003-01-01"]}, index=["a", "b", "c"])
    record = vs.RollCalls(votes, pd.DataFrame(index=["M0", "M1"]), frame)
    assert why_unfitted(record, "c", None) == "no member voted in c"
    assert "all votes cast in b were the same" in why_unfitted(record, "b", None)
    assert "2 March 2002" in why_unfitted(record, "a", ("2002-03-02", "2003-01-01"))
    assert "was not fitted" in why_unfitted(record, "a", None)


def test_both_models_are_identified_apart(why: vs.Explanation) -> None:
    first, last = why.steps[0], why.steps[-1]
    assert last.ends == (V18, V21)
    assert first.positions_only is not None
    assert first.positions_only.identified_by != modelled(first).identified_by


def test_roll_calls_without_a_date_are_undated() -> None:
    assert write_span(("2018-03-23", "2021-12-01")) == "23 March 2018 to 1 December 2021"
    assert write_span(("", "")) == "undated"
