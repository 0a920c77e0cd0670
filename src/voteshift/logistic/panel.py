"""The panel: a table with one row per vote cast and the traits of the member at that date."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from voteshift.datasets import load_sponsors
from voteshift.errors import InputError, UsageError
from voteshift.formulas.columns import check_frame, find_kind
from voteshift.labels import version_names
from voteshift.logistic.arguments import check_choice, check_type
from voteshift.logistic.names import name_levels
from voteshift.prose import join_words
from voteshift.ranges import check_count
from voteshift.rollcalls import RollCalls
from voteshift.votes import CATEGORIES, Vote

__all__ = ["Panel", "Positions", "panel"]

_KEYS: Final = ("member", "iso3")
_SHOWN: Final = 12
_LONGEST_LAG: Final = 200  # years
_UNMATCHED: Final = ["member", "rollcall", "year", "column", "why"]


class Positions(Protocol):
    """A fit of ideal points, whose table has columns ``member``, ``estimate`` and ``std_error``."""

    def tidy(self) -> pd.DataFrame:
        """Return one row per member."""


@dataclass(frozen=True, eq=False)
class Panel:
    """A table of votes with the traits of the members.

    Attributes
    ----------
    frame : DataFrame
        One row per vote cast.

        - ``member``, ``name``, ``group``, ``rollcall``, ``symbol``, ``date``, ``year``.
        - ``version``: the shortest name that distinguishes the roll call from the others, as an ordered
        categorical: the year, the day, or the symbol and day; the id if these are not distinct.
        - ``vote``: an ordered categorical, no < abstain < yes.
        - ``yes``, ``no``, ``abstain``: indicators of the vote, 0 or 1.
        - ``lagged_vote``, ``years_on_council``.
        - ``sponsor``, if a list of sponsors is available.
        - ``position``, ``position_se``, if a fit was given.
        - The columns of the covariates.
    unmatched : DataFrame
        Missing values of covariates, one row each.

        - ``member``, ``rollcall``.
        - ``year``: the year for which a value was looked up.
        - ``column``: the covariate.
        - ``why``: the reason. The covariates have no row for the member or for this year, or the value is
        blank.
    left_out : DataFrame
        Seats without a vote, with columns ``member``, ``name``, ``rollcall`` and ``vote`` (absent or not
        recorded).
    notes : tuple of str
        Notes on the interpretation of the table.
    position_method : str or None
        Method of the fit of the positions, as in ``fit.reached["method"]``: "map" (joint mode), "marginal" or
        "nuts". None without a fit.
    """

    frame: pd.DataFrame
    unmatched: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...]
    position_method: str | None = None

    def transitions(self, old: str, new: str, *, origin: str, to: str) -> "Panel":
        """Return the members that cast a certain vote in one roll call and voted again in another.

        Parameters
        ----------
        old, new : str
            Ids or symbols of two roll calls of the panel.
        origin, to : {"no", "abstain", "yes"}
            The vote in `old`, and the vote in `new` that is marked as 1 in the column ``moved``.

        Returns
        -------
        Panel
            One row per member that voted `origin` in `old` and cast any vote in `new`. The columns have the
            values of the roll call `old`. The column ``moved`` is 1 if the member voted `to` in `new`, 0
            otherwise. Members that voted in only one of the two roll calls are left out.

        Raises
        ------
        UsageError
            If a roll call or a category is unknown, or no member voted `origin` and then voted again.
        """
        for argument, word in (("origin", origin), ("to", to)):
            check_choice(argument, word, CATEGORIES)
        before = self._of(old)
        after = self._of(new).set_index("member")["vote"]
        rows = before[(before["vote"] == origin) & before["member"].isin(after.index)].copy()
        if rows.empty:
            raise UsageError(
                f"nobody voted {origin} in {old} and voted again in {new}",
                remedy="give another origin=, or other roll calls",
            )
        rows["moved"] = (rows["member"].map(after.astype(str)) == to).astype(int)
        note = f"only the {len(rows)} members that voted {origin} in {old} and cast a vote in {new}"
        return replace(self, frame=rows.reset_index(drop=True), notes=(*self.notes, note))

    def notes_on(self, variables: Iterable[str]) -> tuple[str, ...]:
        """Return the notes on these columns and on the complete panel."""
        others = set(map(str, self.frame.columns)) - set(variables)
        heads = tuple(head for name in others for head in (f"{name}:", f"{name} is missing"))
        return tuple(note for note in self.notes if not note.startswith(heads))

    def only(self, *names: str) -> "Panel":
        """Return the panel of the roll calls with these ids or symbols."""
        ids = [self.rollcall_id(name) for name in names]
        return replace(self, frame=self.frame[self.frame["rollcall"].isin(ids)].reset_index(drop=True))

    def _of(self, name: str) -> pd.DataFrame:
        return self.frame[self.frame["rollcall"] == self.rollcall_id(name)]

    def rollcall_id(self, name: str) -> str:
        """Return the id of the roll call with this id or symbol.

        Raises
        ------
        UsageError
            If no roll call has this id or symbol, or several roll calls have this symbol.
        """
        check_type(name, str, "a roll call", "give the id or symbol of a roll call as a text")
        rollcalls = self.frame[["rollcall", "symbol"]].drop_duplicates()
        hit = rollcalls[(rollcalls["rollcall"] == name) | (rollcalls["symbol"] == name)]["rollcall"]
        if len(hit) != 1:
            what = "no roll call of the panel has" if hit.empty else f"{len(hit)} roll calls have"
            raise UsageError(
                f"{what} the id or symbol {name!r}",
                id=name,
                remedy=f"ids: {', '.join(rollcalls['rollcall'])}",
            )
        return str(hit.iloc[0])

    def __repr__(self) -> str:
        """Return the size of the panel and the number of missing values."""
        members = self.frame["member"].nunique()
        rollcalls = self.frame["rollcall"].nunique()
        text = f"<Panel: {len(self.frame)} votes, {members} members, {rollcalls} roll calls"
        if len(self.left_out):
            text += f"; {len(self.left_out)} seat{'s' * (len(self.left_out) != 1)} without a vote left out"
        if len(self.unmatched):
            s = "s" * (len(self.unmatched) != 1)
            text += f"; {len(self.unmatched)} covariate value{s} missing (see .unmatched)"
        return text + ">"


def panel(
    rollcalls: RollCalls,
    family: str | None = None,
    *,
    covariates: Any = None,
    lag: int | None = None,
    fit: Positions | None = None,
) -> Panel:
    """Build the table to which a logistic model is fitted: one row per vote cast.

    Parameters
    ----------
    rollcalls : RollCalls
        The complete record, because ``years_on_council`` is counted from earlier votes.
    family : str, optional
        The family of versions of one resolution. By default all roll calls of the record are used.
    covariates : DataFrame of pandas, polars or PyArrow, or list of DataFrame, optional
        One row per member, in a column ``member`` or ``iso3``. If the table has a column ``year``, one row
        per member and year. `voteshift.datasets.load_covariates` loads the bundled covariates. If several
        tables have a column with the same name, the values come from the first of these tables, and a note
        reports this.
    lag : int, optional
        Years between a value and the vote: a vote of year t has the values of year t - lag. Required for
        yearly covariates.
    fit : IdealFit, optional
        A fit whose ``tidy()`` has columns ``member``, ``estimate`` and ``std_error``. The panel then has
        columns ``position`` and ``position_se``. If the fit has several dimensions, the first is used. A
        fit with several periods is an error.

    Returns
    -------
    Panel

    Raises
    ------
    UsageError
        If the family is unknown, or covariates are yearly and `lag` is not given.
    InputError
        If the covariates contain a member and year twice, a year that is not a whole number, no column with
        the member, no match for any vote, or a column that the panel already has.

    Notes
    -----
    ``years_on_council`` counts the calendar years, up to the year of the vote, in which the member held a
    seat according to the record. The bundled record begins in 2006. The count is missing if roll calls have
    no date.

    ``lagged_vote`` is the vote in the previous roll call, as a word. The word can be "not a member" or
    "absent". The value is missing in the first roll call.

    ``sponsor`` is 1 for the sponsors of the first version of the default family, the only draft with sponsors
    on record. This value is a trait of the state and is the same in all rows of the state.
    """
    check_type(rollcalls, RollCalls, "rollcalls", "give a record: load_hrc(), read_votes(), RollCalls(...)")
    if family is not None:
        check_type(family, str, "family", "give the slug of a resolution: families() lists them")
    if lag is not None:
        check_count("lag", lag, least=0, most=_LONGEST_LAG)
    frames = covariates if isinstance(covariates, list | tuple) else [covariates]
    tables = [_keyed(check_frame(table, "covariates"), lag) for table in frames if table is not None]
    _check_lag(tables, lag)
    chosen = rollcalls if family is None else rollcalls.select(family=family)
    frame = chosen.rollcalls
    order = np.argsort(frame["date"].to_numpy(), kind="stable")  # without a date: last
    chosen = chosen.select(rollcalls=frame.index[order])
    frame = chosen.rollcalls
    long = chosen.to_long()
    long["date"] = long["rollcall"].map(frame["date"])
    long["year"] = long["date"].dt.year
    long["symbol"] = long["rollcall"].map(frame["symbol"])
    names = version_names(frame)
    long["version"] = pd.Categorical(long["rollcall"].map(names), list(names.values()), ordered=True)
    long["name"] = long["member"].map(chosen.members["name"])
    long["group"] = _groups(chosen, long)
    long["years_on_council"] = _years(rollcalls, long)
    long["lagged_vote"] = _lagged(chosen, long)
    notes: list[str] = []
    sponsors = load_sponsors()
    listed = sponsors[sponsors["symbol"].isin(frame["symbol"])]
    if len(listed):
        long["sponsor"] = long["member"].isin(listed["member"]).astype(int)
        notes.append(f"sponsor: sponsors of the draft {', '.join(sorted(set(listed['draft'])))}")
    if fit is not None:
        long = _with_positions(long, fit)
        voted = long["vote"].isin(CATEGORIES)
        lacking = sorted(set(long.loc[voted & long["position"].isna(), "member"]))
        notes += (
            [f"the fit has no position for {join_words(name_levels(long, 'member', lacking))}"]
            if lacking
            else []
        )
    cast = long["vote"].isin(CATEGORIES)
    left_out = long.loc[~cast, ["member", "name", "rollcall", "vote"]].reset_index(drop=True)
    long = long[cast].reset_index(drop=True)
    if long.empty:
        raise InputError("no vote was cast in these roll calls", remedy="choose other roll calls")
    long["vote"] = pd.Categorical(long["vote"], CATEGORIES, ordered=True)
    for word in CATEGORIES:
        long[word] = (long["vote"] == word).astype(int)
    unmatched = pd.DataFrame(columns=_UNMATCHED)
    if tables:
        long, unmatched, remarks = _join_tables(long, tables, lag)
        notes += [*remarks, *_describe_gaps(unmatched, long)]
    first = "member name group rollcall symbol version date year vote yes no abstain lagged_vote".split()
    rest = [name for name in long.columns if name not in first]
    method = getattr(fit, "reached", {}).get("method")
    return Panel(long[[*first, *rest]], unmatched, left_out, tuple(notes), method)


def _groups(chosen: RollCalls, long: pd.DataFrame) -> pd.Series:
    """Return the group of the member on the day of each vote."""
    if not len(chosen.groups):
        return long["member"].map(chosen.members["group"])
    names, codes = chosen.group_codes()
    row = chosen.members.index.get_indexer(long["member"])
    column = chosen.rollcalls.index.get_indexer(long["rollcall"])
    return pd.Series(np.array(names, dtype=object)[codes[row, column]], index=long.index)


def _years(record: RollCalls, long: pd.DataFrame) -> pd.Series:
    """Count the years with a seat, up to the year of each row."""
    years = record.rollcalls["date"].dt.year.to_numpy()
    distinct = np.unique(years[~pd.isna(years)])
    if len(distinct) == 0 or long["year"].isna().any():
        return pd.Series(np.nan, index=long.index)  # a record without dates has no years
    seat = record.votes != Vote.NOT_MEMBER
    held = np.stack([seat[:, years == year].any(axis=1) for year in distinct], axis=1).cumsum(axis=1)
    row = record.members.index.get_indexer(long["member"])
    column = np.searchsorted(distinct, long["year"].to_numpy())
    return pd.Series(held[row, column], index=long.index)


def _lagged(chosen: RollCalls, long: pd.DataFrame) -> pd.Series:
    """Return the vote in the previous roll call, as a word; None in the first roll call."""
    words = chosen.to_wide().to_numpy()
    row = chosen.members.index.get_indexer(long["member"])
    column = chosen.rollcalls.index.get_indexer(long["rollcall"])
    values = np.where(column > 0, words[row, column - 1], None)
    return pd.Series(values, index=long.index, dtype=object)


def _with_positions(long: pd.DataFrame, fit: Positions) -> pd.DataFrame:
    if not hasattr(fit, "tidy"):
        raise UsageError(f"fit is of type {type(fit).__name__}", remedy="give a fit of ideal points")
    table = fit.tidy()
    lacking = [name for name in ("member", "estimate", "std_error") if name not in table.columns]
    if lacking:
        raise UsageError(
            f"the table fit.tidy() has no column {lacking[0]!r}", remedy="give a fit of ideal points"
        )
    if "dimension" in table.columns:
        table = table[table["dimension"] == 1]
    if table["member"].duplicated().any():
        raise UsageError(
            "the fit has several positions for a member",
            remedy="give a fit with one period, or add the positions of one period as covariates",
        )
    table = table.set_index("member")
    return long.assign(
        position=long["member"].map(table["estimate"]), position_se=long["member"].map(table["std_error"])
    )


def _check_lag(tables: list[tuple[pd.DataFrame, list[str]]], lag: int | None) -> None:
    """Raise an error if a lag is given without yearly covariates."""
    if lag is None or any("year" in on for _, on in tables):
        return
    if not tables:
        raise UsageError("lag is given without covariates", remedy="give covariates=, or leave lag= out")
    raise UsageError(
        "lag= is given, but the covariates have no column 'year'",
        remedy="leave lag= out, or name the column of years 'year'",
    )


def _join_tables(
    long: pd.DataFrame, tables: list[tuple[pd.DataFrame, list[str]]], lag: int | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Join tables of covariates in order; list missing values, and note the lag and columns left out."""
    added: set[Any] = set()
    gaps, remarks = [], []
    yearly = False
    for table, on in tables:
        again = [name for name in table.columns if name in added]
        remarks += [
            f"{name}: several tables of covariates have this column; the values come from the first of them"
            for name in again
        ]
        if again and len(table.columns) - len(again) == len(on):
            continue
        long, unmatched = _join(long, table.drop(columns=again), on, lag)
        gaps.append(unmatched)
        added.update(name for name in table.columns if name not in on)
        yearly = yearly or "year" in on
    if yearly:
        remarks.insert(0, f"covariates have values from {lag} year{'' if lag == 1 else 's'} before the vote")
    return long, pd.concat(gaps, ignore_index=True) if len(gaps) > 1 else gaps[0], remarks


