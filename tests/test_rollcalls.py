"""The container: round trips, selection, the door, and that nothing changes it."""

import copy
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from voteshift import InputError, RollCalls, UsageError, Vote, load_hrc
from voteshift.votes import TALLY_COLUMNS

CODES = st.sampled_from([int(vote) for vote in Vote])
MATRICES = arrays(np.int8, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=6), elements=CODES)


def small(votes=((2, 0), (1, -1), (-3, 2)), **facts):
    """Three members a, b, c in two roll calls x, y."""
    votes = np.array(votes, dtype=np.int8)
    members = pd.DataFrame(index=list("abc")[: len(votes)])
    rollcalls = pd.DataFrame(facts, index=list("xyzw")[: votes.shape[1]])
    return RollCalls(votes, members, rollcalls)


def of_matrix(votes):
    members = pd.DataFrame(index=[f"m{i}" for i in range(votes.shape[0])])
    return RollCalls(votes, members, pd.DataFrame(index=[f"r{j}" for j in range(votes.shape[1])]))


class TestRoundTrips:
    @settings(max_examples=40)
    @given(MATRICES)
    def test_long(self, votes):
        record = of_matrix(votes)
        long = record.to_long()
        assert len(long) == (votes != Vote.NOT_MEMBER).sum()
        again = RollCalls.from_long(long, members=record.members, rollcalls=record.rollcalls)
        np.testing.assert_array_equal(again.votes, votes)
        pd.testing.assert_frame_equal(again.rollcalls, record.rollcalls)
        pd.testing.assert_frame_equal(again.members, record.members)

    @settings(max_examples=40)
    @given(MATRICES)
    def test_wide(self, votes):
        record = of_matrix(votes)
        again = RollCalls.from_wide(record.to_wide())
        np.testing.assert_array_equal(again.votes, votes)
        assert again.members.index.equals(record.members.index)
        assert again.rollcalls.index.equals(record.rollcalls.index)

    @settings(max_examples=40)
    @given(MATRICES)
    def test_wide_in_codes(self, votes):
        cast = set(votes[votes >= 0].tolist())
        assume(Vote.NO in cast if Vote.YES in cast else Vote.ABSTAIN not in cast)
        codes = pd.DataFrame(votes, index=[f"m{i}" for i in range(len(votes))])
        np.testing.assert_array_equal(RollCalls.from_wide(codes).votes, votes)

    @settings(max_examples=40)
    @given(MATRICES, st.randoms())
    def test_rows_of_a_long_table_come_in_any_order(self, votes, random):
        record = of_matrix(votes)
        rows = list(range(len(record.to_long())))
        random.shuffle(rows)
        again = RollCalls.from_long(
            record.to_long().iloc[rows], members=record.members, rollcalls=record.rollcalls
        )
        np.testing.assert_array_equal(again.votes, votes)

    def test_ids_come_in_the_order_they_first_occur(self):
        long = pd.DataFrame(
            {"member": ["b", "a", "b"], "rollcall": ["y", "x", "x"], "vote": ["yes", "no", "abstain"]}
        )
        record = RollCalls.from_long(long)
        assert list(record.members.index) == ["b", "a"]
        assert list(record.rollcalls.index) == ["y", "x"]
        assert record.votes.tolist() == [[2, 1], [-3, 0]]

    def test_ids_are_text_whatever_they_were(self):
        long = pd.DataFrame({"member": ["a"], "rollcall": [27478], "vote": ["Y"]})
        record = RollCalls.from_long(long, rollcalls=pd.DataFrame(index=["27478"]))
        assert list(record.rollcalls.index) == ["27478"]
        assert record.select(rollcalls=["27478"]).votes.tolist() == [[2]]

    def test_codes_serve_as_words(self):
        long = pd.DataFrame({"member": list("abc"), "rollcall": "x", "vote": [2, 0.0, np.int64(-1)]})
        assert RollCalls.from_long(long).votes[:, 0].tolist() == [2, 0, -1]

    @pytest.mark.parametrize("rows", [[[1, 0], [0, 1]], [[1.0, np.nan], [0.0, 1.0]], [[1, -1], [0, 1]]])
    def test_ones_and_noughts_of_other_programs_are_not_taken_for_codes(self, rows):
        wide = pd.DataFrame(rows, index=["a", "b"], columns=["x", "y"])
        with pytest.raises(InputError, match="include 1 but not 2") as caught:
            RollCalls.from_wide(wide)
        assert caught.value.remedy is not None
        assert "replace({1: 'yes', 0: 'no'})" in caught.value.remedy
        words = wide.replace({1: "yes", 0: "no", -1: "no"})
        assert RollCalls.from_wide(words).votes[0, 0] == Vote.YES

    @pytest.mark.parametrize("blank", ["", "  ", None, np.nan, pd.NA])
    def test_a_blank_in_a_wide_table_is_a_member_without_a_seat(self, blank):
        wide = pd.DataFrame({"x": ["yes", blank], "y": ["no", "absent"]}, index=["a", "b"])
        assert RollCalls.from_wide(wide).votes.tolist() == [[2, 0], [-3, -1]]

    def test_an_empty_table_is_an_empty_record(self):
        record = RollCalls.from_long(pd.DataFrame({"member": [], "rollcall": [], "vote": []}))
        assert record.votes.shape == (0, 0)
        assert len(record.tally()) == len(record.families()) == len(record.to_long()) == 0
        assert record.contested().seated().between("2000").votes.shape == (0, 0)


