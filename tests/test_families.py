"""Families: the rule, the slugs, the look-up."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voteshift.errors import UsageError
from voteshift.families import assign_families, find_family, slugify, title_key

TRIO = "mutually-beneficial-cooperation"
TITLE = "Promoting mutually beneficial cooperation in the field of human rights"


def frame(*rows):
    """Roll calls from (title, session, subject, amendment), as much as is given."""
    columns = ["title", "session", "subject", "amendment"][: len(rows[0])]
    return pd.DataFrame(list(rows), columns=columns, index=[f"r{i}" for i in range(len(rows))])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The right to development", "Right to Development"),
        ("Situation in C\u00f4te d'Ivoire", "SITUATION IN COTE DIVOIRE."),
        ("Human rights and fundamental freedoms of migrants", "Human rights of migrants"),
        ("Elimination of violence against women", "Elimination of the violence - against women"),
    ],
)
def test_titles_that_agree_but_for_dress_are_one_resolution(one, other):
    assert title_key(one) == title_key(other)
    assert (assign_families(frame((one,), (other,))) != "").all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cooperation with Georgia", "Cooperation with Ukraine"),
        ("Rights of the child", "The child of rights"),
        ("Human rights situation in Sudan", "Human rights situation in South Sudan"),
    ],
)
def test_other_words_or_another_order_are_another_resolution(one, other):
    assert title_key(one) != title_key(other)
    assert (assign_families(frame((one,), (other,))) == "").all()


def test_an_amendment_belongs_to_no_family():
    found = assign_families(frame((TITLE, "1", "", False), (TITLE, "2", "", True), (TITLE, "3", "", False)))
    assert found.tolist() == [TRIO, "", TRIO]


def test_one_vote_is_no_family():
    assert assign_families(frame((TITLE,))).tolist() == [""]
    assert assign_families(frame((TITLE,))[:0]).tolist() == []


def test_blank_titles_are_not_the_same_resolution():
    assert assign_families(frame(("",), ("",), ("The of and",), (None,))).tolist() == [""] * 4


def test_of_two_votes_in_a_session_the_one_whose_heading_agrees_with_the_others_stays():
    rows = [
        ("Title of it", "1", "ISRAEL - JERUSALEM", False),
        ("Title of it", "2", "GOLAN HEIGHTS", False),
        ("Title of it", "2", "ISRAEL - JERUSALEM", False),
        ("Title of it", "3", "ISRAEL", False),
    ]
    assert (assign_families(frame(*rows)) != "").tolist() == [True, False, True, True]


def test_where_headings_do_not_decide_the_first_vote_of_a_session_stays():
    rows = [("Title of it", session, "", False) for session in ("1", "2", "2")]
    assert (assign_families(frame(*rows)) != "").tolist() == [True, True, False]


def test_without_sessions_every_vote_stays():
    assert (assign_families(frame((TITLE,), (TITLE,), (TITLE,))) == TRIO).all()


def test_two_votes_of_one_session_alone_are_no_family():
    assert (assign_families(frame((TITLE, "1"), (TITLE, "1"))) == "").all()


def test_families_that_would_share_a_slug_keep_their_whole_titles():
    titles = ["Promotion of cooperation with states", "Protection of cooperation with states"]
    assert slugify(titles[0]) == slugify(titles[1])
    found = assign_families(frame(*[(title,) for title in titles for _ in range(2)]))
    assert found.nunique() == 2
    assert set(found) == {"promotion-cooperation-states", "protection-cooperation-states"}


def test_the_slug_of_the_trio():
    assert slugify(TITLE) == TRIO
    assert slugify("Human rights") == ""


@given(st.lists(st.tuples(st.text("ab ", max_size=4), st.sampled_from("123")), max_size=12))
def test_a_family_has_two_members_at_least_one_title_and_one_vote_a_session(rows):
    table = pd.DataFrame(rows, columns=["title", "session"])
    found = assign_families(table)
    assert found.index.equals(table.index)
    for slug, part in table.groupby(found):
        if slug:
            assert len(part) > 1
            assert len(set(part["title"].map(title_key))) == 1
            assert not part["session"].duplicated().any()


class TestTheRecord:
    def test_a_neighbours_title_is_told_by_its_heading(self, record):
        """Records 27333 and 27332 share a title and a session; 27333 is on settlements."""
        families = record.rollcalls["family"]
        title = record.rollcalls["title"]
        assert title["27333"] == title["27332"]
        assert families["27333"] == ""
        assert families["27332"].startswith("human-rights-situation-occupied-palestinian-territory")

    def test_every_family_keeps_the_rule(self, record):
        for slug, row in record.families().iterrows():
            part = record.rollcalls.loc[list(row["rollcalls"])]
            assert (part["family"] == slug).all()
            assert not part["amendment"].any()
            assert not part["session"].duplicated().any()
            assert len(set(part["title"].map(title_key))) == 1
            assert part["date"].is_monotonic_increasing
            assert (row["first"], row["last"]) == (part["date"].iloc[0], part["date"].iloc[-1])

    def test_slugs_are_short_names_fit_for_a_shell(self, record):
        for slug in record.families().index:
            assert slug
            assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


class TestLookUp:
    slugs = ("south-sudan", "sudan-cooperation", TRIO)
    titles = ("Human rights in South Sudan", "Cooperation with Sudan", TITLE)

    def find(self, query):
        return find_family(query, self.slugs, self.titles)

    @pytest.mark.parametrize(
        "query", [TRIO, TITLE, TITLE.upper(), "mutually beneficial", "the mutually beneficial cooperation"]
    )
    def test_a_slug_a_title_or_words_of_one_title_find_it(self, query):
        assert self.find(query) == TRIO

    def test_words_of_two_titles_are_refused_and_both_named(self):
        with pytest.raises(UsageError, match=r"matches 2 families: south-sudan, sudan-cooperation"):
            self.find("sudan")

    @pytest.mark.parametrize("query", ["", " ", "-", "!", "no such thing"])
    def test_what_names_nothing_is_refused(self, query):
        with pytest.raises(UsageError, match="`voteshift families` lists all families"):
            self.find(query)

    @pytest.mark.parametrize("query", ["context-peaceful-protests", "Context peaceful protests"])
    def test_a_resolution_with_one_vote_is_told_from_an_unknown_one(self, record, query):
        with pytest.raises(UsageError, match=r"only one reconciled vote on .*: A/HRC/RES/31/37"):
            record.family_slug(query)
        with pytest.raises(UsageError, match=r"only one reconciled vote on .*: A/HRC/RES/31/37"):
            record.select(family=query)

    def test_a_misspelling_is_answered_with_the_nearest(self):
        with pytest.raises(UsageError, match=f"did you mean {TRIO}"):
            self.find("mutualy beneficial coperation")

    def test_where_none_is_named_it_is_the_one_of_the_bundled_record_or_the_only_one(self, record):
        assert record.family_slug() == TRIO
        assert find_family(None, ["fish", TRIO], ["On fish", TITLE]) == TRIO
        assert find_family(None, ["fish"], ["On fish"]) == "fish"

    def test_of_several_none_is_chosen_and_they_are_named(self):
        with pytest.raises(
            UsageError, match="has 2 families, so you must name one of the families"
        ) as caught:
            find_family(None, ["fish", "bread"], ["On fish", "On bread"])
        assert "choose from bread, fish" in str(caught.value)
        assert TRIO not in str(caught.value)
        many = [f"f{number:02d}" for number in range(12)]
        with pytest.raises(UsageError, match=r"f09 and 2 more: `voteshift families` lists all families"):
            find_family(None, many, many)
        with pytest.raises(UsageError, match="no two of its roll calls share a title"):
            find_family(None, [], [])

    def test_without_families_nothing_is_found(self):
        with pytest.raises(UsageError, match="no family has the slug or title"):
            find_family(TRIO, [], [])
