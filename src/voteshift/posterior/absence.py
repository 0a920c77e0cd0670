"""Absence as a choice: a hurdle before the vote, whose probability depends on position.

Of a member i with a seat in roll call j,

    P(absent_ij) = F(level_j + tendency_i + slope_j x_i),

F the distribution of the noise of the votes, x the position. Levels, tendencies and slopes are drawn from
normal distributions whose spread is learned: absences are few, and most roll calls have none. That absence
can depend on position is the point of Rosas, Shomer & Haptonstahl (2015, https://doi.org/10.1111/ajps.12120);
the two steps, a hurdle and then the vote, are those of Kubinec's idealstan (https://doi.org/10.31219/osf.io/8j2bt).
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.encode import Encoded
from voteshift.ideal.objective import Link
from voteshift.likelihood import Design
from voteshift.posterior.op import Backend, log_likelihood
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote

__all__ = [
    "ABSENCE",
    "LEAST",
    "Absence",
    "NotRecorded",
    "absence_design",
    "add_hurdle",
    "at_the_hurdle",
    "check_absence",
]

Floats = NDArray[np.float64]
Absence = Literal["ignorable", "hurdle"]
NotRecorded = Literal["absent", "gap"]

LEAST = 100
"""Absences below which a hurdle is refused: its slopes would be those of the prior."""

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
"""Variables of the hurdle that are kept."""

_RAW = {"absence_level_raw": "item", "absence_tendency_raw": "member", "absence_slope_raw": "item"}
_SPREADS = {"absence_level_sd": 2.0, "absence_tendency_sd": 2.0, "absence_slope_sd": 1.0}
_START = 0.5


def check_absence(absence: str, not_recorded: str) -> None:
    """Refuse words that are no choice."""
    if absence not in ("ignorable", "hurdle") or not_recorded not in ("absent", "gap"):
        raise UsageError("absence is ignorable or hurdle, and not_recorded absent or gap")


def absence_design(rollcalls: RollCalls, encoded: Encoded, not_recorded: NotRecorded) -> Design:
    """Return who with a seat was absent, as votes in two categories: 0 voted, 1 absent.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    encoded : Encoded
        Members and roll calls of the fit.
    not_recorded : {"absent", "gap"}
        Whether a seat without a recorded vote is an absence, or a gap in the catalogue and thus unknown.

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
            f"{n_away} absences do not tell how absence depends on position (at least {LEAST})",
            remedy="take absence to be ignorable, or a wider window",
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


def add_hurdle(model: Any, design: Design, *, link: Link, backend: Backend = "compiled") -> None:
    """Add the hurdle to a model of votes, whose positions then answer to both.

    Parameters
    ----------
    model : pymc.Model
        From `ideal_model`, with an item per roll call. Added are ``absence_mean`` N(0, 5), the mean level;
        ``absence_level_sd`` and ``absence_tendency_sd``, half-normal (2), the spread of roll calls and of
        members; ``absence_slope_mean`` N(0, 1) and ``absence_slope_sd``, half-normal (1), the slopes by
        position; the deviations from them, each N(0, 1) in units of its spread (``absence_level_raw``,
        ``absence_tendency_raw``, ``absence_slope_raw``); what they come to, ``absence_level`` and
        ``absence_slope`` of every item and ``absence_tendency`` of every member; and the potential
        ``absences``.
    design : Design
        From `absence_design`.
    link : {"logit", "probit"}
        Distribution of the noise.
    backend : {"compiled", "graph"}
        The kernel as an Op, or plain PyTensor.
    """
    import pymc as pm
    import pytensor.tensor as pt

    zero, one = np.float64(0.0), np.float64(1.0)
    with model:
        mean = pm.Normal("absence_mean", zero, np.float64(5.0))
        slope_mean = pm.Normal("absence_slope_mean", zero, one)
        spread = {name: pm.HalfNormal(name, np.float64(width)) for name, width in _SPREADS.items()}
        raw = {name: pm.Normal(name, zero, one, dims=dim) for name, dim in _RAW.items()}
        drawn = {
            "absence_level": mean + spread["absence_level_sd"] * raw["absence_level_raw"],
            "absence_tendency": spread["absence_tendency_sd"] * raw["absence_tendency_raw"],
            "absence_slope": slope_mean + spread["absence_slope_sd"] * raw["absence_slope_raw"],
        }
        level, tendency, slope = (
            pm.Deterministic(name, value, dims=_RAW[f"{name}_raw"]) for name, value in drawn.items()
        )
        # A second dimension with slope 1 is the tendency; the cutpoint is minus the level.
        where = pt.stack([model["position"][:, 0], tendency], axis=1)[None]
        slopes = pt.stack([slope, pt.ones_like(slope)], axis=1)
        votes = log_likelihood(
            design, where, pt.specify_shape(slopes, (None, 2)), pt.stack([-level, -level], axis=1),
            link=link, backend=backend, name="absences",
        )  # fmt: skip
        pm.Potential("absences", votes)


def at_the_hurdle(
    start: Callable[[np.random.Generator], dict[str, Floats]], design: Design
) -> Callable[[np.random.Generator], dict[str, Floats]]:
    """Return a function that draws starts of the hurdle too: about the share of absences, and no slopes."""
    seated = (design.codes >= 0).sum()
    share = float((design.codes == 1).sum() / seated)
    sizes = {"item": design.n_rollcalls, "member": design.n_members}

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        here = dict(start(rng))
        here["absence_mean"] = np.log(share / (1 - share)) + rng.uniform(-_START, _START, ())
        here["absence_slope_mean"] = rng.uniform(-_START, _START, ())
        for name in _SPREADS:  # half-normal variables are sampled as logs
            here[name] = rng.uniform(-1.0, 0.0, ())
        for name, dim in _RAW.items():
            here[name] = rng.uniform(-_START, _START, sizes[dim])
        return here

    return draw
