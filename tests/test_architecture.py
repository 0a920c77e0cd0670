"""The staircase: data climbs it, nothing runs back down."""

import ast
import re
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "voteshift"
LONGEST = 500

#: What each step may import of the package, besides itself. `readers` and `ideal` do not know each other.
BASE = {
    "votes",
    "errors",
    "arguments",
    "ranges",
    "writing",
    "prose",
    "faces",
    "notebook",
    "tables",
    "labels",
    "streams",
}
CONTAINER = BASE | {
    "families",
    "columns",
    "door",
    "frames",
    "chambers",
    "spells",
    "store",
    "blocks",
    "rollcalls",
}
STAIRS = {
    "votes": set(),
    "errors": set(),
    "labels": {"prose"},
    "arguments": {"errors"},
    "extensions": {"errors"},
    "ranges": {"errors"},
    "streams": {"ranges"},
    "writing": set(),
    "notebook": {"writing"},
    "tables": {"notebook", "writing"},
    "prose": set(),
    "multiple_tests": set(),
    "faces": set(),
    "files": {"errors"},
    "budget": set(),
    "hdf5": {"budget"},
    "netcdf": {"errors", "hdf5"},
    "checksums": {"errors"},
    "citations": set(),
    "families": BASE,
    "columns": {"votes"},
    "door": BASE | {"families", "columns"},
    "chambers": BASE,
    "spells": {"errors"},
    "store": BASE,
    "blocks": BASE | {"store"},
    "frames": BASE | {"columns", "door", "spells", "store", "blocks"},
    "rollcalls": BASE | {"families", "frames", "door", "chambers", "spells", "store", "blocks"},
    "joint": CONTAINER,
    "likelihood": set(),
    "formulas": {"errors", "door"},
    "datasets": CONTAINER | {"joint"},
    "simulation": CONTAINER | {"likelihood"},
    "readers": CONTAINER | {"datasets", "netcdf", "budget", "checksums", "extensions"},
    "logistic": CONTAINER | {"formulas", "datasets", "readers", "posterior"},
    "writers": CONTAINER | {"readers", "files", "checksums"},
    "quantities": CONTAINER,
    "ideal": CONTAINER
    | {"formulas", "likelihood", "quantities", "multiple_tests", "packing", "files", "checksums"}
    | {"extensions"},
    "descriptives": CONTAINER,
    "packing": set(),
    "cache": CONTAINER | {"ideal"},
    "posterior": CONTAINER
    | {"likelihood", "ideal", "quantities", "descriptives", "packing", "files", "netcdf", "checksums"},
    "resolution": CONTAINER | {"joint", "likelihood", "ideal", "posterior"},
    "shift": CONTAINER | {"joint", "ideal", "resolution"},
    "checks": CONTAINER
    | {"datasets", "readers", "extensions", "joint", "multiple_tests", "ideal", "posterior", "resolution"}
    | {"shift"},
    "plots": CONTAINER | {"extensions", "ideal", "logistic", "quantities", "resolution", "shift"},
    "compose": CONTAINER | {"datasets", "joint", "ideal", "resolution", "shift", "checks", "plots"},
    "report": CONTAINER | {"files", "shift", "checks", "compose", "plots"},
    "bench": CONTAINER | {"likelihood", "ideal"},
    "cli": CONTAINER
    | {"datasets", "readers", "writers", "simulation", "ideal", "logistic", "resolution", "shift", "checks"}
    | {
        "likelihood",
        "compose",
        "plots",
        "report",
        "bench",
        "cache",
        "joint",
        "descriptives",
        "posterior",
        "files",
        "citations",
    },
    "__init__": CONTAINER
    | {"datasets", "readers", "writers", "simulation", "ideal", "logistic", "shift", "checks", "compose"}
    | {"plots", "cache", "descriptives", "joint", "posterior", "report"},
    "__main__": {"cli"},
}
#: What the core may import. llvmlite is numba's own back end: its intrinsics are written in it.
CORE_MAY_IMPORT = {"numpy", "scipy", "numba", "llvmlite", "filelock"} | set(sys.stdlib_module_names)
#: What `shift` may not touch of `ideal`: it knows results, never optimisers.
OPTIMISERS = {"voteshift.ideal.newton", "voteshift.ideal.optimise", "voteshift.ideal.start"}

FILES = sorted(PACKAGE.rglob("*.py"))


def step_of(path):
    inside = path.relative_to(PACKAGE)
    return inside.parts[0].removesuffix(".py")


def module_of(path):
    parts = ["voteshift", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path) for path in FILES}


