"""The sections that need no model give the numbers of the account."""

import voteshift as vs
from compose.reading import sentences, tables
from voteshift.compose.account import accounts, short_answer, the_votes
from voteshift.writing import signed


def test_the_votes_are_those_of_the_record(found: vs.Findings, chamber: vs.RollCalls) -> None:
    (table,) = tables(the_votes(found))
    tally = chamber.tally().loc[["r04", "r14", "r24"]]
    for row, (_, counts) in zip(table.rows, tally.iterrows(), strict=True):
        assert row[2:6] == tuple(str(counts[name]) for name in ("yes", "no", "abstain", "absent"))


def test_change_is_switching_and_turnover(found: vs.Findings) -> None:
    table = tables(accounts(found))[0]
    account = found.why.steps[0].account
    for row, counts in zip(table.rows, (account.change, account.switching, account.turnover), strict=False):
        assert row[1:] == tuple(signed(counts[name]) for name in ("yes", "no", "abstain", "absent"))


def test_the_short_answer_has_every_sentence_of_its_paragraphs(found: vs.Findings) -> None:
    lines = sentences(short_answer(found))
    assert all(sentence in lines for part in found.paragraphs for sentence in part.sentences)
    assert any("came to a vote 3 times" in line for line in lines)


def test_without_a_model_the_account_is_the_same(found: vs.Findings, without_model: vs.Findings) -> None:
    assert tables(accounts(found)) == tables(accounts(without_model))
