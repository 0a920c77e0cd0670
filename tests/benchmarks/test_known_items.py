"""Positions with known items: the mode of a path is a maximum, and the page quotes the file."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm


@pytest.fixture
def known(benchmark_script):
    return benchmark_script("known_items")


def test_the_path_is_the_maximum_of_its_posterior(known):
    rng = np.random.default_rng(0)
    period = np.repeat(np.arange(5), 8)
    slopes, midpoints = rng.normal(0, 1.5, 40), rng.normal(0, 0.7, 40)
    votes = np.where(rng.random(40) < 0.5, 1.0, -1.0)

    def minus_log_posterior(path):
        likelihood = norm.logcdf(votes * (slopes * path[period] - midpoints)).sum()
        steps = np.sum(np.diff(path) ** 2) / 0.3**2 + path[0] ** 2 / known.START_SD**2
        return 0.5 * steps - likelihood

    path, errors = known.find_path(votes, period, slopes, midpoints, 5, 0.3)
    found = minimize(minus_log_posterior, np.zeros(5), method="BFGS", options={"gtol": 1e-8})
    assert path == pytest.approx(found.x, abs=1e-5)
    h = 1e-3
    steps = h * np.eye(5)
    curvature = [
        [
            minus_log_posterior(path + a + b)
            - minus_log_posterior(path + a - b)
            - minus_log_posterior(path - a + b)
            + minus_log_posterior(path - a - b)
            for b in steps
        ]
        for a in steps
    ]
    expected = np.sqrt(np.diag(np.linalg.inv(np.array(curvature) / (4 * h**2))))
    assert errors == pytest.approx(expected, rel=1e-3)


def test_items_of_a_world_are_those_that_drew_the_votes(known):
    world = known.make_world("growing", 1)
    period = world.record.rollcalls["date"].dt.year.to_numpy() - 1960
    eta = world.positions[period] * world.discriminations[:, None] - world.midpoints[:, None]
    votes = world.record.votes.T
    cast = votes >= 0
    z = (votes[cast] == 2) - norm.cdf(eta[cast])
    assert z.mean() == pytest.approx(0, abs=4 * 0.5 / np.sqrt(cast.sum()))
    assert np.mean(z**2) == pytest.approx(np.mean(norm.cdf(eta[cast]) * norm.sf(eta[cast])), rel=0.03)


def test_the_page_quotes_the_stored_figures(root, known):
    stored = json.loads((root / "benchmarks" / "known_items.json").read_text(encoding="utf-8"))
    page = " ".join((root / "docs" / "dynamic.md").read_text(encoding="utf-8").split())
    assert all(row["worlds"] == 40 for row in stored.values())
    medians = {kind: row["r"]["median"] for kind, row in stored.items()}
    court = medians.pop("court")
    low, high = min(medians.values()), max(medians.values())
    assert f"the correlation is {court:.3f} in courts and {low:.3f} to {high:.3f} in assemblies" in page
