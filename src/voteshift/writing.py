"""How numbers are written: changes with their sign, and a minus that is one."""

from typing import Final

__all__ = ["MINUS", "signed"]

MINUS: Final = "\N{MINUS SIGN}"


def signed(value: float, digits: int = 0) -> str:
    """Write a change with its sign; a change that rounds to nothing is plain 0.

    Examples
    --------
    >>> signed(2), signed(0.04, 1)
    ('+2', '0.0')
    """
    rounded = round(float(value), digits)
    if rounded == 0:
        return f"{0:.{digits}f}"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.{digits}f}"
