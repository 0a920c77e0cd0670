"""Read a formula: check its pieces and the size of its expansion before anything is computed."""

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from math import comb
from typing import Any, Final

from voteshift.errors import UsageError, did_you_mean
from voteshift.formulas.functions import Functions
from voteshift.formulas.pieces import Piece, check_piece, shorten

__all__ = ["ReadFormula", "read_formula"]

_LONGEST: Final = 5_000  # characters
_LONGEST_NUMBER: Final = 30
_LARGEST_POWER: Final = 10
_MOST_TERMS: Final = 500
_MOST_PRODUCTS: Final = 5_000
_MOST_FACTORS: Final = 6  # of one term
_EXAMPLE: Final = "write a formula such as yes ~ C(rollcall) * voice"


@dataclass(frozen=True, slots=True)
class ReadFormula:
    """A formula that has passed the check.

    Attributes
    ----------
    outcome : str
        The column on the left of ``~``.
    right : formulaic.Formula
        The terms on the right of ``~``.
    variables : tuple of str
        Columns on the right of ``~``, in alphabetical order.
    numeric : frozenset of str
        Columns that are used in arithmetic or in a function of numbers.
    categorical : frozenset of str
        Columns that occur only inside C().
    """

    outcome: str
    right: Any
    variables: tuple[str, ...]
    numeric: frozenset[str]
    categorical: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Size:
    """Upper bounds on the expansion of a part: terms, factors of the largest term, names of factors."""

    terms: int
    factors: int
    names: frozenset[str]


def read_formula(formula: str, columns: Collection[str], functions: Functions) -> ReadFormula:
    """Check a formula and parse it.

    Parameters
    ----------
    formula : str
        Wilkinson notation with formulaic's operators: ``"yes ~ C(rollcall) * voice + log(gdp)"``.
    columns : collection of str
        Names of the columns that the formula may use. ``.`` means all columns except the outcome.
    functions : mapping of str to Function
        Functions that the formula may call.

    Raises
    ------
    UsageError
        If the formula is not text, is too long, expands to too many terms, contains names other than columns
        and `functions`, or cannot be read.

    Notes
    -----
    formulaic evaluates pieces of a formula as Python code, and evaluates some pieces while it parses the
    formula. Every piece is therefore checked by `check_piece` first.
    """
    if not isinstance(formula, str):
        raise UsageError(f"formula is of type {type(formula).__name__}", remedy=f"give a text: {_EXAMPLE}")
    if len(formula) > _LONGEST:
        raise UsageError(
            f"the formula has {len(formula)} characters", remedy=f"use at most {_LONGEST} characters"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = _check_tokens(formula, columns, functions)
        right = _parse(formula, columns)
    variables: set[str] = set()
    numeric: set[str] = set()
    elsewhere: set[str] = set()
    for factor in {factor for term in right for factor in term.factors}:
        if factor.eval_method.value == "lookup":
            variables.add(factor.expr)
            elsewhere.add(factor.expr)
        elif factor.eval_method.value == "python":
            piece = _check_again(factor.expr, columns, functions)
            variables |= set(piece.columns.values())
            numeric |= piece.numeric
            elsewhere |= set() if piece.categorical else set(piece.columns.values())
    if outcome in variables:
        raise UsageError(
            f"{outcome!r} is on both sides of the formula", remedy="remove this column from the right side"
        )
    return ReadFormula(
        outcome, right, tuple(sorted(variables)), frozenset(numeric), frozenset(variables - elsewhere)
    )


def _check_tokens(formula: str, columns: Collection[str], functions: Functions) -> str:
    """Check the tokens of a formula, and return the column on the left of ``~``."""
    from formulaic.errors import FormulaicError
    from formulaic.parser.algos.tokenize import tokenize

    try:
        tokens = list(tokenize(formula))
    except FormulaicError as error:
        raise _unreadable(formula, error) from None
    kinds = [token.kind.value for token in tokens]
    tildes = [
        index for index, token in enumerate(tokens) if token.kind.value == "operator" and "~" in token.token
    ]
    if len(tildes) != 1 or tokens[tildes[0]].token.count("~") != 1:
        raise UsageError(
            f"the formula {shorten(formula)} cannot be read: a formula needs exactly one ~", remedy=_EXAMPLE
        )
    left = tokens[: tildes[0]]
    if not left:
        raise UsageError(
            f"the formula {shorten(formula)} cannot be read: there is no outcome on the left of ~",
            remedy=_EXAMPLE,
        )
    if kinds[: tildes[0]] != ["name"]:
        text = formula[: tokens[tildes[0]].source_start].strip()
        raise UsageError(
            f"the outcome is {shorten(text)}", remedy="write the name of one column on the left of ~"
        )
    for before, token in pairwise(tokens):
        if before.token.endswith(("**", "^")) and token.token == "0":  # formulaic reads this 0 as -1  # noqa: S105
            raise UsageError("the formula has a power of 0", remedy="write a power such as (a + b + c) ** 2")
    for token, kind in zip(tokens, kinds, strict=True):
        if kind == "name":
            _check_name(token.token, columns)
        elif kind == "value":
            _check_number(token.token)
        elif kind == "python":
            check_piece(token.token, columns, functions)
        elif kind == "operator" and "|" in token.token:
            raise UsageError("the formula has several parts, separated by |", remedy="join terms with +")
        elif kind == "context" and token.token not in "()":  # noqa: S105
            raise UsageError(
                "the formula has a part in square brackets", remedy="group terms with round brackets"
            )
    return str(left[0].token)


def _check_again(text: str, columns: Collection[str], functions: Functions) -> Piece:
    """Check a piece again after parsing, because formulaic misreads some names between backticks."""
    try:
        return check_piece(text, columns, functions)
    except UsageError:
        raise UsageError(
            f"the names between backticks in a piece of the formula cannot be read: {shorten(text)}",
            remedy="rename these columns with letters, digits and underscores, and omit the backticks",
        ) from None


def _check_name(name: str, columns: Collection[str]) -> None:
    if name.startswith("_"):
        raise UsageError(
            f"the formula contains the name {shorten(name)}",
            remedy="rename the column: its name must start with a letter",
        )
    if name not in columns:
        raise UsageError(
            f"the formula contains {shorten(name)}, which is not a column of the panel",
            remedy=did_you_mean(name, columns),
        )


def _check_number(text: str) -> None:
    if text == ".":  # all columns except the outcome
        return
    if text[:1] in "'\"":
        raise UsageError(
            f"the formula contains the text {shorten(text[1:-1])} as a term",
            remedy="write names of columns without quotes",
        )
    try:
        float(text)
    except ValueError:
        raise UsageError(
            f"the formula contains {shorten(text)}, which is not a number", remedy=_EXAMPLE
        ) from None
    if len(text) > _LONGEST_NUMBER:
        raise UsageError(
            f"the formula contains a number of {len(text)} characters",
            remedy=f"use at most {_LONGEST_NUMBER} characters",
        )


def _parse(formula: str, columns: Collection[str]) -> Any:
    """Return the terms on the right of a formula whose tokens have been checked."""
    from formulaic import Formula
    from formulaic.errors import FormulaicError
    from formulaic.parser import DefaultFormulaParser

    context = {"__formulaic_variables_available__": list(columns)}
    parser = DefaultFormulaParser()
    try:
        tree = parser.parse(formula, target="ast", context=context)
        _measure(tree, formula, columns)
        return Formula(formula, _parser=parser, _context=context).rhs
    except (FormulaicError, SyntaxError, AttributeError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, UsageError):
            raise
        raise _unreadable(formula, error) from None


def _unreadable(formula: str, error: Exception) -> UsageError:
    reason = (
        str(error).splitlines()[0].strip().rstrip(".")
        if str(error).strip()
        else ("the formula is not complete")
    )
    reason = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in reason)
    return UsageError(f"the formula {shorten(formula)} cannot be read: {reason}", remedy=_EXAMPLE)


