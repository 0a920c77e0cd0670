import numpy as np
import pandas as pd
import pytest

from voteshift import InputError, RollCalls
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
    with pytest.raises(InputError, match="nothing to fit"):
        encode(record(votes))
