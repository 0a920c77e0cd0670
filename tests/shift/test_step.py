"""A step tells which models it has."""

import voteshift as vs
from shift.trio import V18, V20, modelled
from voteshift.shift.step import Step


def test_a_step_lists_the_models_it_has(why: vs.Explanation) -> None:
    step = why.steps[0]
    assert step.ends == (V18, V20)
    assert list(step.layers) == ["model", "model without member effects"]
    assert not step.separates
    bare = Step(V18, V20, step.account, vs.Unavailable("no reason"))
    assert bare.layers == {}
    assert not bare.separates
    assert list(Step(V18, V20, step.account, modelled(step)).layers) == ["model"]
