"""The fit at the mode from which sampling starts, and the member whose sign is fixed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.covariates import Regression, encode_covariates
from voteshift.ideal.item_covariates import ItemRegression, encode_item_covariates
from voteshift.ideal.methods import Marginal
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.posterior.labels import list_coords
from voteshift.rollcalls import RollCalls

__all__ = [
    "Pin",
    "coords_of",
    "item_regression_of",
    "pin_of",
    "regression_of",
    "start_at_mode",
    "static_fit",
]

_MOST_DIMS = 2
_CLEAR = 4.0
"""Distance from 0, in standard errors, from which the sign of a member's position is nearly certain."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The member whose sign is fixed, so that the direction of the scale is identified.

    Attributes
    ----------
    member : str
        Id of the member.
    side : {1, -1}
        Sign of the member's position: positive or negative.
    clear : bool
        True if the member's position at the mode is at least 4 standard errors from 0. The constraint on
        the sign then cuts off almost no part of the posterior.
    """

    member: str
    side: int
    clear: bool

    def words(self) -> str:
        """Return a description of the member and of its side of the scale."""
        return f"{self.member} is constrained to the {'positive' if self.side > 0 else 'negative'} side"


def pin_of(fit: IdealFit, spec: IdealPoints, default: str | None) -> Pin:
    """Choose the member whose sign is fixed.

    The function chooses the member that the specification names in ``polarity``. If the specification names
    no member, the function chooses the polarity member of the record, provided that the position of this
    member is at least 4 standard errors from 0. Otherwise the function chooses the member whose position is
    most standard errors from 0. The other half of the posterior is the mirror image of the sampled half and
    is not sampled.
    """
    positions = fit.mode.point.positions[:, 0]
    clearness = np.abs(positions) / fit.laplace.position_errors()[:, 0]
    rows = {str(name): row for row, name in enumerate(fit.encoded.members)}
    name = spec.polarity
    if name is None and default is not None and default in rows and clearness[rows[default]] >= _CLEAR:
        name = default
    if name is None:
        name = str(fit.encoded.members[int(np.argmax(clearness))])
    row = rows[name]
    return Pin(name, 1 if positions[row] > 0 else -1, bool(clearness[row] >= _CLEAR))


def start_at_mode(spec: IdealPoints) -> IdealPoints:
    """Return a specification that is fitted at the mode, where the chains start."""
    return replace(spec, method="mode") if isinstance(spec.method, Marginal) else spec


def regression_of(spec: IdealPoints, rollcalls: RollCalls, fit: IdealFit) -> Regression | None:
    """Return the prior of positions given the covariates of a specification; None without covariates."""
    covariates = spec.priors.covariates
    if covariates is None:
        return None
    return encode_covariates(covariates, rollcalls, fit.encoded.members)


def item_regression_of(spec: IdealPoints, rollcalls: RollCalls, fit: IdealFit) -> ItemRegression | None:
    """Return the prior of items given the covariates of a specification; None without covariates."""
    covariates = spec.priors.item_covariates
    if covariates is None:
        return None
    return encode_item_covariates(covariates, rollcalls, fit.encoded.rollcalls)


def static_fit(rollcalls: RollCalls, spec: IdealPoints) -> IdealFit:
    """Fit the mode of a specification with one or two dimensions and static positions."""
    if spec.dims > _MOST_DIMS:
        raise UsageError(
            f"dims is {spec.dims}, but sampling supports one or two dimensions",
            remedy="use dims=2, or fit the mode, which gives a normal approximation",
        )
    if spec.target is not None and spec.dims == 1:
        raise UsageError(
            "target= is for several dimensions, but the specification has one dimension",
            remedy="pass polarity= instead of target=, or pass dims=2",
        )
    # Chains start at the mode of the model without covariates.
    fit = replace(spec, priors=replace(spec.priors, positions=None, item_means=None)).fit(rollcalls)
    if not isinstance(fit, IdealFit):
        raise TypeError("the fit of a specification without dynamics= must be an IdealFit")
    if not fit.converged:
        raise NotUsableError(
            f"mode finding did not converge, so sampling cannot start ({fit.verdict})",
            remedy="use stronger item priors or a window with more roll calls",
        )
    return fit


def coords_of(fit: IdealFit) -> dict[str, list[Any]]:
    """Return the labels of the dimensions of the model."""
    design = fit.encoded.design
    coords = list_coords(design.item, design.n_categories, fit.encoded.rollcalls)
    return {"member": list(map(str, fit.encoded.members)), **coords}
