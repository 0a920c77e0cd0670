"""Priors as plain data for JSON, and as text in the notation of the documentation."""

from collections.abc import Sequence
from math import exp
from typing import Any, Final

from voteshift.ideal.links import link_name
from voteshift.ideal.objective import AnyLink, Priors

__all__ = ["Prior", "half_normal", "item_priors", "model_words", "normal", "prior_words"]

#: ``distribution`` and its parameters; a parameter may itself have a distribution.
Prior = dict[str, Any]
_CALLED: Final = {
    "midpoint": "midpoint of the cutpoints",
    "log_gap": "log of the gap between cutpoints",
    "raw_tau": "raw_tau (individual step of a member in a year)",
}


def normal(mean: "float | Prior", sd: "float | Prior") -> Prior:
    """Return a normal prior."""
    mean, sd = (part if isinstance(part, dict) else float(part) for part in (mean, sd))
    return {"distribution": "normal", "mean": mean, "sd": sd}


def half_normal(sd: float) -> Prior:
    """Return a half-normal prior: the absolute value of a normal one with mean 0."""
    return {"distribution": "half-normal", "sd": float(sd)}


def item_priors(
    priors: Priors, *, gaps: bool = True, learned: bool = False, by_dimension: Sequence[float] = ()
) -> dict[str, Prior]:
    """Return the priors of the items, on the latent scale.

    Parameters
    ----------
    priors : Priors
        Standard deviations of the priors.
    gaps : bool
        True if an item has three categories, so that there are gaps between cutpoints.
    learned : bool
        True if the standard deviations of discriminations and midpoints are estimated, as in sampling. The
        values in `priors` are then their upper limits.
    by_dimension : sequence of float
        Standard deviations of the discriminations in each dimension, if they differ.
    """

    def spread(limit: float) -> float | Prior:
        return {"distribution": "uniform", "low": 0.0, "high": float(limit)} if learned else float(limit)

    covariates = priors.item_covariates
    mean = 0.0 if covariates is None else {"formula": covariates.formula}
    result = {
        f"discrimination {dimension}": normal(mean, sd) for dimension, sd in enumerate(by_dimension, start=1)
    } or {"discrimination": normal(mean, spread(priors.discrimination))}
    result["midpoint"] = normal(mean, spread(priors.midpoint))
    return result | {"log_gap": normal(0.0, priors.log_gap)} if gaps else result


def prior_words(prior: Prior, *, log: bool = False) -> str:
    """Write a prior in the notation of the documentation.

    Parameters
    ----------
    prior : dict
        From `normal`, `half_normal` or `item_priors`.
    log : bool
        True if the prior is for a logarithm. Its mean is then written as a logarithm.

    Examples
    --------
    >>> prior_words(normal(0, 5)), prior_words(normal(1.0986, 1), log=True)
    ('N(0, 5²)', 'N(log 3, 1²)')
    """
    sd = prior["sd"]
    if prior["distribution"] == "half-normal":
        return f"half-normal ({sd:g})"
    centre = prior["mean"]
    if isinstance(centre, dict):
        mean = f"linear in {centre['formula'].removeprefix('~').strip()}"
    else:
        mean = f"log {exp(centre):.3g}" if log else f"{centre:g}"
    if isinstance(sd, dict):
        return f"N({mean}, s²) with s uniform between {sd['low']:g} and {sd['high']:g}"
    return f"N({mean}, {sd:.3g}²)"


def model_words(link: AnyLink, dims: int, priors: dict[str, Prior]) -> str:
    """Write a model as one line for a citation: link, dimensions and priors.

    If there is no prior of the gap between cutpoints, every roll call has two categories.
    """
    binary = "log_gap" not in priors
    name = link_name(link)
    kind = f"{name} with two categories" if binary else f"ordered {name}"
    called = _CALLED | {"midpoint": "cutpoint"} if binary else _CALLED
    written = ", ".join(f"{called.get(name, name)} {prior_words(prior)}" for name, prior in priors.items())
    return f"{kind}, {dims} dimension{'' if dims == 1 else 's'}; priors: {written}"
