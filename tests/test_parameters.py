"""The number of parameters of every function: a call that needs more is several calls, or a specification."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import voteshift as vs

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "voteshift"
FILES = [path for name in ("src/voteshift", "tools", "benchmarks", "examples")
         for path in sorted((ROOT / name).rglob("*.py"))]  # fmt: skip

#: Loops that `likelihood` compiles: passes over votes, draws of items and of member effects.
LOOPS = {"sweep", "line_binary", "line_ordered", "sweep_logit", "sweep_probit", "cross_logit", "cross_probit"}
LOOPS |= {"add_information", "draw", "move"}
MOST_PUBLIC = 10  # of a function that a user calls
MOST = 12  # of any function, commands of the command line included
MOST_OF_EXPLAIN = 8
#: Files of the core's compiled functions: their arguments are the arrays of one inner loop.
KERNELS = [PACKAGE / "likelihood" / "blocks.py", *(PACKAGE / "likelihood").glob("kernels_*.py")]


def count_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, *, method: bool) -> int:
    """Count the parameters of a function without ``self`` and ``cls``; ``*args`` counts as one."""
    arguments = function.args
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    if method and positional and positional[0] in ("self", "cls"):
        positional = positional[1:]
    return len(positional) + len(arguments.kwonlyargs) + bool(arguments.vararg) + bool(arguments.kwarg)


def is_command(function: ast.AST) -> bool:
    """Return whether a function is a command of the command line: click calls it, with its options."""
    decorators = [ast.unparse(decorator) for decorator in getattr(function, "decorator_list", [])]
    return any(".command(" in decorator for decorator in decorators)


def find_long(source: str) -> Iterator[tuple[str, int, int]]:
    """Yield name, number of parameters and bound of every function that takes too many."""

    def visit(node: ast.AST, *, in_class: bool, public: bool) -> Iterator[tuple[str, int, int]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                name = getattr(child, "name", "lambda")
                called = public and not name.startswith("_") and name != "lambda" and not is_command(child)
                number, bound = count_parameters(child, method=in_class), MOST_PUBLIC if called else MOST
                if number > bound:
                    yield name, number, bound
                yield from visit(child, in_class=False, public=False)
            elif isinstance(child, ast.ClassDef):
                yield from visit(child, in_class=True, public=public and not child.name.startswith("_"))
            else:
                yield from visit(child, in_class=in_class, public=public)

    return visit(ast.parse(source), in_class=False, public=True)


def test_no_function_takes_more_parameters_than_its_bound() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {name} takes {number}, at most {bound}"
        for path in FILES
        if path not in KERNELS
        for name, number, bound in find_long(path.read_text(encoding="utf-8"))
    ]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.name)
def test_only_functions_of_a_compiled_loop_are_exempt(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    inlined = {
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and any("inlined" in ast.unparse(d) for d in node.decorator_list)
    }
    assert {name for name, *_ in find_long(source)} <= inlined | LOOPS


def test_explain_takes_at_most_eight() -> None:
    assert len(inspect.signature(vs.explain).parameters) <= MOST_OF_EXPLAIN


def test_the_count_sees_every_kind_of_function() -> None:
    names = ", ".join(f"a{number}" for number in range(10))
    assert list(find_long(f"def f({names}): ...")) == []
    assert list(find_long(f"def f({names}, *, b): ...")) == [("f", 11, 10)]
    assert list(find_long(f"def f({names}, *b, **c): ...")) == [("f", 12, 10)]
    assert list(find_long(f"class A:\n    def f(self, {names}, /): ...")) == []
    assert list(find_long(f"class A:\n    async def f(self, {names}, b): ...")) == [("f", 11, 10)]
    assert list(find_long(f"def _f({names}, b, c): ...")) == []
    assert list(find_long(f"def _f({names}, b, c, d): ...")) == [("_f", 13, 12)]
    assert list(find_long(f"class _A:\n    def f(self, {names}, b, c): ...")) == []
    assert list(find_long(f"def f():\n    def g({names}, b, c, d): ...")) == [("g", 13, 12)]
    assert list(find_long(f"if True:\n    f = lambda {names}, b, c, d: 0")) == [("lambda", 13, 12)]
    assert list(find_long(f"@click.command()\ndef f({names}, b, c): ...")) == []
    assert list(find_long(f"@fit.command()\ndef f({names}, b, c, d): ...")) == [("f", 13, 12)]
