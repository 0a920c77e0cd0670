from typing import Any

import pytest

import voteshift as vs
from voteshift.ideal import CustomLink, Marginal, Mode
from voteshift.ideal.methods import Method, as_method


@pytest.mark.parametrize(("name", "method"), [("mode", Mode()), ("marginal", Marginal())])
def test_a_name_stands_for_a_method_with_its_defaults(name: str, method: Method) -> None:
    assert as_method(name) == method  # type: ignore[arg-type]
    assert vs.IdealPoints(method=name).method == method  # type: ignore[arg-type]
    assert vs.IdealPoints(method=name) == vs.IdealPoints(method=method)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", [Mode(starts=3), Marginal(learn=False)])
def test_a_method_stays_what_it_is(method: Method) -> None:
    assert as_method(method) is method
    assert vs.IdealPoints(method=method).method is method


@pytest.mark.parametrize(
    ("arguments", "method"),
    [
        ({}, Mode()),
        ({"dims": 2}, Mode()),
        ({"dynamics": vs.RandomWalk("year")}, Marginal()),
        ({"dynamics": vs.RandomWalk("year", items={"a": "x", "b": "x"})}, Marginal()),
        ({"dynamics": vs.RandomWalk(bridge="families")}, Mode()),
        ({"priors": vs.Priors(positions="~ C(group)")}, Marginal()),
        ({"dynamics": vs.RandomWalk("year"), "method": "mode"}, Mode()),
        ({"method": "marginal"}, Marginal()),
    ],
)
def test_the_default_depends_on_what_is_estimated(arguments: dict[str, Any], method: Method) -> None:
    assert vs.IdealPoints(**arguments).method == method


def test_a_custom_link_is_fitted_at_the_mode() -> None:
    pt = pytest.importorskip("pytensor.tensor")
    link = CustomLink("logistic", lambda z: -pt.softplus(-z))
    assert vs.IdealPoints(link=link, dynamics=vs.RandomWalk("year")).method == Mode()


def test_the_arguments_of_the_methods_have_defaults() -> None:
    assert Mode().starts is None
    assert Marginal().learn


@pytest.mark.parametrize("wrong", ["map", "", "Mode", 3, Mode, {"starts": 2}])
def test_anything_else_is_refused_with_the_names(wrong: object) -> None:
    with pytest.raises(vs.UsageError, match=r"method is .*give 'mode' or 'marginal'"):
        as_method(wrong)  # type: ignore[arg-type]
    with pytest.raises(vs.UsageError, match=r"method is .*give 'mode' or 'marginal'") as caught:
        vs.IdealPoints(method=wrong)  # type: ignore[arg-type]
    assert repr(wrong) in str(caught.value)


@pytest.mark.parametrize("starts", [0, -1, 1.5, True, 10_001])
def test_a_number_of_starts_is_a_positive_whole_number(starts: object) -> None:
    with pytest.raises(vs.UsageError, match=r"starts.* is .*give a whole number from 1 to 10000"):
        Mode(starts=starts)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["marginal", Marginal(), Marginal(learn=False)])
def test_a_marginal_fit_has_any_number_of_dimensions_if_positions_are_constant(method: Method) -> None:
    assert vs.IdealPoints(dims=2, method=method).dims == 2
    with pytest.raises(vs.UsageError, match="dims= cannot be combined with dynamics="):
        vs.IdealPoints(dims=2, method=method, dynamics=vs.RandomWalk())


def test_dynamic_positions_have_one_start_and_either_method() -> None:
    with pytest.raises(vs.UsageError, match="starts= cannot be combined with dynamics="):
        vs.IdealPoints(dynamics=vs.RandomWalk(), method=Mode(starts=1))
    for method in ("mode", "marginal", Mode()):
        assert vs.IdealPoints(dynamics=vs.RandomWalk(), method=method).dynamics  # type: ignore[arg-type]


def test_starts_are_not_an_argument_of_the_specification() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'starts'"):
        vs.IdealPoints(starts=2)  # type: ignore[call-arg]
