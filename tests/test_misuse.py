"""Every public function called with what it cannot take: an error of ours, or the answer."""

import inspect
import warnings
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

import voteshift as vs

IDS = [f"m{i}" for i in range(14)]
FAMILIES = ["z0", "z1", "x", "y", "x", "y", "x", "z7", "z8"]


def made():
    rollcalls = pd.DataFrame(
        {"date": [f"{2010 + j}-01-01" for j in range(9)], "family": FAMILIES, "title": FAMILIES},
        index=[f"r{j}" for j in range(9)],
    )
    votes = np.random.default_rng(1).integers(0, 3, (14, 9)).astype(np.int8)
    return vs.RollCalls(votes, pd.DataFrame({"group": ["g", "h"] * 7}, index=IDS), rollcalls)


RECORD = made()
NOTHING = vs.RollCalls(np.zeros((0, 0), np.int8), pd.DataFrame(), pd.DataFrame())
NO_ROLLCALLS = vs.RollCalls(np.zeros((3, 0), np.int8), pd.DataFrame(index=list("abc")), pd.DataFrame())
NO_MEMBERS = vs.RollCalls(np.zeros((0, 2), np.int8), pd.DataFrame(), pd.DataFrame(index=["r1", "r2"]))
COUNTS = {name: np.array([1, 2]) for name in ("yes", "no", "abstain")}
#: What each function takes; the tests spoil one argument at a time, before the function runs for long.
GOOD = {
    "account": {"rollcalls": RECORD, "family": "x"},
    "bootstrap": {"fit": None, "rollcalls": RECORD, "n_replicates": 2},
    "cached_fit": {"spec": vs.IdealPoints(), "rollcalls": RECORD},
    "checks.bridge_drift": {"why": None},
    "checks.ends_together": {"why": None},
    "checks.dimensions": {"why": None},
    "checks.documents": {"why": None},
    "checks.elections": {"why": None},
    "checks.exact_tests": {"why": None},
    "checks.expected_switchers": {"why": None},
    "checks.group_dependence": {"why": None},
    "checks.leave_one_out": {"why": None},
    "checks.placebo": {"why": None},
    "checks.prior_sensitivity": {"why": None},
    "checks.same_item": {"why": None},
    "checks.sensitivity": {"why": None},
    "checks.sign_changes": {"why": None},
    "checks.split_bridges": {"why": None},
    "checks.unlikely_votes": {"why": None},
    "descriptives.agreement_index": COUNTS,
    "descriptives.closeness": {"rollcalls": RECORD},
    "descriptives.cohesion": {"rollcalls": RECORD},
    "descriptives.mean_cohesion": {"rollcalls": RECORD},
    "descriptives.rice_index": {name: COUNTS[name] for name in ("yes", "no")},
    "descriptives.similarity": {"rollcalls": RECORD},
    "descriptives.votes_to_flip": COUNTS,
    "explain": {"rollcalls": RECORD, "family": "x"},
    "findings": {"why": None},
    "ideal.dynamic.constancy.constancy": {"fit": None},
    "ideal.dynamic.constancy.drift": {"fit": None},
    "link_chambers": {"rollcalls": RECORD, "also": RECORD},
    "load_posterior": {"path": "nothing.nc"},
    "make_report": {"source": None},
    "overview": {"rollcalls": RECORD},
    "posterior.comparison.compare_held_out": {"held": None},
    "posterior.fit_statistics.fit_statistics": {"fit": None},
    "posterior.held_out.k_fold": {"rollcalls": RECORD},
    "posterior.model.ideal_model": {"rollcalls": RECORD},
    "posterior.predictive_check.predictive_check": {"fit": None, "rollcalls": RECORD},
    "read": {"path": "nothing.csv"},
    "readers.read_documents": {"source": "nothing.csv", "rollcalls": RECORD},
    "readers.read_pairs": {"path": "nothing.csv", "rollcalls": ["r1"]},
    "sample": {"rollcalls": RECORD},
    "simulate": {"n_members": 5, "n_rollcalls": 5, "seed": 1},
    "whatif": {"rollcalls": RECORD, "fit": None, "council": "r2", "version": "r4"},
    "write": {"rollcalls": RECORD, "path": "x.csv"},
    "writers.to_dataset": {"rollcalls": RECORD},
}
NO_RECORD = [None, 1, "x", pd.DataFrame(), np.zeros((2, 2))]
NO_TEXT = [1, 1.5, ["x"], float("nan"), b"x"]
NO_COUNT = ["x", 1.5, -1, float("nan"), [1]]
#: What no function takes, by the name of the argument.
BAD = {
    "rollcalls": NO_RECORD,
    "also": NO_RECORD,
    "fit": [1, RECORD, pd.DataFrame(), "x"],
    "why": [1, RECORD, "x"],
    "source": [None, 1, RECORD, "x"],
    "spec": [1, RECORD, "x"],
    "model": [1, RECORD, "x"],
    "window": [1, "2019-01-01", ("2019-01-01",), (1, 2)],
    "member_effect": ["x", None, [1]],
    "family": [*NO_TEXT, "nothing"],
    "old": [None, *NO_TEXT, "nothing"],
    "new": [None, *NO_TEXT, "nothing"],
    "council": [None, *NO_TEXT],
    "version": [None, *NO_TEXT],
    "polarity": NO_TEXT,
    "since": NO_TEXT,
    "until": NO_TEXT,
    "by": [1, ["group"]],
    "seed": [None, *NO_COUNT],
    "n_draws": [None, 0, *NO_COUNT],
    "n_replicates": [None, *NO_COUNT],
    "draws": [None, 0, *NO_COUNT],
    "checks": [1, "placebo", ["nothing"]],
    "chains": [0, *NO_COUNT],
    "k": [0, 1, *NO_COUNT],
    "held": [None, 1, "x", {}, {"one": None, "two": 1}],
    "level": [None, 0, 1, -0.1, 1.5, 90, float("nan"), "x"],
    "bridge": ["x", 1, True],
    "method": ["x", 1, None],
    "estimand": ["x", 1, None],
    "distance": ["x", 1, None],
    "kind": [1, None],
    "backend": ["x", 1, None],
    "families": ["x", 1, ["nothing"], [1]],
    "n_members": [None, 0, *NO_COUNT],
    "n_rollcalls": [None, 0, *NO_COUNT],
    "with_members": ["m0", 1, [1]],
    "without": ["m0", 1, [1]],
    "path": [None, 1, b"x", ["x"]],
    "format": [1, ["csv"]],
    "yes": [None, "x", np.array([-1]), np.array([1.5]), np.array(["a"]), np.array([1, 2, 3])],
    "progress": [1, "x"],
    "fit_by": [1, "x"],
}


