"""Diagnostics of a sample: R-hat, effective draws and divergences, with their bounds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError

__all__ = ["ESS_LEAST", "RHAT_MOST", "Diagnostics", "check_signs", "diagnose"]

Floats = NDArray[np.float64]

RHAT_MOST = 1.01
"""Upper bound of split-rank R-hat (Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021)."""

ESS_LEAST = 400.0
"""Lower bound of the effective draws (bulk and tail) of all chains together (same article)."""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Worst diagnostics over all parameters of a sample.

    Attributes
    ----------
    rhat : float
        Largest R-hat. If R-hat cannot be computed, as with a single chain, this value is infinite and the
        sample is not usable.
    rhat_of : str
        The parameter with the largest R-hat.
    ess_bulk : float
        Smallest number of effective draws for the middle of the distribution.
    ess_tail : float
        Smallest number of effective draws for the tails, at the 5% and 95% quantiles.
    ess_of : str
        The parameter with the smallest number of effective draws, bulk or tail.
    divergences : int
        Number of divergent transitions.
    n_draws : int
        Number of draws in all chains together.
    """

    rhat: float
    rhat_of: str
    ess_bulk: float
    ess_tail: float
    ess_of: str
    divergences: int
    n_draws: int

    @property
    def usable(self) -> bool:
        """True if every diagnostic is within its bound."""
        return self.rhat <= RHAT_MOST and self.ess >= ESS_LEAST and not self.divergences

    @property
    def ess(self) -> float:
        """Smallest number of effective draws, bulk or tail."""
        return min(self.ess_bulk, self.ess_tail)

    def words(self) -> str:
        """Return a description of the worst diagnostics."""
        return (
            f"R-hat {self.rhat:.4f}, {self.ess:.0f} effective draws of {self.n_draws}, "
            f"{self.divergences} divergences"
        )

    def faults(self) -> tuple[str, ...]:
        """Return a description of each diagnostic out of bounds; empty if the sample is usable."""
        faults = []
        if not self.rhat <= RHAT_MOST:
            faults.append(f"R-hat is {self.rhat:.4f} for {self.rhat_of} (must be at most {RHAT_MOST})")
        if not self.ess >= ESS_LEAST:
            faults.append(
                f"{self.ess:.0f} effective draws for {self.ess_of} (must be at least {ESS_LEAST:.0f})"
            )
        if self.divergences:
            faults.append(f"{self.divergences} divergent transitions (must be 0)")
        return tuple(faults)


def diagnose(draws: dict[str, Floats], divergences: int) -> Diagnostics:
    """Compute the worst diagnostics over all elements of all variables.

    Parameters
    ----------
    draws : dict of str to ndarray, shape (n_chains, n_draws, ...)
        Draws of each variable.
    divergences : int
        Number of divergent transitions.
    """
    from voteshift.posterior.quiet import quiet

    with quiet():
        from arviz_stats.base import array_stats

    names, rhats, bulks, tails = [], [], [], []
    for name, values in draws.items():
        flat = values.reshape(*values.shape[:2], -1)
        if not flat.shape[2]:
            continue
        for column in range(flat.shape[2]):
            scalar = flat[..., column]
            names.append(name if values.ndim == 2 else f"{name}[{column}]")
            axes = {"chain_axis": 0, "draw_axis": 1}
            with np.errstate(invalid="ignore", divide="ignore"):  # a parameter that never moved
                rhats.append(float(array_stats.rhat(scalar, **axes)) if len(scalar) > 1 else np.nan)
                bulks.append(float(array_stats.ess(scalar, method="bulk", **axes)))
                tails.append(float(array_stats.ess(scalar, method="tail", prob=(0.05, 0.95), **axes)))
    # If the draws of a parameter are constant, R-hat is NaN. This counts as the worst value, not as missing.
    rhat = np.where(np.isnan(rhats), np.inf, rhats)
    bulk, tail = (np.where(np.isnan(ess), 0.0, ess) for ess in (bulks, tails))
    least = np.minimum(bulk, tail)
    first = next(iter(draws.values()))
    return Diagnostics(
        rhat=float(rhat.max()),
        rhat_of=names[int(rhat.argmax())],
        ess_bulk=float(bulk.min()),
        ess_tail=float(tail.min()),
        ess_of=names[int(least.argmin())],
        divergences=divergences,
        n_draws=int(first.shape[0] * first.shape[1]),
    )


def check_signs(positions: Floats) -> None:
    """Validate that no two chains are mirror images of each other.

    Parameters
    ----------
    positions : ndarray, shape (n_chains, n_draws, n_members)
        Draws of the positions.

    Raises
    ------
    NotUsableError
        If the vectors of mean positions of two chains have a negative inner product.
    """
    means = positions.mean(axis=1)
    alike = means @ means.T
    if (alike < 0).any():
        first, second = np.argwhere(alike < 0)[0] + 1
        raise NotUsableError(
            f"chains {first} and {second} are mirror images of each other, because the member that fixes the "
            "direction of the scale is too close to the middle",
            remedy="pass polarity= with a member at an end of the scale",
        )
