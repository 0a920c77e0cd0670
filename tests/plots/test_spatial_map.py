"""The map of two dimensions: its ellipses hold the draws, its lines are where votes are even."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from scipy.special import expit

import voteshift as vs
from plots.looking import faults
from voteshift.plots import cutting_lines_table, spatial_map, spatial_map_table
from voteshift.plots.spatial_map import _within

FAMILY = "mutually-beneficial-cooperation"


@pytest.fixture(scope="module")
def window(record):
    return record.between("2016", "2021")


@pytest.fixture(scope="module")
def plane(window):
    return vs.IdealPoints(dims=2).fit(window)


@pytest.fixture(scope="module")
def trio(window):
    return list(window.select(family=FAMILY).rollcalls.index)


def test_an_ellipse_holds_the_share_of_draws_that_it_says(plane, window):
    table = spatial_map_table(plane, window, n_draws=4000)
    drawn = plane.draw_positions(4000, 0).positions[:, 0]
    for number, row in enumerate(table.itertuples(index=False)):
        angle = np.radians(row.angle)
        apart = drawn[:, number, :2] - [row.first, row.second]
        along = apart @ [np.cos(angle), np.sin(angle)] / row.major
        across = apart @ [-np.sin(angle), np.cos(angle)] / row.minor
        assert abs((along**2 + across**2 <= 1).mean() - plane.level) < 0.03
        assert row.major >= row.minor
    assert list(table["label"]) == [plane.member_labels[name] for name in table["member"]]
    assert dict(zip(table["member"], table["group"], strict=True))["USA"] == "WEOG"


def test_on_a_cutting_line_a_vote_is_even_by_the_parameters_of_the_model(plane, trio):
    """From midpoints and gaps between cutpoints, not from the table of items that the lines are made of."""
    table = cutting_lines_table(plane, trio)
    assert list(dict.fromkeys(table["rollcall"])) == trio
    point, rows = plane.mode.point, list(plane.rollcall_ids)
    rng = np.random.default_rng(0)
    for row in table.itertuples(index=False):
        item = rows.index(row.rollcall)
        half = 0.5 * np.exp(point.log_gaps[item])
        kinds = plane.categories_of(row.rollcall)
        assert len(kinds) == 3
        cut = point.midpoints[item] + (-half if row.cutpoint == "no|abstain" else half)
        line = np.array([row.first, row.second])
        place = line * row.cut / (line @ line) + rng.normal() * np.array([-line[1], line[0]])
        eta = place @ (point.discriminations[item] * side_of(plane))
        assert expit(eta - cut) == pytest.approx(0.5, abs=1e-6)


def side_of(plane):
    """Signs of the reported axes: positions at the mode against those that are reported."""
    reported = plane.tidy().pivot(index="member", columns="dimension", values="estimate")
    at_mode = plane.mode.point.positions[[list(plane.member_ids).index(m) for m in reported.index]]
    return np.sign([np.corrcoef(reported[d + 1], at_mode[:, d])[0, 1] for d in range(2)])


def test_members_beyond_a_line_voted_so(plane, window, trio):
    where = spatial_map_table(plane, window).set_index("member")
    votes = window.select(rollcalls=trio)
    for row in cutting_lines_table(plane, trio).itertuples(index=False):
        cast = votes.votes[:, list(votes.rollcalls.index).index(row.rollcall)]
        members = [m for m, vote in zip(votes.members.index, cast, strict=True) if vote >= 0]
        beyond = where.loc[members, "first"] * row.first + where.loc[members, "second"] * row.second > row.cut
        above = cast[cast >= 0] > (0 if row.cutpoint == "no|abstain" else 1)
        # On the wrong side of the line the share would be one minus this.
        assert (beyond.to_numpy() == above).mean() > 0.75


@pytest.mark.parametrize(
    ("slope", "cut", "ends"),
    [
        ((1.0, 0.0), 0.5, [[0.5, -1.0], [0.5, 2.0]]),
        ((0.0, 2.0), 1.0, [[1.0, 0.5], [-1.0, 0.5]]),
        ((1.0, 1.0), 0.0, [[1.0, -1.0], [-1.0, 1.0]]),
        ((1.0, 0.0), 3.0, None),
        ((1.0, 1.0), 9.0, None),
        ((0.0, 0.0), 1.0, None),
    ],
)
def test_a_line_is_cut_to_the_map(slope, cut, ends):
    found = _within(np.array(slope), cut, np.array([[-1.0, 1.0], [-1.0, 2.0]]))
    if ends is None:
        assert found is None
    else:
        np.testing.assert_allclose(sorted(map(tuple, found)), sorted(map(tuple, ends)))


@pytest.mark.parametrize("inches", [3.5, 7.0])
@pytest.mark.parametrize("named", [None, ["USA", "CHN", "DEU", "BRA", "IND", "FRA", "GBR"]])
def test_texts_stay_on_the_paper_and_off_each_other(plane, window, trio, inches, named):
    figure = Figure(figsize=(inches, inches * 1.1), layout="constrained")
    ax = spatial_map(plane, window, trio, named=named, ax=figure.subplots())
    assert not faults(figure)
    low, high = (np.array(limits()) for limits in (ax.get_xlim, ax.get_ylim))
    extent = ax.get_window_extent()
    assert np.ptp(low) / extent.width == pytest.approx(np.ptp(high) / extent.height, rel=0.02)
    said = {text.get_text() for text in ax.texts} - {""}
    assert len(said) >= 5
    assert named is None or said == set(named)


def test_of_many_members_only_the_named_have_a_region(plane, window):
    ax = spatial_map(plane, window, named=["USA", "CHN"])
    assert len([artist for artist in ax.get_children() if isinstance(artist, Ellipse)]) == 2


def test_what_has_no_map_is_refused(plane, window):
    with pytest.raises(vs.UsageError, match="a map needs two dimensions"):
        spatial_map(vs.IdealPoints().fit(window), window)
    with pytest.raises(vs.UsageError, match="'none' is not a fitted roll call"):
        spatial_map(plane, window, ["none"])
    with pytest.raises(vs.UsageError, match="there is no room for the name of"):
        spatial_map(plane, window, named=plane.member_ids, ax=Figure(figsize=(2.5, 2.5)).subplots())
    with pytest.raises(vs.UsageError, match="'XXX'"):
        spatial_map(plane, window, named=["XXX"])
