"""`voteshift report`."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from voteshift.cli.command import Command
from voteshift.cli.console import (
    also_option,
    cache_option,
    data_option,
    json_option,
    level_option,
    print_json,
)
from voteshift.cli.model_options import (
    bridge_option,
    build_spec,
    delta_group_option,
    documents_option,
    replicates_option,
)
from voteshift.cli.numbers import draws_option, seed_option
from voteshift.cli.option_groups import (
    DrawOptions,
    FitOptions,
    RecordOptions,
    WindowOptions,
    group_options,
)
from voteshift.cli.progress import fit_progress
from voteshift.cli.reading import reading_words
from voteshift.errors import UsageError

__all__ = ["report"]

_ENDINGS: Final = {".html": "html", ".htm": "html", ".md": "md"}


@click.command(cls=Command, epilog="Example: voteshift report defamation --out report.html")
@click.argument("family", required=False)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File to write, for instance report.html.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["html", "md"]),
    help="html: a page with pictures. md: Markdown without pictures. Default: inferred from FILE.",
)
@click.option("--since", metavar="DATE", help="Start of the model's window: a day, month or year.")
@click.option("--until", metavar="DATE", help="End of the model's window, included.")
@click.option("--polarity", metavar="MEMBER", help="Member on the positive side of the scale: id or name.")
@bridge_option
@delta_group_option
@replicates_option
@draws_option(2000)
@seed_option
@documents_option
@level_option
@cache_option
@data_option
@also_option
@json_option
@group_options(window=WindowOptions, fitting=FitOptions, draws=DrawOptions, source=RecordOptions)
def report(
    *,
    family: str | None,
    out: Path,
    kind: str | None,
    window: WindowOptions,
    fitting: FitOptions,
    replicates: int,
    documents: str | None,
    draws: DrawOptions,
    source: RecordOptions,
    as_json: bool,
) -> None:
    """Write one self-contained report on why the outcome of FAMILY changed.

    FAMILY has the same meaning as in `voteshift explain`.

    The report contains the answer, the account, the model, the checks, the parts under other modelling
    choices, pictures and the method. The page needs no network and runs no script. The same record, seed and
    package versions give the same bytes.
    """
    from voteshift.checks.registry import registered_checks
    from voteshift.cli.section_texts import translate_sections
    from voteshift.compose.findings import findings
    from voteshift.files import write_files
    from voteshift.report.build import REPORT_CHECKS, make_report
    from voteshift.shift.explain import explain as explain_family

    kind = kind or _ENDINGS.get(out.suffix.lower())
    if kind is None:
        raise UsageError(
            f"cannot infer the format from {out.name!r}", remedy="add --format html or --format md"
        )
    record = source.open()
    slug = record.family_slug(family)
    record = source.link(record)
    with fit_progress(explains=True) as progress:
        why = explain_family(
            record,
            slug,
            model=build_spec(
                polarity=fitting.polarity,
                level=draws.level,
                bridge=fitting.bridge,
                delta_group=fitting.delta_group,
            ),
            window=window.ends,
            draws=draws.build(),
            fit_by=fitting.choose_fit_by(draws.seed, progress),
        )
        names = [name for name in (*REPORT_CHECKS, *registered_checks()) if name != "same_item" or replicates]
        options: dict[str, dict[str, Any]] = {
            "same_item": {"n_replicates": replicates},
            "sensitivity": {"window": window.ends, "polarity": fitting.polarity},
            "documents": {"documents": documents},
        }
        values = {
            "--since": window.since,
            "--until": window.until,
            "--polarity": fitting.polarity,
            "--data": source.data,
            "--also": source.also,
            "--bridge": fitting.bridge,
            "--replicates": replicates,
            "--documents": documents,
            "--draws": draws.draws,
            "--seed": draws.seed,
            "--level": f"{draws.level:g}",
        }
        command = _write_command(family or slug, f"report.{kind}", values)
        page = make_report(findings(why, names, options=options), command=command)
    page = replace(page, sections=translate_sections(page.sections))
    text = page.html() if kind == "html" else page.markdown()
    write_files(out.parent, {out.name: text})
    if as_json:
        print_json(
            {
                "file": str(out),
                "format": kind,
                "title": page.title,
                "level": page.level,
                "seed": page.seed,
                "draws": page.n_draws,
                "sections": [section.name for section in page.sections],
                "pictures": len(page.pictures()) if kind == "html" else 0,
            }
        )
    else:
        click.echo(f"{out}: {page.title}")


def _write_command(family: str, out: str, values: Mapping[str, object]) -> str:
    """Return the command that writes the same report again."""
    words = ["voteshift", "report", family, "--out", out]
    words += [word for name, value in values.items() if value is not None for word in (name, str(value))]
    return shlex.join([*words, *reading_words()])
