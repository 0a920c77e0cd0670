"""Everything an explanation holds, for people: the account, the model, the checks, the method."""

from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from voteshift.checks.placebo import Placebo
from voteshift.checks.same_item import OneItemTest
from voteshift.cli.console import console, make_table
from voteshift.cli.explain_bridges import bridges_lines, range_rows
from voteshift.cli.explain_tests import election_lines, no_election_lines, paired_lines
from voteshift.labels import rollcall_labels
from voteshift.shift.account import TURNOVER_NOTE, path_note
from voteshift.shift.explain import Explanation, Step
from voteshift.shift.parts import ModelParts
from voteshift.shift.telling import (
    LEANS,
    PLAIN,
    SWITCHING,
    check_sentences,
    effect_sentences,
    group_sentences,
    prior_sentences,
    shares_sentence,
    simulation_error,
    switchers_sentence,
)
from voteshift.shift.wording import drawn_from, model_words
from voteshift.votes import CAST, TALLY_COLUMNS
from voteshift.writing import signed, with_interval

if TYPE_CHECKING:
    from voteshift.checks.exact_tests import PairedTests  # brings statsmodels

__all__ = ["print_details"]


def print_details(why: Explanation, tests: "PairedTests | None" = None) -> None:
    """Print everything an explanation holds, with the paired tests where there are any."""
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
        told = f"{LEANS if why.with_effect is not None else PLAIN} {SWITCHING}"
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
        said = (*effect_sentences(why), *_one_item_lines(why), *prior_sentences(why))
        for line in (*said, *no_election_lines(why), *bridges_lines(why), *_identified_lines(why)):
            out.print(Text(line))
        out.print(Text(f"Model: {model_words(why.fit, why.member_effect)}."))
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
    """Show the parts, and below them the parts without member effects and with bridges held otherwise."""
    kind = "Model with member effects" if step.without_effect is not None else "Model"
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
        "from positions alone, without member effects",
    )
    for council in ids:
        row = ["-".join(f"{values[(council, version, name)]:.1f}" for name in CAST) for version in ids]
        table.add_row(_name_of(why, council), *row)
    out.print(table)
