"""Parts of both signs, beyond what simulation may have made."""

import pytest

from voteshift.checks.signs import of_both_signs


@pytest.mark.parametrize(
    ("values", "both"),
    [
        ([0.5, -0.5], True),
        ([0.1, -0.1], True),
        ([0.5, -0.09], False),
        ([0.09, -5.0], False),
        ([1.0, 2.0], False),
    ],
)
def test_a_part_under_a_tenth_of_a_vote_has_no_sign(values: list[float], both: bool) -> None:
    assert of_both_signs(values) is both
