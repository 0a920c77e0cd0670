"""Checks of an R file before it is parsed: it contains only data, and no length exceeds the file.

`rdata` allocates memory for every length in a file without a check. If a length is damaged, a file of a
thousand bytes can lead to thirty gigabytes of memory.
"""

import io
import struct
from typing import Final, Protocol

from voteshift.errors import InputError

__all__ = ["need_sound"]

_MAGIC_BYTES: Final = 5  # as in RDX3 and an end of line
#: Encoding after the first line: numbers as bytes (big-endian or in the order of the machine), or as text.
_XDR, _NATIVE, _TEXT = b"X\n", b"B\n", (b"A\n", b"A\r\n")
_VERSIONS: Final = (2, 3)

# Types of parts, with the numbers in R Internals (section 1.8, Serialization Formats). First the number of
# further
# parts of each type ...
_PARTS: Final = {
    0: 0, 25: 0, 241: 0, 242: 0, 251: 0, 253: 0, 254: 0, 255: 0,  # nothing, environments, references
    1: 1, 22: 2, 238: 3, 4: 4,  # name, pointer, sequence by its rule, environment
    2: 2, 3: 2, 5: 2, 6: 2, 17: 2, 240: 2,  # pairs of all sorts
}  # fmt: skip
# ... then types that state this number (texts, lists, expressions, a package), or the bytes of a value.
_COUNTED: Final = {16, 19, 20, 249}
_BYTES: Final = {10: 4, 13: 4, 14: 8, 15: 16}
_TEXT_ITSELF, _ALTERNATIVE, _BYTECODE = 9, 238, {21, 239, 243, 244}
#: Types with a number before their content. A tag may stand before a pair. Flags are not used.
_NUMBERED, _TAGGED, _BARE = {4, 249}, {2, 3, 5, 6, 17, 240}, {254, 255}
_ALWAYS_WITH_ATTRIBUTES: Final = {240}

_NO_TEXT: Final = -1  # the length of a missing text
_MOST_PARTS: Final = 1_000_000
_DAMAGED: Final = "the R file is damaged"


class _Source(Protocol):
    """A source of numbers, values and texts in an R file."""

    def integer(self) -> int:
        """Return the next number."""

    def skip(self, count: int, size: int) -> None:
        """Skip values of a size in bytes."""

    def skip_text(self, length: int) -> None:
        """Skip a text."""


class _Binary:
    def __init__(self, content: bytes, begin: int, form: str) -> None:
        self.content, self.at, self.form = content, begin, struct.Struct(form)

    def integer(self) -> int:
        (number,) = self.form.unpack_from(self.content, self.at)
        self.at += 4
        return int(number)

    def skip(self, count: int, size: int) -> None:
        if count * size > len(self.content) - self.at:
            raise InputError(f"{_DAMAGED}: the file ends before the data announced at byte {self.at}")
        self.at += count * size

    def skip_text(self, length: int) -> None:
        self.skip(length, 1)


class _Text:
    def __init__(self, content: bytes, begin: int) -> None:
        self.lines = io.TextIOWrapper(io.BytesIO(content[begin:]), encoding="ascii")

    def line(self) -> str:
        line = self.lines.readline()
        if not line.endswith("\n"):
            raise InputError(f"{_DAMAGED}: the file ends within a line, or before the announced data")
        return line

    def integer(self) -> int:
        return int(self.line())

    def skip(self, count: int, size: int) -> None:
        for _ in range(count * (2 if size == 16 else 1)):  # a complex number takes two lines
            self.line()

    def skip_text(self, length: int) -> None:  # noqa: ARG002  a line, however long it claims to be
        self.skip(1, 1)


def need_sound(content: bytes) -> None:
    """Raise an error unless an R file is complete, contains only data and is not too large to parse.

    Reads the parts in the same order as `rdata` (1.1), without storing them.

    Parameters
    ----------
    content : bytes
        The file, decompressed.

    Raises
    ------
    InputError
        If a length exceeds the rest of the file, or the file has compiled functions or too many parts.
    """
    source = _source(content)
    try:
        version, _, _ = source.integer(), source.integer(), source.integer()
        if version >= max(_VERSIONS):
            source.skip_text(_length(source))
        waiting, met = 1, 0
        while waiting:
            met += 1
            if met > _MOST_PARTS:
                raise InputError(
                    f"the R file contains more than {_MOST_PARTS:,} names, words and lists",
                    remedy="in R, save only the object of class rollcall, with fewer columns of text",
                )
            waiting += _parts_of(source) - 1
    except InputError:  # which is a ValueError
        raise
    except (struct.error, ValueError):
        raise InputError(f"{_DAMAGED}: the file ends too soon, or contains an invalid number") from None


def _source(content: bytes) -> _Source:
    rest = content[_MAGIC_BYTES : _MAGIC_BYTES + 3]
    if rest.startswith(_XDR):
        return _Binary(content, _MAGIC_BYTES + len(_XDR), ">i")
    if rest.startswith(_NATIVE):
        begin = _MAGIC_BYTES + len(_NATIVE)
        small_first = int.from_bytes(content[begin : begin + 4], "little") in _VERSIONS
        return _Binary(content, begin, "<i" if small_first else ">i")
    for mark in _TEXT:
        if rest.startswith(mark):
            return _Text(content, _MAGIC_BYTES + len(mark))
    raise InputError(f"{_DAMAGED}: the encoding of the numbers is missing")


def _length(source: _Source) -> int:
    return _checked(source.integer())


def _checked(length: int) -> int:
    if length < 0:
        raise InputError(f"{_DAMAGED}: the file contains a length of {length}")
    return length


def _parts_of(source: _Source) -> int:
    """Read one part without its further parts, and return the number of these further parts."""
    flags = source.integer()
    kind = flags & 0xFF
    if kind in _BARE or kind == _ALTERNATIVE:
        return _PARTS[kind]
    more = 1 if kind in _ALWAYS_WITH_ATTRIBUTES else flags >> 9 & 1
    if kind in _TAGGED:
        more += flags >> 10 & 1
    if kind in _NUMBERED:
        source.integer()
    if kind in _PARTS:
        return _PARTS[kind] + more
    if kind in _COUNTED:
        return _length(source) + more
    if kind in _BYTES:
        source.skip(_length(source), _BYTES[kind])
    elif kind == _TEXT_ITSELF:
        length = source.integer()
        if length != _NO_TEXT:
            source.skip_text(_checked(length))
    else:
        what = "compiled functions" if kind in _BYTECODE else f"a part of kind {kind}"
        raise InputError(
            f"the R file contains {what}, which is not part of a record of votes",
            remedy="in R, save only the object of class rollcall",
        )
    return more
