"""Checks, readers, pictures and links of an installed package: one file, and a line of metadata for each."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.registry import find_check, registered_checks
from voteshift.compose.sections import report_sections
from voteshift.extensions import installed, load_extension
from voteshift.plots.registry import registered_plots

PACKAGE = '''
"""Votes of a parish council."""

import sys
from types import SimpleNamespace

import pandas as pd
import voteshift as vs


def _read(path):
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    names, words = zip(*(line.split(": ") for line in lines), strict=True)
    votes = pd.DataFrame({"member": names, "rollcall": head.removeprefix("MINUTES "), "vote": words})
    return vs.RollCalls.from_long(votes)


def _sniff(sample):
    return sample.head.startswith(b"MINUTES ")


minutes = SimpleNamespace(sniff=_sniff, read=_read, about="minutes")


def seats(why):
    """Seats at every vote."""
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    ax.plot(range(len(why.rollcalls)), (why.versions.votes >= 0).sum(axis=0))
    return ax


class Quiet(vs.checks.CheckResult):
    text = "All is well."

    def tidy(self):
        return pd.DataFrame()


def quiet(why):
    return Quiet()


def _log_cauchy(z):
    import numpy as np
    import pytensor.tensor as pt

    return pt.log(0.5 + pt.arctan(z) / np.pi)


def __getattr__(name):  # PyTensor is imported at the first use
    from voteshift.ideal import CustomLink

    if name != "cauchit":
        raise AttributeError(name)
    return CustomLink("cauchit", _log_cauchy)
'''
POINTS = """
[voteshift.readers]
minutes = parish:minutes

[voteshift.plots]
parish_seats = parish:seats

[voteshift.links]
cauchit = parish:cauchit

[voteshift.checks]
parish_quiet = parish:quiet
parish_gone = parish_that_is_gone:quiet
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the package as pip would leave it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "parish.py").write_text(PACKAGE, encoding="utf-8")
    about = folder / "parish-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: parish\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    return folder


@pytest.fixture
def here(site, monkeypatch):
    """The package is installed in this process."""
    monkeypatch.syspath_prepend(site)
    installed.cache_clear()
    yield
    installed.cache_clear()
    sys.modules.pop("parish", None)


def test_the_command_line_reads_what_an_installed_reader_reads(site, tmp_path):
    (tmp_path / "may.txt").write_text("MINUTES 7\nAda: yes\nBob: no\nCem: abstain\n", encoding="utf-8")
    paths = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    for format_ in ([], ["--from", "minutes"]):
        command = [sys.executable, "-m", "voteshift", "convert", "may.txt", "out.csv", *format_]
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert vs.read(tmp_path / "out.csv").tally().loc["7", ["yes", "no", "abstain"]].tolist() == [1, 1, 1]


def test_the_command_line_fits_with_an_installed_link(site, tmp_path):
    pytest.importorskip("pytensor")
    paths = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    vs.write(vs.simulate(12, 40, seed=1).rollcalls, tmp_path / "votes.csv")
    command = [sys.executable, "-m", "voteshift", "fit", "ideal", "--data", "votes.csv", "--json", "--link"]
    run = {
        link: subprocess.run(
            [*command, link],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": paths},
            capture_output=True,
            check=False,
            text=True,
        )
        for link in ("cauchit", "no_such_link")
    }
    assert run["cauchit"].returncode == 0, run["cauchit"].stderr
    assert json.loads(run["cauchit"].stdout)["link"] == "cauchit"
    assert run["no_such_link"].returncode == 2
    assert "'no_such_link' is not one of" in run["no_such_link"].stderr
    assert "'cauchit'" in run["no_such_link"].stderr


@pytest.mark.usefixtures("here")
def test_an_installed_check_is_run_with_the_others():
    assert "parish_quiet" in registered_checks()
    assert find_check("parish_quiet")(None).text == "All is well."


@pytest.mark.usefixtures("here")
def test_an_extension_that_cannot_be_imported_names_its_package():
    with pytest.raises(vs.UsageError, match=r"package parish declares 'parish_gone' .* cannot be imported"):
        load_extension("voteshift.checks", "parish_gone")


@pytest.mark.usefixtures("here")
def test_a_report_shows_an_installed_picture():
    (plot,) = [plot for plot in registered_plots() if plot.name == "parish_seats"]
    assert plot.caption == "Seats at every vote."
    simulated = vs.simulate(12, 20, seed=1).rollcalls
    titles = ["A fish" if k in (3, 9) else f"t{k}" for k in range(20)]
    dates = pd.date_range("2001-01-31", periods=20, freq="90D")
    frame = pd.DataFrame({"date": dates, "title": titles}, index=simulated.rollcalls.index)
    record = vs.RollCalls(simulated.votes, simulated.members, frame)
    why = vs.explain(record, "a-fish", draws=vs.Draws(100), member_effect=False)
    sections = report_sections(vs.findings(why, ()), "voteshift report")
    (section,) = [section for section in sections if section.name == "further_pictures"]
    (picture,) = section.blocks
    assert picture.draw().lines
