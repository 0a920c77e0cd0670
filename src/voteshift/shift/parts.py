"""The model's parts of one step: membership, attendance, positions and resolution.

Every part is a sum over members. Member i adds its vote to a tally if i has a seat and attends. Let
c_i(s, a) = 1 if member i votes with the seats of date s and the attendance of date a, and 0 otherwise, and
y_i(b, v) its vote on version v with the positions of date b. Then

    tally(s, a, b, v) = sum_i c_i(s, a) y_i(b, v).

A member with a seat at one date has an attendance on record at this date only, so for such a member c_i
depends on s alone. For a member with a seat at both dates c_i depends on a alone. The Shapley values of the
tally over (s, a, b, v) are sums of the Shapley values of the members, and a factor on which a member does not
depend has the value 0 for this member.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.ideal.laplace import Paths
from voteshift.ranges import MOST_DRAWS, check_count, check_level, check_seed
from voteshift.shift.account import AddingUpError
from voteshift.shift.counterfactual import Counterfactual
from voteshift.shift.movement import split_movement, weigh_members
from voteshift.shift.shapley import shapley, shapley_values
from voteshift.votes import CAST, CATEGORIES

__all__ = ["Draws", "Estimand", "ModelParts", "StepDraws", "model_parts", "tails"]

Floats = NDArray[np.float64]
Estimand = Literal["realised", "expected"]
_TOLERANCE: Final = 1e-9
_FEWEST: Final = 100  # draws
#: Codes in the order of a table's rows.
_CODES: Final = tuple(CATEGORIES.index(name) for name in CAST)


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws behind the intervals of an explanation.

    Attributes
    ----------
    n : int
        Number of draws, 100 to 100,000.
    seed : int
        Seed of the random numbers. The same record, model and draws give the same numbers.
    level : float
        Coverage of the intervals.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    n: int = 2000
    seed: int = 0
    level: float = 0.9

    def __post_init__(self) -> None:
        """Validate the three numbers."""
        check_count("n", self.n, least=_FEWEST, most=MOST_DRAWS)
        check_seed(self.seed)
        check_level(self.level)


@dataclass(frozen=True, eq=False)
class StepDraws:
    """Tallies of one step under every mix of old and new factors, in every draw.

    Attributes
    ----------
    tallies : Counterfactual
        The votes under every mix.
    old, new : int
        Indices of the two versions.
    estimand : {"realised", "expected"}
        "realised": votes. "expected": probabilities of votes.
    apart : bool
        True if positions and version are replaced separately (three factors), False if together (two).
    """

    tallies: Counterfactual
    old: int
    new: int
    estimand: Estimand
    apart: bool

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the factors; attendance is a factor only if a member with a seat both times voted once."""
        council = ("membership", "attendance") if self.voted_once.any() else ("membership",)
        return (*council, *(("positions", "resolution") if self.apart else ("switching",)))

    @property
    def n_factors(self) -> int:
        """Number of factors."""
        return len(self.components)

    @cached_property
    def seats(self) -> Floats:
        """1 for members of the old and of the new council, otherwise 0; shape (n_members, 2)."""
        return self.tallies.council[:, [self.old, self.new]].astype(float)

    @cached_property
    def voted_once(self) -> NDArray[np.bool_]:
        """True for members that held a seat both times and voted once, shape (n_members,)."""
        return self.tallies.voted_once(self.old, self.new)

    @cached_property
    def councils(self) -> dict[tuple[int, ...], Floats]:
        """1 for members that vote, otherwise 0, shape (n_members,), by state of seats and attendance."""
        old, new = self.seats.T
        if not self.voted_once.any():
            return {(0,): old, (1,): new}
        came = np.where(self.voted_once, new, old)
        return {(0, 0): old, (0, 1): came, (1, 0): old + new - came, (1, 1): new}

    def votes(self, date: int, version: int) -> Floats:
        """Return the contribution of members with a seat to each category, (n_draws, n_members, 3)."""
        ends = (self.old, self.new)
        if self.estimand == "expected":
            return self.tallies.chances(ends[date], ends[version])
        cast = self.tallies.cast(ends[date], ends[version])
        return (cast[..., None] == np.arange(len(CATEGORIES))).astype(float)

    def votes_mixed(self, dates: tuple[int, int, int], version: int) -> Floats:
        """Return `votes` with the parts of positions from different dates; see `Latent.mixed`."""
        if len(set(dates)) == 1:
            return self.votes(dates[0], version)
        ends = (self.old, self.new)
        common, groups, individual = (ends[date] for date in dates)
        if self.estimand == "expected":
            return self.tallies.chances_mixed((common, groups, individual), ends[version])
        cast = self.tallies.cast_mixed((common, groups, individual), ends[version])
        return (cast[..., None] == np.arange(len(CATEGORIES))).astype(float)

    @property
    def paths(self) -> Paths | None:
        """The parts of positions that members share; None if positions are not a factor or have no parts."""
        return self.tallies.latent.paths if self.apart else None

    def _mixes(self) -> list[tuple[tuple[int, ...], int, int]]:
        """Return every mix of the factors other than the council: factor indices, date and version."""
        if self.apart:
            return [((date, version), date, version) for date in (0, 1) for version in (0, 1)]
        return [((when,), when, when) for when in (0, 1)]

    @cached_property
    def corners(self) -> Floats:
        """Tallies, shape (2,) * n_factors + (n_draws, 3)."""
        n_draws = len(self.tallies.noise)
        corners = np.empty((2,) * self.n_factors + (n_draws, len(CATEGORIES)))
        for place, date, version in self._mixes():
            councils = np.column_stack([*self.councils.values()])
            counts = np.einsum("kic,ia->akc", self.votes(date, version), councils, optimize=True)
            for council, tally in zip(self.councils, counts, strict=True):
                corners[(*council, *place)] = tally
        return corners

    @cached_property
    def by_member(self) -> Floats:
        """The parts of every member, shape (n_factors, n_draws, n_members, 3)."""
        n_draws, n_members = self.tallies.noise.shape[:2]
        corners = np.empty((2,) * self.n_factors + (n_draws, n_members, len(CATEGORIES)), dtype=np.float32)
        for place, date, version in self._mixes():
            votes = self.votes(date, version)
            for council, voting in self.councils.items():
                corners[(*council, *place)] = votes * voting[:, None]
        return shapley_values(corners, self.n_factors).astype(float)


