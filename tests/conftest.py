"""What the tests share."""

import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

import voteshift as vs
from scripts import scripts
from voteshift.posterior.quiet import quiet

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


@pytest.fixture(scope="session", autouse=True)
def fits_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the fits of a run in a folder of its own: tests read and write no cache of the user's.

    All processes of the run share the folder, which is beside those of the processes.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOTESHIFT_CACHE", str(folder / "fits"))
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
def everything() -> vs.RollCalls:
    """The bundled record with the roll calls that contradict their totals."""
    return vs.load_hrc(include_unreconciled=True)


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter that runs the tests."""
    return sys.executable
