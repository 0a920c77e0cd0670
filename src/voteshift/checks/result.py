"""The result of a check: a verdict, a text and a table."""

from collections.abc import Mapping
from typing import Literal

from voteshift.notebook import Shown

__all__ = ["CheckResult", "Ends", "Verdict"]

#: passed: no evidence against the answer. noted: information for the reader. failed: the answer is in doubt.
Verdict = Literal["passed", "noted", "failed"]
#: The two roll calls of a step.
Ends = tuple[str, str]


class CheckResult(Shown):
    """Base class of the results of checks. A frozen subclass defines `verdict`, `text` and `tidy`."""

    __slots__ = ()

    @property
    def verdict(self) -> Verdict:
        """``failed`` if the check contradicts the answer, otherwise ``noted``."""
        return "failed" if self.failures else "noted"

    @property
    def text(self) -> str:
        """The result in plain sentences."""
        return ""

    @property
    def failures(self) -> Mapping[Ends | None, str]:
        """A sentence for every step that fails the check; the key None is for the whole answer."""
        return {}

    def _said(self) -> tuple[str, ...]:
        return (self.text,) if self.text else ()
