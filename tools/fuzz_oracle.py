"""Fuzz the readers against an oracle: every file is read right, or refused with place and remedy.

Records are drawn and written in the layouts that docs/data.md and docs/formats.md describe. Most files are
then damaged, and an independent reading (fuzz/tables.py, fuzz/own.py, fuzz/netcdf.py) says what must come of
them. Failures are a record that differs without an error, any exception but a VoteshiftError with file and
remedy, more than 5 seconds of processor time, and more than 1 GiB of memory.

    python tools/fuzz_oracle.py --runs 100000 --seed 1
    python tools/fuzz_oracle.py --seed 1 --only 4711        # one input again, kept under fuzz-found/
"""

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.cases import LAYOUTS, Case, draw_case
from fuzz.expected import Expected
from fuzz.judge import Verdict, judge, judge_check
from fuzz.netcdf import damage_netcdf
from fuzz.worker import GIB, Worker

__all__ = ["Tally", "fuzz", "main"]

_KEPT_OF_A_KIND = 6
_BATCH = 50


class Tally:
    """Counts of outcomes by layout, and the failures."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Counter[str]] = {}
        self.failures: Counter[str] = Counter()
        self.checks = 0
        self.seconds = 0.0
        self.peak = 0
        self._kept: Counter[tuple[str, str]] = Counter()

    def add(self, case: Case, answer: dict[str, Any], verdicts: list[Verdict]) -> None:
        """Count an input."""
        self.outcomes.setdefault(case.layout, Counter())[verdicts[0].outcome] += 1
        self.checks += answer.get("checked", False)
        self.seconds, self.peak = max(self.seconds, answer["seconds"]), max(self.peak, answer["peak"])
        self.failures.update(verdict.failure for verdict in verdicts if verdict.failure)

    def kept(self, kind: str, layout: str) -> int:
        """Count one more failure of a kind in a layout."""
        self._kept[kind, layout] += 1
        return self._kept[kind, layout]

    def summary(self) -> dict[str, object]:
        """Return the counts as a document."""
        total: Counter[str] = sum(self.outcomes.values(), Counter())
        runs = sum(total.values())
        return {
            "runs": runs,
            "failures": sum(self.failures.values()),
            "failures_by_kind": dict(self.failures),
            "outcomes": dict(total),
            "share_equal_to_the_oracle": round(total["equal"] / max(runs, 1), 4),
            "checked": self.checks,
            "longest_seconds": round(self.seconds, 2),
            "peak_mebibytes": self.peak // 2**20,
            "layouts": {layout: dict(outcomes) for layout, outcomes in sorted(self.outcomes.items())},
        }


@dataclass
class _Input:
    """An input of a batch: its number, its random numbers, its folder and what came of it."""

    number: int
    rng: random.Random
    folder: Path
    case: Case
    path: Path
    answer: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)


def _draw(seed: int, number: int, scratch: Path, layout: str | None) -> _Input:
    rng = random.Random(f"{seed}:{number}")  # noqa: S311
    folder = scratch / str(number)
    folder.mkdir()
    case = draw_case(rng, layout)
    return _Input(number, rng, folder, case, case.write(folder))


def _make_netcdf(inputs: list[_Input], worker: Worker) -> None:
    """Let the library write the netCDF files of records, then damage them."""
    inputs = [one for one in inputs if one.case.layout == "netcdf"]
    answers = worker.ask(
        [{"do": "write", "path": str(one.path), "target": str(one.folder / "votes.nc")} for one in inputs]
    )
    for one, written in zip(inputs, answers, strict=True):
        one.path.unlink()
        one.path = one.folder / "votes.nc"
        if written["outcome"] == "written":
            expected, changes = damage_netcdf(one.rng, one.path, one.case.expected)
        else:
            if written["outcome"] != "refused":
                one.verdicts.append(judge(written, one.case.expected, memory=GIB))
            one.path.write_bytes(b"")
            expected, changes = (
                Expected(reason="never written", unsure=True),
                [f"not written: {written}"[:500]],
            )
        one.case = Case("netcdf", "votes.nc", {"votes.nc": one.path.read_bytes()}, expected, changes)


def _try_batch(seed: int, numbers: range, worker: Worker, scratch: Path, layout: str | None) -> list[_Input]:
    """Draw the inputs of some numbers, read all and check every third; return them with their verdicts."""
    inputs = [_draw(seed, number, scratch, layout) for number in numbers]
    _make_netcdf(inputs, worker)
    for one, answer in zip(
        inputs, worker.ask([{"do": "read", "path": str(one.path)} for one in inputs]), strict=True
    ):
        one.answer = answer
        one.verdicts.append(judge(answer, one.case.expected, memory=GIB))
    checked = [one for one in inputs if one.number % 3 == 0 and not one.verdicts[0].failure]
    for one, answer in zip(
        checked, worker.ask([{"do": "check", "path": str(one.path)} for one in checked]), strict=True
    ):
        one.verdicts.append(judge_check(answer, one.answer, memory=GIB))
        one.answer["checked"] = True
    for one in inputs:
        shutil.rmtree(one.folder)
    return inputs


def _keep(case: Case, kind: str, verdict: Verdict, seed: int, number: int, kept: Path) -> Path:
    folder = kept / f"{re.sub('[^a-z]+', '-', kind)}-{case.layout}-{seed}-{number}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    case.write(folder)
    (folder / "case.json").write_text(
        json.dumps(
            {
                "again": f"python tools/fuzz_oracle.py --seed {seed} --only {number}",
                "failure": kind,
                "detail": verdict.detail,
                "changes": case.changes,
                "expected": case.expected.document,
                "reason": case.expected.reason,
            },
            ensure_ascii=False,
            indent=1,
        )
    )
    return folder


def fuzz(
    numbers: range,
    seed: int,
    *,
    folder: Path = Path("fuzz-found"),
    module: str = "voteshift.readers",
    layout: str | None = None,
    seconds: float = 5.0,
) -> Tally:
    """Try the inputs of some numbers; keep those that fail under `folder`.

    Parameters
    ----------
    numbers : range
        Numbers of the inputs: seed and number say everything about an input.
    seed : int
        Of the random numbers.
    folder : Path
        Folder for inputs that fail.
    module : str
        Module with ``read`` and ``check_file``.
    layout : str, optional
        Draw this layout alone.
    seconds : float
        Processor time that a reading may take.
    """
    tally, begun = Tally(), time.monotonic()
    with Worker(module, seconds=seconds) as worker, tempfile.TemporaryDirectory() as scratch:
        for start in range(numbers.start, numbers.stop, _BATCH):
            batch = range(start, min(start + _BATCH, numbers.stop))
            for one in _try_batch(seed, batch, worker, Path(scratch), layout):
                tally.add(one.case, one.answer, one.verdicts)
                for verdict in one.verdicts:
                    kind = verdict.failure or (verdict.outcome if verdict.documented else "")
                    if kind and tally.kept(kind, one.case.layout) <= _KEPT_OF_A_KIND:
                        kept = _keep(one.case, kind, verdict, seed, one.number, folder)
                        print(f"{kept}: {verdict.detail[:300]} {one.case.changes[:4]}", file=sys.stderr)
            if (start - numbers.start) // 1000 != (batch.stop - numbers.start) // 1000:
                spent = time.monotonic() - begun
                print(
                    f"{batch.stop - numbers.start} of {len(numbers)}, {spent:.0f} s: {dict(tally.failures)}",
                    file=sys.stderr,
                )
    return tally


def main() -> int:
    """Run the command line; return 1 if anything failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=10_000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers")
    parser.add_argument("--only", type=int, help="try the input of this number alone")
    parser.add_argument("--layout", choices=sorted(LAYOUTS), help="draw this layout alone")
    arguments = parser.parse_args()
    numbers = range(arguments.runs) if arguments.only is None else range(arguments.only, arguments.only + 1)
    tally = fuzz(numbers, arguments.seed, layout=arguments.layout)
    print(json.dumps(tally.summary(), indent=1))
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
