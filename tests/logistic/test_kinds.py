"""The account by kind: equal to the account, and to a model that knows nothing but the kind."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.logistic import MemberBootstrap, kinds
from voteshift.logistic.panel import Panel

FAMILY = "mutually-beneficial-cooperation"
STEPS = [("A/HRC/RES/37/23", "A/HRC/RES/43/21"), ("A/HRC/RES/43/21", "A/HRC/RES/46/13")]


@pytest.fixture(scope="module")
def panel(record):
    return vs.panel(record, FAMILY)


@pytest.mark.parametrize("number", [0, 1])
def test_in_votes_it_is_the_account_by_group(record, panel, number):
    account = vs.account(record, FAMILY)[number]
    found = kinds(panel, "group", *STEPS[number]).set_index(["kind", "category"])
    theirs = account.by_group()
    for (group, word), row in found.iterrows():
        assert row["switching"] == theirs.get(("switching", word), pd.Series()).get(group, 0)
        assert row["turnover"] == theirs.get(("turnover", word), pd.Series()).get(group, 0)
    seats = found.groupby("kind")[["stayers", "left", "joined"]].first().sum()
    silent = [1, 0][number]  # Tunisia was away in 2018 and then left: it voted in neither
    assert seats.tolist() == [account.stayers, account.left - silent, account.joined]


@pytest.mark.parametrize("step", STEPS)
def test_in_shares_it_adds_up_and_is_what_decompose_gives(panel, step):
    found = kinds(panel, "group", *step)
    sums = found.groupby("category")[["characteristics", "responses"]].sum()
    shares = panel.frame.groupby("symbol")[["no", "abstain", "yes"]].mean()
    change = shares.loc[step[1]] - shares.loc[step[0]]
    np.testing.assert_allclose(sums.sum(axis=1)[change.index], change, atol=1e-12)
    # Without the penalty a model of the kind alone is the rates; with it, it is recentred but near them.
    parts = (
        vs.logistic.decompose("yes ~ group", panel, *step, bootstrap=MemberBootstrap(2))
        .tidy()
        .set_index("part")["estimate"]
    )
    assert parts["characteristics"] == pytest.approx(sums.loc["yes", "characteristics"], abs=0.01)


def test_a_model_that_knows_the_kind_alone_gives_the_same(panel):
    """Where no kind is separated, to the last digit."""
    two = panel.only(*STEPS[0])
    frame = two.frame.assign(kind=np.where(two.frame["group"].isin(["AFRICAN", "GRULAC"]), "a", "b"))
    two = Panel(frame, two.unmatched, two.left_out, ())
    found = kinds(two, "kind", *STEPS[0]).groupby("category")[["characteristics", "responses"]].sum()
    parts = (
        vs.logistic.decompose("yes ~ kind", two, *STEPS[0], bootstrap=MemberBootstrap(2))
        .tidy()
        .set_index("part")["estimate"]
    )
    assert parts["characteristics"] == pytest.approx(found.loc["yes", "characteristics"], abs=1e-9)
    assert parts["responses"] == pytest.approx(found.loc["yes", "responses"], abs=1e-9)


def test_what_cannot_be_split_is_said(panel):
    with pytest.raises(vs.UsageError, match="no column 'size'"):
        kinds(panel, "size", *STEPS[0])
    with pytest.raises(vs.UsageError, match=r"'name' has \d+ values"):
        kinds(panel, "name", *STEPS[0])
    gappy = panel.frame.assign(group=panel.frame["group"].where(panel.frame["member"] != "CHN"))
    with pytest.raises(vs.InputError, match="'group' is missing for CHN"):
        kinds(Panel(gappy, panel.unmatched, panel.left_out, ()), "group", *STEPS[0])
