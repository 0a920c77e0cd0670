import json
import re

from click.testing import CliRunner

from voteshift.cli.app import app


def test_draws_and_seed_reach_the_explanation() -> None:
    found = CliRunner().invoke(
        app, ["explain", "--draws", "150", "--no-member-effect", "--replicates", "0", "--seed", "3", "--json"]
    )
    document = json.loads(found.stdout)
    assert (document["draws"], document["seed"]) == (150, 3)


def test_the_answer_comes_first_in_few_short_lines(short) -> None:
    lines = short.splitlines()
    assert len(lines) <= 25 + 4  # a failed check of a step has four lines
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Promoting mutually beneficial cooperation in the field of human rights"
    top = " ".join(" ".join(lines[:10]).split())
    assert '"No" votes rose by 15. The model attributes 13.8 of them' in top
    text = " ".join(" ".join(lines).split())
    for words in (
        "A/HRC/RES/37/23 23 March 2018 28 1 17 1",
        "(90% interval 12.0 to 15.5) to states voting differently",
        "seven from abstain to no (Australia, Germany, Japan, Republic of Korea, Slovakia, Spain, Ukraine)",
        "the same states changed 27 of 305 votes (9%); here 9 of 22 (41%), more than on any of them",
        "None of the 37 states that held a seat both times changed its vote",
        "cannot show whether states moved or the resolution changed",
        "--details prints all results",
    ):
        assert words in text, words


def test_of_many_steps_the_largest_are_told(run) -> None:
    text = run(
        "explain", "composition-staff-office-united-nations-high", "--draws", "100", "--no-member-effect"
    ).stdout
    assert "These are the 3 of 7 steps in which the tally changed most." in " ".join(text.split())


def test_a_failed_check_is_in_the_short_form(short) -> None:
    assert "Failed check: of the 37 states that voted both times the model expects" in " ".join(short.split())


def test_details_follow_in_order(short, details) -> None:
    text = details
    places = [text.index(f"\n{heading}\n") for heading in ("ACCOUNT", "MODEL", "CHECKS", "METHOD")]
    assert places == sorted(places)
    lead, _, rest = short.partition("\n\n")
    assert text.startswith(lead)
    # The details add the range over other choices to intervals, and documents to the members that switched.
    answer = " ".join(text[: places[0]].split())
    answer = re.sub(r"; [^ ]+ to [^ )]+( over \w+ other choices?)?(?=\))", "", answer)
    for sentence in re.split(r"(?<=[.:]) ", " ".join(rest.split())):
        found = answer.find(sentence)
        assert found >= 0, sentence
        answer = answer[found:]
