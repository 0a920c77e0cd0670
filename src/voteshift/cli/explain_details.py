"""The account, the model, the checks and the method behind an answer, for people."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Line

from voteshift.cli.console import console, make_table
from voteshift.cli.section_texts import translate_sections
from voteshift.compose.contents import Block, Items, Subhead, Table, Text
from voteshift.compose.findings import Findings
from voteshift.compose.sections import detail_sections

__all__ = ["print_details"]


def print_details(findings: Findings) -> None:
    """Print every section behind the answer, without the pictures of the report."""
    out = console()
    for heading, sections in detail_sections(findings).items():
        out.print()
        out.print(Line(heading.upper(), style="bold"))
        for section in translate_sections(sections):
            if section.blocks:
                out.print()
                out.print(Line(section.title, style="bold underline"))
            for block in section.blocks:
                _print_block(out, block)


def _print_block(out: Console, block: Block) -> None:
    match block:
        case Text(text):
            out.print(Line(text))
        case Subhead(text):
            out.print()
            out.print(Line(text, style="bold"))
        case Items(items):
            for item in items:
                out.print(Padding(Line(f"- {item}"), (0, 0, 0, 2)))
        case Table():
            table = make_table(block.columns, text_columns=block.text_columns, title=block.caption)
            for row in block.rows:
                table.add_row(*row)
            out.print(table)
        case _:
            pass  # a picture; the tables show its numbers
