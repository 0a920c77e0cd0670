"""voteshift: roll calls as matrices, ideal points, and why the outcome of a repeated vote moved.

>>> import voteshift as vs
>>> record = vs.load_hrc()
>>> why = vs.explain(record, "mutually-beneficial-cooperation")
>>> why.tidy()  # doctest: +SKIP
"""

#: As in `typing`, which is not imported: until the command line handles interrupts it has to start quickly.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from voteshift import plots
    from voteshift.cache import cached_fit
    from voteshift.datasets import load_hrc
    from voteshift.descriptives import (
        Similarity,
        agreement_index,
        closeness,
        cohesion,
        mean_cohesion,
        rice_index,
        similarity,
        votes_to_flip,
    )
    from voteshift.errors import BridgeWarning, InputError, NotUsableError, UsageError, VoteshiftError
    from voteshift.ideal import DynamicFit, Fit, IdealFit, IdealPoints, Priors
    from voteshift.ideal.bootstrap import Bootstrap, bootstrap
    from voteshift.ideal.dynamic.constancy import Constancy, Drift, constancy, drift
    from voteshift.joint import beside
    from voteshift.logistic import (
        Decomposition,
        Estimates,
        InterceptPriors,
        LogitResult,
        Panel,
        RandomInterceptResult,
        decompose,
        logit,
        panel,
        random_intercept_model,
    )
    from voteshift.posterior.draws import sample
    from voteshift.posterior.fit_statistics import FitStatistics, fit_statistics
    from voteshift.posterior.held_out import HeldOut, k_fold
    from voteshift.posterior.model import ideal_model
    from voteshift.posterior.moving_results import DynamicPosterior
    from voteshift.posterior.predictive_check import PredictiveCheck, predictive_check
    from voteshift.posterior.results import PosteriorFit
    from voteshift.posterior.storage import load_posterior
    from voteshift.readers import read, read_pairs, register_reader
    from voteshift.report import Report, make_report
    from voteshift.rollcalls import RollCalls
    from voteshift.shift.account import Account, account
    from voteshift.shift.against import against_position
    from voteshift.shift.election import Election
    from voteshift.shift.explain import Explanation, explain
    from voteshift.shift.leave_out import LeaveOut, leave_out
    from voteshift.shift.one_item import OneItemTest, one_item_test
    from voteshift.shift.overview import Overview, overview
    from voteshift.shift.paired import PairedTests, paired_tests
    from voteshift.shift.placebo import Placebo, placebo
    from voteshift.shift.sensitivity import Sensitivity, sensitivity
    from voteshift.shift.whatif import WhatIf, whatif
    from voteshift.simulation import Simulated, simulate
    from voteshift.votes import Vote
    from voteshift.writers import to_dataset, write

    __version__: str

