"""The sections of the model: parts, councils, positions, votes unlike them."""

import pandas as pd

from voteshift import plots
from voteshift.checks.unlikely_votes import against_position
from voteshift.errors import NotUsableError
from voteshift.ideal.interface import Fit
from voteshift.report.contents import Block, Items, Section, Subhead, Table, Text
from voteshift.report.material import Material, written
from voteshift.report.pictures import picture
from voteshift.shift.explain import Explanation, ModelParts, Step
from voteshift.shift.telling import (
    LEANS,
    PLAIN,
    SWITCHING,
    check_sentences,
    effect_sentences,
    simulation_error,
)
from voteshift.shift.wording import drawn_from, sentence
from voteshift.votes import CAST
from voteshift.writing import NONE, interval, number, signed, with_interval

__all__ = ["councils", "parts", "positions"]

_MOST = 12  # rows of a table
_UNLIKELY = 0.2  # probability below which a vote is unlike a position
_IN_FULL = 4  # versions up to which every council's whole tally is written


def parts(material: Material) -> Section:
    """Show the parts of every step that is told in full, by category, group and member."""
    why = material.why
    blocks: list[Block] = []
    said = next((step.model for step in why.steps if isinstance(step.model, ModelParts)), None)
    if said is not None:
        blocks.append(Text(f"Identified by {said.identified_by}"))
        blocks.append(
            Text(
                f"Parts are of the {said.estimand} change among those who voted"
                + (
                    ": votes on record are kept, votes never cast are drawn. "
                    if said.estimand == "realised"
                    else ": another question than why the tally moved as it did. The residual is what the "
                    "model did not expect. "
                )
                + "A part is the mean over the orders in which its factors can be replaced (Shapley value); "
                f"the columns of orders say how far they differ. Intervals cover {100 * why.level:g}%, from "
                f"{why.n_draws} draws of the {drawn_from(why.fit)}, seed {why.seed}; simulation error of an "
                f"estimate at most {simulation_error(why):.2f}."
            )
        )
    leans = effect_sentences(why)
    if leans:
        blocks.append(
            Text(
                " ".join(leans)
                + " Members repeat themselves more than their positions have it; the parts without member effects "
                "stand beside those with it."
            )
        )
    if said is not None:
        blocks.append(Text(f"{LEANS if material.leans else PLAIN} {SWITCHING}"))
    for at in material.shown:
        step = why.steps[at]
        blocks.append(Subhead(material.between(step)))
        if not isinstance(step.model, ModelParts):
            blocks.append(Text(f"No model: {step.model}."))
            continue
        said_here = (step.sentence, *check_sentences(step), *step.model.notes)
        blocks += [Items(said_here), *_step(material, at, step, step.model)]
    return Section("parts", "Parts of the change", tuple(blocks))


def _step(material: Material, at: int, step: Step, model: ModelParts) -> list[Block]:
    layers = step.modelled
    beside = [name.removeprefix("model ") for name in layers if name != "model"]
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
        picture(
            f"parts{at}",
            lambda: plots.waterfall(material.why, at),
            alt=f"Parts of the change from {material.between(step)}: {sentence(model)}",
            caption=f"From the tally of {material.short[step.old]} to that of "
            f"{material.short[step.new]}, part by part.",
        ),
        Table(
            f"Parts of the change, {material.between(step)}: votes with {100 * model.level:g}% intervals",
            ("component", "category", "estimate", "orders", *beside),
            written(rows),
            text_columns=2,
        ),
    ]
    if model.draws is not None:
        name = material.main_category(step)
        groups = material.record.members["group"].replace("", "no group").fillna("no group")
        blocks.append(_split(model, model.by(groups), "group", "label", name))
        blocks.append(_split(model, model.members(), "member", "member", name))
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
    most = f", the {_MOST} with the largest" if len(rows) == _MOST else ""
    return Table(f"Parts of the change in {name} by {what}{most}", (what, *model.components), written(rows))


