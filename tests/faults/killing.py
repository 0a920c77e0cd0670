"""End a command at random moments and look at what it left: run by test_killed.py.

    python killing.py FOLDER SIGNAL KILLS SEED COMMAND ARGUMENT...

The command is run to the end, to see how long it takes and what it writes; then again and again, each run
ended by SIGNAL after a random part of that time. What stands at OUT in the folder must each time be whole:
what was there before, or what the whole run wrote. Prints one JSON object.

KILL ends children of this process, which have the libraries loaded: all their time is the command's. Any
other signal is sent to the program as a person starts it, imports included, once it has taken over its
signals: earlier it is Python that is interrupted, before the first line of ours.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from voteshift.cli.app import app

#: Where Linux says which signals a process catches.
STATUS = "/proc/{}/status"
#: What Python writes where an exception ends in nobody's hands.
SIGNS = ("Traceback", "Exception ignored", "Fatal")


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


def program(arguments: list[str]) -> "subprocess.Popen[str]":
    """Start the program and return it once it catches SIGTERM, which Python by itself does not."""
    process = subprocess.Popen(
        [sys.executable, "-m", "voteshift", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wanted = 1 << (signal.SIGTERM - 1)
    while process.poll() is None:
        lines = Path(STATUS.format(process.pid)).read_text(encoding="ascii").splitlines()
        caught = [line.split()[1] for line in lines if line.startswith("SigCgt:")]
        if caught and int(caught[0], 16) & wanted:
            break
        time.sleep(0.001)
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


def duration(arguments: list[str], number: signal.Signals) -> float:
    """Run the command twice to the end, the first time to compile; return how long the second took."""
    seconds = 0.0
    for _ in range(2):
        if number == signal.SIGKILL:
            begun = time.monotonic()
            os.waitpid(child(arguments), 0)
        else:
            process = program(arguments)
            begun = time.monotonic()
            messages = process.communicate()[1]
            assert process.returncode == 0, messages
        seconds = time.monotonic() - begun
    return seconds


def end(arguments: list[str], number: signal.Signals, delay: float) -> tuple[int, str]:
    """Run the command, send the signal after a while, and return the exit code and the messages."""
    if number == signal.SIGKILL:
        process = child(arguments)
        time.sleep(delay)
        os.kill(process, number)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), ""
    started = program(arguments)
    time.sleep(delay)
    started.send_signal(number)
    messages = started.communicate()[1]
    return started.returncode, messages


def leftovers() -> list[str]:
    """Return the names of files that were begun and not moved to their place."""
    places = [Path(), *(path for path in Path().iterdir() if path.name == "OUT" and path.is_dir())]
    return [path.name for place in places for path in place.iterdir() if path.name.startswith(".")]


def main() -> None:
    """End, look, count."""
    folder, name, kills, seed, *arguments = sys.argv[1:]
    number = signal.Signals[f"SIG{name}"]
    #: What a run exits with where the signal reached it in time.
    expected = 130 if number == signal.SIGINT else -number
    os.chdir(folder)
    # A job in the background of a script ignores interrupts, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out = Path("OUT" + next((word[3:] for word in arguments if word.startswith("OUT.")), ""))
    before = contents(out)
    seconds = duration(arguments, number)
    after = contents(out)
    assert after or not any(word.startswith("OUT") for word in arguments), "the command wrote nothing"
    randomness = random.Random(int(seed))  # noqa: S311
    ended = changed = 0
    halves: list[str] = []
    tracebacks: list[str] = []
    codes: dict[str, int] = {}
    for attempt in range(int(kills)):
        if attempt % 2 and out.is_file():
            out.write_bytes(before.get(out.name, b""))
        code, messages = end(arguments, number, randomness.random() * seconds * 1.05)
        ended += code == expected
        codes[str(code)] = codes.get(str(code), 0) + 1
        if code not in (0, expected) or any(sign in messages for sign in SIGNS):
            tracebacks.append(messages[-2000:])
        now = contents(out)
        for file, content in now.items():
            known = {before.get(file, b""), after.get(file, b"")}
            if not whole(file, content, known):
                halves.append(f"{file} after {attempt}: {len(content)} bytes")
            changed += content != before.get(file)
    report = {
        "kills": ended,
        "codes": codes,
        "seconds": seconds,
        "halves": halves,
        "tracebacks": tracebacks,
        "new": changed,
        "leftovers": leftovers(),
    }
    sys.__stdout__.write(json.dumps(report))


if __name__ == "__main__":
    main()
