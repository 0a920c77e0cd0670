"""What the base of results gives where a check says nothing else."""

import pandas as pd

from voteshift.checks.result import CheckResult


class Plain(CheckResult):
    """A result that has a table and nothing else."""

    def tidy(self) -> pd.DataFrame:
        return pd.DataFrame()


class Failing(Plain):
    """A check that one step fails."""

    @property
    def failures(self) -> dict[tuple[str, str] | None, str]:
        return {("a", "b"): "Failed check: no reason."}


def test_a_result_is_noted_unless_it_fails() -> None:
    assert Plain().verdict == "noted"
    assert Plain().text == ""
    assert dict(Plain().failures) == {}
    assert Failing().verdict == "failed"
