"""The core: one ordered-response likelihood over plain arrays."""

from voteshift.likelihood.core import evaluate
from voteshift.likelihood.cross import cross_information
from voteshift.likelihood.design import Design, Evaluation
from voteshift.likelihood.reference import evaluate_reference

__all__ = ["Design", "Evaluation", "cross_information", "evaluate", "evaluate_reference"]
