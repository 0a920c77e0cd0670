"""The codes of a vote, their names, and the words that files use for them."""

from enum import IntEnum
from typing import Final

__all__ = ["CAST", "CATEGORIES", "TALLY_COLUMNS", "Vote", "is_vote", "parse_vote"]


class Vote(IntEnum):
    """The vote, absence or missing seat of a member in one roll call.

    The categories no, abstain and yes are in the order of the model. Negative codes mean that no vote was
    cast. There are three negative codes, because an absent member differs from a state without a seat.
    """

    NO = 0
    ABSTAIN = 1
    YES = 2
    ABSENT = -1
    NOT_RECORDED = -2
    NOT_MEMBER = -3

    @property
    def word(self) -> str:
        """Lower-case name as printed and written to files."""
        return _WORD_OF[self]


_WORD_OF: Final = {
    Vote.NO: "no",
    Vote.ABSTAIN: "abstain",
    Vote.YES: "yes",
    Vote.ABSENT: "absent",
    Vote.NOT_RECORDED: "not recorded",
    Vote.NOT_MEMBER: "not a member",
}

#: The categories in the order of the model.
CATEGORIES: Final = ("no", "abstain", "yes")
#: The categories in the usual order of a tally: yes-no-abstain.
CAST: Final = ("yes", "no", "abstain")
#: Columns of a tally: the votes cast, then members with a seat and without a vote.
TALLY_COLUMNS: Final = (*CAST, "absent")

_WORDS: Final = {word: vote for vote, word in _WORD_OF.items()} | {
    "y": Vote.YES,
    "n": Vote.NO,
    "a": Vote.ABSTAIN,
    "x": Vote.ABSENT,
    "r": Vote.NOT_RECORDED,
    "abstention": Vote.ABSTAIN,
    "abstained": Vote.ABSTAIN,
    "abstaining": Vote.ABSTAIN,
    "for": Vote.YES,
    "in favour": Vote.YES,
    "in favor": Vote.YES,
    "aye": Vote.YES,
    "yea": Vote.YES,
    "nay": Vote.NO,
    "against": Vote.NO,
    "not voting": Vote.ABSENT,
    "non-voting": Vote.ABSENT,
    "nv": Vote.ABSENT,
    "not_recorded": Vote.NOT_RECORDED,
    "not_member": Vote.NOT_MEMBER,
    "not member": Vote.NOT_MEMBER,
}


def parse_vote(word: str) -> Vote:
    """Return the vote that a word means.

    Parameters
    ----------
    word : str
        A word for a vote, one of the letters Y, N, A, X of the UN Digital Library, or R for not recorded.
        Case and surrounding spaces are ignored.

    Raises
    ------
    KeyError
        If the word is unknown. The function does not guess.
    """
    return _WORDS[word.strip().lower()]


def is_vote(word: str) -> bool:
    """Return True if `parse_vote` knows a word."""
    return word.strip().lower() in _WORDS
