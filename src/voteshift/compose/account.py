"""The sections that need no model: the short answer, the votes, and who switched, left or joined."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Final

from voteshift import plots
from voteshift.checks.documents import Documents
from voteshift.compose.contents import Block, Items, Picture, Section, Subhead, Table, Text, written
from voteshift.compose.findings import Findings
from voteshift.labels import group_name
from voteshift.prose import write_day
from voteshift.readers.documents import STANCES
from voteshift.shift.account import PARTS, TURNOVER_NOTE, Account, path_note
from voteshift.shift.step import Step
from voteshift.votes import TALLY_COLUMNS
from voteshift.writing import signed

__all__ = ["accounts", "documents", "short_answer", "the_votes"]

_ABREAST: Final = 4  # largest number of versions in one picture
_MANY_GROUPS: Final = 12  # largest number of seats in the picture of seats by group


def short_answer(findings: Findings) -> Section:
    """Write the short answer on the steps shown in full, and its assumptions."""
    why = findings.why
    tallies = ", ".join(
        f"{findings.tally(rollcall)} in {findings.short[rollcall]}" for rollcall in why.rollcalls.index
    )
    blocks: list[Block] = []
    for place in findings.shown:
        part, step = findings.paragraphs[place], why.steps[place]
        whole = " (first to last)" if len(why.steps) > 1 and step is why.steps[-1] else ""
        tally = f"{findings.tally(step.old)} to {findings.tally(step.new)}"
        blocks += [Subhead(f"{part.heading}{whole}: {tally}"), Items((*part.sentences, *part.cautions))]
    blocks.append(Text(" ".join((*findings.assumptions, "Nothing here is causal."))))
    blocks.append(
        Text(
            f"This resolution came to a vote {len(why.rollcalls)} times. Tallies are written "
            f"yes-no-abstain: {tallies}. {findings.chosen}".strip()
        )
    )
    return Section("story", "In short", tuple(blocks))


def the_votes(findings: Findings) -> Section:
    """Show the versions, the flow of votes between them, and every seat."""
    why, record = findings.why, findings.why.record
    rows = [
        (
            findings.labels[row.Index],
            write_day(row.date),
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
        blocks.append(Text(f"This resolution was listed under {len(titles)} titles: {'; '.join(titles)}."))
    ids = list(why.rollcalls.index)
    for number, begin in enumerate(range(0, max(len(ids) - 1, 1), _ABREAST - 1)):
        some = ids[begin : begin + _ABREAST]
        blocks.append(
            Picture(
                f"flow{number}",
                partial(plots.flow, record.select(rollcalls=some), why.family),
                alt=f"Flow of votes: {'; '.join(_flow_words(findings, some))}",
                caption="Flow of votes. Dark ribbons show members that switched. Light ribbons show members "
                "that did not switch, left or joined.",
            )
        )
    last = ids[-_ABREAST:]
    seats = record.select(rollcalls=last)
    if seats.seated().members["group"].nunique() <= _MANY_GROUPS:
        blocks.append(
            Picture(
                "seats",
                lambda: plots.seats(seats),
                alt=f"Every seat in {', '.join(findings.short[name] for name in last)}, by group and vote.",
                caption="Every seat by group"
                + (f", the last {len(last)} votes" if len(last) < len(ids) else "")
                + ". A heavy frame marks a no vote.",
            )
        )
    return Section("votes", "The votes", tuple(blocks))


def _flow_words(findings: Findings, some: list[str]) -> Iterator[str]:
    steps = {(step.old, step.new): step for step in findings.why.steps}
    for old, new in pairwise(some):
        account = steps[old, new].account
        yield (
            f"{findings.short[old]} to {findings.short[new]}, {len(account.switchers)} of {account.stayers} "
            f"stayers switched, {account.left} left, {account.joined} joined"
        )


def accounts(findings: Findings) -> Section:
    """Show the exact account of every step."""
    steps = findings.why.steps
    rows = []
    for step in steps:
        account = step.account
        labels = {
            "switching": f"switching, {account.stayers - len(account.voted_once)} stayers",
            "attendance": f"attendance, {len(account.voted_once)} stayers that voted once",
            "turnover": f"turnover, {account.left} left, {account.joined} joined",
        }
        counted = {findings.between(step): account.change} | {
            labels[part]: counts for part, counts in account.parts.items()
        }
        rows += [(label, *(signed(row[name]) for name in TALLY_COLUMNS)) for label, row in counted.items()]
    names = [part for part in PARTS if any(part in step.account.parts for step in steps)]
    blocks: list[Block] = [
        Table(f"Change = {' + '.join(names)}, in every category", ("", *TALLY_COLUMNS), written(rows)),
        Text(TURNOVER_NOTE),
    ]
    if note := path_note([step.account for step in steps]):
        blocks.append(Text(note))
    for place in findings.shown:
        step, answer = steps[place], findings.why.answer.steps[place]
        sentences = (answer.switchers, *_describe_groups(step.account), _describe_shares(step.account))
        blocks.append(Subhead(findings.between(step)))
        blocks.append(Items(tuple(filter(None, sentences))))
        blocks.append(_transitions(findings, step))
    return Section("account", "Who switched, who left, who joined", tuple(blocks))


def documents(findings: Findings) -> Section:
    """Show the documents on the versions, and the votes of the members that had documents."""
    result, title = findings.result("documents"), "What members had said"
    if not isinstance(result, Documents):
        return Section("documents", title, ())
    blocks: list[Block] = [Text(result.text)]
    for place in findings.shown:
        step = findings.why.steps[place]
        moves = result.moves(step.ends)
        if not moves[list(STANCES)].to_numpy().any():
            continue
        blocks.append(
            Table(
                f"Members that voted both times, {findings.between(step)}, by their documents on the version "
                f"of {findings.short[step.old]}; a member can have several",
                ("old vote", "new vote", *moves.columns[2:]),
                written(moves.itertuples(index=False)),
                text_columns=2,
            )
        )
    rows = [
        (row.member, findings.short[row.rollcall], row.vote, row.kind, row.stance, row.source)
        for row in result.table.itertuples()
    ]
    columns = ("member", "version", "vote", "kind", "stance", "source")
    blocks.append(Table("Documents", columns, written(rows), text_columns=6))
    return Section("documents", title, tuple(blocks))


def _transitions(findings: Findings, step: Step) -> Table:
    table = step.account.transitions
    rows = [
        (f"{old} in {findings.short[step.old]}", *(int(count) for count in row))
        for old, row in table.iterrows()
    ]
    return Table(
        f"From {findings.short[step.old]} (rows) to {findings.short[step.new]} (columns), members",
        ("", *map(str, table.columns)),
        written(rows),
    )


def _describe_groups(account: Account) -> Iterator[str]:
    """Yield the parts of each group, in sentences."""
    table = account.by_group()
    for part in account.parts:
        groups = []
        for group, row in table[part].iterrows():
            moved = [f"{name} {signed(row[name])}" for name in TALLY_COLUMNS if row[name]]
            if moved:
                groups.append(f"{group_name(str(group)) or 'no group'} {', '.join(moved)}")
        if groups:
            yield f"{part.capitalize()} by group: {'; '.join(groups)}."


def _describe_shares(account: Account) -> str:
    """Return new and departed members relative to stayers, in the category that changed most."""
    if not account.stayers:
        return ""
    shares = account.relative_to_stayers()
    name = str(account.change.abs().idxmax())
    row = 100 * shares.loc[name]
    return (
        f"Share of {name}: {signed(row['change'], 1)} percentage points = stayers "
        f"{signed(row['stayers'], 1)}, "
        f"new members relative to stayers {signed(row['joined'], 1)}, departed members relative to stayers "
        f"{signed(row['left'], 1)}."
    )
