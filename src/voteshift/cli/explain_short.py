"""The answer of an explanation, for people: tallies, then a few sentences a step."""

from textwrap import fill
from typing import Final

import click

from voteshift.labels import rollcall_labels
from voteshift.prose import write_day
from voteshift.shift.answer import StepAnswer
from voteshift.shift.explain import Explanation
from voteshift.votes import TALLY_COLUMNS

__all__ = ["print_answer"]

_WIDTH: Final = 80
_MOST: Final = 3  # steps told; of a resolution with more, those in which the tally moved most


def print_answer(why: Explanation) -> None:
    """Print the tallies and the answer, in lines of at most 80 characters."""
    click.echo(click.style(_fold(str(why.rollcalls["title"].iloc[-1]) or why.family), bold=True))
    for line in _tally_lines(why):
        click.echo(line)
    answer = why.answer
    shown = _choose_steps(why, answer.steps)
    for step in shown:
        click.echo()
        click.echo(_fold(f"{step.heading}: {' '.join(step.sentences)}"))
        for caution in step.cautions:
            click.echo(_fold(caution))
    if len(shown) < len(answer.steps):
        click.echo()
        click.echo(
            _fold(f"These are the {_MOST} of {len(answer.steps)} steps in which the tally moved most.")
        )
    if answer.assumptions:
        click.echo()
        click.echo(_fold(" ".join(answer.assumptions)))
    hints = [] if _is_bridged(why) else ["--bridge families separates these two"]
    click.echo(_fold("; ".join([*hints, "--details prints the account, the model and the checks"]) + "."))


def _is_bridged(why: Explanation) -> bool:
    return why.fit is None or why.fit.periods is not None


def _choose_steps(why: Explanation, steps: tuple[StepAnswer, ...]) -> list[StepAnswer]:
    """Return the steps in which the tally moved most, in date order."""
    size = [int(step.account.change.abs().sum()) for step in why.steps[: len(steps)]]
    chosen = sorted(range(len(steps)), key=lambda place: -size[place])[:_MOST]
    return [steps[place] for place in sorted(chosen)]


def _tally_lines(why: Explanation) -> list[str]:
    """Return the tallies as lines of a table, a symbol and a day each."""
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
