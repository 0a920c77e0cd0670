"""Settings of the sampler are validated before anything is compiled."""

from typing import Any

import pytest

import voteshift as vs
from voteshift.posterior.nuts import NUTS


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"target_accept": 1.0}, "target_accept .* is 1"),
        ({"target_accept": float("nan")}, "target_accept .* is nan"),
        ({"sampler": "stan"}, "sampler is 'stan'"),
        ({"cores": 0}, "cores is 0"),
    ],
)
def test_a_setting_out_of_range_is_refused(setting: dict[str, Any], words: str) -> None:
    with pytest.raises(vs.UsageError, match=words):
        NUTS(**setting)


def test_chains_run_on_no_more_cores_than_there_are_chains() -> None:
    assert NUTS(cores=8).count_cores(3) == 3
    assert NUTS(cores=2).count_cores(3) == 2