def councils(material: Material) -> Section:
    """Show the expected tally of every council under every version."""
    why = material.why
    if why.tallies is None:
        return Section(
            "councils", "Every council, every version", (Text("There is no model of these votes."),)
        )
    table = plots.councils_table(why)
    n = table["council"].nunique()
    blocks: list[Block] = [
        Text(
            "What each council would be expected to do with each version, at the mode of the model, from "
            "positions alone, without member effects. On the diagonal stands what the model expects of a vote that "
            "took place, beside the vote on record: a check of the model, not of the record."
        ),
        picture(
            "councils",
            lambda: plots.councils(why),
            alt="Expected tallies of every council under every version; the table has the numbers.",
            caption=(
                "Expected yes-no-abstain, shaded by yes; framed: the council's own version."
                if n <= _IN_FULL
                else "Expected yes, shaded; framed: the council's own version."
            ),
        ),
    ]
    if n <= _IN_FULL:
        rows = [
            (
                material.short[row.council],
                material.short[row.version],
                *(_expected(row, name) for name in CAST),
                row.on_record,
            )
            for row in table.itertuples()
        ]
        blocks.append(
            Table(
                f"Expected tallies with {100 * why.level:g}% intervals of the expectation; the chance of "
                "single votes comes on top",
                ("council", "version", *CAST, "on record"),
                written(rows),
                text_columns=2,
            )
        )
    return Section("councils", "Every council, every version", tuple(blocks))


def _expected(row: object, name: str) -> str:
    value, low, high = (getattr(row, name + end) for end in ("", "_low", "_high"))
    return f"{number(value)} {interval(low, high)}"


def _items(material: Material, fit: Fit) -> Table:
    """Show discrimination and cutpoints of every version."""
    items = fit.items()
    items = items[items["rollcall"].isin(material.why.rollcalls.index)]
    cuts = [name for name in items.columns if "|" in name and items[name].notna().any()]
    rows = [
        (
            material.short[row["rollcall"]],
            *([row["dimension"]] if fit.dims > 1 else []),
            *(NONE if pd.isna(row[name]) else signed(row[name], 2) for name in ("discrimination", *cuts)),
        )
        for row in items.to_dict("records")
    ]
    which = ("dimension",) if fit.dims > 1 else ()
    return Table(
        "The versions on this scale, at the mode: a vote is above a cutpoint where discrimination times "
        "position plus noise is",
        ("version", *which, "discrimination", *cuts),
        written(rows),
    )


def _trajectories(why: Explanation) -> list[Block]:
    """Draw positions along time, where they move and any member was seen in two periods."""
    try:
        chosen = dict.fromkeys(plots.trajectories_table(why)["member"])
    except NotUsableError:
        return []
    return [
        picture(
            "trajectories",
            lambda: plots.trajectories(why, chosen),
            alt=f"Positions of {', '.join(chosen)} along time with intervals, everyone else in grey.",
            caption="Positions along time: the members that moved furthest between the first and the last "
            "period in which they cast five votes or more. Hollow and dashed: fewer votes.",
        )
    ]


def positions(material: Material) -> Section:
    """Show positions, and the votes on the resolution that are unlike them."""
    why = material.why
    title = "Positions, and votes unlike them"
    if why.fit is None or why.tallies is None:
        return Section("positions", title, (Text("There is no model of these votes."),))
    votes = against_position(why)
    unlike = votes[votes["p_vote"] < _UNLIKELY]
    blocks: list[Block] = [
        Text(
            "Positions are those of the first dimension, with mean 0 and standard deviation 1 over the "
            f"members of the fit; {why.fit.direction}. The bars on top show, version by version, "
            "which vote is the likeliest at a position, from positions alone, at the mode. Where a bar has "
            "one colour, one vote is the likeliest for every position drawn, whatever else was cast."
        ),
        picture(
            "positions",
            lambda: plots.positions(why),
            alt="Ideal points with intervals of all who voted on the resolution, and the likeliest vote "
            "on each version along the scale.",
            caption="Ideal points of all who voted on the resolution; markers by last vote.",
        ),
    ]
    blocks.append(_items(material, why.fit))
    blocks += _trajectories(why)
    if why.fit.cautions:
        blocks.append(Items(tuple(f"Caution: {caution}." for caution in why.fit.cautions)))
    blocks.append(
        Text(
            f"{len(unlike)} of {len(votes)} votes on the resolution had a probability below {_UNLIKELY:g} "
            "given the member's position. The positions were fitted to these votes among others, so the "
            "probabilities are on the high side."
        )
    )
    if len(unlike):
        rows = [
            (
                row.member,
                material.short[row.rollcall],
                row.vote,
                f"{row.p_vote:.2f}",
                row.likeliest,
                f"{row.p_likeliest:.2f}",
            )
            for row in unlike[:_MOST].itertuples()
        ]
        blocks.append(
            Table(
                "Votes least like the member's position",
                ("member", "version", "vote", "probability", "likeliest vote", "its probability"),
                written(rows),
                text_columns=3,
            )
        )
    return Section("positions", title, tuple(blocks))
