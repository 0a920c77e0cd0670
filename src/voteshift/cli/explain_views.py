"""An explanation as tables for people and as the JSON document of the contract."""

from typing import Any

import pandas as pd
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from voteshift.cli.console import console, make_table
from voteshift.shift.account import TURNOVER_NOTE
from voteshift.shift.explain import Explanation, Step
from voteshift.shift.parts import MODEL_CATEGORIES, ModelParts
from voteshift.shift.telling import group_sentences, shares_sentence, switchers_sentence
from voteshift.shift.wording import sentence
from voteshift.votes import TALLY_COLUMNS
from voteshift.writing import signed

__all__ = ["as_document", "print_explanation"]


def as_document(why: Explanation) -> dict[str, Any]:
    """Return the JSON document of `voteshift explain --json`."""
    symbols = why.rollcalls["symbol"]
    return {
        "family": why.family,
        "level": why.level,
        "seed": why.seed,
        "draws": why.n_draws,
        "window": None if why.window is None else {"first": why.window[0], "last": why.window[1]},
        "rollcalls": [
            {
                "id": rollcall,
                "symbol": row["symbol"],
                "date": f"{row['date']:%Y-%m-%d}",
                "title": row["title"],
                **{name: int(row[name]) for name in TALLY_COLUMNS},
            }
            for rollcall, row in why.rollcalls.iterrows()
        ],
        "steps": [_step_document(step, symbols, why.level) for step in why.steps],
        "expected": _expected_document(why, symbols),
        "fit": None
        if why.fit is None
        else {
            "converged": why.fit.converged,
            # What a clock says would make the same command print other bytes.
            **{name: value for name, value in why.fit.reached.items() if name != "seconds"},
            "direction": why.fit.direction,
            "scale": why.fit.scale,
        },
    }


def _step_document(step: Step, symbols: pd.Series, level: float) -> dict[str, Any]:
    account = step.account
    shares = account.relative_to_stayers()
    return {
        "from": symbols[step.old] or step.old,
        "to": symbols[step.new] or step.new,
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
        "model": _model_document(step.model, level),
    }


def _model_document(model: ModelParts | str, level: float) -> dict[str, Any]:
    if isinstance(model, str):
        return {"unavailable": model}
    document: dict[str, Any] = {
        "estimand": model.estimand,
        "level": level,
        "identified_by": model.identified_by,
        "notes": list(model.notes),
    }
    for row in model.table.itertuples(index=False):
        document.setdefault(str(row.component), {})[row.category] = {
            "estimate": float(row.estimate),
            "low": float(row.conf_low),
            "high": float(row.conf_high),
            "order_low": float(row.order_low),
            "order_high": float(row.order_high),
        }
    return document


def _expected_document(why: Explanation, symbols: pd.Series) -> dict[str, Any]:
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for row in why.expected().itertuples(index=False):
        key = (str(row.council), str(row.version))
        cell = cells.setdefault(
            key,
            {
                "council": symbols[row.council] or row.council,
                "version": symbols[row.version] or row.version,
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


# For people


def print_explanation(why: Explanation) -> None:
    """Print an explanation as tables and sentences."""
    out = console()
    out.print(Text(str(why.rollcalls["title"].iloc[-1]), style="bold"))
    out.print(Text(f"{why.family}, {len(why.rollcalls)} votes", style="dim"))
    table = make_table(["Version", "Date", "Yes", "No", "Abstain", "Absent"], text_columns=2)
    for row in why.rollcalls.itertuples():
        counts = (str(getattr(row, name)) for name in TALLY_COLUMNS)
        table.add_row(row.symbol or row.Index, f"{row.date:%Y-%m-%d}", *counts)
    out.print(table)
    for step in why.steps:
        _print_step(out, why, step)
    out.print(Text(TURNOVER_NOTE, style="dim"))
    out.print()
    _print_expected(out, why)
    modelled = [step.model for step in why.steps if isinstance(step.model, ModelParts)]
    if modelled and why.fit is not None:
        out.print(Text("Identified by ").append(modelled[0].identified_by))
        out.print(
            Text(
                "Parts are of the realised change among those who voted: recorded votes are kept, votes "
                "never cast are drawn. A part is the mean over both orders of replacing council and version; "
                f"{100 * why.level:g}% intervals from {why.n_draws} draws of the normal approximation, seed "
                f"{why.seed}. Scale: positions have standard deviation 1, {why.fit.direction}. "
                "Nothing here is causal."
            )
        )


def _name_of(why: Explanation, rollcall: str) -> str:
    row = why.rollcalls.loc[rollcall]
    return f"{row['symbol'] or rollcall} ({row['date']:%Y})"


def _print_step(out: Console, why: Explanation, step: Step) -> None:
    account = step.account
    heading = f"{_name_of(why, step.old)} to {_name_of(why, step.new)}"
    table = make_table(["", "Yes", "No", "Abstain", "Absent"], title=heading)
    rows = {
        "change": account.change,
        f"  switching: {account.stayers} sat both times": account.switching,
        f"  turnover: {account.left} left, {account.joined} joined": account.turnover,
    }
    for label, counts in rows.items():
        table.add_row(label, *(signed(counts[name]) for name in TALLY_COLUMNS))
    out.print(table)
    if isinstance(step.model, ModelParts):
        out.print(_parts_table(step.model, why.level))
    lines = [switchers_sentence(account), *group_sentences(account), shares_sentence(account)]
    if isinstance(step.model, str):
        lines.append(f"No model: {step.model}.")
    else:
        lines += [sentence(step.model), *step.model.notes]
    for line in filter(None, lines):
        out.print(Padding(Text(line), (0, 0, 0, 2)))
    out.print()


def _parts_table(model: ModelParts, level: float) -> Table:
    table = make_table([f"Model, {100 * level:g}% intervals", "Yes", "No", "Abstain"])
    table.add_row(
        "change among those who voted", *(signed(model.observed[name]) for name in MODEL_CATEGORIES)
    )
    parts = model.table.set_index(["component", "category"])
    for part in model.components:
        cells = []
        for name in MODEL_CATEGORIES:
            row = parts.loc[(part, name)]
            interval = f"[{signed(row['conf_low'], 1)}, {signed(row['conf_high'], 1)}]"
            cells.append(f"{signed(row['estimate'], 1)} {interval}")
        table.add_row(f"  {part}{' of those who voted' if part == 'membership' else ''}", *cells)
    return table


def _print_expected(out: Console, why: Explanation) -> None:
    cells = why.expected()
    if cells.empty:
        return
    ids = list(dict.fromkeys(cells["version"]))
    if len(ids) > 4:
        out.print(
            Text(
                f"Every council under every version ({len(ids)} x {len(ids)}) is in the JSON output.",
                style="dim",
            )
        )
        return
    values = cells.set_index(["council", "version", "category"])["estimate"]
    table = make_table(
        ["Council of", *(f"Version {_name_of(why, version)}".replace(" ", "\n") for version in ids)],
        title="Expected yes-no-abstain of every council under every version",
    )
    for council in ids:
        row = [
            "-".join(f"{values[(council, version, name)]:.1f}" for name in MODEL_CATEGORIES)
            for version in ids
        ]
        table.add_row(_name_of(why, council), *row)
    out.print(table)
