"""Fuzz the command line: every command and option, with odd values, on records of a few votes.

Commands and options are taken from click's tree. These are failures: a traceback; an exit code other than 0,
1, 2, 3 or 130; nothing on stderr though the code is not 0; JSON that does not parse though --json was given
and the code is 0; an error nobody foresaw; more than 5 seconds in a cheap command; half a file. One line in
two hundred runs in a separate process.

    python tools/fuzz_command_line.py --runs 20000 --seed 1
    python tools/fuzz_command_line.py --seed 1 --only 4711
"""

import argparse
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.command_lines import CHEAP, Line, draw_line, write_small_records
from fuzz.worker import GIB, Worker

__all__ = ["fuzz", "main"]

_BATCH = 25
_CODES = {0, 1, 2, 3, 130}


def _snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _judge(  # noqa: PLR0911
    line: Line, answer: dict[str, Any], before: dict[str, bytes], after: dict[str, bytes]
) -> tuple[str, str]:
    """Return the kind of the failure and a sentence, or two empty texts."""
    outcome = answer["outcome"]
    if outcome in {"hung", "died", "memory"} or answer.get("peak", 0) > 2 * GIB:
        return (
            outcome if outcome != "ended" else "memory",
            f"{answer['seconds']:.1f} s, peak {answer.get('peak', 0) / 2**20:.0f} MiB",
        )
    if outcome in {"crashed", "refused"} or "crash" in answer:
        trace = answer.get("crash") or answer.get("trace") or answer["message"]
        return "traceback", trace.strip().splitlines()[-1][:300]
    if "Traceback (most recent call last)" in answer["err"]:
        return "traceback", answer["err"].strip().splitlines()[-1][:300]
    if "did not foresee" in answer["err"]:
        return "unforeseen", answer["err"].strip()[:300]
    code = answer["code"]
    if code not in _CODES:
        return "exit code", f"{code}"
    findings = (
        line.command == "check" and code == 3 and answer["out"].strip()
    )  # what check finds is its result
    if code != 0 and not answer["err"].strip() and not findings:
        return "silent", f"exit code {code} and nothing on stderr"
    if line.json and code == 0:
        try:
            json.loads(answer["out"], parse_constant=_no_constant)
        except ValueError as error:
            return "not JSON", f"{error}: {answer['out'][:100]!r}"
    return _judge_files(line, code, before, after)


def _judge_files(line: Line, code: int, before: dict[str, bytes], after: dict[str, bytes]) -> tuple[str, str]:
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    hidden = [name for name in changed if any(part.startswith(".") for part in Path(name).parts)]
    if hidden:
        return "left behind", f"{hidden} after exit code {code}"
    if changed and code > 1:
        return "half-written", f"exit code {code}, yet {changed[:3]} changed"
    for name in changed:
        if name.endswith(".html") and not after.get(name, b"").rstrip().endswith(b"</html>"):
            return "half-written", f"{name} does not end"
        if name.endswith(".json"):
            try:
                json.loads(after[name], parse_constant=_no_constant)
            except (KeyError, ValueError) as error:
                return "half-written", f"{name}: {error}"
        # `--out .` writes into the folder of the command itself.
        values = {piece.rpartition("=")[2] for piece in line.arguments}
        if "." not in values and not any(name.partition("/")[0] in piece for piece in line.arguments):
            return "written elsewhere", name
    return "", ""


def _run_apart(line: Line, folder: Path, rng: random.Random) -> dict[str, Any]:
    """Run a line as a process, in one locale or the other."""
    source = str(Path(__file__).parents[1] / "src")
    paths = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
    environment = os.environ | {
        "PYTHONPATH": paths,
        "LC_ALL": rng.choice(["C", "C.UTF-8"]),
        "PYTHONUTF8": "0",
    }
    arguments = [piece.encode("utf-8", "surrogateescape") for piece in line.arguments]
    begun = time.monotonic()
    try:
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "voteshift", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
            timeout=600,
        )
    except subprocess.TimeoutExpired:
        return {"outcome": "hung", "seconds": 600.0}
    texts = {
        name: stream.decode("utf-8", "replace")
        for name, stream in (("out", ended.stdout), ("err", ended.stderr))
    }
    return {"outcome": "ended", "code": ended.returncode, "seconds": time.monotonic() - begun, **texts}


