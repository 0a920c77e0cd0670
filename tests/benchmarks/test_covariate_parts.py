"""The simulated chambers with a covariate: a world is what it says, and the page quotes the file."""

import json

import numpy as np
import pytest

from voteshift.writing import number, signed


@pytest.fixture
def parts(benchmark_script):
    return benchmark_script("covariate_parts")


def test_a_world_is_checked(parts):
    record, traits, truth = parts.make_world("heavy", 2)
    old, new = (record.votes[:, -2 + version] >= 0 for version in (0, 1))
    assert (old.sum(), new.sum(), (old & new).sum()) == (60, 60, 36)
    trait = traits["trait"].to_numpy()
    assert trait[new & ~old].mean() > trait[old & ~new].mean()
    assert truth["positions"] == pytest.approx(truth["covariates"] + truth["rest"])
    table = parts.check("heavy", 2)
    assert set(table["source"]) == {"positions", "covariates", "rest"}
    summary = parts.summarise([table])
    assert summary["covariates"]["truth"] == pytest.approx(truth["covariates"], abs=0.01)
    assert all(row["coverage"] in (0.0, 100.0) for row in list(summary.values())[1:])


@pytest.mark.parametrize("kind", ["normal", "gumbel"])
def test_probabilities_are_those_of_drawn_votes(parts, kind):
    rng, item = np.random.default_rng(0), parts.VERSIONS[1]
    noise = rng.logistic(size=200_000)
    if kind == "gumbel":
        noise = np.sqrt(2) * (rng.gumbel(size=200_000) - np.euler_gamma)
        assert noise.var() == pytest.approx(np.pi**2 / 3, rel=0.02)
    for x in (-1.0, 0.3, 1.2):
        latent = item[0] * x + noise
        shares = np.bincount((latent > item[1]).astype(int) + (latent > item[2]), minlength=3) / len(latent)
        assert parts.probabilities(kind, np.array(x), item) == pytest.approx(shares, abs=0.006)


def test_the_page_quotes_the_stored_figures(root, parts):
    stored = json.loads((root / "benchmarks" / "covariate_parts.json").read_text(encoding="utf-8"))
    page = (root / "docs" / "covariates.md").read_text(encoding="utf-8")
    for kind in parts.KINDS:
        assert stored[kind]["worlds"] == 100
        cells = [f"`{kind}`"]
        for source in ("positions", "covariates"):
            row = stored[kind][source]
            cells.append(f"{number(row['truth'])}, {signed(row['error'], 1)}, {row['coverage']:.0f}")
        cells.append(f"{stored[kind]['rest']['coverage']:.0f}")
        assert f"| {' | '.join(cells)} |" in page
