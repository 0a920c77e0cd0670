"""The labels of slopes of items, in words and in files."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from ideal.test_item_covariates import draw_world, fit
from voteshift.errors import UsageError
from voteshift.ideal.item_slopes import describe_gaps, describe_rough


@pytest.fixture(scope="module")
def fitted() -> vs.IdealFit:
    return fit(draw_world(1), "~ C(sponsor)")


def test_the_table_has_a_row_per_parameter_and_term(fitted: vs.IdealFit) -> None:
    table = fitted.item_slopes.tidy()
    assert list(table["parameter"]) == ["discrimination"] * 2 + ["midpoint"] * 2
    assert list(table["term"]) == ["Intercept", "C(sponsor)[T.south]"] * 2
    assert (table["conf_low"] < table["estimate"]).all()
    wider = vs.IdealPoints(level=0.99, priors=fitted.spec.priors).fit(draw_world(1)).item_slopes.tidy()
    assert (wider["conf_high"] > table["conf_high"]).all()


def test_slopes_are_on_the_reported_scale(fitted: vs.IdealFit) -> None:
    """The intercepts with the mean of the covariate give the mean of the reported items."""
    table = fitted.item_slopes.tidy().set_index(["parameter", "term"])["estimate"]
    share = (draw_world(1).rollcalls["sponsor"] == "south").mean()
    reported = fitted.reported
    for name, values in (
        ("discrimination", reported.discriminations[:, 0]),
        ("midpoint", reported.midpoints),
    ):
        want = table[name, "Intercept"] + share * table[name, "C(sponsor)[T.south]"]
        assert np.mean(values) == pytest.approx(want, abs=5e-3)


def test_the_text_says_what_a_midpoint_is(fitted: vs.IdealFit) -> None:
    words = str(fitted.item_slopes)
    assert "a member at the mean position is less inclined to vote yes" in words
    assert "M39 is on the positive side" in words
    assert "~ C(sponsor)" in words


def test_large_discriminations_are_cautioned() -> None:
    assert describe_rough(1.9, "logit") == []
    assert describe_rough(1.2, "probit") == describe_rough(2.1, "logit")
    assert "slopes of midpoints can be too close to 0" in describe_rough(2.1, "logit")[0]


def test_a_roll_call_that_determines_a_slope_is_named() -> None:
    record = draw_world(1)
    alone = record.rollcalls.assign(alone=record.rollcalls.index == "R007")
    only = vs.RollCalls(record.votes, record.members, alone, polarity="M39")
    slopes = fit(only, "~ alone").item_slopes
    assert slopes.rare == ("R007",)
    assert any("determine a slope (R007)" in caution for caution in slopes.cautions)
    assert fit(record, "~ pages").item_slopes.cautions == ()


def test_gaps_are_counted_and_not_all_listed() -> None:
    assert describe_gaps(()) == []
    assert describe_gaps(("a",)) == ["1 roll call left out because a covariate is missing: a"]
    assert describe_gaps(tuple("abcdefghij"))[0].endswith("h, ...")


def test_a_fit_without_covariates_has_no_slopes() -> None:
    plain = vs.IdealPoints(method="marginal").fit(draw_world(1))
    with pytest.raises(UsageError, match="no covariates of roll calls"):
        plain.item_slopes  # noqa: B018


def test_a_fit_is_read_as_it_was_written(fitted: vs.IdealFit, tmp_path) -> None:  # type: ignore[no-untyped-def]
    fitted.save(tmp_path / "fit.npz")
    read = vs.ideal.load_fit(tmp_path / "fit.npz")
    pd.testing.assert_frame_equal(read.item_slopes.tidy(), fitted.item_slopes.tidy())
