"""A predicted vote as tables and as a document."""

from typing import Any

from rich.text import Text

from voteshift.cli.argument_names import translate_text
from voteshift.cli.console import console, make_table
from voteshift.cli.model_documents import effect_document
from voteshift.labels import rollcall_labels
from voteshift.rollcalls import RollCalls
from voteshift.shift.naming import EVERYONE
from voteshift.shift.whatif import WhatIf
from voteshift.votes import CAST, CATEGORIES

__all__ = ["print_whatif", "whatif_document"]

_SHOWN = 10  # members in the table for people


def _symbol(record: RollCalls, rollcall: str) -> str:
    return rollcall if rollcall == EVERYONE else str(rollcall_labels(record.rollcalls)[rollcall])


def whatif_document(answer: WhatIf, record: RollCalls) -> dict[str, Any]:
    """Return the document of `voteshift whatif --json`."""
    plain = answer.without_member_effect
    return {
        "council": _symbol(record, answer.council),
        "version": _symbol(record, answer.version),
        "council_id": answer.council,
        "version_id": answer.version,
        "level": answer.draws.level,
        "seed": answer.draws.seed,
        "draws": answer.draws.n,
        "fresh": answer.fresh,
        "with": list(answer.members.index[answer.members["added"]]),
        "without": list(answer.removed),
        "away": list(answer.away),
        **_figures(answer),
        "member_effect": effect_document(answer.member_effect, answer.draws.level),
        "without_member_effect": None if plain is None else {"level": plain.draws.level, **_figures(plain)},
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
        "notes": [translate_text(note) for note in answer.notes],
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


def print_whatif(answer: WhatIf, record: RollCalls) -> None:
    """Print an answer: the expected tally, the members predicted, and notes."""
    out = console()
    version = _symbol(record, answer.version)
    if answer.council == EVERYONE:
        out.print(
            Text(
                f"All {len(answer.members)} members with a position in the fit vote on {version}",
                style="bold",
            )
        )
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
        shown = (
            f"{_SHOWN} of {len(predicted)}, the members that decide most often.  "
            if len(predicted) > _SHOWN
            else ""
        )
        out.print(Text(f"{shown}Decides: probability that the vote of this member decides the outcome."))
    if answer.away:
        out.print(Text(f"Members that held a seat but cast no vote, not counted: {', '.join(answer.away)}."))
    for note in answer.notes:
        out.print(Text(translate_text(note)))
