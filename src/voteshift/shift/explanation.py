"""An explanation: every step with its exact account and the parts estimated by the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from voteshift.errors import NotUsableError, Unavailable, UsageError
from voteshift.faces import load_face
from voteshift.ideal.interface import Fit, check_converged
from voteshift.ideal.spec import IdealPoints
from voteshift.joint import is_hrc
from voteshift.labels import version_names
from voteshift.notebook import Shown
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.resolution.refit import FitBy
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import PARTS, TURNOVER_NOTE, Account
from voteshift.shift.answer import Answer, Wording, answer_steps
from voteshift.shift.counterfactual import Counterfactual
from voteshift.shift.models import EffectChoice, Models, draw_models, draw_without, refit_with_items
from voteshift.shift.parts import Draws, Estimand, ModelParts, tails
from voteshift.shift.step import Step
from voteshift.shift.wording import model_words
from voteshift.votes import CATEGORIES, TALLY_COLUMNS
from voteshift.writing import signed, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["By", "Explanation"]

#: Units of the rows of a table.
By = Literal["step", "group", "member", "seen"]
Picture = Literal["waterfall", "flow", "councils", "positions"]
_TIDY = ["old", "new", "layer", "component", "category", "estimate", "conf_low", "conf_high"]


@dataclass(frozen=True, eq=False)
class Explanation(Shown):
    """The reasons why the outcome of a repeated vote changed.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    rollcalls : DataFrame, index ``rollcall``
        The versions in date order: ``symbol``, ``date``, ``title`` and the tally.
    steps : tuple of Step
        Each consecutive pair in date order, then first to last.
    fit : Fit or None
        The ideal-point fit behind the model's parts.
    window : tuple of str or None
        First and last day of the roll calls that were fitted.
    models : Models or Unavailable
        The draws of every vote on every version.
    draws : Draws
        Number and seed of the draws, and the coverage of the intervals.
    record : RollCalls
        The record that was explained.
    estimand : {"realised", "expected"}
        The change that the parts split, as in `explain`.
    fit_by : callable
        Function that fits a specification to roll calls.
    """

    family: str
    rollcalls: pd.DataFrame
    steps: tuple[Step, ...]
    fit: Fit | None
    window: tuple[str, str] | None
    models: Models | Unavailable
    draws: Draws
    record: RollCalls = field(repr=False)
    estimand: Estimand = "realised"
    fit_by: FitBy = IdealPoints.fit

    @property
    def level(self) -> float:
        """Coverage of the intervals."""
        return self.draws.level

    @property
    def tallies(self) -> Counterfactual | None:
        """Every council under every version, from positions alone; None without a model."""
        return None if isinstance(self.models, Unavailable) else self.models.tallies

    @property
    def member_effect(self) -> MemberEffectFit | Unavailable | None:
        """The fit of the member effect, the reason why there is no fit, or None if it was not requested."""
        return None if isinstance(self.models, Unavailable) else self.models.member_effect

    @property
    def has_effect(self) -> bool:
        """True if the parts include member effects."""
        return isinstance(self.models, Models) and self.models.with_effect is not None

    @property
    def versions(self) -> RollCalls:
        """The record with the versions only, in date order."""
        return self.record.select(rollcalls=self.rollcalls.index)

    @property
    def why_no_model(self) -> str:
        """The reasons why steps have no model; empty if all steps have a model."""
        reasons = [str(step.model) for step in self.steps if isinstance(step.model, Unavailable)]
        return "; ".join(dict.fromkeys(reasons))

    @cached_property
    def words(self) -> Wording:
        """The names of members and versions in sentences."""
        council = is_hrc(self.record, str(self.rollcalls.index[0]))
        member, members = ("state", "states") if council else ("member", "members")
        return Wording(member, members, version_names(self.rollcalls), self.level)

    @cached_property
    def answer(self) -> Answer:
        """The answer in a few plain sentences, step by step."""
        return answer_steps(self.steps, self.fit, self.member_effect, self.window, self.words)

    @property
    def text(self) -> str:
        """The answer as text: a paragraph for each consecutive step, then the assumptions of the split."""
        return self.answer.text

    def tidy(self, by: By = "step") -> pd.DataFrame:
        """Return every number of every step in one long table.

        Parameters
        ----------
        by : {"step", "group", "member", "seen"}
            "step": the parts of the whole council. "group": by regional group. "member": by member. "seen":
            the part 'positions', for members with enough votes at both dates and for extrapolated members.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``layer`` (account; model; model without member effects), the label of the group
            or member, ``component``, ``category``, ``estimate``, ``conf_low``, ``conf_high``. The exact
            account has no interval. The estimates of a component over groups or members add up to the
            estimate of the step.
        """
        frames = [self._tidy_step(step, by) for step in self.steps]
        columns = _TIDY if by == "step" else [*_TIDY[:3], by, *_TIDY[3:]]
        if by == "member":
            columns = [*columns[:4], "name", "group", "status", *columns[4:]]
        kept = [frame for frame in frames if len(frame)]
        if not kept:
            return pd.DataFrame(columns=columns)
        return pd.concat(kept, ignore_index=True)[columns]

    def _tidy_step(self, step: Step, by: By) -> pd.DataFrame:
        people = step.account.members
        frames = []
        if by != "seen":
            frames.append(_account_rows(step.account, by).assign(layer="account"))
        for layer, parts in step.layers.items():
            if by == "step":
                table = parts.table.drop(columns=["order_low", "order_high"])
            elif by == "group":
                table = parts.by(people["group"]).rename(columns={"label": "group"})
            elif by == "member":
                table = parts.members()
            else:
                table = parts.seen().rename(columns={"label": "seen"})
            frames.append(table.assign(layer=layer))
        kept = [frame for frame in frames if len(frame)]
        if not kept:
            return pd.DataFrame()
        table = pd.concat(kept, ignore_index=True)
        if by == "member":
            table = table.join(people[["name", "group", "status"]], on="member")
            table["status"] = table["status"].fillna("neither")
        return table.assign(old=step.old, new=step.new)

    def movement(self) -> pd.DataFrame:
        """Return the part 'positions' of every step, divided by the steps that members share.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``layer``, ``component`` (common steps; group steps, if groups have steps;
            individual steps), ``category``, ``estimate``, ``conf_low``, ``conf_high``. The estimates add up
            to the part 'positions' in `tidy`: they are Owen values (see `voteshift.shift.movement`). The
            table is empty if positions are not a separate part.
        """
        frames = [
            parts.movement.assign(old=step.old, new=step.new, layer=layer)
            for step in self.steps
            for layer, parts in step.layers.items()
            if parts.movement is not None
        ]
        return pd.concat(frames, ignore_index=True)[_TIDY] if frames else pd.DataFrame(columns=_TIDY)

    def expected(self) -> pd.DataFrame:
        """Return the expected tally of every council under every version, at the mode, with intervals.

        Returns
        -------
        DataFrame
            ``council``, ``version`` (roll-call ids), ``category``, ``estimate``, ``conf_low``, ``conf_high``.
            Computed without a member effect, with positions at the version's date. The intervals are of the
            expectation; they do not include the randomness of single votes.
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

    def refit(
        self,
        *,
        without: Sequence[str] = (),
        items: Mapping[str, str] | None = None,
        model: IdealPoints | Fit | None = None,
        member_effect: EffectChoice | None = None,
        draws: Draws | None = None,
    ) -> Models:
        """Fit again with one choice changed, and draw every vote on every version again.

        Parameters
        ----------
        without : sequence of str
            Roll calls to leave out of the fit.
        items : mapping of str to str, optional
            Item of every roll call that shares an item; this mapping replaces the shared items of the fit.
        model : IdealPoints or Fit, optional
            Another specification, fitted to the same roll calls, or another fit of this record.
        member_effect, draws : optional
            As in `explain`; used only with `model`. By default the values of this explanation.

        Returns
        -------
        Models
            `Models.split_main` gives the parts of a step.

        Raises
        ------
        UsageError
            If more than one choice is changed.
        NotUsableError
            If this explanation has no model, or the new fit did not converge or does not contain the
            versions.
        """
        if (len(without) > 0) + (items is not None) + (model is not None) > 1:
            raise UsageError(
                "only one of without=, items= and model= can be passed", remedy="pass one of these arguments"
            )
        if model is not None:
            return self._refit_model(model, member_effect, draws)
        if isinstance(self.models, Unavailable):
            raise NotUsableError(
                f"no model was fitted, so none can be fitted again: {self.models}",
                remedy=("explain a window to which a model can be fitted"),
            )
        return draw_without(self.models, without) if items is None else refit_with_items(self.models, items)

    def _refit_model(
        self, model: IdealPoints | Fit, member_effect: EffectChoice | None, draws: Draws | None
    ) -> Models:
        """Draw every vote again from another specification or fit."""
        fit: Fit
        if isinstance(model, IdealPoints):
            if self.fit is None:
                raise NotUsableError(
                    f"no model was fitted, so none can be fitted again: {self.models}",
                    remedy=("explain a window to which a model can be fitted"),
                )
            fit = self.fit_by(model, self.record.select(rollcalls=self.fit.rollcall_ids))
        else:
            fit = model
        check_converged(fit)
        versions = [rollcall for rollcall in self.rollcalls.index if rollcall in fit.rollcall_ids]
        if not versions:
            raise NotUsableError(
                "this fit contains no version of the resolution", remedy=("widen the window of the fit")
            )
        return draw_models(
            self.record,
            fit,
            versions,
            member_effect=self.has_effect if member_effect is None else member_effect,
            draws=draws or self.draws,
            estimand=self.estimand,
            fit_by=self.fit_by,
        )

    def plot(self, picture: Picture = "waterfall", *, ax: "Axes | None" = None, **options: Any) -> "Axes":
        """Draw a picture of the explanation; see `voteshift.plots`.

        Parameters
        ----------
        picture : {"waterfall", "flow", "councils", "positions"}
            "waterfall": the parts of one step (``step=``; 0 is the first step). "flow": the flow of votes.
            "councils": the expected tally of every council on every version. "positions": ideal points and
            the cutpoints of each version.
        ax : Axes, optional
            Axes to draw on; by default a new figure.
        **options
            Passed to the function of this name in `voteshift.plots`.

        Raises
        ------
        UsageError
            If there is no picture with this name.
        NotUsableError
            If the picture needs a model and the explanation has no model.
        """
        if picture not in get_args(Picture):
            raise UsageError(
                f"there is no picture {picture!r}", remedy=f"choose one of {', '.join(get_args(Picture))}"
            )
        drawn: Axes = getattr(load_face("plots"), picture)(self, ax=ax, **options)
        return drawn

    def report(self, path: str | Path, **options: Any) -> Path:
        """Write a report of this explanation: HTML, or Markdown if the name ends in .md.

        Parameters
        ----------
        path : str or Path
            File to write. If writing fails, no partial file is left.
        **options
            Passed to `make_report`.

        Raises
        ------
        UsageError
            If the name does not end in .html or .md.
        InputError
            If the file cannot be written.
        """
        written: Path = load_face("report").make_report(self, **options).write(path)
        return written

    def _title(self) -> str:
        return f"{self.rollcalls['title'].iloc[-1] or self.family}: {self._moves()}"

    def _said(self) -> list[str]:
        identified = [step.model.identified_by for step in self.steps if isinstance(step.model, ModelParts)]
        method = []
        if identified and self.fit is not None:
            method = [
                f"Identified by {identified[0]}",
                f"Model: {model_words(self.fit, self.member_effect)}.",
                f"Intervals cover {100 * self.level:g}%.",
            ]
        return [*self.text.split("\n\n"), *method, TURNOVER_NOTE]

    def _table(self) -> pd.DataFrame:
        """Return the categories as columns."""
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
        """Return the resolution and its tallies."""
        tallies = " -> ".join(
            f"{row.yes}-{row.no}-{row.abstain}" for row in self.rollcalls.itertuples(index=False)
        )
        return f"<Explanation of {self.family}: {tallies}>"


def _account_rows(account: Account, by: By) -> pd.DataFrame:
    """Return the exact account as rows without an interval."""
    columns = list(TALLY_COLUMNS)
    if by == "step":
        wide = pd.DataFrame({"change": account.change, **account.parts}).T[columns]
        table = wide.rename_axis("component").reset_index()
        keys = ["component"]
    else:
        people = account.members.assign(component=account.kind).rename_axis("member").reset_index()
        table = people.groupby([by, "component"], sort=True)[columns].sum()
        table = table.reset_index()
        keys = [by, "component"]
    rows = table.melt(keys, columns, var_name="category", value_name="estimate")
    if by == "step":
        order = {name: k for k, name in enumerate(("change", *PARTS))}
        rows = rows.sort_values("component", key=lambda part: part.map(order), kind="stable")
    else:
        rows = rows.sort_values(keys, kind="stable")
    return rows.astype({"estimate": float}).assign(conf_low=np.nan, conf_high=np.nan)
