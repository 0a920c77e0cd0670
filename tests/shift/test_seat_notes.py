"""A note where the parts depend on the means of member effects by seat history."""

from dataclasses import replace

import pytest

import voteshift as vs
from voteshift.shift.parts import ModelParts
from voteshift.shift.seat_notes import few_draws, seat_notes
from voteshift.writing import signed


def moved(parts: ModelParts, by: float) -> ModelParts:
    """Return the parts with some no votes moved from membership to switching."""
    table = parts.table.copy()
    for component, sign in (("membership", 1.0), ("switching", -1.0)):
        rows = (table["component"] == component) & (table["category"] == "no")
        table.loc[rows, "estimate"] += sign * by
    return replace(parts, table=table)


def test_the_number_of_draws() -> None:
    assert (few_draws(2000), few_draws(300)) == (400, 100)


def test_a_difference_of_more_than_a_vote_is_stated(why: vs.Explanation) -> None:
    model = why.steps[0].model
    assert isinstance(model, ModelParts)
    assert seat_notes(model, moved(model, 0.99)) == ()
    (note,) = seat_notes(model, moved(model, -1.5))
    table = model.table.set_index(["component", "category"])
    estimate = table.loc[("membership", "no"), "estimate"]
    assert f"no {signed(estimate - 1.5, 1)}" in note
    assert f"instead of {signed(estimate, 1)}" in note
    assert "yes" not in note


def test_the_comparison_has_one_mean(why: vs.Explanation) -> None:
    assert not isinstance(why.models, vs.Unavailable)
    one_mean = why.models.one_mean
    assert one_mean is not None
    assert one_mean.latent.positions.shape[-1] == 1
    main = why.models.main.latent
    assert main.positions.shape[-1] == 3
    assert main.persistence is not None
    assert len(one_mean.noise) == pytest.approx(max(100, len(why.models.main.noise) // 5))
