"""Another chamber beside the record: `--also`."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from cli.documented import blocks, hold
from voteshift.readers.names import states
from voteshift.writers import write

pytestmark = pytest.mark.slow

NOW = [code for code, state in states().items() if not state.until]


@pytest.fixture(scope="module")
def also(tmp_path_factory, record):
    """An assembly of all members of the United Nations: 40 roll calls along the Council's first dimension."""
    rng = np.random.default_rng(8)
    fit = vs.IdealPoints().fit(record.between("2016", "2021")).tidy().set_index("member")["estimate"]
    groups = {code: states()[code].group for code in NOW}
    middle = fit.groupby(fit.index.map(groups)).mean()
    position = np.array([fit.get(code, middle.get(groups[code], 0.0)) for code in NOW])
    latent = position[:, None] * rng.choice([-2.0, 2.0], 40) + rng.logistic(size=(len(NOW), 40))
    votes = (latent > -0.6).astype(np.int8) + (latent > 0.6)
    members = pd.DataFrame(
        {"name": [states()[c].name for c in NOW], "group": list(groups.values())}, index=NOW
    )
    dates = [f"{2004 + k % 16}-12-{1 + k:02d}" for k in range(30)] + ["2019-12-05"] * 10
    frame = pd.DataFrame(
        {"date": dates, "session": [str(int(date[:4]) - 1945) for date in dates]},
        index=[str(k) for k in range(40)],
    )
    path = tmp_path_factory.mktemp("also") / "assembly.nc"
    write(vs.RollCalls(votes, members, frame, source="Assembly"), path)
    return path


@pytest.fixture(scope="module")
def joint(run, also):
    return run.json("explain", "--also", also, "--draws", 200, "--replicates", 0)


def test_the_documentation_has_its_keys(root, joint):
    for step in joint["steps"]:
        hold(blocks(root, "The JSON of `explain`")[4], step["election"])


def test_a_report_sets_membership_beside_elections_at_random(run, also, tmp_path):
    page = tmp_path / "joint.md"
    window = ("--since", 2018, "--until", 2021)  # few roll calls: every choice of the sensitivity is a fit
    run("report", "--also", also, *window, "--out", page, "--draws", 200, "--replicates", 999)
    told = page.read_text(encoding="utf-8").partition(
        "## Is this membership part unusual among random elections?"
    )[2]
    told = told.partition("\n## ")[0]
    assert "elections" in told
    assert "p = " in told
    assert f"--also {also}" in page.read_text(encoding="utf-8").replace("\\", "")
    assert "This resolution: over" in page.read_text(encoding="utf-8")


def test_the_first_record_stays_the_one_explained(joint, explained):
    assert joint["rollcalls"] == explained["rollcalls"]
    for mine, own in zip(joint["steps"], explained["steps"], strict=True):
        assert mine["account"] == own["account"]
        assert mine["placebo"] == own["placebo"]
        assert "linked by the" in mine["model"]["identified_by"]
        assert "Assembly" not in own["model"]["identified_by"]


def test_elections_at_random_stand_beside_the_membership_part(joint):
    for step in joint["steps"]:
        found = step["election"]
        assert (found["elections"], found["level"], found["seed"]) == (9999, 0.9, 0)
        assert "drawn at random" in found["null"]
        for name in ("yes", "no", "abstain"):
            part, mine = step["model"]["membership"][name], found[name]
            # The test has one mean of member effects, the answer has means by seat history.
            assert part["low"] <= mine["estimate"] <= part["high"]
            assert mine["p_value"] == pytest.approx(min(1, 2 * min(mine["p_more"], mine["p_fewer"])))
            assert 1e-4 <= mine["p_change"] <= 1
        assert set(found["without_member_effect"]) == {"yes", "no", "abstain"}
    first = joint["steps"][0]["election"]
    # All seats that changed hands: 25 of the 47, and nobody's voter was away in 2020.
    assert sum(group["seats"] for group in first["seats"].values()) == 25
    assert first["barred"] == ["CHN", "CUB", "GBR", "SAU", "ZAF"]


def test_without_another_record_the_question_is_refused(explained, details):
    for step in explained["steps"]:
        assert "--also" in step["election"]["unavailable"]
    said = " ".join(details.split())
    assert said.count("Is this membership part unusual among random elections?") == 1