def _measure(tree: Any, formula: str, columns: Collection[str]) -> None:
    """Raise an error if a formula would expand to too many terms."""
    stack: list[tuple[Any, bool]] = [(tree, False)]
    sizes: dict[int, _Size] = {}
    while stack:
        node, expanded = stack.pop()
        arguments = getattr(node, "args", None)
        if arguments is None:  # a token, or None of an empty side
            sizes[id(node)] = _Size(1, 1, frozenset([str(node)]))
        elif not expanded:
            stack += [(node, True), *((argument, False) for argument in arguments)]
        else:
            parts = [sizes[id(argument)] for argument in arguments]
            sizes[id(node)] = _grow(node, parts, formula, columns)


def _grow(node: Any, parts: list[_Size], formula: str, columns: Collection[str]) -> _Size:
    """Return the size of an operator applied to parts of these sizes."""
    symbol = node.operator.symbol
    if symbol == ".":
        return _Size(len(columns), 1, frozenset(columns))
    if len(parts) < 2:
        return parts[0]
    first, other = parts
    names = first.names | other.names
    terms, factors, products = first.terms + other.terms, max(first.factors, other.factors), 0
    if symbol in ("*", ":"):
        products = first.terms * other.terms
        terms = products + (terms if symbol == "*" else 0)
        factors = first.factors + other.factors
    elif symbol in ("/", "in"):
        parents, nested = (first, other) if symbol == "/" else (other, first)
        factors = parents.terms * parents.factors + nested.factors
    elif symbol in ("**", "^"):
        power = _power(node, formula)
        products = first.terms**power
        terms = min(products, sum(comb(first.terms, k) for k in range(1, power + 1)))
        factors = first.factors * power
    size = _Size(terms, min(factors, len(names)), names)
    if products > _MOST_PRODUCTS or size.terms > _MOST_TERMS:
        raise UsageError(
            f"the part {_source(node, formula)} of the formula makes more than {_MOST_TERMS} terms",
            remedy="use fewer columns, or a smaller power",
        )
    if size.factors > _MOST_FACTORS:
        raise UsageError(
            f"the part {_source(node, formula)} of the formula makes interactions of {size.factors} factors",
            remedy=f"use interactions of at most {_MOST_FACTORS} factors",
        )
    return size


def _power(node: Any, formula: str) -> int:
    text = str(getattr(node.args[1], "token", ""))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LARGEST_POWER):
        raise UsageError(
            f"the part {_source(node, formula)} of the formula has a power that is not 1 to {_LARGEST_POWER}",
            remedy="write a power such as (a + b + c) ** 2",
        )
    return int(text)


def _source(node: Any, formula: str) -> str:
    """Return the part of a formula that belongs to a node of its tree."""
    places: list[int] = []
    stack = [node]
    while stack:
        part = stack.pop()
        stack += list(getattr(part, "args", ()))
        if getattr(part, "source", None):
            places += [part.source_start, part.source_end]
    return shorten(formula[min(places) : max(places) + 1] if places else formula)
