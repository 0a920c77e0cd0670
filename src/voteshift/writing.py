"""Formatting of numbers: changes with a sign, a true minus sign, p-values that are never 0."""

from math import floor, isfinite, isnan, log10
from typing import Final

__all__ = ["MINUS", "NONE", "decimals", "interval", "number", "p_cell", "p_words", "signed", "with_interval"]

MINUS: Final = "\N{MINUS SIGN}"
#: The sign for a missing number in a table.
NONE: Final = "\N{EN DASH}"


def decimals(*values: float, least: int = 3) -> int:
    """Return the number of decimals that shows two significant digits of the largest number.

    The result is between `least` and 12. A small effect, for instance per dollar, is then not printed as
    0.000.

    Examples
    --------
    >>> decimals(-0.0000043, -0.0000059), decimals(0.5, 0.0001)
    (7, 3)
    """
    largest = max((abs(value) for value in values if isfinite(value)), default=0.0)
    return least if largest == 0.0 else min(max(least, 1 - floor(log10(largest))), 12)


def signed(value: float, digits: int = 0) -> str:
    """Write a change with its sign; a change that rounds to 0 is written without a sign.

    Examples
    --------
    >>> signed(2), signed(0.04, 1)
    ('+2', '0.0')
    """
    rounded = round(float(value), digits)
    if rounded == 0:
        return f"{0:.{digits}f}"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.{digits}f}"


def number(value: float, digits: int = 1) -> str:
    """Write a number without a plus sign; a number that rounds to 0 is written without a sign.

    Examples
    --------
    >>> number(2.04), number(-0.04), number(0.5, 2)
    ('2.0', '0.0', '0.50')
    """
    return signed(value, digits).removeprefix("+")


def interval(low: float, high: float, digits: int = 1) -> str:
    """Write an interval, with its ends formatted by `number`; an infinite end has a round bracket.

    Examples
    --------
    >>> interval(0.25, 1.5, 2), interval(float("-inf"), 1.5, 2)
    ('[0.25, 1.50]', '(−∞, 1.50]')
    """
    begin = f"[{number(low, digits)}" if isfinite(low) else f"({MINUS}\N{INFINITY}"
    end = f"{number(high, digits)}]" if isfinite(high) else "\N{INFINITY})"
    return f"{begin}, {end}"


def with_interval(estimate: float, low: float, high: float, digits: int = 1) -> str:
    """Write a change and the ends of its interval, each with its sign.

    Examples
    --------
    >>> with_interval(2.04, 1.0, 3.0)
    '+2.0 [+1.0, +3.0]'
    """
    return f"{signed(estimate, digits)} [{signed(low, digits)}, {signed(high, digits)}]"


def p_words(value: float) -> str:
    """Write a p-value with three decimals; "not computed" for NaN.

    Examples
    --------
    >>> p_words(0.0312), p_words(0.0001), p_words(float("nan"))
    ('0.031', 'below 0.001', 'not computed')
    """
    if isnan(value):
        return "not computed"
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def p_cell(value: float) -> str:
    """Write a p-value for a cell of a table.

    Examples
    --------
    >>> p_cell(0.0312), p_cell(0.0001), p_cell(1.0)
    ('0.031', '<0.001', '1.000')
    """
    if isnan(value):
        return NONE
    return "<0.001" if value < 0.001 else f"{value:.3f}"
