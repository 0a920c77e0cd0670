"""Votes predicted by fits that did not see them."""

import numpy as np
import pytest

import voteshift as vs
from posterior.stand_in import stand_in
from voteshift.likelihood.terms import category_probabilities
from voteshift.posterior import draws as posterior_draws
from voteshift.posterior.fit_statistics import fit_statistics
from voteshift.posterior.held_out import _predict, assign_folds, k_fold
from voteshift.simulation import Dynamics


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.simulate(30, 60, seed=8, missing=0.1).rollcalls.contested()


def test_every_vote_is_held_out_once_and_every_category_stays(record):
    folds = assign_folds(record.votes, "votes", 5, np.random.default_rng(0))
    assert (folds[record.votes < 0] == -1).all()
    sizes = np.bincount(folds[folds >= 0], minlength=5)
    assert sizes.max() - sizes.min() < 40
    for column in range(folds.shape[1]):
        for code in range(3):
            there = folds[record.votes[:, column] == code, column]
            if len(there) == 1:
                assert there[0] == -1
            elif len(there):
                assert (there >= 0).all()
                assert all((there != fold).any() for fold in range(5))


@pytest.mark.parametrize("by", ["rollcalls", "members"])
def test_whole_units_are_held_out_together(record, by):
    folds = assign_folds(record.votes, by, 4, np.random.default_rng(0))
    for line in folds.T if by == "rollcalls" else folds:
        assert len(set(line[line >= 0])) <= 1
    assert ((folds >= 0) == (record.votes >= 0)).all()


def without(record, held):
    frame = record.rollcalls
    return vs.RollCalls(np.where(held, np.int8(vs.Vote.ABSENT), record.votes), record.members, frame)


def at(fit, member, column):
    """P(no, abstain, yes) at the mode, from the likelihood's own terms."""
    point, design = fit.mode.point, fit.encoded.design
    kind = int(design.n_categories[column])
    cuts = point.cutpoints(design.n_categories)[column]
    ranked = category_probabilities(point.positions[[member]] @ point.discriminations[column], cuts, kind)[0]
    chances = np.zeros(3)
    chances[[("no", "abstain", "yes").index(name) for name in fit.encoded.categories[column]]] = ranked[:kind]
    return chances


@pytest.mark.parametrize("by", ["votes", "rollcalls", "members"])
def test_predictions_are_those_of_a_fit_without_the_fold(record, by):
    spec = vs.IdealPoints(threads=1)
    held = assign_folds(record.votes, by, 6, np.random.default_rng(1)) == 2
    found, joint = _predict(record, spec, held, held, by, "map", 0, 0)
    fit = spec.fit(without(record, held))
    member, column = np.nonzero(held)
    rows = fit.encoded.members.get_indexer(record.members.index)
    columns = fit.encoded.rollcalls.get_indexer(record.rollcalls.index)
    for vote in range(0, len(member), 13):
        people = [rows[member[vote]]] if by != "members" else range(len(fit.encoded.members))
        items = [columns[column[vote]]] if by != "rollcalls" else range(len(fit.encoded.rollcalls))
        expected = np.mean([at(fit, one, item) for one in people for item in items], axis=0)
        np.testing.assert_allclose(found[vote], expected, atol=1e-12)
    if by == "rollcalls":
        total = 0.0
        for one in np.unique(column):
            who = member[column == one]
            each = [
                np.prod([at(fit, rows[i], item)[record.votes[i, one]] for i in who])
                for item in range(len(fit.encoded.rollcalls))
            ]
            total += np.log(np.mean(each))
        assert joint == pytest.approx(total)


def test_held_out_votes_are_predicted_worse_than_fitted_ones_and_better_than_by_guessing(record):
    found = k_fold(record, k=5, seed=1)
    fitted = fit_statistics(vs.IdealPoints().fit(record))
    assert found.statistics.gmp < fitted.gmp
    assert found.statistics.apre < fitted.apre
    assert found.statistics.percent_correct > found.statistics.percent_modal
    assert found.folds["votes"].sum() + found.not_predicted == (record.votes >= 0).sum()
    table = found.tidy().set_index("measure")
    assert table.loc["gmp", "lowest"] < table.loc["gmp", "estimate"] < table.loc["gmp", "highest"]


