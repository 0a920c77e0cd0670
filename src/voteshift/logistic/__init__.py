"""Logistic models of votes on what is known of states: panel, fits, effects, decomposition."""

from voteshift.logistic.fit import logit
from voteshift.logistic.panel import Panel, panel
from voteshift.logistic.results import Estimates, LogitResult

__all__ = ["Estimates", "LogitResult", "Panel", "logit", "panel"]
