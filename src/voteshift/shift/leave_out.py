"""What the parts of a bridged explanation owe to single families and subjects: each left out in turn."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from voteshift.errors import BridgeWarning, InputError, NotUsableError
from voteshift.ideal.spec import IdealPoints
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import iterations_of
from voteshift.shift.explain import explain
from voteshift.shift.naming import model_window
from voteshift.shift.parts import MODEL_CATEGORIES, ModelParts

__all__ = ["LeaveOut", "leave_out"]

_LEAST: Final = 5  # roll calls of a subject that is worth leaving out
_KEYS: Final = ["old", "new", "component", "category"]


@dataclass(frozen=True, eq=False)
class LeaveOut:
    """The parts of every step with one bridging family, or one subject, left out of the fit at a time.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    table : DataFrame
        ``kind`` (none, family, subject), ``left_out`` ("" for none), ``old``, ``new``, ``component``,
        ``category``, ``estimate``, ``conf_low``, ``conf_high``. Without a leaning of members.
    why_not : dict of str to str
        What could not be left out, and why.
    level : float
        Coverage of the intervals.
    seed, n_draws : int
        Of the draws.
    """

    family: str
    table: pd.DataFrame
    why_not: dict[str, str]
    level: float
    seed: int
    n_draws: int

    def tidy(self) -> pd.DataFrame:
        """Return every part with everything in, and with each family and subject left out."""
        return self.table.copy()

    def ranges(self) -> pd.DataFrame:
        """Return how far the estimate of every part ranges.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``component``, ``category``, ``estimate`` (nothing left out), ``lowest``,
            ``without_lowest``, ``highest``, ``without_highest`` (what is left out there) and
            ``sign_changes``: whether the range has parts of either sign.
        """
        rows = []
        for keys, part in self.table.groupby(_KEYS, sort=False):
            whole = part.loc[part["kind"] == "none", "estimate"].iloc[0]
            low, high = part.loc[part["estimate"].idxmin()], part.loc[part["estimate"].idxmax()]
            rows.append(
                (
                    *keys,
                    whole,
                    low["estimate"],
                    low["left_out"],
                    high["estimate"],
                    high["left_out"],
                    low["estimate"] < 0 < high["estimate"],
                )
            )
        columns = [*_KEYS, "estimate", "lowest", "without_lowest", "highest", "without_highest"]
        return pd.DataFrame(rows, columns=[*columns, "sign_changes"])

    def sentence(self, old: str, new: str) -> str:
        """Say how far the parts of the category that moved most range, and whether a sign changes."""
        ranges = self.ranges()
        step = ranges[(ranges["old"] == old) & (ranges["new"] == new)]
        moved = step.groupby("category")["estimate"].sum().abs()
        name = max(MODEL_CATEGORIES, key=lambda category: moved.get(category, 0.0))
        n_left = self.table.loc[self.table["kind"] != "none", ["kind", "left_out"]].drop_duplicates()
        said, changes = [], []
        for row in step[step["category"] == name].itertuples():
            said.append(f"{row.component} {row.lowest:+.1f} to {row.highest:+.1f}")
            if row.sign_changes:
                changes.append(str(row.component))
        told = (
            f"Leaving out one family or subject at a time ({len(n_left)} fits), the parts of {name} range: "
            f"{', '.join(said)}."
        ).replace("-", "\N{MINUS SIGN}")
        if changes:
            signs = " and of ".join(changes)
            told += f" The sign of {signs} changes: it rests on single families or subjects."
        return told


def leave_out(
    rollcalls: RollCalls,
    family: str,
    *,
    since: str | None = None,
    until: str | None = None,
    polarity: str | None = None,
    n_draws: int = 500,
    seed: int = 0,
    level: float = 0.9,
    progress: Callable[[str], None] | None = None,
) -> LeaveOut:
    """Explain a repeated resolution with bridges, leaving out one family and one subject at a time.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str
        A slug, a title, or words that name one family.
    since, until, polarity, n_draws, seed, level
        As in `explain`.
    progress : callable, optional
        Called with what is left out, before it is.

    Returns
    -------
    LeaveOut
        A fit for every other family with two or more votes in the window and for every subject with five or
        more roll calls, as ``explain(bridge="families", leaning=False)`` makes it.

    Raises
    ------
    UsageError
        If no one family answers to the name.
    NotUsableError
        If there is no bridged explanation with everything in.
    """
    slug = rollcalls.family_slug(family)
    own = iterations_of(rollcalls, slug).rollcalls.index
    wide = model_window(rollcalls, *own)
    window = rollcalls.between(since or wide[0], until or wide[1])
    spec = IdealPoints(polarity=polarity, level=level, periods="year", bridge="families", apart=(slug,))
    frames: list[pd.DataFrame] = []
    why_not: dict[str, str] = {}
    for kind, name, kept in _choices(window, slug):
        if progress is not None:
            progress(name or "nothing")
        try:
            with warnings.catch_warnings():
                if kind != "none":
                    warnings.simplefilter("ignore", BridgeWarning)
                fit = spec.fit(window.select(rollcalls=kept))
            why = explain(rollcalls, slug, fit=fit, leaning=False, n_draws=n_draws, seed=seed, level=level)
        except (InputError, NotUsableError) as error:
            if kind == "none":
                raise NotUsableError(f"with everything in, {error}") from None
            why_not[name] = str(error)
            continue
        for step in why.steps:
            if isinstance(step.model, ModelParts) and "positions" in step.model.components:
                table = step.model.table[step.model.table["component"] != "residual"]
                table = table.drop(columns=["order_low", "order_high"])
                frames.append(table.assign(kind=kind, left_out=name, old=step.old, new=step.new))
            elif kind != "none":
                why_not[name] = "no bridge spans a gap, or a vote is not in the window"
        if kind == "none" and not frames:
            raise NotUsableError("no bridges span the gaps between the years: nothing to leave out")
    table = pd.concat(frames, ignore_index=True)
    columns = ["kind", "left_out", *_KEYS, "estimate", "conf_low", "conf_high"]
    return LeaveOut(slug, table[columns], why_not, level, seed, n_draws)


def _choices(window: RollCalls, slug: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield what is left out, nothing first, and the roll calls that stay."""
    frame = window.contested().rollcalls
    every = list(window.rollcalls.index)
    yield "none", "", every
    own = frame["family"] == slug
    others = frame.loc[~own & (frame["family"] != ""), "family"].value_counts()
    subjects = frame.loc[~own & (frame["subject"].fillna("") != ""), "subject"].value_counts()
    for kind, column, names in (
        ("family", "family", sorted(others.index[others > 1])),
        ("subject", "subject", sorted(subjects.index[subjects >= _LEAST])),
    ):
        for name in names:
            gone = set(frame.index[(frame[column] == name) & ~own])
            yield kind, str(name), [rollcall for rollcall in every if rollcall not in gone]
