"""Every package is declared with the lowest version that works, and the continuous integration runs on it."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = PROJECT["dependencies"]
OPTIONAL = [text for extra in ("parquet", "nuts", "test") for text in PROJECT["optional-dependencies"][extra]]


@pytest.mark.parametrize("text", [*NEEDED, *OPTIONAL])
def test_a_package_has_a_lowest_version_that_is_met(text):
    requirement = Requirement(text)
    assert [bound.version for bound in requirement.specifier if bound.operator == ">="], "no lowest version"
    if requirement.marker is not None and not requirement.marker.evaluate():
        return
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        if text in NEEDED:
            raise
        pytest.skip(f"{requirement.name} is not installed")
    assert requirement.specifier.contains(installed)


def test_the_lowest_version_is_the_same_wherever_a_package_is_named():
    bounds = {}
    for requirement in map(Requirement, [*NEEDED, *OPTIONAL]):
        bounds.setdefault((requirement.name, str(requirement.marker)), set()).add(str(requirement.specifier))
    assert all(len(named) == 1 for named in bounds.values()), bounds


def test_ci_runs_on_the_lowest_versions_and_on_the_newest(root):
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert '"$2" lowest-direct\n' in script
    assert '"$python" highest\n' in script
    for command in ("explain", "report", "fit ideal", "fit logit"):  # first steps with the lowest
        assert f"    voteshift {command} " in script
