"""Check the language of code and pages: python tools/language.py [FILE or FOLDER ...].

Four rules, each of which can be decided without knowing what a sentence means:

summary  the first line of a docstring begins with a precise verb or a noun, not with Say, Tell, Whether,
         What or How;
phrase   no string and no page holds a phrase of `PHRASES`;
option   no message of the library names an option of the command line: it names the Python argument;
name     no variable and no argument has a name of `NAMES`, which do not describe its content.

Comments, examples (``>>>``), code in backticks and fenced blocks of pages are not read. Without arguments
everything under `PLACES` is checked. Prints every fault with file and line, and exits 1 if there is one.
"""

import argparse
import ast
import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PLACES: Final = ("src/voteshift", "tools", "benchmarks", "examples", "docs", "README.md", "CONTRIBUTING.md")

NAMES: Final = frozenset({"found", "said", "told", "at", "known", "own", "given", "there", "which"})
_OPENINGS: Final = re.compile(r"(?:Say|Says|Tell|Tells|Whether|What|How)\b")
_OPTION: Final = re.compile(r"(?<![\w-])--[a-z][a-z-]*")

#: "There is no x" is plain English, "y is no longer x" and "0 is no, 2 is yes" are; "y is no x" is not.
_IS_NO: Final = (
    r"(?<!\bthere )(?<!\bThere )\b(?:is|are|was|were) no "
    r"(?!and\b|or\b|\w+ than\b|worse\b)"
    r"(?!(?:long|lat|fin|fast|slow|larg|small|high|low|great|earli|wid|narrow|bett)er\b)"
    r"(?=[\w{])"
)
_WHOSE: Final = r"(?:its|their|his|her|our|one's)"
_PLACED: Final = (
    r"(?:of|for|and|or|that|which|in|under|with|as|to|is|are|was|were|where|when|than|on|at|by|so|but)"
)
#: Each phrase that is not written, and what stands in its place.
PHRASES: Final = {
    _IS_NO: "'is not a ...', or what it is",
    r"\b(?:has|have|had|having) no say\b": "'does not affect', 'is not used for'",
    r"\b(?:tell|tells|told|telling)\b[^.;:¶]{0,60}?\bapart\b": "'distinguish', 'separate', 'identify'",
    r"\btold by\b": "'detected from', 'recognised by', 'determined by'",
    r"(?i:\bbeside\b)": "'next to', 'relative to', 'compared with', 'with'",
    r"\b(?:as|than)\b[^.;:,()¶]{0,50}?\b(?:has|have|had) it\b": "'as recorded', 'than x predicts'",
    r"\b(?:is|are|was|were) said\b(?! to\b)": "'is reported', 'is described', 'is printed'",
    r"\b(?:say|says) of (?:it|them)sel(?:f|ves)\b": "'its description'",
    r"\bfor ever\b": "'without end', 'never ends'",
    rf"\bof {_WHOSE} own\b(?=\s*(?:[.,;:)\u2013\u2014¶]|$)|\s+{_PLACED}\b)": "'its own x', 'a separate x'",
    r"\bwho \w+, of which\b": "two sentences",
    r"\bcannot carry\b": "'too few x for y'",
    r"\b(?i:ascrib)(?:e|es|ed|ing)\b": "'attribute'",
}
_COMPILED: Final = [(re.compile(pattern), remedy) for pattern, remedy in PHRASES.items()]
_CODE: Final = re.compile(r"(`+)[^`]*\1")
_EXPRESSION: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_TAG: Final = re.compile(r"<style>.*?</style>|<[^>]*>|\{[%#].*?[%#]\}", re.DOTALL)
_END: Final = "¶"
_ITEM: Final = re.compile(r"[-*#>|]|\d+\. |-{3,}$")
_SENTENCE: Final = re.compile(rf"(?<=[.!?])\s+(?=[A-Z\"'`{{])|{_END}")
_REACH: Final = 80  # characters printed on either side of a phrase


@dataclass(frozen=True, slots=True)
class Fault:
    """A sentence or a name that breaks a rule.

    Attributes
    ----------
    path : Path
        File.
    line : int
        Line, from 1.
    text : str
        The sentence, or the name.
    rule : str
        The rule, and what to write.
    """

    path: Path
    line: int
    text: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text!r}\n    {self.rule}"


@dataclass(frozen=True, slots=True)
class Passage:
    """Text with the line on which it begins; ``spans_lines`` if its line breaks are those of the file."""

    text: str
    line: int
    spans_lines: bool = True


def main(arguments: list[str] | None = None) -> int:
    """Check files and folders, print the faults and return the exit code."""
    parser = argparse.ArgumentParser(description="Check the language of code and pages.")
    parser.add_argument("paths", nargs="*", type=Path, help="files and folders (default: the repository)")
    paths = parser.parse_args(arguments).paths or [ROOT / place for place in PLACES]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        parser.error(f"no such file or folder: {', '.join(missing)}")
    faults = [fault for path in list_files(paths) for fault in check_file(path)]
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


def list_files(paths: list[Path]) -> Iterator[Path]:
    """Yield the files to check: Python, Markdown, templates and notebooks."""
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in inside if file.suffix in _CHECKS)


