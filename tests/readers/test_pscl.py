"""Files that R wrote: `rollcall.R` beside this made `rollcall.rda` with pscl 1.5.9 on R 4.2."""

import bz2
import gzip
import lzma
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from readers.files import Write
from voteshift import InputError, read
from voteshift.readers.kh import read_kh

HERE = Path(__file__).parent


def test_a_rollcall_object() -> None:
    record = read(HERE / "rollcall.rda")
    assert record.to_wide().to_dict() == {
        "v1": {"Ada": "yes", "Ben": "no", "Cem": "not a member"},
        "v2": {"Ada": "not recorded", "Ben": "yes", "Cem": "no"},
    }
    assert record.members["group"].tolist() == ["X", "Y", "X"]
    assert record.rollcalls["title"].tolist() == ["On fish", "On fowl"]
    assert record.rollcalls["date"].tolist() == [pd.Timestamp("2001-02-03"), pd.Timestamp("2001-02-04")]
    assert record.source == "A made-up chamber"


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_however_it_is_packed(write: Write, pack: Callable[[bytes], bytes]) -> None:
    plain = gzip.decompress((HERE / "rollcall.rda").read_bytes())
    assert read(write("x.rda", pack(plain))).votes.shape == (3, 2)


def test_no_rollcall_object_inside() -> None:
    with pytest.raises(
        InputError, match=("contains 0 objects of class rollcall; the objects in the file are 'x'")
    ):
        read(HERE / "vector.rda")


@pytest.mark.parametrize("cut", [20, 100, 300, -10])
def test_cut_short(write: Write, cut: int) -> None:
    plain = gzip.decompress((HERE / "rollcall.rda").read_bytes())
    with pytest.raises(InputError) as caught:
        read(write("x.rda", plain[:cut]))
    assert caught.value.file
    assert caught.value.remedy


R = shutil.which("Rscript")
SENATE = """
if (!requireNamespace("pscl", quietly = TRUE)) quit(status = 9)
suppressPackageStartupMessages(library(pscl)); data(s109); save(s109, file = commandArgs(TRUE)[1])
d <- s109$legis.data; n <- substr(sprintf("%-11s", sub(" \\\\(.*", "", rownames(d))), 1, 11)
writeLines(paste0("109", sprintf("%5d", d$icpsrLegis), sprintf("%2d", as.integer(d$icpsrState)),
  sprintf("%2d", as.integer(d$cd)), sprintf("%-8s", d$state), sprintf("%3d", as.integer(d$partyCode)),
  "  ", n,
  apply(s109$votes, 1, paste, collapse = "")), commandArgs(TRUE)[2])
"""


def test_the_109th_senate_as_pscl_carries_it(tmp_path: Path) -> None:
    """102 members, 645 roll calls; the same votes as an .rda and as the KH file they came from."""
    if R is None:
        pytest.skip("R is not installed")
    rda, kh = tmp_path / "s109.rda", tmp_path / "s109.ord"
    run = subprocess.run([R, "-e", SENATE, str(rda), str(kh)], capture_output=True, text=True, check=False)
    if run.returncode == 9:
        pytest.skip("pscl is not installed")
    assert run.returncode == 0, run.stderr
    record, flat = read(rda), read(kh)
    assert record.votes.shape == flat.votes.shape == (102, 645)
    assert (record.votes == flat.votes).all()
    counts = record.tally().sum()
    # table(s109$votes): 645 zeros, 40207 ones, 22650 sixes, one seven, 2287 nines
    assert counts[["yes", "no", "abstain", "absent"]].tolist() == [40_207, 22_650, 1, 2_287]
    assert int((record.votes == -3).sum()) == 645
    assert record.tally()["yes"].tolist()[:2] == [
        1,
        86,
    ]  # pscl's yeatotal, 1 and 85, leaves out the President's position
    assert record.rollcalls["date"].iloc[0] == pd.Timestamp("2005-01-06")
    assert read_kh(kh).members["group"].value_counts()["Republican"] == 56
