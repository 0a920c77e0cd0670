"""How pictures name the versions of a resolution."""

import pandas as pd
import pytest

import voteshift as vs
from voteshift.plots.versions import consecutive, day_names, names, years

TRIO = "mutually-beneficial-cooperation"


def frame(dates: list[str | None]) -> pd.DataFrame:
    symbols = [f"A/{number}" for number in range(len(dates))]
    return pd.DataFrame({"symbol": symbols, "date": pd.to_datetime(dates)})


@pytest.mark.parametrize(
    ("dates", "written"),
    [
        (["2018-03-23", "2020-06-22"], ["2018", "2020"]),
        (["2018-03-23", "2018-06-22"], ["2018-03", "2018-06"]),
        (["2018-03-23", "2018-03-24"], ["2018-03-23", "2018-03-24"]),
        (["2018-03-23", "2018-03-23"], ["A/0", "A/1"]),
        (["2018-03-23", None], ["A/0", "A/1"]),
    ],
)
def test_dates_are_as_short_as_they_differ(dates: list[str | None], written: list[str]) -> None:
    assert years(frame(dates)) == written


def test_a_roll_call_without_a_date_has_its_symbol_alone() -> None:
    assert day_names(frame(["2018-03-23", None])) == ["A/0\n2018-03-23", "A/1"]


def test_long_symbols_are_cut_and_remain_different() -> None:
    symbols = [f"{'A/HRC/RES/' * 4}{number}" for number in range(3)]
    cut = names(pd.DataFrame({"symbol": symbols}))
    assert len(set(cut)) == 3
    assert max(map(len, cut)) < min(map(len, symbols))


def test_an_explanation_and_its_record_give_the_same_versions(
    why: vs.Explanation, record: vs.RollCalls
) -> None:
    rollcalls, accounts = consecutive(why, None)
    others, again = consecutive(record, TRIO)
    tally = ["yes", "no", "abstain", "absent"]
    pd.testing.assert_frame_equal(rollcalls[tally], others[tally], check_dtype=False)
    assert [account.change.to_dict() for account in accounts] == [
        account.change.to_dict() for account in again
    ]
    assert len(accounts) == len(rollcalls) - 1
