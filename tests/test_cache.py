"""Fits on disk: the same numbers, for the same question only, whatever happens to the files."""

import io
import json
import os
import subprocess
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift import cache
from voteshift.cache import cache_folder, cached_fit
from voteshift.checksums import checksum_of
from voteshift.ideal import storage
from voteshift.simulation import Dynamics, simulate

SPEC = vs.IdealPoints()


@pytest.fixture(scope="module")
def small():
    return simulate(9, 14, seed=3).rollcalls


@pytest.fixture(scope="module")
def fitted(small):
    found = SPEC.fit(small)
    assert found.converged
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VOTESHIFT_CACHE", str(tmp_path / "fits"))
    return tmp_path / "fits"


@pytest.fixture
def fits(monkeypatch, fitted):
    """The fits that were made, which take no time here."""
    made = []

    def fit(spec, rollcalls, *, progress=None):
        made.append(spec)
        return replace(fitted, spec=spec)

    monkeypatch.setattr(vs.IdealPoints, "fit", fit)
    return made


def only(folder):
    (path,) = folder.glob("*.npz")
    return path


def same(one, other):
    pd.testing.assert_frame_equal(one.tidy(), other.tidy(), check_exact=True)
    pd.testing.assert_frame_equal(one.items(), other.items(), check_exact=True)
    rollcalls = [str(one.encoded.rollcalls[0])]
    mine, theirs = one.draw(3, rollcalls, 5), other.draw(3, rollcalls, 5)
    return np.array_equal(mine.positions, theirs.positions) and np.array_equal(
        mine.cutpoints, theirs.cutpoints
    )


def test_a_fit_read_from_disk_is_the_fit_to_the_last_bit(small, fitted, folder, fits):
    first = cached_fit(SPEC, small)
    again = cached_fit(SPEC, small)
    assert len(fits) == 1
    assert same(first, again)
    assert same(fitted, again)
    assert again.mode.objective == fitted.mode.objective
    assert (again.direction, again.level, repr(again)) == (fitted.direction, fitted.level, repr(fitted))
    assert again.encoded.categories == fitted.encoded.categories
    assert again.encoded.members.equals(fitted.encoded.members)


def test_what_was_one_object_is_one_again(small, folder, fits):
    cached_fit(SPEC, small)
    found = cached_fit(SPEC, small)
    assert found.model.design is found.encoded.design
    assert found.laplace.model is found.model
    assert found.laplace.point is found.mode.point


def test_the_normal_approximation_comes_along(small, folder, fits, monkeypatch):
    cached_fit(SPEC, small)
    monkeypatch.setattr("voteshift.ideal.results.laplace", lambda *_: pytest.fail("taken again"))
    cached_fit(SPEC, small).tidy()


@pytest.mark.parametrize(
    "other",
    [
        {"link": "probit"},
        {"level": 0.8},
        {"polarity": "m1"},
        {"priors": vs.Priors(discrimination=4)},
        {"target": {"m1": [1.0]}},
        {"tolerance": 1e-7},
    ],
)
def test_another_specification_is_another_fit(small, folder, fits, other):
    cached_fit(SPEC, small)
    cached_fit(replace(SPEC, **other), small)
    assert len(fits) == 2


@pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")
def test_other_dynamics_are_another_fit(years, folder):
    first, second = map(str, years.rollcalls.index[[0, -1]])
    walks = [
        vs.RandomWalk(),
        vs.RandomWalk("session"),
        vs.RandomWalk(tau=0.2),
        vs.RandomWalk(tau={"": 0.2}),
        vs.RandomWalk(delta=0.5),
        vs.RandomWalk(items={first: "one", second: "one"}),
        vs.RandomWalk(items=[(first, second)]),
    ]
    specs = [vs.IdealPoints(), *(vs.IdealPoints(dynamics=walk) for walk in walks)]
    dated = years.rollcalls.assign(session=years.rollcalls["date"].dt.year.astype(str))
    record = vs.RollCalls(years.votes, years.members, dated)
    made = [cached_fit(spec, record) for spec in specs for _ in range(2)]
    assert len(list(folder.glob("*.npz"))) == len(specs)
    assert [fit.spec for fit in made] == [spec for spec in specs for _ in range(2)]


