import pytest

from voteshift.writing import interval, number, p_cell, p_words, signed, with_interval


def test_an_end_at_infinity_is_open():
    assert interval(float("-inf"), 1.5, 2) == "(\N{MINUS SIGN}\N{INFINITY}, 1.50]"
    assert interval(0.25, float("inf"), 2) == "[0.25, \N{INFINITY})"


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (2, 0, "+2"),
        (-0.51, 1, "\N{MINUS SIGN}0.5"),
        (0.04, 1, "0.0"),
        (-0.04, 1, "0.0"),
        (-0.0, 0, "0"),
        (12.34, 1, "+12.3"),
    ],
)
def test_changes_carry_their_sign(value, digits, written):
    assert signed(value, digits) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0312, "0.031"),
        (0.001, "0.001"),
        (0.0002, "below 0.001"),
        (1.0, "1.000"),
        (float("nan"), "not computed"),
    ],
)
def test_no_p_value_is_written_as_zero(value, written):
    assert p_words(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0312, "0.031"), (0.001, "0.001"), (0.0002, "<0.001"), (1.0, "1.000"), (float("nan"), "\N{EN DASH}")],
)
def test_no_p_value_in_a_table_is_zero(value, written):
    assert p_cell(value) == written


def test_a_change_and_its_interval_carry_their_signs():
    assert with_interval(-1.25, -2, 0.5, 2) == "\N{MINUS SIGN}1.25 [\N{MINUS SIGN}2.00, +0.50]"


def test_numbers_have_a_minus_and_no_plus():
    assert number(-1.25, 2) == "\N{MINUS SIGN}1.25"
    assert number(3.04) == "3.0"
    assert number(-0.04) == "0.0"
    assert interval(-1.25, -0.001, 2) == "[\N{MINUS SIGN}1.25, 0.00]"
