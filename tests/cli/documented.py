"""The blocks of JSON in docs/cli.md, and how they are compared with what is printed."""

import json
import re

__all__ = ["blocks", "hold"]


def blocks(root, heading):
    """Return the blocks of JSON below a heading."""
    text = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"^```json\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return [json.loads(block) for block in found]


def hold(shown, found, where="$"):
    """Compare keys at every depth; {}, [] and null in the documentation leave open what is inside."""
    if isinstance(shown, dict) and shown and isinstance(found, dict):
        assert set(shown) == set(found), where
        for name, part in shown.items():
            hold(part, found[name], f"{where}.{name}")
    elif isinstance(shown, list) and shown:
        assert isinstance(found, list), where
        for at, part in enumerate(found):
            hold(shown[0], part, f"{where}[{at}]")
    elif shown not in ({}, [], None):
        assert isinstance(found, int | float | str | type(None)), where
