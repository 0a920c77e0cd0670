"""Translation of sections of findings: sentences name options of the running command."""

from collections.abc import Iterable
from dataclasses import replace

from voteshift.cli.argument_names import translate_text
from voteshift.compose.contents import Block, Items, Section, Text

__all__ = ["translate_sections"]


def translate_sections(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Return sections in which the names of arguments are replaced by options."""
    return tuple(
        replace(section, blocks=tuple(_translate(block) for block in section.blocks)) for section in sections
    )


def _translate(block: Block) -> Block:
    match block:
        case Text(text):
            return Text(translate_text(text))
        case Items(items):
            return Items(tuple(translate_text(item) for item in items))
        case _:
            return block
