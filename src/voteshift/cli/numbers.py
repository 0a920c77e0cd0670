"""Number types of options: click's ranges without NaN and without numbers too large for a computation."""

from collections.abc import Callable
from typing import Any, Final

import click

__all__ = ["LARGEST_SEED", "MOST_DRAWS", "MOST_THREADS", "Coverage", "Whole", "draws_option", "seed_option"]

#: The values of `voteshift.ranges`, which a help page must not load; a test compares them.
LARGEST_SEED: Final = 2**63 - 1
MOST_DRAWS: Final = 100_000
MOST_THREADS: Final = 10_000


class Whole(click.IntRange):
    """A whole number from `least` to `most`; the help page shows `least` only.

    Parameters
    ----------
    least, most : int
        The range.
    """

    def __init__(self, least: int, most: int) -> None:
        super().__init__(min=least)
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        try:
            number = int(value)
        except ValueError:  # a text of thousands of digits, too
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        if self.min is not None and number < self.min:
            self.fail(f"{value} is less than {self.min}.", param, ctx)
        if number > self._most:
            self.fail(f"{value} is more than {self._most}.", param, ctx)
        return number


class Coverage(click.FloatRange):
    """The coverage of an interval, between 0 and 1."""

    def __init__(self) -> None:
        super().__init__(0, 1, min_open=True, max_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        try:
            number = float(value)
        except ValueError:
            self.fail(f"{value!r} is not a number.", param, ctx)
        if not 0 < number < 1:  # NaN, too, which click's own comparisons let pass
            self.fail(f"{value} is not between 0 and 1.", param, ctx)
        return number


def draws_option(default: int) -> Callable[[Any], Any]:
    """Return the option `--draws` with a default."""
    return click.option(
        "--draws", default=default, show_default=True, type=Whole(100, MOST_DRAWS), help="Posterior draws."
    )


seed_option: Callable[[Any], Any] = click.option(
    "--seed", default=0, show_default=True, type=Whole(0, LARGEST_SEED), help="Seed of the draws."
)
