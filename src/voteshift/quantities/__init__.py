"""Quantities that a paper reports of ideal points, with intervals from joint draws of all positions."""

from voteshift.quantities.change import ChamberChange, explain_chamber
from voteshift.quantities.compute import (
    contrast,
    group_distance,
    group_means,
    median,
    pivot,
    ranks,
    spread,
)
from voteshift.quantities.loyalty import Loyalty, loyalty

__all__ = [
    "ChamberChange",
    "Loyalty",
    "contrast",
    "explain_chamber",
    "group_distance",
    "group_means",
    "loyalty",
    "median",
    "pivot",
    "ranks",
    "spread",
]
