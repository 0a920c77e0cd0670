"""The codes of a vote and the words for them."""

import pytest

from voteshift.votes import CAST, CATEGORIES, TALLY_COLUMNS, Vote, parse_vote


def test_the_order_of_the_codes_is_the_order_of_the_model():
    assert [Vote.NO, Vote.ABSTAIN, Vote.YES] == [0, 1, 2]
    assert [Vote[name.upper()].value for name in CATEGORIES] == [0, 1, 2]


def test_no_vote_is_negative_and_comes_in_three_kinds():
    kinds = {Vote.ABSENT, Vote.NOT_RECORDED, Vote.NOT_MEMBER}
    assert len({int(vote) for vote in kinds}) == 3
    assert all(vote < 0 for vote in kinds)
    assert kinds | {Vote.NO, Vote.ABSTAIN, Vote.YES} == set(Vote)


def test_tallies_are_written_yes_no_abstain():
    assert CAST == ("yes", "no", "abstain")
    assert TALLY_COLUMNS == ("yes", "no", "abstain", "absent")
    assert set(CAST) == set(CATEGORIES)


@pytest.mark.parametrize("vote", Vote)
def test_every_vote_is_read_from_the_word_it_is_written_as(vote):
    assert parse_vote(vote.word) is vote
    assert parse_vote(f"  {vote.word.upper()}\t") is vote


@pytest.mark.parametrize(
    ("letter", "vote"), [("Y", Vote.YES), ("N", Vote.NO), ("A", Vote.ABSTAIN), ("X", Vote.ABSENT)]
)
def test_the_letters_of_the_un_digital_library_are_known(letter, vote):
    assert parse_vote(letter) is vote
    assert parse_vote(letter.lower()) is vote


@pytest.mark.parametrize("word", ["", " ", "maybe", "1", "yess", "yes no", "absentee", "na", "nan"])
def test_nothing_is_guessed(word):
    with pytest.raises(KeyError):
        parse_vote(word)


def test_absence_is_no_abstention():
    assert parse_vote("absent") is Vote.ABSENT
    assert parse_vote("abstained") is Vote.ABSTAIN
    assert parse_vote("not voting") is Vote.ABSENT
    assert parse_vote("not a member") is Vote.NOT_MEMBER


@pytest.mark.parametrize(
    ("word", "vote"), [("For", Vote.YES), ("AYE", Vote.YES), ("Yea", Vote.YES), ("nay", Vote.NO)]
)
def test_words_of_minutes_are_known(word, vote):
    assert parse_vote(word) is vote
