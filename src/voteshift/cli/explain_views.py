"""An explanation as tables for people and as the JSON document of the contract."""

from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from voteshift.cli.console import console, make_table
from voteshift.cli.explain_bridges import bridges_document, bridges_lines, range_rows, three_ways_document
from voteshift.cli.explain_tests import (
    election_document,
    election_lines,
    no_election_lines,
    paired_document,
    paired_lines,
)
from voteshift.cli.model_documents import LATENT, leaning_document
from voteshift.labels import rollcall_labels
from voteshift.shift.account import TURNOVER_NOTE, path_note
from voteshift.shift.explain import Explanation, Step
from voteshift.shift.one_item import OneItemTest
from voteshift.shift.parts import ModelParts
from voteshift.shift.placebo import NULL, Placebo
from voteshift.shift.switchers import Switchers
from voteshift.shift.telling import (
    LEANS,
    PLAIN,
    SWITCHING,
    check_sentences,
    group_sentences,
    leaning_sentences,
    prior_sentences,
    shares_sentence,
    simulation_error,
    switchers_sentence,
)
from voteshift.shift.testlet import NOISE_SD
from voteshift.shift.wording import drawn_from, model_words
from voteshift.votes import CAST, TALLY_COLUMNS
from voteshift.writing import signed, with_interval

if TYPE_CHECKING:
    from voteshift.shift.paired import PairedTests  # brings statsmodels

__all__ = ["as_document", "print_explanation"]


