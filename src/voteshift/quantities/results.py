"""Quantities computed from joint draws of positions: tables with intervals, and their sentences."""

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import pandas as pd

from voteshift.prose import join_words
from voteshift.quantities.position_draws import Source
from voteshift.tables import Tabled
from voteshift.writing import number

__all__ = [
    "Contrast",
    "GroupDistance",
    "GroupMeans",
    "Median",
    "Pivots",
    "Quantity",
    "Ranks",
    "Spread",
    "identification",
]

Row = Mapping[Hashable, Any]

_DIGITS: Final = 2
_NAMED: Final = 3  # members or groups named in a sentence
_LEAST: Final = 0.001  # smallest probability that is written as a number


def between(row: Row, digits: int = _DIGITS) -> str:
    """Return the ends of an interval in words: "0.25 to 1.50"."""
    return f"{number(row['conf_low'], digits)} to {number(row['conf_high'], digits)}"


def chance(probability: float) -> str:
    """Return a probability in words; the draws do not distinguish it from 0 or 1 below 0.001."""
    if probability < _LEAST:
        return f"below {_LEAST:g}"
    return f"above {1 - _LEAST:g}" if probability > 1 - _LEAST else f"{probability:.3f}"


def identification(source: Source) -> list[str]:
    """Return the sentences on what identifies a comparison of positions over periods."""
    sentences = [f"Comparisons over periods assume {source.identified_by}."]
    gaps = source.open_gaps
    if gaps:
        some = join_words([f"{one} to {other}" for one, other in gaps[:_NAMED]])
        more = f" and across {len(gaps) - _NAMED} further gaps" if len(gaps) > _NAMED else ""
        sentences.append(
            f"No item is shared across {some}{more}: the votes alone do not distinguish a change of all "
            "positions from a change of the roll calls, so do not read a change of the spread or the centre "
            "as polarisation or as a shift."
        )
    if not source.group_steps:
        sentences.append(
            "The model has no step of a group, so a movement that the members of a group share is estimated "
            "too small."
        )
    return sentences


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Quantity(Tabled):
    """A quantity computed from joint draws of positions.

    Attributes
    ----------
    table : DataFrame
        The table that `tidy` returns.
    source : Source
        The draws, their seed, the level of the intervals, and what identifies the positions.
    """

    table: pd.DataFrame
    source: Source

    def tidy(self) -> pd.DataFrame:
        """Return the numbers of the quantity, with a column ``level`` for the coverage of the intervals."""
        return self.table.copy()

    @property
    def text(self) -> str:
        """The quantity in sentences: the answer, then what identifies it."""
        return " ".join([*self._answer(), *self._identified()])

    _member_columns: ClassVar[tuple[str, ...]] = ("member",)

    @property
    def _coverage(self) -> float:
        return self.source.level

    def _for_paper(self) -> pd.DataFrame:
        """Return the table with the labels of members."""
        table, labels = self.tidy(), self.source.labels
        named = [name for name in self._member_columns if name in table]
        return table.assign(**{name: table[name].map(labels) for name in named})

    @abstractmethod
    def _answer(self) -> list[str]:
        """Return the sentences of the answer."""

    def _identified(self) -> list[str]:
        """Return the sentences on identification, if the quantity compares periods."""
        return identification(self.source) if self._compares_periods else []

    @property
    def _compares_periods(self) -> bool:
        return "period" in self.table and len(set(self.table["period"])) > 1

    def _said(self) -> list[str]:
        return [*self._answer(), *self._identified()]

    def _interval(self) -> str:
        return f"{100 * self.source.level:g}% interval"

    def _ends(self) -> list[tuple[str, Row]]:
        """Return the rows that a sentence reports, first and last period, each with its words of time."""
        rows = self.table.to_dict("records")
        if "period" not in self.table:
            return [("", rows[0])]
        return [(f"In {row['period']}, ", row) for row in (rows[:1] + rows[1:][-1:])]


