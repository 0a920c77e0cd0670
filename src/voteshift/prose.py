"""Names, days, counts and lists as a sentence writes them."""

from collections.abc import Sequence
from datetime import date
from typing import Final

__all__ = ["count_word", "group_name", "join_words", "member_name", "write_day"]

#: Regional groups of the United Nations, by the code the bundled record gives them.
_GROUPS: Final = {
    "AFRICAN": "Africa",
    "ASIA_PACIFIC": "Asia-Pacific",
    "EEG": "Eastern Europe",
    "GRULAC": "Latin America and the Caribbean",
    "WEOG": "Western Europe and Others",
}
#: Official names that a sentence shortens; every other name is written as the record has it.
_SHORT: Final = {
    "Bolivia (Plurinational State of)": "Bolivia",
    "Democratic Republic of the Congo": "DR Congo",
    "Iran (Islamic Republic of)": "Iran",
    "Micronesia (Federated States of)": "Micronesia",
    "United States of America": "United States",
    "Venezuela (Bolivarian Republic of)": "Venezuela",
}
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def group_name(group: str) -> str:
    """Return the name of a group: of a regional group of the United Nations in full, else as it is.

    Examples
    --------
    >>> group_name("WEOG"), group_name("Greens")
    ('Western Europe and Others', 'Greens')
    """
    return _GROUPS.get(group, group)


def member_name(name: str) -> str:
    """Return the name of a member as a sentence writes it.

    Examples
    --------
    >>> member_name("Bolivia (Plurinational State of)"), member_name("Smith (Texas)")
    ('Bolivia', 'Smith (Texas)')
    """
    return _SHORT.get(name, name)


def join_words(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

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
    """Return a day as prose writes it.

    Examples
    --------
    >>> write_day(date(2018, 3, 23))
    '23 March 2018'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


#: Not those of `strftime`, which follow the language of the machine.
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
