"""The sections of the checks: each shows the result of one check, or why there is no result."""

from typing import Final

import pandas as pd

from voteshift import plots
from voteshift.checks import CheckResult, registered_checks
from voteshift.checks.bridge_drift import BridgeDrift
from voteshift.checks.elections import Elections
from voteshift.checks.exact_tests import BY_GROUP, CONDITIONING, NULLS, PairedTests
from voteshift.checks.expected_switchers import ExpectedSwitchers
from voteshift.checks.leave_one_out import LeaveOut
from voteshift.checks.placebo import PLACEBO_RULE, Placebo, PlaceboSteps
from voteshift.checks.same_item import OneItemTest
from voteshift.checks.sensitivity import Sensitivity
from voteshift.compose import dependence
from voteshift.compose.contents import Block, Items, Picture, Section, Subhead, Table, Text, written
from voteshift.compose.findings import Findings
from voteshift.errors import Unavailable
from voteshift.shift.overview import overview
from voteshift.shift.step import Step
from voteshift.votes import CAST
from voteshift.writing import NONE, p_cell, signed, with_interval

__all__ = ["check_sections", "everywhere", "other_choices"]

_MOST: Final = 10  # families in the table of switches, besides the resolution itself
_AUTHORS: Final = {
    "mcnemar_yes": "McNemar, yes",
    "mcnemar_no": "McNemar, no",
    "stuart_maxwell": "Stuart-Maxwell",
    "stratified": "Stuart-Maxwell within groups",
}


def check_sections(findings: Findings) -> tuple[Section, ...]:
    """Return a section for every check that was run, in a fixed order; other packages' checks come last."""
    writers = {
        "placebo": _placebo,
        "expected_switchers": _expected_switchers,
        "exact_tests": _exact_tests,
        "same_item": _same_item,
        "split_bridges": _bridges,
        "elections": _elections,
        "group_dependence": dependence.group_section,
        "dimensions": dependence.dimensions_section,
        "ends_together": dependence.ends_section,
        "prior_sensitivity": _prior_sensitivity,
    }
    sections = [write(findings) for name, write in writers.items() if name in findings.results]
    for name in ("covariate_parts", *registered_checks()):
        if name in findings.results:
            sections.append(_plain(name, findings.results[name]))
    return tuple(section for section in sections if section.blocks)


def _plain(name: str, result: CheckResult | Unavailable) -> Section:
    """Write the verdict, the text and the table of a check."""
    title = name.replace("_", " ").capitalize()
    if isinstance(result, Unavailable):
        return Section(name, title, (Text(f"Not available: {result}."),))
    table = result.tidy()
    blocks: tuple[Block, ...] = (Text(f"{result.verdict.capitalize()}. {result.text}"),)
    if len(table):
        rows = written(table.itertuples(index=False))
        blocks += (Table(title, tuple(map(str, table.columns)), rows),)
    return Section(name, title, blocks)


def _placebo(findings: Findings) -> Section:
    """Compare the switching of each step with the same members' switching on other resolutions."""
    title, result = "The same members on other resolutions", findings.results["placebo"]
    if not isinstance(result, PlaceboSteps):
        return Section("elsewhere", title, (Text(f"There is no comparison: {result}."),))
    blocks: list[Block] = [
        Text(
            "If members had moved in general, the same members should have switched on other resolutions "
            "too. This comparison needs no model. The comparison cannot show whether members moved on "
            "this subject alone or the resolution changed."
        )
    ]
    for place in findings.shown:
        step = findings.why.steps[place]
        blocks.append(Subhead(findings.between(step)))
        comparison = result.steps[step.ends]
        if isinstance(comparison, Unavailable):
            blocks.append(Text(f"There is no comparison: {comparison}."))
            continue
        blocks.append(Text(comparison.sentence()))
        if comparison.n_families:
            blocks.append(_families(comparison))
    blocks.append(Text(f"Rule: {PLACEBO_RULE}"))
    return Section("elsewhere", title, tuple(blocks))