def _join(
    long: pd.DataFrame, table: pd.DataFrame, on: list[str], lag: int | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join covariates on member and lagged year, and list missing values."""
    yearly = "year" in on
    new = [name for name in table.columns if name not in on]
    taken = [name for name in new if name in long.columns]
    if taken:
        raise InputError(
            f"the panel already has a column {taken[0]!r}", remedy="rename this column of the covariates"
        )
    if yearly and long["year"].isna().any():
        raise InputError(
            "some roll calls have no date, so yearly covariates cannot be matched",
            remedy="give the roll calls dates, or use covariates without a column 'year'",
        )
    looked_up: Any = long["year"] - (lag or 0)
    joined = long.assign(_year=looked_up).merge(
        table.rename(columns={"year": "_year"}),
        on=["member", "_year"] if yearly else ["member"],
        how="left",
        indicator="_row",
        validate="many_to_one",
    )
    listed = set(table["member"])
    if (joined["_row"] == "left_only").all():
        _raise_unmatched(long, table, sorted(set(looked_up)), listed)
    gaps = []
    for name in new:
        for _, row in joined[joined[name].isna()].iterrows():
            why = "blank"
            if row["_row"] == "left_only":
                why = "no row for that year" if row["member"] in listed else "no row for the member"
            gaps.append((row["member"], row["rollcall"], row["_year"] if yearly else None, name, why))
    return joined.drop(columns=["_year", "_row"]), pd.DataFrame(gaps, columns=_UNMATCHED)


def _keyed(covariates: pd.DataFrame, lag: int | None) -> tuple[pd.DataFrame, list[str]]:
    """Check the keys of covariates, and return the table and the names of its keys."""
    keys = [name for name in _KEYS if name in covariates.columns]
    if len(keys) != 1:
        raise InputError(
            "the covariates need exactly one column with the member",
            remedy=f"name this column 'member' or 'iso3'; columns: {', '.join(map(str, covariates.columns))}",
        )
    table = covariates.rename(columns={keys[0]: "member"})
    yearly = "year" in table.columns
    if yearly and lag is None:
        raise UsageError(
            "the covariates have a column 'year', but lag= is not given",
            remedy="give lag=1 for values of the year before the vote, lag=0 for values of the same year",
        )
    on = ["member", "year"] if yearly else ["member"]
    for name in on:
        if table[name].isna().any():
            raise InputError(
                f"a row of the covariates has no {name}",
                remedy="fill in the value; pandas reads the code NA as missing unless keep_default_na=False",
            )
    if find_kind(table["member"], "member") != "text":
        raise InputError("the members in the covariates are not text", remedy="give codes such as 'DEU'")
    if yearly:
        table = table.assign(year=_whole_years(table["year"]))
    twice = table[table.duplicated(on)]
    if len(twice):
        key = ", ".join(str(value) for value in twice[on].iloc[0])
        raise InputError(f"the covariates contain {key} twice", remedy="keep one row per member and year")
    return table, on


def _whole_years(values: pd.Series) -> pd.Series:
    """Return the years of covariates as integers."""
    number = find_kind(values, "year") == "numbers"
    wrong = (values % 1 != 0).to_numpy(bool) if number else np.ones(len(values), bool)
    if wrong.any():
        raise InputError(
            f"the covariates contain the year {values.iloc[int(wrong.argmax())]!r}",
            remedy='give whole numbers: frame["year"].astype(int)',
        )
    return values.astype(int)


def _raise_unmatched(long: pd.DataFrame, table: pd.DataFrame, years: list[int], listed: set[Any]) -> None:
    """Raise an error with the reason why the covariates match no vote."""
    if listed & set(long["member"]):
        first, last = table["year"].min(), table["year"].max()
        span = f"{first}" if first == last else f"{first} to {last}"
        raise InputError(
            f"the covariates contain none of the years that the votes need: {', '.join(map(str, years))}",
            remedy=f"the covariates cover {span}: change lag=, or add years",
        )
    ours, theirs = (", ".join(sorted(map(str, set(names)))[:3]) for names in (long["member"], listed))
    raise InputError(
        "the covariates contain no member of the panel",
        remedy=f"use the same codes: the panel has {ours}, ..., and the covariates have {theirs}, ...",
    )


def _describe_gaps(unmatched: pd.DataFrame, long: pd.DataFrame) -> list[str]:
    """Return a note on every covariate with missing values, with the reason and the members."""
    notes = []
    for (column, why), rows in unmatched.groupby(["column", "why"], sort=False):
        members = name_levels(long, "member", list(dict.fromkeys(rows["member"])))
        names = ", ".join(members[:_SHOWN]) + (", ..." if len(members) > _SHOWN else "")
        notes.append(f"{column} is missing in {len(rows)} of {len(long)} votes, {why}: {names}")
    return notes
