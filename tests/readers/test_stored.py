"""Tables that programs store: files of R and Stata, and JSON."""

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from readers.files import Write
from voteshift.errors import InputError, UsageError, VoteshiftError
from voteshift.readers import examine, read

rdata = pytest.importorskip("rdata")


def write_r(path: Path, value: Any, compression: str | None = "gzip") -> None:
    """Write an object as ``save`` or ``saveRDS`` of R does, by the name of the file."""

    def plain(one: Any) -> Any:
        if not isinstance(one, pd.DataFrame):
            return one
        texts = [name for name in one if isinstance(one[name].dtype, pd.StringDtype)]
        return one.astype(dict.fromkeys(texts, object))

    if path.suffix == ".rds":
        rdata.write_rds(path, plain(value), compression=compression)
    else:
        rdata.write_rda(path, {name: plain(one) for name, one in value.items()}, compression=compression)


LONG = pd.DataFrame(
    {
        "member": ["Ada", "Bob", "Cem", "Ada", "Bob"],
        "rollcall": ["1", "1", "1", "2", "2"],
        "vote": ["yes", "no", "abstain", "absent", "yes"],
        "date": ["2001-01-31", "2001-01-31", "2001-01-31", "2002-01-31", "2002-01-31"],
        "party": ["L", "R", "R", "R", "R"],
    }
)
#: A list as in the R package pscl, which is not an object of class rollcall.
COURT: dict[str, Any] = {
    "votes": np.array([[1.0, 0.0, np.nan], [0.0, 0.0, 1.0]]),
    "legis.names": np.array(["Rehnquist", "Stevens"]),
    "vote.names": np.array(["a", "b", "c"]),
    "party": None,
    "desc": np.array(["a court"]),
}


def check_long(record: vs.RollCalls) -> None:
    assert record.to_wide().loc[["Ada", "Bob", "Cem"]].to_numpy().tolist() == [
        ["yes", "absent"],
        ["no", "yes"],
        ["abstain", "not a member"],
    ]
    assert record.rollcalls["date"].dt.year.tolist() == [2001, 2002]
    assert record.members["group"].to_dict() == {"Ada": "R", "Bob": "R", "Cem": "R"}
    assert record.groups["group"].tolist() == ["L", "R"]


@pytest.mark.parametrize("compression", ["gzip", "xz", "bzip2", None])
def test_a_data_frame_of_r(tmp_path: Path, compression: str | None) -> None:
    for name, value in (("v.RData", {"votes": LONG}), ("v.rds", LONG)):
        path = tmp_path / name
        write_r(path, value, compression)
        check_long(read(path))
        assert examine(path).format == "table"


def test_factors_and_numbers_of_a_data_frame_of_r(tmp_path: Path) -> None:
    frame = LONG.assign(rollcall=[1.0, 1.0, 1.0, 2.0, 2.0], vote=pd.Categorical(LONG["vote"]))
    path = tmp_path / "v.rds"
    write_r(path, frame)
    check_long(read(path))


def test_dates_of_r_are_days_since_1970(tmp_path: Path) -> None:
    days = (pd.to_datetime(LONG["date"]) - pd.Timestamp("1970-01-01")).dt.days.astype(float)
    path = tmp_path / "v.rds"
    write_r(path, LONG.assign(date=days))
    check_long(read(path))


def test_the_assembly_as_a_data_frame_of_r(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"rcid": [1.0, 1.0, 2.0], "ccode": [2.0, 365.0, 2.0], "vote": [1.0, 3.0, 2.0], "session": [1.0] * 3}
    )
    path = tmp_path / "UNVotes.RData"
    write_r(path, {"completeVotes": frame})
    record = read(path)
    assert record.members.index.tolist() == ["USA", "RUS"]
    assert record.votes.tolist() == [[2, 1], [0, -3]] or record.votes[0].tolist() == [2, 1]
    assert examine(path).format == "voeten"


def test_a_list_of_pscl_needs_the_meaning_of_its_codes(tmp_path: Path) -> None:
    path = tmp_path / "sc9497.rda"
    write_r(path, {"sc9497": COURT})
    with pytest.raises(InputError, match=r"codes=\{'1': 'MEANING', '0': 'MEANING'\}"):
        read(path)
    record = read(path, codes={"1": "yes", "0": "no"})
    assert record.members.index.tolist() == ["Rehnquist", "Stevens"]
    assert record.rollcalls.index.tolist() == ["a", "b", "c"]
    assert record.votes.tolist() == [[2, 0, -2], [0, 0, 2]]


