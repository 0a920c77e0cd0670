"""The check of ends that vote together: fails where they do, and says what it means."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.ends_together import EndsTogether, ends_together
from voteshift.errors import UsageError
from voteshift.shift.models import Models

N_MEMBERS, N_OTHERS = 47, 80


def make_record(curve: str, seed: int = 1) -> vs.RollCalls:
    """Simulate skewed positions with noise of the extreme-value distribution, and three votes on fish."""
    rng = np.random.default_rng([seed, 3])
    x = rng.exponential(size=N_MEMBERS) if curve == "rising" else rng.uniform(-1.7, 1.7, N_MEMBERS)
    x = (x - x.mean()) / x.std()
    others = x[:, None] * rng.normal(0.0, 2.0, N_OTHERS) + 1.3 * rng.gumbel(size=(N_MEMBERS, N_OTHERS))
    bell = 5.0 * np.exp(-((x - 0.2) ** 2) / 1.28) - 2.5
    fish = {"rising": 3.0 * x, "no": bell, "yes": -bell}[curve][:, None] + 1.3 * rng.gumbel(
        size=(N_MEMBERS, 3)
    )
    latent = np.concatenate([others, fish], axis=1)
    cuts = np.quantile(latent, [0.35, 0.55], axis=0)
    votes = (latent > cuts[0]).astype(np.int8) + (latent > cuts[1])
    order = rng.permutation(N_OTHERS + 3)
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2001-01-31", periods=len(order), freq="10D"),
            "title": ["On fish" if column >= N_OTHERS else f"Text {column}" for column in order],
        },
        index=[f"r{column:03d}" for column in range(len(order))],
    )
    members = pd.DataFrame(index=[f"M{row:02d}" for row in range(N_MEMBERS)])
    return vs.RollCalls(votes[:, order], members, frame)


def explain(record: vs.RollCalls) -> vs.Explanation:
    return vs.explain(record, "On fish", draws=vs.Draws(100), member_effect=False)


def check(curve: str) -> EndsTogether:
    result = ends_together(explain(make_record(curve)), n_replicates=199)
    assert isinstance(result, EndsTogether)
    return result


@pytest.fixture(scope="module")
def ends() -> EndsTogether:
    return check("no")


def test_ends_that_vote_no_together_fail_the_check(ends: EndsTogether) -> None:
    assert ends.p_value == pytest.approx(1 / 200)
    assert ends.verdict == "failed"
    assert ends.estimate < -4 * ends.std_error
    assert ends.middle[0] < ends.turning_point < ends.middle[1]
    (sentence,) = ends.failures.values()
    assert "members at both ends of the scale vote no more often on this resolution" in sentence
    assert ends.text.startswith("Members at both ends vote together against the middle.")
    assert "inside the middle 80% of members" in ends.text


def test_the_turning_point_is_that_of_the_votes(ends: EndsTogether) -> None:
    """The bell has its top at 0.2, on a scale whose direction the polarity of the record decides."""
    assert abs(abs(ends.turning_point) - 0.2) < 0.35


def test_ends_that_vote_yes_together_fail_it_too() -> None:
    result = check("yes")
    assert result.supported
    assert result.estimate > 0.0
    (sentence,) = result.failures.values()
    assert "vote yes more often" in sentence


def test_a_resolution_along_the_scale_passes() -> None:
    """Positions are skewed and noise is not logistic, so its curve bends."""
    result = check("rising")
    assert result.verdict == "passed"
    assert not result.failures
    assert result.text.startswith("There is no support that members at both ends vote together")


def test_a_curve_that_turns_at_an_end_passes(ends: EndsTogether) -> None:
    bent = replace(ends, turning_point=ends.middle[1] + 0.1)
    assert bent.verdict == "passed"
    assert "outside the middle 80%" in bent.text
    weak = replace(ends, p_value=0.011)
    assert weak.verdict == "passed"


def test_the_table_has_the_coefficient_and_the_turning_point(ends: EndsTogether) -> None:
    table = ends.tidy().set_index("quantity")
    assert table.loc["square", "estimate"] == ends.estimate
    assert table.loc["square", "p_value"] == ends.p_value
    assert table.loc["turning_point", "estimate"] == ends.turning_point
    assert ends.text in ends._repr_html_()


def test_two_dimensions_have_no_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    why = explain(make_record("rising"))
    monkeypatch.setattr(Models, "other_rollcalls", lambda _: SimpleNamespace(dims=2))
    result = ends_together(why)
    assert isinstance(result, vs.Unavailable)
    assert "in one dimension" in str(result)


def test_the_seed_decides_the_replicates(ends: EndsTogether) -> None:
    why = explain(make_record("no"))
    again = ends_together(why, n_replicates=199)
    other = ends_together(why, n_replicates=199, seed=5)
    assert isinstance(again, EndsTogether)
    assert isinstance(other, EndsTogether)
    assert again.std_error == ends.std_error
    assert other.std_error != ends.std_error
    with pytest.raises(UsageError):
        ends_together(why, n_replicates=10)
