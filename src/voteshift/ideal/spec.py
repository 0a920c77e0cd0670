"""What to fit: the specification of an ideal-point model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from voteshift.errors import UsageError
from voteshift.ideal.dynamic.fit import Items, Tau, check_tau, fit_moving
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.encode import encode
from voteshift.ideal.objective import Link, Model, Priors
from voteshift.ideal.orient import check_named, orient
from voteshift.ideal.results import IdealFit
from voteshift.ideal.starts import highest_mode
from voteshift.ranges import check_count, check_level, check_number
from voteshift.rollcalls import RollCalls

__all__ = ["IdealPoints"]

_STARTS = 10  # in two dimensions and more
_MOST_DIMS = 10
_MOST = 10_000  # starts, or threads


@dataclass(frozen=True)
class IdealPoints:
    """An ordered-response model of roll calls, static or dynamic.

    For member i, roll call j and category c,

        P(y_ij <= c) = F(kappa_jc - x_i . beta_j),    F logistic or normal,

    with positions x of mean 0 and covariance I over the members fitted. Absence is taken to be ignorable.
    With two categories and the probit link this is the model of Clinton, Jackman & Rivers (2004,
    https://doi.org/10.1017/S0003055404001194).

    With `periods`, positions move from period to period:

        x_it = x_i,t-1 + delta_t + e_it,    e_it ~ N(0, tau^2 years),    delta_t ~ N(0, delta^2 years),

    with a step delta_t common to all members (Martin & Quinn 2002, https://doi.org/10.1093/pan/10.2.134, and
    Bailey, Strezhnev & Voeten 2017, https://doi.org/10.1177/0022002715595700, without it). What members did
    together and what happened to the roll calls come apart only through roll calls that share an item.

    Parameters
    ----------
    link : {"logit", "probit"}
        Distribution of the noise.
    dims : int
        Number of dimensions.
    priors : Priors
        Prior standard deviations of the items, on the latent scale: in logits with logit, where the noise has
        standard deviation 1.8; with probit it has 1.
    polarity : str, optional
        The member that stands on the positive side of the first dimension. By default the record's own,
        where that member votes; else the side that says yes more often (positive mean discrimination).
    target : mapping of str to sequence of float, optional
        Coordinates of some members towards which the space is rotated (orthogonal Procrustes). By default
        axes are ordered by how much roll calls discriminate along them.
    periods : str, optional
        "year", "session", or a column of the roll calls; None, the default, holds positions constant.
    items : mapping of str to str, or iterable of pairs of str, optional
        Roll calls that share an item: a mapping from roll call to item, or pairs of roll calls with (nearly)
        the same text, joined in chains.
    bridge : {"families"}, optional
        Let the iterations of every repeated resolution share an item.
    apart : tuple of str
        Families (slugs) whose iterations keep items of their own under ``bridge="families"``: the one under
        study always should.
    tau : float, mapping of str to float, or "estimate"
        Standard deviation of a member's own step, per square root of a year, in standard deviations of
        positions about the common path: fixed (0.1 by default), by regional group, or from the marginal
        likelihood.
    delta : float
        Prior standard deviation of the common step, on the same scale; 1 by default. 0 declares that there
        is none.
    level : float
        Coverage of the intervals, 0.9 by default.
    tolerance : float
        Gradient norm, in posterior standard deviations, at which a fit counts as converged.
    starts : int, optional
        Places a fit begins from; the highest mode is kept, and the result says how many starts ended there.
        By default one in one dimension and ten in more, where the log posterior has several modes.
    threads : int, optional
        Threads of a pass over the votes; all cores by default. Results do not depend on it.
    """

    link: Link = "logit"
    dims: int = 1
    priors: Priors = field(default_factory=Priors)
    polarity: str | None = None
    target: Mapping[str, Sequence[float]] | None = None
    periods: str | None = None
    items: Items | None = None
    bridge: Literal["families"] | None = None
    apart: tuple[str, ...] = ()
    tau: Tau = 0.1
    delta: float = 1.0
    level: float = 0.9
    tolerance: float = 1e-6
    starts: int | None = None
    threads: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no model."""
        if self.link not in ("logit", "probit"):
            raise UsageError(f"the link is logit or probit, not {self.link!r}")
        check_count("dims", self.dims, most=_MOST_DIMS)
        for name, value in (("starts", self.starts), ("threads", self.threads)):
            if value is not None:
                check_count(name, value, most=_MOST)
        priors: object = self.priors
        if not isinstance(priors, Priors):
            raise UsageError("priors come as a Priors: priors=Priors(discrimination=2.0), for instance")
        check_number(
            "tolerance",
            self.tolerance,
            least=1e-300,
            most=0.01,
            what="a gradient norm in posterior standard deviations",
        )
        apart: object = self.apart  # a text is a sequence of texts, too
        if isinstance(apart, str):
            raise UsageError(f"apart is a tuple of slugs, not {apart!r}", remedy=f"write apart=({apart!r},)")
        check_level(self.level)
        if self.bridge not in (None, "families"):
            raise UsageError(f"bridge is 'families' or None, not {self.bridge!r}")
        check_number("delta", self.delta, least=1e-4, most=1e3, what="a standard deviation", or_zero=True)
        check_tau(self.tau)
        if self.polarity is not None and self.target is not None:
            raise UsageError("axes are turned by a member (polarity) or towards a target, not by both")
        if self.periods is None and (self.items is not None or self.bridge is not None):
            raise UsageError("bridges join periods", remedy="say which: periods='year', for instance")
        if self.periods is not None and not (self.dims == 1 and self.target is None and self.starts is None):
            raise UsageError(
                "positions that move have one dimension, turned by a member (polarity), and one start"
            )

    def fit(
        self, rollcalls: RollCalls, *, progress: Callable[[int, float], None] | None = None
    ) -> IdealFit | DynamicFit:
        """Fit by maximum a posteriori.

        Parameters
        ----------
        rollcalls : RollCalls
            The record or any part of it; unanimous roll calls are left out and listed in the result.
        progress : callable, optional
            Called with iteration and gradient norm.

        Returns
        -------
        IdealFit or DynamicFit
            The latter with `periods`.

        Raises
        ------
        InputError
            If nothing is contested, or the periods cannot be found.
        UsageError
            If a member named for sign or rotation casts no vote here, there are too few members for
            the dimensions, or a bridge names what is not in the record.
        NotUsableError
            If tau is to be estimated and the votes do not say.

        Warns
        -----
        BridgeWarning
            Where no bridge spans a gap between periods.
        """
        if self.periods is not None:
            return fit_moving(
                rollcalls,
                periods=self.periods,
                items=self.items,
                bridge=self.bridge,
                apart=self.apart,
                tau=self.tau,
                delta=self.delta,
                priors=self.priors,
                link=self.link,
                polarity=self.polarity,
                level=self.level,
                tolerance=self.tolerance,
                threads=self.threads,
                progress=progress,
            )
        encoded = encode(rollcalls)
        if encoded.design.n_members < self.dims + 2:
            raise UsageError(
                f"{encoded.design.n_members} members cannot be placed in {self.dims} "
                f"dimension{'' if self.dims == 1 else 's'}",
                remedy="widen the window, or fit fewer dimensions",
            )
        check_named(encoded.members, self.polarity, self.target)
        model = Model(encoded.design, self.priors, self.link, self.threads)
        mode, falls = highest_mode(
            model,
            n_dims=self.dims,
            n_starts=self.starts or (1 if self.dims == 1 else _STARTS),
            tolerance=self.tolerance,
            progress=progress,
        )
        point, direction = orient(
            mode.point,
            encoded.members,
            polarity=self.polarity,
            default_polarity=rollcalls.polarity,
            target=self.target,
        )
        return IdealFit(encoded, model, replace(mode, point=point), direction, self.level, falls=falls)
