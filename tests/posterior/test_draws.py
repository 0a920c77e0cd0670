"""Draws of the posterior: what they are of, what they are called, and when they are refused."""

import re
from dataclasses import replace

import h5py
import numpy as np
import pytest

import voteshift as vs
from voteshift.checksums import NAME
from voteshift.errors import DataWarning
from voteshift.posterior import draws as posterior_draws
from voteshift.posterior.diagnose import Diagnostics, check_signs, diagnose
from voteshift.posterior.nuts import NUTS
from voteshift.posterior.sampling import Chains


def test_every_draw_is_on_the_scale(drawn):
    positions = drawn.flat("position")[..., 0]
    np.testing.assert_allclose(positions.mean(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(positions.std(axis=1), 1.0, rtol=1e-12)


def test_the_member_named_stays_on_its_side(drawn):
    row = drawn.encoded.members.get_loc("M03")
    assert (drawn.flat("position")[:, row] > 0).all()
    assert "M03 is" in drawn.direction


def test_the_truth_is_found(simulated, drawn):
    truth = simulated.positions[0, :, 0]
    table = drawn.tidy()
    assert abs(np.corrcoef(truth, table["estimate"])[0, 1]) > 0.95
    sign = np.sign(np.corrcoef(truth, table["estimate"])[0, 1])
    covered = (table["conf_low"] <= sign * truth) & (sign * truth <= table["conf_high"])
    assert covered.mean() > 0.7


def test_means_stand_near_the_mode_and_spread_is_that_of_the_curvature(simulated, drawn):
    fit = vs.IdealPoints(polarity="M03").fit(simulated.rollcalls)
    table = drawn.tidy()
    assert np.corrcoef(fit.tidy()["estimate"], table["estimate"])[0, 1] > 0.99
    ratio = table["std_error"] / fit.tidy()["std_error"]
    assert 0.7 < np.median(ratio) < 1.3


def test_its_priors_are_those_it_was_sampled_under(drawn):
    """The standard deviation of discriminations is learned, and stated so."""
    spread = drawn.priors["discrimination"]["sd"]
    assert spread == {"distribution": "uniform", "low": 0, "high": 5}
    assert 0 < drawn.flat("discrimination_sd").max() < spread["high"]


def test_the_tree_carries_names_and_what_was_done(drawn):
    posterior = drawn.tree["posterior"]
    assert posterior["position"].dims == ("chain", "draw", "member", "dimension")
    assert posterior["discrimination"].dims == ("chain", "draw", "item", "dimension")
    assert list(posterior["member"].to_numpy()) == list(drawn.encoded.members)
    assert posterior.attrs["sampler"] == "nutpie"
    assert posterior.attrs["seed"] == 1
    assert {"diverging", "energy", "lp", "n_steps"} <= set(drawn.tree["sample_stats"])
    assert np.array_equal(drawn.tree["observed_data"]["vote"].to_numpy(), drawn.encoded.design.codes)


def test_cutpoints_are_those_of_midpoint_and_gap(drawn):
    cuts = drawn.cutpoints()
    three = np.flatnonzero(drawn.encoded.design.n_categories == 3)
    np.testing.assert_allclose(cuts.mean(axis=-1), drawn.flat("midpoint"))
    np.testing.assert_allclose(np.log(cuts[:, three, 1] - cuts[:, three, 0]), drawn.flat("log_gap"))


def test_a_standard_deviation_at_its_limit_is_told(drawn):
    assert not any("upper limit" in caution for caution in drawn.cautions)
    narrow = replace(drawn, model=replace(drawn.model, priors=vs.Priors(discrimination=0.5)))
    (caution,) = (one for one in narrow.cautions if "upper limit" in one)
    assert caution.startswith(
        "the estimated prior standard deviation is at its upper limit for discriminations"
    )
    assert "midpoints" not in caution


def test_draws_of_some_roll_calls_are_joint_and_seeded(drawn):
    chosen = list(drawn.encoded.rollcalls[[5, 2]])
    one, again = drawn.draw(150, chosen, seed=3), drawn.draw(150, chosen, seed=3)
    other = drawn.draw(150, chosen, seed=4)
    assert np.array_equal(one.positions, again.positions)
    assert not np.array_equal(one.positions, other.positions)
    whole = drawn.flat("position")
    for position, slope in zip(one.positions[:20], one.discriminations[:20], strict=True):
        (where,) = np.flatnonzero((whole == position).all(axis=(1, 2)))
        assert np.array_equal(drawn.flat("discrimination")[where][[5, 2]], slope)
    assert len(drawn.draw(5000, chosen, seed=0).positions) == 5000
    with pytest.raises(vs.UsageError, match="not among the fitted roll calls"):
        drawn.draw(10, ["nowhere"], seed=0)


def test_it_is_saved_and_loaded_without_loss(drawn, tmp_path):
    path = tmp_path / "posterior.nc"
    drawn.save(path)
    back = vs.load_posterior(path)
    assert back.tree.identical(drawn.tree)
    assert back.tidy().equals(drawn.tidy())
    assert back.items().equals(drawn.items())
    assert back.mode.objective == drawn.mode.objective
    assert (back.direction, back.level, back.verdict) == (drawn.direction, drawn.level, drawn.verdict)
    assert back.encoded.categories == drawn.encoded.categories
    again = tmp_path / "again.nc"
    back.save(again)
    assert vs.load_posterior(again).tree.identical(drawn.tree)


def test_a_file_is_whole_or_what_it_was(drawn, tmp_path, monkeypatch):
    path = tmp_path / "posterior.nc"
    drawn.save(path)
    before = path.read_bytes()

    def full(tree, beside, **_):
        beside.write_bytes(before[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(drawn.tree), "to_netcdf", full)
    with pytest.raises(vs.InputError, match="No space left"):
        drawn.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "posterior.nc"
    with pytest.raises(vs.InputError, match="not a posterior"):
        vs.load_posterior(path)
    path.write_text("nothing")
    with pytest.raises(vs.InputError, match="not a posterior"):
        vs.load_posterior(path)


@pytest.mark.parametrize("damage", ["cut", "about", "heap"])
def test_damaged_files_are_refused(drawn, tmp_path, damage):
    path = tmp_path / "posterior.nc"
    drawn.save(path)
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "about":
        content = content.replace(b'"format": ', b'"farmot": ')
    else:  # an entry of no length: HDF5 would go round in it for ever
        heap = content.index(b"GCOL")
        content[heap + 16 : heap + 32] = bytes(16)
    path.write_bytes(content)
    with pytest.raises(vs.InputError, match=re.escape(str(path))):
        vs.load_posterior(path)


def test_zeroed_draws_are_refused(drawn, tmp_path):
    path = tmp_path / "posterior.nc"
    drawn.save(path)
    with h5py.File(path, "r+") as file:
        file["posterior/position"][0, :10] = 0.0
    with pytest.raises(vs.InputError, match="differs from the checksum") as caught:
        vs.load_posterior(path)
    assert (caught.value.file, NAME in caught.value.remedy) == (str(path), True)


def test_a_file_without_a_checksum_is_read_with_a_caution(drawn, tmp_path):
    path = tmp_path / "posterior.nc"
    drawn.save(path)
    with h5py.File(path, "r+") as file:
        del file.attrs[NAME]
    with pytest.warns(DataWarning, match="contains no checksum"):
        back = vs.load_posterior(path)
    assert back.tree.identical(drawn.tree)


def test_what_cannot_be_sampled_is_refused(simulated):
    record = simulated.rollcalls
    with pytest.raises(vs.UsageError, match="one or two dimensions"):
        vs.sample(record, vs.IdealPoints(dims=3))
    with pytest.raises(vs.UsageError, match="estimates tau"):
        vs.sample(record, vs.IdealPoints(dynamics=vs.RandomWalk(tau=0.1)))
    with pytest.raises(vs.UsageError, match="chains is 0"):
        vs.sample(record, chains=0)
    with pytest.raises(vs.UsageError, match=r"sampler is 'stan' .*nutpie"):
        vs.sample(record, nuts=NUTS(sampler="stan"))


def test_diagnostics_see_what_is_wrong():
    rng = np.random.default_rng(0)
    good = rng.standard_normal((4, 1000, 3))
    assert diagnose({"x": good}, 0).usable
    assert not diagnose({"x": good}, 1).usable
    apart = good.copy()
    apart[0, :, 1] += 1.0
    found = diagnose({"y": rng.standard_normal((4, 1000)), "x": apart}, 0)
    assert found.rhat_of == "x[1]"
    assert not found.usable
    assert "R-hat" in found.faults()[0]
    assert not diagnose({"x": good[:, :50]}, 0).usable, "too few effective draws"
    stuck = good.copy()
    stuck[:, :, 2] = 1.0
    assert not diagnose({"x": stuck}, 0).usable, "a parameter that never moved"
    assert not diagnose({"x": good[:1]}, 0).usable, "one chain has no R-hat"


def test_mirror_images_stop_the_show():
    rng = np.random.default_rng(0)
    line = np.linspace(-1, 1, 9)
    chains = line + 0.1 * rng.standard_normal((4, 50, 9))
    check_signs(chains)
    chains[2] *= -1
    with pytest.raises(vs.NotUsableError, match="chains 1 and 3 are mirror images"):
        check_signs(chains)


def test_a_bad_sample_says_so_everywhere(drawn, monkeypatch):
    bad = Diagnostics(1.2, "position[3]", 50.0, 40.0, "midpoint[0]", 7, 2000)
    monkeypatch.setitem(drawn.__dict__, "diagnostics", bad)
    assert not drawn.converged
    assert "NOT USABLE" in repr(drawn)
    assert sum("do not use" in caution for caution in drawn.cautions) == 3
    assert drawn.reached["divergences"] == 7


def test_chains_that_disagree_in_sign_end_in_an_error(simulated, monkeypatch):
    def mirrored(model, names, start, *, chains, draws, **_):
        line = np.broadcast_to(np.linspace(-1, 1, 24)[:, None], (chains, draws, 24, 1)).copy()
        line[1] *= -1
        return Chains({"position": line}, {}, "nutpie", 0.0, 0.0)

    monkeypatch.setattr(posterior_draws, "run_sampler", mirrored)
    with pytest.raises(vs.NotUsableError, match="mirror"):
        vs.sample(simulated.rollcalls)
