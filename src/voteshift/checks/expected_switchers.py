"""A check of the model: the expected number of switchers among members that voted both times."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends, Verdict
from voteshift.errors import Unavailable
from voteshift.resolution.noise import quantile
from voteshift.shift.answer import Wording
from voteshift.shift.counterfactual import Counterfactual
from voteshift.shift.explanation import Explanation
from voteshift.shift.parts import ModelParts, tails
from voteshift.streams import Stream, start_stream

__all__ = ["ExpectedSwitchers", "Switchers", "count_switchers", "expected_switchers"]


@dataclass(frozen=True, eq=False)
class ExpectedSwitchers(CheckResult):
    """Number of switchers on record and expected number, for every step with a model.

    Attributes
    ----------
    steps : dict of (str, str) to tuple of Switchers
        Results by the ids of the two roll calls: results of the model, then results without member effects if
        the model has member effects.
    words : Wording
        The names of members and versions in sentences.
    """

    steps: dict[Ends, tuple["Switchers", ...]]
    words: Wording

    @property
    def failures(self) -> dict[Ends | None, str]:
        """The steps whose number of switchers is outside the interval of the model."""
        members = self.words.members
        lines: dict[Ends | None, str] = {}
        for ends, (check, *_) in self.steps.items():
            if check.voted and not check.low <= check.observed <= check.high:
                more, many, much = (
                    ("more", "few", "little") if check.observed > check.high else ("fewer", "many", "much")
                )
                lines[ends] = (
                    f"Failed check: of the {check.voted} {members} that voted both times the model expects "
                    f"{check.expected:.0f} ({check.low:.0f} to {check.high:.0f}) to change their vote; "
                    f"{check.observed} did, {more} than the interval allows. The model may therefore predict "
                    f"too {many} changed votes of {members} that left or joined, and attribute too {much} "
                    f"to {members} voting differently."
                )
        return lines

    @property
    def verdict(self) -> Verdict:
        """Failed if the number of switchers in a step is outside the interval, otherwise passed."""
        return "failed" if self.failures else "passed"

    @property
    def text(self) -> str:
        """The comparison in sentences, step by step."""
        return " ".join(
            f"{self.words.versions[old]} to {self.words.versions[new]}: {self.describe_step((old, new))}"
            for old, new in self.steps
            if self.describe_step((old, new))
        )

    def describe_step(self, ends: Ends) -> str:
        """Return the comparison of one step as a sentence; "" if no member voted both times."""
        checks = self.steps.get(ends, ())
        if not checks or not checks[0].voted:
            return ""
        kinds = ("", " without member effects")
        expected = [
            f"{check.expected:.1f} ({check.low:.0f} to {check.high:.0f}){kind}"
            for check, kind in zip(checks, kinds, strict=False)
        ]
        return (
            f"Of the {checks[0].voted} {self.words.members} that voted both times the model expects "
            f"{' or '.join(expected)} to change their vote; {checks[0].observed} did."
        )

    def tidy(self) -> pd.DataFrame:
        """Return one row per step and model (with and without member effects).

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``member_effect``, ``voted``, ``observed``, ``estimate``, ``conf_low``,
            ``conf_high``, ``p_as_few``, ``p_as_many``.
        """
        rows = []
        for (old, new), checks in self.steps.items():
            for place, check in enumerate(checks):
                values = asdict(check)
                values["estimate"] = values.pop("expected")
                values["conf_low"], values["conf_high"] = values.pop("low"), values.pop("high")
                with_effect = len(checks) > 1 and place == 0
                rows.append({"old": old, "new": new, "member_effect": with_effect, **values})
        columns = ["old", "new", "member_effect", "voted", "observed", "estimate", "conf_low", "conf_high"]
        return pd.DataFrame(rows, columns=[*columns, "p_as_few", "p_as_many"])


@dataclass(frozen=True, slots=True)
class Switchers:
    """The number of switchers on record, compared with votes drawn from the model.

    Attributes
    ----------
    voted : int
        Members that voted both times.
    observed : int
        Number of these members whose two votes differ.
    expected : float
        Mean, over draws, of the number of members whose two votes differ.
    low, high : float
        Interval of this number, including the randomness of single votes.
    p_as_few, p_as_many : float
        Share of draws with at most, and with at least, as many switchers as on record. These are posterior
        predictive tail probabilities (Rubin 1984; Gelman, Meng & Stern 1996), not p-values of a test.
    """

    voted: int
    observed: int
    expected: float
    low: float
    high: float
    p_as_few: float
    p_as_many: float


@checked
def expected_switchers(why: Explanation) -> ExpectedSwitchers | Unavailable:
    """Compare the switchers on record with the number that the model expects, step by step.

    Parameters
    ----------
    why : Explanation
        An explanation with a model.
    """
    models = why.models
    if isinstance(models, Unavailable):
        return models
    layers = [tallies for tallies in (models.with_effect, models.tallies) if tallies is not None]
    steps = {
        step.ends: tuple(
            count_switchers(
                tallies,
                *(tallies.rollcalls.index(end) for end in step.ends),
                level=why.level,
                seed=why.draws.seed,
            )
            for tallies in layers
        )
        for step in why.steps
        if isinstance(step.model, ModelParts)
    }
    return ExpectedSwitchers(steps, why.words)


def count_switchers(tallies: Counterfactual, old: int, new: int, *, level: float, seed: int) -> Switchers:
    """Draw both votes again for the members that voted both times, and count the votes that differ.

    Positions and items come from the draw. Noise is drawn again. The member effect is drawn again from its
    distribution over members, so that the votes of a member are not used twice. With state dependence, votes
    repeat the drawn vote before them.

    Parameters
    ----------
    tallies : Counterfactual
        Draws of positions, items and member effects.
    old, new : int
        Indices of the two versions.
    level : float
        Coverage of the interval.
    seed : int
        Seed of the random numbers.
    """
    both = np.asarray((tallies.votes[:, [old, new]] >= 0).all(axis=1))
    n_draws, voted = len(tallies.noise), int(both.sum())
    observed = int((tallies.votes[both, old] != tallies.votes[both, new]).sum())
    rng = start_stream(seed, Stream.EXPECTED_SWITCHERS)
    latent = tallies.latent
    shift = np.zeros((n_draws, voted))
    if latent.member_effect is not None and latent.effect_sd is not None:
        fresh = latent.effect_sd[:, None] * rng.standard_normal(shift.shape)
        shift = fresh - latent.member_effect[:, both]
    cast = tallies.votes[both] >= 0
    # With state dependence, the votes between the two versions and before them are also drawn.
    others = [version for version in range(new) if version != old and cast[:, version].any()]
    drawn = {}
    for version in (old, new, *(others if latent.persistence is not None else ())):
        latent_votes = (
            latent.eta(version, version)[:, both] + shift + quantile(rng.random(shift.shape), tallies.link)
        )
        cuts = latent.cutpoints[:, version]
        drawn[version] = (latent_votes > cuts[:, :1]).astype(np.int8) + (latent_votes > cuts[:, 1:])
    if latent.persistence is not None:
        repeat_votes(drawn, cast, latent.persistence, rng)
    votes = drawn[old], drawn[new]
    counts = (votes[0] != votes[1]).sum(axis=1)
    low, high = np.quantile(counts, tails(level))
    return Switchers(
        voted,
        observed,
        float(counts.mean()),
        float(low),
        float(high),
        float((counts <= observed).mean()),
        float((counts >= observed).mean()),
    )


def repeat_votes(
    drawn: dict[int, NDArray[np.int8]],
    cast: NDArray[np.bool_],
    persistence: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Replace drawn votes by the member's vote before them with probability rho, in place.

    Parameters
    ----------
    drawn : dict of int to ndarray of int8, shape (n_draws, n_members)
        Votes drawn without state dependence, by version. Versions are in date order.
    cast : ndarray of bool, shape (n_members, n_versions)
        True if the member cast a vote on the version. Other votes are neither repeated nor replaced.
    persistence : ndarray, shape (n_draws,)
        State dependence rho.
    rng : Generator
        Source of randomness.
    """
    previous = np.full((len(persistence), len(cast)), -1, dtype=np.int8)
    for version in sorted(drawn):
        repeats = (previous >= 0) & (rng.random(previous.shape) < persistence[:, None])
        drawn[version] = np.where(repeats, previous, drawn[version])
        previous = np.where(cast[:, version], drawn[version], previous)
