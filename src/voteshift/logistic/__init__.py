"""Logistic models that relate votes to traits of states: panel, fits, effects, decomposition."""

from voteshift.formulas.formula import Formula
from voteshift.logistic.checks import calibration, compare, influence, proportional_odds
from voteshift.logistic.covariates import read_covariates
from voteshift.logistic.decompose import Decomposition, decompose
from voteshift.logistic.effects import Effects
from voteshift.logistic.fit import logit
from voteshift.logistic.intercept_results import RandomInterceptResult
from voteshift.logistic.kinds import kinds
from voteshift.logistic.panel import Panel, panel
from voteshift.logistic.random_intercept import random_intercept_model
from voteshift.logistic.results import Estimates, LogitResult
from voteshift.logistic.specifications import (
    Fairlie,
    InterceptPriors,
    MemberBootstrap,
    Multinomial,
    RandomIntercept,
)

__all__ = [
    "Decomposition",
    "Effects",
    "Estimates",
    "Fairlie",
    "Formula",
    "InterceptPriors",
    "LogitResult",
    "MemberBootstrap",
    "Multinomial",
    "Panel",
    "RandomIntercept",
    "RandomInterceptResult",
    "calibration",
    "compare",
    "decompose",
    "influence",
    "kinds",
    "logit",
    "panel",
    "proportional_odds",
    "random_intercept_model",
    "read_covariates",
]
