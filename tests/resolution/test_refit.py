"""Positions from all other roll calls."""

import numpy as np
import pandas as pd
import pytest
from xarray import DataTree

import voteshift as vs
from shift.trio import V18, V20, V21
from voteshift.ideal import Covariates
from voteshift.posterior.results import PosteriorFit
from voteshift.resolution.refit import fit_without, positions_at

TRIO = [V18, V20, V21]


def test_positions_come_from_the_other_roll_calls(record: vs.RollCalls) -> None:
    """Turning the focal votes upside down moves the items, not the positions they are fitted with."""
    window = record.between("2016", "2021")
    fit = vs.IdealPoints().fit(window)
    others = fit_without(record, fit, TRIO)
    assert not set(TRIO) & set(others.rollcall_ids)
    assert len(others.rollcall_ids) == len(fit.rollcall_ids) - 3


def test_positions_of_a_date_are_those_of_its_period(record: vs.RollCalls) -> None:
    """Where positions hold there is one date; where they differ by year, one for each version."""
    window = record.between("2018", "2021")
    static = fit_without(record, vs.IdealPoints().fit(window), TRIO)
    members = list(static.member_ids[:5])
    centre, drawn, _ = positions_at(record, static, TRIO, members, 10, 0)
    assert (centre.shape, drawn.shape) == ((1, 5, 1), (10, 1, 5, 1))
    moving = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", tau=0.2)).fit(window)
    centre, drawn, _ = positions_at(record, fit_without(record, moving, TRIO), TRIO, members, 10, 0)
    assert (centre.shape, drawn.shape) == ((3, 5, 1), (10, 3, 5, 1))
    assert not np.allclose(centre[0], centre[2])


def test_a_member_without_another_vote_has_no_position(record: vs.RollCalls) -> None:
    others = fit_without(record, vs.IdealPoints().fit(record.between("2018", "2021")), TRIO)
    with pytest.raises(vs.NotUsableError, match="XYZ cast no vote outside this resolution"):
        positions_at(record, others, TRIO, ["XYZ", str(others.member_ids[0])], 10, 0)


def with_table(record):
    """A covariate of members by year, as a table."""
    rng = np.random.default_rng(1)
    members, years = record.members.index, (2019, 2020, 2021)
    rows = [
        (member, year, value + year / 1000) for member in members for year in years for value in rng.random(1)
    ]
    return Covariates("~ size", pd.DataFrame(rows, columns=["member", "year", "size"]))


@pytest.mark.parametrize("covariates", [lambda _: "~ C(group)", with_table], ids=["column", "table"])
def test_covariates_stay_in_the_model(record: vs.RollCalls, covariates) -> None:
    """The refit has the slopes of a fit of the same roll calls."""
    window = record.between("2020", "2021")
    spec = vs.IdealPoints(method="marginal", priors=vs.Priors(positions=covariates(record)))
    others = fit_without(record, spec.fit(window), TRIO)
    kept = [name for name in window.rollcalls.index if name not in TRIO]
    direct = spec.fit(window.select(rollcalls=kept))
    assert others.slopes.tidy()["term"].tolist() == direct.slopes.tidy()["term"].tolist()
    sign = np.sign(others.tidy()["estimate"] @ direct.tidy()["estimate"])
    np.testing.assert_allclose(
        sign * others.slopes.tidy()["estimate"], direct.slopes.tidy()["estimate"], atol=1e-3
    )


def test_a_sampled_model_is_sampled_again_with_its_covariates(record: vs.RollCalls, monkeypatch) -> None:
    window = record.between("2021-03", "2021-07")
    spec = vs.IdealPoints(priors=vs.Priors(positions="~ C(group)"))
    mode = vs.IdealPoints().fit(window)
    fit = PosteriorFit(mode.encoded, mode.model, mode.mode, mode.direction, spec, DataTree())
    asked = {}

    def stand_in(_, rollcalls, again):
        asked.update(spec=again, record=rollcalls)
        return mode

    monkeypatch.setattr("voteshift.posterior.draws.sample_again", stand_in)
    fit_without(record, fit, [V21])
    assert asked["spec"].priors.covariates == spec.priors.covariates
    groups = window.members["group"].reindex(asked["record"].members.index)
    assert asked["record"].members["group"].equals(groups)
    # The mode from which the chains start has no covariates, so it can be fitted again.
    assert fit_without(record, fit.mode_fit, [V21]).converged


def test_an_explanation_has_member_effects_and_needs_the_covariates_of_every_voter(
    record: vs.RollCalls,
) -> None:
    by_group = vs.IdealPoints(method="marginal", priors=vs.Priors(positions="~ C(group)"))
    why = vs.explain(record, "mutually-beneficial-cooperation", model=by_group, draws=vs.Draws(100))
    assert why.models.member_effect.sd > 0
    table = with_table(record).data.query("member != 'COD'").groupby("member", as_index=False).mean()
    gap = Covariates("~ size", table, missing="drop")
    model = vs.IdealPoints(method="marginal", priors=vs.Priors(positions=gap))
    with pytest.raises(vs.UsageError, match="the fit left out COD, of which a covariate is missing"):
        vs.explain(record, "mutually-beneficial-cooperation", model=model)
