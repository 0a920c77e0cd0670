from itertools import combinations

import numpy as np
import pytest

from voteshift.plots.style import (
    COLOURS,
    HATCHES,
    MARKERS,
    ON,
    VOTE_ORDER,
    distinct,
    shorten,
    styled,
    text_inches,
)

# Machado, Oliveira & Fernandes (2009), severity 1, for linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ.sum(axis=1)


def linear(colour):
    value = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    share = XYZ @ np.clip(rgb, 0, 1) / WHITE
    root = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("kind", BLINDNESS)
def test_votes_stay_apart_for_the_colour_blind(kind):
    seen = {vote: lab(np.array(BLINDNESS[kind]) @ linear(colour)) for vote, colour in COLOURS.items()}
    for one, other in combinations(VOTE_ORDER, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 20, (kind, one, other)


def test_votes_stay_apart_in_grey():
    light = sorted(lab(linear(colour))[0] for colour in COLOURS.values())
    assert min(np.diff(light)) > 12


def test_letters_on_a_colour_can_be_read():
    """The contrast that WCAG asks of text."""
    for vote, colour in COLOURS.items():
        high, low = sorted((float(XYZ[1] @ linear(c)) for c in (colour, ON[vote])), reverse=True)
        assert (high + 0.05) / (low + 0.05) > 4.5, vote


def test_votes_differ_in_more_than_colour():
    assert len(set(MARKERS.values())) == len(VOTE_ORDER)
    assert HATCHES["no"] != HATCHES["yes"] == HATCHES["abstain"] != HATCHES["absent"] != HATCHES["no"]


def test_names_are_cut_at_a_word_and_stay_distinct():
    assert shorten("short", 10) == "short"
    assert shorten("mandate-independent-expert-on-debt", 28) == "mandate-independent-expert…"
    names = ["situation-in-the-occupied-north", "situation-in-the-occupied-south", "peace"]
    assert distinct(names, 20) == ["situation…pied-north", "situation…pied-south", "peace"]
    middle = ["a" * 30 + "x" + "b" * 30, "a" * 30 + "y" + "b" * 30]
    assert distinct(middle, 20) == middle


def test_width_of_a_text_grows_with_it():
    with styled():
        assert text_inches(" ", 8) == 0
        assert 0 < text_inches("IIII", 8) < text_inches("WWWW", 8) < text_inches("WWWW", 16)
