import tracemalloc
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from voteshift import IdealPoints, InputError, RollCalls, simulate
from voteshift.ideal.encode import encode


def record(votes: list[list[int]]) -> RollCalls:
    matrix = np.array(votes, dtype=np.int8)
    return RollCalls(
        matrix,
        pd.DataFrame(index=[f"m{i}" for i in range(matrix.shape[0])]),
        pd.DataFrame(index=[f"r{j}" for j in range(matrix.shape[1])]),
    )


def test_categories_are_renumbered_by_what_occurs() -> None:
    found = encode(record([[0, 1, 0], [2, 2, 1], [2, 1, 2], [-1, -3, -2]]))
    assert found.design.codes.tolist() == [[0, 0, 0], [1, 1, 1], [1, 0, 2]]
    assert found.design.n_categories.tolist() == [2, 2, 3]
    assert [found.cutpoint_names(j) for j in range(3)] == [
        ("no|yes",),
        ("abstain|yes",),
        ("no|abstain", "abstain|yes"),
    ]


def test_silent_members_and_unanimous_roll_calls_are_listed() -> None:
    found = encode(record([[0, 2], [2, 2], [1, 2], [-1, 2], [-3, -3]]))
    assert list(found.rollcalls) == ["r0"]
    assert found.uncontested == ("r1",)
    assert list(found.members) == ["m0", "m1", "m2"]
    assert found.silent == ("m3",)


@pytest.mark.parametrize("votes", [[[2, 2], [2, 2], [2, 2]], [[0, 2], [2, 0]]])
def test_nothing_to_fit_is_an_error(votes: list[list[int]]) -> None:
    with pytest.raises(InputError, match="too few for a fit"):
        encode(record(votes))


def test_votes_that_serve_as_they_are_are_not_copied() -> None:
    for votes in (
        [[0, 2], [2, 0], [-1, 2]],  # no and yes throughout
        [[0, 2, 0], [1, 1, 1], [2, 0, -3]],  # nothing lacks the lower two
    ):
        whole = record(votes)
        found = encode(whole).design
        assert found.votes is whole.votes
        assert found.codes.min() >= -1
    for votes in (
        [[1, 2], [2, 0], [1, 2]],  # the lower category of the first is abstain
        [[0, 0], [1, 2], [2, 0]],  # the second lacks what stands between its two
    ):
        assert not np.shares_memory(encode(record(votes)).design.votes, record(votes).votes)


def test_a_fit_takes_less_memory_than_the_votes() -> None:
    """Nothing of the size of the matrix is made: tracemalloc sees every array of NumPy."""
    drawn = simulate(1000, 4000, seed=5, categories=2).rollcalls
    model = IdealPoints(threads=1)
    model.fit(drawn)
    tracemalloc.start()
    try:
        assert model.fit(drawn).converged
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.3 * drawn.votes.nbytes


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_what_the_two_categories_are_called_changes_nothing(link: Literal["logit", "probit"]) -> None:
    drawn = simulate(60, 300, seed=6, categories=2, missing=0.1).rollcalls
    fits = []
    for upper in (1, 2):
        votes = np.where(drawn.votes > 0, np.int8(upper), drawn.votes)
        fits.append(IdealPoints(link=link).fit(RollCalls(votes, drawn.members, drawn.rollcalls)))
    one, other = fits
    assert not np.array_equal(one.encoded.design.votes, other.encoded.design.votes)
    assert np.array_equal(one.encoded.design.codes, other.encoded.design.codes)
    assert one.mode.objective == pytest.approx(other.mode.objective, rel=1e-12)
    assert one.tidy()["estimate"].to_numpy() == pytest.approx(other.tidy()["estimate"].to_numpy(), abs=1e-6)
