import re

import numpy as np
import pytest

from voteshift.errors import UsageError
from voteshift.ranges import check_count, check_level, check_number, check_seed


def test_what_is_in_range_comes_back_as_a_plain_number() -> None:
    assert check_seed(np.int64(3)) == 3
    assert check_seed(0) == 0
    assert check_count("n_draws", np.int8(5), most=10) == 5
    assert check_number("tau", 1, least=0.5, most=2.0) == 1.0
    assert check_number("delta", 0, least=0.5, most=2.0, or_zero=True) == 0.0


@pytest.mark.parametrize("value", [-1, 1.5, 2.0, True, "3", None, float("nan"), np.float64(1), 11])
def test_a_count_is_whole_and_in_range(value: object) -> None:
    with pytest.raises(
        UsageError, match=rf"n is {re.escape(repr(value))} \(give a whole number from 0 to 10\)"
    ):
        check_count("n", value, least=0, most=10)


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), 1e308, True, "1", None, 1j])
def test_a_number_is_real_and_in_range(value: object) -> None:
    with pytest.raises(
        UsageError, match=rf"tau \(a step\) is {re.escape(repr(value))} \(give a number from 0.5 to 2\)"
    ):
        check_number("tau", value, least=0.5, most=2.0, what="a step")


@pytest.mark.parametrize("value", [0, 1, 90, -0.1, float("nan"), True, "0.9", None])
def test_a_level_lies_between_none_and_all(value: object) -> None:
    assert check_level(np.float64(0.9)) == 0.9
    with pytest.raises(UsageError, match=rf"alpha is {re.escape(repr(value))} \(give a number from 1e-06 to"):
        check_level(value, "alpha")
