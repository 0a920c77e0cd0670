"""`voteshift explain`: the contract of its JSON, the facts of the trio, the tables for people."""

import math

import pytest

from voteshift.shift.account import TURNOVER_NOTE

CATEGORIES = {"yes", "no", "abstain", "absent"}
MODEL_CATEGORIES = {"yes", "no", "abstain"}
SYMBOLS = ["A/HRC/RES/37/23", "A/HRC/RES/43/21", "A/HRC/RES/46/13"]


def counts(**named):
    return dict.fromkeys(sorted(CATEGORIES), 0) | named


def moves(step):
    return {(row["member"], row["from"], row["to"]) for row in step["account"]["switchers"]}


@pytest.fixture
def chamber(table):
    """Six members and six roll calls; two are on fish."""
    rows = ["member,rollcall,vote,date,title"]
    words = {"y": "yes", "n": "no", "a": "abstain"}
    cast = ("yyynna", "yynnna", "ynynya", "nnayya", "yaynyn", "yynnay")
    for number, votes in enumerate(cast):
        title = "On fish" if number in (1, 4) else f"On {number}"
        rows += [
            f"{member},r{number},{words[vote]},200{number}-01-31,{title}"
            for member, vote in zip("abcdef", votes, strict=True)
        ]
    return table("\n".join(rows))


class TestContract:
    def test_keys(self, explained):
        assert {"family", "level", "rollcalls", "steps"} <= explained.keys()
        assert explained["level"] == 0.9
        assert explained["family"] == "mutually-beneficial-cooperation"

    def test_roll_calls(self, explained):
        for row in explained["rollcalls"]:
            assert {"id", "symbol", "date", "title"} | CATEGORIES <= row.keys()
            assert all(type(row[name]) is int for name in CATEGORIES)
        assert [row["symbol"] for row in explained["rollcalls"]] == SYMBOLS
        assert [row["date"] for row in explained["rollcalls"]] == ["2018-03-23", "2020-06-22", "2021-03-23"]
        tallies = [
            [row[name] for name in ("yes", "no", "abstain", "absent")] for row in explained["rollcalls"]
        ]
        assert tallies == [[28, 1, 17, 1], [23, 16, 8, 0], [26, 15, 6, 0]]

    def test_steps_are_each_consecutive_pair_then_first_to_last(self, explained):
        pairs = [(step["from"], step["to"]) for step in explained["steps"]]
        assert pairs == [(SYMBOLS[0], SYMBOLS[1]), (SYMBOLS[1], SYMBOLS[2]), (SYMBOLS[0], SYMBOLS[2])]

    def test_accounts(self, explained):
        keys = {"stayers", "left", "joined", "switching", "turnover", "switchers"}
        for step in explained["steps"]:
            assert step["change"].keys() == CATEGORIES
            assert keys <= step["account"].keys()
            for part in ("switching", "turnover"):
                assert step["account"][part].keys() == CATEGORIES
                assert all(type(count) is int for count in step["account"][part].values())
            for row in step["account"]["switchers"]:
                assert row.keys() == {"member", "from", "to"}
                assert row["from"] != row["to"]

    def test_models(self, explained):
        for step in explained["steps"]:
            model = step["model"]
            assert {"identified_by", "membership", "switching", "residual", "level"} <= model.keys()
            assert not {"positions", "resolution"} & model.keys()
            assert "Without a bridge" in model["identified_by"]
            for part in ("membership", "switching", "residual"):
                assert model[part].keys() == MODEL_CATEGORIES
                for cell in model[part].values():
                    assert {"estimate", "low", "high"} <= cell.keys()
                    assert cell["low"] <= cell["estimate"] <= cell["high"]

    def test_whatever_holds_intervals_says_their_level(self, explained):
        def visit(value, above):
            if isinstance(value, dict):
                above = value.get("level", above)
                if "low" in value:
                    assert above == 0.9
                for child in value.values():
                    visit(child, above)
            elif isinstance(value, list):
                for child in value:
                    visit(child, above)

        visit(explained, None)

    def test_the_model_can_be_cited(self, explained):
        fit = explained["fit"]
        assert (fit["link"], fit["dims"]) == ("logit", 1)
        sds = {name: prior["sd"] for name, prior in fit["priors"].items()}
        assert sds == {"discrimination": 5, "midpoint": 5, "log_gap": 2}
        assert explained["member_effect"]["prior"] == {
            "of": "log sd",
            "distribution": "normal",
            "mean": pytest.approx(math.log(3)),
            "sd": 1,
        }

    def test_both_standard_deviations_of_member_effects_have_one_unit(self, explained):
        member_effect, test = explained["member_effect"], explained["one_item"]
        sd = member_effect["sd"]
        assert 2 < sd["low"] < sd["estimate"]
        assert (sd["high"], sd["no_high"]) == (None, "the votes set no upper bound")
        assert member_effect["unit"] == test["unit"] == "latent scale"
        assert member_effect["noise_sd"] == test["noise_sd"] == pytest.approx(math.pi / math.sqrt(3))

    def test_turnover_is_never_shown_without_what_it_is(self, explained):
        for step in explained["steps"]:
            assert step["account"]["turnover_note"] == TURNOVER_NOTE
            assert step["account"]["shares"].keys() == CATEGORIES


