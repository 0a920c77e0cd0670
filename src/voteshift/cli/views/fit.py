"""A fit of ideal points as tables and as a document."""

from dataclasses import asdict
from typing import Any

import numpy as np
from rich.text import Text

from voteshift.cli.console import console, make_table
from voteshift.errors import NotUsableError
from voteshift.ideal import DynamicFit, IdealFit, Marginal, Published
from voteshift.ideal.item_slopes import ItemSlopes
from voteshift.ideal.links import link_name
from voteshift.ideal.slopes import Slopes
from voteshift.ideal.stated import model_words
from voteshift.joint import chambers_in
from voteshift.labels import group_name
from voteshift.posterior.dynamic.results import DynamicPosterior
from voteshift.posterior.results import PosteriorFit
from voteshift.rollcalls import RollCalls
from voteshift.writing import interval, number

__all__ = [
    "IdealResult",
    "chambers_document",
    "fit_document",
    "parts_document",
    "print_fit",
    "print_published",
    "published_document",
]

IdealResult = IdealFit | DynamicFit | PosteriorFit | DynamicPosterior


def chambers_document(fit: IdealResult, record: RollCalls, together: str) -> dict[str, Any]:
    """Return the counts of each chamber and the members that link their scales."""
    counts = chambers_in(record, fit.rollcall_ids, fit.member_ids)
    identification = "" if fit.periods is None else fit.identified_by
    return {
        "identified_by": "; ".join(filter(None, (identification, together))),
        "chambers": counts.reset_index().to_dict("records"),
    }


def fit_document(fit: IdealResult) -> dict[str, Any]:
    """Return the document of `voteshift fit ideal --json`."""
    document = {
        "converged": fit.converged,
        **fit.reached,
        "link": link_name(fit.link),
        "dims": fit.dims,
        "priors": fit.priors,
        "level": fit.level,
        "scale": fit.scale,
        "direction": fit.direction,
        "cautions": list(fit.cautions),
        "left_out": {"members": list(fit.silent), "rollcalls": list(fit.uncontested)},
        "positions": [{"period": None, **_bounded(row)} for row in fit.tidy().to_dict("records")],
        "items": [
            {
                "rollcall": row["rollcall"],
                "item": row.get("item", row["rollcall"]),
                "dimension": row["dimension"],
                "discrimination": row["discrimination"],
                "cutpoints": {name: row[name] for name in fit.cutpoint_names(row["rollcall"])},
            }
            for row in fit.items().to_dict("records")
        ],
    }
    slopes, of_items = _slopes_of(fit)
    if slopes is not None:
        document["slopes"] = _slopes_document(slopes)
    if of_items is not None:
        document["item_slopes"] = {
            "formula": of_items.formula,
            "terms": of_items.tidy().to_dict("records"),
            "residual_sds": of_items.residual_sds,
            "left_out": list(of_items.left_out),
            "cautions": list(of_items.cautions),
        }
    if fit.periods is not None:
        document["identified_by"] = fit.identified_by
        document["scale_over_time"] = _scale_over_time(fit)
        document["steps"] = fit.steps().to_dict("records")
        group_steps = fit.group_steps().to_dict("records")
        if group_steps:
            document["group_steps"] = group_steps
    return document


def _slopes_of(fit: IdealResult) -> tuple[Slopes | None, ItemSlopes | None]:
    """Return the slopes of positions and of items; None without covariates."""
    priors = fit.spec.priors
    slopes: Slopes | None = None if priors.positions is None else getattr(fit, "slopes", None)
    of_items: ItemSlopes | None = None if priors.item_means is None else getattr(fit, "item_slopes", None)
    return slopes, of_items


def _slopes_document(slopes: Slopes) -> dict[str, Any]:
    """Return the slopes of positions on covariates as plain data."""
    return {
        "formula": slopes.formula,
        "terms": slopes.tidy().to_dict("records"),
        "residual_sd": slopes.residual_sd,
        "explained": asdict(slopes.share),
        "left_out": list(slopes.left_out),
    }


def _scale_over_time(fit: IdealResult) -> dict[str, Any]:
    """Return the ratio of the spreads of the first and the last period, or None with the reason."""
    try:
        ratio = fit.spread_ratio()
    except NotUsableError as error:
        return {"identified": False, "reason": error.message, "ratios": None}
    return {"identified": ratio.identified, "reason": None, "ratios": ratio.tidy().to_dict("records")}


