"""The sections that check the others: placebo families, paired tests, other choices."""

import pandas as pd

from voteshift import plots
from voteshift.checks.exact_tests import CONDITIONING, NULLS, paired_tests
from voteshift.checks.placebo import PLACEBO_RULE, Placebo
from voteshift.checks.same_item import OneItemTest
from voteshift.report.contents import Block, Items, Section, Subhead, Table, Text
from voteshift.report.material import Material, written
from voteshift.report.pictures import picture
from voteshift.shift.explain import Step
from voteshift.shift.overview import overview
from voteshift.votes import CAST
from voteshift.writing import NONE, p_cell, signed, with_interval

__all__ = ["elections", "elsewhere", "everywhere", "one_item", "other_choices", "tests"]

_MOST = 10  # families in the table of switches, besides the resolution itself
_AUTHORS = {
    "mcnemar_yes": "McNemar, yes",
    "mcnemar_no": "McNemar, no",
    "stuart_maxwell": "Stuart-Maxwell",
    "stratified": "Stuart-Maxwell within groups",
}


def elsewhere(material: Material) -> Section:
    """Set the switching of each step beside the same members' switching in other families."""
    blocks: list[Block] = [
        Text(
            "Had members moved in general, the same members should have switched elsewhere too. This "
            "comparison needs no model; it cannot tell a move on this subject alone from a change of the "
            "resolution."
        )
    ]
    for at in material.shown:
        step = material.why.steps[at]
        blocks.append(Subhead(material.between(step)))
        found = step.placebo
        if isinstance(found, str):
            blocks.append(Text(f"No comparison: {found}."))
            continue
        blocks.append(Text(found.sentence()))
        if found.n_families:
            blocks.append(_families(found))
    blocks.append(Text(f"Rule: {PLACEBO_RULE}"))
    return Section("elsewhere", "The same members on everything else", tuple(blocks))


def _families(found: Placebo) -> Table:
    rows = [
        (
            f"{slug} (this resolution)" if row["focal"] else slug,
            row["switches"],
            row["stayers"],
            f"{100 * row['share']:.0f}%",
            signed(row["net"]),
        )
        for slug, row in found.table[: _MOST + 1].iterrows()
    ]
    rest = len(found.table) - len(rows)
    more = f"; {rest} families with fewer switches follow" if rest else ""
    return Table(
        f"Switches among the members that voted both times, by family{more}",
        ("family", "switches", "voted twice", "share", "net direction"),
        written(rows),
    )


def everywhere(material: Material) -> Section:
    """Set every resolution that came back side by side."""
    found = overview(material.own)
    own = found.families.loc[material.why.family]
    blocks: list[Block] = [
        Text(found.sentence()),
        Text(
            f"This resolution: over {int(own['steps'])} step{'' if own['steps'] == 1 else 's'} switching "
            f"moved {own['moved_switching']:g} votes, turnover {own['moved_turnover']:g}."
        ),
        picture(
            "everywhere",
            lambda: plots.overview(found, highlight=material.why.family),
            alt="Votes that switching and turnover moved in every resolution that came back, step by step.",
            caption="Net votes moved by switching (left) and by turnover (right), every resolution that came "
            "back; this one in bold. A piece of a bar is one step. Moves in opposite directions cancel.",
        ),
        Text(found.note),
    ]
    return Section("everywhere", "Every resolution that came back: turnover or switching?", tuple(blocks))


def one_item(material: Material) -> Section:
    """Test that the iterations are one item."""
    found, title = material.why.one_item, "Is it one resolution?"
    if not isinstance(found, OneItemTest):
        why_not = "it was not asked for" if found is None else found
        return Section("one-item", title, (Text(f"No test that the versions are one item: {why_not}."),))
    with_effect, plain = (found, found.without_effect) if found.without_effect else (None, found)
    rows = [
        (
            "all versions" if at == 0 else " and ".join(material.short[name] for name in row.rollcalls),
            *(
                cell
                for test in (with_effect, plain)
                if test is not None
                for cell in _one_item_cells(test, at)
            ),
        )
        for at, row in enumerate(found.table.itertuples())
    ]
    kinds = ["with member effects", "without"] if with_effect else [""]
    heads = [f"{what}, {kind}".strip(", ") for kind in kinds for what in ("LR", "p", "p (Holm)")]
    least = 1 / (found.n_replicates + 1)
    blocks: list[Block] = [
        Text(
            "If the text had meant the same to everybody each time, its versions would have one "
            "discrimination and the same cutpoints. Twice the difference of the log-likelihoods, one item "
            "against one each:"
        ),
        Table("Likelihood-ratio tests of one item", ("versions", *heads), written(rows)),
        Items(tuple(f"Null: {test.null}." for test in (with_effect, plain) if test is not None)),
        Text(
            f"Parametric bootstrap of {found.n_replicates} replicates, seed {found.seed}: no p-value can be "
            f"below {least:.3g}. Holm's adjustment is over the pairs. A small p-value says that the versions "
            "differ or that members moved between them; it does not say which."
            + (f" In {found.unconverged} replicates a fit stopped short." if found.unconverged else "")
            + (f" No test with member effects: {found.no_effect}." if found.no_effect else "")
        ),
    ]
    return Section("one-item", title, tuple(blocks))


