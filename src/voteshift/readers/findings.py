"""Findings about a file, and the list that collects them while the file is read."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import DataWarning, InputError, escape_text

__all__ = ["DataWarning", "Finding", "Notes"]

#: Findings of one kind that are listed one by one; the others are counted in the last of them.
MOST_OF_A_KIND: Final = 50
_LONGEST_MESSAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One error or warning about a file.

    Parameters
    ----------
    severity : {"error", "warning"}
        An error makes `voteshift.readers.read` refuse the file; a warning does not.
    message : str
        The error or oddity, on one line.
    file : str
        The file it is in.
    line : int, optional
        Line of that file, the first being 1; None where the finding is about the file as a whole.
    column : str, optional
        Name of the column.
    id : str, optional
        The roll call or member concerned.
    remedy : str
        The remedy; empty where there is nothing to do.
    """

    severity: Literal["error", "warning"]
    message: str
    file: str
    line: int | None = None
    column: str | None = None
    id: str | None = None
    remedy: str = ""

    def __post_init__(self) -> None:
        """Keep message and remedy on one line and short, whatever ids the file holds."""
        object.__setattr__(self, "message", _short(self.message))
        object.__setattr__(self, "remedy", _short(self.remedy))

    @classmethod
    def of(cls, error: InputError, file: str | PathLike[str]) -> "Finding":
        """Return the finding that an error stands for; `file` where the error names none."""
        place = error.file or str(file)
        return cls("error", error.message, place, error.line, None, error.id, error.remedy or "")

    def to_error(self, others: int = 0) -> InputError:
        """Return the error to raise for it, mentioning how many other errors there are."""
        more = f"`voteshift check` lists {others} more error{'s' * (others > 1)}" if others else ""
        remedy = "; ".join(part for part in (self.remedy, more) if part)
        return InputError(self.message, file=self.file, line=self.line, id=self.id, remedy=remedy or None)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON holds it: severity, file, line, column, id, message, remedy."""
        parts = asdict(self)
        return {
            name: parts[name] for name in ("severity", "file", "line", "column", "id", "message", "remedy")
        }

    def __str__(self) -> str:
        """Return one line: place, fault, remedy."""
        return str(self.to_error())


@dataclass
class Notes:
    """A list of findings, growing while a file is read.

    Reading goes on after an error where the rest can still be judged, so that `check_file` finds everything
    in one run; `read` raises the first error once reading is over.

    Parameters
    ----------
    findings : list of Finding
        What is wrong so far.
    files : list of Path
        The tables that were opened, in their order.
    format : str
        The format they were taken for; empty until that is known.
    unread : tuple of str
        Columns that mean nothing here.
    """

    findings: list[Finding] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    format: str = ""
    unread: tuple[str, ...] = ()

    def error(self, message: str, file: Path, line: int | None = None, **details: Any) -> None:
        """Note an error; `known` may hold ``column``, ``id`` and ``remedy``."""
        self.findings.append(Finding("error", message, str(file), line, **details))

    def warning(self, message: str, file: Path, line: int | None = None, **details: Any) -> None:
        """Note a warning; arguments as for `error`."""
        self.findings.append(Finding("warning", message, str(file), line, **details))

    def each(self, rows: Sequence[int] | NDArray[np.intp], make: Callable[[int], Finding]) -> None:
        """Note what `make` says of every row, one by one up to `MOST_OF_A_KIND`, then as a number."""
        for row in rows[: MOST_OF_A_KIND - 1]:
            self.findings.append(make(int(row)))
        rest = len(rows) - (MOST_OF_A_KIND - 1)
        if rest > 0:
            last = make(int(rows[MOST_OF_A_KIND - 1]))
            more = f"; and {rest - 1} more like it" if rest > 1 else ""
            parts = asdict(last) | {"message": last.message + more}
            self.findings.append(Finding(**parts))

    @property
    def errors(self) -> list[Finding]:
        """Return the errors: the findings that make `read` refuse the file."""
        return [finding for finding in self.findings if finding.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """Return the warnings."""
        return [finding for finding in self.findings if finding.severity == "warning"]


def _short(text: str) -> str:
    """Return text on one line, cut where it is very long."""
    return escape_text(text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "...")
