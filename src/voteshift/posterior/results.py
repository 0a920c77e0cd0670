"""A sampled ideal-point model, with labels and a verdict."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.encode import Encoded
from voteshift.ideal.fitted import Still
from voteshift.ideal.laplace import Draws
from voteshift.ideal.objective import Model
from voteshift.ideal.optimise import MapFit
from voteshift.posterior.absence import ABSENCE
from voteshift.posterior.diagnose import Diagnostics, diagnose

__all__ = ["SAMPLED", "PosteriorFit"]

Floats = NDArray[np.float64]

SAMPLED = ("position", "discrimination_sd", "discrimination", "midpoint", "log_gap", *ABSENCE)
"""Variables that are kept; `log_gap` only where an item has three categories."""


@dataclass(frozen=True, eq=False)
class PosteriorFit(Still):
    """Ideal points from draws of the posterior.

    It answers to what `IdealFit` answers to, so `explain(record, fit=...)` takes either.

    Attributes
    ----------
    encoded : Encoded
        The votes fitted and their labels.
    model : Model
        Votes, priors and link.
    mode : MapFit
        The mode the chains started from.
    direction : str
        What makes the positive end positive, in words.
    level : float
        Coverage of the intervals.
    tree : xarray.DataTree
        ArviZ's groups: ``posterior``, ``sample_stats``, ``observed_data``, ``constant_data`` and, where
        asked for, ``log_likelihood``, ``log_prior`` and ``posterior_predictive``. Dimensions are named chain,
        draw, member, dimension, item, ordered_item, rollcall, category and cast (the votes cast, one after
        the other).
    """

    encoded: Encoded
    model: Model
    mode: MapFit
    direction: str
    level: float
    tree: Any

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """R-hat, effective draws and divergences, the worst over all parameters."""
        posterior = self.tree["posterior"]
        draws = {name: posterior[name].to_numpy() for name in SAMPLED if name in posterior}
        return diagnose(draws, int(self.tree["sample_stats"]["diverging"].sum()))

    @property
    def converged(self) -> bool:
        """Whether the diagnostics allow the draws to be used."""
        return self.diagnostics.usable

    @property
    def verdict(self) -> str:
        """What the diagnostics say, in words."""
        found = self.diagnostics
        return (
            f"R-hat {found.rhat:.4f}, {min(found.ess_bulk, found.ess_tail):.0f} effective draws of "
            f"{found.n_draws}, {found.divergences} divergences"
        )

    @property
    def reached(self) -> dict[str, Any]:
        """How the draws were made, as plain data, with the mode the chains started from."""
        found, settings = self.diagnostics, self.tree["posterior"].attrs
        sizes = self.tree["posterior"].sizes
        return {
            "objective": self.mode.objective,
            "gradient_norm": self.mode.gradient_norm,
            "iterations": self.mode.iterations,
            "seconds": float(settings["seconds_sampling"]),
            "method": "nuts",
            "sampler": str(settings["sampler"]),
            "seed": int(settings["seed"]),
            "chains": int(sizes["chain"]),
            "draws": int(sizes["draw"]),
            "tune": int(settings["tune"]),
            "target_accept": float(settings["target_accept"]),
            "rhat": found.rhat if np.isfinite(found.rhat) else None,
            "ess": min(found.ess_bulk, found.ess_tail),
            "divergences": found.divergences,
        }

    @property
    def scale(self) -> str:
        """What fixes location and scale of the positions, in words."""
        return "in every draw positions have mean 0 and standard deviation 1 over the members of the fit"

    @property
    def identified_by(self) -> str:
        """What tells the movement of members from the change of what is voted on: nothing here."""
        said = "one position per member, held constant"
        absence = str(self.tree["posterior"].attrs["absence"])
        return said if absence == "ignorable" else f"{said} (absence depends on it: a {absence})"

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return int(self.tree["posterior"].sizes["dimension"])

    @property
    def n_draws(self) -> int:
        """Draws of all chains."""
        sizes = self.tree["posterior"].sizes
        return int(sizes["chain"] * sizes["draw"])

    def flat(self, name: str) -> Floats:
        """Return the draws of one variable, all chains after each other, shape (n_draws, ...)."""
        values = self.tree["posterior"][name].to_numpy()
        return values.reshape(-1, *values.shape[2:])

    def cutpoints(self, which: NDArray[np.intp] | slice = slice(None)) -> Floats:
        """Return the draws of the cutpoints, shape (n_draws, n_items, 2).

        Parameters
        ----------
        which : ndarray of int, optional
            Some draws of `flat`; all of them by default.

        With two categories the cutpoint stands in both places.
        """
        middle = self.flat("midpoint")[which]
        half = np.zeros_like(middle)
        three = np.flatnonzero(self.encoded.design.n_categories == 3)
        if len(three):
            half[:, three] = 0.5 * np.exp(self.flat("log_gap")[which])
        return np.stack([middle - half, middle + half], axis=-1)

    def tidy(self) -> pd.DataFrame:
        """Return one row per member and dimension.

        Returns
        -------
        DataFrame
            ``member``, ``dimension`` (from 1), ``estimate`` (posterior mean), ``std_error`` (posterior
            standard deviation), ``conf_low``, ``conf_high`` (quantiles) and ``n_votes``. Positions have mean
            0 and standard deviation 1 over these members in every draw.
        """
        draws = self.flat("position")
        n_members, n_dims = draws.shape[1:]
        low, high = np.quantile(draws, [(1 - self.level) / 2, (1 + self.level) / 2], axis=0)
        return pd.DataFrame(
            {
                "member": np.repeat(self.encoded.members.to_numpy(), n_dims),
                "dimension": np.tile(np.arange(1, n_dims + 1), n_members),
                "estimate": draws.mean(axis=0).ravel(),
                "std_error": draws.std(axis=0, ddof=1).ravel(),
                "conf_low": low.ravel(),
                "conf_high": high.ravel(),
                "n_votes": np.repeat(self.n_votes, n_dims),
            }
        )

    def items(self) -> pd.DataFrame:
        """Return one row per roll call and dimension: posterior means.

        Returns
        -------
        DataFrame
            ``rollcall``, ``dimension``, ``discrimination`` and the named cutpoints, NaN where a roll call
            has none.
        """
        return self.encoded.item_table(
            self.flat("discrimination").mean(axis=0), self.cutpoints().mean(axis=0)
        )

    def at_mode(self, rollcalls: list[str]) -> Draws:
        """Return the mode the chains started from as a single draw."""
        point, design = self.mode.point, self.encoded.design
        items = design.item[self.encoded.columns(rollcalls)]
        cuts = point.cutpoints(design.n_categories)[items]
        return Draws(point.positions[None], point.discriminations[items][None], cuts[None])

    def draw(self, n_draws: int, rollcalls: list[str], seed: int) -> Draws:
        """Return draws of the posterior: positions and the items of some roll calls, jointly.

        Parameters
        ----------
        n_draws : int
            How many; the first of a random order of the draws kept, which begins anew when it ends.
        rollcalls : list of str
            Roll calls of the fit.
        seed : int
            Of the random order.
        """
        return self.picked(self.order(n_draws, seed), rollcalls)

    def order(self, n_draws: int, seed: int) -> NDArray[np.intp]:
        """Return which draws of `flat` those of `draw` are, shape (n_draws,)."""
        return np.resize(np.random.default_rng(seed).permutation(self.n_draws), n_draws)

    def picked(self, which: NDArray[np.intp], rollcalls: list[str]) -> Draws:
        """Return some draws of `flat`: positions and the items of some roll calls.

        Parameters
        ----------
        which : ndarray of int
            Their places in `flat`.
        rollcalls : list of str
            Roll calls of the fit.
        """
        items = self.encoded.design.item[self.encoded.columns(rollcalls)]
        return Draws(
            self.flat("position")[which],
            self.flat("discrimination")[which][:, items],
            self.cutpoints(which)[:, items],
        )

    def with_log_likelihood(self, largest: float = 1.0) -> "PosteriorFit":
        """Add the group ``log_likelihood``: log P of every vote cast, in every draw.

        Parameters
        ----------
        largest : float
            GiB it may take.

        Returns
        -------
        PosteriorFit
            Its tree holds ``log_likelihood`` with ``vote`` (chain, draw, cast); ``cast`` has the coordinates
            ``member`` and ``rollcall``. `arviz_stats.loo` takes it.

        Raises
        ------
        UsageError
            If it would take more.
        """
        from voteshift.posterior.groups import log_likelihood_group

        return self._with(log_likelihood=log_likelihood_group(self, largest))

    def with_log_prior(self) -> "PosteriorFit":
        """Add the group ``log_prior``: log density of the priors that are fixed, in every draw.

        Returns
        -------
        PosteriorFit
            Its tree holds ``log_prior`` with ``midpoint`` (chain, draw, item) and ``log_gap`` (chain, draw,
            ordered_item). Positions and the standard deviation of discriminations have constant priors; that
            of discriminations given it is learned, and scaling its power would change what is learned
            (Kallioinen, Paananen, Bürkner & Vehtari 2024, section 5). With ``log_likelihood``,
            `arviz_stats.psense` takes it.
        """
        from voteshift.posterior.groups import log_prior_group

        return self._with(log_prior=log_prior_group(self))

    def log_priors(self) -> Floats:
        """Return the sum of the fixed log priors of `with_log_prior` in the draws of `flat`, (n_draws,)."""
        from voteshift.posterior.groups import log_prior_group

        group = log_prior_group(self)
        sums = [group[name].to_numpy().reshape(self.n_draws, -1).sum(axis=1) for name in group]
        return np.asarray(np.sum(sums, axis=0))

    def with_posterior_predictive(
        self, *, votes: bool = False, seed: int = 0, largest: float = 1.0
    ) -> "PosteriorFit":
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
        PosteriorFit
            Its tree holds ``posterior_predictive`` with ``tally`` (chain, draw, rollcall, category), which
            stands beside that of ``observed_data``, and ``vote`` (chain, draw, cast) where asked for.
            Categories that nobody chose in a roll call are not drawn there.

        Raises
        ------
        UsageError
            If it would take more.
        """
        from voteshift.posterior.groups import posterior_predictive_group

        return self._with(posterior_predictive=posterior_predictive_group(self, votes, seed, largest))

    def _with(self, **groups: Any) -> "PosteriorFit":
        """Return this fit with groups put into its tree."""
        import xarray as xr

        tree = self.tree.copy()
        for name, group in groups.items():
            tree[name] = xr.DataTree(group)
        return replace(self, tree=tree)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must be said beside the numbers: diagnostics out of bounds, and members with few votes."""
        said = [f"do not use these draws: {fault}" for fault in self.diagnostics.faults()]
        return tuple(said + self._placed_by_few("the answer leans on the priors"))

    def save(self, path: str | Path) -> None:
        """Write everything to one netCDF file, which `load_posterior` reads."""
        from voteshift.posterior.storage import save

        save(self, Path(path))

    def __repr__(self) -> str:
        """Say what was sampled and whether it can be used."""
        verdict = "usable" if self.converged else "NOT USABLE"
        n_members, n_rollcalls = len(self.encoded.members), len(self.encoded.rollcalls)
        return f"<PosteriorFit: {n_members} members, {n_rollcalls} roll calls, {verdict} ({self.verdict})>"
