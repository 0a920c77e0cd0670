"""Reading of text files in UTF-8, plain or compressed with gzip or xz, in chunks and with limits on size."""

import codecs
import zlib
from collections.abc import Iterator
from contextlib import suppress
from gzip import BadGzipFile, GzipFile
from io import BufferedReader, StringIO
from itertools import chain
from lzma import LZMAError, LZMAFile
from pathlib import Path
from typing import Final

from voteshift.budget import PARSED, UNPACKED
from voteshift.errors import InputError

__all__ = ["head_of", "is_folder", "read_chunks", "read_lines", "read_whole", "stem_of"]

#: Length of the longest line. A longer line is an error, because it cannot be a row of a table.
LONGEST_LINE: Final = 1 << 24
_SIP: Final = 1 << 13  # bytes of an archive that are read at a time, to compare them with the unpacked size
_CHUNK: Final = 1 << 20
_HEAD: Final = 1 << 16  # bytes from which a format is detected
_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_AS_CSV: Final = "save the table as CSV in UTF-8"
_DAMAGE: Final = (EOFError, BadGzipFile, zlib.error, LZMAError)


def is_folder(path: Path) -> bool:
    """Return True if a path is a folder, and False if the path is not a folder or cannot be examined."""
    with suppress(OSError, ValueError):
        return path.is_dir()
    return False


def stem_of(path: Path) -> str:
    """Return the name of a file without suffixes such as ``.csv``, ``.tsv``, ``.txt`` and ``.gz``."""
    name = path.name
    for suffix in (".gz", ".xz", ".csv", ".tsv", ".tab", ".txt", ".xlsx", ".parquet"):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            name = name[: -len(suffix)]
    return name


def head_of(path: Path) -> bytes:
    """Return the first 64 KiB of a file, decompressed.

    Raises
    ------
    InputError
        If the file does not exist, cannot be read or is damaged.
    """
    return next(read_chunks(path, _HEAD), b"")


def read_lines(path: Path, encoding: str | None = None) -> Iterator[str]:
    r"""Return the lines of a file, one by one; a line includes its end (``\n``, ``\r`` or ``\r\n``).

    Parameters
    ----------
    path : Path
        The file. Compression is detected from its first bytes, not from its name.
    encoding : str, optional
        The encoding of the text, a name that Python knows. The default is UTF-8, with or without a byte-order
        mark, because a wrong encoding damages names without an error.

    Raises
    ------
    InputError
        While the lines are iterated: if the file does not exist, cannot be read, is damaged, is not text in
        the encoding, has a line longer than `LONGEST_LINE`, or exceeds the limits of `UNPACKED`.
    """
    return chain.from_iterable(_blocks(path, encoding))


