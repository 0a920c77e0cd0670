"""The fit of a dynamic model to roll calls: periods, bridges, tau and direction."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import BridgeWarning, UsageError
from voteshift.ideal.bridges import checked_items, family_items, paired_items
from voteshift.ideal.dynamic.encode import DynamicEncoded, encode_dynamic
from voteshift.ideal.dynamic.groups import choose_group_sd, find_groups
from voteshift.ideal.dynamic.marginal import UnidentifiedTauError, fit_dynamic_marginal
from voteshift.ideal.dynamic.objective import DynamicModel, DynamicPoint
from voteshift.ideal.dynamic.optimise import fit_dynamic_map
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.spec import FIXED_TAU, RandomWalk, Tau
from voteshift.ideal.dynamic.tau import TauEstimate, estimate_tau
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.learned import MARGINAL_TOLERANCE
from voteshift.ideal.methods import Marginal
from voteshift.ideal.objective import Point
from voteshift.ideal.orient import label_members, orient, resolve_member
from voteshift.likelihood import Spread
from voteshift.rollcalls import RollCalls

if TYPE_CHECKING:  # which imports this module
    from voteshift.ideal.spec import IdealPoints

__all__ = ["fit_dynamic"]

_ANY_TAU = 0.1  # used until tau is estimated


def fit_dynamic(
    rollcalls: RollCalls,
    spec: "IdealPoints",
    *,
    progress: Callable[[int, float], None] | None = None,
) -> DynamicFit:
    """Fit a specification with dynamics.

    Parameters
    ----------
    rollcalls, spec, progress
        As in `IdealPoints.fit`.

    Raises
    ------
    InputError
        If the roll calls cannot be divided into periods, or no roll call is contested.
    UsageError
        If an argument names a member, group, family, column or roll call that is not in the record.
    NotUsableError
        If tau is to be estimated and the votes do not identify it.

    Warns
    -----
    BridgeWarning
        If no bridge spans a gap between periods.
    """
    dynamics = spec.dynamics
    if dynamics is None:
        raise TypeError("a static specification cannot be fitted as a dynamic model; pass dynamics=")
    is_marginal = isinstance(spec.method, Marginal)
    asked: Tau = FIXED_TAU if dynamics.tau is None else dynamics.tau
    if dynamics.tau is None and is_marginal:
        asked = "estimate"
    group_sd = choose_group_sd(dynamics, has_steps=True)
    shared, bridged_by = _share_items(rollcalls.rollcalls, dynamics)
    encoded = encode_dynamic(rollcalls, periods=dynamics.periods, items=shared)
    polarity = spec.polarity and resolve_member(spec.polarity, encoded.members, encoded.names)
    design = encoded.design
    seen = design.count_votes() > 0
    by_member, fixed = _spread_tau(asked, rollcalls.members.loc[encoded.members])
    of_member, groups = find_groups(dynamics, group_sd, encoded.members, rollcalls.members)
    walk = Walk(
        seen,
        encoded.periods.gaps,
        by_member,
        float(dynamics.delta),
        groups=of_member,
        delta_group=group_sd if groups else 0.0,
    )
    model = DynamicModel(design, spec.priors, walk, spec.link, spec.threads)
    tau: TauEstimate | float | dict[str, float] = fixed
    learned = None
    if isinstance(spec.method, Marginal):
        fit_by = partial(
            fit_dynamic_marginal,
            learn=spec.method.learn,
            tolerance=max(spec.tolerance, MARGINAL_TOLERANCE),
            progress=progress,
        )
        try:
            model, mode, learned = fit_by(model, learn_tau=asked == "estimate")
        except UnidentifiedTauError:
            if dynamics.tau is not None:
                raise
            fixed = FIXED_TAU  # nobody asked for an estimate; a caution says so
            walk = replace(walk, tau=np.full(design.n_members, FIXED_TAU))
            model, mode, learned = fit_by(replace(model, walk=walk), learn_tau=False)
        tau = fixed if learned.tau is None else learned.tau
    else:
        if asked == "estimate":
            tau = estimate_tau(model, progress=progress)
            walk = replace(model.walk, tau=np.full(design.n_members, tau.tau))
            model = replace(model, walk=walk)
        mode = fit_dynamic_map(model, tolerance=spec.tolerance, progress=progress)
    sign, direction = _orient(mode.point, encoded, polarity, rollcalls.polarity)
    if sign < 0:
        model, mode = (
            replace(model, spread=_flip_spread(model.spread)),
            replace(mode, point=_flip(mode.point)),
        )
    fit = DynamicFit(encoded, model, mode, direction, spec, bridged_by, tau, learned=learned, groups=groups)
    if encoded.bridges.open_gaps:
        # Not fit.cautions: the other cautions take longer than the fit of a long record.
        warnings.warn(fit.cautions_of_gaps()[0], BridgeWarning, stacklevel=3)
    return fit


def _share_items(rollcalls: pd.DataFrame, dynamics: RandomWalk) -> tuple[dict[str, str], str]:
    """Return the shared items, and the source of the shared items in words."""
    if dynamics.bridge is not None:
        but = f" (except {', '.join(dynamics.apart)})" if dynamics.apart else ""
        return family_items(rollcalls, dynamics.apart), f"the versions of each repeated resolution{but}"
    if dynamics.items is None:
        return {}, ""
    if isinstance(dynamics.items, Mapping):
        return checked_items(dynamics.items, rollcalls.index), "roll calls that items= maps to one item"
    return paired_items(dynamics.items, rollcalls.index), "roll calls paired by the user"


def _spread_tau(tau: Tau, members: pd.DataFrame) -> tuple[NDArray[np.float64], float | dict[str, float]]:
    """Return tau of every member, and the fixed values by group or for all members."""
    if isinstance(tau, Mapping):
        missing = sorted(set(members["group"].astype(str)) - set(tau))
        if missing:
            raise UsageError(
                f"tau= has no value for the groups {', '.join(repr(name) for name in missing)}",
                remedy="give a value for every group of the fitted members",
            )
        return members["group"].astype(str).map(tau).to_numpy(float), dict(tau)
    value = _ANY_TAU if isinstance(tau, str) else float(tau)
    return np.full(len(members), value), value


def _orient(
    point: DynamicPoint, encoded: DynamicEncoded, polarity: str | None, default: str | None
) -> tuple[float, str]:
    """Return the sign that turns a fit to the reported direction, and this direction in words."""
    seen = point.walk.seen
    mean = np.where(seen, point.positions, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    average = Point(mean[:, None], point.discriminations, point.midpoints, point.log_gaps)
    turned, words = orient(
        average,
        encoded.members,
        polarity=polarity,
        default_polarity=default,
        target=None,
        labels=label_members(encoded.members, encoded.names),
    )
    same = np.sign(turned.discriminations[:, 0]) == np.sign(point.discriminations[:, 0])
    return (
        1.0 if same.all() else -1.0
    ), f"{words}, on average over its periods" if "is on" in words else words


def _flip(point: DynamicPoint) -> DynamicPoint:
    return replace(
        point,
        deviations=-point.deviations,
        steps=-point.steps,
        group_steps=-point.group_steps,
        discriminations=-point.discriminations,
    )


def _flip_spread(spread: Spread | None) -> Spread | None:
    return None if spread is None else Spread(spread.positions, spread.items * np.array([1.0, -1.0, 1.0]))
