"""The examples run as they are, and say what they are there to say."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from figures import holds

SCRIPTS = {
    "trio": """
        22 sat both times, 9 of them switched: AUS, CHL, COD, DEU, ESP, JPN, KOR, SVK, UKR
        37 sat both times, 0 of them switched: nobody
        switched here 9 of 22, elsewhere 27 of 305
        switching   +13.8 [+12.0, +15.5]
        resolution  +13.5 [+11.0, +15.5]
    """,
    "own_votes": """
        with two slips of the keyboard: 2 findings
        corrected: 0 findings
        Harbour      1.88      0.89        inf       12
        8 sat both times, 0 left, 1 came; switched: North, Old Town, Park
    """,
    "assembly": """
        common step a year: true 0.15, mean of the estimates 0.15
        correlation of positions with the truth: 0.990
        its 90 % intervals are 3.29 wide on average
    """,
}


def test_every_example_is_run(root: Path) -> None:
    assert {path.stem for path in (root / "examples").glob("*.py")} == set(SCRIPTS)
    assert [path.name for path in (root / "examples").glob("*.ipynb")] == ["what_if.ipynb"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_in_a_process_of_its_own(root: Path, python: str, tmp_path: Path, name: str) -> None:
    done = subprocess.run(
        [python, "-W", "error", str(root / "examples" / f"{name}.py")],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    holds(SCRIPTS[name], done.stdout)
    for said in (line for line in done.stdout.splitlines() if line.startswith("written: ")):
        for path in said.removeprefix("written: ").split(", "):
            assert (tmp_path / path).stat().st_size > 0


@pytest.fixture
def tool(tool_script: Callable[[str], ModuleType]) -> ModuleType:
    return tool_script("notebook")


def test_the_notebook_shows_what_its_cells_print(
    root: Path, tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((root / "examples" / "what_if.ipynb").read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    space: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    pictures = 0
    for cell in cells:
        text, value = tool.run("".join(cell["source"]), space)
        holds(tool.printed(cell), text)
        holds(text, tool.printed(cell))
        drawn = any("image/png" in out.get("data", {}) for out in cell["outputs"])
        assert drawn == hasattr(value, "figure")
        pictures += drawn
    assert pictures == 1
    assert sum(bool(tool.printed(cell)) for cell in cells) >= 4


def test_the_tool_keeps_what_a_cell_prints_and_returns(tool: ModuleType, tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["x = 2\n", "print(x)\n", "x + 1"], "metadata": {}, "outputs": []}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    assert tool.main([str(path)]) == 0
    (after,) = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert tool.printed(after) == "2\n"
    assert after["outputs"][1]["data"]["text/plain"] == ["3"]
