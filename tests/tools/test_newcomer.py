"""The newcomer's path that .ci/run walks is what Start here says, and nothing that fails is passed over."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def newcomer(tool_script: Callable[[str], ModuleType]) -> ModuleType:
    return tool_script("newcomer")


def test_the_path_leads_from_the_install_to_votes_of_ones_own(newcomer: ModuleType, root: Path) -> None:
    path = list(newcomer.steps((root / "docs" / "index.md").read_text(encoding="utf-8")))
    kinds = [what for what, _ in path]
    commands = [body for what, body in path if what == "run"]
    wanted = (
        "pip install",
        "voteshift explain",
        "voteshift report",
        "voteshift check",
        "voteshift fit ideal",
    )
    found = [next(at for at, command in enumerate(commands) if want in command) for want in wanted]
    assert found == sorted(found)
    assert kinds.index("council.csv") < path.index(("run", commands[found[3]]))
    assert "python" in kinds


def test_ci_walks_it(root: Path) -> None:
    assert "python3 tools/newcomer.py" in (root / ".ci" / "run").read_text(encoding="utf-8")


PAGE = """Save it as `a.csv`, then

```csv
x,1
```

```console
$ export GREETING=hello
$ cat a.csv
```

```text
not run
```

```console
$ echo $GREETING $(cat a.csv) >heard.txt
```
"""


def walk(newcomer: ModuleType, page: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = newcomer.script(list(newcomer.steps(page)), folder)
    return subprocess.run(["/bin/sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)


def test_steps_share_one_shell_and_are_timed(newcomer: ModuleType, tmp_path: Path) -> None:
    done = walk(newcomer, PAGE, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "x,1\n"
    assert [line.split(" s  ")[1] for line in done.stdout.splitlines()][:2] == [
        "export GREETING=hello",
        "cat a.csv",
    ]
    assert all(float(line.split(" s ")[0]) >= 0 for line in done.stdout.splitlines())


def test_the_first_step_that_fails_ends_the_walk(newcomer: ModuleType, tmp_path: Path) -> None:
    done = walk(newcomer, "```console\n$ echo no >&2; false\n$ echo never\n```\n", tmp_path)
    assert done.returncode == 1
    assert "failed: echo no" in done.stderr
    assert "never" not in done.stdout