def _families(placebo: Placebo) -> Table:
    rows = [
        (
            f"{slug} (this resolution)" if row["focal"] else slug,
            row["switches"],
            row["stayers"],
            f"{100 * row['share']:.0f}%",
            signed(row["net"]),
        )
        for slug, row in placebo.table[: _MOST + 1].iterrows()
    ]
    rest = len(placebo.table) - len(rows)
    more = f"; the {rest} families with the smallest shares are not shown" if rest else ""
    return Table(
        f"Switches among the members that voted both times, by family{more}",
        ("family", "switches", "voted twice", "share", "net direction"),
        written(rows),
    )


def _expected_switchers(findings: Findings) -> Section:
    """Compare the number of switchers on record with the number that the model expects."""
    title, result = "Does the model expect as many members to switch?", findings.results["expected_switchers"]
    if not isinstance(result, ExpectedSwitchers):
        return Section("switchers", title, (Text(f"There is no comparison: {result}."),))
    items = [
        f"{findings.between(step)}: {line}"
        for step in findings.why.steps
        if (line := result.failures.get(step.ends) or result.describe_step(step.ends))
    ]
    return Section("switchers", title, (Items(tuple(items)),) if items else ())


def _bridges(findings: Findings) -> Section:
    """Show how far the parts depend on single bridges."""
    title, result = "How far the parts depend on single bridges", findings.results["split_bridges"]
    if not any(step.separates for step in findings.why.steps):
        return Section("bridges", title, ())
    left_out = findings.results.get("leave_one_out")
    blocks: list[Block] = [
        Text(f"Bridges were not tested: {result}." if isinstance(result, Unavailable) else result.text)
    ]
    signs = findings.result("sign_changes")
    if signs is not None:
        blocks.append(Text(signs.text))
    if isinstance(left_out, LeaveOut):
        blocks += [Text(left_out.text), _ranges(findings, left_out)]
    elif left_out is not None:
        blocks.append(Text(f"No family or subject was left out: {left_out}."))
    else:
        blocks.append(
            Text(
                "The check 'leave_one_out' was not run. This check shows the range of the parts when one "
                "family or subject at a time is left out. Each family and subject needs a separate fit."
            )
        )
    drift = findings.result("bridge_drift")
    if isinstance(drift, BridgeDrift):
        blocks += [Text(drift.text), _rates(findings, drift)]
    return Section("bridges", title, tuple(blocks))


def _rates(findings: Findings, drift: BridgeDrift) -> Table:
    """Show positions and resolution under every rate of change of the bridging texts."""
    parts = ("positions", "resolution")
    rows = []
    for place in findings.shown:
        step = findings.why.steps[place]
        name = findings.main_category(step)
        table = drift.table
        table = table[
            (table["old"] == step.old) & (table["new"] == step.new) & (table["category"] == name)
        ].set_index(["rate", "component"])
        for rate in table.index.unique("rate"):
            cells = [table.loc[(rate, part), ["estimate", "conf_low", "conf_high"]] for part in parts]
            rows.append(
                (findings.between(step), name, signed(rate, 2), *(with_interval(*cell) for cell in cells))
            )
    return Table(
        "Parts if all bridging texts had moved along the scale at a constant rate (standard deviations of "
        "positions a year); the rate 0 is the assumption of the answer",
        ("step", "category", "rate", *parts),
        written(rows),
        text_columns=2,
    )


def _ranges(findings: Findings, left_out: LeaveOut) -> Table:
    """Show the range of every part without single families and subjects."""
    rows = []
    for step in findings.why.steps:
        ranges = left_out.ranges_of(step.ends)
        cells = ranges.set_index(["component", "category"])
        for part in dict.fromkeys(ranges["component"]):
            ends = [cells.loc[(part, name)] for name in CAST]
            rows.append(
                (
                    findings.between(step),
                    part,
                    *(f"{signed(end['lowest'], 1)} to {signed(end['highest'], 1)}" for end in ends),
                )
            )
    return Table(
        "Range of every part with one family or subject left out",
        ("step", "component", *CAST),
        written(rows),
        text_columns=2,
    )


def _prior_sensitivity(findings: Findings) -> Section:
    """Show how far the parts depend on the priors, if the draws come from a posterior."""
    result = findings.result("prior_sensitivity")
    blocks = () if result is None else (Text(result.text),)
    return Section("priors", "How far the parts depend on the priors", blocks)


