"""Probabilities of votes, given positions, items and member effects."""

import numpy as np
import pytest
from scipy.special import expit

from voteshift.shift.latent import Latent, chances


def test_probabilities_are_those_of_the_ordered_model() -> None:
    one = Latent(np.array([[[[0.5]]]]), np.array([[[2.0]]]), np.array([[[-1.0, 1.5]]]), np.array([[0.25]]))
    assert one.eta(0, 0) == pytest.approx(1.25)
    assert not one.moves
    no, yes = expit(-1.0 - 1.25), 1 - expit(1.5 - 1.25)
    assert chances(one, 0, 0, "logit")[0, 0] == pytest.approx([no, 1 - no - yes, yes])
