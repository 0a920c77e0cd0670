"""From a path to text: plain, gzip or xz, always UTF-8, never more than fits."""

import zlib
from contextlib import suppress
from gzip import BadGzipFile, GzipFile
from io import BufferedReader
from lzma import LZMAError, LZMAFile
from pathlib import Path
from typing import BinaryIO, Final

from voteshift.errors import InputError

__all__ = ["is_folder", "read_text", "stem_of"]

#: A table larger than this, unpacked, is refused before it fills the memory.
MOST_BYTES: Final = 1 << 29
_CHUNK: Final = 1 << 20
_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_AS_CSV: Final = "save the table as CSV in UTF-8"
_DAMAGE: Final = (EOFError, BadGzipFile, zlib.error, LZMAError)


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder; False too where that cannot be found out."""
    with suppress(OSError, ValueError):
        return path.is_dir()
    return False


def stem_of(path: Path) -> str:
    """Return the name of a file without ``.csv``, ``.tsv``, ``.txt``, ``.gz``, ``.xz``."""
    name = path.name
    for suffix in (".gz", ".xz", ".csv", ".tsv", ".tab", ".txt"):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            name = name[: -len(suffix)]
    return name


def read_text(path: Path) -> str:
    """Return the text of a file.

    Parameters
    ----------
    path : Path
        The file. Compression is told by its first bytes, whatever it is called.

    Raises
    ------
    InputError
        If there is no such file, it may not be read, is damaged, is not text in UTF-8, is empty, or is larger
        than `MOST_BYTES`.
    """
    content = _read_bytes(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {content[error.start]:#04x} is not UTF-8 text",
            file=path,
            line=content.count(b"\n", 0, error.start) + 1,
            remedy=_AS_CSV,
        ) from None
    if not text.strip():
        raise InputError("the file is empty", file=path, remedy="give a table with a header and rows")
    return text


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as raw, _unpacker(raw) as plain:
            return _read_chunks(plain, path)
    except InputError:  # itself a ValueError, and already says what is wrong
        raise
    except FileNotFoundError:
        raise InputError("no such file", file=path, remedy="check the path") from None
    except PermissionError:
        raise InputError("the file may not be read", file=path, remedy="check its permissions") from None
    except _DAMAGE as error:
        raise InputError(
            f"the compressed file is damaged: {error}", file=path, remedy="fetch it again"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path itself
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"the file cannot be read: {reason}", file=path, remedy="check the path") from None


def _unpacker(raw: BufferedReader) -> BinaryIO | GzipFile | LZMAFile:
    head = raw.peek(len(_XZ))
    if head.startswith(_GZIP):
        return GzipFile(fileobj=raw)
    return LZMAFile(raw) if head.startswith(_XZ) else raw


def _read_chunks(handle: BinaryIO | GzipFile | LZMAFile, path: Path) -> bytes:
    """Read to the end, stopping at the first sign that this is no table."""
    chunks: list[bytes] = []
    lines = size = 0
    while chunk := handle.read(_CHUNK):
        if not chunks and chunk.startswith(_UTF16):
            raise InputError("the file is UTF-16, not UTF-8", file=path, line=1, remedy=_AS_CSV)
        if b"\0" in chunk:
            line = lines + chunk.count(b"\n", 0, chunk.index(b"\0")) + 1
            raise InputError("the file is binary, not text", file=path, line=line, remedy=_AS_CSV)
        lines += chunk.count(b"\n")
        size += len(chunk)
        if size > MOST_BYTES:
            raise InputError(
                f"the table is larger than {MOST_BYTES >> 20} MiB",
                file=path,
                remedy="split it by session or year",
            )
        chunks.append(chunk)
    return b"".join(chunks)
