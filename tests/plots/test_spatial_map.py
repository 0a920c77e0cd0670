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


def test_on_a_cutting_line_a_vote_is_even_and_the_vector_points_to_yes(plane, trio):
    table = cutting_lines_table(plane, trio)
    assert list(dict.fromkeys(table["rollcall"])) == trio
    rng = np.random.default_rng(0)
    for row in table.itertuples(index=False):
        slope = np.array([row.first, row.second])
        foot = slope * row.cut / (slope @ slope)
        place = foot + rng.normal() * np.array([-slope[1], slope[0]])
        assert expit(place @ slope - row.cut) == pytest.approx(0.5)
        assert expit((place + slope) @ slope - row.cut) > 0.5
    items = plane.items()
    (first,) = items[(items["rollcall"] == trio[0]) & (items["dimension"] == 1)]["discrimination"]
    assert table["first"].iloc[0] == first


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
    assert named is None or said <= set(named)


def test_of_many_members_only_the_named_have_a_region(plane, window):
    ax = spatial_map(plane, window, named=["USA", "CHN"])
    assert len([artist for artist in ax.get_children() if isinstance(artist, Ellipse)]) == 2


def test_what_has_no_map_is_refused(plane, window):
    with pytest.raises(vs.UsageError, match="a map needs two dimensions"):
        spatial_map(vs.IdealPoints().fit(window), window)
    with pytest.raises(vs.UsageError, match="'none' is not a fitted roll call"):
        spatial_map(plane, window, ["none"])
    with pytest.raises(vs.UsageError, match="'XXX'"):
        spatial_map(plane, window, named=["XXX"])
