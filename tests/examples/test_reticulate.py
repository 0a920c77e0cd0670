"""The example for R users, where R and reticulate are installed."""

import shutil
import subprocess
import sys

import pytest

import voteshift as vs


def run_r(*arguments):
    return subprocess.run(["Rscript", *arguments], capture_output=True, text=True, check=False)


def test_the_script_for_r_prints_what_python_computes(root):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    if run_r("-e", "library(reticulate)").returncode:
        pytest.skip("the R package reticulate is not installed")
    configured = run_r(
        "-e", f"reticulate::use_python({sys.executable!r}, required = TRUE); reticulate::py_config()"
    )
    if configured.returncode:
        pytest.skip("this version of reticulate cannot run this version of Python")
    done = run_r(str(root / "examples" / "reticulate.R"), sys.executable)
    assert done.returncode == 0, done.stderr
    fit = vs.IdealPoints(method="marginal").fit(vs.load_hrc().between("2016", "2018"))
    assert fit.contrast("CHN", "USA").text in done.stdout
    assert fit.tidy().sort_values("estimate")["member"].iloc[0] in done.stdout


def test_the_page_shows_the_calls_of_the_script(root):
    script = (root / "examples" / "reticulate.R").read_text(encoding="utf-8")
    page = (root / "docs" / "r.md").read_text(encoding="utf-8")
    for line in (
        'record <- vs$load_hrc()$between("2016", "2018")',
        'fit <- vs$IdealPoints(method = "marginal")$fit(record)',
        'fit$contrast("CHN", "USA")$text',
        "positions <- as_frame(fit$tidy())",
    ):
        assert line in script
        assert line in page
