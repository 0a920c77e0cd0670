import numpy as np
import pandas as pd
import pytest

from voteshift.errors import InputError, UsageError
from voteshift.ideal.periods import find_periods


def frame(dates: list[str | None], **columns: list[object]) -> pd.DataFrame:
    index = pd.Index([f"r{k}" for k in range(len(dates))], name="rollcall")
    return pd.DataFrame({"date": pd.to_datetime(dates), **columns}, index=index)


def test_years_keep_the_time_between_them() -> None:
    found = find_periods(frame(["2018-03-01", "2016-05-01", "2018-09-01", "2021-01-01"]), "year")
    assert found.labels == ("2016", "2018", "2021")
    assert found.of_rollcall.tolist() == [1, 0, 1, 2]
    assert found.gaps.tolist() == [2.0, 3.0]


def test_a_column_is_ordered_by_its_dates() -> None:
    found = find_periods(
        frame(["2018-01-01", "2017-01-01", "2017-07-02"], session=["S-1", "10", "9"]), "session"
    )
    assert found.labels == ("10", "9", "S-1")
    np.testing.assert_allclose(found.gaps, [0.5, 0.5], atol=0.01)


@pytest.mark.parametrize(
    ("rollcalls", "name", "said"),
    [
        (frame(["2018-01-01", None]), "year", "1 roll calls have no date: r1"),
        (frame(["2018-01-01", "2019-01-01"], era=["a", None]), "era", "1 roll calls have no era: r1"),
        (frame(["2018-01-01", "2019-01-01"], era=["a", ""]), "era", "1 roll calls have no era: r1"),
        (frame(["2018-01-01", "2018-02-01"]), "year", "all roll calls have the year 2018"),
        (frame(["2018-01-01", None], term=[1, 2]), "term", "1 roll calls have no date: r1"),
        (frame([None, None], term=[1, None]), "term", "1 roll calls have no term: r1"),
        (frame([None, None], term=["1", "II"]), "term", "the term 'II' of roll call r1 is not an integer"),
        (frame([None, None], term=[1.0, 1.5]), "term", "the term 1.5 of roll call r1 is not an integer"),
        (frame([None, None], term=[False, True]), "term", "the term False of roll call r0 is not an integer"),
        (frame([None, None], term=[80, 80]), "term", "all roll calls have the term 80"),
        (frame([None, None]), "year", "have no date: r0, r1 .*a column of integers, such as 'term'"),
        (frame(["2018-01-01", "2018-01-01"], era=["a", "b"]), "era", "the same mean date"),
    ],
)
def test_what_cannot_be_divided_is_refused(rollcalls: pd.DataFrame, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        find_periods(rollcalls, name)


@pytest.mark.parametrize(
    "terms", [[1937, 1935, 1937, 1940], ["1937", "1935", "1937", "1940"], [1937.0, 1935.0, 1937.0, 1940.0]]
)
def test_integers_order_roll_calls_without_dates(terms: list[object]) -> None:
    found = find_periods(frame([None] * 4, term=terms), "term")
    assert found.labels == ("1935", "1937", "1940")
    assert found.of_rollcall.tolist() == [1, 0, 1, 2]
    assert found.gaps.tolist() == [2.0, 3.0]
    assert found.unit == "term"


def test_integers_are_ordered_as_numbers_and_dates_come_first() -> None:
    assert find_periods(frame([None] * 3, session=["9", "10", "-1"]), "session").labels == ("-1", "9", "10")
    dated = find_periods(frame(["2001-01-01", "2003-01-01"], session=["1", "2"]), "session")
    assert dated.unit == "year"
    np.testing.assert_allclose(dated.gaps, [2.0])


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"periods is 'era'.*date"):
        find_periods(frame(["2018-01-01"]), "era")
