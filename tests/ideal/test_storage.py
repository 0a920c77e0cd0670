"""Fits in files: the same numbers and draws again, and no code from a file."""

import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.ideal import load_fit
from voteshift.ideal.storage import add_head, read_head
from voteshift.simulation import Dynamics

WALK = vs.RandomWalk(bridge="families")
SPECS = {
    "mode": vs.IdealPoints(),
    "marginal": vs.IdealPoints(method="marginal", link="probit"),
    "two dimensions": vs.IdealPoints(dims=2),
    "dynamic": vs.IdealPoints(dynamics=WALK),
    "dynamic marginal": vs.IdealPoints(method="marginal", dynamics=replace(WALK, tau="estimate")),
}


@pytest.fixture(scope="module")
def record():
    return vs.simulate(24, 120, seats=15, term=2, seed=4, dynamics=Dynamics(4, tau=0.4, bridges=6)).rollcalls


@pytest.fixture(scope="module")
def fit(record):
    return vs.IdealPoints().fit(record)


@pytest.mark.parametrize("kind", SPECS)
def test_a_fit_comes_back_to_the_last_bit(record, tmp_path, kind):
    fit = SPECS[kind].fit(record)
    fit.save(tmp_path / "fit.npz")
    again = load_fit(tmp_path / "fit.npz")
    assert type(again) is type(fit)
    assert again.spec == fit.spec
    pd.testing.assert_frame_equal(again.tidy(), fit.tidy(), check_exact=True)
    pd.testing.assert_frame_equal(again.items(), fit.items(), check_exact=True)
    ids = list(map(str, fit.rollcall_ids[:3]))
    one, other = fit.draw(20, ids, 1), again.draw(20, ids, 1)
    assert np.array_equal(one.positions, other.positions)
    assert np.array_equal(one.cutpoints, other.cutpoints)
    assert again.cautions == fit.cautions
    assert again.identified_by == fit.identified_by
    assert again.median(seed=2).text == fit.median(seed=2).text


def test_every_damaged_byte_is_refused(fit, tmp_path):
    path = tmp_path / "fit.npz"
    fit.save(path)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.choice(len(content), 60, replace=False):
        damaged = bytearray(content)
        damaged[place] ^= 1 + int(rng.integers(255))
        path.write_bytes(damaged)
        try:
            again = load_fit(path)
        except vs.InputError:
            continue
        # A byte of the archive that holds no number, such as a date.
        pd.testing.assert_frame_equal(again.tidy(), fit.tidy(), check_exact=True)
    for length in (0, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(vs.InputError, match="is not a fit saved by voteshift"):
            load_fit(path)


def test_nothing_in_a_file_is_run(fit, tmp_path):
    path, mark = tmp_path / "fit.npz", tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (mark.write_text, ("x",))

    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|O", "fortran_order": False, "shape": (1,)})
    buffer.write(pickle.dumps([Evil()]))
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("head.npy", "checksum.npy"):
            archive.writestr(name, buffer.getvalue())
    with pytest.raises(vs.InputError):
        load_fit(path)
    fit.save(path)
    head, arrays, is_whole = read_head(path)
    assert is_whole
    for module, name in (("os", "system"), ("voteshift.ideal.spec", "replace"), ("voteshift.cache", "Path")):
        text = json.dumps(head).replace('["voteshift.ideal.results", "IdealFit"]', json.dumps([module, name]))
        changed = {key: value for key, value in arrays.items() if key != "head"}
        add_head(changed, json.loads(text))
        np.savez(path, **changed)
        with pytest.raises(vs.InputError, match="is nothing that was packed"):
            load_fit(path)
    assert not mark.exists()


def test_a_changed_number_needs_a_new_checksum(fit, tmp_path):
    path = tmp_path / "fit.npz"
    fit.save(path)
    with np.load(path) as archive:
        arrays = {name: archive[name].copy() for name in archive.files}
    name = next(name for name, value in arrays.items() if value.dtype == float)
    arrays[name].flat[0] += 1e-9
    np.savez(path, **arrays)
    with pytest.raises(vs.InputError, match="differs from the checksum"):
        load_fit(path)


def test_a_file_that_unpacks_to_more_than_its_size_is_refused(fit, tmp_path):
    path = tmp_path / "fit.npz"
    fit.save(path)
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez_compressed(path, **arrays, more=np.zeros(10**6))
    with pytest.raises(vs.InputError, match="its arrays are larger than the file"):
        load_fit(path)


def test_a_file_of_another_version_says_so(fit, tmp_path):
    path = tmp_path / "fit.npz"
    fit.save(path)
    head, arrays, _ = read_head(path)
    head[1] = "0.0.9"
    text = json.dumps(head).replace('"direction"', '"side"')
    del arrays["head"]
    add_head(arrays, json.loads(text))
    np.savez(path, **arrays)
    with pytest.raises(vs.InputError, match=r"voteshift 0\.0\.9 wrote the file"):
        load_fit(path)


def test_places_that_cannot_be_used(fit, tmp_path):
    with pytest.raises(vs.InputError, match="does not exist"):
        load_fit(tmp_path / "none.npz")
    with pytest.raises(vs.InputError):
        fit.save(tmp_path / "no" / "folder.npz")
    with pytest.raises(vs.UsageError, match="path is 3"):
        load_fit(3)
