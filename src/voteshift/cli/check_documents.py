"""The checks of an explanation as JSON."""

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from voteshift.checks import CheckResult, registered_checks
from voteshift.checks.dimensions import ALPHA, Dimensions
from voteshift.checks.documents import DOCUMENTS_NOTE, Documents
from voteshift.checks.elections import Election
from voteshift.checks.expected_switchers import Switchers
from voteshift.checks.leave_one_out import LeaveOut
from voteshift.checks.placebo import NULL, Placebo
from voteshift.checks.result import Ends
from voteshift.checks.same_item import OneItemTest
from voteshift.checks.sign_changes import SignChanges
from voteshift.checks.split_bridges import SplitBridges
from voteshift.cli.model_documents import LATENT, unavailable_document
from voteshift.errors import Unavailable
from voteshift.ideal.objective import Link
from voteshift.resolution.marginal import NOISE_SD

if TYPE_CHECKING:
    from voteshift.checks.exact_tests import PairedTests  # brings statsmodels

__all__ = [
    "bridges_document",
    "dimensions_document",
    "documents_document",
    "election_document",
    "paired_document",
    "placebo_document",
    "same_item_document",
    "switchers_document",
    "three_ways_document",
    "verdicts_document",
]


def placebo_document(placebo: Placebo | Unavailable | None) -> dict[str, Any] | None:
    """Return how often the same members switched on other resolutions, or None without a comparison."""
    if placebo is None:
        return None
    if isinstance(placebo, Unavailable):
        return unavailable_document(placebo)
    here, elsewhere = placebo.here, placebo.elsewhere
    return {
        "switches": here[0],
        "stayers": here[1],
        "families": placebo.n_families,
        "elsewhere": {"switches": elsewhere[0], "pairs": elsewhere[1]},
        "rank": placebo.rank,
        "p_more": placebo.p_more,
        "p_fewer": placebo.p_fewer,
        "p_net": placebo.p_net,
        "null": NULL,
        "rule": placebo.rule,
    }


def switchers_document(check: Switchers) -> dict[str, Any]:
    """Return the number of switchers on record and the number that the model expects."""
    return {
        "voted": check.voted,
        "observed": check.observed,
        "estimate": check.expected,
        "low": check.low,
        "high": check.high,
        "p_as_few": check.p_as_few,
        "p_as_many": check.p_as_many,
    }


def same_item_document(
    test: CheckResult | Unavailable | None, labels: pd.Series, link: Link | None
) -> dict[str, Any] | None:
    """Return the test that the versions have one item, or None if the test was not run."""
    if isinstance(test, Unavailable):
        return unavailable_document(test)
    if not isinstance(test, OneItemTest):
        return None
    others = {
        "without_group_effect": test.without_groups,
        "without_member_effect": test.without_effect,
    }
    tests = []
    for place, row in enumerate(test.table.itertuples(index=False)):
        document = {
            "rollcalls": [labels[rollcall] for rollcall in row.rollcalls],
            "ids": list(row.rollcalls),
            **_ratio_document(row.statistic, row.p_value, row.p_holm),
        }
        for name, other in others.items():
            if other is not None:
                cells = other.table.iloc[place]
                document[name] = _ratio_document(cells["statistic"], cells["p_value"], cells["p_holm"])
        tests.append(document)
    return {
        "null": test.null,
        "member_effect": test.effect_sd is not None,
        "no_member_effect": test.no_effect or None,
        "group_effect": test.group_sd is not None,
        "no_group_effect": test.no_groups or None,
        "member_effect_sd": test.effect_sd,
        "group_effect_sd": test.group_sd,
        **LATENT,
        "noise_sd": None if link is None else NOISE_SD[link],
        "replicates": test.n_replicates,
        "unconverged": test.unconverged,
        "tests": tests,
    }


def _ratio_document(statistic: float, p_value: float, p_holm: float) -> dict[str, Any]:
    return {
        "statistic": float(statistic),
        "p_value": float(p_value),
        "p_holm": None if pd.isna(p_holm) else float(p_holm),
    }


def dimensions_document(result: CheckResult | Unavailable | None) -> dict[str, Any] | None:
    """Return the slope on a further dimension and the positions there, or None if the check was not run."""
    if isinstance(result, Unavailable):
        return unavailable_document(result)
    if not isinstance(result, Dimensions):
        return None
    table = result.tidy().set_index("quantity")
    slope, positions = table.loc["slope"], table.loc[["position"]]
    return {
        "dims": result.dims,
        "estimate": float(slope["estimate"]),
        "std_error": float(slope["std_error"]),
        "p_value": float(slope["p_value"]),
        "significance": ALPHA,
        "replicates": result.n_replicates,
        "positions": dict(zip(positions["member"], positions["estimate"].astype(float), strict=True)),
    }


def documents_document(result: CheckResult | Unavailable | None) -> dict[str, Any]:
    """Return the documents and the votes by documents of every step; empty if the check was not run."""
    if isinstance(result, Unavailable):
        return {"documents": unavailable_document(result)}
    if not isinstance(result, Documents):
        return {}
    return {
        "documents": {
            "list": result.table.to_dict("records"),
            "steps": [
                {"from_id": old, "to_id": new, "moves": result.moves((old, new)).to_dict("records")}
                for old, new in result.steps
            ],
            "elsewhere": result.elsewhere,
            "outside": list(result.outside),
            "note": DOCUMENTS_NOTE,
        }
    }


