"""Draws of the normal approximation in the clothes of a sampled fit, for what needs no sampler."""

import numpy as np

import voteshift as vs
from voteshift.posterior.labels import labelled
from voteshift.posterior.model import build_model
from voteshift.posterior.pins import pin_of
from voteshift.posterior.quiet import quiet
from voteshift.posterior.results import PosteriorFit
from voteshift.posterior.sampling import Chains
from voteshift.posterior.storage import data_groups


def stand_in(record: vs.RollCalls, n_draws: int = 500, seed: int = 0, **options) -> PosteriorFit:
    """Two chains of independent draws."""
    spec = vs.IdealPoints(**options)
    fit = spec.fit(record)
    drawn = fit.draw(2 * n_draws, list(map(str, fit.encoded.rollcalls)), seed)
    three = np.flatnonzero(fit.encoded.design.n_categories == 3)
    gaps = drawn.cutpoints[..., 1] - drawn.cutpoints[..., 0]
    values = {
        "position": drawn.positions,
        "discrimination_sd": drawn.discriminations.std(axis=(1, 2)),
        "midpoint_sd": drawn.cutpoints.mean(axis=2).std(axis=1),
        "discrimination": drawn.discriminations,
        "midpoint": drawn.cutpoints.mean(axis=-1),
    }
    if len(three):
        values["log_gap"] = np.log(gaps[:, three])
    chains = Chains(
        {name: value.reshape(2, n_draws, *value.shape[1:]) for name, value in values.items()},
        {"diverging": np.zeros((2, n_draws), dtype=bool)},
        "nutpie",
        0.0,
        0.0,
    )
    with quiet():
        model = build_model(fit, pin_of(fit, spec, record.polarity))
    settings = {"absence": "ignorable", "sampler": "nutpie", "seed": seed, "tune": 1, "target_accept": 0.8}
    settings |= {"seconds_compiling": 0.0, "seconds_sampling": 0.0}
    tree = labelled(chains, model.named_vars_to_dims, model.coords, settings, **data_groups(fit.encoded))
    return PosteriorFit(fit.encoded, fit.model, fit.mode, fit.direction, spec, tree)
