"""The terms of a model: their names in code, and their labels in tables."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from voteshift.formulas.pieces import check_piece
from voteshift.logistic.design import Design
from voteshift.logistic.likelihoods import Family, Floats
from voteshift.logistic.names import TIMES, describe_level, name_column, name_levels
from voteshift.prose import join_words

__all__ = ["HasTerms", "Term", "label_columns", "name_terms"]

#: Functions of one number, and the words before the column.
_BEFORE: Final = {
    "log": "log of",
    "log2": "base-2 log of",
    "log10": "base-10 log of",
    "exp": "exponential of",
    "exp2": "2 to the power of",
    "sqrt": "square root of",
    "abs": "absolute value of",
}
#: Functions of one number, and the word behind the column.
_BEHIND: Final = {"center": "centred", "scale": "standardised", "standardize": "standardised"}
_SPLINES: Final = ("bs", "cr", "cs", "cc")
_TRENDS: Final = ("linear", "quadratic", "cubic")
_TIMES_SIGN: Final = " \N{MULTIPLICATION SIGN} "
_TOLERANCE: Final = 1e-9  # of the weights of a contrast
#: Order of the parts of an interaction: numbers, categories, times.
_NUMBER, _CATEGORY, _TIME = range(3)


@dataclass(frozen=True, slots=True)
class Term:
    """A parameter of a model.

    Attributes
    ----------
    name : str
        Name in code: the name that formulaic gives to the column of the design.
    label : str
        Name in tables: "2020 against 2018".
    constant : bool
        True for an intercept, a cutpoint or a standard deviation; False for the effect of a variable.
    """

    name: str
    label: str
    constant: bool = False


class HasTerms:
    """A result whose parameters are terms."""

    terms: tuple[Term, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters in code, such as ``C(rollcall)[T.29343]``."""
        return tuple(term.name for term in self.terms)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the parameters in tables, such as "2020 against 2018"."""
        return tuple(term.label for term in self.terms)


@dataclass(frozen=True, slots=True)
class _Factor:
    """Labels of the columns of a factor, and the position of the factor in an interaction.

    Attributes
    ----------
    columns : tuple of str
    place : int
    is_sum : bool
        True if the labels are arithmetic or a comparison and need brackets in a product.
    """

    columns: tuple[str, ...]
    place: int
    is_sum: bool = False


def name_terms(design: Design, family: Family) -> tuple[Term, ...]:
    """Return the terms of a model in the order of its parameters.

    Parameters
    ----------
    design : Design
    family : str
        See `voteshift.logistic.likelihoods.Likelihood`.

    Returns
    -------
    tuple of Term
        A multinomial model has all terms for each category, and the labels include the two categories that
        are compared. In an ordered model, the cutpoints come last.
    """
    columns = [
        Term(name, label, constant=name not in design.products)
        for name, label in zip(design.columns, label_columns(design), strict=True)
    ]
    if family == "binary":
        return tuple(columns)
    base, *others = design.categories
    if family == "multinomial":
        return tuple(
            Term(f"{category}: {term.name}", f"{category} against {base}: {term.label}", term.constant)
            for category in others
            for term in columns
        )
    cutpoints = zip(design.cutpoints, design.categories[:-1], others, strict=True)
    return (
        *columns,
        *(Term(name, f"cutpoint between {low} and {high}", constant=True) for name, low, high in cutpoints),
    )


def label_columns(design: Design) -> tuple[str, ...]:
    """Return the labels of the columns of a design.

    Parameters
    ----------
    design : Design

    Returns
    -------
    tuple of str
        The label of a contrast includes the reference level: "2020 against 2018". In an interaction, numbers
        come first and are joined by a multiplication sign. Contrasts follow. For example, "voice, 2020
        against 2018" is the effect of voice in 2020 minus its effect in 2018. Functions that have no
        description in words are written as in the formula. If two columns would have the same label, both
        columns keep their names in code.
    """
    factors = {
        (part.factor, part.reduced): _read_factor(design, part.factor, part.count, reduced=part.reduced)
        for product in design.products.values()
        for part in product.factors
    }
    labels = {}
    for name in design.columns:
        if name not in design.products:
            labels[name] = "intercept"
            continue
        product = design.products[name]
        parts = [(factors[part.factor, part.reduced], part.number) for part in product.factors]
        alone = len(parts) == 1 and product.scale == 1
        numbers = [
            f"({factor.columns[number]})" if factor.is_sum and not alone else factor.columns[number]
            for factor, number in parts
            if factor.place == _NUMBER
        ]
        if product.scale != 1:
            numbers.insert(0, f"{product.scale:g}")
        levels = [
            factor.columns[number]
            for place in (_CATEGORY, _TIME)
            for factor, number in parts
            if factor.place == place
        ]
        labels[name] = ", ".join([_TIMES_SIGN.join(numbers), *levels] if numbers else levels)
    texts = list(labels.values())
    return tuple(label if texts.count(label) == 1 else name for name, label in labels.items())


def _read_factor(design: Design, text: str, count: int, *, reduced: bool) -> _Factor:
    """Return the labels of the columns of a factor of the formula."""
    node = _parse(design, text)
    call = node if isinstance(node, ast.Call) else None
    inner = _unwrap(call.args[0]) if call and call.args else node
    states = {factor.expr: state for factor, state in design.spec.factor_contrasts.items()}
    if text in states:
        column = inner.id if isinstance(inner, ast.Name) else ast.unparse(inner)
        labels = _label_categories(design, column, states[text], reduced=reduced)
        return _Factor(labels, _TIME if column in TIMES else _CATEGORY)
    if count == 1:
        is_sum = isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare)
        return _Factor((_phrase(node) or ast.unparse(node),), _NUMBER, is_sum)
    function, phrase = _function(call), _phrase(inner)
    numbers = range(1, count + 1)
    if phrase and function == "poly":
        return _Factor(tuple(f"{phrase} (polynomial, degree {number})" for number in numbers), _NUMBER)
    written = f"{phrase} (spline, " if phrase and function in _SPLINES else f"{ast.unparse(node)} ("
    return _Factor(tuple(f"{written}{number} of {count})" for number in numbers), _NUMBER)


def _parse(design: Design, text: str) -> ast.expr:
    """Parse a factor, and return its code with the original names of its columns."""
    if text in design.frame.columns:
        return ast.Name(text)
    piece = check_piece(text, design.frame.columns, design.functions)
    node = ast.parse(piece.code, mode="eval").body
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            part.id = piece.columns.get(part.id, part.id)
    return _unwrap(node)


def _unwrap(node: ast.expr) -> ast.expr:
    """Return the expression inside I(), which only protects arithmetic."""
    return _unwrap(node.args[0]) if isinstance(node, ast.Call) and _function(node) == "I" else node


def _function(node: ast.expr | None) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _phrase(node: ast.expr) -> str | None:
    """Return an expression in words; None if the formula is clearer."""
    if isinstance(node, ast.Name):
        return name_column(node.id)
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return None
    function, inner = _function(node), node.args[0]
    phrase = _phrase(inner)
    if phrase is None:
        return None
    if function in _BEFORE and isinstance(inner, ast.Name):
        return f"{_BEFORE[function]} {phrase}"
    # "log of x (centred)" is center(log(x)); log(center(x)) stays as the formula has it.
    if function in _BEHIND and (isinstance(inner, ast.Name) or _function(inner) in _BEFORE):
        return f"{phrase} ({_BEHIND[function]})"
    return None


def _label_categories(design: Design, column: str, state: Any, *, reduced: bool) -> tuple[str, ...]:
    """Return the labels of the columns of a categorical factor: levels, or contrasts of levels."""
    from formulaic.transforms.contrasts import CustomContrasts, PolyContrasts, TreatmentContrasts

    contrasts, levels = state.contrasts, list(state.levels)
    names = dict(zip(levels, name_levels(design.frame, column, levels), strict=True))
    keys = list(contrasts.get_coding_column_names(levels, reduced_rank=reduced))
    if isinstance(contrasts, CustomContrasts):
        return tuple(f"{name_column(column)} (contrast {key})" for key in keys)
    if not reduced:
        return tuple(describe_level(column, names[key], contrast=False) for key in keys)
    if isinstance(contrasts, PolyContrasts):
        return tuple(f"{name_column(column)} ({_name_trend(degree)})" for degree in range(1, len(keys) + 1))
    if isinstance(contrasts, TreatmentContrasts):
        (base,) = set(levels) - set(keys)
        comparisons: list[str | None] = [f"{names[key]} against {names[base]}" for key in keys]
    else:
        weights = state.get_coefficient_matrix(reduced_rank=True).to_numpy()[1:]
        comparisons = [_describe_weights(row, list(names.values())) for row in weights]
    return tuple(
        describe_level(column, comparison, contrast=True)
        if comparison
        else f"{name_column(column)} (contrast {names[key]})"
        for comparison, key in zip(comparisons, keys, strict=True)
    )


def _name_trend(degree: int) -> str:
    return f"{_TRENDS[degree - 1]} trend" if degree <= len(_TRENDS) else f"trend of degree {degree}"


def _describe_weights(weights: Floats, names: Sequence[str]) -> str | None:
    """Return in words the contrast with these weights; None if it has no description in words."""
    above, below = np.flatnonzero(weights > _TOLERANCE), np.flatnonzero(weights < -_TOLERANCE)
    if len(above) != 1:
        return None
    first, others = names[int(above[0])], [names[index] for index in below.tolist()]
    if np.allclose(weights, np.eye(len(names))[above[0]] - 1 / len(names), atol=_TOLERANCE):
        return f"{first} against the mean of all levels"
    target = np.zeros(len(names))
    target[above], target[below] = 1.0, -1 / len(below)
    if not np.allclose(weights, target, atol=_TOLERANCE):
        return None
    return f"{first} against {others[0] if len(others) == 1 else f'the mean of {join_words(others)}'}"
