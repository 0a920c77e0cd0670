from dataclasses import replace

import joblib
import numpy as np
import pytest

import voteshift as vs
from voteshift.simulation import Simulated


@pytest.fixture(scope="module")
def world() -> Simulated:
    return vs.simulate(40, 120, seed=2, missing=0.1)


@pytest.fixture(scope="module")
def fit(world: Simulated) -> vs.IdealFit:
    return vs.IdealPoints().fit(world.rollcalls)


def test_parametric_errors_stand_beside_those_of_the_curvature(world: Simulated, fit: vs.IdealFit) -> None:
    found = vs.bootstrap(fit, world.rollcalls, n_replicates=150, seed=1, n_jobs=1)
    table, curvature = found.tidy(), fit.tidy()
    assert table["laplace_std_error"].equals(curvature["std_error"])
    assert table["estimate"].equals(curvature["estimate"])
    ratio = table["std_error"] / table["laplace_std_error"]
    assert np.median(ratio) == pytest.approx(1, abs=0.15)
    widened = (table["conf_high"] - table["conf_low"]) / (curvature["conf_high"] - curvature["conf_low"])
    assert np.allclose(widened, ratio)
    assert found.n_failed == 0
    assert "150 replicates, seed 1." in found._repr_html_()
    assert "3 other replicates did not converge" in replace(found, n_failed=3)._repr_html_()
    assert (table["n_replicates"] == 150).all()


def test_resampling_gives_errors_of_the_same_size(world: Simulated, fit: vs.IdealFit) -> None:
    by_rollcall, by_member = (
        vs.bootstrap(fit, world.rollcalls, kind=kind, n_replicates=60, seed=1, n_jobs=1).tidy()
        for kind in ("rollcalls", "members")
    )
    ratio = by_rollcall["std_error"] / fit.tidy()["std_error"]
    assert np.median(ratio) == pytest.approx(1, abs=0.35)
    # A member is drawn in 1 - (1 - 1/n)^n of the replicates, twice or more in some.
    assert by_member["n_replicates"].mean() == pytest.approx(60 * 0.637, rel=0.1)
    assert by_member["std_error"].between(0.01, 1.5).all()


def test_clustered_roll_calls_widen_the_errors() -> None:
    """Roll calls that are copies of each other are one piece of evidence, and drawn together."""
    world = vs.simulate(40, 60, seed=5)
    votes = np.repeat(world.rollcalls.votes, 4, axis=1)
    frame = world.rollcalls.rollcalls.loc[np.repeat(world.rollcalls.rollcalls.index, 4)].copy()
    frame["subject"] = frame["title"]
    frame.index = [f"{name}-{copy}" for copy, name in enumerate(frame.index)]
    copied = vs.RollCalls(votes, world.rollcalls.members, frame)
    fit = vs.IdealPoints().fit(copied)
    together = vs.bootstrap(fit, copied, kind="rollcalls", n_replicates=60, seed=1, n_jobs=1).tidy()
    loose = vs.RollCalls(votes, world.rollcalls.members, frame.assign(subject=""))
    apart = vs.bootstrap(fit, loose, kind="rollcalls", n_replicates=60, seed=1, n_jobs=1).tidy()
    assert np.median(together["std_error"] / apart["std_error"]) > 1.5


def test_the_seed_decides_and_the_backend_does_not(world: Simulated, fit: vs.IdealFit) -> None:
    given = {"n_replicates": 12, "seed": 3}
    alone = vs.bootstrap(fit, world.rollcalls, n_jobs=1, **given)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        spread = vs.bootstrap(fit, world.rollcalls, **given)
    assert np.array_equal(alone.positions, spread.positions)
    other = vs.bootstrap(fit, world.rollcalls, n_jobs=1, n_replicates=12, seed=4)
    assert not np.array_equal(alone.positions, other.positions)


@pytest.mark.filterwarnings("default")  # what a cluster's own machinery warns of is not ours
def test_a_dask_cluster_gives_the_same_bits(world: Simulated, fit: vs.IdealFit) -> None:
    distributed = pytest.importorskip("distributed", reason="no Dask here")
    with joblib.parallel_config(backend="loky", n_jobs=2):
        at_home = vs.bootstrap(fit, world.rollcalls, n_replicates=12, seed=3)
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster), joblib.parallel_config(backend="dask"):
        away = vs.bootstrap(fit, world.rollcalls, n_replicates=12, seed=3)
    assert np.array_equal(at_home.positions, away.positions)


def test_joblib_says_how_far_it_has_got(
    world: Simulated, fit: vs.IdealFit, capsys: pytest.CaptureFixture[str]
) -> None:
    with joblib.parallel_config(verbose=5):
        vs.bootstrap(fit, world.rollcalls, n_replicates=12, seed=3, n_jobs=1)
    shown = capsys.readouterr()
    assert "12 out of  12" in shown.err
    assert not shown.out


def test_two_dimensions_are_turned_to_the_axes_of_the_fit(world: Simulated) -> None:
    plane = vs.simulate(40, 200, seed=6, dims=2)
    fit = vs.IdealPoints(dims=2).fit(plane.rollcalls)
    found = vs.bootstrap(fit, plane.rollcalls, n_replicates=10, seed=0, n_jobs=1)
    for replicate in found.positions:
        for dimension in range(2):
            match = np.corrcoef(replicate[:, dimension], fit.mode.point.positions[:, dimension])[0, 1]
            assert match > 0.9


def test_a_record_that_was_not_fitted_is_refused(world: Simulated, fit: vs.IdealFit) -> None:
    other = vs.simulate(40, 120, seed=3, missing=0.1)
    for kind in ("parametric", "rollcalls", "members"):
        with pytest.raises(vs.UsageError, match=r"the votes on .* roll calls differ from the fitted votes"):
            vs.bootstrap(fit, other.rollcalls, kind=kind, n_replicates=10)
    with pytest.raises(vs.UsageError, match=r"roll call R.* was fitted but is not in this record"):
        vs.bootstrap(fit, world.rollcalls.select(rollcalls=world.rollcalls.rollcalls.index[:50]))
    with pytest.raises(vs.UsageError, match="member M39 was fitted but is not in this record"):
        vs.bootstrap(fit, world.rollcalls.select(members=world.rollcalls.members.index[:39]))


@pytest.mark.parametrize("seed", [-1, 0.5, 1.0, True, float("nan"), "0", None, 2**80])
def test_a_seed_is_a_whole_number(world: Simulated, fit: vs.IdealFit, seed: object) -> None:
    for draw in (
        lambda: vs.bootstrap(fit, world.rollcalls, seed=seed),  # type: ignore[arg-type]
        lambda: fit.draw(10, [], seed),  # type: ignore[arg-type]
        lambda: vs.simulate(5, 5, seed=seed),  # type: ignore[arg-type]
    ):
        with pytest.raises(vs.UsageError, match="seed"):
            draw()


def test_nonsense_is_refused(world: Simulated, fit: vs.IdealFit) -> None:
    with pytest.raises(vs.UsageError):
        vs.bootstrap(fit, world.rollcalls, kind="jackknife")  # type: ignore[arg-type]
    with pytest.raises(vs.UsageError):
        vs.bootstrap(fit, world.rollcalls, n_replicates=2)
    unfinished = vs.IdealPoints(tolerance=1e-30).fit(world.rollcalls)
    with pytest.raises(vs.NotUsableError, match="did not converge"):
        vs.bootstrap(unfinished, world.rollcalls)