def fuzz(
    numbers: range,
    seed: int,
    *,
    folder: Path = Path("fuzz-found"),
    module: str = "voteshift.cli.app",
    apart: int = 200,
    seconds: float = 5.0,
) -> dict[str, Any]:
    """Try the lines of some numbers; keep those that fail under `folder`.

    Parameters
    ----------
    numbers : range
        Numbers of the lines: seed and number say everything about a line.
    seed : int
        Of the random numbers.
    folder : Path
        File ``command-lines.jsonl`` in it lists what fails.
    module : str
        Module with ``app``.
    apart : int
        One line in so many runs in a separate process.
    seconds : float
        Processor time that a cheap command may take.

    Returns
    -------
    dict
        Counts: of lines, failures, exit codes by command.
    """
    codes: dict[str, Counter[str]] = {}
    failures: Counter[str] = Counter()
    slowest = 0.0
    begun = time.monotonic()
    with (
        Worker(module, seconds=seconds, memory=8 * GIB) as worker,
        tempfile.TemporaryDirectory() as scratch,
        _own_cache(Path(scratch) / "fits"),
    ):
        model = Path(scratch) / "records"
        write_small_records(model)
        before = _snapshot(model)
        (answer,) = worker.ask([{"do": "tree", "seconds": 60.0}])
        for start in range(numbers.start, numbers.stop, _BATCH):
            batch = range(start, min(start + _BATCH, numbers.stop))
            for one in _try_batch(seed, batch, worker, answer["tree"], model, apart):
                kind, detail = _judge(one.line, one.answer, before, _snapshot(one.folder))
                codes.setdefault(one.line.command, Counter())[
                    str(one.answer.get("code", one.answer["outcome"]))
                ] += 1
                if one.line.command in CHEAP and not one.apart:
                    slowest = max(slowest, one.answer["seconds"])
                if kind:
                    failures[kind] += 1
                    _keep(folder, one.line, kind, detail, seed, one.number, one.answer)
                shutil.rmtree(one.folder)
            if (start - numbers.start) // 500 != (batch.stop - numbers.start) // 500:
                spent = time.monotonic() - begun
                print(
                    f"{batch.stop - numbers.start} of {len(numbers)} in {spent:.0f} s: {dict(failures)}",
                    file=sys.stderr,
                )
    return {
        "runs": len(numbers),
        "failures": sum(failures.values()),
        "failures_by_kind": dict(failures),
        "slowest_cheap_seconds": round(slowest, 2),
        "exit_codes": {command: dict(sorted(counts.items())) for command, counts in sorted(codes.items())},
    }


@contextmanager
def _own_cache(folder: Path) -> Iterator[None]:
    """Keep the fits of the lines away from the user's."""
    before = os.environ.get("VOTESHIFT_CACHE")
    os.environ["VOTESHIFT_CACHE"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["VOTESHIFT_CACHE"]
        else:
            os.environ["VOTESHIFT_CACHE"] = before


@dataclass
class _Input:
    """A line of a batch: its number, its folder and what came of it."""

    number: int
    line: Line
    folder: Path
    apart: bool
    answer: dict[str, Any] = field(default_factory=dict)


def _try_batch(
    seed: int, numbers: range, worker: Worker, tree: list[dict[str, Any]], model: Path, apart: int
) -> list[_Input]:
    inputs = []
    for number in numbers:
        rng = random.Random(f"{seed}:{number}")  # noqa: S311
        line = draw_line(rng, tree)
        folder = model.parent / str(number)
        shutil.copytree(model, folder)
        # Bytes that are no UTF-8 come to a process alone: it decides how its streams write them.
        foreign = any("\udcff" in piece for piece in line.arguments)
        inputs.append(_Input(number, line, folder, rng.randrange(apart) == 0 or foreign))
        if inputs[-1].apart:
            inputs[-1].answer = _run_apart(line, folder, rng)
    within = [one for one in inputs if not one.apart]
    requests = [
        {"do": "command", "folder": str(one.folder), "arguments": one.line.arguments} for one in within
    ]
    for one, request in zip(within, requests, strict=True):
        if one.line.command not in CHEAP:
            request["seconds"] = one.line.seconds
    for one, answer in zip(within, worker.ask(requests), strict=True):
        one.answer = answer
    return inputs


def _keep(
    folder: Path, line: Line, kind: str, detail: str, seed: int, number: int, answer: dict[str, Any]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    entry = {
        "failure": kind,
        "detail": detail,
        "line": "voteshift " + shlex.join(line.arguments),
        "again": f"python tools/fuzz_command_line.py --seed {seed} --only {number}",
        "trace": answer.get("crash") or answer.get("trace"),
        "err": answer.get("err", "")[-1000:],
    }
    with (folder / "command-lines.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    print(f"{kind}: {entry['line'][:300]!r}: {detail} ({seed}:{number})", file=sys.stderr)


def main() -> int:
    """Run the command line; return 1 if any line failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=2000, help="how many lines")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers")
    parser.add_argument("--only", type=int, help="try the line of this number alone")
    arguments = parser.parse_args()
    numbers = range(arguments.runs) if arguments.only is None else range(arguments.only, arguments.only + 1)
    counts = fuzz(numbers, arguments.seed)
    print(json.dumps(counts, indent=1))
    return 1 if counts["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