#: Where each public name is defined. It is imported on first use: the command line prints its help without
#: NumPy, and tallies without the compiled core.
_LATER = {
    "Constancy": "voteshift.ideal.dynamic.constancy",
    "Drift": "voteshift.ideal.dynamic.constancy",
    "constancy": "voteshift.ideal.dynamic.constancy",
    "drift": "voteshift.ideal.dynamic.constancy",
    "Account": "voteshift.shift.account",
    "Bootstrap": "voteshift.ideal.bootstrap",
    "BridgeWarning": "voteshift.errors",
    "DynamicFit": "voteshift.ideal",
    "DynamicPosterior": "voteshift.posterior.moving_results",
    "Decomposition": "voteshift.logistic",
    "Election": "voteshift.shift.election",
    "Estimates": "voteshift.logistic",
    "Explanation": "voteshift.shift.explanation",
    "Fit": "voteshift.ideal",
    "IdealFit": "voteshift.ideal",
    "IdealPoints": "voteshift.ideal",
    "InputError": "voteshift.errors",
    "InterceptPriors": "voteshift.logistic",
    "LogitResult": "voteshift.logistic",
    "NotUsableError": "voteshift.errors",
    "RandomInterceptResult": "voteshift.logistic",
    "random_intercept_model": "voteshift.logistic",
    "Overview": "voteshift.shift.overview",
    "PairedTests": "voteshift.shift.paired",
    "Panel": "voteshift.logistic",
    "Placebo": "voteshift.shift.placebo",
    "Priors": "voteshift.ideal",
    "Report": "voteshift.report",
    "RollCalls": "voteshift.rollcalls",
    "Sensitivity": "voteshift.shift.sensitivity",
    "Similarity": "voteshift.descriptives",
    "Simulated": "voteshift.simulation",
    "UsageError": "voteshift.errors",
    "Vote": "voteshift.votes",
    "VoteshiftError": "voteshift.errors",
    "WhatIf": "voteshift.shift.whatif",
    "account": "voteshift.shift.account",
    "against_position": "voteshift.shift.against",
    "agreement_index": "voteshift.descriptives",
    "beside": "voteshift.joint",
    "bootstrap": "voteshift.ideal.bootstrap",
    "cached_fit": "voteshift.cache",
    "closeness": "voteshift.descriptives",
    "cohesion": "voteshift.descriptives",
    "decompose": "voteshift.logistic",
    "explain": "voteshift.shift.explain",
    "sample": "voteshift.posterior.draws",
    "load_hrc": "voteshift.datasets",
    "load_posterior": "voteshift.posterior.storage",
    "FitStatistics": "voteshift.posterior.fit_statistics",
    "fit_statistics": "voteshift.posterior.fit_statistics",
    "HeldOut": "voteshift.posterior.held_out",
    "k_fold": "voteshift.posterior.held_out",
    "PredictiveCheck": "voteshift.posterior.predictive_check",
    "predictive_check": "voteshift.posterior.predictive_check",
    "ideal_model": "voteshift.posterior.model",
    "PosteriorFit": "voteshift.posterior.results",
    "logit": "voteshift.logistic",
    "overview": "voteshift.shift.overview",
    "make_report": "voteshift.report",
    "mean_cohesion": "voteshift.descriptives",
    "LeaveOut": "voteshift.shift.leave_out",
    "OneItemTest": "voteshift.shift.one_item",
    "leave_out": "voteshift.shift.leave_out",
    "one_item_test": "voteshift.shift.one_item",
    "paired_tests": "voteshift.shift.paired",
    "panel": "voteshift.logistic",
    "placebo": "voteshift.shift.placebo",
    "read": "voteshift.readers",
    "read_pairs": "voteshift.readers",
    "register_reader": "voteshift.readers",
    "rice_index": "voteshift.descriptives",
    "sensitivity": "voteshift.shift.sensitivity",
    "similarity": "voteshift.descriptives",
    "simulate": "voteshift.simulation",
    "to_dataset": "voteshift.writers",
    "votes_to_flip": "voteshift.descriptives",
    "whatif": "voteshift.shift.whatif",
    "write": "voteshift.writers",
}

#: What is a folder of functions of its own: `voteshift.plots.flow`.
_MODULES = {"plots"}

__all__ = [
    "Account",
    "Bootstrap",
    "BridgeWarning",
    "Constancy",
    "Decomposition",
    "Drift",
    "DynamicFit",
    "DynamicPosterior",
    "Election",
    "Estimates",
    "Explanation",
    "Fit",
    "FitStatistics",
    "HeldOut",
    "IdealFit",
    "IdealPoints",
    "InputError",
    "InterceptPriors",
    "LeaveOut",
    "LogitResult",
    "NotUsableError",
    "OneItemTest",
    "Overview",
    "PairedTests",
    "Panel",
    "Placebo",
    "PosteriorFit",
    "PredictiveCheck",
    "Priors",
    "RandomInterceptResult",
    "Report",
    "RollCalls",
    "Sensitivity",
    "Similarity",
    "Simulated",
    "UsageError",
    "Vote",
    "VoteshiftError",
    "WhatIf",
    "account",
    "against_position",
    "agreement_index",
    "beside",
    "bootstrap",
    "cached_fit",
    "closeness",
    "cohesion",
    "constancy",
    "decompose",
    "drift",
    "explain",
    "fit_statistics",
    "ideal_model",
    "k_fold",
    "leave_out",
    "load_hrc",
    "load_posterior",
    "logit",
    "make_report",
    "mean_cohesion",
    "one_item_test",
    "overview",
    "paired_tests",
    "panel",
    "placebo",
    "plots",
    "predictive_check",
    "random_intercept_model",
    "read",
    "read_pairs",
    "register_reader",
    "rice_index",
    "sample",
    "sensitivity",
    "similarity",
    "simulate",
    "to_dataset",
    "votes_to_flip",
    "whatif",
    "write",
]


def __getattr__(name: str) -> "Any":
    """Import a public name on first use."""
    from importlib import import_module

    if name == "__version__":
        from importlib.metadata import version

        return version("voteshift")
    if name in _MODULES:
        return import_module(f"voteshift.{name}")
    if name not in _LATER:
        raise AttributeError(f"module 'voteshift' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    """List public names, those not yet imported included."""
    return sorted({*globals(), *__all__})
