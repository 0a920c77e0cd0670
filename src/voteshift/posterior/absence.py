"""Model of absence as a choice: the probability of absence depends on the position of the member.

The model has two steps. In the first step, the hurdle, a member is absent or present. In the second step,
only present members vote. For a member i with a seat in roll call j,

    P(absent_ij) = F(level_j + tendency_i + slope_j x_i),

where F is the distribution of the noise of the votes, level and slope are parameters of the roll call,
tendency is a parameter of the member, and x is the position of the member. Levels, tendencies and slopes are
drawn from normal distributions. Their standard deviations are estimated, because absences are rare and most
roll calls have no absence. Rosas, Shomer & Haptonstahl (2015, https://doi.org/10.1111/ajps.12120) show that
absence can depend on position. The model follows Kubinec's idealstan (https://doi.org/10.31219/osf.io/8j2bt).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.encode import Encoded
from voteshift.ideal.objective import Link
from voteshift.likelihood import Design
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote

if TYPE_CHECKING:  # which imports PyTensor
    from voteshift.posterior.op import Backend

__all__ = [
    "ABSENCE",
    "LEAST",
    "Absence",
    "NotRecorded",
    "absence_design",
    "add_hurdle",
    "at_the_hurdle",
    "check_absence",
    "tendencies_stand_apart",
]

Floats = NDArray[np.float64]
Absence = Literal["ignorable", "hurdle"]
NotRecorded = Literal["absent", "gap"]

LEAST = 100
"""Smallest number of absences for a hurdle. With fewer absences, the prior would determine the slopes."""

ABSENCE = (
    "absence_mean",
    "absence_level_sd",
    "absence_tendency_sd",
    "absence_slope_mean",
    "absence_slope_sd",
    "absence_level",
    "absence_tendency",
    "absence_slope",
)
"""Variables of the hurdle whose draws are kept."""

_SPREADS = {"level": 2.0, "tendency": 2.0, "slope": 1.0}
"""Scale of the half-normal prior of each standard deviation that is estimated."""

_DIMS = {"level": "item", "tendency": "member", "slope": "item"}
_START = 0.5
_APART = 1.0  # variance of tendencies (moment estimate) above which tendencies are sampled unscaled


def check_absence(absence: str, not_recorded: str) -> None:
    """Validate the arguments `absence` and `not_recorded` of `sample`."""
    choices = (("absence", absence, get_args(Absence)), ("not_recorded", not_recorded, get_args(NotRecorded)))
    for name, choice, known_choices in choices:
        if choice not in known_choices:
            raise UsageError(f"{name} is {choice!r}", remedy=f"give {' or '.join(map(repr, known_choices))}")


def absence_design(rollcalls: RollCalls, encoded: Encoded, not_recorded: NotRecorded) -> Design:
    """Return the absences of members with a seat, coded as votes in two categories: 0 voted, 1 absent.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    encoded : Encoded
        Members and roll calls of the fit.
    not_recorded : {"absent", "gap"}
        Meaning of a seat without a recorded vote: an absence (``"absent"``), or a gap in the catalogue, so
        that absence is unknown (``"gap"``).

    Raises
    ------
    NotUsableError
        If there are fewer than 100 absences.
    """
    chosen = rollcalls.select(members=encoded.members, rollcalls=encoded.rollcalls)
    votes = chosen.votes[:, chosen.rollcalls.index.get_indexer(encoded.rollcalls)]
    votes = votes[chosen.members.index.get_indexer(encoded.members)]
    away = votes == Vote.ABSENT
    if not_recorded == "absent":
        away |= votes == Vote.NOT_RECORDED
    n_away = int(away.sum())
    if n_away < LEAST:
        raise NotUsableError(
            f"{n_away} absences are too few to estimate how absence depends on position; the model needs at "
            f"least {LEAST}",
            remedy="pass absence='ignorable', or use a window with more roll calls",
        )
    codes = np.full(votes.shape, -1, dtype=np.int8)
    codes[votes >= 0] = 0
    codes[away] = 1
    n_rollcalls = votes.shape[1]
    return Design(
        np.ascontiguousarray(codes),
        np.zeros(n_rollcalls, dtype=np.int32),
        np.arange(n_rollcalls, dtype=np.int32),
        np.full(n_rollcalls, 2, dtype=np.int8),
    )


def tendencies_stand_apart(design: Design, positions: Floats) -> bool:
    """Return True if rates of absence differ between members more than positions and chance explain.

    The variance of tendencies is the moment estimate of DerSimonian & Laird (1986), from the log odds of
    absence given the positions. The result determines the coordinates of the sampler and does not change the
    model. If the variance is large, the sampler uses the centred parametrisation; if the variance is small,
    the sampler uses the non-centred parametrisation (Papaspiliopoulos, Roberts & Sköld 2007).

    Parameters
    ----------
    design : Design
        From `absence_design`.
    positions : ndarray, shape (n_members,)
        Positions at the mode of the model of votes.
    """
    n_absent, n_present = (design.codes == 1).sum(axis=1) + 0.5, (design.codes == 0).sum(axis=1) + 0.5
    weights = 1.0 / (1.0 / n_absent + 1.0 / n_present)
    table = np.column_stack([np.ones(len(positions)), positions])
    weighted = weights[:, None] * table
    information = table.T @ weighted
    odds = np.log(n_absent / n_present)
    left = odds - table @ np.linalg.solve(information, weighted.T @ odds)
    surplus = weights @ left**2 - (len(odds) - 2)
    spread = weights.sum() - np.trace(np.linalg.solve(information, weighted.T @ weighted))
    return bool(surplus > _APART * spread)


def add_hurdle(
    model: Any, design: Design, *, link: Link, backend: "Backend" = "compiled", apart: bool = False
) -> None:
    """Add the hurdle to a model of votes, so that positions depend on votes and absences.

    Parameters
    ----------
    model : pymc.Model
        The model from `ideal_model`, with a separate item for each roll call. This model is modified.
    design : Design
        The absences, from `absence_design`.
    link : {"logit", "probit"}
        Distribution of the noise.
    backend : {"compiled", "graph"}
        Implementation of the likelihood: the compiled kernel, or a plain PyTensor graph.
    apart : bool
        If True, sample the log odds of absence of each member (centred). If False, sample tendencies divided
        by their standard deviation (non-centred). See `tendencies_stand_apart`.

    Notes
    -----
    The function adds the potential ``absences`` (the log-likelihood of the absences), the following
    variables, and the variables from which these are computed:

    - ``absence_mean``: N(0, 5), the mean level.
    - ``absence_slope_mean``: N(0, 1), the mean slope on position.
    - ``absence_level_sd``: half-normal (2), the standard deviation of levels.
    - ``absence_tendency_sd``: half-normal (2), the standard deviation of tendencies.
    - ``absence_slope_sd``: half-normal (1), the standard deviation of slopes.
    - ``absence_level`` and ``absence_slope``: level and slope of every roll call.
    - ``absence_tendency``: tendency of every member.
    """
    import pymc as pm
    import pytensor.tensor as pt

    from voteshift.posterior.op import log_likelihood

    zero, one = np.float64(0.0), np.float64(1.0)

    def spread(name: str) -> Any:
        # The variable has either sign. Near 0 a sampler can cross to the other sign, whereas the log of a
        # standard deviation would go to minus infinity.
        signed = pm.Normal(f"absence_{name}_signed", zero, np.float64(_SPREADS[name]))
        pm.Deterministic(f"absence_{name}_sd", pt.abs(signed))
        return signed

    def scaled(name: str) -> Any:
        return spread(name) * pm.Normal(f"absence_{name}_raw", zero, one, dims=_DIMS[name])

    with model:
        mean = pm.Normal("absence_mean", zero, np.float64(5.0))
        slope_mean = pm.Normal("absence_slope_mean", zero, one)
        level, slope = scaled("level"), scaled("slope")
        position = model["position"][:, 0]
        expected = mean + slope_mean * position
        if apart:
            sd = pm.HalfNormal("absence_tendency_sd", np.float64(_SPREADS["tendency"]))
            odds = pm.Normal("absence_odds", expected, sd, dims="member")
        else:
            odds = expected + scaled("tendency")
        pm.Deterministic("absence_level", mean + level, dims="item")
        pm.Deterministic("absence_tendency", odds - expected, dims="member")
        pm.Deterministic("absence_slope", slope_mean + slope, dims="item")
        # A second dimension with slope 1 has the log odds of the member. The cutpoint is minus the level.
        where = pt.stack([position, odds], axis=1)[None]
        slopes = pt.stack([slope, pt.ones_like(slope)], axis=1)
        votes = log_likelihood(
            design, where, pt.specify_shape(slopes, (None, 2)), pt.stack([-level, -level], axis=1),
            link=link, backend=backend, name="absences",
        )  # fmt: skip
        pm.Potential("absences", votes)


def at_the_hurdle(
    start: Callable[[np.random.Generator], dict[str, Floats]], design: Design, *, apart: bool = False
) -> Callable[[np.random.Generator], dict[str, Floats]]:
    """Return a function that draws starting values of the model with the hurdle.

    The mean level starts near the log odds of absence in the record, and the mean slope starts near 0.
    """
    seated = (design.codes >= 0).sum()
    share = float((design.codes == 1).sum() / seated)
    sizes = {"item": design.n_rollcalls, "member": design.n_members}

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        here = dict(start(rng))
        here["absence_mean"] = np.log(share / (1 - share)) + rng.uniform(-_START, _START, ())
        here["absence_slope_mean"] = rng.uniform(-_START, _START, ())
        for name, dim in _DIMS.items():
            log_sd, raw = rng.uniform(-1.0, 0.0, ()), rng.uniform(-_START, _START, sizes[dim])
            if apart and name == "tendency":
                # The sampler uses the log of a half-normal variable.
                here["absence_tendency_sd"], here["absence_odds"] = log_sd, here["absence_mean"] + raw
            else:
                here[f"absence_{name}_signed"], here[f"absence_{name}_raw"] = np.exp(log_sd), raw
        return here

    return draw