def test_what_people_read(run, also):
    said = " ".join(
        run("explain", "--also", also, "--draws", 200, "--replicates", 0, "--details").stdout.split()
    )
    assert said.count("seats changed hands. The membership part of the change in") == 3
    assert "CHN, CUB, GBR, SAU, ZAF, which had served two terms in a row" in said
    assert "linked by the" in said


def test_the_whole_membership_votes(run, also):
    found = run.json("whatif", "--also", also, "--council", "all", "--version", "2020", "--draws", 100)
    assert len(found["members"]) == 193
    assert sum(found["expected"].values()) == pytest.approx(193)
    assert found["reach"]["recorded"] == 47
    assert any("Chambers on one scale" in note for note in found["notes"])
    alone = run.json("whatif", "--council", "all", "--version", "2020", "--draws", 100)
    assert len(alone["members"]) < 100
    assert any("--also" in note for note in alone["notes"])


def test_a_state_without_a_seat_can_be_asked(run, also):
    said = run.error("whatif", "--council", "2018", "--version", "2020", "--with", "CAN", code=2)
    assert "CAN cast no vote in the fitted roll calls" in said
    found = run.json("whatif", "--also", also, "--council", "2018", "--version", "2020", "--with", "CAN")
    assert found["with"] == ["CAN"]


def test_a_fit_of_two_chambers(run, also):
    found = run.json("fit", "ideal", "--also", also, "--since", 2016, "--until", 2021)
    assert len(found["positions"]) == 193
    assert [chamber["chamber"] for chamber in found["chambers"]] == ["UN Human Rights Council", "Assembly"]
    assert "assumed to have the same position in both" in found["identified_by"]
    assert "Chambers on one scale" in run("fit", "ideal", "--also", also, "--since", 2019).stdout
    alone = run.json("fit", "ideal", "--since", 2016, "--until", 2021)
    assert "chambers" not in alone


def test_by_default_the_window_is_that_of_the_first_record(run, also, record):
    """Roll calls of 2004 and 2005, before there was a Council, take no part."""
    ids = {row["rollcall"] for row in run.json("fit", "ideal", "--also", also)["items"]}
    assert {"0", "1"}.isdisjoint(ids)
    assert {"2", "3"} <= ids
    assert len(ids) > len(record.contested().rollcalls)


def test_sessions_are_no_common_periods(run, also):
    said = run.error("fit", "ideal", "--also", also, "--periods", "session", "--since", 2004, code=2)
    assert "sessions cannot be common periods (" in said


def test_a_record_without_a_common_member_is_refused(run, table):
    path = table("member,rollcall,vote,date\na,1,yes,2018-01-01\nb,1,no,2018-01-01\nc,1,no,2018-01-01\n")
    assert "share no member" in run.error("explain", "--also", path, code=3)
    assert "nothing.csv" in run.error("explain", "--also", "nothing.csv", code=3)


def test_tests_of_those_who_voted_twice(run, explained):
    assert explained["tests"] is None
    found = run.json("explain", "--tests", "--draws", 100, "--replicates", 0)["tests"]
    first, second, last = found["steps"]
    assert {test["test"] for test in first["tests"]} >= {"mcnemar_yes", "mcnemar_no", "bowker"}
    assert all(test["null"] for step in found["steps"] for test in step["tests"])
    margins = next(test for test in first["tests"] if test["test"] == "stuart_maxwell")
    assert round(margins["p_value"], 4) == 0.0078
    assert margins["p_holm"] == 2 * margins["p_value"]
    assert (second["changed"], second["voted"], second["tests"]) == (0, 37, [])
    assert round(second["rate"]["high"], 3) == 0.078
    assert last["changed"] == 5
    said = " ".join(run("explain", "--tests", "--draws", 100, "--replicates", 0).stdout.split())
    for part in ("within every group", "McNemar, no", "at most 7.8%", "Exact p-values condition"):
        assert part in said
    assert "from first to last. 16 members held a seat at the first and the last vote" in said


@pytest.mark.nightly
def test_the_real_assembly_answers(run, harvest):
    """`pytest -m nightly tests/cli/test_cli_also.py`."""
    found = run.json("whatif", "--also", harvest / "unga", "--council", "all", "--version", "2020")
    assert len(found["members"]) == 193
    assert found["p_adopted"] > 0.9
