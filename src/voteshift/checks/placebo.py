"""Placebo families: switching of the same members on other resolutions. No model.

A step is compared with every other family that was voted on in both of its years. If members had moved in
general, they would have switched on other resolutions too. If members switched only on this resolution, its
meaning changed for these members. Families share members and years, so they are not an independent sample.
The p-value refers to relabelling families only.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends
from voteshift.errors import NotUsableError, Unavailable, UsageError
from voteshift.joint import of_chamber
from voteshift.notebook import Shown
from voteshift.prose import count_word
from voteshift.rollcalls import RollCalls
from voteshift.shift.account import iterations_of
from voteshift.shift.answer import Wording
from voteshift.shift.explanation import Explanation
from voteshift.votes import Vote

__all__ = [
    "NULL",
    "PLACEBO_RULE",
    "Placebo",
    "PlaceboSteps",
    "compare_families",
    "placebo",
    "relabelling_p",
]

NULL: Final = "this family is exchangeable with the other families"
PLACEBO_RULE: Final = (
    "The placebo families are all other families with a vote in the year of the old version and a vote in "
    "the year of the new version. The last vote of the first year is compared with the first vote of the "
    "second year, among the members that held a seat at both versions of the resolution and voted in both "
    "votes of the placebo family. A switch is a vote that differs from the earlier vote. The net direction "
    "adds 1 for each step up from no to abstain to yes, and subtracts 1 for each step down."
)


@dataclass(frozen=True, eq=False)
class PlaceboSteps(CheckResult):
    """Switching in every step of an explanation, and of the same members on other resolutions.

    Attributes
    ----------
    steps : dict of (str, str) to Placebo or Unavailable
        The comparison by the ids of the two roll calls of the step.
    words : Wording
        The names of members and versions in sentences.
    """

    steps: dict[Ends, "Placebo | Unavailable"]
    words: Wording

    @property
    def text(self) -> str:
        """The comparison in sentences, step by step."""
        return " ".join(
            f"{self.words.versions[old]} to {self.words.versions[new]}: {self.describe_step((old, new))}"
            for old, new in self.steps
        )

    def describe_step(self, ends: Ends) -> str:
        """Return the comparison of one step as a sentence."""
        step = self.steps[ends]
        if isinstance(step, Unavailable):
            return f"There is no comparison with other resolutions: {step}."
        return describe_placebo(step, self.words)

    def tidy(self) -> pd.DataFrame:
        """Return one row per step and family: `Placebo.tidy` with ``step_old`` and ``step_new``."""
        frames = [
            step.tidy().assign(step_old=old, step_new=new)
            for (old, new), step in self.steps.items()
            if isinstance(step, Placebo)
        ]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


@dataclass(frozen=True, slots=True)
class Placebo(Shown):
    """One step of a family, compared with the switching of the same members in other families.

    Attributes
    ----------
    family : str
        Slug of the resolution.
    old, new : str
        Ids of the two roll calls.
    table : DataFrame, index ``family``
        The resolution first, then the placebo families, the largest share of switchers first. Columns:
        ``title``, ``focal`` (True for the resolution), ``old`` and ``new`` (roll-call ids), ``stayers``
        (stayers of the step that voted in both roll calls), ``switches``, ``net`` (signed sum of the moves)
        and ``share`` (switches divided by stayers).
    members : DataFrame, index ``member``
        The stayers that voted both times: ``name``, ``group``, ``move`` (signed, on the resolution),
        ``elsewhere`` (number of placebo families in which the member voted both times), ``switches`` and
        ``net`` in these families.
    left_out : tuple of str
        Families that were voted on in both years, but in which no stayer voted twice.
    rule : str
        How the families and votes were chosen.
    """

    family: str
    old: str
    new: str
    table: pd.DataFrame
    members: pd.DataFrame
    left_out: tuple[str, ...]
    rule: str = PLACEBO_RULE

    @property
    def n_families(self) -> int:
        """Number of placebo families, without the resolution."""
        return len(self.table) - 1

    @property
    def here(self) -> tuple[int, int]:
        """Switches and stayers on the resolution."""
        row = self.table.iloc[0]
        return int(row["switches"]), int(row["stayers"])

    @property
    def elsewhere(self) -> tuple[int, int]:
        """Switches and pairs of votes, summed over the placebo families."""
        rest = self.table.iloc[1:]
        return int(rest["switches"].sum()), int(rest["stayers"].sum())

    @property
    def rank(self) -> int:
        """Rank of the resolution by share of switchers: 1 is the largest share; ties get the better rank."""
        share = self.table["share"].to_numpy(float)
        return 1 + int((share[1:] > share[0]).sum())

    @property
    def p_more(self) -> float:
        """Share of families (including the resolution) with at least the resolution's share of switchers."""
        share = self.table["share"].to_numpy(float)
        return relabelling_p(share[0], share[1:])

    @property
    def p_fewer(self) -> float:
        """Share of families (including the resolution) with at most the resolution's share of switchers."""
        share = self.table["share"].to_numpy(float)
        return relabelling_p(-share[0], -share[1:])

    @property
    def p_net(self) -> float:
        """Share of families (the resolution included) whose net direction per stayer is at least as large."""
        net = np.abs(self.table["net"].to_numpy(float) / self.table["stayers"].to_numpy(float))
        return relabelling_p(net[0], net[1:])

    def tidy(self) -> pd.DataFrame:
        """Return one row per family.

        Returns
        -------
        DataFrame
            ``family``, ``focal``, ``old``, ``new``, ``stayers``, ``switches``, ``net``, ``estimate`` (share
            of stayers that switched). All stayers are counted, so there is no interval.
        """
        frame = self.table.reset_index().rename(columns={"share": "estimate"})
        return frame[["family", "focal", "old", "new", "stayers", "switches", "net", "estimate"]]

    def _title(self) -> str:
        return f"Placebo families of {self.family}, {self.old} to {self.new}"

    def _said(self) -> tuple[str, ...]:
        return self.sentence(), self.rule

    def sentence(self) -> str:
        """Return the comparison with the placebo families in a sentence."""
        switches, stayers = self.here
        if not self.n_families:
            return (
                f"{switches} of {stayers} members that voted both times switched. No other family was voted "
                "on in both years, so a comparison is not possible."
            )
        changes, pairs = self.elsewhere
        return (
            f"{switches} of {stayers} members that voted both times switched here. In the same years, the "
            f"same members switched {changes} times in {pairs} pairs of votes in {self.n_families} other "
            f"families. By share of switchers, this family ranks {self.rank} of {self.n_families + 1}, the "
            f"largest share first. The share of families with at least as much switching is "
            f"{self.p_more:.2f}, and with at "
            f"most as much {self.p_fewer:.2f}. The null hypothesis is that {NULL}."
        )


