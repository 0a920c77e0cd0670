"""The bundled record: what it holds, and that it is the harvest's."""

import subprocess
from datetime import date

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift import InputError, Vote
from voteshift.datasets import HRC_LETTERS, data_path, load_covariates

TRIO = {
    "27478": ("A/HRC/RES/37/23", date(2018, 3, 23), "28-1-17"),
    "29343": ("A/HRC/RES/43/21", date(2020, 6, 22), "23-16-8"),
    "29575": ("A/HRC/RES/46/13", date(2021, 3, 23), "26-15-6"),
}
WORDS = {
    "Yes": "yes",
    "No": "no",
    "Abstain": "abstain",
    "Absent": "absent",
    "Not recorded": "not recorded",
}


def test_how_many_roll_calls_there_are(record, everything):
    assert len(record.rollcalls) == 908
    assert len(everything.rollcalls) == 1039
    assert record.rollcalls["reconciled"].all()
    assert (~everything.rollcalls["reconciled"]).sum() == 131
    assert set(record.rollcalls.index) < set(everything.rollcalls.index)


def test_the_trio(record):
    trio = record.select(family="mutually-beneficial-cooperation")
    tally = trio.tally()
    found = {
        rollcall: (row["symbol"], row["date"].date(), "-".join(map(str, tally.loc[rollcall].iloc[:3])))
        for rollcall, row in trio.rollcalls.iterrows()
    }
    assert found == TRIO
    assert tally["members"].tolist() == [47, 47, 47]
    assert tally["absent"].tolist() == [1, 0, 0]
    assert trio.to_wide().loc["TUN", "27478"] == "absent"


def test_the_vote_on_the_xinjiang_debate(record):
    """Every one of the 47 members voted."""
    row = record.rollcalls.loc["51L6"]
    assert record.tally().loc["51L6"].to_dict() == {
        "yes": 17,
        "no": 19,
        "abstain": 11,
        "absent": 0,
        "members": 47,
    }
    assert row["date"].date() == date(2022, 10, 6)
    assert row["session"] == "51"
    assert row["symbol"] == row["draft"] == "A/HRC/51/L.6"
    assert row["title"] == (
        "Debate on the situation of human rights in the Xinjiang Uyghur Autonomous Region, China"
    )
    assert row["outcome"] == "Rejected"
    assert not row["amendment"]
    wide = record.to_wide()["51L6"]
    assert wide[["CHN", "IND", "UKR", "USA"]].tolist() == ["no", "abstain", "abstain", "yes"]


def test_every_roll_call_lists_what_it_declares(record):
    declared = record.rollcalls[["yes", "no", "abstain"]].astype(int)
    pd.testing.assert_frame_equal(record.tally()[["yes", "no", "abstain"]], declared, check_dtype=False)


def test_the_door_refuses_the_roll_calls_that_are_kept_out(everything):
    rollcalls = everything.rollcalls.assign(reconciled=True)
    with pytest.raises(InputError, match="declares"):
        vs.RollCalls(everything.votes, everything.members, rollcalls)


def test_no_council_has_more_than_47_seats(record):
    assert record.tally()["members"].between(43, 47).all()


def test_members_are_states_with_a_regional_group(everything):
    members = everything.members
    assert members.index.str.fullmatch("[A-Z]{3}").all()
    assert members.index.is_monotonic_increasing
    assert (members["name"] != "").all()
    assert set(members["group"]) == {"AFRICAN", "ASIA_PACIFIC", "EEG", "GRULAC", "WEOG"}


def test_who_sat_is_read_off_each_roll_call(record):
    wide = record.to_wide()
    assert wide.loc["ITA", "27478"] == "not a member"
    assert wide.loc["RWA", "27478"] != "not a member"


def test_the_gaps_that_the_build_reports_are_encoded_as_it_says(everything):
    wide = everything.to_wide()
    assert wide.loc["LBY", "30246"] == "not recorded"
    session = everything.rollcalls["session"] == "38"
    us = wide.loc["USA", everything.rollcalls.index[session]]
    assert us.value_counts().to_dict() == {"not a member": 12, "absent": 6}


def test_two_votes_on_one_draft_are_two_roll_calls(everything):
    symbols = everything.rollcalls["symbol"]
    assert (symbols != "").all()
    assert set(symbols[symbols.duplicated()]) == {"A/HRC/45/L.64", "A/HRC/32/L.54", "A/HRC/50/L.25"}


def test_loading_twice_gives_two_records_and_the_polarity_is_the_united_states():
    one, other = vs.load_hrc(), vs.load_hrc()
    assert one is not other
    assert one.polarity == "USA"
    np.testing.assert_array_equal(one.votes, other.votes)


def test_letters_stand_for_all_codes():
    assert set(HRC_LETTERS.values()) == set(Vote)


def test_a_bundled_file_that_is_missing_is_named():
    with pytest.raises(InputError, match=r"the bundled file hrc/nothing\.csv is missing"):
        data_path("hrc/nothing.csv")


