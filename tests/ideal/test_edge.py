"""Members that carry the scale of a fit."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.ideal.edge import scale_shares
from voteshift.ideal.objective import log_posterior


def alone(n_members: int, *, others: int = 0, seed: int = 1) -> vs.RollCalls:
    """One member against all others in 50 roll calls, besides `others` that all voted on."""
    lone = np.full((n_members, 50), int(vs.Vote.YES), dtype=np.int8)
    lone[0] = vs.Vote.NO
    world = vs.simulate(n_members, 50, seed=seed, categories=2).rollcalls.votes[:, :others]
    votes = np.concatenate([world, lone], axis=1)
    years = 2001 + np.arange(votes.shape[1]) % 4
    rollcalls = pd.DataFrame(
        {"date": pd.to_datetime([f"{year}-06-01" for year in years])},
        index=[f"R{column}" for column in range(votes.shape[1])],
    )
    return vs.RollCalls(votes, pd.DataFrame(index=[f"M{row}" for row in range(n_members)]), rollcalls)


def own_errors(fit: vs.IdealFit) -> np.ndarray:
    """Standard error of each position from the member's own votes, all else held."""
    slope = log_posterior(fit.model, fit.mode.point, information="observed")
    assert slope.evaluation.position_information is not None
    return 1 / np.sqrt(slope.evaluation.position_information[0, :, 0, 0] + slope.pull[0, 0])


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("n_members", [5, 20, 47])
def test_votes_without_an_outer_bound_leave_the_interval_open(n_members: int, link: str) -> None:
    fit = vs.IdealPoints(link=link).fit(alone(n_members))  # type: ignore[arg-type]
    row = fit.tidy().iloc[0]
    assert row["estimate"] == pytest.approx(-np.sqrt(n_members - 1))
    assert row["std_error"] == pytest.approx(own_errors(fit)[0])
    assert row["std_error"] > 0.1
    assert row["conf_low"] == -np.inf
    assert row["estimate"] < row["conf_high"] < row["estimate"] + 2 * row["std_error"]
    assert fit.cautions[0] == (
        "M0 is at the edge of the scale: its votes do not limit its distance from 0, "
        "so its interval is one-sided"
    )
    rest = fit.tidy().iloc[1:]
    assert np.isfinite(rest[["conf_low", "conf_high"]]).all().all()


@pytest.mark.parametrize(("n_members", "others"), [(8, 50), (8, 10), (20, 50), (20, 10)])
def test_no_error_is_below_that_of_the_own_votes(n_members: int, others: int) -> None:
    fit = vs.IdealPoints().fit(alone(n_members, others=others))
    share = scale_shares(fit.mode.point.positions)
    assert share[0] > 0.5
    assert fit.tidy()["std_error"].iloc[0] >= own_errors(fit)[0]
    assert np.sqrt(np.sum(fit.laplace.position_root[0] ** 2)) < own_errors(fit)[0]


def test_other_votes_set_a_bound() -> None:
    fit = vs.IdealPoints().fit(alone(20, others=50))
    assert np.isfinite(fit.tidy()["conf_low"]).all()
    assert fit.cautions == (
        "M0 is far from all other members and determines the scale of the fit: its standard error uses only "
        "its own votes",
    )


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
def test_positions_that_move_have_an_edge_too() -> None:
    fit = vs.IdealPoints(dynamics=vs.RandomWalk()).fit(alone(9))
    table = fit.tidy().set_index("member")
    assert (table.loc["M0", "conf_low"] == -np.inf).all()
    assert (table.loc["M0", "std_error"] > 0.1).all()
    assert any(caution.startswith("M0 is at the edge") for caution in fit.cautions)
    assert np.isfinite(table.loc["M1", ["conf_low", "conf_high"]].to_numpy(float)).all()


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
def test_pictures_end_an_open_interval_at_the_frame() -> None:
    from voteshift.plots import positions, trajectories

    low, high = positions(vs.IdealPoints().fit(alone(9))).get_xlim()
    assert np.isfinite([low, high]).all()
    axes = trajectories(vs.IdealPoints(dynamics=vs.RandomWalk()).fit(alone(9)), members=["M0"])
    assert np.isfinite(axes.get_ylim()).all()


def test_on_the_record_nobody_carries_the_scale() -> None:
    for window in (("2006", "2026"), ("2016", "2021"), ("2020-06", "2020-06")):
        fit = vs.IdealPoints().fit(vs.load_hrc().between(*window))
        assert scale_shares(fit.mode.point.positions).max() < 0.5
        assert np.isfinite(fit.tidy()["conf_low"]).all()
