"""Fit a logistic model of votes, with notes on the treatment of separation."""

from typing import TYPE_CHECKING, Any, Final, Literal, get_args, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.formulas.columns import check_frame, find_kind
from voteshift.formulas.formula import Formula
from voteshift.logistic.arguments import check_choice, check_type
from voteshift.logistic.conditional import conditional_logit
from voteshift.logistic.design import Design, build_design, columns_of
from voteshift.logistic.inference import Errors, Inference, infer
from voteshift.logistic.likelihoods import Family, Floats, Likelihood
from voteshift.logistic.maximise import Problem
from voteshift.logistic.measurement_error import measurement_error_logit
from voteshift.logistic.names import name_levels
from voteshift.logistic.panel import Panel
from voteshift.logistic.results import Estimates, LogitResult
from voteshift.logistic.separation import EITHER_WAY, describe_directions
from voteshift.logistic.specifications import Multinomial, RandomIntercept
from voteshift.logistic.terms import Term, name_terms
from voteshift.logistic.wording import describe_outcome
from voteshift.prose import join_words
from voteshift.ranges import check_level

if TYPE_CHECKING:
    from voteshift.logistic.intercept_results import RandomInterceptResult

__all__ = ["ModelName", "logit"]

Missing = Literal["raise", "drop"]
Marginal = Literal["binary", "firth", "ordered", "ordered-probit", "multinomial"]
ModelName = Literal[
    "binary",
    "firth",
    "ordered",
    "ordered-probit",
    "multinomial",
    "measurement-error",
    "conditional",
    "random-intercept",
]
_WORDS: Final = {
    "CR3": "cluster jackknife (CR3) over {n} clusters of {what}, t with {df:g} degrees of freedom",
    "CR1": "cluster-robust (CR1) over {n} clusters of {what}, t with {df:g} degrees of freedom",
    "naive": "from the curvature of the likelihood, for independent votes",
}
_FEW_CLUSTERS: Final = 20  # number of clusters below which jackknife intervals may be too narrow
_OWN_INFERENCE: Final = ("measurement-error", "conditional", "random-intercept")
_FAMILY: Final[dict[str, Family]] = {
    "binary": "binary",
    "firth": "binary",
    "conditional": "binary",
    "ordered": "ordered",
    "ordered-probit": "ordered-probit",
    "multinomial": "multinomial",
    "measurement-error": "binary",
    "random-intercept": "ordered",
}