def test_the_tables_are_small(root):
    assert sum(path.stat().st_size for path in (root / "data").rglob("*") if path.is_file()) < 1_000_000


def test_a_suspended_member_is_kept_as_the_catalogue_lists_it(everything, root):
    """Libya, March to November 2011: what data/README.md says of it."""
    suspended = everything.between("2011-03-01", "2011-11-18")
    votes = suspended.votes[suspended.members.index.get_loc("LBY")].tolist()
    absent, unlisted = votes.count(Vote.ABSENT), votes.count(Vote.NOT_RECORDED)
    said = " ".join((root / "data" / "README.md").read_text(encoding="utf-8").split())
    assert absent + unlisted == len(votes)
    assert f"there are {len(votes)} roll calls." in said
    assert f"as absent in {absent} of them, and does not list Libya in {unlisted}." in said


class TestAgainstTheHarvest:
    """The harvest, read here on its own, against the bundled tables."""

    def test_votes(self, harvest, everything):
        votes = pd.read_csv(harvest / "hrc" / "votes.csv.gz", dtype=str, keep_default_na=False)
        theirs = {(row.record, row.iso3): WORDS[row.vote] for row in votes.itertuples()}
        assert len(theirs) == len(votes)
        ours = {(row.rollcall, row.member): row.vote for row in everything.to_long().itertuples()}
        assert ours.pop(("30246", "LBY")) == "not recorded"
        assert ours == theirs

    def test_roll_calls(self, harvest, everything):
        theirs = pd.read_csv(harvest / "hrc" / "rollcalls.csv", dtype=str, keep_default_na=False)
        theirs = theirs.set_index("record")
        ours = everything.rollcalls
        assert set(ours.index) == set(theirs.index)
        theirs = theirs.loc[ours.index]
        for name in ("title", "subject", "session", "draft", "outcome"):
            assert ours[name].tolist() == theirs[name].tolist(), name
        for name in ("yes", "no", "abstain"):
            assert ours[name].tolist() == theirs[name].astype(int).tolist(), name
        for name in ("amendment", "reconciled"):
            assert ours[name].tolist() == (theirs[name] == "yes").tolist(), name
        assert ours["date"].dt.strftime("%Y-%m-%d").tolist() == theirs["date"].tolist()
        symbols = theirs["resolution"].where(theirs["resolution"] != "", theirs["draft"])
        assert ours["symbol"].tolist() == symbols.tolist()

    def test_states(self, harvest, everything):
        theirs = pd.read_csv(harvest / "hrc" / "states.csv", dtype=str, keep_default_na=False)
        ours = everything.members
        for row in theirs.itertuples():
            assert tuple(ours.loc[row.iso3, ["name", "group"]]) == (row.state, row.regional_group)
        assert set(ours.index) - set(theirs["iso3"]) == {"SWZ"}

    def test_building_again_gives_the_same_bytes(self, harvest, root, python, tmp_path):
        subprocess.run(
            [python, root / "tools" / "build_hrc.py", harvest / "hrc", tmp_path / "out"],
            check=True,
            capture_output=True,
            cwd=tmp_path,
        )
        built = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        bundled = {path.name: path.read_bytes() for path in (root / "data" / "hrc").iterdir()}
        assert built.keys() == bundled.keys()
        for name, content in built.items():
            assert content == bundled[name], name


class TestCovariates:
    def test_what_they_hold(self, record):
        table = load_covariates()
        assert list(table.columns) == ["member", "year", "voice", "gdp_per_head", "population"]
        assert not table.duplicated(["member", "year"]).any()
        assert table["year"].agg(["min", "max"]).tolist() == [2006, 2023]
        seated = record.members.index[(record.votes != Vote.NOT_MEMBER).any(axis=1)]
        assert set(table["member"]) == set(seated)
        assert (table.groupby("member").size() == 18).all()
        assert table["voice"].between(-3, 3).sum() == table["voice"].notna().sum() == len(table) - 36
        assert (table["gdp_per_head"].dropna() > 100).all()
        assert table["population"].dtype == np.int64

    def test_states_without_values_are_those_of_the_docstring(self):
        table = load_covariates()
        assert sorted(set(table.loc[table["voice"].isna(), "member"])) == ["COD", "ROU"]
        lacking = set(table.loc[table["gdp_per_head"].isna(), "member"])
        assert sorted(lacking) == ["AFG", "CUB", "ERI", "QAT", "VEN"]

    def test_building_again_gives_the_same_bytes(self, harvest, root, python, tmp_path):
        out = tmp_path / "covariates.csv"
        command = [python, root / "tools" / "build_covariates.py", harvest / "covariates.csv", out]
        subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
        assert out.read_bytes() == data_path("covariates.csv").read_bytes()

    def test_nothing_else_is_bundled(self, root):
        """V-Dem's columns are under a licence that the bundled table does not carry."""
        head = (root / "data" / "covariates.csv").read_text(encoding="utf-8").partition("\n")[0]
        assert head == "member,year,voice,gdp_per_head,population"
