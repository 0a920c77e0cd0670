"""Power-scaling sensitivity, held to ArviZ and to a case with a known answer."""

import numpy as np
import pytest

from voteshift.posterior.power_scaling import SENSITIVE, power_sensitivity
from voteshift.posterior.quiet import quiet


def normal_posterior(prior_sd):
    """Draws of a mean with prior N(0, sd), ten observations about 3 and unit noise."""
    rng = np.random.default_rng(2)
    precision = 10 + prior_sd**-2
    draws = rng.normal(30 / precision, precision**-0.5, 4000)
    return draws, -0.5 * (draws / prior_sd) ** 2, -0.5 * 10 * (draws - 3) ** 2


def test_it_is_what_arviz_says():
    with quiet():
        import arviz_stats
        import xarray as xr
    draws, log_prior, log_likelihood = normal_posterior(0.5)
    groups = {
        "posterior": {"x": draws},
        "log_prior": {"x": log_prior},
        "log_likelihood": {"y": log_likelihood},
    }
    tree = xr.DataTree.from_dict(
        {
            name: xr.Dataset(
                {key: (("chain", "draw"), value[None]) for key, value in group.items()},
                {"chain": [0], "draw": np.arange(4000)},
            )
            for name, group in groups.items()
        }
    )
    for group, density in (("prior", log_prior), ("likelihood", log_likelihood)):
        theirs = float(np.asarray(arviz_stats.psense(tree, group=group)["x"]))
        assert power_sensitivity(draws[None], density)[0] == pytest.approx(theirs, rel=1e-9)


def test_strong_priors_are_seen_and_weak_ones_are_not():
    for sd, sensitive in ((0.5, True), (50.0, False)):
        draws, log_prior, log_likelihood = normal_posterior(sd)
        assert bool(power_sensitivity(draws[None], log_prior)[0] >= SENSITIVE) is sensitive
        assert power_sensitivity(draws[None], log_likelihood)[0] >= SENSITIVE


def test_what_never_moves_is_not_sensitive():
    _, log_prior, _ = normal_posterior(0.5)
    assert power_sensitivity(np.full((1, 4000), 2.0), log_prior).tolist() == [0.0]
