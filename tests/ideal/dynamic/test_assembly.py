"""The General Assembly. The whole of it: pytest -m nightly tests/ideal/dynamic/test_assembly.py"""

import time
import warnings
from pathlib import Path

import numpy as np
import pytest

import voteshift as vs
from voteshift.readers import read_pairs

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "unga"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the General Assembly's record is not here")


def fitted(record: vs.RollCalls) -> vs.DynamicFit:
    pairs = read_pairs(FOLDER / "matches.csv", record.rollcalls.index)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        fit = vs.IdealPoints(link="probit", dynamics=vs.RandomWalk("session", items=pairs.kept)).fit(record)
    assert isinstance(fit, vs.DynamicFit)
    return fit


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.read(FOLDER)


def test_russia_turns_west_after_1989(record: vs.RollCalls) -> None:
    """Sessions 42 to 50 (1987 to 1995): towards the United States and its allies, who stay at their end."""
    sessions = record.rollcalls["session"].isin([str(number) for number in range(42, 51)])
    fit = fitted(record.select(rollcalls=list(record.rollcalls.index[sessions])))
    assert fit.converged
    assert fit.bridged
    table = fit.tidy().pivot(index="period", columns="member", values="estimate")
    assert table.loc["48", "RUS"] > table.loc["42", "RUS"] + 0.5
    ends = table.rank(axis=1, ascending=False)
    assert (ends[["USA", "ISR", "GBR"]] <= 8).all(axis=None)


@pytest.mark.nightly
def test_the_whole_assembly(record: vs.RollCalls) -> None:
    """Seconds of processor time, for this machine is shared; `benchmarks/assembly.py` has the wall clock."""
    begun = time.process_time()
    fit = fitted(record)
    table = fit.tidy()
    assert time.process_time() - begun < 60
    assert fit.converged
    assert np.isfinite(table["std_error"]).all()
    assert fit.encoded.bridges.open_gaps[-1] == ("52", "53")
    wide = table.pivot(index="period", columns="member", values="estimate")
    # Across a gap that no pair spans only where members stand among each other may be compared.
    russia = wide["RUS"] - wide.mean(axis=1)
    assert russia["48"] > russia["43"] + 0.3  # 1988 to 1993
    assert russia["58"] < russia["48"]  # 2003
    rank = wide.rank(axis=1, ascending=False)
    assert rank.loc["74", "USA"] == 1
    decades = [str(session) for session in range(35, 75)]
    assert (rank.loc[decades, ["USA", "ISR"]].median() <= 3).all()
    assert rank.loc[decades, "GBR"].median() <= 10
