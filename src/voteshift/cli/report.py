"""`voteshift report`."""

import shlex
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import click

from voteshift.cli.console import (
    also_option,
    cache_option,
    data_option,
    join_record,
    json_option,
    level_option,
    open_record,
    print_json,
)
from voteshift.cli.model_options import bridge_option, build_spec, replicates_option
from voteshift.cli.progress import fit_progress
from voteshift.errors import UsageError

__all__ = ["report"]

_ENDINGS: Final = {".html": "html", ".htm": "html", ".md": "md"}


@click.command(epilog="Example: voteshift report defamation --out report.html")
@click.argument("family", required=False)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write it, for instance report.html.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["html", "md"]),
    help="A page with pictures, or Markdown without; by default what FILE ends in.",
)
@click.option("--since", metavar="DATE", help="First roll calls of the model's window: a day, month or year.")
@click.option("--until", metavar="DATE", help="Last roll calls of the window, included.")
@click.option("--polarity", metavar="MEMBER", help="Member on the positive side of the scale.")
@bridge_option
@replicates_option
@click.option(
    "--draws", default=2000, show_default=True, type=click.IntRange(min=100), help="Posterior draws."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the draws.")
@level_option
@cache_option
@data_option
@also_option
@json_option
def report(
    family: str | None,
    out: Path,
    kind: str | None,
    since: str | None,
    until: str | None,
    polarity: str | None,
    bridge: Literal["none", "families"],
    replicates: int,
    draws: int,
    seed: int,
    level: float,
    use_cache: bool,
    data: str | None,
    also: str | None,
    as_json: bool,
) -> None:
    """Write one self-contained report on why the outcome of FAMILY moved.

    FAMILY is as in `voteshift explain`.

    It holds the story, the account, the model, pictures, what identifies it, how it fares under other
    choices, and how it was made. The page needs no network and no script. The same record, seed and versions
    give the same bytes.
    """
    from voteshift.cache import cached_fit
    from voteshift.checks.registry import registered_checks
    from voteshift.compose.findings import findings
    from voteshift.files import write_files
    from voteshift.report.build import REPORT_CHECKS, make_report
    from voteshift.shift.explain import explain as explain_family
    from voteshift.shift.parts import Draws

    kind = kind or _ENDINGS.get(out.suffix.lower())
    if kind is None:
        raise UsageError(f"cannot tell a format from {out.name!r}", remedy="add --format html or --format md")
    record = open_record(data)
    asked, family = family, record.family_slug(family)
    flags = {"--since": since, "--until": until, "--polarity": polarity, "--data": data, "--also": also}
    words = ["voteshift", "report", asked or family, "--out", f"report.{kind}"]
    words += [word for name, value in flags.items() if value is not None for word in (name, value)]
    words += [
        "--bridge",
        bridge,
        "--replicates",
        str(replicates),
        "--draws",
        str(draws),
        "--seed",
        str(seed),
        "--level",
        f"{level:g}",
    ]
    record = join_record(record, also)
    with fit_progress() as progress:
        why = explain_family(
            record,
            family,
            model=build_spec(polarity=polarity, level=level, bridge=bridge),
            window=(since, until),
            draws=Draws(draws, seed, level),
            fit_by=partial(cached_fit, use_cache=use_cache, progress=progress),
        )
        names = [name for name in (*REPORT_CHECKS, *registered_checks()) if name != "same_item" or replicates]
        options: dict[str, dict[str, Any]] = {
            "same_item": {"n_replicates": replicates},
            "sensitivity": {"window": (since, until), "polarity": polarity},
        }
        made = make_report(findings(why, names, options=options), command=shlex.join(words))
    text = made.html() if kind == "html" else made.markdown()
    write_files(out.parent, {out.name: text})
    if as_json:
        print_json(
            {
                "file": str(out),
                "format": kind,
                "title": made.title,
                "level": made.level,
                "seed": made.seed,
                "draws": made.n_draws,
                "sections": [section.name for section in made.sections],
                "pictures": len(made.pictures()) if kind == "html" else 0,
            }
        )
    else:
        click.echo(f"{out}: {made.title}")
