"""The process that is fuzzed: reads requests from stdin, one JSON a line, and answers alike.

Its argument is the module that reads: `voteshift.readers`, or a broken one in tests. A reader that hangs,
dies or fills the memory takes nobody along.
"""

import json
import math
import os
import resource
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

__all__ = ["main"]

_LETTERS = {2: "Y", 0: "N", 1: "A", -1: "X", -2: "R", -3: "."}


def _plain(value: Any) -> Any:
    """Return a cell of a frame as JSON knows it."""
    if value is None or type(value).__name__ in {"NaTType", "NAType"}:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value if isinstance(value, str | int | float | bool) else repr(value)


def _document(record: Any) -> dict[str, Any]:
    members, rollcalls = record.members, record.rollcalls
    return {
        "members": [_plain(id_) for id_ in members.index],
        "rollcalls": [_plain(id_) for id_ in rollcalls.index],
        "votes": ["".join(_LETTERS.get(int(code), "?") for code in row) for row in record.votes],
        "member_columns": {str(name): [_plain(cell) for cell in members[name]] for name in members},
        "rollcall_columns": {str(name): [_plain(cell) for cell in rollcalls[name]] for name in rollcalls},
        "polarity": record.polarity,
        "source": record.source,
    }


def _read(module: Any, request: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": "read", "document": _document(module.read(request["path"]))}


def _check(module: Any, request: dict[str, Any]) -> dict[str, Any]:
    findings = module.check_file(request["path"])
    bare = [str(f) for f in findings if not (f.message and (f.remedy or f.severity == "warning"))]
    return {"outcome": "checked", "errors": sum(f.severity == "error" for f in findings), "bare": bare}


def _write(module: Any, request: dict[str, Any]) -> dict[str, Any]:
    from voteshift import write

    write(module.read(request["path"]), request["target"])
    return {"outcome": "written"}


def _command(module: Any, request: dict[str, Any]) -> dict[str, Any]:
    from click.testing import CliRunner

    os.chdir(request["folder"])
    result = CliRunner().invoke(module.app, request["arguments"], prog_name="voteshift")
    answer = {"outcome": "ended", "code": result.exit_code, "out": result.stdout, "err": result.stderr}
    error = result.exception
    if error is not None and not isinstance(error, SystemExit):
        answer["crash"] = "".join(traceback.format_exception(error))[-6000:]
        answer["type"] = type(error).__name__
    return answer


def _tree(module: Any, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {"outcome": "drawn", "tree": list(_walk(module.app, []))}


def _walk(command: Any, path: list[str]) -> Iterator[dict[str, Any]]:
    import click

    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from _walk(command.get_command(click.Context(command), name), [*path, name])
        return
    yield {
        "path": path,
        "parameters": [
            {
                "name": "json" if "--json" in parameter.opts else parameter.opts[0].lstrip("-"),
                "options": []
                if isinstance(parameter, click.Argument)
                else [*parameter.opts, *parameter.secondary_opts],
                "required": parameter.required,
                "multiple": parameter.multiple or parameter.nargs != 1,
                "flag": bool(getattr(parameter, "is_flag", False)),
                "choices": [str(choice) for choice in getattr(parameter.type, "choices", [])],
            }
            for parameter in command.params
        ],
    }


_DEEDS = {"tree": _tree, "read": _read, "check": _check, "write": _write, "command": _command}


def _answer(module: Any, request: dict[str, Any], expected_error: type[Exception]) -> dict[str, Any]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = _DEEDS[request["do"]](module, request)
        except expected_error as error:
            answer = {
                "outcome": "refused",
                "message": str(error)[:2000],
                "length": len(str(error)),
                "type": type(error).__name__,
            }
            answer |= {name: getattr(error, name) for name in ("file", "line", "remedy")}
        except MemoryError:
            answer = {"outcome": "memory"}
        except BaseException as error:  # noqa: BLE001
            answer = {
                "outcome": "crashed",
                "type": type(error).__name__,
                "trace": traceback.format_exc()[-6000:],
            }
    return answer | {"warnings": [f"{item.category.__name__}: {item.message}"[:300] for item in caught[:20]]}


def _warm() -> None:
    """Read once: libraries reserve addresses when they are loaded, and that is not the memory of a file."""
    from voteshift.readers import read

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "votes.csv"
        path.write_text("member,rollcall,vote\nAda,1,yes\n")
        read(path)


def _status(key: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0


def main() -> None:
    """Answer until stdin ends."""
    from voteshift.errors import VoteshiftError

    module = import_module(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints must not stand between the answers
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "limit":
            _warm()
            limit = _status("VmSize") + request["bytes"]
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            answer: dict[str, Any] = {"outcome": "limited"}
        else:
            Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
            start = process_time()
            answer = _answer(module, request, VoteshiftError)
            answer |= {"seconds": process_time() - start, "peak": _status("VmHWM")}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