def _elections(findings: Findings) -> Section:
    """Compare the membership part with random elections, if the fit covers all states."""
    title, result = "Is this membership part unusual among random elections?", findings.results["elections"]
    if not isinstance(result, Elections):
        return Section("elections", title, (Text(f"Not tested: {result}."),))
    blocks: list[Block] = []
    for place in findings.shown:
        step = findings.why.steps[place]
        lines = result.describe_step(step.ends)
        if lines:
            blocks += [Subhead(findings.between(step)), *map(Text, lines)]
    blocks += [Text(f"Not tested: {reason}") for reason in result.reasons]
    return Section("elections", title, tuple(blocks))


def _same_item(findings: Findings) -> Section:
    """Show the test that the versions share one item."""
    result, title = findings.results["same_item"], "Is it one resolution?"
    if not isinstance(result, OneItemTest):
        return Section(
            "one-item", title, (Text(f"There is no test that the versions share one item: {result}."),)
        )
    rows = [
        (
            "all versions" if place == 0 else " and ".join(findings.short[name] for name in row["rollcalls"]),
            test.effects,
            f"{row['statistic']:.1f}",
            p_cell(row["p_value"]),
            p_cell(row["p_holm"]),
        )
        for place in range(len(result.table))
        for test in result.tests
        for row in [test.table.iloc[place]]
    ]
    least = 1 / (result.n_replicates + 1)
    blocks: list[Block] = [
        Text(
            "If every version had meant the same to every member, the versions would have the same "
            "discrimination and the same cutpoints. The statistic LR is twice the difference of the "
            "log-likelihoods of two models: one item for each version, and one item for all versions."
        ),
        Table(
            "Likelihood-ratio tests of one item",
            ("versions", "effects", "LR", "p", "p (Holm)"),
            written(rows),
            text_columns=2,
        ),
        Items(tuple(f"Null: {test.null}." for test in result.tests)),
        Text(
            f"Parametric bootstrap of {result.n_replicates} replicates, seed {result.seed}. No p-value can "
            f"be below {least:.3g}. Holm's adjustment is over the pairs. A small p-value shows that the "
            "versions differ or that members moved between them. The test does not show which of these "
            "two happened."
            + (
                " With group effects, the votes of a group may move together on a version although the item "
                "is the same."
                if result.without_groups
                else ""
            )
            + (f" In {result.unconverged} replicates a fit did not converge." if result.unconverged else "")
            + "".join(f" {reason}" for reason in result.missing)
        ),
    ]
    return Section("one-item", title, tuple(blocks))


def _exact_tests(findings: Findings) -> Section:
    """Show the tests of members that voted both times."""
    paired, title = findings.results["exact_tests"], "Tests of members that voted both times"
    if not isinstance(paired, PairedTests):
        return Section("tests", title, (Text(f"Not tested: {paired}."),))
    named = {(step.old, step.new): step for step in findings.why.steps}
    items, rows, cautions = [], [], dict[str, None]()
    for result, words in zip(paired.steps, paired.sentences(), strict=True):
        step: Step = named[result.old, result.new]
        items.append(f"{findings.between(step)}: {words.partition(': ')[2]}")
        for name, row in result.tests.iterrows():
            if row["caution"]:
                cautions[f"{findings.between(step)}, {_words(name)}: {row['caution']}"] = None
            rows.append(
                (
                    findings.between(step),
                    _words(name),
                    int(row["discordant"]),
                    p_cell(row["p_value"]),
                    p_cell(row["p_holm"]),
                    p_cell(row["p_group"]),
                    p_cell(row["p_asymptotic"]),
                )
            )
    blocks: list[Block] = [Items(tuple(items))]
    if rows:
        blocks.append(
            Table(
                "Tests of members that voted both times. Column 'changed': the members that the test uses",
                ("step", "test", "changed", "exact p", "Holm", "p by group", "large-sample p"),
                written(rows),
                text_columns=2,
            )
        )
        used = dict.fromkeys(name for result in paired.steps for name in result.tests.index)
        blocks.append(Items(tuple(f"Null of {_words(name)}: {NULLS[name]}." for name in used)))
        blocks += [Text(f"Caution: {caution}.") for caution in cautions]
    blocks += [Text(CONDITIONING), Text(BY_GROUP)]
    return Section("tests", title, tuple(blocks))


