"""The sections without a model: the story, the votes, who switched, who came and went."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from voteshift import plots
from voteshift.labels import rollcall_labels
from voteshift.report.contents import Block, Items, Section, Subhead, Table, Text
from voteshift.report.material import Material, written
from voteshift.report.pictures import picture
from voteshift.shift.account import TURNOVER_NOTE, Account, path_note
from voteshift.shift.explain import ModelParts, Step
from voteshift.shift.telling import (
    LEANS,
    PLAIN,
    SWITCHING,
    group_sentences,
    shares_sentence,
    switchers_sentence,
)
from voteshift.votes import TALLY_COLUMNS
from voteshift.writing import signed

__all__ = ["accounts", "story", "the_votes"]

_ABREAST = 4  # iterations in one picture
_MANY_GROUPS = 12  # beyond which seats by group are no picture
_TOGETHER = (
    "Where switching is one part of the model, members that moved and a resolution that came to mean "
    "something else are not told apart: both are in it."
)


def story(material: Material) -> Section:
    """Tell what happened in plain sentences."""
    why = material.why
    tallies = ", ".join(
        f"{material.tally(rollcall)} in {material.short[rollcall]}" for rollcall in why.rollcalls.index
    )
    blocks: list[Block] = [
        Text(
            f"This resolution came to a vote {len(why.rollcalls)} times. Tallies are written "
            f"yes-no-abstain: {tallies}."
        )
    ]
    if material.chosen:
        blocks.append(Text(material.chosen))
    for at in material.shown:
        step = why.steps[at]
        blocks += [Subhead(_heading(material, step)), Items(tuple(_said(step)))]
    modelled = [step.model for step in why.steps if isinstance(step.model, ModelParts)]
    together = any("positions" not in model.components for model in modelled)
    blocks.append(
        Text(
            f"The account of who switched, left and joined is arithmetic on the record. {TURNOVER_NOTE} The "
            f"model adds votes that were never cast, with {100 * why.level:g}% intervals; what identifies it "
            f"is said with its numbers. {LEANS if material.leans else PLAIN} {SWITCHING}"
            + f" {_TOGETHER}" * together
            + " Nothing here is causal."
        )
    )
    return Section("story", "In short", tuple(blocks))


def _heading(material: Material, step: Step) -> str:
    steps = material.why.steps
    whole = " (first to last)" if len(steps) > 1 and step is steps[-1] else ""
    return f"{material.between(step)}{whole}: {material.tally(step.old)} to {material.tally(step.new)}"


def _said(step: Step) -> Iterator[str]:
    account = step.account
    yield switchers_sentence(account)
    yield _turnover(account)
    yield step.sentence


def _turnover(account: Account) -> str:
    if not account.left and not account.joined:
        return "Nobody left and nobody joined."
    moved = [f"{name} {signed(account.turnover[name])}" for name in TALLY_COLUMNS if account.turnover[name]]
    said = f"{account.left} left and {account.joined} joined"
    return f"{said}: {', '.join(moved)}." if moved else f"{said}, and voted alike."


def the_votes(material: Material) -> Section:
    """Show the iterations, the flow between them, and every seat."""
    why, record = material.why, material.record
    labels = rollcall_labels(why.rollcalls)
    rows = [
        (
            labels[row.Index],
            f"{row.date:%Y-%m-%d}",
            *(getattr(row, name) for name in TALLY_COLUMNS),
            row.Index,
        )
        for row in why.rollcalls.itertuples()
    ]
    titles = list(dict.fromkeys(why.rollcalls["title"]))
    blocks: list[Block] = [
        Table(
            "The votes on this resolution",
            ("version", "date", *TALLY_COLUMNS, "record id"),
            written(rows),
            text_columns=2,
        )
    ]
    if len(titles) > 1:
        blocks.append(Text(f"It was listed under {len(titles)} titles: {'; '.join(titles)}."))
    ids = list(why.rollcalls.index)
    for number, begin in enumerate(range(0, max(len(ids) - 1, 1), _ABREAST - 1)):
        some = ids[begin : begin + _ABREAST]
        blocks.append(
            picture(
                f"flow{number}",
                partial(plots.flow, record.select(rollcalls=some), why.family),
                alt=f"Flow of votes: {'; '.join(_flow_words(material, some))}",
                caption="Flow of votes. Dark ribbons are members that switched, light ones those that did "
                "not, or that left or joined.",
            )
        )
    last = ids[-_ABREAST:]
    seats = record.select(rollcalls=last)
    if seats.seated().members["group"].nunique() <= _MANY_GROUPS:
        blocks.append(
            picture(
                "seats",
                lambda: plots.seats(seats),
                alt=f"Every seat in {', '.join(material.short[name] for name in last)}, by group and vote.",
                caption="Every seat by group"
                + (f", the last {len(last)} votes" if len(last) < len(ids) else "")
                + ". A heavy frame is a no.",
            )
        )
    return Section("votes", "The votes", tuple(blocks))


def _flow_words(material: Material, some: list[str]) -> Iterator[str]:
    steps = {(step.old, step.new): step for step in material.why.steps}
    for old, new in pairwise(some):
        account = steps[old, new].account
        yield (
            f"{material.short[old]} to {material.short[new]}, {len(account.switchers)} of {account.stayers} "
            f"switched, {account.left} left, {account.joined} joined"
        )


def accounts(material: Material) -> Section:
    """Account exactly for every step."""
    steps = material.why.steps
    rows = []
    for step in steps:
        account = step.account
        for label, counts in (
            (material.between(step), account.change),
            (f"switching, {account.stayers} sat both times", account.switching),
            (f"turnover, {account.left} left, {account.joined} joined", account.turnover),
        ):
            rows.append((label, *(signed(counts[name]) for name in TALLY_COLUMNS)))
    blocks: list[Block] = [
        Table("Change = switching + turnover, in every category", ("", *TALLY_COLUMNS), written(rows)),
        Text(TURNOVER_NOTE),
    ]
    if note := path_note([step.account for step in steps]):
        blocks.append(Text(note))
    for at in material.shown:
        step = steps[at]
        said = [switchers_sentence(step.account), *group_sentences(step.account)]
        shares = shares_sentence(step.account)
        blocks.append(Subhead(material.between(step)))
        blocks.append(Items((*said, shares) if shares else tuple(said)))
        blocks.append(_transitions(material, step))
    return Section("account", "Who switched, who left, who joined", tuple(blocks))


def _transitions(material: Material, step: Step) -> Table:
    table = step.account.transitions
    rows = [
        (f"{old} in {material.short[step.old]}", *(int(count) for count in row))
        for old, row in table.iterrows()
    ]
    return Table(
        f"From {material.short[step.old]} (rows) to {material.short[step.new]} (columns), members",
        ("", *map(str, table.columns)),
        written(rows),
    )
