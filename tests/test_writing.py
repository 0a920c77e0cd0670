import pytest

from voteshift.writing import signed


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (2, 0, "+2"),
        (-0.51, 1, "\N{MINUS SIGN}0.5"),
        (0.04, 1, "0.0"),
        (-0.04, 1, "0.0"),
        (-0.0, 0, "0"),
        (12.34, 1, "+12.3"),
    ],
)
def test_changes_carry_their_sign(value, digits, written):
    assert signed(value, digits) == written
