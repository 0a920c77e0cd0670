"""The long panel: one row per vote, covariates joined with a stated lag, nothing lost in silence."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from logistic.worlds import record

FAMILY = "mutually-beneficial-cooperation"


@pytest.fixture(scope="module")
def fish():
    return vs.panel(record(), "on fish")


def covariates(**changes):
    table = pd.DataFrame(
        {"iso3": ["AAA", "AAA", "BBB", "BBB", "DDD"], "year": [2017, 2019, 2017, 2019, 2019]}
    )
    return table.assign(voice=[1.0, 2.0, 3.0, np.nan, 5.0], **changes)


def test_one_row_per_vote_and_the_seats_without_one_are_listed(fish):
    assert list(zip(fish.frame["member"], fish.frame["rollcall"], fish.frame["vote"], strict=True)) == [
        ("AAA", "1", "yes"),
        ("BBB", "1", "abstain"),
        ("AAA", "3", "yes"),
        ("BBB", "3", "no"),
        ("DDD", "3", "yes"),
    ]
    assert fish.left_out.to_dict("records") == [
        {"member": "CCC", "name": "c", "rollcall": "1", "vote": "absent"}
    ]
    assert list(fish.frame["vote"].cat.categories) == ["no", "abstain", "yes"]
    assert (fish.frame[["yes", "no", "abstain"]].sum(axis=1) == 1).all()
    assert "1 seat without a vote left out" in repr(fish)


def test_years_on_the_council_are_read_off_the_whole_record(fish):
    # Member D sits for the first time; the others sat in the year between, on another resolution.
    assert fish.frame["years_on_council"].tolist() == [1, 1, 3, 3, 1]


def test_the_vote_before_keeps_absence_and_no_seat_apart():
    whole = vs.panel(record())
    second = whole.frame[whole.frame["rollcall"] == "2"].set_index("member")["lagged_vote"]
    assert second.to_dict() == {"AAA": "yes", "BBB": "abstain"}
    fish = vs.panel(record(), "on fish").frame
    assert fish[fish["rollcall"] == "1"]["lagged_vote"].isna().all()
    assert fish.set_index(["rollcall", "member"])["lagged_vote"]["3", "DDD"] == "not a member"


def test_covariates_are_joined_with_the_lag_and_gaps_are_named():
    found = vs.panel(record(), "on fish", covariates=covariates(), lag=1)
    values = found.frame.set_index(["rollcall", "member"])["voice"]
    assert values["1", "AAA"] == 1.0
    assert values["3", "AAA"] == 2.0
    assert values["3", "DDD"] == 5.0
    assert found.unmatched.to_dict("records") == [
        {"member": "BBB", "rollcall": "3", "year": 2019, "column": "voice", "why": "blank"}
    ]
    assert found.notes == (
        "covariates have values from 1 year before the vote",
        "voice is missing in 1 of 5 votes, blank: b",
    )


def test_what_did_not_match_is_named_with_its_reason():
    table = covariates().assign(rich=1.0)
    table = table[~table["iso3"].eq("DDD") & ~(table["iso3"].eq("AAA") & table["year"].eq(2019))]
    found = vs.panel(record(), "on fish", covariates=table, lag=1)
    why = found.unmatched[found.unmatched["column"] == "rich"].set_index("member")["why"]
    assert why.to_dict() == {"AAA": "no row for that year", "DDD": "no row for the member"}
    assert "rich is missing in 1 of 5 votes, no row for that year: a" in found.notes
    assert "voice is missing in 1 of 5 votes, blank: b" in found.notes


def test_covariates_of_no_vote_are_refused():
    with pytest.raises(
        vs.InputError,
        match=r"none of the years that the votes need: 2018, 2020 \(the covariates cover 2017 to 2019",
    ):
        vs.panel(record(), "on fish", covariates=covariates(), lag=0)
    names = covariates(iso3=["Austria"] * 5, year=range(2015, 2020))
    with pytest.raises(
        vs.InputError, match=r"no member of the panel \(use the same codes: the panel has AAA, BBB, DDD"
    ):
        vs.panel(record(), "on fish", covariates=names, lag=1)


def test_covariates_without_years_hold_for_all():
    table = pd.DataFrame({"member": ["AAA", "BBB"], "size": [1, 2]})
    found = vs.panel(record(), "on fish", covariates=table)
    assert found.frame.groupby("member")["size"].nunique().to_dict() == {"AAA": 1, "BBB": 1, "DDD": 0}
    assert found.unmatched["member"].tolist() == ["DDD"]


@pytest.mark.parametrize(
    ("change", "lag", "error", "says"),
    [
        ({}, None, vs.UsageError, "lag= is not given"),
        ({"year": 2017}, 1, vs.InputError, "AAA, 2017 twice"),
        ({"vote": 1}, 1, vs.InputError, "already has a column 'vote'"),
        ({"iso3": [None, *"BCDE"]}, 1, vs.InputError, "no member"),
        ({"member": "AAA"}, 1, vs.InputError, "exactly one column with the member"),
    ],
)
def test_covariates_that_do_not_fit_are_refused(change, lag, error, says):
    with pytest.raises(error, match=says):
        vs.panel(record(), "on fish", covariates=covariates().assign(**change), lag=lag)


def test_a_lag_needs_something_to_lag():
    with pytest.raises(vs.UsageError, match="lag is given without covariates"):
        vs.panel(record(), "on fish", lag=1)
    with pytest.raises(vs.UsageError, match="no column 'year'"):
        vs.panel(record(), covariates=pd.DataFrame({"member": ["AAA"], "u": [1]}), lag=1)


def test_of_two_tables_the_first_has_the_say_and_the_panel_says_so():
    mine = pd.DataFrame({"member": ["AAA", "BBB", "DDD"], "voice": [7.0, 8.0, 9.0]})
    found = vs.panel(record(), "on fish", covariates=[mine, covariates(rich=1.0)], lag=1)
    assert found.frame.groupby("member")["voice"].unique().map(list).to_dict() == {
        "AAA": [7.0],
        "BBB": [8.0],
        "DDD": [9.0],
    }
    assert (found.frame["rich"] == 1.0).all()
    assert found.notes == (
        "covariates have values from 1 year before the vote",
        "voice: several tables of covariates have this column; the values come from the first of them",
    )
    assert not [note for note in found.notes_on(["rich"]) if note.startswith("voice")]
    other = vs.panel(record(), "on fish", covariates=[covariates(), mine], lag=1)
    assert other.unmatched["member"].tolist() == ["BBB"]  # the second table does not fill in the first


def test_a_lag_without_a_yearly_table_in_use_is_not_reported():
    mine = pd.DataFrame({"member": ["AAA", "BBB", "DDD"], "voice": [7.0, 8.0, 9.0]})
    found = vs.panel(record(), "on fish", covariates=[mine, covariates()], lag=1)
    assert [note for note in found.notes if "before the vote" in note] == []


def test_versions_are_named_by_the_shortest_name_that_is_distinct(record):
    trio = vs.panel(record, FAMILY).frame
    assert list(trio["version"].cat.categories) == ["2018", "2020", "2021"]
    assert trio.groupby("version", observed=True)["rollcall"].unique().map(list).to_dict() == {
        "2018": ["27478"],
        "2020": ["29343"],
        "2021": ["29575"],
    }
    some = vs.panel(record.select(rollcalls=record.rollcalls.index[:40])).frame
    assert some["version"].nunique() == some["rollcall"].nunique() == 40


def test_versions_that_share_a_day_are_in_order_of_date():
    ids = list("abcd")
    wide = pd.DataFrame({name: ["yes", "no"] for name in ids}, index=["X", "Y"])
    dates = pd.DataFrame({"date": ["2021-12-01", "2021-02-03", "2022-01-01", "2022-11-01"]}, index=ids)
    named = vs.panel(vs.RollCalls.from_wide(wide, rollcalls=dates)).frame["version"].cat.categories
    assert list(named) == ["3 February 2021", "1 December 2021", "1 January 2022", "1 November 2022"]
    dates["date"] = "2021-12-01"
    named = vs.panel(vs.RollCalls.from_wide(wide, rollcalls=dates)).frame["version"]
    assert named.nunique() == 4


def test_the_first_version_is_the_reference_of_a_formula(record):
    fitted = vs.logit("yes ~ C(version) + years_on_council", vs.panel(record, FAMILY))
    assert fitted.names[1:3] == ("C(version)[T.2020]", "C(version)[T.2021]")
    assert fitted.labels[1:3] == ("2020 against 2018", "2021 against 2018")
    later = vs.logit("yes ~ C(version)", vs.panel(record, FAMILY).only("29343", "29575"))
    assert later.names == ("Intercept", "C(version)[T.2021]")


class Fit:
    def __init__(self, **columns):
        self.columns = columns

    def tidy(self):
        return pd.DataFrame({"estimate": [0.5, -0.5], "std_error": [0.1, 0.2], **self.columns})


def test_positions_come_with_their_standard_error():
    fit = Fit(member=["AAA", "BBB"])
    found = vs.panel(record(), "on fish", fit=fit)
    rows = found.frame.drop_duplicates("member").set_index("member")
    assert rows.loc["BBB", ["position", "position_se"]].tolist() == [-0.5, 0.2]
    assert rows["position"].isna().tolist() == [False, False, True]
    assert "the fit has no position for d" in found.notes
    two = Fit(member=["AAA", "AAA"], dimension=[1, 2])
    assert vs.panel(record(), "on fish", fit=two).frame["position"].dropna().unique().tolist() == [0.5]
    with pytest.raises(vs.UsageError, match="several positions"):
        vs.panel(record(), "on fish", fit=Fit(member=["AAA", "AAA"]))


def test_transitions_are_of_those_who_sat_both_times(fish):
    found = fish.transitions("S/1", "3", origin="abstain", to="no")
    assert found.frame[["member", "rollcall", "moved"]].to_numpy().tolist() == [["BBB", "1", 1]]
    assert fish.transitions("1", "3", origin="yes", to="no").frame["moved"].tolist() == [0]
    with pytest.raises(vs.UsageError, match="nobody voted no"):
        fish.transitions("1", "3", origin="no", to="yes")
    with pytest.raises(vs.UsageError, match="origin is 'absent'"):
        fish.transitions("1", "3", origin="absent", to="yes")
    with pytest.raises(vs.UsageError, match="the id or symbol 'S/9'"):
        fish.transitions("S/9", "3", origin="yes", to="no")
    assert fish.only("S/3").frame["rollcall"].unique().tolist() == ["3"]


def test_the_trio(record):
    found = vs.panel(record, FAMILY)
    assert (len(found.frame), found.frame["member"].nunique()) == (140, 77)
    assert found.left_out["member"].tolist() == ["TUN"]
    tally = found.frame.groupby("symbol")[["yes", "no", "abstain"]].sum()
    assert tally.loc["A/HRC/RES/37/23"].tolist() == [28, 1, 17]
    assert "sponsor: sponsors of the draft A/HRC/37/L.36" in found.notes
    moved = found.transitions("A/HRC/RES/37/23", "A/HRC/RES/43/21", origin="abstain", to="no").frame
    assert set(moved.loc[moved["moved"] == 1, "member"]) == {"AUS", "DEU", "JPN", "KOR", "SVK", "ESP", "UKR"}


def test_sponsors_are_those_of_the_draft(record, harvest):
    """By the names the draft prints, half of them without a seat."""
    listed = pd.read_csv(harvest / "seed" / "hrc37_l36_sponsors.csv")
    from voteshift.datasets import load_sponsors

    ours = load_sponsors()
    assert len(ours) == len(listed) == 19
    first = vs.panel(record, FAMILY).only("A/HRC/RES/37/23").frame
    assert first["sponsor"].sum() == (listed["council_member"] == "yes").sum()
    assert (first.loc[first["sponsor"] == 1, "yes"] == 1).all()


def test_a_record_without_dates_has_no_years():
    wide = vs.RollCalls.from_wide(pd.DataFrame({"a": ["yes", "no"], "b": ["no", None]}, index=["X", "Y"]))
    found = vs.panel(wide)
    assert len(found.frame) == 3
    assert found.frame["years_on_council"].isna().all()
    with pytest.raises(vs.InputError, match="roll calls have no date"):
        vs.panel(wide, covariates=covariates(), lag=1)


def test_roll_calls_without_a_date_come_last_and_once():
    wide = pd.DataFrame({name: ["yes", "no"] for name in "abcd"}, index=["X", "Y"])
    dates = pd.DataFrame({"date": [None, None, "2002-01-31", "2001-01-31"]}, index=list("abcd"))
    found = vs.panel(vs.RollCalls.from_wide(wide, rollcalls=dates))
    assert found.frame["rollcall"].unique().tolist() == ["d", "c", "a", "b"]
    assert len(found.frame) == 8


def test_other_records_have_no_sponsors(fish):
    assert "sponsor" not in fish.frame.columns