class TestSums:
    def test_change_is_new_less_old(self, explained):
        tallies = {row["symbol"]: row for row in explained["rollcalls"]}
        for step in explained["steps"]:
            for name in CATEGORIES:
                assert step["change"][name] == tallies[step["to"]][name] - tallies[step["from"]][name]

    def test_switching_and_turnover_add_up_to_the_change(self, explained):
        for step in explained["steps"]:
            for name in CATEGORIES:
                account = step["account"]
                assert account["switching"][name] + account["turnover"][name] == step["change"][name]

    def test_groups_add_up_to_the_whole(self, explained):
        for step in explained["steps"]:
            account = step["account"]
            for part in ("switching", "turnover"):
                for name in CATEGORIES:
                    total = sum(group[part][name] for group in account["groups"].values())
                    assert total == account[part][name]

    def test_transitions_hold_everybody_once(self, explained):
        for step in explained["steps"]:
            account, table = step["account"], step["account"]["transitions"]
            stayed = sum(table[old][new] for old in CATEGORIES for new in CATEGORIES)
            assert stayed == account["stayers"]
            assert sum(table[old]["not a member"] for old in CATEGORIES) == account["left"]
            assert sum(table["not a member"][new] for new in CATEGORIES) == account["joined"]
            assert table["not a member"]["not a member"] == 0
            moved = sum(table[old][new] for old in CATEGORIES for new in CATEGORIES if old != new)
            assert moved == len(account["switchers"])

    def test_shares_add_up(self, explained):
        for step in explained["steps"]:
            for row in step["account"]["shares"].values():
                assert math.isclose(
                    row["stayers"] + row["joined"] + row["left"], row["change"], abs_tol=1e-12
                )

    def test_parts_of_the_model_add_up_to_the_change_among_those_who_voted(self, explained):
        for step in explained["steps"]:
            for name in MODEL_CATEGORIES:
                parts = (
                    step["model"][part][name]["estimate"] for part in ("membership", "switching", "residual")
                )
                assert abs(sum(parts) - step["change"][name]) < 1e-9
                assert step["model"]["residual"][name]["estimate"] == 0


class TestFacts:
    def test_2018_to_2020(self, explained):
        step = explained["steps"][0]
        account = step["account"]
        assert step["change"] == {"yes": -5, "no": 15, "abstain": -9, "absent": -1}
        assert (account["stayers"], account["left"], account["joined"]) == (22, 25, 25)
        assert account["switching"] == counts(yes=-2, no=7, abstain=-5)
        assert account["turnover"] == counts(yes=-3, no=8, abstain=-4, absent=-1)
        to_no = {(member, "abstain", "no") for member in "AUS DEU JPN KOR SVK ESP UKR".split()}
        assert moves(step) == to_no | {("CHL", "yes", "abstain"), ("COD", "yes", "abstain")}

    def test_2020_to_2021(self, explained):
        step = explained["steps"][1]
        account = step["account"]
        assert step["change"] == counts(yes=3, no=-1, abstain=-2)
        assert (account["stayers"], account["left"], account["joined"]) == (37, 10, 10)
        assert account["switchers"] == []
        assert account["switching"] == counts()
        assert account["turnover"] == step["change"]


#: For what depends neither on draws, nor on member effects, nor on the bootstrap.
QUICKLY = ("--draws", "100", "--no-member-effect", "--replicates", "0")


class TestOptions:
    def test_the_same_seed_gives_the_same_bytes_and_another_does_not(self, run, chamber):
        arguments = ("explain", "--data", chamber, "--draws", "200", "--json")
        first = run(*arguments).stdout
        assert run(*arguments).stdout == first
        assert run(*arguments, "--seed", "1").stdout != first

    def test_the_level_is_that_asked_for_and_wider_is_wider(self, run, explained):
        wide = run.json("explain", "--level", "0.99", "--replicates", "0")
        assert wide["level"] == 0.99
        one, other = (d["steps"][0]["model"]["switching"]["no"] for d in (wide, explained))
        assert one["low"] < other["low"]
        assert one["high"] > other["high"]

    def test_words_of_the_title_and_the_whole_title_name_the_family(self, run, explained):
        title = explained["rollcalls"][0]["title"]
        for name in ("mutually beneficial", title):
            assert run.json("explain", name, *QUICKLY)["family"] == explained["family"]

    def test_the_window_can_be_chosen(self, run):
        window = run.json("explain", "--since", "2017", "--until", "2021-06", *QUICKLY)["window"]
        assert window["first"].startswith("2017")
        assert "2021-01" < window["last"] < "2021-07"

    def test_where_a_vote_lies_outside_the_window_the_step_has_no_model(self, run):
        steps = run.json("explain", "--until", "2020-12", *QUICKLY)["steps"]
        assert "identified_by" in steps[0]["model"]
        assert steps[1]["model"].keys() == {"unavailable"}
        assert "is outside the fitted roll calls" in steps[1]["model"]["unavailable"]
        assert steps[1]["account"]["stayers"] == 37

    def test_the_polarity_member_is_on_the_positive_side(self, run):
        fit = run.json("explain", "--polarity", "CHN", *QUICKLY)["fit"]
        assert "CHN is on the positive side" in fit["direction"]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["no-such-family"], "no family has the slug or title 'no-such-family'"),
            (["--since", "soon"], "'soon' is not a date"),
            (["--polarity", "XXX"], "'XXX' casts no vote"),
        ],
    )
    def test_what_cannot_be_asked_exits_2_in_one_line(self, run, arguments, words):
        assert words in run.error("explain", *arguments, code=2)

    @pytest.mark.parametrize(
        "arguments", [["--draws", "5"], ["--level", "1"], ["--level", "90"], ["--seed", "-1"], ["--nothing"]]
    )
    def test_options_out_of_range_exit_2(self, run, arguments):
        message = run.error("explain", *arguments, code=2)
        assert arguments[0] in message
        assert "see voteshift explain --help" in message


