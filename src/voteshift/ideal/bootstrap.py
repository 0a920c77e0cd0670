"""Bootstrap standard errors of ideal points, to compare with standard errors from the curvature.

There are three kinds. The parametric bootstrap replaces every vote cast by a draw from the fitted model
(Lewis & Poole 2004, https://doi.org/10.1093/pan/mph015). The bootstrap by roll calls draws clusters of roll
calls with replacement (`rollcall_clusters`). The bootstrap by members draws members with replacement.
Replicates run through joblib, so ``joblib.parallel_config`` sets the backend.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.clusters import rollcall_clusters
from voteshift.ideal.encode import ranked, static_design
from voteshift.ideal.fitted import normal_interval
from voteshift.ideal.objective import Model, Point, standardise
from voteshift.ideal.optimise import fit_map
from voteshift.ideal.orient import towards_target
from voteshift.ideal.results import IdealFit
from voteshift.likelihood.draw import draw_codes
from voteshift.notebook import Shown
from voteshift.ranges import check_count, check_seed
from voteshift.rollcalls import RollCalls, present_categories

__all__ = ["Bootstrap", "bootstrap"]

Floats = NDArray[np.float64]
Kind = Literal["parametric", "rollcalls", "members"]
_MOST = 1_000_000
_LEAST = 10  # smallest number of replicates for a standard deviation
_MORE_INFORMATION = "use stronger item priors or a wider window"
_USABLE = 0.95  # share of replicates that must converge


@dataclass(frozen=True, slots=True)
class Bootstrap(Shown):
    """Bootstrap replicates of a fit.

    Attributes
    ----------
    kind : str
        The unit that was resampled: "parametric", "rollcalls" or "members".
    members : Index
        Ids of the members.
    positions : ndarray, shape (n_replicates, n_members, n_dims)
        Positions, rotated to the axes of the fit. NaN if the replicate contains no vote of the member.
    estimate, laplace : ndarray, shape (n_members, n_dims)
        Positions of the fit, and their standard errors from the curvature. A standard error is NaN if it
        cannot be computed from the curvature.
    level : float
        Coverage of the intervals. It is the level of the fit.
    n_failed : int
        Number of replicates that were left out because they did not converge.
    seed : int
        Seed of the random numbers. Each replicate uses a separate seed derived from this seed.
    """

    kind: Kind
    members: pd.Index
    positions: Floats
    estimate: Floats
    laplace: Floats
    level: float
    n_failed: int
    seed: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per member and dimension.

        Returns
        -------
        DataFrame
            ``member``, ``dimension`` (from 1), ``estimate`` (of the fit), ``std_error`` (over replicates),
            ``conf_low``, ``conf_high`` (normal interval with this standard error), ``laplace_std_error`` and
            ``n_replicates``. With fewer than 10 replicates of a member the standard error is NaN.
        """
        n_members, n_dims = self.positions.shape[1:]
        seen = np.isfinite(self.positions).sum(axis=0)
        centre = np.nansum(self.positions, axis=0) / np.maximum(seen, 1)
        spread = np.nansum((self.positions - centre) ** 2, axis=0) / np.maximum(seen - 1, 1)
        error = np.where(seen >= _LEAST, np.sqrt(spread), np.nan)
        return pd.DataFrame(
            {
                "member": np.repeat(self.members.to_numpy(), n_dims),
                "dimension": np.tile(np.arange(1, n_dims + 1), n_members),
                **normal_interval(self.estimate.ravel(), error.ravel(), self.level),
                "laplace_std_error": self.laplace.ravel(),
                "n_replicates": seen.ravel(),
            }
        )

    def _title(self) -> str:
        return f"Bootstrap of positions ({self.kind})"

    def _said(self) -> tuple[str, ...]:
        left_out = (
            f"; {self.n_failed} other replicates did not converge and are left out" if self.n_failed else ""
        )
        return (f"{len(self.positions)} replicates, seed {self.seed}{left_out}.",)


