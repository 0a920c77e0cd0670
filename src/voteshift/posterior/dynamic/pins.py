"""The fit at the mode from which dynamic sampling starts, and the member whose first side is fixed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.dynamic.groups import choose_group_sd
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.labels import list_coords
from voteshift.rollcalls import RollCalls

__all__ = ["StartPin", "coords_of", "fit_start", "start_pin"]

_ANY_TAU = 0.1  # fixed tau of the mode from which the chains start
_CLEAR = 1.0  # distance of a member from the mean, from which its side in the first period is clear


@dataclass(frozen=True, slots=True)
class StartPin:
    """The member whose side in the first period is fixed, so that the direction of the scale is identified.

    Attributes
    ----------
    row : int
        Row number of the member.
    side : {1, -1}
        Above (1) or below (-1) the mean of all other members.
    """

    row: int
    side: int


def fit_start(rollcalls: RollCalls, spec: IdealPoints) -> DynamicFit:
    """Find the mode from which the chains start, with a fixed tau.

    Raises
    ------
    UsageError
        If the specification has a fixed tau, or asks for steps of groups.
    NotUsableError
        If mode finding did not converge.
    """
    if spec.dynamics is None or spec.dynamics.tau not in (None, "estimate"):
        raise UsageError(
            "sampling estimates tau, but the specification has a fixed tau", remedy='pass tau="estimate"'
        )
    group_sd = choose_group_sd(spec.dynamics, has_steps=False)
    fit = replace(spec, dynamics=replace(spec.dynamics, tau=_ANY_TAU, delta_group=group_sd)).fit(rollcalls)
    if not isinstance(fit, DynamicFit):
        raise TypeError("the fit of a specification with dynamics= must be a DynamicFit")
    if not fit.converged:
        raise NotUsableError(
            f"mode finding did not converge, so sampling cannot start ({fit.verdict})",
            remedy="use stronger item priors or a window with more roll calls",
        )
    return fit


def start_pin(fit: DynamicFit, spec: IdealPoints, default: str | None) -> StartPin:
    """Choose the member whose side in the first period is fixed.

    The function chooses the member that the specification names in ``polarity``. If the specification names
    no member, the function chooses the polarity member of the record, provided that the deviation of this
    member in the first period is at least 1 in absolute value. Otherwise the function chooses the member with
    the largest absolute deviation among the members that vote in the first period.
    """
    start = fit.mode.point.deviations[0]
    rows = {str(name): row for row, name in enumerate(fit.encoded.members)}
    name = spec.polarity
    if name is None and default in rows and abs(start[rows[str(default)]]) >= _CLEAR:
        name = default
    row = rows[name] if name is not None else int(np.argmax(np.abs(start) * fit.model.walk.seen[0]))
    others = np.delete(start, row).mean()
    return StartPin(row, 1 if start[row] > others else -1)


def coords_of(fit: DynamicFit) -> dict[str, list[Any]]:
    """Return the labels of the dimensions of the model."""
    design = fit.encoded.design
    return {
        "member": list(map(str, fit.encoded.members)),
        "period": list(fit.periods),
        "gap": [f"{one} to {two}" for one, two in zip(fit.periods[:-1], fit.periods[1:], strict=True)],
        **list_coords(design.item, design.n_categories, fit.encoded.items),
    }
