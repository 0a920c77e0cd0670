"""The sections of the model give its parts, and the reason where there are none."""

import voteshift as vs
from compose.reading import sentences, tables
from voteshift.compose.model import councils, parts, positions
from voteshift.shift.parts import ModelParts
from voteshift.writing import with_interval


def test_the_parts_are_those_of_the_step(found: vs.Findings) -> None:
    model = found.why.steps[0].model
    assert isinstance(model, ModelParts)
    table = next(table for table in tables(parts(found)) if table.caption.startswith("Parts of the change,"))
    for cells, row in zip(table.rows, model.rows.itertuples(), strict=True):
        assert cells[:2] == (row.component, row.category)
        assert cells[2] == with_interval(row.estimate, row.conf_low, row.conf_high)


def test_each_council_under_each_version(found: vs.Findings) -> None:
    (table,) = tables(councils(found))
    assert len(table.rows) == 9


def test_the_versions_stand_on_the_scale_with_the_unlikely_votes(found: vs.Findings) -> None:
    section = positions(found)
    assert len(tables(section)[0].rows) == 3
    assert any("had a probability below" in line for line in sentences(section))


def test_without_a_model_the_reason_is_given(without_model: vs.Findings) -> None:
    reason = without_model.why.steps[0].model
    assert f"No model was fitted for this step: {reason}." in sentences(parts(without_model))
    for section in (councils(without_model), positions(without_model)):
        assert sentences(section) == ["No model was fitted for these votes."]
