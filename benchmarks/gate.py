"""Compare the speed of two checkouts in one run.

    python benchmarks/gate.py ../before .

Both are driven by this folder's bench sets, each in a separate process that stays alive; they take turns,
so what else the machine does falls on both. Exit status 1 if a case became slower: by more than 15 % and by
more than 0.05 s, both of medians.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from worker import environment

__all__ = ["CASES", "Verdict", "compare", "main", "verdict"]

SETS = Path(__file__).parents[1] / "src" / "voteshift" / "bench" / "sets.py"
CASES = (
    "import",
    "explain",
    "kernel-L-logit",
    "kernel-L-probit",
    "kernel-ORD-logit",
    "fit-M",
    "fit-L",
    "fit-ORD",
)
SHARE, SECONDS = 0.15, 0.05
"""A case is slower when it is so by more than both."""

_BATCH = 0.5
"""Seconds a repeat of a short case takes: enough for 15 % to be more than 0.05 s."""


@dataclass(frozen=True)
class Verdict:
    """Comparison of one case; `slower` decides, `head` is None where it cannot run."""

    case: str
    base: float | None
    head: float | None
    slower: bool

    def __str__(self) -> str:
        if self.base is None or self.head is None:
            words = "runs in neither" if self.base is self.head else "no longer runs" if self.base else "new"
            return f"{self.case:18} {words}"
        change = 100 * (self.head / self.base - 1)
        mark = "  SLOWER" if self.slower else ""
        return f"{self.case:18} {self.base:8.3f} s {self.head:8.3f} s {change:+6.1f} %{mark}"


def verdict(case: str, base: Sequence[float] | None, head: Sequence[float] | None) -> Verdict:
    """Decide one case from the seconds of its repeats; None or nothing where a checkout cannot run it.

    >>> verdict("fit", [1.00, 1.01, 0.99], [1.20, 1.21, 1.19]).slower
    True
    >>> verdict("fit", [0.100, 0.101], [0.140, 0.141]).slower  # 40 %, but 0.04 s
    False
    """
    before = statistics.median(base) if base else None
    after = statistics.median(head) if head else None
    if before is None or after is None:
        return Verdict(case, before, after, slower=before is not None)
    slower = after > (1 + SHARE) * before and after - before > SECONDS
    return Verdict(case, before, after, slower)


class Runner:
    """A process that runs cases with the voteshift of one checkout."""

    def __init__(self, checkout: Path, threads: int) -> None:
        self.source = checkout.resolve() / "src"
        if not (self.source / "voteshift").is_dir():
            raise SystemExit(f"{checkout} holds no src/voteshift")
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(self.source)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(threads, {"PYTHONPATH": str(self.source)}),
        )

    def ask(self, case: str, calls: int) -> dict[str, Any]:
        """Run a case some times; the answer holds seconds, or an error."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the process has no pipes")
        print(json.dumps([case, calls]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": "the process ended"}

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()


def compare(
    base: Path,
    head: Path,
    cases: Sequence[str],
    repeats: int,
    threads: int,
    say: Callable[[str], None] = print,
) -> list[Verdict]:
    """Run the cases in both checkouts, taking turns, and decide each."""
    runners = {"base": Runner(base, threads), "head": Runner(head, threads)}
    results = []
    try:
        for case in cases:
            warm = {name: runner.ask(case, 1) for name, runner in runners.items()}  # compiles or loads
            once = {name: runner.ask(case, 1) for name, runner in runners.items()}
            able = [name for name, answer in once.items() if "seconds" in answer]
            for name in set(runners) - set(able):
                say(f"{case}: {name} cannot run it: {warm[name].get('error')}")
            times: dict[str, list[float]] = {"base": [], "head": []}
            fastest = min((once[name]["seconds"] for name in able), default=1.0)
            calls = max(1, round(_BATCH / max(fastest, 1e-6)))
            for repeat in range(repeats):
                # Whoever goes first changes: what follows a pause is not always as fast.
                for name in able if repeat % 2 == 0 else able[::-1]:
                    times[name].append(runners[name].ask(case, calls)["seconds"])
            results.append(verdict(case, times["base"], times["head"]))
            say(str(results[-1]))
    finally:
        for runner in runners.values():
            runner.close()
    return results


def _serve(source: str) -> int:
    """Answer one line per request; whatever a case prints goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    prepared: dict[str, Callable[[], Any]] = {}
    for line in sys.stdin:
        case, calls = json.loads(line)
        try:
            if case not in prepared:
                prepared[case] = _prepare(case, source)
            began = time.perf_counter()
            for _ in range(calls):
                prepared[case]()
            answer: dict[str, Any] = {"seconds": time.perf_counter() - began}
        except Exception as error:  # noqa: BLE001  # another checkout may fail in any way
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
    return 0


def _prepare(case: str, source: str) -> Callable[[], Any]:
    """Return a case as a function of nothing."""
    import numpy as np
    import pandas as pd

    import voteshift as vs

    if not Path(vs.__file__).is_relative_to(source):
        raise RuntimeError(f"voteshift was imported from {vs.__file__}")
    kind, _, rest = case.partition("-")
    if kind == "import":
        command = [sys.executable, "-c", "import voteshift; voteshift.load_hrc()"]
        return lambda: subprocess.run(command, check=True, env=os.environ)
    if kind == "explain":
        record = vs.load_hrc()
        return lambda: vs.explain(record, "mutually-beneficial-cooperation")
    dataset, _, link = rest.partition("-")
    drawn = _bench_set(dataset)
    if kind == "kernel":
        from voteshift.likelihood import evaluate

        point = drawn.parameters(link)
        how: dict[str, Any] = {"link": link, "precision": "float32" if link == "logit" else "float64"}
        return lambda: evaluate(drawn.design, *point, threads=1, **how)
    if kind == "fit":
        votes = np.where((drawn.design.codes == 1) & (dataset != "ORD"), np.int8(2), drawn.design.codes)
        ids = [
            [f"{letter}{number}" for number in range(n)] for letter, n in zip("MR", votes.shape, strict=True)
        ]
        rollcalls = vs.RollCalls(votes, pd.DataFrame(index=ids[0]), pd.DataFrame(index=ids[1]))
        return lambda: vs.IdealPoints(link="probit", threads=1).fit(rollcalls)
    raise ValueError(f"{case!r} is not a case")


def _bench_set(name: str) -> Any:
    """Draw a bench set as this checkout does, also for a checkout that knows none."""
    spec = importlib.util.spec_from_file_location("sets_of_the_gate", SETS)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{SETS} cannot be loaded")
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module.bench_set(name)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["--serve"]:
        return _serve(words[1])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path, help="checkout to compare with")
    parser.add_argument("head", type=Path, help="checkout that may have become slower")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--repeats", type=int, default=9, help="fewer let a busy machine decide")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(words)
    print(f"{'case':18} {'base':>10} {'head':>10}")
    results = compare(options.base, options.head, options.cases, options.repeats, options.threads)
    slower = [one.case for one in results if one.slower]
    print(f"slower: {', '.join(slower)}" if slower else "no case is slower")
    return 1 if slower else 0


if __name__ == "__main__":
    raise SystemExit(main())