def test_votes_without_structure_are_not_predicted():
    """Coins: a fit finds structure in them, held-out votes do not."""
    rng = np.random.default_rng(3)
    coins = vs.simulate(20, 40, seed=0).rollcalls
    coins = vs.RollCalls(2 * rng.integers(0, 2, coins.votes.shape), coins.members, coins.rollcalls)
    fitted = fit_statistics(vs.IdealPoints().fit(coins))
    found = k_fold(coins, k=4)
    assert fitted.gmp > 0.53
    assert found.statistics.gmp < 0.5


def test_votes_of_one_roll_call_tell_of_each_other(record):
    found = k_fold(record, by="rollcalls", k=5)
    assert found.gmp_together > found.statistics.gmp
    assert "gmp_together" in set(found.tidy()["measure"])
    assert found.not_predicted == 0


def test_a_member_alone_in_its_category_is_not_scored_there(record):
    """Nobody else could tell the fit of such a category."""
    found = k_fold(record, by="members", k=len(record.members))
    singles = sum((np.bincount(line[line >= 0], minlength=3) == 1).sum() for line in record.votes.T)
    assert found.not_predicted == singles > 0
    assert f"{singles} votes are not predicted" in found._repr_html_()
    assert found.statistics.gmp > 0.3
    assert found.gmp_together > found.statistics.gmp


def test_it_depends_on_the_seed_and_not_on_the_number_of_jobs(record):
    one, two = k_fold(record, k=3, seed=5), k_fold(record, k=3, seed=5, n_jobs=2)
    assert one.folds.equals(two.folds)
    assert one.statistics.gmp == two.statistics.gmp
    assert k_fold(record, k=3, seed=6).statistics.gmp != one.statistics.gmp


def test_draws_predict_too_and_must_be_usable(record, monkeypatch):
    def at_hand(part, spec, *, draws, seed, nuts):
        assert nuts.cores == 1
        return stand_in(part, draws, seed=seed)

    monkeypatch.setattr(posterior_draws, "sample", at_hand)
    found = k_fold(record, k=2, method="nuts", draws=400, n_jobs=1)
    mode = k_fold(record, k=2)
    assert found.statistics.gmp > mode.statistics.gmp, "a mean over draws is less sure of itself"
    with pytest.raises(vs.NotUsableError, match="without one fold"):
        k_fold(record, k=2, method="nuts", draws=60, n_jobs=1)


def test_positions_that_move_are_checked_by_single_votes():
    council = vs.simulate(20, 60, seed=2, dynamics=Dynamics(n_periods=3, tau=0.3, bridges=3)).rollcalls
    spec = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families"))
    found = k_fold(council, spec, k=3)
    assert found.statistics.percent_correct > found.statistics.percent_modal
    with pytest.raises(vs.UsageError, match="single votes"):
        k_fold(council, spec, by="members")


def test_what_makes_no_sense_is_refused(record):
    with pytest.raises(vs.UsageError, match="k is 1"):
        k_fold(record, k=1)
    with pytest.raises(vs.UsageError, match="folds"):
        k_fold(record, by="members", k=31)
    with pytest.raises(vs.UsageError, match="by is"):
        k_fold(record, by="groups")


@pytest.mark.parametrize(("by", "name"), [("rollcalls", "item_means"), ("members", "positions")])
def test_a_unit_with_covariates_is_not_held_out(record, by, name):
    """Its prediction would ignore the covariates."""
    spec = vs.IdealPoints(priors=vs.Priors(**{name: "~ anything"}))
    with pytest.raises(vs.UsageError, match=f"without the covariates of Priors.{name}="):
        k_fold(record, spec, by=by)
