"""The sections of the model: parts, councils, positions and unlikely votes."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from voteshift import plots
from voteshift.checks.split_bridges import SplitBridges
from voteshift.checks.unlikely_votes import UnlikelyVotes
from voteshift.compose.contents import Block, Items, Picture, Section, Subhead, Table, Text, written
from voteshift.compose.findings import Findings
from voteshift.errors import NotUsableError, Unavailable
from voteshift.ideal.interface import Fit
from voteshift.labels import group_name, member_name
from voteshift.resolution.marginal import NOISE_SD
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import ModelParts
from voteshift.shift.step import Step
from voteshift.shift.wording import drawn_from
from voteshift.votes import CAST
from voteshift.writing import NONE, interval, number, signed, with_interval

__all__ = ["councils", "parts", "positions"]

_MOST: Final = 12  # rows of a table
_IN_FULL: Final = 4  # largest number of versions with complete tallies in the picture
_SWITCHING: Final = (
    "In the account, switching is the change of members that held a seat both times. In the model, "
    "switching is the difference between the votes of one and the same council at the two dates, including "
    "members that left or joined."
)


def parts(findings: Findings) -> Section:
    """Show the parts of every step shown in full, by category, group and member."""
    why = findings.why
    blocks: list[Block] = [Text(text) for text in _introduce(why)]
    for place in findings.shown:
        step = why.steps[place]
        blocks.append(Subhead(findings.between(step)))
        if not isinstance(step.model, ModelParts):
            blocks.append(Text(f"No model was fitted for this step: {step.model}."))
            continue
        sentences = (
            why.answer.steps[place].change,
            *_describe_movement(step.model),
            *_describe_seen(step, step.model),
            *step.model.notes,
        )
        blocks += [Items(sentences), *_step(findings, place, step, step.model)]
    rest = findings.cautions_beyond([findings.paragraphs[place] for place in findings.shown])
    if rest:
        cautions = tuple(f"{part.heading}: {caution}" for part in rest for caution in part.cautions)
        blocks += [Subhead("Cautions on other steps"), Items(cautions)]
    return Section("parts", "Parts of the change", tuple(blocks))


def _introduce(why: Explanation) -> Iterator[str]:
    """Yield the identifying assumptions, the change that is split, and the size of member effects."""
    models = [step.model for step in why.steps if isinstance(step.model, ModelParts)]
    if not models:
        return
    identified = dict.fromkeys(model.identified_by for model in models)
    for text in identified:
        steps = [
            f"{why.words.versions[step.old]} to {why.words.versions[step.new]}"
            for step in why.steps
            if isinstance(step.model, ModelParts) and step.model.identified_by == text
        ]
        opening = f"{', '.join(steps)}: identified" if len(identified) > 1 else "Identified"
        yield f"{opening} by {text}"
    split = (
        ". Votes on record are kept; all other votes are drawn from the model."
        if models[0].estimand == "realised"
        else ". This is another question than why the tally on record changed. The residual is the change "
        "that the model did not expect."
    )
    yield (
        f"The parts split the {models[0].estimand} change among voting members{split} A part is the mean "
        "over the orders in which the factors can be replaced (Shapley value). The column 'orders' shows the "
        f"range over these orders. Intervals cover {100 * why.level:g}%, from {why.draws.n} draws of the "
        f"{drawn_from(why.fit)}, seed {why.draws.seed}. The simulation error of an estimate is at most "
        f"{_simulation_error(why):.2f}."
    )
    if any("resolution" in model.components for model in models):
        yield (
            f"The part 'resolution' is this resolution: its text, or {why.words.members} moving on this "
            "issue alone. These votes cannot distinguish the two."
        )
    yield from _describe_effect(why)
    yield _SWITCHING


def _simulation_error(why: Explanation) -> float:
    """Return the largest standard error of a part of any step that is due to the number of draws."""
    return max(model.simulation_error for step in why.steps for model in step.layers.values())


def _describe_effect(why: Explanation) -> Iterator[str]:
    """Yield the size of member effects, and a sentence on figures with or without member effects."""
    effect = why.member_effect
    if effect is None or isinstance(effect, Unavailable) or isinstance(why.models, Unavailable):
        yield "The figures are estimated from positions alone, without member effects."
        return
    pooled = "" if why.models.pooled is None else f" {why.models.pooled.sentence()}"
    yield (
        "A member effect is a lasting tendency of a member on this resolution. Its standard deviation over "
        f"members is {effect.describe_sd(why.level)}. The standard deviation of the noise of a single vote "
        f"is {NOISE_SD[effect.votes.link]:.1f}.{pooled}"
    )
    means = effect.mean_intervals(why.level)
    if means:
        came, left = (with_interval(*mean) for mean in means)
        yield (
            "Seats are not drawn at random, so the mean of the member effect is estimated by seat history. "
            f"It differs by {came} for members without a vote on the first version, and by {left} for "
            "members without a vote on the last version, if the noise and the member effect together have "
            f"standard deviation {NOISE_SD[effect.votes.link]:.1f}."
        )
    both = "member effects"
    if effect.has_persistence:
        both = "member effects and state dependence"
        yield (
            "State dependence: a member repeats its last vote on this resolution with probability "
            f"{effect.describe_persistence(why.level)}. Otherwise it votes by position, version and member "
            "effect."
        )
    yield (
        f"The figures are estimated with {both}, because members repeat past votes more often than their "
        f"positions predict. The parts estimated without {both} are also shown."
    )


def _describe_movement(model: ModelParts) -> Iterator[str]:
    """Yield the part 'positions' by common steps, steps of groups and individual steps."""
    if model.movement is None:
        return
    table = model.movement.set_index(["component", "category"])
    split = "; ".join(
        f"{component} {', '.join(f'{name} {with_interval(*table.loc[(component, name)])}' for name in CAST)}"
        for component in model.movement["component"].unique()
    )
    yield f"The part 'positions' by the steps that members share: {split}."


def _describe_seen(step: Step, model: ModelParts) -> Iterator[str]:
    """Yield the part 'positions' of members seen at both dates and of extrapolated members."""
    if not step.separates:
        return
    estimates = model.seen().set_index(["label", "category"])["estimate"]
    labels = [label for label in ("seen", "extrapolated") if label in estimates.index]
    split = "; ".join(
        f"{label} {', '.join(f'{name} {signed(estimates[label, name], 1)}' for name in CAST)}"
        for label in labels
    )
    yield (
        f"The positions of {len(model.extrapolated)} of {model.n_members} members are extrapolated: these "
        "members cast fewer than 5 votes in the period of one of the two dates. The part 'positions' of seen "
        f"and of extrapolated members: {split}."
    )


def _step(findings: Findings, place: int, step: Step, model: ModelParts) -> list[Block]:
    layers = dict(step.layers)
    split = findings.result("split_bridges")
    if isinstance(split, SplitBridges) and step.ends in split.steps:
        layers["model after splitting"] = split.steps[step.ends]
    others = [name.removeprefix("model ") for name in layers if name != "model"]
    tables = [layer.rows for layer in layers.values()]
    rows = [
        (
            row.component,
            row.category,
            with_interval(row.estimate, row.conf_low, row.conf_high),
            f"{signed(row.order_low, 1)} to {signed(row.order_high, 1)}",
            *(with_interval(*table.iloc[k][["estimate", "conf_low", "conf_high"]]) for table in tables[1:]),
        )
        for k, row in enumerate(tables[0].itertuples())
    ]
    blocks: list[Block] = [
        Picture(
            f"parts{place}",
            lambda: plots.waterfall(findings.why, place),
            alt=f"Parts of the change from {findings.between(step)}: "
            f"{findings.why.answer.steps[place].change}",
            caption=f"From the tally of {findings.short[step.old]} to the tally of "
            f"{findings.short[step.new]}, part by part.",
        ),
        Table(
            f"Parts of the change, {findings.between(step)}: votes with {100 * model.level:g}% intervals",
            ("component", "category", "estimate", "orders", *others),
            written(rows),
            text_columns=2,
        ),
    ]
    if model.draws is not None:
        name = findings.main_category(step)
        people = findings.why.record.members
        groups = people["group"].fillna("").map(lambda group: group_name(group) or "no group")
        blocks.append(_split(model, model.by(groups), "group", "label", name))
        members = model.members()
        members["member"] = [
            member_name(people.loc[member, "name"]) or member for member in members["member"]
        ]
        blocks.append(_split(model, members, "member", "member", name))
    return blocks


def _split(model: ModelParts, table: pd.DataFrame, what: str, column: str, name: str) -> Table:
    """Return the parts of groups or members in one category, the largest first."""
    chosen = table[table["category"] == name]
    size = (
        chosen.groupby(column)["estimate"].agg(lambda parts: parts.abs().max()).sort_values(ascending=False)
    )
    size = size[size.round(1) > 0][:_MOST]
    cells = chosen.set_index([column, "component"])
    rows = [
        (
            label,
            *(
                with_interval(*cells.loc[(label, part), ["estimate", "conf_low", "conf_high"]])
                for part in model.components
            ),
        )
        for label in size.index
    ]
    most = f", the {_MOST} largest" if len(rows) == _MOST else ""
    return Table(f"Parts of the change in {name} by {what}{most}", (what, *model.components), written(rows))


def councils(findings: Findings) -> Section:
    """Show the expected tally of every council under every version."""
    why = findings.why
    if why.tallies is None:
        return Section(
            "councils", "Every council, every version", (Text("No model was fitted for these votes."),)
        )
    table = plots.councils_table(why)
    n = table["council"].nunique()
    blocks: list[Block] = [
        Text(
            "The expected tally of each council on each version, at the mode of the model, from positions "
            "alone, without member effects. On the diagonal each council votes on its own version, so the "
            "expected tally can be compared with the tally on record. This comparison checks the model, not "
            "the record."
        ),
        Picture(
            "councils",
            lambda: plots.councils(why),
            alt="Expected tallies of every council on every version; the table shows the numbers.",
            caption=(
                "Expected tally (yes-no-abstain), shaded by yes. A frame marks the council's own version."
                if n <= _IN_FULL
                else "Expected yes votes, shaded. A frame marks the council's own version."
            ),
        ),
    ]
    if n <= _IN_FULL:
        rows = [
            (
                findings.short[row.council],
                findings.short[row.version],
                *(_expected(row, name) for name in CAST),
                row.on_record,
            )
            for row in table.itertuples()
        ]
        blocks.append(
            Table(
                f"Expected tallies with {100 * why.level:g}% intervals of the expectation. The intervals "
                "do not include the randomness of single votes",
                ("council", "version", *CAST, "on record"),
                written(rows),
                text_columns=2,
            )
        )
    return Section("councils", "Every council, every version", tuple(blocks))


def _expected(row: object, name: str) -> str:
    value, low, high = (getattr(row, name + end) for end in ("", "_low", "_high"))
    return f"{number(value)} {interval(low, high)}"


def _items(findings: Findings, fit: Fit) -> Table:
    """Show discrimination and cutpoints of every version."""
    items = fit.items()
    items = items[items["rollcall"].isin(findings.why.rollcalls.index)]
    cuts = [name for name in items.columns if "|" in name and items[name].notna().any()]
    rows = [
        (
            findings.short[row["rollcall"]],
            *([row["dimension"]] if fit.dims > 1 else []),
            *(NONE if pd.isna(row[name]) else signed(row[name], 2) for name in ("discrimination", *cuts)),
        )
        for row in items.to_dict("records")
    ]
    dimension = ("dimension",) if fit.dims > 1 else ()
    return Table(
        "The versions on this scale, at the mode. A vote is above a cutpoint if discrimination times "
        "position plus noise is above this cutpoint",
        ("version", *dimension, "discrimination", *cuts),
        written(rows),
    )


def _trajectories(why: Explanation) -> list[Block]:
    """Draw positions over time, if they are dynamic and a member was seen in two periods."""
    try:
        chosen = dict.fromkeys(plots.trajectories_table(why)["member"])
    except NotUsableError:
        return []
    return [
        Picture(
            "trajectories",
            lambda: plots.trajectories(why, chosen),
            alt=f"Positions of {', '.join(chosen)} over time with intervals; all other members in grey.",
            caption="Positions over time of the members that moved furthest between the first and the last "
            "period in which they cast five or more votes. Hollow points and dashed lines: periods with "
            "fewer votes.",
        )
    ]


def positions(findings: Findings) -> Section:
    """Show positions, and the votes on the resolution that are unlikely given these positions."""
    why = findings.why
    title = "Positions and unlikely votes"
    if why.fit is None or why.tallies is None:
        return Section("positions", title, (Text("No model was fitted for these votes."),))
    blocks: list[Block] = [
        Text(
            "Positions are on the first dimension, with mean 0 and standard deviation 1 over the members of "
            f"the fit; {why.fit.direction}. For each version, a bar at the top shows the most likely vote "
            "at each position, at the mode, without member effects. If a bar has one colour, the same vote "
            "is the most likely at every position shown. Members may still have cast other votes."
        ),
        Picture(
            "positions",
            lambda: plots.positions(why),
            alt=(
                "Ideal points with intervals of all members that voted on the resolution, and the most "
                "likely vote on each version along the scale."
            ),
            caption="Ideal points of all members that voted on the resolution; markers by last vote.",
        ),
    ]
    blocks.append(_items(findings, why.fit))
    blocks += _trajectories(why)
    if why.fit.cautions:
        blocks.append(Items(tuple(f"Caution: {caution}." for caution in why.fit.cautions)))
    votes = findings.result("unlikely_votes")
    if not isinstance(votes, UnlikelyVotes):
        return Section("positions", title, tuple(blocks))
    blocks.append(Text(votes.text))
    unlike = votes.unlikely
    if len(unlike):
        rows = [
            (
                row.member,
                findings.short[row.rollcall],
                row.vote,
                f"{row.p_vote:.2f}",
                row.likeliest,
                f"{row.p_likeliest:.2f}",
            )
            for row in unlike[:_MOST].itertuples()
        ]
        blocks.append(
            Table(
                "Votes with the lowest probability given the member's position",
                ("member", "version", "vote", "probability", "likeliest vote", "its probability"),
                written(rows),
                text_columns=3,
            )
        )
    return Section("positions", title, tuple(blocks))
