"""Compare what is shown with what is printed, figure by figure."""

import re

__all__ = ["holds", "same"]

NUMBER = re.compile(r"[+\u2212-]?\d+(?:\.\d+)?")
WITHIN = 0.6  # one vote's worth of rounding in a figure with a decimal; whole numbers are exact


def holds(shown: str, printed: str) -> None:
    """Hold every line shown against what is printed, in order; figures may differ by a rounding elsewhere."""
    left = iter(printed.splitlines())
    for line in filter(str.strip, shown.splitlines()):
        assert any(same(line, candidate) for candidate in left), line


def same(one: str, other: str) -> bool:
    """Compare two lines; figures with a decimal point need only be close."""
    if NUMBER.sub("#", "".join(one.split())) != NUMBER.sub("#", "".join(other.split())):
        return False
    for left, right in zip(NUMBER.findall(one), NUMBER.findall(other), strict=True):
        allowed = WITHIN if "." in left and "." in right else 0
        if abs(float(left.replace("\u2212", "-")) - float(right.replace("\u2212", "-"))) > allowed:
            return False
    return True
