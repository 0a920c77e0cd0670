"""The pieces of Python in a formula: a check of their contents, and the columns that they use."""

import ast
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from voteshift.errors import UsageError, did_you_mean
from voteshift.formulas.functions import CONTRASTS, REFUSED, Functions

__all__ = ["Piece", "check_piece", "shorten"]

_ARITHMETIC: Final = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod),
    *(ast.Pow, ast.BitAnd, ast.BitOr, ast.USub, ast.UAdd, ast.Invert),
)
_COMPARISONS: Final = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_LARGEST_POWER: Final = 100
_LARGEST_NUMBER: Final = 10**18
_LONGEST_LIST: Final = 300
_DEEPEST: Final = 40  # expressions inside one another
_SHOWN: Final = 60  # characters of a piece in an error
#: Characters that are not safe in a text, because formulaic copies texts into code.
_UNSAFE_TEXT: Final = re.compile(r"[\"\\`\x00-\x1f\x7f]")
_NAMES: Final = {
    ast.Attribute: "an attribute (a name after a point)",
    ast.Subscript: "square brackets",
    ast.Lambda: "a function definition (lambda)",
    ast.JoinedStr: "a string with code in it (an f-string)",
    ast.NamedExpr: "an assignment",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.BoolOp: "'and' or 'or'",
    ast.IfExp: "'if'",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.List: "a list outside the arguments of a function",
    ast.Tuple: "a tuple outside the arguments of a function",
    ast.Starred: "a star",
    ast.Await: "'await'",
    ast.Yield: "'yield'",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of Python that has passed the check.

    Attributes
    ----------
    code : str
        The piece, with every name between backticks replaced by a plain name.
    columns : dict of str to str
        Name in `code` of every column, and name of the column in the panel.
    numeric : frozenset of str
        Columns that must contain numbers, because they are used in arithmetic or a function of numbers.
    functions : frozenset of str
        Names of the functions called.
    categorical : bool
        True if the piece calls C(), which makes categories.
    grows : bool
        True if the piece multiplies or computes powers, so that integers of 64 bits may overflow.
    """

    code: str
    columns: dict[str, str]
    numeric: frozenset[str]
    functions: frozenset[str]
    categorical: bool
    grows: bool


def check_piece(text: str, columns: Collection[str], functions: Functions) -> Piece:
    """Check that a piece of Python in a formula contains only allowed elements.

    Parameters
    ----------
    text : str
        For instance ``log(gdp / 1000)``. Names of columns may be written between backticks.
    columns : collection of str
        Names of the columns that the piece may use.
    functions : mapping of str to Function
        Functions that the piece may call.

    Raises
    ------
    UsageError
        If the piece contains anything except names of columns, numbers, strings, arithmetic, comparisons and
        calls of `functions`; or if a number in it is too large, such as the degree of poly().
    """
    code, quoted = _rename_quoted(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            body = ast.parse(code, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError, Warning):
            raise UsageError(
                f"the piece {shorten(text)} of the formula cannot be read",
                remedy="write an expression such as log(gdp / 1000)",
            ) from None
    check = _Check(text, columns, functions, quoted)
    check.data(body, numeric=False)
    if not check.used:
        raise check.refuse("no column", "use at least one column; write 1 or 0 for the intercept")
    if check.called & check.used.keys():
        name = min(check.called & check.used.keys())
        raise check.refuse(f"{name!r} both as a column and as a function", "rename this column")
    return Piece(
        code,
        check.used,
        frozenset(check.numeric),
        frozenset(check.called),
        categorical="C" in check.called,
        grows=any(isinstance(part, ast.Mult | ast.Pow) for part in ast.walk(body)),
    )


def shorten(text: str) -> str:
    """Return a piece of a formula for an error: on one line, quoted and shortened."""
    line = " ".join(text.split())
    return repr(line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "...")


def _rename_quoted(text: str) -> tuple[str, dict[str, str]]:
    """Replace names between backticks by plain names, and return the columns that they replace."""
    parts: list[str] = []
    quoted: dict[str, str] = {}
    for kind, part in _split_quotes(text):
        if kind != "`":
            parts.append(part)
            continue
        name = f"column_{part.encode('utf-8', 'surrogatepass').hex()}"
        quoted[name] = part
        parts.append(f" {name} ")
    return "".join(parts).strip(), quoted


def _split_quotes(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text, each with its quotation mark: a backtick, or an empty string."""
    start, index = 0, 0
    while index < len(text):
        mark = text[index]
        if mark not in "'\"`":
            index += 1
            continue
        end = index + 1
        while end < len(text) and text[end] != mark:
            end += 2 if text[end] == "\\" and mark != "`" else 1
        if mark == "`":
            yield "", text[start:index]
            yield "`", text[index + 1 : end]
            start = end + 1
        index = end + 1
    yield "", text[start:]


class _Check:
    """A check of the code of one piece, which collects its columns and functions."""

    def __init__(
        self, text: str, columns: Collection[str], functions: Functions, quoted: dict[str, str]
    ) -> None:
        self.text = text
        self.columns = columns
        self.functions = functions
        self.quoted = quoted
        self.used: dict[str, str] = {}
        self.numeric: set[str] = set()
        self.called: set[str] = set()

    def refuse(self, what: str, remedy: str) -> UsageError:
        """Return the error that names the piece."""
        return UsageError(f"the piece {shorten(self.text)} of the formula contains {what}", remedy=remedy)

    def data(self, node: ast.expr, *, numeric: bool, depth: int = 0) -> None:
        """Check an expression of columns.

        Parameters
        ----------
        numeric : bool
            True if the columns of the expression must contain numbers.
        depth : int
            Number of expressions around this expression.
        """
        if depth > _DEEPEST:
            raise self.refuse("too many nested parts", "compute a part beforehand, as a column of the panel")
        if isinstance(node, ast.Name):
            self._column(node.id, numeric)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                raise self.refuse(
                    f"the text {shorten(node.value)}",
                    "write names of columns without quotes",
                )
            self._constant(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, _ARITHMETIC):
            self.data(node.operand, numeric=True, depth=depth + 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
            if isinstance(node.op, ast.Pow):
                self._power(node)
            self.data(node.left, numeric=True, depth=depth + 1)
            self.data(node.right, numeric=True, depth=depth + 1)
        elif isinstance(node, ast.Compare):
            self._comparison(node, depth)
        elif isinstance(node, ast.Call):
            self._call(node, depth)
        else:
            raise self._refuse_node(node)

    def _refuse_node(self, node: ast.AST) -> UsageError:
        remedy = "use only columns, numbers, operators and functions; compute anything else beforehand"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            remedy = f"write {node.attr}, without np." if node.attr in self.functions else remedy
        operator = getattr(node, "op", None)
        what = _NAMES.get(type(node)) or f"the operator {type(operator or node).__name__}"
        return self.refuse(what, remedy)

    def _column(self, name: str, numeric: bool) -> None:
        column = self.quoted.get(name, name)
        if column.startswith("_"):
            raise self.refuse(
                f"the name {shorten(column)}", "rename the column: its name must start with a letter"
            )
        if column not in self.columns:
            if name in self.functions or name in CONTRASTS or name == "contr":
                raise self.refuse(f"the function {name!r} without its argument", f"write {name}(x)")
            raise UsageError(
                f"the formula contains {column!r}, which is not a column of the panel",
                remedy=did_you_mean(column, self.columns),
            )
        self.used[name] = column
        if numeric:
            self.numeric.add(column)

    def _constant(self, node: ast.Constant) -> None:
        value = node.value
        if value is None or isinstance(value, bool):
            return
        if isinstance(value, str):
            unsafe = _UNSAFE_TEXT.search(value)
            if unsafe:
                raise self.refuse(
                    f"{unsafe.group()!r} inside a text",
                    "rename this level in the data, without the character",
                )
            return
        if not isinstance(value, int | float):
            raise self.refuse(f"a value of type {type(value).__name__}", "write a number or a text")
        if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
            raise self.refuse("an integer above 10^18", "write the number as 1e20, or rescale the column")

    def _power(self, node: ast.BinOp) -> None:
        exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        if isinstance(exponent, ast.Constant):
            value = exponent.value
            if isinstance(value, int | float) and abs(value) > _LARGEST_POWER:
                raise self.refuse(f"a power of {value:g}", f"use a power of at most {_LARGEST_POWER}")
            if not _names(node.left):
                raise self.refuse("a power of a number", "compute the power, and write the result")
        elif not _names(node.right):
            raise self.refuse("a computed power", "write the power as a number")

    def _comparison(self, node: ast.Compare, depth: int) -> None:
        if len(node.ops) > 1 or not isinstance(node.ops[0], _COMPARISONS):
            raise self.refuse(
                "a comparison other than a single ==, !=, <, <=, > or >=",
                "join two comparisons with &",
            )
        for side in (node.left, node.comparators[0]):
            if isinstance(side, ast.Constant):
                self._constant(side)
            else:
                self.data(side, numeric=False, depth=depth + 1)

    def _call(self, node: ast.Call, depth: int) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name is None:
            if isinstance(node.func, ast.Attribute):
                raise self._refuse_node(node.func)
            raise self.refuse(
                "a call of something other than a named function", "call functions by their names"
            )
        function = self.functions.get(name)
        if function is None:
            remedy = REFUSED.get(name) or f"functions: {', '.join(sorted(self.functions))}"
            raise self.refuse(f"a call of {name!r}, which is not allowed in a formula", remedy)
        self.called.add(name)
        arguments = list(node.args)
        keywords = list(node.keywords)
        if any(isinstance(argument, ast.Starred) for argument in arguments) or any(
            keyword.arg is None or keyword.arg.startswith("_") for keyword in keywords
        ):
            raise self.refuse(
                f"an argument of {name}() with a star or an underscore", "write arguments one by one"
            )
        if function.parameters is None:
            for value in (*arguments, *(keyword.value for keyword in keywords)):
                self._free_argument(value, depth)
        else:
            if not arguments:
                raise self.refuse(f"{name}() without a column", f"write {name}(x)")
            self.data(arguments[0], numeric=name not in ("C", "I"), depth=depth + 1)
            self._settings(name, function.parameters, arguments[1:], keywords)
        if name != "C" and any("'" in text for text in _texts(node)):
            raise self.refuse(
                f"an apostrophe inside {name}()", "write the comparison with this text outside the call"
            )

    def _free_argument(self, value: ast.expr, depth: int) -> None:
        """Check an argument of a function that the user added: columns, or a value."""
        if _names(value):
            self.data(value, numeric=False, depth=depth + 1)
        else:
            self._value(value)

    def _settings(
        self,
        name: str,
        parameters: tuple[str, ...],
        arguments: list[ast.expr],
        keywords: list[ast.keyword],
    ) -> None:
        """Check all arguments of a function except the first."""
        if len(arguments) > len(parameters):
            raise self.refuse(
                f"too many arguments of {name}()",
                f"the arguments of {name}() are {', '.join(('x', *parameters))}",
            )
        limits = self.functions[name].limits if name in self.functions else {}
        pairs = [
            *zip(parameters, arguments, strict=False),
            *((keyword.arg or "", keyword.value) for keyword in keywords),
        ]
        for parameter, value in pairs:
            if parameter not in parameters:
                raise self.refuse(
                    f"an argument {parameter!r}, which {name}() does not have",
                    f"the arguments of {name}() are {', '.join(('x', *parameters))}",
                )
            if name == "C" and parameter == "contrasts":
                self._contrast(value)
                continue
            self._value(value)
            largest = limits.get(parameter)
            number = _number(value)
            if largest is not None and number is not None and not 0 <= number <= largest:
                raise self.refuse(
                    f"{parameter}={number:g}",
                    f"give {parameter} of {name}() as a whole number of at most {largest}",
                )

    def _contrast(self, node: ast.expr) -> None:
        """Check contrasts: ``contr.sum``, ``contr.treatment("a")``, or a table of numbers."""
        reference = node.func if isinstance(node, ast.Call) else node
        name = ""
        if isinstance(reference, ast.Name):
            name = reference.id
        elif isinstance(reference, ast.Attribute) and isinstance(reference.value, ast.Name):
            name = f"{reference.value.id}.{reference.attr}"
        if name in CONTRASTS:
            if isinstance(node, ast.Call):
                if any(isinstance(value, ast.Starred) for value in node.args):
                    raise self.refuse("a star", "write the arguments of the contrast one by one")
                self._settings(name, CONTRASTS[name], node.args, node.keywords)
        elif isinstance(node, ast.List | ast.Tuple | ast.Constant):
            self._value(node)
        else:
            raise self.refuse("contrasts that no formula may use", f"contrasts: {', '.join(CONTRASTS)}")

    def _value(self, node: ast.expr, *, depth: int = 0) -> None:
        """Check a number, a text, or a list of numbers or texts."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            node = node.operand
        if isinstance(node, ast.Constant):
            self._constant(node)
        elif isinstance(node, ast.List | ast.Tuple) and depth < 2:
            if len(node.elts) > _LONGEST_LIST:
                raise self.refuse(f"a list of {len(node.elts)} values", f"use at most {_LONGEST_LIST} values")
            for element in node.elts:
                self._value(element, depth=depth + 1)
        elif isinstance(node, ast.Name):
            raise self.refuse(
                f"the name {node.id!r} as an argument of a function", "write a number or a text"
            )
        else:
            raise self._refuse_node(node)


def _names(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) for part in ast.walk(node))


def _texts(node: ast.expr) -> list[str]:
    constants = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return [value for value in constants if isinstance(value, str)]


def _number(node: ast.expr) -> Any:
    """Return the number in a node, with its sign; None for any other node."""
    sign = 1
    if isinstance(node, ast.UnaryOp):
        sign, node = -1 if isinstance(node.op, ast.USub) else 1, node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return sign * node.value
    return None
