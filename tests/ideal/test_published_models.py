"""Published models: their specifications, and the errors of their names."""

from dataclasses import replace

import pytest

import voteshift as vs
from voteshift.ideal import Marginal, Mode, Published, published
from voteshift.ideal.published_models import PUBLISHED


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_model_states_its_reference_and_its_differences(name: str) -> None:
    model = published(name)
    authors, year = name.rsplit("-", 1)
    assert isinstance(model, Published)
    assert model.name == name
    assert f"({year})" in model.reference
    assert "https://doi.org/10." in model.reference
    assert all(author in model.reference.lower() for author in authors.split("-"))
    assert len(model.differences) >= 5
    assert not any(text.endswith(".") for text in model.differences)
    assert model.spec.link == "probit"


def test_numbers_of_the_publications_are_on_the_scale_of_a_fit() -> None:
    court = published("martin-quinn-2002").spec
    assert court.dynamics is not None
    assert isinstance(court.dynamics.tau, float)
    assert court.dynamics.tau**2 * 2.0**2 == pytest.approx(
        0.1
    )  # variance of a step where the scores have sd 2
    assert (court.priors.discrimination, court.priors.midpoint) == (2.0, 1.0)
    assert (court.dynamics.periods, court.dynamics.delta, court.method) == (
        "term",
        0.0,
        Marginal(learn=False),
    )
    senate = published("clinton-jackman-rivers-2004").spec
    assert senate.priors.discrimination**-2 == pytest.approx(0.04)
    assert (senate.dynamics, senate.method) == (None, Marginal(learn=False))
    assert published("imai-lo-olmsted-2016").spec.method == Mode()
    assembly = published("bailey-strezhnev-voeten-2017").spec.dynamics
    assert assembly is not None
    assert (assembly.periods, assembly.bridge, assembly.tau, assembly.delta) == (
        "session",
        "families",
        0.5,
        0.0,
    )


def test_a_model_fits_and_can_be_changed(record: vs.RollCalls) -> None:
    window = record.between("2016", "2018")
    fit = published("clinton-jackman-rivers-2004").spec.fit(window)
    assert fit.converged
    assert fit.reached["method"] == "marginal"
    spec = published("bailey-strezhnev-voeten-2017").spec
    moving = replace(spec, dynamics=replace(spec.dynamics, periods="year"), polarity="China").fit(window)
    assert moving.converged
    assert moving.periods == ("2016", "2017", "2018")
    assert moving.tidy().set_index("member").loc["CHN", "estimate"].mean() > 0


def test_an_unknown_name_comes_with_all_names() -> None:
    with pytest.raises(vs.UsageError, match="'nominate' is not the name of a published model") as caught:
        published("nominate")
    assert all(name in str(caught.value.remedy) for name in PUBLISHED)
