"""Checks of the arguments of public functions against their signatures."""

import types
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import wraps
from inspect import Parameter, signature
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

from voteshift.errors import UsageError

__all__ = ["checked"]

P = ParamSpec("P")
R = TypeVar("R")

_UNIONS: Final = (Union, types.UnionType)
_WORDS: Final = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "True or False",
    type(None): "None",
}
#: Smallest values, by the name that an argument has in every function.
_LEAST: Final = {
    "seed": 0,
    "n_draws": 1,
    "n_replicates": 0,
    "draws": 1,
    "tune": 0,
    "chains": 1,
    "cores": 1,
    "k": 2,
}
_REMEDIES: Final = {
    "RollCalls": "read a record with voteshift.read, or build one with RollCalls.from_long or from_wide",
    "Explanation": "give the result of voteshift.explain",
    "FittedModel": "give a fit, such as the result of IdealPoints().fit(record)",
    "FittedPositions": "give a fit, such as the result of IdealPoints().fit(record)",
    "IdealPoints": "give a specification such as voteshift.IdealPoints()",
    "Panel": "give the result of voteshift.panel",
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Check the arguments of a public function against its signature before it runs.

    The decorator checks classes, numbers, text and truth values, and that a callable can be called. The
    function itself checks arrays, data frames and the values allowed for a text. A seed must be 0 or more,
    and a level must be between 0 and 1. A count must not be below its smallest value.

    Raises
    ------
    UsageError
        Raised by the returned function. The message states the argument, its value and the allowed values.
    """
    form = signature(function)

    # A hint in quotes names a type that only a type checker imports. The function itself checks this
    # argument.
    hints = {name: hint for name, hint in function.__annotations__.items() if not isinstance(hint, str)}

    @wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in form.bind(*args, **kwargs).arguments.items():
            if name in hints and form.parameters[name].kind is not Parameter.VAR_KEYWORD:
                _check(name, value, hints[name])
        return function(*args, **kwargs)

    return door


def _check(name: str, value: object, hint: Any) -> None:
    if not _fits(value, hint):
        classes = [kind.__name__ for kind in _kinds(hint) if isinstance(kind, type)]
        wanted = _named(hint)
        raise UsageError(
            f"{name} is {_shown(value)}, not {wanted}",
            remedy=next((_REMEDIES[kind] for kind in classes if kind in _REMEDIES), f"give {wanted}"),
        )
    number: Any = value
    if not _is_number(value, Real):
        return
    if name in _LEAST and number < _LEAST[name]:
        raise UsageError(f"{name} is {value}", remedy=f"give {_LEAST[name]} or more")
    if name == "level" and not 0 < number < 1:
        raise UsageError(f"level is {value}, not between 0 and 1", remedy="give 0.9 for 90% intervals")


def _kinds(hint: Any) -> list[Any]:
    """Return the alternatives of a hint."""
    return (
        [kind for part in get_args(hint) for kind in _kinds(part)] if get_origin(hint) in _UNIONS else [hint]
    )


def _fits(value: object, hint: Any) -> bool:
    """Return whether a value has the type of a hint; True if the form of the hint is unknown."""
    return any(_is(value, kind) for kind in _kinds(hint))


def _is(value: object, kind: Any) -> bool:
    origin: Any = get_origin(kind) or kind
    if origin is Literal:
        # The function itself checks the choices, because it knows their meaning.
        return any(type(value) is type(choice) for choice in get_args(kind))
    if origin in _SIMPLE:
        return _SIMPLE[origin](value)
    if origin in (Sequence, Iterable, Collection):
        return _is_list(value, get_args(kind))
    if not isinstance(origin, type):
        return True
    home = origin.__module__.partition(".")[0]
    if home == "voteshift" and getattr(origin, "_is_protocol", False):
        names = {*dir(type(value)), *getattr(type(value), "__dataclass_fields__", ())}
        return {name for name in vars(origin) if not name.startswith("_")} <= names
    # Arrays and frames may be anything that becomes one.
    return (
        isinstance(value, origin)
        if home in ("builtins", "collections", "os", "pathlib", "voteshift")
        else True
    )


def _is_number(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and value == value  # noqa: PLR0124  NaN is none


def _is_list(value: object, inside: tuple[Any, ...]) -> bool:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return False
    # The elements of an iterator are not checked, because an iterator can be read only once.
    return not inside or not isinstance(value, Collection) or all(_fits(cell, inside[0]) for cell in value)


_SIMPLE: Final[dict[Any, Callable[[object], bool]]] = {
    int: lambda value: _is_number(value, Integral),
    float: lambda value: _is_number(value, Real),
    bool: lambda value: type(value).__name__ in ("bool", "bool_"),  # Python's and NumPy's
}


def _named(hint: Any) -> str:
    words: list[str] = []
    for kind in _kinds(hint):
        origin = get_origin(kind) or kind
        if origin is Literal:
            words += [repr(choice) for choice in get_args(kind)]
        elif origin in _WORDS:
            words.append(_WORDS[origin])
        elif origin in (Sequence, Iterable, Collection):
            words.append(f"a list of {' or '.join(_WORDS.get(inner, 'values') for inner in get_args(kind))}")
        elif origin is PathLike or origin is Path:
            words.append("a path")
        else:
            words.append(f"a {getattr(origin, '__name__', origin)}")
    return " or ".join(dict.fromkeys(words))


def _shown(value: object) -> str:
    """Return the text of a plain value, and the type of any other value."""
    if value is None or isinstance(value, (bool, int, float, str)):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    return f"a {type(value).__name__}"