def _row(table: pd.DataFrame, label: Any) -> Row:
    """Return one row of a table as a dict, so that whole numbers stay whole."""
    return table.loc[[label]].to_dict("records")[0]


def _opened(begin: str, sentence: str) -> str:
    """Return a sentence that begins with words of time, or with a capital letter if there are none."""
    return begin + sentence if begin else sentence[:1].upper() + sentence[1:]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contrast(Quantity):
    """The position of one member minus the position of another.

    The table has ``member``, ``other``, ``period`` (dynamic fits), ``estimate``, ``std_error``, ``conf_low``,
    ``conf_high``, ``probability`` (that the difference is positive) and ``level``.
    """

    _member_columns: ClassVar[tuple[str, ...]] = ("member", "other")

    def _answer(self) -> list[str]:
        labels = self.source.labels
        sentences = []
        for begin, row in self._ends():
            one, other = labels[row["member"]], labels[row["other"]]
            side = "positive" if row["estimate"] >= 0 else "negative"
            sentences.append(
                f"{begin}{one} is {number(abs(row['estimate']), _DIGITS)} on the {side} side of {other} "
                f"(difference {number(row['estimate'], _DIGITS)}, {self._interval()} {between(row)}); the "
                f"probability that {one} is on the positive side of {other} is {chance(row['probability'])}."
            )
        return sentences


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ranks(Quantity):
    """The rank of every member: 1 is the most negative position.

    The table has ``member``, ``period`` (dynamic fits), ``estimate`` (mean rank), ``std_error``,
    ``conf_low``, ``conf_high`` (whole numbers), ``n_members`` (number of ranked members), ``p_first`` and
    ``p_last`` (probability of the first and of the last rank) and ``level``.
    """

    def _answer(self) -> list[str]:
        labels, sentences = self.source.labels, []
        groups = self.table.groupby("period", sort=False) if "period" in self.table else [("", self.table)]
        parts = list(groups)
        for period, part in [parts[0], parts[-1]] if len(parts) > 1 else parts:
            first, last = (_row(part, part[name].idxmax()) for name in ("p_first", "p_last"))
            begin = f"In {period}, " if period else ""
            sentence = (
                f"the first of {first['n_members']} ranks is most probably held by "
                f"{labels[first['member']]} (probability {chance(first['p_first'])}, {self._interval()} of "
                f"its rank {between(first, 0)}), and the last by {labels[last['member']]} (probability "
                f"{chance(last['p_last'])}, {between(last, 0)})."
            )
            sentences.append(_opened(begin, sentence))
        return sentences


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Median(Quantity):
    """The median position of a chamber, and the members that may hold it.

    The table has ``period`` (dynamic fits), ``estimate``, ``std_error``, ``conf_low``, ``conf_high``,
    ``member`` (most probable median member), ``probability`` (of this member), ``n_members`` and ``level``.

    Attributes
    ----------
    holders : DataFrame
        ``member``, ``period`` (dynamic fits) and ``probability``, for every member that is the median member
        in at least one draw. With an even number of members, the two middle members are both median members
        and the probabilities add up to 2.
    """

    holders: pd.DataFrame

    def _answer(self) -> list[str]:
        labels = self.source.labels
        return [
            _opened(
                begin,
                f"the median of {row['n_members']} members is at {number(row['estimate'], _DIGITS)} "
                f"({self._interval()} {between(row)}); the most probable median member is "
                f"{labels[row['member']]} (probability {chance(row['probability'])}).",
            )
            for begin, row in self._ends()
        ]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pivots(Quantity):
    """The pivots of a majority, and the members that may be pivots.

    The table has ``pivot`` ("low" or "high"), ``period`` (dynamic fits), ``estimate``, ``std_error``,
    ``conf_low``, ``conf_high``, ``member`` (most probable pivot), ``probability``, ``n_members``,
    ``n_needed`` (votes that the majority needs) and ``level``.

    Attributes
    ----------
    holders : DataFrame
        ``pivot``, ``member``, ``period`` (dynamic fits) and ``probability``, for every member that is a pivot
        in at least one draw.
    """

    holders: pd.DataFrame

    def _answer(self) -> list[str]:
        labels, sentences = self.source.labels, []
        for begin, first in self._ends():
            rows = self.table
            if "period" in rows:
                rows = rows[rows["period"] == first["period"]]
            ends = [
                f"the {row['pivot']} pivot is at {number(row['estimate'], _DIGITS)} ({self._interval()} "
                f"{between(row)}), most probably {labels[row['member']]} (probability "
                f"{chance(row['probability'])})"
                for row in rows.to_dict("records")
            ]
            sentence = f"with {first['n_needed']} of {first['n_members']} votes needed, {join_words(ends)}."
            sentences.append(_opened(begin, sentence))
        return sentences


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupMeans(Quantity):
    """The mean position of every group.

    The table has ``group``, ``period`` (dynamic fits), ``estimate``, ``std_error``, ``conf_low``,
    ``conf_high``, ``n_members`` and ``level``. A group without a member in a period has no row.

    Attributes
    ----------
    without_group : tuple of str
        Ids of the members without a group, which are in no mean.
    """

    without_group: tuple[str, ...]

    def _answer(self) -> list[str]:
        table = self.table
        if "period" in table:
            table = table[table["period"] == table["period"].iloc[-1]]
        begin = f"In {table['period'].iloc[0]}, " if "period" in table else ""
        ends = [_row(table, table["estimate"].idxmin()), _row(table, table["estimate"].idxmax())]
        words = [
            f"{row['group']} at {number(row['estimate'], _DIGITS)} ({between(row)})"
            for row in (ends if len(table) > 1 else ends[:1])
        ]
        sentences = [
            _opened(begin, f"the means of {len(table)} groups reach from {words[0]} to {words[1]}; ")
            + f"{self._interval()}s in brackets."
            if len(words) > 1
            else _opened(begin, f"the mean of {words[0]}; {self._interval()} in brackets.")
        ]
        if self.without_group:
            n = len(self.without_group)
            sentences.append(f"{n} member{'' if n == 1 else 's'} without a group {'is' if n == 1 else 'are'} "
                             "in no mean.")  # fmt: skip
        return sentences


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupDistance(Quantity):
    """The mean position of one group minus the mean position of another.

    The table has ``group``, ``other``, ``period`` (dynamic fits), ``estimate``, ``std_error``, ``conf_low``,
    ``conf_high``, ``probability`` (that the difference is positive) and ``level``.
    """

    def _answer(self) -> list[str]:
        return [
            _opened(
                begin,
                f"the mean of {row['group']} minus the mean of {row['other']} is "
                f"{number(row['estimate'], _DIGITS)} ({self._interval()} {between(row)}); the probability "
                f"that the difference is positive is {chance(row['probability'])}.",
            )
            for begin, row in self._ends()
        ]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Spread(Quantity):
    """The standard deviation of the positions of the members of a chamber.

    The table has ``period`` (dynamic fits), ``estimate``, ``std_error``, ``conf_low``, ``conf_high``,
    ``n_members`` and ``level``.

    Attributes
    ----------
    over_time : str
        What identifies the ratio of the spreads of the first and the last row, as a sentence. Empty for one
        period.
    """

    over_time: str

    @property
    def _compares_periods(self) -> bool:
        return "period" in self.table  # the scale of all periods is one, so each value compares

    def _answer(self) -> list[str]:
        return [
            _opened(
                begin,
                f"the standard deviation of {row['n_members']} positions is "
                f"{number(row['estimate'], _DIGITS)} ({self._interval()} {between(row)}).",
            )
            for begin, row in self._ends()
        ]

    def _identified(self) -> list[str]:
        return [
            f"The scale is defined by the fit: {self.source.scale}.",
            *filter(None, [self.over_time]),
            *super(Spread, self)._identified(),
        ]
