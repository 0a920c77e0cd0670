"""Kill a command at random moments and look at what it left: run by test_killed.py.

    python killing.py FOLDER KILLS SEED COMMAND ARGUMENT...

The command is run to the end, to see how long it takes and what it writes; then in children that are killed
with SIGKILL after a random part of that time. What stands at OUT in the folder must each time be whole: what
was there before, or what the whole run wrote. Prints one JSON object.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from voteshift.cli.app import app


def run(arguments: list[str]) -> None:
    """Run the command line in this process, its output thrown away."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    app(arguments, standalone_mode=False)


def child(arguments: list[str]) -> int:
    """Fork a child that runs the command; return its id."""
    process = os.fork()
    if not process:
        try:
            run(arguments)
        finally:
            os._exit(0)
    return process


def contents(out: Path) -> dict[str, bytes]:
    """Return what stands there: a file, the files of a folder, or nothing, hidden leftovers aside."""
    files = [out] if out.is_file() else sorted(out.glob("*")) if out.is_dir() else []
    return {path.name: path.read_bytes() for path in files if not path.name.startswith(".")}


def whole(name: str, now: bytes, known: set[bytes]) -> bool:
    """Return whether a file is an old or a new one; results that hold a time are whole if they parse."""
    if now in known:
        return True
    if name.endswith(".json"):
        return isinstance(json.loads(now), dict)
    return name.endswith(".html") and now.rstrip().endswith(b"</html>")


def main() -> None:
    """Kill, look, count."""
    folder, kills, seed, *arguments = sys.argv[1:]
    os.chdir(folder)
    out = Path("OUT" + next((word[3:] for word in arguments if word.startswith("OUT.")), ""))
    before = contents(out)
    times = []
    for _ in range(2):  # the first run may compile
        begun = time.monotonic()
        os.waitpid(child(arguments), 0)
        times.append(time.monotonic() - begun)
    after = contents(out)
    assert after, "the command wrote nothing"
    randomness = random.Random(int(seed))  # noqa: S311
    killed = changed = 0
    halves: list[str] = []
    for number in range(int(kills)):
        if number % 2 and out.is_file():
            out.write_bytes(before.get(out.name, b""))
        process = child(arguments)
        time.sleep(randomness.random() * times[1] * 1.05)
        os.kill(process, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(process, 0)[1])
        now = contents(out)
        for name, content in now.items():
            known = {before.get(name, b""), after.get(name, b"")}
            if not whole(name, content, known):
                halves.append(f"{name} after kill {number}: {len(content)} bytes")
            changed += content != before.get(name)
    leftovers = len([path for path in Path().iterdir() if path.name.startswith(".OUT")])
    report = {"kills": killed, "seconds": times[1], "halves": halves, "new": changed, "leftovers": leftovers}
    sys.__stdout__.write(json.dumps(report))


if __name__ == "__main__":
    main()
