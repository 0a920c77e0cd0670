"""What members had said about the old version, next to their votes."""

import numpy as np
import pandas as pd
import pytest

import voteshift as vs
from voteshift.checks.documents import Documents, documents

V18, V20, V21 = "27478", "29343", "29575"


@pytest.fixture(scope="module")
def why(record):
    return vs.explain(record, draws=vs.Draws(100), member_effect=False)


@pytest.fixture(scope="module")
def found(why):
    result = documents(why)
    assert isinstance(result, Documents)
    return result


def test_six_of_the_seven_had_criticised_the_wording(found):
    text = found.describe_step((V18, V20))
    assert text.startswith(
        "Of the seven states that went from abstain to no, six had criticised the text of 2018 (Australia, "
        "Germany, Japan, Republic of Korea, Slovakia, Spain)."
    )
    assert (
        "Of the 13 states that voted the same both times, three had supported it and one had criticised it"
        in text
    )
    assert found.describe_step((V20, V21)) == ""
    assert found.text.endswith("may have had the same view.")


def test_the_table_of_moves_counts_every_member_that_voted_both_times(why, found):
    for step in why.steps:
        moves = found.moves(step.ends)
        twice = step.account.transitions.loc[["yes", "no", "abstain"], ["yes", "no", "abstain"]]
        assert moves["members"].sum() == twice.to_numpy().sum()
        for row in moves.itertuples():
            assert row.members == twice.loc[row.old, row.new]
            assert row.none <= row.members
    moves = found.moves((V18, V20)).set_index(["old", "new"])
    assert moves.loc[("abstain", "no"), ["criticises", "none"]].tolist() == [6, 1]


def test_votes_and_members_without_a_seat_are_named(found):
    table = found.tidy().set_index(["member", "kind"])["vote"]
    assert table["USA", "general comment"] == "no"
    assert table["MEX", "explanation of vote"] == "yes"
    assert table["BLR", "sponsor"] == "not a member"
    assert set(found.outside) == {"BLR", "KHM", "MMR", "SYR", "ZWE"}
    assert "Not in the record: BLR, KHM, MMR, SYR, ZWE." in found.text


def test_your_own_documents_replace_the_bundled_ones(why):
    row = {"member": "CHL", "rollcall": V18, "kind": "letter", "stance": "supports", "source": "archive"}
    rows = [row, row | {"rollcall": "A/HRC/RES/43/28"}]
    result = documents(why, documents=pd.DataFrame(rows))
    assert isinstance(result, Documents)
    assert result.describe_step((V18, V20)).startswith(
        "Of the two states that went from yes to abstain, one had supported the text of 2018 (Chile)."
    )
    assert "One document concerns another roll call of the record." in result.text
    with pytest.raises(vs.InputError, match=r"no document concerns a version of mutually.*27478"):
        documents(why, documents=pd.DataFrame(rows[1:]))


def test_without_documents_the_reason_is_given(record):
    simulated = vs.simulate(12, 8, seed=2).rollcalls
    frame = simulated.rollcalls.assign(
        title=["peace" if number in (3, 6) else f"t{number}" for number in range(8)],
        date=pd.date_range("2001-01-31", periods=8, freq="30D"),
    )
    own = vs.RollCalls(simulated.votes, simulated.members, frame.drop(columns="family", errors="ignore"))
    why = vs.explain(own, "peace", draws=vs.Draws(100), member_effect=False)
    assert documents(why) == vs.Unavailable("no documents were given; pass documents=")
    other = vs.explain(
        record, "preparations-durban-review-conference", draws=vs.Draws(100), member_effect=False
    )
    assert "no bundled document concerns" in str(documents(other))


def test_the_answer_and_the_section_show_them(why, found):
    from voteshift.compose.account import documents as section

    answer = vs.Findings(why, {"documents": found})
    assert found.describe_step((V18, V20)) in answer.paragraphs[0].sentences
    blocks = section(answer).blocks
    assert len(blocks) == 4  # the text, two steps from 2018, and the list
    assert section(vs.Findings(why, {})).blocks == ()
    assert np.all(found.table["source"] != "")
