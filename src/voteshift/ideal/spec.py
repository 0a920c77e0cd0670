"""What to fit: the specification of an ideal-point model."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from voteshift.errors import UsageError
from voteshift.ideal.encode import Encoded, encode
from voteshift.ideal.objective import Priors
from voteshift.ideal.optimise import MapFit, fit_map
from voteshift.ideal.results import IdealFit, mirrored
from voteshift.rollcalls import RollCalls

__all__ = ["IdealPoints"]


@dataclass(frozen=True)
class IdealPoints:
    """A static, one-dimensional ordered-logit model of roll calls.

    For member i, roll call j and category c,

        P(y_ij <= c) = F(kappa_jc - x_i beta_j),    F logistic,

    with positions x of mean 0 and standard deviation 1 over the members fitted. Absence is taken to be
    ignorable. With two categories this is the two-parameter model of Clinton, Jackman & Rivers (2004,
    https://doi.org/10.1017/S0003055404001194) with a logistic link.

    Parameters
    ----------
    priors : Priors
        Prior standard deviations of the items.
    polarity : str, optional
        The member that stands on the positive side. By default the record's own, where that member votes;
        else the side that says yes more often (positive mean discrimination).
    level : float
        Coverage of the intervals, 0.9 by default.
    tolerance : float
        Gradient norm, in posterior standard deviations, at which a fit counts as converged.
    """

    priors: Priors = field(default_factory=Priors)
    polarity: str | None = None
    level: float = 0.9
    tolerance: float = 1e-6

    def fit(self, rollcalls: RollCalls, *, progress: Callable[[int, float], None] | None = None) -> IdealFit:
        """Fit by maximum a posteriori.

        Parameters
        ----------
        rollcalls : RollCalls
            The record or any part of it; unanimous roll calls are left out and listed in the result.
        progress : callable, optional
            Called with iteration and gradient norm.

        Raises
        ------
        InputError
            If nothing is contested.
        UsageError
            If the polarity member casts no vote here.
        """
        encoded = encode(rollcalls)
        mode = fit_map(encoded.design, self.priors, tolerance=self.tolerance, progress=progress)
        negative, direction = self._orient(encoded, mode, rollcalls.polarity)
        if negative:
            mode = replace(mode, point=mirrored(mode))
        return IdealFit(encoded, self.priors, mode, direction, self.level)

    def _orient(self, encoded: Encoded, mode: MapFit, default: str | None) -> tuple[bool, str]:
        """Say whether the scale must be reversed, and why."""
        if self.polarity is not None and self.polarity not in encoded.members:
            raise UsageError(
                f"the polarity member {self.polarity!r} casts no vote in this window",
                id=self.polarity,
                remedy="name a member that does",
            )
        name = self.polarity or (default if default in encoded.members else None)
        if name is None:
            return bool(
                mode.point.discriminations.mean() < 0
            ), "the side that says yes more often is positive"
        at = encoded.members.get_loc(name)
        return bool(mode.point.positions[at, 0] < 0), f"{name} is on the positive side"
