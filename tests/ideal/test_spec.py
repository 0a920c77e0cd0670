from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.ideal import Mode


@pytest.fixture(scope="module")
def record() -> vs.RollCalls:
    return vs.load_hrc().between("2016", "2021")


@pytest.fixture(scope="module")
def fit(record: vs.RollCalls) -> vs.IdealFit:
    return vs.IdealPoints().fit(record)


def test_the_council_stands_as_everyone_knows(fit: vs.IdealFit) -> None:
    order = fit.tidy().sort_values("estimate")["member"].tolist()
    assert {"USA", "GBR", "AUS"} <= set(order[-8:])
    assert {"CHN", "VEN", "CUB", "RUS"} <= set(order[:5])


def test_tidy_has_a_row_and_an_interval_for_every_member(fit: vs.IdealFit) -> None:
    table = fit.tidy()
    assert len(table) == fit.encoded.design.n_members
    assert table.notna().all().all()
    assert (table["std_error"] > 0).all()
    assert ((table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])).all()
    assert table["estimate"].std(ddof=0) == pytest.approx(1)


def test_few_votes_widen_the_interval(record: vs.RollCalls) -> None:
    ids = record.contested().rollcalls.index
    votes = record.votes.copy()
    member = record.members.index.get_loc("DEU")
    cast = np.flatnonzero(votes[member] >= 0)
    votes[member, cast[3:]] = vs.Vote.NOT_MEMBER
    thinned = vs.RollCalls(
        votes,
        record.members,
        record.rollcalls.drop(columns=["yes", "no", "abstain"]),
        polarity="USA",
    )
    before = vs.IdealPoints().fit(record).tidy().set_index("member").loc["DEU"]
    after = vs.IdealPoints().fit(thinned).tidy().set_index("member").loc["DEU"]
    assert len(ids) > 0
    assert after["n_votes"] == 3
    assert after["std_error"] > 2 * before["std_error"]


def test_polarity_turns_the_scale_and_nothing_else(record: vs.RollCalls, fit: vs.IdealFit) -> None:
    turned = vs.IdealPoints(polarity="CHN").fit(record)
    assert "CHN" in turned.direction
    assert np.allclose(turned.tidy()["estimate"], -fit.tidy()["estimate"])
    assert np.allclose(turned.items()["discrimination"], -fit.items()["discrimination"])
    assert np.allclose(turned.tidy()["std_error"], fit.tidy()["std_error"])


def test_unknown_polarity_is_named(record: vs.RollCalls) -> None:
    with pytest.raises(vs.UsageError, match="XYZ"):
        vs.IdealPoints(polarity="XYZ").fit(record)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"dims": 0}, r"dims.* is .*give a whole number from 1 to 10"),
        ({"dims": 1.5}, r"dims.* is .*give a whole number from 1 to 10"),
        ({"threads": 0}, r"threads.* is .*give a whole number"),
        ({"tolerance": 0.0}, r"tolerance.* is .*give a number from"),
        ({"tolerance": float("nan")}, r"tolerance.* is .*give a number from"),
        ({"level": 1.0}, r"level.* is .*give a number"),
        ({"level": "high"}, r"level.* is .*give a number"),
        ({"dims": 10**6}, r"dims is 1000000 \(give a whole number from 1 to 10\)"),
        ({"tolerance": 1e300}, r"is 1e\+300 \(give a number from .* to 0.01\)"),
        ({"priors": {"discrimination": 2.0}}, r"priors is of type dict .*Priors\("),
        ({"polarity": "USA", "target": {"USA": (1.0,)}}, "polarity= and target= both"),
        ({"dynamics": "year"}, r"dynamics is of type str .*RandomWalk\("),
        ({"dynamics": vs.RandomWalk(), "dims": 2}, "dims= cannot be combined with dynamics="),
        ({"dynamics": vs.RandomWalk(), "target": {"USA": (1.0,)}}, "target= cannot be combined"),
        (
            {"dynamics": vs.RandomWalk(), "method": Mode(starts=2)},
            "starts= cannot be combined with dynamics=",
        ),
    ],
)
def test_what_is_no_model_is_refused_in_words(wrong: dict[str, object], match: str) -> None:
    with pytest.raises(vs.UsageError, match=match):
        vs.IdealPoints(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", [{"USA": (float("nan"),)}, {"USA": "east"}, {"USA": (1, 0)}, {"USA": 1}])
def test_a_target_that_fixes_no_axes_is_refused(record: vs.RollCalls, target: dict[str, object]) -> None:
    with pytest.raises(vs.UsageError, match="target= "):
        vs.IdealPoints(target=target).fit(record)  # type: ignore[arg-type]


@pytest.mark.parametrize("dynamics", [None, vs.RandomWalk(bridge="families")], ids=["static", "dynamic"])
def test_a_slip_in_a_name_is_refused_before_the_fit(
    record: vs.RollCalls, dynamics: vs.RandomWalk | None
) -> None:
    steps: list[int] = []
    with pytest.raises(vs.UsageError, match="did you mean USA"):
        vs.IdealPoints(polarity="usa", dynamics=dynamics).fit(
            record,
            progress=lambda step, norm: steps.append(step),  # noqa: ARG005
        )
    assert not steps


def test_without_a_polarity_the_side_that_says_yes_is_positive(record: vs.RollCalls) -> None:
    plain = vs.RollCalls(record.votes, record.members, record.rollcalls)
    found = vs.IdealPoints().fit(plain)
    assert found.items()["discrimination"].mean() > 0
    assert "yes more often" in found.direction


def test_a_roll_call_has_only_the_cutpoints_it_can_have(fit: vs.IdealFit, record: vs.RollCalls) -> None:
    items = fit.items().set_index("rollcall")
    tally = record.tally()
    for rollcall, row in items.iterrows():
        names = [name for name in ("no", "abstain", "yes") if tally.loc[rollcall, name]]
        wanted = {f"{low}|{high}" for low, high in pairwise(names)}
        assert set(row.drop(["discrimination", "dimension"]).dropna().index) == wanted


def test_repr_says_whether_it_converged(fit: vs.IdealFit) -> None:
    assert "converged (gradient norm" in repr(fit)
    assert "NOT CONVERGED" not in repr(fit)


def test_votes_of_one_direction_have_no_plane() -> None:
    votes = pd.DataFrame({"a": ["yes"] * 8 + ["no"], "b": ["yes"] * 9}, index=list("PQRSTUVWX"))
    record = vs.RollCalls.from_wide(votes)
    with pytest.raises(vs.NotUsableError, match="do not identify 2 dimensions"):
        vs.IdealPoints(dims=2).fit(record)


@pytest.mark.parametrize("name", ["periods", "items", "bridge", "apart", "tau", "delta"])
def test_what_is_dynamic_is_an_argument_of_the_random_walk_alone(name: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        vs.IdealPoints(**{name: "year"})  # type: ignore[arg-type]


def test_a_fit_remembers_its_specification(record: vs.RollCalls) -> None:
    spec = vs.IdealPoints(link="probit", polarity="CHN", level=0.8, tolerance=1e-5)
    fit = spec.fit(record)
    assert fit.spec is spec
    assert fit.level == 0.8
    again = fit.spec.fit(record)
    assert again.tidy().equals(fit.tidy())