def _one_item_cells(test: OneItemTest, at: int) -> tuple[str, str, str]:
    row = test.table.iloc[at]
    return f"{row['statistic']:.1f}", p_cell(row["p_value"]), p_cell(row["p_holm"])


def elections(material: Material) -> Section:
    """Set the membership part beside elections at random, where there is a fit of all states."""
    blocks: list[Block] = []
    why_not = dict.fromkeys(str(s.elections) for s in material.why.steps if isinstance(s.elections, str))
    for at in material.shown:
        step = material.why.steps[at]
        if isinstance(step.elections, str) or not step.elections:
            continue
        found, *without = step.elections
        blocks += [Subhead(material.between(step)), Text(found.sentence(*without)), Text(found.note())]
    blocks += [Text(f"Not tested: {said}.") for said in why_not if said]
    if not blocks:
        blocks.append(Text("Not tested: there is no model of these votes."))
    return Section("elections", "Could another election have done this?", tuple(blocks))


def tests(material: Material) -> Section:
    """Test those who voted both times."""
    found = paired_tests(material.record, material.why.family, level=material.why.level)
    named = {(step.old, step.new): step for step in material.why.steps}
    items, rows, cautions = [], [], dict[str, None]()
    for result, words in zip(found.steps, found.sentences(), strict=True):
        step: Step = named[result.old, result.new]
        items.append(f"{material.between(step)}: {words.partition(': ')[2]}")
        for name, row in result.tests.iterrows():
            if row["caution"]:
                cautions[f"{material.between(step)}, {_words(name)}: {row['caution']}"] = None
            rows.append(
                (
                    material.between(step),
                    _words(name),
                    int(row["discordant"]),
                    p_cell(row["p_value"]),
                    p_cell(row["p_holm"]),
                    p_cell(row["p_asymptotic"]),
                )
            )
    blocks: list[Block] = [Items(tuple(items))]
    if rows:
        blocks.append(
            Table(
                "Tests of those who voted both times; changed: members that the test is about",
                ("step", "test", "changed", "exact p", "Holm", "large-sample p"),
                written(rows),
                text_columns=2,
            )
        )
        used = dict.fromkeys(name for result in found.steps for name in result.tests.index)
        blocks.append(Items(tuple(f"Null of {_words(name)}: {NULLS[name]}." for name in used)))
        blocks += [Text(f"Caution: {said}.") for said in cautions]
    blocks.append(Text(CONDITIONING))
    return Section("tests", "Tests of those who voted both times", tuple(blocks))


def _words(test: object) -> str:
    """Write the name of a test as its authors are written."""
    return _AUTHORS.get(str(test), str(test).capitalize())


def other_choices(material: Material) -> Section:
    """Show the parts under other choices."""
    others = material.others
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
            "The same explanation with one choice made otherwise at a time. The resolution itself always "
            "keeps its three categories, so every choice splits the same change. Each is with member effects of "
            "members unless it says otherwise"
            + (
                "; positions are held over the window in all but the explanation of this report, so that "
                "positions and resolution are one component, switching."
                if material.why.fit is not None and material.why.fit.periods is not None
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
        blocks.append(Items(tuple(f"No answer, {name}: {row['why_not']}." for name, row in lost.iterrows())))
    for at in material.shown:
        step = material.why.steps[at]
        table = others.table[(others.table["old"] == step.old) & (others.table["new"] == step.new)]
        if len(table):
            blocks += _step(material, step, table)
    blocks.append(Text(others.how_drawn()))
    return Section("choices", "Under other choices", tuple(blocks))


def _step(material: Material, step: Step, table: pd.DataFrame) -> list[Block]:
    main = material.main_category(step)
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
    spread = material.others.spread(step.old, step.new)
    said = [
        f"{row.component} of {row.category}: {signed(row.lowest, 1)} to {signed(row.highest, 1)}"
        for row in spread.itertuples()
        if row.category in CAST and row.category in wanted
    ]
    return [
        Subhead(material.between(step)),
        Text(f"Estimates range over the choices: {'; '.join(said)}."),
        Table(
            f"Parts under other choices, {material.between(step)}",
            ("choice", *(f"{part}, {name}" for part, name in columns)),
            written(rows),
        ),
    ]
