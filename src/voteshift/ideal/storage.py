"""Writing of fits at the mode and of marginal fits to one file, and reading, without executable content."""

import json
import tokenize
import zipfile
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voteshift.arguments import checked
from voteshift.checksums import checksum_of
from voteshift.errors import InputError, NotUsableError, VoteshiftError
from voteshift.files import whole_file
from voteshift.ideal.links import need_standard
from voteshift.packing import Arrays, pack, unpack

if TYPE_CHECKING:  # which import this module
    from voteshift.ideal.dynamic.results import DynamicFit
    from voteshift.ideal.results import IdealFit

__all__ = ["DAMAGE", "ROOMS", "add_head", "load_fit", "pack_fit", "read_head", "save_fit", "unpack_fit"]

FORMAT: Final = "voteshift fit 1"
ROOMS: Final = ("voteshift.ideal", "voteshift.likelihood")
"""Packages whose dataclasses a file may name: the parts of a fit."""
DAMAGE: Final = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ImportError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
    EOFError,
    tokenize.TokenError,  # NumPy on the damaged head of an array
    zipfile.BadZipFile,
    zlib.error,
    VoteshiftError,
)
"""Errors that reading a damaged file can raise."""

_LARGEST: Final = 64_000_000  # largest size in bytes of a file that includes the normal approximation
_REMEDY: Final = "choose a file that save() of a fit wrote; load_posterior reads files with draws"


def pack_fit(fit: "IdealFit | DynamicFit") -> tuple[Any, Arrays]:
    """Describe a fit, with its normal approximation if the approximation is not too large.

    Raises
    ------
    TypeError
        If a part of the fit cannot be written.
    """
    try:
        approximation: object = fit.laplace
    except NotUsableError:
        approximation = None
    for part in (approximation, None):
        arrays: Arrays = {}
        described = pack((fit, part), arrays, ROOMS)
        if sum(array.nbytes for array in arrays.values()) <= _LARGEST:
            break
    return described, arrays


def unpack_fit(described: Any, arrays: Arrays) -> "IdealFit | DynamicFit":
    """Rebuild a fit from the result of `pack_fit`."""
    fit: IdealFit | DynamicFit
    fit, approximation = unpack(described, arrays, ROOMS)
    if approximation is not None:
        fit.__dict__["laplace"] = approximation  # a property computed once, put back in its place
    return fit


def add_head(arrays: Arrays, head: object) -> None:
    """Add a head as JSON, and the checksum of head and arrays, to the arrays of a file."""
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    arrays["checksum"] = np.frombuffer(checksum_of(sorted(arrays.items())).encode(), dtype=np.uint8)


def read_head(path: Path) -> tuple[Any, Arrays, bool]:
    """Read a file of arrays; return its head, its arrays, and True if the checksum matches.

    Parameters
    ----------
    path : Path
        The file. No pickled object in it is read.

    Raises
    ------
    One of `DAMAGE`, if the file is damaged.
    """
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        if sum(part.file_size for part in archive.zip.infolist()) > path.stat().st_size:
            raise ValueError("its arrays are larger than the file")  # which is written uncompressed
        arrays: Arrays = {name: archive[name] for name in archive.files}
    written = arrays.pop("checksum").tobytes().decode()
    is_whole = written == checksum_of(sorted(arrays.items()))
    return json.loads(arrays["head"].tobytes()), arrays, is_whole


def save_fit(fit: "IdealFit | DynamicFit", path: str | Path) -> None:
    """Write a fit to one file, which `load_fit` reads.

    Parameters
    ----------
    fit : IdealFit or DynamicFit
        The fit.
    path : path
        The file, for instance "fit.npz". Its folder must exist.

    Raises
    ------
    InputError
        If the file cannot be written.
    UsageError
        If the fit has a link other than logit and probit.
    """
    need_standard(fit.link, "saved fits")
    described, arrays = pack_fit(fit)
    add_head(arrays, [FORMAT, version("voteshift"), described])
    with whole_file(Path(path)) as beside, beside.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # NumPy's types name one keyword  # without allow_pickle=, which NumPy 2.1 stores as an array


@checked
def load_fit(path: str | Path) -> "IdealFit | DynamicFit":
    """Read a fit that `IdealFit.save` or `DynamicFit.save` wrote.

    Parameters
    ----------
    path : path
        The file. It contains numbers and text, and reading it runs no code from it.

    Returns
    -------
    IdealFit or DynamicFit
        The fit. Its numbers and draws are the same to the last bit.

    Raises
    ------
    InputError
        If the file does not exist, is damaged, differs from its checksum, or is not a saved fit.
    """
    place = Path(path)
    written_by = ""
    try:
        head, arrays, is_whole = read_head(place)
        name, written_by, described = head
        if name != FORMAT:
            raise ValueError(f"its format is {name}")
        if not is_whole:
            raise ValueError("the content differs from the checksum")
        return unpack_fit(described, arrays)
    except FileNotFoundError:
        raise InputError("does not exist", file=place, remedy=_REMEDY) from None
    except DAMAGE as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        of_version = written_by not in ("", version("voteshift"))
        remedy = f"fit the model again: voteshift {written_by} wrote the file" if of_version else _REMEDY
        raise InputError(f"is not a fit saved by voteshift ({reason})", file=place, remedy=remedy) from None
