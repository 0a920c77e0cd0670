"""Run the cells of a notebook in one namespace, and store what they print and draw as their outputs.

    python tools/notebook.py NOTEBOOK...

Needs no Jupyter: cells hold plain Python. What a cell prints, the value of its last line and, where that is a
picture's axes, the picture become its outputs, so that the notebook reads well where nothing runs it.
"""

import ast
import base64
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["main", "printed", "run"]


def run(code: str, space: dict[str, Any]) -> tuple[str, Any]:
    """Run a cell; return what it prints, and the value of its last line or None."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        exec(compile(tree, "<cell>", "exec"), space)  # noqa: S102
        value = None
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)  # noqa: S307
    return heard.getvalue(), value


def printed(cell: dict[str, Any]) -> str:
    """Return what a cell printed when the notebook was last written."""
    return "".join("".join(out["text"]) for out in cell["outputs"] if out["output_type"] == "stream")


def outputs_of(text: str, value: Any, number: int) -> list[dict[str, Any]]:
    """Return the outputs of a cell as a notebook holds them."""
    outputs: list[dict[str, Any]] = []
    if text:
        outputs.append({"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)})
    if value is None:
        return outputs
    data: dict[str, Any] = {"text/plain": [type(value).__name__]}
    figure = getattr(value, "figure", None)
    if figure is not None:
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=100, metadata={"Software": None})
        data["image/png"] = base64.b64encode(picture.getvalue()).decode("ascii")
    else:
        data["text/plain"] = str(value).splitlines(keepends=True)
    return [
        *outputs,
        {"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"},
    ]


def main(arguments: list[str]) -> int:
    """Run notebooks and write them anew with their outputs."""
    import matplotlib as mpl

    mpl.use("agg")
    for path in map(Path, arguments):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        space: dict[str, Any] = {"__name__": "__main__"}
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for number, cell in enumerate(cells, start=1):
            cell["outputs"] = outputs_of(*run("".join(cell["source"]), space), number)
            cell["execution_count"] = number
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
