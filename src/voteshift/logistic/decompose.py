"""Decomposition of the change between two votes into characteristics of members and responses."""

from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from voteshift.errors import NotUsableError, UsageError
from voteshift.formulas.formula import Formula
from voteshift.logistic.arguments import check_choice, check_type
from voteshift.logistic.clusters import random_weights
from voteshift.logistic.design import Design, build_design
from voteshift.logistic.likelihoods import Family, Floats, Likelihood
from voteshift.logistic.names import name_column, name_levels
from voteshift.logistic.panel import Panel
from voteshift.logistic.parts import Columns, Hybrids, fairlie_parts, shapley_parts, yun_parts
from voteshift.logistic.separation import is_separated
from voteshift.logistic.specifications import Coefficients, Fairlie, MemberBootstrap
from voteshift.logistic.two_votes import Flags, TwoVotes, check_vote
from voteshift.ranges import check_level
from voteshift.tables import written

__all__ = ["ADDS_UP", "Decomposition", "decompose"]

Method = Literal["shapley", "fairlie", "yun"]
#: Parts with their names: (part, variable) of every row, and an array of shape (n_parts, K).
Labelled = tuple[list[tuple[str, str]], Floats]
#: Largest difference between the sum of the parts and the change.
ADDS_UP: Final = 1e-9
_CHANGES: Final = ("estimate", "conf_low", "conf_high")
_MOST_VARIABLES: Final = 8  # 40,320 orders
_FEW_VOTES: Final = 5  # smallest number of votes of a category in one roll call without a note


