"""What an explanation says, in sentences."""

from typing import Final

from voteshift.labels import rollcall_labels
from voteshift.resolution.marginal import NOISE_SD
from voteshift.resolution.member_effect import MemberEffectFit
from voteshift.shift.account import Account
from voteshift.shift.explanation import Explanation, Step
from voteshift.votes import TALLY_COLUMNS
from voteshift.writing import signed

__all__ = [
    "LEANS",
    "PLAIN",
    "SWITCHING",
    "check_sentences",
    "effect_sentences",
    "group_sentences",
    "prior_sentences",
    "shares_sentence",
    "simulation_error",
    "switchers_sentence",
]

LEANS: Final = (
    "The model's figures are with member effects on this resolution, unless they are said to be without."
)
PLAIN: Final = "The model's figures are from positions alone: members have no member effect in it."
SWITCHING: Final = (
    "Switching in the account is what those who sat both times did; switching in the model is what the same "
    "council would do otherwise at the later date, those who left or joined included."
)


def switchers_sentence(account: Account) -> str:
    """Say who of those that sat both times changed its vote, and how."""
    switchers = account.switchers
    if not account.stayers:
        return "Nobody sat both times."
    if switchers.empty:
        return f"None of the {account.stayers} that sat both times changed its vote."
    groups = switchers.groupby(["old", "new"], sort=False)
    moves = [f"{old} to {new}: {', '.join(part.index)}" for (old, new), part in groups]
    return f"{len(switchers)} of {account.stayers} switched. {'; '.join(moves)}."


def group_sentences(account: Account) -> list[str]:
    """Say which groups switching and turnover came from."""
    table = account.by_group()
    sentences = []
    for part in ("switching", "turnover"):
        groups = []
        for group, row in table[part].iterrows():
            moved = [f"{name} {signed(row[name])}" for name in TALLY_COLUMNS if row[name]]
            if moved:
                groups.append(f"{group or 'no group'} {', '.join(moved)}")
        if groups:
            sentences.append(f"{part.capitalize()} by group: {'; '.join(groups)}.")
    return sentences


def shares_sentence(account: Account) -> str:
    """Compare joiners and leavers with stayers in the category that moved most; "" without stayers."""
    if not account.stayers:
        return ""
    shares = account.relative_to_stayers()
    name = str(account.change.abs().idxmax())
    row = 100 * shares.loc[name]
    return (
        f"Share of {name}: {signed(row['change'], 1)} points = stayers {signed(row['stayers'], 1)}, joiners "
        f"beside stayers {signed(row['joined'], 1)}, leavers beside stayers {signed(row['left'], 1)}."
    )


def effect_sentences(why: Explanation) -> list[str]:
    """Say how strongly members repeat themselves."""
    if not isinstance(why.member_effect, MemberEffectFit):
        return []
    low, high = why.member_effect.sd_interval(why.level)
    noise = NOISE_SD[why.member_effect.votes.link]
    return [
        f"Member effects on this resolution: standard deviation {why.member_effect.sd:.1f} "
        f"({100 * why.level:g}% interval {low:.1f} to {high:.1f}); that of the noise of a single vote is "
        f"{noise:.1f}.",
        *([] if why.pooled is None else [why.pooled.sentence()]),
    ]


def simulation_error(why: Explanation) -> float:
    """Return the largest standard error that a part of any step owes to the number of draws."""
    return max(
        (model.simulation_error for step in why.steps for model in step.modelled.values()), default=0.0
    )


def prior_sentences(why: Explanation) -> list[str]:
    """Say whether the parts hang on the priors, where draws of a posterior tell."""
    if why.fit is None or why.fit.reached["method"] != "nuts":
        return []  # before what samples is loaded, which takes longer than the rest
    from voteshift.posterior.sampled import Sampled

    table = why.prior_sensitivity()
    if table.empty or not isinstance(why.fit, Sampled):
        return []
    names = rollcall_labels(why.rollcalls)
    top = table.loc[table["prior"].idxmax()]
    without = "" if why.with_effect is None else " of the parts without member effects"
    said = (
        f"Prior sensitivity{without} (power scaling of the priors of {why.fit.fixed_priors}): at most "
        f"{top['prior']:.2f}, for {top['component']} in {top['category']}, {names[top['old']]} to "
        f"{names[top['new']]}; a part hangs on the priors from 0.05."
    )
    marked = [
        f"{row.component} in {row.category}, {names[row.old]} to {names[row.new]} ({row.prior:.2f}: "
        f"{row.diagnosis})"
        for row in table[table["diagnosis"] != ""].itertuples()
    ]
    return [said, f"Sensitive: {'; '.join(marked)}."] if marked else [said]


def check_sentences(step: Step) -> list[str]:
    """Set the switchers the model expects beside those on record."""
    checks = step.switchers
    if not checks or not checks[0].voted:
        return []
    said = [
        f"{check.expected:.1f} ({check.low:.0f} to {check.high:.0f}){kind}"
        for check, kind in zip(checks, ("", " without member effects"), strict=False)
    ]
    return [
        f"Check: of {checks[0].voted} that voted both times the model expects {' or '.join(said)} to switch; "
        f"{checks[0].observed} did."
    ]
