"""Counts, days and lists as words in a sentence."""

from collections.abc import Sequence
from datetime import date
from typing import Final

__all__ = ["count_word", "join_words", "write_day"]

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def join_words(words: Sequence[str]) -> str:
    """Join words with commas and "and", for use in a sentence.

    Examples
    --------
    >>> join_words(["yes"]), join_words(["yes", "no"]), join_words(["yes", "no", "abstain"])
    ('yes', 'yes and no', 'yes, no and abstain')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def count_word(number: int) -> str:
    """Return a count as a word up to ten, as digits above.

    Examples
    --------
    >>> count_word(7), count_word(27)
    ('seven', '27')
    """
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def write_day(day: date) -> str:
    """Return a day as text in a sentence.

    Examples
    --------
    >>> write_day(date(2018, 3, 23))
    '23 March 2018'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


#: Not the names from `strftime`, which depend on the language of the machine.
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