def _bounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row in which an infinite end of an interval is None, which is null in JSON."""
    ends = {name: None if np.isinf(row[name]) else row[name] for name in ("conf_low", "conf_high")}
    return row | ends


def parts_document(fit: IdealResult, record: RollCalls) -> list[dict[str, Any]] | None:
    """Return the members, roll calls and dates of each part, or None if votes connect all members."""
    if fit.parts is None:
        return None
    listed = []
    for members, rollcalls in fit.list_parts():
        dates = record.rollcalls.loc[rollcalls, "date"].dropna().sort_values()
        first, last = (str(dates.iloc[end].date()) if len(dates) else None for end in (0, -1))
        listed.append({"members": list(members), "rollcalls": list(rollcalls), "first": first, "last": last})
    return listed


def _print_positions(fit: IdealResult) -> None:
    table = make_table(["Member", "Dimension", "Position", f"{100 * fit.level:g}% interval", "Votes"])
    labels = fit.member_labels
    for row in fit.tidy().sort_values(["dimension", "estimate"]).itertuples():
        around = interval(row.conf_low, row.conf_high, 2)
        table.add_row(
            labels[row.member], str(row.dimension), number(row.estimate, 2), around, str(row.n_votes)
        )
    console().print(table)


def _print_trajectories(fit: IdealResult) -> None:
    """Print the first and last position of every member, and the common steps."""
    percent = f"{100 * fit.level:g}%"
    columns = [
        "Member",
        "First",
        "Position",
        f"{percent} interval",
        "Last",
        "Position",
        f"{percent} interval",
    ]
    table = make_table([*columns, "Votes"])
    labels = fit.member_labels
    ends = fit.tidy().groupby("member", sort=False)
    for member, rows in sorted(ends, key=lambda pair: float(pair[1]["estimate"].iloc[-1])):
        cells = []
        for row in (rows.iloc[0], rows.iloc[-1]):
            around = interval(row["conf_low"], row["conf_high"], 2)
            cells += [str(row["period"]), number(row["estimate"], 2), around]
        table.add_row(labels[str(member)], *cells, str(rows["n_votes"].sum()))
    console().print(table)
    steps = make_table(["From", "To", "Common step", f"{percent} interval", "Bridges"], text_columns=2)
    for row in fit.steps().itertuples():
        around = interval(row.conf_low, row.conf_high, 2)
        steps.add_row(row[1], row.to, number(row.estimate, 2), around, str(row.bridges))
    console().print(steps)
    group_steps = fit.group_steps()
    if len(group_steps):
        by_group = make_table(
            ["Group", "From", "To", "Group step", f"{percent} interval", "Bridges"], text_columns=3
        )
        for row in group_steps.itertuples():
            around = interval(row.conf_low, row.conf_high, 2)
            name = group_name(row.group)
            by_group.add_row(name, row[1], row.to, number(row.estimate, 2), around, str(row.bridges))
        console().print(by_group)
    console().print(Text(f"Identified by {fit.identified_by}."))
    console().print(Text(f"Scale over time: {fit.scale_over_time()}"))


def print_fit(fit: IdealResult, together: str) -> None:
    """Print a fit as tables and sentences; `together` describes the members that link two chambers."""
    out = console()
    if fit.periods is not None:
        _print_trajectories(fit)
    else:
        _print_positions(fit)
    verdict = "converged" if fit.converged else "NOT CONVERGED"
    if fit.sampled:
        made = fit.reached
        how = (
            f"{made['chains']} chains of {made['draws']} draws by {made['sampler']} (seed {made['seed']}, "
            f"{made['seconds']:.0f} s): {verdict}, {fit.verdict}. Position: posterior mean"
        )
    else:
        value = "Expected log posterior" if isinstance(fit.spec.method, Marginal) else "Log posterior"
        how = (
            f"{value} {number(fit.mode.objective, 3)} after {fit.mode.iterations} iterations and "
            f"{fit.mode.seconds:.2f} s: {verdict}, {fit.verdict.removesuffix('sd')}standard deviations"
        )
    out.print(
        Text(
            f"{fit.n_members} members, {fit.n_rollcalls} contested roll calls, {link_name(fit.link)}. "
            f"{how}. Scale: {fit.scale}; {fit.direction}."
        )
    )
    out.print(Text(f"Model: {model_words(fit.link, fit.dims, fit.priors)}."))
    for what, names in (
        ("Unanimous roll calls, left out", fit.uncontested),
        ("Members without a vote in these roll calls, left out", fit.silent),
    ):
        if names:
            out.print(
                Text(f"{what}: {len(names)} ({', '.join(map(str, names[:5]))}{', …' * (len(names) > 5)})")
            )
    for caution in fit.cautions:
        out.print(Text(f"Caution: {caution}."))
    for slopes in _slopes_of(fit):
        if slopes is not None:
            out.print()
            out.print(Text(str(slopes.summary())))
    if together:
        out.print(Text(f"{together[0].upper()}{together[1:]}."))


def published_document(model: Published) -> dict[str, Any]:
    """Return the name, the reference and the differences of a published model."""
    return {"name": model.name, "reference": model.reference, "differences": list(model.differences)}


def print_published(model: Published) -> None:
    """Print the reference of a published model, and the differences between this model and the fit."""
    out = console()
    out.print(Text(f"Published model: {model.reference}"))
    out.print(Text("Choices left to you, and differences from the publication:"))
    for difference in model.differences:
        out.print(Text(f"- {difference}."))