@overload
def logit(
    formula: str | Formula,
    panel: Any,
    *,
    model: Literal["conditional", "measurement-error"],
    cluster: str = ...,
    errors: Errors = ...,
    penalised: bool | None = ...,
    weights: str | None = ...,
    offset: str | None = ...,
    missing: Missing = ...,
    level: float = ...,
) -> Estimates: ...
@overload
def logit(
    formula: str | Formula,
    panel: Any,
    *,
    model: Literal["random-intercept"] | RandomIntercept,
    cluster: str = ...,
    errors: Errors = ...,
    penalised: bool | None = ...,
    weights: str | None = ...,
    offset: str | None = ...,
    missing: Missing = ...,
    level: float = ...,
) -> "RandomInterceptResult": ...
@overload
def logit(
    formula: str | Formula,
    panel: Any,
    *,
    model: Marginal | Multinomial = ...,
    cluster: str = ...,
    errors: Errors = ...,
    penalised: bool | None = ...,
    weights: str | None = ...,
    offset: str | None = ...,
    missing: Missing = ...,
    level: float = ...,
) -> LogitResult: ...
def logit(
    formula: str | Formula,
    panel: Any,
    *,
    model: ModelName | Multinomial | RandomIntercept = "binary",
    cluster: str = "member",
    errors: Errors = "CR3",
    penalised: bool | None = None,
    weights: str | None = None,
    offset: str | None = None,
    missing: Missing = "raise",
    level: float = 0.9,
) -> "LogitResult | Estimates | RandomInterceptResult":
    """Fit a logistic model of votes with inference over members.

    Parameters
    ----------
    formula : str or Formula
        For instance ``"yes ~ C(rollcall) * voice"``. The left side is ``yes``, ``no`` or ``abstain`` (against
        all other votes) for a binary model, and ``vote`` for an ordered or multinomial model. The right side
        contains columns of the panel, numbers, operators of formulaic, and the functions C, I, log, log2,
        log10, exp, exp2, sqrt, abs, center, scale, standardize, poly, bs, cr, cs and cc. Anything else is an
        error. A formula that expands to more than 500 terms or 2,000 columns is an error too. `Formula` adds
        your own functions.
    panel : Panel, or DataFrame of pandas, polars or PyArrow
        A table with one row per vote.
    model : str, Multinomial or RandomIntercept
        ``binary``, ``firth`` (the penalised binary model), ``ordered``, ``ordered-probit`` or
        ``multinomial``. ``measurement-error`` is the binary model with the error of the variable ``position``
        taken into account; see `voteshift.logistic.measurement_error`. Two other models have an intercept for
        each member and answer another question. ``conditional`` (Chamberlain 1980) needs 10 members whose
        outcome varies. ``random-intercept`` is an ordered logit sampled by NUTS. `Multinomial` sets the base
        category. `RandomIntercept` sets priors, draws and seed.
    cluster : str
        Column that defines the clusters. Votes of one cluster may depend on each other. In models with
        intercepts, each cluster has an intercept.
    errors : {"CR3", "CR1", "naive"}
        Standard errors: cluster jackknife, cluster-robust with the factor G / (G - 1), or the curvature of
        the likelihood. G is the number of clusters. Intervals use the t distribution with G - 1 degrees of
        freedom, and the normal distribution for ``naive``.
    penalised : bool, optional
        Add Jeffreys' penalty (Firth 1993). By default, the penalty is added if the data are separated. With
        ``CR3``, the penalty is also added if the data without one of the clusters are separated. A note of
        the result reports the penalty. True always adds the penalty. False never adds the penalty, and
        separated data are then an error.
    weights, offset : str, optional
        Column of frequency weights, and column of an offset: a part of the linear predictor with coefficient
        1. Multinomial models do not allow an offset.
    missing : {"raise", "drop"}
        If a variable is missing in some rows, raise an error, or leave these rows out and name their members
        in a note.
    level : float
        Coverage of the intervals.

    Returns
    -------
    LogitResult
        For a conditional or measurement-error model, `Estimates`, which has no effects and predictions. For a
        random-intercept model, `RandomInterceptResult`, which includes the verdict of the diagnostics.

    Raises
    ------
    UsageError
        If the formula or an argument names an unknown column, or an argument does not suit the model.
    InputError
        If a variable is missing for some members.
    NotUsableError
        If the model cannot be fitted: a constant outcome, collinear columns, too few clusters, or
        separation where `penalised` is False.
    """
    name = _name_model(model)
    _check_request(name, errors, penalised, offset, missing, level)
    frame = check_frame(panel.frame if isinstance(panel, Panel) else panel, "panel")
    family = _FAMILY[name]
    base = model.base if isinstance(model, Multinomial) else "yes"
    design = build_design(formula, frame, family, missing=missing, base=base)
    codes, labels = _clusters(design, cluster)
    dropped = _describe_dropped(design, frame)
    if name in _OWN_INFERENCE:
        if weights is not None or offset is not None or penalised is not None:
            raise UsageError(
                f"a {name} model does not allow weights, offset or penalised",
                remedy=("leave out these arguments"),
            )
        if errors != "CR3":
            raise UsageError(
                f"a {name} model does not allow errors={errors!r}, because it has one kind of standard error",
                remedy="leave errors= out",
            )
    if name == "measurement-error":
        if isinstance(panel, Panel) and panel.position_method == "map":
            raise UsageError(
                "the positions in the panel are a joint mode, and a measurement-error model needs posterior "
                "means",
                remedy="fit IdealPoints(method='marginal'), or sample the fit, and build the panel again",
            )
        return measurement_error_logit(design, codes, labels, cluster=cluster, level=level, notes=dropped)
    if name == "conditional":
        return conditional_logit(design, cluster=cluster, level=level, notes=dropped)
    if name == "random-intercept":
        from voteshift.logistic.random_intercept import random_intercept

        choices = model if isinstance(model, RandomIntercept) else RandomIntercept()
        notes = (*dropped, *_note_positions(design))
        return random_intercept(design, codes, labels, choices, cluster=cluster, level=level, notes=notes)
    problem = Problem(
        Likelihood(family, len(design.categories)),
        design.y,
        design.X,
        _weights(design, weights),
        _column(design, offset, np.zeros(len(design.y))),
    )
    terms = name_terms(design, family)
    if len(labels) <= len(terms):
        raise NotUsableError(
            f"too few clusters ({len(labels)}) for {len(terms)} parameters", remedy="leave out terms"
        )
    names = name_levels(design.frame, cluster, labels)
    inference = infer(
        problem,
        codes,
        errors=errors,
        penalised=True if name == "firth" else penalised,
        labels=[term.label for term in terms],
        names=names,
    )
    notes = (*dropped, *_note_inference(problem, inference, terms, names), *_note_positions(design))
    result = LogitResult(
        model="firth" if family == "binary" and inference.problem.penalised else name,
        formula=design.formula,
        terms=terms,
        estimate=inference.solution.params,
        covariance=inference.covariance,
        errors=_WORDS[errors].format(n=len(labels), what=cluster, df=inference.df),
        df=inference.df,
        llf=inference.solution.objective,
        nobs=len(design.y),
        n_clusters=len(labels),
        level=level,
        notes=notes,
        about=describe_outcome(design, family),
        design=design,
        problem=inference.problem,
        solution=inference.solution,
        clusters=codes,
        cluster_labels=labels,
        cluster_names=tuple(names),
        separated={
            term.name: 0 if way == EITHER_WAY else int(way)
            for term, way in zip(terms, inference.infinite, strict=True)
            if way
        },
    )
    if inference.jack is not None:
        result.__dict__["jackknife"] = inference.jack  # the cached property, which is already computed
    return result


