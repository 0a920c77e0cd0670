"""A report as Markdown: its sentences and tables."""

import re
from collections.abc import Sequence
from typing import Final

from voteshift.compose.contents import Block, Items, Picture, Section, Subhead, Table, Text

__all__ = ["render"]

#: Characters that Markdown, or HTML within it, reads as markup.
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>|~#&$])")
_LINE_STARTS: Final = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)")


def render(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Return sections as Markdown, with all text of the record escaped."""
    parts = [f"# {_plain(title)}", _plain(lead)]
    for section in sections:
        parts.append(f"## {_plain(section.title)}")
        parts += [written for block in section.blocks if (written := _block(block))]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return _plain(text)
        case Subhead(text):
            return f"### {_plain(text)}"
        case Items(items):
            return "\n".join(f"- {_plain(item)}" for item in items)
        case Table():
            return _table(block)
        case Picture():
            return ""  # the tables show its numbers


def _table(table: Table) -> str:
    rule = ["---" if index < table.text_columns else "---:" for index in range(len(table.columns))]
    lines = [
        [_plain(name) for name in table.columns],
        rule,
        *([_plain(cell) for cell in row] for row in table.rows),
    ]
    body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"**{_plain(table.caption)}**\n\n{body}"


def _plain(text: str) -> str:
    """Return text on one line, with markup escaped."""
    line = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    return _LINE_STARTS.sub(lambda match: f"{match[1]}{_escaped(match[2])}", line)


def _escaped(start: str) -> str:
    return f"{start[:-1]}\\{start[-1]}"
