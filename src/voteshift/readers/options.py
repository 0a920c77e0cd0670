"""Statements of the user about a file: meaning of codes and columns, form of dates, encoding."""

import codecs
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from voteshift.columns import (
    MEMBER_ATTRIBUTES,
    ROLLCALL_FLAGS,
    ROLLCALL_SYMBOLS,
    ROLLCALL_TEXTS,
    squeeze,
)
from voteshift.errors import InputError, UsageError, did_you_mean, escape_text, quote
from voteshift.readers.text import is_folder
from voteshift.votes import CAST, Vote, parse_vote

__all__ = ["OPTIONS", "SETTINGS", "ReadOptions", "read_options", "settings_beside", "suggest_codes"]

#: The arguments of `voteshift.readers.read` that describe a file, which are also the keys of `SETTINGS`.
OPTIONS: Final = ("codes", "columns", "date_format", "encoding")
#: The name of the file that describes the files in its folder.
SETTINGS: Final = "voteshift.toml"

#: The names that a column can get.
_COLUMNS: Final = (
    "member", "rollcall", "vote", "date", *ROLLCALL_SYMBOLS, *ROLLCALL_TEXTS, *ROLLCALL_FLAGS, *CAST,
    *(name for name in MEMBER_ATTRIBUTES),
)  # fmt: skip
_MEANINGS: Final = "yes, no, abstain, absent, not recorded or not a member"
_LARGEST: Final = 1 << 20  # bytes of the file of settings
_MOST_CODES: Final = 12  # codes that a remedy lists
_LONGEST_CODE: Final = 40
#: Directives of `strptime` that state a year, and those that state a day of the year.
_YEARS: Final = frozenset("YyGcDxs")
_DAYS: Final = (frozenset("m"), frozenset("b"), frozenset("B"))
_WHOLE_DAYS: Final = frozenset("jcx")
_DIRECTIVE: Final = re.compile(r"%(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Statements of the user about a file; `read_options` returns and checks them.

    Parameters
    ----------
    codes : mapping of str to str
        The vote word for each code, with the code in lower case. The code "" is a blank cell.
    columns : mapping of str to str
        The name in voteshift for each column of the file.
    date_format : str or None
        The form of dates in the notation of `datetime.strptime`; None for dates such as 2021-03-23.
    encoding : str or None
        The encoding of text files; None for UTF-8.
    """

    codes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    date_format: str | None = None
    encoding: str | None = None

    def vote_code(self, word: str) -> int | None:
        """Return the code of a vote word, or None for any other text."""
        meaning = self.codes.get(word.strip().lower(), word)
        try:
            return int(parse_vote(meaning))
        except KeyError:
            return None

    def is_vote(self, word: str) -> bool:
        """Return True if a text is a vote word."""
        return self.vote_code(word) is not None

    @property
    def counts_blanks(self) -> bool:
        """True if a blank cell is a vote word."""
        return "" in self.codes

    def set_names(self) -> tuple[str, ...]:
        """Return the names of the options that have a value."""
        return tuple(name for name in OPTIONS if getattr(self, name))

    def over(self, other: "ReadOptions") -> "ReadOptions":
        """Return these options, completed by others; entries of these options win."""
        return ReadOptions(
            MappingProxyType({**other.codes, **self.codes}),
            MappingProxyType({**other.columns, **self.columns}),
            self.date_format or other.date_format,
            self.encoding or other.encoding,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the options that have a value, as values that JSON can store."""
        values = {name: getattr(self, name) for name in self.set_names()}
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}


def read_options(
    codes: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    date_format: str | None = None,
    encoding: str | None = None,
) -> ReadOptions:
    """Check the statements of the user about a file; the arguments are those of `voteshift.readers.read`.

    Raises
    ------
    UsageError
        If a meaning is not a vote word, a column gets an unknown name, two columns get the same name, the
        form of dates does not state year, month and day, or the encoding is unknown.
    """
    return ReadOptions(
        MappingProxyType(_checked_codes(codes or {})),
        MappingProxyType(_checked_columns(columns or {})),
        None if date_format is None else _checked_date_format(date_format),
        None if encoding is None else _checked_encoding(encoding),
    )


def settings_beside(path: Path) -> ReadOptions:
    """Read the options in the file ``voteshift.toml`` in the folder of a file, or in a folder.

    Parameters
    ----------
    path : Path
        The file or folder of roll calls.

    Returns
    -------
    ReadOptions
        The options; empty if there is no such file.

    Raises
    ------
    InputError
        If the file cannot be read, is not TOML, has an unknown key, or has a value that `read_options`
        refuses.
    """
    settings = (path if is_folder(path) else path.parent) / SETTINGS
    try:
        present = settings.is_file()
    except (OSError, ValueError):  # of a path that cannot exist
        present = False
    if not present:
        return ReadOptions()
    document = _parsed(settings)
    unknown = [key for key in document if key not in OPTIONS]
    if unknown:
        raise InputError(
            f"the file has the unknown key {quote(unknown[0])}",
            file=settings,
            remedy=f"the keys are {', '.join(OPTIONS)}",
        )
    for key, kind, what in (
        ("codes", dict, "a table of texts"),
        ("columns", dict, "a table of texts"),
        ("date_format", str, "a text"),
        ("encoding", str, "a text"),
    ):
        if key in document and not isinstance(document[key], kind):
            raise InputError(f"'{key}' is not {what}", file=settings, remedy=f"write {what}")
    try:
        return read_options(**document)
    except UsageError as error:
        raise InputError(error.message, file=settings, remedy=error.remedy) from None