@dataclass(frozen=True, eq=False)
class ModelParts:
    """The model's split of one step.

    Attributes
    ----------
    table : DataFrame
        ``component``: membership and switching; or membership, positions and resolution if they are
        identified separately; attendance after membership if a member with a seat both times voted once; then
        residual. ``category``: yes, no, abstain. ``estimate``: mean over draws.
        ``conf_low``, ``conf_high``: interval. ``order_low``, ``order_high``: the smallest and the largest
        estimate over the orders of replacing the factors.
    observed : dict of str to int
        The change of each category among voting members; the parts add up to it.
    identified_by : str
        The information that identifies the components, and its assumptions.
    notes : tuple of str
        Notes that must accompany the numbers.
    level : float
        Coverage of the intervals.
    draws : StepDraws, optional
        The draws behind the table, from which the parts of groups and members are taken.
    extrapolated : tuple of str
        Members whose position at either date is based on fewer than 5 votes in its period.
    simulation_error : float
        The largest standard error of an estimate that is due to the number of draws.
    voted_once : tuple of str
        Members that held a seat both times and voted once.
    movement : DataFrame or None
        The part 'positions', divided: ``component`` ("common steps"; "group steps" if groups have steps;
        "individual steps"), ``category``, ``estimate``, ``conf_low``, ``conf_high``. None if positions are
        not a component, or the fit does not divide them.
    """

    table: pd.DataFrame
    observed: dict[str, int]
    identified_by: str
    notes: tuple[str, ...]
    level: float = 0.9
    draws: StepDraws | None = field(default=None, repr=False)
    extrapolated: tuple[str, ...] = ()
    simulation_error: float = float("nan")
    voted_once: tuple[str, ...] = ()
    movement: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        """Check that the parts add up to the observed change, and the steps to the part of positions."""
        total = self.table.groupby("category")["estimate"].sum()
        for name, change in self.observed.items():
            if abs(total[name] - change) > _TOLERANCE:
                raise AddingUpError(f"the parts of {name} add up to {total[name]}, not to {change}")
        if self.movement is None:
            return
        moved = self.movement.groupby("category")["estimate"].sum()
        positions = self.table[self.table["component"] == "positions"].set_index("category")["estimate"]
        for name in self.observed:
            if abs(moved[name] - positions[name]) > _TOLERANCE:
                raise AddingUpError(
                    f"the steps in positions of {name} add up to {moved[name]}, not to {positions[name]}"
                )

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the parts, without the residual."""
        return tuple(name for name in self.table["component"].unique() if name != "residual")

    @property
    def rows(self) -> pd.DataFrame:
        """The rows of `table` that add up to the observed change; without the residual if it is 0."""
        if self.estimand == "expected":
            return self.table
        return self.table[self.table["component"] != "residual"]

    @property
    def has_group_steps(self) -> bool:
        """True if the movement of members contains steps of groups."""
        return self.movement is not None and "group steps" in set(self.movement["component"])

    @property
    def estimand(self) -> Estimand:
        """The tallies that were split: "realised" or "expected"."""
        return "realised" if self.draws is None else self.draws.estimand

    @property
    def n_members(self) -> int:
        """Number of members with a seat in the old council, the new council or both."""
        return 0 if self.draws is None else int(self.draws.seats.any(axis=1).sum())

    def by(self, labels: pd.Series) -> pd.DataFrame:
        """Return the parts of groups of members.

        Parameters
        ----------
        labels : Series
            A label for every member id; members without a label are left out.

        Returns
        -------
        DataFrame
            ``label``, ``component``, ``category``, ``estimate``, ``conf_low``, ``conf_high``. If every
            member has a label, the estimates of a component add up over the labels to the estimate of this
            component in `table`.

        Raises
        ------
        ValueError
            If the draws were not kept.
        """
        if self.draws is None:
            raise ValueError("the parts of members cannot be computed, because the draws were not kept")
        wanted = labels.reindex(self.draws.tallies.members)
        labelled = wanted.notna().to_numpy()
        codes, names = pd.factorize(wanted[labelled], sort=True)
        belongs = np.zeros((len(wanted), len(names)))
        belongs[np.flatnonzero(labelled), codes] = 1.0
        parts = np.einsum("fkic,il->fklc", self.draws.by_member, belongs, optimize=True)
        low, high = np.quantile(parts, tails(self.level), axis=1)
        mean = parts.mean(axis=1)
        rows = [
            (label, component, name, mean[f, k, c], low[f, k, c], high[f, k, c])
            for k, label in enumerate(names)
            for f, component in enumerate(self.draws.components)
            for name, c in zip(CAST, _CODES, strict=True)
        ]
        return pd.DataFrame(
            rows, columns=["label", "component", "category", "estimate", "conf_low", "conf_high"]
        )

    def members(self) -> pd.DataFrame:
        """Return the parts of every member, with the columns of `by` and ``member`` for ``label``."""
        if self.draws is None:
            raise ValueError("the parts of members cannot be computed, because the draws were not kept")
        sat = self.draws.tallies.members[self.draws.tallies.council.any(axis=1)]
        return self.by(pd.Series(sat, index=sat)).rename(columns={"label": "member"})

    def seen(self) -> pd.DataFrame:
        """Return the part 'positions' of members seen at both dates and of extrapolated members.

        Returns
        -------
        DataFrame
            ``label`` (seen, extrapolated) and the columns of `by`; empty if positions are not a component.
        """
        if self.draws is None or "positions" not in self.components:
            return pd.DataFrame(
                columns=["label", "component", "category", "estimate", "conf_low", "conf_high"]
            )
        ids = self.draws.tallies.members
        sat = self.draws.seats.any(axis=1)
        labels = pd.Series(np.where(ids.isin(self.extrapolated), "extrapolated", "seen"), index=ids)
        table = self.by(labels[sat])
        return table[table["component"] == "positions"].reset_index(drop=True)


def model_parts(
    draws: StepDraws,
    *,
    level: float,
    identified_by: str,
    notes: tuple[str, ...],
    extrapolated: tuple[str, ...] = (),
) -> ModelParts:
    """Split a step into parts, and check in every draw that the parts add up to the change on record.

    Parameters
    ----------
    draws : StepDraws
        Tallies under every mix.
    level : float
        Coverage of the intervals.
    identified_by, notes, extrapolated
        As in `ModelParts`.

    Raises
    ------
    AddingUpError
        If the parts do not add up to the observed change.
    """
    votes = draws.tallies.votes
    change = np.array(
        [(votes[:, draws.new] == c).sum() - (votes[:, draws.old] == c).sum() for c in range(len(CATEGORIES))]
    )
    split = shapley(draws.corners, draws.n_factors)
    residual = change - split.parts.sum(axis=0)
    ends = tuple(draws.tallies.rollcalls[k] for k in (draws.old, draws.new))
    if draws.estimand == "realised" and np.abs(residual).max() > _TOLERANCE:
        raise AddingUpError(
            f"the parts of a draw do not add up to the observed change from {ends[0]} to {ends[1]}"
        )
    if draws.estimand == "realised":
        residual = np.zeros_like(residual)
    by_order = split.orders.mean(axis=2)  # of the draws: (orders, parts, categories)
    rows = []
    for part, values, ordered in (
        *zip(draws.components, split.parts, by_order.swapaxes(0, 1), strict=True),
        ("residual", residual, residual.mean(axis=0)[None]),
    ):
        for name, code in zip(CAST, _CODES, strict=True):
            low, high = np.quantile(values[:, code], tails(level))
            rows.append(
                {
                    "component": part,
                    "category": name,
                    "estimate": values[:, code].mean(),
                    "conf_low": low,
                    "conf_high": high,
                    "order_low": ordered[:, code].min(),
                    "order_high": ordered[:, code].max(),
                }
            )
    observed = {name: int(change[code]) for code, name in enumerate(CATEGORIES)}
    error = float(split.parts.std(axis=1).max() / np.sqrt(split.parts.shape[1]))
    return ModelParts(
        pd.DataFrame(rows),
        observed,
        identified_by,
        notes,
        level,
        draws,
        extrapolated,
        error,
        tuple(map(str, draws.tallies.members[draws.voted_once])),
        _movement(draws, level),
    )


def _movement(draws: StepDraws, level: float) -> pd.DataFrame | None:
    """Return the rows of the part 'positions' by the steps that members share."""
    paths = draws.paths
    if paths is None:
        return None
    names, parts = split_movement(
        draws.votes_mixed, weigh_members(draws.councils), has_groups=paths.groups is not None
    )
    low, high = np.quantile(parts, tails(level), axis=1)
    mean = parts.mean(axis=1)
    rows = [
        (component, name, mean[k, code], low[k, code], high[k, code])
        for k, component in enumerate(names)
        for name, code in zip(CAST, _CODES, strict=True)
    ]
    return pd.DataFrame(rows, columns=["component", "category", "estimate", "conf_low", "conf_high"])


def tails(level: float) -> tuple[float, float]:
    """Return the two quantile levels that bound an interval of this coverage."""
    return (1 - level) / 2, (1 + level) / 2
