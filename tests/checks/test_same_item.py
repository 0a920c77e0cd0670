from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.same_item import OneItemTest, likelihood_ratios, same_item
from voteshift.resolution import likelihood_ratio
from voteshift.resolution.group_effects import GroupEffectFits, fit_with_groups
from voteshift.resolution.likelihood_ratio import compare, compare_with_effect
from voteshift.resolution.marginal import NOISE_SD
from voteshift.resolution.refit import Others, fit_without
from voteshift.resolution.replicates import HIGHEST, ReplicateFits, fit_replicates

TRIO = ["27478", "29343", "29575"]


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.load_hrc()


def run(record: vs.RollCalls, family: str, *, seed: int = 0, member_effect: bool = True) -> OneItemTest:
    """The check, on an explanation with few draws: the test makes its own."""
    why = vs.explain(record, family, draws=vs.Draws(100), member_effect=member_effect)
    result = same_item(why, seed=seed)
    assert isinstance(result, OneItemTest)
    return result


@pytest.fixture(scope="module")
def test(record: vs.RollCalls) -> OneItemTest:
    return run(record, "mutually-beneficial-cooperation", member_effect=False)


@pytest.fixture(scope="module")
def with_groups(record: vs.RollCalls) -> OneItemTest:
    return run(record, "mutually-beneficial-cooperation")


@pytest.fixture(scope="module")
def with_effects(with_groups: OneItemTest) -> OneItemTest:
    """The test with member effects and without group effects."""
    assert with_groups.without_groups is not None
    return with_groups.without_groups


def test_the_first_version_is_another_item_and_the_last_two_are_one(test: OneItemTest) -> None:
    rows = {row.rollcalls: row for row in test.table.itertuples()}
    whole, first, last = rows[tuple(TRIO)], rows[tuple(TRIO[:2])], rows[tuple(TRIO[1:])]
    assert first.statistic == pytest.approx(34.0, abs=1.0)
    assert last.statistic == pytest.approx(0.2, abs=0.1)
    assert whole.p_value == 0.001
    assert first.p_holm == pytest.approx(0.003)
    assert last.p_holm > 0.9
    assert np.isnan(whole.p_holm)
    assert test.unconverged == 0


def test_under_the_null_the_statistic_is_near_its_degrees_of_freedom(test: OneItemTest) -> None:
    """Three parameters fewer for a pair, six for three; position error and small samples add a little."""
    assert test.table["null_mean"].iloc[0] == pytest.approx(6.4, abs=0.5)
    assert test.table["null_mean"].iloc[1:].tolist() == pytest.approx([3.2] * 3, abs=0.4)


def test_the_words_say_what_is_tested(test: OneItemTest) -> None:
    said = test.sentence()
    assert "All 3 versions: likelihood-ratio statistic 44.1, p = 0.001" in said
    assert "the same discrimination and the same cutpoints" in said
    assert test.tidy().columns[1] == "estimate"
    assert not test.tidy()["member_effect"].any()
    assert "member effect" not in said


def test_sigma_is_on_the_latent_scale() -> None:
    """Where nobody ever switches it lies at its bound: 11 times the noise, which has 1.8."""
    rng = np.random.default_rng(0)
    held = rng.standard_normal((1, 24, 1))
    votes = np.repeat(rng.integers(0, 3, (24, 1)).astype(np.int8), 2, axis=1)
    found = compare_with_effect(votes, held, held[None], "logit", rng)
    assert found.sd == pytest.approx(HIGHEST * NOISE_SD["logit"])


def test_with_member_effects_the_verdict_on_the_trio_is_the_same(
    test: OneItemTest, with_effects: OneItemTest
) -> None:
    rows = {row.rollcalls: row for row in with_effects.table.itertuples()}
    assert rows[tuple(TRIO)].p_value == 0.001
    assert rows[tuple(TRIO[:2])].p_holm == pytest.approx(0.003)
    assert rows[tuple(TRIO[1:])].p_holm > 0.9
    assert with_effects.unconverged <= 5
    assert with_effects.effect_sd is not None
    assert 1.0 < with_effects.effect_sd < 5.0


