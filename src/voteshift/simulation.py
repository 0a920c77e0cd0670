"""Simulated roll calls with known parameters, to test a method or a user's intuition."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import UsageError
from voteshift.likelihood.draw import draw_codes
from voteshift.ranges import check_count, check_number, check_seed
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote

__all__ = ["Dynamics", "Simulated", "simulate"]

Floats = NDArray[np.float64]
_FIRST_YEAR = 2000
_LARGEST = 10_000_000
_MOST_CELLS = 10**9
_MOST_DIMS = 10


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Periods of a simulated record, and how positions change from one period to the next.

    Parameters
    ----------
    n_periods : int
        Number of periods, at least 2. The roll calls are divided, in order, into periods of equal length.
    tau : float
        Standard deviation of each member's individual step from one period to the next.
    drift : float
        Step from one period to the next that all members share. The step is the same in every dimension.
    bridges : int
        Number of resolutions that return in every period with the same discrimination and cutpoints. Each
        of these resolutions is a family of the record.

    Raises
    ------
    UsageError
        If a number is out of range.
    """

    n_periods: int
    tau: float = 0.0
    drift: float = 0.0
    bridges: int = 0

    def __post_init__(self) -> None:
        """Validate the numbers."""
        check_count("n_periods", self.n_periods, least=2, most=_LARGEST)
        check_number("tau", self.tau, least=0.0, most=1e3, what="a standard deviation")
        check_number("drift", self.drift, least=-1e3, most=1e3)
        check_count("bridges", self.bridges, least=0, most=_LARGEST)


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated record and the parameters from which it was drawn.

    Attributes
    ----------
    rollcalls : RollCalls
        The record. The date of a roll call in period t = 0, 1, ... is in the year 2000 + t.
    positions : ndarray, shape (n_periods, n_members, n_dims)
        Positions with mean 0 and standard deviation 1 over members in the first period.
    discriminations : ndarray, shape (n_rollcalls, n_dims)
    cutpoints : ndarray, shape (n_rollcalls, 2)
        The second cutpoint is infinite if there are two categories.
    period : ndarray of int32, shape (n_rollcalls,)
        Period of each roll call.
    seed : int
        The seed. The same seed and arguments give the same record again.
    """

    rollcalls: RollCalls
    positions: Floats
    discriminations: Floats
    cutpoints: Floats
    period: NDArray[np.int32]
    seed: int


@checked
def simulate(
    n_members: int,
    n_rollcalls: int,
    *,
    seed: int,
    link: Literal["logit", "probit"] = "logit",
    categories: Literal[2, 3] = 3,
    dims: int = 1,
    missing: float = 0.0,
    dynamics: Dynamics | None = None,
    seats: int | None = None,
    term: int = 3,
) -> Simulated:
    """Simulate the votes of a council with the ordered-response model.

    Positions are drawn from N(0, 1) and discriminations from N(0, 1) in each dimension. The lower cutpoint is
    drawn from N(-0.5, 0.6^2). The gap between the cutpoints is 0.3 + Gamma(3, scale 0.15). With two
    categories the only cutpoint is drawn from N(0, 0.6^2). With the logit link, discriminations and cutpoints
    are multiplied by 1.7, because the logistic noise is 1.8 times as wide as the normal noise.

    Parameters
    ----------
    n_members, n_rollcalls : int
        Number of members and number of roll calls.
    seed : int
        Seed of the random numbers.
    link : {"logit", "probit"}
        Distribution of the noise.
    categories : {2, 3}
        Number of categories: 2 for no and yes, 3 for no, abstain and yes.
    dims : int
        Number of dimensions.
    missing : float
        Probability that a member with a seat is absent, independent of the position.
    dynamics : Dynamics, optional
        Periods, the change of positions between periods, and bridges. By default there is a single period.
    seats : int, optional
        Number of seats in the council. By default every member has a seat in every period. Otherwise
        members without a seat are drawn at random and get a seat for `term` periods. Each period, a share
        of the seats is filled again.
    term : int
        Number of periods for which a member gets a seat.

    Raises
    ------
    UsageError
        If a number is out of range, or there are too few roll calls for the periods and bridges.
    """
    check_seed(seed)
    _check_sizes(n_members, n_rollcalls, dims=dims, term=term)
    if link not in ("logit", "probit"):
        raise UsageError(f"link is {link!r}", remedy="give 'logit' or 'probit'")
    if categories not in (2, 3):
        raise UsageError(f"categories is {categories!r}", remedy="give 2 or 3")
    check_number("missing", missing, least=0.0, most=1 - 1e-9, what="a probability")
    n_periods, bridges = (1, 0) if dynamics is None else (dynamics.n_periods, dynamics.bridges)
    if n_periods > n_rollcalls:
        raise UsageError(
            f"{n_rollcalls} roll calls are too few for {n_periods} periods",
            remedy="use fewer periods or more roll calls",
        )
    if bridges > n_rollcalls // n_periods:
        raise UsageError(
            f"bridges is {bridges}, but the shortest of the {n_periods} periods has "
            f"{n_rollcalls // n_periods} roll calls",
            remedy="use fewer bridges, or more roll calls in each period",
        )
    if seats is not None:
        check_count("seats", seats, most=n_members)
    rng = np.random.default_rng(seed)
    scale = 1.7 if link == "logit" else 1.0
    positions = _draw_positions(rng, n_members, dims, dynamics)
    period = (np.arange(n_rollcalls) * n_periods // n_rollcalls).astype(np.int32)
    slopes = scale * rng.standard_normal((n_rollcalls, dims))
    if categories == 3:
        first = rng.normal(-0.5, 0.6, n_rollcalls)
        cuts = scale * np.stack([first, first + 0.3 + rng.gamma(3.0, 0.15, n_rollcalls)], axis=1)
    else:
        cuts = np.stack([scale * rng.normal(0.0, 0.6, n_rollcalls), np.full(n_rollcalls, np.inf)], axis=1)
    family = _repeats(period, bridges)
    for slot in range(bridges):
        again = np.flatnonzero(family == slot)
        slopes[again], cuts[again] = slopes[again[0]], cuts[again[0]]
    kinds = np.full(n_rollcalls, categories, dtype=np.int8)
    votes = draw_codes(positions, slopes, cuts, kinds, period, link=link, rng=rng)
    if categories == 2:
        votes *= np.int8(Vote.YES)  # the upper of two categories is yes
    for row in votes:
        row[rng.random(n_rollcalls) < missing] = Vote.ABSENT
    if seats is not None:
        votes[~_draw_seats(rng, n_members, n_periods, seats, term)[:, period]] = Vote.NOT_MEMBER
    record = RollCalls(
        votes, _members(n_members), _rollcalls(period, family), source=f"simulation, seed {seed}"
    )
    return Simulated(record, positions, slopes, cuts, period, seed)


def _check_sizes(n_members: int, n_rollcalls: int, *, dims: int, term: int) -> None:
    """Validate the whole numbers, and the number of votes that they give."""
    for name, size in {"n_members": n_members, "n_rollcalls": n_rollcalls, "term": term}.items():
        check_count(name, size, most=_LARGEST)
    check_count("dims", dims, most=_MOST_DIMS)
    if n_members * n_rollcalls > _MOST_CELLS:
        raise UsageError(
            f"{n_members} members and {n_rollcalls} roll calls give more than {_MOST_CELLS:.0e} votes",
            remedy="reduce n_members or n_rollcalls",
        )


def _draw_positions(rng: np.random.Generator, n_members: int, dims: int, dynamics: Dynamics | None) -> Floats:
    """Draw positions that are standardised in the first period, shape (n_periods, n_members, dims)."""
    start = rng.standard_normal((n_members, dims))
    start -= start.mean(axis=0)
    if n_members > 1:
        start /= start.std(axis=0)
    if dynamics is None:
        return start[None]
    noise = rng.standard_normal((dynamics.n_periods - 1, n_members, dims))
    steps = np.cumsum(dynamics.drift + dynamics.tau * noise, axis=0)
    return np.concatenate([start[None], start + steps])


def _draw_seats(
    rng: np.random.Generator, n_members: int, n_periods: int, seats: int, term: int
) -> NDArray[np.bool_]:
    """Draw staggered terms; return True for each period in which a member has a seat.

    The shape is (n_members, n_periods).
    """
    seated = np.zeros((n_members, n_periods), dtype=bool)
    left = np.zeros(n_members, dtype=int)  # periods a member still has
    first = rng.permutation(n_members)[:seats]
    left[first] = 1 + np.arange(seats) % term
    for moment in range(n_periods):
        free = seats - int((left > 0).sum())
        # Members whose term has just ended get another term only if there are too few other members.
        waiting = rng.permutation(np.flatnonzero(left <= 0))
        just_out = seated[waiting, moment - 1] if moment else np.zeros(len(waiting), dtype=bool)
        order = waiting[np.argsort(just_out, kind="stable")]
        left[order[:free]] = term
        seated[:, moment] = left > 0
        left -= 1
    return seated


def _members(n_members: int) -> pd.DataFrame:
    width = len(str(n_members - 1))
    ids = [f"M{index:0{width}d}" for index in range(n_members)]
    return pd.DataFrame({"name": ids, "group": ""}, index=ids)


def _repeats(period: NDArray[np.int32], bridges: int) -> NDArray[np.intp]:
    """Return the number of the returning resolution of each roll call, or -1 if it does not return.

    The first roll calls of every period are the returning roll calls.
    """
    rank = np.arange(len(period)) - np.searchsorted(period, period)
    return np.where(rank < bridges, rank, -1)


def _rollcalls(period: NDArray[np.int32], family: NDArray[np.intp]) -> pd.DataFrame:
    width = len(str(len(period) - 1))
    ids = [f"R{index:0{width}d}" for index in range(len(period))]
    dates = pd.to_datetime([f"{_FIRST_YEAR + moment}-06-01" for moment in period])
    slugs = [f"resolution-{slot}" if slot >= 0 else "" for slot in family]
    titles = [
        f"Resolution {slot}" if slot >= 0 else f"Roll call {name}"
        for slot, name in zip(family, ids, strict=True)
    ]
    return pd.DataFrame({"date": dates, "title": titles, "family": slugs}, index=ids)
