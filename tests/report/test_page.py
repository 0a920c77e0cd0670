"""The page: self-contained, escaped, deterministic, and its numbers are those of the explanation."""

import re
from dataclasses import replace

import pandas as pd
import pytest

import voteshift as vs
from report.conftest import HOSTILE, report_on
from report.parsed import Page
from voteshift.compose import account, checks, method
from voteshift.compose.contents import Picture, Subhead, Text
from voteshift.compose.findings import Findings
from voteshift.report.pictures import draw_svg
from voteshift.shift.parts import ModelParts
from voteshift.writing import signed

pytestmark = pytest.mark.slow

MAY_LINK = re.compile(r"#[\w-]+")


@pytest.fixture(scope="module")
def page(made):
    return Page(made.html())


@pytest.fixture(scope="module")
def attacked_page(attacked):
    return Page(attacked.html())


@pytest.mark.parametrize("name", ["page", "attacked_page"])
def test_a_page_needs_nothing_but_itself(request, name):
    found = request.getfixturevalue(name)
    assert found.open == []
    tags = {tag for tag, _ in found.elements}
    assert not tags & {"script", "img", "image", "iframe", "object", "embed", "form", "base", "foreignobject"}
    for _, attributes in found.elements:
        for key, value in attributes.items():
            assert not key.startswith("on")
            if key in ("href", "xlink:href", "src"):
                assert MAY_LINK.fullmatch(value), value
            for inside in re.findall(r"url\((.*?)\)", value or ""):
                assert inside.startswith("#")
    policy = [a["content"] for tag, a in found.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("name", ["page", "attacked_page"])
def test_names_within_a_page_are_unique_and_lead_somewhere(request, name):
    found = request.getfixturevalue(name)
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in found.elements:
        for key, value in attributes.items():
            wanted = re.findall(r"url\(#(.*?)\)", value or "")
            if key in ("href", "xlink:href") and value.startswith("#"):
                wanted.append(value[1:])
            assert set(wanted) <= set(ids)


def test_hostile_words_stay_words(attacked_page):
    assert HOSTILE in "".join(attacked_page.said)
    assert "<script>source</script>" in attacked_page.text
    rows = attacked_page.table("The votes on this resolution")
    assert [row[0] for row in rows[1:]] == ["<i>4</i>$", "<i>14</i>$", "<i>24</i>$"]
    assert rows[1][-1] == "'\"><script>4"


def test_the_same_record_and_seed_give_the_same_bytes(hostile, attacked):
    again = report_on(hostile)
    assert again.html() == attacked.html()
    assert again.markdown() == attacked.markdown()
    one, other = (report_on(hostile, seed=seed, checks=()).markdown() for seed in (0, 1))
    assert one.replace("seed 0", "seed 1").replace("seed=0", "seed=1") != other


def test_every_part_in_the_page_is_that_of_the_explanation(page, record):
    why = vs.explain(record, draws=vs.Draws(200))
    names = {"27478": "2018", "29343": "2020", "29575": "2021"}
    for step in why.steps:
        assert isinstance(step.model, ModelParts)
        rows = page.table(f"Parts of the change, {names[step.old]} to {names[step.new]}")[1:]
        told = step.model.table[step.model.table["component"] != "residual"]
        assert len(rows) == len(told)
        for (part, name, estimate, orders, _), row in zip(rows, told.itertuples(), strict=True):
            assert (part, name) == (row.component, row.category)
            low, high = signed(row.conf_low, 1), signed(row.conf_high, 1)
            assert estimate == f"{signed(row.estimate, 1)} [{low}, {high}]"
            assert orders == f"{signed(row.order_low, 1)} to {signed(row.order_high, 1)}"


def test_the_votes_and_the_account_are_those_of_the_record(page):
    rows = page.table("The votes on this resolution")[1:]
    assert [row[2:6] for row in rows] == [
        ["28", "1", "17", "1"],
        ["23", "16", "8", "0"],
        ["26", "15", "6", "0"],
    ]
    account = {row[0]: row[1:] for row in page.table("Change = switching + turnover")[1:4]}
    assert account["switching, 22 stayers"] == [signed(x) for x in (-2, 7, -5, 0)]
    assert account["turnover, 25 left, 25 joined"] == [signed(x) for x in (-3, 8, -4, -1)]
    moved = page.table("From 2018 (rows) to 2020 (columns)")
    assert moved[3] == ["abstain in 2018", "0", "7", "2", "0", "8"]


def test_parts_of_groups_add_up_to_the_part(page):
    """Rounded to a decimal each, five groups may miss by a quarter of a vote."""
    number = re.compile(r"^\S+")
    tables = [t for t in page.tables if t["caption"].startswith("Parts of the change in no by group")]
    whole = {(row[0], row[1]): row[2] for row in page.table("Parts of the change, 2018 to 2020")[1:]}
    for column, part in enumerate(("membership", "switching"), start=1):
        total = sum(
            float(number.match(row[column])[0].replace("\N{MINUS SIGN}", "-"))
            for row in tables[0]["rows"][1:]
        )
        told = float(number.match(whole[part, "no"])[0].replace("\N{MINUS SIGN}", "-"))
        assert total == pytest.approx(told, abs=0.3)


def test_the_story_says_what_its_numbers_are(page):
    """Level, what turnover is, and that two things are not told apart, where the numbers first stand."""
    story = page.text.partition("In short")[2].partition("The votes on this resolution")[0]
    for said in (
        "90% interval",
        "cannot show whether states moved or the resolution changed",
        "9 of the 22 states that held a seat both times changed their vote",
        "Nothing here is causal.",
    ):
        assert said in story
    assert "Turnover is arithmetic, not an effect of membership" in page.text
    assert re.search(r"simulation error of an estimate is at most 0\.[0-9]{2}\.", page.text)
    assert "draws for the explanation as reported and from 500 draws for every other choice" in page.text


def test_one_item_is_tested_with_group_and_member_effects_and_without(page, made, attacked_page):
    rows = page.table("Likelihood-ratio tests of one item")
    assert rows[0] == ["versions", "effects", "LR", "p", "p (Holm)"]
    names = ["all versions", "2018 and 2020", "2020 and 2021", "2018 and 2021"]
    for place, effects in enumerate(("member and group", "member", "none")):
        assert [row[0] for row in rows[1 + place :: 3]] == names
        assert {row[1] for row in rows[1 + place :: 3]} == {effects}
    alone = {row[0]: row[2:] for row in rows[1:] if row[1] == "none"}
    assert float(alone["2018 and 2020"][0]) > 20
    assert float(alone["2020 and 2021"][0]) < 5
    assert "No p-value can be below 0.001" in page.text
    assert "Is it one resolution?" not in attacked_page.text


def test_every_resolution_stands_beside_this_one(page, record):
    found = vs.overview(record)
    assert found.sentence() in page.text
    assert "This resolution: over 2 steps switching moved" in page.text
    assert "Not tested: " in page.text  # no fit of all states: no election at random


def test_beside_another_chamber_every_resolution_is_of_its_own(record):
    """What came back in the other chamber is no part of "every resolution that came back" in this one."""
    why = vs.explain(record, draws=vs.Draws(100), member_effect=False)
    votes = record.select(family="right-development")
    other = vs.RollCalls(
        votes.votes, votes.members, votes.rollcalls.drop(columns=["yes", "no", "abstain"]), source="Another"
    )
    joint = vs.link_chambers(record, other)
    assert vs.overview(joint).sentence() != vs.overview(record).sentence()
    said = checks.everywhere(Findings(replace(why, record=joint), {}))
    assert said.blocks[0] == Text(vs.overview(record).sentence())


def test_versions_are_placed_on_the_scale(page, record):
    rows = page.table("The versions on this scale")
    items = vs.IdealPoints().fit(record.between("2016", "2021")).items().set_index("rollcall")
    assert rows[0] == ["version", "discrimination", "no|abstain", "abstain|yes"]
    for name, row in zip(("27478", "29343", "29575"), rows[1:], strict=True):
        assert row[1:] == [signed(items.loc[name, column], 2) for column in rows[0][1:]]


def test_a_bridged_report_tells_positions_from_resolution(record):
    model = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families"))
    window = record.between("2017", "2022")
    bridged = vs.explain(window, model=model, draws=vs.Draws(100))
    page = Page(vs.make_report(vs.findings(bridged, ["sensitivity"])).html())
    rows = page.table("Parts of the change, 2018 to 2020")[1:]
    assert {row[0] for row in rows} == {"membership", "positions", "resolution"}
    assert (
        "Positions change over periods in the explanation as reported and in the choices that say"
        in page.text
    )
    assert "Positions over time" in page.text


def test_what_must_be_said_is_said(page):
    text = page.text
    for words in (
        "Nothing here is causal",
        "The figures are estimated with member effects",
        "In the account, switching is the change of members that held a seat both times",
        "from positions alone, without member effects",
        "one position per member, assumed constant from 21 March 2016 to 17 December 2021",
        "Turnover is arithmetic, not an effect of membership",
        "16 members held a seat at the first and the last vote, 12 of them at every vote",
        "None of the 37 states that held a seat both times changed its vote",
        "at most 7.8%",
        "switched 27 times in 305 pairs of votes",
        "Roll calls are the contested minority of the resolutions that a council adopts",
        "Required Notice: Copyright © 2026 Łukasz Szoszkiewicz",
        "seed 0",
        f"voteshift {vs.__version__}",
        "SHA-256",
        "Model: ordered logit, 1 dimension; priors: discrimination N(0, 5\N{SUPERSCRIPT TWO})",
        "member effect log \N{GREEK SMALL LETTER SIGMA} ~ N(log 3, 1\N{SUPERSCRIPT TWO})",
    ):
        assert words in text, words


def test_choices_are_all_there(page):
    names = [row[0] for row in page.table("Choices")[1:]]
    assert len(names) == 14
    table = page.table("Parts under other choices, 2018 to 2020")
    assert [row[0] for row in table[1:]] == names
    assert all(re.match(r"[+\N{MINUS SIGN}]?\d", cell) for row in table[1:] for cell in row[1:])


def test_a_vote_against_a_position_is_named(page):
    rows = page.table("Votes with the lowest probability given the member")[1:]
    assert {row[0] for row in rows[:2]} == {"IND"}


def test_pictures_say_what_they_show(made):
    pictures = made.pictures()
    assert len(pictures) == 9
    for picture in pictures:
        assert len(picture.alt) > 30
        drawn = draw_svg(picture)
        assert "<text" not in drawn.svg
        assert "<!--" not in drawn.svg
    page = Page(made.html())
    labels = [a["aria-label"] for tag, a in page.elements if a.get("role") == "img"]
    assert labels == [picture.alt for picture in pictures]


def test_a_record_of_ones_own_carries_no_credit_of_another(attacked_page):
    assert "Szoszkiewicz" not in attacked_page.text


def test_what_is_known_of_the_council_is_said_of_no_other_record(attacked_page):
    assert "The record does not contain decisions without a roll call" in attacked_page.text
    for words in ("consensus", "council adopts", "states ", "States ", "General Assembly"):
        assert words not in attacked_page.text


def test_beside_another_record_the_credit_and_the_rule_of_the_council_stand(record):
    votes = record.select(family="right-development")
    frame = votes.rollcalls.drop(columns=["yes", "no", "abstain"])
    joint = vs.link_chambers(record, vs.RollCalls(votes.votes, votes.members, frame, source="Another"))
    why = vs.explain(record, draws=vs.Draws(100), member_effect=False)
    found = Findings(replace(why, record=joint), {})
    assert any("Szoszkiewicz" in str(block) for block in method.making(found, "").blocks)
    assert "minority of the resolutions that a council adopts" in str(method.the_record(found).blocks[0])


def test_letters_no_font_has_are_said_to_be_missing(hostile):
    frame = hostile.rollcalls
    frame.loc[frame["title"] == HOSTILE, "symbol"] = ["決議一", "決議二", "決議三"]
    strange = vs.RollCalls(hostile.votes, hostile.members, frame)
    drawn = draw_svg(Picture("x", lambda: vs.plots.flow(strange, HOSTILE), alt="", caption="Flow."))
    assert drawn.caption.startswith(
        "Flow. Letters that do not exist in the font of the picture are drawn as boxes"
    )
    plain = draw_svg(Picture("x", lambda: vs.plots.flow(hostile, HOSTILE), alt="", caption="Flow."))
    assert plain.caption == "Flow."


def test_a_resolution_without_a_model_still_has_a_report():
    """Nobody disagreed: the account stands, the model's sections say why there is none."""
    votes = ["yes"] * 9
    table = {"a": votes, "b": votes, "c": [*votes[:-1], "no"]}
    frame = pd.DataFrame(
        {"date": ["2001-01-01", "2002-01-01", "2002-06-01"], "title": ["peace", "peace", "war"]},
        index=list("abc"),
    )
    record = vs.RollCalls.from_wide(pd.DataFrame(table, index=list("PQRSTUVWX")), rollcalls=frame)
    made = vs.make_report(vs.explain(record, "peace", draws=vs.Draws(100)))
    text = Page(made.html()).text
    assert "all votes cast in a were the same" in text
    assert "No model was fitted for these votes" in text
    assert "do not identify 2 dimensions" in text
    assert made.markdown().startswith("# peace\n")


def test_of_a_long_family_the_largest_steps_are_told(record):
    why = vs.explain(
        record, "composition-staff-office-united-nations-high", draws=vs.Draws(100), member_effect=False
    )
    found = Findings(why, {})
    moved = [step.account.change.abs().sum() for step in why.steps[:-1]]
    *largest, last = found.shown
    assert last == len(why.steps) - 1
    assert sorted(moved)[-2:] == sorted(moved[at] for at in largest)
    section = account.accounts(found)
    table = section.blocks[0]
    assert len(table.rows) == sum(1 + len(step.account.parts) for step in why.steps)
    assert len(table.rows) > 3 * len(why.steps)  # in one step, members voted once
    assert sum(isinstance(block, Subhead) for block in section.blocks) == 3
    assert "in which the tally changed most" in found.chosen