def suggest_codes(words: Sequence[str]) -> str:
    """Return the end of a remedy with the argument for unknown vote words, or an empty text.

    Parameters
    ----------
    words : sequence of str
        The distinct words. If there are many, or one of them is long, they are probably not codes.
    """
    if not words or len(words) > _MOST_CODES or any(len(word) > _LONGEST_CODE for word in words):
        return ""
    # A brace would end the argument too early where it is translated into options.
    if any(letter in word for word in words for letter in "{}'\"\\"):
        return ""
    pairs = ", ".join(f"{quote(word)}: 'MEANING'" for word in words)
    return f"state the meaning of each code with codes={{{pairs}}}, where MEANING is {_MEANINGS}"


def _parsed(settings: Path) -> dict[str, Any]:
    try:
        if settings.stat().st_size > _LARGEST:
            raise InputError(
                f"the file is larger than {_LARGEST >> 20} MiB",
                file=settings,
                remedy="write only the settings",
            )
        return tomllib.loads(settings.read_bytes().decode("utf-8"))
    except InputError:
        raise
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror or error}",
            file=settings,
            remedy="check the permissions of the file",
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"the file is not TOML: {escape_text(str(error))[:200]}",
            file=settings,
            remedy="write for instance codes = {Ja = \"yes\"} and date_format = '%d.%m.%Y'",
        ) from None


def _texts(name: str, mapping: Mapping[str, str]) -> None:
    for pair in mapping.items():
        for text in pair:
            if not isinstance(text, str):
                raise UsageError(
                    f"{name}= contains {quote(text)}, which is not text", remedy="write all entries as text"
                )


def _checked_codes(codes: Mapping[str, str]) -> dict[str, str]:
    _texts("codes", codes)
    meanings: dict[str, str] = {}
    for code, word in codes.items():
        try:
            meaning = Vote(parse_vote(word)).word
        except KeyError:
            raise UsageError(
                f"the code {quote(code)} has the meaning {quote(word)}, which is not a vote word",
                remedy=f"write {_MEANINGS}",
            ) from None
        before = meanings.setdefault(code.strip().lower(), meaning)
        if before != meaning:
            raise UsageError(
                f"the code {quote(code)} has two meanings, {quote(before)} and {quote(meaning)}",
                remedy="give one meaning; capitals and surrounding spaces do not distinguish codes",
            )
    return meanings


def _checked_columns(columns: Mapping[str, str]) -> dict[str, str]:
    _texts("columns", columns)
    names = {squeeze(name): name for name in reversed(_COLUMNS)}
    taken: dict[str, str] = {}
    for printed, wanted in columns.items():
        name = names.get(squeeze(wanted))
        if name is None:
            raise UsageError(
                f"the column {quote(printed)} gets the unknown name {quote(wanted)}",
                remedy=did_you_mean(wanted, _COLUMNS),
            )
        if name in taken.values():
            raise UsageError(
                f"two columns get the name {quote(name)}", remedy="give each name to one column only"
            )
        taken[printed.strip()] = name
    return taken


def _checked_date_format(form: str) -> str:
    directives = set(_DIRECTIVE.findall(form.replace("%%", "")))
    has_day = bool(directives & _WHOLE_DAYS) or (
        "d" in directives and any(directives & months for months in _DAYS)
    )
    whole = bool(directives & _YEARS) and has_day
    day = datetime(2001, 12, 31)
    try:
        # Python warns where it reads a date without a year.
        same = whole and datetime.strptime(day.strftime(form), form) == day
    except (ValueError, re.error):  # re.error: a directive occurs twice
        same = False
    if not same:
        raise UsageError(
            f"date_format is {quote(form)}, which does not state the year, the month and the day once each",
            remedy="write for instance '%d.%m.%Y' for 23.03.2021, in the notation of Python's strptime",
        )
    return form


def _checked_encoding(encoding: str) -> str:
    sample = "member,1\n"
    try:
        codec = codecs.lookup(encoding)
        decoder: Callable[..., Any] | None = codec.incrementaldecoder
        same = decoder is not None and decoder().decode(sample.encode(encoding), True) == sample
    except (LookupError, ValueError, TypeError, AttributeError):
        same = False
    if not same:
        raise UsageError(
            f"encoding is {quote(encoding)}, which is not an encoding of text that Python knows",
            remedy="write for instance 'cp1252' for Windows, 'utf-16' or 'latin-1'",
        )
    return encoding