class TestTheDoor:
    def test_a_missing_column_is_named(self):
        with pytest.raises(InputError, match="column 'vote' is missing"):
            RollCalls.from_long(pd.DataFrame({"member": ["a"], "rollcall": ["x"]}))

    @pytest.mark.parametrize(
        "word", ["maybe", "", 3, -4, 1.5, True, np.True_, None, np.nan, pd.NA, pd.Timestamp("2021-03-23")]
    )
    def test_what_is_no_vote_is_refused(self, word):
        long = pd.DataFrame({"member": ["a"], "rollcall": ["x"], "vote": pd.Series([word], dtype=object)})
        with pytest.raises(InputError, match="unknown vote"):
            RollCalls.from_long(long)

    def test_the_word_is_quoted_as_it_was_written(self):
        long = pd.DataFrame({"member": ["a"], "rollcall": ["x"], "vote": [" Perhaps "]})
        with pytest.raises(InputError, match="' Perhaps '"):
            RollCalls.from_long(long)

    def test_a_pair_listed_twice_is_refused_even_with_the_same_vote(self):
        long = pd.DataFrame({"member": ["a", "a"], "rollcall": ["x", "x"], "vote": ["yes", "yes"]})
        with pytest.raises(InputError, match="member a is listed twice in roll call x") as caught:
            RollCalls.from_long(long)
        assert caught.value.id == "x"

    @pytest.mark.parametrize("which", ["member", "rollcall"])
    def test_an_id_that_its_frame_lacks_is_refused(self, which):
        long = pd.DataFrame({"member": ["a"], "rollcall": ["x"], "vote": ["yes"]})
        with pytest.raises(InputError, match="is not in the list of") as caught:
            RollCalls.from_long(long, **{f"{which}s": pd.DataFrame(index=["other"])})
        assert caught.value.id == long[which][0]

    @pytest.mark.parametrize("which", ["member", "rollcall"])
    def test_a_row_without_an_id_is_refused(self, which):
        long = pd.DataFrame({"member": ["a", "b"], "rollcall": ["x", "x"], "vote": ["yes", "no"]})
        long.loc[1, which] = None
        with pytest.raises(InputError, match=f"row 1 has no id of a {which}"):
            RollCalls.from_long(long)

    @pytest.mark.parametrize("axis", [0, 1])
    def test_repeated_labels_of_a_wide_table_are_refused(self, axis):
        wide = pd.DataFrame([["yes", "no"], ["no", "yes"]], index=["a", "b"], columns=["x", "y"])
        with pytest.raises(InputError, match=r"occurs twice|two columns named"):
            RollCalls.from_wide(wide.set_axis(["a", "a"], axis=axis))

    @pytest.mark.parametrize("labels", [["x", "x"], [1, "1"]])
    def test_ids_must_be_unique_as_text(self, labels):
        votes = np.zeros((1, 2), dtype=np.int8)
        with pytest.raises(InputError, match=r"rollcall id .* occurs twice"):
            RollCalls(votes, pd.DataFrame(index=["a"]), pd.DataFrame(index=labels))

    def test_shapes_must_fit(self):
        with pytest.raises(InputError, match=r"shape \(2, 2\), but there are 3 members and 2 roll calls"):
            RollCalls(
                np.zeros((2, 2), np.int8), pd.DataFrame(index=list("abc")), pd.DataFrame(index=list("xy"))
            )

    @pytest.mark.parametrize(("code", "kind"), [(3, np.int8), (-4, np.int8), (258, np.int64), (0.5, float)])
    def test_unknown_codes_are_refused_and_never_wrapped_around(self, code, kind):
        with pytest.raises(InputError, match="unknown vote code"):
            RollCalls(np.array([[code]], kind), pd.DataFrame(index=["a"]), pd.DataFrame(index=["x"]))

    @pytest.mark.parametrize("name", ["yes", "no", "abstain"])
    def test_a_total_that_the_list_contradicts_is_refused(self, name):
        votes = [[2], [1], [0]]
        small(votes, yes=[1], no=[1], abstain=[1])
        totals = {"yes": [1], "no": [1], "abstain": [1]} | {name: [2]}
        with pytest.raises(InputError, match=f"roll call x declares 2 {name} but lists 1") as caught:
            small(votes, **totals)
        assert caught.value.id == "x"

    def test_one_total_alone_is_held_against_the_list_too(self):
        with pytest.raises(InputError, match="declares 5 yes"):
            small(yes=[1, 5])

    def test_the_right_roll_call_is_named(self):
        with pytest.raises(InputError, match="roll call y declares 0 yes but lists 1"):
            small(yes=[1, 0])

    def test_a_blank_total_declares_nothing(self):
        small(yes=[1, None], no=pd.array([0, None], dtype="Int64"), abstain=["1", None])

    def test_a_roll_call_known_not_to_reconcile_is_let_in(self):
        record = small(yes=[9, 1], no=[0, 1], abstain=[1, 0], reconciled=[False, True])
        assert record.tally()["yes"].tolist() == [1, 1]

    def test_a_total_that_is_no_number_is_refused(self):
        with pytest.raises(InputError, match="roll call y has 'many' in column 'yes'"):
            small(yes=["1", "many"])

    @pytest.mark.parametrize("name", ["reconciled", "amendment"])
    def test_the_word_no_is_not_taken_for_true(self, name):
        with pytest.raises(InputError, match=f"roll call y has 'no' in column '{name}'"):
            small(**{name: [True, "no"]})

    def test_a_blank_truth_value_is_the_harmless_one(self):
        record = small(amendment=[None, True], reconciled=[None, False])
        assert record.rollcalls["amendment"].tolist() == [False, True]
        assert record.rollcalls["reconciled"].tolist() == [True, False]

    @pytest.mark.parametrize("dates", [[20210323, 20210324], [2020, 2021], [None, 44278.0]])
    def test_a_number_is_no_date(self, dates):
        """It would be a moment shortly after 1 January 1970."""
        with pytest.raises(InputError, match="is the number") as caught:
            small(date=dates)
        assert caught.value.id

    @pytest.mark.parametrize("date", ["someday", "2021-13-01", "03/05/2021", object()])
    def test_a_date_that_cannot_be_read_is_refused(self, date):
        with pytest.raises(InputError, match="the date of roll call y is"):
            small(date=["2021-03-23", date])


