"""What the tests share."""

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest
from click.testing import CliRunner
from filelock import FileLock
from hypothesis import settings

import voteshift as vs
from scripts import scripts
from voteshift.cli.app import app
from voteshift.posterior.quiet import quiet

Made = TypeVar("Made")
ROOT = Path(__file__).parents[1]
HARVEST = ROOT.parent / "shared" / "data"

# Runs are the same every time; how long an example takes says more of the machine than of the code.
settings.register_profile("voteshift", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("voteshift")


def pytest_configure() -> None:
    """No test sees the screen of whoever runs it: no window opens, nothing is coloured or cut to fit.

    Processes that share the cores leave each other alone: threads of BLAS would wait for work by counting.
    """
    os.environ["MPLBACKEND"] = "agg"
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES"):
        os.environ.pop(name, None)


def pytest_collection() -> None:
    """Import what warns or adds filters of warnings on import, before any test is collected or runs.

    Else the first test to import it, which is a test that runs alone, has filters that the others lack. And
    ArviZ warns at its first import of a day: an error in whatever test imports it then.
    """
    with quiet():
        import_module("pymc")
        import_module("statsmodels.api")


@pytest.fixture(scope="session")
def folder_of_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of the run share, beside those of the processes."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def once(folder_of_run: Path) -> Callable[[str, Callable[[], Made]], Made]:
    """Make what takes long by a name, once for all processes of the run: the others read it from a file."""

    def make_once(name: str, make: Callable[[], Made]) -> Made:
        path = folder_of_run / f"{name}.pickle"
        with FileLock(path.with_suffix(".lock")):
            if path.exists():
                made: Made = pickle.loads(path.read_bytes())  # noqa: S301
            else:
                made = make()
                path.write_bytes(pickle.dumps(made))
        return made

    return make_once


@pytest.fixture(scope="session", autouse=True)
def fits_of_tests(folder_of_run: Path) -> Iterator[None]:
    """Keep the fits of a run in a folder of its own: tests read and write no cache of the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOTESHIFT_CACHE", str(folder_of_run / "fits"))
        yield


@pytest.fixture(autouse=True)
def no_picture_outlives_its_test() -> Iterator[None]:
    """Close what a test drew with pyplot: what the next one finds open depends on the order of tests."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="module")
def benchmark_script(root: Path) -> Iterator[Callable[[str], ModuleType]]:
    """Import a script of benchmarks/ by name."""
    with scripts(root / "benchmarks") as load:
        yield load


@pytest.fixture(scope="module")
def tool_script(root: Path) -> Iterator[Callable[[str], ModuleType]]:
    """Import a script of tools/ by name."""
    with scripts(root / "tools") as load:
        yield load


@pytest.fixture(scope="session")
def harvest() -> Path:
    """Folder of the files the bundled record was built from and is compared with."""
    if not (HARVEST / "hrc" / "votes.csv.gz").is_file():
        pytest.skip("the harvest is not at ../shared/data")
    return HARVEST


@pytest.fixture(scope="session")
def assembly(harvest: Path) -> vs.RollCalls:
    """The General Assembly's record, read once for all tests."""
    from voteshift.readers import read

    return read(harvest / "unga")


@pytest.fixture(scope="session")
def record() -> vs.RollCalls:
    """The bundled record, reconciled roll calls only."""
    return vs.load_hrc()


@pytest.fixture(scope="session")
def trio(record: vs.RollCalls, once: Callable[[str, Callable[[], Made]], Made]) -> vs.Explanation:
    """Return the explanation of the trio from 200 draws, for tests that need no more."""
    return once("trio", lambda: vs.explain(record, draws=vs.Draws(200)))


@pytest.fixture(scope="session")
def short(once: Callable[[str, Callable[[], Made]], Made]) -> str:
    """Return what `voteshift explain` prints."""
    return once("short", lambda: CliRunner().invoke(app, ["explain"]).stdout)


@pytest.fixture(scope="session")
def everything() -> vs.RollCalls:
    """The bundled record with the roll calls that contradict their totals."""
    return vs.load_hrc(include_unreconciled=True)


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter that runs the tests."""
    return sys.executable
