"""An explanation as the JSON document of the contract."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from voteshift.checks.expected_switchers import Switchers
from voteshift.checks.placebo import NULL, Placebo
from voteshift.cli.explain_bridges import bridges_document, three_ways_document
from voteshift.cli.explain_tests import election_document, paired_document
from voteshift.cli.model_documents import LATENT, effect_document
from voteshift.labels import rollcall_labels
from voteshift.resolution.marginal import NOISE_SD
from voteshift.shift.account import TURNOVER_NOTE, path_note
from voteshift.shift.explain import Explanation, Step
from voteshift.votes import TALLY_COLUMNS

if TYPE_CHECKING:
    from voteshift.checks.exact_tests import PairedTests  # brings statsmodels

__all__ = ["as_document"]


def as_document(why: Explanation, tests: "PairedTests | None" = None) -> dict[str, Any]:
    """Return the JSON document of `voteshift explain --json`, with the paired tests where there are any."""
    labels = rollcall_labels(why.rollcalls)
    return {
        "family": why.family,
        "text": why.text,
        "level": why.level,
        "seed": why.seed,
        "draws": why.n_draws,
        "window": None if why.window is None else {"first": why.window[0], "last": why.window[1]},
        "rollcalls": [
            {
                "id": rollcall,
                "symbol": labels[rollcall],
                "date": f"{row['date']:%Y-%m-%d}",
                "title": row["title"],
                **{name: int(row[name]) for name in TALLY_COLUMNS},
            }
            for rollcall, row in why.rollcalls.iterrows()
        ],
        "steps": [_step_document(why, step, labels) for step in why.steps],
        "bridges": bridges_document(why),
        "expected": _expected_document(why, labels),
        "prior_sensitivity": why.prior_sensitivity().to_dict("records"),
        "member_effect": effect_document(why.member_effect, why.level),
        "one_item": _one_item_document(why, labels),
        "path_note": path_note([step.account for step in why.steps]) or None,
        "tests": None if tests is None else paired_document(tests),
        "fit": None
        if why.fit is None
        else {
            "converged": why.fit.converged,
            # What a clock says would make the same command print other bytes.
            **{name: value for name, value in why.fit.reached.items() if name != "seconds"},
            "link": why.fit.link,
            "dims": why.fit.dims,
            "priors": why.fit.priors,
            "direction": why.fit.direction,
            "scale": why.fit.scale,
        },
    }


def _step_document(why: Explanation, step: Step, labels: pd.Series) -> dict[str, Any]:
    account = step.account
    shares = account.relative_to_stayers()
    return {
        "from": labels[step.old],
        "to": labels[step.new],
        "from_id": step.old,
        "to_id": step.new,
        "change": _counts(account.change),
        "account": {
            "stayers": account.stayers,
            "left": account.left,
            "joined": account.joined,
            "switching": _counts(account.switching),
            "turnover": _counts(account.turnover),
            "turnover_note": TURNOVER_NOTE,
            "switchers": [
                {"member": member, "from": row["old"], "to": row["new"]}
                for member, row in account.switchers.iterrows()
            ],
            "transitions": {
                str(old): {str(new): int(count) for new, count in row.items()}
                for old, row in account.transitions.iterrows()
            },
            "groups": {
                str(group): {
                    part: {name: int(row[(part, name)]) for name in TALLY_COLUMNS}
                    for part in ("switching", "turnover")
                }
                for group, row in account.by_group().iterrows()
            },
            "shares": {
                str(name): {
                    str(part): None if pd.isna(share) else float(share) for part, share in row.items()
                }
                for name, row in shares.iterrows()
            },
        },
        "placebo": _placebo_document(step.placebo),
        "model": _model_document(why, step),
        "election": election_document(step),
    }


def _model_document(why: Explanation, step: Step) -> dict[str, Any]:
    model = step.model
    if isinstance(model, str):
        return {"unavailable": model}
    document: dict[str, Any] = {
        "estimand": model.estimand,
        "level": why.level,
        "member_effect": step.without_effect is not None,
        "identified_by": model.identified_by,
        "sentence": step.sentence,
        "notes": list(model.notes),
        "voted_once": list(model.voted_once),
        "simulation_error": model.simulation_error,
        **_components(model.table),
        "groups": _labelled(model.by(step.account.members["group"]), "label"),
        "members": _labelled(model.members(), "member"),
        "switchers": _switchers_document(step.switchers[0]),
    }
    if "positions" in model.components:
        document["positions_of"] = _labelled(model.seen(), "label")
        document["extrapolated"] = list(model.extrapolated)
        split = step.after_splitting
        document["three_ways"] = three_ways_document(
            why, step, None if split is None else _components(split.table)
        )
    if step.without_effect is not None:
        document["without_effect"] = {
            **_components(step.without_effect.table),
            "switchers": _switchers_document(step.switchers[1]),
        }
    return document


def _components(table: pd.DataFrame) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for row in table.itertuples(index=False):
        document.setdefault(str(row.component), {})[row.category] = {
            "estimate": float(row.estimate),
            "low": float(row.conf_low),
            "high": float(row.conf_high),
            "order_low": float(row.order_low),
            "order_high": float(row.order_high),
        }
    return document


def _labelled(table: pd.DataFrame, label: str) -> dict[str, Any]:
    """Parts of groups or members; those that are 0 in every draw are left out."""
    document: dict[str, Any] = {}
    for row in table.itertuples(index=False):
        if row.estimate or row.conf_low or row.conf_high:
            parts = document.setdefault(str(getattr(row, label)), {})
            parts.setdefault(str(row.component), {})[row.category] = {
                "estimate": float(row.estimate),
                "low": float(row.conf_low),
                "high": float(row.conf_high),
            }
    return document


def _switchers_document(check: Switchers) -> dict[str, Any]:
    return {
        "voted": check.voted,
        "observed": check.observed,
        "estimate": check.expected,
        "low": check.low,
        "high": check.high,
        "p_as_few": check.p_as_few,
        "p_as_many": check.p_as_many,
    }


def _placebo_document(placebo: Placebo | str) -> dict[str, Any]:
    if isinstance(placebo, str):
        return {"unavailable": placebo}
    here, there = placebo.here, placebo.elsewhere
    return {
        "switches": here[0],
        "stayers": here[1],
        "families": placebo.n_families,
        "elsewhere": {"switches": there[0], "pairs": there[1]},
        "rank": placebo.rank,
        "p_more": placebo.p_more,
        "p_fewer": placebo.p_fewer,
        "p_net": placebo.p_net,
        "null": NULL,
        "rule": placebo.rule,
    }


def _one_item_document(why: Explanation, labels: pd.Series) -> dict[str, Any] | None:
    if isinstance(why.one_item, str):
        return {"unavailable": why.one_item}
    if why.one_item is None:
        return None
    test, plain = why.one_item, why.one_item.without_effect
    tests = []
    for at, row in enumerate(test.table.itertuples(index=False)):
        document = {
            "rollcalls": [labels[rollcall] for rollcall in row.rollcalls],
            "ids": list(row.rollcalls),
            **_ratio_document(row.statistic, row.p_value, row.p_holm),
        }
        if plain is not None:
            found = plain.table.iloc[at]
            document["without_effect"] = _ratio_document(
                found["statistic"], found["p_value"], found["p_holm"]
            )
        tests.append(document)
    return {
        "null": test.null,
        "member_effect": plain is not None,
        "no_effect": test.no_effect or None,
        "effect_sd": test.effect_sd,
        **LATENT,
        "noise_sd": None if why.fit is None else NOISE_SD[why.fit.link],
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


def _expected_document(why: Explanation, labels: pd.Series) -> dict[str, Any]:
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for row in why.expected().itertuples(index=False):
        key = (str(row.council), str(row.version))
        cell = cells.setdefault(
            key,
            {
                "council": labels[row.council],
                "version": labels[row.version],
                "council_id": row.council,
                "version_id": row.version,
            },
        )
        cell[row.category] = {
            "estimate": float(row.estimate),
            "low": float(row.conf_low),
            "high": float(row.conf_high),
        }
    return {"estimand": "expected", "level": why.level, "cells": list(cells.values())}


def _counts(series: pd.Series) -> dict[str, int]:
    return {name: int(series[name]) for name in TALLY_COLUMNS}