class TestSelection:
    def record(self):
        return small(
            [[2, 0, 1, 2], [1, 1, -1, 2], [-3, 2, 2, -2]],
            date=["2020-12-31", "2021-01-01", "2021-12-31", None],
            subject=["TORTURE - SYRIA", "Racism", None, ""],
            title=["Title of it", "Other", "The title of it", ""],
        )

    def test_members_and_roll_calls_in_the_order_asked_for(self):
        part = self.record().select(members=["c", "a"], rollcalls=["z", "x"])
        assert part.votes.tolist() == [[2, -3], [1, 2]]
        assert list(part.members.index) == ["c", "a"]
        assert list(part.rollcalls.index) == ["z", "x"]

    def test_one_id_needs_no_list(self):
        assert self.record().select(members="b", rollcalls="y").votes.tolist() == [[1]]

    def test_nothing_asked_for_is_everything(self):
        assert self.record().select().votes.tolist() == self.record().votes.tolist()

    @pytest.mark.parametrize(("what", "name"), [("members", "member"), ("rollcalls", "roll call")])
    def test_unknown_and_repeated_ids_are_refused(self, what, name):
        with pytest.raises(UsageError, match=f"no {name} has the id 'q'"):
            self.record().select(**{what: ["q"]})
        known = list(getattr(self.record(), what).index[:1])
        with pytest.raises(UsageError, match="is named twice"):
            self.record().select(**{what: known * 2})

    def test_subject_is_text_not_a_pattern_and_has_no_case(self):
        record = self.record()
        assert list(record.select(subject="syria").rollcalls.index) == ["x"]
        assert list(record.select(subject="RACISM").rollcalls.index) == ["y"]
        assert list(record.select(subject=".*").rollcalls.index) == []

    def test_family(self):
        record = self.record()
        assert list(record.families().index) == ["title-it"]
        assert list(record.select(family="title of it").rollcalls.index) == ["x", "z"]
        assert list(record.select(family="title-it", rollcalls=["z", "y"]).rollcalls.index) == ["z"]
        with pytest.raises(UsageError, match="no family has the slug or title"):
            record.select(family="nothing of the kind")

    @pytest.mark.parametrize(
        ("since", "until", "found"),
        [
            (None, None, "xyzw"),
            ("2021", None, "yz"),
            (None, "2021", "xyz"),
            ("2021", "2021", "yz"),
            ("2021-01-01", "2021-12-31", "yz"),
            ("2021-12", None, "z"),
            (None, "2020-12", "x"),
            ("2020-12-31", "2021-01-01", "xy"),
            ("2022", None, ""),
            (2021, 2021, "yz"),
        ],
    )
    def test_both_ends_of_a_stretch_of_time_are_included(self, since, until, found):
        assert "".join(self.record().between(since, until).rollcalls.index) == found

    @pytest.mark.parametrize(
        "text", ["", "soon", "2021-13", "2021-02-30", "23.03.2021", "21", "NaT", "2021Q1"]
    )
    def test_what_is_no_date_is_refused(self, text):
        for ends in ((text, None), (None, text)):
            with pytest.raises(UsageError, match="is not a date"):
                self.record().between(*ends)

    @given(MATRICES)
    def test_contested_roll_calls_are_those_where_votes_differ(self, votes):
        kept = {int(name[1:]) for name in of_matrix(votes).contested().rollcalls.index}
        expected = {j for j in range(votes.shape[1]) if len({v for v in votes[:, j] if v >= 0}) > 1}
        assert kept == expected

    @given(MATRICES)
    def test_seated_members_have_a_seat_somewhere(self, votes):
        kept = {int(name[1:]) for name in of_matrix(votes).seated().members.index}
        assert kept == {i for i in range(len(votes)) if (votes[i] != Vote.NOT_MEMBER).any()}

    def test_a_selection_keeps_families_polarity_and_source(self):
        votes = np.array([[2, 0]], np.int8)
        rollcalls = pd.DataFrame({"family": ["f", "f"], "title": ["", ""]}, index=["x", "y"])
        record = RollCalls(votes, pd.DataFrame(index=["a"]), rollcalls, polarity="a", source="here")
        part = record.select(rollcalls=["x"])
        assert (part.polarity, part.source, part.rollcalls["family"].tolist()) == ("a", "here", ["f"])

    @pytest.mark.parametrize(
        "take",
        [
            lambda record: record.select(members=["USA", "CHN"]),
            lambda record: record.select(family="mutually-beneficial-cooperation"),
            lambda record: record.between("2016", "2021").seated(),
            lambda record: record.contested(),
        ],
    )
    def test_a_part_is_what_the_door_would_have_made_of_it(self, record, take):
        part = take(record)
        again = RollCalls(part.votes, part.members, part.rollcalls, part.polarity, part.source)
        assert part.votes.dtype == np.int8
        np.testing.assert_array_equal(again.votes, part.votes)
        pd.testing.assert_frame_equal(again.members, part.members)
        pd.testing.assert_frame_equal(again.rollcalls, part.rollcalls)
        assert (again.polarity, again.source) == (part.polarity, part.source)
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            part.votes.flags.writeable = True
        with pytest.raises(FrozenInstanceError):
            part.source = "elsewhere"

    def test_writing_to_the_list_of_families_changes_nothing(self, record):
        families = record.families()
        before = families.copy()
        families.loc[:, "title"] = "other"
        pd.testing.assert_frame_equal(record.families(), before)


