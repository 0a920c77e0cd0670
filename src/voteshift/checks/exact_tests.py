"""Tests of members that voted both times: number and direction of changes. No model."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.checks import paired_tables
from voteshift.checks.result import CheckResult
from voteshift.errors import UsageError
from voteshift.multiple_tests import holm
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import iterations_of, step_pairs
from voteshift.shift.explanation import Explanation
from voteshift.votes import CATEGORIES
from voteshift.writing import p_words

__all__ = [
    "BY_GROUP",
    "CONDITIONING",
    "NULLS",
    "PairedStep",
    "PairedTests",
    "exact_tests",
    "paired_tests",
]

#: The null hypothesis of each test.
NULLS: Final = {
    "mcnemar_yes": "a member that changed to or from yes was as likely to change to yes as from yes",
    "mcnemar_no": "a member that changed to or from no was as likely to change to no as from no",
    "bowker": "between any two of no, abstain and yes, both directions of change were equally likely",
    "stuart_maxwell": "each of no, abstain and yes was as likely to gain a member as to lose a member",
    "stratified": "within every group, each of no, abstain and yes was as likely to gain a member as to lose "
    "a member",
}
CONDITIONING: Final = (
    "Exact p-values condition on the number of changes between each two categories (for the stratified "
    "test, within each group). Each direction then has probability 1/2, independently of the other "
    "changes. For the tests of equal margins, this reference distribution assumes more than the null "
    "hypothesis: a small p-value is evidence that old and new votes are not exchangeable. Holm's "
    "adjustment is made for each test, over the steps in which a member changed."
)
BY_GROUP: Final = (
    "The exact tests assume that members change independently of each other. The p-values by group do not: "
    "the direction of all changes of a group is reversed or kept together, and only groups are independent "
    "(sign-flip test; Canay, Romano & Shaikh 2017). With G groups that changed, no p-value by group can be "
    "below 2^(1 - G)."
)
_TESTS: Final = tuple(NULLS)
_FEW: Final = (
    10  # smallest number of changes between two categories without a caution on large-sample p-values
)


@dataclass(frozen=True, slots=True)
class PairedStep:
    """Members that voted both times in one step.

    Attributes
    ----------
    old, new : str
        Ids of the roll calls.
    table : DataFrame, shape (3, 3)
        Members by old (rows) and new (columns) vote: no, abstain, yes.
    rate : tuple of float
        Share of members that changed, and its exact interval (Clopper & Pearson 1934,
        https://doi.org/10.1093/biomet/26.4.404). The interval assumes that every member changes
        independently with the same probability.
    tests : DataFrame, index ``test``
        ``statistic``, ``df``, ``discordant`` (members that the test uses), ``p_value`` (exact),
        ``p_asymptotic`` (NaN if no member changed between two of the categories), ``p_holm`` (exact, adjusted
        over steps), ``p_group`` (sign-flip test of whole groups, see `paired_tables.sign_flip`),
        ``least_group`` (the smallest p-value by group that is possible), ``n_groups`` (groups that changed),
        ``null`` and ``caution``. The p-value by group is NaN for the test within groups, and if fewer than
        two groups changed. Empty if no member changed.
    """

    old: str
    new: str
    table: pd.DataFrame
    rate: tuple[float, float, float]
    tests: pd.DataFrame

    @property
    def pairs(self) -> int:
        """Members that voted both times."""
        return int(self.table.to_numpy().sum())

    @property
    def changed(self) -> int:
        """Members that voted both times and changed their vote."""
        return self.pairs - int(np.trace(self.table.to_numpy()))


@dataclass(frozen=True, slots=True)
class PairedTests(CheckResult):
    """Paired tests of every step of a repeated resolution.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    steps : tuple of PairedStep
        Each consecutive pair in date order, then first to last.
    level : float
        Coverage of the intervals of the switching rate.
    conditioning : str
        The quantities on which the exact tests condition, in words.
    """

    family: str
    steps: tuple[PairedStep, ...]
    level: float
    conditioning: str = CONDITIONING

    def tidy(self) -> pd.DataFrame:
        """Return one row per step and test, and one for the switching rate.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``test`` (``switching_rate`` or a key of `NULLS`), ``pairs``, ``discordant``,
            ``estimate``, ``conf_low``, ``conf_high`` (of the switching rate), ``statistic``, ``df``,
            ``p_value``, ``p_asymptotic``, ``p_holm``, ``p_group``, ``least_group``, ``n_groups``.
        """
        frames = []
        for step in self.steps:
            rate = dict(zip(("estimate", "conf_low", "conf_high"), step.rate, strict=True))
            frame = pd.DataFrame([{"test": "switching_rate", "discordant": step.changed, **rate}])
            if len(step.tests):
                tests = step.tests.drop(columns=["null", "caution"]).reset_index()
                frame = pd.concat([frame, tests], ignore_index=True)
            frame.insert(0, "old", step.old)
            frame.insert(1, "new", step.new)
            frame.insert(3, "pairs", step.pairs)
            frames.append(frame)
        columns = ["old", "new", "test", "pairs", "discordant", "estimate", "conf_low", "conf_high"]
        columns += [
            "statistic",
            "df",
            "p_value",
            "p_asymptotic",
            "p_holm",
            "p_group",
            "least_group",
            "n_groups",
        ]
        return pd.concat(frames, ignore_index=True).reindex(columns=columns)

    def _title(self) -> str:
        return f"Members that voted both times, {self.family}"

    @property
    def text(self) -> str:
        """The tests in sentences, step by step, and the quantities on which the p-values condition."""
        return " ".join((*self.sentences(), self.conditioning, BY_GROUP))

    def sentences(self) -> tuple[str, ...]:
        """Return the tests in sentences, one per step."""
        return tuple(_sentence(step, self.level) for step in self.steps)


@checked
def exact_tests(why: Explanation) -> PairedTests:
    """Test the members that voted both times, for every step; see `paired_tests`.

    Parameters
    ----------
    why : Explanation
        The explanation; its model is not used.
    """
    return paired_tests(why.record, why.family, level=why.level)


@checked
def paired_tests(rollcalls: RollCalls, family: str, *, level: float = 0.9) -> PairedTests:
    """Test the members that voted both times, for every step of a repeated resolution.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str
        A slug, a title, or words that name one family.
    level : float
        Coverage of the exact interval of the switching rate.

    Returns
    -------
    PairedTests
        Members that were absent at either vote are left out. P-values are adjusted over the steps by Holm's
        method.

    Raises
    ------
    UsageError
        If the name does not match exactly one family, or `level` is out of range.
    InputError
        If a version has no date.
    """
    if not 0 < level < 1:
        raise UsageError(f"level={level} must be between 0 and 1")
    slug = rollcalls.family_slug(family)
    iterations = iterations_of(rollcalls, slug)
    groups = iterations.members["group"].fillna("").to_numpy(str)
    column_of = {rollcall: column for column, rollcall in enumerate(iterations.rollcalls.index)}
    steps = []
    for old, new in step_pairs(iterations):
        votes = iterations.votes[:, [column_of[old], column_of[new]]]
        both = (votes >= 0).all(axis=1)
        table = _crossed(votes[both])
        strata = [_crossed(votes[both & (groups == group)]) for group in np.unique(groups[both])]
        steps.append(_step(old, new, table, strata, level))
    _adjust(steps)
    return PairedTests(slug, tuple(steps), level)


def _crossed(votes: NDArray[np.int8]) -> NDArray[np.int64]:
    table = np.zeros((len(CATEGORIES), len(CATEGORIES)), dtype=np.int64)
    np.add.at(table, (votes[:, 0].astype(np.intp), votes[:, 1].astype(np.intp)), 1)
    return table


def _step(
    old: str, new: str, table: NDArray[np.int64], strata: list[NDArray[np.int64]], level: float
) -> PairedStep:
    n = int(table.sum())
    changed = n - int(np.trace(table))
    from statsmodels.stats.proportion import proportion_confint  # loading it takes a second

    low, high = proportion_confint(changed, n, alpha=1 - level, method="beta") if n else (0.0, 1.0)
    rate = (changed / n if n else float("nan"), float(low), float(high))
    labelled = pd.DataFrame(table, index=list(CATEGORIES), columns=list(CATEGORIES))
    columns = ["statistic", "df", "discordant", "p_value", "p_asymptotic", "p_holm"]
    columns += ["p_group", "least_group", "n_groups", "null", "caution"]
    rows = {}
    if changed:
        # With one group, the test equals the Stuart-Maxwell test.
        for name in _TESTS if len(strata) > 1 else _TESTS[:-1]:
            rows[name] = _row(name, table, strata)
    tests = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("test")
    return PairedStep(old, new, labelled, rate, tests)


def _row(name: str, table: NDArray[np.int64], strata: list[NDArray[np.int64]]) -> dict[str, object]:
    asymptotic, discordant = float("nan"), sum(paired_tables.pair_totals(table))
    caution = ""
    crossed = min(paired_tables.pair_totals(table))
    from statsmodels.stats.contingency_tables import SquareTable

    square = SquareTable(table, shift_zeros=False)
    if name.startswith("mcnemar"):
        category = CATEGORIES.index(name.removeprefix("mcnemar_"))
        result = paired_tables.mcnemar(table, category)
        discordant = int(table[category].sum() + table[:, category].sum() - 2 * table[category, category])
        caution = (
            "" if discordant else "no member changed to or from this category, so there is nothing to test"
        )
    elif name == "stratified":
        result = paired_tables.stratified(strata)
    else:
        result = paired_tables.bowker(table) if name == "bowker" else paired_tables.stuart_maxwell(table)
        if not crossed:
            caution = "no large-sample p-value, because no member changed between two of the categories"
        else:
            large = square.symmetry() if name == "bowker" else square.homogeneity()
            asymptotic = float(large.pvalue)
            if crossed < _FEW and not np.isnan(result.p_value):
                caution = (
                    f"fewer than {_FEW} members changed between two categories: use the exact p-value only"
                )
    p_value = result.p_value if discordant else float("nan")
    if discordant and np.isnan(p_value):
        caution = "no exact p-value, because too many members changed to enumerate every table"
    flipped = paired_tables.sign_flip(strata, name) if name in paired_tables.FLIPPED else None
    return {
        "statistic": result.statistic,
        "df": result.df,
        "discordant": discordant,
        "p_value": p_value,
        "p_asymptotic": asymptotic,
        "p_holm": float("nan"),
        "p_group": float("nan") if flipped is None else flipped.p_value,
        "least_group": float("nan") if flipped is None else flipped.least,
        "n_groups": float("nan") if flipped is None else flipped.n_groups,
        "null": NULLS[name],
        "caution": caution,
    }


def _adjust(steps: list[PairedStep]) -> None:
    """Fill in Holm's adjustment, test by test, over the steps that have a p-value."""
    for name in _TESTS:
        have = [step for step in steps if name in step.tests.index and step.tests.loc[name, "p_value"] >= 0]
        if have:
            raw = np.array([step.tests.loc[name, "p_value"] for step in have], dtype=float)
            for step, adjusted in zip(have, holm(raw), strict=True):
                step.tests.loc[name, "p_holm"] = float(adjusted)


def _sentence(step: PairedStep, level: float) -> str:
    where = f"{step.old} to {step.new}"
    _, low, high = step.rate
    if not step.pairs:
        return f"{where}: no member voted both times, so there is nothing to test."
    if not step.changed:
        return (
            f"{where}: none of the {step.pairs} members that voted both times changed its vote, so no "
            f"direction can be tested. If each member changed independently with the same probability, this "
            f"probability would be at most {100 * high:.1f}% (upper end of the exact {100 * level:g}% "
            f"interval)."
        )
    moves = [
        f"{count} from {old} to {new}"
        for old in CATEGORIES
        for new, count in step.table.loc[old].items()
        if old != new and count
    ]
    margins, symmetry = (_p_words(step.tests.loc[name]) for name in ("stuart_maxwell", "bowker"))
    return (
        f"{where}: {step.changed} of {step.pairs} members that voted both times changed "
        f"({', '.join(moves)}), a rate of {100 * step.rate[0]:.0f}% (exact {100 * level:g}% interval "
        f"{100 * low:.0f}% to {100 * high:.0f}%). Null hypothesis: {NULLS['stuart_maxwell']}; exact p "
        f"{margins}. Null hypothesis: {NULLS['bowker']}; exact p {symmetry}."
    )


def _p_words(row: pd.Series) -> str:
    """Write the p-values of a test: exact, adjusted, and by group."""
    text = f"{p_words(row['p_value'])} (Holm {p_words(row['p_holm'])}"
    if np.isnan(row["p_group"]):
        return f"{text})"
    groups = f"{row['n_groups']:.0f} groups, so not below {p_words(row['least_group'])}"
    return f"{text}; by group {p_words(row['p_group'])}, {groups})"
