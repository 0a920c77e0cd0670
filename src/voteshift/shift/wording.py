"""The sentences that go with the numbers of an explanation."""

from datetime import date
from typing import Final

import numpy as np

from voteshift.errors import Unavailable
from voteshift.ideal import stated
from voteshift.ideal.interface import Fit
from voteshift.labels import rollcall_labels
from voteshift.prose import write_day
from voteshift.resolution.member_effect import MEAN_SD, MemberEffectFit
from voteshift.rollcalls import RollCalls
from voteshift.shift.counterfactual import Counterfactual

__all__ = [
    "drawn_from",
    "identified_by",
    "model_words",
    "step_notes",
    "why_unfitted",
    "write_span",
]

_SIGMA: Final = "\N{GREEK SMALL LETTER SIGMA}"
_GAMMA: Final = "\N{GREEK SMALL LETTER GAMMA}"
_RHO: Final = "\N{GREEK SMALL LETTER RHO}"


def identified_by(
    fit: Fit,
    span: tuple[str, str],
    step: tuple[str, str],
    *,
    council: bool,
    n_left_out: int = 0,
    repetition: str = "",
    chambers: str = "",
) -> str:
    """Return a text on the information that identifies the parts, and on the assumptions.

    Parameters
    ----------
    fit : Fit
        The fit behind the positions.
    span : tuple of str
        First and last day of its roll calls.
    step : tuple of str
        Ids of the old and the new roll call of the step.
    council : bool
        True if the step belongs to the Human Rights Council, which adopts most resolutions by consensus.
    n_left_out : int
        Number of versions that are not used to estimate positions, because member effects explain them.
    repetition : str
        The estimated probability that a member repeats its last vote, in words; "" without state dependence.
    chambers : str
        What links the scales of two chambers, if there are two: see `held_together`.
    """
    n_members, n_rollcalls = fit.n_members, fit.n_rollcalls
    place = ", without the votes on this resolution" if n_left_out else ", with the votes on this resolution"
    habit = " Given positions, votes are assumed to be independent of each other."
    if n_left_out:
        habit = (
            " Predicted votes resemble the member's other votes on this resolution. Given positions and "
            "member effects, votes are assumed to be independent of each other."
        )
    if n_left_out and repetition:
        habit = (
            " Predicted votes resemble the member's other votes on this resolution. Member effects have "
            "separate means for members that came, stayed and left. A member repeats its last vote on the "
            f"resolution with probability {repetition}. Given positions and member effects, the votes of "
            "different members are assumed to be independent of each other."
        )
    n_rollcalls -= n_left_out
    place += f", {chambers}" if chambers else ""
    rest = (
        "contested roll calls are the minority of the resolutions that a council adopts"
        if council
        else "decisions without a roll call are not included"
    )
    counted = f"{n_rollcalls} contested roll calls of {n_members} members"
    if fit.periods is None:
        return (
            f"one position per member, assumed constant from {write_span(span)}, estimated from "
            f"{counted}{place}; {rest}. Without a bridge between the dates, movement of members and change "
            "of the resolution cannot be distinguished: both are in 'switching'." + habit
        )
    text = f"{fit.identified_by}; positions are estimated from {counted}{place}, {write_span(span)}; {rest}."
    bridges = fit.bridges_between(*step)
    if not bridges:
        why = "Both dates are in one period" if bridges is None else "No bridge spans the dates of this step"
        text += (
            f" {why}, so movement of members and change of the resolution cannot be distinguished: both "
            "are in 'switching'."
        )
    return text + habit


def model_words(fit: Fit, member_effect: MemberEffectFit | Unavailable | None) -> str:
    """Write the link, dimensions and priors of a fit, and the prior of the member effect if there is one."""
    words = stated.model_words(fit.link, fit.dims, fit.priors)
    if member_effect is None or isinstance(member_effect, Unavailable):
        return words
    prior = stated.prior_words(stated.normal(*member_effect.prior), log=True)
    words = f"{words}, and for the standard deviation {_SIGMA} of the member effect log {_SIGMA} ~ {prior}"
    if member_effect.n_means:
        means = stated.prior_words(stated.normal(0.0, MEAN_SD))
        words += f"; differences {_GAMMA} of its mean by seat history {_GAMMA} ~ {means}"
    if member_effect.has_persistence:
        words += f"; state dependence {_RHO} ~ uniform(0, 1)"
    return words


def drawn_from(fit: Fit | None) -> str:
    """Return the distribution that draws come from."""
    return f"posterior ({fit.verdict})" if fit is not None and fit.sampled else "normal approximation"


def step_notes(
    iterations: RollCalls, tallies: Counterfactual, fit: Fit, old: str, new: str
) -> tuple[str, ...]:
    """Return the cautions on the parts of a step."""
    labels = rollcall_labels(iterations.rollcalls)
    notes = [
        f"No member chose {' or '.join(names)} in {labels[rollcall]}, {_expectation(tallies, rollcall)}."
        for rollcall, names in tallies.lacking.items()
        if rollcall in (old, new)
    ]
    notes += _attendance(tallies, old, new)
    bridges = fit.bridges_between(old, new)
    if bridges:
        notes.append(
            f"At least {bridges} bridge{'s' if bridges > 1 else ''} (items assumed constant) "
            f"{'span' if bridges > 1 else 'spans'} each gap between the periods of {labels[old]} and "
            f"{labels[new]}."
        )
    return (*notes, *(f"Caution: {caution}." for caution in fit.cautions))


def _expectation(tallies: Counterfactual, rollcall: str) -> str:
    """Return how the model treats the category that no member chose in a version."""
    filled = np.isfinite(tallies.latent.cutpoints[0, tallies.rollcalls.index(rollcall)]).all()
    if tallies.latent.moves and filled:
        return (
            "so the votes limit the cutpoint of this category on one side only. It is drawn from the "
            "distances between cutpoints of other roll calls, given that no member chose the category"
        )
    return "so the model expects no vote in this category"


def write_span(span: tuple[str, str]) -> str:
    """Write the first and last day of roll calls: "23 March 2018 to 17 December 2021"; else "undated"."""
    if not all(span):
        return "undated"
    first, last = (write_day(date.fromisoformat(day)) for day in span)
    return f"{first} to {last}"


def _attendance(tallies: Counterfactual, old: str, new: str) -> list[str]:
    """Return a note on the members that held a seat both times and voted once."""
    once = tallies.members[tallies.voted_once(*map(tallies.rollcalls.index, (old, new)))]
    if once.empty:
        return []
    return [
        "The model counts voting members only. Members that held a seat both times and voted once are the "
        f"part 'attendance': {', '.join(once)}."
    ]


def why_unfitted(iterations: RollCalls, rollcall: str, span: tuple[str, str] | None) -> str:
    """Return the reason why a version has no model."""
    votes = iterations.select(rollcalls=[rollcall]).votes
    if not (votes >= 0).any():
        return f"no member voted in {rollcall}"
    if len(np.unique(votes[votes >= 0])) < 2:
        return f"all votes cast in {rollcall} were the same, so the model cannot estimate its item"
    if span is not None:
        return f"{rollcall} is outside the fitted roll calls ({write_span(span)})"
    return f"{rollcall} was not fitted"
