"""The core: one ordered-response likelihood over plain arrays."""

from voteshift.likelihood.averaged import SpatialSpread, Spread, averaged_cross_information, evaluate_averaged
from voteshift.likelihood.core import evaluate
from voteshift.likelihood.cross import cross_information
from voteshift.likelihood.design import Design, Evaluation
from voteshift.likelihood.integrated import integrated_information
from voteshift.likelihood.reference import evaluate_reference

__all__ = [
    "Design",
    "Evaluation",
    "SpatialSpread",
    "Spread",
    "averaged_cross_information",
    "cross_information",
    "evaluate",
    "evaluate_averaged",
    "evaluate_reference",
    "integrated_information",
]