def check_file(path: Path) -> Iterator[Fault]:
    """Yield the faults of one file, in the order of its lines."""
    faults = _CHECKS[path.suffix](path, path.read_text(encoding="utf-8"))
    yield from sorted(faults, key=lambda fault: fault.line)


def check_python(path: Path, source: str) -> Iterator[Fault]:
    """Yield the faults of Python code."""
    tree = ast.parse(source)
    docstrings: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and _is_text(first.value):
                docstrings.add(first.value)
                yield from _check_summary(path, _to_passage(first.value))
    inside: set[ast.AST] = {
        part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and _is_text(node) and node not in inside:
            passage = _to_passage(node)
            yield from check_phrases(path, passage)
            if node not in docstrings and _is_library(path) and (match := _OPTION.search(passage.text)):
                rule = f"option {match[0]}: name the Python argument; the command line translates it"
                yield Fault(path, passage.line, _cut_sentence(passage.text, match), rule)
        for name in _bound_names(node):
            if name in NAMES:
                yield Fault(path, getattr(node, "lineno", 1), name, "name: call it by what it holds")


def check_page(path: Path, source: str) -> Iterator[Fault]:
    """Yield the faults of a page in Markdown, paragraph by paragraph."""
    lines: list[str] = []
    fenced = False
    for number, line in enumerate([*source.splitlines(), ""], start=1):
        fence = line.lstrip().startswith(("```", "~~~"))
        fenced ^= fence
        indented = not lines and line.startswith("    ")
        if fence or fenced or indented or not line.strip():
            yield from check_phrases(path, Passage("\n".join(lines), number - len(lines)))
            lines = []
        else:
            lines.append(line)


def check_template(path: Path, source: str) -> Iterator[Fault]:
    """Yield the faults of an HTML template; a tag ends a sentence, an expression stands as ``{}``."""
    text = _EXPRESSION.sub(lambda tag: "{}" + "\n" * tag[0].count("\n"), source)
    yield from check_phrases(path, Passage(_TAG.sub(lambda tag: _END + "\n" * tag[0].count("\n"), text), 1))


def check_notebook(path: Path, source: str) -> Iterator[Fault]:
    """Yield the faults of a notebook's cells; lines count within the cell."""
    for cell in json.loads(source)["cells"]:
        check = check_python if cell["cell_type"] == "code" else check_page
        yield from check(path, "".join(cell["source"]))


def check_phrases(path: Path, passage: Passage) -> Iterator[Fault]:
    """Yield a fault for every phrase of `PHRASES` in a passage."""
    flat, starts = _flatten(passage.text)
    read = _CODE.sub(lambda code: "`" * len(code[0]), flat)
    for pattern, remedy in _COMPILED:
        for match in pattern.finditer(read):
            line = passage.line + (bisect_right(starts, match.start()) - 1) * passage.spans_lines
            yield Fault(path, line, _cut_sentence(flat, match), f"phrase {match[0]!r}: write {remedy}")


def _check_summary(path: Path, docstring: Passage) -> Iterator[Fault]:
    summary = " ".join(docstring.text.strip().split("\n\n")[0].split())
    if _OPENINGS.match(summary):
        rule = "summary: begin with a precise verb (return, compute, draw, ...) or a noun"
        yield Fault(path, docstring.line, summary, rule)


def _is_text(node: ast.AST) -> bool:
    """Return whether a node is a string literal, formatted or not."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_library(path: Path) -> bool:
    """Return whether a file belongs to the package, outside its command line."""
    parts = path.resolve().parts
    return any(
        parts[place : place + 2] == ("src", "voteshift") and parts[place + 2] != "cli"
        for place in range(len(parts) - 2)
    )


def _to_passage(node: ast.expr) -> Passage:
    """Return a string literal as text; each field of a formatted one stands as ``{}``."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
    return Passage(text, node.lineno, text.count("\n") == (node.end_lineno or node.lineno) - node.lineno)


def _flatten(text: str) -> tuple[str, list[int]]:
    """Return a text in one line without examples, and the place in it where each line begins.

    A mark stands where a paragraph, an item of a list or an entry of a docstring ends: no phrase crosses it.
    """
    flat = ""
    starts = []
    indent, example = -1, False
    for line in text.split("\n"):
        words = line.strip()
        example = words.startswith(">>>") or (example and bool(words))
        continues = len(line) - len(line.lstrip()) == indent and not _ITEM.match(words)
        indent = len(line) - len(line.lstrip()) if words and not example else -1
        flat += " " if continues else _END
        starts.append(len(flat))
        flat += "" if example else words
    return flat, starts


def _bound_names(node: ast.AST) -> list[str]:
    """Return the names that a node binds: variables, arguments, aliases."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            return [name]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.alias(asname=str(name)):
            return [name]
    return []


def _cut_sentence(text: str, match: re.Match[str]) -> str:
    """Return the sentence of a match, without its far ends where it is long."""
    ends = [0, *(gap.end() for gap in _SENTENCE.finditer(text)), len(text)]
    start = max(*(end for end in ends if end <= match.start()), match.start() - _REACH)
    stop = min(*(end for end in ends if end >= match.end()), match.end() + _REACH)
    return text[start:stop].strip(f" {_END}")


_CHECKS: Final = {".py": check_python, ".md": check_page, ".j2": check_template, ".ipynb": check_notebook}

if __name__ == "__main__":
    sys.exit(main())
