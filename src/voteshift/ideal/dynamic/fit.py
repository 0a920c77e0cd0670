"""Fitting a dynamic model to roll calls: periods, bridges, tau and direction."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import BridgeWarning, UsageError
from voteshift.ideal.bridges import checked_items, family_items, paired_items
from voteshift.ideal.dynamic.encode import encode_moving
from voteshift.ideal.dynamic.objective import MovingModel, Paths
from voteshift.ideal.dynamic.optimise import fit_paths
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.tau import TauEstimate, estimate_tau
from voteshift.ideal.dynamic.walk import Walk
from voteshift.ideal.objective import Link, Point, Priors
from voteshift.ideal.orient import check_named, orient
from voteshift.ranges import check_number
from voteshift.rollcalls import RollCalls

__all__ = ["Items", "Tau", "check_tau", "fit_moving"]

Items = Mapping[str, str] | Iterable[tuple[str, str]]
Tau = float | Mapping[str, float] | Literal["estimate"]
_ANY_TAU = 0.1  # where tau is still to be estimated


def fit_moving(
    rollcalls: RollCalls,
    *,
    periods: str,
    items: Items | None,
    bridge: Literal["families"] | None,
    apart: tuple[str, ...],
    tau: Tau,
    delta: float,
    priors: Priors,
    link: Link,
    polarity: str | None,
    level: float,
    tolerance: float,
    threads: int | None,
    progress: Callable[[int, float], None] | None,
) -> DynamicFit:
    """Fit a dynamic model; see `IdealPoints` for the parameters.

    Raises
    ------
    InputError
        If the periods cannot be found or nothing is contested.
    UsageError
        If an option names nothing in the record.
    NotUsableError
        If tau is to be estimated and the votes do not say.

    Warns
    -----
    BridgeWarning
        Where no bridge spans a gap between periods.
    """
    shared, bridged_by = _shared(rollcalls.rollcalls, items, bridge, apart)
    encoded = encode_moving(rollcalls, periods=periods, items=shared)
    check_named(encoded.members, polarity)
    design = encoded.design
    seen = np.stack([(design.codes[:, design.period == t] >= 0).any(axis=1) for t in range(design.n_periods)])
    own, fixed = _tau(tau, rollcalls.members.loc[encoded.members])
    model = MovingModel(design, priors, Walk(seen, encoded.periods.gaps, own, float(delta)), link, threads)
    said: TauEstimate | float | dict[str, float] = fixed
    if tau == "estimate":
        said = estimate_tau(model, progress=progress)
        walk = replace(model.walk, tau=np.full(design.n_members, said.tau))
        model = MovingModel(design, priors, walk, link, threads)
    mode = fit_paths(model, tolerance=tolerance, progress=progress)
    sign, direction = _direction(mode.point, encoded.members, polarity, rollcalls.polarity)
    fit = DynamicFit(
        encoded,
        model,
        replace(mode, point=_flipped(mode.point) if sign < 0 else mode.point),
        direction,
        level,
        bridged_by,
        said,
    )
    if encoded.bridges.open_gaps:
        warnings.warn(fit.cautions[0], BridgeWarning, stacklevel=3)
    return fit


def _shared(
    rollcalls: pd.DataFrame,
    items: Items | None,
    bridge: Literal["families"] | None,
    apart: tuple[str, ...],
) -> tuple[dict[str, str], str]:
    """Return the shared items and, in words, where they come from."""
    if items is not None and bridge is not None:
        raise UsageError("bridges come from items= or from bridge=, not from both")
    if bridge is not None:
        but = f" (but {', '.join(apart)})" if apart else ""
        return family_items(rollcalls, apart), f"the iterations of each repeated resolution{but}"
    if apart:
        raise UsageError("apart= names families that are no bridge: it goes with bridge='families'")
    if items is None:
        return {}, ""
    if isinstance(items, Mapping):
        return checked_items(items, rollcalls.index), "roll calls that items= maps to one item"
    return paired_items(items, rollcalls.index), "roll calls paired by the user"


def _tau(tau: Tau, members: pd.DataFrame) -> tuple[NDArray[np.float64], float | dict[str, float]]:
    """Return tau of every member, and what was fixed."""
    if isinstance(tau, Mapping):
        missing = sorted(set(members["group"].astype(str)) - set(tau))
        if missing:
            raise UsageError(
                f"tau by group gives none for {', '.join(repr(name) for name in missing)}",
                remedy="name every group of the members fitted",
            )
        fixed: float | dict[str, float] = {str(name): float(value) for name, value in tau.items()}
        own = members["group"].astype(str).map(fixed).to_numpy(float)
    else:
        value = _ANY_TAU if isinstance(tau, str) else float(tau)
        own, fixed = np.full(len(members), value), value
    return own, fixed


def check_tau(tau: object) -> None:
    """Validate tau: a number from 1e-4 to 1000, one such number by group, or "estimate".

    Raises
    ------
    UsageError
        If it is anything else.
    """
    if isinstance(tau, str) and tau != "estimate":
        raise UsageError(f"tau= is a number, numbers by group, or 'estimate', not {tau!r}")
    what = "a standard deviation; for positions that stand still fit without periods"
    values = tau.values() if isinstance(tau, Mapping) else () if isinstance(tau, str) else (tau,)
    for value in values:
        check_number("tau", value, least=1e-4, most=1e3, what=what)


def _direction(
    point: Paths, members: pd.Index, polarity: str | None, default: str | None
) -> tuple[float, str]:
    """Return the sign that turns a fit the way it is reported, and say which way that is."""
    seen = point.walk.seen
    mean = np.where(seen, point.positions, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    still = Point(mean[:, None], point.discriminations, point.midpoints, point.log_gaps)
    turned, words = orient(still, members, polarity=polarity, default_polarity=default, target=None)
    same = np.sign(turned.discriminations[:, 0]) == np.sign(point.discriminations[:, 0])
    return (
        1.0 if same.all() else -1.0
    ), f"{words}, on average over its periods" if "is on" in words else words


def _flipped(point: Paths) -> Paths:
    return replace(
        point,
        deviations=-point.deviations,
        steps=-point.steps,
        discriminations=-point.discriminations,
    )
