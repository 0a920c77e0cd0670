"""An explanation as a JSON document."""

from typing import Any

import pandas as pd

from voteshift.checks.elections import Elections
from voteshift.checks.expected_switchers import ExpectedSwitchers
from voteshift.checks.placebo import PlaceboSteps
from voteshift.checks.split_bridges import SplitBridges
from voteshift.cli.argument_names import translate_text
from voteshift.cli.check_documents import (
    bridges_document,
    dimensions_document,
    documents_document,
    election_document,
    paired_document,
    placebo_document,
    same_item_document,
    switchers_document,
    three_ways_document,
    verdicts_document,
)
from voteshift.cli.model_documents import effect_document, unavailable_document
from voteshift.compose.findings import Findings
from voteshift.errors import Unavailable
from voteshift.ideal.links import need_standard
from voteshift.labels import rollcall_labels
from voteshift.shift.account import TURNOVER_NOTE, path_note
from voteshift.shift.explanation import Explanation
from voteshift.shift.step import Step
from voteshift.votes import TALLY_COLUMNS

__all__ = ["as_document"]


def as_document(findings: Findings) -> dict[str, Any]:
    """Return the JSON document of `voteshift explain --json`."""
    why, results = findings.why, findings.results
    priors, tests = findings.result("prior_sensitivity"), results.get("exact_tests")
    labels = rollcall_labels(why.rollcalls)
    return {
        "family": why.family,
        "text": translate_text(findings.text),
        "level": why.level,
        "seed": why.draws.seed,
        "draws": why.draws.n,
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
        "steps": [_step_document(findings, place, labels) for place in range(len(why.steps))],
        **documents_document(results.get("documents")),
        "bridges": bridges_document(results) if any(step.separates for step in why.steps) else None,
        "expected": _expected_document(why, labels),
        "prior_sensitivity": []
        if priors is None
        else priors.tidy().rename(columns={"estimate": "prior"}).to_dict("records"),
        "member_effect": effect_document(why.member_effect, why.level),
        "one_item": _one_item_document(findings, labels),
        "dimensions": dimensions_document(results.get("dimensions")),
        "path_note": path_note([step.account for step in why.steps]) or None,
        "tests": _tests_document(tests),
        "checks": verdicts_document(results),
        "fit": None
        if why.fit is None
        else {
            "converged": why.fit.converged,
            # With the time of day the same command would print other bytes.
            **{name: value for name, value in why.fit.reached.items() if name != "seconds"},
            "link": why.fit.link,
            "dims": why.fit.dims,
            "priors": why.fit.priors,
            "direction": why.fit.direction,
            "scale": why.fit.scale,
        },
    }


def _one_item_document(findings: Findings, labels: pd.Series) -> dict[str, Any] | None:
    why = findings.why
    if why.tallies is None or len(why.tallies.rollcalls) < 2:
        return None  # one version cannot be compared
    link = None if why.fit is None else need_standard(why.fit.link, "explanations")
    return same_item_document(findings.results.get("same_item"), labels, link)


def _tests_document(tests: Any) -> dict[str, Any] | None:
    return None if tests is None else paired_document(tests)


def _step_document(findings: Findings, place: int, labels: pd.Series) -> dict[str, Any]:
    step = findings.why.steps[place]
    placebo, elections = (findings.result(name) for name in ("placebo", "elections"))
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
            **{part: _counts(counts) for part, counts in account.parts.items()},
            "turnover_note": TURNOVER_NOTE,
            "switchers": _moves(account.switchers),
            **({"voted_once": _moves(account.voted_once)} if "attendance" in account.parts else {}),
            "transitions": {
                str(old): {str(new): int(count) for new, count in row.items()}
                for old, row in account.transitions.iterrows()
            },
            "groups": {
                str(group): {
                    part: {name: int(row[(part, name)]) for name in TALLY_COLUMNS} for part in account.parts
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
        "placebo": placebo_document(placebo.steps[step.ends] if isinstance(placebo, PlaceboSteps) else None),
        "model": _model_document(findings, place),
        "election": election_document(
            elections.steps.get(step.ends) if isinstance(elections, Elections) else None
        ),
    }


def _model_document(findings: Findings, place: int) -> dict[str, Any]:
    why, step = findings.why, findings.why.steps[place]
    model = step.model
    if isinstance(model, Unavailable):
        return unavailable_document(model)
    switchers = _switchers_documents(findings, step)
    document: dict[str, Any] = {
        "estimand": model.estimand,
        "level": why.level,
        "member_effect": step.positions_only is not None,
        "identified_by": model.identified_by,
        "sentence": why.answer.steps[place].change,
        "notes": list(model.notes),
        "voted_once": list(model.voted_once),
        "simulation_error": model.simulation_error,
        **_components(model.table),
        "groups": _labelled(model.by(step.account.members["group"]), "label"),
        "members": _labelled(model.members(), "member"),
        **switchers[0],
    }
    if "positions" in model.components:
        if model.movement is not None:
            document["movement"] = _components(model.movement)
        document["positions_of"] = _labelled(model.seen(), "label")
        document["extrapolated"] = list(model.extrapolated)
        screen = findings.result("split_bridges")
        split = screen.steps.get(step.ends) if isinstance(screen, SplitBridges) else None
        document["three_ways"] = three_ways_document(
            step.ends, findings.results, None if split is None else _components(split.table)
        )
    if step.positions_only is not None:
        document["without_member_effect"] = {**_components(step.positions_only.table), **switchers[-1]}
    return document


def _switchers_documents(findings: Findings, step: Step) -> list[dict[str, Any]]:
    """Return the expected switchers with member effects, then without; [{}] if not run."""
    result = findings.result("expected_switchers")
    checks = result.steps.get(step.ends, ()) if isinstance(result, ExpectedSwitchers) else ()
    return [{"switchers": switchers_document(check)} for check in checks] or [{}]


def _components(table: pd.DataFrame) -> dict[str, Any]:
    """Return estimate and interval by component and category, with the range over orders if it is there."""
    keys = {"estimate": "estimate", "conf_low": "low", "conf_high": "high"}
    keys |= {name: name for name in ("order_low", "order_high") if name in table}
    document: dict[str, Any] = {}
    for row in table.to_dict("records"):
        document.setdefault(row["component"], {})[row["category"]] = {
            key: float(row[name]) for name, key in keys.items()
        }
    return document


def _labelled(table: pd.DataFrame, label: str) -> dict[str, Any]:
    """Return the parts of groups or members, without parts that are 0 in every draw."""
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


def _moves(members: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {"member": str(member), "from": row["old"], "to": row["new"]} for member, row in members.iterrows()
    ]


def _counts(series: pd.Series) -> dict[str, int]:
    return {name: int(series[name]) for name in TALLY_COLUMNS}
