"""What to fit: the specification of an ideal-point model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from voteshift.errors import UsageError
from voteshift.ideal.encode import encode
from voteshift.ideal.objective import Link, Model, Priors
from voteshift.ideal.optimise import fit_map
from voteshift.ideal.orient import orient
from voteshift.ideal.results import IdealFit
from voteshift.rollcalls import RollCalls

__all__ = ["IdealPoints"]


@dataclass(frozen=True)
class IdealPoints:
    """A static ordered-response model of roll calls.

    For member i, roll call j and category c,

        P(y_ij <= c) = F(kappa_jc - x_i . beta_j),    F logistic or normal,

    with positions x of mean 0 and covariance I over the members fitted. Absence is taken to be ignorable.
    With two categories and the probit link this is the model of Clinton, Jackman & Rivers (2004,
    https://doi.org/10.1017/S0003055404001194).

    Parameters
    ----------
    link : {"logit", "probit"}
        Distribution of the noise.
    dims : int
        Number of dimensions.
    priors : Priors
        Prior standard deviations of the items, in units of the link's noise.
    polarity : str, optional
        The member that stands on the positive side of the first dimension. By default the record's own,
        where that member votes; else the side that says yes more often (positive mean discrimination).
    target : mapping of str to sequence of float, optional
        Coordinates of some members towards which the space is rotated (orthogonal Procrustes). By default
        axes are ordered by how much roll calls discriminate along them.
    level : float
        Coverage of the intervals, 0.9 by default.
    tolerance : float
        Gradient norm, in posterior standard deviations, at which a fit counts as converged.
    threads : int, optional
        Threads of a pass over the votes; all cores by default. Results do not depend on it.
    """

    link: Link = "logit"
    dims: int = 1
    priors: Priors = field(default_factory=Priors)
    polarity: str | None = None
    target: Mapping[str, Sequence[float]] | None = None
    level: float = 0.9
    tolerance: float = 1e-6
    threads: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no model."""
        if self.link not in ("logit", "probit"):
            raise UsageError(f"the link is logit or probit, not {self.link!r}")
        if self.dims < 1:
            raise UsageError("an ideal-point model has at least one dimension")
        if not 0 < self.level < 1:
            raise UsageError("level must lie between 0 and 1")

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
            If a member named for sign or rotation casts no vote here, or there are too few members for
            the dimensions.
        """
        encoded = encode(rollcalls)
        if encoded.design.n_members < self.dims + 2:
            raise UsageError(f"{encoded.design.n_members} members cannot be placed in {self.dims} dimensions")
        model = Model(encoded.design, self.priors, self.link, self.threads)
        mode = fit_map(model, n_dims=self.dims, tolerance=self.tolerance, progress=progress)
        point, direction = orient(
            mode.point,
            encoded.members,
            polarity=self.polarity,
            default_polarity=rollcalls.polarity,
            target=self.target,
        )
        return IdealFit(encoded, model, replace(mode, point=point), direction, self.level)
