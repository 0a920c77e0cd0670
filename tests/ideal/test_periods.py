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
        (frame(["2018-01-01", "2018-01-01"], era=["a", "b"]), "era", "the same mean date"),
    ],
)
def test_what_cannot_be_divided_is_refused(rollcalls: pd.DataFrame, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        find_periods(rollcalls, name)


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"periods is 'era'.*date"):
        find_periods(frame(["2018-01-01"]), "era")
