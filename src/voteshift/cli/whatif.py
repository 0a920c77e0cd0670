"""`voteshift whatif`."""

from functools import partial
from typing import Any

import click
from rich.text import Text

from voteshift.cache import cached_fit
from voteshift.cli.console import (
    also_option,
    cache_option,
    console,
    data_option,
    join_record,
    json_option,
    level_option,
    make_table,
    open_record,
    print_json,
)
from voteshift.cli.model_documents import effect_document
from voteshift.cli.progress import fit_progress
from voteshift.errors import NotUsableError
from voteshift.ideal.interface import Fit
from voteshift.ideal.spec import IdealPoints
from voteshift.labels import rollcall_labels
from voteshift.resolution.refit import FitBy, Others, fit_without
from voteshift.rollcalls import RollCalls
from voteshift.shift.naming import EVERYONE, model_window, name_council, name_version
from voteshift.shift.voting import family_in
from voteshift.shift.whatif import WhatIf
from voteshift.shift.whatif import whatif as ask
from voteshift.votes import CAST, CATEGORIES

__all__ = ["whatif"]

_SHOWN = 10  # members in the table for people


@click.command()
@click.option(
    "--council",
    required=True,
    metavar="NAME",
    help="Whose vote: those who voted in this roll call, or 'all' for every member the fit places; with the "
    "General Assembly's record as --also, the whole membership of the United Nations.",
)
@click.option("--version", required=True, metavar="NAME", help="On which text: that of this roll call.")
@click.option(
    "--family",
    metavar="FAMILY",
    help="Where a year given as version is read, by default as in `voteshift explain`; a council's year is "
    "read in the version's family.",
)
@click.option("--with", "with_members", multiple=True, metavar="MEMBER", help="Add a member; repeatable.")
@click.option("--without", multiple=True, metavar="MEMBER", help="Take a member out; repeatable.")
@click.option("--fresh", is_flag=True, help="Cast votes on record on that very version anew, too.")
@click.option(
    "--member-effect/--no-member-effect",
    default=True,
    show_default=True,
    help="Give every member a member effect on the resolution; the answer without is shown beside.",
)
@click.option("--since", metavar="DATE", help="First roll calls of the model's window: a day, month or year.")
@click.option("--until", metavar="DATE", help="Last roll calls of the window, included.")
@click.option(
    "--draws", default=1000, show_default=True, type=click.IntRange(min=100), help="Posterior draws."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the draws.")
@level_option
@cache_option
@data_option
@also_option
@json_option
def whatif(
    council: str,
    version: str,
    family: str | None,
    with_members: tuple[str, ...],
    without: tuple[str, ...],
    fresh: bool,
    member_effect: bool,
    since: str | None,
    until: str | None,
    draws: int,
    seed: int,
    level: float,
    use_cache: bool,
    data: str | None,
    also: str | None,
    as_json: bool,
) -> None:
    """Let the council of one vote decide on the version of another.

    A NAME is a record number, a symbol, or a year in which the family was voted once. Votes on record on that
    very version are kept; the others are predicted by the model. Its window runs from two years before the
    first vote on the resolution to the year of the last.
    """
    record = open_record(data)
    text = name_version(record, version, family)
    source = name_council(record, council, text)
    record = join_record(record, also)
    first, last = model_window(record, *(name for name in (text, source) if name != EVERYONE))
    window = record.between(since or first, until or last)
    with fit_progress() as progress:
        fit_by = partial(cached_fit, progress=progress, use_cache=use_cache)
        fit = fit_by(IdealPoints(level=level), window)
        others = _others(record, fit, text, fit_by) if member_effect else None
    answer = ask(
        record,
        fit,
        council=source,
        version=text,
        with_members=with_members,
        without=without,
        fresh=fresh,
        member_effect=member_effect,
        others=others,
        n_draws=draws,
        seed=seed,
        level=level,
    )
    if as_json:
        print_json(_document(answer, record))
    else:
        _print(answer, record)


def _others(record: RollCalls, fit: Fit, text: str, fit_by: FitBy) -> "Others | None":
    """Fit without the resolution; where that cannot be done, the answer says why."""
    iterations = family_in(record, fit, text) if text in fit.encoded.rollcalls else []
    try:
        return fit_without(record, fit, iterations, fit_by=fit_by) if len(iterations) > 1 else None
    except NotUsableError:
        return None


def _symbol(record: RollCalls, rollcall: str) -> str:
    return rollcall if rollcall == EVERYONE else str(rollcall_labels(record.rollcalls)[rollcall])


def _document(answer: WhatIf, record: RollCalls) -> dict[str, Any]:
    plain = answer.without_member_effect
    return {
        "council": _symbol(record, answer.council),
        "version": _symbol(record, answer.version),
        "council_id": answer.council,
        "version_id": answer.version,
        "level": answer.level,
        "seed": answer.seed,
        "draws": answer.n_draws,
        "fresh": answer.fresh,
        "with": list(answer.members.index[answer.members["added"]]),
        "without": list(answer.removed),
        "away": list(answer.away),
        **_figures(answer),
        "member_effect": effect_document(answer.member_effect, answer.level),
        "without_member_effect": None if plain is None else {"level": plain.level, **_figures(plain)},
        "members": [
            {"member": member, **{name: row[name] for name in (*CATEGORIES, "p_decides")}}
            | {"recorded": row["recorded"] or None, "added": bool(row["added"])}
            for member, row in answer.members.iterrows()
        ],
        "reach": {
            "recorded": answer.reach.recorded,
            "predicted": answer.reach.predicted,
            "years_apart": answer.reach.years_apart,
            "longest_gap": answer.reach.longest_gap,
            "beyond": list(answer.reach.beyond),
            "few_votes": list(answer.reach.few_votes),
        },
        "notes": list(answer.notes),
    }


def _figures(answer: WhatIf) -> dict[str, Any]:
    table = answer.tidy().set_index("quantity")
    ends = {
        name: {"low": table.loc[name, "conf_low"], "high": table.loc[name, "conf_high"]}
        for name in CATEGORIES
    }
    return {
        "expected": answer.expected,
        "intervals": ends,
        "yes_distribution": answer.yes_distribution.tolist(),
        "p_adopted": answer.p_adopted,
        "p_adopted_draws_error": table.loc["adopted", "std_error"],
    }


def _print(answer: WhatIf, record: RollCalls) -> None:
    out = console()
    version = _symbol(record, answer.version)
    if answer.council == EVERYONE:
        out.print(Text(f"All {len(answer.members)} members the fit places vote on {version}", style="bold"))
    else:
        changes = [f"with {name}" for name in answer.members.index[answer.members["added"]]]
        changes += [f"without {name}" for name in answer.removed]
        council = " ".join([f"The council of {_symbol(record, answer.council)}", *changes])
        out.print(Text(f"{council} votes on {version}", style="bold"))
    out.print(Text(answer.sentence()))
    if answer.without_member_effect is not None:
        out.print(
            Text(f"From positions alone, without member effects: {answer.without_member_effect.sentence()}")
        )
    out.print(Text(answer.reach.sentence()))
    predicted = answer.members[answer.members["recorded"] == ""]
    if len(predicted):
        table = make_table(["Predicted member", "P(yes)", "P(no)", "P(abstain)", "Decides"])
        for member, row in predicted.head(_SHOWN).iterrows():
            figures = (f"{row[name]:.2f}" for name in CAST)
            table.add_row(str(member), *figures, f"{row['p_decides']:.3f}")
        out.print(table)
        shown = f"{_SHOWN} of {len(predicted)}, the most decisive. " if len(predicted) > _SHOWN else ""
        out.print(Text(f"{shown}Decides: probability that the others leave it to this member's yes or no."))
    if answer.away:
        out.print(Text(f"Had a seat and cast no vote, not counted: {', '.join(answer.away)}."))
    for note in answer.notes:
        out.print(Text(note))