@dataclass(frozen=True, eq=False)
class Decomposition:
    """The parts of the change in vote shares between two roll calls.

    Attributes
    ----------
    old, new : str
        Ids of the roll calls.
    names : pair of str
        Names of the roll calls in tables: "2018", "2020".
    method : str
        Name of the method. For ``fairlie`` it includes the fit that provides the coefficients.
    change : Series
        Observed change in the share of every category.
    table : DataFrame
        See `tidy`.
    level : float
    n_draws, seed : int
        Number of draws and seed of the bootstrap.
    notes : tuple of str
        Notes on the interpretation of the numbers.

    Raises
    ------
    NotUsableError
        If the parts do not add up to the observed change.
    """

    old: str
    new: str
    names: tuple[str, str]
    method: str
    change: pd.Series
    table: pd.DataFrame
    level: float
    n_draws: int
    seed: int
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that the parts add up to the change."""
        for category, part in self.table.groupby("category"):
            gap = abs(float(part["estimate"].sum()) - float(self.change[category]))
            if not gap <= ADDS_UP:
                raise NotUsableError(
                    f"the parts of {category} must add up to the change, but {gap:.1e} is missing: an "
                    "error in voteshift"
                )

    def tidy(self) -> pd.DataFrame:
        """Return one row per part and category.

        Returns
        -------
        DataFrame
            One row per part and category.

            - ``part``: *characteristics* (the council has other kinds of states), *responses* (states of
              the same kind vote differently) or *residual* (observed change minus fitted change).
            - ``variable``: the variable that the part belongs to. "all" marks a part that is not divided
              among variables, "constant" the part of the constants.
            - ``label``: part and variable as tables show them.
            - ``category``: category of the outcome.
            - ``estimate``: the part, in shares of the votes.
            - ``std_error``: standard deviation over the bootstrap by member.
            - ``conf_low``, ``conf_high``: quantiles of the bootstrap by member.
        """
        return self.table.copy()

    def _shown(self) -> pd.DataFrame:
        """Return the columns that are shown in print."""
        return written(self.table.drop(columns=["part", "variable"]), changes=_CHANGES)

    def _repr_html_(self) -> str:
        return str(self._shown().to_html(index=False, border=0))

    def __repr__(self) -> str:
        """Return the table and the notes."""
        notes = "".join(f"\n- {note}" for note in self.notes)
        return (
            f"{self.method}: {' to '.join(self.names)}, {100 * self.level:g} % intervals\n"
            f"{self._shown().to_string(index=False)}{notes}"
        )


def decompose(
    formula: str | Formula,
    panel: Panel,
    old: str,
    new: str,
    *,
    model: Family = "binary",
    method: Method | Fairlie = "shapley",
    penalised: bool | None = None,
    missing: Literal["raise", "drop"] = "raise",
    bootstrap: MemberBootstrap | None = None,
    level: float = 0.9,
) -> Decomposition:
    """Split the change of the shares between two votes into characteristics and responses.

    Parameters
    ----------
    formula : str or Formula
        As for `logit`, but without the roll call as a variable. The same formula is fitted to each vote.
    panel : Panel
    old, new : str
        Ids or symbols of two roll calls of the panel.
    model : {"binary", "ordered", "ordered-probit", "multinomial"}
    method : {"shapley", "fairlie", "yun"} or Fairlie
        - ``shapley`` averages over the order of characteristics and responses, and over all orders of the
          variables among the characteristics. The result does not depend on one order, or on the
          coefficients of one vote.
        - ``fairlie`` replaces the variables one by one, with the coefficients of the old vote, and averages
          over all orders. Responses are the remaining change. `Fairlie` chooses other coefficients, or one
          order.
        - ``yun`` divides characteristics and responses among the variables by first-order weights.
    penalised : bool, optional
        Add Jeffreys' penalty. By default, the penalty is added if the votes of one of the two roll calls are
        separated. The constants of a penalised fit are set so that the fit reproduces the observed shares
        (Puhr et al. 2017). If False, separated votes are an error.
    missing : {"raise", "drop"}
        As for `logit`.
    bootstrap : MemberBootstrap, optional
        Number of draws and seed of the bootstrap. The default is 499 draws.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Decomposition
        Parts that add up to the observed change. The parts are computed from two fitted models and are not
        causal effects. Differences between states that the variables do not measure are part of the
        responses.

    Raises
    ------
    UsageError, InputError, NotUsableError
        As for `logit`. Also if the formula contains the roll call, more than 8 variables, or, with ``yun``,
        interactions.
    """
    check_choice("model", model, get_args(Family))
    if not isinstance(method, Fairlie):
        check_choice("method", method, get_args(Method))
    check_choice("missing", missing, ("raise", "drop"))
    check_level(level)
    bootstrap = MemberBootstrap() if bootstrap is None else bootstrap
    check_type(bootstrap, MemberBootstrap, "bootstrap", "give MemberBootstrap(n_draws=499, seed=0)")
    check_type(panel, Panel, "panel", "give the result of panel()")
    if penalised is not None:
        check_type(penalised, bool, "penalised", "give True, False or None")
    ids = [panel.rollcall_id(name) for name in (old, new)]
    if ids[0] == ids[1]:
        raise UsageError(f"{old} and {new} are the same roll call", remedy="give two different roll calls")
    frame = panel.only(*ids).frame
    design = build_design(formula, frame, model, missing=missing)
    fairlie = method if isinstance(method, Fairlie) else Fairlie()
    name: Method = "fairlie" if isinstance(method, Fairlie) else method
    _check(design, name)
    group = (design.frame["rollcall"] == ids[1]).to_numpy()
    likelihood = Likelihood(model, len(design.categories))
    votes = TwoVotes(design, likelihood, group, bool(penalised))
    ones = np.ones(len(design.y))
    notes = []
    names = name_levels(frame, "rollcall", ids)
    for version, rows in zip(names, (~group, group), strict=True):
        check_vote(votes, version, rows)
        if penalised is not True and is_separated(votes.problem(rows, ones)):
            if penalised is False:
                raise NotUsableError(
                    f"the votes in {version} are separated",
                    remedy=("leave out penalised=, or pass penalised=True"),
                )
            votes = replace(votes, penalised=True)
            notes.append(f"the votes in {version} are separated: both fits have Jeffreys' penalty (Firth)")
        for k, word in enumerate(design.categories):
            few = int((design.y[rows] == k).sum())
            if few < _FEW_VOTES and len(design.categories) > 2:
                notes.append(
                    f"the number of members that voted {word} in {version} is only {few}, and the parts of "
                    f"{word} depend on these votes"
                )
    plan = _Plan(
        votes,
        name,
        fairlie.coefficients,
        _orders(design, fairlie.order),
        None if name == "yun" else _hybrids(design, group),
    )
    labels, estimate = plan.parts(ones, (None, None))
    if np.isnan(estimate).any():
        raise NotUsableError(
            "the first-order parts nearly cancel: Yun's weights are not defined",
            remedy="give method='shapley'",
        )
    starts = votes.fit(~group, ones), votes.fit(group, ones)  # draws begin at the whole
    codes, members = pd.factorize(design.frame["member"])
    weights = random_weights(len(members), bootstrap.n_draws, bootstrap.seed)
    drawn = np.stack([plan.parts(of_members[codes], starts)[1] for of_members in weights])
    change = votes.observed(group, ones) - votes.observed(~group, ones)
    shown = {k: design.categories[k] for k in design.shown}
    return Decomposition(
        old=ids[0],
        new=ids[1],
        names=(names[0], names[1]),
        method=f"fairlie, coefficients {fairlie.coefficients}" if name == "fairlie" else name,
        change=pd.Series({name: change[k] for k, name in shown.items()}),
        table=_table(labels, estimate, drawn, shown, level),
        level=level,
        n_draws=bootstrap.n_draws,
        seed=bootstrap.seed,
        notes=(*notes, *_notes(frame, design, group, drawn)),
    )


def _notes(frame: pd.DataFrame, design: Design, group: Flags, drawn: Floats) -> list[str]:
    """Return the notes on the interpretation of the numbers."""
    notes = []
    lost = int(np.isnan(drawn).any(axis=(1, 2)).sum())
    if lost:
        notes.append(
            f"Yun's weights are not defined in {lost} of {len(drawn)} draws; intervals use the other draws"
        )
    if design.dropped:
        members = ", ".join(name_levels(frame, "member", design.dropped))
        notes.append(f"votes are left out because a variable is missing: {members}")
    both = len(set(design.frame.loc[group, "member"]) & set(design.frame.loc[~group, "member"]))
    notes.append(
        f"{both} members voted in both roll calls; the bootstrap gives each of these members one weight "
        "for both votes"
    )
    return notes


def _table(
    labels: list[tuple[str, str]], estimate: Floats, drawn: Floats, shown: dict[int, str], level: float
) -> pd.DataFrame:
    low, high = np.nanquantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    error = np.nanstd(drawn, axis=0, ddof=1)
    return pd.DataFrame(
        [
            {
                "part": part,
                "variable": variable,
                "label": part if variable == "all" else f"{part}: {name_column(variable)}",
                "category": category,
                "estimate": estimate[row, k],
                "std_error": error[row, k],
                "conf_low": low[row, k],
                "conf_high": high[row, k],
            }
            for k, category in shown.items()
            for row, (part, variable) in enumerate(labels)
        ]
    )


@dataclass(frozen=True, eq=False)
class _Plan:
    """A decomposition that can be computed with any weights of the members."""

    votes: TwoVotes
    method: Method
    coefficients: Coefficients
    orders: list[tuple[int, ...]]
    hybrids: Hybrids | None

    def parts(self, weights: Floats, starts: tuple[Floats | None, Floats | None]) -> Labelled:
        """Return labels and values of the parts, shape (n_parts, K); they add up to the observed change."""
        votes = self.votes
        group, design, likelihood = votes.group, votes.design, votes.likelihood
        fits = votes.fit(~group, weights, starts[0]), votes.fit(group, weights, starts[1])
        fitted = [
            np.average(likelihood.probabilities(b, design.X[rows]), axis=0, weights=weights[rows])
            for b, rows in zip(fits, (~group, group), strict=True)
        ]
        if self.hybrids is None:
            labels, values = _yun(votes, fits, weights)
        elif self.method == "shapley":
            labels, values = _shapley(votes, self.hybrids, fits, weights)
        else:
            held = fits[1] if self.coefficients == "new" else fits[0]
            if self.coefficients == "pooled":
                held = votes.fit(np.ones_like(group), weights)
            labels, values = _fairlie(votes, self.hybrids, held, self.orders, weights)
            rest = fitted[1] - fitted[0] - values.sum(axis=0)
            labels, values = [*labels, ("responses", "all")], np.vstack([values, rest])
        observed = votes.observed(group, weights) - votes.observed(~group, weights)
        residual = observed - (fitted[1] - fitted[0])
        return [*labels, ("residual", "all")], np.vstack([values, residual])


def _check(design: Design, method: Method) -> None:
    for name in ("rollcall", "symbol", "date", "year"):
        if name in design.variables:
            raise UsageError(
                f"{name!r} always differs between the two votes",
                remedy="leave this variable out of the formula: a separate model is fitted to each vote",
            )
    if len(design.variables) > _MOST_VARIABLES:
        raise UsageError(
            f"the formula has {len(design.variables)} variables, and too many orders to compute",
            remedy=f"use at most {_MOST_VARIABLES} variables",
        )
    if method == "yun" and any(len(term.factors) > 1 for term in design.spec.terms):
        raise UsageError(
            "method='yun' does not allow interactions",
            remedy=("leave out the interactions, or give method='shapley'"),
        )


def _orders(design: Design, order: tuple[str, ...] | None) -> list[tuple[int, ...]]:
    numbers = range(len(design.variables))
    if order is None:
        return list(permutations(numbers))
    if sorted(map(str, order)) != sorted(design.variables):
        raise UsageError(
            f"order is {order!r}", remedy=f"name every variable once: {', '.join(design.variables)}"
        )
    return [tuple(design.variables.index(name) for name in order)]


def _hybrids(design: Design, group: Flags) -> Hybrids:
    """Encode every pair of an old and a new member, with each variable from either of the two."""
    frame = design.frame
    olds, news = np.flatnonzero(~group), np.flatnonzero(group)
    left, right = (part.ravel() for part in np.meshgrid(olds, news, indexing="ij"))
    before, after = frame.iloc[left].reset_index(drop=True), frame.iloc[right].reset_index(drop=True)
    encoded = []
    for mix in range(2 ** len(design.variables)):
        taken = {name: after[name] for bit, name in enumerate(design.variables) if mix >> bit & 1}
        encoded.append(design.encode(before.assign(**taken)))
    return Hybrids(np.stack(encoded).reshape(len(encoded), len(olds), len(news), -1))


def _shapley(votes: TwoVotes, hybrids: Hybrids, fits: tuple[Floats, Floats], weights: Floats) -> Labelled:
    """Return the Owen value: first characteristics and responses, then the parts of the variables.

    If the council stays the same, characteristics are 0 for any number of variables (Owen 1977).
    """
    weights_of_both = weights[~votes.group], weights[votes.group]
    before, after = (hybrids.shares(votes.likelihood, b, *weights_of_both) for b in fits)
    characteristics = (shapley_parts(before) + shapley_parts(after)) / 2
    responses = (after[[0, -1]] - before[[0, -1]]).mean(axis=0)
    labels = [("characteristics", name) for name in votes.design.variables]
    return [*labels, ("responses", "all")], np.vstack([characteristics, responses])


def _fairlie(
    votes: TwoVotes, hybrids: Hybrids, held: Floats, orders: list[tuple[int, ...]], weights: Floats
) -> Labelled:
    values = hybrids.shares(votes.likelihood, held, weights[~votes.group], weights[votes.group])
    parts = shapley_parts(values) if len(orders) > 1 else fairlie_parts(values, orders[0])
    return [("characteristics", name) for name in votes.design.variables], parts


def _yun(votes: TwoVotes, fits: tuple[Floats, Floats], weights: Floats) -> Labelled:
    design, group = votes.design, votes.group
    mean = [np.average(design.X[rows], axis=0, weights=weights[rows]) for rows in (~group, group)]

    def share(params: Floats, rows: Flags) -> Floats:
        P = votes.likelihood.probabilities(params, design.X[rows])
        return np.asarray(np.average(P, axis=0, weights=weights[rows]))

    moved = share(fits[0], group)
    totals = moved - share(fits[0], ~group), share(fits[1], group) - moved
    columns = _columns(design)
    characteristics, responses = yun_parts(votes.likelihood, columns, fits, (mean[0], mean[1]), totals)
    labels = [("characteristics", name) for name in design.variables]
    labels += [("responses", name) for name in design.variables]
    return [*labels, ("responses", "constant")], np.vstack([characteristics, responses])


def _columns(design: Design) -> Columns:
    """Return the columns of every variable, for a formula without interactions."""
    by_variable: dict[str, list[int]] = {name: [] for name in design.variables}
    factors: dict[str, bool] = dict.fromkeys(design.variables, False)
    slices: dict[Any, slice] = design.spec.term_slices
    names = list(design.spec.column_names)
    for term, part in slices.items():
        for factor in term.factors:
            for variable in by_variable.keys() & set(map(str, design.spec.factor_variables.get(factor, ()))):
                by_variable[variable] += [design.columns.index(name) for name in names[part]]
                factors[variable] |= factor in design.spec.factor_contrasts
    constant = design.columns.index("Intercept") if "Intercept" in design.columns else None
    return Columns(
        constant,
        tuple(tuple(by_variable[name]) for name in by_variable),
        tuple(factors[name] for name in by_variable),
    )
