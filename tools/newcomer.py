"""Walk a newcomer's path: the steps of "Start here", copied from the page, in an empty folder.

    python tools/newcomer.py [--page docs/index.md]

Needs nothing but the standard library. The commands run one after the other in one shell without
packages; tables are saved under the names the page gives them, and Python runs as a script. Prints
the seconds of every command and of the whole; exits with 1 at the first that fails.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

__all__ = ["main", "steps"]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "index.md"
FENCE = re.compile(r"^```(console|python|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([\w-]+\.csv)`")


def steps(page: str) -> Iterator[tuple[str, str]]:
    """Yield what a page asks for, in its order.

    ``("run", command)``, ``("python", code)`` or ``(file, table)``: a table is saved under the last name that
    the prose before it puts in backquotes.
    """
    for block in FENCE.finditer(page):
        kind, body = block.groups()
        if kind == "console":
            for line in body.splitlines():
                if line.startswith("$ "):
                    yield "run", line.removeprefix("$ ")
        elif kind == "python":
            yield "python", body
        else:
            yield NAMED.findall(page[: block.start()])[-1], body


def script(work: list[tuple[str, str]], folder: Path) -> str:
    """Return a shell script of all steps, so that what one sets up the next finds."""
    lines = ["set -eu", "clock() { date +%s.%N; }"]
    for number, (what, body) in enumerate(work):
        if what not in ("run", "python"):
            (folder / f"given{number}").write_text(body, encoding="utf-8")
            lines.append(f"cp given{number} {what}")
            continue
        command = body
        if what == "python":
            (folder / f"step{number}.py").write_text(body, encoding="utf-8")
            command = f"python step{number}.py"
        lines += [
            "began=$(clock)",
            f"{{ {command}; }} >step{number}.out 2>step{number}.err || "
            f"{{ cat step{number}.out step{number}.err; echo {quote(f'failed: {command}')}; exit 1; }} >&2",
            'took=$(echo "$(clock) $began" | awk \'{ printf "%8.1f", $1 - $2 }\')',
            f'echo "$took s  "{quote(command)}',
        ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Walk the path of a page; return 0 if every step of it worked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    work = list(steps(options.page.read_text(encoding="utf-8")))
    drop = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "VOTESHIFT_CACHE"}
    environment = {name: value for name, value in os.environ.items() if name not in drop}
    with tempfile.TemporaryDirectory(prefix="newcomer-") as name:
        folder = Path(name)
        (folder / "voteshift").symlink_to(ROOT)  # the checkout, where the page expects it
        (folder / "cache").mkdir()
        environment |= {"XDG_CACHE_HOME": str(folder / "cache"), "NUMBA_CACHE_DIR": str(folder / "cache")}
        began = time.perf_counter()
        code = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", script(work, folder)],
            cwd=folder,
            env=environment,
            check=False,
        ).returncode
        took = time.perf_counter() - began
        if not code and not (folder / "report.html").stat().st_size:
            print("report.html is empty", file=sys.stderr)
            code = 1
    print(f"{took:8.1f} s  in all: {'the path holds' if not code else 'the path breaks off'}", flush=True)
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
