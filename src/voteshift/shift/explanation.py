"""What an explanation holds: every step with its account, its placebo families and the model's parts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from voteshift.checks.leave_one_out import LeaveOut
from voteshift.checks.same_item import OneItemTest
from voteshift.checks.split_bridges import Splitting
from voteshift.errors import UsageError
from voteshift.ideal.interface import Fit
from voteshift.joint import is_hrc
from voteshift.labels import rollcall_labels
from voteshift.notebook import Shown
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.resolution.pooled import PooledEffect
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import TURNOVER_NOTE, Account
from voteshift.shift.answer import Answer, Wording, answer_steps, version_names
from voteshift.shift.counterfactual import Counterfactual
from voteshift.shift.parts import ModelParts, tails
from voteshift.shift.step import Step
from voteshift.shift.wording import model_words
from voteshift.votes import CATEGORIES, TALLY_COLUMNS
from voteshift.writing import signed, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Explanation", "Step", "TidyLevel"]

TidyLevel = Literal["step", "group", "member", "seen"]
Picture = Literal["waterfall", "flow", "councils", "positions"]
_TIDY = ["old", "new", "layer", "component", "category", "estimate", "conf_low", "conf_high"]


@dataclass(frozen=True, eq=False)
class Explanation(Shown):
    """Why the outcome of a repeated vote moved.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    rollcalls : DataFrame, index ``rollcall``
        Its iterations in date order: ``symbol``, ``date``, ``title`` and the tally.
    steps : tuple of Step
        Each consecutive pair in date order, then first to last.
    fit : Fit or None
        The ideal-point fit behind the model's parts.
    tallies : Counterfactual or None
        Every council under every version, over the iterations that were fitted, without member effects.
    with_effect : Counterfactual or None
        The same with member effects.
    member_effect : MemberEffectFit, str or None
        The fit of the member effect, why there is none, or None where it was not asked for.
    one_item : OneItemTest, str or None
        The test that the iterations are one item, why there is none, or None where it was not asked for.
    window : tuple of str or None
        First and last day of the roll calls that were fitted.
    level : float
        Coverage of the intervals.
    seed, n_draws : int
        Of the draws behind them.
    record : RollCalls
        What was explained.
    pooled : PooledEffect or None
        What the prior of the member effect was pooled from, where that was asked for.
    splitting : Splitting, str or None
        The screen of the bridges and the models after splitting, why there is none, or None without bridges.
    left_out : LeaveOut, str or None
        The parts without single families and subjects, why there are none, or None where that was not run.
    """

    family: str
    rollcalls: pd.DataFrame
    steps: tuple[Step, ...]
    fit: Fit | None
    tallies: Counterfactual | None
    with_effect: Counterfactual | None
    member_effect: MemberEffectFit | str | None
    one_item: OneItemTest | str | None
    window: tuple[str, str] | None
    level: float
    seed: int
    n_draws: int
    record: RollCalls = field(repr=False)
    pooled: PooledEffect | None = None
    splitting: Splitting | str | None = None
    left_out: LeaveOut | str | None = None

    @property
    def why_no_model(self) -> str:
        """Why steps have no model, in words; empty where all have one."""
        return "; ".join(dict.fromkeys(step.model for step in self.steps if isinstance(step.model, str)))

    @property
    def answer(self) -> Answer:
        """The answer in a few plain sentences, step by step."""
        council = is_hrc(self.record, str(self.rollcalls.index[0]))
        member, members = ("state", "states") if council else ("member", "members")
        words = Wording(member, members, version_names(self.rollcalls), self.level)
        missing = self.member_effect if isinstance(self.member_effect, str) else ""
        return answer_steps(self.steps, self.fit, missing, self.window, words)

    @property
    def text(self) -> str:
        """The answer as text: a paragraph for each consecutive step, then what the split assumes."""
        return self.answer.text

    def tidy(self, level: TidyLevel = "step") -> pd.DataFrame:
        """Return every number of every step in one long table.

        Parameters
        ----------
        level : {"step", "group", "member", "seen"}
            The whole; by regional group; by member (whose arrival or departure, movement, or other reading
            of the text carried the part); or the positions part of members seen at both dates and of those
            extrapolated.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``layer`` (account; model; model without member effects; model after splitting), the
            label of the level, ``component``, ``category``, ``estimate``, ``conf_low``, ``conf_high``; the
            exact account has no interval. Over groups or members the estimates of a component add up to the
            step's.
        """
        frames = [self._tidy_step(step, level) for step in self.steps]
        columns = _TIDY if level == "step" else [*_TIDY[:3], level, *_TIDY[3:]]
        if level == "member":
            columns = [*columns[:4], "name", "group", "status", *columns[4:]]
        kept = [frame for frame in frames if len(frame)]
        if not kept:
            return pd.DataFrame(columns=columns)
        return pd.concat(kept, ignore_index=True)[columns]

    def _tidy_step(self, step: Step, level: TidyLevel) -> pd.DataFrame:
        people = step.account.members
        frames = []
        if level != "seen":
            frames.append(_account_rows(step.account, level).assign(layer="account"))
        for layer, parts in step.modelled.items():
            if level == "step":
                table = parts.table.drop(columns=["order_low", "order_high"])
            elif level == "group":
                table = parts.by(people["group"]).rename(columns={"label": "group"})
            elif level == "member":
                table = parts.members()
            else:
                table = parts.seen().rename(columns={"label": "seen"})
            frames.append(table.assign(layer=layer))
        kept = [frame for frame in frames if len(frame)]
        if not kept:
            return pd.DataFrame()
        table = pd.concat(kept, ignore_index=True)
        if level == "member":
            table = table.join(people[["name", "group", "status"]], on="member")
            table["status"] = table["status"].fillna("neither")
        return table.assign(old=step.old, new=step.new)

    def expected(self) -> pd.DataFrame:
        """Return the expected tally of every council under every version, at the mode, with intervals.

        Returns
        -------
        DataFrame
            ``council``, ``version`` (roll-call ids), ``category``, ``estimate``, ``conf_low``, ``conf_high``.
            Without a member effect, with positions of the version's date. The intervals are of the expectation:
            the chance of single votes comes on top.
        """
        columns = ["council", "version", "category", "estimate", "conf_low", "conf_high"]
        if self.tallies is None or self.tallies.at_mode is None:
            return pd.DataFrame(columns=columns)
        at_mode = self.tallies.at_mode
        low, high = np.quantile(self.tallies.expected, tails(self.level), axis=0)
        ids = self.tallies.rollcalls
        rows = [
            (council, version, name, at_mode[a, v, c], low[a, v, c], high[a, v, c])
            for a, council in enumerate(ids)
            for v, version in enumerate(ids)
            for c, name in enumerate(CATEGORIES)
        ]
        return pd.DataFrame(rows, columns=columns)

    def prior_sensitivity(self) -> pd.DataFrame:
        """Return how far the parts move when the priors, or the votes, weigh a little more or less.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``component``, ``category``, ``prior``, ``likelihood`` (see
            `voteshift.posterior.power_scaling.power_sensitivity`; 0.05 or more is sensitive) and
            ``diagnosis``, "" where the priors do not matter. Without rows where the draws are those of a
            normal approximation. The priors are those that are fixed: of midpoints and gaps and, where
            positions move, of the step common to all members; see `PosteriorFit.with_log_prior`. The parts
            are those without member effects.
        """
        from voteshift.checks.prior_sensitivity import prior_sensitivity

        return prior_sensitivity(self)

    def plot(self, picture: Picture = "waterfall", *, ax: "Axes | None" = None, **options: Any) -> "Axes":
        """Draw one of the pictures of an explanation; see `voteshift.plots`.

        Parameters
        ----------
        picture : {"waterfall", "flow", "councils", "positions"}
            The parts of one step (``step=``, from 0: the first); the flow of votes; every council under every
            version; ideal points with each version's cutpoints.
        ax : Axes, optional
            Where to draw; a new figure by default.
        **options
            Passed to the function of that name.

        Raises
        ------
        UsageError
            If there is no such picture.
        NotUsableError
            If it needs a model and there is none.
        """
        from voteshift import plots

        if picture not in get_args(Picture):
            raise UsageError(
                f"there is no picture {picture!r}", remedy=f"draw {', '.join(get_args(Picture))}"
            )
        drawn: Axes = getattr(plots, picture)(self, ax=ax, **options)
        return drawn

    def report(self, path: str | Path, **options: Any) -> Path:
        """Write a report of this explanation: a page, or Markdown where the name ends in .md.

        Parameters
        ----------
        path : str or Path
            Where to; the file is whole or not there.
        **options
            Passed to `make_report`.

        Raises
        ------
        UsageError
            If the name ends in neither .html nor .md.
        InputError
            If the file cannot be written.
        """
        from voteshift.report import make_report

        return make_report(self.record, why=self, **options).write(path)

    def _title(self) -> str:
        return f"{self.rollcalls['title'].iloc[-1] or self.family}: {self._moves()}"

    def _said(self) -> list[str]:
        labels = rollcall_labels(self.rollcalls)
        said = [f"{labels[step.old]} to {labels[step.new]}: {step.sentence}" for step in self.steps]
        modelled = [step.model.identified_by for step in self.steps if isinstance(step.model, ModelParts)]
        how = []
        if modelled and self.fit is not None:
            how = [
                f"Identified by {modelled[0]}",
                f"Model: {model_words(self.fit, self.member_effect)}.",
                f"Intervals cover {100 * self.level:g}%.",
            ]
        return [*said, *how, TURNOVER_NOTE]

    def _table(self) -> pd.DataFrame:
        """Lay the categories side by side."""
        table = self.tidy()
        table["cell"] = [
            signed(row.estimate)
            if row.layer == "account"
            else with_interval(row.estimate, row.conf_low, row.conf_high)
            for row in table.itertuples()
        ]
        keys = ["old", "new", "layer", "component"]
        wide = table.set_index([*keys, "category"])["cell"].unstack(fill_value="")  # noqa: PD010
        order = table[keys].drop_duplicates().itertuples(index=False, name=None)
        return wide.loc[list(order), list(TALLY_COLUMNS)]

    def _moves(self) -> str:
        return " → ".join(
            f"{row.yes}-{row.no}-{row.abstain}" for row in self.rollcalls.itertuples(index=False)
        )

    def __repr__(self) -> str:
        """Say which resolution and how its tally moved."""
        tallies = " -> ".join(
            f"{row.yes}-{row.no}-{row.abstain}" for row in self.rollcalls.itertuples(index=False)
        )
        return f"<Explanation of {self.family}: {tallies}>"


def _account_rows(account: Account, level: TidyLevel) -> pd.DataFrame:
    """Return the exact account as rows without an interval."""
    columns = list(TALLY_COLUMNS)
    if level == "step":
        wide = pd.DataFrame(
            {"change": account.change, "switching": account.switching, "turnover": account.turnover}
        ).T[columns]
        table = wide.rename_axis("component").reset_index()
        keys = ["component"]
    else:
        people = account.members.rename_axis("member").reset_index()
        kind = np.where(people["status"] == "stayer", "switching", "turnover")
        table = people.assign(component=kind).groupby([level, "component"], sort=True)[columns].sum()
        table = table.reset_index()
        keys = [level, "component"]
    rows = table.melt(keys, columns, var_name="category", value_name="estimate")
    if level == "step":
        order = {name: k for k, name in enumerate(("change", "switching", "turnover"))}
        rows = rows.sort_values("component", key=lambda part: part.map(order), kind="stable")
    else:
        rows = rows.sort_values(keys, kind="stable")
    return rows.astype({"estimate": float}).assign(conf_low=np.nan, conf_high=np.nan)
