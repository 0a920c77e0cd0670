"""What stands in a section: its sentences and its tables."""

from voteshift.compose.contents import Items, Section, Subhead, Table, Text

__all__ = ["sentences", "tables"]


def sentences(section: Section) -> list[str]:
    """Return every sentence, in order."""
    lines: list[str] = []
    for block in section.blocks:
        if isinstance(block, (Text, Subhead)):
            lines.append(block.text)
        elif isinstance(block, Items):
            lines += block.items
    return lines


def tables(section: Section) -> list[Table]:
    """Return every table, in order."""
    return [block for block in section.blocks if isinstance(block, Table)]