def election_document(step: tuple[Election, ...] | Unavailable | None) -> dict[str, Any] | None:
    """Return the membership part and its values under random elections, or None without a model."""
    if isinstance(step, Unavailable):
        return unavailable_document(step)
    if not step:
        return None
    main, *without = step
    return {
        "level": main.level,
        "seed": main.seed,
        "elections": main.n_elections,
        "null": main.null,
        "statistic": "the part of the change due to membership",
        "from": main.chamber,
        **_categories(main),
        "seats": {
            str(group): {"seats": int(row["seats"]), "stood": int(row["stood"])}
            for group, row in main.seats.iterrows()
        },
        "barred": list(main.barred),
        "unplaced": list(main.unplaced),
        "ungrouped": list(main.ungrouped),
        "extrapolated": list(main.extrapolated),
        "sentence": main.sentence(),
        "without_member_effect": _categories(without[0]) if without else None,
    }


def _categories(election: Election) -> dict[str, Any]:
    return {
        str(row["category"]): {
            "estimate": row["estimate"],
            "low": row["conf_low"],
            "high": row["conf_high"],
            "random": {name: row[f"random_{name}"] for name in ("mean", "low", "high")},
            **{name: row[name] for name in ("p_more", "p_fewer", "p_value", "p_change")},
        }
        for row in election.table.to_dict("records")
    }


def paired_document(paired: "PairedTests") -> dict[str, Any]:
    """Return the tests on the members that voted both times, for every step."""
    steps = []
    for step in paired.steps:
        rate, low, high = step.rate
        tests = [
            {"test": name, "null": row["null"], "discordant": int(row["discordant"]), "df": int(row["df"])}
            | {
                key: None if pd.isna(row[key]) else float(row[key])
                for key in ("statistic", "p_value", "p_asymptotic", "p_holm", "p_group", "least_group")
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
    return {"level": paired.level, "conditioning": paired.conditioning, "steps": steps}


def three_ways_document(
    ends: Ends,
    results: dict[str, CheckResult | Unavailable],
    split: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return the parts of a step after bridges are split and with one family or subject left out at a time.

    Parameters
    ----------
    ends : tuple of str
        The step. Its positions and resolution are separate parts.
    results : dict
        The checks that were run.
    split : dict or None
        The parts after bridges are split, in the form of the model's parts; None if no bridge was split.
    """
    screen, left_out = results.get("split_bridges"), results.get("leave_one_out")
    nothing = screen if isinstance(screen, Unavailable) else Unavailable("no bridge was rejected")
    ranges: dict[str, Any] = {"not_run": "the check 'leave_one_out' was not run"}
    if isinstance(left_out, Unavailable):
        ranges = unavailable_document(left_out)
    elif isinstance(left_out, LeaveOut):
        ranges = {}
        for row in left_out.ranges_of(ends).itertuples(index=False):
            ranges.setdefault(str(row.component), {})[row.category] = {
                "estimate": float(row.estimate),
                "lowest": float(row.lowest),
                "without_lowest": row.without_lowest,
                "highest": float(row.highest),
                "without_highest": row.without_highest,
            }
    signs = results.get("sign_changes")
    changes = signs.steps.get(ends, ()) if isinstance(signs, SignChanges) else ()
    return {
        "after_splitting": unavailable_document(nothing) if split is None else split,
        "leave_one_out": ranges,
        "sign_changes": [
            {"component": change.component, "category": change.category, "found": dict(change.estimates)}
            for change in changes
        ],
    }


def bridges_document(results: dict[str, CheckResult | Unavailable]) -> dict[str, Any]:
    """Return the tests of the bridges, and the families and subjects that were left out."""
    screen, left_out = results.get("split_bridges"), results.get("leave_one_out")
    document: dict[str, Any] = {}
    if isinstance(screen, SplitBridges):
        table = screen.constancy.table
        document |= {
            "pairs": len(table),
            "significance": screen.constancy.level,
            "split": [
                {
                    "item": row.item,
                    "from_id": row.old,
                    "to_id": row.new,
                    "statistic": float(row.statistic),
                    "df": int(row.df),
                    "p_value": float(row.p_value),
                    "p_holm": float(row.p_holm),
                }
                for row in table[table["rejected"]].itertuples()
            ],
        }
    else:
        document["unavailable"] = str(screen)
    if isinstance(left_out, LeaveOut):
        document["left_out"] = {
            "families": left_out.left_out["family"],
            "subjects": left_out.left_out["subject"],
            "impossible": left_out.impossible,
            "draws": left_out.draws.n,
            "simulation_error": left_out.simulation_error,
        }
    return document


def verdicts_document(results: dict[str, CheckResult | Unavailable]) -> dict[str, Any]:
    """Return the verdict and text of every check, and the table of every registered check."""
    document: dict[str, Any] = {}
    for name, result in results.items():
        if isinstance(result, Unavailable):
            document[name] = unavailable_document(result)
            continue
        document[name] = {"verdict": result.verdict, "text": result.text}
        if name in registered_checks():
            table = result.tidy()
            document[name]["table"] = json.loads(table.to_json(orient="records"))
    return document
