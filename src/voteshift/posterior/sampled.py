"""Properties that sampled fits share: diagnostics with a verdict, draws, ArviZ's further groups."""

from abc import abstractmethod
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from voteshift.ideal.ascent import Ascent
from voteshift.ideal.fitted_votes import FittedVotes
from voteshift.ideal.laplace import JointDraws
from voteshift.ideal.objective import Link
from voteshift.ideal.spec import IdealPoints
from voteshift.ideal.stated import Prior, item_priors
from voteshift.notebook import Shown
from voteshift.posterior.diagnose import Diagnostics, diagnose
from voteshift.posterior.labels import made
from voteshift.streams import Stream, start_stream

__all__ = ["Sampled"]

Floats = NDArray[np.float64]


class Sampled(FittedVotes, Shown):
    """Draws of a posterior. A frozen dataclass below this has these fields."""

    model: Any
    mode: Ascent[Any]
    spec: IdealPoints
    tree: Any
    kept: ClassVar[tuple[str, ...]]
    """Variables that are kept, as far as a model has them."""

    @property
    def sampled(self) -> bool:
        """True: the answer is draws of the posterior."""
        return True

    @property
    def link(self) -> Link:
        """Distribution of the noise."""
        link: Link = self.model.link
        return link

    @property
    def level(self) -> float:
        """Coverage of the intervals."""
        return self.spec.level

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors by parameter, as plain data; the standard deviation of discriminations is learned."""
        gaps = bool((self.encoded.design.n_categories == 3).any())
        return item_priors(self.model.priors, gaps=gaps, learned=True)

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """R-hat, effective draws and divergences, the worst over all variables that are kept."""
        posterior = self.tree["posterior"]
        draws = {name: posterior[name].to_numpy() for name in self.kept if name in posterior}
        return diagnose(draws, int(self.tree["sample_stats"]["diverging"].sum()))

    @property
    def converged(self) -> bool:
        """True where the diagnostics allow the draws to be used."""
        return self.diagnostics.usable

    @property
    def verdict(self) -> str:
        """The diagnostics in words."""
        return self.diagnostics.words()

    @property
    def reached(self) -> dict[str, Any]:
        """Settings and diagnostics of the draws, as plain data, with the mode the chains started from."""
        return {
            "method": "nuts",
            "objective": self.mode.objective,
            "gradient_norm": self.mode.gradient_norm,
            "iterations": self.mode.iterations,
            **made(self.tree, self.diagnostics),
        }

    @property
    def n_draws(self) -> int:
        """Draws of all chains."""
        sizes = self.tree["posterior"].sizes
        return int(sizes["chain"] * sizes["draw"])

    def flat(self, name: str) -> Floats:
        """Return the draws of one variable, all chains after each other, shape (n_draws, ...)."""
        values = self.tree["posterior"][name].to_numpy()
        return values.reshape(-1, *values.shape[2:])

    def cutpoints(self, chosen: NDArray[np.intp] | slice = slice(None)) -> Floats:
        """Return the draws of the cutpoints, shape (n_draws, n_items, 2).

        Parameters
        ----------
        chosen : ndarray of int, optional
            Some draws of `flat`; all of them by default.

        With two categories the cutpoint stands in both places.
        """
        middle = self.flat("midpoint")[chosen]
        half = np.zeros_like(middle)
        three = np.flatnonzero(self.encoded.design.n_categories == 3)
        if len(three):
            half[:, three] = 0.5 * np.exp(self.flat("log_gap")[chosen])
        return np.stack([middle - half, middle + half], axis=-1)

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> JointDraws:
        """Return draws of the posterior: positions and the items of some roll calls, jointly.

        Parameters
        ----------
        n_draws : int
            Number of draws: the first of a random order of the draws kept, which repeats when it ends.
        rollcalls : list of str
            Roll calls of the fit.
        seed : int
            Of the random order.
        """
        return self.picked(self.order(n_draws, seed), rollcalls)

    def order(self, n_draws: int, seed: int) -> NDArray[np.intp]:
        """Return the rows of `flat` that `draw` returns, shape (n_draws,)."""
        return np.resize(start_stream(seed, Stream.FIT).permutation(self.n_draws), n_draws)

    @abstractmethod
    def picked(self, chosen: NDArray[np.intp], rollcalls: list[str]) -> JointDraws:
        """Return some draws of `flat`: positions and the items of some roll calls."""

    def with_log_likelihood(self, largest: float = 1.0) -> Self:
        """Add the group ``log_likelihood``: log P of every vote cast, in every draw.

        Parameters
        ----------
        largest : float
            GiB it may take.

        Returns
        -------
        The fit
            Its tree holds ``log_likelihood`` with ``vote`` (chain, draw, cast); ``cast`` has the coordinates
            ``member`` and ``rollcall``. `arviz_stats.loo` takes it.

        Raises
        ------
        UsageError
            If it would take more.
        """
        from voteshift.posterior.groups import log_likelihood_group

        return self._with(log_likelihood=log_likelihood_group(self, largest))

    def with_log_prior(self) -> Self:
        """Add the group ``log_prior``: log density of the priors that are fixed, in every draw.

        Returns
        -------
        The fit
            Its tree holds ``log_prior`` with ``midpoint`` (chain, draw, item), ``log_gap`` (chain, draw,
            ordered_item) and, in a dynamic model, ``common_step`` (chain, draw, gap). The standard
            deviation of discriminations has a constant prior, and so have static positions. Priors
            whose spread is learned are left out, of discriminations, of members' own steps and of absence:
            scaling their power would change what is learned (Kallioinen, Paananen, Bürkner & Vehtari 2024,
            section 5). That of tau, half-normal, is not scaled either. With ``log_likelihood``,
            `arviz_stats.psense` takes it.
        """
        from voteshift.posterior.groups import log_prior_group

        return self._with(log_prior=log_prior_group(self))

    @property
    def fixed_priors(self) -> str:
        """The parameters whose priors are in `with_log_prior`, in words."""
        moves = "common_step" in self.tree["posterior"]
        return "midpoints, gaps and the step common to all members" if moves else "midpoints and gaps"

    def log_priors(self) -> Floats:
        """Return the sum of the fixed log priors of `with_log_prior` in the draws of `flat`, (n_draws,)."""
        from voteshift.posterior.groups import log_prior_group

        group = log_prior_group(self)
        sums = [group[name].to_numpy().reshape(self.n_draws, -1).sum(axis=1) for name in group]
        return np.asarray(np.sum(sums, axis=0))

    def with_posterior_predictive(self, *, votes: bool = False, seed: int = 0, largest: float = 1.0) -> Self:
        """Add the group ``posterior_predictive``: votes drawn anew where votes were cast, in every draw.

        Parameters
        ----------
        votes : bool
            Keep the votes too, not only their tallies.
        seed : int
            Where the random numbers start.
        largest : float
            GiB it may take.

        Returns
        -------
        The fit
            Its tree holds ``posterior_predictive`` with ``tally`` (chain, draw, rollcall, category), which
            corresponds to that of ``observed_data``, and ``vote`` (chain, draw, cast) where asked for.
            Categories that nobody chose in a roll call are not drawn there.

        Raises
        ------
        UsageError
            If it would take more.
        """
        from voteshift.posterior.groups import posterior_predictive_group

        return self._with(posterior_predictive=posterior_predictive_group(self, votes, seed, largest))

    def _with(self, **groups: Any) -> Self:
        """Return this fit with groups put into its tree."""
        import xarray as xr

        tree = self.tree.copy()
        for name, group in groups.items():
            tree[name] = xr.DataTree(group)
        return replace(self, tree=tree)  # type: ignore[type-var]
