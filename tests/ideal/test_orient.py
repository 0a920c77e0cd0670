import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from ideal.worlds import ordered_world
from voteshift.ideal.objective import Model, Point, Priors, log_posterior
from voteshift.ideal.optimise import fit_map
from voteshift.ideal.orient import orient, principal_axes, resolve_member, rotated, towards_target


def rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@pytest.fixture(scope="module")
def plane() -> tuple[Model, Point]:
    model = Model(ordered_world(1, 40, 80).design, Priors())
    mode = fit_map(model, n_dims=2)
    assert mode.converged
    return model, mode.point


def test_rotation_changes_nothing_that_was_fitted(plane: tuple[Model, Point]) -> None:
    model, point = plane
    turned = rotated(point, rotation(0.7))
    assert log_posterior(model, turned).value == pytest.approx(log_posterior(model, point).value, rel=1e-12)


def test_principal_axes_do_not_depend_on_the_axes_found(plane: tuple[Model, Point]) -> None:
    _, point = plane
    members = pd.Index([f"m{i}" for i in range(len(point.positions))])
    first, _ = orient(point, members, polarity="m3", default_polarity=None, target=None)
    second, _ = orient(
        rotated(point, rotation(1.1)), members, polarity="m3", default_polarity=None, target=None
    )
    assert np.allclose(first.positions, second.positions, atol=1e-8)
    strength = (first.discriminations**2).sum(axis=0)
    assert strength[0] > strength[1]
    assert (first.discriminations.T @ first.discriminations)[0, 1] == pytest.approx(0, abs=1e-8)
    assert first.positions[3, 0] > 0
    assert first.discriminations[:, 1].mean() > 0
    assert np.allclose(principal_axes(first) ** 2, np.eye(2), atol=1e-8)


def test_a_target_is_met_as_well_as_a_rotation_can(plane: tuple[Model, Point]) -> None:
    _, point = plane
    wanted = rotated(point, rotation(2.0)).positions
    members = pd.Index([f"m{i}" for i in range(len(wanted))])
    target = {f"m{i}": wanted[i] for i in (0, 5, 9)}
    turned, words = orient(point, members, polarity=None, default_polarity=None, target=target)
    assert np.allclose(turned.positions, wanted, atol=1e-8)
    assert "m0, m5, m9" in words
    assert np.allclose(towards_target(point.positions, wanted), rotation(2.0), atol=1e-8)


@pytest.mark.parametrize(
    "target", [{"GBR": (1.0,)}, {"GBR": (1.0, 0.0)}, {"GBR": (1.0, 0.0), "CHN": (-1.0, 0.0)}]
)
def test_a_target_that_fixes_no_axes_is_refused(target: dict[str, tuple[float, ...]]) -> None:
    with pytest.raises(vs.UsageError, match=r"target= does not determine the axes \(give 2 coordinates"):
        vs.IdealPoints(dims=2, target=target).fit(vs.load_hrc().between("2020", "2021"))


def test_a_target_naming_a_stranger_is_refused() -> None:
    with pytest.raises(vs.UsageError, match="ATL"):
        vs.IdealPoints(dims=2, target={"ATL": (1, 0), "CHN": (0, 1)}).fit(
            vs.load_hrc().between("2020", "2021")
        )


def test_a_member_that_is_not_there_comes_with_those_it_may_be() -> None:
    members = ["KENNEDY (D MA)", "KYL (R AZ)", "FRIST (R TN)"]
    record = vs.RollCalls.from_wide(
        pd.DataFrame({"1": ["yes", "no", "no"], "2": ["yes", "yes", "no"]}, index=members)
    )
    with pytest.raises(vs.UsageError, match="'Kennedy' casts no vote") as caught:
        vs.IdealPoints(polarity="Kennedy").fit(record)
    assert caught.value.remedy == "did you mean KENNEDY (D MA)?"
    with pytest.raises(vs.UsageError) as caught:
        vs.IdealPoints(polarity="FIRST (R TN)").fit(record)
    assert "FRIST (R TN)" in str(caught.value.remedy)
    with pytest.raises(vs.UsageError, match="choose from KENNEDY"):
        vs.IdealPoints(polarity="XXX").fit(record)


MEMBERS = pd.Index(["1", "2", "3", "4", "5"])
NAMES = ("KYL, Jon", "NELSON, Ben", "NELSON, Bill", "Congo", "Congo (Democratic Republic)")


@pytest.mark.parametrize(
    ("name", "id_"),
    [("3", "3"), ("KYL", "1"), ("kyl", "1"), ("Kyl, Jon", "1"), ("nelson, ben", "2"), ("Congo", "4")],
)
def test_a_member_is_named_by_id_name_or_surname(name: str, id_: str) -> None:
    assert resolve_member(name, MEMBERS, NAMES) == id_


def test_an_ambiguous_name_comes_with_the_candidates() -> None:
    with pytest.raises(vs.UsageError, match="2 members have the name 'NELSON'") as caught:
        resolve_member("NELSON", MEMBERS, NAMES)
    assert caught.value.remedy == "pass the id of one member: 2 (NELSON, Ben), 3 (NELSON, Bill)"


@pytest.mark.parametrize("name", ["KY", "Jon", "", " ", "KYLE"])
def test_a_part_of_a_word_is_not_a_name(name: str) -> None:
    with pytest.raises(vs.UsageError, match="casts no vote"):
        resolve_member(name, MEMBERS, NAMES)


def test_a_fit_is_turned_by_names() -> None:
    record = vs.simulate(12, 60, seed=3, categories=2).rollcalls
    frame = record.members.assign(name=[f"NAME{row}, First" for row in range(12)])
    frame.index = pd.Index([str(100 + row) for row in range(12)])
    named = vs.RollCalls(record.votes, frame, record.rollcalls)
    by_name, by_id = (vs.IdealPoints(polarity=member).fit(named) for member in ("name3", "103"))
    assert (by_name.tidy()["estimate"] == by_id.tidy()["estimate"]).all()
    assert by_name.direction == by_id.direction == "NAME3, First (103) is on the positive side"
    assert by_name.member_labels["104"] == "NAME4, First (104)"
    plane = vs.IdealPoints(dims=2, target={"NAME1": (1, 0), "NAME2": (0, 1)})
    assert plane.with_ids(named).target == {"101": (1, 0), "102": (0, 1)}
    assert "NAME1, First (101), NAME2, First (102)" in plane.fit(named).direction
