"""Roll calls as plain tuples and dictionaries, and how to draw some."""

import datetime
import random
from dataclasses import dataclass, field

__all__ = ["DEFAULTS", "FACTS", "LETTERS", "STATES", "WORDS", "Record", "Value", "draw_record", "read_word"]

Value = str | int | float | bool | None

#: The words of a vote that docs/data.md lists, by the letter of voteshift's own format.
WORDS = {
    "Y": ["yes", "Y", "for", "in favour", "aye", "yea"],
    "N": ["no", "N", "against", "nay"],
    "A": ["abstain", "A", "abstained", "abstention"],
    "X": ["absent", "X", "not voting"],
    "R": ["not recorded"],
}
LETTERS = {word.casefold(): letter for letter, words in WORDS.items() for word in words}
#: Words that may be understood or refused: other spellings of the same.
_OTHER_WORDS = {
    "r": "R", "abstaining": "A", "in favor": "Y", "non-voting": "X", "nv": "X", "not_recorded": "R",
    "not a member": ".", "not_member": ".", "not member": ".",
}  # fmt: skip

#: States with spellings of the United Nations and the common datasets; every key is a spelling too.
STATES = {
    "CHN": ["China"], "FRA": ["France"], "CUB": ["Cuba"], "BRA": ["Brazil"], "DEU": ["Germany"],
    "JPN": ["Japan"], "IND": ["India"], "MEX": ["Mexico"], "NGA": ["Nigeria"], "POL": ["Poland"],
    "SWZ": ["Swaziland", "Eswatini"], "TUR": ["Turkey", "Türkiye"],
    "BOL": ["Bolivia (Plurinational State of)"], "VNM": ["Viet Nam", "Vietnam"], "CIV": ["Côte d'Ivoire"],
    "KOR": ["Republic of Korea", "South Korea"], "USA": ["United States of America", "United States"],
    "RUS": ["Russian Federation", "Russia"], "GBR": ["United Kingdom"],
    "IRN": ["Iran (Islamic Republic of)", "Iran"], "NAM": ["Namibia"],
}  # fmt: skip

#: What may be said of a roll call, and what it is where nothing is said.
DEFAULTS: dict[str, Value] = {
    "date": None, "symbol": "", "title": "", "subject": "", "session": "", "family": "", "amendment": False,
    "yes": None, "no": None, "abstain": None, "reconciled": None,
}  # fmt: skip
FACTS = tuple(DEFAULTS)