def test_other_votes_dates_or_names_are_another_fit(small, folder, fits):
    cached_fit(SPEC, small)
    votes = small.votes.copy()
    votes[0, 0] = 2 - votes[0, 0]
    dated = small.rollcalls.assign(date="2001-02-03")
    renamed = small.members.rename(index={small.members.index[0]: "zz"})
    others = [
        vs.RollCalls(votes, small.members, small.rollcalls.drop(columns=["yes", "no"], errors="ignore")),
        vs.RollCalls(small.votes, small.members, dated),
        vs.RollCalls(small.votes, renamed, small.rollcalls),
        vs.RollCalls(small.votes, small.members, small.rollcalls, polarity=small.members.index[0]),
    ]
    for number, record in enumerate(others, start=2):
        cached_fit(SPEC, record)
        assert len(fits) == number
    cached_fit(SPEC, small)
    assert len(fits) == 5


def test_another_version_of_the_package_fits_again(small, folder, fits, monkeypatch):
    cached_fit(SPEC, small)
    monkeypatch.setattr(cache, "version", lambda _: "99")
    cached_fit(SPEC, small)
    monkeypatch.setattr(cache, "_source", lambda: "other code")
    cached_fit(SPEC, small)
    assert len(fits) == 3


def test_a_damaged_file_is_fitted_again_and_replaced(small, fitted, folder, fits):
    cached_fit(SPEC, small)
    path = only(folder)
    whole = path.read_bytes()
    pickled = io.BytesIO()
    np.savez(pickled, head=np.array([{"a": 1}], dtype=object))
    damaged = [b"", b"not a file of this kind", whole[:-1], whole[: len(whole) // 2], whole[:40]]
    for content in [*damaged, pickled.getvalue(), b"\x00" * len(whole), whole[1:]]:
        path.write_bytes(content)
        made = len(fits)
        assert same(cached_fit(SPEC, small), fitted)
        assert len(fits) == made + 1
        assert path.read_bytes()[:2] == b"PK"
        cached_fit(SPEC, small)
        assert len(fits) == made + 1, "it was replaced by a sound one"


def test_a_flipped_bit_is_no_traceback_and_no_other_number(small, fitted, folder, fits):
    cached_fit(SPEC, small)
    path = only(folder)
    whole = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for place in rng.choice(len(whole), size=120, replace=False):
        broken = bytearray(whole)
        broken[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(broken))
        assert same(cached_fit(SPEC, small), fitted), place


def forge(path, change, *, sign):
    """Change the arrays of a file; `sign` also writes the checksum they have now."""
    with np.load(path) as file:
        arrays = dict(file)
    change(arrays)
    if sign:
        arrays.pop("checksum")
        checksum = checksum_of(sorted(arrays.items()))
        arrays["checksum"] = np.frombuffer(checksum.encode(), dtype=np.uint8)
    np.savez(path, **arrays)


def other_numbers(arrays):
    for name, array in arrays.items():
        if array.dtype == float and array.ndim == 2:
            arrays[name] = array[::-1]


def other_shape(arrays):
    name = next(name for name, array in arrays.items() if array.dtype == float and array.ndim == 2)
    arrays[name] = arrays[name].T.copy()


def other_type(arrays):
    name = next(name for name, array in arrays.items() if array.dtype == float)
    arrays[name] = arrays[name].astype(np.float32)


def exchanged(arrays):
    first, second = [name for name, array in arrays.items() if array.dtype == float][:2]
    arrays[first], arrays[second] = arrays[second], arrays[first]


def one_last_bit(arrays):
    name = next(name for name, array in arrays.items() if array.dtype == float and array.ndim == 2)
    arrays[name] = np.nextafter(arrays[name], np.inf)


@pytest.mark.parametrize("change", [other_numbers, other_shape, other_type, exchanged, one_last_bit])
def test_a_forged_file_is_fitted_again_and_replaced(small, fitted, folder, fits, change):
    cached_fit(SPEC, small)
    path = only(folder)
    forge(path, change, sign=False)
    assert same(cached_fit(SPEC, small), fitted)
    assert len(fits) == 2
    cached_fit(SPEC, small)
    assert len(fits) == 2, "it was replaced by a sound one"


def other_votes(arrays):
    for name, array in arrays.items():
        if array.dtype == np.int8 and array.shape[0] == 9:
            arrays[name] = np.where(array >= 0, array[::-1], array)


def other_level(arrays):
    head = arrays["head"].tobytes().decode()
    assert head.count('"level": 0.9') == 1
    arrays["head"] = np.frombuffer(head.replace('"level": 0.9', '"level": 0.8').encode(), dtype=np.uint8)


def no_level(arrays):
    """Write what is no specification."""
    head = arrays["head"].tobytes().decode()
    arrays["head"] = np.frombuffer(head.replace('"level": 0.9', '"level": 9').encode(), dtype=np.uint8)


@pytest.mark.parametrize("change", [other_numbers, other_votes, other_level, no_level])
def test_a_forged_file_with_its_checksum_must_also_agree_with_the_votes(small, fitted, folder, fits, change):
    cached_fit(SPEC, small)
    forge(only(folder), change, sign=True)
    assert same(cached_fit(SPEC, small), fitted)
    assert len(fits) == 2


def test_random_damage_is_no_error_and_no_other_number(small, fitted, folder, fits):
    cached_fit(SPEC, small)
    path = only(folder)
    whole = path.read_bytes()
    rng = np.random.default_rng(11)
    for _ in range(40):
        broken = bytearray(whole)
        begin, length = int(rng.integers(len(whole))), int(rng.integers(1, 200))
        part = broken[begin : begin + length]
        broken[begin : begin + length] = bytes(len(part)) if rng.random() < 0.5 else rng.bytes(len(part))
        path.write_bytes(bytes(broken))
        assert same(cached_fit(SPEC, small), fitted), (begin, length)


def test_a_file_cannot_name_what_is_built(small, fitted, folder, fits, tmp_path):
    cached_fit(SPEC, small)
    path = only(folder)
    mark = tmp_path / "mark"
    with np.load(path) as file:
        arrays = dict(file)
    key, _ = json.loads(arrays["head"].tobytes())
    evil = {"class": ["subprocess", "Popen"], "fields": {"args": ["touch", str(mark)]}, "is": 0}
    model = {"class": ["voteshift.ideal.spec", "encode"], "fields": {}, "is": 0}
    priors = {"class": ["voteshift.ideal.objective", "Priors"], "fields": {}, "is": 0}
    for described in (evil, model, priors, "text", None, {}, {"again": 7}, {"array": "none"}):
        head = json.dumps([key, {"tuple": [described, None]}])
        arrays["head"] = np.frombuffer(head.encode(), dtype=np.uint8)
        np.savez(path, **arrays)
        forge(path, lambda _: None, sign=True)
        made = len(fits)
        assert same(cached_fit(SPEC, small), fitted)
        assert len(fits) == made + 1
    assert not mark.exists()


def test_a_file_under_another_name_is_not_taken(small, folder, fits):
    cached_fit(SPEC, small)
    mine = only(folder)
    cached_fit(replace(SPEC, level=0.5), small)
    (other,) = set(folder.glob("*.npz")) - {mine}
    other.write_bytes(mine.read_bytes())
    assert cached_fit(replace(SPEC, level=0.5), small) is not None
    assert len(fits) == 3


def test_runs_at_the_same_time_do_not_disturb_each_other(small, fitted, folder, fits):
    def go(number):
        if number % 3 == 0:
            for path in folder.glob("*.npz"):
                path.unlink(missing_ok=True)
        return cached_fit(SPEC, small)

    with ThreadPoolExecutor(8) as pool:
        assert all(same(found, fitted) for found in pool.map(go, range(60)))
    assert not list(folder.glob(".*")), "nothing half written stays"


def test_a_file_is_whole_or_not_there(small, folder, fits, monkeypatch):
    def half(file, **_):
        file.write(b"PK half")
        raise OSError("disk full")

    monkeypatch.setattr(cache.np, "savez", half)
    assert cached_fit(SPEC, small).converged
    assert not list(folder.iterdir())


@pytest.mark.parametrize("value", ["off", "a file"])
def test_without_a_place_for_it_there_is_no_cache(small, fits, tmp_path, monkeypatch, value):
    place = tmp_path / "taken"
    place.write_text("a file where the folder should be")
    monkeypatch.setenv("VOTESHIFT_CACHE", value if value == "off" else str(place / "below"))
    cached_fit(SPEC, small)
    cached_fit(SPEC, small)
    assert len(fits) == 2


def test_the_cache_can_be_left_alone(small, folder, fits):
    cached_fit(SPEC, small, use_cache=False)
    assert not folder.exists()
    cached_fit(SPEC, small)
    cached_fit(SPEC, small, use_cache=False)
    assert len(fits) == 3


def test_where_fits_are_kept(monkeypatch, tmp_path):
    monkeypatch.delenv("VOTESHIFT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = cache_folder()
    assert found is not None
    assert found.name == "fits"
    assert "voteshift" in found.parts
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert found == tmp_path / "voteshift" / "fits"


def test_a_fit_that_did_not_converge_is_not_kept(small, folder, fits, fitted, monkeypatch):
    failed = replace(fitted, mode=replace(fitted.mode, converged=False))
    monkeypatch.setattr(vs.IdealPoints, "fit", lambda *_, **__: failed)
    assert not cached_fit(SPEC, small).converged
    assert not folder.exists()


def test_the_oldest_fits_go_first(small, folder, fits, monkeypatch):
    monkeypatch.setattr(cache, "_KEPT", 3)
    for level in (0.5, 0.6, 0.7):
        cached_fit(replace(SPEC, level=level), small)
        time.sleep(0.02)
    cached_fit(replace(SPEC, level=0.5), small)  # read again: no longer the oldest
    time.sleep(0.02)
    cached_fit(replace(SPEC, level=0.8), small)
    assert len(list(folder.glob("*.npz"))) == 3
    made = len(fits)
    cached_fit(replace(SPEC, level=0.5), small)
    assert len(fits) == made
    cached_fit(replace(SPEC, level=0.6), small)
    assert len(fits) == made + 1


def test_what_a_killed_run_left_behind_goes_too(small, folder, fits):
    folder.mkdir()
    old, new, other = folder / ".a.part", folder / ".b.part", folder / "notes.txt"
    for path in (old, new, other):
        path.write_text("x")
        os.utime(path, (0, 0) if path is not new else None)
    cached_fit(SPEC, small)
    assert not old.exists()
    assert new.exists()
    assert other.exists(), "what is not ours stays"


def test_progress_arrives(small, folder):
    told = []
    cached_fit(SPEC, small, progress=lambda iteration, norm: told.append((iteration, norm)))
    assert told


def test_files_hold_no_pickle(small, folder, fits):
    cached_fit(SPEC, small)
    with zipfile.ZipFile(only(folder)) as archive:
        for name in archive.namelist():
            np.load(io.BytesIO(archive.read(name)), allow_pickle=False)


MOVING = vs.IdealPoints(dynamics=vs.RandomWalk(tau=0.2))


@pytest.fixture(scope="module")
def years():
    return simulate(9, 24, seed=3, dynamics=Dynamics(n_periods=3, tau=0.2)).rollcalls


@pytest.mark.parametrize(
    "spec",
    [SPEC, vs.IdealPoints(link="probit"), vs.IdealPoints(dims=2), MOVING],
    ids=["", "probit", "2", "moving"],
)
@pytest.mark.filterwarnings("ignore::voteshift.errors.BridgeWarning")
def test_every_kind_of_fit_has_a_form_on_disk(years, folder, spec, monkeypatch):
    made = cached_fit(spec, years)
    assert made.converged
    monkeypatch.setattr(vs.IdealPoints, "fit", lambda *_, **__: pytest.fail("fitted again"))
    monkeypatch.setattr("voteshift.ideal.results.laplace", lambda *_: pytest.fail("taken again"))
    monkeypatch.setattr(
        "voteshift.ideal.dynamic.results.dynamic_laplace", lambda *_: pytest.fail("taken again")
    )
    found = cached_fit(spec, years)
    assert type(found) is type(made)
    assert same(found, made)
    assert found.identified_by == made.identified_by
    assert found.spec == made.spec == spec
    assert found.cautions == made.cautions


def test_what_fitting_warns_of_is_said_again(years, folder):
    told = []
    for _ in range(2):
        with pytest.warns(vs.BridgeWarning) as caught:
            cached_fit(MOVING, years)
        told.append(str(caught[0].message))
    assert told[0] == told[1]


def test_a_large_approximation_is_taken_again(small, fitted, folder, fits, monkeypatch):
    monkeypatch.setattr(storage, "_LARGEST", 100)
    cached_fit(SPEC, small)
    found = cached_fit(SPEC, small)
    assert len(fits) == 1
    assert "laplace" not in found.__dict__
    assert same(found, fitted)


def test_a_specification_without_one_text_is_not_filed(small, folder, fits):
    """Of an array, text may show the ends only: two of them could look the same."""
    cached_fit(vs.IdealPoints(target={"m1": np.array([1.0])}), small)
    assert len(fits) == 1
    assert not folder.exists()


def test_a_second_process_finds_what_the_first_left(python, folder, record):
    code = (
        "import voteshift as vs; from voteshift.cache import cached_fit;"
        "w = vs.load_hrc().between('2020', '2021');"
        "print(cached_fit(vs.IdealPoints(), w).mode.objective)"
    )
    path = os.pathsep.join([str(Path(vs.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    run = [
        subprocess.run(
            [python, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": path},
        ).stdout
        for _ in range(2)
    ]
    assert run[0] == run[1]
    made = only(folder).stat()
    assert made.st_size > 1000
