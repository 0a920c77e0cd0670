from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voteshift.likelihood import Design
from voteshift.packing import pack, unpack

ROOMS = ["voteshift.likelihood"]
PLAIN = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


def design():
    codes = np.array([[0, 1], [1, -1]], dtype=np.int8)
    return Design(codes, np.zeros(2, np.int32), np.arange(2, dtype=np.int32), np.full(2, 2, np.int8))


@given(VALUES)
def test_plain_values_come_back_as_they_were(value):
    found = unpack(pack(value, {}, ROOMS), {}, ROOMS)
    assert found == value
    assert type(found) is type(value)


def test_arrays_and_dataclasses_come_back_and_are_shared():
    one = design()
    index = pd.Index(["a", "b"], name="member")
    arrays = {}
    described = pack({"here": one, "there": (one, one.codes), "ids": index, "n": np.int64(3)}, arrays, ROOMS)
    found = unpack(described, arrays, ROOMS)
    assert found["here"] is found["there"][0]
    assert found["there"][1] is found["here"].codes
    assert len(arrays) == 4
    np.testing.assert_array_equal(found["here"].codes, one.codes)
    assert found["here"].codes.dtype == np.int8
    assert found["ids"].equals(index)
    assert (found["ids"].name, found["n"]) == ("member", 3)


def test_frames_and_slices_come_back():
    frame = pd.DataFrame({"name": ["x", "y"], "n": [1, 2], "share": [0.5, np.nan]})
    named = frame.set_index(pd.Index(["a", "b"], name="member"))
    arrays = {}
    described = pack([frame, named, slice(2, None)], arrays, ROOMS)
    one, other, part = unpack(described, arrays, ROOMS)
    pd.testing.assert_frame_equal(one, frame, check_column_type=False)
    pd.testing.assert_frame_equal(other, named, check_column_type=False)
    assert part == slice(2, None, None)


def test_what_has_no_form_is_refused():
    @dataclass
    class Stranger:
        x: int

    for value in (Stranger(1), object(), np.array([None]), {1: 2}, pd.Index([1, 2]), {"a": {2}}):
        with pytest.raises(TypeError):
            pack(value, {}, ROOMS)


@pytest.mark.parametrize(
    "described",
    [
        {"class": ["os", "system"], "fields": {}, "is": 0},
        {"class": ["voteshift.likelihoods", "Design"], "fields": {}, "is": 0},
        {"class": ["voteshift.likelihood.design", "np"], "fields": {}, "is": 0},
        {"class": ["voteshift.likelihood.design", "Design"], "fields": {"codes": 1}, "is": 0},
        {"array": "a0", "is": 0},
        {"again": 3},
        {},
    ],
)
def test_what_was_not_packed_is_not_built(described):
    with pytest.raises((ValueError, TypeError, LookupError, AttributeError, ImportError)):
        unpack(described, {}, ROOMS)