def _words(test: object) -> str:
    """Write the name of a test with the names of its authors."""
    return _AUTHORS.get(str(test), str(test).capitalize())


def everywhere(findings: Findings) -> Section:
    """Compare every resolution that came back."""
    summary = overview(findings.own)
    row = summary.families.loc[findings.why.family]
    came = f"attendance {row['moved_attendance']:g}, " if row["moved_attendance"] else ""
    blocks: list[Block] = [
        Text(summary.sentence()),
        Text(
            f"This resolution: over {int(row['steps'])} step{'' if row['steps'] == 1 else 's'} switching "
            f"moved {row['moved_switching']:g} votes, "
            f"{came}turnover {row['moved_turnover']:g}."
        ),
        Picture(
            "everywhere",
            lambda: plots.overview(summary, highlight=findings.why.family),
            alt="Votes moved by switching, attendance and turnover in every resolution that came back.",
            caption="Net votes moved by switching and attendance (left) and by turnover (right), for every "
            "resolution that came back. This resolution is in bold. "
            "Each piece of a bar is one step. Moves in opposite directions cancel.",
        ),
        Text(summary.note),
    ]
    return Section("everywhere", "Every resolution that came back: turnover or switching?", tuple(blocks))


def other_choices(findings: Findings) -> Section:
    """Show the parts under other choices."""
    others = findings.results.get("sensitivity")
    if not isinstance(others, Sensitivity):
        return Section("choices", "Under other choices", ())
    rows = [
        (
            name,
            row["says"],
            row["first"],
            row["last"],
            row["members"] or NONE,
            row["rollcalls"] or NONE,
        )
        for name, row in others.variants.iterrows()
    ]
    blocks: list[Block] = [
        Text(
            "Each row repeats the explanation with one choice changed. The resolution itself always keeps "
            "its three categories, so every choice splits the same change. Member effects are estimated "
            "unless the row says otherwise"
            + (
                ". Positions change over periods in the explanation as reported and in the choices that say "
                "so. Under all other choices positions are constant, so positions and resolution are one "
                "component, switching."
                if findings.why.fit is not None and findings.why.fit.periods is not None
                else "."
            )
        ),
        Table(
            "Choices",
            ("choice", "what it is", "from", "to", "members", "roll calls"),
            written(rows),
            text_columns=4,
        ),
    ]
    lost = others.variants[others.variants["why_not"] != ""]
    if len(lost):
        blocks.append(
            Items(tuple(f"There is no answer for {name}: {row['why_not']}." for name, row in lost.iterrows()))
        )
    for place in findings.shown:
        step = findings.why.steps[place]
        table = others.table[(others.table["old"] == step.old) & (others.table["new"] == step.new)]
        if len(table):
            blocks += _step(findings, others, step, table)
    if others.cautions:
        blocks.append(Items(others.cautions))
    blocks.append(Text(others.how_drawn()))
    return Section("choices", "Under other choices", tuple(blocks))


def _step(findings: Findings, others: Sensitivity, step: Step, table: pd.DataFrame) -> list[Block]:
    main = findings.main_category(step)
    wanted = (main,) if main == "yes" else ("yes", main)
    columns = [(part, name) for name in wanted for part in table["component"].unique()]
    cells = table.set_index(["variant", "component", "category"])
    rows = [
        (
            variant,
            *(
                with_interval(*cells.loc[(variant, part, name), ["estimate", "conf_low", "conf_high"]])
                if (variant, part, name) in cells.index
                else NONE
                for part, name in columns
            ),
        )
        for variant in table["variant"].unique()
    ]
    spread = others.spread(step.old, step.new)
    ranges = [
        f"{row.component} of {row.category}: {signed(row.lowest, 1)} to {signed(row.highest, 1)}"
        for row in spread.itertuples()
        if row.category in CAST and row.category in wanted
    ]
    return [
        Subhead(findings.between(step)),
        Text(f"Estimates range over the choices: {'; '.join(ranges)}."),
        Table(
            f"Parts under other choices, {findings.between(step)}",
            ("choice", *(f"{part}, {name}" for part, name in columns)),
            written(rows),
        ),
    ]
