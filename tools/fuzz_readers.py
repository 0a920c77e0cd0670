"""Throw damaged files at every reader: nothing but an `InputError` that names its place may come back.

    python tools/fuzz_readers.py --runs 100000 --seed 1          plain mutation, needs nothing
    python tools/fuzz_readers.py --atheris FOLDER -runs=100000   guided by coverage, needs atheris

The corpus is small and made by this script itself, one whole file of every format; `--corpus FOLDER` writes
it. An input that provokes anything but an `InputError` with file and remedy is written to `fuzz-found/`, and
the exit code is 1; so is one that asks for gigabytes. One whose reading does not end stops the run after a
minute, and is left in `fuzz-found/reading/`. The report on stdout is one JSON object.
"""

import argparse
import faulthandler
import gzip
import hashlib
import importlib
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from voteshift.errors import InputError, UsageError
from voteshift.readers import FORMATS, check_file, read
from voteshift.rollcalls import RollCalls
from voteshift.writers import write

FOUND = Path("fuzz-found")
STUCK_SECONDS = 60.0
MOST_BYTES = 8 << 30
ROOT = Path(__file__).parents[1]
#: Fragments that mean something to one reader or another.
TOKENS = [token.encode("utf-8", "surrogateescape") for token in (
    ", \t ; \" \n \r\n \0 member rollcall vote yes rcid iso2 ccode undl_id ms_vote icpsr cast_code "
    "rollnumber NaN -1 1e999 null 2001-13-45 =1+1 AFG Yugoslavia ../../etc/passwd"
).split(" ")] + [
    b"9" * 40, b"[" * 3000, b'{"format": "voteshift"', b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b",
    b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\x00\x00\x00", "\u2028".encode(),
]  # fmt: skip


def corpus() -> list[tuple[str, bytes]]:
    """Return one small whole file of every format, with its suffix."""
    votes = np.array([[2, 0, -1], [1, 2, -3], [0, -2, 2]], dtype=np.int8)
    facts = pd.DataFrame(
        {"date": ["2001-02-03", "2002-02-03", None], "title": "On fish", "session": ["1", "2", "2"]},
        index=["r1", "r2", "r3"],
    )
    record = RollCalls(votes, pd.DataFrame({"group": "X"}, index=["FRA", "m2", "m3"]), facts)
    files: list[tuple[str, bytes]] = []
    with tempfile.TemporaryDirectory() as folder:
        names = [("a.voteshift", None), ("b.voteshift.gz", None), ("e.nc", None)]
        for name, format in [*names, ("c.csv", "long"), ("d.tsv", "wide")]:
            write(record, Path(folder, name), format=format)
            files.append((Path(name).suffix, Path(folder, name).read_bytes()))
        write(record, Path(folder, "vv"), format="voteview")
        files.append((".csv", Path(folder, "vv", "votes.csv").read_bytes()))
    table = pd.DataFrame({"member": ["a", "b"], "rollcall": ["1", "1"], "vote": ["yes", "no"]})
    for save in (table.to_excel, table.to_parquet):
        stream = io.BytesIO()
        save(stream, index=False)
        files.append((".bin", stream.getvalue()))
    rda = ROOT / "tests" / "readers" / "rollcall.rda"
    if rda.is_file():
        files += [(".rda", rda.read_bytes()), (".rda", gzip.decompress(rda.read_bytes()))]
    kh = b"1094970041 0ALABAMA 20011SESSIONS   1690\n1099465941 0ALABAMA 10011SHELBY     6171\n"
    head = b"undl_id,ms_code,ms_vote,date,session,total_yes,title\n"
    undl = head + b"7,FRA,Y,2001-01-01,55,1,On fish\n7,YUG,X,2001-01-01,55,1,On fish\n"
    wide = b"undl_id,date,session,total_yes,FRANCE,YUGOSLAVIA\n7,2001-01-01,55,1,Y,X\n"
    words = b"rcid,iso2,country,vote,session,date\n3,US,United States,yes,1,1946-01-01\n"
    codes = b"rcid\tccode\tsession\tvote\n3\t2\t54\t1\n4\t345\t55\t9\n"
    return [*files, (".ord", kh), (".csv", undl), (".csv", wide), (".csv", words), (".tab", codes)]


def mutate(data: bytes, others: list[bytes], random: random.Random) -> bytes:
    """Return the data damaged in one to six ways."""
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        place = random.randrange(len(out) + 1)
        kind = random.randrange(8)
        if kind == 0 and out:
            out[place % len(out)] = random.randrange(256)
        elif kind == 1 and out:
            out[place % len(out)] ^= 1 << random.randrange(8)
        elif kind == 2:
            del out[place : place + random.randint(1, 20)]
        elif kind == 3:
            out[place:place] = random.choice(TOKENS)
        elif kind == 4:
            out[place:place] = bytes(random.randrange(256) for _ in range(random.randint(1, 8)))
        elif kind == 5:
            other = random.choice(others)
            begin = random.randrange(len(other) + 1)
            out[place:place] = other[begin : begin + random.randint(1, 60)]
        elif kind == 6:
            out[place:place] = out[place : place + random.randint(1, 40)] * random.randint(1, 3)
        else:
            del out[place:]
    return bytes(out)


