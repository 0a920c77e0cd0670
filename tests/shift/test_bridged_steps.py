"""Positions and resolution come apart where bridges span the gaps of the step itself."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.shift.parts import ModelParts


def chamber(bridges: dict[str, tuple[int, ...]], focal: tuple[int, ...]) -> vs.RollCalls:
    """Twenty members, 2001 to 2004; every title in `bridges` is voted in the years it names."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal(20)
    rows, votes = [], []
    titles = {f"On birds {k} of {year}": (year,) for k in range(8) for year in (1, 2, 3, 4)}
    for title, years in (titles | bridges | {"On fish": focal}).items():
        slope, cut = rng.normal(0, 1.5), rng.normal(0, 0.5)
        for k, year in enumerate(years):
            latent = slope * x + rng.logistic(size=20)
            votes.append((latent > cut - 0.8).astype(int) + (latent > cut + 0.8))
            rows.append({"date": f"200{year}-05-0{k + 1}", "title": title})
    ids = [f"r{k:03d}" for k in range(len(rows))]
    members = pd.DataFrame(index=[f"M{i:02d}" for i in range(20)])
    return vs.RollCalls(np.array(votes, dtype=np.int8).T, members, pd.DataFrame(rows, index=ids))


def components(record: vs.RollCalls) -> list[tuple[str, ...]]:
    found = vs.explain(
        record,
        "fish",
        model=vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")),
        draws=vs.Draws(100),
        member_effect=False,
    )
    return [step.model.components for step in found.steps if isinstance(step.model, ModelParts)]


APART, TOGETHER = ("membership", "positions", "resolution"), ("membership", "switching")


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
def test_a_gap_inside_the_step_matters_and_one_elsewhere_does_not() -> None:
    """Bridges over 2001 to 2003; none over 2003 to 2004."""
    record = chamber({"On trees": (1, 2), "On stones": (1, 3), "On rivers": (2, 3)}, focal=(1, 3, 4))
    assert components(record) == [APART, TOGETHER, TOGETHER]


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
def test_a_gap_before_the_step_does_not_matter() -> None:
    record = chamber({"On trees": (2, 3, 4)}, focal=(2, 4))
    assert components(record) == [APART]


@pytest.mark.filterwarnings("ignore::voteshift.BridgeWarning")
def test_the_open_gap_is_said_of_the_steps_that_cross_it() -> None:
    record = chamber({"On trees": (1, 2)}, focal=(1, 2, 3))
    first, second, whole = vs.explain(
        record,
        "fish",
        model=vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")),
        draws=vs.Draws(100),
        member_effect=False,
    ).steps
    assert isinstance(first.model, ModelParts)
    assert "At least 1 bridge (items assumed constant) spans each gap" in " ".join(first.model.notes)
    assert "cannot be distinguished" not in first.model.identified_by
    for step in (second, whole):
        assert isinstance(step.model, ModelParts)
        assert "No bridge spans the dates of this step" in step.model.identified_by


def test_two_votes_of_one_period_meet_the_same_positions() -> None:
    record = chamber({"On trees": (1, 2, 3, 4)}, focal=(1, 1, 2))
    found = vs.explain(
        record,
        "fish",
        model=vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")),
        draws=vs.Draws(100),
        member_effect=False,
    )
    assert [step.model.components for step in found.steps if isinstance(step.model, ModelParts)] == [
        TOGETHER,
        APART,
        APART,
    ]
    assert isinstance(found.steps[0].model, ModelParts)
    assert "Both dates are in one period" in found.steps[0].model.identified_by


def test_bridges_between_are_those_of_the_least_spanned_gap() -> None:
    record = chamber({"On trees": (1, 3), "On stones": (1, 2), "On rivers": (3, 4)}, focal=(1, 2, 4))
    fit = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", apart=("fish",))).fit(record)
    one, two, four = record.select(family="fish").rollcalls.index
    between = fit.bridges_between
    assert (between(one, two), between(two, four), between(one, four)) == (2, 1, 1)
    assert between(four, two) == 1
    assert between(one, one) is None
    with pytest.raises(vs.UsageError, match="not among the fitted roll calls"):
        between(one, "nothing")
    still = vs.IdealPoints().fit(record)
    assert still.bridges_between(one, four) is None
