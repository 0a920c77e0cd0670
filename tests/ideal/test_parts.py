"""Parts of a record that too few votes join."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from ideal.divided import EVEN, KINDS, divided_record, is_mirrored
from voteshift.ideal.interface import check_converged
from voteshift.ideal.parts import divide_members, find_parts
from voteshift.likelihood import Design

WINDOWS = [("2006", "2026"), ("2016", "2021"), ("2018", "2020"), ("2015", "2023"), ("2021", "2021")]


@pytest.mark.parametrize("kind", KINDS)
def test_parts_are_named(kind: str) -> None:
    record, _ = divided_record(3, kind)
    fit = vs.IdealPoints().fit(record)
    assert fit.parts is not None
    sizes = np.bincount(fit.parts.member)
    assert sorted(sizes) == [20, 20]
    assert len({*fit.parts.member[:20]}) == 1
    caution = fit.cautions[0]
    assert "the members form 2 parts" in caution
    assert "20 members (M00, M01, M02, …; " in caution
    assert "20 members (M20, M21, M22, …; " in caution
    assert ("share no contested roll call" in caution) == (kind == "no vote")
    assert ("3 votes of M" in caution) == kind.startswith("three votes")
    with pytest.raises(vs.NotUsableError, match="no common scale: the members form 2 parts"):
        check_converged(fit)


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
def test_periods_do_not_join_what_votes_do_not() -> None:
    fit = vs.IdealPoints(dynamics=vs.RandomWalk()).fit(divided_record(3, "no vote")[0])
    assert fit.parts is not None
    assert any("share no contested roll call" in caution for caution in fit.cautions)


def test_three_parts_are_told_apart() -> None:
    votes = np.full((9, 12), int(vs.Vote.NOT_MEMBER), dtype=np.int8)
    for part in range(3):
        cells = np.random.default_rng(part).choice([0, 2], (3, 4))
        cells[0], cells[1] = 0, 2
        votes[3 * part : 3 * part + 3, 4 * part : 4 * part + 4] = cells
    ids = [f"M{row}" for row in range(9)], [f"R{column}" for column in range(12)]
    record = vs.RollCalls(votes, *(pd.DataFrame(index=names) for names in ids))
    fit = vs.IdealPoints().fit(record)
    assert fit.parts is not None
    assert np.bincount(fit.parts.member).tolist() == [3, 3, 3]
    assert "form 3 parts" in fit.cautions[0]


@pytest.mark.parametrize("window", WINDOWS)
def test_the_bundled_record_is_one_part(window: tuple[str, str]) -> None:
    assert vs.IdealPoints().fit(vs.load_hrc().between(*window)).parts is None


def test_the_bundled_record_with_periods_is_one_part() -> None:
    assert vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")).fit(vs.load_hrc()).parts is None


@pytest.mark.parametrize("joint", ["all votes", "three roll calls"])
def test_votes_that_fix_a_direction_join(joint: str) -> None:
    record, truth = divided_record(1, joint, ((100, 200), (50, 100)))
    fit = vs.IdealPoints().fit(record)
    assert fit.parts is None
    assert not is_mirrored(fit, truth, 100)


def test_a_million_votes_take_little() -> None:
    rng = np.random.default_rng(0)
    votes = rng.integers(0, 2, (300, 3500)).astype(np.int8)
    design = Design(
        votes,
        np.zeros(3500, dtype=np.int32),
        np.arange(3500, dtype=np.int32),
        np.full(3500, 2, dtype=np.int8),
    )
    assert not divide_members(design)  # 0.15 s of one core


@pytest.mark.nightly
@pytest.mark.parametrize("sizes", [EVEN, ((30, 60), (8, 20))])
@pytest.mark.parametrize("kind", KINDS)
def test_no_world_is_mirrored_without_a_word(kind: str, sizes: tuple[tuple[int, int], ...]) -> None:
    named = mirrored = 0
    for seed in range(20):
        record, truth = divided_record(seed, kind, sizes)  # type: ignore[arg-type]
        fit = vs.IdealPoints().fit(record)
        named += fit.parts is not None
        mirrored += is_mirrored(fit, truth, sizes[0][0])
    assert named == 20
    assert mirrored >= 1


def _wide(path: Path, member: str, rollcall: list[str], period: str) -> vs.RollCalls:
    """Read a list of votes (1 and 0) of the Court or the Senate."""
    frame = pd.read_csv(path)
    frame["id"] = frame[rollcall].astype(str).agg("-".join, axis=1)
    wide = frame.pivot_table(index=member, columns="id", values="vote", sort=False)
    votes = wide.fillna(-1).to_numpy()
    codes = np.where(votes < 0, int(vs.Vote.NOT_MEMBER), 2 * votes).astype(np.int8)
    first = frame.drop_duplicates("id").set_index("id")[period].loc[wide.columns]
    years = first if period == "term" else 1789 + 2 * (first - 1)
    dates = pd.to_datetime(years.astype(str) + "-10-01")
    rollcalls = pd.DataFrame({"date": dates, "term": first.astype(str)}, index=wide.columns.astype(str))
    return vs.RollCalls(codes, pd.DataFrame(index=wide.index.astype(str)), rollcalls)


@pytest.fixture(scope="module")
def court(harvest: Path) -> vs.RollCalls:
    """The Supreme Court of the United States."""
    return _wide(harvest / "court" / "votes.csv.xz", "justice", ["case"], "term")


@pytest.fixture(scope="module")
def senate(harvest: Path) -> vs.RollCalls:
    """The Senate of the United States, congresses 80 to 110."""
    return _wide(harvest / "senate" / "votes.csv.xz", "member", ["congress", "rollcall"], "congress")


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
@pytest.mark.parametrize(
    ("chamber", "periods", "window"),
    [
        ("court", None, ("1937", "2024")),
        ("court", "term", ("1937", "2024")),
        ("court", None, ("1994", "2004")),
        ("senate", None, ("2005", "2006")),  # the 109th
        ("senate", None, ("1945", "1960")),
        ("senate", None, ("1987", "1988")),
        ("senate", None, ("1987", "2008")),
        ("assembly", None, ("1946", "1950")),
        ("assembly", None, ("1970", "1980")),
        ("assembly", None, ("2012", "2020")),
        ("assembly", "year", ("2000", "2010")),
    ],
)
def test_no_alarm_on_courts_senates_and_assemblies(
    request: pytest.FixtureRequest, chamber: str, periods: str | None, window: tuple[str, str]
) -> None:
    """Each of them is one part; the files are absent from most machines, and the test is then skipped."""
    record = request.getfixturevalue(chamber).between(*window)
    assert len(record.rollcalls) > 100
    fit = (vs.IdealPoints() if periods is None else vs.IdealPoints(dynamics=vs.RandomWalk(periods))).fit(
        record
    )
    assert find_parts(fit) is None
    assert fit.parts is None
    assert not [caution for caution in fit.cautions if "the members form" in caution]