class TestTally:
    @given(MATRICES)
    def test_counts_are_those_of_the_matrix(self, votes):
        tally = of_matrix(votes).tally()
        assert list(tally.columns) == [*TALLY_COLUMNS, "members"]
        for j, (_, row) in enumerate(tally.iterrows()):
            column = votes[:, j].tolist()
            assert row["yes"] == column.count(2)
            assert row["no"] == column.count(0)
            assert row["abstain"] == column.count(1)
            assert row["absent"] == column.count(-1) + column.count(-2)
            assert row["members"] == len(column) - column.count(-3)
            assert row[list(TALLY_COLUMNS)].sum() == row["members"]


class TestImmutable:
    def test_writing_to_the_votes_is_refused_for_good(self):
        record = small()
        with pytest.raises(ValueError, match="read-only"):
            record.votes[0, 0] = 1
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            record.votes.flags.writeable = True

    @pytest.mark.parametrize("through", [lambda a: a, lambda a: a[:], lambda a: a.view()])
    def test_writing_to_what_was_passed_in_changes_nothing(self, through):
        votes = np.array([[2, 0]], dtype=np.int8)
        given_votes = through(votes)
        if given_votes is not votes:
            given_votes.flags.writeable = False
        members, rollcalls = (
            pd.DataFrame({"name": ["A"]}, ["a"]),
            pd.DataFrame({"title": ["T", "U"]}, ["x", "y"]),
        )
        record = RollCalls(given_votes, members, rollcalls)
        votes[0, 0] = 1
        members.loc["a", "name"] = rollcalls.loc["x", "title"] = "other"
        rollcalls["new"] = 1
        assert record.votes.tolist() == [[2, 0]]
        assert record.members["name"].tolist() == ["A"]
        assert record.rollcalls["title"].tolist() == ["T", "U"]
        assert "new" not in record.rollcalls

    def test_writing_to_what_is_handed_out_changes_nothing(self):
        record = small(yes=[1, 1])
        for name in ("members", "rollcalls"):
            before = getattr(record, name).copy()
            frame = getattr(record, name)
            frame[frame.columns[0]] = None
            frame["new"] = 1
            frame.index = range(len(frame))
            frame.index.name = "other"
            pd.testing.assert_frame_equal(getattr(record, name), before)
        tally, wide = record.tally(), record.to_wide()
        tally.loc["x", "yes"] = 99
        wide.iloc[0, 0] = "no"
        assert record.tally().loc["x", "yes"] == 1
        assert record.votes[0, 0] == Vote.YES

    @pytest.mark.parametrize("name", ["votes", "members", "rollcalls", "polarity"])
    def test_attributes_cannot_be_set(self, name):
        with pytest.raises(FrozenInstanceError):
            setattr(small(), name, None)

    @pytest.mark.parametrize(
        "again",
        [copy.copy, copy.deepcopy, lambda record: pickle.loads(pickle.dumps(record))],  # noqa: S301
        ids=["copy", "deepcopy", "pickle"],
    )
    def test_copies_are_equal_and_as_immutable(self, again):
        record = small(yes=[1, 1], date=["2021-03-23", None])
        twin = again(record)
        np.testing.assert_array_equal(twin.votes, record.votes)
        pd.testing.assert_frame_equal(twin.rollcalls, record.rollcalls)
        pd.testing.assert_frame_equal(twin.members, record.members)
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            twin.votes.flags.writeable = True


class TestRepr:
    def test_it_says_how_many_of_what_and_when(self, record):
        assert repr(record) == (
            "<RollCalls of UN Human Rights Council: 127 members x 908 roll calls, 42086 votes, "
            "2006-06-29 to 2026-03-31>"
        )

    def test_it_works_without_dates(self):
        assert repr(small()) == "<RollCalls: 3 members x 2 roll calls, 4 votes>"


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(UsageError, match="is before the beginning"):
        load_hrc().between("2022", "2019")


def test_some_members_of_a_record_with_totals_can_be_selected():
    part = load_hrc().select(members=["USA", "CHN"])
    assert part.votes.shape[0] == 2
    assert "yes" not in part.rollcalls.columns
    assert "yes" in load_hrc().select(members=load_hrc().members.index[::-1]).rollcalls.columns
