"""Findings: an explanation and its checks, composed once for the terminal, JSON and the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from voteshift.arguments import checked
from voteshift.checks import CheckResult, run_checks
from voteshift.checks.documents import Documents
from voteshift.checks.placebo import PlaceboSteps
from voteshift.checks.sensitivity import Sensitivity
from voteshift.errors import Unavailable
from voteshift.joint import is_hrc, of_chamber
from voteshift.labels import rollcall_labels
from voteshift.rollcalls import RollCalls
from voteshift.shift.answer import define_once, describe_change, main_category
from voteshift.shift.explanation import Explanation
from voteshift.shift.step import Step
from voteshift.votes import CAST

__all__ = ["Findings", "Paragraph", "findings"]

_IN_FULL: Final = 3  # largest number of steps shown in full: the largest steps, and first to last


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The short answer on one step.

    Attributes
    ----------
    heading : str
        The names of the two versions.
    sentences : tuple of str
        The change and its parts, the members that changed their vote, their documents, and a comparison.
    cautions : tuple of str
        A sentence if the model contradicts the account, a sentence if a part exceeds the whole change, and a
        sentence for every check that this step fails.
    """

    heading: str
    sentences: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Findings:
    """An explanation with the results of its checks.

    Attributes
    ----------
    why : Explanation
        The explanation.
    results : dict of str to CheckResult or Unavailable
        The checks that were run, by name.
    """

    why: Explanation
    results: dict[str, CheckResult | Unavailable]

    def result(self, name: str) -> CheckResult | None:
        """Return the result of a check; None if the check was not run or is unavailable."""
        result = self.results.get(name)
        return result if isinstance(result, CheckResult) else None

    @cached_property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The short answer, a paragraph for each step: consecutive steps, then first to last."""
        placebo = self.results.get("placebo")
        paragraphs = []
        for step, answer in zip(self.why.steps, self.why.answer.steps, strict=True):
            comparison = placebo.describe_step(step.ends) if isinstance(placebo, PlaceboSteps) else ""
            documents = self.result("documents")
            stances = documents.describe_step(step.ends) if isinstance(documents, Documents) else ""
            sentences = tuple(filter(None, (self.change(step), answer.switchers, stances, comparison)))
            cautions = (*answer.cautions, *self._failures(step))
            paragraphs.append(Paragraph(answer.heading, sentences, cautions))
        return tuple(paragraphs)

    def change(self, step: Step) -> str:
        """Return the change of a step and its parts, with ranges over other choices if they were computed."""
        others = self.result("sensitivity")
        ranges = None
        if isinstance(others, Sensitivity):
            ranges = others.other_estimates(*step.ends, main_category(step))
        return describe_change(step, self.why.words, ranges)

    def _failures(self, step: Step) -> tuple[str, ...]:
        """Return a sentence for every check that a step fails."""
        failures = (result.failures for result in self.results.values() if isinstance(result, CheckResult))
        return tuple(failed[step.ends] for failed in failures if step.ends in failed)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Assumptions of the split, cautions on the fit, and checks that the whole answer fails."""
        failures = (result.failures for result in self.results.values() if isinstance(result, CheckResult))
        return (*self.why.answer.assumptions, *(failed[None] for failed in failures if None in failed))

    @property
    def text(self) -> str:
        """The short answer: a paragraph for each consecutive step, then the assumptions of the split."""
        chosen = self.paragraphs[: len(self.why.answer.consecutive)]
        paragraphs = [f"{part.heading}: {' '.join((*part.sentences, *part.cautions))}" for part in chosen]
        return "\n\n".join(filter(None, [*define_once(paragraphs), " ".join(self.assumptions)]))

    def cautions_beyond(self, shown: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
        """Return the paragraphs of consecutive steps that have a caution and are not among those shown."""
        consecutive = self.paragraphs[: len(self.why.answer.consecutive)]
        headings = {part.heading for part in shown}
        return tuple(part for part in consecutive if part.cautions and part.heading not in headings)

    @cached_property
    def own(self) -> RollCalls:
        """The roll calls of the resolution's chamber; all roll calls if the record has one chamber."""
        return of_chamber(self.why.record, str(self.why.rollcalls.index[0]))

    @property
    def of_council(self) -> bool:
        """True if the resolution belongs to the bundled record."""
        return is_hrc(self.why.record, str(self.why.rollcalls.index[0]))

    @cached_property
    def short(self) -> dict[str, str]:
        """The shortest name of every version."""
        return self.why.words.versions

    @cached_property
    def labels(self) -> dict[str, str]:
        """The symbol of every version; its id if it has no symbol."""
        return {str(rollcall): label for rollcall, label in rollcall_labels(self.why.rollcalls).items()}

    def between(self, step: Step) -> str:
        """Return the names of the two versions of a step."""
        return f"{self.short[step.old]} to {self.short[step.new]}"

    def tally(self, rollcall: str) -> str:
        """Return a tally as yes-no-abstain."""
        row = self.why.rollcalls.loc[rollcall]
        return "-".join(str(int(row[name])) for name in CAST)

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """Indices of the steps shown in full: the steps with the largest changes, and first to last."""
        steps = self.why.steps
        if len(steps) <= _IN_FULL:
            return tuple(range(len(steps)))
        size = [int(step.account.change.abs().sum()) for step in steps[:-1]]
        largest = sorted(sorted(range(len(size)), key=lambda place: -size[place])[: _IN_FULL - 1])
        return (*largest, len(steps) - 1)

    @property
    def chosen(self) -> str:
        """The sentence that names the steps shown in full; "" if all steps are shown in full."""
        if len(self.shown) == len(self.why.steps):
            return ""
        return (
            f"Of the {len(self.why.steps)} steps, only these are shown in full: the {_IN_FULL - 1} steps in "
            "which the tally changed most, and the step from first to last."
        )

    def main_category(self, step: Step) -> str:
        """Return the category that changed most."""
        return main_category(step)

    def __repr__(self) -> str:
        """Return the explanation and the verdicts of the checks."""
        verdicts = [
            f"{name} {result.verdict if isinstance(result, CheckResult) else 'unavailable'}"
            for name, result in self.results.items()
        ]
        return f"<Findings on {self.why.family}: {', '.join(verdicts)}>"


@checked
def findings(
    why: Explanation,
    checks: Sequence[str] | None = None,
    *,
    options: dict[str, dict[str, Any]] | None = None,
) -> Findings:
    """Run checks on an explanation and return the explanation with the results.

    Parameters
    ----------
    why : Explanation
        The explanation to check.
    checks : sequence of str, optional
        Names of checks. By default the checks that take seconds (`DEFAULT_CHECKS`), "covariate_parts" if the
        model has covariates of positions, the checks of other packages and the checks registered in code.
    options : dict of str to dict, optional
        Keyword arguments of a check, by its name: ``{"same_item": {"n_replicates": 1999}}``.

    Returns
    -------
    Findings
        Its ``text`` is the short answer; ``results`` contains the checks.

    Raises
    ------
    UsageError
        If a name is not the name of a check.
    """
    return Findings(why, run_checks(why, None if checks is None else tuple(checks), options=options))
