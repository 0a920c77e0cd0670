"""Settings of the sampler. This module imports no sampling library, so that it is fast to import."""

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
    """Settings of the No-U-Turn sampler (Hoffman & Gelman 2014) that rarely need to be changed.

    Parameters
    ----------
    target_accept : float
        Acceptance rate to which the step size is adapted, 0.9 by default. A higher rate leads to smaller
        steps.
    sampler : {"nutpie", "pymc"}, optional
        The implementation. The default is nutpie if it is installed, and PyMC's sampler otherwise.
    cores : int, optional
        Number of chains that run at the same time. By default, this is the number of processor cores. The
        draws of nutpie do not depend on this number.

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
        """Return the number of chains that run at the same time."""
        return min(chains, self.cores or os.cpu_count() or 1)
