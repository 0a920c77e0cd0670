"""The sections that check the others: placebo families, paired tests, other choices."""

import pandas as pd

from voteshift.report.contents import Block, Items, Section, Subhead, Table, Text
from voteshift.report.material import CAST, Material, interval, written
from voteshift.shift.explain import Step
from voteshift.shift.paired import CONDITIONING, NULLS, paired_tests
from voteshift.shift.placebo import PLACEBO_RULE, Placebo
from voteshift.writing import signed

__all__ = ["elsewhere", "other_choices", "tests"]

_MOST = 10
_NONE = "\N{EN DASH}"


def elsewhere(material: Material) -> Section:
    """Set the switching of each step beside the same members' switching in other families."""
    blocks: list[Block] = [
        Text(
            "If states had moved, the same members would have switched elsewhere too. This comparison "
            "needs no model."
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
                    _p(row["p_value"]),
                    _p(row["p_holm"]),
                )
            )
    blocks: list[Block] = [Items(tuple(items))]
    if rows:
        blocks.append(
            Table(
                "Exact tests of those who voted both times",
                ("step", "test", "members", "p", "p (Holm)"),
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
    named = {"mcnemar_yes": "McNemar, yes", "mcnemar_no": "McNemar, no", "stuart_maxwell": "Stuart-Maxwell"}
    return named.get(str(test), str(test).capitalize())


def _p(value: float) -> str:
    if pd.isna(value):
        return _NONE
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def other_choices(material: Material) -> Section:
    """Show the parts under other choices."""
    others = material.others
    rows = [
        (
            name,
            row["says"],
            row["first"],
            row["last"],
            row["members"] or _NONE,
            row["rollcalls"] or _NONE,
        )
        for name, row in others.variants.iterrows()
    ]
    blocks: list[Block] = [
        Text(
            "The same explanation with one choice made otherwise at a time. The resolution itself always "
            "keeps its three categories, so every choice splits the same change."
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
    blocks.append(
        Text(f"{100 * others.level:g}% intervals from {others.n_draws} draws each, seed {others.seed}.")
    )
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
                interval(*cells.loc[(variant, part, name), ["estimate", "conf_low", "conf_high"]])
                if (variant, part, name) in cells.index
                else _NONE
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
