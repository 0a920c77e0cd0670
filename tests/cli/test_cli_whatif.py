import os
import resource

import numpy as np
import pytest

import voteshift as vs

ASKED = ("whatif", "--council", "2018", "--version", "A/HRC/RES/46/13")
#: For what does not depend on the number of draws.
QUICKLY = ("--draws", "100")
IDS = {"2018": "27478", "2020": "29343", "2021": "29575"}


@pytest.fixture(scope="module")
def answer(run):
    return run.json(*ASKED)


def test_the_contract(answer):
    assert {"council", "version", "expected", "yes_distribution", "p_adopted", "level"} <= set(answer)
    assert (answer["council"], answer["version"]) == ("A/HRC/RES/37/23", "A/HRC/RES/46/13")
    assert (answer["council_id"], answer["version_id"]) == ("27478", "29575")
    chance = np.array(answer["yes_distribution"])
    assert len(chance) == 47
    assert abs(np.arange(47) @ chance - answer["expected"]["yes"]) < 1e-9
    assert abs(chance.sum() - 1) < 1e-9
    assert 0 <= answer["p_adopted"] <= 1
    assert sum(answer["expected"].values()) == pytest.approx(46)
    for name, interval in answer["intervals"].items():
        assert interval["low"] <= answer["expected"][name] <= interval["high"]


def test_the_members_make_up_the_answer(answer):
    for name in ("yes", "no", "abstain"):
        assert sum(row[name] for row in answer["members"]) == pytest.approx(answer["expected"][name])
    kept = [row for row in answer["members"] if row["recorded"]]
    assert len(kept) == answer["reach"]["recorded"] == 16
    assert all(row[row["recorded"]] == 1 for row in kept)
    assert answer["away"] == ["TUN"]


@pytest.mark.parametrize("year", IDS)
def test_a_council_on_its_own_text_is_the_record(run, year):
    for name in (year, IDS[year]):
        own = run.json("whatif", "--council", name, "--version", year, *QUICKLY)
        assert own["council_id"] == own["version_id"] == IDS[year]
        assert own["reach"]["predicted"] == 0
        assert own["p_adopted"] == 1
        counts = [index for index, chance in enumerate(own["yes_distribution"]) if chance]
        assert counts == [{"2018": 28, "2020": 23, "2021": 26}[year]]


def test_the_answer_without_member_effects_stands_beside(run, answer):
    beside = answer["without_member_effect"]
    assert beside["level"] == answer["member_effect"]["level"] == 0.9
    chance = np.array(beside["yes_distribution"])
    assert abs(np.arange(47) @ chance - beside["expected"]["yes"]) < 1e-9
    assert beside["expected"] != answer["expected"]
    sd = answer["member_effect"]["sd"]
    assert 2 < sd["low"] < sd["estimate"]
    assert (sd["high"], sd["no_high"]) == (None, "the votes set no upper bound")
    assert answer["member_effect"]["unit"] == "latent scale"
    assert answer["member_effect"]["noise_sd"] == pytest.approx(np.pi / np.sqrt(3))
    plain = run.json(*ASKED, "--no-member-effect")
    assert plain["expected"] == beside["expected"]
    assert (plain["member_effect"], plain["without_member_effect"]) == (None, None)
    assert "without member effects" in " ".join(run(*ASKED, *QUICKLY).stdout.split())


def test_with_without_and_fresh(run, answer):
    other = run.json(*ASKED, "--with", "BOL", "--without", "CHN", "--without", "USA", *QUICKLY)
    assert (other["with"], other["without"]) == (["BOL"], ["CHN", "USA"])
    assert len(other["members"]) == len(answer["members"]) - 1
    fresh = run.json(*ASKED, "--fresh")
    assert fresh["fresh"]
    assert fresh["reach"]["recorded"] == 0
    assert fresh["expected"] != answer["expected"]


def test_everyone(run):
    asked = ("whatif", "--council", "all", "--version", "2021", *QUICKLY)
    found = run.json(*asked)
    assert found["council"] == "all"
    assert len(found["members"]) > 80
    assert run(*asked).stdout.startswith("All ")


def test_the_same_through_python(run, answer, record):
    fit = vs.IdealPoints().fit(record.between("2016", "2021"))
    same = vs.whatif(record, fit, council="2018", version="A/HRC/RES/46/13")
    assert answer["expected"]["yes"] == same.expected["yes"]
    assert answer["p_adopted"] == same.p_adopted


def test_what_people_read(run):
    said = " ".join(run(*ASKED, "--without", "CHN", *QUICKLY).stdout.split())
    for part in (
        "The council of A/HRC/RES/37/23 without CHN votes on A/HRC/RES/46/13",
        "Probability of adoption (more yes than no)",
        "15 of 45 votes on this version are on record and kept, 30 are predicted",
        "3.0 years apart",
        "Decides",
        "not counted: TUN",
        "independent",
    ):
        assert part in said, part


def test_seed_level_and_window_arrive(run, answer):
    assert run.json(*ASKED, "--seed", 1)["expected"] != answer["expected"]
    narrow = run.json(*ASKED, "--level", 0.5)
    assert narrow["level"] == 0.5
    assert narrow["intervals"]["yes"]["low"] >= answer["intervals"]["yes"]["low"]
    shorter = run.json(*ASKED, "--since", 2018, "--draws", 100)
    assert shorter["expected"] != answer["expected"]
    assert shorter["draws"] == 100
    assert any(" 2018 to " in note for note in shorter["notes"])


def test_the_cache_changes_nothing_and_can_be_left_alone(run, answer, tmp_path, monkeypatch):
    folder = tmp_path / "fits"
    monkeypatch.setenv("VOTESHIFT_CACHE", str(folder))
    assert run.json(*ASKED, "--no-cache") == answer
    assert not folder.exists()
    assert run.json(*ASKED) == answer
    kept = list(folder.glob("*.npz"))
    assert len(kept) == 2, "the fit, and the one without the resolution"
    assert run.json(*ASKED) == answer
    for path in kept:
        path.write_bytes(b"damaged")
    assert run.json(*ASKED) == answer


def test_what_names_nothing_is_said(run):
    ask = ("whatif", "--version", "A/HRC/RES/46/13", "--council")
    assert "voted on 0 times in 2019" in run.error(*ask, 2019, code=2)
    assert "no roll call has the symbol" in run.error(*ask, "A/1", code=2)
    assert "does not vote in this council" in run.error(*ASKED, "--without", "XXX", code=2)
    assert "already votes in this council" in run.error(*ASKED, "--with", "CHN", code=2)
    assert "XXX cast no vote in the fitted roll calls" in run.error(*ASKED, "--with", "XXX", code=2)
    assert "is not among the fitted roll calls" in run.error(*ASKED, "--until", 2020, code=1)
    assert "the end, 2021, is before the beginning, 2030" in run.error(*ASKED, "--since", 2030, code=2)
    assert "level" in run(*ASKED, "--level", 2, code=2).stderr


@pytest.mark.nightly
def test_an_answer_after_a_fit_takes_less_than_two_seconds(program):
    """`pytest -m nightly tests/cli/test_cli_whatif.py`: processor time, so that a busy machine has no say."""
    program(*ASKED)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert program(*ASKED).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
    assert os.environ["VOTESHIFT_CACHE"]
