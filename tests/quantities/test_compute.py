"""Quantities of fits of every kind against loops over their draws, and their errors."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift import quantities

N, SEED = 200, 3
KINDS = ["mode", "marginal", "sampled", "dynamic", "dynamic marginal"]


@pytest.fixture(params=KINDS)
def fit(request, every_fit):
    return every_fit[request.param]


def draws_of(fit, period):
    """Return the draws of a period as a frame of members, by way of `draw` and `tidy` alone."""
    ids = list(fit.rollcall_ids)
    if fit.periods is None:
        x = fit.draw(N, ids[:1], SEED).positions[:, :, 0]
        return pd.DataFrame(x, columns=fit.member_ids)
    first = [ids[int(np.argmax(fit.encoded.design.period == t))] for t in range(len(fit.periods))]
    x = fit.draw(N, first, SEED).positions[:, fit.periods.index(period), :, 0]
    table = fit.tidy()
    return pd.DataFrame(x, columns=fit.member_ids)[table.loc[table["period"] == period, "member"]]


def period_of(fit):
    return None if fit.periods is None else fit.periods[2]


def check_interval(row, draws):
    assert row["estimate"] == pytest.approx(np.mean(draws), abs=1e-12)
    assert row["conf_low"] == pytest.approx(np.quantile(draws, 0.05), abs=1e-12)
    assert row["conf_high"] == pytest.approx(np.quantile(draws, 0.95), abs=1e-12)
    assert row["level"] == 0.9


def test_contrasts(fit):
    period = period_of(fit)
    draws = draws_of(fit, period)
    one, other = draws.columns[[1, 4]]
    result = fit.contrast(one, other, period=period, n_draws=N, seed=SEED)
    (row,) = result.tidy().to_dict("records")
    check_interval(row, draws[one] - draws[other])
    assert row["probability"] == (draws[one] > draws[other]).mean()
    assert f"{one}" in result.text
    assert "90% interval" in result.text


def test_ranks(fit):
    period = period_of(fit)
    draws = draws_of(fit, period)
    table = fit.ranks(period=period, n_draws=N, seed=SEED).tidy().set_index("member")
    ranks = draws.rank(axis=1)
    assert set(table.index) == set(draws.columns)
    assert table["estimate"].to_dict() == pytest.approx(ranks.mean().to_dict())
    assert table["p_first"].to_dict() == (ranks == 1).mean().to_dict()
    assert table["p_last"].to_dict() == (ranks == len(draws.columns)).mean().to_dict()
    assert (table["n_members"] == len(draws.columns)).all()


def test_medians(fit):
    period = period_of(fit)
    draws = draws_of(fit, period)
    result = fit.median(period=period, n_draws=N, seed=SEED)
    (row,) = result.tidy().to_dict("records")
    check_interval(row, draws.median(axis=1))
    n = len(draws.columns)
    middle = [(n + 1) // 2] if n % 2 else [n // 2, n // 2 + 1]
    share = draws.rank(axis=1).isin(middle).mean()
    holders = result.holders.set_index("member")["probability"]
    assert holders.to_dict() == pytest.approx(share[share > 0].to_dict())
    assert row["probability"] == holders.max()


def test_pivots(fit):
    period = period_of(fit)
    draws = draws_of(fit, period)
    result = fit.pivot(2 / 3, period=period, n_draws=N, seed=SEED)  # noqa: PD010
    low, high = result.tidy().to_dict("records")
    n = len(draws.columns)
    needed = -(-2 * n // 3)
    assert low["n_needed"] == needed
    check_interval(low, np.sort(draws.to_numpy(), axis=1)[:, n - needed])
    check_interval(high, np.sort(draws.to_numpy(), axis=1)[:, needed - 1])


def test_groups(fit, chamber):
    period = period_of(fit)
    draws = draws_of(fit, period)
    groups = chamber.members["group"]
    left, right = (
        draws[[one for one in draws.columns if groups[one] == name]].mean(axis=1)
        for name in ("left", "right")
    )
    means = fit.group_means(chamber, period=period, n_draws=N, seed=SEED)
    rows = means.tidy().to_dict("records")
    assert [row["group"] for row in rows] == ["left", "right"]
    check_interval(rows[0], left)
    check_interval(rows[1], right)
    distance = fit.group_distance("left", "right", chamber, period=period, n_draws=N, seed=SEED)
    (row,) = distance.tidy().to_dict("records")
    check_interval(row, left - right)
    without = set(groups.index[groups == ""]) & set(fit.member_ids)
    assert set(means.without_group) == without
    assert not without or "without a group" in means.text


def test_spread(fit):
    period = period_of(fit)
    draws = draws_of(fit, period)
    members = list(draws.columns[:7])
    result = fit.spread(period=period, members=members, n_draws=N, seed=SEED)
    (row,) = result.tidy().to_dict("records")
    check_interval(row, draws[members].std(axis=1, ddof=0))
    assert row["n_members"] == 7
    assert "The scale is defined by the fit" in result.text


def test_every_period_with_those_who_voted_in_it(moving, chamber):
    counts = moving.tidy().groupby("period").size()
    for result in (moving.median(), moving.spread()):
        table = result.tidy().set_index("period")
        assert table["n_members"].to_dict() == counts.to_dict()
    means = moving.group_means(chamber).tidy().groupby("period")["n_members"].sum()
    assert (means <= counts).all()
    pair = moving.tidy().groupby("member")["period"].agg(set)
    one, other = pair.index[:2]
    both = pair[one] & pair[other]
    if both:
        assert set(moving.contrast(one, other).tidy()["period"]) == both


def test_one_period_is_a_row_of_all_periods(moving):
    whole = moving.median(seed=5).tidy()
    one = moving.median(period=moving.periods[1], seed=5).tidy()
    pd.testing.assert_frame_equal(whole[whole["period"] == moving.periods[1]].reset_index(drop=True), one)


def test_nothing_is_read_off_an_unidentified_scale(moving, unbridged):
    assert "do not read" not in moving.spread().text
    assert moving.identified_by in moving.spread().text
    text = unbridged.spread().text
    assert "do not read a change of the spread or the centre as polarisation" in text
    assert "No item is shared across" in text
    assert "do not read" in unbridged.spread(period=unbridged.periods[0]).text
    assert "do not read" in unbridged.median().text
    assert "do not read" not in unbridged.median(period=unbridged.periods[0]).text


def test_members_without_a_position_in_a_period_are_not_guessed(moving):
    seen = moving.tidy().groupby("member")["period"].agg(set)
    period = moving.periods[0]
    here = next(one for one in seen.index if period in seen[one])
    away = next(one for one in seen.index if period not in seen[one])
    with pytest.raises(vs.UsageError, match=rf"{away} did not vote in {period}"):
        moving.contrast(here, away, period=period)
    assert away not in set(moving.ranks(period=period).tidy()["member"])
    assert away not in set(moving.median(period=period).holders["member"])


def test_seeds_give_the_same_again(static):
    one, again, other = (static.median(seed=seed).tidy() for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert one["estimate"].item() != other["estimate"].item()
    assert static.median(seed=7).source.seed == 7


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda fit, _: fit.contrast("nobody", "M01"), "casts no vote"),
        (lambda fit, _: fit.contrast(fit.member_ids[0], fit.member_ids[0]), "same member"),
        (lambda fit, _: fit.contrast(*fit.member_ids[:2], period="2000"), "constant"),
        (lambda fit, _: fit.median(dimension=2), "dimension is 2"),
        (lambda fit, _: fit.spread(), "defines the scale"),
        (lambda fit, _: fit.ranks(members=[fit.member_ids[0]]), "two members"),
        (lambda fit, _: fit.group_means(_, by="colour"), "no column 'colour'"),
        (lambda fit, _: fit.group_distance("left", "up", _), "group 'up'"),
        (lambda fit, _: fit.pivot(0.2), "majority is 0.2"),  # noqa: PD010
        (lambda fit, _: fit.median(n_draws=0), "n_draws is 0"),
        (lambda fit, _: fit.median(seed=-1), "seed is -1"),
    ],
)
def test_errors_name_the_argument(static, chamber, call, message):
    with pytest.raises(vs.UsageError, match=message):
        call(static, chamber)


def test_an_unknown_period_gets_a_suggestion(moving):
    with pytest.raises(vs.UsageError, match=rf"no period '1999' \(choose from {moving.periods[0]}"):
        moving.median(period="1999")


def test_a_thing_that_is_no_fit_is_refused(chamber):
    with pytest.raises(vs.UsageError, match="give a fit"):
        quantities.median(chamber)


def test_a_fit_that_did_not_converge_is_refused(chamber):
    fit = vs.IdealPoints(tolerance=1e-300).fit(chamber)
    if not fit.converged:
        with pytest.raises(vs.NotUsableError, match="did not converge"):
            fit.median()


def test_another_record_is_refused(static, chamber):
    with pytest.raises(vs.UsageError, match="is not in this record"):
        static.group_means(vs.RollCalls(chamber.votes[:5], chamber.members[:5], chamber.rollcalls[[]]))


@pytest.mark.parametrize("kind", KINDS)
def test_tables_for_a_paper_name_members(every_fit, kind):
    fit = every_fit[kind]
    frame = fit.summary_frame()
    assert "5 %" in frame
    assert frame["member"].tolist() == [fit.member_labels[one] for one in fit.tidy()["member"]]
    assert "Scale: " in fit.summary()
    assert fit.to_latex().count("\\\\") == len(frame) + 1
    contrast = fit.contrast(*fit.tidy()["member"].unique()[:2][::-1], period=None)
    assert contrast.text.split(".")[0] in contrast.summary()
    assert "probability" in contrast.to_latex()
