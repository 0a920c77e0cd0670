"""The report of a repeated resolution."""

from collections.abc import Callable
from typing import Literal

from voteshift.arguments import checked
from voteshift.ideal.spec import IdealPoints
from voteshift.report import checks, model, source, votes
from voteshift.report.contents import Report
from voteshift.report.material import Material
from voteshift.rollcalls import RollCalls
from voteshift.shift.explain import Explanation, explain
from voteshift.shift.one_item import MIN_REPLICATES
from voteshift.shift.others import FitBy
from voteshift.shift.sensitivity import sensitivity

__all__ = ["make_report"]


@checked
def make_report(
    rollcalls: RollCalls,
    family: str | None = None,
    *,
    since: str | None = None,
    until: str | None = None,
    polarity: str | None = None,
    n_draws: int = 2000,
    seed: int = 0,
    level: float = 0.9,
    why: Explanation | None = None,
    bridge: Literal["families"] | None = None,
    n_replicates: int = MIN_REPLICATES,
    command: str | None = None,
    fit_by: FitBy = IdealPoints.fit,
    progress: Callable[[int, float], None] | None = None,
) -> Report:
    """Explain a repeated resolution, and put everything into one report.

    Parameters
    ----------
    rollcalls : RollCalls
        The record.
    family : str, optional
        A slug, a title, or words that name one family; by default mutually-beneficial-cooperation, or the
        only family of a record without that.
    since, until, polarity, bridge, n_replicates, n_draws, seed, level, fit_by, progress
        As in `explain`. The explanation under other choices holds positions over its window, with a bridge or
        without.
    why : Explanation, optional
        An explanation of this record to report; then all but `since`, `until`, `polarity` and
        `fit_by` is its own, and these are of the other choices.
    command : str, optional
        What made the report, as a person would type it; it stands in the report.

    Returns
    -------
    Report
        `write` it to a file.

    Raises
    ------
    UsageError
        If no one family answers to the name, or a number makes no sense.
    InputError
        If an iteration has no date.
    NotUsableError
        If the fit did not converge.
    """
    if why is None:
        why = explain(
            rollcalls,
            family,
            since=since,
            until=until,
            polarity=polarity,
            bridge=bridge,
            n_replicates=n_replicates,
            n_draws=n_draws,
            seed=seed,
            level=level,
            fit_by=fit_by,
            progress=progress,
        )
    others = sensitivity(
        rollcalls,
        why.family,
        why=why,
        since=since,
        until=until,
        polarity=polarity,
        seed=why.seed,
        level=why.level,
        fit_by=fit_by,
    )
    said = command or f"voteshift.make_report(record, {why.family!r}, n_draws={why.n_draws}, seed={why.seed})"
    material = Material(rollcalls, why, others, said)
    sections = (
        votes.story(material),
        votes.the_votes(material),
        votes.accounts(material),
        model.parts(material),
        model.councils(material),
        model.positions(material),
        checks.elsewhere(material),
        checks.everywhere(material),
        checks.tests(material),
        checks.one_item(material),
        checks.elections(material),
        checks.other_choices(material),
        source.the_record(material),
        source.making(material),
    )
    frame = why.rollcalls
    where = rollcalls.source or "the record"
    lead = (
        f"Why the outcome of a repeated vote moved: {len(frame)} votes in {where}, "
        f"{frame['date'].iloc[0]:%Y-%m-%d} to {frame['date'].iloc[-1]:%Y-%m-%d}."
    )
    title = str(frame["title"].iloc[-1]) or why.family
    return Report(title, lead, sections, why.level, why.seed, why.n_draws)
