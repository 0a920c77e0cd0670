import csv
import string
import warnings
from contextlib import suppress
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

import voteshift as vs
from voteshift import InputError, RollCalls, UsageError, Vote
from voteshift.files import whole_file
from voteshift.readers import from_dataset
from voteshift.readers.findings import DataWarning
from voteshift.writers import to_dataset
from voteshift.writers.writing import WRITERS

same_folder = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
codes = st.sampled_from([int(vote) for vote in Vote])
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
# What survives a table: no space around it, nothing a spreadsheet would run, no state's name.
words = st.text(string.ascii_letters + "0123456789 ,;\"'\n/é=-", max_size=6).map(lambda text: f"q{text}q")
COLUMNS = {
    "str": texts,
    "int64": st.integers(-(2**63), 2**63 - 1),
    "Int64": st.none() | st.integers(-(2**63), 2**63 - 1),
    "float64": st.floats(width=64),
    "Float64": st.none() | st.floats(allow_nan=False),
    "bool": st.booleans(),
    "boolean": st.none() | st.booleans(),
    "datetime64[s]": st.none() | st.datetimes(pd.Timestamp("1800-01-01"), pd.Timestamp("2200-01-01")),
    "object": st.none() | texts | st.integers(-(2**31), 2**31) | st.booleans(),
}


@st.composite
def records(draw: st.DrawFn, ids: st.SearchStrategy[str] = texts, columns: bool = True) -> RollCalls:
    members = draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    rollcalls = draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    cells = draw(
        st.lists(codes, min_size=len(members) * len(rollcalls), max_size=len(members) * len(rollcalls))
    )
    votes = np.array(cells, np.int8).reshape(len(members), len(rollcalls))
    frames = []
    for labels in (members, rollcalls):
        frame = pd.DataFrame(index=pd.Index(labels, dtype=object))
        for kind, values in COLUMNS.items() if columns else ():
            if draw(st.booleans()):
                given_values = draw(st.lists(values, min_size=len(labels), max_size=len(labels)))
                series = pd.Series(given_values, index=frame.index, dtype=object)
                if kind.startswith("datetime"):
                    series = pd.to_datetime(series).astype(kind)
                elif kind != "object":
                    series = series.astype(kind)
                frame[f"a {kind}"] = series
        frames.append(frame)
    polarity = draw(st.none() | st.sampled_from(members))
    return RollCalls(votes, *frames, polarity=polarity or None, source=draw(texts))  # type: ignore[misc]


def same(one: RollCalls, other: RollCalls) -> None:
    assert np.array_equal(one.votes, other.votes)
    for ours, theirs in ((one.members, other.members), (one.rollcalls, other.rollcalls)):
        pd.testing.assert_index_equal(ours.index, theirs.index)
        assert ours.dtypes.map(str).to_dict() == theirs.dtypes.map(str).to_dict()
        for name in ours.columns:
            for left, right in zip(ours[name].tolist(), theirs[name].tolist(), strict=True):
                assert (pd.isna(left) and pd.isna(right)) or (left == right and type(left) is type(right))
    assert (one.polarity, one.source) == (other.polarity, other.source)


def quietly(path: Path) -> RollCalls:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return vs.read(path)


