"""Tests beside an explanation, as lines and as JSON: elections at random, and those who voted twice."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from voteshift.checks.elections import Election
from voteshift.shift.explain import Explanation, Step
from voteshift.writing import p_words

if TYPE_CHECKING:
    from voteshift.checks.exact_tests import PairedTests  # brings statsmodels

__all__ = [
    "election_document",
    "election_lines",
    "no_election_lines",
    "paired_document",
    "paired_lines",
]


def election_document(step: Step) -> dict[str, Any] | None:
    """Return the membership part beside elections at random; None where there is no model."""
    if isinstance(step.elections, str):
        return {"unavailable": step.elections}
    if not step.elections:
        return None
    found, *without = step.elections
    return {
        "level": found.level,
        "seed": found.seed,
        "elections": found.n_elections,
        "null": found.null,
        "statistic": "the part of the change due to membership",
        "from": found.chamber,
        **_categories(found),
        "seats": {
            str(group): {"seats": int(row["seats"]), "stood": int(row["stood"])}
            for group, row in found.seats.iterrows()
        },
        "barred": list(found.barred),
        "unplaced": list(found.unplaced),
        "ungrouped": list(found.ungrouped),
        "extrapolated": list(found.extrapolated),
        "sentence": found.sentence(),
        "without_effect": _categories(without[0]) if without else None,
    }


def _categories(found: Election) -> dict[str, Any]:
    return {
        str(row["category"]): {
            "estimate": row["estimate"],
            "low": row["conf_low"],
            "high": row["conf_high"],
            "random": {name: row[f"random_{name}"] for name in ("mean", "low", "high")},
            **{name: row[name] for name in ("p_more", "p_fewer", "p_value", "p_change")},
        }
        for row in found.table.to_dict("records")
    }


def election_lines(step: Step) -> list[str]:
    """Say how the membership part stands among elections at random."""
    if isinstance(step.elections, str) or not step.elections:
        return []
    found, *without = step.elections
    return [found.sentence(*without), found.note()]


def no_election_lines(why: Explanation) -> list[str]:
    """Say, once, why some steps are not set beside elections."""
    return list(dict.fromkeys(f"{step.elections}." for step in why.steps if isinstance(step.elections, str)))


def paired_document(found: "PairedTests") -> dict[str, Any]:
    """Return the tests of those who voted both times, step by step."""
    steps = []
    for step in found.steps:
        rate, low, high = step.rate
        tests = [
            {"test": name, "null": row["null"], "discordant": int(row["discordant"]), "df": int(row["df"])}
            | {
                key: None if pd.isna(row[key]) else float(row[key])
                for key in ("statistic", "p_value", "p_asymptotic", "p_holm")
            }
            | {"caution": row["caution"] or None}
            for name, row in step.tests.iterrows()
        ]
        steps.append(
            {
                "from_id": step.old,
                "to_id": step.new,
                "voted": step.pairs,
                "changed": step.changed,
                "rate": {"estimate": None if pd.isna(rate) else float(rate), "low": low, "high": high},
                "tests": tests,
            }
        )
    return {"level": found.level, "conditioning": found.conditioning, "steps": steps}


def paired_lines(found: "PairedTests", names: pd.Series) -> list[str]:
    """Say what the tests of those who voted both times found; every test with its null.

    Parameters
    ----------
    found : PairedTests
        The tests.
    names : Series
        What a roll call is called, by id.
    """
    lines = []
    for step, words in zip(found.steps, found.sentences(), strict=True):
        lines.append(f"{names[step.old]} to {names[step.new]}: {words.partition(': ')[2]}")
        for name, row in step.tests.iterrows():
            if name not in ("stuart_maxwell", "bowker"):  # these two are in the sentence
                p_value, p_holm = (p_words(row[key]) for key in ("p_value", "p_holm"))
                lines.append(
                    f"  {_WORDS[str(name)]}. Null: {row['null']}; exact p {p_value} (Holm {p_holm})."
                )
    return [*lines, found.conditioning]


_WORDS = {
    "mcnemar_yes": "McNemar, yes or not",
    "mcnemar_no": "McNemar, no or not",
    "stratified": "Stuart-Maxwell within groups, added up",
}
