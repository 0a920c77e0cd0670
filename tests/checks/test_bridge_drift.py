"""The limit that no vote shows: all bridging texts change at one rate."""

import numpy as np
import pytest

import voteshift as vs
from shift.fakes import MovingFit, moving_record
from voteshift.checks.bridge_drift import BridgeDrift, _shift, bridge_drift
from voteshift.shift.counterfactual import Counterfactual
from voteshift.shift.parts import ModelParts


def explained(**known: object) -> vs.Explanation:
    """Two versions two years apart, from a fit of known numbers."""
    record, centre, slopes, cuts = moving_record()
    fit = MovingFit(record, centre, slopes, cuts, **known)  # type: ignore[arg-type]
    return vs.explain(record, "fish", model=fit, draws=vs.Draws(200), member_effect=False)  # type: ignore[arg-type]


def main(why: vs.Explanation) -> Counterfactual:
    assert not isinstance(why.models, vs.Unavailable)
    return why.models.main


@pytest.fixture(scope="module")
def why() -> vs.Explanation:
    return explained()


@pytest.fixture(scope="module")
def found(why: vs.Explanation) -> BridgeDrift:
    result = bridge_drift(why, rates=(-0.3, 0.0, 0.3))
    assert isinstance(result, BridgeDrift)
    return result


def test_rate_0_is_the_explanation_itself(why: vs.Explanation, found: BridgeDrift) -> None:
    (step,) = why.steps
    assert isinstance(step.model, ModelParts)
    columns = ["component", "category", "estimate", "conf_low", "conf_high"]
    here = found.table.loc[found.table["rate"] == 0, columns].reset_index(drop=True)
    assert here.equals(step.model.rows[columns].reset_index(drop=True))


def test_every_rate_explains_the_same_votes(why: vs.Explanation, found: BridgeDrift) -> None:
    """No vote can show the rate: at its own date every vote has the same probability."""
    tallies = main(why)
    moved = _shift(tallies, np.array([0.4, -1.3]))
    for version in (0, 1):
        assert moved.chances(version, version) == pytest.approx(tallies.chances(version, version), abs=1e-12)
    assert np.abs(moved.chances(0, 1) - tallies.chances(0, 1)).max() > 0.05
    for _, part in found.table.groupby("rate"):
        total = part.groupby("category")["estimate"].sum()
        for name, change in why.steps[0].account.change.drop("absent").items():
            assert total[name] == pytest.approx(change, abs=1e-9)


@pytest.mark.parametrize("rate", [-0.3, 0.3])
def test_votes_that_were_not_cast_follow_the_formula(why: vs.Explanation, rate: float) -> None:
    """beta (x_b + k t_b) - (kappa + beta k t_v), from the numbers of the fit without a rate."""
    tallies, years = main(why), np.array([0.0, 2.0])
    moved = _shift(tallies, rate * years)
    for date, version in ((0, 1), (1, 0)):
        slope = tallies.latent.discriminations[:, version]
        latent = tallies.latent.eta(date, version) + tallies.noise[..., version]
        latent += slope * rate * (years[date] - years[version])
        votes = (latent[..., None] > tallies.latent.cutpoints[:, None, version]).sum(axis=-1)
        assert (moved.cast(date, version) == votes).all()


def test_faster_texts_give_more_movement_of_members(found: BridgeDrift) -> None:
    table = found.table.set_index(["rate", "component", "category"])["estimate"]
    for part, sign in (("positions", 1), ("resolution", -1)):
        steps = [sign * table[rate, part, "no"] for rate in (-0.3, 0.0, 0.3)]
        assert steps == sorted(steps)
        assert steps[2] - steps[0] > 1
    assert "positions" in found.text
    assert "-0.30" not in found.text


def test_without_bridges_or_with_a_rate_that_is_none_there_is_no_answer(why: vs.Explanation) -> None:
    together = explained(bridges=0)
    assert "not separate parts" in str(bridge_drift(together))
    with pytest.raises(vs.UsageError, match="rates"):
        bridge_drift(why, rates=(11.0,))
    with pytest.raises(vs.UsageError, match="rates is empty"):
        bridge_drift(why, rates=())
