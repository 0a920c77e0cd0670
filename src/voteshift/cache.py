"""A cache of fits on disk, named by a hash of the votes and the specification.

The hash includes the votes and labels, the specification, the version of the package and the source of the
model. An outdated fit is therefore never read. A file contains arrays in NumPy's format, without pickles, and
a description in JSON of the dataclasses to which the arrays belong. Reading a file runs no code from it.
Each file is written under a temporary name and then renamed, so that simultaneous runs do not disturb each
other. If a file is damaged, the model is fitted again and the file is replaced.

A file is used only if it passes two checks; otherwise the model is fitted again. First, the checksum in the
file must match the key, the description and the arrays in the file. This check detects damage, exchanged
files, and numbers that were changed without a new checksum. Second, the votes and the specification in the
file must be the requested ones, and the log posterior must match the parameters. This check detects most
changed parameters, even if the checksum was computed again. Neither check is a signature: a person who can
write to the folder and knows this module can make a file that passes both.

Fits are stored in ``voteshift/fits`` in the user's cache folder. The environment variable ``VOTESHIFT_CACHE``
names another folder. If this variable is ``off``, nothing is read or written.
"""

import hashlib
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict
from functools import cache as remember
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from voteshift.arguments import checked
from voteshift.errors import BridgeWarning
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.respecify import describes_votes
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.ideal.storage import DAMAGE, add_head, pack_fit, read_head, unpack_fit
from voteshift.rollcalls import RollCalls
from voteshift.store import iterate_rows

__all__ = ["cache_folder", "cached_fit"]

VARIABLE: Final = "VOTESHIFT_CACHE"
_FORMAT: Final = 3
_KEPT: Final = 100  # largest number of files; the least recently used files are deleted first
_ABANDONED: Final = 3600.0  # seconds after which an unfinished file is deleted


def cache_folder() -> Path | None:
    """Return the folder of the cache, or None if the cache is off."""
    named = os.environ.get(VARIABLE)
    if named == "off":
        return None
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("voteshift", appauthor=False) / "fits"


@checked
def cached_fit(
    spec: IdealPoints,
    rollcalls: RollCalls,
    *,
    progress: Callable[[int, float], None] | None = None,
    use_cache: bool = True,
) -> IdealFit | DynamicFit:
    """Fit a model, or read the same fit of the same votes from disk.

    Parameters
    ----------
    spec : IdealPoints
        The specification.
    rollcalls : RollCalls
        The votes.
    progress : callable, optional
        Passed to `IdealPoints.fit` if the model is fitted.
    use_cache : bool
        Read and write the cache.

    Returns
    -------
    IdealFit or DynamicFit
        The numbers of a cached fit are the same to the last bit. Fits that did not converge are not stored.
        A large normal approximation is not stored with its fit.

    Raises
    ------
    InputError, UsageError, NotUsableError
        As `IdealPoints.fit`. A cache that cannot be read or written causes no error.

    Warns
    -----
    BridgeWarning
        As `IdealPoints.fit`, if no bridge spans a gap between periods.
    """
    folder = cache_folder() if use_cache else None
    key = None if folder is None else _key(spec, rollcalls)
    if folder is None or key is None:
        return spec.fit(rollcalls, progress=progress)
    path = folder / f"{key}.npz"
    stored = _read(path, key, spec, rollcalls)
    if stored is None:
        stored = spec.fit(rollcalls, progress=progress)
        if stored.converged:
            _write(path, key, stored)
    elif stored.periods is not None and not stored.bridged:
        warnings.warn(stored.cautions[0], BridgeWarning, stacklevel=2)
    return stored


def _key(spec: IdealPoints, rollcalls: RollCalls) -> str | None:
    """Hash everything that affects a fit; return None if the specification cannot be written as JSON."""
    digest = hashlib.sha256()
    head = [_FORMAT, version("voteshift"), _source(), rollcalls.polarity, rollcalls.store.shape]
    try:
        digest.update(json.dumps([*head, asdict(spec)], sort_keys=True).encode())
    except TypeError:
        return None
    for row in iterate_rows(rollcalls.store):
        digest.update(row)
    for frame in (rollcalls.members, rollcalls.rollcalls):
        digest.update(frame.to_csv().encode())
    return digest.hexdigest()


@remember
def _source() -> str:
    """Hash the source of the model, which can change between two versions of the package."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for room in ("formulas", "ideal", "likelihood"):
        for path in sorted((here / room).rglob("*.py")):
            digest.update(path.relative_to(here).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path, key: str, spec: IdealPoints, rollcalls: RollCalls) -> IdealFit | DynamicFit | None:
    try:
        (filed_under, described), arrays, is_whole = read_head(path)
        if filed_under != key or not is_whole:
            return None
        fit = unpack_fit(described, arrays)
        if not describes_votes(fit, rollcalls) or fit.spec != spec:
            return None
        os.utime(path)
    except DAMAGE:
        return None
    return fit


def _write(path: Path, key: str, fit: IdealFit | DynamicFit) -> None:
    try:
        described, arrays = pack_fit(fit)
        add_head(arrays, [key, described])
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]  # NumPy's types name one keyword  # without allow_pickle=, which NumPy 2.1 stores as an array
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        _tidy_up(path.parent)
    except (OSError, TypeError):
        return  # disk full, no permission, or a part cannot be stored; the fit is not affected


def _tidy_up(folder: Path) -> None:
    """Keep the most recently used fits, and remove unfinished files of killed runs."""
    ages = {}
    for path in folder.iterdir():
        try:
            ages[path] = path.stat().st_mtime
        except OSError:
            continue  # another run tidied up at the same time
    fits = sorted((path for path in ages if path.suffix == ".npz"), key=ages.__getitem__)
    half = [path for path in ages if path.suffix == ".part" and ages[path] < time.time() - _ABANDONED]
    for path in (*fits[:-_KEPT], *half):
        path.unlink(missing_ok=True)
