"""Findings about a file, and the list that collects them while the file is read."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import DataWarning, InputError, escape_text
from voteshift.readers.options import ReadOptions

__all__ = ["DataWarning", "Finding", "Notes"]

#: Number of findings of one kind that are listed. The last listed finding counts the others.
MOST_OF_A_KIND: Final = 50
_LONGEST_MESSAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One error or warning about a file.

    Parameters
    ----------
    severity : {"error", "warning"}
        `voteshift.readers.read` raises an error if a finding is an "error". A file with only warnings is
        read.
    message : str
        The text of the error or warning, on one line.
    file : str
        The file that the finding is about.
    line : int, optional
        The line in the file, counted from 1; None if the finding is about the whole file.
    column : str, optional
        Name of the column.
    id : str, optional
        The roll call or member that the finding is about.
    remedy : str
        The remedy; empty if nothing must be changed.
    """

    severity: Literal["error", "warning"]
    message: str
    file: str
    line: int | None = None
    column: str | None = None
    id: str | None = None
    remedy: str = ""

    def __post_init__(self) -> None:
        """Write message and remedy on one line and shorten them, because ids in a file may be long."""
        object.__setattr__(self, "message", _short(self.message))
        object.__setattr__(self, "remedy", _short(self.remedy))

    @classmethod
    def of(cls, error: InputError, file: str | PathLike[str]) -> "Finding":
        """Return an error as a finding; `file` is used if the error does not name a file."""
        place = error.file or str(file)
        return cls("error", error.message, place, error.line, None, error.id, error.remedy or "")

    def to_error(self, others: int = 0) -> InputError:
        """Return the finding as an error to raise, with the number of other errors in the remedy."""
        more = f"`voteshift check` lists {others} more error{'s' * (others > 1)}" if others else ""
        remedy = "; ".join(part for part in (self.remedy, more) if part)
        return InputError(self.message, file=self.file, line=self.line, id=self.id, remedy=remedy or None)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as values that JSON can store, by severity, file, line, column, id and so on."""
        parts = asdict(self)
        return {
            name: parts[name] for name in ("severity", "file", "line", "column", "id", "message", "remedy")
        }

    def __str__(self) -> str:
        """Return one line: file and line, message, remedy."""
        return str(self.to_error())


@dataclass
class Notes:
    """The list that collects findings while a file is read, and what the user says about the file.

    Reading continues after an error if the rest of the file can still be checked. Therefore `check_file`
    lists all errors in one run. `read` raises the first error after reading has ended.

    Parameters
    ----------
    findings : list of Finding
        The errors and warnings up to now.
    files : list of Path
        The tables that were opened, in the order of opening.
    format : str
        The detected format of the files; empty until the format is known.
    unread : tuple of str
        The columns that are not read, because their names are unknown.
    options : ReadOptions
        The meaning of codes and columns, the form of dates, and the encoding.
    settings : ReadOptions
        The part of `options` that a file ``voteshift.toml`` states.
    renamed : dict of str
        The name of a column in the file, by its name in voteshift, for columns that `options` renamed.
    columns : set of str
        The names of the columns in the tables that were opened.
    """

    findings: list[Finding] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    format: str = ""
    unread: tuple[str, ...] = ()
    options: ReadOptions = field(default_factory=ReadOptions)
    settings: ReadOptions = field(default_factory=ReadOptions)
    renamed: dict[str, str] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)

    def error(self, message: str, file: Path, line: int | None = None, **details: Any) -> None:
        """Add an error; `details` may contain ``column``, ``id`` and ``remedy``."""
        self.findings.append(Finding("error", message, str(file), line, **details))

    def warning(self, message: str, file: Path, line: int | None = None, **details: Any) -> None:
        """Add a warning; the arguments are the same as for `error`."""
        self.findings.append(Finding("warning", message, str(file), line, **details))

    def printed(self, column: str) -> str:
        """Return the name of a column in the file."""
        return self.renamed.get(column, column)

    def each(self, rows: Sequence[int] | NDArray[np.intp], make: Callable[[int], Finding]) -> None:
        """Add the finding that `make` returns for each row; after `MOST_OF_A_KIND`, only count the rows."""
        for row in rows[: MOST_OF_A_KIND - 1]:
            self.findings.append(make(int(row)))
        rest = len(rows) - (MOST_OF_A_KIND - 1)
        if rest > 0:
            last = make(int(rows[MOST_OF_A_KIND - 1]))
            more = f"; and {rest - 1} more of this kind" if rest > 1 else ""
            parts = asdict(last) | {"message": last.message + more}
            self.findings.append(Finding(**parts))

    @property
    def errors(self) -> list[Finding]:
        """Return the errors. If there is an error, `read` raises it."""
        return [finding for finding in self.findings if finding.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """Return the warnings."""
        return [finding for finding in self.findings if finding.severity == "warning"]


def _short(text: str) -> str:
    """Return a text on one line; a very long text is cut."""
    return escape_text(text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "...")
