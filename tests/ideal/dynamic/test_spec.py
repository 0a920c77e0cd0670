"""The dynamic part of a specification: its defaults, its copies, and what it refuses."""

from dataclasses import replace

import pytest

import voteshift as vs


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"periods": ""}, r"periods is '' .*give 'year'"),
        ({"periods": 5}, r"periods is 5 .*give 'year'"),
        ({"bridge": "words"}, r"bridge is 'words' .*give 'families' or None"),
        ({"bridge": "families", "items": {}}, "items= and bridge= both define bridges"),
        ({"bridge": "families", "apart": "a-slug"}, r"write apart=\('a-slug',\)"),
        ({"bridge": "families", "apart": 3}, r"apart is 3, not a tuple"),
        ({"apart": ("a-slug",)}, "also pass bridge='families'"),
        ({"items": "r1"}, "'r1', which is not a pair"),
        ({"items": ["r1"]}, "'r1', which is not a pair"),
        ({"items": [("r1", "r2", "r3")]}, "not a pair"),
        ({"items": 3}, "3, which is not a pair"),
        ({"tau": 0.0}, r"tau.* is 0.0 .*give a number from 0.0001 to 1000"),
        ({"tau": 1e308}, r"tau.* is 1e\+308 .*give a number from 0.0001 to 1000"),
        ({"tau": float("nan")}, r"tau.* is nan .*give a number"),
        ({"tau": {"WEOG": float("nan")}}, r"tau.* is nan .*give a number"),
        ({"tau": "fast"}, r"tau is 'fast' .*'estimate'"),
        ({"delta": -1.0}, r"delta.* is -1.0 .*give 0 or a number"),
        ({"delta": float("inf")}, r"delta.* is inf .*give 0 or a number"),
        ({"delta": "none"}, r"delta.* is 'none' .*give 0 or a number"),
    ],
)
def test_arguments_out_of_range_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(vs.UsageError, match=message) as caught:
        vs.RandomWalk(**options)  # type: ignore[arg-type]
    assert len(str(caught.value).splitlines()) == 1


def test_periods_are_years_by_default_and_may_be_given_without_a_name() -> None:
    assert vs.RandomWalk() == vs.RandomWalk("year")
    assert vs.RandomWalk("session", tau=0.2).periods == "session"
    with pytest.raises(TypeError, match="positional"):
        vs.RandomWalk("year", "families")  # type: ignore[misc]


def test_collections_are_copied_and_can_be_read_again() -> None:
    tau, items = {"north": 0.1, "south": 1}, {"r1": "one", "r2": "one"}
    walk = vs.RandomWalk(items=items, tau=tau)
    tau["north"], items["r3"] = 0.5, "two"
    assert walk.tau == {"north": 0.1, "south": 1.0}
    assert walk.items == {"r1": "one", "r2": "one"}
    from_generator = vs.RandomWalk(items=(pair for pair in [("r1", "r2")]))
    assert from_generator.items == (("r1", "r2"),)
    assert replace(from_generator, delta=0.0).items == (("r1", "r2"),)
