"""Fit a logistic model of votes, and say what was done about separation."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.logistic.arguments import check_choice, check_type
from voteshift.logistic.conditional import conditional_logit
from voteshift.logistic.design import Context, Design, build_design, columns_of
from voteshift.logistic.formulas.columns import check_frame, find_kind
from voteshift.logistic.inference import Errors, Inference, infer
from voteshift.logistic.likelihoods import Family, Floats, Likelihood
from voteshift.logistic.maximise import Problem
from voteshift.logistic.panel import Panel
from voteshift.logistic.results import Estimates, LogitResult
from voteshift.logistic.separation import EITHER_WAY, directions_in_words
from voteshift.logistic.wording import in_words
from voteshift.ranges import check_level, check_seed

if TYPE_CHECKING:
    from voteshift.logistic.intercept_results import RandomInterceptResult
    from voteshift.logistic.random_intercept import InterceptPriors
    from voteshift.posterior.sampling import Sampler

__all__ = ["ModelName", "logit"]

Marginal = Literal["binary", "firth", "ordered", "ordered-probit", "multinomial"]
ModelName = Literal[
    "binary", "firth", "ordered", "ordered-probit", "multinomial", "conditional", "random-intercept"
]
_WORDS: Final = {
    "CR3": "cluster jackknife (CR3) over {n} clusters of {what}, t with {df:g} degrees of freedom",
    "CR1": "cluster-robust (CR1) over {n} clusters of {what}, t with {df:g} degrees of freedom",
    "naive": "plain, from the curvature: they take every vote to be independent",
}
_FEW_CLUSTERS: Final = 20  # below which the jackknife, too, may fall short
_WITH_INTERCEPTS: Final = ("conditional", "random-intercept")
_SAMPLING: Final = frozenset("priors draws tune chains cores seed target_accept sampler progress".split())
_FAMILY: Final[dict[str, Family]] = {
    "binary": "binary",
    "firth": "binary",
    "conditional": "binary",
    "ordered": "ordered",
    "ordered-probit": "ordered-probit",
    "multinomial": "multinomial",
    "random-intercept": "ordered",
}


@overload
def logit(
    formula: str,
    panel: Any,
    *,
    model: Literal["conditional"],
    cluster: str = ...,
    errors: Errors = ...,
    penalised: bool | None = ...,
    base: str = ...,
    weights: str | None = ...,
    offset: str | None = ...,
    missing: Literal["raise", "drop"] = ...,
    level: float = ...,
    context: Context = ...,
) -> Estimates: ...
@overload
def logit(
    formula: str,
    panel: Any,
    *,
    model: Literal["random-intercept"],
    cluster: str = ...,
    missing: Literal["raise", "drop"] = ...,
    level: float = ...,
    context: Context = ...,
    priors: "InterceptPriors | None" = ...,
    draws: int = ...,
    tune: int = ...,
    chains: int = ...,
    cores: int | None = ...,
    seed: int = ...,
    target_accept: float = ...,
    sampler: "Sampler | None" = ...,
    progress: Callable[[str], None] | None = ...,
) -> "RandomInterceptResult": ...
@overload
def logit(
    formula: str,
    panel: Any,
    *,
    model: Marginal = ...,
    cluster: str = ...,
    errors: Errors = ...,
    penalised: bool | None = ...,
    base: str = ...,
    weights: str | None = ...,
    offset: str | None = ...,
    missing: Literal["raise", "drop"] = ...,
    level: float = ...,
    context: Context = ...,
) -> LogitResult: ...
def logit(
    formula: str,
    panel: Any,
    *,
    model: ModelName = "binary",
    cluster: str = "member",
    errors: Errors = "CR3",
    penalised: bool | None = None,
    base: str = "yes",
    weights: str | None = None,
    offset: str | None = None,
    missing: Literal["raise", "drop"] = "raise",
    level: float = 0.9,
    context: Context = None,
    **sampling: Any,
) -> "LogitResult | Estimates | RandomInterceptResult":
    """Fit a logistic model of votes with inference over members.

    Parameters
    ----------
    formula : str
        ``"yes ~ C(rollcall) * voice"``: on the left ``yes``, ``no`` or ``abstain`` (against the rest) for
        a binary model, ``vote`` for an ordered or multinomial one; on the right columns of the panel,
        numbers, formulaic's operators, and the functions C, I, log, log2, log10, exp, exp2, sqrt, abs,
        center, scale, standardize, poly, bs, cr, cs and cc. Anything else is refused, and so is a formula
        that would expand to more than 500 terms or 2,000 columns.
    panel : Panel, or DataFrame of pandas, polars or PyArrow
        One row per vote.
    model : str
        ``binary``, ``firth`` (the penalised binary model), ``ordered``, ``ordered-probit``, ``multinomial``;
        and two that answer another question, with an intercept for each member: ``conditional`` (Chamberlain
        1980), refused with fewer than 10 members that voted both ways, and ``random-intercept``, an ordered
        logit sampled by NUTS.
    cluster : str
        Column whose values tie votes together, or have an intercept each.
    errors : {"CR3", "CR1", "naive"}
        Cluster jackknife, cluster-robust with G / (G - 1), or the curvature. Intervals are of the t
        distribution with G - 1 degrees of freedom; of the normal for ``naive``.
    penalised : bool, optional
        Add Jeffreys' penalty (Firth 1993). By default it is added where the data, or with ``CR3`` the data
        without some cluster, are separated, and the result says so. True and False force it.
    base : str
        Category the others are compared with in a multinomial model.
    weights, offset : str, optional
        Columns with frequency weights and with a known part of the linear predictor; no offset in a
        multinomial model.
    missing : {"raise", "drop"}
        What to do where a variable is missing.
    level : float
        Coverage of the intervals.
    context : mapping of str to callable, optional
        More functions that the formula may call, by name: ``context={"share": share}`` allows
        ``yes ~ share(voice)``. They are called with columns of the panel.
    **sampling
        Of ``random-intercept`` alone: ``priors`` (an `InterceptPriors`) and ``draws``, ``tune``, ``chains``,
        ``cores``, ``seed``, ``target_accept``, ``sampler`` and ``progress`` as for `voteshift.sample`
        and `voteshift.posterior.sampling.NUTS`; by default 4 chains of 2,000 draws after 1,000, seed 0.

    Returns
    -------
    LogitResult
        Of a conditional model, `Estimates`: its table without effects and predictions. Of a random-intercept
        model, `RandomInterceptResult`, with the verdict of its diagnostics.

    Raises
    ------
    UsageError
        If the formula, a column or an option names nothing, or does not suit the model.
    InputError
        If a variable is missing for some members.
    NotUsableError
        If the model cannot be fitted: a constant outcome, collinear columns, too few clusters, or
        separation where `penalised` is False.
    """
    _check_request(model, errors, penalised, offset, missing, level, sampling)
    frame = check_frame(panel.frame if isinstance(panel, Panel) else panel, "panel")
    family = _FAMILY[model]
    design = build_design(formula, frame, family, missing=missing, base=base, context=context)
    codes, labels = _clusters(design, cluster)
    if model in _WITH_INTERCEPTS:
        if weights is not None or offset is not None or penalised is not None:
            raise UsageError(f"a {model} model takes no weights, offset or penalty", remedy="leave them out")
        if errors != "CR3":
            raise UsageError(
                f"a {model} model has errors of its own, from its likelihood", remedy="leave errors out"
            )
    lost = _lost(design, frame)
    if model == "conditional":
        return conditional_logit(design, formula, cluster=cluster, level=level, notes=lost)
    if model == "random-intercept":
        from voteshift.logistic.random_intercept import random_intercept

        said = (*lost, *_of_positions(design))
        return random_intercept(
            design, formula, codes, labels, cluster=cluster, level=level, notes=said, **sampling
        )
    problem = Problem(
        Likelihood(family, len(design.categories)),
        design.y,
        design.X,
        _weights(design, weights),
        _column(design, offset, np.zeros(len(design.y))),
    )
    names = _parameter_names(design, family)
    if len(labels) <= len(names):
        raise NotUsableError(
            f"{len(labels)} clusters cannot carry {len(names)} parameters", remedy="leave out terms"
        )
    found = infer(
        problem,
        codes,
        errors=errors,
        penalised=True if model == "firth" else penalised,
        names=names,
        labels=labels,
    )
    notes = _notes(problem, found, names, labels, design)
    result = LogitResult(
        model="firth" if family == "binary" and found.problem.penalised else model,
        formula=formula,
        names=names,
        estimate=found.solution.params,
        covariance=found.covariance,
        errors=_WORDS[errors].format(n=len(labels), what=cluster, df=found.df),
        df=found.df,
        llf=found.solution.objective,
        nobs=len(design.y),
        n_clusters=len(labels),
        level=level,
        notes=(*lost, *notes),
        about=in_words(design, family),
        design=design,
        problem=found.problem,
        solution=found.solution,
        clusters=codes,
        cluster_labels=labels,
        separated={
            name: 0 if way == EITHER_WAY else int(way)
            for name, way in zip(names, found.infinite, strict=True)
            if way
        },
    )
    if found.jack is not None:
        result.__dict__["jackknife"] = found.jack  # made already: the cache of the property
    return result


def _check_request(
    model: ModelName,
    errors: Errors,
    penalised: bool | None,
    offset: str | None,
    missing: str,
    level: float,
    sampling: dict[str, Any],
) -> None:
    """Refuse options that are none, or do not suit the model."""
    check_level(level)
    if "seed" in sampling:
        check_seed(sampling["seed"])
    if penalised is not None:
        check_type(penalised, bool, "penalised", "give True, False or None")
    check_choice(model, get_args(ModelName))
    check_choice(errors, get_args(Errors))
    check_choice(missing, ("raise", "drop"))
    if model == "firth" and penalised is False:
        raise UsageError("a Firth model without its penalty is a binary one", remedy="model='binary'")
    unknown = sorted(set(sampling) - _SAMPLING)
    if unknown:
        raise TypeError(f"logit() got an unexpected keyword argument {unknown[0]!r}")
    if sampling and model != "random-intercept":
        raise UsageError(
            f"a {model} model is not sampled: {', '.join(sampling)} mean nothing to it",
            remedy="leave that out, or take the model random-intercept",
        )
    if model == "multinomial" and offset is not None:
        raise UsageError("a multinomial model takes no offset", remedy="leave it out")


def _notes(
    problem: Problem, found: Inference, names: tuple[str, ...], labels: tuple[str, ...], design: Design
) -> list[str]:
    """Return what must be said beside the numbers."""
    notes = []
    if found.infinite.any():
        which = directions_in_words(names, found.infinite)
        notes.append(
            f"the votes are separated: maximum likelihood has no finite estimate of {which}; these are "
            "estimates with Jeffreys' penalty (Firth), with intervals from the cluster jackknife, because "
            "the profile takes votes of one member to be independent; those of the separated terms, and of "
            "effects that hang on them, are drawn out to the profile's where that is wider, and have no "
            "standard error"
        )
    if found.hanging:
        who = ", ".join(labels[at] for at in found.hanging)
        notes.append(
            f"without {who} the rest is separated: finite estimates hang on them; these are estimates with "
            "Jeffreys' penalty (Firth)"
        )
    if len(labels) < _FEW_CLUSTERS and np.isfinite(found.df):
        notes.append(f"only {len(labels)} clusters: intervals may be too narrow")
    if found.problem.penalised and len(labels) == len(problem.y):
        notes.append("every cluster has one vote: profile_int() gives the better intervals here")
    return [*notes, *_of_positions(design)]


def _lost(design: Design, frame: pd.DataFrame) -> tuple[str, ...]:
    """Name those whose rows were left out."""
    if not design.dropped:
        return ()
    n = len(frame) - len(design.frame)
    return (f"{n} votes left out for want of a variable: {', '.join(design.dropped)}",)


def _of_positions(design: Design) -> tuple[str, ...]:
    if "position" not in design.variables:
        return ()
    return ("position is an estimate; its own uncertainty is not in these intervals",)


def _clusters(design: Design, cluster: Any) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    if isinstance(cluster, list | tuple):
        raise UsageError(
            "clusters go one way only, by one column",
            remedy="a handful of roll calls gives two-way clustering nothing to average over: cluster by "
            "member, with C(rollcall) in the formula",
        )
    check_type(cluster, str, "cluster", "give the name of one column")
    if cluster not in design.frame.columns:
        raise UsageError(f"no column {cluster!r} to cluster by", remedy=columns_of(design.frame))
    if design.frame[cluster].isna().any():
        raise InputError(f"{cluster} is missing in some rows", remedy="fill it in, or leave these rows out")
    find_kind(design.frame[cluster], cluster)
    codes, labels = pd.factorize(design.frame[cluster].astype(str), sort=True)
    return np.asarray(codes, dtype=np.intp), tuple(map(str, labels))


def _weights(design: Design, name: str | None) -> Floats:
    values = _column(design, name, np.ones(len(design.y)))
    if (values <= 0).any():
        raise InputError(f"the weights in {name!r} are not all above 0", remedy="leave such rows out")
    return values


def _column(design: Design, name: str | None, default: Floats) -> Floats:
    if name is None:
        return default
    check_type(name, str, "weights or offset", "give the name of one column")
    if name not in design.frame.columns:
        raise UsageError(f"no column {name!r}", remedy=columns_of(design.frame))
    if not design.frame[name].isna().all():
        find_kind(design.frame[name].dropna(), name)
    values = pd.to_numeric(design.frame[name], errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError(
            f"{name!r} is not a number in some rows", remedy="fill it in, or leave these rows out"
        )
    return values


def _parameter_names(design: Design, family: Family) -> tuple[str, ...]:
    if family == "multinomial":
        return tuple(f"{category}: {name}" for category in design.categories[1:] for name in design.columns)
    if family == "binary":
        return design.columns
    return (*design.columns, *design.cutpoints)
