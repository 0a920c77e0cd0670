"""Votes as a record holds them, no 0 and yes 2, are those of two categories without a copy."""

import pickle

import numpy as np
import pytest

from likelihood.draws import NAMES, draw
from voteshift.likelihood import Design, cross_information, evaluate
from voteshift.likelihood.reference import cross_information_reference, evaluate_reference


def as_recorded(design):
    votes = np.where(design.codes > 0, np.int8(2), design.codes)
    return Design(votes, design.period, design.item, design.n_categories, design.n_periods, recorded=True)


def same(one, other):
    assert one.value == other.value
    for name in NAMES:
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None and b is None) or np.array_equal(a, b), name


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("n_dims", [1, 2])
@pytest.mark.parametrize("information", [None, "observed", "expected"])
def test_the_kernels_read_them_alike(link, n_dims, information):
    design, at = draw(1, n_dims=n_dims, kinds=2, n_periods=2, shared=True)
    recorded = as_recorded(design)
    assert (recorded.votes == 2).any()
    for precision in ("float32", "float64"):
        given = {"link": link, "information": information, "precision": precision}
        same(evaluate(recorded, *at, **given), evaluate(design, *at, **given))
    given = {"link": link, "information": information}
    same(evaluate_reference(recorded, *at, **given), evaluate_reference(design, *at, **given))


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("found", [cross_information, cross_information_reference])
def test_mixed_derivatives_read_them_alike(link, found):
    design, at = draw(2, n_dims=2, kinds=2)
    assert np.array_equal(found(as_recorded(design), *at, link=link), found(design, *at, link=link))


def test_codes_are_ranks_whatever_is_recorded():
    design, _ = draw(3, kinds=2)
    recorded = as_recorded(design)
    assert np.array_equal(recorded.codes, np.maximum(design.codes, -1))
    assert recorded.codes is recorded.codes
    again = pickle.loads(pickle.dumps(recorded))  # noqa: S301 (our own)
    assert np.array_equal(again.codes, recorded.codes)
    assert np.array_equal(again.votes, recorded.votes)
    assert design.codes is design.votes


def test_only_a_record_may_hold_a_two_of_two_categories():
    votes = np.array([[0, 2], [2, 0], [2, 2]], dtype=np.int8)
    rest = (np.zeros(2, np.int32), np.arange(2, dtype=np.int32))
    assert Design(votes, *rest, np.full(2, 2, np.int8), recorded=True).codes.max() == 1
    with pytest.raises(ValueError, match="not among the categories"):
        Design(votes, *rest, np.full(2, 2, np.int8))
    with pytest.raises(ValueError, match="not among the categories"):
        Design(votes, *rest, np.array([2, 3], np.int8), recorded=True)