def imports(path, *, at_import_only=False, hints=True):
    """Modules a file imports: in functions too, unless at import time only; for type hints or not."""
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
            hint = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            deferred = hint or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            if not ((at_import_only and deferred) or (hint and not hints)):
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
    for module in imports(path):
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
    """Deferred imports count; those for type hints, and the package's own face, do not."""
    graph = {
        module_of(path): {module for module in imports(path, hints=False) if module in MODULES}
        - {module_of(path), "voteshift"}
        for path in FILES
        if module_of(path) != "voteshift"
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


TESTS = PACKAGE.parents[1] / "tests"
#: Modules without a test of their name, and what tests them. The first word of a reason is a file or folder.
TESTED_ELSEWHERE = {
    "arguments.py": "test_misuse.py calls every public function with arguments of other kinds",
    "frames.py": "test_door.py puts every frame that is checked here through the door",
    "bench/sets.py": "bench/test_short.py runs the problems that are made here",
    "bench/textbook.py": "bench/test_short.py measures against it",
    "cli": "cli/test_cli_explain.py and its neighbours run each command as a person does",
    "ideal/ascent.py": "ideal/test_optimise.py climbs with it",
    "ideal/derived.py": "quantities/test_compute.py asks every kind of fit for every quantity",
    "ideal/fitted.py": "ideal/test_spec.py reads what every fit says in the same words",
    "ideal/interface.py": "shift/test_parts.py explains a fit that has the interface and nothing else",
    "ideal/results.py": "ideal/test_spec.py reads the tables of fits",
    "ideal/slopes.py": "ideal/test_covariates.py reads the slopes of simulated worlds and their errors",
    "formulas": "formulas/test_reading.py and logistic/test_references.py encode formulas and refuse others",
    "ideal/start.py": "ideal/test_starts.py fits from it",
    "ideal/dynamic/encode.py": "ideal/test_periods.py and ideal/test_bridges.py encode by period and item",
    "ideal/dynamic/ends.py": "ideal/dynamic/test_factor.py compares blocks with and without the ends",
    "ideal/dynamic/laplace.py": "ideal/dynamic/test_curvature.py and test_fit.py compare its errors",
    "ideal/dynamic/results.py": "ideal/dynamic/test_fit.py reads the tables of fits",
    "likelihood": "likelihood/test_passes.py and test_terms.py hold kernels and reference together",
    "logistic": "logistic/test_published.py and test_references.py compare analyses with other software",
    "posterior": "posterior/test_record.py and test_calibration.py sample, save and load whole fits",
    "quantities/position_draws.py": "quantities/test_compute.py compares the draws with those of the fit",
    "quantities/seats.py": "quantities/test_compute.py takes groups from a record",
    "readers": "readers/test_shapes.py and test_round_trips.py read every format",
    "report": "report/test_page.py and test_written.py read whole reports",
    "writers": "writers/test_writing.py writes every format",
}


def reason_of(path):
    """Return why a module has no test of its name; None where no reason is on the table."""
    inside = path.relative_to(PACKAGE)
    places = [inside.as_posix(), *(folder.as_posix() for folder in inside.parents)]
    return next((TESTED_ELSEWHERE[place] for place in places if place in TESTED_ELSEWHERE), None)


def namesake_of(path):
    """Return where the tests of a module are by its name."""
    inside = path.relative_to(PACKAGE)
    return TESTS / inside.parent / f"test_{inside.name}"


@pytest.mark.parametrize("path", [path for path in FILES if not path.name.startswith("__")], ids=names)
def test_every_module_has_tests_of_its_name_or_a_reason(path):
    assert namesake_of(path).is_file() or reason_of(path), f"write {namesake_of(path).relative_to(TESTS)}"


@pytest.mark.parametrize("place", TESTED_ELSEWHERE)
def test_every_reason_is_needed_and_names_tests_that_exist(place):
    target = PACKAGE / place
    assert target.exists()
    assert (TESTS / TESTED_ELSEWHERE[place].split()[0]).exists()
    modules = [target] if target.is_file() else target.rglob("[!_]*.py")
    assert any(not namesake_of(path).is_file() for path in modules)


@pytest.mark.parametrize("folder", ["resolution", "shift", "checks", "compose"])
def test_the_explanation_and_its_checks_have_no_exception(folder):
    assert all(namesake_of(path).is_file() for path in (PACKAGE / folder).rglob("[!_]*.py"))


FITS_LIVE_IN = ("ideal", "posterior")
#: Classes of fits: outside the folders that make them a property answers, not the class.
FIT_CLASSES = {"IdealFit", "DynamicFit", "PosteriorFit", "DynamicPosterior", "Sampled", "MemberEffectFit"}


def insides_of_fits(tree):
    """Return where code reads the inside of a fit: its encoding, its class, or its method by name."""
    lines = []
    for node in ast.walk(tree):
        is_encoding = isinstance(node, ast.Attribute) and node.attr == "encoded"
        is_method = isinstance(node, ast.Constant) and node.value == "method" and reads_reached(tree, node)
        is_class = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("isinstance", "issubclass")
            and {name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name)} & FIT_CLASSES
        )
        if is_encoding or is_method or is_class:
            lines.append(f"line {node.lineno}: {ast.unparse(node)}")
    return lines


def reads_reached(tree, key):
    """Return True where a key is looked up in `reached`: by brackets or by `get`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and node.slice is key:
            return ast.unparse(node.value).endswith("reached")
        if isinstance(node, ast.Call) and key in node.args and isinstance(node.func, ast.Attribute):
            return ast.unparse(node.func).endswith("reached.get")
    return False


@pytest.mark.parametrize("path", [path for path in FILES if step_of(path) not in FITS_LIVE_IN], ids=names)
def test_fits_are_asked_and_not_looked_into(path):
    assert not insides_of_fits(ast.parse(path.read_text(encoding="utf-8")))


def test_insides_of_fits_are_seen():
    inside = [
        "n = fit.encoded.members",
        "why.fit.reached['method'] == 'nuts'",
        "fit.reached.get('method')",
        "isinstance(fit, (IdealFit, results.Sampled, DynamicFit))",
    ]
    assert all(insides_of_fits(ast.parse(line)) for line in inside)
    outside = ["fit.sampled", "fit.reached['chains']", "isinstance(effect, Unavailable)", "encoded = 1"]
    assert not any(insides_of_fits(ast.parse(line)) for line in outside)


def test_the_checks_see_what_they_look_for(tmp_path):
    """An import inside a function, or under an alias, does not slip by."""
    path = tmp_path / "x.py"
    path.write_text(
        "def f():\n    from voteshift import shift as s\n    import rich.table\n", encoding="utf-8"
    )
    assert imports(path) == {"voteshift.shift", "rich.table"}
    assert imports(path, at_import_only=True) == set()