@same_folder
@given(record=records(), suffix=st.sampled_from([".voteshift", ".voteshift.gz"]))
def test_our_own_format_loses_nothing(record: RollCalls, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    vs.write(record, path)
    same(record, vs.read(path))


@settings(same_folder, max_examples=12)
@given(record=records())
def test_netcdf_loses_nothing(record: RollCalls, tmp_path: Path) -> None:
    same(record, from_dataset(to_dataset(record)))
    vs.write(record, tmp_path / "x.nc")
    same(record, vs.read(tmp_path / "x.nc"))


@same_folder
@given(record=records(words, columns=False), suffix=st.sampled_from(["csv", "tsv"]))
def test_a_matrix_keeps_every_vote(record: RollCalls, suffix: str, tmp_path: Path) -> None:
    if (record.votes == Vote.NOT_MEMBER).all():
        return
    path = tmp_path / f"x.{suffix}"
    vs.write(record, path, format="wide", formulas=True)
    back = quietly(path)
    assert back.members.index.tolist() == record.members.index.tolist()
    assert back.rollcalls.index.tolist() == record.rollcalls.index.tolist()
    assert np.array_equal(back.votes, record.votes)


@same_folder
@given(record=records(words, columns=False), format=st.sampled_from(["long", "folder"]))
def test_tables_keep_every_seat(record: RollCalls, format: str, tmp_path: Path) -> None:
    if (record.votes == Vote.NOT_MEMBER).all():
        return
    facts = record.rollcalls.assign(
        title="On fish", date=pd.Timestamp("2001-02-03"), yes=record.tally()["yes"]
    )
    record = RollCalls(record.votes, record.members, facts)
    path = tmp_path / ("x.csv" if format == "long" else f"x{len(list(tmp_path.iterdir()))}")
    vs.write(record, path, format=format, formulas=True)
    back = quietly(path)
    assert set(map(tuple, back.to_long().to_numpy())) == set(map(tuple, record.to_long().to_numpy()))
    assert set(back.rollcalls["title"]) == {"On fish"}
    assert set(back.rollcalls["date"]) == {pd.Timestamp("2001-02-03")}
    kept = back.rollcalls["yes"].to_dict()
    assert kept == {label: yes for label, yes in record.rollcalls["yes"].to_dict().items() if label in kept}


@same_folder
@given(record=records(words, columns=False))
def test_voteview_keeps_what_it_has_codes_for(record: RollCalls, tmp_path: Path) -> None:
    if (record.votes == Vote.NOT_MEMBER).all():
        return
    path = tmp_path / f"x{len(list(tmp_path.iterdir()))}"
    vs.write(record, path, format="voteview", formulas=True)
    back = quietly(path)
    codes = np.where(record.votes == Vote.NOT_RECORDED, Vote.ABSENT, record.votes)
    wide = pd.DataFrame(codes, record.members.index, [f"RA000{k + 1:04d}" for k in range(codes.shape[1])])
    again = pd.DataFrame(back.votes, back.members.index, back.rollcalls.index)
    assert (again == wide.loc[again.index, again.columns]).all(axis=None)
    left_out = wide.drop(index=again.index)
    assert (left_out == Vote.NOT_MEMBER).all(axis=None)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("x.voteshift", None),
        ("x.voteshift.gz", None),
        ("x.nc", None),
        ("x.csv", "long"),
        ("x.csv", "wide"),
        ("x", "folder"),
        ("y", "voteview"),
    ],
)
def test_the_whole_council_comes_back(
    everything: RollCalls, tmp_path: Path, name: str, format: str | None
) -> None:
    vs.write(everything, tmp_path / name, format=format)
    back = quietly(tmp_path / name)
    pair = (everything.members.index, everything.rollcalls.index)
    if format == "voteview":
        assert (back.votes >= 0).sum() == (everything.votes >= 0).sum()
    elif format == "long":
        assert np.array_equal(
            pd.DataFrame(back.votes, back.members.index, back.rollcalls.index).loc[pair], everything.votes
        )
    elif format is None:
        same(everything, back)
    else:
        assert np.array_equal(back.votes, everything.votes)
    if format in ("long", "folder", None):
        facts = ["date", "symbol", "title", "session", "yes", "reconciled", "family"]
        pd.testing.assert_frame_equal(
            back.rollcalls.loc[pair[1], facts], everything.rollcalls[facts], check_dtype=False
        )


def test_cells_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    bad = ["=1+1", "+1", "-1", "@a", "\tb", "plain"]
    record = RollCalls(
        np.full((6, 1), Vote.YES, np.int8),
        pd.DataFrame(index=bad),
        pd.DataFrame({"title": "=HYPERLINK()"}, index=["=r"]),
    )
    for format in ("long", "wide"):
        vs.write(record, tmp_path / "x.csv", format=format)
        with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as handle:
            cells = [cell for row in csv.reader(handle) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
        assert "'=1+1" in cells
        vs.write(record, tmp_path / "x.csv", format=format, formulas=True)
        assert "=1+1" in (tmp_path / "x.csv").read_text(encoding="utf-8")
    for format in ("folder", "voteview"):
        vs.write(record, tmp_path / format, format=format)
        for file in (tmp_path / format).iterdir():
            with file.open(encoding="utf-8", newline="") as handle:
                assert not [
                    c for row in csv.reader(handle) for c in row if c.startswith(("=", "+", "-", "@"))
                ]


def test_what_a_format_cannot_hold_is_refused(tmp_path: Path) -> None:
    record = RollCalls(
        np.zeros((1, 1), np.int8), pd.DataFrame({"odd": [[1, 2]]}, index=["a"]), pd.DataFrame(index=["r"])
    )
    for name in ("x.voteshift", "x.nc"):
        with pytest.raises(UsageError, match="'odd' contains"):
            vs.write(record, tmp_path / name)
    times = record.members.assign(odd=pd.Timedelta("1D"))
    with pytest.raises(UsageError, match="'odd' has the type timedelta"):
        vs.write(RollCalls(record.votes, times, record.rollcalls), tmp_path / "x.voteshift")
    assert list(tmp_path.iterdir()) == []


def test_names_that_tell_no_format(record: RollCalls, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot infer the format from the name"):
        vs.write(record, tmp_path / "x.doc")
    with pytest.raises(UsageError, match="unknown format 'doc'"):
        vs.write(record, tmp_path / "x", format="doc")


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_places_that_cannot_be_written(record: RollCalls, tmp_path: Path, format: str) -> None:
    with pytest.raises(InputError, match="cannot write the file: No such file"):
        vs.write(record, tmp_path / "nowhere" / "x", format=format)


def test_a_folder_that_is_there_is_not_replaced(record: RollCalls, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    vs.write(record, tmp_path / "x")  # empty: nothing is lost
    with pytest.raises(InputError, match="the target already exists"):
        vs.write(record, tmp_path / "x")


def test_an_error_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    with suppress(KeyError), whole_file(path) as beside:
        beside.write_text("half")
        raise KeyError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
