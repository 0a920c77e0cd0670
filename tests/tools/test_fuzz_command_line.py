"""The fuzzer of the command line runs, finds nothing, and notices a command that is broken."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

BROKEN = """
import sys
from pathlib import Path

import click


@click.group()
def app():
    pass


@app.command()
@click.option("--json", "as_json", is_flag=True)
def families(as_json):
    print("[NaN]")


@app.command()
def describe():
    raise ZeroDivisionError


@app.command()
def check():
    sys.exit(7)


@app.command()
def convert():
    Path("out.csv").write_text("half")
    print("no", file=sys.stderr)
    sys.exit(3)


@app.command()
def rank():
    sys.exit(1)


@app.command()
def tally():
    once = Path(__file__).with_name("once")
    if once.exists():
        return
    once.touch()
    while True:
        pass
"""


@pytest.fixture
def tool(tool_script: Callable[[str], ModuleType]) -> ModuleType:
    return tool_script("fuzz_command_line")


@pytest.mark.slow
def test_broken_commands_are_noticed(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_commands.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    counts = tool.fuzz(range(80), 5, folder=tmp_path, module="broken_commands", apart=10**9, seconds=0.3)
    kinds = {"not JSON", "traceback", "exit code", "half-written", "silent", "hung"}
    assert set(counts["failures_by_kind"]) == kinds
    entries = [json.loads(line) for line in (tmp_path / "command-lines.jsonl").read_text().splitlines()]
    assert {entry["failure"] for entry in entries} == kinds
    assert all(
        entry["again"].startswith("python tools/fuzz_command_line.py --seed 5 --only ") for entry in entries
    )


@pytest.mark.slow
def test_forty_lines(tool: ModuleType, tmp_path: Path) -> None:
    counts = tool.fuzz(range(40), 8, folder=tmp_path, apart=40)
    assert counts["failures_by_kind"] == {}
    done = {command: codes.get("0", 0) for command, codes in counts["exit_codes"].items()}
    assert sum(done.values()) > 10
    assert {"check", "convert", "describe", "explain", "families", "fit logit", "tally"} <= set(done)


@pytest.mark.nightly
def test_twenty_thousand_lines(tool: ModuleType, tmp_path: Path) -> None:
    assert tool.fuzz(range(20_000), 1, folder=tmp_path)["failures_by_kind"] == {}
