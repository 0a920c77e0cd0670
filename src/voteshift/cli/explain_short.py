"""The short answer of an explanation: tallies, then a few sentences for each step."""

from textwrap import fill
from typing import Final

import click

from voteshift.cli.argument_names import translate_text
from voteshift.compose.findings import Findings, Paragraph
from voteshift.labels import rollcall_labels
from voteshift.prose import join_words, write_day
from voteshift.shift.answer import define_once
from voteshift.shift.explanation import Explanation
from voteshift.votes import TALLY_COLUMNS

__all__ = ["print_answer"]

_WIDTH: Final = 80
_MOST: Final = 3  # largest number of steps printed: the steps in which the tally changed most


def print_answer(findings: Findings) -> None:
    """Print the tallies and the answer, in lines of at most 80 characters."""
    why = findings.why
    click.echo(click.style(_fold(str(why.rollcalls["title"].iloc[-1]) or why.family), bold=True))
    for line in _tally_lines(why):
        click.echo(line)
    consecutive = findings.paragraphs[: len(why.answer.consecutive)]
    shown = _choose_steps(why, consecutive)
    texts = define_once([f"{part.heading}: {' '.join(part.sentences)}" for part in shown])
    for part, text in zip(shown, texts, strict=True):
        click.echo()
        click.echo(_fold(translate_text(text)))
        for caution in part.cautions:
            click.echo(_fold(translate_text(caution)))
    if len(shown) < len(consecutive):
        click.echo()
        most = f"These are the {_MOST} of {len(consecutive)} steps in which the tally changed most."
        rest = [part.heading for part in findings.cautions_beyond(shown)]
        click.echo(_fold(most + (f" Cautions on other steps: {join_words(rest)}." if rest else "")))
    if findings.assumptions:
        click.echo()
        click.echo(_fold(translate_text(" ".join(findings.assumptions))))
    hints = (
        ["--bridge families estimates the movement of members and the change of the resolution separately"]
        if why.fit and why.fit.periods is None
        else []
    )
    click.echo(_fold("; ".join([*hints, "--details prints the account, the model and the checks"]) + "."))


def _choose_steps(why: Explanation, steps: tuple[Paragraph, ...]) -> list[Paragraph]:
    """Return the steps in which the tally changed most, in order of date."""
    size = [int(step.account.change.abs().sum()) for step in why.steps[: len(steps)]]
    chosen = sorted(range(len(steps)), key=lambda place: -size[place])[:_MOST]
    return [steps[place] for place in sorted(chosen)]


def _tally_lines(why: Explanation) -> list[str]:
    """Return the tallies as lines of a table, each with a symbol and a day."""
    labels = rollcall_labels(why.rollcalls)
    rows = [
        [
            labels[row.Index],
            write_day(row.date),
            *(str(getattr(row, name)) for name in TALLY_COLUMNS),
        ]
        for row in why.rollcalls.itertuples()
    ]
    head = ["", "", *(name.capitalize() for name in TALLY_COLUMNS)]
    width = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width[column]) if column == 0 else cell.rjust(width[column])
            for column, cell in enumerate(row)
        )
        for row in [head, *rows]
    ]


def _fold(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
