"""Names of the columns of tables of votes, and words that mark rows and columns of summaries."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from voteshift.votes import is_vote

__all__ = [
    "MEMBER_ATTRIBUTES",
    "MEMBER_FLAGS",
    "MEMBER_GROUPS",
    "MEMBER_IDS",
    "MEMBER_NAMES",
    "OF_MEMBERS",
    "OF_ROLLCALLS",
    "OUTCOMES",
    "ROLLCALL_FLAGS",
    "ROLLCALL_IDS",
    "ROLLCALL_SYMBOLS",
    "ROLLCALL_TEXTS",
    "STANCES",
    "kind_of_cells",
    "side_of",
    "squeeze",
    "summary_of",
]

#: The stances of a document towards the text of a roll call.
STANCES: Final = ("supports", "criticises", "neutral")

#: Names of the column with the id or the name of the member, best first.
MEMBER_IDS: Final = ("member", "iso3")
MEMBER_NAMES: Final = ("name_as_printed", "state", "country", "name")
#: Names of the column with the group of a member.
MEMBER_GROUPS: Final = ("group", "regional_group", "party")
#: Names of the column with the id of the roll call.
ROLLCALL_IDS: Final = ("rollcall", "record", "rcid", "id")
#: Names of the columns with a text, a truth value (and the meaning of a blank) or the symbol, best first.
ROLLCALL_TEXTS: Final = {
    "title": ("title", "short"),
    "subject": ("subject",),
    "session": ("session",),
    "family": ("family",),
}
ROLLCALL_FLAGS: Final = {
    "amendment": (("amendment", "amend"), False),
    "reconciled": (("reconciled",), True),
}
ROLLCALL_SYMBOLS: Final = ("symbol", "resolution", "unres", "draft")
#: Further names of a first column whose rows are roll calls.
OF_ROLLCALLS: Final = (
    "symbol", "resolution", "draft", "unres", "title", "motion", "bill", "question", "date", "division",
)  # fmt: skip
#: Further names of a first column whose rows are members, in addition to `MEMBER_IDS` and `MEMBER_NAMES`.
OF_MEMBERS: Final = (
    "legislator", "senator", "representative", "deputy", "delegation", "mp", "mep", "judge", "justice",
    "voter", "full_name", "last_name", "surname", "icpsr", "member_name", "member_id", "members", "names",
    "states", "countries", "delegate", "councillor", "abgeordnete",
)  # fmt: skip
#: Further columns that describe members in a matrix of members by roll calls.
MEMBER_ATTRIBUTES: Final = (
    *MEMBER_NAMES, *MEMBER_GROUPS, *OF_MEMBERS, "parties", "groups", "region", "bloc", "faction",
    "caucus", "coalition", "district", "constituency", "chamber", "province", "incumbent", "incumbency",
    "gender", "sex",
    "age", "birth_year", "born", "role", "seniority", "first_name", "given_name", "state_abbrev",
    "chair", "party_code", "party_id", "iso2", "ccode", "term", "terms", "freshman", "government",
    "opposition", "ideology",
)  # fmt: skip
#: Those of `MEMBER_ATTRIBUTES` whose values may be yes and no.
MEMBER_FLAGS: Final = (
    "incumbent", "incumbency", "freshman", "chair", "government", "opposition", "coalition",
)  # fmt: skip

Kind = Literal["yes", "no", "abstain", "absent", "total", "outcome"]
#: Words for the outcome of a vote, and True if the vote passed.
OUTCOMES: Final = dict.fromkeys(
    ("yes", "y", "passed", "adopted", "carried", "approved", "agreed", "accepted", "true", "pass", "1"), True
) | dict.fromkeys(
    ("no", "n", "failed", "rejected", "lost", "defeated", "not adopted", "false", "fail", "not passed", "0"),
    False,
)
_OUTCOME: Final = frozenset(
    "result results outcome majority decision passed adopted carried rejected verdict finalresult voteresult "
    "overallresult majorityvote majorityposition ergebnis mehrheit resultat résultat".split()
)
_TOTAL: Final = frozenset(
    "total totals sum count turnout present voting votescast cast grandtotal all allmembers summe gesamt "
    "subtotal totalvotes nvotes votes totalcast tally".split()
)
_CATEGORIES: Final[dict[str, Kind]] = {
    "yes": "yes", "yea": "yes", "yeas": "yes", "aye": "yes", "ayes": "yes", "for": "yes", "infavour": "yes",
    "infavor": "yes", "no": "no", "noes": "no", "nos": "no", "nay": "no", "nays": "no", "against": "no",
    "abstain": "abstain", "abstentions": "abstain", "abstention": "abstain", "abstained": "abstain",
    "abstaining": "abstain", "absent": "absent", "nonvoting": "absent", "notvoting": "absent",
    "absences": "absent",
}  # fmt: skip
_AROUND: Final = re.compile(r"^(?:total|number|count|sum|n|num|votes)(?:of)?|(?:total|count|votes|sum)$")
_BETWEEN: Final = re.compile(r"[\s_.:-]")  # separators of words in the name of a column; R writes Roll.call

_ROLLCALL_STEMS: Final = frozenset(
    "r rc v q d b vote rollcall motion bill question item res resolution division amendment proposal antrag "
    "abstimmung scrutin draft hr sb hb roll rcv proposition x".split()
)
_MEMBER_STEMS: Final = frozenset(
    "m mp mep member legislator senator sen rep representative deputy judge justice person voter state "
    "country councillor delegate".split()
)
_ENUMERATED: Final = re.compile(r"([^\W\d]+)[\s_.#-]*\d+[a-z]?(?:[._-]\d+)?", re.IGNORECASE)
_OF_UN: Final = re.compile(r"\d{4}-\d\d-\d\d|[A-Z]{1,2}/\S*\d\S*")


_YES_NO: Final = frozenset(("yes", "no", "y", "n"))


def squeeze(name: str) -> str:
    """Return a name in lower case, without the characters that separate its words."""
    return _BETWEEN.sub("", name.lower())


_MEMBER_FLAGS: Final = frozenset(map(squeeze, MEMBER_FLAGS))
_ROLLCALL_FLAGS: Final = frozenset(squeeze(name) for names, _ in ROLLCALL_FLAGS.values() for name in names)


def summary_of(label: str) -> Kind | None:
    """Return which summary a row or column with this name contains, or None if it is not a summary."""
    word = squeeze(label).strip("#()")
    if word in _OUTCOME:
        return "outcome"
    if word in _TOTAL:
        return "total"
    once = _AROUND.sub("", word)
    return _CATEGORIES.get(word) or _CATEGORIES.get(once) or _CATEGORIES.get(_AROUND.sub("", once))


def kind_of_cells(
    label: str, cells: Sequence[str], *, of_members: bool, letters: bool
) -> Literal["texts", "flags", "votes"]:
    """Return what a row or column contains whose name describes members or roll calls.

    Parameters
    ----------
    label : str
        The name of the row or column.
    cells : sequence of str
        The cells that are not blank.
    of_members : bool
        Whether the name describes members (True) or roll calls (False).
    letters : bool
        Whether the votes of the matrix are letters (Y, N, A, X). Then the cells are votes if all of them are
        vote words, but not if all are R, which is a party. Otherwise the cells are votes if most of them are
        vote words of more than one letter, because a group or a district may be called A or N.

    Returns
    -------
    {"texts", "flags", "votes"}
        ``"flags"`` if the description may be "yes" or "no" and its cells are "yes" and "no".
    """
    words = [cell.lower() for cell in cells if is_vote(cell)]
    flags = _MEMBER_FLAGS if of_members else _ROLLCALL_FLAGS
    if squeeze(label) in flags and (not of_members or set(words) <= _YES_NO):
        return "flags" if words else "texts"
    long = sum(len(word) > 1 for word in words)
    all_letters = letters and len(words) == len(cells) and bool(set(words) - {"r"})
    return "votes" if 2 * long > len(cells) or all_letters else "texts"


def side_of(labels: Sequence[str]) -> Literal["member", "rollcall"] | None:
    """Return whether most labels look like members ("m1") or like roll calls ("Motion 12"), or None.

    Parameters
    ----------
    labels : sequence of str
        The labels of the rows of a matrix, or of its columns.
    """
    stems = [match[1].lower() if (match := _ENUMERATED.fullmatch(label)) else "" for label in labels]
    members = sum(stem in _MEMBER_STEMS for stem in stems)
    rollcalls = sum(
        stem in _ROLLCALL_STEMS or _OF_UN.fullmatch(label) is not None
        for stem, label in zip(stems, labels, strict=True)
    )
    if 2 * max(members, rollcalls) > len(labels):
        return "member" if members > rollcalls else "rollcall"
    if len(labels) > 1 and len(set(stems)) == 1 and stems[0]:
        return "rollcall"  # members are not numbered under a name of another kind
    return None