def describe_placebo(placebo: Placebo, words: Wording) -> str:
    """Return a sentence that compares changed votes here and on other resolutions."""
    switches, stayers = placebo.here
    if not placebo.n_families:
        return "No other resolution was voted on in both years, so a comparison is not possible."
    changes, pairs = placebo.elsewhere
    others = "one other resolution" if placebo.n_families == 1 else f"{placebo.n_families} other resolutions"
    share = placebo.table["share"].to_numpy(float)
    below = int((share[1:] < share[0]).sum())
    if not switches:
        share_here = "here none"
    else:
        share_here = f"here {switches} of {stayers} ({100 * switches / stayers:.0f}%), "
        share_here += (
            "more than on any of them"
            if below == placebo.n_families
            else f"a larger share than on {count_word(below) if below else 'none'} of them"
        )
    return (
        f"On {others} of the same years the same {words.members} changed {changes} of {pairs} votes "
        f"({100 * changes / pairs:.0f}%); {share_here}."
    )


def relabelling_p(focal: float, others: NDArray[np.float64]) -> float:
    """Return the one-sided permutation p-value of one unit compared with others.

    Parameters
    ----------
    focal : float
        Statistic of the unit of interest.
    others : ndarray, shape (n,)
        Statistic of the other units. Under the null all n + 1 units are exchangeable: each is equally likely
        to be the unit of interest.

    Returns
    -------
    float
        Share of the n + 1 units, including the unit of interest, with a statistic of at least `focal`. The
        smallest possible value is 1 / (n + 1).
    """
    return float((1 + (np.asarray(others) >= focal).sum()) / (1 + len(others)))


