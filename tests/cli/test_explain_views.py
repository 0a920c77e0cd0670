import json
import re

import pytest
from click.testing import CliRunner

import voteshift as vs
from voteshift.cli.app import app
from voteshift.shift.parts import ModelParts
from voteshift.shift.wording import sentence


def test_draws_and_seed_reach_the_explanation() -> None:
    found = CliRunner().invoke(app, ["explain", "--draws", "150", "--seed", "3", "--json"])
    document = json.loads(found.stdout)
    assert (document["draws"], document["seed"]) == (150, 3)


def test_the_sentence_of_a_fall_turns_the_signs() -> None:
    model = vs.explain(vs.load_hrc(), "question-death-penalty", draws=vs.Draws(100)).steps[0].model
    assert isinstance(model, ModelParts)
    table = model.table.set_index(["component", "category"])["estimate"]
    said = sentence(model)
    assert said.startswith("Of the 3 fewer yes votes the model ascribes")
    for part in ("switching", "membership"):
        given = re.findall(rf"(\S+) \([^)]*\) to {part}", said)[0].replace("\N{MINUS SIGN}", "-")
        assert float(given) == pytest.approx(-table[part, "yes"], abs=0.051)
