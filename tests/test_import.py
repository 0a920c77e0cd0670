"""What `import voteshift` brings along, and how long it takes."""

import json
import statistics
import subprocess

import pytest

LATER = [
    "numba",
    "scipy.optimize",
    "scipy.stats",
    "statsmodels",
    "matplotlib",
    "xarray",
    "arviz",
    "arviz_base",
    "arviz_stats",
    "pymc",
]
PAIRS = 9
ALLOWED = 0.15


def run(python, code):
    found = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return json.loads(found.stdout)


def test_nothing_heavy_comes_along(python):
    code = (
        "import json, sys, numpy, pandas; base = set(sys.modules); import voteshift; "
        "print(json.dumps([sorted(base), sorted(sys.modules)]))"
    )
    base, modules = run(python, code)
    assert not set(LATER) & set(modules)
    assert not {name for name in set(modules) - set(base) if name.partition(".")[0] == "scipy"}


def test_not_even_numpy_and_pandas_come_along(python):
    modules = run(python, "import json, sys, voteshift; print(json.dumps(sorted(sys.modules)))")
    assert not {"numpy", "pandas", "importlib.metadata"} & set(modules)


def test_it_takes_little_more_than_numpy_and_pandas(python):
    """Paired runs of one process each; the best of a kind is the one the machine disturbed least."""
    code = (
        "import time; began = time.perf_counter(); import numpy, pandas; middle = time.perf_counter(); "
        "import voteshift; print([middle - began, time.perf_counter() - middle])"
    )
    extra = [run(python, code)[1] for _ in range(PAIRS)]
    assert min(statistics.median(extra), sorted(extra)[1]) < ALLOWED, extra


@pytest.mark.parametrize(
    "module",
    [
        "voteshift.cli.app",
        "voteshift.datasets",
        "voteshift.readers",
        "voteshift.shift.account",
        "voteshift.shift.overview",
    ],
)
def test_neither_do_the_listings_of_the_command_line_need_the_model(python, module):
    modules = run(python, f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))")
    assert not set(LATER) & set(modules)


def test_the_public_names_are_there_and_nothing_else_is():
    import voteshift

    for name in voteshift.__all__:
        assert getattr(voteshift, name) is not None
        assert name in dir(voteshift)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        voteshift.nothing  # noqa: B018


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    import voteshift

    assert voteshift.__version__ == version("voteshift")


def test_types_travel_with_the_package():
    from importlib.resources import files

    assert files("voteshift").joinpath("py.typed").is_file()


def test_every_public_name_is_documented():
    import voteshift

    for name in voteshift.__all__:
        documented = getattr(voteshift, name).__doc__
        assert documented, name
        assert not documented.startswith(f"{name}("), name  # what dataclass writes where nobody did
