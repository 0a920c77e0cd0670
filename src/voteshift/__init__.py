"""voteshift: explain why the outcome of a repeated vote changed, from roll calls and ideal points.

>>> import voteshift as vs
>>> record = vs.load_hrc()
>>> why = vs.explain(record, "mutually-beneficial-cooperation")
>>> why.tidy()  # doctest: +SKIP
"""

from voteshift.faces import register_face as _register_face

#: As in `typing`, which is not imported: until the command line handles interrupts it has to start quickly.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from voteshift import checks, datasets, descriptives, logistic, plots
    from voteshift.cache import cached_fit
    from voteshift.compose.findings import Findings, findings
    from voteshift.datasets import load_hrc
    from voteshift.errors import (
        BridgeWarning,
        InputError,
        NotUsableError,
        Unavailable,
        UsageError,
        VoteshiftError,
    )
    from voteshift.ideal import DynamicFit, Fit, IdealFit, IdealPoints, Priors, RandomWalk
    from voteshift.ideal.bootstrap import bootstrap
    from voteshift.joint import link_chambers
    from voteshift.logistic import logit, panel
    from voteshift.posterior.draws import sample
    from voteshift.posterior.loading import load_posterior
    from voteshift.readers import read
    from voteshift.report import make_report
    from voteshift.rollcalls import RollCalls
    from voteshift.shift.account import account
    from voteshift.shift.explain import explain
    from voteshift.shift.explanation import Explanation
    from voteshift.shift.overview import overview
    from voteshift.shift.parts import Draws
    from voteshift.shift.step import Step
    from voteshift.shift.whatif import whatif
    from voteshift.simulation import simulate
    from voteshift.votes import Vote
    from voteshift.writers import write

#: The module of each public name, which is imported at the first use, so that `import voteshift` is fast.
_PLACES = {
    "BridgeWarning": "errors",
    "Draws": "shift.parts",
    "DynamicFit": "ideal",
    "Explanation": "shift.explanation",
    "Findings": "compose.findings",
    "Fit": "ideal",
    "IdealFit": "ideal",
    "IdealPoints": "ideal",
    "InputError": "errors",
    "NotUsableError": "errors",
    "Priors": "ideal",
    "RandomWalk": "ideal",
    "RollCalls": "rollcalls",
    "Step": "shift.step",
    "Unavailable": "errors",
    "UsageError": "errors",
    "Vote": "votes",
    "VoteshiftError": "errors",
    "account": "shift.account",
    "bootstrap": "ideal.bootstrap",
    "cached_fit": "cache",
    "explain": "shift.explain",
    "findings": "compose.findings",
    "link_chambers": "joint",
    "load_hrc": "datasets",
    "load_posterior": "posterior.loading",
    "logit": "logistic",
    "make_report": "report",
    "overview": "shift.overview",
    "panel": "logistic",
    "read": "readers",
    "sample": "posterior.draws",
    "simulate": "simulation",
    "whatif": "shift.whatif",
    "write": "writers",
}
#: Folders and modules with further public functions: `voteshift.plots.flow`.
_MODULES = ("checks", "datasets", "descriptives", "logistic", "plots")

__all__ = [
    "BridgeWarning",
    "Draws",
    "DynamicFit",
    "Explanation",
    "Findings",
    "Fit",
    "IdealFit",
    "IdealPoints",
    "InputError",
    "NotUsableError",
    "Priors",
    "RandomWalk",
    "RollCalls",
    "Step",
    "Unavailable",
    "UsageError",
    "Vote",
    "VoteshiftError",
    "account",
    "bootstrap",
    "cached_fit",
    "checks",
    "datasets",
    "descriptives",
    "explain",
    "findings",
    "link_chambers",
    "load_hrc",
    "load_posterior",
    "logistic",
    "logit",
    "make_report",
    "overview",
    "panel",
    "plots",
    "read",
    "sample",
    "simulate",
    "whatif",
    "write",
]


def _load_module(name: str) -> "ModuleType":
    from importlib import import_module

    return import_module(f"voteshift.{name}")


_register_face("plots", lambda: _load_module("plots"))
_register_face("report", lambda: _load_module("report"))


def __getattr__(name: str) -> "Any":
    """Import a public name on first use."""
    if name in _MODULES:
        return _load_module(name)
    if name == "__version__":
        from importlib.metadata import version

        return version("voteshift")
    if name not in _PLACES:
        raise AttributeError(f"module 'voteshift' has no attribute {name!r}")
    # A function replaces the module of the same name that the import created.
    globals()[name] = value = getattr(_load_module(_PLACES[name]), name)
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