def test_a_list_with_parties_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "s.rda"
    write_r(path, {"s": COURT | {"party": np.array(["R", "D"])}})
    assert read(path, codes={"1": "yes", "0": "no"}).members["group"].tolist() == ["R", "D"]


def test_two_tables_in_a_file_of_r_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "v.RData"
    write_r(path, {"a": LONG, "b": LONG})
    with pytest.raises(InputError, match="2 data frames or lists of votes: 'a', 'b'"):
        read(path)


def test_an_object_of_class_rollcall_states_its_codes(root: Path) -> None:
    with pytest.raises(UsageError, match="codes= does not apply to an object of class rollcall"):
        read(root / "tests" / "readers" / "rollcall.rda", codes={"1": "yes"})


@pytest.mark.parametrize("version", [114, 117, 118])
def test_a_file_of_stata(tmp_path: Path, version: int) -> None:
    path = tmp_path / "v.dta"
    frame = LONG.assign(vote=pd.Categorical(LONG["vote"]), date=pd.to_datetime(LONG["date"]))
    frame.to_stata(path, write_index=False, version=version, convert_dates={"date": "td"})  # type: ignore[arg-type]
    check_long(read(path))
    assert examine(path).format == "table"


def test_codes_of_stata_without_labels(tmp_path: Path) -> None:
    path = tmp_path / "v.dta"
    frame = LONG[["member", "rollcall"]].assign(stimme=[1, 2, 3, 9, 1])
    frame.to_stata(path, write_index=False)
    record = read(
        path, columns={"stimme": "vote"}, codes={"1": "yes", "2": "no", "3": "abstain", "9": "absent"}
    )
    assert record.votes.tolist() == [[2, -1], [0, 2], [1, -3]]


def test_json_of_records(write: Write) -> None:
    check_long(read(write("v.json", json.dumps(LONG.to_dict("records")))))
    check_long(read(write("w.json.gz", gzip.compress(json.dumps(LONG.to_dict("records")).encode()))))


def test_voteview_in_json(write: Write) -> None:
    votes = [
        {"congress": 117, "chamber": "Senate", "rollnumber": k, "icpsr": 14226 + i, "cast_code": code}
        for k in (1, 2)
        for i, code in enumerate((1, 6, 9))
    ]
    members = [
        {
            "congress": 117,
            "chamber": "Senate",
            "icpsr": 14226 + i,
            "bioname": f"A{i}",
            "party_code": 100 + 100 * (i % 2),
        }
        for i in range(3)
    ]
    rollcalls = [
        {
            "congress": 117,
            "chamber": "Senate",
            "rollnumber": k,
            "date": "2021-01-31",
            "yea_count": 1,
            "nay_count": 1,
        }
        for k in (1, 2)
    ]
    for name, table in (("votes", votes), ("members", members), ("rollcalls", rollcalls)):
        path = write(f"folder/S117_{name}.json", json.dumps(table))
    record = read(path.parent)
    assert record.votes.tolist() == [[2, 2], [0, 0], [-1, -1]]
    assert record.members["group"].tolist() == ["Democrat", "Republican", "Democrat"]
    assert record.rollcalls["date"].notna().all()
    alone = read(path.parent / "S117_votes.json")
    assert alone.votes.tolist() == record.votes.tolist()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ('[{"member": "a", "vote": ["yes"]}]', "'vote' in entry 1 of the array is a list"),
        ('[{"member": "a"}, 3]', "entry 2 of the array is not an object"),
        ('[{"member": "a"', "the JSON file cannot be read"),
        ('[{"a": ' * 100_000, "the JSON file cannot be read"),
        ('[{"": "a"}]', "no rows|has no name|only one column"),
        ("[{}]", "."),
        ('[{"member": "a", "vote": 1e400}]', "."),
    ],
)
def test_json_that_is_no_table_is_an_error(write: Write, content: str, match: str) -> None:
    with pytest.raises(InputError, match=match) as caught:
        read(write("v.json", content))
    assert caught.value.remedy


@pytest.mark.filterwarnings("ignore::voteshift.errors.DataWarning")
@pytest.mark.parametrize("seed", range(6))
def test_damaged_files_are_errors_and_nothing_else(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    stata, r = tmp_path / "v.dta", tmp_path / "v.rds"
    LONG.to_stata(stata, write_index=False)
    write_r(r, LONG, None)
    for path in (stata, r):
        content = bytearray(path.read_bytes())
        for _ in range(30):
            damaged = content.copy()
            for place in rng.integers(12, len(content), size=4):
                damaged[place] = int(rng.integers(256))
            cut = int(rng.integers(12, len(content))) if rng.random() < 0.3 else len(content)
            path.write_bytes(bytes(damaged[:cut]))
            with suppress(VoteshiftError):
                read(path)
