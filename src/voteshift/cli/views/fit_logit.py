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


def sampled_document(result: "RandomInterceptResult", panel: Panel) -> dict[str, Any]:
    """Return the document of a model with random intercepts."""
    terms = result.tidy().to_dict("records")
    return {
        "model": result.model,
        "formula": result.formula,
        "about": result.about,
        "estimand": "conditional",
        "n": result.nobs,
        "n_clusters": result.n_clusters,
        "cluster": result.cluster,
        **result.reached,
        "llf": None,
        "separation": False,
        "level": result.level,
        # A posterior has no test.
        "terms": [{**row, "statistic": None, "p_value": None} for row in terms],
        "intercepts": result.intercepts().to_dict("records"),
        **_of_panel(panel, result.notes, result.design.variables),
    }


def _variables(result: Estimates | LogitResult) -> tuple[str, ...] | None:
    return result.design.variables if isinstance(result, LogitResult) else None


def _of_panel(panel: Panel, notes: tuple[str, ...], variables: tuple[str, ...] | None) -> dict[str, Any]:
    return {
        "notes": [*_panel_notes(panel, variables), *notes],
        "left_out": panel.left_out.to_dict("records"),
        "unmatched": panel.unmatched.to_dict("records"),
    }


def logit_document(result: Estimates | LogitResult, panel: Panel, cluster: str) -> dict[str, Any]:
    """Return the document of a model fitted by maximum likelihood."""
    document: dict[str, Any] = {
        "model": result.model,
        "formula": result.formula,
        "about": result.about,
        "n": result.nobs,
        "n_clusters": result.n_clusters,
        "cluster": cluster,
        "errors": result.errors,
        "llf": result.llf,
        "separation": isinstance(result, LogitResult) and result.separation,
        "level": result.level,
        "terms": _plain(result.tidy()),
        **_of_panel(panel, result.notes, _variables(result)),
    }
    if isinstance(result, LogitResult):
        document["penalised"] = result.penalised
        document["separated"] = result.separated
        document["effects"] = _plain(result.effects().tidy())
    return document


def _plain(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the rows of a table; a missing or infinite number is null."""
    rows: list[dict[str, Any]] = table.to_dict("records")
    return [
        {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in row.items()
        }
        for row in rows
    ]


def print_logit(result: Estimates | LogitResult, panel: Panel) -> None:
    """Print a model fitted by maximum likelihood: terms, average effects, notes."""
    out = console()
    covers = f"{100 * result.level:g}% interval"
    out.print(Text(f"{result.formula}: {result.about}.", style="bold"))
    table = make_table(["Term", "Estimate", "Std. error", result.statistic_name, "p", covers])
    for row in result.tidy().itertuples():
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
    if isinstance(result, LogitResult):
        effects = make_table(["Average effect on", "of", "Estimate", covers], text_columns=2)
        for row in result.effects().tidy().itertuples():
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
            f"{result.model}: {result.nobs} votes, {result.n_clusters} clusters, "
            f"{result.likelihood_name} {number(result.llf, 3)}. Standard errors: {result.errors}."
        )
    )
    _print_notes(panel, result.notes, _variables(result))


def print_sampled(result: "RandomInterceptResult", panel: Panel) -> None:
    """Print a model with random intercepts: terms, number of draws, notes."""
    out = console()
    out.print(Text(f"{result.formula}: {result.about}.", style="bold"))
    table = make_table(["Term, conditional", "Mean", "Std. dev.", f"{100 * result.level:g}% interval"])
    for row in result.tidy().itertuples():
        digits = decimals(row.estimate, row.conf_low, row.conf_high)
        estimate, error = number(row.estimate, digits), number(row.std_error, digits)
        table.add_row(row.label, estimate, error, interval(row.conf_low, row.conf_high, digits))
    out.print(table)
    reached = result.reached
    out.print(
        Text(
            f"{result.model}: {result.nobs} votes, {result.n_clusters} intercepts by {result.cluster}, "
            f"{reached['chains']} chains of {reached['draws']} draws by {reached['sampler']} "
            f"(seed {reached['seed']}, {reached['seconds']:.0f} s): {result.verdict}."
        )
    )
    _print_notes(panel, result.notes, result.design.variables)


def _panel_notes(panel: Panel, variables: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the notes of the panel on the variables in the model."""
    return panel.notes if variables is None else panel.notes_on(variables)


def _print_notes(panel: Panel, notes: tuple[str, ...], variables: tuple[str, ...] | None) -> None:
    out = console()
    for note in (*_panel_notes(panel, variables), *notes):
        out.print(Text(f"Note: {note}."))
    if len(panel.left_out):
        names = [member_name(str(name)) for name in panel.left_out["name"]]
        out.print(Text(f"Seats without a vote, left out: {join_words(sorted(set(names)))}."))