_NAMES = ["Ada", "Ben", "Cem", "Dia", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon", "Kim", "Leo", "Mia", "Noa"]
_ODD_NAMES = [
    "NA", "nan", "None", "null", "TRUE", "007", "7", "1.0", "1e5", "-0", "O'Brien", 'Jo "Jo" Jo', "Müller",
    "李明", "Smith, John", "a;b", "=1+1", "-x", "@home", "+5", "#1", "'quoted", "Zoe\u0308", "Zoë", "👩‍🚀",
    "عمر", "line\nbreak", "tab\tstop", "1/2", "2001-01-31", "inf", "N" * 300, "a\\b", "${x}", "{}",
    "a\u2028b", "a\x0bb", "a\x1cb", "a\u200bb", "0x10", "1_000", "١٢", "x.csv", "../x", "vote", "yes",
    "a\x85b", "Ünïcödé ñame", "ADA",
]  # fmt: skip
_ODD_IDS = [
    "R-1", "A/HRC/RES/37/23", "1.0", "1", "01", "1e3", "nan", "NA", "2021-03-23", "März", "a,b", "a;b",
    "x\ty", "=A1", 'say "no"', "100000000000000000000", "0.1", "True", "résolution 5", "L.6", "-1",
    "V" * 200, "€", "#7",
]  # fmt: skip
_TITLES = [
    "On fish", "On fish and chips", "Right to development", "NA", "Über Fische", 'The "great" leap',
    "a, b; c\td", "=SUM(A1)", "Two\nlines", "123", "1.50", "2001-01-01", "", "yes", "T" * 500, "null",
    "«quoted»", "'", '"', "#",
]  # fmt: skip


@dataclass(frozen=True)
class Record:
    """Roll calls: one row of letters per member, as in voteshift's own format."""

    members: tuple[str, ...]
    rollcalls: tuple[str, ...]
    votes: tuple[str, ...]
    facts: dict[str, dict[str, Value]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def vote(self, member: str, rollcall: str) -> str:
        """Return the letter of one vote, a dot where the member has no seat."""
        return self.votes[self.members.index(member)][self.rollcalls.index(rollcall)]

    def count(self, rollcall: str, letter: str) -> int:
        """Count the votes of one kind in a roll call."""
        column = self.rollcalls.index(rollcall)
        return sum(row[column] == letter for row in self.votes)


def read_word(word: str) -> tuple[str, bool]:
    """Return the letter of a vote word and whether the documentation lists it; KeyError if it is none."""
    plain = word.strip().casefold()
    if plain in LETTERS:
        return LETTERS[plain], True
    return _OTHER_WORDS[plain], False


def _draw_names(rng: random.Random, count: int, plain: list[str], odd: list[str]) -> tuple[str, ...]:
    share = rng.choice([0.0, 0.0, 0.1, 0.5])
    names: dict[str, None] = {}
    while len(names) < count:
        names[rng.choice(odd if rng.random() < share else plain)] = None
    return tuple(names)


def draw_record(rng: random.Random, *, states: bool | None = None) -> Record:
    """Draw a small record: members that are states or not, ids and titles plain or odd, facts or none."""
    count, columns = rng.randint(1, 7), rng.choice([1, 1, 2, 3, 4, 6])
    if states is None:
        states = rng.random() < 0.3
    if states:
        members = tuple(rng.sample(sorted(STATES), max(count, 2)))
    else:
        members = _draw_names(rng, count, _NAMES, _ODD_NAMES)
    plain = (
        [str(number) for number in range(1, 40)] if rng.random() < 0.5 else [f"R{n}" for n in range(1, 40)]
    )
    rollcalls = _draw_names(rng, columns, plain, _ODD_IDS)
    weights = rng.choice(["YNA", "YNAX", "YYYNAXR..", "YNAXR.", "YN."])
    votes = [[rng.choice(weights) for _ in rollcalls] for _ in members]
    for column in range(
        len(rollcalls)
    ):  # nobody seated at all: another fact than a roll call, drawn elsewhere
        if all(row[column] == "." for row in votes):
            rng.choice(votes)[column] = "Y"
    for row in votes:
        if set(row) == {"."}:
            row[rng.randrange(len(row))] = "N"
    record = Record(members, rollcalls, tuple("".join(row) for row in votes))
    return Record(members, rollcalls, record.votes, _draw_facts(rng, record), _draw_groups(rng, record))


def _draw_facts(rng: random.Random, record: Record) -> dict[str, dict[str, Value]]:
    kinds = [name for name in FACTS if rng.random() < rng.choice([0.1, 0.5])]
    facts: dict[str, dict[str, Value]] = {}
    day = datetime.date(2001, 1, 31)
    for number, rollcall in enumerate(record.rollcalls):
        day += datetime.timedelta(days=rng.randrange(400))
        blank = rng.random() < 0.1
        values: dict[str, Value] = {
            "date": None if blank else day.isoformat(),
            "symbol": "" if blank else f"A/{number}",
            "title": rng.choice(_TITLES),
            "subject": rng.choice(["fish", "", "Rights; other", "Größe"]),
            "session": rng.choice(["46", "S-1", "", "46A"]),
            "family": rng.choice(["fish", "", "right-to-development"]),
            "amendment": rng.random() < 0.2,
            "yes": None if blank else record.count(rollcall, "Y"),
            "no": record.count(rollcall, "N"),
            "abstain": record.count(rollcall, "A"),
            "reconciled": rng.random() < 0.8,
        }
        facts[rollcall] = {name: values[name] for name in kinds}
    return facts


def _draw_groups(rng: random.Random, record: Record) -> dict[str, str]:
    if rng.random() < 0.6:
        return {}
    return {member: rng.choice(["East", "West", "South, far", "Grüne"]) for member in record.members}