class Target:
    """Reads inputs from one file and judges what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.formats = folder, list(FORMATS)
        self.outcomes: Counter[str] = Counter()
        self.slowest = 0.0

    def __call__(
        self, data: bytes, suffix: str = ".csv", format: str | None = None, folder: bool = False
    ) -> None:
        """Read one input; anything but a record or a good error is an `AssertionError` or itself."""
        path = self.folder / f"x{suffix}"
        if folder:
            path = self.folder / "folder"
            path.mkdir(exist_ok=True)
            for stem in ("votes", "rollcalls", "members"):
                (path / f"{stem}.csv").write_bytes(data)
        else:
            path.write_bytes(data)
        begun = time.perf_counter()
        error: InputError | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                read(path, format)
                self.outcomes["read"] += 1
            except InputError as caught:
                error = caught
                self.outcomes["refused"] += 1
            if format is None:
                wrong = any(finding.severity == "error" for finding in check_file(path))
                need(wrong == (error is not None), f"check says {wrong}, read says {error}")
        self.slowest = max(self.slowest, time.perf_counter() - begun)
        if error is not None:
            need(bool(error.file), f"no file: {error!r}")
            need(bool(error.remedy), f"no remedy: {error!r}")
            need("\n" not in str(error), f"several lines: {error!r}")
            need("memory" not in str(error).lower() and "allocate" not in str(error), f"too large: {error!r}")


def need(condition: bool, message: str) -> None:
    """Raise unless a condition holds, with optimisation too."""
    if not condition:
        raise AssertionError(message)


def plain(runs: int, seed: int, seconds: float) -> int:
    """Mutate the corpus at random."""
    randomness = random.Random(seed)  # noqa: S311
    files = corpus()
    contents = [data for _, data in files]
    failures: Counter[str] = Counter()
    begun, done = time.perf_counter(), 0
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))  # a time limit ends in a report
    folder = FOUND / "reading"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target = Target(folder)
    for _ in range(runs):
        suffix, data = randomness.choice(files)
        data = mutate(data, contents, randomness)
        forced = randomness.choice(target.formats) if randomness.random() < 0.1 else None
        # What goes round in compiled code hears no signal: this thread, which is C's, ends the process.
        faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True, file=sys.__stderr__)
        try:
            target(data, suffix, forced, folder=forced is None and randomness.random() < 0.05)
        except UsageError:
            target.outcomes["wrong usage"] += 1
        except Exception:  # noqa: BLE001  that is what it looks for
            keep(data, traceback.format_exc(), failures)
        done += 1
        if stopped or time.perf_counter() - begun > seconds:
            break
    faulthandler.cancel_dump_traceback_later()
    shutil.rmtree(folder)
    if not any(FOUND.iterdir()):
        FOUND.rmdir()
    report(target, done, failures, begun, seed)
    return 1 if failures else 0


def keep(data: bytes, trace: str, failures: Counter[str]) -> None:
    """Write an input that failed, once for each place it failed in."""
    place = "\n".join(line for line in trace.splitlines() if line.startswith("  File"))
    name = hashlib.sha256(place.encode()).hexdigest()[:12]
    if not failures[name]:
        FOUND.mkdir(exist_ok=True)
        (FOUND / name).write_bytes(data)
        (FOUND / f"{name}.txt").write_text(trace, encoding="utf-8")
    failures[name] += 1


def report(target: Target, runs: int, failures: Counter[str], begun: float, seed: int | None) -> None:
    """Print what happened."""
    seconds = time.perf_counter() - begun
    document = {
        "runs": runs, "seed": seed, "seconds": round(seconds, 1), "slowest_seconds": round(target.slowest, 2),
        **dict(target.outcomes), "failures": sum(failures.values()), "kinds": dict(failures),
    }  # fmt: skip
    print(json.dumps(document, indent=2))


def guided(arguments: list[str]) -> None:
    """Let atheris look for inputs that reach new code; the first failure stops it."""
    import atheris

    for name in [name for name in sys.modules if name.partition(".")[0] == "voteshift"]:
        del sys.modules[name]
    with atheris.instrument_imports(include=["voteshift"]):
        readers, errors = map(importlib.import_module, ("voteshift.readers", "voteshift.errors"))
    names = {"read": readers, "check_file": readers, "InputError": errors, "UsageError": errors}
    globals().update({name: getattr(module, name) for name, module in names.items()})
    folder = Path(tempfile.mkdtemp())
    target = Target(folder)
    begun = time.perf_counter()
    total = [0]

    def one(data: bytes) -> None:
        try:
            target(data)
        except UsageError:
            target.outcomes["wrong usage"] += 1
        total[0] += 1
        if total[0] % 10_000 == 0:
            report(target, total[0], Counter(), begun, None)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--corpus", type=Path, metavar="FOLDER", help="write the corpus there and stop")
    parser.add_argument(
        "--atheris", action="store_true", help="guided by coverage; what follows is for libFuzzer"
    )
    options, rest = parser.parse_known_args()
    if options.corpus:
        options.corpus.mkdir(parents=True, exist_ok=True)
        for position, (suffix, data) in enumerate(corpus()):
            (options.corpus / f"{position:02d}{suffix}").write_bytes(data)
    elif options.atheris:
        guided(rest)
    else:
        if rest:
            parser.error(f"unknown: {' '.join(rest)}")
        os.umask(0o077)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
        raise SystemExit(plain(options.runs, options.seed, options.seconds))


if __name__ == "__main__":
    main()
