"""`voteshift cite`."""

import json
from pathlib import Path
from typing import Any

import click

from voteshift.cli.command import Command
from voteshift.cli.console import json_option, print_json
from voteshift.errors import InputError

__all__ = ["cite"]

_REMEDY = (
    "give fit.json of voteshift fit ideal --out, or the --json output of fit ideal, fit logit or explain"
)


@click.command(cls=Command, epilog="Example: voteshift cite fit.json")
@click.argument("result", required=False, type=click.Path(path_type=Path), metavar="[RESULT]")
@click.option("--own-data", is_flag=True, help="The record is not the bundled record.")
@json_option
def cite(result: Path | None, own_data: bool, as_json: bool) -> None:
    """Print the references of an analysis, and their BibTeX entries.

    RESULT is a file with the --json output of `voteshift fit ideal`, `voteshift fit logit` or `voteshift
    explain`. Its method is cited, and the source of the bundled covariate 'voice' if a formula names it.
    Without RESULT, prints the references of a static fit at the mode.
    """
    from voteshift.citations import list_references

    method = {} if result is None else _method_of(_read(result), result)
    references = list_references(bundled=not own_data, **method)
    if as_json:
        print_json(
            [
                {"key": one.key, "reason": one.reason, "text": one.text, "bibtex": one.bibtex}
                for one in references
            ]
        )
        return
    for one in references:
        click.echo(f"{one.reason}: {one.text}")
    click.echo()
    click.echo("\n\n".join(one.bibtex for one in references))


def _read(path: Path) -> Any:
    """Read a JSON file."""
    from voteshift.readers.text import read_whole

    try:
        return json.loads(read_whole(path, _REMEDY).decode("utf-8"))
    except InputError:  # a ValueError itself
        raise
    except (ValueError, RecursionError):
        raise InputError("is not a JSON file", file=path, remedy=_REMEDY) from None


def _method_of(document: Any, path: Path) -> dict[str, Any]:
    """Return the method of a document, in the arguments of `list_references`."""
    from voteshift.citations import METHODS

    if isinstance(document, dict) and "terms" in document and isinstance(document.get("formula"), str):
        from voteshift.logistic.bundled import select_bundled

        bundled = select_bundled(document["formula"])
        return {"method": "logit", "voice": bundled is not None and "voice" in bundled.columns}
    fit: dict[str, Any] = {"method": None}
    dynamic = bridged = parts = False
    if isinstance(document, dict) and "positions" in document and "link" in document:
        fit, steps = document, document.get("steps")
        steps = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
        dynamic, bridged = bool(steps), any(step.get("bridges") for step in steps)
    elif isinstance(document, dict) and "family" in document and isinstance(document.get("fit"), dict):
        fit, parts = document["fit"], True
        dynamic = bridged = document.get("bridges") is not None
    method = fit.get("method", "map")
    if not isinstance(method, str) or method not in METHODS:
        raise InputError("is not a result of voteshift fit or voteshift explain", file=path, remedy=_REMEDY)
    return {"method": method, "dynamic": dynamic, "bridged": bridged, "parts": parts}
