"""A binary logit in which the position of a member is measured with error."""

from typing import Any, Final

import numpy as np
import pandas as pd
import scipy.linalg
from numpy.typing import NDArray

from voteshift.errors import InputError, NotUsableError, UsageError
from voteshift.logistic.clusters import Jackknife
from voteshift.logistic.design import Design
from voteshift.logistic.likelihoods import Floats, Likelihood
from voteshift.logistic.maximise import Problem, maximise
from voteshift.logistic.measured import Measured, maximise_measured, read_positions, replicates
from voteshift.logistic.results import Estimates
from voteshift.logistic.separation import describe_directions, separated
from voteshift.logistic.terms import name_terms
from voteshift.logistic.wording import describe_outcome

__all__ = ["MeasurementErrorResult", "measurement_error_logit"]

_POSITION: Final = "position"
_ERROR: Final = "position_se"
_REMEDY: Final = "build the panel with a fit of ideal points, and write position in the formula"


class MeasurementErrorResult(Estimates):
    """Estimates of a logit in which the position is measured with error."""

    def predict(self, values: Any) -> pd.DataFrame:  # noqa: ARG002 - as of the other results
        """Raise an error, because the positions of new rows are not known.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError(
            "a measurement-error model does not predict: the positions are not known",
            remedy="fit model='binary' to predict from estimated positions",
        )


def measurement_error_logit(
    design: Design,
    clusters: NDArray[np.intp],
    labels: tuple[str, ...],
    *,
    cluster: str,
    level: float,
    notes: tuple[str, ...] = (),
) -> MeasurementErrorResult:
    """Fit a binary logit that integrates over the position of each member.

    Parameters
    ----------
    design : Design
        Design of a binary model. The formula contains ``position``, and the frame contains ``position_se``:
        posterior mean and standard deviation of the position under a normal prior with mean 0 and standard
        deviation 1.
    clusters : ndarray of int, shape (n,)
        Cluster of each vote, from 0.
    labels : tuple of str
        Labels of the clusters.
    cluster : str
        Column of the clusters. All votes of a member belong to one cluster.
    level : float
        Coverage of the intervals.
    notes : tuple of str
        Notes to show before the notes of this function.

    Returns
    -------
    MeasurementErrorResult
        A slope of the position is the effect of the position itself, not of its estimate. Standard errors
        come from the cluster jackknife with one Newton step for each cluster.

    Raises
    ------
    UsageError
        If the formula does not contain the position, a term cannot be computed for all values that a position
        may have, or the votes of a member are in several clusters.
    InputError
        If a standard error is missing, or a member has several positions.
    NotUsableError
        If the votes are separated, or the fit does not converge.

    Notes
    -----
    `voteshift.logistic.measured` states the model. Given the other variables of the formula, averaged over
    the votes of the member, positions are normal. The measurement error is assumed to be independent of the
    votes in the panel and between members. The ideal points must therefore come from other votes.

    References
    ----------
    Carroll, Ruppert, Stefanski & Crainiceanu (2006), Measurement Error in Nonlinear Models, ch. 8,
    https://doi.org/10.1201/9781420010138.
    """
    member, means, errors, cluster_of = _members(design, clusters, cluster)
    problem = Problem(
        Likelihood("binary", 2), design.y, design.X, np.ones(len(design.y)), np.zeros(len(design.y))
    )
    terms = name_terms(design, "binary")
    infinite = separated(problem)
    if infinite.any():
        directions = describe_directions([term.label for term in terms], infinite)
        raise NotUsableError(
            f"the votes are separated: maximum likelihood has no finite estimate of {directions}",
            remedy="leave the term out, or give model='firth', which treats positions as known",
        )
    fixed = [name for name in design.columns if _POSITION not in _variables(design, name)]
    traits = _traits(design.X[:, [design.columns.index(name) for name in fixed]], member)
    readings = read_positions(means, errors, traits)
    data = Measured(design.y, _at_nodes(design, readings.nodes[member]), member, readings)
    solution = maximise_measured(data, data.start(maximise(problem).params))
    if not solution.converged:
        raise NotUsableError(
            "the fit did not converge", remedy="use fewer terms, or model='binary', which ignores the error"
        )
    p = len(terms)
    jack = replicates(solution, cluster_of)
    covariance = Jackknife(jack, np.zeros(len(jack), dtype=bool)).covariance(solution.params)[:p, :p]
    df = len(labels) - 1.0
    reliability = 1 - float(np.mean(np.minimum(errors, 1.0) ** 2))
    return MeasurementErrorResult(
        model="measurement-error",
        formula=design.formula,
        terms=terms,
        estimate=solution.params[:p],
        covariance=covariance,
        errors=f"cluster jackknife (one step) over {len(labels)} clusters of {cluster}, "
        f"t with {df:g} degrees of freedom",
        df=df,
        llf=solution.value - data.log_density(solution.params),
        nobs=len(design.y),
        n_clusters=len(labels),
        level=level,
        notes=(
            *notes,
            f"the reliability of 'position' is {reliability:.2f} (1 minus the mean squared standard error). "
            "The estimates take the error of 'position' into account",
        ),
        about=describe_outcome(design, "binary"),
    )


def _variables(design: Design, column: str) -> set[str]:
    """Return the columns of the frame on which a column of the design depends."""
    if column not in design.products:
        return set()
    factors = [part.factor for part in design.products[column].factors]
    columns = design.spec.factor_variables
    return {str(name) for factor in factors for name in columns.get(factor, (factor,))}


def _members(
    design: Design, clusters: NDArray[np.intp], cluster: str
) -> tuple[NDArray[np.intp], Floats, Floats, NDArray[np.intp]]:
    """Return the member of each vote, and mean, standard error and cluster of each member."""
    frame = design.frame
    if _POSITION not in design.variables:
        raise UsageError(
            "a measurement-error model needs the variable 'position', which is not in the formula",
            remedy=_REMEDY,
        )
    lacking = [name for name in ("member", _ERROR) if name not in frame.columns]
    if lacking:
        raise UsageError(f"the panel has no column {lacking[0]!r}", remedy=_REMEDY)
    codes, names = pd.factorize(frame["member"].astype(str))
    member = np.asarray(codes, dtype=np.intp)
    columns = frame[[_POSITION, _ERROR]].astype(float).to_numpy()
    first = np.unique(member, return_index=True)[1]
    if not (np.isfinite(columns).all() and (columns[:, 1] >= 0).all()):
        row = int((~np.isfinite(columns).all(axis=1) | ~(columns[:, 1] >= 0)).argmax())
        raise InputError(
            f"the position of {names[member[row]]} has no valid standard error in {_ERROR!r}",
            remedy="leave out this member",
        )
    if (columns != columns[first][member]).any():
        row = int((columns != columns[first][member]).any(axis=1).argmax())
        raise InputError(
            f"{names[member[row]]} has several positions", remedy="give one position for each member"
        )
    if (clusters != clusters[first][member]).any():
        raise UsageError(
            f"cluster is {cluster!r}, and the votes of a member are in several clusters",
            remedy="cluster by member, or by a column that is constant within members",
        )
    return member, columns[first, 0], columns[first, 1], clusters[first]


def _traits(columns: Floats, member: NDArray[np.intp]) -> Floats:
    """Return a constant and the means of columns by member, without collinear columns."""
    n_members = int(member.max()) + 1
    means = np.zeros((n_members, columns.shape[1]))
    np.add.at(means, member, columns)
    means /= np.bincount(member)[:, None]
    means = means - means.mean(axis=0)
    scale = means.std(axis=0)
    means = means[:, scale > 1e-10] / scale[scale > 1e-10]
    if means.shape[1]:
        _, R, pivots = scipy.linalg.qr(means, mode="economic", pivoting=True)
        size = np.abs(np.diag(R))
        means = means[:, np.sort(pivots[: len(size)][size > 1e-8 * size[0]])]
    return np.column_stack([np.ones(n_members), means])


def _at_nodes(design: Design, nodes: Floats) -> Floats:
    """Return the columns of the model for each vote at each node, shape (n, n_nodes, p)."""
    n, n_nodes = nodes.shape
    rows = design.frame.loc[design.frame.index.repeat(n_nodes)].reset_index(drop=True)
    try:
        X = design.encode(rows.assign(**{_POSITION: nodes.ravel()}))
    except UsageError:
        raise UsageError(
            "a term with 'position' cannot be computed for all values that a position may have",
            remedy="use the position itself, or a polynomial",
        ) from None
    return X.reshape(n, n_nodes, -1)