@checked
def placebo(why: Explanation) -> PlaceboSteps:
    """Compare every step with the switching of the same members on other resolutions. No model.

    Parameters
    ----------
    why : Explanation
        The explanation; its model is not used.
    """
    chamber = of_chamber(why.record, str(why.rollcalls.index[0]))
    steps: dict[Ends, Placebo | Unavailable] = {}
    for step in why.steps:
        try:
            steps[step.ends] = compare_families(chamber, why.family, *step.ends)
        except NotUsableError as error:
            steps[step.ends] = Unavailable(str(error))
    return PlaceboSteps(steps, why.words)


@checked
def compare_families(rollcalls: RollCalls, family: str, old: str, new: str) -> Placebo:
    """Compare the switching in a step with the switching of the same members in other families.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str
        A slug, a title, or words that name one family.
    old, new : str
        Ids or symbols of two versions of the family, in date order.

    Returns
    -------
    Placebo
        If no other family was voted on in both years, ``table`` contains the resolution only.

    Raises
    ------
    UsageError
        If the name does not match exactly one family, or the roll calls are not two of its versions in date
        order.
    NotUsableError
        If both votes are in one year, or no member voted in both. Placebo families are then not defined.
    InputError
        If a version has no date.
    """
    slug = rollcalls.family_slug(family)
    versions = iterations_of(rollcalls, slug)
    order = list(versions.rollcalls.index)
    old, new = versions.rollcall_id(old), versions.rollcall_id(new)
    first, second = (int(versions.rollcalls.loc[rollcall, "date"].year) for rollcall in (old, new))
    if order.index(old) >= order.index(new):
        raise UsageError(f"{old} is not before {new}", remedy="pass the earlier vote first")
    if first == second:
        raise NotUsableError(
            f"{old} and {new} are both in {first}, but placebo families are compared between two years",
            remedy="choose versions of two different years",
        )
    step = versions.select(rollcalls=[old, new])
    stayers = step.members.index[(step.votes != Vote.NOT_MEMBER).all(axis=1)]
    pairs = {slug: (old, new), **_pairs(rollcalls, slug, first, second)}
    ends = rollcalls.select(
        members=stayers, rollcalls=[rollcall for pair in pairs.values() for rollcall in pair]
    )
    votes = ends.votes.reshape(len(stayers), len(pairs), 2)
    both: NDArray[np.bool_] = np.asarray((votes >= 0).all(axis=2))
    move = np.where(both, votes[:, :, 1].astype(int) - votes[:, :, 0], 0)
    if not both[:, 0].any():
        raise NotUsableError(f"no member voted in both {old} and {new}", remedy="choose another step")
    titles = rollcalls.families()["title"]
    table = pd.DataFrame(
        {
            "title": [titles[name] for name in pairs],
            "focal": [name == slug for name in pairs],
            "old": [pair[0] for pair in pairs.values()],
            "new": [pair[1] for pair in pairs.values()],
            "stayers": both.sum(axis=0),
            "switches": (move != 0).sum(axis=0),
            "net": move.sum(axis=0),
        },
        index=pd.Index(list(pairs), name="family"),
    )
    left_out = tuple(table.index[table["stayers"] == 0])
    table = table[table["stayers"] > 0]
    table["share"] = table["switches"] / table["stayers"]
    table = table.sort_values(["focal", "share"], ascending=False, kind="stable")
    members = ends.members[["name", "group"]].assign(
        move=move[:, 0],
        elsewhere=both[:, 1:].sum(axis=1),
        switches=(move[:, 1:] != 0).sum(axis=1),
        net=move[:, 1:].sum(axis=1),
    )
    return Placebo(slug, old, new, table, members[both[:, 0]], left_out)


def _pairs(rollcalls: RollCalls, slug: str, first: int, second: int) -> dict[str, tuple[str, str]]:
    """Return, for every other family, the last vote of the first year and the first vote of the second."""
    frame = rollcalls.rollcalls
    dated = frame[frame["date"].notna() & (frame["family"] != "") & (frame["family"] != slug)]
    dated = dated.sort_values("date", kind="stable")
    by_year = dated.reset_index().groupby(["family", dated["date"].dt.year.to_numpy()])["rollcall"]
    last, earliest = by_year.last(), by_year.first()
    return {
        name: (str(last[name, first]), str(earliest[name, second]))
        for name in sorted(dated["family"].unique())
        if (name, first) in last.index and (name, second) in earliest.index
    }
