"""The specification of an ideal-point model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import pandas as pd

from voteshift.errors import UsageError
from voteshift.ideal.covariates import encode_covariates, without_missing
from voteshift.ideal.dynamic.fit import fit_dynamic
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.spec import RandomWalk
from voteshift.ideal.encode import encode, voting
from voteshift.ideal.item_covariates import encode_item_covariates, without_gaps
from voteshift.ideal.learned import MARGINAL_TOLERANCE
from voteshift.ideal.links import as_link, need_standard
from voteshift.ideal.marginal import fit_marginal
from voteshift.ideal.methods import Marginal, Method, Mode, as_method
from voteshift.ideal.objective import AnyLink, Model, Priors
from voteshift.ideal.orient import label_members, orient, resolve_member
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spatial_marginal import fit_spatial_marginal, search_start
from voteshift.ideal.starts import highest_mode
from voteshift.ranges import check_count, check_level, check_number
from voteshift.rollcalls import RollCalls

__all__ = ["IdealPoints"]

_STARTS = 10  # in two dimensions and more
_MOST_DIMS = 10
_MOST = 10_000  # threads


@dataclass(frozen=True)
class IdealPoints:
    """An ordered-response model of roll calls, static or dynamic.

    For member i, roll call j and category c,

        P(y_ij <= c) = F(kappa_jc - x_i . beta_j),    F logistic or normal,

    where x_i is the position of the member, and beta_j and kappa_jc are the discrimination and the cutpoints
    of the roll call. Positions have mean 0 and covariance I over the fitted members. The model assumes that
    absence does not depend on positions. With two categories and the probit link, the model is the model of
    Clinton, Jackman & Rivers (2004, https://doi.org/10.1017/S0003055404001194).

    With `dynamics`, positions change from period to period; see `RandomWalk`.

    Parameters
    ----------
    link : {"logit", "probit"} or CustomLink
        Distribution of the noise: logit, probit, or a `voteshift.ideal.CustomLink`. A link that an installed
        package declares can be given by its name.
    dims : int
        Number of dimensions.
    priors : Priors
        Prior standard deviations of the items, on the latent scale. The noise on this scale has standard
        deviation 1.8 with the logit link and 1 with the probit link.
    polarity : str, optional
        The member on the positive side of the first dimension: an id, a name, or the first words of a name,
        such as a surname. The default is the polarity member of the record, if that member votes. Otherwise
        the side that votes yes more often is positive (positive mean discrimination).
    target : mapping of str to sequence of float, optional
        Coordinates of some members, named as in `polarity`. The space is rotated towards these coordinates
        (orthogonal Procrustes). By default, axes are ordered by the discrimination of the roll calls along
        each axis.
    dynamics : RandomWalk, optional
        The change of positions over periods, and the roll calls that share an item. With None, the default,
        positions do not change.
    method : {"mode", "marginal"}, Mode or Marginal, optional
        Method of estimation. "mode" is the joint mode of positions and items with the curvature there.
        "marginal" averages over the uncertainty of positions and items, and learns the prior standard
        deviations of the items. The posterior mean of a position can differ from the joint mode if few
        members vote on each roll call or positions change over time. The default is "marginal" if positions
        have covariates, or change over periods and ``dynamics.bridge`` is None; there the joint mode is wrong
        (`benchmarks/scale.py`). Otherwise, and for several dimensions and a `CustomLink`, it is "mode". In
        several dimensions, "marginal" estimates one standard deviation of discriminations per dimension.
    level : float
        Coverage of the intervals, 0.9 by default.
    tolerance : float
        Gradient norm at which a fit counts as converged. The gradient norm is the largest absolute element of
        the gradient, if every element is multiplied by the posterior standard deviation of its parameter
        given the other parameters. A marginal fit uses 0.001 if this number is smaller.
    threads : int, optional
        Number of threads that evaluate the votes; all cores by default. Results do not depend on this number.
    """

    link: AnyLink = "logit"
    dims: int = 1
    priors: Priors = field(default_factory=Priors)
    polarity: str | None = None
    target: Mapping[str, Sequence[float]] | None = None
    dynamics: RandomWalk | None = None
    method: Method | Literal["mode", "marginal"] | None = None
    level: float = 0.9
    tolerance: float = 1e-6
    threads: int | None = None

    def __post_init__(self) -> None:
        """Validate the arguments."""
        object.__setattr__(self, "link", as_link(self.link))
        check_count("dims", self.dims, most=_MOST_DIMS)
        if self.threads is not None:
            check_count("threads", self.threads, most=_MOST)
        priors: object = self.priors
        if not isinstance(priors, Priors):
            raise UsageError(
                f"priors is of type {type(priors).__name__}",
                remedy="pass Priors(...), for instance Priors(discrimination=2.0)",
            )
        check_number(
            "tolerance",
            self.tolerance,
            least=1e-300,
            most=0.01,
            what="a gradient norm",
        )
        check_level(self.level)
        if self.polarity is not None and self.target is not None:
            raise UsageError(
                "polarity= and target= both set the direction of the axes",
                remedy=("pass only one of the two arguments"),
            )
        object.__setattr__(self, "method", self._choose_method())
        if isinstance(self.method, Marginal):
            need_standard(self.link, "marginal fits")
        for name in ("positions", "item_means"):
            if getattr(self.priors, name) is not None and (self.dims != 1 or self.dynamics is not None):
                raise UsageError(
                    f"{name}= requires constant positions in one dimension",
                    remedy=f"leave out {name}= of the priors, or pass dims=1 and dynamics=None",
                )
        dynamics: object = self.dynamics
        if dynamics is None:
            return
        if not isinstance(dynamics, RandomWalk):
            raise UsageError(
                f"dynamics is of type {type(dynamics).__name__}",
                remedy="pass RandomWalk(...), for instance RandomWalk(bridge='families')",
            )
        for name, is_given in (
            ("dims", self.dims != 1),
            ("target", self.target is not None),
            ("starts", isinstance(self.method, Mode) and self.method.starts is not None),
        ):
            if is_given:
                raise UsageError(
                    f"{name}= cannot be combined with dynamics=: a dynamic model has one dimension and one "
                    "start",
                    remedy="leave out one of the two arguments",
                )

    def _choose_method(self) -> Method:
        """Return the method, or the default if none is given."""
        if self.method is not None:
            return as_method(self.method)
        dynamics: object = self.dynamics
        is_free = isinstance(dynamics, RandomWalk) and dynamics.bridge is None
        can_average = self.dims == 1 and isinstance(self.link, str)
        wants = is_free or self.priors.positions is not None or self.priors.item_means is not None
        return Marginal() if wants and can_average else Mode()

    def with_ids(self, rollcalls: RollCalls) -> "IdealPoints":
        """Return the specification with ids in place of the names of members in `polarity` and `target`.

        Parameters
        ----------
        rollcalls : RollCalls
            The record or any part of it.

        Raises
        ------
        InputError
            If fewer than three members voted, or no roll call is contested.
        UsageError
            If no member that votes has a name, or several members have it.
        """
        if self.polarity is None and self.target is None:
            return self
        voted = voting(rollcalls)
        return self._resolve(voted.members, voted.names)

    def _resolve(self, members: pd.Index, names: Sequence[str]) -> "IdealPoints":
        if self.polarity is not None:
            return replace(self, polarity=resolve_member(self.polarity, members, names))
        if self.target is not None:
            anchors = self.target.items()
            return replace(
                self, target={resolve_member(one, members, names): place for one, place in anchors}
            )
        return self

    def fit(
        self, rollcalls: RollCalls, *, progress: Callable[[int, float], None] | None = None
    ) -> IdealFit | DynamicFit:
        """Fit the model by the method of the specification.

        Parameters
        ----------
        rollcalls : RollCalls
            The record or any part of it. Unanimous roll calls are left out and listed in the result.
        progress : callable, optional
            Called with the iteration of the optimiser and the gradient norm.

        Returns
        -------
        IdealFit or DynamicFit
            A DynamicFit if the specification has `dynamics`, otherwise an IdealFit.

        Raises
        ------
        InputError
            If fewer than three members voted, no roll call is contested, or the roll calls cannot be divided
            into periods.
        UsageError
            If a member named in `polarity` or `target` casts no vote in these roll calls, or several members
            have this name. Also if there are
            too few members for the dimensions, or a bridge names a roll call or family that is not in the
            record.
        NotUsableError
            If tau is to be estimated and the votes do not identify it, or a covariate is constant.

        Warns
        -----
        BridgeWarning
            If no bridge spans a gap between periods.
        """
        if self.dynamics is not None:
            return fit_dynamic(rollcalls, self, progress=progress)
        covariates, of_items = self.priors.covariates, self.priors.item_covariates
        if isinstance(self.method, Mode) and (covariates is not None or of_items is not None):
            name, bias = ("item_means", "") if covariates is None else ("positions", " towards 0")
            raise UsageError(
                f"{name}= is given, but slopes are biased{bias} at the joint mode",
                remedy="pass method='marginal', or sample the posterior",
            )
        rollcalls, missing = without_missing(covariates, rollcalls)
        rollcalls, gaps = without_gaps(of_items, rollcalls)
        encoded = encode(rollcalls)
        if encoded.design.n_members < self.dims + 2:
            raise UsageError(
                f"{encoded.design.n_members} members are too few for {self.dims} "
                f"dimension{'' if self.dims == 1 else 's'}",
                remedy="widen the window or use fewer dimensions",
            )
        named = self._resolve(encoded.members, encoded.names)
        model = Model(encoded.design, self.priors, self.link, self.threads)
        tolerance = max(self.tolerance, MARGINAL_TOLERANCE)
        turn = partial(
            orient,
            members=encoded.members,
            polarity=named.polarity,
            default_polarity=rollcalls.polarity,
            target=named.target,
            labels=label_members(encoded.members, encoded.names),
        )
        if isinstance(self.method, Marginal) and self.dims > 1:
            start, falls = search_start(model, n_dims=self.dims, n_starts=_STARTS, progress=progress)
            fitted = fit_spatial_marginal(
                model, start, learn=self.method.learn, tolerance=tolerance, progress=progress
            )
            fitted, direction = fitted.oriented(turn)
            return IdealFit(
                encoded, fitted.model, fitted.mode, direction, self, falls=falls, learned=fitted.learned
            )
        mode, falls = highest_mode(
            model,
            n_dims=self.dims,
            n_starts=(isinstance(self.method, Mode) and self.method.starts)
            or (1 if self.dims == 1 else _STARTS),
            tolerance=self.tolerance,
            progress=progress,
        )
        point, direction = turn(mode.point)
        mode, learned = replace(mode, point=point), None
        if isinstance(self.method, Marginal):
            if covariates is not None:
                model = replace(model, regression=encode_covariates(covariates, rollcalls, encoded.members))
            if of_items is not None:
                model = replace(model, items=encode_item_covariates(of_items, rollcalls, encoded.rollcalls))
            model, mode, learned = fit_marginal(
                model, point, learn=self.method.learn, tolerance=tolerance, progress=progress
            )
        return IdealFit(
            encoded,
            model,
            mode,
            direction,
            self,
            falls=falls,
            learned=learned,
            without_covariates=missing,
            without_item_covariates=gaps,
        )
