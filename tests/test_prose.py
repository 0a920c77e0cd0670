"""Counts, days and lists as a sentence writes them."""

from datetime import date

import pytest

from voteshift.prose import count_word, join_words, write_day


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["yes"], "yes"),
        (["yes", "no"], "yes and no"),
        (("yes", "no", "abstain"), "yes, no and abstain"),
    ],
)
def test_words_are_joined_as_a_list(words: list[str], written: str) -> None:
    assert join_words(words) == written


def test_counts_are_words_up_to_ten() -> None:
    assert [count_word(number) for number in (0, 1, 10, 11, 365)] == ["no", "one", "ten", "11", "365"]
    assert count_word(-1) == "-1"


def test_days_are_written_in_english_whatever_the_language_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LC_ALL", "LC_TIME", "LANG"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    assert write_day(date(2018, 3, 23)) == "23 March 2018"
    months = {write_day(date(2021, month, 1)) for month in range(1, 13)}
    assert len(months) == 12
    assert write_day(date(2021, 12, 1)) == "1 December 2021"