class TestForPeople:
    def test_the_account_and_the_model_are_printed_with_their_warnings(self, details):
        flat = " ".join(details.split())
        assert "28 1 17 1" in flat
        assert "switching, 22 stayers \u22122 +7 \u22125 0" in flat
        assert "turnover, 25 left, 25 joined \u22123 +8 \u22124 \u22121" in flat
        assert "9 of the 22 states that held a seat both times changed their vote" in flat
        assert "None of the 37 states that held a seat both times changed its vote." in flat
        assert TURNOVER_NOTE in flat
        assert "Identified by one position per member, assumed constant" in flat
        assert "contested roll calls are the minority of the resolutions that a council adopts" in flat
        assert "add the record of the electing chamber" in flat
        assert "Model: ordered logit, 1 dimension; priors: discrimination N(0, 5\u00b2)" in flat
        assert "of its mean by seat history \u03b3 ~ N(0, 2\u00b2); state dependence \u03c1 ~ uniform" in flat
        assert "Nothing here is causal" in flat

    def test_lines_fit_a_page_and_nothing_is_cut(self, details):
        assert max(map(len, details.splitlines())) <= 100
        assert "\u2026" not in details


class TestOwnData:
    def test_a_table_of_votes(self, run, table):
        rows = ["member,rollcall,vote,date,title"]
        votes = {"r1": "yes yes no abstain yes no", "r2": "yes no no yes absent no"}
        for (rollcall, words), year in zip(votes.items(), (2001, 2002), strict=True):
            for member, word in zip("abcdef", words.split(), strict=True):
                rows.append(f"{member},{rollcall},{word},{year}-01-31,On fish")
        found = run.json("explain", "on fish", "--data", table("\n".join(rows)), "--draws", "100")
        assert found["family"] == "fish"
        assert found["steps"][0]["account"]["stayers"] == 6
        assert found["steps"][0]["change"] == {"yes": -1, "no": 1, "abstain": -1, "absent": 1}
        assert sum(found["steps"][0]["account"]["turnover"].values()) == 0
        model = found["steps"][0]["model"]
        parts = [model[part]["yes"]["estimate"] for part in ("membership", "attendance", "switching")]
        assert sum(parts) == pytest.approx(-1)
        assert any("only 2 contested roll calls" in note for note in model["notes"])
        assert any("are the part 'attendance': e." in note for note in model["notes"])

    def test_nothing_is_said_that_is_known_of_another_chamber_only(self, run, chamber):
        text = " ".join(run("explain", "--data", chamber, "--draws", "100", "--details").stdout.split())
        assert text.startswith("On fish")
        assert "decisions without a roll call are not included" in text
        assert "add the record of a wider chamber" in text
        for words_of_the_council in ("council adopts", "General Assembly", "states ", "mutually"):
            assert words_of_the_council not in text
        for command in (("whatif", "--council", "2001", "--version", "2004"), ("fit", "logit", "yes ~ year")):
            assert run.json(*command, "--data", chamber)

    def test_of_several_families_one_must_be_named(self, run, table):
        rows = ["member,rollcall,vote,date,title"]
        for number, title in enumerate(("fish", "bread", "fish", "bread")):
            rows += [
                f"a,r{number},yes,200{number}-01-31,{title}",
                f"b,r{number},no,200{number}-01-31,{title}",
            ]
        path = table("\n".join(rows))
        for command in (("explain",), ("report", "--out", "r.html"), ("fit", "logit", "yes ~ year")):
            said = run.error(*command, "--data", path, code=2)
            assert "choose from bread, fish" in said
            assert "mutually" not in said

    def test_votes_without_dates_exit_3(self, run, table):
        path = table("member,rollcall,vote,title\na,r1,yes,On fish\na,r2,no,On fish\n")
        assert "has no date" in run.error("explain", "fish", "--data", path, code=3)