def read_chunks(path: Path, size: int = _CHUNK) -> Iterator[bytes]:
    """Yield the content of a file, decompressed, in pieces of at most `size` bytes.

    Raises
    ------
    InputError
        If the file cannot be read, is damaged, or exceeds the limits of `voteshift.budget.UNPACKED`.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError(
                "the path is not a regular file",
                file=path,
                remedy="save the data in a file, and read this file",
            )
        with path.open("rb", buffering=0) as file, _Sips(file) as raw, _unpacker(raw) as plain:
            packed = plain is not raw
            draw = plain.read if packed else super(_Sips, raw).read
            total = 0
            while chunk := draw(size):
                total += len(chunk)
                if total > UNPACKED.most:
                    raise InputError(
                        f"the table is larger than {UNPACKED.most >> 20} MiB",
                        file=path,
                        remedy="split the table by session or year",
                    )
                if packed and total > UNPACKED.limit(raw.tell()):
                    raise InputError(
                        f"the archive unpacks to more than {UNPACKED.ratio} times its size",
                        file=path,
                        remedy="unpack the archive and check the contents",
                    )
                yield chunk
    except InputError:  # a ValueError itself, with the message already
        raise
    except FileNotFoundError:
        raise InputError("no such file", file=path, remedy="check the path") from None
    except PermissionError:
        raise InputError(
            "you have no permission to read the file", file=path, remedy="check the permissions of the file"
        ) from None
    except _DAMAGE as error:
        raise InputError(
            f"the compressed file is damaged: {error}", file=path, remedy="download or write the file again"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path itself
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"the file cannot be read: {reason}", file=path, remedy="check the path") from None


def read_whole(path: Path, remedy: str) -> bytes:
    """Return the content of a file, decompressed, that is parsed as a whole.

    Parameters
    ----------
    path : Path
        The file.
    remedy : str
        The remedy if the file is too large.

    Raises
    ------
    InputError
        As `read_chunks`, or if the content is larger than the limit of `voteshift.budget.PARSED`.
    """
    parts, size = [], 0
    for chunk in read_chunks(path):
        size += len(chunk)
        if size > PARSED.most:
            raise InputError(f"the file is larger than {PARSED.most >> 20} MiB", file=path, remedy=remedy)
        parts.append(chunk)
    return b"".join(parts)


class _Sips(BufferedReader):
    """A file that is read in pieces of at most `_SIP` bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most `_SIP` bytes."""
        return super().read(min(size, _SIP) if size is not None and size >= 0 else _SIP)


def _unpacker(raw: _Sips) -> "_Sips | GzipFile | LZMAFile":
    head = raw.peek(len(_XZ))
    if head.startswith(_GZIP):
        return GzipFile(fileobj=raw)
    return LZMAFile(raw) if head.startswith(_XZ) else raw


def _blocks(path: Path, encoding: str | None) -> Iterator[list[str]]:
    """Yield lists of complete lines; raise an error as soon as the file turns out not to be text."""
    decoder = codecs.getincrementaldecoder(encoding or "utf-8-sig")()
    lines, rest = 0, ""
    for number, chunk in enumerate(read_chunks(path, _CHUNK)):
        if encoding is None and not number and chunk.startswith(_UTF16):
            raise InputError(
                "the file is UTF-16, not UTF-8",
                file=path,
                line=1,
                remedy=f"{_AS_CSV}, or give encoding='utf-16'",
            )
        if encoding is None and b"\0" in chunk:
            raise _binary(path, lines + chunk.count(b"\n", 0, chunk.index(b"\0")) + 1)
        text = _decoded(decoder, chunk, path, lines, encoding)
        if "\0" in text:
            raise _binary(path, lines + text.count("\n", 0, text.index("\0")) + 1)
        lines += text.count("\n")
        block = list(StringIO(rest + text, newline=""))
        # The last line may continue in the next chunk; a line end of two characters may be split between
        # chunks.
        rest = block.pop() if block and not block[-1].endswith("\n") else ""
        if len(rest) > LONGEST_LINE:
            raise InputError(
                f"the line is longer than {LONGEST_LINE >> 20} MiB", file=path, line=lines + 1, remedy=_AS_CSV
            )
        yield block
    rest += _decoded(decoder, b"", path, lines, encoding)
    if rest:
        yield list(StringIO(rest, newline=""))


def _binary(path: Path, line: int) -> InputError:
    return InputError("the file is binary, not text", file=path, line=line, remedy=_AS_CSV)


def _decoded(
    decoder: codecs.IncrementalDecoder, chunk: bytes, path: Path, lines: int, encoding: str | None
) -> str:
    try:
        return decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError as error:
        if encoding is None:
            raise InputError(
                f"byte {error.object[error.start]:#04x} is not UTF-8 text",
                file=path,
                line=lines + error.object.count(b"\n", 0, error.start) + 1,
                remedy=f"{_AS_CSV}, or give the encoding of the file, for instance encoding='cp1252'",
            ) from None
    except UnicodeError:  # as some encodings raise
        pass
    raise InputError(
        f"the file is not text in the encoding {encoding}",
        file=path,
        line=lines + 1,
        remedy=f"give the encoding of the file, or {_AS_CSV}",
    )