def as_document(why: Explanation, tests: "PairedTests | None" = None) -> dict[str, Any]:
    """Return the JSON document of `voteshift explain --json`, with the paired tests where there are any."""
    labels = rollcall_labels(why.rollcalls)
    return {
        "family": why.family,
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
        "leaning": leaning_document(why.leaning, why.level),
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
        "leaning": step.without_leaning is not None,
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
    if step.without_leaning is not None:
        document["without_leaning"] = {
            **_components(step.without_leaning.table),
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
    test, plain = why.one_item, why.one_item.without_leaning
    tests = []
    for at, row in enumerate(test.table.itertuples(index=False)):
        document = {
            "rollcalls": [labels[rollcall] for rollcall in row.rollcalls],
            "ids": list(row.rollcalls),
            **_ratio_document(row.statistic, row.p_value, row.p_holm),
        }
        if plain is not None:
            found = plain.table.iloc[at]
            document["without_leaning"] = _ratio_document(
                found["statistic"], found["p_value"], found["p_holm"]
            )
        tests.append(document)
    return {
        "null": test.null,
        "leaning": plain is not None,
        "no_leaning": test.no_leaning or None,
        "leaning_sd": test.leaning_sd,
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


# For people


def print_explanation(why: Explanation, tests: "PairedTests | None" = None) -> None:
    """Print an explanation as tables and sentences, with the paired tests where there are any."""
    out = console()
    out.print(Text(str(why.rollcalls["title"].iloc[-1]), style="bold"))
    out.print(Text(f"{why.family}, {len(why.rollcalls)} votes", style="dim"))
    labels = rollcall_labels(why.rollcalls)
    table = make_table(["Version", "Date", "Yes", "No", "Abstain", "Absent"], text_columns=2)
    for row in why.rollcalls.itertuples():
        counts = (str(getattr(row, name)) for name in TALLY_COLUMNS)
        table.add_row(labels[row.Index], f"{row.date:%Y-%m-%d}", *counts)
    out.print(table)
    for step in why.steps:
        _print_step(out, why, step)
    if note := path_note([step.account for step in why.steps]):
        out.print(Text(note))
    out.print(Text(TURNOVER_NOTE, style="dim"))
    if any(isinstance(step.model, ModelParts) for step in why.steps):
        told = f"{LEANS if why.with_leaning is not None else PLAIN} {SWITCHING}"
        out.print(Text(told, style="dim"))
    if tests is not None:
        out.print()
        out.print(Text("Tests of those who voted both times", style="bold"))
        names = pd.Series({rollcall: _name_of(why, rollcall) for rollcall in why.rollcalls.index})
        for line in paired_lines(tests, names):
            out.print(Text(line))
    out.print()
    _print_expected(out, why)
    modelled = [step.model for step in why.steps if isinstance(step.model, ModelParts)]
    if modelled and why.fit is not None:
        said = (*leaning_sentences(why), *_one_item_lines(why), *prior_sentences(why))
        for line in (*said, *no_election_lines(why), *bridges_lines(why), *_identified_lines(why)):
            out.print(Text(line))
        out.print(Text(f"Model: {model_words(why.fit, why.leaning)}."))
        out.print(Text(_small_print(why, modelled[0], why.fit.direction)))


def _small_print(why: Explanation, model: ModelParts, direction: str) -> str:
    factors = "council, positions and version" if "positions" in model.components else "council and version"
    split = (
        "Parts are of the realised change among those who voted: recorded votes are kept, votes never cast "
        "are drawn."
        if model.estimand == "realised"
        else "Parts are of the expected tallies among those who voted: another question than why the tally "
        "moved as it did. The residual is what the model did not expect."
    )
    return (
        f"{split} A part is the mean over the orders of replacing {factors}; {100 * why.level:g}% intervals "
        f"from {why.n_draws} draws of the {drawn_from(why.fit)}, seed {why.seed}; simulation error of an "
        f"estimate at most {simulation_error(why):.2f}. Scale: positions have "
        f"standard deviation 1, {direction}. Nothing here is causal."
    )


def _identified_lines(why: Explanation) -> list[str]:
    """Say what identifies the parts: once, or of every step where steps differ."""
    found = {
        f"{_name_of(why, step.old)} to {_name_of(why, step.new)}": step.model.identified_by
        for step in why.steps
        if isinstance(step.model, ModelParts)
    }
    texts = set(found.values())
    if len(texts) == 1:
        return [f"Identified by {texts.pop()}"]
    return [f"{step}: identified by {text}" for step, text in found.items()]


def _one_item_lines(why: Explanation) -> list[str]:
    if why.one_item is None:
        return []
    if isinstance(why.one_item, OneItemTest):
        names = pd.Series({rollcall: _name_of(why, rollcall) for rollcall in why.rollcalls.index})
        return [why.one_item.sentence(names)]
    return [f"No test that it is one item: {why.one_item}."]


def _name_of(why: Explanation, rollcall: str) -> str:
    return f"{rollcall_labels(why.rollcalls)[rollcall]} ({why.rollcalls.loc[rollcall, 'date']:%Y})"


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
        out.print(_parts_table(step, step.model, why.level))
    lines = [switchers_sentence(account), *group_sentences(account), shares_sentence(account)]
    lines.append(step.placebo.sentence() if isinstance(step.placebo, Placebo) else "")
    lines += [step.sentence, *_seen_sentences(step), *check_sentences(step), *election_lines(step)]
    if isinstance(step.model, ModelParts):
        lines += step.model.notes
    for line in filter(None, lines):
        out.print(Padding(Text(line), (0, 0, 0, 2)))
    out.print()


def _parts_table(step: Step, model: ModelParts, level: float) -> Table:
    """Show the parts, and below them the parts without a leaning and with bridges held otherwise."""
    kind = "Model with leaning" if step.without_leaning is not None else "Model"
    table = make_table([f"{kind}, {100 * level:g}% intervals", "Yes", "No", "Abstain"])
    table.add_row("change among those who voted", *(signed(model.observed[name]) for name in CAST))
    for layer, parts in step.modelled.items():
        before = "" if layer == "model" else f"{layer.removeprefix('model ')}: "
        rows = parts.rows.set_index(["component", "category"])
        for part in parts.rows["component"].unique():
            cells = []
            for name in CAST:
                row = rows.loc[(part, name)]
                cells.append(with_interval(row["estimate"], row["conf_low"], row["conf_high"]))
            who = " of those who voted" if part == "membership" and not before else ""
            table.add_row(f"  {before}{part}{who}", *cells)
    for row in range_rows(step):
        table.add_row(*row)
    return table


def _seen_sentences(step: Step) -> list[str]:
    """Split the positions part into members seen at both dates and those placed by other years."""
    model = step.model
    if not isinstance(model, ModelParts) or "positions" not in model.components:
        return []
    parts = model.seen().set_index(["label", "category"])["estimate"]
    said = [
        f"{label} {', '.join(f'{name} {signed(parts[label, name], 1)}' for name in CAST)}"
        for label in ("seen", "extrapolated")
        if label in parts.index
    ]
    return [
        f"Positions of {len(model.extrapolated)} of {model.n_members} members are extrapolated: fewer than 5 "
        f"votes in the period of one of the dates. Positions part: {'; '.join(said)}."
    ]


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
        title="Expected yes-no-abstain of every council under every version, "
        "from positions alone, without leaning",
    )
    for council in ids:
        row = ["-".join(f"{values[(council, version, name)]:.1f}" for name in CAST) for version in ids]
        table.add_row(_name_of(why, council), *row)
    out.print(table)
