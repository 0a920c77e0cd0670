"""Matrices of votes of members of whom few have a seat in any roll call, and their storage in blocks."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import hypothesis.strategies as st
import numpy as np
from numpy.typing import NDArray

from voteshift import Vote, blocks, store


@contextmanager
def small_blocks() -> Iterator[None]:
    """Store small matrices in blocks too."""
    with (
        patch.object(store, "SMALL", 0),
        patch.object(blocks, "SMALL", 0),
        patch.object(blocks, "_FULL", 2.0),
    ):
        yield


@st.composite
def matrices(draw: st.DrawFn) -> NDArray[np.int8]:
    """Votes of members of whom most have a seat in a run of roll calls only."""
    shape = draw(st.tuples(st.integers(1, 8), st.integers(1, 12)))
    seed = draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    votes = rng.integers(-3, 3, size=shape).astype(np.int8)
    begin = rng.integers(0, shape[1], size=shape[0])
    end = begin + rng.integers(0, shape[1], size=shape[0])
    column = np.arange(shape[1])
    votes[(column < begin[:, None]) | (column >= end[:, None])] = Vote.NOT_MEMBER
    return votes


def chamber(n_periods: int, seats: int, rollcalls: int) -> NDArray[np.int8]:
    """All seats change after every period; every tenth member is absent from every roll call."""
    rng = np.random.default_rng(1)
    votes = np.full((n_periods * seats, n_periods * rollcalls), Vote.NOT_MEMBER, dtype=np.int8)
    for t in range(n_periods):
        part = rng.choice([0, 2, -3], p=[0.4, 0.5, 0.1], size=(seats, rollcalls))
        votes[t * seats : (t + 1) * seats, t * rollcalls : (t + 1) * rollcalls] = part
    return votes
