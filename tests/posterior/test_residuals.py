"""Residual correlations against NumPy's, and cohesion against the descriptives."""

import numpy as np
import pytest

import voteshift as vs
from voteshift.descriptives import cohesion
from voteshift.posterior.residuals import draw_cohesion, residual_correlations


@pytest.fixture(scope="module")
def fit(record: vs.RollCalls) -> vs.IdealFit:
    found = vs.IdealPoints().fit(record.between("2016", "2021"))
    assert isinstance(found, vs.IdealFit)
    return found


def test_residual_correlations_are_those_of_two_members_over_common_roll_calls(fit: vs.IdealFit) -> None:
    table = residual_correlations(fit)
    encoded = fit.encoded
    names = list(map(str, encoded.rollcalls))
    mode = fit.at_mode(names)
    codes = encoded.design.codes
    for one, other in ((0, 5), (3, 40)):
        both = np.flatnonzero((codes[[one, other]] >= 0).all(axis=0))
        residuals = []
        for member in (one, other):
            eta = mode.positions[0, member] @ mode.discriminations[0, both].T
            cuts = mode.cutpoints[0, both]
            beyond = 1.0 / (1.0 + np.exp(cuts - eta[:, None]))
            three = encoded.design.n_categories[encoded.design.item[both]] == 3
            expected = beyond[:, 0] + np.where(three, beyond[:, 1], 0.0)
            residuals.append(codes[member, both] - expected)
        assert table[one, other] == pytest.approx(np.corrcoef(residuals)[0, 1], abs=1e-9)
    assert np.array_equal(table, table.T, equal_nan=True)


def test_members_with_few_common_roll_calls_have_no_correlation(fit: vs.IdealFit) -> None:
    codes = fit.encoded.design.codes >= 0
    common = codes.astype(int) @ codes.T.astype(int)
    table = residual_correlations(fit)
    assert np.isnan(table[common < 20]).all()
    assert np.isfinite(table[common >= 20]).mean() > 0.95


def test_cohesion_on_record_is_that_of_the_descriptives(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    groups = record.members["group"].reindex(fit.member_ids).to_numpy(object)
    found = draw_cohesion(fit, groups, 20, 0)
    window = record.select(rollcalls=list(fit.rollcall_ids), members=list(fit.member_ids))
    table = cohesion(window)
    assert table.groupby("group")["agreement"].mean().to_dict() == pytest.approx(
        {group: observed for group, (observed, _) in found.items()}
    )
    assert all(values.shape == (20,) for _, values in found.values())
    again = draw_cohesion(fit, groups, 20, 0)
    assert all(np.array_equal(found[group][1], again[group][1]) for group in found)