def named(name):
    """Return a function by its path in the package."""
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"voteshift.{module}".rstrip(".")), function)


CASES = [
    pytest.param(name, argument, value, id=f"{name}-{argument}-{position}")
    for name in GOOD
    for argument in inspect.signature(named(name)).parameters
    for position, value in enumerate(BAD.get(argument, ()))
]


@pytest.mark.parametrize(("name", "argument", "value"), CASES)
def test_what_it_cannot_take_is_refused_with_a_remedy(name, argument, value):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(vs.VoteshiftError) as caught:
            named(name)(**GOOD[name] | {argument: value})
    assert len(str(caught.value).splitlines()) == 1


def test_the_table_names_every_public_function():
    public = {name for name in vs.__all__ if inspect.isfunction(getattr(vs, name))}
    checks = {f"checks.{name}" for name in vs.checks.check_names()}
    elsewhere = {"load_hrc", "logit", "panel"}
    assert (public | checks) - elsewhere <= set(GOOD)


@pytest.mark.parametrize(
    "record", [NOTHING, NO_ROLLCALLS, NO_MEMBERS], ids=["nothing", "members", "roll calls"]
)
@pytest.mark.parametrize("name", ["account", "cached_fit", "explain", "sample"])
def test_an_empty_record_is_refused_where_something_must_be_there(record, name):
    with pytest.raises(vs.VoteshiftError):
        named(name)(**GOOD[name] | {"rollcalls": record})


@pytest.mark.parametrize(
    "record", [NOTHING, NO_ROLLCALLS, NO_MEMBERS], ids=["nothing", "members", "roll calls"]
)
def test_an_empty_record_has_empty_tables(record):
    assert vs.overview(record).families.empty
    assert len(vs.descriptives.closeness(record)) == len(record.rollcalls)
    assert record.tally()["members"].sum() == 0
    assert record.families().empty


@pytest.mark.parametrize(
    "chosen",
    [
        {"subject": 3},
        {"family": 3},
        {"members": 3},
        {"rollcalls": 3.5},
        {"members": ["m0", "m0"]},
        {"members": [7]},
    ],
    ids=str,
)
def test_a_selection_by_what_names_nothing_is_refused(chosen):
    with pytest.raises(vs.UsageError):
        RECORD.select(**chosen)


@pytest.mark.parametrize("ids", [[1, "1"], ["a", "a"], [None, "None"]], ids=str)
def test_ids_that_are_the_same_as_text_are_refused(ids):
    with pytest.raises(vs.InputError, match=r"twice|no id"):
        vs.RollCalls(np.zeros((2, 1), np.int8), pd.DataFrame(index=ids), pd.DataFrame(index=["r"]))
    with pytest.raises(vs.InputError, match=r"twice|no id"):
        vs.RollCalls(np.zeros((1, 2), np.int8), pd.DataFrame(index=["m"]), pd.DataFrame(index=ids))


def test_numbers_and_truth_values_of_numpy_are_taken():
    drawn = vs.simulate(np.int64(5), np.int32(6), seed=np.int64(3), missing=np.float64(0.1))
    assert drawn.rollcalls.votes.shape == (5, 6)
