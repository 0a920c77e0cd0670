"""Settings of the sampler, apart from what it needs to run: this module is light to import."""

import os
from dataclasses import dataclass
from typing import Final, Literal, get_args

from voteshift.errors import UsageError
from voteshift.ranges import check_count, check_number

__all__ = ["NUTS", "Sampler"]

Sampler = Literal["nutpie", "pymc"]
_MOST_CORES: Final = 1_000


@dataclass(frozen=True, slots=True)
class NUTS:
    """Settings of the No-U-Turn sampler (Hoffman & Gelman 2014) that few samples need to change.

    Parameters
    ----------
    target_accept : float
        Acceptance rate to which the step size is adapted, 0.9 by default. A higher one takes smaller steps.
    sampler : {"nutpie", "pymc"}, optional
        The implementation. By default nutpie where it is installed, else PyMC's own.
    cores : int, optional
        Chains that run at the same time; all cores by default. The draws of nutpie do not depend on it.

    Raises
    ------
    UsageError
        If a setting is out of range.
    """

    target_accept: float = 0.9
    sampler: Sampler | None = None
    cores: int | None = None

    def __post_init__(self) -> None:
        """Validate the settings."""
        check_number("target_accept", self.target_accept, least=0.01, most=0.9999, what="a share")
        if self.sampler is not None and self.sampler not in get_args(Sampler):
            raise UsageError(f"sampler is {self.sampler!r}", remedy="give 'nutpie' or 'pymc'")
        if self.cores is not None:
            check_count("cores", self.cores, most=_MOST_CORES)

    def count_cores(self, chains: int) -> int:
        """Return how many of some chains run at the same time."""
        return min(chains, self.cores or os.cpu_count() or 1)
