"""Properties that all sampled fits share: diagnostics, draws, and additional ArviZ groups."""

from abc import abstractmethod
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.ideal.ascent import Ascent
from voteshift.ideal.fitted import caution_of_limits
from voteshift.ideal.fitted_votes import FittedVotes
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.objective import AnyLink, Priors
from voteshift.ideal.spec import IdealPoints
from voteshift.ideal.stated import Prior, item_priors, normal
from voteshift.posterior.diagnose import Diagnostics, diagnose
from voteshift.posterior.labels import made
from voteshift.prose import join_words
from voteshift.streams import Stream, start_stream
from voteshift.tables import Tabled

__all__ = ["Sampled"]

Floats = NDArray[np.float64]
_NEAR_LIMIT: Final = 0.98  # of a standard deviation, as a share of its upper limit


class Sampled(FittedVotes, Tabled):
    """Base class of sampled fits. A subclass is a frozen dataclass with the fields below."""

    model: Any
    mode: Ascent[Any]
    spec: IdealPoints
    tree: Any
    kept: ClassVar[tuple[str, ...]]
    """Variables that are kept if the model contains them."""

    @property
    def sampled(self) -> bool:
        """True, because the result consists of draws of the posterior."""
        return True

    @property
    def _coverage(self) -> float:
        return self.level

    def _for_paper(self) -> pd.DataFrame:
        """Return the positions with the labels of members."""
        table = self.tidy()
        return table.assign(member=table["member"].map(self.member_labels))

    @property
    def link(self) -> AnyLink:
        """Distribution of the noise."""
        link: AnyLink = self.model.link
        return link

    @property
    def level(self) -> float:
        """Coverage of the intervals."""
        return self.spec.level

    @property
    def prior_sds(self) -> Priors:
        """Prior standard deviations of the items in the specification."""
        priors: Priors = self.model.priors
        return priors

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors by parameter, as plain data. Two of them have estimated standard deviations."""
        gaps = bool((self.encoded.design.n_categories == 3).any())
        stated = replace(self.model.priors, item_means=self.spec.priors.item_means)
        priors = item_priors(stated, gaps=gaps, learned=True)
        return (
            priors
            if self._has_learned_midpoints
            else priors | {"midpoint": normal(0.0, self.prior_sds.midpoint)}
        )

    @property
    def _has_learned_midpoints(self) -> bool:
        """False if an earlier version, which fixed the standard deviation of midpoints, made the draws."""
        return "midpoint_sd" in self.tree["posterior"]

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """The worst R-hat, number of effective draws and divergences over all variables that are kept.

        With two dimensions, also over distances between members and angles between cutting lines.
        """
        posterior = self.tree["posterior"]
        draws = {name: posterior[name].to_numpy() for name in self.kept if name in posterior}
        draws |= self._in_any_axes()
        return diagnose(draws, int(self.tree["sample_stats"]["diverging"].sum()))

    def _in_any_axes(self) -> dict[str, Floats]:
        """Return draws of quantities that do not depend on the axes; empty with one dimension."""
        return {}

    @property
    def converged(self) -> bool:
        """True if all diagnostics are within their bounds, so that the draws may be used."""
        return self.diagnostics.usable

    @property
    def verdict(self) -> str:
        """Description of the diagnostics."""
        return self.diagnostics.words()

    @property
    def reached(self) -> dict[str, Any]:
        """Settings and diagnostics of the draws and of the mode where chains started, as plain data."""
        return {
            "method": "nuts",
            "objective": self.mode.objective,
            "gradient_norm": self.mode.gradient_norm,
            "iterations": self.mode.iterations,
            **made(self.tree, self.diagnostics),
        }

    def _caution_of_limits(self) -> list[str]:
        """Return a caution if the posterior of a prior standard deviation is close to its limit."""
        names = {"discriminations": "discrimination_sd", "midpoints": "midpoint_sd"}
        if not self._has_learned_midpoints:
            del names["midpoints"]
        medians = {
            parameter: float(np.median(self.flat(name), axis=0).max()) for parameter, name in names.items()
        }
        return caution_of_limits(medians, self.prior_sds, _NEAR_LIMIT)

    @property
    def n_draws(self) -> int:
        """Number of draws in all chains together."""
        sizes = self.tree["posterior"].sizes
        return int(sizes["chain"] * sizes["draw"])

    def flat(self, name: str) -> Floats:
        """Return the draws of one variable, one chain after the other, shape (n_draws, ...)."""
        values = self.tree["posterior"][name].to_numpy()
        return values.reshape(-1, *values.shape[2:])

    def cutpoints(self, chosen: NDArray[np.intp] | slice = slice(None)) -> Floats:
        """Return the draws of the cutpoints, shape (n_draws, n_items, 2).

        Parameters
        ----------
        chosen : ndarray of int, optional
            Selected draws: row numbers of `flat`. The default is all draws.

        An item with two categories has one cutpoint, which is returned twice.
        """
        middle = self.flat("midpoint")[chosen]
        half = np.zeros_like(middle)
        three = np.flatnonzero(self.encoded.design.n_categories == 3)
        if len(three):
            half[:, three] = 0.5 * np.exp(self.flat("log_gap")[chosen])
        return np.stack([middle - half, middle + half], axis=-1)

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> JointDraws:
        """Return joint draws of the positions and of the items of selected roll calls.

        Parameters
        ----------
        n_draws : int
            Number of draws. The draws kept are put in random order, and the first ``n_draws`` are returned.
            If ``n_draws`` is larger than the number of draws kept, this order is repeated.
        rollcalls : list of str
            Selected roll calls, which must be in the fit.
        seed : int
            Seed of the random order.
        """
        return self.picked(self.order(n_draws, seed), rollcalls)

    def order(self, n_draws: int, seed: int) -> NDArray[np.intp]:
        """Return the row numbers of `flat` that `draw` selects, shape (n_draws,)."""
        return np.resize(start_stream(seed, Stream.FIT).permutation(self.n_draws), n_draws)

    @abstractmethod
    def picked(self, chosen: NDArray[np.intp], rollcalls: list[str]) -> JointDraws:
        """Return selected draws of the positions and of the items of selected roll calls."""

    def with_log_likelihood(self, largest: float = 1.0) -> Self:
        """Add the group ``log_likelihood``: the log-probability of every vote cast, in every draw.

        Parameters
        ----------
        largest : float
            Largest permitted size of the group, in GiB.

        Returns
        -------
        The fit
            Its tree contains the group ``log_likelihood`` with the variable ``vote`` (chain, draw, cast).
            The dimension ``cast`` has the coordinates ``member`` and ``rollcall``. `arviz_stats.loo` accepts
            this tree.

        Raises
        ------
        UsageError
            If the group would be larger than ``largest``.
        """
        from voteshift.posterior.groups import log_likelihood_group

        return self._with(log_likelihood=log_likelihood_group(self, largest))

    def with_log_prior(self) -> Self:
        """Add the group ``log_prior``: the log density of the fixed priors, in every draw.

        Returns
        -------
        The fit
            Its tree contains the group ``log_prior`` with the variables ``log_gap`` (chain, draw,
            ordered_item), if a roll call has three categories, and ``common_step`` (chain, draw, gap), if
            positions are dynamic. `arviz_stats.psense` accepts a tree with this group and
            ``log_likelihood``.

        Raises
        ------
        NotUsableError
            If the model has neither.

        Notes
        -----
        The group leaves out the constant priors of static positions and of the estimated standard deviations.
        The group also leaves out priors whose standard deviation is estimated: the priors of discriminations
        and midpoints, of individual steps of members, and of absence. Raising these priors to a power would
        change the estimated standard deviations (Kallioinen, Paananen, Bürkner & Vehtari 2024, section 5).
        The half-normal prior of tau is left out as well.
        """
        from voteshift.posterior.groups import log_prior_group

        if not self.fixed_priors:
            raise NotUsableError(
                "this model has no prior with a fixed standard deviation: those of discriminations and "
                "midpoints are estimated",
                remedy="compare samples with other limits of these standard deviations",
            )
        return self._with(log_prior=log_prior_group(self))

    @property
    def fixed_priors(self) -> str:
        """Description of the parameters whose priors are in `with_log_prior`; empty if there are none."""
        posterior = self.tree["posterior"]
        named = [
            words
            for words, is_fixed in (
                ("midpoints", not self._has_learned_midpoints),
                ("gaps", "log_gap" in posterior),
                ("the step common to all members", "common_step" in posterior),
            )
            if is_fixed
        ]
        return join_words(named) if named else ""

    def log_priors(self) -> Floats:
        """Return the sum of the fixed log priors of `with_log_prior` in every draw, shape (n_draws,)."""
        from voteshift.posterior.groups import log_prior_group

        group = log_prior_group(self)
        sums = [group[name].to_numpy().reshape(self.n_draws, -1).sum(axis=1) for name in group]
        return np.asarray(np.sum(sums, axis=0))

    def with_posterior_predictive(self, *, votes: bool = False, seed: int = 0, largest: float = 1.0) -> Self:
        """Add the group ``posterior_predictive``: in every draw, a simulated vote for every vote cast.

        Parameters
        ----------
        votes : bool
            If True, the simulated votes are kept in addition to their tallies.
        seed : int
            Seed of the random numbers.
        largest : float
            Largest permitted size of the group, in GiB.

        Returns
        -------
        The fit
            Its tree contains the group ``posterior_predictive`` with the variable ``tally`` (chain, draw,
            rollcall, category). The variable ``tally`` of the group ``observed_data`` has the tallies on
            record. If ``votes`` is True, the group also has the variable ``vote`` (chain, draw, cast).
            A category that no member chose in a roll call is not simulated in this roll call.

        Raises
        ------
        UsageError
            If the group would be larger than ``largest``.
        """
        from voteshift.posterior.groups import posterior_predictive_group

        return self._with(posterior_predictive=posterior_predictive_group(self, votes, seed, largest))

    def _with(self, **groups: Any) -> Self:
        """Return this fit with additional groups in its tree."""
        import xarray as xr

        tree = self.tree.copy()
        for name, group in groups.items():
            tree[name] = xr.DataTree(group)
        return replace(self, tree=tree)  # type: ignore[type-var]
