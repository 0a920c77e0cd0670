"""The record, the model and the draws behind the answer."""

import numpy as np

import voteshift as vs
from compose.reading import sentences
from voteshift.compose.method import describe_method, fingerprint, making, the_record


def test_the_fit_is_counted(found: vs.Findings) -> None:
    fit = found.why.fit
    assert fit is not None
    lines = " ".join(sentences(describe_method(found)))
    assert f"Fit: {fit.n_members} members, {fit.n_rollcalls} roll calls; converged" in lines
    assert "100 draws with seed 0" in lines
    record = " ".join(sentences(the_record(found)))
    assert f"The model was fitted to {fit.n_rollcalls} contested roll calls" in record
    assert "contains 30 roll calls of 24 members" in record


def test_a_report_says_how_to_make_it_again(found: vs.Findings, chamber: vs.RollCalls) -> None:
    lines = sentences(making(found, "voteshift report fish"))
    assert lines[0] == "Made by: voteshift report fish"
    assert any(fingerprint(chamber) in line for line in lines)


def test_equal_records_have_equal_fingerprints(chamber: vs.RollCalls) -> None:
    again = vs.RollCalls(chamber.votes.copy(), chamber.members, chamber.rollcalls)
    assert fingerprint(again) == fingerprint(chamber)
    votes = chamber.votes.copy()
    votes[0, 0] = np.int8(2 if votes[0, 0] != 2 else 0)
    assert fingerprint(vs.RollCalls(votes, chamber.members, chamber.rollcalls)) != fingerprint(chamber)