@checked
def bootstrap(
    fit: IdealFit,
    rollcalls: RollCalls,
    *,
    kind: Kind = "parametric",
    n_replicates: int = 200,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Bootstrap:
    """Refit a model to resampled votes.

    Parameters
    ----------
    fit : IdealFit
        A converged fit.
    rollcalls : RollCalls
        The record to which the model was fitted. The columns of its roll calls define the clusters.
    kind : {"parametric", "rollcalls", "members"}
        The unit that is resampled.
    n_replicates, seed : int
        Number of replicates, and seed. The result does not depend on the joblib backend.
    n_jobs : int, optional
        Passed to joblib. With None, the surrounding ``joblib.parallel_config`` sets the number. Use
        ``joblib.parallel_config(verbose=5)`` to show progress on stderr.

    Raises
    ------
    UsageError
        If an argument is out of range, or the model was not fitted to this record.
    NotUsableError
        If the fit did not converge, or more than 5% of the replicates did not converge. Also if the fit is a
        marginal fit.
    """
    if kind not in ("parametric", "rollcalls", "members"):
        raise UsageError(f"kind is {kind!r}", remedy="give 'parametric', 'rollcalls' or 'members'")
    check_count("n_replicates", n_replicates, least=_LEAST, most=_MOST)
    check_seed(seed)
    if not fit.converged:
        raise NotUsableError(
            "the fit did not converge, so it cannot be bootstrapped", remedy=_MORE_INFORMATION
        )
    if fit.learned is not None:
        raise NotUsableError(
            "a marginal fit cannot be bootstrapped: the replicates are fitted at the mode",
            remedy="fit with method='mode', or use the standard errors of the marginal fit",
        )
    _check_record(fit, rollcalls)
    clusters = None
    if kind == "rollcalls":
        clusters = rollcall_clusters(rollcalls.rollcalls.loc[fit.encoded.rollcalls])
    model = replace(fit.model, threads=1)
    children = np.random.SeedSequence(seed).spawn(n_replicates)
    replicates = Parallel(n_jobs=n_jobs)(
        delayed(_replicate)(model, fit.mode.point, kind, clusters, child) for child in children
    )
    converged = [positions for positions in replicates if positions is not None]
    if len(converged) < _USABLE * n_replicates:
        raise NotUsableError(
            f"{n_replicates - len(converged)} of {n_replicates} replicates did not converge",
            remedy=_MORE_INFORMATION,
        )
    estimate = fit.mode.point.positions
    try:
        errors = fit.laplace.position_errors()
    except NotUsableError:
        errors = np.full_like(estimate, np.nan)
    return Bootstrap(
        kind=kind,
        members=fit.encoded.members,
        positions=np.stack(converged),
        estimate=estimate,
        laplace=errors,
        level=fit.level,
        n_failed=n_replicates - len(converged),
        seed=seed,
    )


def _check_record(fit: IdealFit, rollcalls: RollCalls) -> None:
    """Validate that the model was fitted to this record."""
    remedy = "pass the record to which the model was fitted"
    rows = rollcalls.members.index.get_indexer(fit.encoded.members)
    columns = rollcalls.rollcalls.index.get_indexer(fit.encoded.rollcalls)
    for what, ids, places in (
        ("member", fit.encoded.members, rows),
        ("roll call", fit.encoded.rollcalls, columns),
    ):
        if (places < 0).any():
            name = str(ids[int(np.argmax(places < 0))])
            raise UsageError(f"{what} {name} was fitted but is not in this record", id=name, remedy=remedy)
    votes = rollcalls.votes[np.ix_(rows, columns)]
    present = present_categories(votes)
    wrong = np.flatnonzero((ranked(votes, present) != fit.encoded.design.codes).any(axis=0))
    if len(wrong):
        name = str(fit.encoded.rollcalls[wrong[0]])
        raise UsageError(
            f"the votes on {len(wrong)} roll calls differ from the fitted votes; the first is {name}",
            id=name,
            remedy=remedy,
        )


def _replicate(
    model: Model,
    point: Point,
    kind: Kind,
    clusters: NDArray[np.intp] | None,
    seed: np.random.SeedSequence,
) -> Floats | None:
    """Fit one replicate and return its positions in the axes of the fit, or None if it did not converge."""
    rng = np.random.default_rng(seed)
    design = model.design
    rows = np.arange(design.n_members)
    columns = np.arange(design.n_rollcalls)
    codes = design.codes
    if kind == "parametric":
        drawn = draw_codes(
            point.positions[None],
            point.discriminations[design.item],
            point.cutpoints(design.n_categories)[design.item],
            design.n_categories[design.item],
            design.period,
            link=model.link,
            rng=rng,
        )
        codes = np.where(codes >= 0, drawn, np.int8(-1))
    elif kind == "members":
        rows = np.sort(rng.integers(0, design.n_members, design.n_members))
    elif clusters is not None:
        chosen = rng.integers(0, clusters.max() + 1, clusters.max() + 1)
        columns = np.concatenate([np.flatnonzero(clusters == cluster) for cluster in chosen])
    codes = codes[rows][:, columns]
    present = present_categories(codes)
    contested = present.sum(axis=1) > 1
    resampled = static_design(codes[:, contested], present[contested])
    # Start at the mode of the fit: if there are several modes, replicates must vary around this mode.
    items = point.items()[design.item[columns[contested]]]
    start = Point.from_items(standardise(point.positions[rows]), items)
    mode = fit_map(replace(model, design=resampled), start=start)
    if not mode.converged:
        return None
    voted = (resampled.votes >= 0).any(axis=1)
    turn = towards_target(mode.point.positions[voted], point.positions[rows][voted])
    result = np.full_like(point.positions, np.nan)
    result[rows[voted]] = (mode.point.positions @ turn)[voted]
    return result