def _name_model(model: Any) -> ModelName:
    """Return the name of a model, given as a name or as an object with settings."""
    if isinstance(model, Multinomial):
        return "multinomial"
    if isinstance(model, RandomIntercept):
        return "random-intercept"
    check_choice("model", model, get_args(ModelName))
    name: ModelName = model
    return name


def _check_request(
    model: ModelName, errors: Errors, penalised: bool | None, offset: str | None, missing: str, level: float
) -> None:
    """Check the values of the arguments, and that they suit the model."""
    check_level(level)
    if penalised is not None:
        check_type(penalised, bool, "penalised", "give True, False or None")
    check_choice("errors", errors, get_args(Errors))
    check_choice("missing", missing, get_args(Missing))
    if model == "firth" and penalised is False:
        raise UsageError(
            "penalised is False, but model 'firth' is always penalised", remedy="give model='binary'"
        )
    if model == "multinomial" and offset is not None:
        raise UsageError("a multinomial model does not allow an offset", remedy="leave out offset=")


def _note_inference(
    problem: Problem, inference: Inference, terms: tuple[Term, ...], names: list[str]
) -> list[str]:
    """Return the notes on the interpretation of the numbers."""
    notes = []
    if inference.infinite.any():
        directions = describe_directions([term.label for term in terms], inference.infinite)
        notes.append(
            f"the votes are separated: maximum likelihood has no finite estimate of {directions}. The "
            "reported estimates use Jeffreys' penalty (Firth). Intervals come from the cluster jackknife, "
            "because the profile likelihood assumes that the votes of a member are independent. For a "
            "separated term, and for an effect that depends on a separated term, the interval is the "
            "wider of the jackknife interval and the profile interval. A separated term has no standard "
            "error"
        )
    if inference.hanging:
        members = join_words([names[cluster] for cluster in inference.hanging])
        notes.append(
            f"without {members} the votes are separated: finite maximum-likelihood estimates depend on "
            "these votes. The reported estimates use Jeffreys' penalty (Firth)"
        )
    if len(names) < _FEW_CLUSTERS and np.isfinite(inference.df):
        notes.append(f"only {len(names)} clusters: intervals may be too narrow")
    if inference.problem.penalised and len(names) == len(problem.y):
        notes.append("every cluster has one vote: profile_int() gives the better intervals here")
    return notes


def _describe_dropped(design: Design, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return a note that names the members whose rows were left out."""
    if not design.dropped:
        return ()
    n = len(frame) - len(design.frame)
    members = ", ".join(name_levels(frame, "member", design.dropped))
    return (f"{n} votes are left out because a variable is missing: {members}",)


def _note_positions(design: Design) -> tuple[str, ...]:
    if "position" not in design.variables:
        return ()
    return (
        "'position' is an estimate. Its slope and its interval ignore the error of this estimate; "
        "model='measurement-error' takes the error into account",
    )


def _clusters(design: Design, cluster: Any) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    if isinstance(cluster, list | tuple):
        raise UsageError(
            "cluster is a list, and votes can be clustered by one column only",
            remedy="cluster by member, with C(rollcall) in the formula: a few roll calls are too few "
            "clusters for two-way clustering",
        )
    check_type(cluster, str, "cluster", "give the name of one column")
    if cluster not in design.frame.columns:
        raise UsageError(
            f"cluster is {cluster!r}, which is not a column of the panel", remedy=columns_of(design.frame)
        )
    if design.frame[cluster].isna().any():
        raise InputError(
            f"{cluster!r} is missing in some rows", remedy="fill in the values, or leave these rows out"
        )
    find_kind(design.frame[cluster], cluster)
    codes, labels = pd.factorize(design.frame[cluster].astype(str), sort=True)
    return np.asarray(codes, dtype=np.intp), tuple(map(str, labels))


def _weights(design: Design, name: str | None) -> Floats:
    values = _column(design, name, np.ones(len(design.y)))
    if (values <= 0).any():
        raise InputError(f"some weights in {name!r} are not above 0", remedy="leave these rows out")
    return values


def _column(design: Design, name: str | None, default: Floats) -> Floats:
    if name is None:
        return default
    check_type(name, str, "weights or offset", "give the name of one column")
    if name not in design.frame.columns:
        raise UsageError(f"the panel has no column {name!r}", remedy=columns_of(design.frame))
    if not design.frame[name].isna().all():
        find_kind(design.frame[name].dropna(), name)
    values = pd.to_numeric(design.frame[name], errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError(
            f"{name!r} is not a finite number in some rows",
            remedy="correct the values, or leave these rows out",
        )
    return values
