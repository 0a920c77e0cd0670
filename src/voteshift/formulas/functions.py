"""The functions and contrasts that a formula may call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from voteshift.errors import UsageError

__all__ = ["CONTRASTS", "REFUSED", "Function", "Functions", "collect_functions"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of columns that a formula may call.

    Attributes
    ----------
    call : callable
        The function. Its first argument is an expression of columns.
    parameters : tuple of str, optional
        Names of the other arguments, in order; None allows any arguments.
    limits : dict of str to int
        Largest values of the arguments that determine the number of columns.
    """

    call: Callable[..., Any]
    parameters: tuple[str, ...] | None = ()
    limits: Mapping[str, int] = field(default_factory=dict)


Functions = Mapping[str, Function]

#: Contrasts of C(), and the names of their arguments. Names in capitals come from patsy.
CONTRASTS: Final[Mapping[str, tuple[str, ...]]] = {
    "contr.treatment": ("base",),
    "contr.SAS": ("base",),
    "contr.sum": (),
    "contr.helmert": ("reverse", "scale"),
    "contr.diff": ("backward",),
    "contr.poly": ("scores",),
    "Treatment": ("reference",),
    "Sum": (),
    "Helmert": ("reverse", "scale"),
    "Diff": ("backward",),
    "Poly": ("scores",),
}
#: Functions of formulaic that a formula must not call, and the remedy.
REFUSED: Final[Mapping[str, str]] = {
    "lag": "rows of a panel are not one series: add a column of lagged values, or give lag= to the panel",
    "exp10": "in formulaic, exp10(x) is x to the power of 10: write {10 ** x}",
    "hashed": "hashed() merges levels at random: use C()",
    "Q": "write the name of the column between backticks",
}
_SPLINE: Final = ("df", "knots", "lower_bound", "upper_bound", "constraints", "extrapolation")
_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "C": ("contrasts", "levels", "spans_intercept"),
    "I": (),
    "log": (),
    "log2": (),
    "log10": (),
    "exp": (),
    "exp2": (),
    "center": (),
    "scale": ("center", "scale", "ddof"),
    "standardize": ("center", "rescale", "ddof"),
    "poly": ("degree", "raw"),
    "bs": ("df", "knots", "degree", "include_intercept", "lower_bound", "upper_bound", "extrapolation"),
    "cr": _SPLINE,
    "cs": _SPLINE,
    "cc": _SPLINE,
}
_LIMITS: Final[Mapping[str, Mapping[str, int]]] = {
    "poly": {"degree": 20},
    "bs": {"df": 50, "degree": 10},
    "cr": {"df": 50},
    "cs": {"df": 50},
    "cc": {"df": 50},
}


def collect_functions(more: Mapping[str, Callable[..., Any]] | None = None) -> dict[str, Function]:
    """Return the functions that a formula may call, by name.

    Parameters
    ----------
    more : mapping of str to callable, optional
        Your own functions, by name. The formula supplies the arguments.

    Raises
    ------
    UsageError
        If `more` is not a mapping of names to callables, or a name is already used or starts with an
        underscore.
    """
    from formulaic.transforms import TRANSFORMS

    functions = {
        name: Function(TRANSFORMS[name], parameters, _LIMITS.get(name, {}))
        for name, parameters in _PARAMETERS.items()
    }
    functions |= {"sqrt": Function(np.sqrt), "abs": Function(np.abs)}
    if more is None:
        return functions
    if not isinstance(more, Mapping):
        raise UsageError(
            f"functions is of type {type(more).__name__}",
            remedy='give a mapping of names to functions: Formula(text, {"double": double})',
        )
    taken = {*functions, *REFUSED, *CONTRASTS, "contr"}
    for name, call in more.items():
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
            raise UsageError(
                f"functions contains the name {name!r}, which is not allowed in formulas",
                remedy="use letters and digits only, and start with a letter",
            )
        if name in taken:
            raise UsageError(
                f"functions contains the name {name!r}, which already has a meaning in formulas",
                remedy="choose another name",
            )
        if not callable(call):
            raise UsageError(
                f"functions[{name!r}] is of type {type(call).__name__}",
                remedy="give a function; put values into a column of the panel",
            )
        functions[name] = Function(call, None)
    return functions


def find_contrasts() -> dict[str, Any]:
    """Return the contrasts by their names in a formula: ``contr``, ``Treatment``, ..."""
    from formulaic.transforms import TRANSFORMS

    names = [name.removeprefix("contr.") for name in CONTRASTS if name.startswith("contr.")]
    registry = TRANSFORMS["contr"]
    contr = SimpleNamespace(**{name: getattr(registry, name) for name in names})
    return {"contr": contr, **{name: TRANSFORMS[name] for name in CONTRASTS if "." not in name}}
