"""A logistic model as tables and as a document."""

from math import isfinite
from typing import TYPE_CHECKING, Any

from rich.text import Text

from voteshift.cli.console import console, make_table
from voteshift.labels import member_name
from voteshift.logistic import Estimates, LogitResult, Panel
from voteshift.prose import join_words
from voteshift.writing import NONE, decimals, interval, number, p_cell

if TYPE_CHECKING:
    import pandas as pd

    from voteshift.logistic.intercept_results import RandomInterceptResult

__all__ = ["logit_document", "print_logit", "print_sampled", "sampled_document"]


def sampled_document(found: "RandomInterceptResult", made: Panel) -> dict[str, Any]:
    """Return the document of a model with random intercepts."""
    terms = found.tidy().to_dict("records")
    return {
        "model": found.model,
        "formula": found.formula,
        "about": found.about,
        "estimand": "conditional",
        "n": found.nobs,
        "n_clusters": found.n_clusters,
        "cluster": found.cluster,
        **found.reached,
        "llf": None,
        "separation": False,
        "level": found.level,
        # A posterior has neither.
        "terms": [{**row, "statistic": None, "p_value": None} for row in terms],
        "intercepts": found.intercepts().to_dict("records"),
        **_of_panel(made, found.notes, found.design.variables),
    }


def _variables(found: Estimates | LogitResult) -> tuple[str, ...] | None:
    return found.design.variables if isinstance(found, LogitResult) else None


def _of_panel(made: Panel, notes: tuple[str, ...], variables: tuple[str, ...] | None) -> dict[str, Any]:
    return {
        "notes": [*_said(made, variables), *notes],
        "left_out": made.left_out.to_dict("records"),
        "unmatched": made.unmatched.to_dict("records"),
    }


def logit_document(found: Estimates | LogitResult, made: Panel, cluster: str) -> dict[str, Any]:
    """Return the document of a model that was maximised."""
    document: dict[str, Any] = {
        "model": found.model,
        "formula": found.formula,
        "about": found.about,
        "n": found.nobs,
        "n_clusters": found.n_clusters,
        "cluster": cluster,
        "errors": found.errors,
        "llf": found.llf,
        "separation": isinstance(found, LogitResult) and found.separation,
        "level": found.level,
        "terms": _plain(found.tidy()),
        **_of_panel(made, found.notes, _variables(found)),
    }
    if isinstance(found, LogitResult):
        document["penalised"] = found.penalised
        document["separated"] = found.separated
        document["effects"] = _plain(found.effects().tidy())
    return document


def _plain(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the rows; what has no number, or an infinite one, is null."""
    rows: list[dict[str, Any]] = table.to_dict("records")
    return [
        {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in row.items()
        }
        for row in rows
    ]


def print_logit(found: Estimates | LogitResult, made: Panel) -> None:
    """Print a model that was maximised: terms, average effects, notes."""
    out = console()
    covers = f"{100 * found.level:g}% interval"
    out.print(Text(f"{found.formula}: {found.about}.", style="bold"))
    table = make_table(["Term", "Estimate", "Std. error", found.statistic_name, "p", covers])
    for row in found.tidy().itertuples():
        bare = isfinite(row.std_error)  # a term that the data separate has no standard error
        digits = decimals(row.estimate, row.conf_low, row.conf_high)
        table.add_row(
            row.label,
            number(row.estimate, digits),
            number(row.std_error, digits) if bare else NONE,
            number(row.statistic, 2) if bare else NONE,
            p_cell(row.p_value),
            interval(row.conf_low, row.conf_high, digits),
        )
    out.print(table)
    if isinstance(found, LogitResult):
        effects = make_table(["Average effect on", "of", "Estimate", covers], text_columns=2)
        for row in found.effects().tidy().itertuples():
            digits = decimals(row.estimate, row.conf_low, row.conf_high)
            effects.add_row(
                row.category,
                row.label,
                number(row.estimate, digits),
                interval(row.conf_low, row.conf_high, digits),
            )
        out.print(effects)
    out.print(
        Text(
            f"{found.model}: {found.nobs} votes, {found.n_clusters} clusters, "
            f"{found.likelihood_name} {number(found.llf, 3)}. Standard errors: {found.errors}."
        )
    )
    _print_notes(made, found.notes, _variables(found))


def print_sampled(found: "RandomInterceptResult", made: Panel) -> None:
    """Print a model with random intercepts: terms, what was drawn, notes."""
    out = console()
    out.print(Text(f"{found.formula}: {found.about}.", style="bold"))
    table = make_table(["Term, conditional", "Mean", "Std. dev.", f"{100 * found.level:g}% interval"])
    for row in found.tidy().itertuples():
        digits = decimals(row.estimate, row.conf_low, row.conf_high)
        estimate, error = number(row.estimate, digits), number(row.std_error, digits)
        table.add_row(row.label, estimate, error, interval(row.conf_low, row.conf_high, digits))
    out.print(table)
    reached = found.reached
    out.print(
        Text(
            f"{found.model}: {found.nobs} votes, {found.n_clusters} intercepts by {found.cluster}, "
            f"{reached['chains']} chains of {reached['draws']} draws by {reached['sampler']} "
            f"(seed {reached['seed']}, {reached['seconds']:.0f} s): {found.verdict}."
        )
    )
    _print_notes(made, found.notes, found.design.variables)


def _said(made: Panel, variables: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return what the panel says of the variables fitted."""
    return made.notes if variables is None else made.notes_on(variables)


def _print_notes(made: Panel, notes: tuple[str, ...], variables: tuple[str, ...] | None) -> None:
    out = console()
    for note in (*_said(made, variables), *notes):
        out.print(Text(f"Note: {note}."))
    if len(made.left_out):
        names = [member_name(str(name)) for name in made.left_out["name"]]
        out.print(Text(f"Seats without a vote, left out: {join_words(sorted(set(names)))}."))