def test_with_group_effects_the_verdict_on_the_trio_is_the_same(with_groups: OneItemTest) -> None:
    rows = {row.rollcalls: row for row in with_groups.table.itertuples()}
    assert rows[tuple(TRIO)].p_value <= 0.003
    assert rows[tuple(TRIO[:2])].p_holm <= 0.01
    assert rows[tuple(TRIO[:2])].statistic == pytest.approx(26.2, abs=0.3)
    assert rows[tuple(TRIO[1:])].p_holm > 0.9
    assert with_groups.unconverged <= 40
    assert with_groups.group_sd is not None
    assert with_groups.effects == "member and group"


def test_all_answers_are_told(with_groups: OneItemTest, test: OneItemTest) -> None:
    said = with_groups.sentence()
    assert "(without group effects 0.001; without member effects 0.001)" in said
    assert "member effects and effects of groups on versions" in said
    assert [one.effects for one in with_groups.tests] == ["member and group", "member", "none"]
    assert with_groups.tests[2].table.equals(test.table)
    table = with_groups.tidy()
    assert table["member_effect"].tolist() == [True] * 8 + [False] * 4
    assert table["group_effect"].tolist() == [True] * 4 + [False] * 8
    assert table["rollcalls"].tolist() == 3 * test.table["rollcalls"].tolist()


def regrouped(record: vs.RollCalls, groups: pd.Series) -> vs.RollCalls:
    """The record with other groups of members."""
    frame = record.rollcalls
    kept = [name for name in ("date", "symbol", "title", "subject", "session", "amendment") if name in frame]
    return vs.RollCalls(
        record.votes, record.members.assign(group=groups), frame[[*kept, "family"]], polarity="USA"
    )


@pytest.fixture(scope="module")
def others(record: vs.RollCalls) -> Others:
    """The fit to all other roll calls."""
    return fit_without(record, vs.IdealPoints().fit(record.between("2016", "2021")), TRIO)


def compare_first_pair(record: vs.RollCalls, others: Others) -> OneItemTest:
    """The test of the first two versions alone."""
    return likelihood_ratios(record, others, TRIO[:2], member_effect=True, n_replicates=999, seed=0)


@pytest.fixture(scope="module")
def first_pair(record: vs.RollCalls, others: Others) -> OneItemTest:
    return compare_first_pair(record, others)


def test_names_of_groups_do_not_change_the_test(
    record: vs.RollCalls, others: Others, first_pair: OneItemTest
) -> None:
    renamed = record.members["group"].map(lambda name: str(name)[::-1])
    assert compare_first_pair(regrouped(record, renamed), others).table.equals(first_pair.table)


def test_without_groups_the_test_is_the_one_with_member_effects(
    record: vs.RollCalls, others: Others, first_pair: OneItemTest
) -> None:
    groups = pd.Series("one", index=record.members.index)
    found = compare_first_pair(regrouped(record, groups), others)
    assert first_pair.without_groups is not None
    assert found.table.equals(first_pair.without_groups.table)
    assert found.group_sd is None
    assert "There is no test with group effects: the record does not assign" in found.sentence()


def test_where_the_fits_with_groups_have_no_maximum_the_other_tests_are_kept(
    record: vs.RollCalls, others: Others, first_pair: OneItemTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*arguments: object, **named: object) -> tuple[GroupEffectFits, GroupEffectFits]:
        found = fit_with_groups(*arguments, **named)  # type: ignore[arg-type]
        one, separate = (replace(fit, converged=np.zeros_like(fit.converged)) for fit in found)
        return one, separate

    monkeypatch.setattr(likelihood_ratio, "fit_with_groups", lost)
    found = compare_first_pair(record, others)
    assert first_pair.without_groups is not None
    assert found.table.equals(first_pair.without_groups.table)
    assert "with member and group effects" in found.no_groups


