import numpy as np
import pytest

import voteshift as vs


@pytest.fixture(scope="module")
def found(run):
    return run.json("describe", "--since", 2018, "--until", 2021, "--member", "CHN")


def test_cohesion_is_the_mean_over_roll_calls(found, record):
    assert len(found["cohesion"]) == 5
    means = vs.descriptives.mean_cohesion(record.between("2018", "2021"))
    for row in found["cohesion"]:
        assert {name: row[name] for name in means.columns} == means.loc[row["group"]].to_dict()


def test_similarity_of_groups_and_of_a_member(found, record):
    window = record.between("2018", "2021")
    groups = vs.descriptives.similarity(window, by="group")
    members = vs.descriptives.similarity(window)
    for rows, whole in ((found["similarity"], groups), (found["members"], members)):
        for row in rows:
            for name in ("agreement", "s", "pi", "kappa"):
                expected = whole.frame(name).loc[row["one"], row["other"]]
                assert row[name] == (pytest.approx(expected) if not np.isnan(expected) else None)
    assert len(found["similarity"]) == 15
    seen = [row["s"] for row in found["members"]]
    assert seen == sorted(seen, reverse=True)
    assert {row["one"] for row in found["members"]} == {"CHN"}


def test_the_most_contested_come_first(found, record):
    ids = [row["id"] for row in found["contested"]]
    assert ids == list(vs.descriptives.closeness(record.between("2018", "2021")).index)
    assert found["contested"][0]["flip"] == 1


def test_a_family_for_people(run):
    said = " ".join(run("describe", "mutually beneficial", "--member", "USA").stdout.split())
    for part in ("3 roll calls", "WEOG", "USA and others", "A/HRC/RES/43/21", "23-16-8", "To flip"):
        assert part in said


def test_what_is_not_there_is_said(run):
    assert "no member has the id 'XXX'" in run.error("describe", "--member", "XXX", code=2)
    assert "no roll call matches FAMILY, --subject, --since and --until" in run.error(
        "describe", "--subject", "no such subject", code=2
    )
    assert "members have no column 'party'" in run.error("describe", "--by", "party", code=2)
