"""Numbers stored before a change against numbers after it."""

import json
from pathlib import Path

import pytest

from scripts import scripts

with scripts(Path(__file__).parents[2] / "tools") as load:
    golden = load("golden")

#: Cases that take seconds: the others run nightly.
QUICK = ("tally", "plain", "whatif", "ideal-static", "logit")


@pytest.mark.parametrize("name", QUICK)
def test_every_number_is_as_it_was(name: str) -> None:
    assert golden.compare_case(name) == []


@pytest.mark.nightly
@pytest.mark.parametrize("name", [name for name in golden.list_cases() if name not in QUICK])
def test_every_number_of_every_family_is_as_it_was(name: str) -> None:
    assert golden.compare_case(name) == []


def test_every_case_is_stored() -> None:
    stored = {path.name.removesuffix(".json.xz") for path in golden.FOLDER.glob("*.json.xz")}
    assert stored == set(golden.list_cases())


def test_a_number_that_moves_is_missing_or_vanishes_is_reported() -> None:
    before = {"/a": 1.0, "/b": 2, "/c": True, "/d": None}
    assert golden.find_differences(before, {**before, "/new": 3.0}, 0.0) == []
    assert golden.find_differences(before, {**before, "/a": 1.0 + 1e-15}, 0.0) == [
        "/a: 1.0 before, 1.000000000000001 now"
    ]
    assert golden.find_differences(before, {**before, "/a": 1.001}, golden.TOLERANCE) == []
    assert len(golden.find_differences(before, {**before, "/c": 1.0, "/d": 0.0}, golden.TOLERANCE)) == 1
    assert golden.find_differences(before, {"/a": 1.0, "/c": True, "/d": None}, 0.0) == [
        "/b: 2 before, missing now"
    ]


def test_entries_are_compared_by_what_they_are_about() -> None:
    one = [{"id": "a", "yes": 1}, {"id": "b", "yes": 2}]
    assert dict(golden.flatten(one)) == {"/a/yes": 1, "/b/yes": 2}
    assert dict(golden.flatten(one)) == dict(golden.flatten(one[::-1]))
    assert dict(golden.flatten([{"id": "a", "x": 1}, {"id": "a", "x": 2}])) == {"/0/x": 1, "/1/x": 2}


def test_what_is_stored_can_be_read() -> None:
    stored = golden.read_case("tally")
    assert stored["machine"].keys() == golden.describe_machine().keys()
    assert json.dumps(stored["numbers"])
