"""Ideal-point models: specification, mode, uncertainty, results."""

from voteshift.ideal.objective import Priors
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints

__all__ = ["IdealFit", "IdealPoints", "Priors"]