def test_where_the_leaned_test_has_no_maximum_the_plain_one_is_kept(
    record: vs.RollCalls, test: OneItemTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the result, in what is said, and in an explanation of the resolution."""

    def lost(*arguments: object, **named: object) -> ReplicateFits:
        found = fit_replicates(*arguments, **named)  # type: ignore[arg-type]
        return ReplicateFits(
            found.slopes, found.cuts, found.log_sd, found.value, np.zeros_like(found.converged)
        )

    monkeypatch.setattr(likelihood_ratio, "fit_replicates", lost)
    found = run(record, "mutually-beneficial-cooperation")
    assert found.table.equals(test.table)
    assert found.effect_sd is None
    assert found.without_effect is None
    who = "27478 and 29343 and 29575 with member effects"
    why_not = f"no maximum of the likelihood was found for the items of {who}"
    assert why_not in found.no_effect
    assert f"There is no test with member effects: {why_not}" in found.sentence()
    why = vs.explain(record, draws=vs.Draws(100))
    assert why.has_effect  # the fit that the parts rest on is another one


@pytest.mark.slow
def test_a_pair_has_the_same_p_value_whatever_is_tested_with_it(
    record: vs.RollCalls, others: Others, with_groups: OneItemTest
) -> None:
    """The check tests the pairs in the order of the steps."""
    every = likelihood_ratios(record, others, TRIO, member_effect=True, n_replicates=999, seed=0)
    assert every.table["rollcalls"].tolist() != with_groups.table["rollcalls"].tolist()
    for ours, theirs in zip(with_groups.tests, every.tests, strict=True):
        keys = ["statistic", "p_value", "null_mean"]
        same = ours.table.set_index("rollcalls")[keys].loc[theirs.table["rollcalls"].tolist()]
        assert np.allclose(same, theirs.table[keys], rtol=0, atol=1e-9)


def test_replicates_that_stopped_short_are_told(test: OneItemTest) -> None:
    assert "stopped short" not in test.sentence()
    some = replace(test, unconverged=3)
    assert (
        "(bootstrap of 999 replicates; a fit did not converge in 3 replicates; null hypothesis:"
        in some.sentence()
    )


@pytest.mark.slow
def test_same_seed_same_answer(record: vs.RollCalls, with_groups: OneItemTest) -> None:
    again, other = (run(record, "mutually-beneficial-cooperation", seed=k) for k in (0, 1))
    assert again.tidy().equals(with_groups.tidy())
    null = [found.tidy()["null_mean"] for found in (again, other)]
    assert (null[0] != null[1]).all()
    assert np.allclose(again.tidy()["estimate"], other.tidy()["estimate"], rtol=0, atol=1e-9)


@pytest.mark.parametrize("n_replicates", [99, 100_001])
def test_too_few_and_too_many_replicates_are_refused(record: vs.RollCalls, n_replicates: int) -> None:
    with pytest.raises(vs.UsageError, match="n_replicates must be from 999 to 100000"):
        same_item(vs.explain(record, "right-food", draws=vs.Draws(100)), n_replicates=n_replicates)


def test_one_contested_version_is_nothing_to_compare(record: vs.RollCalls) -> None:
    why = vs.explain(record, window=("2021", "2022"), draws=vs.Draws(100))
    assert "fewer than two" in str(same_item(why))


def small_world(seed: int, sd: float, shift: float) -> tuple[float, float]:
    """P-values with and without member effects, of 45 members whose effects have standard deviation sd."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(45)
    latent = 1.5 * x[:, None] + sd * rng.standard_normal((45, 1)) + rng.logistic(size=(45, 2)) - [0.0, shift]
    votes = (latent > -1).astype(np.int8) + (latent > 1)
    votes[rng.random(votes.shape) < 0.2] = -1
    held = (x + 0.25 * rng.standard_normal(45))[None, :, None]
    drawn = held[None] + 0.25 * rng.standard_normal((99, 1, 45, 1))
    found = [
        test(votes.astype(np.int8), held, drawn, "logit", np.random.default_rng([seed, 1]))
        for test in (compare_with_effect, compare)
    ]
    with_effect, without = ((1 + (one.null >= one.observed).sum()) / 100 for one in found)
    return with_effect, without


def test_where_members_repeat_themselves_the_plain_test_accepts_too_easily() -> None:
    """Twenty worlds of one item, and twenty in which the cutpoints moved by 2."""
    same = np.array([small_world(seed, 4.0, 0.0) for seed in range(20)])
    moved = np.array([small_world(seed, 4.0, 2.0) for seed in range(20)])
    rejected = (same <= 0.1).sum(axis=0)
    assert rejected[0] <= 6  # binomial(20, 0.1): more with probability 0.002
    assert rejected[1] == 0
    found = (moved <= 0.1).sum(axis=0)
    assert found[0] >= 10
    assert found[1] <= found[0] - 7


@pytest.mark.nightly
def test_the_test_with_member_effects_keeps_its_size() -> None:
    """Two hundred worlds each: no member effects, one of 4, one of 8.

    ``python -m pytest -m nightly tests/checks/test_same_item.py``
    """
    for sd in (0.0, 4.0, 8.0):
        p_values = np.array([small_world(seed, sd, 0.0)[0] for seed in range(200)])
        for level in (0.1, 0.2):
            rejected = (p_values <= level).sum()
            # no more than binomial(200, level) has with probability 0.001
            assert rejected <= 200 * level + 3.1 * np.sqrt(200 * level * (1 - level))


@pytest.mark.nightly
def test_the_test_keeps_its_size() -> None:
    """A true null is rejected at 0.1 in about a tenth of 100 worlds.

    ``python -m pytest -m nightly tests/checks/test_same_item.py``
    """
    p_values = []
    for seed in range(100):
        world = vs.simulate(60, 60, seed=seed)
        eta = world.positions[0] @ np.array([[-1.8, -1.8]])
        latent = eta + np.random.default_rng([seed, 9]).logistic(size=eta.shape)
        votes = world.rollcalls.votes.copy()
        votes[:, :2] = (latent > -1.0).astype(np.int8) + (latent > 0.5)
        frame = world.rollcalls.rollcalls.copy()
        frame.loc[frame.index[:2], "title"] = "On fish"
        record = vs.RollCalls(votes, world.rollcalls.members, frame.drop(columns="family", errors="ignore"))
        fit = vs.IdealPoints().fit(record)
        pair = list(frame.index[:2])
        others = fit_without(record, fit, pair)
        found = likelihood_ratios(record, others, pair, member_effect=False, n_replicates=999, seed=seed)
        p_values.append(found.table["p_value"].iloc[0])
    assert 2 <= (np.array(p_values) <= 0.1).sum() <= 20  # binomial(100, 0.1): outside with probability 0.003


@pytest.mark.nightly
@pytest.mark.parametrize("family", ["mutually-beneficial-cooperation", "right-food", "right-peoples-peace"])
def test_further_starts_of_the_replicates_move_their_quantiles_by_little(
    family: str, record: vs.RollCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replicates start where they were drawn from; here from either end of sigma too.

    ``python -m pytest -m nightly tests/checks/test_same_item.py -k further_starts``
    """
    once = run(record, family)

    def best(codes, date, item, positions, link, start):  # type: ignore[no-untyped-def]
        ends = [start[2], *(np.full(1, np.log(at * NOISE_SD[link])) for at in likelihood_ratio._STARTS)]
        fits = [fit_replicates(codes, date, item, positions, link, (*start[:2], end)) for end in ends]
        which = np.argmax([fit.value for fit in fits], axis=0)
        pick = lambda name: np.stack([getattr(fit, name) for fit in fits])[which, np.arange(len(which))]  # noqa: E731
        return ReplicateFits(*(pick(name) for name in ("slopes", "cuts", "log_sd", "value", "converged")))

    monkeypatch.setattr(likelihood_ratio, "fit_replicates", best)
    often = run(record, family)
    quantiles = [found.table["null_95"].to_numpy() for found in (once, often)]
    print(quantiles, once.table["p_value"].to_numpy(), often.table["p_value"].to_numpy())
    assert np.abs(quantiles[1] / quantiles[0] - 1).max() < 0.02
    assert np.abs(once.table["p_value"] - often.table["p_value"]).max() <= 0.01
