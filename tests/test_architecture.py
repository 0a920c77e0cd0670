"""The staircase: data climbs it, nothing runs back down."""

import ast
import re
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "voteshift"
LONGEST = 500

#: What each step may import of the package, besides itself. `readers` and `ideal` do not know each other.
BASE = {"arguments", "votes", "errors", "writing", "notebook"}
CONTAINER = BASE | {"families", "door", "chambers", "rollcalls"}
STAIRS = {
    "arguments": {"errors"},
    "votes": set(),
    "errors": set(),
    "writing": set(),
    "notebook": {"writing"},
    "files": {"errors"},
    "netcdf": {"errors"},
    "families": BASE,
    "door": BASE | {"families"},
    "chambers": BASE,
    "rollcalls": BASE | {"families", "door", "chambers"},
    "joint": CONTAINER,
    "likelihood": set(),
    "datasets": CONTAINER | {"joint"},
    "simulation": CONTAINER | {"likelihood"},
    "readers": CONTAINER | {"datasets", "netcdf"},
    "logistic": CONTAINER | {"datasets", "posterior"},
    "writers": CONTAINER | {"readers", "files"},
    "ideal": CONTAINER | {"likelihood"},
    "descriptives": CONTAINER,
    "packing": set(),
    "cache": CONTAINER | {"ideal", "packing"},
    "posterior": CONTAINER | {"likelihood", "ideal", "descriptives", "packing", "files", "netcdf"},
    "shift": CONTAINER | {"joint", "likelihood", "ideal", "posterior"},
    "plots": CONTAINER | {"ideal", "logistic", "shift"},
    "report": CONTAINER | {"datasets", "files", "ideal", "joint", "logistic", "shift", "plots"},
    "bench": CONTAINER | {"likelihood", "ideal"},
    "cli": CONTAINER
    | {"datasets", "readers", "writers", "simulation", "likelihood", "ideal", "logistic", "shift", "plots"}
    | {"report", "bench", "cache", "joint", "descriptives", "posterior", "files"},
    "__init__": CONTAINER
    | {"datasets", "readers", "writers", "simulation", "ideal", "logistic", "shift", "plots"}
    | {"cache", "descriptives", "joint", "posterior", "report"},
    "__main__": {"cli"},
}
#: What a result reaches up to when it is asked to show itself, inside the methods that do.
FACES = {("shift/explanation.py", "voteshift.plots"), ("shift/explanation.py", "voteshift.report")}
#: What the core may import. llvmlite is numba's own back end: its intrinsics are written in it.
CORE_MAY_IMPORT = {"numpy", "scipy", "numba", "llvmlite"} | set(sys.stdlib_module_names)
#: What `shift` may not touch of `ideal`: it knows results, never optimisers.
OPTIMISERS = {"voteshift.ideal.optimise", "voteshift.ideal.start"}

FILES = sorted(PACKAGE.rglob("*.py"))


def step_of(path):
    inside = path.relative_to(PACKAGE)
    return inside.parts[0].removesuffix(".py")


def module_of(path):
    parts = ["voteshift", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path) for path in FILES}


def imports(path, *, at_import_only=False):
    """Modules a file imports, inside functions too unless only those at import time are wanted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()

    def visit(node):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
        for child in ast.iter_child_nodes(node):
            deferred = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or (
                isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            )
            if not (at_import_only and deferred):
                visit(child)

    visit(tree)
    return found


def names(path):
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", FILES, ids=names)
def test_imports_go_down_the_staircase(path):
    step = step_of(path)
    assert step in STAIRS, (
        f"{step} has no place on the staircase yet: give it one here and in docs/architecture.md"
    )
    faces = {module for name, module in FACES if name == path.relative_to(PACKAGE).as_posix()}
    assert not faces & imports(path, at_import_only=True)
    for module in imports(path) - faces:
        root, _, inside = module.partition(".")
        if root == "voteshift" and inside:
            target = inside.partition(".")[0]
            assert target == step or target in STAIRS[step], f"{path.name} imports {module}"
        elif root == "voteshift":
            assert step in ("cli", "__main__"), f"{path.name} imports the package as a whole"


def rows_of_the_page():
    """Names on each line of the staircase that docs/architecture.md draws, from the top."""
    text = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    (\S.*?)  +\S", text, re.MULTILINE)
    return [[name.strip(" /") for name in line.split(",")] for line in lines]


def test_the_page_draws_the_staircase_that_is_held():
    rows = rows_of_the_page()
    height = {name: level for level, row in enumerate(reversed(rows)) for name in row}
    assert len(height) == sum(map(len, rows)), "a step stands on the page twice"
    assert set(height) == set(STAIRS) - {"__init__", "__main__"}
    assert set(STAIRS) == {step_of(path) for path in FILES}
    for step, below in STAIRS.items():
        for other in below if step in height else ():
            assert height[other] <= height[step], f"{step} stands below {other}, which it imports"


@pytest.mark.parametrize("path", sorted((PACKAGE / "likelihood").rglob("*.py")), ids=names)
def test_the_core_knows_arrays_and_nothing_else(path):
    for module in imports(path):
        root = module.partition(".")[0]
        assert root in CORE_MAY_IMPORT or module.startswith("voteshift.likelihood"), module


@pytest.mark.parametrize("path", sorted((PACKAGE / "shift").rglob("*.py")), ids=names)
def test_the_explanation_knows_results_and_no_optimiser(path):
    assert not imports(path) & OPTIMISERS


def test_nothing_but_the_command_line_imports_its_libraries():
    for path in FILES:
        if step_of(path) not in ("cli", "__main__"):
            assert not {module.partition(".")[0] for module in imports(path)} & {"click", "rich"}, path


def test_no_import_runs_in_a_circle():
    graph = {
        module_of(path): {module for module in imports(path, at_import_only=True) if module in MODULES}
        - {module_of(path)}
        for path in FILES
    }
    done: set[str] = set()

    def climb(module, trail):
        assert module not in trail, " -> ".join([*trail, module])
        if module not in done:
            for target in sorted(graph[module]):
                climb(target, [*trail, module])
            done.add(module)

    for module in graph:
        climb(module, [])


@pytest.mark.parametrize("path", FILES, ids=names)
def test_no_file_is_longer_than_one_idea(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", FILES, ids=names)
def test_every_file_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_the_checks_see_what_they_look_for(tmp_path):
    """An import inside a function, or under an alias, does not slip by."""
    path = tmp_path / "x.py"
    path.write_text(
        "def f():\n    from voteshift import shift as s\n    import rich.table\n", encoding="utf-8"
    )
    assert imports(path) == {"voteshift.shift", "rich.table"}
    assert imports(path, at_import_only=True) == set()
